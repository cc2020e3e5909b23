//! Opening the store's file: for its owner alone, for one instance alone, and in a form that this broker knows.

use std::{
    fs::{self, OpenOptions},
    io,
    path::Path,
};

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

use crate::configuration::ConfigurationError;

const KEY: &str = "STORE";
/// Says in the file's head whose it is: "Cvkb".
const APPLICATION: i64 = 0x4376_6b62;
/// The steps from an empty file to the present form. A step that was released is never changed, only followed.
const STEPS: &[&str] = &[include_str!("0001_claims_sessions_copies.sql")];

/// Opens the file at `path`, makes it where there is none, and keeps it from every other process until it is closed.
///
/// # Errors
/// The file can be opened by others than its owner, is another instance's, is not the broker's, or was written by a newer
/// broker; in each case it is left as it is.
pub(super) fn open(path: &Path) -> Result<Connection, ConfigurationError> {
    make_file(path)?;
    let mut connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)
            .map_err(|error| refused(path, &error))?;
    match prepare(&mut connection).map_err(|error| refused(path, &error))? {
        None => Ok(connection),
        Some(reason) => Err(ConfigurationError::new(KEY, format!("names {}, {reason}", path.display()))),
    }
}

/// Locks the file and brings it up to date; the reason where it is not one of ours.
fn prepare(connection: &mut Connection) -> rusqlite::Result<Option<&'static str>> {
    // Whoever has the file has it for long: waiting would only hide that.
    connection.busy_timeout(std::time::Duration::ZERO)?;
    // Before anything is read: in this mode the first lock is never given back, and the journal needs no shared memory.
    connection.pragma_update(None, "locking_mode", "exclusive")?;
    let number = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let (application, version) = (number("application_id")?, number("user_version")?);
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let is_empty = (application, version, tables) == (0, 0, 0);
    if !is_empty && application != APPLICATION {
        return Ok(Some("which is another program's file"));
    }
    let Some(steps) = usize::try_from(version).ok().and_then(|version| STEPS.get(version..)) else {
        return Ok(Some("which a newer broker wrote: install that one, or name another file"));
    };
    connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
    // An answer may say "kept" only when it is on the disk.
    connection.pragma_update(None, "synchronous", "full")?;
    // Also where no step is missing: it takes the lock that is kept.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Exclusive)?;
    for step in steps {
        transaction.execute_batch(step)?;
    }
    if !steps.is_empty() {
        transaction.pragma_update(None, "application_id", APPLICATION)?;
        transaction.pragma_update(None, "user_version", i64::try_from(STEPS.len()).unwrap_or(i64::MAX))?;
    }
    transaction.commit()?;
    Ok(None)
}

/// Makes the file for its owner alone; `SQLite` gives its journal the same mode. A file that is there is only looked at,
/// never opened here: closing it would free the locks that `SQLite` may hold on it in this process.
fn make_file(path: &Path) -> Result<(), ConfigurationError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let failed = |what: &str, error: &io::Error| {
        let path = path.display();
        ConfigurationError::new(KEY, format!("names {path}, which can not be {what}: {error}"))
    };
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let metadata = fs::metadata(path).map_err(|error| failed("read", &error))?;
            if metadata.is_file() { refuse_open_to_others(path, &metadata) } else { Err(not_a_file(path)) }
        }
        Err(error) => Err(failed("made", &error)),
    }
}

fn not_a_file(path: &Path) -> ConfigurationError {
    ConfigurationError::new(KEY, format!("names {}, which is not a file", path.display()))
}

#[cfg_attr(not(unix), expect(unused_variables, clippy::unnecessary_wraps, reason = "other systems have no such mode"))]
fn refuse_open_to_others(path: &Path, metadata: &fs::Metadata) -> Result<(), ConfigurationError> {
    #[cfg(unix)]
    if std::os::unix::fs::MetadataExt::mode(metadata) & 0o077 != 0 {
        let reason = format!("names {}, which is open to others: give it mode 0600", path.display());
        return Err(ConfigurationError::new(KEY, reason));
    }
    Ok(())
}

/// What a failure of the file means, in our own words: `SQLite`'s would quote statements.
pub(super) fn refused(path: &Path, error: &rusqlite::Error) -> ConfigurationError {
    let reason = match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            "which another instance has open: one instance may use a file, and redis:// serves many"
        }
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            "which is damaged or not a store: move it away, and every session signs in again"
        }
        Some(ErrorCode::DiskFull) => "which can not be written: no space is left",
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => {
            "which can not be written: check the permissions of the file and of its folder"
        }
        Some(ErrorCode::SystemIoFailure) => "on which the disk failed",
        _ => {
            tracing::error!(code = ?error.sqlite_error_code(), "the store's file failed in an unexpected way");
            "which can not be used as a store"
        }
    };
    ConfigurationError::new(KEY, format!("names {}, {reason}", path.display()))
}
