//! Where each account's credential stands while this process runs: the state machine's one place in memory.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::pace;
use crate::{
    account::AccountId,
    clock::{Moment, Uptime},
    credential::{
        fingerprint::Fingerprint,
        life::{Event, Outcome, Reason, Watch},
    },
};

/// A token that was called dead is asked about again by itself after so long: whoever was wrong about it may be right by then.
const ASKED_AGAIN: Duration = Duration::from_secs(6 * 3600);

/// Every account's [`Watch`]. Cheap to clone: all clones are one.
#[derive(Clone, Default)]
pub struct Lives(Arc<Mutex<HashMap<AccountId, Known>>>);

#[derive(Clone, Copy, Default)]
struct Known {
    watch: Watch,
    /// Of the credential that its issuer called dead, why, and when.
    refused: Option<(Fingerprint, Reason, Uptime)>,
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
    pub fn refuse(&self, account: &AccountId, credential: Fingerprint, why: Reason, now: Uptime) {
        self.all().entry(account.clone()).or_default().refused = Some((credential, why, now));
    }

    /// Why this very credential is dead, where its issuer said so lately.
    #[must_use]
    pub fn refused(&self, account: &AccountId, credential: Fingerprint, now: Uptime) -> Option<Reason> {
        let (refused, why, at) = self.all().get(account)?.refused?;
        let is_late = now.since(at).is_none_or(|past| past >= ASKED_AGAIN);
        (refused == credential && !is_late).then_some(why)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::ProviderKind;

    #[test]
    fn a_refused_token_is_left_alone_for_a_while_and_another_is_not() {
        let (lives, account) = (Lives::default(), AccountId::new(ProviderKind::Zoom, [0; 6]));
        let token = |text: &str| text.parse::<Fingerprint>().expect("16 digits");
        let (dead, new) = (token("00000000000000aa"), token("00000000000000ab"));
        let at = |hours: u64| Uptime { start: 1, since: Duration::from_secs(hours * 3600) };
        assert_eq!(lives.refused(&account, dead, at(1)), None);
        lives.refuse(&account, dead, Reason::Refused, at(1));
        assert_eq!(lives.refused(&account, dead, at(6)), Some(Reason::Refused));
        assert_eq!(lives.refused(&account, new, at(1)), None, "a person signed in again");
        assert_eq!(lives.refused(&account, dead, at(7)), None, "its issuer may have been wrong");
        assert_eq!(lives.refused(&account, dead, Uptime { start: 2, ..at(2) }), None, "another start");
    }
}
