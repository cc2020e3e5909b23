//! GoToMeeting, REST API v1 (<https://developer.goto.com/GoToMeetingV1>).
//!
//! Quirks: a change sends all seven fields, so the meeting is read first, and answers 204, so it is read after. Only the
//! answer to a create holds the link; the register keeps it. One meeting comes as an array of one. Times are UTC and the
//! zone is lost. There is no agenda, no list of the invited and no rule: a series is a room that stays. The list shows what
//! is still to come, without pages; what it does not show is read one by one. There is no key for a create and no word on
//! when a meeting was made: what may have been made is what was not there before. An expired token is a 403 with a word.

use std::collections::HashSet;

use http::Method;
use url::Url;

use self::{
    refused::refused,
    wire::{AUDIO_CHOICES, MeetingBody, WireMeeting, WireUser, bad},
};
use super::{Answer, MeetingProvider, meeting_id::checked, read_back::read_back, refusal, series as ways};
use crate::{
    account::{Identity, ProviderKind},
    auth::session::AuthorizedClient,
    capabilities::Capabilities,
    error::Error,
    http::{HttpAnswer, HttpRequest},
    meeting::{
        JoinUrl, Meeting, MeetingChange, MeetingDraft, MeetingState, ProviderMeeting, Recurrence, SeriesForm,
        intent::Intent,
        linked,
        options::{OptionKey, OptionKind, OptionSpec},
    },
};

mod refused;
mod subject;
mod wire;

// Endpoints, below the API base (https://api.getgo.com/G2M/rest).
const MEETINGS: &str = "meetings";
const UPCOMING: &str = "upcomingMeetings";
/// Beside the product, on the same host.
const ME: [&str; 4] = ["identity", "v1", "Users", "me"];

/// The vendor's own host, and where its meetings are joined: `/join/{id}`.
const API_HOST: &str = "api.getgo.com";
const JOIN: &str = "https://global.gotomeeting.com";

const OPTIONS: [OptionSpec; 2] = [
    OptionSpec::new(OptionKey::Passcode, OptionKind::Flag, Some("off")),
    OptionSpec::new(OptionKey::DialIn, OptionKind::Choice { choices: &AUDIO_CHOICES }, Some("both")),
];

/// The gateway's code for a token that is missing, wrong or expired.
const INVALID_TOKEN: &str = "InvalidToken";

/// GoToMeeting.
pub struct GoToMeeting;

/// Whether an answer says that the access token is no longer good: with a 403, where others say 401.
pub(crate) fn says_token_expired(answer: &HttpAnswer) -> bool {
    answer.status == 403 && refused::words(answer).0 == INVALID_TOKEN
}

// The trait.

async fn ask(client: &AuthorizedClient<'_>, request: HttpRequest) -> Result<HttpAnswer, Error> {
    refusal::ask(client, request, refused).await
}

/// The host's own services stand beside the product's (`G2M/rest`).
fn me(client: &AuthorizedClient<'_>) -> Url {
    let mut url = client.url(&[]);
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().pop().pop().extend(ME);
    }
    url
}

/// The link of a meeting whose create was never answered, for an API at `base`: no other answer holds one.
fn join_url(base: &Url, id: &str) -> Option<JoinUrl> {
    let mut url = if base.host_str() == Some(API_HOST) { JOIN.parse().ok()? } else { base.clone() };
    // Elsewhere it stands beside the API's last two segments, as who is signed in does.
    url.path_segments_mut().ok()?.pop_if_empty().pop().pop().extend(["join", id]);
    JoinUrl::parse(url.as_str())
}

impl GoToMeeting {
    async fn read_wire(client: &AuthorizedClient<'_>, id: &str) -> Result<WireMeeting, Error> {
        let id = checked(id).map_err(|error| client.at(error))?;
        let answer = ask(client, HttpRequest::get(client.url(&[MEETINGS, id]))).await?;
        let all: Vec<WireMeeting> = answer.json().map_err(|error| client.at(error))?;
        all.into_iter().find(|meeting| meeting.is(id)).ok_or_else(|| client.at(bad("meetingId")))
    }

    async fn read(client: &AuthorizedClient<'_>, id: &str) -> Result<ProviderMeeting, Error> {
        ProviderMeeting::try_from(Self::read_wire(client, id).await?).map_err(|error| client.at(error))
    }

    /// What is still to come, each meeting once.
    async fn upcoming(client: &AuthorizedClient<'_>) -> Result<Vec<ProviderMeeting>, Error> {
        let answer = ask(client, HttpRequest::get(client.url(&[UPCOMING]))).await?;
        let all: Vec<WireMeeting> = answer.json().map_err(|error| client.at(error))?;
        let mut ids = HashSet::new();
        let mut meetings = Vec::new();
        for wire in all {
            let meeting = ProviderMeeting::try_from(wire).map_err(|error| client.at(error))?;
            if ids.insert(meeting.provider_id.clone()) {
                meetings.push(meeting);
            }
        }
        Ok(meetings)
    }

    /// What is still to come, and what else is known.
    async fn list(client: &AuthorizedClient<'_>, known: &[Meeting]) -> Result<Vec<ProviderMeeting>, Error> {
        let mut meetings = Self::upcoming(client).await?;
        let ids: HashSet<&str> = meetings.iter().map(|meeting| meeting.provider_id.as_str()).collect();
        let missing = known
            .iter()
            .filter(|meeting| meeting.state == MeetingState::Scheduled && !ids.contains(meeting.provider_id.as_str()));
        let read = read_back(missing, |meeting| Self::read(client, &meeting.provider_id)).await?;
        meetings.extend(read);
        Ok(meetings)
    }

