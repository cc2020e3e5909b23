//! The settings: one JSON value, changed as a whole so that two processes do not undo each other.

use rusqlite::{Connection, OptionalExtension, params};

use super::{Register, failed};
use crate::{
    error::{Error, ErrorCode},
    settings::Settings,
};

const NAME: &str = "settings";

impl Register {
    /// The settings; the defaults where nobody has set anything.
    ///
    /// # Errors
    /// `Storage`.
    pub fn settings(&self) -> Result<Settings, Error> {
        read(&self.connection())
    }

    /// Reads the settings, changes them and writes them in one act. Answers them as they are now. `change` must not call
    /// the register.
    ///
    /// # Errors
    /// `Storage`; nothing is changed then.
    pub fn change_settings(&self, change: impl FnOnce(&mut Settings)) -> Result<Settings, Error> {
        self.change(|connection| {
            let mut settings = read(connection)?;
            change(&mut settings);
            let text = serde_json::to_string(&settings).map_err(|_| damaged())?;
            connection
                .prepare_cached("INSERT INTO setting (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value")
                .and_then(|mut statement| statement.execute(params![NAME, text]))
                .map_err(failed)?;
            Ok(settings)
        })
    }
}

fn read(connection: &Connection) -> Result<Settings, Error> {
    let text: Option<String> = connection
        .prepare_cached("SELECT value FROM setting WHERE name = ?1")
        .and_then(|mut statement| statement.query_row([NAME], |row| row.get(0)).optional())
        .map_err(failed)?;
    text.map_or_else(|| Ok(Settings::default()), |text| serde_json::from_str(&text).map_err(|_| damaged()))
}

fn damaged() -> Error {
    Error::new(ErrorCode::Storage).detail("the settings in the register are damaged")
}
