//! What is kept between two starts, and by whom: credentials in the OS keyring, everything else in the register.

use crate::{account::AccountId, credential::Credential, error::Answer};

pub mod keyring;
pub mod register;

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

    /// Forgets the credential, because a person asked for it. Nothing to forget is done.
    ///
    /// # Errors
    /// As [`CredentialStore::load`].
    fn forget<'a>(&'a self, account: &'a AccountId) -> Answer<'a, ()>;

    /// Writes, reads and deletes an entry of its own, to know that a sign-in could be kept.
    ///
    /// # Errors
    /// As [`CredentialStore::load`].
    fn probe(&self) -> Answer<'_, ()>;
}
