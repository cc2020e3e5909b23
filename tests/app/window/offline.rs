//! A provider that is not there any more: what is known stays on the list, with its age and the reason, and the tray says so.

use convoke_harness::{Session, Tray};

use super::desk::Desk;
use super::walk::tray_says;

#[test]
fn what_cannot_be_read_is_an_error_and_no_empty_list() {
    let desk = Desk::approving(Session::builder());
    let account = desk.sign_in("zoom", &[]);
    let made = ["meeting", "create", "--account", &account, "--subject", "Handover", "--start", "2031-03-14T09:30"];
    desk.convoke().run(&[&made[..], &["--zone", "Europe/Zurich", "--duration", "45m"]].concat()).expect(0);

    let tray = Tray::start(&desk.session);
    let app = desk.open_for_pictures();
    app.pass_organisation();
    app.pass_keyring();
    app.window.wait_text("Signed in as ana@example.com");
    app.pass_the_rest();
    app.window.wait_until("the list", "return document.querySelector('[data-subject=Handover]') !== null");
    app.misses("as-of");
    app.misses("problem");

    desk.sandbox.program().signal(rustix::process::Signal::KILL);
    tray.click("Refresh now");
    assert_eq!(tray_says(&tray, "example.com (Zoom):"), "example.com (Zoom): not reached");
    let _ = tray_says(&tray, "Refreshed ");
    let _ =
        app.window.find("[data-testid=problem][data-code=unreachable], [data-testid=problem][data-code=unavailable]");
    app.sees("as-of");
    assert_eq!(app.subjects(), ["Handover"]);
    app.picture("agenda-offline");

    // The window's own button says the same.
    app.press("refresh");
    app.window.wait_text("Not everything could be read");
    app.sees("problem");
    app.press("place-accounts");
    app.window.wait_text("Not reached");
    app.picture("accounts-offline");
}
