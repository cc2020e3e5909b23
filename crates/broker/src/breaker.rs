//! A circuit breaker per provider: while a provider is down, nobody waits for it to time out.

use std::sync::{Mutex, PoisonError};

/// Failures in a row that open the circuit.
const FAILURES: u32 = 5;
/// Seconds until the first try after that; each further failure doubles them.
const FIRST_WAIT: i64 = 5;
const LONGEST_WAIT: i64 = 30;
/// Seconds after which a try that never told its outcome is forgotten: longer than any call may take.
const TRY_LIFETIME: i64 = 30;

/// What is known of one provider's health, by the broker's clock.
#[derive(Default)]
pub(crate) struct Breaker(Mutex<State>);

#[derive(Default)]
struct State {
    failures: u32,
    /// While the circuit is open: when the next try may go.
    next_try: Option<i64>,
}

impl Breaker {
    /// Whether a call may go now; where not, the seconds to wait. While the circuit is open one call goes as a try.
    pub(crate) fn may_call(&self, now: i64) -> Result<(), u64> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match state.next_try {
            Some(at) if (now..=now + LONGEST_WAIT).contains(&at) && at > now => Err(at.abs_diff(now)),
            Some(_) => {
                state.next_try = Some(now + TRY_LIFETIME);
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Notes how a call ended: whether the provider answered at all, and not with an error of its own.
    pub(crate) fn note(&self, answered: bool, now: i64) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if answered {
            *state = State::default();
            return;
        }
        state.failures = state.failures.saturating_add(1);
        if state.failures >= FAILURES {
            let doublings = (state.failures - FAILURES).min(8);
            state.next_try = Some(now + (FIRST_WAIT << doublings).min(LONGEST_WAIT));
        }
    }

    /// Whether the circuit is open.
    pub(crate) fn is_open(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).next_try.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_after_five_and_lets_one_try() {
        let breaker = Breaker::default();
        for _ in 0..4 {
            breaker.note(false, 100);
        }
        assert_eq!(breaker.may_call(100), Ok(()));
        breaker.note(false, 100);
        assert_eq!((breaker.may_call(100), breaker.may_call(104)), (Err(5), Err(1)));
        assert_eq!(breaker.may_call(105), Ok(()), "one goes");
        assert_eq!(breaker.may_call(105), Err(30), "and no second one");
        breaker.note(false, 106);
        assert_eq!(breaker.may_call(106), Err(10), "twice as long");
        assert_eq!(breaker.may_call(116), Ok(()));
        breaker.note(true, 117);
        assert!(!breaker.is_open() && breaker.may_call(117).is_ok());
    }

    #[test]
    fn a_single_success_starts_the_count_anew() {
        let breaker = Breaker::default();
        for _ in 0..50 {
            for _ in 0..4 {
                breaker.note(false, 0);
            }
            breaker.note(true, 0);
        }
        assert_eq!(breaker.may_call(0), Ok(()));
    }

    #[test]
    fn a_try_without_an_outcome_and_a_clock_set_back_do_not_close_it_for_ever() {
        let breaker = Breaker::default();
        for _ in 0..5 {
            breaker.note(false, 1_000);
        }
        assert_eq!(breaker.may_call(1_005), Ok(()));
        assert_eq!(breaker.may_call(1_036), Ok(()));
        assert_eq!(breaker.may_call(10), Ok(()), "the wait lies too far ahead to be ours");
    }
}
