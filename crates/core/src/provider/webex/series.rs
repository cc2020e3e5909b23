//! Webex's recurrence: the text of an RFC 2445 rule that ends, within five years.
//!
//! Of several days or dates of a month or a year Webex takes the first and says nothing, so those are not translated; nor
//! is what is not sure to mean the same dates. Source: `recurrence` of <https://developer.webex.com/docs/api/v1/meetings>.

use chrono::{Datelike, Months, Weekday};
use chrono_tz::Tz;

use crate::meeting::{
    MeetingTime, Recurrence, Rule, SeriesForm,
    occurrences::{count, walls},
    recurrence::{Frequency, RuleDay, RuleEnd, RuleFault},
};

/// The furthest date of a series, from its first.
const FURTHEST: Months = Months::new(60);

/// The most occurrences of one series.
const fn most(frequency: Frequency) -> u32 {
    match frequency {
        Frequency::Daily => 1_826,
        Frequency::Weekly => 261,
        Frequency::Monthly => 60,
        Frequency::Yearly => 5,
    }
}

/// Webex's form of a rule whose first date is `time`; none where it has none that leads to the same dates. The end is not
/// judged here.
pub(super) fn translate(time: &MeetingTime, rule: &Rule) -> Option<Rule> {
    let yearly = rule.frequency == Frequency::Yearly;
    if !(rule.year_days.is_empty() && rule.weeks.is_empty() && (yearly || rule.months.is_empty())) {
        return None;
    }
    let plain = Rule::every(rule.frequency, rule.interval, rule.end);
    match rule.frequency {
        Frequency::Daily if rule.month_days.is_empty() && rule.positions.is_empty() => match rule.days.as_slice() {
            [] => Some(plain),
            // Every Monday to Friday: the week says it.
            days if rule.interval == 1 => {
                Some(Rule { days: days.to_vec(), ..Rule::every(Frequency::Weekly, 1, rule.end) })
            }
            _ => None,
        },
        Frequency::Weekly if rule.positions.is_empty() && week_agrees(time, rule) => {
            let own = RuleDay { nth: None, day: time.start.weekday() };
            Some(Rule { days: if rule.days.is_empty() { vec![own] } else { rule.days.clone() }, ..plain })
        }
        Frequency::Monthly => one_day(time, rule, &plain),
        Frequency::Yearly => {
            // Without a month, a date or a day would be that of every month.
            let bare = rule.days.is_empty() && rule.month_days.is_empty();
            let month = match rule.months.as_slice() {
                [] if bare => u8::try_from(time.start.month()).ok()?,
                [month] => *month,
                _ => return None,
            };
            one_day(time, rule, &Rule { months: vec![month], ..plain })
        }
        Frequency::Daily | Frequency::Weekly => None,
    }
}

/// Which day a week begins with is not said: a rule is taken only where that changes nothing.
fn week_agrees(time: &MeetingTime, rule: &Rule) -> bool {
    if rule.interval == 1 || rule.days.len() < 2 {
        return true;
    }
    let all = usize::try_from(most(Frequency::Weekly)).unwrap_or(usize::MAX);
    let dates =
        |week_start: Weekday| walls(&Rule { week_start, ..rule.clone() }, time.start.naive_local(), time.zone(), all);
    let own = dates(rule.week_start);
    own == dates(Weekday::Mon) && own == dates(Weekday::Sun)
}

/// One date or one nth weekday, of a month or of a year.
fn one_day(time: &MeetingTime, rule: &Rule, plain: &Rule) -> Option<Rule> {
    let on = |day: i8| Some(Rule { month_days: vec![day], ..plain.clone() });
    let the = |nth: i16, day: Weekday| {
        let nth = i8::try_from(nth).ok().filter(|nth| matches!(nth, -1 | 1..=4))?;
        Some(Rule { days: vec![RuleDay { nth: Some(nth), day }], ..plain.clone() })
    };
    match (rule.days.as_slice(), rule.month_days.as_slice(), rule.positions.as_slice()) {
        ([], [], []) => on(i8::try_from(time.start.day()).ok()?),
        ([], [day], []) if *day > 0 => on(*day),
        ([RuleDay { nth: Some(nth), day }], [], []) => the(i16::from(*nth), *day),
        ([RuleDay { nth: None, day }], [], [nth]) => the(*nth, *day),
        _ => None,
    }
}

