//! What the authorization servers of all providers have in common: the client's registration, codes, tokens, PKCE.
//!
//! Which fault has which words, and what a refresh or a new sign-in does to older tokens, is the provider's own.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::call::{Call, Params};
use crate::person::Person;

/// The one registered client's id, the same at every provider.
pub(crate) const CLIENT_ID: &str = "sandbox-client";
/// That client's secret.
const CLIENT_SECRET: &str = "sandbox-secret";

/// Why a token request's client is refused.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum ClientFault {
    /// Neither a header nor, where that is allowed, form fields.
    Missing,
    /// No such client.
    UnknownId,
    /// The client is known, its secret is not this.
    WrongSecret,
    /// Two ways at once (RFC 6749 §2.3 allows one).
    Twice,
}

/// Checks the client's authentication: HTTP Basic (RFC 6749 §2.3.1), or form fields where `in_body` allows them.
pub(crate) fn authenticate(call: &Call, form: &Params, in_body: bool) -> Result<(), ClientFault> {
    let basic = call.header("authorization").map(basic_credentials);
    let (id, secret) = match (basic, form.get("client_secret")) {
        (Some(_), Some(_)) => return Err(ClientFault::Twice),
        (Some(basic), None) => basic.ok_or(ClientFault::Missing)?,
        (None, Some(secret)) if in_body => {
            (form.get("client_id").ok_or(ClientFault::Missing)?.to_owned(), secret.to_owned())
        }
        (None, _) => return Err(ClientFault::Missing),
    };
    if id != CLIENT_ID || form.get("client_id").is_some_and(|in_form| in_form != id) {
        return Err(ClientFault::UnknownId);
    }
    if !bool::from(secret.as_bytes().ct_eq(CLIENT_SECRET.as_bytes())) {
        return Err(ClientFault::WrongSecret);
    }
    Ok(())
}

fn basic_credentials(header: &str) -> Option<(String, String)> {
    let (scheme, value) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(value.trim()).ok()?).ok()?;
    // Both halves are form-encoded before they are joined (RFC 6749 §2.3.1).
    let decoded = |half: &str| {
        let whole = format!("={half}");
        url::form_urlencoded::parse(whole.as_bytes()).next().map(|(_, value)| value.into_owned())
    };
    let (id, secret) = text.split_once(':')?;
    Some((decoded(id)?, decoded(secret)?))
}

/// Whether `uri` is registered: the broker's callback on 127.0.0.1 at any port, the old broker's, or one of `extra`.
pub(crate) fn redirect_registered(uri: &str, provider: &str, legacy_path: &str, extra: &[String]) -> bool {
    if extra.iter().any(|registered| registered == uri) {
        return true;
    }
    let Some((port, path)) = uri.strip_prefix("http://127.0.0.1:").and_then(|rest| rest.split_once('/')) else {
        return false;
    };
    let digits = !port.is_empty() && !port.starts_with('0') && port.bytes().all(|byte| byte.is_ascii_digit());
    digits && port.parse::<u16>().is_ok() && (path == format!("v1/callback/{provider}") || path == legacy_path)
}

/// A PKCE challenge as the authorize request gave it (RFC 7636 §4.3).
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Challenge {
    /// The verifier itself: what a request without a method means.
    Plain(String),
    /// BASE64URL(SHA-256(verifier)).
    S256(String),
}

impl Challenge {
    /// Reads the challenge of an authorize request; `Err` names what is off.
    pub(crate) fn read(params: &Params) -> Result<Option<Self>, &'static str> {
        let method = params.get("code_challenge_method");
        let Some(text) = params.get("code_challenge") else {
            return if method.is_some() { Err("code_challenge is missing") } else { Ok(None) };
        };
        match method {
            Some("S256") if text.len() == 43 && text.bytes().all(unreserved) && !text.contains(['.', '~']) => {
                Ok(Some(Self::S256(text.to_owned())))
            }
            None | Some("plain") if well_formed(text) => Ok(Some(Self::Plain(text.to_owned()))),
            None | Some("plain" | "S256") => Err("code_challenge is malformed"),
            Some(_) => Err("code_challenge_method is unknown"),
        }
    }

    fn holds(&self, verifier: &str) -> bool {
        let (wanted, given) = match self {
            Self::Plain(text) => (text, verifier.to_owned()),
            Self::S256(text) => (text, URL_SAFE_NO_PAD.encode(Sha256::digest(verifier))),
        };
        well_formed(verifier) && bool::from(wanted.as_bytes().ct_eq(given.as_bytes()))
    }
}

