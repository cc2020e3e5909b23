//! Zoom Meetings, API v2 (<https://developers.zoom.us/docs/api/meetings/>).
//!
//! Quirks: a change answers 204 without a body, so the meeting is read back. A list cuts the agenda at 250 characters
//! and leaves out passcode, dial-in and invitees. A missing scope is 400 with code 4711 or 4700. `Retry-After` is an
//! ISO date-time. The `start_url` of an answer is the host's credential: it is never read from the wire. There is no key
//! for a create: what may have been made is looked for in the list, by what it is and when it was made.

use std::collections::HashSet;

use chrono::{DateTime, Duration, Utc};
use http::Method;
use serde::Deserialize;

use self::{
    series::{MOST, translate},
    wire::{MeetingBody, WireMeeting, WirePage, WireUser, bad, instant},
};
use super::{Answer, MeetingProvider, meeting_id::checked, read_back::read_back, refusal, series as ways};
use crate::{
    account::{Identity, ProviderKind},
    auth::session::AuthorizedClient,
    capabilities::Capabilities,
    error::{Error, ErrorCode, FieldIssue, IssueCode},
    http::{HttpAnswer, HttpRequest},
    meeting::{
        Meeting, MeetingChange, MeetingDraft, MeetingState, MeetingTime, ProviderMeeting, Recurrence, SeriesForm,
        intent::Intent,
        linked,
        options::{OptionKey, OptionKind, OptionSpec},
    },
};

mod series;
mod wire;

// Endpoints, below the API base (https://api.zoom.us/v2).
const ME: [&str; 2] = ["users", "me"];
const MY_MEETINGS: [&str; 3] = ["users", MINE, "meetings"];
const MINE: &str = "me";
const MEETINGS: &str = "meetings";

const PAGE_SIZE: &str = "300";
/// 60,000 meetings; a server that goes on after that goes on forever.
const MOST_PAGES: usize = 200;
/// Where a list cuts the agenda, in characters.
const LISTED_AGENDA: usize = 250;
/// How far Zoom's clock and its own word for when a meeting was made may be apart.
const CLOCK_SLACK: Duration = Duration::seconds(2);

// Codes of error bodies.
const VALIDATION: i64 = 300;
const NOT_ALLOWED: i64 = 3000;
const NO_SUCH_MEETING: i64 = 3001;
const HOSTING_NOT_ALLOWED: i64 = 3161;
const SCOPE_MISSING: [i64; 2] = [4700, 4711];
/// What a refusal with one of the general codes says where it is about whom a meeting is made for.
const SCHEDULE_FOR: [&str; 2] = ["`schedule_for`", "cannot schedule a meeting for"];

const OPTIONS: [OptionSpec; 8] = [
    // The waiting room is as the account has it.
    OptionSpec::new(OptionKey::Lobby, OptionKind::Flag, None),
    // Made by Zoom, by the account's rules.
    OptionSpec::new(OptionKey::Passcode, OptionKind::Text { longest: 10 }, None),
    OptionSpec::new(OptionKey::JoinBeforeHost, OptionKind::Flag, Some("off")),
    OptionSpec::new(OptionKey::MuteOnEntry, OptionKind::Flag, Some("off")),
    OptionSpec::new(OptionKey::Recording, OptionKind::Choice { choices: &["none", "local", "cloud"] }, Some("none")),
    OptionSpec::new(OptionKey::CoHosts, OptionKind::Addresses { most: 10 }, Some("")),
    OptionSpec::new(OptionKey::DialIn, OptionKind::Choice { choices: &["both", "telephony", "voip"] }, Some("both")),
    OptionSpec::new(OptionKey::ScheduleFor, OptionKind::Addresses { most: 1 }, Some("")).once(),
];

/// Zoom.
pub struct Zoom;

// Errors.

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

