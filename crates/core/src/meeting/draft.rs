//! From what a person typed to a checked draft: pure, so that form and command line agree.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use self::{
    series::{check_rule, leave_out, moved, rest_of},
    text::{check_agenda, check_invitees, check_subject},
    time::{When, check_time},
};
use super::{Meeting, MeetingChange, MeetingDraft, MeetingOptions, MeetingTime, Recurrence, SeriesForm, parse_zone};
use crate::{
    capabilities::Capabilities,
    error::{FieldIssue, IssueCode},
};

mod series;
mod text;
mod time;

pub(super) use text::is_address;
pub use time::parse_instant;

/// The longest subject anywhere, in characters (Zoom's `topic`).
pub const LONGEST_SUBJECT: u16 = 200;
/// The longest agenda anywhere, in characters (Zoom's `agenda`).
pub const LONGEST_AGENDA: u16 = 2_000;

/// Which of the two, where a clock change makes a wall time happen twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
#[ts(export)]
pub enum Fold {
    /// The first.
    Earlier,
    /// The second.
    Later,
}

/// A new meeting as typed. Times are RFC 3339 with an offset, or `2027-03-14T09:30` in `zone`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[ts(export)]
pub struct DraftInput {
    /// What it is about.
    pub subject: String,
    /// The start.
    pub start: String,
    /// The end; or `duration_minutes`.
    pub end: Option<String>,
    /// The length in minutes; or `end`.
    pub duration_minutes: Option<u32>,
    /// A zone, by its IANA or its Windows name.
    pub zone: String,
    /// Which of two, where the start happens twice.
    pub fold: Option<Fold>,
    /// Text for the invited.
    pub agenda: String,
    /// Mail addresses.
    pub invitees: Vec<String>,
    /// A rule (RFC 5545 `RRULE`), where it repeats.
    pub repeat: Option<String>,
    /// Dates of the rule that are left out.
    pub except: Vec<String>,
    /// How a series is to stand at the provider.
    pub series: Option<SeriesForm>,
    /// Options by their names.
    #[ts(type = "Record<string, string>")]
    pub options: BTreeMap<String, String>,
}

/// A change as typed; absent parts stay.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[ts(export)]
pub struct ChangeInput {
    /// A new subject.
    pub subject: Option<String>,
    /// A new start.
    pub start: Option<String>,
    /// A new end.
    pub end: Option<String>,
    /// A new length in minutes.
    pub duration_minutes: Option<u32>,
    /// A new zone.
    pub zone: Option<String>,
    /// Which of two, where the start happens twice.
    pub fold: Option<Fold>,
    /// A new agenda.
    pub agenda: Option<String>,
    /// The whole new list of addresses.
    pub invitees: Option<Vec<String>>,
    /// A new rule; empty where it does not repeat any more.
    pub repeat: Option<String>,
    /// Further dates that are left out.
    pub except: Vec<String>,
    /// How a new series is to stand at the provider.
    pub series: Option<SeriesForm>,
    /// The options that change, by their names.
    #[ts(type = "Record<string, string>")]
    pub options: BTreeMap<String, String>,
}

impl DraftInput {
    /// Checks everything at once, so that a person sees every problem in one go.
    ///
    /// # Errors
    /// Every issue found, in the order of the form.
    pub fn check(&self, now: DateTime<Utc>, can: &Capabilities) -> Result<MeetingDraft, Vec<FieldIssue>> {
        let mut issues = Vec::new();
        let subject = check_subject(&self.subject, can.longest_subject, &mut issues);
        let time = if let Some(zone) = parse_zone(&self.zone) {
            let when = When {
                start: &self.start,
                end: self.end.as_deref(),
                minutes: self.duration_minutes,
                shortest: can.shortest_minutes,
                fold: self.fold,
            };
            check_time(&when, zone, now, &mut issues)
        } else {
            issues.push(FieldIssue::with_detail("zone", IssueCode::UnknownZone, &self.zone));
            None
        };
        let recurrence = time.and_then(|time| self.check_series(&time, &mut issues));
        let agenda = check_agenda(&self.agenda, can.longest_agenda, &mut issues);
        let invitees = check_invitees(&self.invitees, &mut issues);
        let options = MeetingOptions::check(&self.options, can.options, false).unwrap_or_else(|found| {
            issues.extend(found);
            MeetingOptions::NONE
        });
        match (time, issues.is_empty()) {
            (Some(time), true) => Ok(MeetingDraft { subject, time, agenda, invitees, recurrence, options }),
            _ => Err(issues),
        }
    }

    fn check_series(&self, time: &MeetingTime, issues: &mut Vec<FieldIssue>) -> Option<Recurrence> {
        let Some(rule) = self.repeat.as_deref().map(str::trim).filter(|rule| !rule.is_empty()) else {
            if !self.except.is_empty() {
                issues.push(FieldIssue::new("repeat", IssueCode::Required));
            }
            return None;
        };
        let series = check_rule(rule, self.series, time, issues)?;
        Some(leave_out(series, &self.except, time, issues))
    }
}

