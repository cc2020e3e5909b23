//! HCL Sametime Meetings on a customer's own server. No public document describes these calls; they are what working
//! clients do.
//!
//! Quirks: a meeting is a named room, and the name is its id and its link. It is made once, from the subject and a
//! random suffix, and never sent changed. A room has no subject, time, agenda or invitees: the register has them. So
//! a change has nothing to send (a PATCH would put back the mode and the moderators that somebody set on the server);
//! that the room still stands is read in the list. Every success is 200. There is no call for one room. A page to
//! sign in comes with 200 where a session ended at a proxy before the server.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use http::{HeaderValue, Method, header};
use serde::{Deserialize, Serialize};

use self::room_name::{room_name, subject_of};
use super::{Answer, MeetingProvider, meeting_id::checked, refusal, series};
use crate::{
    account::{Identity, ProviderKind},
    auth::session::AuthorizedClient,
    capabilities::Capabilities,
    error::{Error, ErrorCode},
    http::{HttpAnswer, HttpRequest},
    meeting::{JoinUrl, Meeting, MeetingChange, MeetingDraft, ProviderMeeting, intent::Intent},
};

mod room_name;

// Endpoints, below the server's root.
const MEETINGS: [&str; 4] = ["meeting-catalog", "api", "v1", "meetings"];
/// Before the name, in the link for anyone.
const ROOM: &str = "meeting";

/// Sametime.
pub struct Sametime;

// Wire types.

#[derive(Serialize)]
struct RoomBody<'a> {
    meeting: RoomFields<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RoomFields<'a> {
    name: &'a str,
    moderators: Vec<&'a str>,
    /// A text, not a boolean: so the clients send it.
    allow_guest_user: &'static str,
    mode: &'static str,
}

#[derive(Deserialize)]
struct WireRoom {
    name: String,
    password: Option<String>,
}

#[derive(Deserialize)]
struct WireError {
    error: WireReason,
}

#[derive(Deserialize)]
struct WireReason {
    message: String,
}

// To the wire.

impl<'a> RoomBody<'a> {
    /// A user name that is no mail address moderates nothing.
    fn new(name: &'a str, address: &'a str) -> Self {
        let moderators = Some(address).filter(|text| text.contains('@')).into_iter().collect();
        Self { meeting: RoomFields { name, moderators, allow_guest_user: "false", mode: "Open" } }
    }
}

// From the wire.

impl WireRoom {
    /// The room and its link; what only the register knows is missing.
    fn into_meeting(self, client: &AuthorizedClient<'_>) -> Result<ProviderMeeting, Error> {
        let name = checked(&self.name).map_err(|_| Error::new(ErrorCode::BadAnswer).detail("name"))?;
        Ok(ProviderMeeting {
            join_url: JoinUrl::parse(client.url(&[ROOM, name]).as_str()),
            passcode: self.password.filter(|text| !text.is_empty()),
            ..ProviderMeeting::new(self.name)
        })
    }
}

// Errors.

/// What a refusal means, by its status: the catalogue's codes are not known.
fn refused(answer: &HttpAnswer, now: DateTime<Utc>) -> Error {
    let reason = answer.json::<WireError>().map(|body| body.error.message).unwrap_or_default();
    refusal::refusal(answer, &reason, now)
}

// The trait.

async fn ask(client: &AuthorizedClient<'_>, request: HttpRequest) -> Result<HttpAnswer, Error> {
    refusal::ask(client, request.header(header::ACCEPT, HeaderValue::from_static("application/json")), refused).await
}

impl Sametime {
    async fn rooms(client: &AuthorizedClient<'_>) -> Result<Vec<ProviderMeeting>, Error> {
        let answer = ask(client, HttpRequest::get(client.url(&MEETINGS))).await?;
        let rooms: Vec<WireRoom> = answer.json().map_err(|error| client.at(error))?;
        let rooms = rooms.into_iter().map(|room| room.into_meeting(client));
        rooms.collect::<Result<_, _>>().map_err(|error| client.at(error))
    }

    async fn room(client: &AuthorizedClient<'_>, name: &str) -> Result<ProviderMeeting, Error> {
        let room = Self::rooms(client).await?.into_iter().find(|room| room.provider_id == name);
        room.ok_or_else(|| client.at(Error::new(ErrorCode::NotFound)))
    }

    async fn make(client: &AuthorizedClient<'_>, name: &str) -> Result<ProviderMeeting, Error> {
        let body = RoomBody::new(name, &client.account().identity.address);
        let answer = ask(client, HttpRequest::json(Method::POST, client.url(&MEETINGS), &body)).await?;
        answer.json::<WireRoom>().and_then(|room| room.into_meeting(client)).map_err(|error| client.at(error))
    }

    /// The room of an intent, whichever of its two names it got.
    async fn made(client: &AuthorizedClient<'_>, intent: &Intent) -> Result<Option<ProviderMeeting>, Error> {
        let names = names(intent);
        Ok(Self::rooms(client).await?.into_iter().find(|room| names.contains(&room.provider_id)))
    }
}

