//! Creates whose answer is lost, and a program that is killed in the middle: as many meetings as intents, at every provider, not
//! one more, and none that the register does not know. A tenth here, all of it in `make soak`.

use std::collections::BTreeSet;

use convoke_harness::patience::{READY, wait_until};
use rusqlite::Connection;
use serde_json::Value;

use crate::rig::{Rig, share, text};

/// How many creates of each provider are disturbed.
const TENTH: usize = 20;

const A_DAY: i64 = 86_400;

/// What happens to one create.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Disturbance {
    /// The provider acts, and the answer is lost in this way.
    LostAfter(&'static str),
    /// The call is lost in this way before the provider acts.
    LostBefore(&'static str),
    /// Killed after the intent was written down, before the provider acts.
    KilledBefore,
    /// Killed when the provider has acted, before the answer.
    KilledAfter,
    /// Killed with the answer in hand, while the register cannot be written.
    KilledAtRegister,
}

use Disturbance::{KilledAfter, KilledAtRegister, KilledBefore, LostAfter, LostBefore};

const EVERY: [Disturbance; 10] = [
    LostAfter("reset"),
    KilledAfter,
    LostAfter("truncate"),
    LostBefore("reset"),
    KilledBefore,
    LostAfter("status:502"),
    KilledAtRegister,
    LostAfter("html"),
    LostBefore("status:502"),
    LostAfter("status:500"),
];

fn count() -> usize {
    share(TENTH * 10)
}

/// Where each provider makes a meeting.
const ROUTES: [(&str, &str); 5] = [
    ("zoom", "POST /zoom/v2/users/me/meetings"),
    ("teams", "POST /graph/v1.0/me/onlineMeetings/createOrGet"),
    ("webex", "POST /webex/v1/meetings"),
    ("goto", "POST /goto/G2M/rest/meetings"),
    ("sametime", "POST /sametime/meeting-catalog/api/v1/meetings"),
];

fn disturb(provider: &str) {
    let (_, route) = ROUTES.into_iter().find(|(name, _)| *name == provider).expect("a provider");
    let rig = Rig::start();
    let account = rig.sign_in(provider);
    let id = text(&account, "id").to_owned();
    let (intents, mut kills) = (count(), 0);
    for number in 0..intents {
        if provider == "webex" && number > 0 && number.is_multiple_of(60) {
            // Webex lets a person make a hundred meetings a day.
            rig.sandbox.advance(A_DAY);
        }
        let disturbance = EVERY[number % EVERY.len()];
        // Every third is like the one before it: what is known already is never taken for what is new.
        let (subject, hour) = (format!("Disturbed {}", number - number % 3 / 2), 8 + number % 9);
        let day = 1 + number / 9 % 28;
        let start = format!("2027-{:02}-{day:02}T{hour:02}:30", 2 + number / 252);
        let words = [
            "meeting",
            "create",
            "--account",
            &id,
            "--subject",
            &subject,
            "--start",
            &start,
            "--zone",
            "Europe/Zurich",
            "--duration",
            "30m",
        ];
        match disturbance {
            LostAfter(fault) | LostBefore(fault) => {
                let fault = if provider == "sametime" && fault == "html" { "reset" } else { fault };
                rig.sandbox.fault(route, fault, 1, matches!(disturbance, LostAfter(_)));
                let made = rig.run(&words);
                assert_eq!(made.status, 0, "{provider} {number} {disturbance:?}: {made:?}");
            }
            KilledBefore | KilledAfter => {
                rig.sandbox.fault(route, "hang", 1, disturbance == KilledAfter);
                let before = (rig.sandbox.called(route), rig.sandbox.meetings(provider).len());
                let mut program = rig.convoke().start(&words);
                wait_until("the call", READY, || rig.sandbox.called(route) > before.0);
                if disturbance == KilledAfter {
                    wait_until("the meeting", READY, || rig.sandbox.meetings(provider).len() > before.1);
                }
                program.kill();
                kills += 1;
            }
            KilledAtRegister => {
                rig.sandbox.fault(route, "delay:400", 1, true);
                let before = rig.sandbox.called(route);
                let mut program = rig.convoke().env("RUST_LOG", "debug").start(&words);
                wait_until("the call", READY, || rig.sandbox.called(route) > before);
                let register = Connection::open(rig.convoke().home_path().join("register.sqlite")).expect("it opens");
                register.execute_batch("BEGIN IMMEDIATE").expect("nobody writes while the answer is on its way");
                program.wait_stderr_line("that the answer is in hand", |line| line.contains("writing it down"));
                program.kill();
                kills += 1;
                register.execute_batch("ROLLBACK").expect("it ends");
            }
        }
        rig.sandbox.clear_faults();
    }
    // The next start settles what was left open.
    let listed = rig.run(&["meeting", "list"]).expect(0);
    assert_eq!(listed.stderr, "", "nothing is open any more");
    let known = ids(&listed.json(), "provider_id");
    let there = rig.sandbox.meetings(provider);
    assert_eq!(there.len(), intents, "{provider}: as many as were asked for");
    assert_eq!(known.len(), intents, "{provider}: every one is known, once");
    println!("{provider}: {intents} creates disturbed, {kills} kills, {} meetings, {} known", there.len(), known.len());
}

/// A person whose program ended in between asks again: it is the same meeting, at every provider.
#[test]
fn asking_again_is_the_same_meeting() {
    for (provider, route) in ROUTES {
        for after in [true, false] {
            let rig = Rig::start();
            let account = rig.sign_in(provider);
            let words = crate::rig::create(text(&account, "id"), "Asked again");
            rig.sandbox.fault(route, "hang", 1, after);
            let mut program = rig.convoke().start(&words);
            wait_until("the call", READY, || rig.sandbox.called(route) > 0);
            if after {
                wait_until("the meeting", READY, || !rig.sandbox.meetings(provider).is_empty());
            }
            program.kill();
            rig.json(&words);
            assert_eq!(rig.sandbox.meetings(provider).len(), 1, "{provider}, after: {after}");
            let listed = rig.run(&["meeting", "list"]).expect(0);
            assert_eq!((listed.stderr.as_str(), ids(&listed.json(), "provider_id").len()), ("", 1), "{provider}");
        }
    }
}

fn ids(list: &Value, field: &str) -> BTreeSet<String> {
    list.as_array().expect("a list").iter().map(|meeting| text(meeting, field).to_owned()).collect()
}

#[test]
fn zoom() {
    disturb("zoom");
}

#[test]
fn teams() {
    disturb("teams");
}

#[test]
fn webex() {
    disturb("webex");
}

#[test]
fn goto() {
    disturb("goto");
}

#[test]
fn sametime() {
    disturb("sametime");
}
