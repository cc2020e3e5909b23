//! Dates and rules in words. English, as the rest of an invitation.

use chrono::Weekday;

use crate::meeting::{
    Meeting, MeetingTime, Recurrence,
    recurrence::{Frequency, Rule, RuleDay, RuleEnd},
};

/// The lines that say when: in the meeting's zone, in UTC, and how it repeats.
pub(super) fn when(meeting: &Meeting) -> Vec<String> {
    let Some(time) = meeting.time else { return Vec::new() };
    let mut lines = vec![local(&time), utc(&time)];
    if let Some(series) = &meeting.recurrence {
        lines.push(repeats(series));
        if !series.exceptions.is_empty() {
            let dates = series.exceptions.iter().map(|wall| wall.format("%-d %B %Y").to_string());
            lines.push(format!("Not on: {}", dates.collect::<Vec<_>>().join(", ")));
        }
    }
    lines
}

fn local(time: &MeetingTime) -> String {
    let (start, end) = (time.start, time.end());
    let until = if start.date_naive() == end.date_naive() { end.format("%H:%M") } else { end.format("%-d %B, %H:%M") };
    format!("{} - {until} ({})", start.format("%A, %-d %B %Y, %H:%M"), time.zone().name())
}

fn utc(time: &MeetingTime) -> String {
    format!("{} - {} UTC", time.start_utc().format("%Y-%m-%d %H:%M"), time.end_utc().format("%H:%M"))
}

fn repeats(series: &Recurrence) -> String {
    let rule = &series.rule;
    let (one, many) = match rule.frequency {
        Frequency::Daily => ("day", "days"),
        Frequency::Weekly => ("week", "weeks"),
        Frequency::Monthly => ("month", "months"),
        Frequency::Yearly => ("year", "years"),
    };
    let every = if rule.interval == 1 { format!("every {one}") } else { format!("every {} {many}", rule.interval) };
    let end = match rule.end {
        RuleEnd::Never => String::new(),
        RuleEnd::Count(count) => format!(", {count} times"),
        RuleEnd::Until(until) => format!(", until {}", until.format("%-d %B %Y")),
    };
    // A rule that words would make unclear is given as it stands.
    let on = on(rule).unwrap_or_else(|| format!(" ({})", rule.text()));
    format!("Repeats {every}{on}{end}")
}

fn on(rule: &Rule) -> Option<String> {
    if !(rule.months.is_empty() && rule.year_days.is_empty() && rule.weeks.is_empty() && rule.positions.is_empty()) {
        return None;
    }
    match (rule.days.as_slice(), rule.month_days.as_slice()) {
        ([], []) => Some(String::new()),
        ([], [day]) if *day > 0 => Some(format!(" on day {day}")),
        (days, []) => {
            let named = days.iter().copied().map(day_words).collect::<Option<Vec<_>>>()?;
            Some(format!(" on {}", named.join(", ")))
        }
        _ => None,
    }
}

fn day_words(day: RuleDay) -> Option<String> {
    let name = match day.day {
        Weekday::Mon => "Monday",
        Weekday::Tue => "Tuesday",
        Weekday::Wed => "Wednesday",
        Weekday::Thu => "Thursday",
        Weekday::Fri => "Friday",
        Weekday::Sat => "Saturday",
        Weekday::Sun => "Sunday",
    };
    Some(match day.nth {
        None => name.to_owned(),
        Some(1) => format!("the first {name}"),
        Some(2) => format!("the second {name}"),
        Some(3) => format!("the third {name}"),
        Some(4) => format!("the fourth {name}"),
        Some(-1) => format!("the last {name}"),
        Some(_) => return None,
    })
}
