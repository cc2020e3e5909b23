//! Where each account's credential stands while this process runs: the state machine's one place in memory.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use super::pace;
use crate::{
    account::AccountId,
    clock::Uptime,
    credential::life::{Event, Watch},
};

/// Every account's [`Watch`]. Cheap to clone: all clones are one.
#[derive(Clone, Default)]
pub struct Lives(Arc<Mutex<HashMap<AccountId, Watch>>>);

impl Lives {
    /// Where the credential of `account` stands.
    #[must_use]
    pub fn of(&self, account: &AccountId) -> Watch {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(account).copied().unwrap_or_default()
    }

    /// Notes what happened at `now`; `asked` is the wait that the other side asked for. Answers where it stands then.
    pub fn note(&self, account: &AccountId, event: Event, now: Uptime, asked: Option<Duration>) -> Watch {
        let mut lives = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let watch = lives.entry(account.clone()).or_default();
        let before = *watch;
        *watch = watch.after(event, now, asked, pace::chance());
        if watch.life != before.life {
            tracing::debug!(%account, before = ?before.life, after = ?watch.life, "credential");
        }
        let watch = *watch;
        if before.failures > 0 && watch.failures == 0 {
            // The way is open again: nobody else waits any longer.
            lives.values_mut().for_each(|other| other.not_before = None);
        }
        watch
    }

    /// Everybody may ask at once: the network is back, or the computer woke up.
    pub fn hurry(&self) {
        for watch in self.0.lock().unwrap_or_else(PoisonError::into_inner).values_mut() {
            watch.not_before = None;
        }
    }

    /// Forgets an account that a person removed.
    pub fn forget(&self, account: &AccountId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(account);
    }
}
