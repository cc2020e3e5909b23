//! Several sign-ins that have ended are one line, and "Fix all" goes from one to the next by itself.

use convoke_harness::{Session, browse};
use serde_json::json;

use super::desk::Desk;

#[test]
fn one_press_leads_through_every_sign_in() {
    let desk = Desk::approving(Session::builder());
    let accounts = [("zoom", "Work"), ("goto", "Training"), ("webex", "Customers")]
        .map(|(provider, label)| desk.sign_in(provider, &["--label", label]));
    desk.end_sign_ins(&accounts.each_ref().map(String::as_str));
    desk.pass_first_run();
    let before = desk.opened().len();

    let app = desk.open_for_pictures();
    app.window.wait_text("3 accounts want you to sign in again");
    app.picture("agenda-fix-all");
    app.press("fix-all");
    app.window.wait_text("1 of 3: Work (Zoom)");
    app.picture("fix-all-first");
    let _ = browse(&desk.opened_at(before));
    // The browser is asked again without another press.
    let second = desk.opened_at(before + 1);
    app.window.wait_text("2 of 3: Training (GoToMeeting)");
    app.press("fix-skip");
    app.window.wait_text("3 of 3: Customers (Webex)");
    let third = desk.opened_at(before + 2);
    let _ = browse(&third);
    app.window.wait_text("Mended: Work (Zoom) and Customers (Webex). Not yet: Training (GoToMeeting).");
    assert_ne!(second, third);
    app.press("fix-close");
    app.misses("fix-all-walk");

    let listed = desk.convoke().run(&["account", "list"]).expect(0).json();
    let health: Vec<_> = listed.as_array().expect("a list").iter().map(|one| &one["health"]).collect();
    assert_eq!(health, [&json!("ok"), &json!("needs_sign_in"), &json!("ok")]);
    assert_eq!(desk.opened().len(), before + 3, "each was asked for once");
}
