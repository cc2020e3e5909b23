//! Request budgets in this process's memory: token buckets, of which the fullest are forgotten first.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use super::BudgetKey;
use crate::configuration::Rate;

/// Most buckets; a flood of addresses must not fill the memory.
const LIMIT: usize = 100_000;
/// So many stay without a look at whether they are full again.
const FEW: usize = 1_000;

/// Buckets by what they count.
#[derive(Default)]
pub(super) struct Budgets(Mutex<Buckets>);

#[derive(Default)]
struct Buckets {
    buckets: HashMap<BudgetKey, Bucket>,
    /// When the full ones were last forgotten: looking through all of them for each newcomer would be a flood's work done
    /// for it.
    swept_at: Option<i64>,
}

#[derive(Clone, Copy)]
struct Bucket {
    left: f64,
    at: i64,
    rate: Rate,
}

impl Bucket {
    fn filled(self, now: i64) -> Self {
        // A clock that goes back fills nothing and takes nothing.
        #[expect(clippy::cast_precision_loss, reason = "seconds between two requests are few")]
        let passed = now.saturating_sub(self.at).max(0) as f64;
        Self { left: (self.left + passed * self.rate.per_second).min(self.rate.burst), at: self.at.max(now), ..self }
    }
}

impl Budgets {
    /// Takes one request; where none is left, the seconds until one is.
    pub(super) fn take(&self, key: BudgetKey, rate: Rate, now: i64) -> Result<(), u64> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Buckets { buckets, swept_at } = &mut *all;
        if buckets.len() >= FEW && !buckets.contains_key(&key) {
            if *swept_at != Some(now) {
                *swept_at = Some(now);
                buckets.retain(|_, bucket| bucket.filled(now).left < bucket.rate.burst);
            }
            if buckets.len() >= LIMIT {
                // Nobody is refused for others' requests: the newcomer is not counted until there is room.
                return Ok(());
            }
        }
        let bucket = buckets.entry(key).or_insert(Bucket { left: rate.burst, at: now, rate });
        *bucket = Bucket { rate, ..*bucket }.filled(now);
        if bucket.left >= 1.0 {
            bucket.left -= 1.0;
            return Ok(());
        }
        Err(wait(bucket.left, rate))
    }
}

/// Whole seconds until one request is there.
pub(super) fn wait(left: f64, rate: Rate) -> u64 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 1 and 86,400")]
    let seconds = ((1.0 - left) / rate.per_second).ceil().clamp(1.0, 86_400.0) as u64;
    seconds
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate { per_second: 2.0, burst: 3.0 };

    #[test]
    fn a_burst_then_a_rate() {
        let budgets = Budgets::default();
        let take = |now| budgets.take([1; 16], RATE, now);
        assert_eq!([take(0), take(0), take(0), take(0)], [Ok(()), Ok(()), Ok(()), Err(1)]);
        assert_eq!([take(1), take(1), take(1)], [Ok(()), Ok(()), Err(1)]);
        assert_eq!(budgets.take([2; 16], RATE, 1), Ok(()), "another's is its own");
        assert_eq!([take(0), take(100)], [Err(1), Ok(())], "a clock set back gives nothing");
        let slow = Rate { per_second: 0.1, burst: 1.0 };
        assert_eq!(budgets.take([3; 16], slow, 0), Ok(()));
        assert_eq!(budgets.take([3; 16], slow, 0), Err(10));
    }

    #[test]
    fn a_flood_of_addresses_keeps_its_size() {
        let budgets = Budgets::default();
        for at in 0..(LIMIT as u128 + 5_000) {
            assert_eq!(budgets.take(at.to_be_bytes(), RATE, 0), Ok(()));
        }
        assert!(budgets.0.lock().expect("whole").buckets.len() <= LIMIT);
        assert_eq!(budgets.take([255; 16], RATE, 9), Ok(()));
        assert_eq!(budgets.0.lock().expect("whole").buckets.len(), 1, "what is full again is forgotten");
    }
}
