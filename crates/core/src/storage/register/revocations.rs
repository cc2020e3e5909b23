//! Revocations that wait until their provider can be told. They outlive their account.

use chrono::{DateTime, Utc};
use rusqlite::{Row, params};

use super::{Register, column, failed};
use crate::{
    account::{AccountId, Binding, ProviderKind},
    error::Error,
};

/// One that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingRevocation {
    /// The account that was removed.
    pub account: AccountId,
    /// The provider to be told.
    pub provider: ProviderKind,
    /// Where its credential may be used.
    pub binding: Binding,
    /// When it is given up.
    pub until: DateTime<Utc>,
    /// How often it was tried.
    pub tries: u32,
    /// When it is tried next.
    pub next_at: DateTime<Utc>,
}

impl Register {
    /// Lets one wait, or notes another try.
    ///
    /// # Errors
    /// `Storage`.
    pub fn put_revocation(&self, waiting: &WaitingRevocation) -> Result<(), Error> {
        let WaitingRevocation { account, provider, binding, until, tries, next_at } = waiting;
        self.execute(
            "INSERT OR REPLACE INTO revocation (account, provider, broker, api_base, until, tries, next_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                account.as_str(),
                provider.as_str(),
                binding.broker,
                binding.api_base,
                until.timestamp_millis(),
                tries,
                next_at.timestamp_millis()
            ],
        )
        .map(drop)
    }

    /// Those whose account is gone, the next one first.
    ///
    /// # Errors
    /// `Storage`.
    pub fn revocations(&self) -> Result<Vec<WaitingRevocation>, Error> {
        let connection = self.connection();
        let mut statement = connection
            .prepare_cached(
                "SELECT account, provider, broker, api_base, until, tries, next_at FROM revocation
                 WHERE account NOT IN (SELECT id FROM account) ORDER BY next_at",
            )
            .map_err(failed)?;
        let rows = statement.query_map([], waiting).map_err(failed)?;
        rows.collect::<rusqlite::Result<_>>().map_err(failed)
    }

    /// It is done, or given up. None is done.
    ///
    /// # Errors
    /// `Storage`.
    pub fn drop_revocation(&self, account: &AccountId) -> Result<(), Error> {
        self.execute("DELETE FROM revocation WHERE account = ?1", [account.as_str()]).map(drop)
    }
}

fn waiting(row: &Row<'_>) -> rusqlite::Result<WaitingRevocation> {
    let id: String = row.get(0)?;
    let instant = |column| column::instant(row, column)?.ok_or_else(column::damaged);
    Ok(WaitingRevocation {
        account: AccountId::parse(&id).map_err(|_| column::damaged())?,
        provider: column::named(row, 1)?,
        binding: Binding { broker: row.get(2)?, api_base: row.get(3)? },
        until: instant(4)?,
        tries: row.get(5)?,
        next_at: instant(6)?,
    })
}
