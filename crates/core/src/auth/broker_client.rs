//! Asks Convoke's broker: which providers, redeem a grant, refresh, revoke.
//!
//! An answer counts only where it carries the broker's protocol header: a captive portal or a proxy's
//! error page is never taken for the broker's word. Nothing here is sent twice.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Duration, Utc};
use convoke_broker_api as api;
use http::header;
use oauth2::{CsrfToken, PkceCodeChallenge};
use secrecy::ExposeSecret;
use url::Url;

use super::bearer::bearer;
use crate::{
    account::ProviderKind,
    credential::{
        AccessToken, BrokerSession, CodeVerifier, Grant, Limits, OAuthCredential, RefreshToken, SessionWord,
        TokenAnswer, life::SESSION_OVER,
    },
    error::{Error, ErrorCode},
    http::{HttpAnswer, HttpClient, HttpRequest, TOKEN_CAP, TransportError, origin},
};

const LONGEST_RETRY: u64 = 15 * 60;
/// The longest token that is believed, in bytes.
const LONGEST_TOKEN: usize = 16 * 1024;

/// Why a broker gave no tokens, and what it said about its session on the way.
pub struct Refusal {
    /// Why; boxed, since it is the larger half of an answer that mostly does not come.
    pub error: Box<Error>,
    /// About the session.
    pub session: SessionWord,
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self { error: Box::new(error), session: SessionWord::Unsaid }
    }
}

impl From<TransportError> for Refusal {
    fn from(error: TransportError) -> Self {
        Error::from(error).into()
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        *refusal.error
    }
}

/// The broker of one organisation.
#[derive(Clone)]
pub struct BrokerClient {
    http: HttpClient,
    base: Url,
}

impl BrokerClient {
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

    /// The address that the system's browser opens to sign in. Holds no secret. `claims` is what a provider's policy wants
    /// of this sign-in, as JSON.
    #[must_use]
    pub fn authorize_url(
        &self,
        provider: ProviderKind,
        challenge: &PkceCodeChallenge,
        redirect_uri: &str,
        state: &CsrfToken,
        claims: Option<&str>,
    ) -> Url {
        let mut url = self.at(&api::authorize_path(provider.as_str()));
        url.query_pairs_mut()
            .append_pair(api::parameter::CODE_CHALLENGE, challenge.as_str())
            .append_pair(api::parameter::CODE_CHALLENGE_METHOD, api::CODE_CHALLENGE_METHOD)
            .append_pair(api::parameter::REDIRECT_URI, redirect_uri)
            .append_pair(api::parameter::STATE, state.secret());
        if let Some(claims) = claims {
            url.query_pairs_mut().append_pair(api::parameter::CLAIMS, &URL_SAFE_NO_PAD.encode(claims));
        }
        url
    }

    /// The address by which a broker is known.
    #[must_use]
    pub fn front(&self) -> Url {
        self.at(api::PROVIDERS_PATH)
    }

    /// Which providers it serves.
    ///
    /// # Errors
    /// Where it cannot be reached or is no broker.
    pub async fn providers(&self) -> Result<api::ProvidersAnswer, Error> {
        let answer = self.http.send(HttpRequest::get(self.front()).cap(TOKEN_CAP)).await?;
        succeeded(&answer, None)?.json()
    }

    /// Redeems a sealed grant for tokens; a grant can be redeemed once.
    ///
    /// # Errors
    /// `SignInCancelled` where the grant is spent or too old: start over. The network's.
    pub async fn redeem(
        &self,
        grant: &Grant,
        verifier: &CodeVerifier,
        now: DateTime<Utc>,
    ) -> Result<TokenAnswer, Error> {
        let form = [("grant", grant.0.expose_secret()), ("code_verifier", verifier.0.expose_secret())];
        let answer = self.http.send(HttpRequest::form(self.at(api::TOKEN_PATH), &form).cap(TOKEN_CAP)).await?;
        let answer = succeeded(&answer, Some(now)).map_err(|Refusal { error, .. }| match error.code {
            ErrorCode::SignInRequired => Error { code: ErrorCode::SignInCancelled, ..*error },
            _ => *error,
        })?;
        tokens(answer, now)
    }

