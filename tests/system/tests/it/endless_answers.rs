//! Answers without an end: byte by byte, a head that goes on for ever, silence, a body of 1 GiB, and a small one that unpacks to that.
//! Each ends at a limit, and costs next to no memory.

use std::time::{Duration, Instant};

use convoke_harness::Fault;

use crate::steward::Steward;
use crate::ways::Ways;

/// The client's own whole limit of 30 seconds, and what a busy machine adds.
const DEADLINE: Duration = Duration::from_secs(31);
/// KiB.
const MOST_GROWTH: u64 = 8 * 1024;

/// A steward that has already done all that it will do, so that its peak grows by nothing else.
#[track_caller]
fn warm(ways: &Ways, ids: &[String]) -> Steward {
    let mut steward = ways.steward();
    for id in ids {
        assert_eq!(steward.ask(&format!("refresh {id}")), "done");
        assert_eq!(steward.ask(&format!("use {id}")), "done");
    }
    steward
}

/// Four at once, each in a process and on an account of its own.
#[test]
fn slow_ones_end_at_the_deadline() {
    let ways = Ways::start();
    let byte_a_second = Fault::Trickle(Duration::from_secs(1));
    // Its head is there in time, its body is not.
    let slow_body = Fault::Trickle(Duration::from_millis(20));
    let faults =
        [("zoom", byte_a_second), ("teams", slow_body), ("webex", Fault::EndlessHead), ("goto", Fault::Silence)];
    let ids: Vec<String> = faults.iter().map(|(provider, _)| ways.sign_in(provider)).collect();
    let mut stewards: Vec<Steward> = ids.iter().map(|id| warm(&ways, std::slice::from_ref(id))).collect();
    let items = ways.keyring().items();
    let before: Vec<u64> = stewards.iter_mut().map(Steward::peak).collect();
    for (provider, fault) in &faults {
        ways.to_broker.plant(&format!("/v1/refresh/{provider}"), fault.clone(), 1);
    }
    let begun = Instant::now();
    let ended: Vec<(String, Duration)> = std::thread::scope(|scope| {
        let asked = stewards
            .iter_mut()
            .zip(&ids)
            .map(|(steward, id)| scope.spawn(move || (steward.ask(&format!("refresh {id}")), begun.elapsed())));
        let asked: Vec<_> = asked.collect();
        asked.into_iter().map(|one| one.join().expect("it answers")).collect()
    });
    let growth = stewards.iter_mut().zip(before).map(|(steward, before)| steward.peak() - before).max().unwrap_or(0);
    for ((provider, fault), (code, took)) in faults.iter().zip(&ended) {
        println!("F23, {provider}: {fault:?}: {code} after {took:.1?}");
        assert!(["unreachable", "bad_answer"].contains(&code.as_str()), "{fault:?}: {code}");
        assert!(*took <= DEADLINE, "{fault:?}: {took:?}");
    }
    assert!(ways.keyring().items() == items);
    println!("F23: {} slow answers, the peak of memory grew by {growth} KiB at most", faults.len());
    assert!(growth <= MOST_GROWTH, "{growth} KiB");
    for (steward, id) in stewards.iter_mut().zip(&ids) {
        assert_eq!(steward.ask(&format!("refresh {id}")), "done");
    }
}

#[test]
fn large_ones_are_stopped_at_the_cap() {
    let ways = Ways::start();
    let ids = ["zoom", "webex"].map(|provider| ways.sign_in(provider));
    let mut steward = warm(&ways, &ids);
    let (items, before) = (ways.keyring().items(), steward.peak());
    let mut stopped = 0;
    for fault in [Fault::Flood, Fault::GzipFlood, Fault::EndlessHead] {
        for id in &ids {
            ways.to_broker.plant("/v1/refresh/", fault.clone(), 1);
            let code = steward.ask(&format!("refresh {id}"));
            assert!(["bad_answer", "unreachable", "intercepted"].contains(&code.as_str()), "{fault:?}: {code}");
            // An interface's answer may be larger than a token's; its cap is, too.
            ways.to_providers.plant("/", fault.clone(), 9);
            let code = steward.ask(&format!("use {id}"));
            assert!(["bad_answer", "unreachable"].contains(&code.as_str()), "{fault:?}: {code}");
            ways.to_providers.clear();
            stopped += 2;
        }
    }
    let growth = steward.peak() - before;
    assert!(ways.keyring().items() == items);
    println!("F25: {stopped} answers without an end stopped at their cap, the peak of memory grew by {growth} KiB");
    for id in &ids {
        assert_eq!(steward.ask(&format!("refresh {id}")), "done");
        assert_eq!(steward.ask(&format!("use {id}")), "done");
    }
    assert!(growth <= MOST_GROWTH, "{growth} KiB");
}
