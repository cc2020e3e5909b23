//! GoToMeeting's authorization server: authorize, token, revoke.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

use crate::authorize::{self, Callback, Desk};
use crate::call::{Call, Params};
use crate::oauth::{ClientFault, Issued, TokenFault, authenticate, seconds};
use crate::person::Person;
use crate::world::{Shared, World};

/// The one scope of the product.
const SCOPE: &str = "collab:";
/// Seconds that an access token lives.
const ACCESS_LIFE: i64 = 3600;
/// Days that a refresh token lives from the sign-in; a refresh adds none.
const REFRESH_DAYS: i64 = 30;

/// GoToMeeting's side of the authorize endpoint. A code lives ten minutes.
pub(super) const DESK: Desk = Desk {
    provider: "goto",
    title: "GoToMeeting",
    code_life: chrono::TimeDelta::minutes(10),
    unknown_client: "Invalid client: the client_id is not known.",
    callback: Callback::Asked {
        legacy_path: "gtmCallback",
        unknown: "Invalid redirect: redirect_uri is not registered for the client.",
    },
    parameters: None,
    book: |world| &mut world.goto.book,
    code: |random| random.text(43),
    scopes,
    words: |scope| (scope == SCOPE).then_some("See and change your meetings"),
    extra: |_| Vec::new(),
};

/// The scope must be named (left out it would mean every scope that the client has), and PKCE is S256.
fn scopes(params: &Params) -> Result<Vec<String>, authorize::Refusal> {
    let refused = |error, description: &str| Err(authorize::Refusal { error, description: description.to_owned() });
    if params.get("code_challenge").is_some() && params.get("code_challenge_method") != Some("S256") {
        return refused("invalid_request", "code_challenge_method must be S256");
    }
    let asked: Vec<&str> = params.get("scope").unwrap_or_default().split_ascii_whitespace().collect();
    if asked.is_empty() || asked.iter().any(|scope| *scope != SCOPE) {
        return refused("invalid_scope", "scope must be collab:");
    }
    Ok(vec![SCOPE.to_owned()])
}

/// An error of the token and revoke endpoints (RFC 6749 §5.2).
struct Refused {
    status: StatusCode,
    error: &'static str,
    description: String,
}

fn bad(error: &'static str, description: impl Into<String>) -> Refused {
    Refused { status: StatusCode::BAD_REQUEST, error, description: description.into() }
}

impl Refused {
    fn answer(self) -> Response {
        let body = json!({ "error": self.error, "error_description": self.description });
        let mut response = (self.status, [(header::CACHE_CONTROL, "no-store")], axum::Json(body)).into_response();
        if self.status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static("Basic realm=\"oauth\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

/// The form of a request whose client is who it says.
fn client_form(call: &Call) -> Result<Params, Refused> {
    let form = call.form().ok_or_else(|| bad("invalid_request", "Content type must be a form."))?;
    if let Err(repeated) = form.each_once() {
        return Err(bad("invalid_request", format!("{} is given more than once.", repeated.0)));
    }
    match authenticate(call, &form, true) {
        Ok(()) => Ok(form),
        Err(ClientFault::Twice) => Err(bad("invalid_request", "Client authentication is given twice.")),
        Err(_) => Err(Refused {
            status: StatusCode::UNAUTHORIZED,
            ..bad("invalid_client", "The client_id or client_secret is wrong.")
        }),
    }
}

/// `POST /goto/oauth/token`: exchanges a code or a refresh token.
pub(super) fn token(shared: &Shared, call: &Call) -> Response {
    let mut world = shared.world();
    let result = client_form(call).and_then(|form| match form.get("grant_type") {
        Some("authorization_code") => by_code(&mut world, &form),
        Some("refresh_token") => by_refresh(&mut world, &form),
        Some(_) => Err(bad("unsupported_grant_type", "The grant_type is not supported.")),
        None => Err(bad("invalid_request", "grant_type is missing")),
    });
    result.unwrap_or_else(Refused::answer)
}

fn by_code(world: &mut World, form: &Params) -> Result<Response, Refused> {
    let now = world.now();
    let code = form.get("code").ok_or_else(|| bad("invalid_request", "code is missing"))?;
    let redirect = form.get("redirect_uri");
    let redeemed = world.goto.book.redeem(code, redirect, form.get("code_verifier"), now);
    let (person, scopes) = redeemed
        .map_err(|_| bad("invalid_grant", "The code, its redirect_uri or its code_verifier is not the right one."))?;
    let refresh = world.random.jwt(&json!({ "alg": "RS512", "typ": "JWT" }), &json!({ "typ": "r" }), 700);
    let expires = now + chrono::TimeDelta::days(REFRESH_DAYS);
    let issued = Issued { person: person.clone(), scopes: scopes.clone(), expires };
    world.goto.book.add_refresh(refresh.clone(), issued);
    Ok(issue(world, person, scopes, Some(&refresh)))
}

/// The answer has no refresh token: the old one stays, and its days go on.
fn by_refresh(world: &mut World, form: &Params) -> Result<Response, Refused> {
    let now = world.now();
    let token = form.get("refresh_token").ok_or_else(|| bad("invalid_request", "refresh_token is missing"))?;
    let issued = world.goto.book.refresh(Some(token), now).map_err(|fault| match fault {
        TokenFault::Expired => bad("invalid_grant", "The refresh token has expired."),
        TokenFault::Missing | TokenFault::Dead => bad("invalid_grant", "The refresh token is not valid."),
    })?;
    Ok(issue(world, issued.person, issued.scopes, None))
}

fn issue(world: &mut World, person: Person, scopes: Vec<String>, refresh: Option<&str>) -> Response {
    let now = world.now();
    let claims = json!({ "sc": scopes.join(" "), "sub": super::meeting::key(&person), "exp": now.timestamp() + 3600 });
    let access = world.random.jwt(&json!({ "alg": "RS512", "typ": "JWT" }), &claims, 900);
    let mut body = json!({
        "access_token": access,
        "token_type": "Bearer",
        "expires_in": ACCESS_LIFE,
        "scope": scopes.join(" "),
        "principal": person.email,
    });
    if let Some(refresh) = refresh {
        body["refresh_token"] = json!(refresh);
    }
    world.goto.book.add_access(access, Issued { person, scopes, expires: now + seconds(ACCESS_LIFE) });
    ([(header::CACHE_CONTROL, "no-store")], axum::Json(body)).into_response()
}

/// `POST /goto/oauth/revoke`: ends the authorization that a token belongs to; 200, empty. An unknown token is no error
/// (RFC 7009 §2.2).
pub(super) fn revoke(shared: &Shared, call: &Call) -> Response {
    let form = match client_form(call) {
        Ok(form) => form,
        Err(refused) => return refused.answer(),
    };
    let Some(token) = form.get("token") else {
        return bad("invalid_request", "token is missing").answer();
    };
    let book = &mut shared.world().goto.book;
    if let Some(person) = book.owner(token) {
        book.end_all_of(&person);
    }
    StatusCode::OK.into_response()
}
