//! `GET /v1/authorize/{provider}`: checks what the client asks, seals it, and asks the person before the browser goes to the
//! provider.

use std::sync::Arc;

use axum::{
    extract::{Path, RawQuery, State, rejection::PathRejection},
    http::{HeaderValue, header},
    response::Response,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use convoke_broker_api::{CODE_CHALLENGE_METHOD, ErrorAnswer, match_code, parameter};
use secrecy::ExposeSecret;
use sha2::{Digest as _, Sha256};
use url::Url;

use super::{Broker, see_other};
use crate::{
    grammar::{self, LoopbackUri},
    grant::challenge_of,
    page,
    parameters::{Doubled, Parameters},
    refusal::Refusal,
    registration::Registration,
    sign_in::{BrowserSecret, Client, Destination, LIFETIME, SignIn},
    strict_json,
};

/// The longest `claims` parameter, in characters.
const LONGEST_CLAIMS: usize = 2_048;

/// Checks the request, seals it, and asks or sends on.
#[utoipa::path(
    get,
    path = "/v1/authorize/{provider}",
    operation_id = "authorize",
    params(
        ("provider" = String, Path, description = "A provider that is on"),
        ("code_challenge" = String, Query, description = "S256 challenge (RFC 7636 §4.2)",
            min_length = 43, max_length = 43, pattern = "^[A-Za-z0-9_-]+$"),
        ("code_challenge_method" = String, Query, description = "Always S256", pattern = "^S256$"),
        ("redirect_uri" = String, Query, description = "Where the client listens: loopback, port 1024 to 65535",
            max_length = 95, pattern = r"^http://(127\.0\.0\.1|\[::1\]):(102[4-9]|10[3-9][0-9]|1[1-9][0-9]{2}|[2-9][0-9]{3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])/[A-Za-z0-9_-]{22,64}$"),
        ("state" = String, Query, description = "Comes back unchanged",
            min_length = 22, max_length = 64, pattern = "^[A-Za-z0-9_-]+$"),
        ("claims" = Option<String>, Query, description = "What the provider's policy wants of this sign-in: a JSON object as base64url; only where the provider takes it",
            nullable = false, max_length = 2048, pattern = "^[A-Za-z0-9_-]+$"),
    ),
    responses(
        (status = 200, description = "A page that asks before the browser goes to the provider", content_type = "text/html", body = String),
        (status = 303, description = "To the provider, with a sealed state"),
        (status = 400, body = ErrorAnswer, description = "A parameter is missing, doubled or off its grammar."),
        (status = 404, body = ErrorAnswer, description = "This provider is not set up here."),
        (status = 503, body = ErrorAnswer, description = "The broker can not serve this now."),
    )
)]
pub(super) async fn authorize(
    State(broker): State<Arc<Broker>>,
    provider: Result<Path<String>, PathRejection>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let Path(provider) = provider.map_err(|_| Refusal::not_found())?;
    let registration = &broker.registrations[broker.registration(&provider)?];
    let parameters = Parameters::parse_strict(query.unwrap_or_default().as_bytes()).map_err(doubled)?;
    let client = client(&parameters)?;
    let claims = claims(&parameters, registration)?;
    let code = match_code(&Sha256::digest(&client.challenge).into());
    let sign_in = SignIn { issued_at: broker.clock.now(), destination: Destination::Client(client) };
    let (address, cookie) = begin(&broker, registration, &sign_in, claims.as_deref());
    let mut response = if broker.confirm {
        page::confirm(&registration.display_name, &code, address.as_str())
    } else {
        see_other(address.as_str())
    };
    response.headers_mut().append(header::SET_COOKIE, cookie);
    Ok(response)
}

/// The provider's address for `sign_in`, and the cookie that binds the sign-in to this browser.
pub(super) fn begin(
    broker: &Broker,
    registration: &Registration,
    sign_in: &SignIn,
    claims: Option<&str>,
) -> (Url, HeaderValue) {
    let secret = BrowserSecret::random();
    let begun = sign_in.begin(&broker.keys, &broker.origin, &registration.name, &secret);
    let challenge = challenge_of(begun.verifier.expose_secret());
    let address = registration.authorize_address(&broker.origin, &begun.state, &challenge, claims);
    let name = begun.transaction.cookie_name(broker.is_secure());
    (address, cookie(&name, &secret.cookie_value(), LIFETIME, broker.is_secure()))
}

/// A cookie for this origin alone. `Lax`, never `Strict`: the return from the provider is a cross-site navigation.
pub(super) fn cookie(name: &str, value: &str, max_age: i64, secure: bool) -> HeaderValue {
    let secure = if secure { "; Secure" } else { "" };
    let text = format!("{name}={value}; Path=/; Max-Age={max_age}; HttpOnly; SameSite=Lax{secure}");
    let mut value = HeaderValue::try_from(text).expect("hex and base64url make a header value");
    value.set_sensitive(true);
    value
}

/// What a provider's policy wants of this sign-in: a JSON object, passed on as it is. It is in no log and in no state.
fn claims(parameters: &Parameters, registration: &Registration) -> Result<Option<String>, Refusal> {
    let Some(text) = parameters.once(parameter::CLAIMS).map_err(doubled)? else { return Ok(None) };
    if !registration.takes_claims {
        return Err(Refusal::invalid_request("claims is not a parameter of this provider."));
    }
    let decoded = (text.len() <= LONGEST_CLAIMS)
        .then(|| URL_SAFE_NO_PAD.decode(text).ok())
        .flatten()
        .filter(|bytes| strict_json::object(bytes).is_some())
        .and_then(|bytes| String::from_utf8(bytes).ok());
    match decoded {
        Some(claims) => Ok(Some(claims)),
        None => Err(Refusal::invalid_request("claims must be a JSON object as base64url, at most 2,048 characters.")),
    }
}

fn doubled(_: Doubled) -> Refusal {
    Refusal::invalid_request("A parameter comes more than once.")
}

fn client(parameters: &Parameters) -> Result<Client, Refusal> {
    let get = |name| parameters.once(name).map_err(doubled).map(Option::unwrap_or_default);
    if get(parameter::CODE_CHALLENGE_METHOD)? != CODE_CHALLENGE_METHOD {
        return Err(Refusal::invalid_request("code_challenge_method must be S256."));
    }
    let challenge = get(parameter::CODE_CHALLENGE)?;
    if !grammar::is_challenge(challenge) {
        return Err(Refusal::invalid_request("code_challenge must be 43 base64url characters."));
    }
    let state = get(parameter::STATE)?;
    if !grammar::is_client_word(state) {
        return Err(Refusal::invalid_request("state must be 22 to 64 base64url characters."));
    }
    let loopback = LoopbackUri::parse(get(parameter::REDIRECT_URI)?).ok_or(Refusal::invalid_request(
        "redirect_uri must be http://127.0.0.1:PORT/PATH or http://[::1]:PORT/PATH.",
    ))?;
    Ok(Client { challenge: challenge.to_owned(), loopback, state: state.to_owned() })
}
