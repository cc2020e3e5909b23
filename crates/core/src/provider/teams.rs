//! Microsoft Teams through Graph's `onlineMeetings`
//! (<https://learn.microsoft.com/graph/api/resources/onlinemeeting>).
//!
//! Quirks: nothing lists these meetings, so each one that the register knows is read back. Times are UTC with seven
//! decimals and the zone is lost: the known meeting's zone is put back. A new start needs the end with it, and the
//! attendees come as a whole list. There is no agenda. Nobody is told of a change: no calendar knows the meeting.

use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, SecondsFormat, Utc};
use chrono_tz::Tz;
use http::Method;
use serde::{Deserialize, Serialize};

use super::{Answer, MeetingProvider, meeting_id::checked, refusal};
use crate::{
    account::{Identity, ProviderKind},
    auth::session::AuthorizedClient,
    error::{Error, ErrorCode},
    http::{HttpAnswer, HttpRequest},
    meeting::{JoinUrl, Meeting, MeetingChange, MeetingDraft, MeetingState, MeetingTime, ProviderMeeting},
    view::Capabilities,
};

// Endpoints, below the API base (https://graph.microsoft.com/v1.0).
const ME: &str = "me";
const ONLINE_MEETINGS: &str = "onlineMeetings";

/// Teams.
pub struct Teams;

// Wire types.

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MeetingBody<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_date_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_date_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    participants: Option<ParticipantsBody<'a>>,
}

#[derive(Serialize)]
struct ParticipantsBody<'a> {
    attendees: Vec<AttendeeBody<'a>>,
}

#[derive(Serialize)]
struct AttendeeBody<'a> {
    upn: &'a str,
    role: &'static str,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireMeeting {
    id: String,
    subject: Option<String>,
    start_date_time: Option<String>,
    end_date_time: Option<String>,
    join_web_url: Option<String>,
    join_meeting_id_settings: Option<WireJoinSettings>,
    audio_conferencing: Option<WireAudio>,
    participants: Option<WireParticipants>,
}

#[derive(Deserialize)]
struct WireJoinSettings {
    passcode: Option<String>,
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
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireUser {
    id: String,
    display_name: Option<String>,
    user_principal_name: String,
    mail: Option<String>,
}

#[derive(Deserialize)]
struct WireError {
    error: WireErrorBody,
}

#[derive(Deserialize)]
struct WireErrorBody {
    #[serde(default)]
    code: String,
    #[serde(default)]
    message: String,
}

// To the wire.

impl<'a> MeetingBody<'a> {
    fn new(subject: Option<&'a str>, time: Option<&MeetingTime>, invitees: Option<&'a [String]>) -> Self {
        let text = |instant: DateTime<Utc>| instant.to_rfc3339_opts(SecondsFormat::Secs, true);
        let attendee = |upn: &'a String| AttendeeBody { upn, role: "attendee" };
        Self {
            subject,
            start_date_time: time.map(|time| text(time.start_utc())),
            end_date_time: time.map(|time| text(time.end_utc())),
            participants: invitees.map(|list| ParticipantsBody { attendees: list.iter().map(attendee).collect() }),
        }
    }

    fn is_empty(&self) -> bool {
        self.subject.is_none() && self.start_date_time.is_none() && self.participants.is_none()
    }
}

impl<'a> From<&'a MeetingDraft> for MeetingBody<'a> {
    fn from(draft: &'a MeetingDraft) -> Self {
        let invitees = Some(draft.invitees.as_slice()).filter(|list| !list.is_empty());
        Self::new(Some(&draft.subject), Some(&draft.time), invitees)
    }
}

impl<'a> From<&'a MeetingChange> for MeetingBody<'a> {
    fn from(change: &'a MeetingChange) -> Self {
        Self::new(change.subject.as_deref(), change.time.as_ref(), change.invitees.as_deref())
    }
}

// From the wire.

impl TryFrom<WireMeeting> for ProviderMeeting {
    type Error = Error;

