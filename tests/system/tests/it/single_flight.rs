//! Many tasks in eight processes that need a new token at the same moment ask for one.

use std::process::Command;

use convoke_harness::Program;
use convoke_harness::patience::READY;

use crate::rig::{Rig, text};

const TASKS: usize = 4;
const PROCESSES: usize = 8;

fn process(rig: &Rig, account: &str, act: &str) -> Program {
    let mut command = Command::new(env!("CARGO_BIN_EXE_several-at-once"));
    rig.session.apply(&mut command);
    command.arg(rig.convoke().home_path()).arg(&rig.profile).args([account, act, &TASKS.to_string()]);
    Program::start(command)
}

/// Starts eight processes at once; every task must succeed, for one call of the token endpoint.
fn one_refresh(act: &str, prepare: impl FnOnce(&Rig)) {
    const TOKEN: &str = "POST /zoom/oauth/token";
    let rig = Rig::start();
    let account = rig.sign_in("zoom");
    prepare(&rig);
    // Long enough for all of them to see the old token: whoever asks for another one would be counted.
    rig.sandbox.fault(TOKEN, "delay:1000", 1, false);
    let before = rig.sandbox.called(TOKEN);

    let mut all: Vec<Program> = (0..PROCESSES).map(|_| process(&rig, text(&account, "id"), act)).collect();
    for process in &all {
        process.wait_line("ready", |line| line == "ready");
    }
    for process in &mut all {
        process.write(b"go\n");
    }
    for process in &mut all {
        assert!(process.wait_end(READY).success(), "{}", String::from_utf8_lossy(&process.stderr()));
        let said = String::from_utf8_lossy(&process.stdout()).into_owned();
        assert_eq!(said, format!("ready\n{}", "done\n".repeat(TASKS)));
    }
    assert_eq!(rig.sandbox.called(TOKEN) - before, 1, "one refresh");
    // What was saved is what the provider gave last: the rotated token works.
    rig.json(&["account", "refresh", text(&account, "id")]);
}

#[test]
fn tokens_that_the_provider_refuses_are_renewed_once() {
    one_refresh("list", |rig| {
        rig.sandbox.advance(2 * 3600);
        assert_eq!(rig.sandbox.state()["tokens"]["zoom"]["live"], 0);
    });
}

#[test]
fn tokens_that_end_soon_are_renewed_once() {
    one_refresh("early", |_| {});
}

#[test]
fn refreshes_that_are_asked_for_at_once_are_one() {
    one_refresh("refresh", |_| {});
}
