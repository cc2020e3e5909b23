//! Webex's authorization server: authorize and `access_token`. Nothing revokes.

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

use super::{Refusal, answer, organization};
use crate::authorize::{self, Callback, Desk};
use crate::call::{Call, Params};
use crate::oauth::{ClientFault, Issued, authenticate, seconds};
use crate::person::Person;
use crate::random::Random;
use crate::world::{Shared, World};

/// The scopes that the integration is registered with.
const SCOPES: [&str; 3] = ["meeting:schedules_read", "meeting:schedules_write", "spark:people_read"];

/// Seconds that an access token lives: 14 days. The answer says one less.
const ACCESS_LIFE: i64 = 1_209_600;
/// Seconds that a refresh token lives from its last use: 90 days. The answer says one less.
const REFRESH_LIFE: i64 = 7_776_000;

/// Webex's side of the authorize endpoint. A code lives ten minutes.
pub(super) const DESK: Desk = Desk {
    provider: "webex",
    title: "Webex",
    code_life: chrono::TimeDelta::minutes(10),
    unknown_client: "The requested client is unknown: invalid_client.",
    callback: Callback::Asked {
        legacy_path: "webexCallback",
        unknown: "The redirect_uri does not match a registered one: redirect_uri_mismatch.",
    },
    parameters: None,
    book: |world| &mut world.webex.book,
    code: |random| random.text(64),
    scopes,
    words,
    extra: |_| Vec::new(),
};

/// Webex wants the scopes named, of those that are registered, and no PKCE method but S256.
fn scopes(params: &Params) -> Result<Vec<String>, authorize::Refusal> {
    let refused = |error, description: &str| Err(authorize::Refusal { error, description: description.to_owned() });
    if params.get("code_challenge").is_some() && params.get("code_challenge_method") != Some("S256") {
        return refused("invalid_request", "code_challenge_method must be S256");
    }
    let asked: Vec<String> =
        params.get("scope").unwrap_or_default().split_ascii_whitespace().map(str::to_owned).collect();
    if asked.is_empty() {
        return refused("invalid_scope", "The scope parameter is required.");
    }
    match asked.iter().find(|scope| !SCOPES.contains(&scope.as_str())) {
        Some(_) => refused("invalid_scope", "The requested scope is invalid."),
        None => Ok(asked),
    }
}

fn words(scope: &str) -> Option<&'static str> {
    match scope {
        "meeting:schedules_read" => Some("See your meetings"),
        "meeting:schedules_write" => Some("Create, change and delete your meetings"),
        "spark:people_read" => Some("See your name and mail address"),
        _ => None,
    }
}

fn bad(code: &'static str, text: &str) -> Refusal {
    Refusal { code: Some(code), ..Refusal::new(StatusCode::BAD_REQUEST, text) }
}

/// `POST /access_token`: exchanges a code or a refresh token.
pub(super) fn token(shared: &Shared, call: &Call) -> Response {
    let mut guard = shared.world();
    let world = &mut *guard;
    let result = client_form(call).and_then(|form| match form.get("grant_type") {
        Some("authorization_code") => by_code(world, &form),
        Some("refresh_token") => by_refresh(world, &form),
        Some(_) => Err(bad("unsupported_grant_type", "The grant_type is not supported.")),
        None => Err(bad("invalid_request", "The grant_type is missing.")),
    });
    answer(&mut world.random, result)
}

/// The form of a request whose client is who it says.
fn client_form(call: &Call) -> Result<Params, Refusal> {
    let form = call.form().ok_or_else(|| bad("invalid_request", "Send application/x-www-form-urlencoded."))?;
    if let Err(repeated) = form.each_once() {
        return Err(bad("invalid_request", &format!("{} is given more than once.", repeated.0)));
    }
    match authenticate(call, &form, true) {
        Ok(()) => Ok(form),
        Err(ClientFault::Twice) => Err(bad("invalid_request", "Client authentication is given twice.")),
        Err(_) => Err(Refusal {
            status: StatusCode::UNAUTHORIZED,
            ..bad("invalid_client", "The client_id or client_secret is wrong.")
        }),
    }
}

fn by_code(world: &mut World, form: &Params) -> Result<Response, Refusal> {
    let now = world.now();
    let code = form.get("code").ok_or_else(|| bad("invalid_request", "The code is missing."))?;
    let redirect = form.get("redirect_uri");
    let (person, scopes) = world
        .webex
        .book
        .redeem(code, redirect, form.get("code_verifier"), now)
        .map_err(|_| bad("invalid_grant", "The code, its redirect_uri or its code_verifier is invalid."))?;
    let refresh = draw(&mut world.random, &person);
    Ok(issue(world, &person, &scopes, refresh))
}

/// The refresh token stays the same, and its 90 days begin anew.
fn by_refresh(world: &mut World, form: &Params) -> Result<Response, Refusal> {
    let now = world.now();
    let token = form.get("refresh_token").ok_or_else(|| bad("invalid_request", "The refresh_token is missing."))?;
    let issued =
        world.webex.book.refresh(Some(token), now).map_err(|_| {
            bad("invalid_grant", "The refresh token provided is expired, revoked, malformed, or invalid.")
        })?;
    Ok(issue(world, &issued.person, &issued.scopes, token.to_owned()))
}

/// A token in Webex's form, which ends in the organization.
fn draw(random: &mut Random, person: &Person) -> String {
    format!("{}_P0A1_{}", random.text(64), organization(person))
}

fn issue(world: &mut World, person: &Person, scopes: &[String], refresh: String) -> Response {
    let now = world.now();
    let access = draw(&mut world.random, person);
    let body = json!({
        "access_token": access,
        "expires_in": ACCESS_LIFE - 1,
        "refresh_token": refresh,
        "refresh_token_expires_in": REFRESH_LIFE - 1,
        "token_type": "Bearer",
        "scope": scopes.join(" "),
    });
    let issued = |life| Issued { person: person.clone(), scopes: scopes.to_vec(), expires: now + seconds(life) };
    world.webex.book.add_access(access, issued(ACCESS_LIFE));
    world.webex.book.add_refresh(refresh, issued(REFRESH_LIFE));
    axum::Json(body).into_response()
}