/// What a refusal means. Source: <https://developers.zoom.us/docs/api/errors/>.
fn refused(answer: &HttpAnswer, now: DateTime<Utc>) -> Error {
    let Some(body) = error_body(answer) else { return refusal::refusal(answer, "", now) };
    let as_code = |code| Error::new(code).detail(&body.message);
    match (answer.status, body.code) {
        (400, code) if SCOPE_MISSING.contains(&code) => as_code(ErrorCode::ConsentMissing),
        (400, HOSTING_NOT_ALLOWED) => as_code(ErrorCode::LicenceMissing),
        (400, VALIDATION | NOT_ALLOWED) if SCHEDULE_FOR.iter().any(|words| body.message.contains(words)) => Error {
            fields: vec![FieldIssue::with_detail("option.schedule_for", IssueCode::Refused, &body.message)],
            ..as_code(ErrorCode::InvalidInput)
        },
        (400, NOT_ALLOWED) if body.message.contains("blocked") => as_code(ErrorCode::NotPermitted),
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
            "password" => "option.passcode",
            "schedule_for" => "option.schedule_for",
            "settings.alternative_hosts" => "option.co_hosts",
            field if field.starts_with("recurrence") => "repeat",
            field if field.contains("meeting_invitees") => "invitees",
            field => field,
        };
        FieldIssue::with_detail(field, IssueCode::Refused, &self.message)
    }
}

// The trait.

async fn ask(client: &AuthorizedClient<'_>, request: HttpRequest) -> Result<HttpAnswer, Error> {
    refusal::ask(client, request, refused).await
}

fn read_meeting(client: &AuthorizedClient<'_>, answer: &HttpAnswer) -> Result<ProviderMeeting, Error> {
    answer.json::<WireMeeting>().and_then(ProviderMeeting::try_from).map_err(|error| client.at(error))
}

impl Zoom {
    async fn read(client: &AuthorizedClient<'_>, id: &str) -> Result<ProviderMeeting, Error> {
        let id = checked(id).map_err(|error| client.at(error))?;
        read_meeting(client, &ask(client, HttpRequest::get(client.url(&[MEETINGS, id]))).await?)
    }

    /// Every page of a host's list, each item as it comes.
    async fn pages(client: &AuthorizedClient<'_>, host: &str) -> Result<Vec<WireMeeting>, Error> {
        let mut meetings = Vec::new();
        let mut tokens: HashSet<String> = HashSet::new();
        let mut next: Option<String> = None;
        for _ in 0..MOST_PAGES {
            let mut url = client.url(&["users", host, MEETINGS]);
            url.query_pairs_mut().append_pair("type", "scheduled").append_pair("page_size", PAGE_SIZE);
            if let Some(token) = &next {
                url.query_pairs_mut().append_pair("next_page_token", token);
            }
            let page: WirePage = ask(client, HttpRequest::get(url)).await?.json().map_err(|error| client.at(error))?;
            meetings.extend(page.meetings);
            match page.next_page_token.filter(|token| !token.is_empty()) {
                None => return Ok(meetings),
                Some(token) if !tokens.insert(token.clone()) => return Err(client.at(bad("next_page_token"))),
                token => next = token,
            }
        }
        Err(client.at(bad("pages")))
    }

    async fn list(client: &AuthorizedClient<'_>, known: &[Meeting]) -> Result<Vec<ProviderMeeting>, Error> {
        let mut ids = HashSet::new();
        let mut meetings = Vec::new();
        for wire in Self::pages(client, MINE).await? {
            let mut meeting = ProviderMeeting::try_from(wire).map_err(|error| client.at(error))?;
            // A cut agenda must not replace the whole one that the register has.
            meeting.agenda = meeting.agenda.filter(|text| text.chars().count() < LISTED_AGENDA);
            // A series (type 8) may come once per occurrence: the first stands for it.
            if ids.insert(meeting.provider_id.clone()) {
                meetings.push(meeting);
            }
        }
        // The list is the host's: a meeting that was made for a colleague stands in theirs.
        let for_others = known.iter().filter(|meeting| {
            meeting.state == MeetingState::Scheduled
                && meeting.options.get(OptionKey::ScheduleFor).is_some_and(|host| !host.is_empty())
                && !ids.contains(&meeting.provider_id)
        });
        meetings.extend(read_back(for_others, |meeting| Self::read(client, &meeting.provider_id)).await?);
        Ok(meetings)
    }

