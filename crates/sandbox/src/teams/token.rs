//! The identity platform's token endpoint.

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::TENANT;
use super::sign_in::read_scopes;
use crate::call::{Call, Params};
use crate::oauth::{CLIENT_ID, ClientFault, CodeFault, Issued, TokenFault, authenticate, seconds};
use crate::person::Person;
use crate::world::{Shared, World};

/// A refusal of the token endpoint: RFC 6749 §5.2 with Microsoft's number.
struct Refused {
    status: StatusCode,
    error: &'static str,
    number: u32,
    text: String,
}

fn bad(error: &'static str, number: u32, text: impl Into<String>) -> Refused {
    Refused { status: StatusCode::BAD_REQUEST, error, number, text: text.into() }
}

/// Who gets tokens, for what, and what of it the answer names.
struct Granted {
    person: Person,
    /// All that was allowed: what a further refresh may ask for.
    allowed: Vec<String>,
    /// What this answer is for.
    scopes: Vec<String>,
    /// What the sign-in carried.
    claims: Option<Value>,
}

/// `POST /teams/oauth2/v2.0/token`: exchanges a code or a refresh token. Client id and secret come in the header or in
/// the form.
pub(super) fn token(shared: &Shared, call: &Call) -> Response {
    let mut world = shared.world();
    match exchange(&mut world, call) {
        Ok(granted) => issue(&mut world, shared, granted),
        Err(refused) => {
            let (trace, correlation) = (world.random.guid(), world.random.guid());
            let time = world.now().format("%Y-%m-%d %H:%M:%SZ").to_string();
            let description = format!(
                "AADSTS{}: {} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {time}",
                refused.number, refused.text
            );
            let body = json!({
                "error": refused.error,
                "error_description": description,
                "error_codes": [refused.number],
                "timestamp": time,
                "trace_id": trace,
                "correlation_id": correlation,
            });
            (refused.status, [("cache-control", "no-store")], axum::Json(body)).into_response()
        }
    }
}

fn exchange(world: &mut World, call: &Call) -> Result<Granted, Refused> {
    let form = call.form().ok_or_else(|| {
        bad("invalid_request", 900_144, "The request body must contain the following parameter: 'grant_type'.")
    })?;
    if let Err(repeated) = form.each_once() {
        let text = format!("The parameter '{}' is duplicated in the request.", repeated.0);
        return Err(bad("invalid_request", 9_000_411, text));
    }
    authenticate(call, &form, true).map_err(|fault| match fault {
        ClientFault::Missing => Refused {
            status: StatusCode::UNAUTHORIZED,
            ..bad(
                "invalid_client",
                7_000_218,
                "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
            )
        },
        ClientFault::UnknownId => {
            bad("unauthorized_client", 700_016, "Application with this identifier was not found in the directory.")
        }
        ClientFault::WrongSecret => Refused {
            status: StatusCode::UNAUTHORIZED,
            ..bad("invalid_client", 7_000_215, "Invalid client secret provided.")
        },
        ClientFault::Twice => bad("invalid_request", 90_023, "Client credentials are given in two places."),
    })?;
    match form.get("grant_type") {
        Some("authorization_code") => by_code(world, &form),
        Some("refresh_token") => by_refresh(world, &form),
        Some(other) => Err(bad(
            "unsupported_grant_type",
            70_003,
            format!("The app requested an unsupported grant type '{}'.", other.escape_default()),
        )),
        None => Err(missing("grant_type")),
    }
}

fn missing(name: &str) -> Refused {
    bad("invalid_request", 900_144, format!("The request body must contain the following parameter: '{name}'."))
}

fn by_code(world: &mut World, form: &Params) -> Result<Granted, Refused> {
    let now = world.now();
    let code = form.get("code").ok_or_else(|| missing("code"))?;
    let book = &mut world.teams.book;
    let (person, allowed) =
        book.redeem(code, form.get("redirect_uri"), form.get("code_verifier"), now).map_err(|fault| match fault {
            CodeFault::Unknown => bad("invalid_grant", 9_002_313, "Invalid request. Request is malformed or invalid."),
            CodeFault::Used => bad(
                "invalid_grant",
                54_005,
                "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an \
                 existing refresh token.",
            ),
            CodeFault::Expired => bad(
                "invalid_grant",
                70_008,
                "The provided authorization code or refresh token has expired due to inactivity.",
            ),
            CodeFault::Redirect => bad(
                "invalid_grant",
                500_112,
                "The reply address does not match the reply address provided when requesting the authorization code.",
            ),
            CodeFault::VerifierMissing => bad("invalid_grant", 50_148, "The code_verifier is missing."),
            CodeFault::Verifier => bad(
                "invalid_grant",
                501_481,
                "The Code_Verifier does not match the code_challenge supplied in the authorization request.",
            ),
        })?;
    let claims = book.claims(code).and_then(|text| serde_json::from_str(text).ok());
    narrowed(person, allowed, claims, form)
}