/// The names that an intent's room may have: the same at every try, so that a room that was made is known again.
fn names(intent: &Intent) -> [String; 2] {
    let (first, second) = intent.id.0.trim_start_matches("i-").split_at_checked(10).unwrap_or((&intent.id.0, ""));
    [first, second].map(|suffix| room_name(&intent.draft.subject, suffix))
}

/// What only the register knows of a new room, as the person asked for it.
fn completed(room: ProviderMeeting, draft: &MeetingDraft) -> ProviderMeeting {
    ProviderMeeting {
        subject: Some(draft.subject.clone()),
        time: Some(draft.time),
        agenda: Some(draft.agenda.clone()),
        invitees: Some(draft.invitees.clone()),
        ..room
    }
}

impl MeetingProvider for Sametime {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            lists: true,
            updates_in_place: true,
            knows_time: false,
            keeps_agenda: false,
            revokes: false,
            keeps_invitees: false,
            changes_invitees: true,
            writes_to_invitees: false,
            repeats: false,
            longest_subject: 200,
            longest_agenda: 2_000,
            shortest_minutes: 1,
            options: &[],
        }
    }

    fn check_draft(&self, draft: &MeetingDraft) -> Result<(), Error> {
        series::check_one_link(draft).map_err(|error| error.from_provider(ProviderKind::Sametime))
    }

    /// Said at sign-in; asking again would renew the session.
    fn identity<'a>(&'a self, client: &'a AuthorizedClient<'a>) -> Answer<'a, Identity> {
        Box::pin(async move { Ok(client.account().identity.clone()) })
    }

    fn create_meeting<'a>(
        &'a self,
        client: &'a AuthorizedClient<'a>,
        intent: &'a Intent,
    ) -> Answer<'a, ProviderMeeting> {
        Box::pin(async move {
            let [first, second] = names(intent);
            let room = match Self::make(client, &first).await {
                // The name is taken: by an earlier try of ours, or, however unlikely, by somebody else.
                Err(error) if error.code == ErrorCode::Conflict => match Self::made(client, intent).await? {
                    Some(room) => room,
                    None => Self::make(client, &second).await?,
                },
                other => other?,
            };
            Ok(completed(room, &intent.draft))
        })
    }

    fn find_created<'a>(
        &'a self,
        client: &'a AuthorizedClient<'a>,
        intent: &'a Intent,
    ) -> Answer<'a, Vec<ProviderMeeting>> {
        Box::pin(async move {
            let room = Self::made(client, intent).await?;
            Ok(room.into_iter().map(|room| completed(room, &intent.draft)).collect())
        })
    }

    fn meeting<'a>(&'a self, client: &'a AuthorizedClient<'a>, provider_id: &'a str) -> Answer<'a, ProviderMeeting> {
        Box::pin(Self::room(client, provider_id))
    }

    fn list_meetings<'a>(
        &'a self,
        client: &'a AuthorizedClient<'a>,
        known: &'a [Meeting],
    ) -> Answer<'a, Vec<ProviderMeeting>> {
        Box::pin(async move {
            let known: HashMap<&str, &Meeting> =
                known.iter().map(|meeting| (meeting.provider_id.as_str(), meeting)).collect();
            let complete = |room: ProviderMeeting| match known.get(room.provider_id.as_str()) {
                Some(meeting) => ProviderMeeting { subject: Some(meeting.subject.clone()), time: meeting.time, ..room },
                None => ProviderMeeting { subject: Some(subject_of(&room.provider_id)), ..room },
            };
            Ok(Self::rooms(client).await?.into_iter().map(complete).collect())
        })
    }

    fn update_meeting<'a>(
        &'a self,
        client: &'a AuthorizedClient<'a>,
        current: &'a Meeting,
        change: &'a MeetingChange,
    ) -> Answer<'a, ProviderMeeting> {
        Box::pin(async move {
            let room = Self::room(client, &current.provider_id).await?;
            Ok(ProviderMeeting {
                subject: Some(change.subject.as_ref().unwrap_or(&current.subject).clone()),
                time: change.time.or(current.time),
                agenda: Some(change.agenda.as_ref().unwrap_or(&current.agenda).clone()),
                invitees: Some(change.invitees.as_ref().unwrap_or(&current.invitees).clone()),
                ..room
            })
        })
    }

    fn delete_meeting<'a>(&'a self, client: &'a AuthorizedClient<'a>, provider_id: &'a str) -> Answer<'a, ()> {
        Box::pin(async move {
            let name = checked(provider_id).map_err(|error| client.at(error))?;
            let url = || client.url(&[&MEETINGS[..], &[name]].concat());
            refusal::gone_is_done(ask(client, HttpRequest::new(Method::DELETE, url())).await)
        })
    }
}

#[cfg(test)]
mod tests;
