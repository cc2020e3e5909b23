//! The routes of the broker that this one replaces, for clients that still speak to it (`LEGACY_DOMI=1`): a GET refresh with
//! the refresh token as the bearer, 400 with a text for every failure, and a page with the token at the end of a sign-in.
//!
//! They stand outside sessions and have a limit of their own. Better than they were: the state is random, sealed and bound
//! to the browser, and the page allows nothing but itself.

use std::{net::IpAddr, sync::Arc};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{self, CONTENT_TYPE},
    },
    response::{IntoResponse, Response},
    routing::{any, get},
};
use convoke_broker_api::{SignInRefusal, TokenTypeHint, WireSecret, domi};
use secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroizing;

use super::{Broker, authorize, client_address, peer};
use crate::{
    grammar,
    limits::Counted,
    page,
    provider_calls::{Answered, CallFailure},
    refresh,
    refusal::Refusal,
    registration::Registration,
    replay::ReplayKey,
    sealing::Derivation,
    sign_in::{Destination, SignIn},
    store::SessionId,
    token_answer::TOKEN_LIMIT,
};

/// What the old broker says where the header is missing or of another scheme.
const NO_BEARER: &str = "Bearer Authentication missing";

/// Adds the old routes of the provider of that number.
pub(super) fn add_routes(mut router: Router<Arc<Broker>>, provider: usize, name: &str) -> Router<Arc<Broker>> {
    if let Some(path) = domi::start_path(name) {
        let answer = async move |State(broker): State<Arc<Broker>>, request: Request| {
            limited(&broker, asker(&broker, &request)).await?;
            Ok::<_, Refusal>(start(&broker, provider))
        };
        router = router.route(&path, get(answer));
    }
    if let Some(path) = domi::refresh_path(name) {
        let answer = async move |State(broker): State<Arc<Broker>>, request: Request| {
            limited(&broker, asker(&broker, &request)).await?;
            Ok::<_, Refusal>(refreshed(&broker, provider, &request.into_parts().0.headers).await)
        };
        router = router.route(&path, get(answer));
    }
    if let Some(path) = domi::revoke_path(name) {
        let answer = async move |State(broker): State<Arc<Broker>>, request: Request| {
            limited(&broker, asker(&broker, &request)).await?;
            Ok::<_, Refusal>(revoke(&broker, provider, &request.into_parts().0.headers).await)
        };
        router = router.route(&path, any(answer));
    }
    router
}

fn asker(broker: &Broker, request: &Request) -> IpAddr {
    client_address(broker, peer(request), request.headers())
}

async fn limited(broker: &Broker, address: IpAddr) -> Result<(), Refusal> {
    broker.count(Counted::Legacy(address)).await
}

/// Sends the browser to the provider, with a state that nobody can make up.
fn start(broker: &Broker, provider: usize) -> Response {
    let registration = &broker.registrations[provider];
    let sign_in = SignIn { issued_at: broker.clock.now(), destination: Destination::LegacyPage };
    let (address, cookie) = authorize::begin(broker, registration, &sign_in, None);
    match HeaderValue::try_from(address.as_str()) {
        Ok(location) => {
            (StatusCode::FOUND, [(header::LOCATION, location), (header::SET_COOKIE, cookie)]).into_response()
        }
        Err(_) => Refusal::broker_unavailable().into_response(),
    }
}

/// The end of a sign-in that began here: the page with the refresh token. `error` is the provider's own word for a refusal.
pub(super) async fn ended(
    broker: &Broker,
    registration: &Registration,
    outcome: Result<SecretString, SignInRefusal>,
    error: Option<&str>,
    verifier: &SecretString,
) -> Response {
    let name = &registration.display_name;
    let Ok(code) = outcome else {
        // As the old broker has it.
        let status = match error {
            Some("invalid_token") => StatusCode::UNAUTHORIZED,
            Some("insufficient_scope") => StatusCode::FORBIDDEN,
            _ => StatusCode::BAD_REQUEST,
        };
        return page::legacy_failed(name, status);
    };
    let answered = broker.calls.exchange(registration, &broker.origin, &code, verifier).await;
    let token = answered.map(|answered| answered.granted.answer.refresh_token.map(WireSecret::into_inner));
    match token {
        Ok(Some(token)) => page::legacy_token(name, &Zeroizing::new(token)),
        // The old broker showed a text in the token's place, which people copied.
        Ok(None) => page::legacy_failed(name, StatusCode::BAD_GATEWAY),
        Err(failure) => page::legacy_failed(name, failure.refusal.status),
    }
}

/// What an old refresh came to: the answer's bytes, or the text of the 400. Shared by those who asked the same.
pub(crate) type LegacyOutcome = Result<Arc<Zeroizing<Vec<u8>>>, Arc<str>>;

