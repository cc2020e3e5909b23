//! Webex's list of meetings: series, or occurrences, within a window, in pages by the `Link` header.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use chrono::{DateTime, NaiveDate, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};

use super::calls::{acting, flag, only, run, view};
use super::draft::{Time, read_time};
use super::meeting::{Meeting, View};
use super::{Refusal, caller};
use crate::call::Call;
use crate::person::Person;
use crate::world::{Shared, World};

/// The parameters that the vendor's document has, and `offset`, which the address of a next page carries.
const KNOWN: [&str; 24] = [
    "current",
    "from",
    "hasChat",
    "hasClosedCaption",
    "hasPolls",
    "hasQA",
    "hasRecording",
    "hasSlido",
    "hasSummary",
    "hasTranscription",
    "hostEmail",
    "integrationTag",
    "isModified",
    "max",
    "meetingNumber",
    "meetingSeriesId",
    "meetingType",
    "offset",
    "roomId",
    "scheduledType",
    "siteUrl",
    "state",
    "to",
    "webLink",
];
/// What only meetings that were held can have.
const HELD: [&str; 8] =
    ["hasChat", "hasClosedCaption", "hasPolls", "hasQA", "hasRecording", "hasSlido", "hasSummary", "hasTranscription"];
const STATES: [&str; 8] = ["active", "scheduled", "ready", "lobby", "inProgress", "ended", "missed", "expired"];

/// What a list is of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Series,
    Occurrences,
    /// Meetings that were held: the sandbox has none.
    Held,
}

/// `GET /meetings`.
pub(super) fn list(shared: &Shared, call: &Call) -> Response {
    run(shared, |world| {
        let person = caller(world, call, "meeting:schedules_read")?.person;
        let view = view(world, call)?;
        only(call, &KNOWN)?;
        let person = acting(person, call.query.get("hostEmail"))?;
        let wanted = Wanted::read(call, view.now)?;
        let mut items = wanted.items(world, &person, view)?;
        items.sort_by(|one, other| one.0.cmp(&other.0));
        let total = items.len();
        let page: Vec<Value> = items.into_iter().skip(wanted.offset).take(wanted.max).map(|(_, item)| item).collect();
        let end = wanted.offset + page.len();
        let mut response = axum::Json(json!({ "items": page })).into_response();
        if end < total {
            let next = wanted.next(call, &shared.setting.base_url, end);
            let link = HeaderValue::from_str(&format!("<{next}>; rel=\"next\""));
            response.headers_mut().extend(link.ok().map(|link| (header::LINK, link)));
        }
        Ok(response)
    })
}

fn wrong(name: &str, what: &str) -> Refusal {
    Refusal::invalid(vec![format!("{name}: {what}")])
}

/// What a list asks for.
struct Wanted<'a> {
    call: &'a Call,
    kind: Kind,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    max: usize,
    offset: usize,
    current: bool,
    modified: Option<bool>,
}

/// When it starts, and its id: the order of a list.
type Place = (DateTime<Utc>, String);

impl<'a> Wanted<'a> {
    fn read(call: &'a Call, now: DateTime<Utc>) -> Result<Self, Refusal> {
        let get = |name| call.query.get(name);
        let series = get("meetingSeriesId").is_some();
        let kind = match get("meetingType") {
            None if series => Kind::Occurrences,
            Some("meetingSeries") if series => {
                return Err(wrong("meetingType", "of a series' meetings is scheduledMeeting or meeting"));
            }
            None | Some("meetingSeries") => Kind::Series,
            Some("scheduledMeeting") => Kind::Occurrences,
            Some("meeting") => Kind::Held,
            Some(_) => return Err(wrong("meetingType", "is meetingSeries, scheduledMeeting or meeting")),
        };
        let named = ["meetingNumber", "webLink", "roomId"];
        if !series && named.iter().filter(|name| get(name).is_some()).count() > 1 {
            return Err(wrong("meetingNumber", "webLink and roomId exclude each other"));
        }
        if get("state").is_some_and(|state| !STATES.contains(&state)) {
            return Err(wrong("state", &format!("is one of {}", STATES.join(", "))));
        }
        if !matches!(get("scheduledType"), None | Some("meeting" | "webinar" | "personalRoomMeeting"))
            || (get("scheduledType") == Some("personalRoomMeeting") && kind != Kind::Occurrences)
        {
            return Err(wrong("scheduledType", "is meeting or webinar, or personalRoomMeeting of scheduled meetings"));
        }
        for name in HELD.into_iter().filter(|name| get(name).is_some()) {
            flag(call, name, false)?;
            if kind != Kind::Held || get("state") != Some("ended") {
                return Err(wrong(name, "goes with meetingType=meeting and state=ended"));
            }
        }
        let number = |name, default: usize, low: usize, high: usize| {
            let number = get(name).map_or(Some(default), |text| text.parse().ok());
            let number = number.filter(|number| (low..=high).contains(number));
            number.ok_or_else(|| wrong(name, &format!("must be {low} to {high}")))
        };
        let modified = get("isModified").map(|_| flag(call, "isModified", false)).transpose()?;
        let week = TimeDelta::days(7);
        let (from, to) = match (instant(call, "from")?, instant(call, "to")?, kind) {
            (Some(from), Some(to), _) => (from, to),
            (Some(from), None, _) => (from, from + week),
            (None, Some(to), _) => (to - week, to),
            (None, None, Kind::Held) => (now - week, now),
            (None, None, _) => (now, now + week),
        };
        if from > to {
            return Err(wrong("from", "cannot be after to"));
        }
        Ok(Self {
            call,
            kind,
            from,
            to,
            max: number("max", 10, 1, 100)?,
            offset: number("offset", 0, 0, 1_000_000)?,
            current: flag(call, "current", true)?,
            modified,
        })
    }

