//! From what a person typed to a checked draft: pure, so that form and command line agree.

use chrono::{DateTime, Duration, LocalResult, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{MeetingChange, MeetingDraft, MeetingTime};
use crate::error::{FieldIssue, IssueCode};

/// The longest subject, in characters (Zoom's `topic`).
pub const LONGEST_SUBJECT: usize = 200;
/// The longest agenda, in characters (Zoom's `agenda`).
pub const LONGEST_AGENDA: usize = 2_000;
/// The longest meeting: a day less a minute.
const LONGEST_MINUTES: i64 = 24 * 60 - 1;
const MOST_INVITEES: usize = 300;

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
    /// An IANA zone.
    pub zone: String,
    /// Which of two, where the start happens twice.
    pub fold: Option<Fold>,
    /// Text for the invited.
    pub agenda: String,
    /// Mail addresses.
    pub invitees: Vec<String>,
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
}

impl DraftInput {
    /// Checks everything at once, so that a person sees every problem in one go.
    ///
    /// # Errors
    /// Every issue found, in the order of the form.
    pub fn check(&self, now: DateTime<Utc>) -> Result<MeetingDraft, Vec<FieldIssue>> {
        let mut issues = Vec::new();
        let subject = check_subject(&self.subject, &mut issues);
        let time = if let Some(zone) = parse_zone(&self.zone) {
            let when =
                When { start: &self.start, end: self.end.as_deref(), minutes: self.duration_minutes, fold: self.fold };
            check_time(&when, zone, now, &mut issues)
        } else {
            issues.push(FieldIssue::with_detail("zone", IssueCode::UnknownZone, &self.zone));
            None
        };
        let agenda = check_agenda(&self.agenda, &mut issues);
        let invitees = check_invitees(&self.invitees, &mut issues);
        match (time, issues.is_empty()) {
            (Some(time), true) => Ok(MeetingDraft { subject, time, agenda, invitees }),
            _ => Err(issues),
        }
    }
}

impl ChangeInput {
    /// Checks the change against the time the meeting has now (needed where only a part of it changes).
    ///
    /// # Errors
    /// Every issue found, in the order of the form.
    pub fn check(
        &self,
        current: Option<MeetingTime>,
        default_zone: Tz,
        now: DateTime<Utc>,
    ) -> Result<MeetingChange, Vec<FieldIssue>> {
        let mut issues = Vec::new();
        let subject = self.subject.as_deref().map(|text| check_subject(text, &mut issues));
        let time = if self.changes_time() { self.check_time(current, default_zone, now, &mut issues) } else { None };
        let agenda = self.agenda.as_deref().map(|text| check_agenda(text, &mut issues));
        let invitees = self.invitees.as_deref().map(|list| check_invitees(list, &mut issues));
        if issues.is_empty() {
            // An unchanged time is not sent: Teams refuses half of it, Zoom would ring everybody.
            let time = time.filter(|time| current != Some(*time));
            Ok(MeetingChange { subject, time, agenda, invitees })
        } else {
            Err(issues)
        }
    }

    fn changes_time(&self) -> bool {
        self.start.is_some() || self.end.is_some() || self.duration_minutes.is_some() || self.zone.is_some()
    }

    fn check_time(
        &self,
        current: Option<MeetingTime>,
        default_zone: Tz,
        now: DateTime<Utc>,
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
            None => current.map_or(default_zone, |time| time.zone()),
        };
        // Without a new start the wall time stays, also where only the zone moves.
        let start = match (&self.start, current) {
            (Some(start), _) => start.clone(),
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
                fold: self.fold.or(Some(Fold::Earlier).filter(|_| self.start.is_none())),
            },
            zone,
            now,
            issues,
        )
    }
}

struct When<'a> {
    start: &'a str,
    end: Option<&'a str>,
    minutes: Option<u32>,
    fold: Option<Fold>,
}

