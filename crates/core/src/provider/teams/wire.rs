//! Graph's JSON for an online meeting, to and from.

use chrono::{DateTime, SecondsFormat, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::{
    account::Identity,
    error::{Error, ErrorCode},
    meeting::{
        JoinUrl, Meeting, MeetingChange, MeetingOptions, MeetingTime, ProviderMeeting,
        intent::Intent,
        options::{OptionKey, flag_text},
    },
    provider::meeting_id::checked,
};

#[derive(Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct MeetingBody<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    external_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_date_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_date_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    participants: Option<ParticipantsBody<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    allowed_presenters: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lobby_bypass_settings: Option<LobbyBody>,
    #[serde(skip_serializing_if = "Option::is_none")]
    join_meeting_id_settings: Option<JoinSettingsBody>,
    #[serde(skip_serializing_if = "Option::is_none")]
    record_automatically: Option<bool>,
}

#[derive(PartialEq, Eq, Serialize)]
struct LobbyBody {
    scope: &'static str,
}

#[derive(PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct JoinSettingsBody {
    is_passcode_required: bool,
}

#[derive(PartialEq, Eq, Serialize)]
struct ParticipantsBody<'a> {
    attendees: Vec<AttendeeBody<'a>>,
}

#[derive(PartialEq, Eq, Serialize)]
struct AttendeeBody<'a> {
    upn: &'a str,
    role: &'static str,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireMeeting {
    id: String,
    subject: Option<String>,
    start_date_time: Option<String>,
    end_date_time: Option<String>,
    join_web_url: Option<String>,
    join_meeting_id_settings: Option<WireJoinSettings>,
    audio_conferencing: Option<WireAudio>,
    participants: Option<WireParticipants>,
    allowed_presenters: Option<String>,
    lobby_bypass_settings: Option<WireLobby>,
    record_automatically: Option<bool>,
}

#[derive(Deserialize)]
struct WireLobby {
    scope: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireJoinSettings {
    passcode: Option<String>,
    is_passcode_required: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireAudio {
    toll_number: Option<String>,
    toll_free_number: Option<String>,
    conference_id: Option<String>,
    dialin_url: Option<String>,
}

#[derive(Deserialize)]
struct WireParticipants {
    attendees: Option<Vec<WireAttendee>>,
}

#[derive(Deserialize)]
struct WireAttendee {
    upn: Option<String>,
    role: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireUser {
    id: String,
    display_name: Option<String>,
    user_principal_name: String,
    mail: Option<String>,
}

// To the wire.

/// Graph's words for the choices of the lobby, in the order of the form.
const LOBBY: [(&str, &str); 5] = [
    ("everyone", "everyone"),
    ("organization", "organization"),
    ("organization_and_federated", "organizationAndFederated"),
    ("invited", "invited"),
    ("organizer", "organizer"),
];
/// Who may present.
const PRESENTERS: [(&str, &str); 3] =
    [("everyone", "everyone"), ("organization", "organization"), ("organizer", "organizer")];

pub(super) const LOBBY_CHOICES: [&str; 5] =
    ["everyone", "organization", "organization_and_federated", "invited", "organizer"];
pub(super) const PRESENTER_CHOICES: [&str; 3] = ["everyone", "organization", "organizer"];

fn to_graph(table: &[(&'static str, &'static str)], choice: &str) -> Option<&'static str> {
    table.iter().find(|(ours, _)| *ours == choice).map(|(_, graphs)| *graphs)
}

fn from_graph(table: &[(&'static str, &'static str)], word: &str) -> Option<&'static str> {
    table.iter().find(|(_, graphs)| *graphs == word).map(|(ours, _)| *ours)
}

impl<'a> MeetingBody<'a> {
    /// What `createOrGet` takes: the key, the subject, the time and the people. It returns a meeting that is there as it is.
    pub(super) fn create_or_get(intent: &'a Intent) -> Self {
        let draft = &intent.draft;
        Self {
            external_id: Some(&intent.id.0),
            subject: Some(&draft.subject),
            participants: Some(participants(&draft.invitees, draft.options.addresses(OptionKey::CoHosts)))
                .filter(|people| !people.attendees.is_empty()),
            ..Self::default()
        }
        .time(&draft.time)
    }

    /// A whole new meeting, with what only a `POST` takes.
    pub(super) fn create(intent: &'a Intent) -> Self {
        Self {
            join_meeting_id_settings: intent
                .draft
                .options
                .flag(OptionKey::Passcode)
                .map(|is_passcode_required| JoinSettingsBody { is_passcode_required }),
            ..Self::create_or_get(intent).options(&intent.draft.options)
        }
    }

    /// The options that a `PATCH` takes, alone.
    pub(super) fn only_options(options: &MeetingOptions) -> Self {
        Self::default().options(options)
    }

    pub(super) fn change(current: &'a Meeting, change: &'a MeetingChange) -> Self {
        // The people come as a whole list, with everybody's part.
        let hosts = change.options.addresses(OptionKey::CoHosts);
        let people = (change.invitees.is_some() || hosts.is_some()).then(|| {
            let invitees = change.invitees.as_ref().unwrap_or(&current.invitees);
            participants(invitees, hosts.or_else(|| current.options.addresses(OptionKey::CoHosts)))
        });
        let body = Self { subject: change.subject.as_deref(), participants: people, ..Self::default() }
            .options(&change.options);
        match &change.time {
            Some(time) => body.time(time),
            None => body,
        }
    }

