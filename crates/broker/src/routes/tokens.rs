//! The three posts that carry tokens: redeem a grant, refresh, revoke. Each makes at most one call to the provider, and each
//! answer carries the session's next token.

use std::sync::Arc;

use axum::{
    Json,
    body::Body,
    extract::{Path, Request, State, rejection::PathRejection},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use convoke_broker_api::{
    ErrorAnswer, RedeemForm, RefreshForm, RevokeAnswer, RevokeForm, TokenAnswer, TokenTypeHint, WireSecret,
};
use secrecy::ExposeSecret as _;
use tracing::info;

use super::{Broker, form, peer};
use crate::{
    configuration::SessionRules,
    grammar,
    grant::{CLAIM_LIFETIME, Grant},
    limits::Counted,
    metrics::Event,
    parameters::Parameters,
    refresh,
    refusal::Refusal,
    sealing::Derivation,
    session::{self, Session},
    store::ClaimKind,
    token_answer::TOKEN_LIMIT,
    token_json,
};

const MISSING: Refusal = Refusal::invalid_request("A parameter that this address needs is missing.");

/// `POST /v1/token`. The order is the point: the first try spends the grant, and only then is the verifier looked at,
/// so that a thief of the grant has one guess and the provider sees the code at most once.
#[utoipa::path(
    post,
    path = "/v1/token",
    operation_id = "redeem",
    request_body(content = RedeemForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, body = TokenAnswer, description = "The tokens, and a session."),
        (status = 400, body = ErrorAnswer, description = "A parameter is off its grammar, or the grant can not be redeemed: never sealed here, too old, spent, or not met by the verifier."),
        (status = 401, body = ErrorAnswer, description = "The provider no longer accepts the code."),
        (status = 403, body = ErrorAnswer, description = "The single sign-on in front has not said who the person is."),
        (status = 408, body = ErrorAnswer, description = "The form did not arrive within ten seconds."),
        (status = 413, body = ErrorAnswer, description = "The form has more than 65,536 bytes."),
        (status = 415, body = ErrorAnswer, description = "The body is not a form."),
        (status = 502, body = ErrorAnswer, description = "The provider's answer is not what its contract says, or it refuses this broker."),
        (status = 503, body = ErrorAnswer, description = "The provider or this broker's store has trouble."),
        (status = 504, body = ErrorAnswer, description = "The provider did not answer in time."),
    ),
    security((), ("session" = []))
)]
pub(super) async fn redeem(State(broker): State<Arc<Broker>>, request: Request) -> Result<Response, Refusal> {
    let person = person_of_proxy(&broker, &request)?;
    let (head, body) = request.into_parts();
    let form = form::read(&head, body).await?;
    let grant = required(&form, "grant")?;
    let verifier = required(&form, "code_verifier")?;
    if !grammar::is_verifier(verifier) {
        return Err(Refusal::invalid_request("code_verifier must be 43 to 128 unreserved characters."));
    }
    let opened = Grant::open(&broker.keys, &broker.origin, &broker.registrations, grant);
    let (grant, registration) = opened.ok_or(Refusal::grant())?;
    let now = broker.clock.now();
    if !grant.is_fresh(now) {
        return Err(Refusal::grant());
    }
    let claim = broker.store.claim((ClaimKind::Grant, grant.id), now, grant.issued_at + CLAIM_LIFETIME);
    if !claim.await.map_err(|_| Refusal::broker_unavailable())? {
        return Err(Refusal::grant());
    }
    if !grant.is_met_by(verifier) {
        return Err(Refusal::grant());
    }
    let granted = broker.calls.redeem(registration, &broker.origin, &grant).await?;
    let mut answer = granted.answer;
    if let Some(rules) = broker.sessions {
        let subject = || {
            person.clone().unwrap_or_else(|| {
                session::subject(&registration.name, &answer, granted.principal.as_deref(), &grant.id)
            })
        };
        let session = continued_or_new(&broker, &head.headers, rules, person.as_deref(), subject).await?;
        add_session(&broker, rules, &session, &mut answer);
    }
    Ok(answered(&answer))
}

