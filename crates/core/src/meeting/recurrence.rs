//! Series: a recurrence rule (RFC 5545 §3.3.10) with its exceptions, as text and as a value.
//!
//! Rules that meet more than once a day, or at a time other than the start's, are none of meetings and are refused.
//! Where a rule leads stands in [`occurrences`](super::occurrences).

use std::fmt::Write as _;

use chrono::{DateTime, Datelike as _, NaiveDate, NaiveDateTime, NaiveTime, TimeZone as _, Utc, Weekday};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::error::IssueCode;

/// The most occurrences that a rule may count.
pub const MOST_COUNTED: u32 = 2_000;
const LONGEST_INTERVAL: u16 = 999;
const LONGEST_RULE: usize = 1_000;

/// How often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frequency {
    /// Every so many days.
    Daily,
    /// Every so many weeks.
    Weekly,
    /// Every so many months.
    Monthly,
    /// Every so many years.
    Yearly,
}

/// A day of the week, or the nth such day of the month or year: `2TU`, `-1FR`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleDay {
    /// Counted from the beginning, or with a minus from the end; none for every such day.
    pub nth: Option<i8>,
    /// The day.
    pub day: Weekday,
}

/// When a series ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleEnd {
    /// Never.
    Never,
    /// After so many occurrences.
    Count(u32),
    /// With the last occurrence that starts no later than this.
    Until(DateTime<Utc>),
}

/// A recurrence rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// How often.
    pub frequency: Frequency,
    /// Every how many of them; at least 1.
    pub interval: u16,
    /// `BYDAY`.
    pub days: Vec<RuleDay>,
    /// `BYMONTHDAY`, counted from the end where negative.
    pub month_days: Vec<i8>,
    /// `BYMONTH`.
    pub months: Vec<u8>,
    /// `BYSETPOS`.
    pub positions: Vec<i16>,
    /// `BYYEARDAY`.
    pub year_days: Vec<i16>,
    /// `BYWEEKNO`.
    pub weeks: Vec<i8>,
    /// `WKST`: where a week begins.
    pub week_start: Weekday,
    /// The end.
    pub end: RuleEnd,
}

/// How a series stands at its provider.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum SeriesForm {
    /// As the provider's own series.
    #[default]
    Native,
    /// One link for all of it; the dates are kept here.
    OneLink,
    /// As several meetings, each with its own link, which Convoke keeps together.
    Linked,
}

/// A rule, the dates that are left out, and how it stands at the provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recurrence {
    /// The rule.
    pub rule: Rule,
    /// The wall times of occurrences that do not take place, in order (`EXDATE`).
    pub exceptions: Vec<NaiveDateTime>,
    /// How it stands at the provider.
    pub form: SeriesForm,
}

/// What is wrong with a rule, and the part or value that is.
pub type RuleFault = (IssueCode, String);

impl Rule {
    /// A rule without further parts.
    #[must_use]
    pub const fn every(frequency: Frequency, interval: u16, end: RuleEnd) -> Self {
        Self {
            frequency,
            interval,
            days: Vec::new(),
            month_days: Vec::new(),
            months: Vec::new(),
            positions: Vec::new(),
            year_days: Vec::new(),
            weeks: Vec::new(),
            week_start: Weekday::Mon,
            end,
        }
    }

    /// The same rule with another end.
    #[must_use]
    pub fn ending(&self, end: RuleEnd) -> Self {
        Self { end, ..self.clone() }
    }

