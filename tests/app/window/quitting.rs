//! "Quit" while renewed sign-ins stand in memory alone asks first, and once more after "Keep running"; the broker gives again what ended with the program.

use convoke_harness::patience::{READY, wait_until};
use convoke_harness::secret_service::Mode;
use convoke_harness::{SecretService, Session, Tray};
use serde_json::json;

use super::desk::{App, Desk, has_ended};

impl App {
    /// Answers the question, and waits until the shell has heard it: what the page asks for later comes later.
    #[track_caller]
    fn keep_running(&self) {
        self.window.click(&self.window.find_text("button", "Keep running"));
        self.misses("confirm-quit");
        let _ = self.window.execute_async("window.__TAURI_INTERNALS__.invoke('zones').then(arguments[0])", &json!([]));
    }

    /// Refreshes every account to the end.
    #[track_caller]
    fn refresh(&self) {
        self.press("refresh");
        let is_over = "return document.querySelector('[data-testid=refresh][aria-busy]') === null";
        self.window.wait_until("the end of the refresh", is_over);
    }
}

#[test]
fn sign_ins_that_are_not_saved_are_no_quiet_loss() {
    let desk = Desk::approving(Session::builder().keyring(false));
    let keyring = SecretService::start(desk.session.bus());
    let account = desk.sign_in("zoom", &["--label", "Work"]);
    desk.pass_first_run();
    let tray = Tray::start(&desk.session);

    let app = desk.open_for_pictures();
    app.sees("search");
    let before = keyring.credentials();
    keyring.set(Mode::Full);
    app.refresh();
    app.press("new-meeting");
    app.fill("form-subject", "Half a thought");
    tray.click("Quit");
    app.sees("confirm-quit");
    app.picture("quit");
    assert!(!has_ended(app.id));
    app.keep_running();
    let subject = app.window.find("[data-testid=form-subject]");
    assert_eq!(app.window.property(&subject, "value"), "Half a thought", "what stood open still does");
    app.press("form-close");
    tray.click("Quit");
    app.sees("confirm-quit");
    app.keep_running();

    keyring.set(Mode::Works);
    tray.click("Quit");
    wait_until("the end, without a question: now they are saved", READY, || has_ended(app.id));
    assert_ne!(keyring.credentials(), before, "what was renewed is in the keyring");
    let _ = desk.convoke().run(&["account", "refresh", &account]).expect(0);

    let app = desk.open();
    app.sees("search");
    keyring.set(Mode::Full);
    app.refresh();
    tray.click("Quit");
    app.window.click_to_end("[data-testid=confirm-quit]");
    wait_until("the end, all the same", READY, || has_ended(app.id));
    keyring.set(Mode::Works);
    let _ = desk.convoke().run(&["account", "refresh", &account]).expect(0);
}
