//! What is kept between two starts, and by whom: credentials in the OS keyring, everything else in the register.

use chrono::{DateTime, Utc};

use crate::{
    account::AccountId,
    credential::{Credential, fingerprint::Fingerprint},
    error::{Answer, Error},
};

pub mod keyring;
pub mod register;
pub mod vault;

/// What is held while a store works.
pub type Guard = Box<dyn Send>;

/// Keeps credentials. The product has one form of it, the OS keyring; nothing falls back to a file or to memory.
pub trait CredentialStore: Send + Sync {
    /// Reads the credential; none where the store works and has no entry. None never deletes anything.
    ///
    /// # Errors
    /// `KeyringAbsent`, `KeyringLocked` or `KeyringFailed`.
    fn load<'a>(&'a self, account: &'a AccountId) -> Answer<'a, Option<Credential>>;

    /// Writes the credential; afterwards a crash does not lose it.
    ///
    /// # Errors
    /// As [`CredentialStore::load`]; the old credential is then still there.
    fn save<'a>(&'a self, account: &'a AccountId, credential: &'a Credential) -> Answer<'a, ()>;

    /// As [`CredentialStore::save`]; `guard` is dropped when the store has let go, which may be after this gave up waiting.
    ///
    /// # Errors
    /// As [`CredentialStore::save`].
    fn save_holding<'a>(&'a self, account: &'a AccountId, credential: &'a Credential, guard: Guard) -> Answer<'a, ()> {
        Box::pin(async move {
            let saved = self.save(account, credential).await;
            drop(guard);
            saved
        })
    }

    /// Forgets the credential, because a person asked for it. Nothing to forget is done.
    ///
    /// # Errors
    /// As [`CredentialStore::load`].
    fn forget<'a>(&'a self, account: &'a AccountId) -> Answer<'a, ()>;

    /// Puts the credential aside to be revoked later: the account has none any more. False where the store cannot, and has
    /// forgotten it.
    ///
    /// # Errors
    /// As [`CredentialStore::load`]: the account then has it still.
    fn put_aside<'a>(&'a self, account: &'a AccountId) -> Answer<'a, bool> {
        Box::pin(async { self.forget(account).await.map(|()| false) })
    }

    /// Reads what was put aside.
    ///
    /// # Errors
    /// As [`CredentialStore::load`].
    fn aside<'a>(&'a self, _account: &'a AccountId) -> Answer<'a, Option<Credential>> {
        Box::pin(async { Ok(None) })
    }

    /// Forgets what was put aside. Nothing to forget is done.
    ///
    /// # Errors
    /// As [`CredentialStore::load`].
    fn forget_aside<'a>(&'a self, _account: &'a AccountId) -> Answer<'a, ()> {
        Box::pin(async { Ok(()) })
    }

    /// Writes, reads and deletes an entry of its own, to know that a sign-in could be kept.
    ///
    /// # Errors
    /// As [`CredentialStore::load`].
    fn probe(&self) -> Answer<'_, ()>;

    /// Which store answers, and whether it would now; asks no person and writes nothing.
    ///
    /// # Errors
    /// `KeyringAbsent`; `KeyringLocked` where it does not answer at all.
    fn glance(&self) -> Answer<'_, Glance>;
}

/// What can be seen of a keyring without asking it for anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glance {
    /// The program behind it and the collection: `gnome-keyring-daemon login`; empty where that cannot be told.
    pub back_end: String,
    /// Whether a person has to unlock it first.
    pub is_locked: bool,
}

/// Where an account's credential was kept last. No secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// As [`Glance::back_end`].
    pub back_end: String,
    /// Of the credential that was kept; none for those from before marks.
    pub fingerprint: Option<Fingerprint>,
}

/// The index beside the keyring: tells an empty place from one that should not be empty.
pub trait CredentialIndex: Send + Sync {
    /// The mark of an account; none where nothing was ever kept for it, or a person removed it.
    ///
    /// # Errors
    /// `Storage`.
    fn mark(&self, account: &AccountId) -> Result<Option<Mark>, Error>;

    /// Notes where a credential was kept.
    ///
    /// # Errors
    /// `Storage`.
    fn put_mark(&self, account: &AccountId, mark: &Mark, at: DateTime<Utc>) -> Result<(), Error>;

    /// Forgets the mark, because a person removed the account. None is done.
    ///
    /// # Errors
    /// `Storage`.
    fn drop_mark(&self, account: &AccountId) -> Result<(), Error>;
}

/// A renewal that was begun and is not known to have been kept: its answer may be waiting at the broker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenRenewal {
    /// The account.
    pub account: AccountId,
    /// Of the credential that was sent.
    pub fingerprint: Fingerprint,
    /// When it was begun.
    pub begun_at: DateTime<Utc>,
}

/// Renewals are written down before they are asked for. What this takes survives a crash once the call has returned.
pub trait RenewalJournal: Send + Sync {
    /// Writes down that a credential is about to be sent.
    ///
    /// # Errors
    /// `Storage`: nothing may be sent then.
    fn begin_renewal(&self, renewal: &OpenRenewal) -> Result<(), Error>;

    /// The one of `account`.
    ///
    /// # Errors
    /// `Storage`.
    fn open_renewal(&self, account: &AccountId) -> Result<Option<OpenRenewal>, Error>;

    /// All of them.
    ///
    /// # Errors
    /// `Storage`.
    fn open_renewals(&self) -> Result<Vec<OpenRenewal>, Error>;

    /// Strikes it out: its answer is kept, or is known not to be coming. None is done.
    ///
    /// # Errors
    /// `Storage`.
    fn end_renewal(&self, account: &AccountId) -> Result<(), Error>;
}