    /// Asks for new tokens, with the broker's session where there is one.
    ///
    /// # Errors
    /// `SignInRequired` only on the broker's own, parsed word: `invalid_grant` where the provider's token is dead,
    /// `invalid_session` (its detail is `session`) where the broker's session is over. Anything else keeps the credential.
    pub async fn refresh(
        &self,
        provider: ProviderKind,
        credential: &OAuthCredential,
        now: DateTime<Utc>,
    ) -> Result<TokenAnswer, Refusal> {
        let form = [("refresh_token", credential.refresh.0.expose_secret())];
        let request = HttpRequest::form(self.at(&api::refresh_path(provider.as_str())), &form).cap(TOKEN_CAP);
        let answer = self.http.send(within_session(request, credential)).await?;
        Ok(tokens(succeeded(&answer, Some(now))?, now)?)
    }

    /// Revokes a refresh token at the provider; false where the provider has no revocation.
    ///
    /// # Errors
    /// Where the broker or the provider cannot be reached.
    pub async fn revoke(&self, provider: ProviderKind, credential: &OAuthCredential) -> Result<bool, Error> {
        let token = credential.refresh.0.expose_secret();
        let form = [("token", token), ("token_type_hint", api::TokenTypeHint::RefreshToken.as_str())];
        let request = HttpRequest::form(self.at(&api::revoke_path(provider.as_str())), &form).cap(TOKEN_CAP);
        let answer = self.http.send(within_session(request, credential)).await?;
        if answer.status == 501 && is_brokers(&answer) {
            return Ok(false);
        }
        // The session's next token is not read: who revokes is about to forget the credential.
        succeeded(&answer, None)?;
        Ok(true)
    }

    fn at(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        let prefix = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{prefix}{path}"));
        url
    }
}

/// The request with the broker's session, where the credential has one.
fn within_session(request: HttpRequest, credential: &OAuthCredential) -> HttpRequest {
    match &credential.session {
        Some(session) => request.header(header::AUTHORIZATION, bearer(&session.token)),
        None => request,
    }
}

/// Whether the broker itself answered, and not something on the way.
fn is_brokers(answer: &HttpAnswer) -> bool {
    answer.header(api::PROTOCOL_HEADER).is_some()
}

/// Whether the answer at a broker's front is a broker's; the version of its contract. Pure.
pub(super) fn recognise(answer: &HttpAnswer) -> Result<String, Error> {
    succeeded(answer, None)?.json::<api::ProvidersAnswer>()?;
    Ok(crate::error::printable(answer.header(api::PROTOCOL_HEADER).unwrap_or_default()))
}

/// The answer, where it is the broker's and says yes; pure.
fn succeeded(answer: &HttpAnswer, now: Option<DateTime<Utc>>) -> Result<&HttpAnswer, Refusal> {
    if !is_brokers(answer) {
        let code = match answer.status {
            407 => ErrorCode::ProxyPassword,
            511 => ErrorCode::Intercepted,
            _ if answer.is_html() || answer.is_success() || (300..400).contains(&answer.status) => {
                ErrorCode::Intercepted
            }
            500..=599 | 429 => ErrorCode::Unavailable,
            _ => ErrorCode::BadAnswer,
        };
        return Err(Error::new(code).detail(format!("HTTP {}", answer.status)).into());
    }
    if answer.is_success() {
        return Ok(answer);
    }
    let said: api::ErrorAnswer = answer.json()?;
    if (answer.status, said.error, said.retryable) == (401, api::ErrorCode::InvalidSession, false) {
        let error = Error::new(ErrorCode::SignInRequired).detail(SESSION_OVER);
        return Err(Refusal { session: SessionWord::Over, ..error.into() });
    }
    let code = match (answer.status, said.error) {
        (400 | 401, api::ErrorCode::InvalidGrant) if !said.retryable => ErrorCode::SignInRequired,
        (_, api::ErrorCode::RateLimited) => ErrorCode::RateLimited,
        (_, api::ErrorCode::BadAnswer) => ErrorCode::BadAnswer,
        (_, api::ErrorCode::ProviderOff | api::ErrorCode::RegistrationRefused | api::ErrorCode::Forbidden) => {
            ErrorCode::NotPermitted
        }
        (408 | 500..=599, _) => ErrorCode::Unavailable,
        _ => ErrorCode::Rejected,
    };
    let retry_at = now
        .zip(said.retry_after)
        .map(|(now, seconds)| now + Duration::seconds(seconds.min(LONGEST_RETRY).cast_signed()));
    let session = now.and_then(|now| session(said.session_token, now)).map_or(SessionWord::Unsaid, SessionWord::Next);
    Err(Refusal { session, ..Error::new(code).detail(said.error.as_str()).retry(retry_at).into() })
}

