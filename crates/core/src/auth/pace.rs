//! Calm use of a provider: so many requests at once for one account, and a read asked again after a passing failure.
//!
//! Only what changes nothing is asked again by itself. Waits are jittered, so that many clients do not come back as one.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::account::{AccountId, ProviderKind};

/// How many requests of one account may be under way.
///
/// Graph: four at once per app and mailbox. Zoom: two medium requests a second on the smallest plan, and "too many
/// concurrent requests" for parallel writes. GoToMeeting: ten a second. Webex and Sametime name no number.
#[must_use]
pub const fn at_once(kind: ProviderKind) -> usize {
    match kind {
        ProviderKind::Teams | ProviderKind::Webex | ProviderKind::Goto => 4,
        ProviderKind::Zoom | ProviderKind::Sametime => 2,
    }
}

/// How often, and for how long together, a read is asked again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// How many times it may be asked, the first included.
    pub tries: u32,
    /// The most that all waits may take.
    pub wait: Duration,
}

impl Budget {
    /// What a person at a window has patience for.
    pub const USUAL: Self = Self { tries: 3, wait: Duration::from_secs(8) };
    /// Once.
    pub const ONCE: Self = Self { tries: 1, wait: Duration::ZERO };
}

const FIRST_WAIT: Duration = Duration::from_millis(250);

/// Whether a status is worth asking a read again.
#[must_use]
pub const fn is_passing(status: u16) -> bool {
    matches!(status, 408 | 429 | 500 | 502 | 503 | 504)
}

/// How long to wait before the next try; none where the budget is spent. `tried` counts those that were made, `asked` is
/// the provider's own word, `chance` lies between 0 and 1.
#[must_use]
pub fn wait_before_next(
    budget: Budget,
    tried: u32,
    waited: Duration,
    asked: Option<Duration>,
    chance: f64,
) -> Option<Duration> {
    if tried >= budget.tries {
        return None;
    }
    // A provider's word is kept and a tenth is added; without one the wait doubles, and half of it is chance.
    let wait = match asked {
        Some(asked) => asked.mul_f64(0.1f64.mul_add(chance, 1.0)),
        None => FIRST_WAIT.saturating_mul(1 << tried.saturating_sub(1).min(8)).mul_f64(0.5f64.mul_add(chance, 0.75)),
    };
    (waited + wait <= budget.wait).then_some(wait)
}

/// The lanes of every account of this process, and the budget of its reads.
#[derive(Clone)]
pub struct Pace {
    lanes: Arc<Mutex<HashMap<AccountId, Arc<Semaphore>>>>,
    /// For reads.
    pub budget: Budget,
}

impl Default for Pace {
    fn default() -> Self {
        Self::new(Budget::USUAL)
    }
}

impl Pace {
    /// Empty lanes.
    #[must_use]
    pub fn new(budget: Budget) -> Self {
        Self { lanes: Arc::default(), budget }
    }

    /// Waits for a place among the requests of `account`.
    pub async fn enter(&self, account: &AccountId, kind: ProviderKind) -> Option<OwnedSemaphorePermit> {
        let lane = {
            let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(lanes.entry(account.clone()).or_insert_with(|| Arc::new(Semaphore::new(at_once(kind)))))
        };
        // It is never closed.
        lane.acquire_owned().await.ok()
    }
}

/// A number between 0 and 1; the middle where the system gives no randomness.
#[must_use]
pub fn chance() -> f64 {
    let mut byte = [127_u8];
    let _ = getrandom::fill(&mut byte);
    f64::from(byte[0]) / 255.0
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUDGET: Budget = Budget { tries: 3, wait: Duration::from_secs(8) };

    #[test]
    fn a_wait_doubles_within_its_budget() {
        let next = |tried, waited, asked: Option<u64>| {
            wait_before_next(BUDGET, tried, Duration::from_secs(waited), asked.map(Duration::from_secs), 0.5)
        };
        assert_eq!(next(1, 0, None), Some(Duration::from_millis(250)));
        assert_eq!(next(2, 0, None), Some(Duration::from_millis(500)));
        assert_eq!(next(3, 0, None), None, "three tries");
        assert_eq!(next(1, 0, Some(2)), Some(Duration::from_millis(2_100)));
        assert_eq!(next(1, 0, Some(60)), None, "longer than anybody waits");
        assert_eq!(next(2, 7, Some(1)), None, "the budget is for all waits together");
        assert_eq!(wait_before_next(Budget::ONCE, 1, Duration::ZERO, None, 0.5), None);
    }

    #[test]
    fn chance_moves_a_wait_by_a_quarter_and_a_word_by_a_tenth() {
        let own = |chance| wait_before_next(BUDGET, 1, Duration::ZERO, None, chance).unwrap().as_millis();
        assert_eq!((own(0.0), own(1.0)), (187, 312));
        let word = |chance| wait_before_next(BUDGET, 1, Duration::ZERO, Some(Duration::from_secs(1)), chance).unwrap();
        assert_eq!((word(0.0).as_millis(), word(1.0).as_millis()), (1_000, 1_100));
    }

    #[tokio::test]
    async fn no_more_than_the_table_says() {
        let pace = Pace::default();
        let account = AccountId::new(ProviderKind::Zoom, [0; 6]);
        let held = [pace.enter(&account, ProviderKind::Zoom).await, pace.enter(&account, ProviderKind::Zoom).await];
        let third = pace.enter(&account, ProviderKind::Zoom);
        tokio::pin!(third);
        assert!(futures_poll(third.as_mut()).await.is_none(), "two are under way");
        drop(held);
        assert!(third.await.is_some());
        let other = AccountId::new(ProviderKind::Zoom, [1; 6]);
        assert!(pace.enter(&other, ProviderKind::Zoom).await.is_some(), "another account has its own");
    }

    /// One look at a future, without waiting for it.
    async fn futures_poll<F: Future + Unpin>(mut future: F) -> Option<F::Output> {
        std::future::poll_fn(|context| {
            std::task::Poll::Ready(match std::pin::Pin::new(&mut future).poll(context) {
                std::task::Poll::Ready(output) => Some(output),
                std::task::Poll::Pending => None,
            })
        })
        .await
    }
}
