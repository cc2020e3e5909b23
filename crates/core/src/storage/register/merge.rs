//! What the register believes of a meeting, from up to three tellers: pure.
//!
//! The provider's word wins; what it does not know comes from what the person just asked for, then from what was known.

use chrono_tz::Tz;

use crate::meeting::{
    JoinUrl, Meeting, MeetingChange, MeetingDraft, MeetingOptions, MeetingTime, ProviderMeeting, Recurrence, Rule,
    SeriesForm,
    occurrences::{MOST_OCCURRENCES, walls},
    options::OptionSpec,
};

/// What the person just asked the provider for.
#[derive(Clone, Copy, Default)]
pub(super) struct Asked<'a> {
    subject: Option<&'a str>,
    time: Option<MeetingTime>,
    agenda: Option<&'a str>,
    invitees: Option<&'a [String]>,
    /// How it is to repeat, where that was asked; inside, none for not at all.
    #[expect(clippy::option_option, reason = "not asked and asked to repeat no more are two things")]
    recurrence: Option<Option<&'a Recurrence>>,
    options: Option<&'a MeetingOptions>,
}

impl<'a> From<&'a MeetingDraft> for Asked<'a> {
    fn from(draft: &'a MeetingDraft) -> Self {
        Self {
            subject: Some(&draft.subject),
            time: Some(draft.time),
            agenda: Some(&draft.agenda),
            invitees: Some(&draft.invitees),
            recurrence: Some(draft.recurrence.as_ref()),
            options: Some(&draft.options),
        }
    }
}

impl<'a> From<&'a MeetingChange> for Asked<'a> {
    fn from(change: &'a MeetingChange) -> Self {
        Self {
            subject: change.subject.as_deref(),
            time: change.time,
            agenda: change.agenda.as_deref(),
            invitees: change.invitees.as_deref(),
            recurrence: change.recurrence.as_ref().map(Option::as_ref),
            options: Some(&change.options),
        }
    }
}

/// The part of a meeting that tellers may differ about.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) subject: String,
    pub(super) time: Option<MeetingTime>,
    pub(super) join_url: Option<JoinUrl>,
    pub(super) passcode: Option<String>,
    pub(super) dial_in: Option<String>,
    pub(super) agenda: String,
    pub(super) invitees: Vec<String>,
    pub(super) sip: Option<String>,
    pub(super) recurrence: Option<Recurrence>,
    pub(super) options: MeetingOptions,
}

/// Puts the three together. A blank subject is one that the provider does not know.
pub(super) fn merge(seen: &ProviderMeeting, asked: Asked<'_>, known: Option<&Meeting>, table: &[OptionSpec]) -> Told {
    let subject = seen.subject.as_deref().filter(|text| !text.trim().is_empty()).or(asked.subject);
    let agenda = seen.agenda.as_deref().or(asked.agenda);
    let invitees = seen.invitees.as_deref().or(asked.invitees);
    let ours = match asked.recurrence {
        Some(recurrence) => recurrence.cloned(),
        None => known.and_then(|known| known.recurrence.clone()),
    };
    let planned = asked.time.or(known.and_then(|known| known.time));
    let (time, recurrence) = match (ours, planned) {
        // One link for a whole series: the dates are ours alone.
        (Some(series), Some(planned)) if series.form == SeriesForm::OneLink => (Some(planned), Some(series)),
        (Some(series), Some(planned)) if is_same(&series, planned, seen) => {
            let minutes = seen.time.map_or(planned.minutes, |time| time.minutes);
            (Some(MeetingTime { minutes, ..planned }), Some(series))
        }
        (ours, _) => {
            let time = time(seen.time, asked.time, known.and_then(|known| known.time));
            let told = match &seen.recurrence {
                None => ours,
                Some(None) => None,
                Some(Some(rule)) => Some(retold(ours, rule)),
            };
            (time, told)
        }
    };
    let chosen = known.map(|known| known.options.clone()).unwrap_or_default();
    let chosen = asked.options.map_or(chosen.clone(), |asked| chosen.overlaid(asked));
    Told {
        options: chosen.told(&seen.options, table),
        sip: seen.sip.as_ref().or(known.and_then(|known| known.sip.as_ref())).cloned(),
        recurrence,
        subject: subject.or(known.map(|known| known.subject.as_str())).unwrap_or_default().to_owned(),
        time,
        join_url: seen.join_url.as_ref().or(known.and_then(|known| known.join_url.as_ref())).cloned(),
        passcode: seen.passcode.as_ref().or(known.and_then(|known| known.passcode.as_ref())).cloned(),
        dial_in: seen.dial_in.as_ref().or(known.and_then(|known| known.dial_in.as_ref())).cloned(),
        agenda: agenda.or(known.map(|known| known.agenda.as_str())).unwrap_or_default().to_owned(),
        invitees: invitees.or(known.map(|known| known.invitees.as_slice())).unwrap_or_default().to_vec(),
    }
}

