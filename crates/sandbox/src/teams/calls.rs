//! Graph's API: the user, and create, find, read, update and delete of online meetings.

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Map, Value, json};

use super::draft::{Change, Purpose, check};
use super::meeting::OnlineMeeting;
use super::{Refusal, caller, run};
use crate::call::{BodyFault, Call};
use crate::person::Person;
use crate::world::{Shared, World};

const READ: [&str; 2] = ["OnlineMeetings.Read", "OnlineMeetings.ReadWrite"];
const WRITE: [&str; 1] = ["OnlineMeetings.ReadWrite"];

/// `GET /me`.
pub(super) fn me(shared: &Shared, call: &Call) -> Response {
    run(shared, call, |world| {
        let person = caller(world, call, &["User.Read"])?.person;
        let (first, last) = person.names();
        Ok(axum::Json(json!({
            "@odata.context": context(shared, "users/$entity"),
            "id": person.guid(),
            "displayName": person.display_name(),
            "givenName": first,
            "surname": last,
            "userPrincipalName": person.email,
            "mail": person.email,
            "businessPhones": [],
            "jobTitle": null,
            "mobilePhone": null,
            "officeLocation": null,
            "preferredLanguage": null,
        }))
        .into_response())
    })
}

fn context(shared: &Shared, entity: &str) -> String {
    format!("{}/graph/v1.0/$metadata#{entity}", shared.setting.base_url)
}

/// One meeting, as an entity of the caller.
fn entity(shared: &Shared, meeting: &OnlineMeeting) -> axum::Json<Value> {
    let mut wire = meeting.wire();
    let user = meeting.organizer.guid();
    wire["@odata.context"] = json!(context(shared, &format!("users('{user}')/onlineMeetings/$entity")));
    axum::Json(wire)
}

/// `POST /me/onlineMeetings`: 201 with the meeting.
pub(super) fn create(shared: &Shared, call: &Call) -> Response {
    run(shared, call, |world| {
        let person = caller(world, call, &WRITE)?.person;
        let change = check(&body(call)?, Purpose::Create)?;
        Ok((StatusCode::CREATED, entity(shared, add(world, change, person))).into_response())
    })
}

fn add(world: &mut World, change: Change, person: Person) -> &OnlineMeeting {
    let now = world.now();
    let meeting = OnlineMeeting::create(change, person, now, &mut world.random);
    world.teams.meetings.entry(meeting.id.clone()).or_insert(meeting)
}

/// `POST /me/onlineMeetings/createOrGet`: 201 with a new meeting, 200 with the one that `externalId` names, unchanged,
/// however that was made.
pub(super) fn create_or_get(shared: &Shared, call: &Call) -> Response {
    run(shared, call, |world| {
        let person = caller(world, call, &WRITE)?.person;
        let change = check(&body(call)?, Purpose::CreateOrGet)?;
        if change.external_id.is_none() {
            return Err(Refusal::bad("The property 'externalId' is required."));
        }
        let same = |meeting: &&OnlineMeeting| meeting.organizer == person && meeting.external_id == change.external_id;
        let oldest = |meeting: &&OnlineMeeting| (meeting.created, meeting.id.clone());
        if let Some(meeting) = world.teams.meetings.values().filter(same).min_by_key(oldest) {
            return Ok(entity(shared, meeting).into_response());
        }
        let meeting = add(world, change, person);
        Ok((StatusCode::CREATED, entity(shared, meeting)).into_response())
    })
}

/// `GET /me/onlineMeetings?$filter=…`: by join link or join id. Without a filter there is no list.
pub(super) fn find(shared: &Shared, call: &Call) -> Response {
    run(shared, call, |world| {
        let person = caller(world, call, &READ)?.person;
        let filter = call.query.get("$filter").ok_or_else(|| Refusal::bad("Filter expression expected."))?;
        let (property, value) =
            equality(filter).ok_or_else(|| Refusal::bad("Invalid filter clause: expected PROPERTY eq 'VALUE'."))?;
        let property = property.to_ascii_lowercase();
        if !matches!(property.as_str(), "joinweburl" | "joinmeetingidsettings/joinmeetingid") {
            return Err(Refusal::bad("Filter by JoinWebUrl or joinMeetingIdSettings/joinMeetingId."));
        }
        // The link in the filter is encoded as answers give it; decoded, it names no meeting.
        let same = |meeting: &&OnlineMeeting| {
            meeting.organizer == person
                && if property == "joinweburl" { meeting.join_url == value } else { meeting.has_join_id(&value) }
        };
        let found: Vec<Value> = world.teams.meetings.values().filter(same).map(OnlineMeeting::wire).collect();
        let context = context(shared, &format!("users('{}')/onlineMeetings", person.guid()));
        Ok(axum::Json(json!({ "@odata.context": context, "value": found })).into_response())
    })
}

/// `PROPERTY eq 'VALUE'`, with a quote inside the value written twice (`OData`).
fn equality(filter: &str) -> Option<(&str, String)> {
    let (property, rest) = filter.trim().split_once(' ')?;
    let value = rest.trim_start().strip_prefix("eq ")?.trim();
    let inner = value.strip_prefix('\'')?.strip_suffix('\'')?;
    let single = inner.replace("''", "");
    (!single.contains('\'')).then(|| (property, inner.replace("''", "'")))
}

/// `GET /me/onlineMeetings/{id}`.
pub(super) fn read(shared: &Shared, call: &Call) -> Response {
    run(shared, call, |world| {
        let person = caller(world, call, &READ)?.person;
        Ok(entity(shared, owned(world, call, &person)?).into_response())
    })
}

/// `PATCH /me/onlineMeetings/{id}`: 200 with the meeting.
pub(super) fn update(shared: &Shared, call: &Call) -> Response {
    run(shared, call, |world| {
        let person = caller(world, call, &WRITE)?.person;
        let meeting = owned(world, call, &person)?;
        meeting.apply(check(&body(call)?, Purpose::Update)?);
        Ok(entity(shared, meeting).into_response())
    })
}

/// `DELETE /me/onlineMeetings/{id}`: 204, empty.
pub(super) fn delete(shared: &Shared, call: &Call) -> Response {
    run(shared, call, |world| {
        let person = caller(world, call, &WRITE)?.person;
        let id = owned(world, call, &person)?.id.clone();
        world.teams.meetings.remove(&id);
        Ok(StatusCode::NO_CONTENT.into_response())
    })
}

fn owned<'a>(world: &'a mut World, call: &Call, person: &Person) -> Result<&'a mut OnlineMeeting, Refusal> {
    let found = world.teams.meetings.get_mut(call.path("id"));
    found.filter(|meeting| meeting.organizer == *person).ok_or_else(Refusal::not_found)
}

fn body(call: &Call) -> Result<Map<String, Value>, Refusal> {
    call.object().map_err(|fault| match fault {
        BodyFault::ContentType => Refusal::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "UnsupportedMediaType",
            "The media type of the request is not supported: send application/json.",
        ),
        BodyFault::NoObject => Refusal::bad("Unable to read JSON request payload."),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_an_equality_and_nothing_else() {
        let read = equality("JoinWebUrl eq 'https://x/y''z'").expect("an equality");
        assert_eq!(read, ("JoinWebUrl", "https://x/y'z".to_owned()));
        for wrong in ["", "JoinWebUrl", "JoinWebUrl eq x", "JoinWebUrl ne 'x'", "JoinWebUrl eq 'x' or a eq 'b'"] {
            assert!(equality(wrong).is_none(), "{wrong}");
        }
    }
}
