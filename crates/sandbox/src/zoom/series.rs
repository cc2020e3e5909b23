//! Recurrence in Zoom's own model, and the occurrences it makes.

use chrono::{DateTime, Datelike as _, Days, MappedLocalTime, Months, NaiveDate, TimeZone as _, Utc};
use serde_json::{Value, json};

use super::FieldIssue;
use super::meeting::{Meeting, wire_time};

/// The most occurrences of one series (the vendor's limit on `end_times`).
const MOST: usize = 60;

/// One date of a series.
#[derive(Clone)]
pub(super) struct Occurrence {
    /// Where it begins.
    pub(super) start: DateTime<Utc>,
    /// Minutes.
    pub(super) duration: i64,
    /// Whether it was cancelled by itself.
    pub(super) deleted: bool,
    id: String,
}

impl Occurrence {
    /// The id: the original start in milliseconds, which stays when the occurrence moves.
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// As answers show it.
    pub(super) fn wire(&self) -> Value {
        json!({
            "occurrence_id": self.id,
            "start_time": wire_time(self.start),
            "duration": self.duration,
            "status": if self.deleted { "deleted" } else { "available" },
        })
    }
}

/// Checks a `recurrence` object. Several days of a week are one text, "2,4", as the vendor's prose says and its
/// document's list of values forgets.
pub(super) fn check_recurrence(value: &Value) -> Result<Value, FieldIssue> {
    let wrong = |name: &str| FieldIssue::new(format!("recurrence.{name}"), "Invalid field.");
    let object = value.as_object().ok_or_else(|| FieldIssue::new("recurrence", "Invalid field."))?;
    let within = |value: &Value, low: i64, high: i64| value.as_i64().is_some_and(|n| (low..=high).contains(&n));
    for (name, value) in object {
        let good = match name.as_str() {
            "type" => within(value, 1, 3),
            "repeat_interval" => within(value, 1, 99),
            "weekly_days" => value.as_str().is_some_and(|days| {
                days.split(',').all(|day| day.parse::<u32>().is_ok_and(|day| (1..=7).contains(&day)))
            }),
            "monthly_day" => within(value, 1, 31),
            "monthly_week" => within(value, -1, 4) && value.as_i64() != Some(0),
            "monthly_week_day" => within(value, 1, 7),
            "end_times" => within(value, 1, 60),
            "end_date_time" => value.as_str().is_some_and(|text| end_date(text).is_some()),
            _ => false,
        };
        if !good {
            return Err(wrong(name));
        }
    }
    if !object.contains_key("type") {
        return Err(wrong("type"));
    }
    if object.contains_key("end_times") && object.contains_key("end_date_time") {
        return Err(FieldIssue::new("recurrence.end_times", "end_times and end_date_time exclude each other."));
    }
    Ok(value.clone())
}

fn end_date(text: &str) -> Option<DateTime<Utc>> {
    text.ends_with('Z').then(|| DateTime::parse_from_rfc3339(text).ok()).flatten().map(|time| time.to_utc())
}

/// The occurrences of a series: its wall time stays over clock changes.
pub(super) fn occurrences(meeting: &Meeting) -> Vec<Occurrence> {
    let (Some(start), Some(rule)) = (meeting.start, &meeting.recurrence) else { return Vec::new() };
    let number = |name: &str| rule.get(name).and_then(Value::as_i64);
    let first = start.with_timezone(&meeting.zone).naive_local();
    let until = rule.get("end_date_time").and_then(Value::as_str).and_then(end_date);
    // Without an end Zoom's document gives one occurrence; with a date it is the date that ends the series.
    let count =
        number("end_times").map_or(if until.is_some() { MOST } else { 1 }, |times| usize::try_from(times).unwrap_or(1));
    dates(rule, first.date())
        .filter_map(|date| match meeting.zone.from_local_datetime(&date.and_time(first.time())) {
            MappedLocalTime::Single(time) | MappedLocalTime::Ambiguous(time, _) => Some(time.to_utc()),
            MappedLocalTime::None => None,
        })
        .take_while(|time| until.is_none_or(|until| *time <= until))
        .take(count.min(MOST))
        .map(|start| Occurrence {
            start,
            duration: meeting.duration,
            deleted: false,
            id: start.timestamp_millis().to_string(),
        })
        .collect()
}

