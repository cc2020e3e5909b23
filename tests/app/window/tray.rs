//! Closing the window keeps the tray; "Open Convoke" brings the window back as it was; "Quit" leaves nothing behind.

use std::net::TcpStream;

use convoke_harness::canary::family;
use convoke_harness::patience::{READY, wait_until};
use convoke_harness::{Session, Tray};
use url::Url;

use super::desk::{Desk, has_ended};
use super::x_server::XServer;

const TITLE: &str = "Convoke";

#[test]
fn closing_keeps_the_tray_and_quitting_leaves_nothing() {
    let desk = Desk::approving(Session::builder());
    let tray = Tray::start(&desk.session);
    let app = desk.open();
    let mut display = XServer::connect(&desk.session);
    wait_until("the window", READY, || display.shows(TITLE));
    app.pass_organisation();
    app.pass_keyring();
    app.press("sign-in-zoom");
    let port = listener(&desk.opened_at(0));
    assert!(TcpStream::connect(("127.0.0.1", port)).is_ok(), "a sign-in waits for its browser");

    display.close(TITLE);
    wait_until("the window's going away", READY, || !display.shows(TITLE));
    assert!(!has_ended(app.id));
    let menu = tray.labels();
    for line in ["New meeting", "Refresh now", "Open Convoke", "Quit"] {
        assert!(menu.iter().any(|label| label == line), "{line} in {menu:?}");
    }

    tray.click("Open Convoke");
    wait_until("the window's coming back", READY, || display.shows(TITLE));
    app.window.wait_text("Waiting for your browser");

    let members = family(app.id);
    assert!(members.len() > 1, "the page has a process of its own");
    tray.click("Quit");
    wait_until("the end of the app and of its children", READY, || members.iter().all(|id| has_ended(*id)));
    wait_until("the end of the listener", READY, || TcpStream::connect(("127.0.0.1", port)).is_err());
}

/// The port of the address that a sign-in comes back to.
fn listener(authorize: &str) -> u16 {
    let authorize = Url::parse(authorize).expect("an address");
    let back = authorize.query_pairs().find(|(name, _)| name == "redirect_uri").expect("a way back").1;
    Url::parse(&back).expect("an address").port().expect("a port")
}
