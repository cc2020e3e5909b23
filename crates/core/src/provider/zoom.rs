//! Zoom Meetings, API v2 (<https://developers.zoom.us/docs/api/meetings/>).
//!
//! Quirks: a change answers 204 without a body, so the meeting is read back. A list cuts the agenda at 250 characters
//! and leaves out passcode, dial-in and invitees. A missing scope is 400 with code 4711 or 4700. `Retry-After` is an
//! ISO date-time. The `start_url` of an answer is the host's credential: it is never read from the wire.

use std::collections::HashSet;

use chrono::{DateTime, SecondsFormat, Utc};
use chrono_tz::Tz;
use http::Method;
use serde::{Deserialize, Serialize};

use super::{
    Answer, MeetingProvider,
    meeting_id::{WireId, checked},
    refusal,
};
use crate::{
    account::{Identity, ProviderKind},
    auth::session::AuthorizedClient,
    error::{Error, ErrorCode, FieldIssue, IssueCode},
    http::{HttpAnswer, HttpRequest},
    meeting::{JoinUrl, Meeting, MeetingChange, MeetingDraft, MeetingTime, ProviderMeeting},
    view::Capabilities,
};

// Endpoints, below the API base (https://api.zoom.us/v2).
const ME: [&str; 2] = ["users", "me"];
const MY_MEETINGS: [&str; 3] = ["users", "me", "meetings"];
const MEETINGS: &str = "meetings";

const PAGE_SIZE: &str = "300";
/// 60,000 meetings; a server that goes on after that goes on forever.
const MOST_PAGES: usize = 200;
/// Where a list cuts the agenda, in characters.
const LISTED_AGENDA: usize = 250;
/// `type` of a meeting with a fixed time.
const SCHEDULED: u8 = 2;

// Codes of error bodies.
const VALIDATION: i64 = 300;
const NO_SUCH_MEETING: i64 = 3001;
const HOSTING_NOT_ALLOWED: i64 = 3161;
const SCOPE_MISSING: [i64; 2] = [4700, 4711];

/// Zoom.
pub struct Zoom;

// Wire types.

#[derive(Default, Serialize)]
struct MeetingBody<'a> {
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
    settings: Option<SettingsBody<'a>>,
}

#[derive(Serialize)]
struct SettingsBody<'a> {
    meeting_invitees: Vec<InviteeBody<'a>>,
}

#[derive(Serialize)]
struct InviteeBody<'a> {
    email: &'a str,
}

#[derive(Deserialize)]
struct WireMeeting {
    id: WireId,
    topic: Option<String>,
    start_time: Option<String>,
    duration: Option<u32>,
    timezone: Option<String>,
    agenda: Option<String>,
    join_url: Option<String>,
    password: Option<String>,
    settings: Option<WireSettings>,
}

#[derive(Deserialize)]
struct WireSettings {
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
struct WirePage {
    meetings: Vec<WireMeeting>,
    next_page_token: Option<String>,
}

#[derive(Deserialize)]
struct WireUser {
    id: String,
    email: String,
    display_name: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
}

#[derive(Deserialize)]
struct WireError {
    code: i64,
    #[serde(default)]
    message: String,
    #[serde(default)]
    errors: Vec<WireFieldError>,
}

#[derive(Deserialize)]
struct WireFieldError {
    #[serde(default)]
    field: String,
    #[serde(default)]
    message: String,
}

// To the wire.

impl MeetingBody<'_> {
    fn time(self, time: &MeetingTime) -> Self {
        Self {
            start_time: Some(start_time(time)),
            duration: Some(time.minutes),
            timezone: Some(time.zone().name()),
            ..self
        }
    }
}

impl<'a> From<&'a MeetingDraft> for MeetingBody<'a> {
    fn from(draft: &'a MeetingDraft) -> Self {
        Self {
            topic: Some(&draft.subject),
            kind: Some(SCHEDULED),
            agenda: Some(draft.agenda.as_str()).filter(|agenda| !agenda.is_empty()),
            settings: Some(SettingsBody::from(&draft.invitees)).filter(|_| !draft.invitees.is_empty()),
            ..Self::default()
        }
        .time(&draft.time)
    }
}

impl<'a> From<&'a MeetingChange> for MeetingBody<'a> {
    fn from(change: &'a MeetingChange) -> Self {
        let body = Self {
            topic: change.subject.as_deref(),
            agenda: change.agenda.as_deref(),
            settings: change.invitees.as_ref().map(SettingsBody::from),
            ..Self::default()
        };
        match &change.time {
            Some(time) => body.time(time),
            None => body,
        }
    }
}