/// The most occurrences of a series by this rule from `time` on; one where Webex has no such rule.
pub(super) fn longest(time: &MeetingTime, rule: &Rule) -> usize {
    let Some(rule) = translate(time, rule) else { return 1 };
    let (start, most) = (time.start.naive_local(), most(rule.frequency));
    let dates = walls(&rule.ending(RuleEnd::Count(most)), start, time.zone(), most as usize);
    let furthest = start.checked_add_months(FURTHEST);
    dates.into_iter().take_while(|wall| furthest.is_none_or(|furthest| *wall < furthest)).count().max(1)
}

/// The rule to send for a series in the form that it is to have there.
pub(super) fn to_wire(time: &MeetingTime, series: &Recurrence) -> String {
    let own = translate(time, &series.rule);
    match (series.form, own) {
        (SeriesForm::OneLink, own) => one_link(time, &series.rule, own).text(),
        (_, Some(rule)) => rule.text(),
        // It was refused before.
        (_, None) => series.rule.text(),
    }
}

/// What keeps one link alive for all dates, as far as Webex goes: a meeting without a series ends with its first date. The
/// rule itself, cut where it is too long, or every day where there is no such rule.
fn one_link(time: &MeetingTime, rule: &Rule, own: Option<Rule>) -> Rule {
    let (rule, last) = if let Some(own) = own {
        (own, None)
    } else {
        let last = count(time, rule).and_then(|all| walls(rule, time.start.naive_local(), time.zone(), all).pop());
        let days = last.map(|last| (last.date() - time.start.date_naive()).num_days().saturating_add(1));
        (Rule::every(Frequency::Daily, 1, RuleEnd::Never), days.and_then(|days| u32::try_from(days).ok()))
    };
    let most = longest(time, &rule);
    let fits = count(time, &rule).is_some_and(|count| count <= most);
    let most = u32::try_from(most).unwrap_or(u32::MAX);
    if fits { rule } else { rule.ending(RuleEnd::Count(last.map_or(most, |last| last.min(most)))) }
}

/// What takes a series back to one meeting. Webex's words let `recurrence` be null there, its schema does not; one
/// occurrence is the same by both.
pub(super) fn once() -> String {
    Rule::every(Frequency::Daily, 1, RuleEnd::Count(1)).text()
}

