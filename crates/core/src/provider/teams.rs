//! Microsoft Teams through Graph's `onlineMeetings`
//! (<https://learn.microsoft.com/graph/api/resources/onlinemeeting>).
//!
//! Quirks: nothing lists these meetings, so each one that the register knows is read back. Times are UTC with seven
//! decimals and the zone is lost: the known meeting's zone is put back. A new start needs the end with it, and the
//! attendees come as a whole list. There is no agenda and no series. Nobody is told of a change: no calendar knows the
//! meeting. A meeting is made with `createOrGet` and a key of ours, so that asking twice makes one; it returns one that is
//! there unchanged, and takes no options, which follow. Only a plain `POST` takes the choice of a passcode.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use http::Method;
use serde::Deserialize;

use self::wire::{LOBBY_CHOICES, MeetingBody, PRESENTER_CHOICES, WireMeeting, WireUser};
use super::{Answer, MeetingProvider, meeting_id::checked, read_back::read_back, refusal, series};
use crate::{
    account::{Identity, ProviderKind},
    auth::session::AuthorizedClient,
    capabilities::Capabilities,
    error::{Error, ErrorCode},
    http::{HttpAnswer, HttpRequest},
    meeting::{
        Meeting, MeetingChange, MeetingDraft, MeetingState, ProviderMeeting,
        intent::Intent,
        options::{OptionKey, OptionKind, OptionSpec},
    },
};

mod wire;

// Endpoints, below the API base (https://graph.microsoft.com/v1.0).
const ME: &str = "me";
const ONLINE_MEETINGS: &str = "onlineMeetings";
const CREATE_OR_GET: &str = "createOrGet";

const OPTIONS: [OptionSpec; 5] = [
    // Who waits, who may present by default and whether there is a passcode is the organisation's policy.
    OptionSpec::new(OptionKey::Lobby, OptionKind::Choice { choices: &LOBBY_CHOICES }, None),
    OptionSpec::new(OptionKey::Passcode, OptionKind::Flag, None).once(),
    OptionSpec::new(OptionKey::Presenters, OptionKind::Choice { choices: &PRESENTER_CHOICES }, Some("everyone")),
    OptionSpec::new(OptionKey::Recording, OptionKind::Choice { choices: &["none", "cloud"] }, Some("none")),
    OptionSpec::new(OptionKey::CoHosts, OptionKind::Addresses { most: 10 }, Some("")),
];

/// Teams.
pub struct Teams;

// Errors.

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

/// `createOrGet` answers so where there was none, and with 200 where there was.
const JUST_MADE: u16 = 201;

/// Words in Graph's codes for a 404 that is about something else than the meeting.
const NOT_THE_MEETING: [&str; 3] = ["user", "mailbox", "tenant"];

/// What a refusal means, by its status: Graph's codes only refine it. Source: <https://learn.microsoft.com/graph/errors>.
fn refused(answer: &HttpAnswer, now: DateTime<Utc>) -> Error {
    let reason = answer.json::<WireError>().map(|body| body.error).ok();
    // A gateway's 404, or one about the person's mailbox, says nothing about the meeting: it must not be taken for gone.
    let about_another = |code: &str| NOT_THE_MEETING.iter().any(|word| code.to_ascii_lowercase().contains(word));
    let names_the_item = reason.as_ref().is_some_and(|error| !about_another(&error.code));
    let no_mailbox = reason.as_ref().is_some_and(|error| error.code.to_ascii_lowercase().contains("mailbox"));
    let missing =
        reason.as_ref().filter(|_| answer.status == 403).and_then(|error| missing(&error.code, &error.message));
    let text = reason.map(|error| if error.message.is_empty() { error.code } else { error.message });
    let error = refusal::refusal(answer, &text.unwrap_or_default(), now);
    if let Some(code) = missing {
        return Error { code, ..error };
    }
    match error.code {
        ErrorCode::NotFound if no_mailbox => Error { code: ErrorCode::LicenceMissing, ..error },
        ErrorCode::NotFound if !names_the_item => Error { code: ErrorCode::BadAnswer, ..error },
        _ => error,
    }
}

