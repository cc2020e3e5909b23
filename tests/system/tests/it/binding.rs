//! An account belongs to the broker and the API base it was made under: another profile file gets nothing of it.

use convoke_harness::FaultProxy;

use crate::rig::{Rig, create, error, text};

/// Every command that would use a credential ends with exit 3 and sends nothing to `trap`.
fn nothing_is_sent(rig: &Rig, account: &str, meeting: &str, profile: &str, trap: &FaultProxy) {
    let before = rig.kept();
    let calls = rig.sandbox.calls();
    let lured = Rig::convoke(rig);
    let file = rig.write_profile("lure.toml", profile);
    let lured = convoke_harness::Convoke::new(&rig.session, &file).home(lured.home_path());
    let update = ["meeting", "update", meeting, "--subject", "Lured"];
    let words: [&[&str]; 7] = [
        &["account", "refresh", account],
        &["meeting", "list", "--account", account],
        &["meeting", "list"],
        &["meeting", "show", meeting],
        &["meeting", "delete", meeting],
        &create(account, "Lure"),
        &update,
    ];
    for words in words {
        let ran = lured.run(words).expect(3);
        if words[1] != "list" {
            assert_eq!(error(&ran.json())["code"], "other_organisation", "{words:?}");
        }
    }
    assert_eq!(lured.run(&["account", "refresh", "--all"]).expect(3).json(), serde_json::json!([]));
    let list = lured.run(&["account", "list"]).expect(0).json();
    assert_eq!((text(&list[0], "health"), text(&list[0], "health_reason")), ("needs_sign_in", "other_organisation"));

    assert!(trap.requests().is_empty() && trap.received().is_empty(), "{:?}", trap.requests());
    assert_eq!(rig.sandbox.calls(), calls);
    assert_eq!(rig.kept(), before);
    // Under its own profile it is what it was.
    assert_eq!(rig.json(&["account", "list"])[0]["health"], "ok");
    rig.json(&["meeting", "show", meeting]);
}

#[test]
fn another_api_base_gets_no_token() {
    let rig = Rig::start();
    let trap = FaultProxy::trap();
    for provider in ["zoom", "teams"] {
        let account = rig.sign_in(provider);
        let meeting = rig.meeting(text(&account, "id"), "Tea");
        let profile = rig.described().api_base(provider, &trap.url());
        nothing_is_sent(&rig, text(&account, "id"), text(&meeting, "id"), &profile.text(), &trap);
        rig.json(&["account", "remove", text(&account, "id")]);
    }
}

#[test]
fn another_path_of_the_same_host_gets_no_token() {
    let rig = Rig::start();
    let trap = FaultProxy::trap();
    let account = rig.sign_in("zoom");
    let meeting = rig.meeting(text(&account, "id"), "Tea");
    let profile = rig.described().api_base("zoom", &format!("{}/graph/v1.0", rig.sandbox.url()));
    nothing_is_sent(&rig, text(&account, "id"), text(&meeting, "id"), &profile.text(), &trap);
}

#[test]
fn another_broker_gets_no_token() {
    let rig = Rig::start();
    let trap = FaultProxy::trap();
    let account = rig.sign_in("zoom");
    let meeting = rig.meeting(text(&account, "id"), "Tea");
    let mut profile = rig.described();
    profile.broker = trap.url();
    nothing_is_sent(&rig, text(&account, "id"), text(&meeting, "id"), &profile.text(), &trap);
}

#[test]
fn another_sametime_server_gets_no_session() {
    let rig = Rig::start();
    let trap = FaultProxy::trap();
    let account = rig.sign_in("sametime");
    let meeting = rig.meeting(text(&account, "id"), "Tea");
    let mut profile = rig.described();
    profile.sametime = format!("{}/sametime", trap.url());
    nothing_is_sent(&rig, text(&account, "id"), text(&meeting, "id"), &profile.text(), &trap);
}

/// To disconnect is allowed: it forgets here, and asks nobody else to revoke.
#[test]
fn disconnecting_under_another_profile_sends_nothing() {
    let rig = Rig::start();
    let trap = FaultProxy::trap();
    let account = rig.sign_in("zoom");
    let mut profile = rig.described();
    profile.broker = trap.url();
    let file = rig.write_profile("lure.toml", &profile.text());
    let removed =
        convoke_harness::Convoke::new(&rig.session, &file).run(&["account", "remove", text(&account, "id")]).expect(0);
    assert_eq!(removed.json()["revocation"], "failed");
    assert!(trap.requests().is_empty() && trap.received().is_empty());
    assert!(rig.session.keyring().items().is_empty());
}
