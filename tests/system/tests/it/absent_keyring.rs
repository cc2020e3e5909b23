//! No keyring, or no bus to look for one: said before any browser opens, and nothing falls back to the disk. Where a keyring goes
//! away under a renewal, the new tokens are used from memory and stand nowhere else.

use std::process::Command;
use std::time::{Duration, Instant};

use convoke_harness::canary::Canary;
use convoke_harness::patience::{READY, wait_until};
use convoke_harness::{BrowserScript, Session};

use crate::rig::{PASSWORD, Rig, error, text};
use crate::steward::Steward;

const SAYS: Duration = Duration::from_secs(3);
/// From the moment that a keyring is there.
const SAVES: Duration = Duration::from_secs(5);

#[test]
fn a_sign_in_is_refused_at_once_and_leaves_nothing() {
    let (mut slowest, mut refused) = (Duration::ZERO, 0);
    for session in [Session::without_keyring(), Session::without_bus()] {
        let rig = Rig::with(session);
        let browser = BrowserScript::new();
        let convoke = rig.convoke().env("BROWSER", browser.path()).env("RUST_LOG", "trace");
        let password = ["account", "add", "sametime", "--username", "ana", "--password-stdin"];
        let zoom = ["account", "add", "zoom"];
        let mut said = String::new();
        for (words, input) in [(&password[..], PASSWORD), (&zoom, ""), (&["account", "add", "teams"], "")] {
            let begun = Instant::now();
            let ran = convoke.run_with_input(words, input.as_bytes()).expect(10);
            slowest = slowest.max(begun.elapsed());
            assert_eq!(error(&ran.json())["code"], "keyring_absent", "{words:?}");
            said += &(ran.stdout + &ran.stderr);
            refused += 1;
        }
        assert!(browser.opened().is_empty() && rig.sandbox.calls().is_empty(), "nothing was opened, nobody was asked");
        let canary = Canary::default().secret("password", PASSWORD.as_bytes());
        assert!(canary.search("what was said", said.as_bytes()).is_empty());
        assert!(canary.search_path(rig.session.dir().path()).is_empty());
    }
    println!("F11: {refused} sign-ins refused before a browser, the slowest after {slowest:.1?}, 0 canary bytes");
    assert!(slowest <= SAYS, "{slowest:?}");
}

#[test]
fn tokens_that_were_renewed_while_it_went_away_go_on_in_memory() {
    const TOKEN: &str = "POST /zoom/oauth/token";
    let mut rig = Rig::start();
    let id = text(&rig.sign_in("zoom"), "id").to_owned();
    let old = rig.session.keyring().credentials();
    let (home, profile) = (rig.convoke().home_path().to_owned(), rig.profile.clone());
    rig.sandbox.fault(TOKEN, "delay:1500", 1, false);
    let before = rig.sandbox.called(TOKEN);
    let mut steward = Steward::start(&rig.session, &home, &profile);
    steward.tell(&format!("refresh {id}"));
    wait_until("the provider to be asked", READY, || rig.sandbox.called(TOKEN) > before);
    rig.session.stop_keyring();
    assert_eq!(steward.answer(), "keyring_absent");
    for _ in 0..3 {
        steward.ask("tend");
        assert_eq!(steward.ask(&format!("use {id}")), "done", "what is live goes on");
    }
    // What stands on the disk now is looked through once the new tokens are known.
    let copy = rig.session.dir().path().join("copy");
    assert!(Command::new("cp").arg("-a").arg(&home).arg(&copy).status().expect("cp runs").success());
    let saved = steward.goes_on_after(&id, || rig.session.start_keyring());
    assert!(saved <= SAVES, "saved after {saved:?}");
    let new = rig.session.keyring().credentials();
    assert_ne!(new, old, "saved as soon as there was a keyring");
    let mut canary = Canary::default();
    for (field, credential) in ["refresh", "token"].iter().flat_map(|field| new.iter().map(move |one| (field, one))) {
        if let Some(token) = credential[field].as_str() {
            canary = canary.secret(field, token.as_bytes());
        }
    }
    let log = steward.said();
    steward.kill();
    assert!(canary.search("the log", log.as_bytes()).is_empty());
    assert!(canary.search_path(&copy).is_empty() && canary.search_path(&home).is_empty());
    assert_eq!(rig.sandbox.called(TOKEN) - before, 1);
    assert_eq!(rig.json(&["account", "refresh", &id])["health"], "ok");
    println!(
        "F11: renewed while the keyring went away: 3 of 3 uses from memory, saved {saved:.1?} after the next start, 0 canary bytes on the disk"
    );
}
