//! Zoom's JSON, to and from: never the `start_url`, which is the host's credential.

use chrono::{DateTime, NaiveDateTime, SecondsFormat, TimeZone as _, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::series::{WireRecurrence, translate};
use crate::{
    account::Identity,
    error::{Error, ErrorCode},
    meeting::{
        JoinUrl, MeetingChange, MeetingDraft, MeetingOptions, MeetingTime, ProviderMeeting, SeriesForm,
        options::{OptionKey, flag_text},
        parse_zone,
    },
    provider::meeting_id::WireId,
};

/// `type` of a meeting with a fixed time.
const SCHEDULED: u8 = 2;
/// `type` of a room that stays: a series without fixed times.
const NO_FIXED_TIME: u8 = 3;
/// `type` of a series with fixed times.
const SERIES: u8 = 8;

#[derive(Default, Serialize)]
pub(super) struct MeetingBody<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    topic: Option<&'a str>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timezone: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    agenda: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    schedule_for: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recurrence: Option<WireRecurrence>,
    #[serde(skip_serializing_if = "Option::is_none")]
    settings: Option<SettingsBody<'a>>,
}

#[derive(Default, PartialEq, Eq, Serialize)]
struct SettingsBody<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    waiting_room: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    join_before_host: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mute_upon_entry: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    auto_recording: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    alternative_hosts: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    audio: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    meeting_invitees: Option<Vec<InviteeBody<'a>>>,
}

#[derive(PartialEq, Eq, Serialize)]
struct InviteeBody<'a> {
    email: &'a str,
}

#[derive(Deserialize)]
pub(super) struct WireMeeting {
    id: WireId,
    #[serde(rename = "type")]
    kind: Option<u8>,
    topic: Option<String>,
    start_time: Option<String>,
    duration: Option<u32>,
    timezone: Option<String>,
    agenda: Option<String>,
    pub(super) created_at: Option<String>,
    join_url: Option<String>,
    password: Option<String>,
    recurrence: Option<WireRecurrence>,
    pub(super) occurrences: Option<Vec<WireOccurrence>>,
    settings: Option<WireSettings>,
}

#[derive(Deserialize)]
pub(super) struct WireOccurrence {
    pub(super) occurrence_id: WireId,
    pub(super) start_time: Option<String>,
    pub(super) status: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireSettings {
    waiting_room: Option<bool>,
    join_before_host: Option<bool>,
    mute_upon_entry: Option<bool>,
    auto_recording: Option<String>,
    alternative_hosts: Option<String>,
    audio: Option<String>,
    meeting_invitees: Option<Vec<WireInvitee>>,
    global_dial_in_numbers: Option<Vec<WireNumber>>,
}

#[derive(Deserialize)]
struct WireInvitee {
    email: Option<String>,
}

#[derive(Deserialize)]
struct WireNumber {
    number: Option<String>,
    country_name: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct WirePage {
    pub(super) meetings: Vec<WireMeeting>,
    pub(super) next_page_token: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct WireUser {
    id: String,
    email: String,
    display_name: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
}

// To the wire.

impl MeetingBody<'_> {
    /// A single meeting goes as an instant, which no clock change makes ambiguous; a series as its wall time, which stays
    /// over clock changes. Both name the zone.
    fn time(self, time: &MeetingTime, series: bool) -> Self {
        let start = if series {
            time.start.format("%Y-%m-%dT%H:%M:%S").to_string()
        } else {
            time.start_utc().to_rfc3339_opts(SecondsFormat::Secs, true)
        };
        Self { start_time: Some(start), duration: Some(time.minutes), timezone: Some(time.zone().name()), ..self }
    }

    /// When, and how often.
    fn dates(self, time: &MeetingTime, recurrence: Option<&crate::meeting::Recurrence>) -> Self {
        match recurrence {
            None => Self { kind: Some(SCHEDULED), ..self.time(time, false) },
            Some(series) if series.form == SeriesForm::Native => {
                Self { kind: Some(SERIES), recurrence: translate(time, &series.rule), ..self.time(time, true) }
            }
            Some(_) => Self { kind: Some(NO_FIXED_TIME), duration: Some(time.minutes), ..self },
        }
    }
}

impl<'a> From<&'a MeetingDraft> for MeetingBody<'a> {
    fn from(draft: &'a MeetingDraft) -> Self {
        let invitees = Some(&draft.invitees).filter(|list| !list.is_empty());
        Self {
            topic: Some(&draft.subject),
            agenda: Some(draft.agenda.as_str()).filter(|agenda| !agenda.is_empty()),
            password: draft.options.get(OptionKey::Passcode),
            schedule_for: draft.options.get(OptionKey::ScheduleFor),
            settings: SettingsBody::new(&draft.options, invitees),
            ..Self::default()
        }
        .dates(&draft.time, draft.recurrence.as_ref())
    }
}

impl<'a> MeetingBody<'a> {
    /// A change of a meeting that is at `time` now.
    pub(super) fn change(change: &'a MeetingChange, now: Option<MeetingTime>) -> Self {
        let body = Self {
            topic: change.subject.as_deref(),
            agenda: change.agenda.as_deref(),
            password: change.options.get(OptionKey::Passcode),
            settings: SettingsBody::new(&change.options, change.invitees.as_ref()),
            ..Self::default()
        };
        match (&change.recurrence, change.time, now) {
            (Some(recurrence), Some(time), _) | (Some(recurrence), None, Some(time)) => {
                body.dates(&time, recurrence.as_ref())
            }
            (None, Some(time), _) => body.time(&time, false),
            (_, None, _) => body,
        }
    }
}

impl<'a> SettingsBody<'a> {
    fn new(options: &'a MeetingOptions, invitees: Option<&'a Vec<String>>) -> Option<Self> {
        let body = Self {
            waiting_room: options.flag(OptionKey::Lobby),
            join_before_host: options.flag(OptionKey::JoinBeforeHost),
            mute_upon_entry: options.flag(OptionKey::MuteOnEntry),
            auto_recording: options.get(OptionKey::Recording),
            alternative_hosts: options.addresses(OptionKey::CoHosts).map(|list| list.join(";")),
            audio: options.get(OptionKey::DialIn),
            meeting_invitees: invitees.map(|list| list.iter().map(|email| InviteeBody { email }).collect()),
        };
        (body != Self::default()).then_some(body)
    }
}

// From the wire.

impl TryFrom<WireMeeting> for ProviderMeeting {
    type Error = Error;

