//! Zoom's API: the user, and create, read, list, update and delete of meetings.

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use super::draft::{Change, Kept};
use super::meeting::{Kind, Meeting};
use super::{FieldIssue, Page, Refusal, answer, caller, draft};
use crate::call::{BodyFault, Call};
use crate::person::Person;
use crate::world::{Shared, World};

type Outcome = Result<Response, Refusal>;

/// Runs a call over the locked world and puts Zoom's headers on its answer.
fn run(shared: &Shared, act: impl FnOnce(&mut World) -> Outcome) -> Response {
    let mut world = shared.world();
    let outcome = act(&mut world);
    answer(&mut world.random, outcome)
}

/// `GET /users/me`.
pub(super) fn me(shared: &Shared, call: &Call) -> Response {
    run(shared, |world| {
        let person = caller(world, call, &["user:read:user"])?.person;
        let (first, last) = person.names();
        Ok(axum::Json(json!({
            "id": person.short_id(),
            "first_name": first,
            "last_name": last,
            "display_name": person.display_name(),
            "email": person.email,
            "type": 2,
            "role_name": "Member",
            "pmi": 7_000_000_001_i64,
            "use_pmi": false,
            "timezone": "UTC",
            "verified": 1,
            "dept": "",
            "created_at": "2026-01-01T00:00:00Z",
            "account_id": "c2FuZGJveC1hY2NvdW50Xw",
            "language": "en-US",
            "status": "active",
        }))
        .into_response())
    })
}

/// A user's id in place of `me`: refused with a user's token.
pub(super) fn not_me(shared: &Shared, call: &Call) -> Response {
    run(shared, |_| {
        let message = format!("Invalid access token, cannot act for user {}: use me.", call.path("user_id"));
        Err(Refusal::new(StatusCode::BAD_REQUEST, 4700, message))
    })
}

/// `POST /users/me/meetings`: 201 with the meeting.
pub(super) fn create(shared: &Shared, call: &Call) -> Response {
    run(shared, |world| {
        let person = caller(world, call, &["meeting:write:meeting", "meeting:write"])?.person;
        let now = world.now();
        let change = draft::check(&body(call)?, Kept::NOTHING, now).map_err(Refusal::invalid)?;
        let host = host_for(&change, &person)?;
        let meeting = Meeting::create(change, person, host, now, &mut world.random);
        let full = meeting.full();
        world.zoom.meetings.insert(meeting.id, meeting);
        Ok((StatusCode::CREATED, axum::Json(full)).into_response())
    })
}

/// `GET /meetings/{id}`.
pub(super) fn read(shared: &Shared, call: &Call) -> Response {
    run(shared, |world| {
        let person = caller(world, call, &["meeting:read:meeting", "meeting:read"])?.person;
        Ok(axum::Json(owned(world, call, &person)?.full()).into_response())
    })
}

/// `PATCH /meetings/{id}`: 204, empty. With `occurrence_id` only that date's time and length.
pub(super) fn update(shared: &Shared, call: &Call) -> Response {
    run(shared, |world| {
        let person = caller(world, call, &["meeting:update:meeting", "meeting:write"])?.person;
        let now = world.now();
        let meeting = owned(world, call, &person)?;
        let kept = Kept { zone: meeting.zone, start: meeting.start, kind: Some(meeting.kind) };
        let mut fields = body(call)?;
        // A recurring meeting that stays one need not repeat its rule.
        let keeps_rule = meeting.recurrence.is_some();
        if keeps_rule && !fields.contains_key("recurrence") && fields.get("type") == Some(&json!(8)) {
            fields.remove("type");
        }
        let change = draft::check(&fields, kept, now).map_err(Refusal::invalid)?;
        let host = host_for(&change, &person)?;
        let Some(id) = call.query.get("occurrence_id") else {
            meeting.host = host.unwrap_or_else(|| meeting.host.clone());
            meeting.apply(change);
            return Ok(StatusCode::NO_CONTENT.into_response());
        };
        let occurrence = meeting.occurrences.iter_mut().find(|occurrence| occurrence.id() == id && !occurrence.deleted);
        let occurrence = occurrence.ok_or_else(|| Refusal::no_such_meeting(id))?;
        occurrence.start = change.start.unwrap_or(occurrence.start);
        occurrence.duration = change.duration.unwrap_or(occurrence.duration);
        Ok(StatusCode::NO_CONTENT.into_response())
    })
}

/// `DELETE /meetings/{id}`: 204, empty. With `occurrence_id` only that date.
pub(super) fn delete(shared: &Shared, call: &Call) -> Response {
    run(shared, |world| {
        let person = caller(world, call, &["meeting:delete:meeting", "meeting:write"])?.person;
        let meeting = owned(world, call, &person)?;
        if let Some(id) = call.query.get("occurrence_id") {
            let mut all = meeting.occurrences.iter_mut();
            let occurrence = all.find(|occurrence| occurrence.id() == id && !occurrence.deleted);
            occurrence.ok_or_else(|| Refusal::no_such_meeting(id))?.deleted = true;
        } else {
            let id = meeting.id;
            world.zoom.meetings.remove(&id);
        }
        Ok(StatusCode::NO_CONTENT.into_response())
    })
}

