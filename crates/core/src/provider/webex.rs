//! Webex Meetings, API v1 (<https://developer.webex.com/docs/api/v1/meetings>).
//!
//! Quirks: Webex writes to the host and the invited at every act unless it is told not to, which it always is: Convoke tells
//! nobody by itself. A list shows seven days where it is not told which, in pages by the `Link` header; what it does not
//! show is read one by one, so that a meeting outside the window is not taken for gone. A change is a `PATCH` that knows no
//! invitees, with a media type of its own. By its words null clears the agenda and the recurrence; its schema has no null,
//! so an empty text and a series of one go instead. A meeting carries our key as a tag, by which it is found again. A
//! meeting is a series also where it is single; an occurrence is named by the series and its start. An answer holds the
//! host's key: it is never read from the wire.

use std::collections::HashSet;

use chrono::{DateTime, Duration, SecondsFormat, Utc};
use http::{HeaderValue, Method, header};
use url::Url;

use self::{
    place::Place,
    refused::refused,
    wire::{
        AUDIO_CHOICES, LOBBY_CHOICES, MeetingBody, PRESENTER_CHOICES, WireMeeting, WirePage, WirePerson, bad, host,
    },
};
use super::{Answer, MeetingProvider, read_back::read_back, refusal, series as ways};
use crate::{
    account::{Identity, ProviderKind},
    auth::session::AuthorizedClient,
    capabilities::Capabilities,
    error::Error,
    http::{HttpAnswer, HttpRequest},
    meeting::{
        Meeting, MeetingChange, MeetingDraft, MeetingState, MeetingTime, ProviderMeeting, Recurrence, Rule, SeriesForm,
        intent::Intent,
        linked,
        options::{OptionKey, OptionKind, OptionSpec},
    },
};

mod link;
mod place;
mod refused;
mod series;
mod wire;

// Endpoints, below the API base (https://webexapis.com/v1).
const ME: [&str; 2] = ["people", "me"];
const MEETINGS: &str = "meetings";

const PATCH_TYPE: HeaderValue = HeaderValue::from_static("application/json-patch+json");
const PAGE_SIZE: &str = "100";
/// 20,000 meetings; a server that goes on after that goes on forever.
const MOST_PAGES: usize = 200;
/// How far ahead a list looks.
const AHEAD: Duration = Duration::days(365);
/// How far from its start a meeting that may have been made is looked for: somebody may have moved it.
const AROUND: Duration = Duration::days(31);

const OPTIONS: [OptionSpec; 9] = [
    // Where no default stands, the site's or the person's own settings decide.
    OptionSpec::new(OptionKey::Lobby, OptionKind::Choice { choices: &LOBBY_CHOICES }, None),
    OptionSpec::new(OptionKey::Passcode, OptionKind::Text { longest: 32 }, None),
    OptionSpec::new(OptionKey::Presenters, OptionKind::Choice { choices: &PRESENTER_CHOICES }, None),
    OptionSpec::new(OptionKey::JoinBeforeHost, OptionKind::Flag, None),
    OptionSpec::new(OptionKey::MuteOnEntry, OptionKind::Flag, None),
    OptionSpec::new(OptionKey::Recording, OptionKind::Choice { choices: &["none", "cloud"] }, None),
    OptionSpec::new(OptionKey::CoHosts, OptionKind::Addresses { most: 20 }, Some("")).once(),
    OptionSpec::new(OptionKey::DialIn, OptionKind::Choice { choices: &AUDIO_CHOICES }, None),
    OptionSpec::new(OptionKey::ScheduleFor, OptionKind::Addresses { most: 1 }, Some("")).once(),
];

/// Webex.
pub struct Webex;

// The trait.

async fn ask(client: &AuthorizedClient<'_>, request: HttpRequest) -> Result<HttpAnswer, Error> {
    refusal::ask(client, request, refused).await
}

/// Reads a meeting of an answer; `host` is whose it is, where it was made for somebody else.
fn read_meeting(
    client: &AuthorizedClient<'_>,
    answer: &HttpAnswer,
    host: Option<&str>,
) -> Result<ProviderMeeting, Error> {
    let told = answer.json::<WireMeeting>().and_then(ProviderMeeting::try_from).map_err(|error| client.at(error))?;
    Ok(place::of(host, told))
}

