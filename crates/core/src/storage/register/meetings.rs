//! Meetings in the register: what their providers said, completed by what only this computer knows.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, NaiveDateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Params, Row, params};

use super::{
    Register, column, failed,
    merge::{Asked, Told, merge},
};
use crate::{
    account::{Account, AccountId},
    error::{Error, ErrorCode},
    meeting::{
        JoinUrl, Meeting, MeetingChange, MeetingId, MeetingState, MeetingTime, ProviderMeeting, Recurrence, Rule,
        SeriesId, intent::Intent, occurrences::last_end, options::OptionSpec,
    },
};

/// The columns in the order in which [`meeting`] reads them. The join is written so that the index gives the order and
/// nothing is sorted.
const SELECT: &str = "SELECT meeting.id, meeting.account, account.provider, provider_id, meeting.subject, start, minutes, zone,
    join_url, passcode, dial_in, agenda, invitees, state, rule, exceptions, form, options, sip, series, sequence FROM meeting CROSS JOIN account ON account.id = meeting.account";

impl Register {
    /// The meetings that stand at their providers, of one account or of all: those that overlap with `from` (included) to
    /// `to` (excluded) by start, then those without a time, which belong to every window.
    ///
    /// # Errors
    /// `Storage`.
    pub fn meetings(
        &self,
        account: Option<&AccountId>,
        from: Option<DateTime<Utc>>,
        to: Option<DateTime<Utc>>,
    ) -> Result<Vec<Meeting>, Error> {
        scheduled(&self.connection(), account, from, to)
    }

    /// One meeting, in whatever state; none where it is not known.
    ///
    /// # Errors
    /// `Storage`.
    pub fn meeting(&self, id: &MeetingId) -> Result<Option<Meeting>, Error> {
        find(&self.connection(), id)
    }

    /// Writes down a meeting that its provider has just told of. It gets an id at the first time and keeps it. What the
    /// provider does not know stays as it was.
    ///
    /// # Errors
    /// `NotFound` where the account was removed meanwhile; `Storage`.
    pub fn remember(&self, account: &Account, seen: &ProviderMeeting, table: &[OptionSpec]) -> Result<Meeting, Error> {
        self.change(|connection| {
            require(connection, account)?;
            let known = find_at_provider(connection, &account.id, &seen.provider_id)?;
            store(connection, account, seen, Asked::default(), known, table)
        })
    }

    /// Writes down a change that its provider has just made. What the provider does not know is as the change has it.
    ///
    /// # Errors
    /// `NotFound` where the meeting or its account was removed meanwhile; `Storage`.
    pub fn apply_change(
        &self,
        id: &MeetingId,
        change: &MeetingChange,
        seen: &ProviderMeeting,
        table: &[OptionSpec],
    ) -> Result<Meeting, Error> {
        self.change(|connection| {
            let known = find(connection, id)?.ok_or_else(|| Error::new(ErrorCode::NotFound))?;
            let told = merge(seen, change.into(), Some(&known), table);
            let meeting = Meeting { sequence: known.sequence.saturating_add(1), ..scheduled_as(&known, told) };
            update(connection, &meeting)?;
            Ok(meeting)
        })
    }

    /// The meetings of one series that stands as several, by start.
    ///
    /// # Errors
    /// `Storage`.
    pub fn meetings_of_series(&self, series: &SeriesId) -> Result<Vec<Meeting>, Error> {
        let statement = format!("{SELECT} WHERE meeting.series = ?1 AND meeting.state = ?2 ORDER BY meeting.start");
        collect(&self.connection(), &statement, params![series.0, column::name(MeetingState::Scheduled)])
    }

