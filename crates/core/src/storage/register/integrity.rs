//! Whether the file is whole, looked at through a second connection that only reads: nobody's writing waits for it.

use rusqlite::{Connection, OpenFlags};

use super::{DAMAGED, Register, failed};
use crate::error::{Error, ErrorCode};

impl Register {
    /// Reads the whole file: its pages, its indexes, and that no row points to one that is not there.
    ///
    /// # Errors
    /// `Storage` where it is damaged or cannot be read, with what to do in the detail.
    pub fn check(&self) -> Result<(), Error> {
        let path = self.connection().path().map(str::to_owned);
        let path = path.ok_or_else(|| Error::new(ErrorCode::Storage))?;
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        check(&Connection::open_with_flags(path, flags).map_err(failed)?)
    }
}

fn check(connection: &Connection) -> Result<(), Error> {
    // Its text names pages and rows, which help nobody here; the first word says it.
    let found: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(failed)?;
    let strays = connection.prepare("PRAGMA foreign_key_check").and_then(|mut rows| rows.exists([])).map_err(failed)?;
    if found == "ok" && !strays { Ok(()) } else { Err(Error::new(ErrorCode::Storage).detail(DAMAGED)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_that_points_nowhere_and_a_table_that_is_off_are_found() {
        let connection = Connection::open_in_memory().unwrap();
        let run = |sql: &str| connection.execute_batch(sql).unwrap();
        run("CREATE TABLE a (id INTEGER PRIMARY KEY) STRICT; CREATE TABLE b (a INTEGER NOT NULL REFERENCES a) STRICT;");
        assert_eq!(check(&connection), Ok(()));
        run("PRAGMA foreign_keys = OFF; INSERT INTO b VALUES (1);");
        let error = check(&connection).unwrap_err();
        assert!(error.code == ErrorCode::Storage && error.detail.unwrap().contains("move register.sqlite"));
        run("INSERT INTO a VALUES (1);");
        assert_eq!(check(&connection), Ok(()));
        run(
            "PRAGMA ignore_check_constraints = ON; CREATE TABLE c (x INTEGER CHECK (x > 0)); INSERT INTO c VALUES (0);",
        );
        run("PRAGMA ignore_check_constraints = OFF;");
        assert!(check(&connection).is_err());
    }
}