/// Whether what the provider says of a series is the series as it is known: some of its dates, by the same rule where it
/// says one. A list names only one occurrence, and not always the first.
fn is_same(series: &Recurrence, planned: MeetingTime, seen: &ProviderMeeting) -> bool {
    let (start, zone) = (planned.start.naive_local(), planned.zone());
    let dates = |rule: &Rule| walls(rule, start, zone, MOST_OCCURRENCES);
    let known = dates(&series.rule);
    let time = seen.time.is_none_or(|time| known.contains(&time.in_zone(zone).start.naive_local()));
    let rule = match &seen.recurrence {
        None => true,
        Some(None) => false,
        Some(Some(rule)) => *rule == series.rule || dates(rule) == known,
    };
    time && rule
}

/// A series that was changed at the provider.
fn retold(ours: Option<Recurrence>, rule: &Rule) -> Recurrence {
    match ours {
        Some(series) if series.rule == *rule => series,
        Some(series) => Recurrence { rule: rule.clone(), ..series },
        None => Recurrence::new(rule.clone()),
    }
}

/// The provider's instant, in the zone in which a person planned it: the asked one or the known one where the instant is
/// theirs. A provider that answers in plain UTC does not say a zone, so a moved meeting keeps its own there too.
fn time(seen: Option<MeetingTime>, asked: Option<MeetingTime>, known: Option<MeetingTime>) -> Option<MeetingTime> {
    let Some(seen) = seen else { return asked.or(known) };
    let same = [asked, known].into_iter().flatten().find(|time| time.start.timestamp() == seen.start.timestamp());
    let unsaid = asked.or(known).filter(|_| matches!(seen.zone(), Tz::UTC | Tz::Etc__UTC));
    Some(same.or(unsaid).map_or(seen, |time| seen.in_zone(time.zone())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str, zone: Tz) -> MeetingTime {
        let start: chrono::DateTime<chrono::Utc> = text.parse().unwrap();
        MeetingTime { start: start.with_timezone(&zone), minutes: 30 }
    }

    const NINE: &str = "2027-03-01T08:00:00Z";
    const TEN: &str = "2027-03-01T09:00:00Z";
    const HERE: Tz = Tz::Europe__Zurich;
    const THERE: Tz = Tz::America__New_York;

    #[test]
    fn the_instant_is_the_providers_and_the_zone_is_the_persons() {
        let (here, there, utc) = (at(NINE, HERE), at(NINE, THERE), at(NINE, Tz::UTC));
        assert_eq!(time(Some(utc), None, Some(here)).unwrap().zone(), HERE, "the same instant keeps the zone");
        assert_eq!(time(Some(there), None, Some(here)).unwrap().zone(), HERE);
        assert_eq!(time(Some(utc), Some(there), Some(here)).unwrap().zone(), THERE, "what was just asked comes first");
        let moved = time(Some(at(TEN, Tz::UTC)), None, Some(here)).unwrap();
        assert_eq!((moved.start_utc(), moved.zone()), (at(TEN, HERE).start_utc(), HERE), "UTC says no zone");
        assert_eq!(
            time(Some(at(TEN, THERE)), None, Some(here)).unwrap().zone(),
            THERE,
            "a moved one with a zone has that"
        );
        assert_eq!(time(Some(utc), None, None).unwrap().zone(), Tz::UTC);
        assert_eq!(time(None, None, Some(here)), Some(here), "a provider without times leaves it");
        assert_eq!(time(None, Some(there), Some(here)), Some(there));
        let longer = MeetingTime { minutes: 45, ..utc };
        assert_eq!(time(Some(longer), None, Some(here)).unwrap().minutes, 45);
    }
}