impl<'a> From<&'a Vec<String>> for SettingsBody<'a> {
    fn from(invitees: &'a Vec<String>) -> Self {
        Self { meeting_invitees: invitees.iter().map(|email| InviteeBody { email }).collect() }
    }
}

/// The instant, with the zone beside it in `timezone`: Zoom shows it as the wall time there. Its contract knows this form
/// alone, and it cannot be misread where a clock change makes a wall time happen twice.
fn start_time(time: &MeetingTime) -> String {
    time.start_utc().to_rfc3339_opts(SecondsFormat::Secs, true)
}

// From the wire.

impl TryFrom<WireMeeting> for ProviderMeeting {
    type Error = Error;

    fn try_from(wire: WireMeeting) -> Result<Self, Error> {
        let settings = wire.settings.unwrap_or(WireSettings { meeting_invitees: None, global_dial_in_numbers: None });
        Ok(Self {
            provider_id: wire.id.into_text()?,
            subject: wire.topic,
            time: time(wire.start_time.as_deref(), wire.duration, wire.timezone.as_deref())?,
            join_url: join_url(wire.join_url.as_deref())?,
            passcode: wire.password.filter(|text| !text.is_empty()),
            dial_in: settings.global_dial_in_numbers.as_deref().and_then(dial_in),
            agenda: wire.agenda,
            invitees: settings
                .meeting_invitees
                .map(|list| list.into_iter().filter_map(|invitee| invitee.email).collect()),
        })
    }
}

