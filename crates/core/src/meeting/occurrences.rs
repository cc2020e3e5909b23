//! Where a series leads: its wall times stay as they are over clock changes, and the instants follow from the zone.
//!
//! An occurrence whose wall time a clock change skips is read with the offset before the change, and one whose wall
//! time happens twice is the first (RFC 5545 §3.3.5). The start of a series is asked about instead.

use chrono::{DateTime, Days, LocalResult, NaiveDateTime, Offset as _, TimeDelta, TimeZone as _, Utc};
use chrono_tz::Tz;
use rrule::{NWeekday, RRule, RRuleSet, Unvalidated};

use super::{
    MeetingTime,
    recurrence::{Frequency, Recurrence, Rule, RuleDay, RuleEnd},
};

/// The most occurrences of one series that are ever looked at.
pub const MOST_OCCURRENCES: usize = 2_000;

/// The instant of a wall time in `zone`, by the rule of RFC 5545 for those that are skipped or happen twice.
///
/// # Errors
/// None only where the tz database jumps by over a day (a day that never was).
#[must_use]
pub fn instant(wall: NaiveDateTime, zone: Tz) -> Option<DateTime<Tz>> {
    match zone.from_local_datetime(&wall) {
        LocalResult::Single(time) | LocalResult::Ambiguous(time, _) => Some(time),
        LocalResult::None => {
            let before = wall.checked_sub_days(Days::new(1))?;
            let offset = zone.offset_from_local_datetime(&before).earliest()?.fix().local_minus_utc();
            let utc = wall.checked_sub_signed(TimeDelta::seconds(i64::from(offset)))?;
            Some(zone.from_utc_datetime(&utc))
        }
    }
}

/// The first wall times of a rule that starts at `start` in `zone`, at most `most`; without exceptions taken out.
#[must_use]
pub fn walls(rule: &Rule, start: NaiveDateTime, zone: Tz, most: usize) -> Vec<NaiveDateTime> {
    // Expanded without a zone, so that no clock change moves a wall time; an end is an instant, so it is compared after.
    let open = match rule.end {
        RuleEnd::Until(until) => {
            let day_after = until.naive_utc().checked_add_days(Days::new(2));
            day_after.map(|day| rrule::Tz::UTC.from_utc_datetime(&day))
        }
        RuleEnd::Never | RuleEnd::Count(_) => None,
    };
    let first = rrule::Tz::UTC.from_utc_datetime(&start);
    let Ok(built) = unvalidated(rule).validate(first) else { return Vec::new() };
    let set = RRuleSet::new(first).rrule(built);
    let set = match open {
        Some(latest) => set.before(latest),
        None => set,
    };
    let most = most.min(MOST_OCCURRENCES);
    let found = set.all(u16::try_from(most).unwrap_or(u16::MAX)).dates;
    let ends = |wall: &NaiveDateTime| match rule.end {
        RuleEnd::Until(until) => instant(*wall, zone).is_some_and(|time| time <= until),
        RuleEnd::Never | RuleEnd::Count(_) => true,
    };
    found.into_iter().map(|time| time.naive_utc()).take_while(ends).take(most).collect()
}

/// The first occurrences of a series that take place, at most `most`.
#[must_use]
pub fn occurrences(time: &MeetingTime, series: &Recurrence, most: usize) -> Vec<MeetingTime> {
    all_of(time, series, most.saturating_add(series.exceptions.len()))
        .filter(|occurrence| !series.exceptions.contains(&occurrence.0))
        .map(|(_, occurrence)| occurrence)
        .take(most)
        .collect()
}

/// The occurrences that overlap with `from` (included) to `to` (excluded).
#[must_use]
pub fn between(time: &MeetingTime, series: &Recurrence, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<MeetingTime> {
    occurrences(time, series, MOST_OCCURRENCES)
        .into_iter()
        .skip_while(|occurrence| occurrence.end_utc() <= from)
        .take_while(|occurrence| occurrence.start_utc() < to)
        .collect()
}

/// The end of the last occurrence; none where the series does not end.
#[must_use]
pub fn last_end(time: &MeetingTime, series: &Recurrence) -> Option<DateTime<Utc>> {
    match series.rule.end {
        RuleEnd::Never => None,
        RuleEnd::Count(_) | RuleEnd::Until(_) => {
            all_of(time, series, MOST_OCCURRENCES).last().map(|(_, occurrence)| occurrence.end_utc())
        }
    }
}

/// How many occurrences there are, exceptions included; none where the series does not end.
#[must_use]
pub fn count(time: &MeetingTime, rule: &Rule) -> Option<usize> {
    match rule.end {
        RuleEnd::Never => None,
        RuleEnd::Count(_) | RuleEnd::Until(_) => {
            Some(walls(rule, time.start.naive_local(), time.zone(), MOST_OCCURRENCES).len())
        }
    }
}

/// The wall time of the first occurrence on or after the start; another than the start where that does not fit the rule.
#[must_use]
pub fn first(time: &MeetingTime, rule: &Rule) -> Option<NaiveDateTime> {
    walls(rule, time.start.naive_local(), time.zone(), 1).first().copied()
}

fn all_of<'a>(
    time: &MeetingTime,
    series: &'a Recurrence,
    most: usize,
) -> impl Iterator<Item = (NaiveDateTime, MeetingTime)> + use<'a> {
    let (start, minutes) = (time.start, time.minutes);
    let own = start.naive_local();
    walls(&series.rule, own, time.zone(), most).into_iter().filter_map(move |wall| {
        // The start was asked about where it happens twice: its own instant counts.
        let start = if wall == own { start } else { instant(wall, start.timezone())? };
        Some((wall, MeetingTime { start, minutes }))
    })
}