impl ChangeInput {
    /// Checks the change against the meeting as it is now (needed where only a part of it changes).
    ///
    /// # Errors
    /// Every issue found, in the order of the form.
    pub fn check(
        &self,
        current: &Meeting,
        default_zone: Tz,
        now: DateTime<Utc>,
        can: &Capabilities,
    ) -> Result<MeetingChange, Vec<FieldIssue>> {
        let mut issues = Vec::new();
        let subject = self.subject.as_deref().map(|text| check_subject(text, can.longest_subject, &mut issues));
        // What is over of a series stays as it was: a change of its dates is one of those to come.
        let rest = if self.changes_time() || self.repeat.is_some() { rest_of(current, now) } else { None };
        let base = rest.as_ref().unwrap_or(current);
        let time = if self.changes_time() {
            self.check_time(base, current.time, default_zone, now, can, &mut issues)
        } else {
            rest.as_ref().and_then(|rest| rest.time)
        };
        // An unchanged time is not sent: Teams refuses half of it, Zoom would ring everybody.
        let time = time.filter(|time| current.time != Some(*time));
        let recurrence = self.check_series(base, time, &mut issues);
        let agenda = self.agenda.as_deref().map(|text| check_agenda(text, can.longest_agenda, &mut issues));
        let invitees = self.invitees.as_deref().map(|list| check_invitees(list, &mut issues));
        let invitees = invitees.filter(|list| *list != current.invitees);
        if invitees.is_some() && can.keeps_invitees && !can.changes_invitees {
            issues.push(FieldIssue::with_detail("invitees", IssueCode::OnlyWhenMade, "invitees"));
        }
        let options = MeetingOptions::check(&self.options, can.options, true).unwrap_or_else(|found| {
            issues.extend(found);
            MeetingOptions::NONE
        });
        if issues.is_empty() {
            Ok(MeetingChange { subject, time, agenda, invitees, recurrence, options })
        } else {
            Err(issues)
        }
    }

    fn changes_time(&self) -> bool {
        self.start.is_some() || self.end.is_some() || self.duration_minutes.is_some() || self.zone.is_some()
    }

    /// What becomes of the series: a new time of a series comes with its rule, whose exceptions move along.
    #[expect(clippy::option_option, reason = "it stays, it ends, or it becomes another")]
    fn check_series(
        &self,
        current: &Meeting,
        moved_to: Option<MeetingTime>,
        issues: &mut Vec<FieldIssue>,
    ) -> Option<Option<Recurrence>> {
        let Some(time) = moved_to.or(current.time) else {
            if self.repeat.as_deref().is_some_and(|rule| !rule.trim().is_empty()) {
                issues.push(FieldIssue::new("start", IssueCode::Required));
            }
            return None;
        };
        let form = self.series.or(current.recurrence.as_ref().map(|series| series.form));
        let series = match (self.repeat.as_deref().map(str::trim), &current.recurrence) {
            (Some(""), _) | (None, None) => None,
            (Some(rule), known) => {
                let series = check_rule(rule, form, &time, issues)?;
                let kept = known.iter().flat_map(|known| known.exceptions.iter().copied());
                Some(moved(&series.clone().without(kept), &time))
            }
            (None, Some(known)) => Some(moved(&check_rule(&known.rule.text(), form, &time, issues)?, &time))
                .map(|series| Recurrence { exceptions: moved(known, &time).exceptions, ..series }),
        };
        if series.is_none() && !self.except.is_empty() {
            issues.push(FieldIssue::new("repeat", IssueCode::Required));
        }
        let series = series.map(|series| leave_out(series, &self.except, &time, issues));
        let changed = series != current.recurrence || (series.is_some() && moved_to.is_some());
        changed.then_some(series)
    }

    fn check_time(
        &self,
        base: &Meeting,
        shown: Option<MeetingTime>,
        default_zone: Tz,
        now: DateTime<Utc>,
        can: &Capabilities,
        issues: &mut Vec<FieldIssue>,
    ) -> Option<MeetingTime> {
        let zone = match &self.zone {
            Some(name) => {
                let Some(zone) = parse_zone(name) else {
                    issues.push(FieldIssue::with_detail("zone", IssueCode::UnknownZone, name));
                    return None;
                };
                zone
            }
            None => base.time.map_or(default_zone, |time| time.zone()),
        };
        // Without a new start the wall time stays, also where only the zone moves.
        let current = base.time;
        let start = match (&self.start, current) {
            (Some(start), _) => on_a_date_to_come(start, shown, current),
            (None, Some(time)) => time.start.naive_local().format("%Y-%m-%dT%H:%M:%S").to_string(),
            (None, None) => {
                issues.push(FieldIssue::new("start", IssueCode::Required));
                return None;
            }
        };
        let kept = if self.end.is_none() { self.duration_minutes.or(current.map(|time| time.minutes)) } else { None };
        check_time(
            &When {
                start: &start,
                end: self.end.as_deref(),
                minutes: kept,
                shortest: can.shortest_minutes,
                fold: self.fold.or(Some(Fold::Earlier).filter(|_| self.start.is_none())),
            },
            zone,
            now,
            issues,
        )
    }
}

/// A wall time typed for the first date of a series that has begun means its next one.
fn on_a_date_to_come(typed: &str, first: Option<MeetingTime>, next: Option<MeetingTime>) -> String {
    let date = |time: MeetingTime| time.start.date_naive().to_string();
    let (Some(first), Some(next)) = (first.map(date), next.map(date)) else { return typed.to_owned() };
    let is_instant = DateTime::parse_from_rfc3339(typed).is_ok();
    match typed.strip_prefix(&first) {
        Some(rest) if !is_instant => format!("{next}{rest}"),
        _ => typed.to_owned(),
    }
}

#[cfg(test)]
mod tests;
