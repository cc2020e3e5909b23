//! Where each account's credential stands while this process runs: the state machine's one place in memory.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::pace;
use crate::{
    account::AccountId,
    clock::Moment,
    credential::{
        fingerprint::Fingerprint,
        life::{Event, Outcome, Reason, Watch},
    },
};

/// Every account's [`Watch`]. Cheap to clone: all clones are one.
#[derive(Clone, Default)]
pub struct Lives(Arc<Mutex<HashMap<AccountId, Known>>>);

#[derive(Clone, Copy, Default)]
struct Known {
    watch: Watch,
    /// Of the credential that its issuer called dead, and the detail that was told.
    refused: Option<(Fingerprint, Reason)>,
}

impl Lives {
    fn all(&self) -> MutexGuard<'_, HashMap<AccountId, Known>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where the credential of `account` stands.
    #[must_use]
    pub fn of(&self, account: &AccountId) -> Watch {
        self.all().get(account).map(|known| known.watch).unwrap_or_default()
    }

    /// Notes what happened at `now`. Answers where it stands then.
    pub fn note(&self, account: &AccountId, event: Event, now: Moment) -> Watch {
        let asked = match event {
            Event::Ended(Outcome::Transient { retry_at: Some(at), .. }) => (at - now.wall).to_std().ok(),
            _ => None,
        };
        let mut all = self.all();
        let known = all.entry(account.clone()).or_default();
        let before = known.watch;
        known.watch = before.after(event, now.uptime, asked, pace::chance());
        if event == Event::SignedIn {
            known.refused = None;
        }
        let after = known.watch;
        if after.life != before.life {
            tracing::debug!(%account, before = ?before.life, after = ?after.life, "credential");
        }
        if before.failures > 0 && event == Event::Ended(Outcome::Refreshed) {
            // The way to the broker is open again.
            all.values_mut().for_each(|other| other.watch = other.watch.hurried());
        }
        after
    }

    /// Everybody may ask at once: the network or the keyring is back, or the computer woke up.
    pub fn hurry(&self) {
        self.all().values_mut().for_each(|known| known.watch = known.watch.hurried());
    }

    /// Remembers that the issuer of this very credential called it dead: it is not asked again by itself.
    pub fn refuse(&self, account: &AccountId, credential: Fingerprint, why: Reason) {
        self.all().entry(account.clone()).or_default().refused = Some((credential, why));
    }

    /// Why this very credential is dead, where its issuer said so.
    #[must_use]
    pub fn refused(&self, account: &AccountId, credential: Fingerprint) -> Option<Reason> {
        let refused = self.all().get(account).and_then(|known| known.refused);
        refused.and_then(|(refused, why)| (refused == credential).then_some(why))
    }
}