/// How a meeting repeats by Webex's word; none where it is single.
///
/// # Errors
/// What is not understood of it.
pub(super) fn from_wire(text: Option<&str>, zone: Tz) -> Result<Option<Rule>, RuleFault> {
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else { return Ok(None) };
    let rule = Rule::parse(text, zone)?;
    Ok(Some(rule).filter(|rule| rule.end != RuleEnd::Count(1)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::script::{morning, series};

    fn wire(rule: &str) -> Option<String> {
        let time = morning();
        Some(translate(&time, &Rule::parse(rule, time.zone()).unwrap())?.text())
    }

    #[test]
    fn what_webex_has() {
        // The morning is Monday, the first of March.
        for (rule, expected) in [
            ("FREQ=DAILY;INTERVAL=2;COUNT=5", "FREQ=DAILY;INTERVAL=2;COUNT=5"),
            ("FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR;COUNT=9", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;COUNT=9"),
            ("FREQ=WEEKLY;COUNT=3", "FREQ=WEEKLY;BYDAY=MO;COUNT=3"),
            ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH;WKST=SU;COUNT=7", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH;COUNT=7"),
            ("FREQ=MONTHLY;UNTIL=20280101T000000Z", "FREQ=MONTHLY;BYMONTHDAY=1;UNTIL=20280101T000000Z"),
            ("FREQ=MONTHLY;BYMONTHDAY=31;COUNT=3", "FREQ=MONTHLY;BYMONTHDAY=31;COUNT=3"),
            ("FREQ=MONTHLY;BYDAY=-1FR;COUNT=3", "FREQ=MONTHLY;BYDAY=-1FR;COUNT=3"),
            ("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=1;COUNT=3", "FREQ=MONTHLY;BYDAY=1MO;COUNT=3"),
            ("FREQ=YEARLY;COUNT=3", "FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=1;COUNT=3"),
            ("FREQ=YEARLY;BYMONTH=3;BYDAY=1MO;COUNT=3", "FREQ=YEARLY;BYMONTH=3;BYDAY=1MO;COUNT=3"),
        ] {
            assert_eq!(wire(rule).as_deref(), Some(expected), "{rule}");
        }
    }

    #[test]
    fn what_webex_has_not() {
        for rule in [
            "FREQ=DAILY;INTERVAL=2;BYDAY=MO,TU",
            "FREQ=DAILY;BYMONTH=3",
            "FREQ=DAILY;BYMONTHDAY=1",
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;COUNT=6",
            "FREQ=WEEKLY;BYDAY=MO,TU;BYSETPOS=1",
            "FREQ=MONTHLY;BYMONTHDAY=1,15",
            "FREQ=MONTHLY;BYMONTHDAY=-1",
            "FREQ=MONTHLY;BYDAY=MO",
            "FREQ=MONTHLY;BYDAY=5MO",
            "FREQ=MONTHLY;BYDAY=1MO,3MO",
            "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
            "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=1,2",
            "FREQ=MONTHLY;BYMONTH=3",
            "FREQ=YEARLY;BYMONTHDAY=1",
            "FREQ=YEARLY;BYDAY=1MO",
            "FREQ=YEARLY;BYMONTH=3,6",
            "FREQ=YEARLY;BYWEEKNO=9;BYDAY=MO",
            "FREQ=YEARLY;BYYEARDAY=60",
        ] {
            assert_eq!(wire(rule), None, "{rule}");
        }
    }

    #[test]
    fn five_years_are_the_longest() {
        let time = morning();
        for (rule, expected) in [
            ("FREQ=DAILY", 1_826),
            ("FREQ=DAILY;INTERVAL=3", 609),
            ("FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR", 261),
            ("FREQ=WEEKLY", 261),
            ("FREQ=WEEKLY;INTERVAL=4", 66),
            ("FREQ=MONTHLY", 60),
            ("FREQ=MONTHLY;INTERVAL=6", 10),
            ("FREQ=YEARLY", 5),
            ("FREQ=YEARLY;INTERVAL=3", 2),
            ("FREQ=MONTHLY;BYDAY=5MO", 1),
        ] {
            assert_eq!(longest(&time, &Rule::parse(rule, time.zone()).unwrap()), expected, "{rule}");
        }
    }

    #[test]
    fn what_is_translated_leads_to_the_same_dates() {
        let time = morning();
        let start = time.start.naive_local();
        for rule in [
            "FREQ=DAILY;BYDAY=MO,WE,FR;COUNT=7",
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH;COUNT=7",
            "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=1;COUNT=9",
            "FREQ=YEARLY;UNTIL=20310301T083000Z",
        ] {
            let rule = Rule::parse(rule, time.zone()).unwrap();
            let back = from_wire(Some(&translate(&time, &rule).unwrap().text()), time.zone()).unwrap().unwrap();
            assert_eq!(walls(&back, start, time.zone(), 99), walls(&rule, start, time.zone(), 99), "{}", rule.text());
        }
    }

    #[test]
    fn one_link_is_kept_alive_for_every_date() {
        let time = morning();
        for (rule, expected) in [
            ("FREQ=WEEKLY", "FREQ=WEEKLY;BYDAY=MO;COUNT=261"),
            ("FREQ=WEEKLY;COUNT=300", "FREQ=WEEKLY;BYDAY=MO;COUNT=261"),
            ("FREQ=WEEKLY;COUNT=3", "FREQ=WEEKLY;BYDAY=MO;COUNT=3"),
            ("FREQ=MONTHLY;BYMONTHDAY=1,15;COUNT=2", "FREQ=DAILY;COUNT=15"),
            ("FREQ=MONTHLY;BYMONTHDAY=1,15", "FREQ=DAILY;COUNT=1826"),
        ] {
            let series = Recurrence { form: SeriesForm::OneLink, ..series(rule) };
            assert_eq!(to_wire(&time, &series), expected, "{rule}");
        }
    }

    #[test]
    fn what_is_not_understood_is_not_known() {
        assert!(from_wire(Some("FREQ=SOMETIMES"), Tz::UTC).is_err());
        for single in [None, Some(""), Some(once().as_str())] {
            assert_eq!(from_wire(single, Tz::UTC), Ok(None), "{single:?}");
        }
    }
}
