//! Opening the file and bringing it up to date, step by step, each step whole or not at all.

use std::{
    fs::{DirBuilder, OpenOptions},
    io,
    path::Path,
    time::Duration,
};

use rusqlite::{Connection, TransactionBehavior};

use super::failed;
use crate::error::{Error, ErrorCode};

/// How long a call waits for another process that is writing.
const PATIENCE: Duration = Duration::from_secs(5);

/// The steps from an empty file to the present form. A step that was released is never changed, only followed.
pub(super) const MIGRATIONS: &[&str] =
    &[include_str!("0001_settings_and_accounts.sql"), include_str!("0002_meetings.sql")];

pub(super) fn open(path: &Path) -> Result<Connection, Error> {
    prepare(path).map_err(|error| {
        let reason = error.kind();
        Error::new(ErrorCode::Storage).detail(format!("the register cannot be made ({reason}): {}", path.display()))
    })?;
    let mut connection = Connection::open(path).map_err(failed)?;
    connection.busy_timeout(PATIENCE).map_err(failed)?;
    connection.pragma_update(None, "foreign_keys", true).map_err(failed)?;
    // First the version: a file that a newer Convoke wrote is not touched at all.
    known_version(&connection)?;
    write_ahead(&connection)?;
    migrate(&mut connection, MIGRATIONS)?;
    Ok(connection)
}

/// Readers do not wait for a writer. Two processes that switch at the same moment get in each other's way without
/// SQLite's patience, so ours is used.
fn write_ahead(connection: &Connection) -> Result<(), Error> {
    const PAUSE: Duration = Duration::from_millis(10);
    let mut waited = Duration::ZERO;
    loop {
        let answer = connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()));
        match answer.map_err(failed) {
            Err(error) if error.code == ErrorCode::Conflict && waited < PATIENCE => {
                std::thread::sleep(PAUSE);
                waited += PAUSE;
            }
            answer => return answer,
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
    let detail = format!("a newer Convoke wrote the register (version {found}, this one knows {known}): install the newer one");
    Err(Error::new(ErrorCode::Storage).detail(detail))
}

fn version(connection: &Connection) -> Result<usize, Error> {
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(failed)?;
    // A negative version is nobody's: read as a newer one.
    Ok(usize::try_from(version).unwrap_or(usize::MAX))
}

/// Makes the folder and the file for the owner alone; SQLite gives its other two files the mode of this one.
fn prepare(path: &Path) -> io::Result<()> {
    let mut folder = DirBuilder::new();
    folder.recursive(true);
    let mut file = OpenOptions::new();
    file.create(true).truncate(false).read(true).write(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
        folder.mode(0o700);
        file.mode(0o600);
    }
    if let Some(parent) = path.parent() {
        folder.create(parent)?;
    }
    let file = file.open(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mut permissions = file.metadata()?.permissions();
        if permissions.mode() & 0o077 != 0 {
            permissions.set_mode(0o600);
            file.set_permissions(permissions)?;
        }
    }
    drop(file);
    Ok(())
}
