//! DOAP, Domino's OAuth provider: authorize and token. Nothing revokes, and there is no PKCE.
//!
//! Stricter than RFC 6749 §3.1 and §3.2, by which a server ignores what it does not know: a parameter that DOAP does not
//! have, `redirect_uri` and `code_challenge` among them, is refused, so that a test notices who sends one.
//!
//! The vendor says neither how long codes and tokens live ("within the due date") nor what they look like; the numbers
//! here are the sandbox's own. A refresh has "the same contents", and nothing says that it replaces the refresh token:
//! it answers with the one that it was asked with.

use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};
use serde_json::json;

use super::callback;
use crate::authorize::{self, Callback, Desk};
use crate::call::{Call, Params};
use crate::oauth::{ClientFault, CodeFault, Issued, TokenFault, authenticate, seconds};
use crate::person::Person;
use crate::world::{Shared, World};

/// The one scope there is.
const SCOPE: &str = "domino";
/// Seconds that an access token lives. No answer says so.
const ACCESS_LIFE: i64 = 3600;
/// Days that a refresh token lives from the sign-in; a refresh adds none.
const REFRESH_DAYS: i64 = 30;

/// DOAP's side of the authorize endpoint. A code lives one minute.
pub(super) const DESK: Desk = Desk {
    provider: "domino",
    title: "Domino",
    callback: Callback::Registered(callback::registered),
    parameters: Some(&["response_type", "client_id", "scope", "state"]),
    code_life: chrono::TimeDelta::minutes(1),
    unknown_client: "There is no OAuth Client document with this Client ID.",
    book: |world| &mut world.domino.book,
    code: |random| random.text(43),
    scopes,
    words: |scope| (scope == SCOPE).then_some("Act for you on this Domino server"),
    extra: |_| Vec::new(),
};

/// The scope must be named, and be exactly the one.
fn scopes(params: &Params) -> Result<Vec<String>, authorize::Refusal> {
    match params.get("scope") {
        Some(SCOPE) => Ok(vec![SCOPE.to_owned()]),
        Some(_) => Err(authorize::Refusal { error: "invalid_scope", description: "scope must be domino".to_owned() }),
        None => Err(authorize::Refusal { error: "invalid_request", description: "scope is missing".to_owned() }),
    }
}

/// What Domino says to credentials in the header that are none of its people's: its own sign-in, in place of the page.
/// 401 as with `DOMINO_FORCE401_WITH_HTML_LOGIN_PAGE=1`; reason 3 stands for a wrong name or password.
const LOGIN_PAGE: &str = "<!doctype html><html lang=\"en\"><head><title>Server Login</title></head><body>\
    <h1>Server Login</h1><p>You provided an invalid username or password. Please sign in.</p>\
    <form method=\"post\" action=\"/domino/names.nsf?Login\"><label>User name <input name=\"Username\"></label>\
    <label>Password <input type=\"password\" name=\"Password\"></label><input type=\"hidden\" name=\"reasonType\" \
    value=\"3\"><input type=\"submit\" value=\"Sign In\"></form></body></html>";

/// An error of the token endpoint: its code (RFC 6749 §5.2), and words. The status is 400 for each: 401 is Domino's.
struct Refused(&'static str, String);

fn refused(error: &'static str, description: impl Into<String>) -> Refused {
    Refused(error, description.into())
}

impl Refused {
    fn answer(self) -> Response {
        let body = json!({ "error": self.0, "error_description": self.1 });
        (StatusCode::BAD_REQUEST, [(header::CACHE_CONTROL, "no-store")], axum::Json(body)).into_response()
    }
}

/// `POST /domino/doap/token`: exchanges a code or a refresh token.
pub(super) fn token(shared: &Shared, call: &Call) -> Response {
    if signs_in_to_domino(call) {
        return (StatusCode::UNAUTHORIZED, [(header::CACHE_CONTROL, "no-store")], Html(LOGIN_PAGE)).into_response();
    }
    let mut world = shared.world();
    let result = client_form(call).and_then(|form| match form.get("grant_type") {
        Some("authorization_code") => by_code(&mut world, &form),
        Some("refresh_token") => by_refresh(&mut world, &form),
        Some(_) => Err(refused("unsupported_grant_type", "grant_type must be authorization_code or refresh_token")),
        None => Err(refused("invalid_request", "grant_type is missing")),
    });
    result.unwrap_or_else(Refused::answer)
}

/// Whether the request carries `Authorization: Basic`, which the server reads before DOAP sees the request.
fn signs_in_to_domino(call: &Call) -> bool {
    let scheme = call.header(header::AUTHORIZATION.as_str()).and_then(|value| value.split_ascii_whitespace().next());
    scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("basic"))
}

