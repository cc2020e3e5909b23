//! Clocks that are set or step, and a computer that slept: no storm of renewals, and whatever was due is done soon after the network
//! is back.

use convoke_harness::Fault;

use crate::steward::Steward;
use crate::ways::Ways;

const HOUR: i64 = 3600;
const YEARS: i64 = 10 * 365 * 24 * HOUR;
const PROVIDERS: [&str; 4] = ["zoom", "teams", "webex", "goto"];
/// Per account and hour.
const MOST_RENEWALS: u64 = 2;

/// One account at each provider.
fn signed_in() -> (Ways, Vec<String>) {
    let ways = Ways::start();
    let ids: Vec<String> = PROVIDERS.iter().map(|provider| ways.sign_in(provider)).collect();
    for id in &ids {
        // Teams is asked about meetings that are known, and about nothing else.
        ways.rig.meeting(id, "Tea");
    }
    (ways, ids)
}

/// Sets the clock by each of `jumps`, and tends and uses every account after each.
#[track_caller]
fn steps(steward: &mut Steward, ids: &[String], jumps: &[i64]) {
    for jump in jumps {
        steward.shift("clock", *jump);
        assert_eq!(steward.ask("tend"), "again 30", "{jump}");
        for id in ids {
            assert_eq!(steward.ask(&format!("use {id}")), "done", "{jump}");
        }
    }
}

/// All of it happens within one real hour, whatever the clock on the wall says.
#[test]
fn a_clock_that_is_set_or_steps_brings_no_storm() {
    let quarter = 90 * 24 * HOUR;
    let at_once = [vec![YEARS], vec![-YEARS], vec![-YEARS], vec![YEARS], vec![HOUR], vec![-HOUR], vec![-HOUR]];
    let stepping = [[HOUR, -HOUR].repeat(4), [YEARS, -YEARS].repeat(4), vec![quarter; 8], vec![-quarter; 16]];
    let all = [&at_once[..], &stepping].concat();
    let (plus, minus) = ([vec![YEARS]], [vec![-YEARS]]);
    // Under way; before the first look of a program; and after the computer was started again, when the wall's clock is all there is.
    for (name, starts, boots, sets) in [
        ("live", false, false, &all[..]),
        ("at start", true, false, &all),
        ("after a boot, +10 years", false, true, &plus),
        ("after a boot, -10 years", false, true, &minus),
    ] {
        let (ways, ids) = signed_in();
        let mut steward = ways.steward();
        assert_eq!(steward.ask(if boots { "boot" } else { "tend" }), if boots { "done" } else { "again 30" });
        let before = ways.renewals();
        for jumps in sets {
            if starts {
                steward.kill();
            }
            steps(&mut steward, &ids, jumps);
        }
        steward.kill();
        let (renewals, jumps) = (ways.renewals() - before, sets.iter().map(Vec::len).sum::<usize>());
        println!(
            "F17, {name}: clock set {jumps} times, {renewals} renewals of {} accounts, 0 sign-ins lost",
            ids.len()
        );
        assert!(renewals <= MOST_RENEWALS * ids.len() as u64, "{renewals} renewals");
    }
}

#[test]
fn a_computer_that_sleeps_and_wakes_without_a_network() {
    /// From the return of the network until every account is well again.
    const FOUND: i64 = 40;
    const DOWN: i64 = 90;
    const MOST_TRIES: usize = 8;
    let (ways, ids) = signed_in();
    let mut steward = ways.steward();
    for id in &ids {
        assert_eq!(steward.ask(&format!("use {id}")), "done");
    }
    let renewals = ways.renewals();
    steward.shift("sleep", 8 * HOUR);
    ways.rig.sandbox.advance(8 * HOUR);
    let ways_out = [&ways.to_broker, &ways.to_providers];
    for way in ways_out {
        way.plant("/", Fault::CloseBefore, u32::MAX);
    }
    let before: usize = ways_out.iter().map(|way| way.requests().len()).sum();
    let (mut now, mut occasion, mut tries, mut found) = (0, "woke", 0, None);
    // The window reads the meetings as soon as it sees that the computer slept.
    for id in &ids {
        assert_eq!(steward.ask(&format!("use {id}")), "unreachable");
    }
    while found.is_none() {
        let again = steward.ask(occasion);
        if now >= DOWN && ids.iter().all(|id| steward.ask(&format!("health {id}")) == "ok") {
            found = Some(now - DOWN);
        } else if now < DOWN {
            tries = ways_out.iter().map(|way| way.requests().len()).sum::<usize>() - before;
        }
        let wait: i64 = again.strip_prefix("again ").and_then(|wait| wait.parse().ok()).expect("seconds");
        assert!(now < 10 * DOWN, "never found");
        now += wait;
        steward.shift("sleep", wait);
        ways.rig.sandbox.advance(wait);
        occasion = "tend";
        if now >= DOWN {
            for way in ways_out {
                way.clear();
            }
        }
    }
    let found = found.expect("found");
    for id in &ids {
        assert_eq!(steward.ask(&format!("use {id}")), "done");
    }
    steward.kill();
    let each = tries.div_ceil(ids.len());
    println!(
        "F18: slept 8 h, {DOWN} s without a network: {each} tries per account, well again {found} s after its return, {} renewals for {} accounts, 0 sign-ins lost",
        ways.renewals() - renewals,
        ids.len()
    );
    assert!((2..=MOST_TRIES).contains(&each), "{tries} tries for {} accounts", ids.len());
    assert!(found <= FOUND, "{found} s");
    // Webex's access token lives for days.
    assert_eq!(ways.renewals() - renewals, ids.len() as u64 - 1);
}