    /// Reads the value of an `RRULE` line, with or without the line's name. A date in `UNTIL` includes that whole day in
    /// `zone`, and a time without `Z` is a wall time there.
    ///
    /// # Errors
    /// `Refused` with what cannot be read, `NotPossible` with a part that meetings do not have, `TooLong` with a limit.
    pub fn parse(text: &str, zone: Tz) -> Result<Self, RuleFault> {
        let refused = |text: &str| (IssueCode::Refused, text.to_owned());
        let text = text.trim();
        if text.len() > LONGEST_RULE {
            return Err((IssueCode::TooLong, LONGEST_RULE.to_string()));
        }
        let named = text.get(..6).is_some_and(|name| name.eq_ignore_ascii_case("RRULE:"));
        let mut parts: Vec<(String, String)> = Vec::new();
        for part in if named { &text[6..] } else { text }.split(';').filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=').ok_or_else(|| refused(part))?;
            let name = name.trim().to_ascii_uppercase();
            if value.is_empty() || parts.iter().any(|(known, _)| *known == name) {
                return Err(refused(part));
            }
            parts.push((name, value.trim().to_ascii_uppercase()));
        }
        let frequency = match parts.iter().find(|(name, _)| name == "FREQ").map(|(_, value)| value.as_str()) {
            Some("DAILY") => Frequency::Daily,
            Some("WEEKLY") => Frequency::Weekly,
            Some("MONTHLY") => Frequency::Monthly,
            Some("YEARLY") => Frequency::Yearly,
            Some(other @ ("HOURLY" | "MINUTELY" | "SECONDLY")) => {
                return Err((IssueCode::NotPossible, format!("FREQ={other}")));
            }
            _ => return Err(refused(text)),
        };
        let mut rule = Self::every(frequency, 1, RuleEnd::Never);
        for (name, value) in &parts {
            rule.read(name, value, zone)?;
        }
        if parts.iter().any(|(name, _)| name == "COUNT") && parts.iter().any(|(name, _)| name == "UNTIL") {
            return Err(refused("COUNT, UNTIL"));
        }
        rule.fits_together().map_err(refused)?;
        // A year of five digits has no form in RFC 5545, and a register that cannot read its own row shows nothing at all.
        if matches!(rule.end, RuleEnd::Until(until) if !(1..=9_999).contains(&until.year())) {
            return Err(refused("UNTIL"));
        }
        if rule.text().len() > LONGEST_RULE {
            return Err((IssueCode::TooLong, LONGEST_RULE.to_string()));
        }
        Ok(rule)
    }

    fn read(&mut self, name: &str, value: &str, zone: Tz) -> Result<(), RuleFault> {
        let refused = || (IssueCode::Refused, format!("{name}={value}"));
        match name {
            "FREQ" => {}
            "INTERVAL" => {
                self.interval = value
                    .parse()
                    .ok()
                    .filter(|interval| (1..=LONGEST_INTERVAL).contains(interval))
                    .ok_or_else(refused)?;
            }
            "COUNT" => {
                let count: u32 = value.parse().ok().filter(|count| *count > 0).ok_or_else(refused)?;
                if count > MOST_COUNTED {
                    return Err((IssueCode::TooLong, MOST_COUNTED.to_string()));
                }
                self.end = RuleEnd::Count(count);
            }
            "UNTIL" => self.end = RuleEnd::Until(until(value, zone).ok_or_else(refused)?),
            "WKST" => self.week_start = weekday(value).ok_or_else(refused)?,
            "BYDAY" => self.days = value.split(',').map(rule_day).collect::<Option<_>>().ok_or_else(refused)?,
            "BYMONTHDAY" => self.month_days = numbers(value, 31).ok_or_else(refused)?,
            "BYMONTH" => {
                let months: Vec<i8> = numbers(value, 12).ok_or_else(refused)?;
                self.months = months
                    .into_iter()
                    .map(|month| u8::try_from(month).ok())
                    .collect::<Option<_>>()
                    .ok_or_else(refused)?;
            }
            "BYSETPOS" => self.positions = numbers(value, 366).ok_or_else(refused)?,
            "BYYEARDAY" => self.year_days = numbers(value, 366).ok_or_else(refused)?,
            "BYWEEKNO" => self.weeks = numbers(value, 53).ok_or_else(refused)?,
            "BYHOUR" | "BYMINUTE" | "BYSECOND" => return Err((IssueCode::NotPossible, name.to_owned())),
            _ => return Err(refused()),
        }
        Ok(())
    }

    /// The rules of RFC 5545 about which parts go with which; the name of one that does not.
    fn fits_together(&self) -> Result<(), &'static str> {
        let yearly = self.frequency == Frequency::Yearly;
        let numbered = self.days.iter().any(|day| day.nth.is_some());
        if numbered && !(yearly || self.frequency == Frequency::Monthly) || numbered && !self.weeks.is_empty() {
            return Err("BYDAY");
        }
        if !self.month_days.is_empty() && self.frequency == Frequency::Weekly {
            return Err("BYMONTHDAY");
        }
        if !self.weeks.is_empty() && !yearly {
            return Err("BYWEEKNO");
        }
        if !self.year_days.is_empty() && !yearly {
            return Err("BYYEARDAY");
        }
        let chosen =
            [self.days.len(), self.month_days.len(), self.months.len(), self.year_days.len(), self.weeks.len()];
        if !self.positions.is_empty() && chosen.iter().sum::<usize>() == 0 {
            return Err("BYSETPOS");
        }
        Ok(())
    }

    /// The value of an `RRULE` line.
    #[must_use]
    pub fn text(&self) -> String {
        let frequency = match self.frequency {
            Frequency::Daily => "DAILY",
            Frequency::Weekly => "WEEKLY",
            Frequency::Monthly => "MONTHLY",
            Frequency::Yearly => "YEARLY",
        };
        let mut text = format!("FREQ={frequency}");
        let mut part = |name: &str, values: Vec<String>| {
            if !values.is_empty() {
                // Writing to a text cannot fail.
                let _ = write!(text, ";{name}={}", values.join(","));
            }
        };
        if self.interval != 1 {
            part("INTERVAL", vec![self.interval.to_string()]);
        }
        let list = |values: &[i16]| values.iter().map(ToString::to_string).collect::<Vec<_>>();
        part("BYMONTH", self.months.iter().map(ToString::to_string).collect());
        part("BYWEEKNO", self.weeks.iter().map(ToString::to_string).collect());
        part("BYYEARDAY", list(&self.year_days));
        part("BYMONTHDAY", self.month_days.iter().map(ToString::to_string).collect());
        part("BYDAY", self.days.iter().copied().map(RuleDay::text).collect());
        part("BYSETPOS", list(&self.positions));
        if self.week_start != Weekday::Mon {
            part("WKST", vec![day_text(self.week_start).to_owned()]);
        }
        match self.end {
            RuleEnd::Never => {}
            RuleEnd::Count(count) => part("COUNT", vec![count.to_string()]),
            RuleEnd::Until(until) => part("UNTIL", vec![until.format("%Y%m%dT%H%M%SZ").to_string()]),
        }
        text
    }
}

