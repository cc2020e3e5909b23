//! Webex's JSON, to and from: never the host's key or the links that only a host may open.

use chrono::DateTime;
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::{place::Place, series};
use crate::{
    account::Identity,
    error::{Error, ErrorCode},
    meeting::{
        JoinUrl, Meeting, MeetingChange, MeetingDraft, MeetingOptions, MeetingTime, ProviderMeeting,
        intent::Intent,
        options::{OptionKey, flag_text},
        parse_zone, rfc3339,
    },
};

/// `meetingType` of a meeting, repeating or not; its occurrences are of other types.
const SERIES: &str = "meetingSeries";
/// How long before the start people get in where they may before the host; the most that a meeting takes.
const EARLIEST_MINUTES: u8 = 15;

#[derive(PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct MeetingBody<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timezone: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    agenda: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recurrence: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unlocked_meeting_join_security: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    enabled_join_before_host: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    join_before_host_minutes: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    enabled_auto_record_meeting: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attendee_privileges: Option<PrivilegesBody>,
    #[serde(skip_serializing_if = "Option::is_none")]
    audio_connection_options: Option<AudioBody>,
    #[serde(skip_serializing_if = "Option::is_none")]
    host_email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    integration_tags: Option<[&'a str; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    invitees: Option<Vec<InviteeBody<'a>>>,
    /// Webex writes to everybody by itself otherwise.
    send_email: bool,
}

#[derive(PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct PrivilegesBody {
    enabled_share_content: bool,
}

#[derive(Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct AudioBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    audio_connection_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mute_attendee_upon_entry: Option<bool>,
}