fn check_time(when: &When<'_>, zone: Tz, now: DateTime<Utc>, issues: &mut Vec<FieldIssue>) -> Option<MeetingTime> {
    if when.start.trim().is_empty() {
        issues.push(FieldIssue::new("start", IssueCode::Required));
        return None;
    }
    let start = match parse_time(when.start, zone, when.fold) {
        Ok(start) => start,
        Err(issue) => {
            issues.push(FieldIssue::with_detail("start", issue, when.start));
            return None;
        }
    };
    if start < now {
        issues.push(FieldIssue::new("start", IssueCode::InThePast));
    }
    let minutes = match (when.end, when.minutes) {
        (Some(text), None) => match parse_time(text, zone, when.fold) {
            Ok(end) => (end - start).num_minutes(),
            Err(issue) => {
                issues.push(FieldIssue::with_detail("end", issue, text));
                return None;
            }
        },
        (None, Some(minutes)) => i64::from(minutes),
        (Some(_), Some(_)) => {
            issues.push(FieldIssue::new("end", IssueCode::EndAndDuration));
            return None;
        }
        (None, None) => {
            issues.push(FieldIssue::new("end", IssueCode::Required));
            return None;
        }
    };
    let field = if when.end.is_some() { "end" } else { "duration" };
    if minutes <= 0 {
        issues.push(FieldIssue::new(field, IssueCode::EndBeforeStart));
        return None;
    }
    if minutes > LONGEST_MINUTES {
        issues.push(FieldIssue::with_detail(field, IssueCode::TooLong, &LONGEST_MINUTES.to_string()));
        return None;
    }
    if start > now + Duration::days(365 * 20) {
        issues.push(FieldIssue::new("start", IssueCode::TooFarAhead));
        return None;
    }
    Some(MeetingTime { start, minutes: u32::try_from(minutes).ok()? })
}

/// An IANA zone name, exactly as the tz database writes it.
#[must_use]
pub fn parse_zone(name: &str) -> Option<Tz> {
    name.parse().ok()
}

/// RFC 3339 with an offset, or a wall time in `zone`.
fn parse_time(text: &str, zone: Tz, fold: Option<Fold>) -> Result<DateTime<Tz>, IssueCode> {
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Ok(instant.with_timezone(&zone));
    }
    let wall = ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
        .ok_or(IssueCode::NotATime)?;
    match (zone.from_local_datetime(&wall), fold) {
        (LocalResult::Single(time), _)
        | (LocalResult::Ambiguous(time, _), Some(Fold::Earlier))
        | (LocalResult::Ambiguous(_, time), Some(Fold::Later)) => Ok(time),
        (LocalResult::Ambiguous(..), None) => Err(IssueCode::HappensTwice),
        (LocalResult::None, _) => Err(IssueCode::SkippedByClockChange),
    }
}

/// Reads a point in time of a filter (`--from`, `--to`): RFC 3339, a wall time, or a date (its first moment).
///
/// # Errors
/// What is wrong with the text.
pub fn parse_instant(text: &str, zone: Tz) -> Result<DateTime<Utc>, IssueCode> {
    let whole_day = format!("{text}T00:00");
    parse_time(text, zone, Some(Fold::Earlier))
        .or_else(|issue| if text.len() == 10 { parse_time(&whole_day, zone, Some(Fold::Earlier)) } else { Err(issue) })
        .map(|time| time.with_timezone(&Utc))
}

fn check_subject(text: &str, issues: &mut Vec<FieldIssue>) -> String {
    let subject = text.trim();
    if subject.is_empty() {
        issues.push(FieldIssue::new("subject", IssueCode::Required));
    } else if subject.chars().count() > LONGEST_SUBJECT {
        issues.push(FieldIssue::with_detail("subject", IssueCode::TooLong, &LONGEST_SUBJECT.to_string()));
    } else if subject.chars().any(char::is_control) {
        issues.push(FieldIssue::new("subject", IssueCode::ControlCharacter));
    }
    subject.to_owned()
}

fn check_agenda(text: &str, issues: &mut Vec<FieldIssue>) -> String {
    let agenda = text.trim_end();
    if agenda.chars().count() > LONGEST_AGENDA {
        issues.push(FieldIssue::with_detail("agenda", IssueCode::TooLong, &LONGEST_AGENDA.to_string()));
    } else if agenda.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        issues.push(FieldIssue::new("agenda", IssueCode::ControlCharacter));
    }
    agenda.to_owned()
}

fn check_invitees(list: &[String], issues: &mut Vec<FieldIssue>) -> Vec<String> {
    let mut invitees: Vec<String> = Vec::new();
    for address in list.iter().map(|text| text.trim()).filter(|text| !text.is_empty()) {
        if !is_address(address) {
            issues.push(FieldIssue::with_detail("invitees", IssueCode::NotAnAddress, address));
        } else if !invitees.iter().any(|known| known.eq_ignore_ascii_case(address)) {
            invitees.push(address.to_owned());
        }
    }
    if invitees.len() > MOST_INVITEES {
        issues.push(FieldIssue::with_detail("invitees", IssueCode::TooLong, &MOST_INVITEES.to_string()));
    }
    invitees
}