fn place<'a>(client: &AuthorizedClient<'_>, provider_id: &'a str) -> Result<Place<'a>, Error> {
    Place::parse(provider_id).map_err(|error| client.at(error))
}

/// A page of the list from one instant to another.
fn window(client: &AuthorizedClient<'_>, from: DateTime<Utc>, to: DateTime<Utc>) -> Url {
    let text = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::Secs, true);
    let mut url = client.url(&[MEETINGS]);
    url.query_pairs_mut()
        .append_pair("meetingType", "meetingSeries")
        .append_pair("scheduledType", "meeting")
        // The whole series, not its next occurrence.
        .append_pair("current", "false")
        .append_pair("max", PAGE_SIZE)
        .append_pair("from", &text(from))
        .append_pair("to", &text(to));
    url
}

impl Webex {
    async fn read(client: &AuthorizedClient<'_>, provider_id: &str) -> Result<ProviderMeeting, Error> {
        let place = place(client, provider_id)?;
        let answer = ask(client, HttpRequest::get(place.url(client, None))).await?;
        read_meeting(client, &answer, place.host)
    }

    /// Every page from `first` on, each item as it comes.
    async fn pages(client: &AuthorizedClient<'_>, first: Url) -> Result<Vec<WireMeeting>, Error> {
        let mut meetings = Vec::new();
        let mut asked = HashSet::new();
        let mut url = first;
        for _ in 0..MOST_PAGES {
            if !asked.insert(url.clone()) {
                return Err(client.at(bad("link")));
            }
            let answer = ask(client, HttpRequest::get(url.clone())).await?;
            let page: WirePage = answer.json().map_err(|error| client.at(error))?;
            meetings.extend(page.items);
            match link::next_page(&answer, &url).map_err(|error| client.at(error))? {
                None => return Ok(meetings),
                Some(next) => url = next,
            }
        }
        Err(client.at(bad("pages")))
    }

    /// What the list shows, and what it does not show of the known ones.
    async fn list(client: &AuthorizedClient<'_>, known: &[Meeting]) -> Result<Vec<ProviderMeeting>, Error> {
        let now = client.now();
        let mut ids = HashSet::new();
        let mut meetings = Vec::new();
        for wire in Self::pages(client, window(client, now, now + AHEAD)).await? {
            if !wire.is_whole() {
                continue;
            }
            let meeting = ProviderMeeting::try_from(wire).map_err(|error| client.at(error))?;
            if ids.insert(meeting.provider_id.clone()) {
                meetings.push(meeting);
            }
        }
        let missing = known
            .iter()
            .filter(|meeting| meeting.state == MeetingState::Scheduled && !ids.contains(&meeting.provider_id));
        meetings.extend(read_back(missing, |meeting| Self::read(client, &meeting.provider_id)).await?);
        Ok(meetings)
    }

    /// Those that carry the intent's key. A list that leaves the tags out is believed about what is like the draft.
    async fn tagged(client: &AuthorizedClient<'_>, intent: &Intent) -> Result<Vec<ProviderMeeting>, Error> {
        let start = intent.draft.time.start_utc();
        let mut url = window(client, start - AROUND, start + AROUND);
        url.query_pairs_mut().append_pair("integrationTag", &intent.id.0);
        let host = host(&intent.draft.options);
        if let Some(host) = host {
            url.query_pairs_mut().append_pair("hostEmail", host);
        }
        let mut ids = HashSet::new();
        let mut found = Vec::new();
        for wire in Self::pages(client, url).await?.into_iter().filter(WireMeeting::is_whole) {
            let tagged = wire.has_tag(&intent.id.0);
            let meeting = ProviderMeeting::try_from(wire).map_err(|error| client.at(error))?;
            let is_it = tagged.unwrap_or_else(|| intent.is_like(&meeting));
            if is_it && ids.insert(meeting.provider_id.clone()) {
                found.push(place::of(host, meeting));
            }
        }
        Ok(found)
    }