impl RuleDay {
    fn text(self) -> String {
        format!("{}{}", self.nth.map(|nth| nth.to_string()).unwrap_or_default(), day_text(self.day))
    }
}

impl Recurrence {
    /// A rule without exceptions, as the provider's own series.
    #[must_use]
    pub const fn new(rule: Rule) -> Self {
        Self { rule, exceptions: Vec::new(), form: SeriesForm::Native }
    }

    /// Reads what stands after `--repeat`: the value of an `RRULE` line, or an `RRULE` line and `EXDATE` lines.
    ///
    /// # Errors
    /// As [`Rule::parse`].
    pub fn parse(text: &str, zone: Tz) -> Result<Self, RuleFault> {
        let mut rule = None;
        let mut exceptions = Vec::new();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            if line.get(..6).is_some_and(|name| name.eq_ignore_ascii_case("EXDATE")) {
                exceptions.extend(exdates(line, zone).ok_or_else(|| (IssueCode::Refused, line.to_owned()))?);
            } else if rule.replace(Rule::parse(line, zone)?).is_some() {
                return Err((IssueCode::Refused, line.to_owned()));
            }
        }
        let rule = rule.ok_or_else(|| (IssueCode::Refused, text.to_owned()))?;
        Ok(Self { rule, ..Self::new(Rule::every(Frequency::Daily, 1, RuleEnd::Never)) }.without(exceptions))
    }

    /// The same series without further dates.
    #[must_use]
    pub fn without(mut self, dates: impl IntoIterator<Item = NaiveDateTime>) -> Self {
        self.exceptions.extend(dates);
        self.exceptions.sort_unstable();
        self.exceptions.dedup();
        self
    }
}

