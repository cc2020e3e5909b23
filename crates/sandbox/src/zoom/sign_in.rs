//! Zoom's authorization server: authorize, token, revoke.

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

use crate::authorize::{Callback, Desk, Refusal};
use crate::call::{Call, Params};
use crate::oauth::{ClientFault, CodeFault, Issued, TokenFault, authenticate, seconds};
use crate::person::Person;
use crate::world::{Shared, World};

/// The scopes switched on in the registration; the first six are granted where none are asked for.
const SCOPES: [&str; 8] = [
    "meeting:write:meeting",
    "meeting:read:meeting",
    "meeting:read:list_meetings",
    "meeting:update:meeting",
    "meeting:delete:meeting",
    "user:read:user",
    "meeting:write",
    "meeting:read",
];

/// Zoom's side of the authorize endpoint. A code lives five minutes.
pub(super) const DESK: Desk = Desk {
    provider: "zoom",
    title: "Zoom",
    code_life: chrono::TimeDelta::minutes(5),
    unknown_client: "Invalid client_id. (4,702)",
    callback: Callback::Asked { legacy_path: "zoomCallback", unknown: "Invalid redirect URL. (4,700)" },
    parameters: None,
    book: |world| &mut world.zoom.book,
    code: |random| random.text(43),
    scopes,
    words,
    extra: |_| Vec::new(),
};

/// Zoom grants what its registration has; a request may name less, never more.
fn scopes(params: &Params) -> Result<Vec<String>, Refusal> {
    let Some(asked) = params.get("scope") else {
        return Ok(SCOPES[..6].iter().map(|scope| (*scope).to_owned()).collect());
    };
    let asked: Vec<String> = asked.split_ascii_whitespace().map(str::to_owned).collect();
    match asked.iter().find(|scope| !SCOPES.contains(&scope.as_str())) {
        Some(scope) => Err(Refusal { error: "invalid_scope", description: format!("Invalid scopes: {scope} (4,700)") }),
        None => Ok(asked),
    }
}

fn words(scope: &str) -> Option<&'static str> {
    match scope {
        "meeting:write:meeting" => Some("Create meetings for you"),
        "meeting:read:meeting" => Some("See one of your meetings"),
        "meeting:read:list_meetings" => Some("List your meetings"),
        "meeting:update:meeting" => Some("Change your meetings"),
        "meeting:delete:meeting" => Some("Delete your meetings"),
        "user:read:user" => Some("See your name and mail address"),
        "meeting:write" => Some("Create, change and delete your meetings"),
        "meeting:read" => Some("See and list your meetings"),
        _ => None,
    }
}

/// An error of the token endpoint, in Zoom's form: `reason` in words, `error` as RFC 6749 §5.2.
struct Refused {
    status: StatusCode,
    error: &'static str,
    reason: String,
}

impl Refused {
    fn client() -> Self {
        let reason = "Invalid client_id or client_secret".to_owned();
        Self { status: StatusCode::UNAUTHORIZED, error: "invalid_client", reason }
    }

    fn answer(self) -> Response {
        (self.status, axum::Json(json!({ "reason": self.reason, "error": self.error }))).into_response()
    }
}

fn bad(error: &'static str, reason: impl Into<String>) -> Refused {
    Refused { status: StatusCode::BAD_REQUEST, error, reason: reason.into() }
}

/// The form of a request whose client is who it says.
fn client_form(call: &Call) -> Result<Params, Refused> {
    let form = call.form().ok_or_else(|| bad("invalid_request", "Content type must be a form."))?;
    if let Err(repeated) = form.each_once() {
        return Err(bad("invalid_request", format!("{} is given more than once.", repeated.0)));
    }
    match authenticate(call, &form, false) {
        Ok(()) => Ok(form),
        Err(ClientFault::Twice) => Err(bad("invalid_request", "Client authentication is given twice.")),
        Err(_) => Err(Refused::client()),
    }
}

