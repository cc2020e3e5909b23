//! What a Convoke has in its memory of accounts that were signed in, renewed, used and removed, and that renewing costs none.

use std::collections::{BTreeMap, BTreeSet};
use std::{fmt, fs};

use convoke_harness::process_memory::{self, Copy};
use convoke_harness::{Browser, SecretService, Session, patience};
use rustix::process::Signal;
use serde_json::Value;

use crate::rig::{PASSWORD, Rig, share, text};
use crate::steward::Steward;

/// How many copies of tokens stand in the buffers of connections that are still open when the last account is removed: in the
/// head of the last request on each. It may fall, and not grow.
const IN_LIBRARIES: usize = 5;
/// How much memory may differ after thousands of renewals, in KiB.
const GROWTH: u64 = 2 * 1024;
/// Connections and threads of the runtime come and go by so many.
const PLAY: usize = 2;
/// Renewals for which one answer is waited.
const AT_ONCE: usize = 100;

/// Each provider's token endpoint, as the sandbox counts its calls.
const PROVIDERS: [(&str, &str); 5] = [
    ("zoom", "POST /zoom/oauth/token"),
    ("teams", "POST /teams/oauth2/v2.0/token"),
    ("webex", "POST /webex/v1/access_token"),
    ("goto", "POST /goto/oauth/token"),
    ("sametime", "GET /sametime/sametime-auth/api/v1/refresh"),
];

/// Every token that the keyring has now.
fn tokens(keyring: &SecretService) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for credential in keyring.credentials() {
        let names = ["refresh", "token", "jwt", "ltpa", "csrf_cookie", "csrf_token"];
        let fields = names.map(|name| &credential[name]).into_iter().chain([&credential["session"]["token"]]);
        found.extend(fields.filter_map(Value::as_str).map(str::to_owned));
    }
    found
}

/// Signs in in the steward's own process; the account's id.
fn sign_in(steward: &mut Steward, provider: &str) -> String {
    if provider == "sametime" {
        return steward.ask(&format!("add sametime ana {PASSWORD}"));
    }
    steward.tell(&format!("add {provider}"));
    let page = Browser::default().open(&steward.says(&format!("open {provider} ")));
    assert_eq!(page.answer.status, 200, "{}", page.answer.text());
    steward.answer()
}

/// Whether a copy stands in a connection's buffer: behind the head of a request or an answer, and nothing wiped in between.
fn is_in_connection(copy: &Copy) -> bool {
    let head = b"HTTP/1.1";
    copy.before.windows(head.len()).any(|window| window == head)
}

