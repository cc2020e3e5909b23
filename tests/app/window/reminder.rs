//! A sign-in that has ended is said by the desktop, once, and a click on the note leads to the accounts.

use convoke_core::{account::AccountId, settings::SetupStep, storage::register::Register};
use convoke_harness::patience::{READY, wait_until};
use convoke_harness::{Notifications, Session, browse};
use serde_json::Value;

use super::desk::Desk;

#[test]
fn the_end_of_a_sign_in_is_said_once_and_leads_to_the_accounts() {
    let desk = Desk::approving(Session::builder());
    let notes = Notifications::start(&desk.session);
    let mut adding = desk.convoke().start(&["account", "add", "zoom", "--label", "Work"]);
    let _ = browse(&desk.opened_at(0));
    assert!(adding.wait_end(READY).success(), "{}", String::from_utf8_lossy(&adding.stderr()));
    let account: Value = serde_json::from_slice(&adding.stdout()).expect("an account is JSON");
    let account = AccountId::parse(account["id"].as_str().expect("an id")).expect("an id of ours");
    // The provider forgets the sign-in, and the first run is behind this person.
    desk.sandbox.reset();
    let _ = desk.convoke().run(&["account", "refresh", account.as_str()]).expect(3);
    let register = Register::open(&desk.home().join("register.sqlite")).expect("it opens");
    let steps =
        [SetupStep::Welcome, SetupStep::Organisation, SetupStep::Keyring, SetupStep::Accounts, SetupStep::Defaults];
    let _ = register.change_settings(|settings| settings.done_steps = steps.to_vec()).expect("it is written");

    let app = desk.open_for_pictures();
    app.sees("search");
    let note = notes.wait("the reminder", |note| note.application == "Convoke");
    assert_eq!(note.summary, "Work (Zoom): sign in again");
    assert!(note.body.contains("Open Accounts in Convoke"), "{note:?}");
    assert!(!format!("{note:?}").contains("example.com"), "who signed in is nobody else's to read: {note:?}");
    wait_until("it to be remembered", READY, || register.reminders(&account).is_ok_and(|told| told.len() == 1));

    app.misses("accounts");
    notes.invoke(note.id, "default");
    app.sees("accounts");
    app.picture("accounts-needs-sign-in");
    assert_eq!(notes.all().len(), 1);
}