/// `POST /zoom/oauth/token`: exchanges a code or a refresh token.
pub(super) fn token(shared: &Shared, call: &Call) -> Response {
    let form = match client_form(call) {
        Ok(form) => form,
        Err(refused) => return refused.answer(),
    };
    let mut world = shared.world();
    let result = match form.get("grant_type") {
        Some("authorization_code") => by_code(&mut world, &form),
        Some("refresh_token") => by_refresh(&mut world, &form),
        Some(_) => Err(bad("unsupported_grant_type", "unsupported grant type")),
        None => Err(bad("invalid_request", "grant_type is missing")),
    };
    match result {
        Ok((person, scopes)) => issue(&mut world, shared, &person, &scopes),
        Err(refused) => refused.answer(),
    }
}

fn by_code(world: &mut World, form: &Params) -> Result<(Person, Vec<String>), Refused> {
    let now = world.now();
    let code = form.get("code").ok_or_else(|| bad("invalid_request", "code is missing"))?;
    let granted =
        world.zoom.book.redeem(code, form.get("redirect_uri"), form.get("code_verifier"), now).map_err(|fault| {
            match fault {
                CodeFault::Unknown | CodeFault::Used => bad("invalid_grant", "Invalid authorization code"),
                CodeFault::Expired => bad("invalid_grant", "Authorization code expired"),
                CodeFault::Redirect => bad("invalid_request", "Redirect URI mismatch."),
                CodeFault::VerifierMissing | CodeFault::Verifier => bad("invalid_grant", "Invalid code verifier"),
            }
        })?;
    // A new authorization by the same user ends every earlier token of that user for this app.
    world.zoom.book.end_all_of(&granted.0);
    Ok(granted)
}

fn by_refresh(world: &mut World, form: &Params) -> Result<(Person, Vec<String>), Refused> {
    let now = world.now();
    let token = form.get("refresh_token").ok_or_else(|| bad("invalid_request", "refresh_token is missing"))?;
    let issued = world.zoom.book.refresh(Some(token), now).map_err(|fault| match fault {
        TokenFault::Expired => bad("invalid_grant", "Refresh token expired"),
        TokenFault::Missing | TokenFault::Dead => bad("invalid_grant", "Invalid Token!"),
    })?;
    // The old refresh token dies with its first use.
    world.zoom.book.end_refresh(token);
    Ok((issued.person, issued.scopes))
}

/// An access token for an hour and a refresh token for 90 days, both 600 to 800 characters.
fn issue(world: &mut World, shared: &Shared, person: &Person, scopes: &[String]) -> Response {
    let now = world.now();
    let header = json!({ "sv": "000002", "alg": "HS512", "v": "2.0", "kid": world.random.guid() });
    let mut draw = |kind: i64| {
        let claims = json!({ "ver": 10, "auid": world.random.text(32), "tt": kind, "uid": person.short_id() });
        let length = usize::try_from(world.random.number(620, 780)).unwrap_or(700);
        world.random.jwt(&header, &claims, length)
    };
    let (access, refresh) = (draw(0), draw(1));
    let book = &mut world.zoom.book;
    let issued = |life| Issued { person: person.clone(), scopes: scopes.to_vec(), expires: now + life };
    book.add_access(access.clone(), issued(seconds(3600)));
    book.add_refresh(refresh.clone(), issued(chrono::TimeDelta::days(90)));
    let body = json!({
        "access_token": access,
        "token_type": "bearer",
        "refresh_token": refresh,
        "expires_in": 3599,
        "scope": scopes.join(" "),
        "api_url": format!("{}/zoom", shared.setting.base_url),
    });
    ([("cache-control", "no-store")], axum::Json(body)).into_response()
}

/// `POST /zoom/oauth/revoke`: ends the authorization that a token belongs to. An unknown token is no error
/// (RFC 7009 §2.2). The token is read from the form, or from the query as the old broker sends it.
pub(super) fn revoke(shared: &Shared, call: &Call) -> Response {
    let form = if call.body.is_empty() {
        authenticate(call, &Params::default(), false).map(|()| call.query.clone()).map_err(|_| Refused::client())
    } else {
        client_form(call)
    };
    let form = match form {
        Ok(form) => form,
        Err(refused) => return refused.answer(),
    };
    let Some(token) = form.get("token") else {
        return bad("invalid_request", "token is missing").answer();
    };
    let book = &mut shared.world().zoom.book;
    if let Some(person) = book.owner(token) {
        book.end_all_of(&person);
    }
    axum::Json(json!({ "status": "success" })).into_response()
}
