//! Waiting for something that only polling can see: one place, one limit, and a message that says what did not happen.

use std::time::{Duration, Instant};

/// How long a test waits for a part to become ready. Generous, because two cores may be shared by many tests; no test waits this
/// long unless it is about to fail.
pub const READY: Duration = Duration::from_secs(60);

/// Asks `probe` until it answers something, at most for `limit`.
///
/// Panics with `what` when the time is over.
#[track_caller]
pub fn wait_for<T>(what: &str, limit: Duration, mut probe: impl FnMut() -> Option<T>) -> T {
    let until = Instant::now() + limit;
    loop {
        if let Some(found) = probe() {
            return found;
        }
        assert!(Instant::now() < until, "{what}: did not happen within {limit:?}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Asks `probe` until it is true, at most for `limit`. Panics with `what` when the time is over.
#[track_caller]
pub fn wait_until(what: &str, limit: Duration, mut probe: impl FnMut() -> bool) {
    wait_for(what, limit, || probe().then_some(()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_for_an_answer() {
        let mut asked = 0;
        let answer = wait_for("three", READY, || {
            asked += 1;
            (asked == 3).then_some(asked)
        });
        assert_eq!(answer, 3);
    }

    #[test]
    #[should_panic(expected = "the moon: did not happen")]
    fn gives_up_with_the_name_of_what_was_missing() {
        wait_until("the moon", Duration::from_millis(30), || false);
    }
}
