//! Webex's API: the person, and create, read, update and delete of meetings.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use chrono::TimeDelta;
use chrono_tz::Tz;
use serde_json::{Map, Value, json};

use super::draft::{Purpose, check};
use super::meeting::{Meeting, Occurrence, View};
use super::{Refusal, answer, caller, domain, organization, person_id, site};
use crate::call::Call;
use crate::person::Person;
use crate::world::{Shared, World};

type Outcome = Result<Response, Refusal>;

const READ: &str = "meeting:schedules_read";
const WRITE: &str = "meeting:schedules_write";

/// How many meetings a person may ask for in 24 hours.
const CREATIONS: usize = 100;

/// Runs a call over the locked world and puts Webex's headers on its answer.
pub(super) fn run(shared: &Shared, act: impl FnOnce(&mut World) -> Outcome) -> Response {
    let mut world = shared.world();
    let outcome = act(&mut world);
    answer(&mut world.random, outcome)
}

/// `GET /people/me`.
pub(super) fn me(shared: &Shared, call: &Call) -> Response {
    run(shared, |world| {
        let person = caller(world, call, "spark:people_read")?.person;
        only(call, &["callingData"])?;
        let (first, last) = person.names();
        let organization = format!("ciscospark://us/ORGANIZATION/{}", organization(&person));
        Ok(axum::Json(json!({
            "id": person_id(&person),
            "emails": [person.email],
            "phoneNumbers": [],
            "displayName": person.display_name(),
            "nickName": first,
            "firstName": first,
            "lastName": last,
            "orgId": STANDARD_NO_PAD.encode(organization),
            "created": "2026-01-01T00:00:00.000Z",
            "lastModified": "2026-01-01T00:00:00.000Z",
            "status": "active",
            "type": "person",
        }))
        .into_response())
    })
}

/// `POST /meetings`: 200 with the meeting. Every request counts, also one that is refused.
pub(super) fn create(shared: &Shared, call: &Call) -> Response {
    run(shared, |world| {
        let person = caller(world, call, WRITE)?.person;
        count_creation(world, &person)?;
        let view = view(world, call)?;
        only(call, &[])?;
        let fields = body(call, &["application/json"])?;
        let host = acting(person, fields.get("hostEmail").map(|value| value.as_str().unwrap_or_default()))?;
        let change = check(&fields, Purpose::Create, &site(&host), view.now).map_err(Refusal::invalid)?;
        let meeting = Meeting::create(change, host, view.now, &mut world.random);
        let shown = meeting.series(view, false);
        world.webex.meetings.push(meeting);
        Ok(axum::Json(shown).into_response())
    })
}

/// `GET /meetings/{id}`: a series or an occurrence.
pub(super) fn read(shared: &Shared, call: &Call) -> Response {
    run(shared, |world| {
        let person = caller(world, call, READ)?.person;
        let view = view(world, call)?;
        only(call, &["current", "hostEmail"])?;
        let current = flag(call, "current", false)?;
        let person = acting(person, call.query.get("hostEmail"))?;
        let (meeting, occurrence) = find(world, call, &person)?;
        let occurrence = if current { occurrence.or_else(|| meeting.current(view.now)) } else { occurrence };
        let shown = match occurrence {
            Some(occurrence) => meeting.scheduled(&occurrence, view),
            None => meeting.series(view, false),
        };
        Ok(axum::Json(shown).into_response())
    })
}

/// `PATCH /meetings/{id}`: 200 with the series or the occurrence.
pub(super) fn update(shared: &Shared, call: &Call) -> Response {
    run(shared, |world| {
        let person = caller(world, call, WRITE)?.person;
        let view = view(world, call)?;
        only(call, &[])?;
        let fields = body(call, &["application/json-patch+json", "application/json"])?;
        let person = acting(person, fields.get("hostEmail").map(|value| value.as_str().unwrap_or_default()))?;
        let (meeting, occurrence) = find(world, call, &person)?;
        let site = site(&meeting.host);
        let shown = if let Some(occurrence) = occurrence {
            let purpose = Purpose::Occurrence(&occurrence.details);
            let change = check(&fields, purpose, &site, view.now).map_err(Refusal::invalid)?;
            let original = occurrence.original;
            meeting.apply_to(occurrence, change);
            let changed = meeting.occurrences().find(|one| one.original == original);
            changed.map_or(Value::Null, |one| meeting.scheduled(&one, view))
        } else {
            let change = check(&fields, Purpose::Series(meeting), &site, view.now).map_err(Refusal::invalid)?;
            meeting.apply(change);
            meeting.series(view, true)
        };
        Ok(axum::Json(shown).into_response())
    })
}