    /// Those of the list that are like the draft and were made since it was journalled, by Zoom's clock.
    async fn made_since(
        client: &AuthorizedClient<'_>,
        intent: &Intent,
        host: &str,
    ) -> Result<Vec<ProviderMeeting>, Error> {
        let pages = Self::pages(client, host).await?;
        let since = client.provider_time(intent.at) - CLOCK_SLACK;
        let room = intent.draft.recurrence.as_ref().is_some_and(|series| series.form != SeriesForm::Native);
        let mut found: Vec<(DateTime<Utc>, ProviderMeeting)> = Vec::new();
        for wire in pages {
            let made = wire.created_at.as_deref().and_then(|text| instant(text, chrono_tz::Tz::UTC));
            let meeting = ProviderMeeting::try_from(wire).map_err(|error| client.at(error))?;
            // A room without a fixed time has nothing but its subject.
            let alike = if room {
                meeting.time.is_none() && meeting.subject.as_deref() == Some(intent.draft.subject.as_str())
            } else {
                intent.is_like(&meeting)
            };
            let known = found.iter().any(|(_, other)| other.provider_id == meeting.provider_id);
            if let Some(made) = made.filter(|made| alike && !known && *made >= since) {
                found.push((made, meeting));
            }
        }
        found.sort_by_key(|(made, _)| *made);
        let mut whole = Vec::new();
        for (_, meeting) in found {
            // The list leaves out what an invitation needs.
            match Self::read(client, &meeting.provider_id).await {
                Err(error) if error.code == ErrorCode::NotFound => {}
                read => whole.push(read?),
            }
        }
        Ok(whole)
    }
}

/// Whether Zoom has such a rule, whatever its end.
fn has(time: &MeetingTime, rule: &crate::meeting::Rule) -> bool {
    translate(time, rule).is_some()
}

fn check_series(draft: &MeetingDraft, series: &Recurrence) -> Result<(), Error> {
    let takes = ways::Takes { longest: MOST, has: &has };
    let refused = |why| Err(ways::refused(draft, series, &takes, why).from_provider(ProviderKind::Zoom));
    match series.form {
        SeriesForm::Linked if linked::parts(draft, MOST, has).is_none() => refused("too_many_meetings"),
        SeriesForm::Native if series.rule.frequency == crate::meeting::recurrence::Frequency::Yearly => {
            refused("yearly")
        }
        SeriesForm::Native if !has(&draft.time, &series.rule) => refused("rule"),
        SeriesForm::Native if !ways::fits(&draft.time, &series.rule, MOST) => refused("over_60"),
        SeriesForm::OneLink | SeriesForm::Linked | SeriesForm::Native => Ok(()),
    }
}

/// With a waiting room nobody gets in before the host: Zoom drops the one silently.
fn check_options(options: &crate::meeting::MeetingOptions) -> Result<(), Error> {
    if options.flag(OptionKey::Lobby) == Some(true) && options.flag(OptionKey::JoinBeforeHost) == Some(true) {
        let field = "option.join_before_host";
        let issue = FieldIssue::with_detail(field, IssueCode::Excluded, OptionKey::Lobby.as_str());
        return Err(Error::invalid(vec![issue]).from_provider(ProviderKind::Zoom));
    }
    Ok(())
}

