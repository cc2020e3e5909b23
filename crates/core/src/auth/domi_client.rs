//! Asks a broker of the kind that Convoke's replaces (`dialect = "domi"`): refresh, and revoke at Zoom. It signs nobody in:
//! its page shows a refresh token, which a person pastes.
//!
//! Such a broker has no header by which its word is known, and says every "no" as 400 with the raw text of an error. So a
//! credential ends on one word of that text and on nothing else. Nothing here is sent twice, and no answer's text is kept.

use convoke_broker_api::domi;
use http::header;
use serde::{Deserialize, Deserializer, de::IgnoredAny};
use url::Url;

use super::{bearer::bearer, broker_client::plain};
use crate::{
    account::ProviderKind,
    credential::{AccessToken, Limits, RefreshToken, TokenAnswer},
    error::{Error, ErrorCode},
    http::{HttpAnswer, HttpClient, HttpRequest, TOKEN_CAP, origin},
};

/// Seconds of life of a token whose provider names none.
const UNNAMED_LIFE: u64 = 300;

/// The old broker of one organisation.
#[derive(Clone)]
pub struct DomiClient {
    http: HttpClient,
    base: Url,
}

/// The provider's own token answer, passed on as it came. A known key that comes twice is refused by the reader.
#[derive(Deserialize)]
struct Wire {
    access_token: String,
    #[serde(default)]
    refresh_token: Option<String>,
    #[serde(default, deserialize_with = "seconds")]
    expires_in: Option<u64>,
    #[serde(default)]
    token_type: Option<String>,
    #[serde(default)]
    scope: Option<String>,
}

impl DomiClient {
    /// A client for the broker at `base`, whose origin `http` allows.
    #[must_use]
    pub const fn new(http: HttpClient, base: Url) -> Self {
        Self { http, base }
    }

    /// The broker's origin, as accounts remember it.
    #[must_use]
    pub fn origin(&self) -> String {
        origin(&self.base)
    }

    /// The page that signs in at `provider` and then shows a refresh token; none where there is no such page.
    #[must_use]
    pub fn start_page(&self, provider: ProviderKind) -> Option<Url> {
        domi::start_path(provider.as_str()).map(|path| self.at(&path))
    }

    /// Whether it can revoke at `provider`.
    #[must_use]
    pub fn revokes(provider: ProviderKind) -> bool {
        domi::revoke_path(provider.as_str()).is_some()
    }

    /// Whether something answers there: it has no route that says more.
    ///
    /// # Errors
    /// Where it cannot be reached, is down, or something else answers in its place.
    pub async fn reach(&self) -> Result<(), Error> {
        recognise(&self.http.send(HttpRequest::get(self.front()).cap(TOKEN_CAP)).await?)
    }

    /// The address at which something answers, where it runs.
    #[must_use]
    pub fn front(&self) -> Url {
        self.at("/")
    }

    /// Asks for new tokens.
    ///
    /// # Errors
    /// `SignInRequired` only on the one word that ends a credential; see [`judged`].
    pub async fn refresh(&self, provider: ProviderKind, token: &RefreshToken) -> Result<TokenAnswer, Error> {
        let path = domi::refresh_path(provider.as_str())
            .ok_or_else(|| Error::new(ErrorCode::NotPermitted).from_provider(provider))?;
        let request = HttpRequest::get(self.at(&path)).header(header::AUTHORIZATION, bearer(&token.0)).cap(TOKEN_CAP);
        tokens(judged(&self.http.send(request).await?)?)
    }

    /// Revokes the sign-in at Zoom; false elsewhere, where the old broker has no revocation. It wants the access token, so
    /// there is a refresh first; the caller is about to forget the credential that this may have used up.
    ///
    /// # Errors
    /// As [`DomiClient::refresh`].
    pub async fn revoke(&self, provider: ProviderKind, token: &RefreshToken) -> Result<bool, Error> {
        let Some(path) = domi::revoke_path(provider.as_str()) else { return Ok(false) };
        let fresh = self.refresh(provider, token).await?;
        let request =
            HttpRequest::get(self.at(&path)).header(header::AUTHORIZATION, bearer(&fresh.access.0)).cap(TOKEN_CAP);
        judged(&self.http.send(request).await?)?;
        Ok(true)
    }

