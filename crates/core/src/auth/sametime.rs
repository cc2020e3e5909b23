//! Signing in at a Sametime server, and its session: three cookies and the `x-csrf-token`, renewed together.
//!
//! There is no OAuth. The password goes to the person's own server in one POST body and is then forgotten. No public
//! document describes these calls; they are what working clients do. A server of version 12 has them below
//! `sametime-auth`, older ones below `meeting-auth`; the first answer of either is a 401 that carries the tokens to
//! sign in with. Success is told by the tokens in an answer, never by its status: login pages come with 200.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{HeaderValue, Method, header};
use secrecy::ExposeSecret;
use serde::Deserialize;
use url::{Url, form_urlencoded};
use zeroize::Zeroizing;

use self::cookie::{csrf_token, set_cookie};
use crate::{
    account::Identity,
    credential::{Password, SametimeCredential, SessionToken},
    error::{Error, ErrorCode, FieldIssue, IssueCode, printable},
    http::{HttpAnswer, HttpClient, HttpRequest, TOKEN_CAP, TransportError, TransportKind},
};

mod cookie;

/// The two base paths, newest first.
const AUTH_PATHS: [&str; 2] = [VERSION_12, "meeting-auth"];
/// The one whose answers say who is signed in.
const VERSION_12: &str = "sametime-auth";

const JWT: &str = "sametimeJwt";
const REFRESH: &str = "sametimeRefresh";
const LTPA: &str = "LtpaToken";
const CSRF: &str = "_csrf";
const CSRF_HEADER: &str = "x-csrf-token";