/// Whether `token` may stand in a header: 1 to 16,384 printable ASCII characters.
pub(super) fn plain(token: &str) -> bool {
    (1..=LONGEST_TOKEN).contains(&token.len()) && token.bytes().all(|byte| byte.is_ascii_graphic())
}

/// The session's next token. A bad one is none, since the tokens beside it may be the only good ones left.
fn session(token: Option<api::WireSecret>, now: DateTime<Utc>) -> Option<BrokerSession> {
    let token = token.map(api::WireSecret::into_inner).filter(|token| plain(token))?;
    Some(BrokerSession::new(token, now))
}

fn tokens(answer: &HttpAnswer, now: DateTime<Utc>) -> Result<TokenAnswer, Error> {
    let answer: api::TokenAnswer = answer.json()?;
    let access = answer.access_token.into_inner();
    let refresh = answer.refresh_token.map(api::WireSecret::into_inner);
    if !plain(&access) || refresh.as_deref().is_some_and(|token| !plain(token)) {
        return Err(Error::new(ErrorCode::BadAnswer));
    }
    Ok(TokenAnswer {
        access: AccessToken::new(access),
        refresh: refresh.map(RefreshToken::new),
        expires_in: answer.expires_in,
        scopes: answer.scope.map(|text| text.split_ascii_whitespace().map(str::to_owned).collect()),
        session: session(answer.session_token, now),
        limits: Limits {
            unused: [answer.refresh_token_expires_in, answer.session_expires_in].into_iter().flatten().min(),
            whole: answer.session_ends_in,
        },
    })
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::{HeaderMap, HeaderValue};

    use super::*;

    fn answer(status: u16, brokers: bool, kind: &'static str, body: &str) -> HttpAnswer {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", HeaderValue::from_static(kind));
        if brokers {
            headers.insert(api::PROTOCOL_HEADER, HeaderValue::from_static(api::PROTOCOL_VERSION));
        }
        HttpAnswer { status, headers, body: Bytes::from(body.to_owned()) }
    }

    fn code(status: u16, brokers: bool, kind: &'static str, body: &str) -> ErrorCode {
        succeeded(&answer(status, brokers, kind, body), None).err().expect("refused").error.code
    }

    const DEAD: &str = r#"{"error":"invalid_grant","error_description":"x","retryable":false}"#;

    #[test]
    fn only_the_brokers_own_parsed_word_ends_a_credential() {
        assert_eq!(code(401, true, "application/json", DEAD), ErrorCode::SignInRequired);
        for (status, brokers, kind, body) in [
            (401, false, "application/json", DEAD),
            (400, false, "application/json", DEAD),
            (401, true, "text/html", DEAD),
            (401, true, "application/json", "{\"error\":\"invalid_gr"),
            (401, true, "application/json", r#"{"error":"invalid_grant","error_description":"x","retryable":true}"#),
            (200, false, "text/html", "<html>sign in to the network</html>"),
            (302, false, "text/html", ""),
            (403, false, "text/html", ""),
            (407, false, "text/html", ""),
            (502, false, "text/html", ""),
            (502, true, "application/json", r#"{"error":"bad_answer","error_description":"x","retryable":true}"#),
            (
                503,
                true,
                "application/json",
                r#"{"error":"provider_unavailable","error_description":"x","retryable":true}"#,
            ),
        ] {
            assert_ne!(code(status, brokers, kind, body), ErrorCode::SignInRequired, "{status} {brokers} {body}");
        }
    }

    #[test]
    fn a_wait_is_capped() {
        let body = r#"{"error":"rate_limited","error_description":"x","retryable":true,"retry_after":99999999}"#;
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let Refusal { error, .. } = succeeded(&answer(429, true, "application/json", body), Some(now)).err().unwrap();
        assert_eq!(error.retry_at, Some(now + Duration::minutes(15)));
    }
}
