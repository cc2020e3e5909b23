//! Microsoft Teams: the identity platform under `/teams/oauth2/v2.0` and Graph under `/graph/v1.0`.
//!
//! Peculiar to it: a refresh gives a new refresh token and leaves the old one good, nothing revokes, `offline_access`
//! must be asked for, and online meetings cannot be listed. Sources: Microsoft's identity platform and Graph pages.

mod calls;
pub(crate) mod claims;
mod draft;
mod meeting;
mod sign_in;
mod token;

use std::collections::BTreeMap;

use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use crate::call::{Call, Mount};
use crate::oauth::{Issued, TokenBook, TokenFault};
use crate::world::{Shared, World};
use meeting::OnlineMeeting;

/// The tenant that everybody belongs to.
const TENANT: &str = "0c2f6c1e-8d0b-4f57-9f0a-5a4d1b7e3c90";

/// What Microsoft remembers.
#[derive(Default)]
pub(crate) struct Store {
    /// Codes and tokens.
    pub(crate) book: TokenBook,
    meetings: BTreeMap<String, OnlineMeeting>,
    claims: claims::Claims,
}

impl Store {
    /// Every online meeting as Graph shows it to its organizer, the oldest first.
    pub(crate) fn meetings(&self) -> Vec<Value> {
        let mut all: Vec<&OnlineMeeting> = self.meetings.values().collect();
        all.sort_by_key(|meeting| (meeting.created, &meeting.id));
        all.into_iter().map(OnlineMeeting::wire).collect()
    }
}

/// Adds Microsoft's routes.
pub(crate) fn mount(mount: Mount) -> Mount {
    mount
        .on(&Method::GET, "/teams/oauth2/v2.0/authorize", |shared, call| {
            crate::authorize::show(shared, call, &sign_in::DESK)
        })
        .on(&Method::POST, "/teams/oauth2/v2.0/authorize", |shared, call| {
            crate::authorize::decided(shared, call, &sign_in::DESK)
        })
        .on(&Method::POST, "/teams/oauth2/v2.0/token", token::token)
        .on(&Method::GET, "/graph/v1.0/me", calls::me)
        .on(&Method::GET, "/graph/v1.0/me/onlineMeetings", calls::find)
        .on(&Method::POST, "/graph/v1.0/me/onlineMeetings", calls::create)
        .on(&Method::POST, "/graph/v1.0/me/onlineMeetings/createOrGet", calls::create_or_get)
        .on(&Method::GET, "/graph/v1.0/me/onlineMeetings/{id}", calls::read)
        .on(&Method::PATCH, "/graph/v1.0/me/onlineMeetings/{id}", calls::update)
        .on(&Method::DELETE, "/graph/v1.0/me/onlineMeetings/{id}", calls::delete)
}

/// A refusal in Graph's form (Graph `concepts/errors`).
struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: String,
    /// What a new sign-in must carry, in base64.
    claims: Option<String>,
}

impl Refusal {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), claims: None }
    }

    fn bad(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BadRequest", message)
    }

    fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "itemNotFound", "The meeting does not exist or you do not have access to it.")
    }
}

/// Runs a call over the locked world and puts Graph's headers and ids on its answer.
fn run(shared: &Shared, call: &Call, act: impl FnOnce(&mut World) -> Result<Response, Refusal>) -> Response {
    respond(shared, call.header("client-request-id"), act)
}

fn respond(
    shared: &Shared,
    client_id: Option<&str>,
    act: impl FnOnce(&mut World) -> Result<Response, Refusal>,
) -> Response {
    let mut world = shared.world();
    let outcome = act(&mut world);
    let request_id = world.random.guid();
    let client_id = client_id.unwrap_or(&request_id);
    let mut response = outcome.unwrap_or_else(|refusal| {
        let date = world.now().format("%Y-%m-%dT%H:%M:%S").to_string();
        let inner = json!({ "date": date, "request-id": request_id, "client-request-id": client_id });
        let body = json!({ "error": { "code": refusal.code, "message": refusal.message, "innerError": inner } });
        let mut response = (refusal.status, axum::Json(body)).into_response();
        if refusal.status == StatusCode::UNAUTHORIZED {
            let authorize = format!("{}/teams/oauth2/v2.0/authorize", shared.setting.base_url);
            if let Some(challenge) = claims::challenge(&authorize, refusal.claims.as_deref()) {
                response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
            }
        }
        response
    });
    for (name, id) in [("request-id", request_id.as_str()), ("client-request-id", client_id)] {
        if let Ok(value) = HeaderValue::from_str(id) {
            response.headers_mut().insert(name, value);
        }
    }
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Who calls, if their token is good and carries one of `scopes`.
fn caller(world: &World, call: &Call, scopes: &[&str]) -> Result<Issued, Refusal> {
    let unauthorized = |text: &str| Refusal::new(StatusCode::UNAUTHORIZED, "InvalidAuthenticationToken", text);
    let issued = world.teams.book.access(call.bearer(), world.now()).map_err(|fault| match fault {
        TokenFault::Missing => unauthorized("Access token is empty."),
        TokenFault::Dead => unauthorized("Access token validation failure. Invalid audience."),
        TokenFault::Expired => unauthorized("Lifetime validation failed, the token is expired."),
    })?;
    world.teams.claims.check(call.bearer().unwrap_or_default())?;
    if issued.covers(scopes) {
        return Ok(issued);
    }
    let text = format!("Missing scope permissions on the request. API requires one of '{}'.", scopes.join(", "));
    Err(Refusal::new(StatusCode::FORBIDDEN, "Forbidden", text))
}