/// A plain mail address: one `@`, a dotted or local domain, no blanks. The provider has the last word.
fn is_address(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    !local.is_empty()
        && !domain.is_empty()
        && text.len() <= 254
        && !domain.contains('@')
        && !text.chars().any(|c| c.is_whitespace() || c.is_control() || "<>,;:\"()[]\\".contains(c))
        && domain.split('.').all(|label| !label.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        "2027-01-10T12:00:00Z".parse().unwrap()
    }

    fn draft() -> DraftInput {
        DraftInput {
            subject: "Standup".into(),
            start: "2027-03-01T09:30".into(),
            duration_minutes: Some(45),
            zone: "Europe/Zurich".into(),
            ..DraftInput::default()
        }
    }

    fn issues(input: &DraftInput) -> Vec<(String, IssueCode)> {
        input.check(now()).unwrap_err().into_iter().map(|issue| (issue.field, issue.problem)).collect()
    }

    #[test]
    fn a_wall_time_gets_the_offset_of_its_zone() {
        let draft = draft().check(now()).unwrap();
        assert_eq!(super::super::rfc3339(&draft.time.start), "2027-03-01T09:30:00+01:00");
        assert_eq!(super::super::rfc3339(&draft.time.end()), "2027-03-01T10:15:00+01:00");
    }

    #[test]
    fn every_problem_is_named_at_once() {
        let input = DraftInput {
            subject: " ".into(),
            start: "2027-01-01T09:00".into(),
            invitees: vec!["ana".into()],
            ..draft()
        };
        assert_eq!(
            issues(&input),
            [
                ("subject".into(), IssueCode::Required),
                ("start".into(), IssueCode::InThePast),
                ("invitees".into(), IssueCode::NotAnAddress)
            ]
        );
    }

    #[test]
    fn an_end_before_the_start_is_refused() {
        let input = DraftInput { end: Some("2027-03-01T09:00".into()), duration_minutes: None, ..draft() };
        assert_eq!(issues(&input), [("end".into(), IssueCode::EndBeforeStart)]);
        let input = DraftInput { duration_minutes: Some(0), ..draft() };
        assert_eq!(issues(&input), [("duration".into(), IssueCode::EndBeforeStart)]);
    }

    #[test]
    fn an_unknown_zone_is_named() {
        let input = DraftInput { zone: "Europe/Zuerich".into(), ..draft() };
        assert_eq!(issues(&input), [("zone".into(), IssueCode::UnknownZone)]);
    }

    #[test]
    fn clock_changes_are_asked_about() {
        let skipped = DraftInput { start: "2027-03-28T02:30".into(), ..draft() };
        assert_eq!(issues(&skipped), [("start".into(), IssueCode::SkippedByClockChange)]);
        let doubled = DraftInput { start: "2027-10-31T02:30".into(), ..draft() };
        assert_eq!(issues(&doubled), [("start".into(), IssueCode::HappensTwice)]);
        let later = DraftInput { fold: Some(Fold::Later), ..doubled };
        assert_eq!(super::super::rfc3339(&later.check(now()).unwrap().time.start), "2027-10-31T02:30:00+01:00");
    }

    #[test]
    fn a_change_of_one_part_keeps_the_others() {
        let current = draft().check(now()).unwrap().time;
        let zone = current.zone();
        let longer = ChangeInput { duration_minutes: Some(60), ..ChangeInput::default() };
        let change = longer.check(Some(current), zone, now()).unwrap();
        assert_eq!(change.time, Some(MeetingTime { minutes: 60, ..current }));
        let moved = ChangeInput { start: Some("2027-03-02T09:30".into()), ..ChangeInput::default() };
        assert_eq!(moved.check(Some(current), zone, now()).unwrap().time.unwrap().minutes, 45);
        let same = ChangeInput { start: Some("2027-03-01T09:30".into()), ..ChangeInput::default() };
        assert!(same.check(Some(current), zone, now()).unwrap().is_empty());
    }

    #[test]
    fn addresses() {
        for good in ["ana@example.com", "a.b+c@x-y.example", "root@localhost"] {
            assert!(is_address(good), "{good}");
        }
        for bad in [
            "",
            "ana",
            "@x",
            "a@",
            "a b@x.example",
            "a@x..example",
            "a@b@c",
            "<a@x.example>",
            "a@x.example,b@x.example",
        ] {
            assert!(!is_address(bad), "{bad}");
        }
    }
}
