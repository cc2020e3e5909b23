//! When: a start with an end or a length, as a person types them.

use chrono::{DateTime, Duration, LocalResult, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Tz;

use super::Fold;
use crate::{
    error::{FieldIssue, IssueCode},
    meeting::MeetingTime,
};

/// The longest meeting: a day less a minute.
const LONGEST_MINUTES: i64 = 24 * 60 - 1;

pub(super) struct When<'a> {
    pub(super) start: &'a str,
    pub(super) end: Option<&'a str>,
    pub(super) minutes: Option<u32>,
    /// The least that the provider takes.
    pub(super) shortest: u16,
    pub(super) fold: Option<Fold>,
}

/// Checks them together; every problem found is an issue.
pub(super) fn check_time(
    when: &When<'_>,
    zone: Tz,
    now: DateTime<Utc>,
    issues: &mut Vec<FieldIssue>,
) -> Option<MeetingTime> {
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
    if minutes < i64::from(when.shortest) {
        issues.push(FieldIssue::with_detail(field, IssueCode::TooShort, &when.shortest.to_string()));
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

/// RFC 3339 with an offset, or a wall time in `zone`.
pub(super) fn parse_time(text: &str, zone: Tz, fold: Option<Fold>) -> Result<DateTime<Tz>, IssueCode> {
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