    fn at(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        let prefix = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{prefix}{path}"));
        url
    }
}

fn said(code: ErrorCode, answer: &HttpAnswer) -> Error {
    // The status alone: the text is the raw error of a broker that prints what it was sent.
    Error::new(code).detail(format!("HTTP {}", answer.status))
}

/// Whether the answer may be an old broker's: nothing in it says so. Pure.
pub(super) fn recognise(answer: &HttpAnswer) -> Result<(), Error> {
    match answer.status {
        407 => Err(said(ErrorCode::ProxyPassword, answer)),
        300..=399 | 511 => Err(said(ErrorCode::Intercepted, answer)),
        500..=599 => Err(said(ErrorCode::Unavailable, answer)),
        _ => Ok(()),
    }
}

/// The answer, where it says yes; pure.
///
/// The old broker parses nothing and so has no parsed word; the nearest thing to one is the provider's `invalid_grant`
/// (RFC 6749 §5.2) as a whole word in the text of a 400. A revoked token whose text does not have it stays stored and
/// looks like an outage, which costs a person a look; the reverse would cost them a sign-in.
fn judged(answer: &HttpAnswer) -> Result<&HttpAnswer, Error> {
    match answer.status {
        _ if answer.is_html() => Err(said(ErrorCode::Intercepted, answer)),
        200 => Ok(answer),
        407 => Err(said(ErrorCode::ProxyPassword, answer)),
        201..=399 | 511 => Err(said(ErrorCode::Intercepted, answer)),
        400 if has_word(&answer.body, "invalid_grant") => {
            Err(Error::new(ErrorCode::SignInRequired).detail("invalid_grant"))
        }
        400 | 408 | 429 | 500..=599 => Err(said(ErrorCode::Unavailable, answer)),
        _ => Err(said(ErrorCode::BadAnswer, answer)),
    }
}

/// Whether `word` stands in the text by itself, and not as part of a longer one.
fn has_word(text: &[u8], word: &str) -> bool {
    text.split(|byte| !(byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')))
        .any(|part| part == word.as_bytes())
}

fn tokens(answer: &HttpAnswer) -> Result<TokenAnswer, Error> {
    if serde_json::from_slice::<IgnoredAny>(&answer.body).is_err() {
        // 200 and no JSON is not this broker, and not a provider either.
        return Err(said(ErrorCode::Intercepted, answer));
    }
    let wire: Wire = answer.json()?;
    // Empty says "none came": a good token must not be overwritten with nothing.
    let refresh_token = wire.refresh_token.filter(|token| !token.is_empty());
    let bad = |what| Err(Error::new(ErrorCode::BadAnswer).detail(what));
    if !plain(&wire.access_token) || refresh_token.as_deref().is_some_and(|token| !plain(token)) {
        return bad("a token that is none");
    }
    if wire.token_type.is_some_and(|kind| !kind.eq_ignore_ascii_case("bearer")) {
        return bad("not a bearer token");
    }
    Ok(TokenAnswer {
        access: AccessToken::new(wire.access_token),
        refresh: refresh_token.map(RefreshToken::new),
        expires_in: wire.expires_in.unwrap_or(UNNAMED_LIFE),
        scopes: wire.scope.map(|text| text.split_ascii_whitespace().map(str::to_owned).collect()),
        session: None,
        limits: Limits::default(),
    })
}

/// A number, or the same in digits as text; both are met in the wild.
fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Seconds {
        Number(u64),
        Fraction(f64),
        Text(String),
    }
    match Option::<Seconds>::deserialize(deserializer)? {
        None => Ok(None),
        Some(Seconds::Number(number)) => Ok(Some(number)),
        Some(Seconds::Fraction(number)) if (0.0..=f64::from(u32::MAX)).contains(&number) => Ok(Some(whole(number))),
        Some(Seconds::Text(text)) if text.bytes().all(|byte| byte.is_ascii_digit()) => {
            text.parse().map(Some).map_err(|_| serde::de::Error::custom("not a number of seconds"))
        }
        Some(Seconds::Fraction(_) | Seconds::Text(_)) => Err(serde::de::Error::custom("not a number of seconds")),
    }
}

/// Seconds without their fraction; the caller has checked the range.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and what 32 bits hold")]
fn whole(number: f64) -> u64 {
    number as u64
}

#[cfg(test)]
mod tests;
