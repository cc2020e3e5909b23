//! The index beside the keyring, and the journal of renewals.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, Row, params};

use super::{Register, column, failed};
use crate::{
    account::AccountId,
    error::Error,
    storage::{CredentialIndex, Mark, OpenRenewal, RenewalJournal},
};

impl CredentialIndex for Register {
    fn mark(&self, account: &AccountId) -> Result<Option<Mark>, Error> {
        self.connection()
            .prepare_cached("SELECT back_end, fingerprint FROM credential WHERE account = ?1")
            .and_then(|mut statement| statement.query_row([account.as_str()], mark).optional())
            .map_err(failed)
    }

    fn put_mark(&self, account: &AccountId, mark: &Mark, at: DateTime<Utc>) -> Result<(), Error> {
        let fingerprint = mark.fingerprint.map(|fingerprint| fingerprint.to_string());
        self.execute(
            "INSERT OR REPLACE INTO credential (account, back_end, fingerprint, saved_at) VALUES (?1, ?2, ?3, ?4)",
            params![account.as_str(), mark.back_end, fingerprint, at.timestamp_millis()],
        )
        .map(drop)
    }

    fn drop_mark(&self, account: &AccountId) -> Result<(), Error> {
        self.execute("DELETE FROM credential WHERE account = ?1", [account.as_str()]).map(drop)
    }
}

impl Register {
    /// What was kept before `before` for a sign-in that never became an account, or is none any more: a crash came between.
    ///
    /// # Errors
    /// `Storage`.
    pub fn orphans(&self, before: DateTime<Utc>) -> Result<Vec<AccountId>, Error> {
        let connection = self.connection();
        let mut statement = connection
            .prepare_cached(
                "SELECT account FROM credential WHERE saved_at < ?1 AND account NOT IN (SELECT id FROM account)
                 AND account NOT IN (SELECT account FROM revocation)",
            )
            .map_err(failed)?;
        let rows = statement.query_map([before.timestamp_millis()], |row| {
            AccountId::parse(&row.get::<_, String>(0)?).map_err(|_| column::damaged())
        });
        rows.map_err(failed)?.collect::<rusqlite::Result<_>>().map_err(failed)
    }
}

impl RenewalJournal for Register {
    fn begin_renewal(&self, renewal: &OpenRenewal) -> Result<(), Error> {
        self.execute(
            "INSERT OR REPLACE INTO renewal (account, fingerprint, begun_at) VALUES (?1, ?2, ?3)",
            params![renewal.account.as_str(), renewal.fingerprint.to_string(), renewal.begun_at.timestamp_millis()],
        )
        .map(drop)
    }

    fn open_renewal(&self, account: &AccountId) -> Result<Option<OpenRenewal>, Error> {
        self.connection()
            .prepare_cached("SELECT account, fingerprint, begun_at FROM renewal WHERE account = ?1")
            .and_then(|mut statement| statement.query_row([account.as_str()], renewal).optional())
            .map_err(failed)
    }

    fn open_renewals(&self) -> Result<Vec<OpenRenewal>, Error> {
        let connection = self.connection();
        let mut statement = connection
            .prepare_cached("SELECT account, fingerprint, begun_at FROM renewal ORDER BY begun_at")
            .map_err(failed)?;
        let rows = statement.query_map([], renewal).map_err(failed)?;
        rows.collect::<rusqlite::Result<_>>().map_err(failed)
    }

    fn end_renewal(&self, account: &AccountId) -> Result<(), Error> {
        self.execute("DELETE FROM renewal WHERE account = ?1", [account.as_str()]).map(drop)
    }
}

fn mark(row: &Row<'_>) -> rusqlite::Result<Mark> {
    let fingerprint: Option<String> = row.get(1)?;
    // One that does not read is none: it only makes a sentence more exact.
    Ok(Mark { back_end: row.get(0)?, fingerprint: fingerprint.and_then(|text| text.parse().ok()) })
}

fn renewal(row: &Row<'_>) -> rusqlite::Result<OpenRenewal> {
    let (id, fingerprint): (String, String) = (row.get(0)?, row.get(1)?);
    Ok(OpenRenewal {
        account: AccountId::parse(&id).map_err(|_| column::damaged())?,
        fingerprint: fingerprint.parse().map_err(|()| column::damaged())?,
        begun_at: column::instant(row, 2)?.ok_or_else(column::damaged)?,
    })
}