    /// Writes down an account's whole list, which was asked for at `at`, and answers what stands now. `known` is what
    /// [`Register::meetings`] answered before the list was asked for: of these, the ones that the list lacks are gone. A
    /// meeting that another task or process made since is not, and one that it removed since does not come back. Where
    /// the list is not complete, `known` is empty: nothing is gone then.
    ///
    /// # Errors
    /// `NotFound` where the account was removed meanwhile; `Storage`. Nothing is changed then.
    pub fn replace_list(
        &self,
        account: &Account,
        seen: &[ProviderMeeting],
        known: &[Meeting],
        at: DateTime<Utc>,
        table: &[OptionSpec],
    ) -> Result<Vec<Meeting>, Error> {
        self.change(|connection| {
            require(connection, account)?;
            let mut held = held(connection, &account.id)?;
            let expected: HashSet<&str> = known.iter().map(|meeting| meeting.provider_id.as_str()).collect();
            for meeting in seen {
                let before = held.remove(&meeting.provider_id);
                let stands = before.as_ref().is_some_and(|before| before.state == MeetingState::Scheduled);
                if stands || !expected.contains(meeting.provider_id.as_str()) {
                    store(connection, account, meeting, Asked::default(), before, table)?;
                }
            }
            for absent in held.values().filter(|absent| expected.contains(absent.provider_id.as_str())) {
                set_state(connection, &absent.id, MeetingState::Gone)?;
            }
            run(
                connection,
                "UPDATE account SET listed_at = ?2 WHERE id = ?1",
                params![account.id.as_str(), at.timestamp_millis()],
            )?;
            scheduled(connection, Some(&account.id), None, None)
        })
    }

    /// Notes that a meeting is no longer at its provider.
    ///
    /// # Errors
    /// `Storage`.
    pub fn mark_gone(&self, id: &MeetingId) -> Result<(), Error> {
        set_state(&self.connection(), id, MeetingState::Gone)
    }

    /// Forgets a meeting that was deleted. One that is not there is done.
    ///
    /// # Errors
    /// `Storage`.
    pub fn forget_meeting(&self, id: &MeetingId) -> Result<(), Error> {
        run(&self.connection(), "DELETE FROM meeting WHERE id = ?1", [&id.0])
    }
}

/// Writes down the meeting that an intent became, completed by its draft.
pub(super) fn store_made(
    connection: &Connection,
    account: &Account,
    seen: &ProviderMeeting,
    intent: &Intent,
    table: &[OptionSpec],
) -> Result<Meeting, Error> {
    let known = find_at_provider(connection, &account.id, &seen.provider_id)?;
    let stored = store(connection, account, seen, Asked::from(&intent.draft), known, table)?;
    let meeting = Meeting { series: intent.series.clone(), ..stored };
    update(connection, &meeting)?;
    Ok(meeting)
}

/// Merges and writes; a meeting that did not change is not written.
fn store(
    connection: &Connection,
    account: &Account,
    seen: &ProviderMeeting,
    asked: Asked<'_>,
    known: Option<Meeting>,
    table: &[OptionSpec],
) -> Result<Meeting, Error> {
    let told = merge(seen, asked, known.as_ref(), table);
    if let Some(known) = known {
        let meeting = scheduled_as(&known, told);
        if meeting != known {
            update(connection, &meeting)?;
        }
        return Ok(meeting);
    }
    let id = MeetingId(format!("m-{}", column::random_text(10)?));
    let blank = Meeting::blank(id, account.id.clone(), account.provider, seen.provider_id.clone());
    let meeting = scheduled_as(&blank, told);
    run(
        connection,
        "INSERT INTO meeting (id, account, provider_id, subject, agenda, invitees, state) VALUES (?1, ?2, ?3, '', '', '[]', '')",
        params![meeting.id.0, meeting.account.as_str(), meeting.provider_id],
    )?;
    update(connection, &meeting)?;
    Ok(meeting)
}

fn scheduled_as(meeting: &Meeting, told: Told) -> Meeting {
    let Told { subject, time, join_url, passcode, dial_in, agenda, invitees, sip, recurrence, options } = told;
    let state = MeetingState::Scheduled;
    let told = Meeting {
        subject,
        time,
        join_url,
        passcode,
        dial_in,
        agenda,
        invitees,
        sip,
        recurrence,
        options,
        state,
        ..meeting.clone()
    };
    // A series that somebody moved at the provider is another invitation.
    let moved = meeting.state == state && meeting.time.is_some() && told.time != meeting.time;
    Meeting { sequence: meeting.sequence.saturating_add(u32::from(moved)), ..told }
}

