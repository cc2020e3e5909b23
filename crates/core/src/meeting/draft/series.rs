//! How it repeats, as a person types it: a rule, the dates that are left out, and how it is to stand at the provider.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};

use super::{Fold, time::parse_time};
use crate::{
    error::{FieldIssue, IssueCode},
    meeting::{
        Meeting, MeetingTime,
        occurrences::{MOST_OCCURRENCES, first, instant, walls},
        recurrence::{Recurrence, RuleEnd, SeriesForm},
    },
};

/// Reads a rule for a meeting at `time`, whose start must be its first date.
pub(super) fn check_rule(
    text: &str,
    form: Option<SeriesForm>,
    time: &MeetingTime,
    issues: &mut Vec<FieldIssue>,
) -> Option<Recurrence> {
    let series = match Recurrence::parse(text, time.zone()) {
        Ok(series) => series,
        Err((problem, detail)) => {
            issues.push(FieldIssue::with_detail("repeat", problem, &detail));
            return None;
        }
    };
    match first(time, &series.rule) {
        Some(first) if first == time.start.naive_local() => {
            Some(Recurrence { form: form.unwrap_or_default(), ..series })
        }
        Some(first) => {
            let date = first.date().to_string();
            issues.push(FieldIssue::with_detail("start", IssueCode::NotInSeries, &date));
            None
        }
        None => {
            issues.push(FieldIssue::new("repeat", IssueCode::NoOccurrence));
            None
        }
    }
}

/// Takes further dates out of a series: each a date, a wall time or RFC 3339, and each one of its occurrences.
pub(super) fn leave_out(
    series: Recurrence,
    dates: &[String],
    time: &MeetingTime,
    issues: &mut Vec<FieldIssue>,
) -> Recurrence {
    if dates.is_empty() {
        return series;
    }
    let all = walls(&series.rule, time.start.naive_local(), time.zone(), MOST_OCCURRENCES);
    let mut left_out = Vec::new();
    for text in dates {
        match wall_of(text, time).filter(|wall| all.contains(wall)) {
            Some(wall) => left_out.push(wall),
            None => issues.push(FieldIssue::with_detail("except", IssueCode::Unknown, text)),
        }
    }
    let series = series.without(left_out);
    if series.exceptions.len() >= all.len() {
        issues.push(FieldIssue::new("except", IssueCode::NoOccurrence));
    }
    series
}

fn wall_of(text: &str, time: &MeetingTime) -> Option<NaiveDateTime> {
    if let Ok(date) = text.parse::<NaiveDate>() {
        return Some(date.and_time(time.start.naive_local().time()));
    }
    Some(parse_time(text, time.zone(), Some(Fold::Earlier)).ok()?.naive_local())
}

/// The same series at another start: the dates that were left out keep their dates and get the new time of day; one that
/// is no longer a date of the series is forgotten.
pub(super) fn moved(series: &Recurrence, to: &MeetingTime) -> Recurrence {
    let all = walls(&series.rule, to.start.naive_local(), to.zone(), MOST_OCCURRENCES);
    let at = to.start.naive_local().time();
    let exceptions = series.exceptions.iter().map(|wall| wall.date().and_time(at)).filter(|wall| all.contains(wall));
    Recurrence { exceptions: exceptions.collect(), ..series.clone() }
}

/// What is still to come of a series that has begun, as a series of its own: from its next date on, with as many dates fewer
/// as are over. None where it has not begun, or nothing is to come.
pub(super) fn rest_of(meeting: &Meeting, now: DateTime<Utc>) -> Option<Meeting> {
    let (time, series) = (meeting.time?, meeting.recurrence.as_ref()?);
    if time.start_utc() >= now {
        return None;
    }
    let all = walls(&series.rule, time.start.naive_local(), time.zone(), MOST_OCCURRENCES);
    let (over, start) = all
        .iter()
        .enumerate()
        .filter_map(|(place, wall)| Some((place, instant(*wall, time.zone())?)))
        .find(|(_, start)| start.to_utc() >= now)?;
    let end = match series.rule.end {
        RuleEnd::Count(count) => RuleEnd::Count(count.saturating_sub(u32::try_from(over).ok()?)),
        end => end,
    };
    let exceptions = series.exceptions.iter().filter(|wall| **wall >= start.naive_local()).copied().collect();
    let rest = Recurrence { rule: series.rule.ending(end), exceptions, form: series.form };
    Some(Meeting { time: Some(MeetingTime { start, ..time }), recurrence: Some(rest), ..meeting.clone() })
}
