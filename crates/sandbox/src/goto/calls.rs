//! GoToMeeting's API: the user, and create, read, update, delete, start and the two lists of meetings.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::draft::{check, read_time};
use super::meeting::{Meeting, key};
use super::{Refusal, answer, caller};
use crate::call::{BodyFault, Call};
use crate::page;
use crate::person::Person;
use crate::world::{Shared, World};

/// `GET /identity/v1/Users/me`: the person in the words of SCIM (RFC 7643 §4.1). The identity service refuses with an
/// empty body.
pub(super) fn me(shared: &Shared, call: &Call) -> Response {
    let Ok(person) = caller(&shared.world(), call) else {
        let mut response = StatusCode::UNAUTHORIZED.into_response();
        let challenge = HeaderValue::from_static("Bearer realm=\"identity\", error=\"invalid_token\"");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        return response;
    };
    let (first, last) = person.names();
    answer(Ok(axum::Json(json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "id": key(&person),
        "userName": person.email,
        "displayName": person.display_name(),
        "name": { "givenName": first, "familyName": last },
        "emails": [{ "value": person.email, "type": "work", "primary": true }],
        "locale": "en_US",
        "active": true,
    }))
    .into_response()))
}

/// `POST /meetings`: 201 with an array of one.
pub(super) fn create(shared: &Shared, call: &Call) -> Response {
    let mut guard = shared.world();
    let world = &mut *guard;
    answer((|| {
        let organizer = caller(world, call)?;
        if organizer.email.starts_with("free") {
            let text = "The account has no license to schedule meetings.";
            return Err(Refusal::new(StatusCode::FORBIDDEN, "LicenseRequired", text));
        }
        let draft = check(&body(call)?)?;
        // Above 2^31, and above 2^32.
        let id = world.random.number(5_000_000_000, 9_999_999_999);
        let meeting = Meeting { id, organizer, draft };
        let created = json!([meeting.created(&shared.setting.base_url)]);
        world.goto.meetings.insert(id, meeting);
        Ok((StatusCode::CREATED, axum::Json(created)).into_response())
    })())
}

/// `GET /meetings/{id}`: an array of one.
pub(super) fn read(shared: &Shared, call: &Call) -> Response {
    let mut world = shared.world();
    answer(owned(&mut world, call).map(|meeting| axum::Json(json!([meeting.full()])).into_response()))
}

/// `PUT /meetings/{id}`: all seven fields again; 204, empty.
pub(super) fn update(shared: &Shared, call: &Call) -> Response {
    let mut world = shared.world();
    answer(owned(&mut world, call).and_then(|meeting| {
        meeting.draft = check(&body(call)?)?;
        Ok(StatusCode::NO_CONTENT.into_response())
    }))
}

/// `DELETE /meetings/{id}`: 204, empty.
pub(super) fn delete(shared: &Shared, call: &Call) -> Response {
    let mut world = shared.world();
    let found = owned(&mut world, call).map(|meeting| meeting.id);
    answer(found.map(|id| {
        world.goto.meetings.remove(&id);
        StatusCode::NO_CONTENT.into_response()
    }))
}

/// `GET /meetings/{id}/start`: a link that makes whoever opens it the host.
pub(super) fn start(shared: &Shared, call: &Call) -> Response {
    let mut world = shared.world();
    let found = owned(&mut world, call).map(|meeting| meeting.id);
    answer(found.map(|id| {
        let token = world.random.text(64);
        let url = format!("{}/goto/host/{id}?authenticationToken={token}", shared.setting.base_url);
        axum::Json(json!({ "hostURL": url })).into_response()
    }))
}

/// `GET /upcomingMeetings`: what is not over, and the rooms that stay; without pages.
pub(super) fn upcoming(shared: &Shared, call: &Call) -> Response {
    let world = shared.world();
    let now = world.now();
    let list = |person| sorted(&world, &person, |meeting| !meeting.is_over(now), Meeting::upcoming);
    answer(caller(&world, call).map(list))
}

/// `GET /historicalMeetings?startDate&endDate`: what is over and began between the two.
pub(super) fn historical(shared: &Shared, call: &Call) -> Response {
    let world = shared.world();
    let now = world.now();
    let date = |name: &str| {
        let time = call.query.get(name).and_then(read_time);
        time.ok_or_else(|| Refusal::invalid(format!("{name} is required, in UTC, as 2015-07-01T22:00:00Z")))
    };
    answer(caller(&world, call).and_then(|person| {
        let (from, to): (DateTime<Utc>, DateTime<Utc>) = (date("startDate")?, date("endDate")?);
        if to < from {
            return Err(Refusal::invalid("endDate must not be before startDate"));
        }
        let wanted = |meeting: &Meeting| meeting.is_over(now) && (from..=to).contains(&meeting.draft.start);
        Ok(sorted(&world, &person, wanted, Meeting::historical))
    }))
}

/// A person's meetings that are wanted, the earliest first.
fn sorted(
    world: &World,
    person: &Person,
    wanted: impl Fn(&Meeting) -> bool,
    wire: impl Fn(&Meeting) -> Value,
) -> Response {
    let own = world.goto.meetings.values().filter(|meeting| meeting.organizer == *person);
    let mut all: Vec<&Meeting> = own.filter(|meeting| wanted(meeting)).collect();
    all.sort_by_key(|meeting| (meeting.draft.start, meeting.id));
    axum::Json(all.into_iter().map(wire).collect::<Value>()).into_response()
}

/// The caller's meeting that the path names. Somebody else's looks like none.
fn owned<'a>(world: &'a mut World, call: &Call) -> Result<&'a mut Meeting, Refusal> {
    let person = caller(world, call)?;
    let id = call.path("id").parse::<i64>().map_err(|_| Refusal::invalid("meetingId must be a number"))?;
    let found = world.goto.meetings.get_mut(&id).filter(|meeting| meeting.organizer == person);
    found.ok_or_else(Refusal::no_such_meeting)
}

fn body(call: &Call) -> Result<Map<String, Value>, Refusal> {
    call.object().map_err(|fault| match fault {
        BodyFault::ContentType => Refusal::invalid("Content-Type must be application/json"),
        BodyFault::NoObject => Refusal::invalid("The body must be a JSON object"),
    })
}

/// `GET /goto/join/{id}`: the page behind a link to join.
pub(super) fn join(shared: &Shared, call: &Call) -> Response {
    let known = call.path("id").parse().is_ok_and(|id| shared.world().goto.meetings.contains_key(&id));
    if known {
        page::notice(StatusCode::OK, "A meeting of GoToMeeting", "Here people would meet. This is the sandbox.")
    } else {
        page::notice(StatusCode::NOT_FOUND, "No such meeting", "It was deleted, or there never was one.")
    }
}