    /// Those that are like the draft and were not there before.
    async fn new_since(client: &AuthorizedClient<'_>, intent: &Intent) -> Result<Vec<ProviderMeeting>, Error> {
        let room = intent.draft.recurrence.is_some();
        let is_it = |meeting: &ProviderMeeting| {
            // A room that stays has nothing but its subject.
            let alike = if room {
                meeting.time.is_none() && meeting.subject.as_deref() == Some(intent.draft.subject.as_str())
            } else {
                intent.is_like(meeting)
            };
            alike && !intent.before.contains(&meeting.provider_id)
        };
        let found = Self::upcoming(client).await?.into_iter().filter(is_it);
        let base = client.url(&[]);
        let with_link = |meeting: ProviderMeeting| {
            let join_url = meeting.join_url.clone().or_else(|| join_url(&base, &meeting.provider_id));
            ProviderMeeting { join_url, ..meeting }
        };
        Ok(found.map(with_link).collect())
    }
}

/// There is no rule that GoToMeeting has.
fn check_series(draft: &MeetingDraft, series: &Recurrence) -> Result<(), Error> {
    let takes = ways::Takes { longest: 1, has: &|_, _| false };
    let refused = |why| {
        let mut error = ways::refused(draft, series, &takes, why);
        // One link is what most people mean where there are no series at all.
        error.alternatives.reverse();
        Err(error.from_provider(ProviderKind::Goto))
    };
    match series.form {
        SeriesForm::OneLink => Ok(()),
        SeriesForm::Linked if linked::parts(draft, 1, |_, _| false).is_some() => Ok(()),
        SeriesForm::Linked => refused("too_many_meetings"),
        SeriesForm::Native => refused("no_series"),
    }
}

impl MeetingProvider for GoToMeeting {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            lists: true,
            updates_in_place: true,
            knows_time: true,
            keeps_agenda: false,
            revokes: true,
            keeps_invitees: false,
            changes_invitees: true,
            writes_to_invitees: false,
            repeats: false,
            longest_subject: 100,
            longest_agenda: 2_000,
            shortest_minutes: 1,
            options: &OPTIONS,
        }
    }

    fn check_draft(&self, draft: &MeetingDraft) -> Result<(), Error> {
        draft.recurrence.as_ref().map_or(Ok(()), |series| check_series(draft, series))
    }

    fn parts(&self, draft: &MeetingDraft) -> Option<Vec<MeetingDraft>> {
        linked::parts(draft, 1, |_, _| false)
    }

    fn identity<'a>(&'a self, client: &'a AuthorizedClient<'a>) -> Answer<'a, Identity> {
        Box::pin(async move {
            let answer = ask(client, HttpRequest::get(me(client))).await?;
            answer.json::<WireUser>().and_then(Identity::try_from).map_err(|error| client.at(error))
        })
    }

    fn ids_before<'a>(&'a self, client: &'a AuthorizedClient<'a>) -> Answer<'a, Vec<String>> {
        Box::pin(async move {
            let meetings = Self::upcoming(client).await?;
            Ok(meetings.into_iter().map(|meeting| meeting.provider_id).collect())
        })
    }

    fn create_meeting<'a>(
        &'a self,
        client: &'a AuthorizedClient<'a>,
        intent: &'a Intent,
    ) -> Answer<'a, ProviderMeeting> {
        Box::pin(async move {
            let request = HttpRequest::json(Method::POST, client.url(&[MEETINGS]), &MeetingBody::from(&intent.draft));
            let mut all: Vec<WireMeeting> = ask(client, request).await?.json().map_err(|error| client.at(error))?;
            match all.pop() {
                Some(made) if all.is_empty() => ProviderMeeting::try_from(made).map_err(|error| client.at(error)),
                _ => Err(client.at(bad("meetingid"))),
            }
        })
    }

    fn find_created<'a>(
        &'a self,
        client: &'a AuthorizedClient<'a>,
        intent: &'a Intent,
    ) -> Answer<'a, Vec<ProviderMeeting>> {
        Box::pin(Self::new_since(client, intent))
    }

    fn meeting<'a>(&'a self, client: &'a AuthorizedClient<'a>, provider_id: &'a str) -> Answer<'a, ProviderMeeting> {
        Box::pin(Self::read(client, provider_id))
    }

    fn list_meetings<'a>(
        &'a self,
        client: &'a AuthorizedClient<'a>,
        known: &'a [Meeting],
    ) -> Answer<'a, Vec<ProviderMeeting>> {
        Box::pin(Self::list(client, known))
    }

    fn update_meeting<'a>(
        &'a self,
        client: &'a AuthorizedClient<'a>,
        current: &'a Meeting,
        change: &'a MeetingChange,
    ) -> Answer<'a, ProviderMeeting> {
        Box::pin(async move {
            let id = checked(&current.provider_id).map_err(|error| client.at(error))?;
            let read = Self::read_wire(client, id).await?;
            // Agenda and invitees are no concern of GoToMeeting; the meeting must still be there.
            let ours = MeetingChange { agenda: None, invitees: None, ..change.clone() };
            if ours.is_empty() {
                return ProviderMeeting::try_from(read).map_err(|error| client.at(error));
            }
            let body = MeetingBody::change(&read, current, change).map_err(|error| client.at(error))?;
            ask(client, HttpRequest::json(Method::PUT, client.url(&[MEETINGS, id]), &body)).await?;
            Self::read(client, id).await
        })
    }

    fn delete_meeting<'a>(&'a self, client: &'a AuthorizedClient<'a>, provider_id: &'a str) -> Answer<'a, ()> {
        Box::pin(async move {
            let id = checked(provider_id).map_err(|error| client.at(error))?;
            refusal::gone_is_done(ask(client, HttpRequest::new(Method::DELETE, client.url(&[MEETINGS, id]))).await)
        })
    }
}

#[cfg(test)]
mod tests;
