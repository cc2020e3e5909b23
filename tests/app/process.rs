//! The program itself: how it starts, how it ends, and its tray on a real bus.

use std::{path::Path, process::Command, time::Duration};

use convoke_harness::{PrivateDir, Program, Session, Tray};

use crate::fixture::NOWHERE;

const PATIENCE: Duration = Duration::from_secs(60);

fn desktop(session: &Session, arguments: &[&Path]) -> Program {
    let mut command: Command = session.command(env!("CARGO_BIN_EXE_convoke-desktop"));
    Program::start({
        command.args(arguments);
        command
    })
}

#[test]
fn an_unusable_profile_ends_with_a_sentence() {
    let session = Session::builder().bus(false).start();
    let folder = PrivateDir::new("profile");
    let broken = folder.file("broken.toml", 0o600, b"name = ");
    let missing = folder.path().join("missing.toml");
    for profile in [broken, missing] {
        let mut program = desktop(&session, &[Path::new("--profile"), &profile]);
        assert_eq!(program.wait_end(PATIENCE).code(), Some(2));
        let said = String::from_utf8_lossy(&program.stderr()).into_owned();
        assert!(said.contains(profile.to_str().unwrap()) && said.lines().count() == 1, "{said}");
    }
}

#[test]
fn the_tray_shows_its_menu_and_ends_the_program() {
    let session = Session::with_display();
    let tray = Tray::start(&session);
    let profile = session.dir().file("profile.toml", 0o600, NOWHERE.as_bytes());
    let home = session.dir().folder("convoke");
    let arguments = [Path::new("--profile"), &profile, Path::new("--home"), &home];
    let mut first = desktop(&session, &arguments);
    tray.wait_icon();
    let expected = ["Connect an account", "New meeting", "Refresh now", "Not refreshed yet", "Open Convoke", "Quit"];
    convoke_harness::patience::wait_until("the whole menu", PATIENCE, || tray.labels() == expected);

    let mut second = desktop(&session, &arguments);
    assert_eq!(second.wait_end(PATIENCE).code(), Some(0), "the second start leads to the first");
    assert!(first.try_status().is_none(), "which goes on");

    tray.click("Refresh now");
    let refreshed = |label: &String| label.starts_with("Refreshed ");
    convoke_harness::patience::wait_until("the refresh to be told", PATIENCE, || tray.labels().iter().any(refreshed));
    tray.click("Quit");
    assert_eq!(first.wait_end(PATIENCE).code(), Some(0), "{}", String::from_utf8_lossy(&first.stderr()));
}