/// A verifier's grammar: 43 to 128 unreserved characters (RFC 7636 §4.1).
fn well_formed(verifier: &str) -> bool {
    (43..=128).contains(&verifier.len()) && verifier.bytes().all(unreserved)
}

fn unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

/// What a person allowed, waiting to be exchanged.
pub(crate) struct Grant {
    /// Who signed in.
    pub(crate) person: Person,
    /// The scopes that were allowed.
    pub(crate) scopes: Vec<String>,
    /// The redirect URI of the authorize request, to be repeated exactly where it named one (RFC 6749 §4.1.3).
    pub(crate) redirect_uri: Option<String>,
    /// The PKCE challenge, if there was one.
    pub(crate) challenge: Option<Challenge>,
    /// The text of the authorize request's `claims`, which Microsoft alone reads.
    pub(crate) claims: Option<String>,
    /// When the code ends.
    pub(crate) expires: DateTime<Utc>,
    /// Whether it was exchanged.
    pub(crate) redeemed: bool,
}

/// Why a code is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CodeFault {
    /// There is no such code.
    Unknown,
    /// It was exchanged before.
    Used,
    /// It is too old.
    Expired,
    /// The redirect URI is another than the authorize request's.
    Redirect,
    /// There was a challenge, and there is no verifier.
    VerifierMissing,
    /// The verifier does not fit the challenge, or there was no challenge.
    Verifier,
}

/// Why a token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenFault {
    /// There is none.
    Missing,
    /// It was never issued, or was revoked or replaced.
    Dead,
    /// Its time is over.
    Expired,
}

/// For whom and what a token stands.
#[derive(Clone)]
pub(crate) struct Issued {
    /// The person.
    pub(crate) person: Person,
    /// The scopes.
    pub(crate) scopes: Vec<String>,
    /// When it ends.
    pub(crate) expires: DateTime<Utc>,
}

impl Issued {
    /// Whether one of `scopes` was granted.
    pub(crate) fn covers(&self, scopes: &[&str]) -> bool {
        self.scopes.iter().any(|scope| scopes.contains(&scope.as_str()))
    }
}

/// One provider's codes and tokens.
#[derive(Default)]
pub(crate) struct TokenBook {
    codes: HashMap<String, Grant>,
    access: HashMap<String, Issued>,
    refresh: HashMap<String, Issued>,
    issued: u64,
}

impl TokenBook {
    /// Remembers a code.
    pub(crate) fn add_code(&mut self, code: String, grant: Grant) {
        self.codes.insert(code, grant);
    }

