//! The journal: what was asked to be made, from before it is asked for until it is known what became of it.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, Row, params};

use super::{
    Register, column, draft_json, failed,
    meetings::{require, run, store_made},
};
use crate::{
    account::{Account, AccountId},
    error::Error,
    meeting::{
        Meeting, MeetingDraft, ProviderMeeting, SeriesForm, SeriesId,
        intent::{Candidate, Intent, IntentId},
        options::OptionSpec,
    },
};

const SELECT: &str = "SELECT id, account, at, draft, before, series, made, candidates FROM intent";

impl Register {
    /// Writes down what is about to be asked for, all of it in one step. `before` are the provider's ids that stand now,
    /// where they are needed.
    ///
    /// # Errors
    /// `NotFound` where the account was removed meanwhile; `Storage`: then nothing may be asked for.
    pub fn journal(
        &self,
        account: &Account,
        drafts: &[MeetingDraft],
        before: &[String],
        at: DateTime<Utc>,
    ) -> Result<Vec<Intent>, Error> {
        let series = (drafts.len() > 1).then(|| Ok::<_, Error>(SeriesId(format!("s-{}", column::random_text(10)?))));
        let series = series.transpose()?;
        self.change(|connection| {
            require(connection, account)?;
            let mut intents = Vec::new();
            for draft in drafts {
                let id = IntentId(format!("i-{}", column::random_text(20)?));
                let intent = Intent {
                    before: before.iter().cloned().collect(),
                    series: series.clone(),
                    ..Intent::new(id, account.id.clone(), draft.clone(), at)
                };
                run(
                    connection,
                    "INSERT INTO intent (id, account, at, draft, before, series) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                    params![
                        intent.id.0,
                        account.id.as_str(),
                        at.timestamp_millis(),
                        draft_json::text(draft),
                        column::list(before),
                        series.as_ref().map(|series| &series.0),
                    ],
                )?;
                intents.push(intent);
            }
            Ok(intents)
        })
    }

    /// Writes down that a series which stands still has dates to be left out at the provider.
    ///
    /// # Errors
    /// `NotFound` where the account was removed meanwhile; `Storage`.
    pub fn owe_left_out(
        &self,
        account: &Account,
        draft: &MeetingDraft,
        provider_id: &str,
        at: DateTime<Utc>,
    ) -> Result<(), Error> {
        self.change(|connection| {
            require(connection, account)?;
            run(
                connection,
                "INSERT INTO intent (id, account, at, draft, before, made) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![
                    format!("i-{}", column::random_text(20)?),
                    account.id.as_str(),
                    at.timestamp_millis(),
                    draft_json::text(draft),
                    column::list(&[]),
                    provider_id,
                ],
            )
        })
    }

    /// The open intents, of one account or of all, the oldest first.
    ///
    /// # Errors
    /// `Storage`.
    pub fn open_intents(&self, account: Option<&AccountId>) -> Result<Vec<Intent>, Error> {
        let connection = self.connection();
        let statement = format!("{SELECT} WHERE ?1 IS NULL OR account = ?1 ORDER BY number");
        let mut statement = connection.prepare_cached(&statement).map_err(failed)?;
        let rows = statement.query_map([account.map(AccountId::as_str)], intent).map_err(failed)?;
        rows.collect::<rusqlite::Result<_>>().map_err(failed)
    }

    /// Writes down the meeting that an intent became, and closes the intent, in one step. An intent whose series still has
    /// dates to be left out at the provider stays open until [`Register::close_intent`].
    ///
    /// # Errors
    /// `NotFound` where the account was removed meanwhile; `Storage`: the intent then stays open.
    pub fn fulfil(
        &self,
        account: &Account,
        intent: &Intent,
        seen: &ProviderMeeting,
        table: &[OptionSpec],
    ) -> Result<Meeting, Error> {
        self.change(|connection| {
            require(connection, account)?;
            let meeting = store_made(connection, account, seen, intent, table)?;
            if dates_are_left_out(&intent.draft) {
                let made = params![intent.id.0, seen.provider_id];
                run(connection, "UPDATE intent SET made = ?2, candidates = '[]' WHERE id = ?1", made)?;
            } else {
                close(connection, &intent.id)?;
            }
            Ok(meeting)
        })
    }

    /// Forgets an intent: it is known what became of it. One that is not there is done.
    ///
    /// # Errors
    /// `Storage`.
    pub fn close_intent(&self, id: &IntentId) -> Result<(), Error> {
        close(&self.connection(), id)
    }

    /// Notes the meetings that an intent may have become.
    ///
    /// # Errors
    /// `Storage`.
    pub fn set_candidates(&self, id: &IntentId, candidates: &[Candidate]) -> Result<(), Error> {
        let text = serde_json::to_string(candidates).unwrap_or_else(|_| "[]".to_owned());
        run(&self.connection(), "UPDATE intent SET candidates = ?2 WHERE id = ?1", params![id.0, text])
    }

    /// The provider's ids of every meeting that the register knows of an account, in whatever state.
    ///
    /// # Errors
    /// `Storage`.
    pub fn known_ids(&self, account: &AccountId) -> Result<HashSet<String>, Error> {
        let connection = self.connection();
        let mut statement =
            connection.prepare_cached("SELECT provider_id FROM meeting WHERE account = ?1").map_err(failed)?;
        let rows = statement.query_map([account.as_str()], |row| row.get(0)).map_err(failed)?;
        rows.collect::<rusqlite::Result<_>>().map_err(failed)
    }
}

/// Whether the provider's own series has dates that are taken out after it was made.
fn dates_are_left_out(draft: &MeetingDraft) -> bool {
    draft.recurrence.as_ref().is_some_and(|series| series.form == SeriesForm::Native && !series.exceptions.is_empty())
}

fn close(connection: &Connection, id: &IntentId) -> Result<(), Error> {
    run(connection, "DELETE FROM intent WHERE id = ?1", [&id.0])
}

fn intent(row: &Row<'_>) -> rusqlite::Result<Intent> {
    let account: String = row.get(1)?;
    Ok(Intent {
        id: IntentId(row.get(0)?),
        account: AccountId::parse(&account).map_err(|_| column::damaged())?,
        at: column::instant(row, 2)?.ok_or_else(column::damaged)?,
        draft: draft_json::read(row.get_ref(3)?.as_str()?).ok_or_else(column::damaged)?,
        before: column::listed(row, 4)?.into_iter().collect(),
        series: row.get::<_, Option<String>>(5)?.map(SeriesId),
        made: row.get(6)?,
        candidates: serde_json::from_str(row.get_ref(7)?.as_str()?).map_err(|_| column::damaged())?,
    })
}