fn update(connection: &Connection, meeting: &Meeting) -> Result<(), Error> {
    run(
        connection,
        "UPDATE meeting SET subject = ?2, start = ?3, minutes = ?4, zone = ?5, join_url = ?6, passcode = ?7, dial_in = ?8,
             agenda = ?9, invitees = ?10, state = ?11, rule = ?12, exceptions = ?13, form = ?14, series_end = ?15,
             options = ?16, sip = ?17, series = ?18, sequence = ?19 WHERE id = ?1",
        params![
            meeting.id.0,
            meeting.subject,
            meeting.time.map(|time| time.start_utc().timestamp_millis()),
            meeting.time.map(|time| time.minutes),
            meeting.time.map(|time| time.zone().name()),
            meeting.join_url.as_ref().map(JoinUrl::as_str),
            meeting.passcode,
            meeting.dial_in,
            meeting.agenda,
            column::list(&meeting.invitees),
            column::name(meeting.state),
            meeting.recurrence.as_ref().map(|series| series.rule.text()),
            column::list(&meeting.recurrence.iter().flat_map(|series| &series.exceptions).map(wall_text).collect::<Vec<_>>()),
            meeting.recurrence.as_ref().map(|series| column::name(series.form)),
            series_end(meeting),
            serde_json::to_string(&meeting.options).unwrap_or_else(|_| "{}".to_owned()),
            meeting.sip,
            meeting.series.as_ref().map(|series| &series.0),
            meeting.sequence,
        ],
    )
}

/// When the last occurrence is over; the largest number where a series does not end.
fn series_end(meeting: &Meeting) -> Option<i64> {
    let (time, series) = (meeting.time?, meeting.recurrence.as_ref()?);
    Some(last_end(&time, series).map_or(i64::MAX, |end| end.timestamp_millis()))
}

const WALL: &str = "%Y-%m-%dT%H:%M:%S";

fn wall_text(wall: &NaiveDateTime) -> String {
    wall.format(WALL).to_string()
}

fn set_state(connection: &Connection, id: &MeetingId, state: MeetingState) -> Result<(), Error> {
    run(connection, "UPDATE meeting SET state = ?2 WHERE id = ?1", params![id.0, column::name(state)])
}

pub(super) fn run(connection: &Connection, statement: &str, values: impl Params) -> Result<(), Error> {
    connection.prepare_cached(statement).and_then(|mut statement| statement.execute(values)).map(drop).map_err(failed)
}

/// The account must still be there: another process may have disconnected it while a provider was being asked.
pub(super) fn require(connection: &Connection, account: &Account) -> Result<(), Error> {
    let there = connection
        .prepare_cached("SELECT 1 FROM account WHERE id = ?1")
        .and_then(|mut statement| statement.exists([account.id.as_str()]))
        .map_err(failed)?;
    if there { Ok(()) } else { Err(Error::new(ErrorCode::NotFound).at(&account.id, account.provider)) }
}

fn find(connection: &Connection, id: &MeetingId) -> Result<Option<Meeting>, Error> {
    connection
        .prepare_cached(&format!("{SELECT} WHERE meeting.id = ?1"))
        .and_then(|mut statement| statement.query_row([&id.0], meeting).optional())
        .map_err(failed)
}

fn find_at_provider(connection: &Connection, account: &AccountId, provider_id: &str) -> Result<Option<Meeting>, Error> {
    connection
        .prepare_cached(&format!("{SELECT} WHERE meeting.account = ?1 AND meeting.provider_id = ?2"))
        .and_then(|mut statement| statement.query_row([account.as_str(), provider_id], meeting).optional())
        .map_err(failed)
}

/// All that is known of an account, the gone ones too, by the provider's id.
fn held(connection: &Connection, account: &AccountId) -> Result<HashMap<String, Meeting>, Error> {
    let rows = collect(connection, &format!("{SELECT} WHERE meeting.account = ?1"), [account.as_str()])?;
    Ok(rows.into_iter().map(|meeting| (meeting.provider_id.clone(), meeting)).collect())
}