/// `POST /v1/refresh/{provider}`.
#[utoipa::path(
    post,
    path = "/v1/refresh/{provider}",
    operation_id = "refresh",
    params(("provider" = String, Path, description = "A provider that is on")),
    request_body(content = RefreshForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, body = TokenAnswer, description = "The tokens, and the session's next token."),
        (status = 400, body = ErrorAnswer, description = "A parameter is missing, doubled, in the address, or off its grammar."),
        (status = 401, body = ErrorAnswer, description = "No session, or one that is over (with WWW-Authenticate); or the provider no longer accepts the token."),
        (status = 404, body = ErrorAnswer, description = "This provider is not set up here."),
        (status = 408, body = ErrorAnswer, description = "The form did not arrive within ten seconds."),
        (status = 413, body = ErrorAnswer, description = "The form has more than 65,536 bytes."),
        (status = 415, body = ErrorAnswer, description = "The body is not a form."),
        (status = 502, body = ErrorAnswer, description = "The provider's answer is not what its contract says, or it refuses this broker."),
        (status = 503, body = ErrorAnswer, description = "The provider or this broker's store has trouble."),
        (status = 504, body = ErrorAnswer, description = "The provider did not answer in time."),
    ),
    security(("session" = []))
)]
pub(super) async fn refresh(
    State(broker): State<Arc<Broker>>,
    provider: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, Refusal> {
    let Path(provider) = provider.map_err(|_| Refusal::not_found())?;
    let provider = broker.registration(&provider)?;
    refresh_at(&broker, provider, request).await
}

/// Refreshes at the provider of that number.
pub(super) async fn refresh_at(broker: &Arc<Broker>, provider: usize, request: Request) -> Result<Response, Refusal> {
    let (head, body) = request.into_parts();
    let mut form = form::read(&head, body).await?;
    let token = form.take("refresh_token").ok_or(MISSING)?;
    token_text(token.expose_secret())?;
    let session = session_of(broker, &head.headers).await?;
    let derivation = Derivation::of(token.expose_secret().as_bytes());
    broker.count(Counted::Token(&derivation)).await?;
    match refresh::refresh(broker, provider, token, &derivation, session.as_ref()).await {
        Ok(mut answer) => {
            if let (Some(rules), Some(session)) = (broker.sessions, &session) {
                add_session(broker, rules, session, &mut answer);
            }
            Ok(answered(&answer))
        }
        Err(refusal) => Ok(refused(broker, session.as_ref(), refusal)),
    }
}

/// `POST /v1/revoke/{provider}`.
#[utoipa::path(
    post,
    path = "/v1/revoke/{provider}",
    operation_id = "revoke",
    params(("provider" = String, Path, description = "A provider that is on")),
    request_body(content = RevokeForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, body = RevokeAnswer, description = "The token is good no more (RFC 7009 §2.2)."),
        (status = 400, body = ErrorAnswer, description = "A parameter is missing, doubled, in the address, or off its grammar."),
        (status = 401, body = ErrorAnswer, description = "No session, or one that is over."),
        (status = 404, body = ErrorAnswer, description = "This provider is not set up here."),
        (status = 501, body = ErrorAnswer, description = "This provider has no revocation."),
        (status = 408, body = ErrorAnswer, description = "The form did not arrive within ten seconds."),
        (status = 413, body = ErrorAnswer, description = "The form has more than 65,536 bytes."),
        (status = 415, body = ErrorAnswer, description = "The body is not a form."),
        (status = 502, body = ErrorAnswer, description = "The provider's answer is not what its contract says, or it refuses this broker."),
        (status = 503, body = ErrorAnswer, description = "The provider or this broker's store has trouble."),
        (status = 504, body = ErrorAnswer, description = "The provider did not answer in time."),
    ),
    security(("session" = []))
)]
pub(super) async fn revoke(
    State(broker): State<Arc<Broker>>,
    provider: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, Refusal> {
    let Path(provider) = provider.map_err(|_| Refusal::not_found())?;
    let provider = broker.registration(&provider)?;
    let (head, body) = request.into_parts();
    let form = form::read(&head, body).await?;
    let token = token_text(required(&form, "token")?)?;
    let hint = match form.once("token_type_hint") {
        Ok(Some("refresh_token")) => Some(TokenTypeHint::RefreshToken),
        Ok(Some("access_token")) => Some(TokenTypeHint::AccessToken),
        // A hint that we do not know is no error (RFC 7009 §2.1).
        _ => None,
    };
    let session = session_of(&broker, &head.headers).await?;
    broker.count(Counted::Token(&Derivation::of(token.as_bytes()))).await?;
    match broker.calls.revoke(&broker.registrations[provider], token, hint).await {
        Ok(()) => Ok(Json(RevokeAnswer { session_token: next_token(&broker, session.as_ref()) }).into_response()),
        Err(failure) => Ok(refused(&broker, session.as_ref(), failure.refusal)),
    }
}

/// The session of a request that needs one; `None` where sessions are off.
async fn session_of(broker: &Broker, headers: &HeaderMap) -> Result<Option<Session>, Refusal> {
    let Some(rules) = broker.sessions else { return Ok(None) };
    let now = broker.clock.now();
    let found = session::of_request(headers, &broker.keys, &broker.origin, rules, &*broker.store, now).await;
    let session = found.map_err(|_| Refusal::broker_unavailable())?;
    if session.is_none() {
        broker.metrics.event(Event::SessionRefused, 1);
    }
    session.map(Some).ok_or(Refusal::session())
}

/// The session that the client brings along, or a new one for whom `subject` names. Where the proxy has found a `person`, only
/// that person's session goes on.
async fn continued_or_new(
    broker: &Broker,
    headers: &HeaderMap,
    rules: SessionRules,
    person: Option<&str>,
    subject: impl FnOnce() -> String,
) -> Result<Session, Refusal> {
    let now = broker.clock.now();
    let unavailable = |_| Refusal::broker_unavailable();
    let continued = session::of_request(headers, &broker.keys, &broker.origin, rules, &*broker.store, now).await;
    let fits = |session: &Session| person.is_none_or(|person| session.subject == person);
    if let Some(session) = continued.map_err(unavailable)?.filter(fits) {
        return Ok(session);
    }
    let session = Session::new(subject(), now);
    broker.store.open_session(session.record(rules)).await.map_err(unavailable)?;
    broker.metrics.event(Event::SessionOpened, 1);
    info!(target: "convoke_broker::audit", event = "session_opened", session = %session.id, subject = session.subject);
    Ok(session)
}

/// Whom the single sign-on in front of this broker has found; `None` where there is none.
fn person_of_proxy(broker: &Broker, request: &Request) -> Result<Option<String>, Refusal> {
    let Some(name) = &broker.sso_header else { return Ok(None) };
    let from_proxy = broker.trusted_proxies.contains(&peer(request));
    let mut values = request.headers().get_all(name).into_iter();
    let value = values.next().filter(|_| from_proxy && values.next().is_none());
    let person = value.and_then(|value| value.to_str().ok()).filter(|person| session::is_subject(person));
    person.map(|person| Some(person.to_owned())).ok_or(Refusal::forbidden())
}

fn add_session(broker: &Broker, rules: SessionRules, session: &Session, answer: &mut TokenAnswer) {
    let now = broker.clock.now();
    answer.session_token = Some(session.token(&broker.keys, &broker.origin, now));
    answer.session_expires_in = Some((session.expires_at(rules, now) - now).unsigned_abs());
    answer.session_ends_in = Some(session.ends_in(rules, now).unsigned_abs());
}

fn next_token(broker: &Broker, session: Option<&Session>) -> Option<WireSecret> {
    session.map(|session| session.token(&broker.keys, &broker.origin, broker.clock.now()))
}

fn answered(answer: &TokenAnswer) -> Response {
    let mut body = Vec::new();
    token_json::write(&mut body, answer);
    let mut response = Response::new(Body::from(body));
    let headers = response.headers_mut();
    // Room for those, too, that every answer has.
    headers.reserve(10);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// A refusal after the session was found good; the session's own end carries no new token.
fn refused(broker: &Broker, session: Option<&Session>, refusal: Refusal) -> Response {
    let ended = refusal == Refusal::session();
    refusal.with_session(next_token(broker, session.filter(|_| !ended)))
}

fn required<'a>(form: &'a Parameters, name: &str) -> Result<&'a str, Refusal> {
    match form.once(name) {
        Ok(Some(value)) if !value.is_empty() => Ok(value),
        _ => Err(MISSING),
    }
}

fn token_text(token: &str) -> Result<&str, Refusal> {
    if grammar::is_token_text(token, TOKEN_LIMIT) {
        Ok(token)
    } else {
        Err(Refusal::invalid_request("The token must be printable ASCII."))
    }
}
