//! Meetings as Convoke thinks of them, before any provider's form.
//!
//! A meeting's time is a wall time in an IANA zone ([`MeetingTime`]); the instant follows from it.
//! Nothing here reads a clock: what is past is decided against an argument.

use chrono::{DateTime, Duration, SecondsFormat, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::account::{AccountId, ProviderKind};

mod draft;
pub mod intent;
pub mod invitation;
pub mod linked;
pub mod occurrences;
pub mod options;
pub mod recurrence;
mod zone;

pub use draft::{ChangeInput, DraftInput, Fold, LONGEST_AGENDA, LONGEST_SUBJECT, parse_instant};
pub use options::MeetingOptions;
pub use recurrence::{Recurrence, Rule, SeriesForm};
pub use zone::parse_zone;

/// The id of a meeting on this computer, given by the register: `m-` and ten characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(transparent)]
#[ts(export)]
pub struct MeetingId(pub String);

/// What ties the meetings of one series together that stand at the provider one by one: `s-` and ten characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(transparent)]
#[ts(export)]
pub struct SeriesId(pub String);

/// When a meeting takes place: the wall time where it was planned, and its length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MeetingTime {
    /// The start in the zone the person chose; the zone is part of the value.
    pub start: DateTime<Tz>,
    /// Whole minutes, at least one.
    pub minutes: u32,
}

impl MeetingTime {
    /// The end, in the zone of the start.
    #[must_use]
    pub fn end(&self) -> DateTime<Tz> {
        self.start + Duration::minutes(i64::from(self.minutes))
    }

    /// The IANA name of the zone.
    #[must_use]
    pub fn zone(&self) -> Tz {
        self.start.timezone()
    }

    /// The start as an instant.
    #[must_use]
    pub fn start_utc(&self) -> DateTime<Utc> {
        self.start.with_timezone(&Utc)
    }

    /// The end as an instant.
    #[must_use]
    pub fn end_utc(&self) -> DateTime<Utc> {
        self.end().with_timezone(&Utc)
    }

    /// The same instant and length, read in `zone`.
    #[must_use]
    pub fn in_zone(&self, zone: Tz) -> Self {
        Self { start: self.start.with_timezone(&zone), minutes: self.minutes }
    }

    /// From two instants, such as a provider's answer.
    ///
    /// # Errors
    /// None where the end does not come after the start.
    #[must_use]
    pub fn between(start: DateTime<Utc>, end: DateTime<Utc>, zone: Tz) -> Option<Self> {
        let minutes = u32::try_from((end - start).num_minutes()).ok().filter(|m| *m > 0)?;
        Some(Self { start: start.with_timezone(&zone), minutes })
    }
}

/// RFC 3339 with the zone's offset, to the second: `2027-03-14T09:30:00+01:00`.
#[must_use]
pub fn rfc3339(time: &DateTime<Tz>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, false)
}

/// A draft that was checked: what a provider is asked to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MeetingDraft {
    /// What it is about; one line, 1 to 200 characters.
    pub subject: String,
    /// When.
    pub time: MeetingTime,
    /// Text for the invited, possibly empty; at most 2,000 characters.
    pub agenda: String,
    /// Mail addresses of the invited.
    pub invitees: Vec<String>,
    /// Whether and how it repeats; the time is that of the first occurrence.
    pub recurrence: Option<Recurrence>,
    /// What was chosen beside.
    pub options: MeetingOptions,
}

/// What a person changed: absent parts stay as they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MeetingChange {
    /// A new subject.
    pub subject: Option<String>,
    /// A new time.
    pub time: Option<MeetingTime>,
    /// A new agenda; empty clears it.
    pub agenda: Option<String>,
    /// The whole new list of the invited.
    pub invitees: Option<Vec<String>>,
    /// How it repeats from now on; inside, none for not at all. A new time of a series comes with its rule.
    pub recurrence: Option<Option<Recurrence>>,
    /// The options that change.
    pub options: MeetingOptions,
}

impl MeetingChange {
    /// Whether nothing is changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The meeting as it would be made now with this change of its dates, for whoever judges a series; none where the
    /// series stays as it is, or no time is known.
    #[must_use]
    pub fn as_draft(&self, current: &Meeting) -> Option<MeetingDraft> {
        Some(MeetingDraft {
            subject: self.subject.as_ref().unwrap_or(&current.subject).clone(),
            time: self.time.or(current.time)?,
            agenda: self.agenda.as_ref().unwrap_or(&current.agenda).clone(),
            invitees: self.invitees.as_ref().unwrap_or(&current.invitees).clone(),
            recurrence: self.recurrence.clone()?,
            options: current.options.clone().overlaid(&self.options),
        })
    }
}

