//! Zoom's own recurrence: days, weeks and months, at most 60 occurrences, always with an end.
//!
//! Source: <https://developers.zoom.us/docs/api/meetings/>. There is no yearly rule and no list of exceptions. What does
//! not mean the same dates is not translated.

use chrono::{SecondsFormat, Weekday};
use serde::{Deserialize, Serialize};

use crate::meeting::{
    MeetingTime, Rule,
    occurrences::walls,
    recurrence::{Frequency, RuleDay, RuleEnd},
};

/// The most occurrences of one series.
pub(super) const MOST: usize = 60;
// The longest interval of each kind.
const MOST_DAYS: u16 = 99;
const MOST_WEEKS: u16 = 50;
const MOST_MONTHS: u16 = 10;
/// Every month has these days; what Zoom makes of the 31st in April is not said.
const SURE_DAYS: std::ops::RangeInclusive<i8> = 1..=28;

// Values of `type`.
const DAILY: u8 = 1;
const WEEKLY: u8 = 2;
const MONTHLY: u8 = 3;

/// `recurrence` on the wire.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct WireRecurrence {
    #[serde(rename = "type")]
    kind: u8,
    repeat_interval: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    weekly_days: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    monthly_day: Option<i8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    monthly_week: Option<i8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    monthly_week_day: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_times: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_date_time: Option<String>,
}

/// Zoom's form of a rule whose first date is `time`; none where it has none that leads to the same dates. The end is not
/// judged here, only written.
pub(super) fn translate(time: &MeetingTime, rule: &Rule) -> Option<WireRecurrence> {
    if !(rule.months.is_empty() && rule.year_days.is_empty() && rule.weeks.is_empty()) {
        return None;
    }
    let own = time.start.naive_local();
    let plain = WireRecurrence { repeat_interval: Some(rule.interval), ..WireRecurrence::default() };
    let body = match rule.frequency {
        Frequency::Daily if bare(rule) => {
            (rule.interval <= MOST_DAYS).then_some(WireRecurrence { kind: DAILY, ..plain })
        }
        // Every Monday to Friday: the week says it.
        Frequency::Daily if rule.interval == 1 && rule.month_days.is_empty() && rule.positions.is_empty() => {
            Some(WireRecurrence { kind: WEEKLY, weekly_days: Some(days(&rule.days)), ..plain })
        }
        Frequency::Weekly if rule.positions.is_empty() && rule.interval <= MOST_WEEKS => {
            let named = if rule.days.is_empty() {
                vec![RuleDay { nth: None, day: chrono::Datelike::weekday(&own) }]
            } else {
                rule.days.clone()
            };
            week_agrees(time, rule).then(|| WireRecurrence { kind: WEEKLY, weekly_days: Some(days(&named)), ..plain })
        }
        Frequency::Monthly if rule.interval <= MOST_MONTHS => month(time, rule, plain),
        _ => None,
    }?;
    Some(match rule.end {
        RuleEnd::Never => body,
        RuleEnd::Count(count) => WireRecurrence { end_times: Some(count), ..body },
        RuleEnd::Until(until) => {
            WireRecurrence { end_date_time: Some(until.to_rfc3339_opts(SecondsFormat::Secs, true)), ..body }
        }
    })
}

fn bare(rule: &Rule) -> bool {
    rule.days.is_empty() && rule.month_days.is_empty() && rule.positions.is_empty()
}

/// Zoom's week begins on Sunday: with several days every other week, that may mean other dates.
fn week_agrees(time: &MeetingTime, rule: &Rule) -> bool {
    if rule.interval == 1 || rule.days.len() < 2 || rule.week_start == Weekday::Sun {
        return true;
    }
    let dates = |rule: &Rule| walls(rule, time.start.naive_local(), time.zone(), MOST);
    dates(rule) == dates(&Rule { week_start: Weekday::Sun, ..rule.clone() })
}

