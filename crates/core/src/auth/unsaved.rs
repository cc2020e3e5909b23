//! Credentials that were renewed while the keyring could not be written.
//!
//! The old tokens may be dead at the provider, so the new ones wait here, in memory alone, and are used meanwhile. The next look
//! at the keyring saves them. What a crash takes from here the broker still has: the journal keeps the token that the keyring has,
//! and asking again with it gives the same answers, for as many renewals as [`MOST_RENEWALS`].

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use crate::{
    account::AccountId,
    credential::{Credential, fingerprint::Fingerprint},
};

/// One that waits.
#[derive(Clone)]
pub struct Waiting {
    /// The credential.
    pub credential: Arc<Credential>,
    /// Of the one that it was renewed from, which the keyring still has.
    pub from: Fingerprint,
    /// How many renewals lie between the two.
    pub renewals: u32,
}

/// So many renewals may wait: the broker has the answers to a sign-in's last four (`copies` in its store), and a crash needs them all.
pub const MOST_RENEWALS: u32 = 3;

/// All that wait. Cheap to clone: all clones are one.
#[derive(Clone, Default)]
pub struct Unsaved(Arc<Mutex<HashMap<AccountId, Waiting>>>);

impl Unsaved {
    /// The one that waits for `account`.
    #[must_use]
    pub fn of(&self, account: &AccountId) -> Option<Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(account).cloned()
    }

    /// Lets one wait. Where one waits already, the keyring is still at what that one came from.
    pub fn put(&self, account: &AccountId, credential: Arc<Credential>, from: Fingerprint) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (from, renewals) = all.get(account).map_or((from, 1), |waiting| (waiting.from, waiting.renewals + 1));
        all.insert(account.clone(), Waiting { credential, from, renewals });
    }

    /// Whether none waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    /// It is saved, or somebody else's is.
    pub fn remove(&self, account: &AccountId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(account);
    }
}
