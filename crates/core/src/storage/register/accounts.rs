//! Accounts in the register, in the order in which they were added.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Params, Row, params};

use super::{Register, column, failed};
use crate::{
    account::{Account, AccountHealth, AccountId, Binding, Identity},
    credential::{Ends, Renewal},
    error::{Error, ErrorCode},
};

/// In the order in which [`account`] reads them.
const COLUMNS: &str = "id, provider, label, subject, address, name, scopes, broker, api_base, health, health_reason, expires_at, last_refresh, unused_by, whole_by";

impl Register {
    /// Every account, the first added first.
    ///
    /// # Errors
    /// `Storage`.
    pub fn accounts(&self) -> Result<Vec<Account>, Error> {
        let connection = self.connection();
        let mut statement =
            connection.prepare_cached(&format!("SELECT {COLUMNS} FROM account ORDER BY number")).map_err(failed)?;
        let rows = statement.query_map([], account).map_err(failed)?;
        rows.collect::<rusqlite::Result<_>>().map_err(failed)
    }

    /// One account; none where it is not known.
    ///
    /// # Errors
    /// `Storage`.
    pub fn account(&self, id: &AccountId) -> Result<Option<Account>, Error> {
        self.connection()
            .prepare_cached(&format!("SELECT {COLUMNS} FROM account WHERE id = ?1"))
            .and_then(|mut statement| statement.query_row([id.as_str()], account).optional())
            .map_err(failed)
    }

    /// Puts `account` in the place of the account `old`, in one step: its meetings move over where `keep_meetings` says so, and
    /// leave with it otherwise.
    ///
    /// # Errors
    /// `Storage`: nothing is changed then.
    pub fn supersede(&self, old: &AccountId, account: &Account, keep_meetings: bool) -> Result<(), Error> {
        self.change(|connection| {
            put(connection, account)?;
            if keep_meetings {
                let both = params![old.as_str(), account.id.as_str()];
                connection
                    .execute("UPDATE OR REPLACE meeting SET account = ?2 WHERE account = ?1", both)
                    .map_err(failed)?;
                connection.execute("UPDATE intent SET account = ?2 WHERE account = ?1", both).map_err(failed)?;
            }
            connection.execute("DELETE FROM account WHERE id = ?1", [old.as_str()]).map_err(failed)?;
            Ok(())
        })
    }

    /// Adds an account, or writes it over the one with the same id, whose meetings and place stay.
    ///
    /// # Errors
    /// `Storage`.
    pub fn put_account(&self, account: &Account) -> Result<(), Error> {
        self.change(|connection| put(connection, account))?;
        if account.health == AccountHealth::Ok { self.forget_told_end(&account.id) } else { Ok(()) }
    }

    /// Notes an account's state and why it is so. An account that is gone meanwhile is no error.
    ///
    /// # Errors
    /// `Storage`.
    pub fn set_health(&self, id: &AccountId, health: AccountHealth, reason: Option<&str>) -> Result<(), Error> {
        let changed = self.execute(
            "UPDATE account SET health = ?2, health_reason = ?3
             WHERE id = ?1 AND (health IS NOT ?2 OR health_reason IS NOT ?3)",
            params![id.as_str(), column::name(health), reason],
        )?;
        if changed > 0 && health == AccountHealth::Ok {
            // It ended and works again: should it end once more, that is told anew.
            self.forget_told_end(id)?;
        }
        Ok(())
    }

    /// Notes a renewal. Scopes of none leave them as they are; an instant of none means that nobody says.
    ///
    /// # Errors
    /// `Storage`.
    pub fn set_renewed(&self, id: &AccountId, renewal: &Renewal) -> Result<(), Error> {
        let Renewal { at, expires_at, scopes, ends, has_rotated: _ } = renewal;
        self.execute(
            "UPDATE account SET last_refresh = ?2, expires_at = ?3, scopes = ifnull(?4, scopes), unused_by = ?5,
                 whole_by = ?6 WHERE id = ?1",
            params![
                id.as_str(),
                at.timestamp_millis(),
                expires_at.map(|at| at.timestamp_millis()),
                Some(scopes).filter(|scopes| !scopes.is_empty()).map(|scopes| column::list(scopes)),
                ends.unused_by.map(|at| at.timestamp_millis()),
                ends.whole_by.map(|at| at.timestamp_millis()),
            ],
        )
        .map(drop)
    }

    /// Notes what a provider's policy wants of the next sign-in, or that it wants nothing more.
    ///
    /// # Errors
    /// `Storage`.
    pub fn set_claims(&self, id: &AccountId, claims: Option<&str>) -> Result<(), Error> {
        self.execute("UPDATE account SET claims = ?2 WHERE id = ?1", params![id.as_str(), claims]).map(drop)
    }