/// The dates of a rule from `first` on, within twenty years.
fn dates(rule: &Value, first: NaiveDate) -> Box<dyn Iterator<Item = NaiveDate> + '_> {
    let number = |name: &str| rule.get(name).and_then(Value::as_i64);
    let every = u32::try_from(number("repeat_interval").unwrap_or(1)).unwrap_or(1).max(1);
    match number("type") {
        Some(2) => {
            let own = first.weekday().number_from_sunday();
            let days: Vec<u32> = rule
                .get("weekly_days")
                .and_then(Value::as_str)
                .map_or_else(|| vec![own], |days| days.split(',').filter_map(|day| day.parse().ok()).collect());
            let sunday = first - Days::new(u64::from(own - 1));
            Box::new((0_u64..7 * 52 * 20).map(move |day| sunday + Days::new(day)).filter(move |date| {
                let week = (*date - sunday).num_days() / 7;
                *date >= first && week % i64::from(every) == 0 && days.contains(&date.weekday().number_from_sunday())
            }))
        }
        Some(3) => {
            let month = first - Days::new(u64::from(first.day0()));
            Box::new(
                (0_u32..240)
                    .filter_map(move |step| month.checked_add_months(Months::new(step * every)))
                    .filter_map(move |month| in_month(rule, first, month))
                    .filter(move |date| *date >= first),
            )
        }
        _ => Box::new((0_u64..7300).map(move |step| first + Days::new(step * u64::from(every)))),
    }
}

fn in_month(rule: &Value, first: NaiveDate, month: NaiveDate) -> Option<NaiveDate> {
    let number = |name: &str| rule.get(name).and_then(Value::as_i64);
    let (Some(week), Some(day)) = (number("monthly_week"), number("monthly_week_day")) else {
        let day = number("monthly_day").and_then(|day| u32::try_from(day).ok()).unwrap_or(first.day());
        return month.with_day(day);
    };
    let weekdays = || {
        (1..=31)
            .filter_map(|day| month.with_day(day))
            .filter(|date| i64::from(date.weekday().number_from_sunday()) == day)
    };
    if week == -1 { weekdays().next_back() } else { weekdays().nth(usize::try_from(week - 1).ok()?) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first_dates(rule: &Value, first: &str) -> Vec<String> {
        let first = first.parse().expect("a date");
        dates(rule, first).take(4).map(|date| date.to_string()).collect()
    }

    #[test]
    fn days_weeks_and_months() {
        assert_eq!(
            first_dates(&json!({"type": 1, "repeat_interval": 2}), "2027-03-13"),
            ["2027-03-13", "2027-03-15", "2027-03-17", "2027-03-19"]
        );
        // 2027-03-15 is a Monday (2); 2,4 is Monday and Wednesday.
        assert_eq!(
            first_dates(&json!({"type": 2, "weekly_days": "2,4"}), "2027-03-15"),
            ["2027-03-15", "2027-03-17", "2027-03-22", "2027-03-24"]
        );
        assert_eq!(
            first_dates(&json!({"type": 3, "monthly_day": 31}), "2027-01-31"),
            ["2027-01-31", "2027-03-31", "2027-05-31", "2027-07-31"]
        );
        assert_eq!(
            first_dates(&json!({"type": 3, "monthly_week": -1, "monthly_week_day": 6}), "2027-01-01"),
            ["2027-01-29", "2027-02-26", "2027-03-26", "2027-04-30"]
        );
    }

    #[test]
    fn refuses_what_zoom_has_not() {
        for wrong in [
            json!({}),
            json!({"type": 4}),
            json!({"type": 2, "weekly_days": "8"}),
            json!({"type": 1, "end_times": 61}),
            json!({"type": 1, "end_times": 2, "end_date_time": "2027-04-01T00:00:00Z"}),
            json!({"type": 1, "rrule": "FREQ=DAILY"}),
            json!(null),
        ] {
            assert!(check_recurrence(&wrong).is_err(), "{wrong}");
        }
    }
}