/// Whom a meeting is scheduled for, where somebody is named: anybody of the caller's own mail domain.
fn host_for(change: &Change, caller: &Person) -> Result<Option<Person>, Refusal> {
    let Some(address) = &change.schedule_for else { return Ok(None) };
    let domain = |email: &str| email.split_once('@').map(|(_, domain)| domain.to_owned());
    let host = Person::from_address(address).filter(|host| domain(&host.email) == domain(&caller.email));
    host.map(Some).ok_or_else(|| {
        let message = format!("You cannot schedule a meeting for {}", address.escape_debug());
        Refusal::new(StatusCode::BAD_REQUEST, 3000, message)
    })
}

fn owned<'a>(world: &'a mut World, call: &Call, person: &Person) -> Result<&'a mut Meeting, Refusal> {
    let text = call.path("id");
    let Ok(id) = text.parse::<i64>() else {
        return Err(Refusal::invalid(vec![FieldIssue::new("meetingId", "Invalid meeting id.")]));
    };
    // Somebody else's meeting looks like none.
    let found = world.zoom.meetings.get_mut(&id).filter(|meeting| meeting.is_of(person));
    found.ok_or_else(|| Refusal::no_such_meeting(text))
}

fn body(call: &Call) -> Result<Map<String, Value>, Refusal> {
    call.object().map_err(|fault| {
        let text = match fault {
            BodyFault::ContentType => "Unsupported Content Type.",
            BodyFault::NoObject => "Request Body should be a valid JSON object.",
        };
        Refusal::new(StatusCode::BAD_REQUEST, 300, text)
    })
}

/// `GET /users/me/meetings`: a page, and the token of the next one; an empty token ends the list.
pub(super) fn list(shared: &Shared, call: &Call) -> Response {
    run(shared, |world| {
        let person = caller(world, call, &["meeting:read:list_meetings", "meeting:read"])?.person;
        let now = world.now();
        let wanted = Wanted::read(call, now)?;
        let offset = match call.query.get("next_page_token") {
            None => 0,
            // A token is good once, for 15 minutes.
            Some(token) => match world.zoom.pages.remove(token).filter(|page| now < page.expires) {
                Some(page) => page.offset,
                None => return Err(invalid("next_page_token", "The next page token is invalid or expired.")),
            },
        };
        let mut all: Vec<&Meeting> =
            world.zoom.meetings.values().filter(|meeting| meeting.is_of(&person) && wanted.has(meeting, now)).collect();
        all.sort_by_key(|meeting| (meeting.start, meeting.id));
        let total = all.len();
        let items: Vec<Value> = all.iter().skip(offset).take(wanted.page_size).map(|meeting| meeting.item()).collect();
        let end = offset + items.len();
        let next = if end < total { world.random.text(35) } else { String::new() };
        if !next.is_empty() {
            world.zoom.pages.insert(next.clone(), Page { offset: end, expires: now + TimeDelta::minutes(15) });
        }
        Ok(axum::Json(json!({
            "page_count": total.div_ceil(wanted.page_size),
            "page_number": offset / wanted.page_size + 1,
            "page_size": wanted.page_size,
            "total_records": total,
            "next_page_token": next,
            "meetings": items,
        }))
        .into_response())
    })
}

fn invalid(field: &str, message: &str) -> Refusal {
    Refusal::invalid(vec![FieldIssue::new(field, message)])
}

/// Which meetings a list shows.
struct Wanted {
    kind: String,
    page_size: usize,
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
}

impl Wanted {
    fn read(call: &Call, now: DateTime<Utc>) -> Result<Self, Refusal> {
        let kind = call.query.get("type").unwrap_or("scheduled").to_owned();
        if !["scheduled", "live", "upcoming", "upcoming_meetings", "previous_meetings"].contains(&kind.as_str()) {
            return Err(invalid("type", "Invalid field."));
        }
        let page_size = call.query.get("page_size").unwrap_or("30").parse().ok();
        let page_size = page_size.filter(|size| (1..=300).contains(size));
        let page_size = page_size.ok_or_else(|| invalid("page_size", "Invalid field."))?;
        let date = |name: &str| match call.query.get(name) {
            None => Ok(None),
            Some(text) => text.parse::<NaiveDate>().map(Some).map_err(|_| invalid(name, "Invalid field.")),
        };
        let (mut from, to) = (date("from")?, date("to")?);
        if kind != "scheduled" {
            // The kinds that look back and ahead reach six months.
            from = from.or(Some((now - TimeDelta::days(183)).date_naive()));
        }
        Ok(Self { kind, page_size, from, to })
    }

    fn has(&self, meeting: &Meeting, now: DateTime<Utc>) -> bool {
        // Instant meetings are not listed: only what was scheduled.
        if meeting.kind == Kind::Instant {
            return false;
        }
        let over = meeting.ends().is_some_and(|end| end <= now);
        // A meeting's id dies 30 days after its last use.
        let expired = meeting.ends().is_some_and(|end| end + TimeDelta::days(30) <= now);
        let kind = match self.kind.as_str() {
            "scheduled" => !expired,
            "upcoming" | "upcoming_meetings" => !over,
            "previous_meetings" => over,
            _ => false,
        };
        let day = meeting.start.map(|start| start.date_naive());
        kind && day.is_none_or(|day| self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to))
    }
}
