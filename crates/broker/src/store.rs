//! What the broker keeps for a short while, behind one trait: claims that a value was used.

use std::{
    collections::{BTreeSet, HashMap},
    future::Future,
    pin::Pin,
    sync::{Mutex, PoisonError},
};

/// What is claimed; the two never share room, so that many sign-ins cannot keep a grant from being redeemed.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) enum ClaimKind {
    /// A provider's return, by transaction id.
    Return,
    /// A grant's redemption, by grant id.
    Grant,
}

/// One claim: kind and random id.
pub(crate) type ClaimKey = (ClaimKind, [u8; 16]);

/// The store cannot say whether a value was used, so nothing may go on.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the store has no room")]
pub(crate) struct StoreError;

/// An answer that may take a trip to another machine.
pub(crate) type StoreAnswer<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// Claims with an expiry, the same for every instance that shares the store.
pub(crate) trait ClaimStore: Send + Sync {
    /// Sets the claim if it is absent: `true` for exactly one caller until `expires_at` (seconds since 1970).
    fn claim(&self, key: ClaimKey, now: i64, expires_at: i64) -> StoreAnswer<'_, bool>;

    /// Whether the store can be reached.
    fn ready(&self) -> StoreAnswer<'_, ()>;
}

/// Claims in this process's memory; a live claim is never dropped for a new one.
pub(crate) struct MemoryStore {
    limit: usize,
    claims: Mutex<Claims>,
}

#[derive(Default)]
struct Claims {
    expiries: HashMap<ClaimKey, i64>,
    by_expiry: BTreeSet<(i64, ClaimKey)>,
    counts: HashMap<ClaimKind, usize>,
}

impl MemoryStore {
    /// A store of at most `limit` live claims of each kind.
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, claims: Mutex::default() }
    }

    fn set_if_absent(&self, key: ClaimKey, now: i64, expires_at: i64) -> Result<bool, StoreError> {
        let mut claims = self.claims.lock().unwrap_or_else(PoisonError::into_inner);
        claims.forget_until(now);
        if claims.expiries.contains_key(&key) {
            return Ok(false);
        }
        let count = claims.counts.entry(key.0).or_default();
        if *count >= self.limit {
            return Err(StoreError);
        }
        *count += 1;
        claims.expiries.insert(key, expires_at);
        claims.by_expiry.insert((expires_at, key));
        Ok(true)
    }
}

impl Claims {
    fn forget_until(&mut self, now: i64) {
        while let Some((expires_at, key)) = self.by_expiry.first().copied() {
            if expires_at > now {
                break;
            }
            self.by_expiry.pop_first();
            self.expiries.remove(&key);
            if let Some(count) = self.counts.get_mut(&key.0) {
                *count -= 1;
            }
        }
    }
}

impl ClaimStore for MemoryStore {
    fn claim(&self, key: ClaimKey, now: i64, expires_at: i64) -> StoreAnswer<'_, bool> {
        Box::pin(std::future::ready(self.set_if_absent(key, now, expires_at)))
    }

    fn ready(&self) -> StoreAnswer<'_, ()> {
        Box::pin(std::future::ready(Ok(())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: ClaimKey = (ClaimKind::Grant, [1; 16]);
    const TWO: ClaimKey = (ClaimKind::Grant, [2; 16]);

    #[test]
    fn a_claim_holds_until_it_expires() {
        let store = MemoryStore::new(10);
        assert!(store.set_if_absent(ONE, 100, 160).expect("room"));
        assert!(!store.set_if_absent(ONE, 159, 219).expect("room"));
        assert!(store.set_if_absent((ClaimKind::Return, ONE.1), 159, 219).expect("room"), "kinds are apart");
        assert!(store.set_if_absent(ONE, 160, 220).expect("room"));
    }

    #[test]
    fn a_full_store_refuses_instead_of_forgetting() {
        let store = MemoryStore::new(1);
        assert!(store.set_if_absent(ONE, 100, 160).expect("room"));
        assert!(store.set_if_absent(TWO, 100, 160).is_err());
        assert!(!store.set_if_absent(ONE, 100, 160).expect("a known claim needs no room"));
        assert!(store.set_if_absent((ClaimKind::Return, [1; 16]), 100, 160).expect("room of its own"));
        assert!(store.set_if_absent(TWO, 160, 220).expect("the first has expired"));
    }
}
