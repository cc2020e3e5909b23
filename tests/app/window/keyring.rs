//! A computer on which no keyring runs, until somebody starts one.

use convoke_harness::Session;

use super::desk::Desk;

#[test]
fn without_a_keyring_the_window_says_what_to_start() {
    let mut desk = Desk::approving(Session::builder().keyring(false));
    let app = desk.open_for_pictures();
    app.pass_organisation();
    let _ = app.window.find("[data-testid=keyring-state][data-state=absent]");
    app.window.wait_text("No keyring is running");
    app.window.wait_text("Start GNOME Keyring or KeePassXC");
    app.window.wait_until("a step that waits", "return document.querySelector('[data-testid=continue]').disabled");
    app.picture("3-keyring-absent");
    // Asking again changes nothing while nothing has changed.
    app.press("keyring-again");
    let _ = app.window.find("[data-testid=keyring-state][data-state=absent]");

    desk.session.start_keyring();
    app.press("keyring-again");
    app.pass_keyring();

    // It goes away again before the sign-in: that is refused before any browser opens.
    desk.session.stop_keyring();
    app.press("sign-in-zoom");
    let _ = app.window.find("[data-testid=card-zoom] [data-testid=problem][data-code=keyring_absent]");
    app.window.wait_text("No keyring is running on this computer.");
    app.picture("4-accounts-keyring-absent");
    assert_eq!(desk.opened(), [""; 0]);
    assert_eq!(desk.sandbox.called("GET /zoom/oauth/authorize"), 0);

    desk.session.start_keyring();
    app.press("retry");
    let _ = convoke_harness::browse(&desk.opened_at(0));
    app.window.wait_text("Signed in as ana@example.com");
}
