//! What happens to sign-ins by themselves: what waits is saved, what was begun is finished, what would end is used.
//!
//! Nothing here opens a window of the keyring: where that is locked, the accounts are parked and go on after the unlock.

use std::{sync::atomic::Ordering, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};

use super::Core;
use crate::{
    account::{Account, AccountHealth, AccountId},
    auth::{lock::AccountLock, session::AuthorizedClient},
    clock::{Moment, Uptime},
    credential::{
        keeping::{self, Due, Look},
        life::{Event, Outcome},
    },
    error::{Error, ErrorCode},
    provider::provider,
    storage::{Glance, OpenRenewal, RenewalJournal},
    view::AccountView,
};

/// How long a keyring may take to be looked at.
const LONGEST_LOOK: Duration = Duration::from_secs(6);
/// A sign-in that has become no account by then has been forgotten by everybody.
const ORPHANED_AFTER: TimeDelta = TimeDelta::days(1);

/// What tending did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tended {
    /// When to look again.
    pub again_in: Duration,
    /// Whether an account looks different now, or what waited for the keyring waits no longer.
    pub has_changed: bool,
}

/// Why it is looked now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occasion {
    /// It is time.
    Rhythm,
    /// The computer woke up, or the network came back: what waits after a failure waits no longer.
    Woke,
}

/// What a person sees of an account, but for instants that move by themselves.
fn shown(account: &AccountView) -> (&AccountId, AccountHealth, Option<&str>, Option<DateTime<Utc>>) {
    (&account.id, account.health, account.health_reason.as_deref(), account.last_refresh)
}

impl Core {
    /// Looks at every account and does what is due. Failures show at the accounts.
    pub async fn tend(&self, occasion: Occasion) -> Tended {
        let accounts = self.accounts().unwrap_or_default();
        let had_unsaved = self.has_unsaved();
        let before: Vec<AccountView> = accounts.iter().map(|account| self.account_view(account)).collect();
        let open = self.0.register.open_renewals().unwrap_or_default();
        let has_revocations = self.0.register.revocations().is_ok_and(|waiting| !waiting.is_empty());
        // A first start has not asked for a keyring yet.
        let keyring = if accounts.is_empty() && !has_revocations {
            Err(Error::new(ErrorCode::KeyringAbsent))
        } else {
            self.look_at_keyring().await
        };
        let was_shut = self.0.keyring_was_shut.swap(keyring.is_err(), Ordering::Relaxed);
        if occasion == Occasion::Woke || (was_shut && keyring.is_ok()) {
            self.0.lives.hurry();
        }
        let mut work = tokio::task::JoinSet::new();
        for account in &accounts {
            let look = self.look_of(account, &open, &keyring);
            let due = keeping::due(&look, self.moment());
            if due != Due::Nothing {
                tracing::debug!(account = %account.id, ?due, "tending");
                let (core, account, keyring) = (self.clone(), account.clone(), keyring.clone());
                work.spawn(async move { core.tend_one(&account, due, keyring.err()).await });
            }
        }
        while let Some(ended) = work.join_next().await {
            if ended.is_err() {
                tracing::error!("tending an account stopped in the middle");
            }
        }
        if keyring.is_ok()
            && let Err(error) = self.tell_waiting().await.and(self.sweep_orphans().await)
        {
            tracing::debug!(code = ?error.code, "what is left of removed accounts waits on");
        }
        let waits_for_keyring = keyring.is_err() && !accounts.is_empty();
        Tended {
            again_in: if waits_for_keyring { keeping::LOOK_AT_KEYRING } else { keeping::LOOK },
            has_changed: self.has_unsaved() != had_unsaved
                || !self.account_views().unwrap_or_default().iter().map(shown).eq(before.iter().map(shown)),
        }
    }

    /// Forgets what a crash left in the keyring of a sign-in that never became an account: nobody sees it, and nobody could remove it.
    async fn sweep_orphans(&self) -> Result<(), Error> {
        for id in self.register().orphans(self.now() - ORPHANED_AFTER)? {
            if let Some(_lock) = AccountLock::try_acquire(&self.0.locks, &id)? {
                self.0.vault.forget(&id).await?;
            }
        }
        Ok(())
    }

    /// Whether the keyring would answer without asking a person: what runs by itself reads nothing where it would not.
    pub async fn keyring_is_open(&self) -> bool {
        self.look_at_keyring().await.is_ok()
    }

    /// Whether the keyring would answer without asking a person.
    async fn look_at_keyring(&self) -> Result<Glance, Error> {
        let locked = || Error::new(ErrorCode::KeyringLocked);
        let glance = tokio::time::timeout(LONGEST_LOOK, self.0.vault.glance()).await.map_err(|_| locked())??;
        if glance.is_locked { Err(locked()) } else { Ok(glance) }
    }