/// `DELETE /meetings/{id}`: 204, empty. Of an occurrence's id only that one goes.
pub(super) fn delete(shared: &Shared, call: &Call) -> Response {
    run(shared, |world| {
        let person = caller(world, call, WRITE)?.person;
        only(call, &["hostEmail", "sendEmail"])?;
        let send_email = flag(call, "sendEmail", true)?;
        let person = acting(person, call.query.get("hostEmail"))?;
        let (meeting, occurrence) = find(world, call, &person)?;
        if let Some(occurrence) = occurrence {
            meeting.cancel(occurrence.original, send_email);
        } else {
            let id = meeting.id.clone();
            world.webex.meetings.retain(|meeting| meeting.id != id);
        }
        Ok(StatusCode::NO_CONTENT.into_response())
    })
}

/// Counts a request for a meeting and refuses it where there were too many.
fn count_creation(world: &mut World, person: &Person) -> Result<(), Refusal> {
    let now = world.now();
    let day = TimeDelta::hours(24);
    let times = world.webex.creations.entry(person.email.clone()).or_default();
    times.retain(|time| *time + day > now);
    if let (Some(first), true) = (times.first(), times.len() >= CREATIONS) {
        let wait = (*first + day - now).num_seconds() + 1;
        let message = "Too many requests have been sent: at most 100 meetings can be scheduled in 24 hours.";
        return Err(Refusal { retry_after: Some(wait), ..Refusal::new(StatusCode::TOO_MANY_REQUESTS, message) });
    }
    times.push(now);
    Ok(())
}

/// Whom a request is for: the caller, or somebody of their own domain.
pub(super) fn acting(person: Person, host: Option<&str>) -> Result<Person, Refusal> {
    let Some(host) = host else { return Ok(person) };
    Person::from_address(host).filter(|host| domain(host) == domain(&person)).ok_or_else(|| {
        Refusal::new(StatusCode::FORBIDDEN, "hostEmail: you may not act for this user, who is none of your sites'.")
    })
}

/// How the answer shows times: the header `timezone` says it.
pub(super) fn view(world: &World, call: &Call) -> Result<View, Refusal> {
    let zone = match call.header("timezone") {
        None => Tz::UTC,
        Some(name) => name.parse().map_err(|_| Refusal::invalid(vec!["timezone: the header is no zone".to_owned()]))?,
    };
    Ok(View { now: world.now(), zone })
}

/// Refuses parameters of the query that the vendor's document has not.
pub(super) fn only(call: &Call, known: &[&str]) -> Result<(), Refusal> {
    if let Err(repeated) = call.query.each_once() {
        return Err(Refusal::invalid(vec![format!("{}: is given more than once", repeated.0)]));
    }
    match call.query.pairs().find(|(name, _)| !known.contains(name)) {
        Some((name, _)) => Err(Refusal::invalid(vec![format!("{name}: is not known")])),
        None => Ok(()),
    }
}

/// A parameter of the query that is true or false.
pub(super) fn flag(call: &Call, name: &str, default: bool) -> Result<bool, Refusal> {
    match call.query.get(name) {
        None => Ok(default),
        Some("true") => Ok(true),
        Some("false") => Ok(false),
        Some(_) => Err(Refusal::invalid(vec![format!("{name}: must be true or false")])),
    }
}

/// The meeting that the path names, and the occurrence where it names one. Somebody else's looks like none.
fn find<'a>(
    world: &'a mut World,
    call: &Call,
    person: &Person,
) -> Result<(&'a mut Meeting, Option<Occurrence>), Refusal> {
    let id = call.path("id");
    let (series, suffix) = id.split_once('_').map_or((id, None), |(series, suffix)| (series, Some(suffix)));
    let meeting = world.webex.meetings.iter_mut().find(|meeting| meeting.id == series && meeting.host == *person);
    let meeting = meeting.ok_or_else(Refusal::no_such_meeting)?;
    let Some(suffix) = suffix else { return Ok((meeting, None)) };
    let occurrence = meeting.occurrence(suffix).ok_or_else(Refusal::no_such_meeting)?;
    Ok((meeting, Some(occurrence)))
}

/// The JSON object of a request with one of `types`.
fn body(call: &Call, types: &[&str]) -> Result<Map<String, Value>, Refusal> {
    let kind = call.header(header::CONTENT_TYPE.as_str()).and_then(|text| text.split(';').next()).unwrap_or_default();
    if !types.iter().any(|wanted| wanted.eq_ignore_ascii_case(kind.trim())) {
        let message = format!("Unsupported Media Type: send {}.", types.join(" or "));
        return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, message));
    }
    match serde_json::from_slice(&call.body) {
        Ok(Value::Object(object)) => Ok(object),
        _ => Err(Refusal::new(StatusCode::BAD_REQUEST, "The request body must be a JSON object.")),
    }
}
