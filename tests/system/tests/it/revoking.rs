//! Disconnecting while the provider cannot be told: forgotten here at once, told as soon as it can be, given up after seven days.

use convoke_harness::{Fault, FaultProxy, Session};

use crate::rig::{Rig, text};
use crate::steward::Steward;

const DAY: i64 = 86_400;
/// Nobody comes through.
const DOWN: u32 = 1_000;

/// A rig whose command line reaches the broker through a proxy.
fn behind_a_proxy() -> (Rig, FaultProxy) {
    let mut rig = Rig::with(Session::start());
    let proxy = FaultProxy::start(rig.broker.url());
    let mut described = rig.described();
    described.broker = proxy.url();
    rig.profile = described.write(rig.session.dir());
    (rig, proxy)
}

/// The users of the keyring's items.
fn users(rig: &Rig) -> Vec<String> {
    let items = rig.session.keyring().items();
    items.into_iter().filter_map(|(names, _)| names.get("username").cloned()).collect()
}

/// Signs in, and disconnects while the broker is away; the account's id.
fn disconnected_in_the_dark(rig: &Rig, proxy: &FaultProxy) -> String {
    let id = text(&rig.sign_in("zoom"), "id").to_owned();
    assert_eq!(rig.sandbox.state()["tokens"]["zoom"]["live"], 1);
    proxy.plant("/v1/revoke/", Fault::CloseBefore, DOWN);
    let removed = rig.json(&["account", "remove", &id]);
    assert_eq!(removed["revocation"], "queued");
    assert_eq!(rig.json(&["account", "list"]), serde_json::json!([]));
    assert_eq!(users(rig), [format!("revoke/{id}")], "what can still be used is not kept");
    id
}

#[test]
fn a_provider_that_could_not_be_told_is_told_later() {
    let (rig, proxy) = behind_a_proxy();
    disconnected_in_the_dark(&rig, &proxy);
    let home = rig.convoke().home_path().to_owned();
    let mut steward = Steward::start(&rig.session, &home, &rig.profile);
    steward.ask("tend");
    assert_eq!(rig.sandbox.state()["tokens"]["zoom"]["live"], 1, "a minute is not over");
    steward.shift("sleep", 90);
    steward.ask("tend");
    assert_eq!(users(&rig).len(), 1, "still away");
    proxy.clear();
    steward.shift("sleep", 600);
    steward.ask("tend");
    assert_eq!(rig.sandbox.state()["tokens"]["zoom"]["live"], 0, "the provider knows");
    assert_eq!(users(&rig), Vec::<String>::new());
    steward.kill();
}

#[test]
fn after_seven_days_it_is_given_up_and_forgotten() {
    let (rig, proxy) = behind_a_proxy();
    disconnected_in_the_dark(&rig, &proxy);
    let home = rig.convoke().home_path().to_owned();
    let mut steward = Steward::start(&rig.session, &home, &rig.profile);
    for _ in 0..8 {
        steward.shift("sleep", DAY);
        steward.ask("tend");
    }
    assert_eq!(users(&rig), Vec::<String>::new());
    let asked = proxy.requests().iter().filter(|line| line.contains("/v1/revoke/")).count();
    assert!((3..20).contains(&asked), "{asked} tries in a week of one look a day");
    steward.kill();
}
