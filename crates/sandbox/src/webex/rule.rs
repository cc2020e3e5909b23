//! A series' rule: the part of RFC 2445 that Webex has, and the occurrences that it leads to.
//!
//! Every rule ends here, within five years. Of several dates or days of a month or a year the first is taken and the
//! rest is forgotten, as the vendor's document says; everything else that Webex has not is refused.

use chrono::{
    DateTime, Datelike as _, Days, MappedLocalTime, Months, NaiveDate, NaiveDateTime, TimeDelta, TimeZone as _, Utc,
    Weekday,
};
use chrono_tz::Tz;

/// How far a series is looked through for its occurrences; one that takes longer is too long anyway.
const HORIZON: Months = Months::new(12 * 12);
/// The furthest occurrence of a series, from its first.
const FURTHEST: Months = Months::new(60);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Frequency {
    Daily,
    Weekly,
    Monthly,
    Yearly,
}

impl Frequency {
    fn most(self) -> usize {
        match self {
            Self::Daily => 1826,
            Self::Weekly => 261,
            Self::Monthly => 60,
            Self::Yearly => 5,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Count(usize),
    /// The last instant, by UTC.
    Until(DateTime<Utc>),
    /// The last instant, by the series' own wall clock.
    UntilWall(NaiveDateTime),
}

/// A rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rule {
    /// As every answer shows it.
    pub(super) text: String,
    frequency: Frequency,
    interval: u32,
    end: End,
    days: Vec<(Option<i8>, Weekday)>,
    month_day: Option<u32>,
    month: Option<u32>,
    week_start: Weekday,
}

impl Rule {
    /// Reads a rule's text; `Err` says what Webex has not.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        for part in text.split(';') {
            let (name, value) = part.split_once('=').ok_or_else(|| format!("{part:?} is no part of a rule"))?;
            if parts.iter().any(|(known, _)| *known == name) {
                return Err(format!("{name} is given more than once"));
            }
            parts.push((name, value.to_owned()));
        }
        let frequency = match parts.iter().find(|(name, _)| *name == "FREQ").map(|(_, value)| value.as_str()) {
            Some("DAILY") => Frequency::Daily,
            Some("WEEKLY") => Frequency::Weekly,
            Some("MONTHLY") => Frequency::Monthly,
            Some("YEARLY") => Frequency::Yearly,
            _ => return Err("FREQ is DAILY, WEEKLY, MONTHLY or YEARLY".to_owned()),
        };
        let by_month = matches!(frequency, Frequency::Monthly | Frequency::Yearly);
        let (mut interval, mut ends, mut days, mut month_day, mut month) = (1, Vec::new(), Vec::new(), None, None);
        let (mut week_start, mut position) = (Weekday::Mon, None);
        let positioned = parts.iter().any(|(name, _)| *name == "BYSETPOS");
        for (name, value) in &mut parts {
            // The first of several, where only one is taken.
            if by_month && matches!(*name, "BYDAY" | "BYMONTHDAY" | "BYSETPOS") {
                value.truncate(value.find(',').unwrap_or(value.len()));
            }
            let wrong = || format!("{name}={value} is not supported");
            match *name {
                "FREQ" => {}
                "INTERVAL" => interval = number(value, 1, 999).ok_or_else(wrong)?,
                "COUNT" => ends.push(End::Count(number(value, 1, 9999).ok_or_else(wrong)? as usize)),
                "UNTIL" => ends.push(until(value).ok_or_else(wrong)?),
                "BYDAY" => {
                    for day in value.split(',') {
                        let day = nth_day(day).filter(|(nth, _)| nth.is_some() == (by_month && !positioned));
                        days.push(day.ok_or_else(wrong)?);
                    }
                }
                "BYSETPOS" if by_month => position = Some(ordinal(value).ok_or_else(wrong)?),
                "BYMONTHDAY" if by_month => month_day = Some(number(value, 1, 31).ok_or_else(wrong)?),
                "BYMONTH" if frequency == Frequency::Yearly => month = Some(number(value, 1, 12).ok_or_else(wrong)?),
                "WKST" => week_start = weekday(value).ok_or_else(wrong)?,
                _ => return Err(wrong()),
            }
        }
        let [end] = ends.as_slice() else { return Err("either COUNT or UNTIL ends a rule".to_owned()) };
        if let Some(position) = position {
            // Of one day of the week, the position among a month's is the number before it.
            let [(_, day)] = days.as_slice() else { return Err("BYSETPOS goes with BYDAY".to_owned()) };
            days = vec![(Some(position), *day)];
        }
        if month_day.is_some() && !days.is_empty() {
            return Err("BYDAY and BYMONTHDAY exclude each other".to_owned());
        }
        if frequency == Frequency::Yearly && month.is_none() && (month_day.is_some() || !days.is_empty()) {
            return Err("BYMONTH is missing".to_owned());
        }
        let text = parts.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(";");
        Ok(Self { text, frequency, interval, end: *end, days, month_day, month, week_start })
    }

    /// When each occurrence starts; the wall time stays over clock changes. `Err` where there are none or too many.
    pub(super) fn starts(&self, start: DateTime<Utc>, zone: Tz) -> Result<Vec<DateTime<Utc>>, String> {
        let first = start.with_timezone(&zone).naive_local();
        let most = self.frequency.most();
        let mut starts = Vec::new();
        for date in self.dates(first.date()) {
            let wall = date.and_time(first.time());
            let instant = at(wall, zone);
            let over = match self.end {
                End::Count(count) => starts.len() == count,
                End::Until(last) => instant > last,
                End::UntilWall(last) => wall > last,
            };
            if over {
                break;
            }
            starts.push(instant);
            if starts.len() > most {
                return Err(format!("there can be at most {most} of these occurrences"));
            }
        }
        let (Some(first), Some(last)) = (starts.first(), starts.last()) else {
            return Err("there is no occurrence".to_owned());
        };
        // What the horizon cut off is beyond five years.
        let cut = matches!(self.end, End::Count(count) if starts.len() < count);
        if cut || first.checked_add_months(FURTHEST).is_some_and(|furthest| *last >= furthest) {
            return Err("the last occurrence can be at most five years after the first".to_owned());
        }
        Ok(starts)
    }

    fn dates(&self, first: NaiveDate) -> Box<dyn Iterator<Item = NaiveDate> + '_> {
        let end = first.checked_add_months(HORIZON).unwrap_or(first);
        let every = self.interval;
        let among = |date: &NaiveDate| self.days.is_empty() || self.days.iter().any(|(_, day)| *day == date.weekday());
        match self.frequency {
            Frequency::Daily => Box::new(
                (0_u64..)
                    .map(move |step| first + Days::new(step * u64::from(every)))
                    .take_while(move |date| *date < end)
                    .filter(among),
            ),
            Frequency::Weekly => {
                let week = first - Days::new(u64::from(first.weekday().days_since(self.week_start)));
                let own = first.weekday();
                Box::new((0_u64..).map(move |day| first + Days::new(day)).take_while(move |date| *date < end).filter(
                    move |date| {
                        let on_day = if self.days.is_empty() { date.weekday() == own } else { among(date) };
                        on_day && (*date - week).num_days() / 7 % i64::from(every) == 0
                    },
                ))
            }
            Frequency::Monthly | Frequency::Yearly => {
                let months = if self.frequency == Frequency::Yearly { 12 * every } else { every };
                let month = first.with_day(1).and_then(|day| match self.month {
                    Some(month) => day.with_month(month),
                    None => Some(day),
                });
                Box::new(
                    (0_u32..)
                        .map_while(move |step| month?.checked_add_months(Months::new(step * months)))
                        .take_while(move |month| *month < end)
                        .filter_map(move |month| self.in_month(first, month))
                        .filter(move |date| *date >= first),
                )
            }
        }
    }

    fn in_month(&self, first: NaiveDate, month: NaiveDate) -> Option<NaiveDate> {
        let Some((Some(nth), day)) = self.days.first() else {
            return month.with_day(self.month_day.unwrap_or(first.day()));
        };
        let mut days = (1..=31).filter_map(|day| month.with_day(day)).filter(|date| date.weekday() == *day);
        if *nth == -1 { days.next_back() } else { days.nth(usize::try_from(nth - 1).ok()?) }
    }
}