/// The wall times of an `EXDATE` line in `zone`.
fn exdates(line: &str, zone: Tz) -> Option<Vec<NaiveDateTime>> {
    let (head, values) = line.split_once(':')?;
    let own = head.split(';').find_map(|part| part.strip_prefix("TZID=")).map(super::parse_zone);
    let told = match own {
        Some(zone) => zone?,
        None => zone,
    };
    let read = |value: &str| {
        if let Some(utc) = value.strip_suffix('Z') {
            let utc = NaiveDateTime::parse_from_str(utc, "%Y%m%dT%H%M%S").ok()?;
            return Some(utc.and_utc().with_timezone(&zone).naive_local());
        }
        let wall = NaiveDateTime::parse_from_str(value, "%Y%m%dT%H%M%S").ok()?;
        Some(told.from_local_datetime(&wall).earliest()?.with_timezone(&zone).naive_local())
    };
    values.split(',').map(|value| read(value.trim())).collect()
}

fn until(value: &str, zone: Tz) -> Option<DateTime<Utc>> {
    if let Some(utc) = value.strip_suffix('Z') {
        return NaiveDateTime::parse_from_str(utc, "%Y%m%dT%H%M%S").ok().map(|time| time.and_utc());
    }
    let wall = match NaiveDate::parse_from_str(value, "%Y%m%d") {
        Ok(date) => date.and_time(NaiveTime::from_hms_opt(23, 59, 59)?),
        Err(_) => NaiveDateTime::parse_from_str(value, "%Y%m%dT%H%M%S").ok()?,
    };
    super::occurrences::instant(wall, zone).map(|time| time.to_utc())
}

/// Comma-separated whole numbers from 1 to `most`, or from `-most` to -1.
fn numbers<T: TryFrom<i16>>(value: &str, most: i16) -> Option<Vec<T>> {
    let read = |text: &str| {
        let number: i16 = text.trim().parse().ok()?;
        (number != 0 && (-most..=most).contains(&number)).then(|| T::try_from(number).ok())?
    };
    value.split(',').map(read).collect()
}

fn rule_day(text: &str) -> Option<RuleDay> {
    let text = text.trim();
    let split = text.len().checked_sub(2).filter(|split| text.is_char_boundary(*split))?;
    let (nth, day) = text.split_at(split);
    let nth = match nth {
        "" => None,
        nth => Some(nth.parse::<i8>().ok().filter(|nth| *nth != 0 && (-53..=53).contains(nth))?),
    };
    Some(RuleDay { nth, day: weekday(day)? })
}

fn weekday(text: &str) -> Option<Weekday> {
    Some(match text {
        "MO" => Weekday::Mon,
        "TU" => Weekday::Tue,
        "WE" => Weekday::Wed,
        "TH" => Weekday::Thu,
        "FR" => Weekday::Fri,
        "SA" => Weekday::Sat,
        "SU" => Weekday::Sun,
        _ => return None,
    })
}

