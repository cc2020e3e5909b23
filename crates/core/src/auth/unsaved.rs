//! Credentials that were renewed while the keyring could not be written.
//!
//! The old tokens may be dead at the provider, so the new ones wait here, in memory alone, and are used meanwhile. The next look
//! at the keyring saves them. What a crash takes from here the broker still has: the journal stays open, and asking again with
//! the old token gives the same answer.

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
}

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
        let from = all.get(account).map_or(from, |waiting| waiting.from);
        all.insert(account.clone(), Waiting { credential, from });
    }

    /// It is saved, or somebody else's is.
    pub fn remove(&self, account: &AccountId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(account);
    }

    /// The accounts that one waits for.
    #[must_use]
    pub fn accounts(&self) -> Vec<AccountId> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).keys().cloned().collect()
    }
}