fn month(time: &MeetingTime, rule: &Rule, plain: WireRecurrence) -> Option<WireRecurrence> {
    let plain = WireRecurrence { kind: MONTHLY, ..plain };
    let own = i8::try_from(chrono::Datelike::day(&time.start.naive_local())).ok()?;
    let on = |day: i8| {
        SURE_DAYS.contains(&day).then_some(WireRecurrence { monthly_day: Some(day), ..WireRecurrence::default() })
    };
    let the = |nth: i16, day: Weekday| {
        let nth = i8::try_from(nth).ok().filter(|nth| matches!(nth, -1 | 1..=4))?;
        let day = Some(number(day));
        Some(WireRecurrence { monthly_week: Some(nth), monthly_week_day: day, ..WireRecurrence::default() })
    };
    let chosen = match (rule.days.as_slice(), rule.month_days.as_slice(), rule.positions.as_slice()) {
        ([], [], []) => on(own),
        ([], [day], []) => on(*day),
        ([RuleDay { nth: Some(nth), day }], [], []) => the(i16::from(*nth), *day),
        ([RuleDay { nth: None, day }], [], [nth]) => the(*nth, *day),
        _ => None,
    }?;
    let WireRecurrence { monthly_day, monthly_week, monthly_week_day, .. } = chosen;
    Some(WireRecurrence { monthly_day, monthly_week, monthly_week_day, ..plain })
}

