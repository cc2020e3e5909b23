//! What the register believes of a meeting, from up to three tellers: pure.
//!
//! The provider's word wins; what it does not know comes from what the person just asked for, then from what was known.

use chrono_tz::Tz;

use crate::meeting::{JoinUrl, Meeting, MeetingChange, MeetingDraft, MeetingTime, ProviderMeeting};

/// What the person just asked the provider for.
#[derive(Clone, Copy, Default)]
pub(super) struct Asked<'a> {
    subject: Option<&'a str>,
    time: Option<MeetingTime>,
    agenda: Option<&'a str>,
    invitees: Option<&'a [String]>,
}

impl<'a> From<&'a MeetingDraft> for Asked<'a> {
    fn from(draft: &'a MeetingDraft) -> Self {
        Self {
            subject: Some(&draft.subject),
            time: Some(draft.time),
            agenda: Some(&draft.agenda),
            invitees: Some(&draft.invitees),
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
}

/// Puts the three together. A blank subject is one that the provider does not know.
pub(super) fn merge(seen: &ProviderMeeting, asked: Asked<'_>, known: Option<&Meeting>) -> Told {
    let subject = seen.subject.as_deref().filter(|text| !text.trim().is_empty()).or(asked.subject);
    let agenda = seen.agenda.as_deref().or(asked.agenda);
    let invitees = seen.invitees.as_deref().or(asked.invitees);
    Told {
        subject: subject.or(known.map(|known| known.subject.as_str())).unwrap_or_default().to_owned(),
        time: time(seen.time, asked.time, known.and_then(|known| known.time)),
        join_url: seen.join_url.as_ref().or(known.and_then(|known| known.join_url.as_ref())).cloned(),
        passcode: seen.passcode.as_ref().or(known.and_then(|known| known.passcode.as_ref())).cloned(),
        dial_in: seen.dial_in.as_ref().or(known.and_then(|known| known.dial_in.as_ref())).cloned(),
        agenda: agenda.or(known.map(|known| known.agenda.as_str())).unwrap_or_default().to_owned(),
        invitees: invitees.or(known.map(|known| known.invitees.as_slice())).unwrap_or_default().to_vec(),
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
