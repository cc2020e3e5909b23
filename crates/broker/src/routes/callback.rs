//! The provider's return: from a browser that proves it began the sign-in, back to the client that asked, with a
//! sealed grant. No token exists yet. Where the proof fails, no address is followed.

use axum::{
    http::{HeaderMap, header},
    response::Response,
};
use convoke_broker_api::{SignInRefusal, parameter};
use secrecy::SecretString;

use super::{Broker, authorize::cookie, see_other};
use crate::{
    grammar,
    grant::{CODE_LIMIT, Grant},
    page,
    parameters::{Doubled, Parameters},
    registration::Registration,
    sign_in::{BrowserSecret, LIFETIME, SignIn, TransactionId},
    store::ClaimKind,
};

/// Answers the return from `provider`, and takes back the cookie of the sign-in that it names.
pub(super) async fn callback(broker: &Broker, provider: &str, query: Option<&str>, headers: &HeaderMap) -> Response {
    let Ok(registration) = broker.registration(provider) else {
        return page::dead_sign_in();
    };
    let Ok(returned) = Returned::parse(query.unwrap_or_default()) else {
        return page::dead_sign_in();
    };
    let Some(transaction) = TransactionId::of_state(&returned.state) else {
        return page::dead_sign_in();
    };
    let name = transaction.cookie_name(broker.is_secure());
    let address = next_address(broker, registration, returned, transaction, only_cookie(headers, &name)).await;
    let mut response = address.map_or_else(page::dead_sign_in, |address| see_other(&address));
    response.headers_mut().append(header::SET_COOKIE, cookie(&name, "", 0, broker.is_secure()));
    response
}

/// The client's loopback address with a grant or a refusal; `None` where this browser did not begin the sign-in, it
/// is too old, or it came back before.
async fn next_address(
    broker: &Broker,
    registration: &Registration,
    returned: Returned,
    transaction: TransactionId,
    cookie: Option<&str>,
) -> Option<String> {
    let secret = BrowserSecret::parse(cookie?)?;
    let row = registration.row;
    let (sign_in, verifier) = SignIn::resume(&broker.keys, &broker.origin, row.name, &secret, &returned.state)?;
    let now = broker.clock.now();
    if !sign_in.is_fresh(now) {
        return None;
    }
    // The cookie is taken back below; the claim also stops whoever kept a copy of it.
    let claimed = broker.store.claim((ClaimKind::Return, transaction.0), now, sign_in.issued_at + LIFETIME + 1).await;
    let outcome = match claimed {
        Ok(false) => return None,
        Ok(true) => returned.outcome(registration),
        Err(_) => Err(SignInRefusal::TemporarilyUnavailable),
    };
    let (name, value) = match outcome {
        Ok(code) => {
            let grant = Grant::new(row, sign_in.challenge, now, verifier, code);
            (parameter::GRANT, grant.seal(&broker.keys, &broker.origin))
        }
        Err(refusal) => (parameter::ERROR, refusal.as_str().to_owned()),
    };
    // All of these are base64url or plain words: nothing to encode.
    let state = &sign_in.client_state;
    Some(format!("{}?{name}={value}&{}={state}", sign_in.loopback, parameter::STATE))
}

/// What the provider sent, each at most once.
struct Returned {
    state: String,
    code: Option<SecretString>,
    issuer: Option<String>,
    error: Option<String>,
}

impl Returned {
    fn parse(query: &str) -> Result<Self, Doubled> {
        let parameters = Parameters::parse(query.as_bytes());
        let get = |name| parameters.once(name).map(|value| value.map(str::to_owned));
        Ok(Self {
            state: get("state")?.unwrap_or_default(),
            code: get("code")?.map(SecretString::from),
            issuer: get("iss")?,
            error: get("error")?,
        })
    }

    /// The code, or the refusal that the client is told. The provider's own description goes nowhere.
    fn outcome(self, registration: &Registration) -> Result<SecretString, SignInRefusal> {
        use secrecy::ExposeSecret as _;
        if !registration.accepts_issuer(self.issuer.as_deref()) {
            return Err(SignInRefusal::ServerError);
        }
        if let Some(error) = self.error {
            return Err(refusal_of(&error));
        }
        self.code
            .filter(|code| grammar::is_token_text(code.expose_secret(), CODE_LIMIT))
            .ok_or(SignInRefusal::ServerError)
    }
}

/// The provider's error (RFC 6749 §4.1.2.1, `OpenID` Connect Core §3.1.2.6) as one of the fixed list.
fn refusal_of(error: &str) -> SignInRefusal {
    match error {
        "access_denied" => SignInRefusal::AccessDenied,
        "consent_required" | "interaction_required" | "invalid_scope" => SignInRefusal::ConsentRequired,
        "temporarily_unavailable" => SignInRefusal::TemporarilyUnavailable,
        _ => SignInRefusal::ServerError,
    }
}

/// The cookie of that name; `None` where it is absent or comes twice, since one of the two was planted.
fn only_cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let pairs = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let mut values = pairs
        .flat_map(|pairs| pairs.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(found, _)| *found == name)
        .map(|(_, value)| value);
    let first = values.next();
    if values.next().is_some() { None } else { first }
}