/// The link with which anyone joins. Always `https`, or `http` on loopback.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct JoinUrl(String);

impl JoinUrl {
    /// Takes a provider's link.
    ///
    /// # Errors
    /// None where it is not a web address, or longer than 4,096 characters: it will be opened by a person.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let url = url::Url::parse(text).ok().filter(|_| text.len() <= 4096 && !text.contains(char::is_control))?;
        crate::http::scheme_is_allowed(&url).then(|| Self(text.to_owned()))
    }

    /// The link as the provider wrote it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What became of a meeting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum MeetingState {
    /// It stands at the provider.
    Scheduled,
    /// It was made here and is no longer there.
    Gone,
}

/// A meeting that stands at a provider, as the provider told it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderMeeting {
    /// The provider's id, always text: ids pass 2^31.
    pub provider_id: String,
    /// The subject; empty where the provider does not know it.
    pub subject: Option<String>,
    /// When; none where the provider does not know it (a Sametime room made elsewhere).
    pub time: Option<MeetingTime>,
    /// The link for anyone.
    pub join_url: Option<JoinUrl>,
    /// What a person types to get in.
    pub passcode: Option<String>,
    /// Telephone numbers, one a line.
    pub dial_in: Option<String>,
    /// The agenda, where the provider gave it.
    pub agenda: Option<String>,
    /// The invited, where the provider gave them.
    pub invitees: Option<Vec<String>>,
    /// An address for video systems (`sip:`), where there is one.
    pub sip: Option<String>,
    /// How it repeats, where the provider said; inside, none for a single meeting.
    pub recurrence: Option<Option<Rule>>,
    /// The options that the provider told, each with its real value.
    pub options: MeetingOptions,
}

impl ProviderMeeting {
    /// A meeting of which only its id is known.
    #[must_use]
    pub const fn new(provider_id: String) -> Self {
        Self {
            provider_id,
            subject: None,
            time: None,
            join_url: None,
            passcode: None,
            dial_in: None,
            agenda: None,
            invitees: None,
            sip: None,
            recurrence: None,
            options: MeetingOptions::NONE,
        }
    }
}

/// A meeting as the register keeps it: the provider's word, completed by what only this computer knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meeting {
    /// The id here.
    pub id: MeetingId,
    /// The account it belongs to.
    pub account: AccountId,
    /// The provider.
    pub provider: ProviderKind,
    /// The provider's id.
    pub provider_id: String,
    /// The subject.
    pub subject: String,
    /// When, where known.
    pub time: Option<MeetingTime>,
    /// The link for anyone.
    pub join_url: Option<JoinUrl>,
    /// What a person types to get in.
    pub passcode: Option<String>,
    /// Telephone numbers, one a line.
    pub dial_in: Option<String>,
    /// The agenda.
    pub agenda: String,
    /// The invited.
    pub invitees: Vec<String>,
    /// An address for video systems.
    pub sip: Option<String>,
    /// Whether and how it repeats.
    pub recurrence: Option<Recurrence>,
    /// The options that differ from what the provider does by itself.
    pub options: MeetingOptions,
    /// The series it belongs to, where that stands as several meetings.
    pub series: Option<SeriesId>,
    /// How often its invitation changed (RFC 5545 §3.8.7.4).
    pub sequence: u32,
    /// What became of it.
    pub state: MeetingState,
}

impl Meeting {
    /// A scheduled meeting of which nothing is known yet but where it stands.
    #[must_use]
    pub const fn blank(id: MeetingId, account: AccountId, provider: ProviderKind, provider_id: String) -> Self {
        Self {
            id,
            account,
            provider,
            provider_id,
            subject: String::new(),
            time: None,
            join_url: None,
            passcode: None,
            dial_in: None,
            agenda: String::new(),
            invitees: Vec::new(),
            sip: None,
            recurrence: None,
            options: MeetingOptions::NONE,
            series: None,
            sequence: 0,
            state: MeetingState::Scheduled,
        }
    }
}