/// Signs in at the server whose root is `base`; the password is consumed.
///
/// # Errors
/// `InvalidInput` with the field `password` (wrong) or `server` (no Sametime server, or one without password sign-in);
/// `Unreachable` and the other errors of the network; `Unavailable`; `RateLimited`.
pub async fn login(
    http: &HttpClient,
    base: &Url,
    username: &str,
    password: Password,
    now: DateTime<Utc>,
) -> Result<(SametimeCredential, Identity), Error> {
    let opening = open(http, base).await?;
    let body = login_form(username, password);
    let request = HttpRequest { body, ..HttpRequest::new(Method::POST, address(base, opening.path, "login")) }
        .header(header::CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
    let request = with_tokens(request, &opening.csrf_token, &[(CSRF, &opening.csrf_cookie)]).cap(TOKEN_CAP);
    let answer = http.send(request).await?;
    match answer.status {
        200..300 => {}
        400 | 401 => return Err(at_field("password", IssueCode::WrongPassword, None)),
        status if is_passing(status) => return Err(by_status(&answer)),
        _ => return Err(at_field("server", IssueCode::Refused, server_message(&answer).as_deref())),
    }
    let Some(jwt) = set_cookie(&answer, JWT) else {
        return Err(at_field("server", IssueCode::Refused, base.host_str()));
    };
    // The server's owner can switch renewal off: such a session would die within the hour, unseen.
    let Some(refresh) = set_cookie(&answer, REFRESH) else {
        return Err(at_field("server", IssueCode::NotPossible, Some(REFRESH)));
    };
    let mut credential = SametimeCredential {
        jwt,
        refresh,
        ltpa: set_cookie(&answer, LTPA),
        csrf_cookie: set_cookie(&answer, CSRF).unwrap_or(opening.csrf_cookie),
        csrf_token: csrf_token(&answer).unwrap_or(opening.csrf_token),
        auth_path: opening.path.to_owned(),
        issued_at: now,
        issued_up: None,
    };
    let mut user = wire_user(&answer);
    if user.is_none() && opening.path == VERSION_12 {
        // Who it is stands in the answer to a renewal; that renewal also shows that the session can be kept.
        let answer = ask_refresh(http, base, &credential).await?;
        user = wire_user(&answer);
        credential = renewed(&answer, &credential, now)?;
    }
    Ok((credential, identity(user, username)))
}

/// Asks for new session tokens. The old ones are not touched: whoever has them keeps them where this fails.
///
/// # Errors
/// `SignInRequired` where the server says that the session is over, by status or with a login page; otherwise what
/// the network or the status says.
pub async fn refresh(
    http: &HttpClient,
    base: &Url,
    old: &SametimeCredential,
    now: DateTime<Utc>,
) -> Result<SametimeCredential, Error> {
    let answer = ask_refresh(http, base, old).await?;
    // The pair of `_csrf` and `x-csrf-token` may be used up or forgotten while the session lives: try a new one, once.
    let pair = match answer.status {
        401 => csrf_pair(&answer),
        _ if speaks_of_csrf(&answer) => csrf_pair(&send_bare_refresh(http, base, &old.auth_path).await?),
        _ => None,
    };
    let Some((csrf_cookie, csrf_token)) = pair else { return renewed(&answer, old, now) };
    let old = SametimeCredential { csrf_cookie, csrf_token, ..copy(old) };
    let answer = ask_refresh(http, base, &old).await?;
    renewed(&answer, &old, now)
}

/// Adds the session's cookies and its `X-CSRF-Token` to a request for a meeting. The refresh token stays at home.
#[must_use]
pub fn authorize(request: HttpRequest, credential: &SametimeCredential) -> HttpRequest {
    let mut cookies = vec![(CSRF, &credential.csrf_cookie), (JWT, &credential.jwt)];
    cookies.extend(credential.ltpa.as_ref().map(|token| (LTPA, token)));
    with_tokens(request, &credential.csrf_token, &cookies)
}

/// Whether a login page came where data was asked for: a page with a field for a password.
#[must_use]
pub fn is_login_page(answer: &HttpAnswer) -> bool {
    let text = || String::from_utf8_lossy(&answer.body).to_ascii_lowercase().replace(['"', '\'', ' '], "");
    answer.is_html() && text().contains("type=password")
}

/// Whether a server refused the `x-csrf-token` and not the session.
#[must_use]
pub fn speaks_of_csrf(answer: &HttpAnswer) -> bool {
    answer.status == 403 && String::from_utf8_lossy(&answer.body).to_ascii_lowercase().contains("csrf")
}

/// What the first, unauthenticated call gives.
struct Opening {
    path: &'static str,
    csrf_cookie: SessionToken,
    csrf_token: SessionToken,
}

/// Finds out which base path the server has.
async fn open(http: &HttpClient, base: &Url) -> Result<Opening, Error> {
    let mut down = None;
    for path in AUTH_PATHS {
        let answer = send_bare_refresh(http, base, path).await.map_err(no_server)?;
        if let Some((csrf_cookie, csrf_token)) = csrf_pair(&answer) {
            return Ok(Opening { path, csrf_cookie, csrf_token });
        }
        // A proxy may say 503 for a path that this version does not have: the other one decides.
        if is_passing(answer.status) {
            down = down.or(Some(by_status(&answer)));
        }
    }
    Err(down.unwrap_or_else(|| at_field("server", IssueCode::Refused, base.host_str())))
}

/// The `_csrf` cookie and the header value that goes with it, where the answer brings both.
fn csrf_pair(answer: &HttpAnswer) -> Option<(SessionToken, SessionToken)> {
    set_cookie(answer, CSRF).zip(csrf_token(answer))
}

async fn send_bare_refresh(http: &HttpClient, base: &Url, path: &str) -> Result<HttpAnswer, TransportError> {
    let request = HttpRequest::get(address(base, path, "refresh")).cap(TOKEN_CAP);
    http.send(request.header(header::ACCEPT, HeaderValue::from_static("application/json"))).await
}

async fn ask_refresh(http: &HttpClient, base: &Url, old: &SametimeCredential) -> Result<HttpAnswer, Error> {
    let request = HttpRequest::get(address(base, &old.auth_path, "refresh")).cap(TOKEN_CAP);
    let cookies = [(CSRF, &old.csrf_cookie), (REFRESH, &old.refresh)];
    Ok(http.send(with_tokens(request, &old.csrf_token, &cookies)).await?)
}

/// The session after a renewal: what did not come anew stays.
fn renewed(answer: &HttpAnswer, old: &SametimeCredential, now: DateTime<Utc>) -> Result<SametimeCredential, Error> {
    if answer.status == 401 || is_login_page(answer) {
        return Err(Error::new(ErrorCode::SignInRequired).detail("session_ended"));
    }
    if !answer.is_success() || answer.is_html() {
        return Err(by_status(answer));
    }
    let jwt = set_cookie(answer, JWT).ok_or_else(|| Error::new(ErrorCode::BadAnswer).detail(JWT))?;
    let old = copy(old);
    Ok(SametimeCredential {
        jwt,
        refresh: set_cookie(answer, REFRESH).unwrap_or(old.refresh),
        ltpa: set_cookie(answer, LTPA).or(old.ltpa),
        csrf_cookie: set_cookie(answer, CSRF).unwrap_or(old.csrf_cookie),
        csrf_token: csrf_token(answer).unwrap_or(old.csrf_token),
        auth_path: old.auth_path,
        issued_at: now,
        issued_up: None,
    })
}

fn copy(old: &SametimeCredential) -> SametimeCredential {
    let token = |token: &SessionToken| SessionToken(token.0.clone());
    SametimeCredential {
        jwt: token(&old.jwt),
        refresh: token(&old.refresh),
        ltpa: old.ltpa.as_ref().map(token),
        csrf_cookie: token(&old.csrf_cookie),
        csrf_token: token(&old.csrf_token),
        auth_path: old.auth_path.clone(),
        issued_at: old.issued_at,
        issued_up: old.issued_up,
    }
}

fn address(base: &Url, path: &str, act: &str) -> Url {
    let mut url = base.clone();
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().extend([path, "api", "v1", act]);
    }
    url
}