    fn items(&self, world: &World, person: &Person, view: View) -> Result<Vec<(Place, Value)>, Refusal> {
        let get = |name| self.call.query.get(name);
        let mut own = world.webex.meetings.iter().filter(|meeting| meeting.host == *person);
        if let Some(id) = get("meetingSeriesId") {
            let meeting = own.find(|meeting| meeting.id == id).ok_or_else(Refusal::no_such_meeting)?;
            return Ok(self.occurrences(meeting, view));
        }
        if get("roomId").is_some() {
            return Ok(Vec::new());
        }
        if let Some(name) = ["meetingNumber", "webLink"].into_iter().find(|name| get(name).is_some()) {
            let is_it = |meeting: &&Meeting| match name {
                "meetingNumber" => get(name) == Some(&meeting.number),
                _ => get(name) == Some(&meeting.web_link()),
            };
            let meeting = own.find(is_it).ok_or_else(Refusal::no_such_meeting)?;
            let shown = match meeting.current(view.now).filter(|_| self.current) {
                Some(occurrence) => meeting.scheduled(&occurrence, view),
                None => meeting.series(view, true),
            };
            return Ok(vec![((meeting.details.start, meeting.id.clone()), shown)]);
        }
        let kind = get("scheduledType").is_none_or(|kind| kind == "meeting");
        let tag =
            |meeting: &&Meeting| get("integrationTag").is_none_or(|tag| meeting.tags.iter().any(|one| one == tag));
        let site = |meeting: &&Meeting| get("siteUrl").is_none_or(|site| site == super::site(&meeting.host));
        let some = own.filter(|_| kind).filter(tag).filter(site);
        Ok(some.flat_map(|meeting| self.of(meeting, view)).collect())
    }

    fn of(&self, meeting: &Meeting, view: View) -> Vec<(Place, Value)> {
        if self.kind != Kind::Series {
            return self.occurrences(meeting, view);
        }
        let within = meeting.occurrences().any(|occurrence| occurrence.details.overlaps(self.from, self.to));
        let shown = if self.current { meeting.series_now(view) } else { meeting.series(view, true) };
        let state = self.call.query.get("state").is_none_or(|state| shown["state"] == state);
        if within && state { vec![((meeting.details.start, meeting.id.clone()), shown)] } else { Vec::new() }
    }

    fn occurrences(&self, meeting: &Meeting, view: View) -> Vec<(Place, Value)> {
        if self.kind == Kind::Held {
            return Vec::new();
        }
        meeting
            .occurrences()
            .filter(|one| one.details.overlaps(self.from, self.to))
            .filter(|one| self.modified.is_none_or(|modified| one.modified == modified))
            .filter(|one| self.call.query.get("state").is_none_or(|state| one.state(view.now) == state))
            .map(|one| ((one.details.start, meeting.id.clone()), meeting.scheduled(&one, view)))
            .collect()
    }

    /// The address of the page that begins at `offset`, with the window as it was at first.
    fn next(&self, call: &Call, base: &str, offset: usize) -> String {
        let time = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::Millis, true);
        let kept = call.query.pairs().filter(|(name, _)| !matches!(*name, "from" | "to" | "offset"));
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(kept)
            .append_pair("from", &time(self.from))
            .append_pair("to", &time(self.to))
            .append_pair("offset", &offset.to_string())
            .finish();
        format!("{base}/webex/v1/meetings?{query}")
    }
}

/// A bound of the window: a date, a time with an offset, or one by UTC.
fn instant(call: &Call, name: &str) -> Result<Option<DateTime<Utc>>, Refusal> {
    let Some(text) = call.query.get(name) else { return Ok(None) };
    let time = match read_time(text) {
        Some(Time::Instant(time)) => Some(time),
        Some(Time::Wall(wall)) => Some(wall.and_utc()),
        None => text.parse::<NaiveDate>().ok().and_then(|date| date.and_hms_opt(0, 0, 0)).map(|time| time.and_utc()),
    };
    time.map(Some).ok_or_else(|| wrong(name, "must be a date and time by ISO 8601"))
}
