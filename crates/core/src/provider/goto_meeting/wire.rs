//! GoToMeeting's JSON, to and from: lower-case names go out, camel-case ones come back.

use chrono::{DateTime, SecondsFormat, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::subject::{escaped, unescaped};
use crate::{
    account::Identity,
    error::{Error, ErrorCode},
    meeting::{
        JoinUrl, Meeting, MeetingChange, MeetingDraft, MeetingOptions, MeetingTime, ProviderMeeting,
        options::{OptionKey, flag_text},
    },
    provider::meeting_id::WireId,
};

/// `meetingtype` of a meeting with a time.
const SCHEDULED: &str = "scheduled";
/// `meetingtype` of a room that stays: a series without a rule.
const RECURRING: &str = "recurring";
/// The longest own text about audio that is taken, in characters.
const LONGEST_AUDIO: usize = 255;

/// The words of `conferencecallinfo`; anything else is somebody's own text, with numbers.
const AUDIO: [(&str, &str); 4] = [("both", "Hybrid"), ("telephony", "PSTN"), ("voip", "VoIP"), ("toll_free", "Free")];
/// The word for numbers that stand elsewhere.
const OWN_NUMBERS: &str = "Private";

pub(super) const AUDIO_CHOICES: [&str; 4] = [AUDIO[0].0, AUDIO[1].0, AUDIO[2].0, AUDIO[3].0];

/// A create and a change: always all seven.
#[derive(Serialize)]
pub(super) struct MeetingBody {
    subject: String,
    starttime: String,
    endtime: String,
    passwordrequired: bool,
    conferencecallinfo: String,
    timezonekey: &'static str,
    meetingtype: String,
}

/// A meeting of any answer: a new one has only its id and its link, a read one all but its link.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireMeeting {
    #[serde(alias = "meetingid")]
    meeting_id: WireId,
    subject: Option<String>,
    start_time: Option<String>,
    end_time: Option<String>,
    meeting_type: Option<String>,
    password_required: Option<bool>,
    conference_call_info: Option<String>,
    #[serde(rename = "joinURL")]
    join_url: Option<String>,
}

/// A person in the words of SCIM (RFC 7643 §4.1).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireUser {
    id: String,
    user_name: Option<String>,
    display_name: Option<String>,
    name: Option<WireName>,
    #[serde(default)]
    emails: Vec<WireEmail>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireName {
    formatted: Option<String>,
    given_name: Option<String>,
    family_name: Option<String>,
}

#[derive(Deserialize)]
struct WireEmail {
    value: Option<String>,
    #[serde(default)]
    primary: bool,
}

// To the wire.

impl From<&MeetingDraft> for MeetingBody {
    fn from(draft: &MeetingDraft) -> Self {
        Self {
            subject: escaped(&draft.subject),
            starttime: text(draft.time.start_utc()),
            endtime: text(draft.time.end_utc()),
            passwordrequired: draft.options.flag(OptionKey::Passcode).unwrap_or_default(),
            conferencecallinfo: audio(draft.options.get(OptionKey::DialIn)).unwrap_or(AUDIO[0].1).to_owned(),
            timezonekey: "",
            meetingtype: if draft.recurrence.is_some() { RECURRING } else { SCHEDULED }.to_owned(),
        }
    }
}

impl MeetingBody {
    /// All of a meeting as it is to be: what changes, else what was just read, else what is known here.
    ///
    /// # Errors
    /// `BadAnswer` where its time is not known anywhere.
    pub(super) fn change(read: &WireMeeting, current: &Meeting, change: &MeetingChange) -> Result<Self, Error> {
        let told = || times(read.start_time.as_deref(), read.end_time.as_deref()).ok().flatten();
        let known = |time: MeetingTime| (time.start_utc(), time.end_utc());
        let times = change.time.map(known).or_else(told).or(current.time.map(known));
        let (start, end) = times.ok_or_else(|| bad("startTime"))?;
        let kind = match &change.recurrence {
            Some(Some(_)) => RECURRING,
            Some(None) => SCHEDULED,
            None => read.meeting_type.as_deref().unwrap_or(SCHEDULED),
        };
        let subject = change.subject.clone().or_else(|| read.subject.as_deref().map(unescaped));
        let passcode = change.options.flag(OptionKey::Passcode).or(read.password_required);
        Ok(Self {
            subject: escaped(&subject.unwrap_or_else(|| current.subject.clone())),
            starttime: text(start),
            endtime: text(end),
            passwordrequired: passcode.unwrap_or_default(),
            conferencecallinfo: read.audio(&current.options, &change.options),
            timezonekey: "",
            meetingtype: kind.to_owned(),
        })
    }
}

fn text(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// GoToMeeting's word for a choice.
fn audio(choice: Option<&str>) -> Option<&'static str> {
    AUDIO.iter().find(|(ours, _)| Some(*ours) == choice).map(|(_, word)| *word)
}