/// What a 403 is about, where it is more than a policy: Graph has one status for scope, licence and policy.
fn missing(code: &str, message: &str) -> Option<ErrorCode> {
    let text = format!("{code} {message}").to_ascii_lowercase();
    if text.contains("licen") {
        Some(ErrorCode::LicenceMissing)
    } else if text.contains("scope")
        || text.contains("authorization_requestdenied")
        || text.contains("insufficient privileges")
    {
        Some(ErrorCode::ConsentMissing)
    } else {
        None
    }
}

// The trait.

async fn ask(client: &AuthorizedClient<'_>, request: HttpRequest) -> Result<HttpAnswer, Error> {
    refusal::ask(client, request, refused).await
}

fn read_meeting(client: &AuthorizedClient<'_>, answer: &HttpAnswer, zone: Tz) -> Result<ProviderMeeting, Error> {
    let meeting = answer.json::<WireMeeting>().and_then(ProviderMeeting::try_from).map_err(|error| client.at(error))?;
    Ok(ProviderMeeting { time: meeting.time.map(|time| time.in_zone(zone)), ..meeting })
}

impl Teams {
    async fn read(client: &AuthorizedClient<'_>, id: &str, zone: Tz) -> Result<ProviderMeeting, Error> {
        let id = checked(id).map_err(|error| client.at(error))?;
        let answer = ask(client, HttpRequest::get(client.url(&[ME, ONLINE_MEETINGS, id]))).await?;
        read_meeting(client, &answer, zone)
    }

    /// The meeting of the intent's key, made where there is none, with its options. One that was there is as it was made: a
    /// time that somebody moved since stays moved.
    async fn create_or_get(client: &AuthorizedClient<'_>, intent: &Intent) -> Result<ProviderMeeting, Error> {
        let (made, _) = Self::by_key(client, intent).await?;
        Self::with_options(client, intent, made).await
    }

    /// The meeting of the intent's key, and whether it was made just now.
    async fn by_key(client: &AuthorizedClient<'_>, intent: &Intent) -> Result<(ProviderMeeting, bool), Error> {
        let url = client.url(&[ME, ONLINE_MEETINGS, CREATE_OR_GET]);
        let answer = ask(client, HttpRequest::json(Method::POST, url, &MeetingBody::create_or_get(intent))).await?;
        Ok((read_meeting(client, &answer, intent.draft.time.zone())?, answer.status == JUST_MADE))
    }

    async fn with_options(
        client: &AuthorizedClient<'_>,
        intent: &Intent,
        made: ProviderMeeting,
    ) -> Result<ProviderMeeting, Error> {
        let zone = intent.draft.time.zone();
        let options = MeetingBody::only_options(&intent.draft.options);
        if options.is_empty() {
            return Ok(made);
        }
        let url = client.url(&[ME, ONLINE_MEETINGS, &made.provider_id]);
        // The meeting stands. What its options have become is not known where this fails, and they are asked for again.
        let unknown = |error: Error| Error { code: ErrorCode::OutcomeUnknown, ..error };
        let answer = match ask(client, HttpRequest::json(Method::PATCH, url.clone(), &options)).await {
            // Refused for good: a meeting without what was chosen is not what was asked for, and is taken back.
            Err(error) if !error.is_passing() && error.code != ErrorCode::SignInRequired => {
                ask(client, HttpRequest::new(Method::DELETE, url)).await.map_err(unknown)?;
                return Err(error);
            }
            answer => answer.map_err(unknown)?,
        };
        if answer.body.is_empty() {
            return Self::read(client, &made.provider_id, zone).await.map_err(unknown);
        }
        read_meeting(client, &answer, zone)
    }

