//! The ways through the window that several tests go.

use convoke_harness::patience::{READY, wait_until};
use convoke_harness::{Browser, Tray, WebDriver};

use super::desk::{App, Desk};

/// The password of the sandbox's Sametime users.
pub const PASSWORD: &str = "sandbox-password";

impl App {
    /// From the welcome to the organisation that the app was started with, and on.
    #[track_caller]
    pub fn pass_organisation(&self) {
        self.press("continue");
        self.agree_to_hosts();
        self.press("continue");
        self.sees("step-keyring");
    }

    /// From the organisation to the accounts.
    #[track_caller]
    pub fn pass_organisation_and_keyring(&self) {
        self.agree_to_hosts();
        self.press("continue");
        self.sees("step-keyring");
        self.pass_keyring();
    }

    /// Says yes to every host that is not a vendor's own.
    #[track_caller]
    pub fn agree_to_hosts(&self) {
        self.sees("foreign-hosts");
        let boxes = self.window.find_all("[data-testid=foreign-hosts] input");
        assert!(!boxes.is_empty(), "the sandbox's hosts are not the vendors' own");
        for one in &boxes {
            self.window.click(one);
        }
    }

    /// From the keyring that works to the accounts.
    #[track_caller]
    pub fn pass_keyring(&self) {
        let _ = self.window.find("[data-testid=keyring-state][data-state=works]");
        self.press("continue");
        self.sees("step-accounts");
    }

    /// From the accounts to the main window.
    #[track_caller]
    pub fn pass_the_rest(&self) {
        self.press("continue");
        self.sees("step-defaults");
        self.press("continue");
        self.sees("step-done");
        self.press("finish");
        self.sees("search");
    }

    /// Signs in to Zoom with a browser that has no window.
    #[track_caller]
    pub fn sign_in_to_zoom(&self, desk: &Desk) {
        let before = desk.opened().len();
        self.press("sign-in-zoom");
        let page = Browser::default().open(&desk.opened_at(before));
        assert!(page.answer.text().contains("You are signed in"), "{}", page.answer.text());
        self.sees("signed-in-zoom");
    }

    /// Opens the form of Sametime, types and sends it.
    #[track_caller]
    pub fn type_sametime(&self, password: &str) {
        self.fill("sametime-username", "ana");
        self.fill("sametime-password", password);
        self.press("sametime-submit");
    }

    /// Fills the form's title, day and time.
    #[track_caller]
    pub fn plan(&self, subject: &str, day: &str, start: &str) {
        self.fill("form-subject", subject);
        self.fill("form-date", day);
        self.fill("form-start", start);
    }

    /// Tomorrow, as a form takes it.
    #[track_caller]
    pub fn tomorrow(&self) -> String {
        self.told("return new Date(Date.now() + 86400e3).toISOString().slice(0, 10)")
    }
}

/// Plays a sign-in in `WebKitGTK`'s own browser: sees the provider's page, allows, and reaches the last page.
#[track_caller]
pub fn allow_in_a_real_browser(desk: &Desk, address: &str) {
    let browser = WebDriver::start(&desk.session).open_browser();
    browser.go(address);
    browser.wait_text("Sign in to Zoom");
    browser.click(&browser.find("input[value='ana@example.com']"));
    browser.click(&browser.find("#allow"));
    browser.wait_text("You are signed in");
    let last = browser.url();
    assert!(
        last.starts_with("http://127.0.0.1:") && !last.contains(['?', '#']),
        "the last address holds no grant: {last}"
    );
}

/// Waits until the tray's menu has a line that begins so; answers the line.
#[track_caller]
pub fn tray_says(tray: &Tray, beginning: &str) -> String {
    let mut line = String::new();
    wait_until(&format!("{beginning:?} in the tray"), READY, || {
        line = tray.labels().into_iter().find(|label| label.starts_with(beginning)).unwrap_or_default();
        !line.is_empty()
    });
    line
}
