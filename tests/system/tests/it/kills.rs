//! kill -9 in the middle of a renewal: at each step by its name, and at system calls by their number. Whatever is left, the next
//! start finishes it, the account is signed in, and the provider was asked once for one renewal.

use std::process::Stdio;

use convoke_harness::Session;
use convoke_harness::program::binary;
use rustix::process::Signal;

use crate::rig::{Rig, share, text};
use crate::steward::Steward;
use crate::storm::STEPS;

/// What the provider's token endpoint is called in the sandbox's counts.
fn token_route(provider: &str) -> &'static str {
    if provider == "zoom" { "POST /zoom/oauth/token" } else { "POST /teams/oauth2/v2.0/token" }
}

/// The refresh token that the keyring has for its only account.
fn kept(session: &Session) -> String {
    let credentials = session.keyring().credentials();
    let main = credentials.iter().find(|credential| credential["kind"] == "oauth").expect("an account's item");
    text(main, "refresh").to_owned()
}

#[test]
fn a_kill_at_any_step_costs_nothing() {
    let (mut kills, mut survived) = (0, 0);
    for provider in ["zoom", "teams"] {
        let rig = Rig::start();
        let id = text(&rig.sign_in(provider), "id").to_owned();
        let home = rig.convoke().home_path().to_owned();
        let mut steward = Steward::start(&rig.session, &home, &rig.profile);
        for step in STEPS {
            for time in 1.. {
                let (before, token) = (rig.sandbox.called(token_route(provider)), kept(&rig.session));
                steward.ask(&format!("die {step} {time}"));
                steward.tell(&format!("refresh {id}"));
                if !steward.dies() {
                    assert!(time > 1, "no renewal comes to the step {step}");
                    steward.kill();
                    break;
                }
                kills += 1;
                // The next start finishes it by itself.
                steward.ask("tend");
                let asked = rig.sandbox.called(token_route(provider)) - before;
                let begun = step != "begin";
                assert_eq!(asked, u64::from(begun), "{provider}, killed at {step} {time}");
                assert_eq!(kept(&rig.session) != token, begun, "{provider}, killed at {step} {time}: what is kept");
                survived += u32::from(steward.ask(&format!("use {id}")) == "done");
            }
        }
        assert_eq!(steward.ask(&format!("refresh {id}")), "done");
        steward.kill();
    }
    println!("killed at named steps {kills} / signed in at the next start {survived} / one upstream refresh each");
    assert_eq!(kills, survived);
    assert!(kills >= 14, "two providers, six steps, and more than one item: {kills}");
}

/// The calls by which a renewal touches the disk, the bus and the network.
const CALLS: [&str; 9] =
    ["openat", "connect", "sendto", "sendmsg", "recvmsg", "writev", "pwrite64", "fdatasync", "write"];

#[test]
fn a_kill_at_any_system_call_costs_nothing() {
    let rig = Rig::start();
    let id = text(&rig.sign_in("zoom"), "id").to_owned();
    let (mut kills, mut survived, mut resumed) = (0, 0, 0);
    // A tenth looks at every tenth number of each call.
    let stride = share(10).max(1).abs_diff(11);
    for call in CALLS {
        for number in (1_usize..).step_by(stride) {
            let (before, token) = (rig.sandbox.called(token_route("zoom")), kept(&rig.session));
            let ordinary = rig.convoke().command(&["account", "refresh", &id]);
            let mut traced = rig.session.command("strace");
            traced.args(["-f", "-qqq", "-o", "/dev/null", "-e", &format!("inject={call}:signal=KILL:when={number}")]);
            traced.arg(binary("convoke")).args(ordinary.get_args()).stdout(Stdio::null()).stderr(Stdio::null());
            let ended = traced.status().expect("strace runs");
            if ended.success() {
                break;
            }
            assert!(!ended.success() && number < 5_000, "{call} never comes to an end");
            kills += 1;
            let was_saved = kept(&rig.session) != token;
            // A person asks again: what was begun is the same renewal, what was saved makes this the next one.
            survived += u32::from(rig.run(&["account", "refresh", &id]).status == 0);
            let asked = rig.sandbox.called(token_route("zoom")) - before;
            assert_eq!(asked, 1 + u64::from(was_saved), "killed at {call} {number}; saved before: {was_saved}");
            resumed += u32::from(!was_saved);
        }
    }
    println!(
        "killed at system calls {kills} / signed in at the next start {survived} / asked again {resumed} / one upstream refresh each"
    );
    assert_eq!(kills, survived);
    assert!(kills > 20, "too few kills to say anything: {kills}");
}

/// A holder of the account's lock that stands still is not robbed: whoever waits says "busy".
#[test]
fn a_holder_that_stands_still_is_waited_for_and_not_robbed() {
    let rig = Rig::start();
    let id = text(&rig.sign_in("zoom"), "id").to_owned();
    let home = rig.convoke().home_path().to_owned();
    let mut steward = Steward::start(&rig.session, &home, &rig.profile);
    rig.sandbox.fault("POST /zoom/oauth/token", "delay:2000", 1, false);
    let before = rig.sandbox.called("POST /zoom/oauth/token");
    steward.tell(&format!("refresh {id}"));
    convoke_harness::patience::wait_until("the provider to be asked", convoke_harness::patience::READY, || {
        rig.sandbox.called("POST /zoom/oauth/token") > before
    });
    steward.running().signal(Signal::STOP);
    let stopped = std::time::Instant::now();
    // One after the other for as long as the holder stands still: a minute at full size.
    let wanted = std::time::Duration::from_secs(if share(10) == 10 { 60 } else { 16 });
    let mut waiters = 0;
    while stopped.elapsed() < wanted {
        let begun = std::time::Instant::now();
        let ran = rig.run(&["account", "refresh", &id]).expect(6);
        assert_eq!(crate::rig::error(&ran.json())["code"], "busy");
        let patience = begun.elapsed().as_secs_f64();
        assert!((14.0..20.0).contains(&patience), "said busy after {patience:.1} s");
        waiters += 1;
    }
    steward.running().signal(Signal::CONT);
    let end = steward.answer();
    assert!(end == "done" || end == "unreachable", "{end}");
    assert_eq!(steward.ask(&format!("use {id}")), "done");
    assert_eq!(rig.sandbox.called("POST /zoom/oauth/token") - before, 1, "nobody stole, nobody asked twice");
    println!(
        "a holder stopped for {:.0} s: {waiters} waiters said busy, 1 upstream refresh",
        stopped.elapsed().as_secs_f64()
    );
    steward.kill();
    rig.json(&["account", "refresh", &id]);
}
