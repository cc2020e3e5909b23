//! A Sametime server under `/sametime`: sessions with cookies and an `x-csrf-token`, and rooms in a catalogue.
//!
//! There is no OAuth. A room is a name and nothing more: no time, and the name is the id and the link. The vendor
//! documents no interface; what is here is what working clients do, and what those do not show is refused.

mod rooms;
mod session;

use axum::http::{Method, StatusCode};
use axum::response::Response;
use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::SametimeBase;
use crate::call::Mount;
use crate::page;
use rooms::Rooms;
use session::Sessions;

/// What the server remembers.
#[derive(Default)]
pub(crate) struct Store {
    sessions: Sessions,
    rooms: Rooms,
}

impl Store {
    /// Every room, as its owner's list shows it.
    pub(crate) fn meetings(&self) -> Vec<Value> {
        self.rooms.every()
    }

    /// How many access cookies were issued, and how many of them are good now.
    pub(crate) fn counts(&self, now: DateTime<Utc>) -> Value {
        self.sessions.counts(now)
    }
}

/// Adds the server's routes; `base` says which of the two paths of sessions are there.
pub(crate) fn mount(mount: Mount, base: SametimeBase) -> Mount {
    let mut mount = mount
        .on(&Method::GET, "/sametime/meeting-catalog/api/v1/meetings", rooms::list)
        .on(&Method::POST, "/sametime/meeting-catalog/api/v1/meetings", rooms::create)
        .on(&Method::PATCH, "/sametime/meeting-catalog/api/v1/meetings/{name}", rooms::update)
        .on(&Method::DELETE, "/sametime/meeting-catalog/api/v1/meetings/{name}", rooms::delete)
        .on(&Method::GET, "/sametime/meeting/{name}", |shared, call| -> Response {
            if shared.world().sametime.rooms.has(call.path("name")) {
                page::notice(StatusCode::OK, "Meeting room", "A Sametime server would open the room here.")
            } else {
                page::notice(StatusCode::NOT_FOUND, "No such room", "There is no meeting room of this name.")
            }
        });
    if base != SametimeBase::SametimeAuth {
        mount = mount.on(&Method::GET, "/sametime/meeting-auth/api/v1/refresh", session::refresh).on(
            &Method::POST,
            "/sametime/meeting-auth/api/v1/login",
            session::login,
        );
    }
    if base != SametimeBase::MeetingAuth {
        mount = mount.on(&Method::GET, "/sametime/sametime-auth/api/v1/refresh", session::refresh_with_user).on(
            &Method::POST,
            "/sametime/sametime-auth/api/v1/login",
            session::login,
        );
    }
    mount
}