#[derive(PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct InviteeBody<'a> {
    email: &'a str,
    co_host: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireMeeting {
    id: String,
    title: Option<String>,
    agenda: Option<String>,
    password: Option<String>,
    meeting_type: Option<String>,
    timezone: Option<String>,
    start: Option<String>,
    end: Option<String>,
    recurrence: Option<String>,
    web_link: Option<String>,
    sip_address: Option<String>,
    telephony: Option<WireTelephony>,
    unlocked_meeting_join_security: Option<String>,
    enabled_join_before_host: Option<bool>,
    enabled_auto_record_meeting: Option<bool>,
    attendee_privileges: Option<WirePrivileges>,
    audio_connection_options: Option<WireAudio>,
    integration_tags: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireTelephony {
    access_code: Option<String>,
    call_in_numbers: Option<Vec<WireNumber>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireNumber {
    label: Option<String>,
    call_in_number: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WirePrivileges {
    enabled_share_content: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireAudio {
    audio_connection_type: Option<String>,
    mute_attendee_upon_entry: Option<bool>,
}

#[derive(Deserialize)]
pub(super) struct WirePage {
    pub(super) items: Vec<WireMeeting>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WirePerson {
    id: String,
    emails: Vec<String>,
    display_name: Option<String>,
}

// To the wire.

/// Webex's words for who gets in of those who are not invited.
const LOBBY: [(&str, &str); 3] =
    [("everyone_enters", "allowJoin"), ("guests_wait", "allowJoinWithLobby"), ("guests_blocked", "blockFromJoin")];
/// How people hear. Webex's `none` is its own default, and so no choice.
const AUDIO: [(&str, &str); 2] = [("both", "webexAudio"), ("voip", "VoIP")];
/// Who may present, and whether attendees share.
const PRESENTERS: [(&str, bool); 2] = [("everyone", true), ("hosts", false)];

pub(super) const LOBBY_CHOICES: [&str; 3] = [LOBBY[0].0, LOBBY[1].0, LOBBY[2].0];
pub(super) const AUDIO_CHOICES: [&str; 2] = [AUDIO[0].0, AUDIO[1].0];
pub(super) const PRESENTER_CHOICES: [&str; 2] = [PRESENTERS[0].0, PRESENTERS[1].0];

fn to_webex<T: Copy>(table: &[(&str, T)], choice: Option<&str>) -> Option<T> {
    table.iter().find(|(ours, _)| Some(*ours) == choice).map(|(_, webex)| *webex)
}

fn from_webex<T: PartialEq>(table: &[(&'static str, T)], word: &T) -> Option<&'static str> {
    table.iter().find(|(_, webex)| webex == word).map(|(ours, _)| *ours)
}

impl<'a> MeetingBody<'a> {
    const NOTHING: Self = Self {
        title: None,
        start: None,
        end: None,
        timezone: None,
        agenda: None,
        recurrence: None,
        password: None,
        unlocked_meeting_join_security: None,
        enabled_join_before_host: None,
        join_before_host_minutes: None,
        enabled_auto_record_meeting: None,
        attendee_privileges: None,
        audio_connection_options: None,
        host_email: None,
        integration_tags: None,
        invitees: None,
        send_email: false,
    };

    pub(super) fn create(intent: &'a Intent) -> Self {
        let draft = &intent.draft;
        Self {
            title: Some(&draft.subject),
            agenda: Some(draft.agenda.as_str()).filter(|agenda| !agenda.is_empty()),
            recurrence: draft.recurrence.as_ref().map(|series| series::to_wire(&draft.time, series)),
            host_email: host(&draft.options),
            integration_tags: Some([&intent.id.0]),
            invitees: invitees(draft),
            ..Self::NOTHING.time(&draft.time).options(&draft.options)
        }
    }

    /// What a change sends for the meeting of `host`, where that is somebody else; none where it changes nothing that Webex
    /// keeps.
    pub(super) fn change(current: &Meeting, change: &'a MeetingChange, host: Option<&'a str>) -> Option<Self> {
        let body = Self {
            title: change.subject.as_deref(),
            agenda: change.agenda.as_deref(),
            recurrence: recurrence(current, change),
            ..Self::NOTHING.options(&change.options)
        };
        let body = match &change.time {
            Some(time) => body.time(time),
            None => body,
        };
        (body != Self::NOTHING).then_some(Self { host_email: host, ..body })
    }

    fn time(self, time: &MeetingTime) -> Self {
        Self {
            start: Some(rfc3339(&time.start)),
            end: Some(rfc3339(&time.end())),
            timezone: Some(time.zone().name()),
            ..self
        }
    }

    fn options(self, options: &'a MeetingOptions) -> Self {
        let early = options.flag(OptionKey::JoinBeforeHost);
        let audio = AudioBody {
            audio_connection_type: to_webex(&AUDIO, options.get(OptionKey::DialIn)),
            mute_attendee_upon_entry: options.flag(OptionKey::MuteOnEntry),
        };
        Self {
            password: options.get(OptionKey::Passcode),
            unlocked_meeting_join_security: to_webex(&LOBBY, options.get(OptionKey::Lobby)),
            enabled_join_before_host: early,
            join_before_host_minutes: early.filter(|on| *on).map(|_| EARLIEST_MINUTES),
            enabled_auto_record_meeting: options.get(OptionKey::Recording).map(|choice| choice == "cloud"),
            attendee_privileges: to_webex(&PRESENTERS, options.get(OptionKey::Presenters))
                .map(|enabled_share_content| PrivilegesBody { enabled_share_content }),
            audio_connection_options: Some(audio).filter(|audio| *audio != AudioBody::default()),
            ..self
        }
    }
}

/// For whom a meeting was made.
pub(super) fn host(options: &MeetingOptions) -> Option<&str> {
    options.get(OptionKey::ScheduleFor).filter(|address| !address.is_empty())
}

/// The rule to send with a change. One that stays is not sent: Webex would forget what was taken out of the series.
fn recurrence(current: &Meeting, change: &MeetingChange) -> Option<String> {
    match (change.recurrence.as_ref()?, &current.recurrence) {
        (None, _) => Some(series::once()),
        (Some(new), Some(old)) if change.time.is_none() && new.rule == old.rule && new.form == old.form => None,
        (Some(new), _) => Some(series::to_wire(&change.time.or(current.time)?, new)),
    }
}

/// Everybody with their part; a host who is invited as well comes once.
fn invitees(draft: &MeetingDraft) -> Option<Vec<InviteeBody<'_>>> {
    let hosts = draft.options.addresses(OptionKey::CoHosts).unwrap_or_default();
    let is_host = |address: &str| hosts.iter().any(|host| host.eq_ignore_ascii_case(address));
    let invited = draft.invitees.iter().map(String::as_str).filter(|address| !is_host(address));
    let all: Vec<_> = hosts
        .iter()
        .map(|email| InviteeBody { email, co_host: true })
        .chain(invited.map(|email| InviteeBody { email, co_host: false }))
        .collect();
    Some(all).filter(|all| !all.is_empty())
}

// From the wire.

impl TryFrom<WireMeeting> for ProviderMeeting {
    type Error = Error;

    fn try_from(wire: WireMeeting) -> Result<Self, Error> {
        let zone = wire.timezone.as_deref().and_then(parse_zone).unwrap_or(Tz::UTC);
        let join_url = |text: &str| JoinUrl::parse(text).ok_or_else(|| bad("webLink"));
        Ok(Self {
            provider_id: plain(&wire.id)?.to_owned(),
            time: time(wire.start.as_deref(), wire.end.as_deref(), zone)?,
            join_url: wire.web_link.as_deref().map(join_url).transpose()?,
            options: wire.options(),
            subject: wire.title,
            passcode: wire.password.filter(|text| !text.is_empty()),
            dial_in: wire.telephony.and_then(WireTelephony::lines),
            agenda: wire.agenda,
            invitees: None,
            sip: wire.sip_address.filter(|text| !text.is_empty()),
            recurrence: series::from_wire(wire.recurrence.as_deref(), zone).ok(),
        })
    }
}

/// An id of Webex's own, without a host.
fn plain(id: &str) -> Result<&str, Error> {
    Place::parse(id).ok().filter(|place| place.host.is_none()).map(|place| place.id).ok_or_else(|| bad("id"))
}

fn time(start: Option<&str>, end: Option<&str>, zone: Tz) -> Result<Option<MeetingTime>, Error> {
    let (Some(start), Some(end)) = (start, end) else { return Ok(None) };
    let read = |text: &str| DateTime::parse_from_rfc3339(text).map(|time| time.to_utc());
    let (start, end) = (read(start).map_err(|_| bad("start"))?, read(end).map_err(|_| bad("end"))?);
    Ok(MeetingTime::between(start, end, zone))
}

impl WireMeeting {
    /// Whether it is a meeting, and not one occurrence of one.
    pub(super) fn is_whole(&self) -> bool {
        self.meeting_type.as_deref().is_none_or(|kind| kind == SERIES)
    }

    /// Whether it has the tag; none where the answer does not say.
    pub(super) fn has_tag(&self, tag: &str) -> Option<bool> {
        self.integration_tags.as_ref().map(|tags| tags.iter().any(|one| one == tag))
    }

    fn options(&self) -> MeetingOptions {
        let flag = |on: Option<bool>| on.map(flag_text);
        let audio = self.audio_connection_options.as_ref();
        let share = self.attendee_privileges.as_ref().and_then(|wire| wire.enabled_share_content);
        [
            (
                OptionKey::Lobby,
                self.unlocked_meeting_join_security.as_deref().and_then(|word| from_webex(&LOBBY, &word)),
            ),
            (OptionKey::Presenters, share.and_then(|share| from_webex(&PRESENTERS, &share))),
            (OptionKey::JoinBeforeHost, flag(self.enabled_join_before_host)),
            (OptionKey::MuteOnEntry, flag(audio.and_then(|audio| audio.mute_attendee_upon_entry))),
            (OptionKey::Recording, self.enabled_auto_record_meeting.map(|on| if on { "cloud" } else { "none" })),
            (OptionKey::DialIn, audio.and_then(|audio| from_webex(&AUDIO, &audio.audio_connection_type.as_deref()?))),
        ]
        .into_iter()
        .filter_map(|(key, value)| Some((key, value?)))
        .fold(MeetingOptions::NONE, |options, (key, value)| options.with(key, value))
    }
}

impl WireTelephony {
    /// Each number with its label before it and the access code after it, as a telephone dials it.
    fn lines(self) -> Option<String> {
        let code =
            self.access_code.filter(|code| !code.is_empty()).map(|code| format!(",,{code}#")).unwrap_or_default();
        let line = |wire: WireNumber| {
            let number = wire.call_in_number.filter(|number| !number.is_empty())?;
            let label = wire.label.filter(|label| !label.is_empty()).map(|label| format!("{label}: "));
            Some(format!("{}{number}{code}", label.unwrap_or_default()))
        };
        let lines: Vec<String> = self.call_in_numbers.into_iter().flatten().filter_map(line).collect();
        Some(lines.join("\n")).filter(|text| !text.is_empty())
    }
}

impl TryFrom<WirePerson> for Identity {
    type Error = Error;

    fn try_from(wire: WirePerson) -> Result<Self, Error> {
        let address = wire.emails.into_iter().find(|address| !address.is_empty()).ok_or_else(|| bad("emails"))?;
        Ok(Self { subject: wire.id, address, name: wire.display_name.filter(|name| !name.is_empty()) })
    }
}

pub(super) fn bad(part: &str) -> Error {
    Error::new(ErrorCode::BadAnswer).detail(part)
}