impl MeetingProvider for Zoom {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            lists: true,
            updates_in_place: true,
            knows_time: true,
            keeps_agenda: true,
            revokes: true,
            keeps_invitees: true,
            changes_invitees: true,
            writes_to_invitees: false,
            repeats: true,
            longest_subject: 200,
            longest_agenda: 2_000,
            shortest_minutes: 1,
            options: &OPTIONS,
        }
    }

    fn check_draft(&self, draft: &MeetingDraft) -> Result<(), Error> {
        check_options(&draft.options)?;
        draft.recurrence.as_ref().map_or(Ok(()), |series| check_series(draft, series))
    }

    fn check_change(&self, current: &Meeting, change: &MeetingChange) -> Result<(), Error> {
        check_options(&current.options.clone().overlaid(&change.options))?;
        match change.as_draft(current) {
            Some(draft) => draft.recurrence.as_ref().map_or(Ok(()), |series| check_series(&draft, series)),
            None => Ok(()),
        }
    }

    fn parts(&self, draft: &MeetingDraft) -> Option<Vec<MeetingDraft>> {
        linked::parts(draft, MOST, has)
    }

    fn identity<'a>(&'a self, client: &'a AuthorizedClient<'a>) -> Answer<'a, Identity> {
        Box::pin(async move {
            let answer = ask(client, HttpRequest::get(client.url(&ME))).await?;
            answer.json::<WireUser>().map(Identity::from).map_err(|error| client.at(error))
        })
    }

    fn create_meeting<'a>(
        &'a self,
        client: &'a AuthorizedClient<'a>,
        intent: &'a Intent,
    ) -> Answer<'a, ProviderMeeting> {
        Box::pin(async move {
            let body = MeetingBody::from(&intent.draft);
            let request = HttpRequest::json(Method::POST, client.url(&MY_MEETINGS), &body);
            read_meeting(client, &ask(client, request).await?)
        })
    }

    fn find_created<'a>(
        &'a self,
        client: &'a AuthorizedClient<'a>,
        intent: &'a Intent,
    ) -> Answer<'a, Vec<ProviderMeeting>> {
        Box::pin(async move {
            let found = Self::made_since(client, intent, MINE).await?;
            match intent.draft.options.get(OptionKey::ScheduleFor).filter(|host| !host.is_empty()) {
                // Where the colleague's list is not ours to see, nobody knows, and nothing is made again.
                Some(host) if found.is_empty() => Self::made_since(client, intent, host).await,
                _ => Ok(found),
            }
        })
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
            if !change.is_empty() {
                let url = client.url(&[MEETINGS, id]);
                ask(client, HttpRequest::json(Method::PATCH, url, &MeetingBody::change(change, current.time))).await?;
            }
            Self::read(client, id).await
        })
    }

    fn delete_meeting<'a>(&'a self, client: &'a AuthorizedClient<'a>, provider_id: &'a str) -> Answer<'a, ()> {
        Box::pin(async move {
            let id = checked(provider_id).map_err(|error| client.at(error))?;
            let answer = client.send(HttpRequest::new(Method::DELETE, client.url(&[MEETINGS, id]))).await?;
            let gone = answer.status == 404 && error_body(&answer).is_some_and(|body| body.code == NO_SUCH_MEETING);
            if answer.is_done() || gone { Ok(()) } else { Err(client.at(refused(&answer, client.now()))) }
        })
    }

    fn cancel_occurrence<'a>(
        &'a self,
        client: &'a AuthorizedClient<'a>,
        provider_id: &'a str,
        occurrence: &'a MeetingTime,
    ) -> Answer<'a, ()> {
        Box::pin(async move {
            let id = checked(provider_id).map_err(|error| client.at(error))?;
            let url = client.url(&[MEETINGS, id]);
            let wire: WireMeeting =
                ask(client, HttpRequest::get(url.clone())).await?.json().map_err(|error| client.at(error))?;
            let zone = occurrence.zone();
            let is_it = |one: &wire::WireOccurrence| {
                let start = one.start_time.as_deref().and_then(|text| instant(text, zone));
                start == Some(occurrence.start_utc()) && one.status.as_deref() != Some("deleted")
            };
            let Some(one) = wire.occurrences.unwrap_or_default().into_iter().find(is_it) else { return Ok(()) };
            let mut url = url;
            let name = one.occurrence_id.into_text().map_err(|error| client.at(error))?;
            url.query_pairs_mut().append_pair("occurrence_id", &name);
            ask(client, HttpRequest::new(Method::DELETE, url)).await.map(drop)
        })
    }
}

#[cfg(test)]
mod tests;
