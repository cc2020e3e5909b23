//! The provider's return: from a browser that proves it began the sign-in, back to the client that asked, with a
//! sealed grant. No token exists yet. Where the proof fails, no address is followed.

use axum::{
    http::{HeaderMap, header},
    response::Response,
};
use convoke_broker_api::{ErrorAnswer, SignInRefusal, parameter};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};

use super::{Broker, authorize::cookie, legacy, see_other};
use crate::{
    grammar,
    grant::{CODE_LIMIT, Grant},
    page,
    parameters::{Doubled, Parameters},
    registration::{Pkce, Registration},
    sign_in::{BrowserSecret, CLAIM_LIFETIME, Destination, SignIn, TransactionId},
    store::ClaimKind,
};

/// Seconds that a code's digest is kept: no provider's code lives longer (RFC 6749 §4.1.2 advises ten minutes).
const CODE_LIFETIME: i64 = 600;

/// Answers the return from the provider of that number, and takes back the cookie of the sign-in that it names. The sealed
/// state says where the sign-in ends: at a client on loopback, or on the old broker's page.
#[utoipa::path(
    get,
    path = "/v1/callback/{provider}",
    operation_id = "callback",
    params(
        ("provider" = String, Path, description = "A provider that is on and returns here"),
        ("state" = Option<String>, Query, description = "The sealed state of a sign-in that this browser began",
            nullable = false),
        ("code" = Option<String>, Query, description = "The provider's code", nullable = false),
        ("iss" = Option<String>, Query, description = "The provider's issuer (RFC 9207)", nullable = false),
        ("error" = Option<String>, Query, description = "Why the provider gives no code", nullable = false),
    ),
    responses(
        (status = 303, description = "To the client's listener, with grant and state or error and state"),
        (status = 400, description = "A page: the return belongs to no sign-in of this browser",
            content_type = "text/html", body = String),
        (status = 404, body = ErrorAnswer, description = "No provider returns here."),
        (status = 503, body = ErrorAnswer, description = "The broker can not serve this now."),
    )
)]
pub(super) async fn callback(broker: &Broker, provider: usize, query: Option<&str>, headers: &HeaderMap) -> Response {
    let registration = &broker.registrations[provider];
    let Ok(returned) = Returned::parse(query.unwrap_or_default()) else {
        return page::dead_sign_in();
    };
    let Some(transaction) = TransactionId::of_state(&returned.state) else {
        return page::dead_sign_in();
    };
    let name = transaction.cookie_name(broker.is_secure());
    let known = Return::find(broker, registration, returned, transaction, only_cookie(headers, &name)).await;
    let mut response = match known {
        Some(known) => known.answer(broker, registration).await,
        None => page::dead_sign_in(),
    };
    response.headers_mut().append(header::SET_COOKIE, cookie(&name, "", 0, broker.is_secure()));
    response
}

/// A return that belongs to a sign-in of this browser, for the first time.
struct Return {
    sign_in: SignIn,
    verifier: SecretString,
    outcome: Result<SecretString, SignInRefusal>,
    /// The provider's own word for a refusal.
    error: Option<String>,
}

impl Return {
    /// `None` where this browser did not begin the sign-in, it is too old, or it came back before.
    async fn find(
        broker: &Broker,
        registration: &Registration,
        returned: Returned,
        transaction: TransactionId,
        cookie: Option<&str>,
    ) -> Option<Self> {
        let secret = BrowserSecret::parse(cookie?)?;
        let (sign_in, verifier) =
            SignIn::resume(&broker.keys, &broker.origin, &registration.name, &secret, &returned.state)?;
        let now = broker.clock.now();
        if !sign_in.is_fresh(now) {
            return None;
        }
        // The cookie is taken back by the answer; the claim also stops whoever kept a copy of it.
        let claimed =
            broker.store.claim((ClaimKind::Return, transaction.0), now, sign_in.issued_at + CLAIM_LIFETIME).await;
        let error = returned.error.clone();
        let outcome = match claimed {
            Ok(false) => return None,
            Ok(true) => returned.outcome(registration),
            Err(_) => Err(SignInRefusal::TemporarilyUnavailable),
        };
        let outcome = match outcome {
            Ok(code) => first_use(broker, registration, code, now).await,
            refused => refused,
        };
        Some(Self { sign_in, verifier, outcome, error })
    }

    async fn answer(self, broker: &Broker, registration: &Registration) -> Response {
        let client = match self.sign_in.destination {
            Destination::Client(client) => client,
            Destination::LegacyPage => {
                let error = self.error.as_deref();
                return legacy::ended(broker, registration, self.outcome, error, &self.verifier).await;
            }
        };
        let (name, value) = match self.outcome {
            Ok(code) => {
                let now = broker.clock.now();
                let grant = Grant::new(registration.name.clone(), client.challenge, now, self.verifier, code);
                (parameter::GRANT, grant.seal(&broker.keys, &broker.origin))
            }
            Err(refusal) => (parameter::ERROR, refusal.as_str().to_owned()),
        };
        // All of these are base64url or plain words: nothing to encode.
        see_other(&format!("{}?{name}={value}&{}={}", client.loopback, parameter::STATE, client.state))
    }
}

/// The code, where nobody brought it before. Where a code verifier binds it to this sign-in there is nothing to note.
async fn first_use(
    broker: &Broker,
    registration: &Registration,
    code: SecretString,
    now: i64,
) -> Result<SecretString, SignInRefusal> {
    if registration.pkce == Pkce::Required {
        return Ok(code);
    }
    let digest = Sha256::new()
        .chain_update(registration.name.as_bytes())
        .chain_update([0])
        .chain_update(code.expose_secret().as_bytes())
        .finalize();
    let key = digest[..16].try_into().expect("16 of 32 bytes");
    match broker.store.claim((ClaimKind::Code, key), now, now + CODE_LIFETIME).await {
        Ok(true) => Ok(code),
        Ok(false) => Err(SignInRefusal::ServerError),
        Err(_) => Err(SignInRefusal::TemporarilyUnavailable),
    }
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
