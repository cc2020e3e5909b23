//! Zoom: its authorization server under `/zoom/oauth` and its meetings under `/zoom/v2`.
//!
//! Peculiar to Zoom: a refresh kills the refresh token it used, a new sign-in kills the person's earlier tokens, and
//! a missing scope is 400 with code 4711. Sources: the vendor's OAuth and API pages, and its API document of 2025-06.

mod calls;
mod draft;
mod meeting;
mod series;
mod sign_in;

use std::collections::{BTreeMap, HashMap};

use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::call::{Call, Mount};
use crate::oauth::{Issued, TokenBook, TokenFault};
use crate::random::Random;
use crate::world::World;
use meeting::Meeting;

/// What Zoom remembers.
#[derive(Default)]
pub(crate) struct Store {
    /// Codes and tokens.
    pub(crate) book: TokenBook,
    meetings: BTreeMap<i64, Meeting>,
    pages: HashMap<String, Page>,
}

/// Where a list goes on.
struct Page {
    offset: usize,
    expires: DateTime<Utc>,
}

impl Store {
    /// Every meeting as `GET /meetings/{id}` shows it to its host.
    pub(crate) fn meetings(&self) -> Vec<Value> {
        self.meetings.values().map(Meeting::full).collect()
    }
}

/// Adds Zoom's routes.
pub(crate) fn mount(mount: Mount) -> Mount {
    mount
        .on(&Method::GET, "/zoom/oauth/authorize", |shared, call| crate::authorize::show(shared, call, &sign_in::DESK))
        .on(&Method::POST, "/zoom/oauth/authorize", |shared, call| {
            crate::authorize::decided(shared, call, &sign_in::DESK)
        })
        .on(&Method::POST, "/zoom/oauth/token", sign_in::token)
        .on(&Method::POST, "/zoom/oauth/revoke", sign_in::revoke)
        .on(&Method::GET, "/zoom/v2/users/me", calls::me)
        .on(&Method::GET, "/zoom/v2/users/me/meetings", calls::list)
        .on(&Method::POST, "/zoom/v2/users/me/meetings", calls::create)
        .on(&Method::GET, "/zoom/v2/users/{user_id}", calls::not_me)
        .on(&Method::GET, "/zoom/v2/users/{user_id}/meetings", calls::not_me)
        .on(&Method::POST, "/zoom/v2/users/{user_id}/meetings", calls::not_me)
        .on(&Method::GET, "/zoom/v2/meetings/{id}", calls::read)
        .on(&Method::PATCH, "/zoom/v2/meetings/{id}", calls::update)
        .on(&Method::DELETE, "/zoom/v2/meetings/{id}", calls::delete)
}

/// A refusal in Zoom's form (developers.zoom.us/docs/api/errors).
struct Refusal {
    status: StatusCode,
    code: i64,
    message: String,
    fields: Vec<FieldIssue>,
}

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq)]
struct FieldIssue {
    field: String,
    message: String,
}

impl FieldIssue {
    fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: field.into(), message: message.into() }
    }
}

impl Refusal {
    fn new(status: StatusCode, code: i64, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), fields: Vec::new() }
    }

    fn invalid(fields: Vec<FieldIssue>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, code: 300, message: "Validation Failed.".to_owned(), fields }
    }

    fn no_such_meeting(id: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, 3001, format!("Meeting does not exist: {id}."))
    }
}

/// Makes the answer to an API call; every one carries an id for the vendor's support.
fn answer(random: &mut Random, result: Result<Response, Refusal>) -> Response {
    let mut response = result.unwrap_or_else(|refusal| {
        let mut body = json!({ "code": refusal.code, "message": refusal.message });
        if !refusal.fields.is_empty() {
            let issue = |issue: &FieldIssue| json!({ "field": issue.field, "message": issue.message });
            body["errors"] = refusal.fields.iter().map(issue).collect();
        }
        (refusal.status, axum::Json(body)).into_response()
    });
    let id = random.token("v=2.0;clid=us05;rid=WEB_", 56);
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert("x-zm-trackingid", id);
    }
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Who calls, if their token is good and carries one of `scopes`; the first of these is the one that is named.
fn caller(world: &World, call: &Call, scopes: &[&str]) -> Result<Issued, Refusal> {
    let unauthorized = |message: &str| Refusal::new(StatusCode::UNAUTHORIZED, 124, message);
    let issued = world.zoom.book.access(call.bearer(), world.now()).map_err(|fault| match fault {
        TokenFault::Expired => unauthorized("Access token is expired."),
        TokenFault::Missing | TokenFault::Dead => unauthorized("Invalid access token."),
    })?;
    if issued.covers(scopes) {
        return Ok(issued);
    }
    let named = scopes.first().copied().unwrap_or_default();
    let message = format!("Invalid access token, does not contain scopes:[{named}].");
    Err(Refusal::new(StatusCode::BAD_REQUEST, 4711, message))
}
