//! The platform's store, opened by us and opened again: the one place that names the keyring crates.
//!
//! `keyring::Entry::new` opens the store once per process and keeps a failure for ever; a person who starts the keyring
//! after Convoke must not have to start Convoke again. So the store is opened here, at each call while it is absent, and
//! once more when a call fails in a way that a restarted keyring explains.

use std::{collections::HashMap, sync::Arc};

use keyring::Entry;
use keyring_core::CredentialStore;
use tracing::debug;
use zeroize::Zeroizing;

use super::{
    failure::{Failure, classify, classify_opening},
    parts::Items,
};

/// The service under which all items of Convoke stand.
const SERVICE: &str = "Convoke";

/// The keyring as one thread sees it.
#[derive(Default)]
pub(super) struct Store {
    is_open: bool,
}

impl Store {
    /// Every act is safe to repeat: a write replaces, and a delete is content with nothing.
    fn call<T>(&mut self, user: &str, act: impl Fn(&Entry) -> keyring::Result<T>) -> Result<T, Failure> {
        let was_open = self.is_open;
        self.open()?;
        let first = entry(user).and_then(|entry| act(&entry));
        let failure = match first {
            Ok(value) => return Ok(value),
            Err(error) => classify(&error),
        };
        if !failure.may_be_stale {
            return Err(failure);
        }
        self.is_open = false;
        if !was_open {
            return Err(failure);
        }
        debug!(step = "reopen", failure = failure.detail, "keyring");
        self.open()?;
        entry(user).and_then(|entry| act(&entry)).map_err(|error| classify(&error))
    }

    fn open(&mut self) -> Result<(), Failure> {
        if !self.is_open {
            debug!(step = "open", "keyring");
            keyring_core::set_default_store(platform_store().map_err(|error| classify_opening(&error))?);
            self.is_open = true;
        }
        Ok(())
    }
}

impl Items for Store {
    fn read(&mut self, user: &str) -> Result<Option<Zeroizing<Vec<u8>>>, Failure> {
        self.call(user, |entry| match entry.get_secret() {
            Ok(bytes) => Ok(Some(Zeroizing::new(bytes))),
            Err(keyring::Error::NoEntry) => Ok(None),
            Err(error) => Err(error),
        })
    }

    fn write(&mut self, user: &str, secret: &[u8]) -> Result<(), Failure> {
        self.call(user, |entry| entry.set_secret(secret))
    }

    fn delete(&mut self, user: &str) -> Result<(), Failure> {
        self.call(user, |entry| match entry.delete_credential() {
            Ok(()) | Err(keyring::Error::NoEntry) => Ok(()),
            Err(keyring::Error::Ambiguous(copies)) => {
                copies.iter().try_for_each(keyring_core::Entry::delete_credential)
            }
            Err(error) => Err(error),
        })
    }
}

#[cfg(target_os = "linux")]
fn platform_store() -> keyring::Result<Arc<CredentialStore>> {
    Ok(zbus_secret_service_keyring_store::Store::new()?)
}

#[cfg(target_os = "macos")]
fn platform_store() -> keyring::Result<Arc<CredentialStore>> {
    Ok(apple_native_keyring_store::keychain::Store::new()?)
}

#[cfg(target_os = "windows")]
fn platform_store() -> keyring::Result<Arc<CredentialStore>> {
    Ok(windows_native_keyring_store::Store::new()?)
}

#[cfg(not(any(target_os = "linux", target_os = "macos", target_os = "windows")))]
compile_error!(
    "Convoke keeps credentials in the keyring of Linux, macOS or Windows; this system needs a store of its own here"
);

/// An item's entry. Its label is what a person reads in a keyring program.
fn entry(user: &str) -> keyring::Result<Entry> {
    let label = format!("Convoke: {user}");
    let labelled = HashMap::from([("label", label.as_str())]);
    // The other platforms' stores name their items by service and user, and refuse a label.
    let modifiers = if cfg!(target_os = "linux") { labelled } else { HashMap::new() };
    keyring_core::Entry::new_with_modifiers(SERVICE, user, &modifiers).map(|inner| Entry { inner })
}
