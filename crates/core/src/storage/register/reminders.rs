//! What a person was told of the ends of sign-ins: one row per account and kind, which leaves with its account.

use rusqlite::params;

use super::{Register, column, failed};
use crate::{
    account::{
        AccountId,
        reminder::{Reminder, ReminderKind},
    },
    error::Error,
};

impl Register {
    /// What was told of an account.
    ///
    /// # Errors
    /// `Storage`.
    pub fn reminders(&self, id: &AccountId) -> Result<Vec<Reminder>, Error> {
        let connection = self.connection();
        let mut statement =
            connection.prepare_cached("SELECT kind, for_at FROM reminder WHERE account = ?1").map_err(failed)?;
        let rows = statement.query_map([id.as_str()], |row| {
            let for_at = column::instant(row, 1)?.ok_or_else(column::damaged)?;
            Ok(Reminder { kind: column::named(row, 0)?, for_at })
        });
        rows.map_err(failed)?.collect::<rusqlite::Result<_>>().map_err(failed)
    }

    /// Forgets that an end was told: the account works again.
    pub(super) fn forget_told_end(&self, id: &AccountId) -> Result<(), Error> {
        self.execute(
            "DELETE FROM reminder WHERE account = ?1 AND kind = ?2",
            params![id.as_str(), column::name(ReminderKind::Now)],
        )
        .map(drop)
    }

    /// Remembers that this was told, in the place of an earlier one of its kind. An account that is gone meanwhile is no
    /// error.
    ///
    /// # Errors
    /// `Storage`.
    pub fn put_reminder(&self, id: &AccountId, told: Reminder) -> Result<(), Error> {
        self.execute(
            "INSERT OR REPLACE INTO reminder (account, kind, for_at) SELECT id, ?2, ?3 FROM account WHERE id = ?1",
            params![id.as_str(), column::name(told.kind), told.for_at.timestamp_millis()],
        )
        .map(drop)
    }
}