/// The instant of a wall time: of a doubled one the earlier, of a skipped one as far after the change as it was meant
/// after the time before.
pub(super) fn at(wall: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    match zone.from_local_datetime(&wall) {
        MappedLocalTime::Single(time) | MappedLocalTime::Ambiguous(time, _) => time.to_utc(),
        MappedLocalTime::None => {
            let before = wall - TimeDelta::hours(6);
            zone.from_local_datetime(&before)
                .earliest()
                .map_or_else(|| wall.and_utc(), |time| time.to_utc() + TimeDelta::hours(6))
        }
    }
}

fn number(text: &str, low: u32, high: u32) -> Option<u32> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| digits && (low..=high).contains(number))
}

fn until(text: &str) -> Option<End> {
    if text.len() == 8 {
        let date = NaiveDate::parse_from_str(text, "%Y%m%d").ok()?;
        return date.and_hms_opt(23, 59, 59).map(End::UntilWall);
    }
    match text.strip_suffix('Z') {
        Some(text) => stamp(text).map(|time| End::Until(time.and_utc())),
        None => stamp(text).map(End::UntilWall),
    }
}

/// `yyyymmddThhmmss`.
pub(super) fn stamp(text: &str) -> Option<NaiveDateTime> {
    NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%S").ok().filter(|_| text.len() == 15)
}

