//! The register: settings, accounts and meetings in one `SQLite` file, used by the app and the command line at once.
//!
//! It remembers what a provider cannot say (a wall time's zone, a meeting that cannot be listed) and what to show before
//! a provider has answered. It holds no token, no password and no start URL: no type that it takes has one. Calls are
//! short and block; a writer waits up to five seconds for another process.

use std::{
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
};

use rusqlite::{Connection, ErrorCode as Sqlite, Transaction, TransactionBehavior};

use crate::error::{Error, ErrorCode};

mod accounts;
mod column;
mod draft_json;
mod integrity;
mod intents;
mod meetings;
mod merge;
mod reminders;
mod renewals;
mod revocations;
mod schema;
mod settings;
#[cfg(test)]
mod tests;

const DAMAGED: &str = "the register is damaged: move register.sqlite out of Convoke's folder and start again; \
                       the meetings at the providers are not touched";

pub use self::revocations::WaitingRevocation;

/// An open register.
pub struct Register {
    connection: Mutex<Connection>,
}

impl Register {
    /// Opens the register at `path`, makes it where there is none (file mode 0600, its folders 0700) and brings an
    /// older one up to date. A newer or damaged one is left as it is.
    ///
    /// # Errors
    /// `Storage`, with what to do in the detail; `Conflict` where another Convoke holds it for over five seconds.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let connection = schema::open(path)?;
        Ok(Self { connection: Mutex::new(connection) })
    }

    /// A panic elsewhere leaves no half-done act behind: its transaction was rolled back.
    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All or nothing. Takes the write lock at once, so that what was read is still true when it is written.
    fn change<T>(&self, act: impl FnOnce(&Transaction<'_>) -> Result<T, Error>) -> Result<T, Error> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        let value = act(&transaction)?;
        transaction.commit().map_err(failed)?;
        Ok(value)
    }
}

/// What a failure of the file means. The detail is our own words: `SQLite`'s would quote statements.
#[expect(clippy::needless_pass_by_value, reason = "given to map_err")]
fn failed(error: rusqlite::Error) -> Error {
    let detail = match error.sqlite_error_code() {
        Some(Sqlite::DatabaseBusy | Sqlite::DatabaseLocked) => {
            return Error::new(ErrorCode::Conflict).detail("another Convoke is writing the register");
        }
        Some(Sqlite::DatabaseCorrupt | Sqlite::NotADatabase) => DAMAGED,
        None if matches!(
            error,
            rusqlite::Error::FromSqlConversionFailure(..) | rusqlite::Error::InvalidColumnType(..)
        ) =>
        {
            DAMAGED
        }
        Some(Sqlite::DiskFull) => "there is no space left for the register",
        Some(Sqlite::ReadOnly | Sqlite::PermissionDenied | Sqlite::AuthorizationForStatementDenied) => {
            "the register may not be written: check the permissions of Convoke's folder"
        }
        Some(Sqlite::CannotOpen) => "the register cannot be opened: check the permissions of Convoke's folder",
        Some(Sqlite::SystemIoFailure) => "the disk failed under the register",
        _ => {
            tracing::error!(code = ?error.sqlite_error_code(), "the register failed in an unexpected way");
            "the register failed"
        }
    };
    Error::new(ErrorCode::Storage).detail(detail)
}