    fn try_from(wire: WireMeeting) -> Result<Self, Error> {
        let settings = wire.settings.unwrap_or_default();
        let zone = wire.timezone.as_deref().and_then(parse_zone).unwrap_or(Tz::UTC);
        // A series begins with its first occurrence, which may have been taken out.
        let first = wire.occurrences.as_ref().and_then(|list| list.first()?.start_time.clone());
        let start = first.or(wire.start_time).filter(|_| wire.kind != Some(NO_FIXED_TIME));
        let recurrence = match (wire.kind, wire.recurrence) {
            (Some(SERIES), Some(recurrence)) => recurrence.rule().map(Some),
            (Some(SCHEDULED), _) => Some(None),
            _ => None,
        };
        Ok(Self {
            provider_id: wire.id.into_text()?,
            subject: wire.topic,
            time: time(start.as_deref(), wire.duration, zone)?,
            join_url: join_url(wire.join_url.as_deref())?,
            passcode: wire.password.filter(|text| !text.is_empty()),
            dial_in: settings.global_dial_in_numbers.as_deref().and_then(dial_in),
            agenda: wire.agenda,
            options: settings.options(),
            invitees: settings
                .meeting_invitees
                .map(|list| list.into_iter().filter_map(|invitee| invitee.email).collect()),
            sip: None,
            recurrence,
        })
    }
}

impl WireSettings {
    fn options(&self) -> MeetingOptions {
        let hosts = self.alternative_hosts.as_ref().map(|text| text.replace(';', ","));
        let flag = |on: Option<bool>| on.map(|on| flag_text(on).to_owned());
        [
            (OptionKey::Lobby, flag(self.waiting_room)),
            (OptionKey::JoinBeforeHost, flag(self.join_before_host)),
            (OptionKey::MuteOnEntry, flag(self.mute_upon_entry)),
            (OptionKey::Recording, self.auto_recording.clone()),
            (OptionKey::CoHosts, hosts),
            (OptionKey::DialIn, self.audio.clone()),
        ]
        .into_iter()
        .filter_map(|(key, value)| Some((key, value?)))
        .fold(MeetingOptions::NONE, |options, (key, value)| options.with(key, value))
    }
}

/// A meeting without a fixed time (type 3) has no start. A zone that is not known is read as UTC.
fn time(start: Option<&str>, minutes: Option<u32>, zone: Tz) -> Result<Option<MeetingTime>, Error> {
    let (Some(start), Some(minutes)) = (start.filter(|text| !text.is_empty()), minutes) else { return Ok(None) };
    let start = instant(start, zone).ok_or_else(|| bad("start_time"))?;
    Ok(Some(MeetingTime { start: start.with_timezone(&zone), minutes: minutes.max(1) }))
}

/// An instant with its offset, or a wall time in the meeting's zone.
pub(super) fn instant(text: &str, zone: Tz) -> Option<DateTime<Utc>> {
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some(time.to_utc());
    }
    let wall = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S").ok()?;
    zone.from_local_datetime(&wall).earliest().map(|time| time.to_utc())
}

fn join_url(text: Option<&str>) -> Result<Option<JoinUrl>, Error> {
    text.map(|text| JoinUrl::parse(text).ok_or_else(|| bad("join_url"))).transpose()
}

fn dial_in(numbers: &[WireNumber]) -> Option<String> {
    let line = |wire: &WireNumber| {
        let number = wire.number.as_deref()?;
        Some(wire.country_name.as_ref().map_or_else(|| number.to_owned(), |country| format!("{number} ({country})")))
    };
    let lines: Vec<String> = numbers.iter().filter_map(line).collect();
    Some(lines.join("\n")).filter(|text| !text.is_empty())
}

impl From<WireUser> for Identity {
    fn from(wire: WireUser) -> Self {
        let full = || {
            let parts: Vec<String> = [wire.first_name, wire.last_name].into_iter().flatten().collect();
            parts.join(" ").trim().to_owned()
        };
        let name = wire.display_name.unwrap_or_else(full);
        Self { subject: wire.id, address: wire.email, name: Some(name).filter(|name| !name.is_empty()) }
    }
}

pub(super) fn bad(part: &str) -> Error {
    Error::new(ErrorCode::BadAnswer).detail(part)
}