fn scheduled(
    connection: &Connection,
    account: Option<&AccountId>,
    from: Option<DateTime<Utc>>,
    to: Option<DateTime<Utc>>,
) -> Result<Vec<Meeting>, Error> {
    // One statement for one account and one for all: an index serves each, and none serves both at once.
    let whose = if account.is_some() { "meeting.account = ?1" } else { "?1 IS NULL" };
    let account = account.map(AccountId::as_str);
    let state = column::name(MeetingState::Scheduled);
    let millis = |at: Option<DateTime<Utc>>| at.map(|at| at.timestamp_millis());
    let timed = format!(
        "{SELECT} WHERE {whose} AND meeting.state = ?2 AND meeting.start < ?4
         AND ifnull(meeting.series_end, meeting.start + meeting.minutes * 60000) > ?3
         ORDER BY meeting.start, meeting.number"
    );
    let window = params![account, state, millis(from).unwrap_or(i64::MIN), millis(to).unwrap_or(i64::MAX)];
    let mut meetings = collect(connection, &timed, window)?;
    let untimed =
        format!("{SELECT} WHERE {whose} AND meeting.state = ?2 AND meeting.start IS NULL ORDER BY meeting.number");
    meetings.extend(collect(connection, &untimed, params![account, state])?);
    Ok(meetings)
}

fn collect(connection: &Connection, statement: &str, values: impl Params) -> Result<Vec<Meeting>, Error> {
    let mut statement = connection.prepare_cached(statement).map_err(failed)?;
    let rows = statement.query_map(values, meeting).map_err(failed)?;
    rows.collect::<rusqlite::Result<_>>().map_err(failed)
}

fn meeting(row: &Row<'_>) -> rusqlite::Result<Meeting> {
    let account: String = row.get(1)?;
    Ok(Meeting {
        id: MeetingId(row.get(0)?),
        account: AccountId::parse(&account).map_err(|_| column::damaged())?,
        provider: column::named(row, 2)?,
        provider_id: row.get(3)?,
        subject: row.get(4)?,
        time: time(row)?,
        // Parsed again: it will be opened, and this file may have been written by anyone.
        join_url: row
            .get_ref(8)?
            .as_str_or_null()?
            .map(|text| JoinUrl::parse(text).ok_or_else(column::damaged))
            .transpose()?,
        passcode: row.get(9)?,
        dial_in: row.get(10)?,
        agenda: row.get(11)?,
        invitees: column::listed(row, 12)?,
        state: column::named(row, 13)?,
        recurrence: recurrence(row)?,
        options: serde_json::from_str(row.get_ref(17)?.as_str()?).map_err(|_| column::damaged())?,
        sip: row.get(18)?,
        series: row.get::<_, Option<String>>(19)?.map(SeriesId),
        sequence: row.get(20)?,
    })
}

fn recurrence(row: &Row<'_>) -> rusqlite::Result<Option<Recurrence>> {
    let Some(rule) = row.get_ref(14)?.as_str_or_null()? else { return Ok(None) };
    // An end is kept as an instant, so that the zone does not matter.
    let rule = Rule::parse(rule, chrono_tz::Tz::UTC).map_err(|_| column::damaged())?;
    let wall = |text: &String| NaiveDateTime::parse_from_str(text, WALL).map_err(|_| column::damaged());
    let exceptions = column::listed(row, 15)?.iter().map(wall).collect::<rusqlite::Result<_>>()?;
    Ok(Some(Recurrence { rule, exceptions, form: column::named(row, 16)? }))
}

fn time(row: &Row<'_>) -> rusqlite::Result<Option<MeetingTime>> {
    let Some(start) = column::instant(row, 5)? else { return Ok(None) };
    let zone = row.get_ref(7)?.as_str()?.parse::<chrono_tz::Tz>().map_err(|_| column::damaged())?;
    Ok(Some(MeetingTime { start: start.with_timezone(&zone), minutes: row.get(6)? }))
}
