//! The sandbox's clock: the machine's time plus an offset that a test moves.
//!
//! Every lifetime (codes, tokens, cookies, page tokens) is judged by this clock, so that a test can make a token old
//! without waiting for it.

use chrono::{DateTime, TimeDelta, Utc};

/// The machine's time, moved by what `POST /_sandbox/clock` added so far.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Clock {
    offset: TimeDelta,
}

impl Clock {
    /// The time that the sandbox believes it is.
    #[expect(clippy::disallowed_methods, reason = "the sandbox's one reading of the machine's clock")]
    pub(crate) fn now(self) -> DateTime<Utc> {
        Utc::now() + self.offset
    }

    /// Moves the clock by `seconds`; `None`, and nothing moves, where the sum leaves what a date can hold.
    pub(crate) fn advance(&mut self, seconds: i64) -> Option<()> {
        let offset = self.offset.checked_add(&TimeDelta::try_seconds(seconds)?)?;
        // A century is more than any lifetime here, and keeps every sum of a date and a lifetime valid.
        if offset.abs() > TimeDelta::days(36_525) {
            return None;
        }
        self.offset = offset;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moves_by_what_was_added_and_refuses_what_no_date_holds() {
        let mut clock = Clock::default();
        let before = clock.now();
        assert!(clock.advance(7200).is_some());
        let moved = clock.now() - before;
        assert!(moved >= TimeDelta::seconds(7200) && moved < TimeDelta::seconds(7260));
        assert!(clock.advance(i64::MAX).is_none());
        assert!(clock.advance(4_000_000_000).is_none());
        assert!(clock.now() - before < TimeDelta::seconds(7260));
    }
}