    /// Reads back what is known: Graph lets one app and mailbox make no more than four calls at once.
    async fn read_known(client: &AuthorizedClient<'_>, known: &[Meeting]) -> Result<Vec<ProviderMeeting>, Error> {
        let standing = known.iter().filter(|meeting| meeting.state == MeetingState::Scheduled);
        read_back(standing, |meeting| Self::read(client, &meeting.provider_id, zone_of(meeting))).await
    }
}

fn zone_of(meeting: &Meeting) -> Tz {
    meeting.time.map_or(Tz::UTC, |time| time.zone())
}

impl MeetingProvider for Teams {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            lists: false,
            updates_in_place: true,
            knows_time: true,
            keeps_agenda: false,
            revokes: false,
            keeps_invitees: true,
            changes_invitees: true,
            writes_to_invitees: false,
            repeats: false,
            longest_subject: 200,
            longest_agenda: 2_000,
            shortest_minutes: 1,
            options: &OPTIONS,
        }
    }

    fn check_draft(&self, draft: &MeetingDraft) -> Result<(), Error> {
        series::check_one_link(draft).map_err(|error| error.from_provider(ProviderKind::Teams))
    }

    fn identity<'a>(&'a self, client: &'a AuthorizedClient<'a>) -> Answer<'a, Identity> {
        Box::pin(async move {
            let answer = ask(client, HttpRequest::get(client.url(&[ME]))).await?;
            answer.json::<WireUser>().map(Identity::from).map_err(|error| client.at(error))
        })
    }

    fn create_meeting<'a>(
        &'a self,
        client: &'a AuthorizedClient<'a>,
        intent: &'a Intent,
    ) -> Answer<'a, ProviderMeeting> {
        Box::pin(async move {
            let zone = intent.draft.time.zone();
            if intent.draft.options.get(OptionKey::Passcode).is_none() {
                return Self::create_or_get(client, intent).await;
            }
            let url = client.url(&[ME, ONLINE_MEETINGS]);
            let answer = ask(client, HttpRequest::json(Method::POST, url, &MeetingBody::create(intent))).await?;
            read_meeting(client, &answer, zone)
        })
    }

    /// `createOrGet` answers with the meeting of this key. Where there was none it makes one, which is what was asked for.
    fn find_created<'a>(
        &'a self,
        client: &'a AuthorizedClient<'a>,
        intent: &'a Intent,
    ) -> Answer<'a, Vec<ProviderMeeting>> {
        Box::pin(async move {
            let (made, just_made) = Self::by_key(client, intent).await?;
            let passcode = intent.draft.options.flag(OptionKey::Passcode);
            let as_asked = passcode.is_none() || made.options.flag(OptionKey::Passcode) == passcode;
            if as_asked && !(just_made && intent.is_stale(client.now())) {
                return Self::with_options(client, intent, made).await.map(|meeting| vec![meeting]);
            }
            // Made by looking, and nobody waits for it any more; or without the passcode that only a plain create takes.
            let url = client.url(&[ME, ONLINE_MEETINGS, &made.provider_id]);
            ask(client, HttpRequest::new(Method::DELETE, url)).await?;
            Ok(Vec::new())
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
        Box::pin(Self::read_known(client, known))
    }

    fn update_meeting<'a>(
        &'a self,
        client: &'a AuthorizedClient<'a>,
        current: &'a Meeting,
        change: &'a MeetingChange,
    ) -> Answer<'a, ProviderMeeting> {
        Box::pin(async move {
            let id = checked(&current.provider_id).map_err(|error| client.at(error))?;
            let zone = change.time.map_or_else(|| zone_of(current), |time| time.zone());
            let body = MeetingBody::change(current, change);
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
            let id = checked(provider_id).map_err(|error| client.at(error))?;
            let url = client.url(&[ME, ONLINE_MEETINGS, id]);
            refusal::gone_is_done(ask(client, HttpRequest::new(Method::DELETE, url)).await)
        })
    }
}

#[cfg(test)]
mod tests;
