//! GoToMeeting: its authorization server under `/goto/oauth`, who somebody is under `/goto/identity/v1`, and meetings
//! under `/goto/G2M/rest`.
//!
//! Peculiar to it: a refresh answers without a refresh token and leaves the old one good, a token that is not good is a
//! 403 with a word, one meeting comes as an array of one, and only the answer to a create holds the link to join.
//! Sources: the vendor's REST document v1, and its pages on OAuth and on the identity service.

mod calls;
mod draft;
mod meeting;
mod sign_in;

use std::collections::BTreeMap;

use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use crate::call::{Call, Mount};
use crate::oauth::TokenBook;
use crate::person::Person;
use crate::world::World;
use meeting::Meeting;

/// What GoToMeeting remembers.
#[derive(Default)]
pub(crate) struct Store {
    /// Codes and tokens.
    pub(crate) book: TokenBook,
    meetings: BTreeMap<i64, Meeting>,
}

impl Store {
    /// Every meeting as `GET /meetings/{id}` shows it to its organizer, and with its organizer's address.
    pub(crate) fn meetings(&self) -> Vec<Value> {
        self.meetings.values().map(Meeting::told).collect()
    }
}

/// Adds GoToMeeting's routes.
pub(crate) fn mount(mount: Mount) -> Mount {
    mount
        .on(&Method::GET, "/goto/oauth/authorize", |shared, call| crate::authorize::show(shared, call, &sign_in::DESK))
        .on(&Method::POST, "/goto/oauth/authorize", |shared, call| {
            crate::authorize::decided(shared, call, &sign_in::DESK)
        })
        .on(&Method::POST, "/goto/oauth/token", sign_in::token)
        .on(&Method::POST, "/goto/oauth/revoke", sign_in::revoke)
        .on(&Method::GET, "/goto/identity/v1/Users/me", calls::me)
        .on(&Method::POST, "/goto/G2M/rest/meetings", calls::create)
        .on(&Method::GET, "/goto/G2M/rest/meetings/{id}", calls::read)
        .on(&Method::PUT, "/goto/G2M/rest/meetings/{id}", calls::update)
        .on(&Method::DELETE, "/goto/G2M/rest/meetings/{id}", calls::delete)
        .on(&Method::GET, "/goto/G2M/rest/meetings/{id}/start", calls::start)
        .on(&Method::GET, "/goto/G2M/rest/upcomingMeetings", calls::upcoming)
        .on(&Method::GET, "/goto/G2M/rest/historicalMeetings", calls::historical)
        .on(&Method::GET, "/goto/join/{id}", calls::join)
}

/// A refusal in the gateway's form.
#[derive(Debug)]
struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: String,
}

impl Refusal {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "InvalidRequest", message)
    }

    fn no_such_meeting() -> Self {
        Self::new(StatusCode::NOT_FOUND, "MeetingNotFound", "The meeting does not exist.")
    }
}

/// Makes the answer to an API call.
fn answer(result: Result<Response, Refusal>) -> Response {
    let mut response = result.unwrap_or_else(|refusal| {
        let body = json!({ "int_err_code": refusal.code, "msg": refusal.message });
        (refusal.status, axum::Json(body)).into_response()
    });
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Who calls, if their token is good: there is one scope, and every token has it.
fn caller(world: &World, call: &Call) -> Result<Person, Refusal> {
    let issued = world.goto.book.access(call.bearer(), world.now());
    issued
        .map(|issued| issued.person)
        .map_err(|_| Refusal::new(StatusCode::FORBIDDEN, "InvalidToken", "Invalid token passed"))
}