    /// Exchanges a code, once; a refused exchange leaves it as it was.
    pub(crate) fn redeem(
        &mut self,
        code: &str,
        redirect_uri: Option<&str>,
        verifier: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<(Person, Vec<String>), CodeFault> {
        let grant = self.codes.get_mut(code).ok_or(CodeFault::Unknown)?;
        if grant.redeemed {
            return Err(CodeFault::Used);
        }
        if now >= grant.expires {
            return Err(CodeFault::Expired);
        }
        if redirect_uri != grant.redirect_uri.as_deref() {
            return Err(CodeFault::Redirect);
        }
        match (&grant.challenge, verifier) {
            (None, None) => {}
            (Some(_), None) => return Err(CodeFault::VerifierMissing),
            (Some(challenge), Some(verifier)) if challenge.holds(verifier) => {}
            _ => return Err(CodeFault::Verifier),
        }
        grant.redeemed = true;
        Ok((grant.person.clone(), grant.scopes.clone()))
    }

    /// What `claims` the sign-in of a code carried.
    pub(crate) fn claims(&self, code: &str) -> Option<&str> {
        self.codes.get(code)?.claims.as_deref()
    }

    /// Remembers an access token.
    pub(crate) fn add_access(&mut self, token: String, issued: Issued) {
        self.issued += 1;
        self.access.insert(token, issued);
    }

    /// Remembers a refresh token.
    pub(crate) fn add_refresh(&mut self, token: String, issued: Issued) {
        self.refresh.insert(token, issued);
    }

    /// For whom and what an access token stands now.
    pub(crate) fn access(&self, token: Option<&str>, now: DateTime<Utc>) -> Result<Issued, TokenFault> {
        Self::live(self.access.get(token.ok_or(TokenFault::Missing)?), now)
    }

    /// For whom and what a refresh token stands now.
    pub(crate) fn refresh(&self, token: Option<&str>, now: DateTime<Utc>) -> Result<Issued, TokenFault> {
        Self::live(self.refresh.get(token.ok_or(TokenFault::Missing)?), now)
    }

    fn live(issued: Option<&Issued>, now: DateTime<Utc>) -> Result<Issued, TokenFault> {
        match issued {
            None => Err(TokenFault::Dead),
            Some(issued) if now >= issued.expires => Err(TokenFault::Expired),
            Some(issued) => Ok(issued.clone()),
        }
    }

    /// Ends a refresh token.
    pub(crate) fn end_refresh(&mut self, token: &str) {
        self.refresh.remove(token);
    }

    /// Ends every token of a person.
    pub(crate) fn end_all_of(&mut self, person: &Person) {
        self.access.retain(|_, issued| issued.person != *person);
        self.refresh.retain(|_, issued| issued.person != *person);
    }

    /// Whose token this is, access or refresh, whatever its age.
    pub(crate) fn owner(&self, token: &str) -> Option<Person> {
        self.access.get(token).or_else(|| self.refresh.get(token)).map(|issued| issued.person.clone())
    }

    /// How many access tokens were issued, and how many of them are good now.
    pub(crate) fn counts(&self, now: DateTime<Utc>) -> serde_json::Value {
        let live = self.access.values().filter(|issued| now < issued.expires).count();
        serde_json::json!({ "issued": self.issued, "live": live })
    }
}

/// Seconds as a lifetime.
pub(crate) fn seconds(count: i64) -> TimeDelta {
    TimeDelta::seconds(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_registered_redirect_uris() {
        let extra = ["https://broker.example.org/v1/callback/zoom".to_owned()];
        let registered = |uri: &str| redirect_registered(uri, "zoom", "zoomCallback", &extra);
        for right in [
            "http://127.0.0.1:8790/v1/callback/zoom",
            "http://127.0.0.1:51234/zoomCallback",
            "https://broker.example.org/v1/callback/zoom",
        ] {
            assert!(registered(right), "{right}");
        }
        for wrong in [
            "http://127.0.0.1:8790/v1/callback/teams",
            "http://127.0.0.1:8790/v1/callback/zoom/",
            "http://127.0.0.1:8790/v1/callback/zoom?x=1",
            "http://127.0.0.1:99999/v1/callback/zoom",
            "http://127.0.0.1:08790/v1/callback/zoom",
            "http://127.0.0.1/v1/callback/zoom",
            "https://127.0.0.1:8790/v1/callback/zoom",
            "http://127.0.0.1.example.org:8790/v1/callback/zoom",
            "http://127.0.0.1:8790@example.org/v1/callback/zoom",
            "http://localhost:8790/v1/callback/zoom",
        ] {
            assert!(!registered(wrong), "{wrong}");
        }
    }

    #[test]
    fn the_example_of_rfc_7636_holds() {
        let params =
            Params::parse(b"code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256");
        let challenge = Challenge::read(&params).ok().flatten().expect("a challenge");
        assert!(challenge.holds("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"));
        assert!(!challenge.holds("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXl"));
        assert!(Challenge::read(&Params::parse(b"code_challenge=short&code_challenge_method=S256")).is_err());
        assert!(Challenge::read(&Params::parse(b"code_challenge_method=S256")).is_err());
        let plain = "a".repeat(43);
        let params = Params::parse(format!("code_challenge={plain}").as_bytes());
        assert!(Challenge::read(&params).ok().flatten().is_some_and(|challenge| challenge.holds(&plain)));
    }
}
