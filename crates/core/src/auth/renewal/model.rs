//! Random lives of a credential against a reference: what a person, a network, a keyring and a power cut do to it in any order.
//!
//! Held after every step, for every grant that the provider still takes: the keyring's token is the provider's, or the broker can
//! give what came of it (I1); the provider sees each token once (I2); nothing is deleted (I3); no token stands in what is written
//! outside of the keyring (I5).

use std::pin::pin;

use proptest::prelude::*;

use super::{
    played::{House, Weather, number},
    *,
};
use crate::{clock::Uptime, http::HttpClient, provider::script::now};
use std::time::Duration;

/// What happens next.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// Somebody needs a fresh token; the next question meets this weather.
    Refresh(Weather),
    /// What was left open is finished.
    Settle,
    /// The process dies at its next write to the keyring.
    DieSaving,
    /// The process ends and starts again.
    Restart,
    Lock,
    Unlock,
    Fill,
    Free,
    /// An hour or more goes by, or somebody sets the clock.
    Clock(i64),
    /// The sign-in is ended at the provider.
    Revoke,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => prop_oneof![Just(Weather::Fine), Just(Weather::Lost), Just(Weather::Portal), Just(Weather::Down)]
            .prop_map(Step::Refresh),
        3 => Just(Step::Settle),
        2 => Just(Step::DieSaving),
        2 => Just(Step::Restart),
        2 => Just(Step::Lock),
        3 => Just(Step::Unlock),
        1 => Just(Step::Fill),
        2 => Just(Step::Free),
        4 => prop_oneof![Just(3600), Just(7200), Just(-7200), Just(315_360_000)].prop_map(Step::Clock),
        1 => prop_oneof![9 => Just(Step::Settle), 1 => Just(Step::Revoke)],
    ];
    proptest::collection::vec(step, 1..60)
}

/// Plays a future that waits for nothing but its own death; none where it died.
fn play<T>(work: impl Future<Output = T>) -> Option<T> {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match pin!(work).poll(&mut context) {
        std::task::Poll::Ready(value) => Some(value),
        std::task::Poll::Pending => None,
    }
}

/// Whether what the keyring or this process has leads to the token that the provider takes.
fn leads_to_the_token(house: &House) -> bool {
    let world = house.world();
    let Some(kept) = world.kept else { return false };
    // The broker has what came of every token between the two; those that follow each other are numbered so.
    kept <= world.current
}

fn check(house: &House, told: &[String]) -> Result<(), TestCaseError> {
    prop_assert!(leads_to_the_token(house), "I1: neither the keyring nor the broker has the live token");
    let world = house.world();
    for (token, uses) in &world.uses {
        prop_assert!(*uses <= 1 || world.revoked, "I2: token {token} was used {uses} times");
    }
    prop_assert_eq!(world.deletions, 0, "I3");
    let journal = format!("{:?}", world.open);
    for text in told.iter().chain([&journal]) {
        prop_assert!(!text.contains("refresh-") && !text.contains("access-"), "I5: {}", text);
    }
    Ok(())
}

fn live(http: &HttpClient, all: &[Step]) -> Result<(), TestCaseError> {
    let house = House::new(|| ());
    let mut process = house.process(http);
    let mut told = Vec::new();
    for step in all {
        match *step {
            Step::Refresh(weather) => {
                house.world().weather = weather;
                let was_revoked = house.world().revoked;
                let asked_with = house.world().kept;
                let done = play(process.clone().run((), Want::Fresh(None)));
                match done {
                    None => process = house.process(http),
                    Some(Ok(done)) => prop_assert!(number(&done.credential) >= asked_with.unwrap_or_default()),
                    Some(Err(error)) => {
                        let rejected = matches!(Outcome::of(&error), Outcome::Rejected(_));
                        prop_assert!(!rejected || was_revoked, "a live sign-in was called dead: {error}");
                        told.push(format!("{error:?}"));
                    }
                }
                house.world().weather = Weather::Fine;
            }
            Step::Settle => {
                let settled = play(process.clone().run((), Want::Settled));
                if settled.is_none() {
                    process = house.process(http);
                }
            }
            Step::DieSaving => house.world().dies_at_write = true,
            Step::Restart => process = house.process(http),
            Step::Lock => house.world().locked = true,
            Step::Unlock => house.world().locked = false,
            Step::Fill => house.world().full = true,
            Step::Free => house.world().full = false,
            Step::Clock(seconds) => house.world().seconds += seconds,
            Step::Revoke => house.world().revoked = true,
        }
        if matches!(step, Step::Refresh(_) | Step::Settle) {
            house.world().dies_at_write = false;
        }
        check(&house, &told)?;
    }
    // Fine weather, an open keyring, a new process: the account works, unless its sign-in was ended.
    {
        let mut world = house.world();
        (world.locked, world.full, world.dies_at_write) = (false, false, false);
    }
    let newest = house.process(http);
    let stored = play(newest.current()).expect("nothing dies").expect("the keyring has it");
    let end = play(newest.run((), Want::Fresh(Some(stored.issued_at())))).expect("nothing dies");
    let revoked = house.world().revoked;
    match end {
        Ok(done) => prop_assert_eq!(Some(number(&done.credential)), house.world().kept),
        Err(error) => prop_assert!(revoked, "a live sign-in was lost: {}", error),
    }
    check(&house, &told)
}

/// Three renewals that a full keyring did not take, a crash, and hours: each copy of the broker's leads to the next, up to a token
/// that can be sent.
#[test]
fn copies_of_long_ago_are_followed_to_their_end() {
    let (http, house) = (HttpClient::new([]).unwrap(), House::new(|| ()));
    house.world().full = true;
    let process = house.process(&http);
    for renewals in 1..=3 {
        let done = play(process.clone().run((), Want::Fresh(None))).unwrap().unwrap();
        assert_eq!((number(&done.credential), done.unsaved.is_some()), (1 + renewals, true));
        house.world().seconds += 7200;
    }
    (house.world().full, house.world().copies_are_old) = (false, true);
    let done = play(house.process(&http).run((), Want::Fresh(None))).unwrap().unwrap();
    assert_eq!((number(&done.credential), house.world().kept), (5, Some(5)));
    let moment = Moment {
        wall: now() + chrono::Duration::seconds(house.world().seconds),
        uptime: Uptime { start: 9, since: Duration::ZERO },
    };
    assert_eq!(freshness(&done.credential, None, moment), Freshness::Fresh);
    assert!(house.world().uses.values().all(|times| *times == 1), "each token once");
}

#[test]
fn no_order_of_troubles_loses_a_live_sign_in() {
    let http = HttpClient::new([]).unwrap();
    let cases = if soak() { 50_000 } else { 5_000 };
    let mut runner = proptest::test_runner::TestRunner::new_with_rng(
        ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() },
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    );
    let outcome = runner.run(&steps(), |all| live(&http, &all));
    assert!(outcome.is_ok(), "{}", outcome.unwrap_err());
    println!("model: {cases} lives of up to 60 steps, 0 violations of I1, I2, I3, I5");
}

/// Whether everything is counted (`make soak`).
#[expect(clippy::disallowed_methods, reason = "one variable says that everything is counted")]
pub(super) fn soak() -> bool {
    std::env::var_os("CONVOKE_SOAK").is_some()
}