    fn time(self, time: &MeetingTime) -> Self {
        let text = |instant: DateTime<Utc>| instant.to_rfc3339_opts(SecondsFormat::Secs, true);
        Self { start_date_time: Some(text(time.start_utc())), end_date_time: Some(text(time.end_utc())), ..self }
    }

    fn options(self, options: &MeetingOptions) -> Self {
        let word = |key, table| options.get(key).and_then(|choice| to_graph(table, choice));
        Self {
            allowed_presenters: word(OptionKey::Presenters, &PRESENTERS),
            lobby_bypass_settings: word(OptionKey::Lobby, &LOBBY).map(|scope| LobbyBody { scope }),
            record_automatically: options.get(OptionKey::Recording).map(|choice| choice == "cloud"),
            ..self
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Everybody with their part; a co-organizer who is invited as well comes once.
fn participants<'a>(invitees: &'a [String], hosts: Option<Vec<&'a str>>) -> ParticipantsBody<'a> {
    let hosts = hosts.unwrap_or_default();
    let is_host = |address: &str| hosts.iter().any(|host| host.eq_ignore_ascii_case(address));
    let invited = invitees.iter().map(String::as_str).filter(|address| !is_host(address));
    let attendees = hosts.iter().map(|upn| AttendeeBody { upn, role: "coorganizer" });
    let attendees = attendees.chain(invited.map(|upn| AttendeeBody { upn, role: "attendee" }));
    ParticipantsBody { attendees: attendees.collect() }
}

// From the wire.

impl TryFrom<WireMeeting> for ProviderMeeting {
    type Error = Error;

    /// The time comes in UTC; the caller knows the zone.
    fn try_from(wire: WireMeeting) -> Result<Self, Error> {
        let join_url = |text: &str| JoinUrl::parse(text).ok_or_else(|| bad("joinWebUrl"));
        let (options, invitees) = (wire.options(), wire.people(|role| role != Some("coorganizer")));
        Ok(Self {
            provider_id: checked(&wire.id).map_err(|_| bad("id"))?.to_owned(),
            subject: wire.subject,
            time: time(wire.start_date_time.as_deref(), wire.end_date_time.as_deref())?,
            join_url: wire.join_web_url.as_deref().map(join_url).transpose()?,
            options,
            invitees,
            passcode: wire
                .join_meeting_id_settings
                .and_then(|settings| settings.passcode)
                .filter(|code| !code.is_empty()),
            dial_in: wire.audio_conferencing.and_then(WireAudio::lines),
            agenda: None,
            sip: None,
            // There are no series: what is known of one is known here.
            recurrence: None,
        })
    }
}

fn time(start: Option<&str>, end: Option<&str>) -> Result<Option<MeetingTime>, Error> {
    let (Some(start), Some(end)) = (start, end) else { return Ok(None) };
    let read = |text: &str| DateTime::parse_from_rfc3339(text).map(|time| time.to_utc());
    let (start, end) = (read(start).map_err(|_| bad("startDateTime"))?, read(end).map_err(|_| bad("endDateTime"))?);
    Ok(MeetingTime::between(start, end, Tz::UTC))
}

impl WireMeeting {
    fn people(&self, of: impl Fn(Option<&str>) -> bool) -> Option<Vec<String>> {
        let list = self.participants.as_ref()?.attendees.as_ref()?;
        Some(list.iter().filter(|one| of(one.role.as_deref())).filter_map(|one| one.upn.clone()).collect())
    }

    fn options(&self) -> MeetingOptions {
        let lobby = self.lobby_bypass_settings.as_ref().and_then(|lobby| from_graph(&LOBBY, lobby.scope.as_deref()?));
        let presenters = self.allowed_presenters.as_deref().and_then(|word| from_graph(&PRESENTERS, word));
        let passcode = self.join_meeting_id_settings.as_ref().and_then(|settings| settings.is_passcode_required);
        let hosts = self.people(|role| role == Some("coorganizer")).map(|hosts| hosts.join(","));
        [
            (OptionKey::Lobby, lobby.map(str::to_owned)),
            (OptionKey::Passcode, passcode.map(|on| flag_text(on).to_owned())),
            (OptionKey::Presenters, presenters.map(str::to_owned)),
            (OptionKey::Recording, self.record_automatically.map(|on| if on { "cloud" } else { "none" }.to_owned())),
            (OptionKey::CoHosts, hosts),
        ]
        .into_iter()
        .filter_map(|(key, value)| Some((key, value?)))
        .fold(MeetingOptions::NONE, |options, (key, value)| options.with(key, value))
    }
}

impl WireAudio {
    /// Each number with the conference id as a telephone dials it, then the page with the other numbers.
    fn lines(self) -> Option<String> {
        let code = self.conference_id.filter(|id| !id.is_empty()).map(|id| format!(",,{id}#")).unwrap_or_default();
        let page = self.dialin_url.filter(|text| JoinUrl::parse(text).is_some());
        let numbers = [self.toll_number, self.toll_free_number].into_iter().flatten();
        let lines: Vec<String> = numbers.map(|number| format!("{number}{code}")).chain(page).collect();
        Some(lines.join("\n")).filter(|text| !text.is_empty())
    }
}

impl From<WireUser> for Identity {
    fn from(wire: WireUser) -> Self {
        let address = wire.mail.filter(|mail| !mail.is_empty()).unwrap_or(wire.user_principal_name);
        Self { subject: wire.id, address, name: wire.display_name.filter(|name| !name.is_empty()) }
    }
}

pub(super) fn bad(part: &str) -> Error {
    Error::new(ErrorCode::BadAnswer).detail(part)
}
