//! Opening the file and bringing it up to date, step by step, each step whole or not at all.

use std::{
    fs::{DirBuilder, File, OpenOptions, TryLockError},
    io,
    path::Path,
    time::{Duration, Instant},
};

use rusqlite::{Connection, TransactionBehavior};

use super::failed;
use crate::error::{Error, ErrorCode};

/// How long a call waits for another process that is writing.
const PATIENCE: Duration = Duration::from_secs(5);

/// The steps from an empty file to the present form. A step that was released is never changed, only followed.
pub(super) const MIGRATIONS: &[&str] = &[
    include_str!("0001_settings_and_accounts.sql"),
    include_str!("0002_meetings.sql"),
    include_str!("0003_series_options_intents.sql"),
    include_str!("0004_renewals.sql"),
    include_str!("0005_reminders.sql"),
    include_str!("0006_revocations.sql"),
];

pub(super) fn open(path: &Path) -> Result<Connection, Error> {
    make_folder(path).map_err(|error| cannot_make(path, &error))?;
    let _alone = alone(path)?;
    make_file(path).map_err(|error| cannot_make(path, &error))?;
    let mut connection = Connection::open(path).map_err(failed)?;
    connection.busy_timeout(PATIENCE).map_err(failed)?;
    connection.pragma_update(None, "foreign_keys", true).map_err(failed)?;
    // First the version: a file that a newer Convoke wrote is not touched at all.
    known_version(&connection)?;
    // Readers do not wait for a writer.
    connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(())).map_err(failed)?;
    // What was begun must be on the disk before it is asked for, so every commit is.
    connection.pragma_update(None, "synchronous", "full").map_err(failed)?;
    migrate(&mut connection, MIGRATIONS)?;
    Ok(connection)
}

/// One process at a time makes the file and brings it up to date: `SQLite`'s own patience does not cover the switch of the
/// journal, where two that start at once would wait for each other. The lock file is never unlinked.
fn alone(path: &Path) -> Result<File, Error> {
    const PAUSE: Duration = Duration::from_millis(10);
    let file = private_file().create(true).truncate(false).open(path.with_extension("lock"));
    let file = file.map_err(|error| cannot_make(path, &error))?;
    let begun = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if begun.elapsed() < PATIENCE => std::thread::sleep(PAUSE),
            Err(TryLockError::WouldBlock) => {
                return Err(Error::new(ErrorCode::Conflict).detail("another Convoke is opening the register"));
            }
            Err(TryLockError::Error(error)) => return Err(cannot_make(path, &error)),
        }
    }
}

/// Applies the steps that are missing, each in a transaction of its own that also counts it.
pub(super) fn migrate(connection: &mut Connection, migrations: &[&str]) -> Result<(), Error> {
    loop {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        // Read under the lock: another process may have taken the step meanwhile.
        let done = version(&transaction)?;
        let Some(step) = migrations.get(done) else { return Ok(()) };
        transaction.execute_batch(step).map_err(failed)?;
        let now = i64::try_from(done + 1).unwrap_or(i64::MAX);
        transaction.pragma_update(None, "user_version", now).map_err(failed)?;
        transaction.commit().map_err(failed)?;
    }
}

fn known_version(connection: &Connection) -> Result<(), Error> {
    let (found, known) = (version(connection)?, MIGRATIONS.len());
    if found <= known {
        return Ok(());
    }
    let detail =
        format!("a newer Convoke wrote the register (version {found}, this one knows {known}): install the newer one");
    Err(Error::new(ErrorCode::Storage).detail(detail))
}

fn version(connection: &Connection) -> Result<usize, Error> {
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(failed)?;
    // A negative version is nobody's: read as a newer one.
    Ok(usize::try_from(version).unwrap_or(usize::MAX))
}

fn cannot_make(path: &Path, error: &io::Error) -> Error {
    let reason = error.kind();
    Error::new(ErrorCode::Storage).detail(format!("the register cannot be made ({reason}): {}", path.display()))
}

fn make_folder(path: &Path) -> io::Result<()> {
    let mut folder = DirBuilder::new();
    folder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
    path.parent().map_or(Ok(()), |parent| folder.create(parent))
}

/// Makes the file for its owner alone; `SQLite` gives its other two files the same mode. A file that is there is never
/// opened here: closing it would free the locks that `SQLite` holds on it in this process.
fn make_file(path: &Path) -> io::Result<()> {
    match private_file().create_new(true).open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => make_private(path),
        Err(error) => Err(error),
    }
}

fn private_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

#[cfg(unix)]
fn make_private(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mut permissions = std::fs::metadata(path)?.permissions();
    let others = permissions.mode() & 0o077;
    if others == 0 {
        return Ok(());
    }
    permissions.set_mode(0o600);
    std::fs::set_permissions(path, permissions)
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the other systems' form can fail")]
fn make_private(_path: &Path) -> io::Result<()> {
    Ok(())
}
