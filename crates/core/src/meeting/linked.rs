//! A series as several meetings: where a provider has no such series, or not one so long.
//!
//! Pure. Each part is a draft of its own with a link of its own; what ties them together is a [`SeriesId`](super::SeriesId).

use super::{
    MeetingDraft, MeetingTime, Recurrence,
    occurrences::{instant, walls},
    recurrence::{Rule, RuleEnd, SeriesForm},
};

/// The most meetings that one series is split into.
pub const MOST_PARTS: usize = 20;

/// Splits a draft whose series is to stand as several meetings: into series of at most `longest` occurrences where
/// `native` says that the provider has such a rule, else into single meetings. An exception is simply not made.
///
/// # Errors
/// None where the series does not end, or would be over [`MOST_PARTS`] meetings.
#[must_use]
pub fn parts(
    draft: &MeetingDraft,
    longest: usize,
    native: impl Fn(&MeetingTime, &Rule) -> bool,
) -> Option<Vec<MeetingDraft>> {
    let series = draft.recurrence.as_ref()?;
    if series.rule.end == RuleEnd::Never {
        return None;
    }
    let (zone, minutes) = (draft.time.zone(), draft.time.minutes);
    let all = walls(&series.rule, draft.time.start.naive_local(), zone, super::occurrences::MOST_OCCURRENCES);
    let at = |wall| Some(MeetingTime { start: instant(wall, zone)?, minutes });
    let mut whole = Vec::new();
    for dates in all.chunks(longest.max(1)) {
        let first = at(*dates.first()?)?;
        let rule = series.rule.ending(RuleEnd::Count(u32::try_from(dates.len()).ok()?));
        // A rule that starts in its middle must lead to the same dates: a week that begins elsewhere would not.
        let same = native(&first, &rule) && walls(&rule, first.start.naive_local(), zone, dates.len()) == dates;
        if !same {
            whole.clear();
            break;
        }
        let exceptions = series.exceptions.iter().filter(|wall| dates.contains(wall)).copied().collect();
        let recurrence = (dates.len() > 1).then_some(Recurrence { rule, exceptions, form: SeriesForm::Native });
        whole.push(MeetingDraft { time: first, recurrence, ..draft.clone() });
    }
    if whole.is_empty() {
        let taking_place = all.iter().filter(|wall| !series.exceptions.contains(wall));
        whole = taking_place
            .map(|wall| Some(MeetingDraft { time: at(*wall)?, recurrence: None, ..draft.clone() }))
            .collect::<Option<_>>()?;
    }
    (1..=MOST_PARTS).contains(&whole.len()).then_some(whole)
}

#[cfg(test)]
mod tests {
    use chrono_tz::Tz;

    use super::*;
    use crate::meeting::{MeetingOptions, occurrences::occurrences};

    fn draft(rule: &str) -> MeetingDraft {
        let zone = Tz::Europe__Zurich;
        let start: chrono::DateTime<chrono::Utc> = "2027-03-01T08:30:00Z".parse().unwrap();
        MeetingDraft {
            subject: "Standup".into(),
            time: MeetingTime { start: start.with_timezone(&zone), minutes: 15 },
            agenda: String::new(),
            invitees: Vec::new(),
            recurrence: Some(Recurrence::parse(rule, zone).unwrap()),
            options: MeetingOptions::NONE,
        }
    }

    fn dates(parts: &[MeetingDraft]) -> Vec<MeetingTime> {
        parts
            .iter()
            .flat_map(|part| {
                part.recurrence.as_ref().map_or_else(|| vec![part.time], |series| occurrences(&part.time, series, 999))
            })
            .collect()
    }

    #[test]
    fn a_long_series_becomes_several_of_the_same_dates() {
        let whole = draft("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH;COUNT=150\nEXDATE:20270315T093000");
        let parts = parts(&whole, 60, |_, _| true).unwrap();
        assert_eq!(parts.len(), 3);
        assert_eq!(dates(&parts), occurrences(&whole.time, whole.recurrence.as_ref().unwrap(), 999));
    }

    #[test]
    fn a_rule_that_the_provider_lacks_becomes_single_meetings() {
        let whole = draft("FREQ=YEARLY;COUNT=4\nEXDATE:20280301T093000");
        let parts = parts(&whole, 60, |_, _| false).unwrap();
        assert_eq!(parts.len(), 3);
        assert!(parts.iter().all(|part| part.recurrence.is_none()));
        assert_eq!(dates(&parts), occurrences(&whole.time, whole.recurrence.as_ref().unwrap(), 999));
    }

    #[test]
    fn no_end_or_too_many_is_no_such_series() {
        assert!(parts(&draft("FREQ=YEARLY"), 60, |_, _| false).is_none());
        assert!(parts(&draft("FREQ=DAILY;COUNT=21"), 60, |_, _| false).is_none());
        assert!(parts(&draft("FREQ=DAILY;COUNT=1201"), 60, |_, _| true).is_none());
    }
}