/// A meeting without a fixed time (type 3) has no start. A zone that the tz database does not know is read as UTC.
fn time(start: Option<&str>, minutes: Option<u32>, zone: Option<&str>) -> Result<Option<MeetingTime>, Error> {
    let (Some(start), Some(minutes)) = (start.filter(|text| !text.is_empty()), minutes) else { return Ok(None) };
    let start = DateTime::parse_from_rfc3339(start).map_err(|_| bad("start_time"))?;
    let zone = zone.and_then(|name| name.parse().ok()).unwrap_or(Tz::UTC);
    Ok(Some(MeetingTime { start: start.with_timezone(&zone), minutes: minutes.max(1) }))
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

fn bad(part: &str) -> Error {
    Error::new(ErrorCode::BadAnswer).detail(part)
}

// Errors.

/// What a refusal means. Source: <https://developers.zoom.us/docs/api/errors/>.
fn refused(answer: &HttpAnswer, now: DateTime<Utc>) -> Error {
    let Some(body) = error_body(answer) else { return refusal::refusal(answer, "", now) };
    let as_code = |code| Error::new(code).detail(&body.message);
    match (answer.status, body.code) {
        (400, code) if SCOPE_MISSING.contains(&code) => as_code(ErrorCode::NotPermitted),
        (400, HOSTING_NOT_ALLOWED) => as_code(ErrorCode::NotPermitted),
        (400, VALIDATION) if !body.errors.is_empty() => Error {
            fields: body.errors.iter().map(WireFieldError::issue).collect(),
            ..as_code(ErrorCode::InvalidInput)
        },
        _ => refusal::refusal(answer, &body.message, now),
    }
}

fn error_body(answer: &HttpAnswer) -> Option<WireError> {
    answer.json().ok()
}

impl WireFieldError {
    /// The field by the name that the form and the command line have for it.
    fn issue(&self) -> FieldIssue {
        let field = match self.field.as_str() {
            "topic" => "subject",
            "start_time" => "start",
            "timezone" => "zone",
            field if field.contains("meeting_invitees") => "invitees",
            field => field,
        };
        FieldIssue::with_detail(field, IssueCode::Refused, &self.message)
    }
}

// The trait.

/// Sends; a success comes back as the answer, all else as the error it means. A web page is no success: a network's
/// sign-in page says 200 to a change or a deletion that never arrived.
async fn ask(client: &AuthorizedClient<'_>, request: HttpRequest) -> Result<HttpAnswer, Error> {
    let answer = client.send(request).await?;
    if is_done(&answer) { Ok(answer) } else { Err(at(client, refused(&answer, client.now()))) }
}

fn is_done(answer: &HttpAnswer) -> bool {
    answer.is_success() && !answer.is_html()
}

fn at(client: &AuthorizedClient<'_>, error: Error) -> Error {
    error.at(&client.account().id, ProviderKind::Zoom)
}

fn read_meeting(client: &AuthorizedClient<'_>, answer: &HttpAnswer) -> Result<ProviderMeeting, Error> {
    answer.json::<WireMeeting>().and_then(ProviderMeeting::try_from).map_err(|error| at(client, error))
}

impl Zoom {
    async fn read(client: &AuthorizedClient<'_>, id: &str) -> Result<ProviderMeeting, Error> {
        let id = checked(id).map_err(|error| at(client, error))?;
        read_meeting(client, &ask(client, HttpRequest::get(client.url(&[MEETINGS, id]))).await?)
    }

    async fn list(client: &AuthorizedClient<'_>) -> Result<Vec<ProviderMeeting>, Error> {
        let mut meetings = Vec::new();
        let mut ids = HashSet::new();
        let mut tokens: HashSet<String> = HashSet::new();
        let mut next: Option<String> = None;
        for _ in 0..MOST_PAGES {
            let mut url = client.url(&MY_MEETINGS);
            url.query_pairs_mut().append_pair("type", "scheduled").append_pair("page_size", PAGE_SIZE);
            if let Some(token) = &next {
                url.query_pairs_mut().append_pair("next_page_token", token);
            }
            let page: WirePage = ask(client, HttpRequest::get(url)).await?.json().map_err(|error| at(client, error))?;
            for wire in page.meetings {
                let mut meeting = ProviderMeeting::try_from(wire).map_err(|error| at(client, error))?;
                // A cut agenda must not replace the whole one that the register has.
                meeting.agenda = meeting.agenda.filter(|text| text.chars().count() < LISTED_AGENDA);
                // A series (type 8) may come once per occurrence: the first stands for it.
                if ids.insert(meeting.provider_id.clone()) {
                    meetings.push(meeting);
                }
            }
            match page.next_page_token.filter(|token| !token.is_empty()) {
                None => return Ok(meetings),
                Some(token) if !tokens.insert(token.clone()) => return Err(at(client, bad("next_page_token"))),
                token => next = token,
            }
        }
        Err(at(client, bad("pages")))
    }
}

impl MeetingProvider for Zoom {
    fn capabilities(&self) -> Capabilities {
        Capabilities { lists: true, updates_in_place: true, knows_time: true, keeps_agenda: true, revokes: true }
    }

    fn identity<'a>(&'a self, client: &'a AuthorizedClient<'a>) -> Answer<'a, Identity> {
        Box::pin(async move {
            let answer = ask(client, HttpRequest::get(client.url(&ME))).await?;
            answer.json::<WireUser>().map(Identity::from).map_err(|error| at(client, error))
        })
    }

    fn create_meeting<'a>(
        &'a self,
        client: &'a AuthorizedClient<'a>,
        draft: &'a MeetingDraft,
    ) -> Answer<'a, ProviderMeeting> {
        Box::pin(async move {
            let request = HttpRequest::json(Method::POST, client.url(&MY_MEETINGS), &MeetingBody::from(draft));
            read_meeting(client, &ask(client, request).await?)
        })
    }

    fn meeting<'a>(&'a self, client: &'a AuthorizedClient<'a>, provider_id: &'a str) -> Answer<'a, ProviderMeeting> {
        Box::pin(Self::read(client, provider_id))
    }

    fn list_meetings<'a>(
        &'a self,
        client: &'a AuthorizedClient<'a>,
        _known: &'a [Meeting],
    ) -> Answer<'a, Vec<ProviderMeeting>> {
        Box::pin(Self::list(client))
    }

    fn update_meeting<'a>(
        &'a self,
        client: &'a AuthorizedClient<'a>,
        current: &'a Meeting,
        change: &'a MeetingChange,
    ) -> Answer<'a, ProviderMeeting> {
        Box::pin(async move {
            let id = checked(&current.provider_id).map_err(|error| at(client, error))?;
            if !change.is_empty() {
                let url = client.url(&[MEETINGS, id]);
                ask(client, HttpRequest::json(Method::PATCH, url, &MeetingBody::from(change))).await?;
            }
            Self::read(client, id).await
        })
    }

    fn delete_meeting<'a>(&'a self, client: &'a AuthorizedClient<'a>, provider_id: &'a str) -> Answer<'a, ()> {
        Box::pin(async move {
            let id = checked(provider_id).map_err(|error| at(client, error))?;
            let answer = client.send(HttpRequest::new(Method::DELETE, client.url(&[MEETINGS, id]))).await?;
            let gone = answer.status == 404 && error_body(&answer).is_some_and(|body| body.code == NO_SUCH_MEETING);
            if is_done(&answer) || gone { Ok(()) } else { Err(at(client, refused(&answer, client.now()))) }
        })
    }
}

#[cfg(test)]
mod tests;