// From the wire.

impl TryFrom<WireMeeting> for ProviderMeeting {
    type Error = Error;

    /// The time comes in UTC; a room that stays has none.
    fn try_from(wire: WireMeeting) -> Result<Self, Error> {
        let room = wire.meeting_type.as_deref() == Some(RECURRING);
        let between = |(start, end)| MeetingTime::between(start, end, Tz::UTC);
        let time =
            if room { None } else { times(wire.start_time.as_deref(), wire.end_time.as_deref())?.and_then(between) };
        let join_url = |text: &str| JoinUrl::parse(text).ok_or_else(|| bad("joinURL"));
        let passcode = wire.password_required.map(|on| (OptionKey::Passcode, flag_text(on)));
        let dial_in = wire.choice().map(|choice| (OptionKey::DialIn, choice));
        Ok(Self {
            time,
            join_url: wire.join_url.as_deref().map(join_url).transpose()?,
            options: passcode
                .into_iter()
                .chain(dial_in)
                .fold(MeetingOptions::NONE, |options, (key, value)| options.with(key, value)),
            dial_in: wire.numbers().map(str::to_owned),
            subject: wire.subject.as_deref().map(unescaped),
            recurrence: (wire.meeting_type.as_deref() == Some(SCHEDULED)).then_some(None),
            ..Self::new(wire.meeting_id.into_text()?)
        })
    }
}

impl WireMeeting {
    /// Whether it is the meeting of an id.
    pub(super) fn is(&self, id: &str) -> bool {
        match &self.meeting_id {
            WireId::Number(number) => number.to_string() == id,
            WireId::Text(text) => text == id,
        }
    }

    fn choice(&self) -> Option<&'static str> {
        let word = self.conference_call_info.as_deref()?.trim();
        AUDIO.iter().find(|(_, known)| known.eq_ignore_ascii_case(word)).map(|(ours, _)| *ours)
    }

    /// The numbers, where they stand in the place of a word.
    fn numbers(&self) -> Option<&str> {
        let text = self.conference_call_info.as_deref().map(str::trim).filter(|text| !text.is_empty())?;
        (self.choice().is_none() && !text.eq_ignore_ascii_case(OWN_NUMBERS)).then_some(text)
    }

    /// What is to be said of audio: a word where one is chosen or known, else the text that stands there.
    fn audio(&self, current: &MeetingOptions, change: &MeetingOptions) -> String {
        let chosen = audio(change.get(OptionKey::DialIn)).or_else(|| audio(self.choice()));
        let chosen = chosen.or_else(|| audio(current.get(OptionKey::DialIn)));
        let kept = self.conference_call_info.as_deref().map(str::trim).filter(|text| !text.is_empty());
        let kept = kept.filter(|text| text.chars().count() <= LONGEST_AUDIO);
        chosen.or(kept).unwrap_or(AUDIO[0].1).to_owned()
    }
}

type Times = (DateTime<Utc>, DateTime<Utc>);

fn times(start: Option<&str>, end: Option<&str>) -> Result<Option<Times>, Error> {
    let (Some(start), Some(end)) = (start, end) else { return Ok(None) };
    Ok(Some((instant(start).ok_or_else(|| bad("startTime"))?, instant(end).ok_or_else(|| bad("endTime"))?)))
}

/// An instant, by RFC 3339 or with the bare point and the offset that older answers have: `2027-03-01T08:30:00.+0000`.
fn instant(text: &str) -> Option<DateTime<Utc>> {
    let older = |text: &str| DateTime::parse_from_str(&text.replace(".+", "+"), "%Y-%m-%dT%H:%M:%S%.f%z");
    DateTime::parse_from_rfc3339(text).or_else(|_| older(text)).ok().map(|time| time.to_utc())
}

impl TryFrom<WireUser> for Identity {
    type Error = Error;

    fn try_from(wire: WireUser) -> Result<Self, Error> {
        let primary = wire.emails.iter().find(|email| email.primary);
        let address = primary.or(wire.emails.first()).and_then(|email| email.value.clone());
        let address = address.or(wire.user_name).filter(|address| !address.is_empty()).ok_or_else(|| bad("emails"))?;
        let full = |name: WireName| {
            let parts: Vec<String> = [name.given_name, name.family_name].into_iter().flatten().collect();
            name.formatted.unwrap_or_else(|| parts.join(" "))
        };
        let name = wire.display_name.or_else(|| wire.name.map(full));
        let subject = Some(wire.id).filter(|id| !id.is_empty()).ok_or_else(|| bad("id"))?;
        Ok(Self { subject, address, name: name.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()) })
    }
}

pub(super) fn bad(part: &str) -> Error {
    Error::new(ErrorCode::BadAnswer).detail(part)
}
