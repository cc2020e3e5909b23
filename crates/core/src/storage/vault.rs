//! The keyring and the index beside it as one place: what is not found is told apart by what should be there.
//!
//! A credential that is not there never deletes anything: only a person's act does.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::{CredentialIndex, CredentialStore, Glance, Guard, Mark};
use crate::{
    account::AccountId,
    credential::{Credential, fingerprint::Fingerprint},
    error::{Error, ErrorCode},
};

/// The detail of a `CredentialMissing` whose credential stood in this very keyring before.
pub const WAS_HERE: &str = "was_here";

/// Where credentials are. Cheap to clone.
#[derive(Clone)]
pub struct Vault {
    keyring: Arc<dyn CredentialStore>,
    index: Arc<dyn CredentialIndex>,
}

impl Vault {
    /// Over a keyring and its index.
    #[must_use]
    pub fn new(keyring: Arc<dyn CredentialStore>, index: Arc<dyn CredentialIndex>) -> Self {
        Self { keyring, index }
    }

    /// The account's credential.
    ///
    /// # Errors
    /// `CredentialMissing` where the keyring works and has none (its detail is [`WAS_HERE`] where it had one); `KeyringOther`
    /// where another keyring has it; `KeyringAbsent`, `KeyringLocked`, `KeyringFailed`.
    pub async fn load(&self, account: &AccountId) -> Result<Credential, Error> {
        if let Some(credential) = self.keyring.load(account).await? {
            return Ok(credential);
        }
        let mark = self.index.mark(account)?;
        let Ok(glance) = self.keyring.glance().await else { return Err(why_missing(mark.as_ref(), "")) };
        // KeePassXC says "no such item" while its database is locked.
        if glance.is_locked {
            return Err(Error::new(ErrorCode::KeyringLocked).detail("locked"));
        }
        Err(why_missing(mark.as_ref(), &glance.back_end))
    }

    /// Keeps the credential; once this returns, a crash does not lose it.
    ///
    /// # Errors
    /// The keyring's: the old credential is then still there.
    pub async fn save(&self, account: &AccountId, credential: &Credential, now: DateTime<Utc>) -> Result<(), Error> {
        self.save_holding(account, credential, now, Box::new(())).await
    }

    /// As [`Vault::save`]; `guard` is held until the keyring has let go.
    ///
    /// # Errors
    /// As [`Vault::save`].
    pub async fn save_holding(
        &self,
        account: &AccountId,
        credential: &Credential,
        now: DateTime<Utc>,
        guard: Guard,
    ) -> Result<(), Error> {
        self.keyring.save_holding(account, credential, guard).await?;
        let back_end = self.keyring.glance().await.map(|glance| glance.back_end).unwrap_or_default();
        let mark = Mark { back_end, fingerprint: Some(Fingerprint::of(credential)) };
        // The keyring's head was the commit. An old mark costs a less exact sentence one day.
        if let Err(error) = self.index.put_mark(account, &mark, now) {
            tracing::warn!(account = %account, code = ?error.code, "where the credential is kept was not noted");
        }
        Ok(())
    }

    /// Forgets the credential, because a person asked for it.
    ///
    /// # Errors
    /// The keyring's; `Storage`.
    pub async fn forget(&self, account: &AccountId) -> Result<(), Error> {
        self.keyring.forget(account).await?;
        self.index.drop_mark(account)
    }

    /// Puts the credential aside, because a person took it back and the provider could not be told: see
    /// [`CredentialStore::put_aside`].
    ///
    /// # Errors
    /// The keyring's; `Storage`.
    pub async fn put_aside(&self, account: &AccountId) -> Result<bool, Error> {
        let kept = self.keyring.put_aside(account).await?;
        self.index.drop_mark(account)?;
        Ok(kept)
    }

    /// See [`CredentialStore::aside`].
    ///
    /// # Errors
    /// The keyring's.
    pub async fn aside(&self, account: &AccountId) -> Result<Option<Credential>, Error> {
        self.keyring.aside(account).await
    }

    /// See [`CredentialStore::forget_aside`].
    ///
    /// # Errors
    /// The keyring's.
    pub async fn forget_aside(&self, account: &AccountId) -> Result<(), Error> {
        self.keyring.forget_aside(account).await
    }

    /// Whether a person removed the account, or nothing was ever kept for it.
    ///
    /// # Errors
    /// `Storage`.
    pub fn is_removed(&self, account: &AccountId) -> Result<bool, Error> {
        Ok(self.index.mark(account)?.is_none())
    }

    /// Whether another credential than this one was kept last: the keyring was put back to an earlier state.
    ///
    /// # Errors
    /// `Storage`.
    pub fn is_older(&self, account: &AccountId, credential: Fingerprint) -> Result<bool, Error> {
        let kept = self.index.mark(account)?.and_then(|mark| mark.fingerprint);
        Ok(kept.is_some_and(|kept| kept != credential))
    }

    /// See [`CredentialStore::probe`].
    ///
    /// # Errors
    /// The keyring's.
    pub async fn probe(&self) -> Result<(), Error> {
        self.keyring.probe().await
    }

    /// See [`CredentialStore::glance`].
    ///
    /// # Errors
    /// The keyring's.
    pub async fn glance(&self) -> Result<Glance, Error> {
        self.keyring.glance().await
    }
}

/// What it means that a working keyring has no entry; pure.
fn why_missing(mark: Option<&Mark>, back_end: &str) -> Error {
    match mark {
        None => Error::new(ErrorCode::CredentialMissing),
        Some(mark) if !mark.back_end.is_empty() && !back_end.is_empty() && mark.back_end != back_end => {
            Error::new(ErrorCode::KeyringOther).detail(&mark.back_end)
        }
        Some(_) => Error::new(ErrorCode::CredentialMissing).detail(WAS_HERE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_place_has_three_meanings() {
        let mark = |back_end: &str| Mark { back_end: back_end.to_owned(), fingerprint: None };
        let said = |mark: Option<Mark>, now: &str| {
            let error = why_missing(mark.as_ref(), now);
            (error.code, error.detail)
        };
        assert_eq!(said(None, "keepassxc x"), (ErrorCode::CredentialMissing, None));
        assert_eq!(
            said(Some(mark("gnome-keyring-daemon login")), "keepassxc x"),
            (ErrorCode::KeyringOther, Some("gnome-keyring-daemon login".to_owned()))
        );
        for (kept, now) in [("a", "a"), ("", "a"), ("a", ""), ("", "")] {
            assert_eq!(said(Some(mark(kept)), now), (ErrorCode::CredentialMissing, Some(WAS_HERE.to_owned())));
        }
    }
}