fn unvalidated(rule: &Rule) -> RRule<Unvalidated> {
    let frequency = match rule.frequency {
        Frequency::Daily => rrule::Frequency::Daily,
        Frequency::Weekly => rrule::Frequency::Weekly,
        Frequency::Monthly => rrule::Frequency::Monthly,
        Frequency::Yearly => rrule::Frequency::Yearly,
    };
    let day = |day: &RuleDay| NWeekday::new(day.nth.map(i16::from), day.day);
    let months: Vec<chrono::Month> =
        rule.months.iter().filter_map(|month| chrono::Month::try_from(*month).ok()).collect();
    let built = RRule::new(frequency)
        .interval(rule.interval)
        .week_start(rule.week_start)
        .by_weekday(rule.days.iter().map(day).collect())
        .by_month_day(rule.month_days.clone())
        .by_month(&months)
        .by_set_pos(rule.positions.iter().map(|position| i32::from(*position)).collect())
        .by_year_day(rule.year_days.clone())
        .by_week_no(rule.weeks.clone());
    match rule.end {
        RuleEnd::Count(count) => built.count(count),
        RuleEnd::Never | RuleEnd::Until(_) => built,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ZONE: Tz = Tz::Europe__Zurich;

    fn at(text: &str) -> MeetingTime {
        let wall = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M").unwrap();
        MeetingTime { start: ZONE.from_local_datetime(&wall).earliest().unwrap(), minutes: 30 }
    }

    fn starts(start: &str, rule: &str, most: usize) -> Vec<String> {
        let series = Recurrence::parse(rule, ZONE).unwrap();
        occurrences(&at(start), &series, most).iter().map(|time| super::super::rfc3339(&time.start)).collect()
    }

    #[test]
    fn the_wall_time_stays_over_a_clock_change() {
        assert_eq!(
            starts("2027-03-15T09:30", "FREQ=WEEKLY;COUNT=4", 9),
            [
                "2027-03-15T09:30:00+01:00",
                "2027-03-22T09:30:00+01:00",
                "2027-03-29T09:30:00+02:00",
                "2027-04-05T09:30:00+02:00"
            ]
        );
    }

    #[test]
    fn a_skipped_time_is_read_with_the_offset_before_and_a_doubled_one_is_the_first() {
        assert_eq!(starts("2027-03-27T02:30", "FREQ=DAILY", 3)[1], "2027-03-28T03:30:00+02:00");
        assert_eq!(starts("2027-10-30T02:30", "FREQ=DAILY", 3)[1], "2027-10-31T02:30:00+02:00");
    }

    #[test]
    fn an_end_is_an_instant_and_included() {
        assert_eq!(starts("2027-03-15T09:30", "FREQ=WEEKLY;UNTIL=20270329T073000Z", 9).len(), 3);
        assert_eq!(starts("2027-03-15T09:30", "FREQ=WEEKLY;UNTIL=20270329T072959Z", 9).len(), 2);
        assert_eq!(starts("2027-03-15T09:30", "FREQ=WEEKLY;UNTIL=20270329", 9).len(), 3);
    }

    #[test]
    fn exceptions_are_left_out_and_counted() {
        let rule = "FREQ=DAILY;COUNT=3\nEXDATE:20270316T093000";
        assert_eq!(starts("2027-03-15T09:30", rule, 9).len(), 2);
        let series = Recurrence::parse(rule, ZONE).unwrap();
        assert_eq!(count(&at("2027-03-15T09:30"), &series.rule), Some(3));
        assert_eq!(last_end(&at("2027-03-15T09:30"), &series), Some("2027-03-17T09:00:00Z".parse().unwrap()));
    }

    #[test]
    fn a_rule_that_leads_nowhere_ends() {
        assert!(starts("2027-03-15T09:30", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", 5).is_empty());
        let first = first(&at("2027-03-16T09:30"), &Rule::parse("FREQ=WEEKLY;BYDAY=MO", ZONE).unwrap());
        assert_eq!(first.unwrap().to_string(), "2027-03-22 09:30:00");
    }

    #[test]
    fn a_window_shows_what_overlaps_with_it() {
        let series = Recurrence::parse("FREQ=DAILY", ZONE).unwrap();
        let window = |from: &str, to: &str| {
            between(&at("2027-03-15T09:30"), &series, from.parse().unwrap(), to.parse().unwrap()).len()
        };
        assert_eq!(window("2027-03-16T08:45:00Z", "2027-03-18T08:30:00Z"), 2);
        assert_eq!(window("2027-03-16T09:00:00Z", "2027-03-18T08:30:01Z"), 2);
    }
}
