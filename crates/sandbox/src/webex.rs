//! Webex: `/webex/v1` holds both its authorization server and its meetings.
//!
//! Peculiar to Webex: a refresh answers with the same refresh token and starts its 90 days anew, every meeting is a
//! series whose occurrences have ids of their own, and what a list shows is a week unless it is told otherwise.
//! Sources: the vendor's API document of 2025, and its pages on integrations and on errors.

mod calls;
mod draft;
mod list;
mod meeting;
mod options;
mod rule;
mod sign_in;

use std::collections::HashMap;

use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::call::{Call, Mount};
use crate::oauth::{Issued, TokenBook};
use crate::person::Person;
use crate::random::{Random, guid};
use crate::world::World;
use meeting::Meeting;

/// What Webex remembers.
#[derive(Default)]
pub(crate) struct Store {
    /// Codes and tokens.
    pub(crate) book: TokenBook,
    meetings: Vec<Meeting>,
    /// When each address asked for a meeting in the last 24 hours, refused requests included.
    creations: HashMap<String, Vec<DateTime<Utc>>>,
}

impl Store {
    /// Every meeting as its host sees it, with the invitees and the last `sendEmail`, which no answer tells.
    pub(crate) fn meetings(&self, now: DateTime<Utc>) -> Vec<Value> {
        self.meetings.iter().map(|meeting| meeting.told(now)).collect()
    }
}

/// Adds Webex's routes.
pub(crate) fn mount(mount: Mount) -> Mount {
    mount
        .on(&Method::GET, "/webex/v1/authorize", |shared, call| crate::authorize::show(shared, call, &sign_in::DESK))
        .on(&Method::POST, "/webex/v1/authorize", |shared, call| {
            crate::authorize::decided(shared, call, &sign_in::DESK)
        })
        .on(&Method::POST, "/webex/v1/access_token", sign_in::token)
        .on(&Method::GET, "/webex/v1/people/me", calls::me)
        .on(&Method::GET, "/webex/v1/meetings", list::list)
        .on(&Method::POST, "/webex/v1/meetings", calls::create)
        .on(&Method::GET, "/webex/v1/meetings/{id}", calls::read)
        .on(&Method::PATCH, "/webex/v1/meetings/{id}", calls::update)
        .on(&Method::DELETE, "/webex/v1/meetings/{id}", calls::delete)
}

/// A refusal in Webex's form (developer.webex.com/docs/api/basics).
struct Refusal {
    status: StatusCode,
    message: String,
    errors: Vec<String>,
    retry_after: Option<i64>,
    /// The code of RFC 6749 §5.2, of the token endpoint's refusals.
    code: Option<&'static str>,
}

impl Refusal {
    fn new(status: StatusCode, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { status, errors: vec![message.clone()], message, retry_after: None, code: None }
    }

    fn invalid(errors: Vec<String>) -> Self {
        let message = "The input parameters contain invalid items.".to_owned();
        Self { status: StatusCode::BAD_REQUEST, message, errors, retry_after: None, code: None }
    }

    fn no_such_meeting() -> Self {
        Self::new(StatusCode::NOT_FOUND, "Could not find a meeting with the provided ID.")
    }
}

/// Makes the answer to a call; every one carries an id for the vendor's support.
fn answer(random: &mut Random, result: Result<Response, Refusal>) -> Response {
    let tracking = format!("ROUTER_{}", random.guid().to_ascii_uppercase());
    let mut response = result.unwrap_or_else(|refusal| {
        let errors: Vec<Value> = refusal.errors.iter().map(|text| json!({ "description": text })).collect();
        let mut body = json!({ "message": refusal.message, "errors": errors, "trackingId": tracking });
        if let Some(code) = refusal.code {
            body["error"] = json!(code);
            body["error_description"] = json!(refusal.message);
        }
        let mut response = (refusal.status, axum::Json(body)).into_response();
        if let Some(seconds) = refusal.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    });
    let headers = response.headers_mut();
    if let Ok(tracking) = HeaderValue::from_str(&tracking) {
        headers.insert("trackingid", tracking);
    }
    if headers.contains_key(header::CONTENT_TYPE) {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json;charset=UTF-8"));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Who calls, if their token is good and carries `scope`.
fn caller(world: &World, call: &Call, scope: &str) -> Result<Issued, Refusal> {
    let issued = world.webex.book.access(call.bearer(), world.now()).map_err(|_| {
        let message = "The request requires a valid access token set in the Authorization request header.";
        Refusal::new(StatusCode::UNAUTHORIZED, message)
    })?;
    if issued.covers(&[scope]) {
        return Ok(issued);
    }
    let message = "The server understood the request, but refused to fulfill it because the access token is missing \
        required scopes or the user is missing required roles or licenses.";
    Err(Refusal::new(StatusCode::FORBIDDEN, message))
}

/// A person's id, as `people/me` and every meeting have it.
fn person_id(person: &Person) -> String {
    STANDARD_NO_PAD.encode(format!("ciscospark://us/PEOPLE/{}", person.guid()))
}

fn domain(person: &Person) -> &str {
    person.email.split('@').next_back().unwrap_or_default()
}

/// The site that a person's meetings are on: their mail domain's.
fn site(person: &Person) -> String {
    format!("{}.webex.com", domain(person).split('.').next().unwrap_or_default())
}

/// The GUID of a person's organization: their mail domain's.
fn organization(person: &Person) -> String {
    guid(&Sha256::digest(format!("webex organization {}", domain(person))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_is_one_organization() {
        let person = |email: &str| Person::from_address(email).expect("an address");
        assert_eq!(organization(&person("ana@example.com")), organization(&person("ben@example.com")));
        assert_ne!(organization(&person("ana@example.com")), organization(&person("ana@example.org")));
        assert_ne!(person_id(&person("ana@example.com")), person_id(&person("ben@example.com")));
    }
}
