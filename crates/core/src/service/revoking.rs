//! Disconnecting: forgotten here at once, and told to the provider, now or within seven days.

use chrono::{DateTime, TimeDelta, Utc};

use super::Core;
use crate::{
    account::{Account, AccountId},
    auth::{lock::AccountLock, session::AuthorizedClient},
    credential::{
        Credential,
        life::{Event, Outcome},
    },
    error::{Error, ErrorCode},
    storage::register::WaitingRevocation,
    view::Revocation,
};

/// So long a provider that cannot be reached is tried again.
const LONGEST: TimeDelta = TimeDelta::days(7);
const FIRST_WAIT: TimeDelta = TimeDelta::minutes(1);
const LONGEST_WAIT: TimeDelta = TimeDelta::hours(6);

impl Core {
    /// Forgets an account here, and tells the provider where that is possible. Its meetings stay at the provider.
    ///
    /// # Errors
    /// The keyring's and `Storage`: the account is then still there, so that nothing is half forgotten.
    pub async fn disconnect(&self, id: &AccountId) -> Result<Revocation, Error> {
        let account = self.account(id)?;
        let at = |error: Error| error.at(id, account.provider);
        if self.0.unsaved.of(id).is_some() {
            // What is to be revoked is the newest token. Best effort: a person wants to be rid of it.
            let _ = self.use_credential(&account, false).await;
        }
        // A renewal under way ends first; one that comes later finds no credential.
        let _lock = AccountLock::acquire(&self.0.locks, id).await.map_err(at)?;
        let mut revocation = self.revoke(&account).await;
        if revocation == Revocation::Queued {
            self.register().put_revocation(&first_try(&account, self.now()))?;
            // Where this fails the account stays, and the row counts for nothing while it does.
            if !self.0.vault.put_aside(id).await.map_err(at)? {
                self.register().drop_revocation(id)?;
                revocation = Revocation::Failed;
            }
        } else {
            self.0.vault.forget(id).await.map_err(at)?;
        }
        self.0.unsaved.remove(id);
        self.0.lives.note(id, Event::Removed, self.moment());
        self.register().remove_account(id)?;
        Ok(revocation)
    }

    /// Tells the provider that the sign-in is taken back; `Queued` where that may succeed later.
    pub(super) async fn revoke(&self, account: &Account) -> Revocation {
        let told = async {
            let parts = self.session_parts(account)?;
            AuthorizedClient::new(&parts, account)?.revoke().await
        }
        .await;
        match told {
            Ok(true) => Revocation::Revoked,
            Ok(false) => Revocation::NotOffered,
            // Without a credential there is nothing left to take back.
            Err(error) if error.code == ErrorCode::CredentialMissing => Revocation::NotOffered,
            Err(error) if matches!(Outcome::of(&error), Outcome::Transient { .. }) => Revocation::Queued,
            Err(_) => Revocation::Failed,
        }
    }

    /// Tells providers what they could not be told before, where it is time. The keyring must be open.
    ///
    /// # Errors
    /// The keyring's and `Storage`; what is not done waits on.
    pub async fn tell_waiting(&self) -> Result<(), Error> {
        let now = self.now();
        for waiting in self.register().revocations()?.into_iter().filter(|waiting| waiting.next_at <= now) {
            // First the next try, so that a keyring that fails after it does not bring it back at once.
            self.register().put_revocation(&next_try(waiting.clone(), now))?;
            if now >= waiting.until || self.told(&waiting).await {
                // What was given up is forgotten too: a person took it back a week ago.
                self.0.vault.forget_aside(&waiting.account).await?;
                self.register().drop_revocation(&waiting.account)?;
            }
        }
        Ok(())
    }

    /// Whether there is nothing left to tell.
    async fn told(&self, waiting: &WaitingRevocation) -> bool {
        let organisation = self.organisation();
        // A profile cannot lead a token elsewhere, not even to be revoked.
        let Some(broker) =
            organisation.broker.filter(|_| organisation.profile.allows(waiting.provider, &waiting.binding))
        else {
            return false;
        };
        match self.0.vault.aside(&waiting.account).await {
            Ok(Some(Credential::OAuth(credential))) => match broker.revoke(waiting.provider, &credential).await {
                Ok(_) => true,
                Err(error) => !matches!(Outcome::of(&error), Outcome::Transient { .. } | Outcome::KeyringWait),
            },
            Ok(_) => true,
            Err(_) => false,
        }
    }
}

fn first_try(account: &Account, now: DateTime<Utc>) -> WaitingRevocation {
    WaitingRevocation {
        account: account.id.clone(),
        provider: account.provider,
        binding: account.binding.clone(),
        until: now + LONGEST,
        tries: 0,
        next_at: now + FIRST_WAIT,
    }
}

fn next_try(waiting: WaitingRevocation, now: DateTime<Utc>) -> WaitingRevocation {
    let tries = waiting.tries.saturating_add(1);
    let wait = (FIRST_WAIT * (1 << tries.min(12))).min(LONGEST_WAIT);
    WaitingRevocation { tries, next_at: (now + wait).min(waiting.until), ..waiting }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::{Binding, ProviderKind};

    #[test]
    fn a_provider_is_told_for_seven_days_less_and_less_often() {
        let begun: DateTime<Utc> = "2027-01-10T12:00:00Z".parse().unwrap();
        let mut waiting = WaitingRevocation {
            account: AccountId::new(ProviderKind::Zoom, [0; 6]),
            provider: ProviderKind::Zoom,
            binding: Binding { broker: None, api_base: String::new() },
            until: begun + LONGEST,
            tries: 0,
            next_at: begun + FIRST_WAIT,
        };
        let (mut tries, mut gap) = (0, TimeDelta::zero());
        while waiting.next_at < waiting.until {
            let next = next_try(waiting.clone(), waiting.next_at);
            let wait = next.next_at - waiting.next_at;
            assert!(wait >= gap || next.next_at == next.until);
            (waiting, gap, tries) = (next, wait, tries + 1);
        }
        assert_eq!((waiting.next_at, gap <= LONGEST_WAIT), (begun + LONGEST, true));
        assert!((20..60).contains(&tries), "{tries} tries");
    }
}