/// The form of a request whose client is who it says, by fields of the form (RFC 6749 §2.3.1: never of the address).
fn client_form(call: &Call) -> Result<Params, Refused> {
    let form = call.form().ok_or_else(|| refused("invalid_request", "The content type must be a form"))?;
    if call.query.pairs().next().is_some() {
        return Err(refused("invalid_request", "Parameters belong in the body"));
    }
    if let Err(repeated) = form.each_once() {
        return Err(refused("invalid_request", format!("{} is given more than once", repeated.0)));
    }
    authenticate(call, &form, true).map_err(|fault| match fault {
        ClientFault::Missing | ClientFault::Twice => {
            refused("invalid_client", "client_id and client_secret must be in the body")
        }
        ClientFault::UnknownId | ClientFault::WrongSecret => {
            refused("invalid_client", "client_id or client_secret is wrong")
        }
    })?;
    Ok(form)
}

/// The value that a grant is asked with; every other field must be one of the client's.
fn asked_with<'form>(form: &'form Params, field: &'static str) -> Result<&'form str, Refused> {
    if let Some(unknown) = form.beside(&[&["grant_type", "client_id", "client_secret", field]]) {
        return Err(refused("invalid_request", format!("This grant has no parameter {unknown}")));
    }
    form.get(field).ok_or_else(|| refused("invalid_request", format!("{field} is missing")))
}

fn by_code(world: &mut World, form: &Params) -> Result<Response, Refused> {
    let now = world.now();
    let code = asked_with(form, "code")?;
    let (person, scopes) = world.domino.book.redeem(code, None, None, now).map_err(|fault| match fault {
        CodeFault::Expired => refused("invalid_grant", "The code has expired"),
        _ => refused("invalid_grant", "The code is not valid"),
    })?;
    let refresh = world.random.text(128);
    let expires = now + chrono::TimeDelta::days(REFRESH_DAYS);
    let issued = Issued { person: person.clone(), scopes: scopes.clone(), expires };
    world.domino.book.add_refresh(refresh.clone(), issued);
    Ok(issue(world, person, scopes, &refresh))
}

fn by_refresh(world: &mut World, form: &Params) -> Result<Response, Refused> {
    let now = world.now();
    let token = asked_with(form, "refresh_token")?;
    let issued = world.domino.book.refresh(Some(token), now).map_err(|fault| match fault {
        TokenFault::Expired => refused("invalid_grant", "The refresh token has expired"),
        TokenFault::Missing | TokenFault::Dead => refused("invalid_grant", "The refresh token is not valid"),
    })?;
    Ok(issue(world, issued.person, issued.scopes, token))
}

/// The two fields of the vendor's sample. The access token has the length that an RSA signature of 2048 bits leads to.
fn issue(world: &mut World, person: Person, scopes: Vec<String>, refresh: &str) -> Response {
    let expires = world.now() + seconds(ACCESS_LIFE);
    let claims = json!({ "sub": person.email, "scope": SCOPE, "exp": expires.timestamp() });
    let access = world.random.jwt(&json!({ "alg": "RS256", "typ": "JWT" }), &claims, 520);
    let body = json!({ "access_token": access, "refresh_token": refresh });
    world.domino.book.add_access(access, Issued { person, scopes, expires });
    ([(header::CACHE_CONTROL, "no-store")], axum::Json(body)).into_response()
}