const fn day_text(day: Weekday) -> &'static str {
    match day {
        Weekday::Mon => "MO",
        Weekday::Tue => "TU",
        Weekday::Wed => "WE",
        Weekday::Thu => "TH",
        Weekday::Fri => "FR",
        Weekday::Sat => "SA",
        Weekday::Sun => "SU",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ZONE: Tz = Tz::Europe__Zurich;

    #[test]
    fn a_rule_reads_back_as_it_was_written() {
        for text in [
            "FREQ=DAILY",
            "FREQ=DAILY;INTERVAL=3;COUNT=10",
            "FREQ=WEEKLY;BYDAY=MO,WE,FR;WKST=SU;COUNT=12",
            "FREQ=MONTHLY;BYMONTHDAY=-1",
            "FREQ=MONTHLY;BYDAY=1MO,-1FR",
            "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
            "FREQ=YEARLY;BYMONTH=3;BYDAY=2SU;UNTIL=20311231T225959Z",
            "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO",
            "FREQ=YEARLY;BYYEARDAY=1,100,200",
        ] {
            assert_eq!(Rule::parse(text, ZONE).unwrap().text(), text);
        }
        let loose = Rule::parse(" rrule:freq=weekly;byday=mo;interval=1; ", ZONE).unwrap();
        assert_eq!(loose.text(), "FREQ=WEEKLY;BYDAY=MO");
    }

    #[test]
    fn an_end_without_a_zone_is_read_in_the_meetings() {
        let end = |text: &str| match Rule::parse(&format!("FREQ=DAILY;UNTIL={text}"), ZONE).unwrap().end {
            RuleEnd::Until(until) => until.to_rfc3339(),
            other => panic!("{other:?}"),
        };
        assert_eq!(end("20270714"), "2027-07-14T21:59:59+00:00");
        assert_eq!(end("20270714T093000"), "2027-07-14T07:30:00+00:00");
        assert_eq!(end("20270714T093000Z"), "2027-07-14T09:30:00+00:00");
    }

    #[test]
    fn what_is_no_rule_of_meetings_is_refused() {
        for (text, problem) in [
            ("", IssueCode::Refused),
            ("weekly", IssueCode::Refused),
            ("FREQ=FORTNIGHTLY", IssueCode::Refused),
            ("FREQ=HOURLY", IssueCode::NotPossible),
            ("FREQ=DAILY;BYHOUR=9,15", IssueCode::NotPossible),
            ("FREQ=DAILY;COUNT=0", IssueCode::Refused),
            ("FREQ=DAILY;COUNT=2001", IssueCode::TooLong),
            ("FREQ=DAILY;COUNT=2;UNTIL=20270101", IssueCode::Refused),
            ("FREQ=DAILY;COUNT=2;COUNT=3", IssueCode::Refused),
            ("FREQ=DAILY;INTERVAL=0", IssueCode::Refused),
            ("FREQ=DAILY;UNTIL=soon", IssueCode::Refused),
            ("FREQ=WEEKLY;BYDAY=1MO", IssueCode::Refused),
            ("FREQ=WEEKLY;BYDAY=XX", IssueCode::Refused),
            ("FREQ=WEEKLY;BYMONTHDAY=1", IssueCode::Refused),
            ("FREQ=MONTHLY;BYMONTHDAY=32", IssueCode::Refused),
            ("FREQ=MONTHLY;BYSETPOS=1", IssueCode::Refused),
            ("FREQ=MONTHLY;BYWEEKNO=1", IssueCode::Refused),
            ("FREQ=YEARLY;BYMONTH=-1", IssueCode::Refused),
            ("FREQ=DAILY;X-WKST=MO", IssueCode::Refused),
            ("FREQ=DAILY;BYDAY=ä", IssueCode::Refused),
        ] {
            assert_eq!(Rule::parse(text, ZONE).map_err(|(problem, _)| problem), Err(problem), "{text}");
        }
        // West of UTC the last day ends in a year of five digits, which could not be read again.
        assert!(Rule::parse("FREQ=WEEKLY;UNTIL=99991231", chrono_tz::America::New_York).is_err());
    }

    #[test]
    fn exceptions_are_wall_times_of_the_meetings_zone() {
        let text = "RRULE:FREQ=WEEKLY;BYDAY=MO\nEXDATE;TZID=America/New_York:20270315T033000\nEXDATE:20270308T083000Z";
        let series = Recurrence::parse(text, ZONE).unwrap();
        let walls: Vec<String> = series.exceptions.iter().map(ToString::to_string).collect();
        assert_eq!(walls, ["2027-03-08 09:30:00", "2027-03-15 08:30:00"]);
        assert!(Recurrence::parse("EXDATE:20270308T083000Z", ZONE).is_err(), "no rule");
        assert!(Recurrence::parse("FREQ=DAILY\nFREQ=DAILY", ZONE).is_err(), "two rules");
        assert!(Recurrence::parse("FREQ=DAILY\nEXDATE:tomorrow", ZONE).is_err());
    }
}
