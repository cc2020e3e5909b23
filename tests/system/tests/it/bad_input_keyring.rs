//! Without a keyring, with a locked one, and with one that comes later.

use convoke_harness::{BrowserScript, Convoke, Session};

use crate::bad_input::{refused, refuses};
use crate::rig::{PASSWORD, Rig, create, text};

/// Sign-in is refused before any browser opens or any server is asked.
#[track_caller]
fn sign_in_is_refused(rig: &Rig, code: &str) {
    let browser = BrowserScript::new();
    for provider in ["zoom", "teams"] {
        let error = refused(|| rig.convoke().env("BROWSER", browser.path()), &["account", "add", provider], b"", 10);
        assert_eq!(error["code"], code, "{provider}");
        assert_eq!(refuses(rig, &["account", "add", provider, "--no-browser"], 10)["code"], code, "{provider}");
    }
    let words = ["account", "add", "sametime", "--username", "ana", "--password-stdin"];
    assert_eq!(refused(|| rig.convoke(), &words, PASSWORD.as_bytes(), 10)["code"], code);
    assert!(browser.opened().is_empty(), "no browser was opened");
}

#[test]
fn no_keyring_on_the_bus_and_one_that_comes_later() {
    let mut rig = Rig::with(Session::without_keyring());
    sign_in_is_refused(&rig, "keyring_absent");
    let refusal = rig.convoke().json(false).run(&["account", "add", "zoom"]).expect(10);
    assert!(refusal.stderr.contains("Start GNOME Keyring"), "it says what to start: {refusal:?}");
    assert!(rig.sandbox.calls().is_empty());
    assert_eq!(rig.json(&["account", "list"]), serde_json::json!([]));
    rig.session.start_keyring();
    rig.sign_in("zoom");
}

#[test]
fn no_bus_at_all() {
    let rig = Rig::with(Session::without_bus());
    sign_in_is_refused(&rig, "keyring_absent");
    assert!(rig.sandbox.calls().is_empty());
}

#[test]
fn a_keyring_that_went_away_costs_nothing() {
    let mut rig = Rig::start();
    let account = rig.sign_in("zoom");
    let id = text(&account, "id");
    let before = rig.kept();
    let calls = rig.sandbox.calls();
    rig.session.stop_keyring();
    for words in [&["account", "refresh", id][..], &["account", "remove", id], &create(id, "Tea")] {
        assert_eq!(refuses(&rig, words, 10)["code"], "keyring_absent", "{words:?}");
    }
    assert_eq!(rig.json(&["account", "list"])[0]["health"], "locked");
    assert_eq!(rig.sandbox.calls(), calls, "nobody is asked");
    rig.session.start_keyring();
    assert_eq!(rig.kept(), before);
    assert_eq!(rig.json(&["account", "refresh", id])["health"], "ok");
}

#[test]
fn a_locked_keyring_keeps_everything() {
    let rig = Rig::start();
    let account = rig.sign_in("zoom");
    let id = text(&account, "id");
    let meeting = rig.meeting(id, "Tea");
    let meeting = text(&meeting, "id");
    let before = rig.kept();
    let calls = rig.sandbox.calls();

    rig.session.keyring().lock();
    let locked: [&[&str]; 5] = [
        &["account", "refresh", id],
        &["account", "remove", id],
        &["meeting", "show", meeting],
        &["meeting", "delete", meeting],
        &create(id, "Coffee"),
    ];
    for words in locked {
        assert_eq!(refuses(&rig, words, 10)["code"], "keyring_locked", "{words:?}");
    }
    let list = rig.run(&["meeting", "list"]).expect(10);
    assert_eq!(list.json(), serde_json::json!([]));
    assert_eq!(list.stderr.lines().count(), 1, "{list:?}");
    sign_in_is_refused(&rig, "keyring_locked");
    assert_eq!(rig.json(&["account", "list"])[0]["health"], "locked");
    rig.json(&["meeting", "invitation", meeting]);
    assert!(rig.session.keyring().is_locked(), "nobody unlocked it meanwhile");
    assert_eq!(rig.sandbox.calls(), calls, "nobody is asked");

    rig.session.keyring().unlock();
    assert_eq!(rig.kept(), before, "nothing was deleted");
    assert_eq!(rig.json(&["meeting", "list"])[0]["id"], meeting);
    assert_eq!(rig.json(&["account", "list"])[0]["health"], "ok");
}

/// Another keyring, as after a new installation: it works and is empty, which is neither absent nor locked.
#[test]
fn an_empty_keyring_has_words_of_its_own() {
    let rig = Rig::start();
    let account = rig.sign_in("zoom");
    let id = text(&account, "id");
    let (other, calls) = (Session::start(), rig.sandbox.calls());
    let home = rig.convoke().home_path().to_owned();
    let elsewhere = || Convoke::new(&other, &rig.profile).home(&home);
    for words in [&["account", "refresh", id][..], &create(id, "Tea")] {
        let error = refused(elsewhere, words, b"", 3);
        assert_eq!(error["code"], "credential_missing", "{words:?}");
    }
    let said = elsewhere().json(false).run(&["account", "refresh", id]).expect(3);
    assert!(said.stderr.contains("holds no sign-in") && said.stderr.contains("emptied or replaced"), "{said:?}");
    assert_eq!(rig.sandbox.calls(), calls, "the provider was not asked");
    assert_eq!(rig.json(&["account", "refresh", id])["health"], "ok", "the first keyring still has it");
}