    /// The time comes in UTC; the caller knows the zone.
    fn try_from(wire: WireMeeting) -> Result<Self, Error> {
        let join_url = |text: &str| JoinUrl::parse(text).ok_or_else(|| bad("joinWebUrl"));
        Ok(Self {
            provider_id: checked(&wire.id).map_err(|_| bad("id"))?.to_owned(),
            subject: wire.subject,
            time: time(wire.start_date_time.as_deref(), wire.end_date_time.as_deref())?,
            join_url: wire.join_web_url.as_deref().map(join_url).transpose()?,
            passcode: wire
                .join_meeting_id_settings
                .and_then(|settings| settings.passcode)
                .filter(|code| !code.is_empty()),
            dial_in: wire.audio_conferencing.and_then(WireAudio::lines),
            agenda: None,
            invitees: wire
                .participants
                .and_then(|participants| participants.attendees)
                .map(|list| list.into_iter().filter_map(|attendee| attendee.upn).collect()),
        })
    }
}

fn time(start: Option<&str>, end: Option<&str>) -> Result<Option<MeetingTime>, Error> {
    let (Some(start), Some(end)) = (start, end) else { return Ok(None) };
    let read = |text: &str| DateTime::parse_from_rfc3339(text).map(|time| time.to_utc());
    let (start, end) = (read(start).map_err(|_| bad("startDateTime"))?, read(end).map_err(|_| bad("endDateTime"))?);
    Ok(MeetingTime::between(start, end, Tz::UTC))
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

fn bad(part: &str) -> Error {
    Error::new(ErrorCode::BadAnswer).detail(part)
}

// Errors.

/// Words in Graph's codes for a 404 that is about something else than the meeting.
const NOT_THE_MEETING: [&str; 3] = ["user", "mailbox", "tenant"];

/// What a refusal means, by its status: Graph's codes only refine it. Source: <https://learn.microsoft.com/graph/errors>.
fn refused(answer: &HttpAnswer, now: DateTime<Utc>) -> Error {
    let reason = answer.json::<WireError>().map(|body| body.error).ok();
    // A gateway's 404, or one about the person's mailbox, says nothing about the meeting: it must not be taken for gone.
    let about_another = |code: &str| NOT_THE_MEETING.iter().any(|word| code.to_ascii_lowercase().contains(word));
    let names_the_item = reason.as_ref().is_some_and(|error| !about_another(&error.code));
    let text = reason.map(|error| if error.message.is_empty() { error.code } else { error.message });
    let error = refusal::refusal(answer, &text.unwrap_or_default(), now);
    if error.code == ErrorCode::NotFound && !names_the_item {
        Error { code: ErrorCode::BadAnswer, ..error }
    } else {
        error
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
    error.at(&client.account().id, ProviderKind::Teams)
}

fn read_meeting(client: &AuthorizedClient<'_>, answer: &HttpAnswer, zone: Tz) -> Result<ProviderMeeting, Error> {
    let meeting =
        answer.json::<WireMeeting>().and_then(ProviderMeeting::try_from).map_err(|error| at(client, error))?;
    Ok(ProviderMeeting { time: meeting.time.map(|time| time.in_zone(zone)), ..meeting })
}

impl Teams {
    async fn read(client: &AuthorizedClient<'_>, id: &str, zone: Tz) -> Result<ProviderMeeting, Error> {
        let id = checked(id).map_err(|error| at(client, error))?;
        let answer = ask(client, HttpRequest::get(client.url(&[ME, ONLINE_MEETINGS, id]))).await?;
        read_meeting(client, &answer, zone)
    }

    /// Reads back what is known, four at a time: Graph lets one app and mailbox make no more calls at once.
    async fn read_back(client: &AuthorizedClient<'_>, known: &[Meeting]) -> Result<Vec<ProviderMeeting>, Error> {
        let waiting =
            Mutex::new(known.iter().enumerate().filter(|(_, meeting)| meeting.state == MeetingState::Scheduled));
        let lane = || async {
            let mut read = Vec::new();
            loop {
                let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).next();
                let Some((place, meeting)) = next else { return Ok::<_, Error>(read) };
                match Self::read(client, &meeting.provider_id, zone_of(meeting)).await {
                    Ok(meeting) => read.push((place, meeting)),
                    Err(error) if error.code == ErrorCode::NotFound => {}
                    Err(error) => return Err(error),
                }
            }
        };
        let (one, two, three, four) = tokio::try_join!(lane(), lane(), lane(), lane())?;
        let mut all: Vec<_> = one.into_iter().chain(two).chain(three).chain(four).collect();
        all.sort_by_key(|(place, _)| *place);
        Ok(all.into_iter().map(|(_, meeting)| meeting).collect())
    }
}

fn zone_of(meeting: &Meeting) -> Tz {
    meeting.time.map_or(Tz::UTC, |time| time.zone())
}

impl MeetingProvider for Teams {
    fn capabilities(&self) -> Capabilities {
        Capabilities { lists: false, updates_in_place: true, knows_time: true, keeps_agenda: false, revokes: false }
    }

    fn identity<'a>(&'a self, client: &'a AuthorizedClient<'a>) -> Answer<'a, Identity> {
        Box::pin(async move {
            let answer = ask(client, HttpRequest::get(client.url(&[ME]))).await?;
            answer.json::<WireUser>().map(Identity::from).map_err(|error| at(client, error))
        })
    }

    fn create_meeting<'a>(
        &'a self,
        client: &'a AuthorizedClient<'a>,
        draft: &'a MeetingDraft,
    ) -> Answer<'a, ProviderMeeting> {
        Box::pin(async move {
            let url = client.url(&[ME, ONLINE_MEETINGS]);
            let answer = ask(client, HttpRequest::json(Method::POST, url, &MeetingBody::from(draft))).await?;
            read_meeting(client, &answer, draft.time.zone())
        })
    }

    fn meeting<'a>(&'a self, client: &'a AuthorizedClient<'a>, provider_id: &'a str) -> Answer<'a, ProviderMeeting> {
        Box::pin(Self::read(client, provider_id, Tz::UTC))
    }

    fn list_meetings<'a>(
        &'a self,
        client: &'a AuthorizedClient<'a>,
        known: &'a [Meeting],
    ) -> Answer<'a, Vec<ProviderMeeting>> {
        Box::pin(Self::read_back(client, known))
    }

    fn update_meeting<'a>(
        &'a self,
        client: &'a AuthorizedClient<'a>,
        current: &'a Meeting,
        change: &'a MeetingChange,
    ) -> Answer<'a, ProviderMeeting> {
        Box::pin(async move {
            let id = checked(&current.provider_id).map_err(|error| at(client, error))?;
            let zone = change.time.map_or_else(|| zone_of(current), |time| time.zone());
            let body = MeetingBody::from(change);
            // A new agenda is no concern of Teams; the meeting must still be there.
            if body.is_empty() {
                return Self::read(client, id, zone).await;
            }
            let url = client.url(&[ME, ONLINE_MEETINGS, id]);
            let answer = ask(client, HttpRequest::json(Method::PATCH, url, &body)).await?;
            if answer.body.is_empty() {
                Self::read(client, id, zone).await
            } else {
                read_meeting(client, &answer, zone)
            }
        })
    }

    fn delete_meeting<'a>(&'a self, client: &'a AuthorizedClient<'a>, provider_id: &'a str) -> Answer<'a, ()> {
        Box::pin(async move {
            let id = checked(provider_id).map_err(|error| at(client, error))?;
            let url = client.url(&[ME, ONLINE_MEETINGS, id]);
            match ask(client, HttpRequest::new(Method::DELETE, url)).await {
                Err(error) if error.code == ErrorCode::NotFound => Ok(()),
                other => other.map(drop),
            }
        })
    }
}

#[cfg(test)]
mod tests;
