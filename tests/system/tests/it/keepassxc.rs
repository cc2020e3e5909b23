//! KeePassXC in the keyring's place: signed in, renewed, and started again without its password, when it says that there is nothing. The
//! account is locked then, and not over.

use convoke_harness::{BrokerProcess, KeePassXc, SandboxProcess, Session};

use crate::bad_input::refuses;
use crate::rig::{Rig, text};
use crate::steward::Steward;
use crate::ways::listed;

#[test]
fn one_that_is_locked_says_nothing_and_costs_nothing() {
    let session = Session::without_keyring();
    let keepassxc = KeePassXc::start(&session);
    let sandbox = SandboxProcess::auto_approving();
    let broker = BrokerProcess::start(&sandbox);
    let profile = broker.profile(&sandbox).write(session.dir());
    let rig = Rig { session, sandbox, broker, profile };
    let id = text(&rig.sign_in("zoom"), "id").to_owned();
    assert_eq!(rig.json(&["account", "refresh", &id])["health"], "ok");
    let (items, calls) = (keepassxc.items(), rig.sandbox.calls());
    assert!(!items.is_empty());
    let mut steward = Steward::start(&rig.session, rig.convoke().home_path(), &rig.profile);
    assert_eq!(steward.ask("tend"), "again 30");

    drop(keepassxc);
    let locked = KeePassXc::start_locked(&rig.session);
    assert_eq!(refuses(&rig, &["account", "refresh", &id], 10)["code"], "keyring_locked");
    assert_eq!(steward.ask("tend"), "again 2");
    assert_eq!(steward.ask(&format!("use {id}")), "keyring_locked");
    let account = listed(&rig, &id);
    assert_eq!((text(&account, "health"), text(&account, "health_reason")), ("locked", "keyring_locked"));
    assert_eq!(rig.sandbox.calls(), calls, "nobody is asked");

    let mut unlocked = None;
    let went_on = steward.goes_on_after(&id, || {
        drop(locked);
        unlocked = Some(KeePassXc::start(&rig.session));
    });
    let unlocked = unlocked.expect("it was started");
    assert!(unlocked.items() == items, "nothing was deleted or changed");
    assert_eq!(steward.ask(&format!("use {id}")), "done");
    assert_eq!(rig.json(&["account", "refresh", &id])["health"], "ok");
    println!(
        "KeePassXC: started locked and again unlocked, went on {went_on:.1?} after that, 0 deletions, 0 sign-ins lost"
    );
}