    fn look_of(&self, account: &Account, open: &[OpenRenewal], keyring: &Result<Glance, Error>) -> Look {
        Look {
            provider: account.provider,
            health: account.health,
            watch: self.0.lives.of(&account.id),
            is_unsaved: self.0.unsaved.of(&account.id).is_some(),
            is_unfinished: open.iter().any(|open| open.account == account.id),
            keyring_is_open: keyring.is_ok(),
            last_refresh: account.last_refresh,
            ends: account.ends,
        }
    }

    async fn tend_one(&self, account: &Account, due: Due, keyring: Option<Error>) {
        let done = match due {
            Due::Nothing => Ok(()),
            Due::Park => {
                let code = keyring.map_or(ErrorCode::KeyringLocked, |error| error.code);
                self.register().set_health(&account.id, AccountHealth::Locked, Some(&super::code_text(code)))
            }
            Due::Finish => match self.use_credential(account, false).await {
                // Saved; whether it works again is not left to the next look.
                Ok(()) if matches!(account.health, AccountHealth::Locked | AccountHealth::Unreachable) => {
                    self.recheck(account).await
                }
                done => done,
            },
            Due::KeepAlive => self.use_credential(account, true).await,
            Due::Recheck => self.recheck(account).await,
        };
        if let Err(error) = done {
            tracing::debug!(account = %account.id, code = ?error.code, ?due, "tending did not succeed");
        }
    }

    /// Asks the provider who it is: an answer shows that keyring, broker and provider can be reached.
    async fn recheck(&self, account: &Account) -> Result<(), Error> {
        let parts = self.session_parts(account)?;
        let client = AuthorizedClient::new(&parts, account)?;
        let outcome = provider(account.provider).identity(&client).await;
        self.note_outcome(account, &client, &outcome)?;
        if let Err(error) = &outcome
            && Outcome::of(error) == Outcome::KeyringWait
        {
            // It would answer and does not give: asked again and again, it would be written to all day long.
            let passing = Outcome::Transient { cause: error.code, retry_at: None };
            self.0.lives.note(&account.id, Event::Ended(passing), self.moment());
        }
        outcome?;
        // Sametime says nothing of the kind; its list of rooms is always asked for.
        self.read_meetings(&account.id).await.map(drop)
    }

    /// Finishes what was begun with the credential, or renews it whatever its age.
    pub(super) async fn use_credential(&self, account: &Account, renew: bool) -> Result<(), Error> {
        let parts = self.session_parts(account)?;
        let client = AuthorizedClient::new(&parts, account)?;
        let outcome = if renew { client.renew_now().await } else { client.settle().await };
        self.note_outcome(account, &client, &outcome)?;
        outcome
    }

    /// Whether renewed tokens stand in memory alone, since the keyring did not take them: they end with the program.
    #[must_use]
    pub fn has_unsaved(&self) -> bool {
        !self.0.unsaved.is_empty()
    }

    /// Now, by the clock since the computer's start; it runs on while the computer sleeps.
    #[must_use]
    pub fn uptime(&self) -> Uptime {
        (self.0.uptime)()
    }

    /// Now, by both clocks.
    pub(super) fn moment(&self) -> Moment {
        Moment { wall: self.now(), uptime: (self.0.uptime)() }
    }

    /// The account as it is seen now: how near its end its sign-in is, and when it is looked at next.
    #[must_use]
    pub fn account_view(&self, account: &Account) -> AccountView {
        let (now, watch) = (self.moment(), self.0.lives.of(&account.id));
        // What has ended ends at no later day.
        let sign_in_by = keeping::sign_in_by(account.provider, account.last_refresh, account.ends, now.wall)
            .filter(|_| account.health != AccountHealth::NeedsSignIn);
        let is_ok = account.health == AccountHealth::Ok;
        let health = if is_ok && keeping::is_expiring(sign_in_by, account.ends, now.wall) {
            AccountHealth::Expiring
        } else {
            account.health
        };
        let next_check = match health {
            AccountHealth::NeedsSignIn | AccountHealth::Locked => None,
            AccountHealth::Unreachable => {
                let wait = watch.not_before.and_then(|at| at.since(now.uptime)).unwrap_or_default();
                Some(now.wall + TimeDelta::from_std(wait).unwrap_or_default())
            }
            AccountHealth::Ok | AccountHealth::Expiring => {
                let keep = keeping::keep_alive_at(account.provider, account.last_refresh, account.ends);
                keep.filter(|at| *at > now.wall)
            }
        };
        AccountView::new(account, health, sign_in_by, next_check)
    }
}