/// `GET` with the refresh token as the bearer: the provider's own JSON, the old refresh token in it where no new one came.
/// Equal ones in flight are one call that outlives its client, as on the new route; nothing is kept.
async fn refreshed(broker: &Arc<Broker>, provider: usize, headers: &HeaderMap) -> Response {
    let Some(token) = old_bearer(headers) else { return failed(NO_BEARER) };
    let key =
        ReplayKey::new(&broker.registrations[provider].name, SessionId([0; 16]), &Derivation::of(token.as_bytes()));
    let (ours, token) = (Arc::clone(broker), SecretString::from(token.to_owned()));
    let outcome = broker.legacy_flights.join(key.index, || async move {
        let call = async |waited| {
            if waited {
                // No copy is kept here: nobody can say what the other instance's call came to, and the token may be spent.
                return Err(Arc::from(Refusal::provider_unavailable(None).description()));
            }
            ask(&ours, provider, &token).await
        };
        let outcome = refresh::leased(&ours, key.index, call).await;
        outcome.unwrap_or_else(|refusal| Err(Arc::from(refusal.description())))
    });
    match outcome.await {
        Some(Ok(body)) => json(StatusCode::OK, body.to_vec()),
        Some(Err(text)) => failed(&text),
        None => failed(Refusal::broker_unavailable().description()),
    }
}

async fn ask(broker: &Broker, provider: usize, token: &SecretString) -> LegacyOutcome {
    let token = token.expose_secret();
    match broker.calls.refresh(&broker.registrations[provider], token).await {
        Ok(answered) => Ok(Arc::new(with_refresh_token(answered, token))),
        Err(failure) => Err(Arc::from(text_of(failure))),
    }
}

/// With the access token as the bearer: 200 and nothing.
async fn revoke(broker: &Broker, provider: usize, headers: &HeaderMap) -> Response {
    let Some(token) = old_bearer(headers) else { return failed(NO_BEARER) };
    match broker.calls.revoke(&broker.registrations[provider], token, Some(TokenTypeHint::AccessToken)).await {
        Ok(()) => StatusCode::OK.into_response(),
        Err(failure) => failed(&text_of(failure)),
    }
}

/// The old broker's reading: the scheme is exactly `Bearer`, the value the last part.
fn old_bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(header::AUTHORIZATION).into_iter();
    let value = values.next().filter(|_| values.next().is_none())?.to_str().ok()?;
    let mut parts = value.split(' ');
    let token = parts.next().filter(|scheme| *scheme == "Bearer").and_then(|_| parts.next_back())?;
    grammar::is_token_text(token, TOKEN_LIMIT).then_some(token)
}

/// The provider's bytes; they were read as one JSON object before.
fn with_refresh_token(answered: Answered, token: &str) -> Zeroizing<Vec<u8>> {
    let mut body = Zeroizing::new(answered.body);
    let object: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(&body).unwrap_or_default();
    let came = object.get("refresh_token").and_then(serde_json::Value::as_str).is_some_and(|text| !text.is_empty());
    if came {
        return body;
    }
    if object.contains_key("refresh_token") {
        // Null or empty: the old clients take that for a failure.
        let mut object = object;
        object.insert("refresh_token".to_owned(), token.into());
        return Zeroizing::new(serde_json::to_vec(&object).unwrap_or_default());
    }
    let end = body.iter().rposition(|byte| *byte == b'}').unwrap_or(body.len());
    body.truncate(end);
    let pair = serde_json::json!({ "refresh_token": token }).to_string();
    let separator = if object.is_empty() { "" } else { "," };
    body.extend_from_slice(format!("{separator}{}", &pair[1..]).as_bytes());
    body
}

/// What the old broker says of a failure: the provider's words, else our sentence.
fn text_of(failure: CallFailure) -> String {
    failure.words.unwrap_or_else(|| failure.refusal.description().to_owned())
}

/// Every failure of the old broker is a 400 with a text that is labelled JSON.
fn failed(text: &str) -> Response {
    json(StatusCode::BAD_REQUEST, text.as_bytes().to_vec())
}

fn json(status: StatusCode, body: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scheme_is_exact_and_the_value_the_last_part() {
        let bearer = |value: &str| {
            let headers: HeaderMap = [(header::AUTHORIZATION, value.parse().expect("a value"))].into_iter().collect();
            old_bearer(&headers).map(str::to_owned)
        };
        assert_eq!(bearer("Bearer abc").as_deref(), Some("abc"));
        assert_eq!(bearer("Bearer x abc").as_deref(), Some("abc"));
        for wrong in ["bearer abc", "Basic abc", "Bearer", "Bearer ", ""] {
            assert_eq!(bearer(wrong), None, "{wrong:?}");
        }
    }
}