    /// What the provider's policy wants of the account's next sign-in.
    ///
    /// # Errors
    /// `NotFound`; `Storage`.
    pub fn claims(&self, id: &AccountId) -> Result<Option<String>, Error> {
        self.connection()
            .prepare_cached("SELECT claims FROM account WHERE id = ?1")
            .and_then(|mut statement| statement.query_row([id.as_str()], |row| row.get(0)))
            .map_err(|error| match error {
                rusqlite::Error::QueryReturnedNoRows => Error::new(ErrorCode::NotFound),
                other => failed(other),
            })
    }

    /// Gives an account another label.
    ///
    /// # Errors
    /// `NotFound`; `Storage`.
    pub fn rename_account(&self, id: &AccountId, label: &str) -> Result<(), Error> {
        match self.execute("UPDATE account SET label = ?2 WHERE id = ?1", params![id.as_str(), label])? {
            0 => Err(Error { account: Some(id.clone()), ..Error::new(ErrorCode::NotFound) }),
            _ => Ok(()),
        }
    }

    /// Removes an account, and its meetings with it. One that is not there is done.
    ///
    /// # Errors
    /// `Storage`.
    pub fn remove_account(&self, id: &AccountId) -> Result<(), Error> {
        self.change(|connection| {
            for table in ["account WHERE id", "credential WHERE account", "renewal WHERE account"] {
                connection.execute(&format!("DELETE FROM {table} = ?1"), [id.as_str()]).map_err(failed)?;
            }
            Ok(())
        })
    }

    /// When the account's meetings were last read at its provider; none where they never were.
    ///
    /// # Errors
    /// `Storage`.
    pub fn listed_at(&self, id: &AccountId) -> Result<Option<DateTime<Utc>>, Error> {
        self.connection()
            .prepare_cached("SELECT listed_at FROM account WHERE id = ?1")
            .and_then(|mut statement| statement.query_row([id.as_str()], |row| column::instant(row, 0)).optional())
            .map(Option::flatten)
            .map_err(failed)
    }

    /// The earliest [`Register::listed_at`] of those accounts that were ever read; none where none was.
    ///
    /// # Errors
    /// `Storage`.
    pub fn oldest_listing(&self) -> Result<Option<DateTime<Utc>>, Error> {
        self.connection()
            .prepare_cached("SELECT min(listed_at) FROM account")
            .and_then(|mut statement| statement.query_row([], |row| column::instant(row, 0)))
            .map_err(failed)
    }

    /// One statement; how many rows it changed.
    pub(super) fn execute(&self, statement: &str, values: impl Params) -> Result<usize, Error> {
        self.connection().prepare_cached(statement).and_then(|mut statement| statement.execute(values)).map_err(failed)
    }
}

fn put(connection: &Connection, account: &Account) -> Result<(), Error> {
    let Account {
        id,
        provider,
        label,
        identity,
        scopes,
        binding,
        health,
        health_reason,
        expires_at,
        last_refresh,
        ends,
    } = account;
    let statement = format!(
        "INSERT INTO account ({COLUMNS})
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
         ON CONFLICT (id) DO UPDATE SET provider = excluded.provider, label = excluded.label, subject = excluded.subject,
             address = excluded.address, name = excluded.name, scopes = excluded.scopes, broker = excluded.broker,
             api_base = excluded.api_base, health = excluded.health, health_reason = excluded.health_reason,
             expires_at = excluded.expires_at, last_refresh = excluded.last_refresh,
             unused_by = excluded.unused_by, whole_by = excluded.whole_by"
    );
    let values = params![
        id.as_str(),
        provider.as_str(),
        label,
        identity.subject,
        identity.address,
        identity.name,
        column::list(scopes),
        binding.broker,
        binding.api_base,
        column::name(health),
        health_reason,
        expires_at.map(|at| at.timestamp_millis()),
        last_refresh.map(|at| at.timestamp_millis()),
        ends.unused_by.map(|at| at.timestamp_millis()),
        ends.whole_by.map(|at| at.timestamp_millis()),
    ];
    connection.prepare_cached(&statement).and_then(|mut statement| statement.execute(values)).map(drop).map_err(failed)
}

fn account(row: &Row<'_>) -> rusqlite::Result<Account> {
    let id: String = row.get(0)?;
    Ok(Account {
        id: AccountId::parse(&id).map_err(|_| column::damaged())?,
        provider: column::named(row, 1)?,
        label: row.get(2)?,
        identity: Identity { subject: row.get(3)?, address: row.get(4)?, name: row.get(5)? },
        scopes: column::listed(row, 6)?,
        binding: Binding { broker: row.get(7)?, api_base: row.get(8)? },
        health: column::named(row, 9)?,
        health_reason: row.get(10)?,
        expires_at: column::instant(row, 11)?,
        last_refresh: column::instant(row, 12)?,
        ends: Ends { unused_by: column::instant(row, 13)?, whole_by: column::instant(row, 14)? },
    })
}