/// `2,4` for Monday and Wednesday; Sunday is 1.
fn days(days: &[RuleDay]) -> String {
    let mut numbers: Vec<u8> = days.iter().map(|day| number(day.day)).collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

fn number(day: Weekday) -> u8 {
    // Between 1 and 7.
    u8::try_from(day.number_from_sunday()).unwrap_or(1)
}

fn weekday(number: u8) -> Option<Weekday> {
    const DAYS: [Weekday; 7] =
        [Weekday::Sun, Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat];
    DAYS.get(usize::from(number.checked_sub(1)?)).copied()
}

impl WireRecurrence {
    /// The rule that this is; none where it is not understood.
    pub(super) fn rule(&self) -> Option<Rule> {
        let frequency = match self.kind {
            DAILY => Frequency::Daily,
            WEEKLY => Frequency::Weekly,
            MONTHLY => Frequency::Monthly,
            _ => return None,
        };
        let end = match (self.end_times, self.end_date_time.as_deref()) {
            (Some(count), _) if count > 0 => RuleEnd::Count(count),
            (_, Some(until)) => RuleEnd::Until(chrono::DateTime::parse_from_rfc3339(until).ok()?.to_utc()),
            _ => RuleEnd::Never,
        };
        let mut rule = Rule::every(frequency, self.repeat_interval.unwrap_or(1).max(1), end);
        match (frequency, self.monthly_week, self.monthly_week_day) {
            (Frequency::Weekly, _, _) => {
                let named = self.weekly_days.as_deref().unwrap_or_default().split(',').filter(|day| !day.is_empty());
                let day = |text: &str| Some(RuleDay { nth: None, day: weekday(text.trim().parse().ok()?)? });
                rule.days = named.map(day).collect::<Option<_>>()?;
                if rule.interval > 1 && rule.days.len() > 1 {
                    rule.week_start = Weekday::Sun;
                }
            }
            (Frequency::Monthly, Some(week), Some(day)) => {
                rule.days = vec![RuleDay { nth: Some(week), day: weekday(day)? }];
            }
            (Frequency::Monthly, _, _) => rule.month_days = self.monthly_day.into_iter().collect(),
            _ => {}
        }
        // Whatever Zoom says, it is a rule of meetings or none.
        Rule::parse(&rule.text(), chrono_tz::Tz::UTC).ok()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::provider::script::morning;

    fn wire(rule: &str) -> Option<Value> {
        let time = morning();
        translate(&time, &Rule::parse(rule, time.zone()).unwrap()).map(|body| serde_json::to_value(body).unwrap())
    }

    #[test]
    fn what_zoom_has() {
        // The morning is Monday, the first of March.
        for (rule, expected) in [
            ("FREQ=DAILY;INTERVAL=2;COUNT=5", json!({"type": 1, "repeat_interval": 2, "end_times": 5})),
            ("FREQ=WEEKLY;COUNT=3", json!({"type": 2, "repeat_interval": 1, "weekly_days": "2", "end_times": 3})),
            (
                "FREQ=WEEKLY;BYDAY=WE,MO;COUNT=3",
                json!({"type": 2, "repeat_interval": 1, "weekly_days": "2,4", "end_times": 3}),
            ),
            (
                "FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR;UNTIL=20270401T000000Z",
                json!({"type": 2, "repeat_interval": 1, "weekly_days": "2,3,4,5,6", "end_date_time": "2027-04-01T00:00:00Z"}),
            ),
            ("FREQ=MONTHLY;COUNT=3", json!({"type": 3, "repeat_interval": 1, "monthly_day": 1, "end_times": 3})),
            (
                "FREQ=MONTHLY;BYDAY=1MO;COUNT=3",
                json!({"type": 3, "repeat_interval": 1, "monthly_week": 1, "monthly_week_day": 2, "end_times": 3}),
            ),
            (
                "FREQ=MONTHLY;INTERVAL=3;BYDAY=FR;BYSETPOS=-1;COUNT=3",
                json!({"type": 3, "repeat_interval": 3, "monthly_week": -1, "monthly_week_day": 6, "end_times": 3}),
            ),
        ] {
            assert_eq!(wire(rule), Some(expected), "{rule}");
        }
    }

    #[test]
    fn what_zoom_has_not() {
        for rule in [
            "FREQ=YEARLY;COUNT=3",
            "FREQ=DAILY;INTERVAL=100",
            "FREQ=WEEKLY;INTERVAL=51",
            "FREQ=MONTHLY;INTERVAL=11",
            "FREQ=MONTHLY;BYMONTHDAY=31;COUNT=3",
            "FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=3",
            "FREQ=MONTHLY;BYMONTHDAY=1,15;COUNT=3",
            "FREQ=MONTHLY;BYDAY=5MO;COUNT=3",
            "FREQ=MONTHLY;BYDAY=MO,TU,WE;BYSETPOS=1;COUNT=3",
            "FREQ=DAILY;BYMONTH=3;COUNT=3",
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;COUNT=6",
        ] {
            assert_eq!(wire(rule), None, "{rule}");
        }
    }

    #[test]
    fn what_is_read_back_leads_to_the_same_dates() {
        let time = morning();
        let start = time.start.naive_local();
        for rule in [
            "FREQ=DAILY;INTERVAL=2;COUNT=5",
            "FREQ=WEEKLY;BYDAY=MO,WE;COUNT=7",
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH;COUNT=7",
            "FREQ=MONTHLY;BYDAY=1MO;COUNT=3",
            "FREQ=MONTHLY;BYMONTHDAY=1;UNTIL=20280101T000000Z",
        ] {
            let rule = Rule::parse(rule, time.zone()).unwrap();
            let back = translate(&time, &rule).unwrap().rule().unwrap();
            assert_eq!(walls(&back, start, time.zone(), 60), walls(&rule, start, time.zone(), 60), "{}", rule.text());
        }
        let odd = || WireRecurrence { kind: MONTHLY, ..WireRecurrence::default() };
        for odd in [
            WireRecurrence { kind: 9, ..odd() },
            WireRecurrence { end_times: Some(2_001), ..odd() },
            WireRecurrence { repeat_interval: Some(1_000), ..odd() },
            WireRecurrence { monthly_day: Some(0), ..odd() },
            WireRecurrence { monthly_week: Some(0), monthly_week_day: Some(2), ..odd() },
            WireRecurrence { end_date_time: Some("9999-12-31T23:59:59-08:00".into()), ..odd() },
        ] {
            assert_eq!(odd.rule(), None, "what is no rule of meetings is none, and no row that cannot be read");
        }
    }
}
