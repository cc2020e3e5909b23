//! A sign-in that has ended is said by the desktop, once, and a click on the note leads to the accounts.

use convoke_core::account::AccountId;
use convoke_harness::patience::{READY, wait_until};
use convoke_harness::{Notifications, Session};

use super::desk::Desk;

#[test]
fn the_end_of_a_sign_in_is_said_once_and_leads_to_the_accounts() {
    let desk = Desk::approving(Session::builder());
    let notes = Notifications::start(&desk.session);
    let account = desk.sign_in("zoom", &["--label", "Work"]);
    desk.end_sign_ins(&[&account]);
    desk.pass_first_run();

    let app = desk.open_for_pictures();
    app.sees("search");
    let note = notes.wait("the reminder", |note| note.application == "Convoke");
    assert_eq!(note.summary, "Work (Zoom): sign in again");
    assert!(note.body.contains("Open Accounts in Convoke"), "{note:?}");
    assert!(!format!("{note:?}").contains("example.com"), "who signed in is nobody else's to read: {note:?}");
    let id = AccountId::parse(&account).expect("an id of ours");
    let register = desk.register();
    wait_until("it to be remembered", READY, || register.reminders(&id).is_ok_and(|told| told.len() == 1));

    app.misses("accounts");
    notes.invoke(note.id, "default");
    app.sees("accounts");
    app.picture("accounts-needs-sign-in");
    assert_eq!(notes.all().len(), 1);
}