    /// Deletes a meeting, or the occurrence of it that starts at `start`. What is not there is done.
    async fn delete(client: &AuthorizedClient<'_>, provider_id: &str, start: Option<&str>) -> Result<(), Error> {
        let mut url = place(client, provider_id)?.url(client, start);
        url.query_pairs_mut().append_pair("sendEmail", "false");
        refusal::gone_is_done(ask(client, HttpRequest::new(Method::DELETE, url)).await)
    }
}

/// Whether Webex has such a rule, whatever its end.
fn has(time: &MeetingTime, rule: &Rule) -> bool {
    series::translate(time, rule).is_some()
}

fn check_series(draft: &MeetingDraft, series: &Recurrence) -> Result<(), Error> {
    let longest = series::longest(&draft.time, &series.rule);
    let takes = ways::Takes { longest, has: &has };
    let refused = |why: &str| Err(ways::refused(draft, series, &takes, why).from_provider(ProviderKind::Webex));
    match series.form {
        SeriesForm::Linked if linked::parts(draft, longest, has).is_none() => refused("too_many_meetings"),
        SeriesForm::Native if !has(&draft.time, &series.rule) => refused("rule"),
        SeriesForm::Native if !ways::fits(&draft.time, &series.rule, longest) => refused(&format!("over_{longest}")),
        SeriesForm::Native | SeriesForm::Linked | SeriesForm::OneLink => Ok(()),
    }
}

impl MeetingProvider for Webex {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            lists: true,
            updates_in_place: true,
            knows_time: true,
            keeps_agenda: true,
            revokes: false,
            keeps_invitees: true,
            changes_invitees: false,
            writes_to_invitees: false,
            repeats: true,
            longest_subject: 128,
            longest_agenda: 1_300,
            shortest_minutes: 10,
            options: &OPTIONS,
        }
    }

    fn check_draft(&self, draft: &MeetingDraft) -> Result<(), Error> {
        draft.recurrence.as_ref().map_or(Ok(()), |series| check_series(draft, series))
    }

    fn parts(&self, draft: &MeetingDraft) -> Option<Vec<MeetingDraft>> {
        let series = draft.recurrence.as_ref()?;
        linked::parts(draft, series::longest(&draft.time, &series.rule), has)
    }

    fn identity<'a>(&'a self, client: &'a AuthorizedClient<'a>) -> Answer<'a, Identity> {
        Box::pin(async move {
            let answer = ask(client, HttpRequest::get(client.url(&ME))).await?;
            answer.json::<WirePerson>().and_then(Identity::try_from).map_err(|error| client.at(error))
        })
    }

    fn create_meeting<'a>(
        &'a self,
        client: &'a AuthorizedClient<'a>,
        intent: &'a Intent,
    ) -> Answer<'a, ProviderMeeting> {
        Box::pin(async move {
            let request = HttpRequest::json(Method::POST, client.url(&[MEETINGS]), &MeetingBody::create(intent));
            read_meeting(client, &ask(client, request).await?, host(&intent.draft.options))
        })
    }

    fn find_created<'a>(
        &'a self,
        client: &'a AuthorizedClient<'a>,
        intent: &'a Intent,
    ) -> Answer<'a, Vec<ProviderMeeting>> {
        Box::pin(Self::tagged(client, intent))
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
            let place = place(client, &current.provider_id)?;
            let Some(body) = MeetingBody::change(current, change, place.host) else {
                return Self::read(client, &current.provider_id).await;
            };
            // Here the host goes in the body.
            let url = Place { host: None, ..place }.url(client, None);
            let request = HttpRequest::json(Method::PATCH, url, &body).header(header::CONTENT_TYPE, PATCH_TYPE);
            read_meeting(client, &ask(client, request).await?, place.host)
        })
    }

    fn delete_meeting<'a>(&'a self, client: &'a AuthorizedClient<'a>, provider_id: &'a str) -> Answer<'a, ()> {
        Box::pin(Self::delete(client, provider_id, None))
    }

    fn cancel_occurrence<'a>(
        &'a self,
        client: &'a AuthorizedClient<'a>,
        provider_id: &'a str,
        occurrence: &'a MeetingTime,
    ) -> Answer<'a, ()> {
        Box::pin(async move {
            let start = occurrence.start_utc().format("%Y%m%dT%H%M%SZ").to_string();
            Self::delete(client, provider_id, Some(&start)).await
        })
    }
}

#[cfg(test)]
mod tests;