/// The form, in a buffer that never grows (a grown one leaves its old self behind) and is wiped when it is dropped.
fn login_form(username: &str, password: Password) -> Bytes {
    let secret = password.0.expose_secret();
    let mut form = Zeroizing::new(String::with_capacity(32 + 3 * (username.len() + secret.len())));
    for (name, value) in [("username=", username), ("&password=", secret)] {
        form.push_str(name);
        form.extend(form_urlencoded::byte_serialize(value.as_bytes()));
    }
    drop(password);
    Bytes::from_owner(form)
}

/// Adds cookies and the CSRF token so that no log prints them.
fn with_tokens(request: HttpRequest, csrf: &SessionToken, cookies: &[(&str, &SessionToken)]) -> HttpRequest {
    let pairs: Vec<String> =
        cookies.iter().map(|(name, token)| format!("{name}={}", token.0.expose_secret())).collect();
    request
        .header(header::COOKIE, sensitive(&Zeroizing::new(pairs.join("; "))))
        .header(header::HeaderName::from_static(CSRF_HEADER), sensitive(csrf.0.expose_secret()))
        .header(header::ACCEPT, HeaderValue::from_static("application/json"))
}

fn sensitive(text: &str) -> HeaderValue {
    // Checked when it was taken; a damaged entry of the keyring becomes an empty header, which the server refuses.
    let mut value = HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static(""));
    value.set_sensitive(true);
    value
}

#[derive(Deserialize)]
struct WireSession {
    user: WireUser,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireUser {
    name: Option<String>,
    email: Option<String>,
    user_id: Option<String>,
}

fn wire_user(answer: &HttpAnswer) -> Option<WireUser> {
    answer.json::<WireSession>().ok().map(|session| session.user)
}

/// Who signed in; a server before version 12 says nothing, so it is whoever typed the name.
fn identity(user: Option<WireUser>, username: &str) -> Identity {
    let user = user.unwrap_or(WireUser { name: None, email: None, user_id: None });
    let said = |text: Option<String>| text.map(|text| printable(&text)).filter(|text| !text.is_empty());
    Identity {
        subject: said(user.user_id).unwrap_or_else(|| username.to_owned()),
        address: said(user.email).unwrap_or_else(|| username.to_owned()),
        name: said(user.name),
    }
}

#[derive(Deserialize)]
struct WireRefusal {
    error: WireReason,
}

#[derive(Deserialize)]
struct WireReason {
    message: String,
}

fn server_message(answer: &HttpAnswer) -> Option<String> {
    let said = answer.json::<WireRefusal>().ok().map(|refusal| refusal.error.message);
    said.filter(|text| !text.is_empty()).or_else(|| Some(format!("HTTP {}", answer.status)))
}

fn at_field(field: &str, problem: IssueCode, detail: Option<&str>) -> Error {
    Error::invalid(vec![match detail {
        Some(detail) => FieldIssue::with_detail(field, problem, detail),
        None => FieldIssue::new(field, problem),
    }])
}

fn no_server(error: TransportError) -> Error {
    match error.kind {
        TransportKind::NotAllowed => at_field("server", IssueCode::NotAWebAddress, Some(&error.host)),
        _ => error.into(),
    }
}

/// Whether the same call may succeed later.
const fn is_passing(status: u16) -> bool {
    status == 429 || status >= 500
}

fn by_status(answer: &HttpAnswer) -> Error {
    Error::new(match answer.status {
        429 => ErrorCode::RateLimited,
        // 511 is a network's own word (RFC 6585 §6).
        300..400 | 511 => ErrorCode::Intercepted,
        500.. => ErrorCode::Unavailable,
        407 => ErrorCode::ProxyPassword,
        _ if answer.is_html() => ErrorCode::Intercepted,
        403 => ErrorCode::NotPermitted,
        _ => ErrorCode::BadAnswer,
    })
}

#[cfg(test)]
mod tests;