fn nth_day(text: &str) -> Option<(Option<i8>, Weekday)> {
    let (nth, day) = text.split_at_checked(text.len().checked_sub(2)?)?;
    let nth = match nth {
        "" => None,
        nth => Some(ordinal(nth)?),
    };
    Some((nth, weekday(day)?))
}

/// Which of a month's Mondays, say: the first to the fifth, or the last.
fn ordinal(text: &str) -> Option<i8> {
    match text {
        "-1" => Some(-1),
        text => i8::try_from(number(text.strip_prefix('+').unwrap_or(text), 1, 5)?).ok(),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn starts(rule: &str, wall: &str) -> Result<Vec<String>, String> {
        let zone: Tz = "Europe/Zurich".parse().expect("a zone");
        let start = at(stamp(wall).expect("a time"), zone);
        let starts = Rule::parse(rule)?.starts(start, zone)?;
        Ok(starts.iter().map(|start| start.format("%y%m%dT%H%M").to_string()).collect())
    }

    #[test]
    fn the_dates_of_every_kind() {
        for (rule, wall, expected) in [
            ("FREQ=DAILY;INTERVAL=2;COUNT=2", "20270301T093000", &["270301T0830", "270303T0830"][..]),
            ("FREQ=DAILY;BYDAY=MO,FR;COUNT=2", "20270302T093000", &["270305T0830", "270308T0830"]),
            // The clock moves on 28 March: the wall time stays.
            ("FREQ=WEEKLY;UNTIL=20270329T073000Z", "20270322T093000", &["270322T0830", "270329T0730"]),
            ("FREQ=WEEKLY;UNTIL=20270329T072959Z", "20270322T093000", &["270322T0830"]),
            ("FREQ=WEEKLY;UNTIL=20270329", "20270322T093000", &["270322T0830", "270329T0730"]),
            ("FREQ=WEEKLY;UNTIL=20270329T093000", "20270322T093000", &["270322T0830", "270329T0730"]),
            // RFC 2445 §4.3.10's own example of WKST.
            (
                "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO",
                "19970805T090000",
                &["970805T0700", "970810T0700", "970819T0700", "970824T0700"],
            ),
            (
                "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU",
                "19970805T090000",
                &["970805T0700", "970817T0700", "970819T0700", "970831T0700"],
            ),
            ("FREQ=MONTHLY;BYMONTHDAY=31;COUNT=2", "20270131T120000", &["270131T1100", "270331T1000"]),
            ("FREQ=MONTHLY;BYDAY=-1FR;COUNT=2", "20270101T120000", &["270129T1100", "270226T1100"]),
            ("FREQ=MONTHLY;BYDAY=2TU;COUNT=2", "20270101T120000", &["270112T1100", "270209T1100"]),
            ("FREQ=MONTHLY;BYDAY=TU;BYSETPOS=2;COUNT=2", "20270101T120000", &["270112T1100", "270209T1100"]),
            ("FREQ=MONTHLY;BYSETPOS=-1;BYDAY=FR;COUNT=2", "20270101T120000", &["270129T1100", "270226T1100"]),
            ("FREQ=YEARLY;BYMONTH=3;BYDAY=MO;BYSETPOS=1;COUNT=2", "20270301T120000", &["270301T1100", "280306T1100"]),
            ("FREQ=MONTHLY;COUNT=2", "20270115T120000", &["270115T1100", "270215T1100"]),
            ("FREQ=YEARLY;BYMONTH=3;BYDAY=1MO;COUNT=2", "20270301T120000", &["270301T1100", "280306T1100"]),
            ("FREQ=YEARLY;COUNT=2", "20270301T120000", &["270301T1100", "280301T1100"]),
            // What the clock skips comes an hour later.
            ("FREQ=DAILY;COUNT=2", "20270327T023000", &["270327T0130", "270328T0130"]),
        ] {
            assert_eq!(starts(rule, wall).expect(rule), expected, "{rule}");
        }
    }

    #[test]
    fn of_several_dates_the_first_is_taken() {
        let rule = Rule::parse("FREQ=MONTHLY;INTERVAL=1;COUNT=10;BYMONTHDAY=10,11,12").expect("a rule");
        assert_eq!(rule.text, "FREQ=MONTHLY;INTERVAL=1;COUNT=10;BYMONTHDAY=10");
        assert_eq!(
            Rule::parse("FREQ=MONTHLY;COUNT=2;BYDAY=1MO,3MO").expect("a rule").text,
            "FREQ=MONTHLY;COUNT=2;BYDAY=1MO"
        );
        assert_eq!(
            Rule::parse("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=2").expect("a rule").text,
            "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=-1;COUNT=2"
        );
    }

    #[test]
    fn the_longest_series() {
        for (rule, fits) in [
            ("FREQ=DAILY;COUNT=1826", true),
            ("FREQ=DAILY;COUNT=1827", false),
            ("FREQ=WEEKLY;COUNT=261", true),
            ("FREQ=WEEKLY;COUNT=262", false),
            ("FREQ=MONTHLY;COUNT=60", true),
            ("FREQ=MONTHLY;COUNT=61", false),
            ("FREQ=MONTHLY;INTERVAL=2;COUNT=31", false),
            ("FREQ=YEARLY;COUNT=5", true),
            ("FREQ=YEARLY;COUNT=6", false),
            ("FREQ=YEARLY;INTERVAL=5;COUNT=2", false),
            ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31;COUNT=2", false),
            ("FREQ=WEEKLY;UNTIL=20990101T000000Z", false),
            ("FREQ=WEEKLY;UNTIL=20260101T000000Z", false),
        ] {
            assert_eq!(starts(rule, "20270301T120000").is_ok(), fits, "{rule}");
        }
    }

    #[test]
    fn what_webex_has_not() {
        for rule in [
            "",
            "FREQ=DAILY",
            "FREQ=HOURLY;COUNT=2",
            "RRULE:FREQ=DAILY;COUNT=2",
            "FREQ=DAILY;COUNT=2;COUNT=2",
            "FREQ=DAILY;COUNT=2;UNTIL=20280101T000000Z",
            "FREQ=DAILY;COUNT=0",
            "FREQ=DAILY;COUNT=+2",
            "FREQ=DAILY;INTERVAL=0;COUNT=2",
            "FREQ=DAILY;UNTIL=2028-01-01",
            "FREQ=DAILY;BYHOUR=3;COUNT=2",
            "FREQ=WEEKLY;BYDAY=1MO;COUNT=2",
            "FREQ=WEEKLY;BYDAY=XX;COUNT=2",
            "FREQ=WEEKLY;BYMONTHDAY=1;COUNT=2",
            "FREQ=WEEKLY;WKST=M;COUNT=2",
            "FREQ=MONTHLY;BYDAY=MO;COUNT=2",
            "FREQ=WEEKLY;BYDAY=MO;BYSETPOS=1;COUNT=2",
            "FREQ=MONTHLY;BYDAY=1MO;BYSETPOS=1;COUNT=2",
            "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=6;COUNT=2",
            "FREQ=MONTHLY;BYMONTHDAY=1;BYSETPOS=1;COUNT=2",
            "FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=2",
            "FREQ=MONTHLY;BYMONTHDAY=1;BYDAY=1MO;COUNT=2",
            "FREQ=MONTHLY;BYMONTH=1;COUNT=2",
            "FREQ=YEARLY;BYDAY=1MO;COUNT=2",
            "FREQ=YEARLY;BYMONTH=1,2;COUNT=2",
            "FREQ=DAILY;COUNT=2;",
        ] {
            assert!(Rule::parse(rule).is_err(), "{rule}");
        }
    }
}
