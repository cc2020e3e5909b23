//! From the welcome to a cancelled meeting, with a picture of every screen on the way and the exact list of calls that it costs.

use std::collections::BTreeMap;

use convoke_harness::Tray;
use convoke_harness::patience::{READY, wait_until};

use super::desk::{App, Desk};
use super::walk::{PASSWORD, allow_in_a_real_browser, tray_says};

/// Every call of a provider, and what it was for.
const CALLS: [(&str, u64); 13] = [
    // The organisation's check: does its server answer at all.
    ("GET /sametime/…", 1),
    // The page that asks, and the person's Allow.
    ("GET /zoom/oauth/authorize", 1),
    ("POST /zoom/oauth/authorize", 1),
    // The code, and "Refresh now".
    ("POST /zoom/oauth/token", 2),
    // Who signed in.
    ("GET /zoom/v2/users/me", 1),
    // The last screen of the first run, and "Refresh now".
    ("GET /zoom/v2/users/me/meetings", 2),
    ("POST /zoom/v2/users/me/meetings", 1),
    // A change is answered without the meeting, so that is read once.
    ("PATCH /zoom/v2/meetings/{id}", 1),
    ("GET /zoom/v2/meetings/{id}", 1),
    ("DELETE /zoom/v2/meetings/{id}", 1),
    // Before each of two logins, who it is after the one that succeeded, and "Refresh now".
    ("GET /sametime/sametime-auth/api/v1/refresh", 4),
    ("POST /sametime/sametime-auth/api/v1/login", 2),
    // The last screen of the first run, and "Refresh now".
    ("GET /sametime/meeting-catalog/api/v1/meetings", 2),
];

#[test]
fn from_the_welcome_to_a_cancelled_meeting() {
    let desk = Desk::new();
    let tray = Tray::start(&desk.session);
    let app = desk.open_for_pictures();
    first_run(&desk, &app);
    meeting(&desk, &app, &tray);
    let expected: BTreeMap<String, u64> = CALLS.iter().map(|(route, times)| ((*route).to_owned(), *times)).collect();
    assert_eq!(desk.sandbox.calls(), expected);
    remaining_screens(&app);
    assert_eq!(desk.sandbox.calls(), expected, "looking around asks nobody");
    look_at_everything(&app);
}

fn first_run(desk: &Desk, app: &App) {
    app.sees("step-welcome");
    app.checker_finds_a_nameless_button();
    app.picture("1-welcome");
    app.press("continue");
    app.agree_to_hosts();
    app.picture("2-organisation");
    app.press("continue");
    let _ = app.window.find("[data-testid=keyring-state][data-state=works]");
    app.picture("3-keyring");
    app.press("continue");

    app.sees("card-zoom");
    app.picture("4-accounts");
    app.press("sign-in-zoom");
    let address = desk.opened_at(0);
    app.window.wait_text("Waiting for your browser");
    app.picture("4-accounts-waiting");
    allow_in_a_real_browser(desk, &address);
    app.window.wait_text("Signed in as ana@example.com");
    assert_eq!(desk.opened().len(), 1, "the browser was asked once");

    app.press("sign-in-sametime");
    app.type_sametime("not the password");
    app.window.wait_text("The user name or the password is wrong");
    let _ = app.window.find("[data-testid=sametime-password][aria-invalid=true]");
    app.picture("4-accounts-wrong-password");
    app.type_sametime(PASSWORD);
    app.sees("signed-in-sametime");
    app.picture("4-accounts-signed-in");
    app.press("continue");

    app.sees("step-defaults");
    app.fill("zone", "Europe/Zurich");
    app.window.press("\u{E007}");
    app.press("default-duration-45");
    app.picture("5-defaults");
    app.press("continue");
    app.sees("step-done");
    wait_until("the reading of both accounts", READY, || {
        ["GET /zoom/v2/users/me/meetings", "GET /sametime/meeting-catalog/api/v1/meetings"]
            .iter()
            .all(|route| desk.sandbox.called(route) == 1)
    });
    app.picture("6-done");
    app.press("finish");
    app.sees("empty");
    app.picture("agenda-empty");
}

fn meeting(desk: &Desk, app: &App, tray: &Tray) {
    app.press("new-meeting");
    app.sees("form-subject");
    app.picture("form-new");
    app.press("form-submit");
    app.window.wait_text("A meeting needs a title");
    app.picture("form-wrong");
    app.plan("Quarterly review", &app.tomorrow(), "09:30");
    app.press("form-duration-60");
    app.fill("form-invitees", "ben@example.com");
    app.fill("form-agenda", "Figures of the quarter\u{E007}What comes next");
    app.press("form-submit");
    app.sees("detail");
    app.misses("form-subject");
    assert_eq!(app.subjects(), ["Quarterly review"]);
    let made = &desk.sandbox.meetings("zoom")[0];
    assert_eq!((&made["topic"], &made["duration"]), (&"Quarterly review".into(), &60.into()), "{made}");
    let link = made["join_url"].as_str().expect("a link").to_owned();
    app.window.wait_text(&link);

    app.press("detail-edit");
    app.fill("form-subject", "Review of the quarter");
    app.fill("form-start", "10:15");
    app.picture("form-edit");
    app.press("form-submit");
    app.misses("form-subject");
    app.window.wait_until(
        "the changed meeting",
        "return document.querySelector('[data-testid=detail] h2').textContent === 'Review of the quarter'",
    );
    app.window.wait_text(&link);
    assert_eq!(desk.sandbox.meetings("zoom")[0]["topic"], "Review of the quarter");
    app.picture("agenda-with-a-meeting");
    app.press("detail-close");
    app.window.resize(720, 520);
    app.picture("agenda-narrow");
    app.window.resize(1080, 720);

    assert_eq!(tray_says(tray, "Not refreshed"), "Not refreshed yet");
    tray.click("Refresh now");
    let _ = tray_says(tray, "Refreshed ");
    let lines = tray.labels();
    for line in ["example.com (Zoom): one meeting", "(Sametime): 0 meetings"] {
        assert!(lines.iter().any(|label| label.ends_with(line)), "{line} in {lines:?}");
    }
    // The page heard of it, too.
    let _ = app.window.find(".rail .at");

    app.press("meeting-row");
    app.press("detail-cancel");
    app.sees("confirm-cancel");
    app.window.wait_text("its link stops working");
    app.picture("cancel");
    assert_eq!(desk.sandbox.meetings("zoom").len(), 1, "nothing is cancelled before the answer");
    app.press("confirm-cancel");
    app.misses("detail");
    app.sees("empty");
    assert_eq!((app.subjects(), desk.sandbox.meetings("zoom")), (vec![], vec![]));
}

fn remaining_screens(app: &App) {
    app.press("place-accounts");
    app.sees("accounts");
    app.picture("accounts");
    app.press("place-settings");
    app.sees("settings");
    app.picture("settings");
    // A person's own choice is worn at once.
    for theme in ["dark", "light"] {
        app.press(&format!("theme-{theme}"));
        app.window.wait_until(theme, &format!("return document.documentElement.dataset.theme === '{theme}'"));
    }
}

fn look_at_everything(app: &App) {
    app.press("diagnose");
    app.window.wait_until(
        "the look at everything",
        "return document.querySelector('[data-testid=diagnosis]')?.dataset.state === 'well'",
    );
    app.press("copy-report");
    app.window.wait_text("Report copied");
    app.picture("diagnostics");
}
