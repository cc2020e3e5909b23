//! The catalogue of rooms: names that are unique on the server.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use super::session::Refused;
use crate::call::{BodyFault, Call};
use crate::person::Person;
use crate::world::{Shared, World};

/// What may not stand in a name, because it is a part of the link.
const FORBIDDEN: &str = "?&*:'%#!@$^+=/\\;,.<>()[] ";

/// The longest name.
const LONGEST: usize = 200;

/// A room.
#[derive(Clone)]
struct Room {
    name: String,
    owner: Person,
    moderators: Vec<String>,
    guests: bool,
    mode: String,
    password: String,
    /// Milliseconds since 1970.
    created: i64,
    /// Milliseconds since 1970.
    updated: i64,
}

/// All rooms, by name.
#[derive(Default)]
pub(super) struct Rooms(BTreeMap<String, Room>);

impl Rooms {
    /// Whether there is a room of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Every room as its owner sees it.
    pub(super) fn every(&self) -> Vec<Value> {
        self.0.values().map(|room| room.item(&room.owner)).collect()
    }
}

impl Room {
    fn item(&self, viewer: &Person) -> Value {
        json!({
            "name": self.name,
            "moderators": self.moderators,
            "participants": [],
            "mode": self.mode,
            "allowDialIn": false,
            "allowGuestUser": self.guests,
            "style": "",
            "isRestricted": false,
            "hasLobby": false,
            "allowLobbyBypass": false,
            "owner": self.owner.email,
            "shareRecordings": false,
            "hasPassword": !self.password.is_empty(),
            "createdAt": self.created,
            "updatedAt": self.updated,
            "isOwner": self.owner == *viewer,
            "isInstant": false,
        })
    }

    /// The answer to create and update: the entry of the list and the password.
    fn made(&self, viewer: &Person) -> Response {
        let mut made = self.item(viewer);
        made["password"] = json!(self.password);
        axum::Json(made).into_response()
    }
}

/// What a create or an update says; both say all of it.
struct Draft {
    name: String,
    moderators: Vec<String>,
    guests: bool,
    mode: String,
}

fn draft(call: &Call) -> Result<Draft, Refused> {
    let bad = |message: &str| Refused::because(StatusCode::BAD_REQUEST, message);
    let body = call.object().map_err(|fault| match fault {
        BodyFault::ContentType => Refused::because(StatusCode::UNSUPPORTED_MEDIA_TYPE, "send application/json"),
        BodyFault::NoObject => bad("the body is no JSON object"),
    })?;
    let meeting = body.get("meeting").and_then(Value::as_object).filter(|_| body.len() == 1);
    let meeting = meeting.ok_or_else(|| bad("the body holds one object, meeting"))?;
    let known = ["name", "moderators", "allowGuestUser", "mode"];
    if let Some(name) = meeting.keys().find(|name| !known.contains(&name.as_str())) {
        return Err(bad(&format!("meeting.{name} is not known")));
    }
    let name = meeting.get("name").and_then(Value::as_str).unwrap_or_default();
    if name.is_empty()
        || name.chars().count() > LONGEST
        || name.contains(|c: char| FORBIDDEN.contains(c) || c.is_control())
    {
        return Err(bad("meeting.name is empty, too long or holds a forbidden character"));
    }
    let moderators: Option<Vec<String>> = meeting
        .get("moderators")
        .and_then(Value::as_array)
        .and_then(|list| list.iter().map(|entry| entry.as_str().map(str::to_owned)).collect());
    let moderators = moderators.filter(|list| list.iter().all(|address| address.contains('@')));
    let guests = match meeting.get("allowGuestUser").and_then(Value::as_str) {
        Some("true") => true,
        Some("false") => false,
        // A JSON boolean is not what clients send.
        _ => return Err(bad("meeting.allowGuestUser is the text true or false")),
    };
    Ok(Draft {
        name: name.to_owned(),
        moderators: moderators.ok_or_else(|| bad("meeting.moderators is a list of mail addresses"))?,
        guests,
        mode: match meeting.get("mode").and_then(Value::as_str) {
            Some("Open") => "Open".to_owned(),
            _ => return Err(bad("meeting.mode is Open")),
        },
    })
}

/// Runs a call for a person with a session.
fn run(shared: &Shared, call: &Call, act: impl FnOnce(&mut World, Person) -> Result<Response, Refused>) -> Response {
    let mut guard = shared.world();
    let world = &mut *guard;
    let now = world.now();
    match world.sametime.sessions.caller(call, now) {
        Ok(person) => act(world, person).unwrap_or_else(Refused::into_response),
        Err(refused) => refused.into_response(),
    }
}

/// `GET meetings`: those that the caller owns or moderates, without pages.
pub(super) fn list(shared: &Shared, call: &Call) -> Response {
    run(shared, call, |world, person| {
        let own = |room: &&Room| room.owner == person || room.moderators.contains(&person.email);
        let rooms: Vec<Value> = world.sametime.rooms.0.values().filter(own).map(|room| room.item(&person)).collect();
        Ok(axum::Json(rooms).into_response())
    })
}

/// `POST meetings`: 200 with the room, 409 where the name is taken.
pub(super) fn create(shared: &Shared, call: &Call) -> Response {
    run(shared, call, |world, person| {
        let draft = draft(call)?;
        free(world, &draft.name)?;
        let now = world.now().timestamp_millis();
        let room = Room {
            name: draft.name,
            owner: person.clone(),
            moderators: draft.moderators,
            guests: draft.guests,
            mode: draft.mode,
            password: world.random.out_of(b"abcdefghijkmnpqrstuvwxyz23456789", 10),
            created: now,
            updated: now,
        };
        let made = room.made(&person);
        world.sametime.rooms.0.insert(room.name.clone(), room);
        Ok(made)
    })
}

/// `PATCH meetings/{name}`: 200 with the room. Another name is another id and another link.
pub(super) fn update(shared: &Shared, call: &Call) -> Response {
    run(shared, call, |world, person| {
        let mut room = owned(world, call, &person)?;
        let draft = draft(call)?;
        if draft.name != room.name {
            free(world, &draft.name)?;
        }
        world.sametime.rooms.0.remove(&room.name);
        room.name = draft.name;
        room.moderators = draft.moderators;
        room.guests = draft.guests;
        room.mode = draft.mode;
        room.updated = world.now().timestamp_millis();
        let made = room.made(&person);
        world.sametime.rooms.0.insert(room.name.clone(), room);
        Ok(made)
    })
}

/// `DELETE meetings/{name}`: 200.
pub(super) fn delete(shared: &Shared, call: &Call) -> Response {
    run(shared, call, |world, person| {
        let room = owned(world, call, &person)?;
        world.sametime.rooms.0.remove(&room.name);
        Ok(axum::Json(json!({})).into_response())
    })
}

fn free(world: &World, name: &str) -> Result<(), Refused> {
    if world.sametime.rooms.has(name) {
        return Err(Refused::because(StatusCode::CONFLICT, "a meeting of this name exists"));
    }
    Ok(())
}

fn owned(world: &World, call: &Call, person: &Person) -> Result<Room, Refused> {
    let room = world.sametime.rooms.0.get(call.path("name"));
    let room = room.ok_or_else(|| Refused::because(StatusCode::NOT_FOUND, "no meeting of this name"))?;
    if room.owner != *person {
        return Err(Refused::because(StatusCode::FORBIDDEN, "only the owner may change this meeting"));
    }
    Ok(room.clone())
}
