//! One renewal at a time per account, and one meeting being made, over every task and process of this computer.
//!
//! A kernel lock on a file that is never unlinked: it ends with its holder, has no clock and cannot be stolen.

use std::{
    fs::{File, OpenOptions, TryLockError},
    path::Path,
    time::Duration,
};

use crate::{
    account::AccountId,
    error::{Error, ErrorCode},
};

/// Whoever has waited so long says "busy" and leaves: the lock is never stolen.
const LONGEST_WAIT: Duration = Duration::from_secs(15);
/// Making a meeting takes as long as the provider may take to answer.
const LONGEST_MAKING: Duration = Duration::from_secs(45);
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Held while an account's credential is being renewed or replaced, or while a meeting is being made.
#[derive(Debug)]
pub struct AccountLock {
    // Closing the file frees the lock.
    _file: File,
}

impl AccountLock {
    /// Waits for the lock of `account` below `folder`.
    ///
    /// # Errors
    /// `Busy` after 15 seconds, `Storage` where the file cannot be made.
    pub async fn acquire(folder: &Path, account: &AccountId) -> Result<Self, Error> {
        Self::wait_for(folder, account.as_str(), LONGEST_WAIT).await
    }

    /// The lock of `account`; none where somebody has it.
    ///
    /// # Errors
    /// `Storage` where the file cannot be made.
    pub fn try_acquire(folder: &Path, account: &AccountId) -> Result<Option<Self>, Error> {
        let file = open(folder, account.as_str()).map_err(|error| failed(&error))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(failed(&error)),
        }
    }

    /// Waits until no other task or process makes a meeting of `account`, or looks for one that it may have made.
    ///
    /// # Errors
    /// `Busy` after 45 seconds; as [`AccountLock::acquire`].
    pub async fn for_making(folder: &Path, account: &AccountId) -> Result<Self, Error> {
        Self::wait_for(folder, &format!("{account}.making"), LONGEST_MAKING).await
    }

    async fn wait_for(folder: &Path, name: &str, limit: Duration) -> Result<Self, Error> {
        let file = open(folder, name).map_err(|error| failed(&error))?;
        let waiting = async {
            loop {
                match file.try_lock() {
                    Ok(()) => return Ok(()),
                    Err(TryLockError::WouldBlock) => tokio::time::sleep(LOOK_EVERY).await,
                    Err(TryLockError::Error(error)) => return Err(failed(&error)),
                }
            }
        };
        tokio::time::timeout(limit, waiting).await.map_err(|_| Error::new(ErrorCode::Busy))??;
        Ok(Self { _file: file })
    }
}

fn failed(error: &std::io::Error) -> Error {
    Error::new(ErrorCode::Storage).detail(error.kind().to_string())
}

fn open(folder: &Path, name: &str) -> std::io::Result<File> {
    std::fs::create_dir_all(folder)?;
    OpenOptions::new().create(true).truncate(false).write(true).open(folder.join(format!("{name}.lock")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_second_waits_for_the_first() {
        let folder = std::env::temp_dir().join(format!("convoke-lock-{}", std::process::id()));
        let account = AccountId::parse("zoom-locktest").unwrap();
        let first = AccountLock::acquire(&folder, &account).await.unwrap();
        let second = {
            let (folder, account) = (folder.clone(), account.clone());
            tokio::spawn(async move { AccountLock::acquire(&folder, &account).await.map(drop) })
        };
        tokio::task::yield_now().await;
        assert!(!second.is_finished());
        drop(first);
        second.await.unwrap().unwrap();
        assert!(folder.join("zoom-locktest.lock").exists(), "the file stays");
        std::fs::remove_dir_all(folder).unwrap();
    }
}