fn by_refresh(world: &World, form: &Params) -> Result<Granted, Refused> {
    let token = form.get("refresh_token").ok_or_else(|| missing("refresh_token"))?;
    let issued = world.teams.book.refresh(Some(token), world.now()).map_err(|fault| match fault {
        TokenFault::Expired => bad(
            "invalid_grant",
            700_082,
            "The refresh token has expired due to inactivity. The token was inactive for 90.00:00:00.",
        ),
        TokenFault::Missing | TokenFault::Dead => {
            bad("invalid_grant", 9_002_313, "Invalid request. Request is malformed or invalid.")
        }
    })?;
    // The old refresh token stays good, and the new ones carry what the sign-in did.
    narrowed(issued.person, issued.scopes, world.teams.claims.of(token).cloned(), form)
}

/// A token request may name scopes: some of those that were allowed.
fn narrowed(person: Person, allowed: Vec<String>, claims: Option<Value>, form: &Params) -> Result<Granted, Refused> {
    let scopes = match form.get("scope") {
        None => allowed.clone(),
        Some(text) => read_scopes(text).map_err(|text| bad("invalid_scope", 650_053, text))?,
    };
    match scopes.iter().find(|scope| !allowed.contains(scope)) {
        Some(scope) => Err(bad(
            "invalid_grant",
            65_001,
            format!("The user or administrator has not consented to use the application for '{scope}'."),
        )),
        None => Ok(Granted { person, allowed, scopes, claims }),
    }
}

/// An access token for 60 to 90 minutes; a refresh token for 90 days where `offline_access` was allowed; an id token
/// where `openid` is asked for.
fn issue(world: &mut World, shared: &Shared, granted: Granted) -> Response {
    let Granted { person, allowed, scopes, claims: carried } = granted;
    let now = world.now();
    let life = world.random.number(3600, 5399);
    let shown: Vec<&str> = scopes.iter().map(String::as_str).filter(|scope| scope.contains('.')).collect();
    let header = json!({ "typ": "JWT", "alg": "RS256", "kid": "sandbox" });
    let claims = json!({
        "aud": "https://graph.microsoft.com",
        "iat": now.timestamp(),
        "exp": now.timestamp() + life,
        "oid": person.guid(),
        "tid": TENANT,
        "scp": shown.join(" "),
        "uti": world.random.text(22),
    });
    let access = world.random.jwt(&header, &claims, 2500);
    let mut body = json!({
        "token_type": "Bearer",
        "scope": shown.join(" "),
        "expires_in": life,
        "ext_expires_in": life,
        "access_token": access,
    });
    if scopes.iter().any(|scope| scope == "openid") {
        body["id_token"] = id_token(world, shared, &person);
    }
    let expires = now + seconds(life);
    world.teams.claims.keep(&access, carried.as_ref());
    world.teams.book.add_access(access, Issued { person: person.clone(), scopes, expires });
    if allowed.iter().any(|scope| scope == "offline_access") {
        let refresh = world.random.token("1.AUkA", 1700);
        let expires = now + chrono::TimeDelta::days(90);
        body["refresh_token"] = json!(refresh);
        world.teams.claims.keep(&refresh, carried.as_ref());
        world.teams.book.add_refresh(refresh, Issued { person, scopes: allowed, expires });
    }
    ([("cache-control", "no-store")], axum::Json(body)).into_response()
}

/// An id token whose signature nobody can check: the sandbox has no keys.
fn id_token(world: &mut World, shared: &Shared, person: &Person) -> Value {
    let now = world.now().timestamp();
    let encode = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let header = encode(json!({ "typ": "JWT", "alg": "RS256", "kid": "sandbox" }));
    let claims = encode(json!({
        "aud": CLIENT_ID,
        "iss": format!("{}/teams/v2.0", shared.setting.base_url),
        "iat": now,
        "nbf": now,
        "exp": now + 3900,
        "name": person.display_name(),
        "oid": person.guid(),
        "preferred_username": person.email,
        "sub": person.short_id(),
        "tid": TENANT,
        "ver": "2.0",
    }));
    json!(format!("{header}.{claims}.{}", world.random.text(342)))
}