#[test]
fn a_removed_account_leaves_no_token_in_memory() {
    let session = Session::without_keyring();
    let keyring = SecretService::start(session.bus());
    let rig = Rig::with(session);
    let home = rig.convoke().home_path().to_owned();
    let mut steward = Steward::start(&rig.session, &home, &rig.profile);
    let (mut seen, mut ids, mut planted) = (BTreeSet::new(), Vec::new(), 0);
    for (provider, route) in PROVIDERS {
        let others = tokens(&keyring);
        let id = sign_in(&mut steward, provider);
        for act in ["use", "refresh", "use", "refresh", "use"] {
            seen.extend(tokens(&keyring));
            assert_eq!(steward.ask(&format!("{act} {id}")), "done");
        }
        // The scan finds what is there: the tokens of a renewal while the provider lets it wait.
        let own: Vec<String> = tokens(&keyring).difference(&others).cloned().collect();
        let calls = rig.sandbox.called(route);
        rig.sandbox.fault(route, "delay:1000", 1, false);
        steward.tell(&format!("refresh {id}"));
        patience::wait_until("the provider to be asked", patience::READY, || rig.sandbox.called(route) > calls);
        // It stands still, so that the scan has all the time it wants.
        steward.running().signal(Signal::STOP);
        let held = process_memory::copies(steward.running().id(), &own);
        steward.running().signal(Signal::CONT);
        let found: BTreeSet<usize> = held.iter().map(|copy| copy.secret).collect();
        assert!(own.len() >= 3 && found.len() == own.len(), "{provider}: {} of {} tokens", found.len(), own.len());
        planted += found.len();
        assert_eq!(steward.answer(), "done");
        seen.extend(tokens(&keyring));
        ids.push(id);
    }
    for id in &ids {
        assert_eq!(steward.ask(&format!("remove {id}")), "done");
    }
    assert!(tokens(&keyring).is_empty());

    let seen: Vec<String> = seen.into_iter().collect();
    let process = steward.running().id();
    let (open, ours): (Vec<Copy>, Vec<Copy>) =
        process_memory::copies(process, &seen).into_iter().partition(is_in_connection);
    let described = |copies: &[Copy]| {
        let mut counts = BTreeMap::<String, usize>::new();
        for copy in copies {
            *counts.entry(format!("token {} {} {:?}", copy.secret, copy.spelling, copy.place)).or_default() += 1;
        }
        counts
    };
    assert!(ours.is_empty(), "copies in memory that we own: {:#?}", described(&ours));
    assert!(open.len() <= IN_LIBRARIES, "{} copies in open connections: {:#?}", open.len(), described(&open));
    // These go with their connections.
    patience::wait_until("an idle process without a token", patience::READY, || {
        process_memory::copies(process, &seen).is_empty()
    });
    println!(
        "tokens of {} accounts {} / planted and found {planted} / after the last removal: in memory of ours 0, in buffers of open \
         connections {} (at most {IN_LIBRARIES}), once these are closed 0",
        ids.len(),
        seen.len(),
        open.len(),
    );
}

/// What a process holds.
struct Holding {
    /// Memory that no file stands behind, in KiB.
    memory: u64,
    files: usize,
    threads: usize,
}

impl Holding {
    fn of(process: u32) -> Self {
        let rollup = fs::read_to_string(format!("/proc/{process}/smaps_rollup")).expect("a living process");
        let size = |name: &str| {
            let line = rollup.lines().find_map(|line| line.strip_prefix(name)).expect("a size");
            line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number")
        };
        let entries = |name| fs::read_dir(format!("/proc/{process}/{name}")).expect("a living process").count();
        Self {
            // Not what is private and dirty: a program that was just built is, too, until the kernel has written it.
            memory: size("Anonymous:") + size("Swap:"),
            files: entries("fd"),
            threads: entries("task"),
        }
    }
}

impl fmt::Display for Holding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} KiB of its own, {} files, {} threads", self.memory, self.files, self.threads)
    }
}

#[test]
fn ten_thousand_renewals_cost_no_memory() {
    let session = Session::without_keyring();
    let _keyring = SecretService::start(session.bus());
    let rig = Rig::with(session);
    let id = text(&rig.sign_in("zoom"), "id").to_owned();
    let home = rig.convoke().home_path().to_owned();
    let mut steward = Steward::start(&rig.session, &home, &rig.profile);
    let rounds = share(10_000) / AT_ONCE;
    let mut held = Vec::new();
    for _ in 0..rounds {
        assert_eq!(steward.ask(&format!("refresh {id} {AT_ONCE}")), "done");
        held.push(Holding::of(steward.running().id()));
    }
    let (first, last) = (&held[rounds / 10 - 1], &held[rounds - 1]);
    println!("renewals {}: after the first tenth {first}; at the end {last}", rounds * AT_ONCE);
    assert_eq!(rig.sandbox.called("POST /zoom/oauth/token"), 1 + (rounds * AT_ONCE) as u64);
    assert!(last.memory <= first.memory + GROWTH, "it grew by {} KiB", last.memory - first.memory);
    assert!(last.files <= first.files + PLAY && last.threads <= first.threads + PLAY, "more files or threads");
}
