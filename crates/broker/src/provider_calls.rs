//! The three calls that carry the client secret: exchange a code, refresh, revoke. Each is made once, and not at all while
//! the provider is known to be down.

use std::{collections::HashMap, sync::Arc};

use base64::{Engine, engine::general_purpose::STANDARD};
use convoke_broker_api::{ErrorCode, TokenTypeHint, WireSecret};
use secrecy::{ExposeSecret, SecretString};
use tokio::time::Instant;
use tracing::warn;
use url::{Url, form_urlencoded};
use zeroize::Zeroizing;

use crate::{
    breaker::Breaker,
    clock::Clock,
    grant::Grant,
    metrics::{Metrics, UpstreamCall},
    refusal::Refusal,
    registration::{ClientAuthentication, Pkce, Registration, RevokeStyle},
    token_answer::{self, Granted},
    upstream::{Upstream, UpstreamAnswer, UpstreamFailure},
};

/// The way to every provider.
pub(crate) struct ProviderCalls {
    upstream: Upstream,
    providers: HashMap<String, Provider>,
    clock: Arc<dyn Clock>,
    metrics: Arc<Metrics>,
}

/// What is known of one provider.
struct Provider {
    breaker: Breaker,
    /// Value of the `Authorization` header; absent where the credentials go in the body alone.
    authorization: Option<SecretString>,
}

/// Why a call brought nothing.
#[derive(Debug)]
pub(crate) struct CallFailure {
    pub(crate) refusal: Refusal,
    /// The provider's own words, for the old broker's clients alone.
    pub(crate) words: Option<String>,
}

impl From<Refusal> for CallFailure {
    fn from(refusal: Refusal) -> Self {
        Self { refusal, words: None }
    }
}

impl From<CallFailure> for Refusal {
    fn from(failure: CallFailure) -> Self {
        failure.refusal
    }
}

/// Tokens, and the provider's JSON as it came.
pub(crate) struct Answered {
    pub(crate) granted: Granted,
    pub(crate) body: Vec<u8>,
}

impl ProviderCalls {
    /// Calls over `upstream` for `registrations`.
    pub(crate) fn new(
        upstream: Upstream,
        registrations: &[Registration],
        clock: Arc<dyn Clock>,
        metrics: Arc<Metrics>,
    ) -> Self {
        let providers = registrations.iter().map(|registration| {
            let in_header = registration.client_authentication != ClientAuthentication::Body;
            let authorization =
                in_header.then(|| basic(&registration.client_id, registration.client_secret.expose_secret()));
            (registration.name.clone(), Provider { breaker: Breaker::default(), authorization })
        });
        Self { upstream, providers: providers.collect(), clock, metrics }
    }

    /// Exchanges the grant's code for tokens (RFC 6749 §4.1.3). The caller has claimed the grant: a code is never resent.
    pub(crate) async fn exchange(
        &self,
        registration: &Registration,
        origin: &str,
        code: &SecretString,
        verifier: &SecretString,
    ) -> Result<Answered, CallFailure> {
        let redirect_uri = registration.redirect_uri(origin);
        let mut fields = vec![("grant_type", "authorization_code"), ("code", code.expose_secret())];
        if registration.send_redirect_uri {
            fields.push(("redirect_uri", &redirect_uri));
        }
        if registration.pkce != Pkce::None {
            fields.push(("code_verifier", verifier.expose_secret()));
        }
        self.tokens(registration, UpstreamCall::Exchange, fields).await
    }

    /// Exchanges what a sealed grant holds.
    pub(crate) async fn redeem(
        &self,
        registration: &Registration,
        origin: &str,
        grant: &Grant,
    ) -> Result<Granted, Refusal> {
        Ok(self.exchange(registration, origin, &grant.code, &grant.verifier).await?.granted)
    }

    /// Refreshes (RFC 6749 §6); the old refresh token is handed back where no new one came.
    pub(crate) async fn refresh(
        &self,
        registration: &Registration,
        refresh_token: &str,
    ) -> Result<Answered, CallFailure> {
        let fields = vec![("grant_type", "refresh_token"), ("refresh_token", refresh_token)];
        let mut answered = self.tokens(registration, UpstreamCall::Refresh, fields).await?;
        let tokens = &mut answered.granted.answer.refresh_token;
        tokens.get_or_insert_with(|| WireSecret::new(refresh_token.to_owned()));
        Ok(answered)
    }

    /// Revokes a token (RFC 7009 §2.1); 501 where the provider cannot.
    pub(crate) async fn revoke(
        &self,
        registration: &Registration,
        token: &str,
        hint: Option<TokenTypeHint>,
    ) -> Result<(), CallFailure> {
        let url = registration.revoke_url.as_ref().ok_or(Refusal::revocation_unsupported())?;
        let mut fields = vec![("token", token)];
        if let Some(hint) = hint.filter(|_| registration.revoke_sends_hint) {
            fields.push(("token_type_hint", hint.as_str()));
        }
        let answer = match registration.revoke_style {
            RevokeStyle::Body => self.post(registration, UpstreamCall::Revoke, url, fields).await?,
            RevokeStyle::Query => {
                let mut url = url.clone();
                url.query_pairs_mut().extend_pairs(fields);
                self.post(registration, UpstreamCall::Revoke, &url, Vec::new()).await?
            }
        };
        let revoked = token_answer::revoked(registration, &answer, self.clock.now());
        self.told(registration, UpstreamCall::Revoke, &answer, revoked)
    }

    /// Whether calls to the provider are held back just now.
    pub(crate) fn is_down(&self, registration: &Registration) -> bool {
        self.providers[&registration.name].breaker.is_open()
    }

    async fn tokens(
        &self,
        registration: &Registration,
        call: UpstreamCall,
        fields: Vec<(&str, &str)>,
    ) -> Result<Answered, CallFailure> {
        let answer = self.post(registration, call, &registration.token_url, fields).await?;
        let read = token_answer::tokens(registration, &answer, self.clock.now());
        let granted = self.told(registration, call, &answer, read)?;
        Ok(Answered { granted, body: answer.body })
    }

    async fn post(
        &self,
        registration: &Registration,
        call: UpstreamCall,
        url: &Url,
        mut fields: Vec<(&str, &str)>,
    ) -> Result<UpstreamAnswer, Refusal> {
        let Provider { breaker, authorization } = &self.providers[&registration.name];
        if let Err(wait) = breaker.may_call(self.clock.now()) {
            self.metrics.called(&registration.name, call, ErrorCode::ProviderUnavailable.as_str());
            return Err(Refusal::provider_unavailable(Some(wait)));
        }
        if registration.client_authentication != ClientAuthentication::Header {
            let (id, secret) = (&registration.client_id, registration.client_secret.expose_secret());
            fields.extend([("client_id", id.as_str()), ("client_secret", secret)]);
        }
        let started = Instant::now();
        let answer = self.upstream.post_form(url, authorization.as_ref(), &fields).await;
        self.metrics.took(&registration.name, started.elapsed());
        match &answer {
            // Some answer 5xx to a code that is none: whoever makes one up must not shut the provider for everybody.
            Ok(answer) if answer.status.is_server_error() && call == UpstreamCall::Exchange => {}
            Ok(answer) => breaker.note(!answer.status.is_server_error(), self.clock.now()),
            Err(UpstreamFailure::Unreachable | UpstreamFailure::Timeout) => breaker.note(false, self.clock.now()),
            // A cut answer is no sign of an outage, and no sign of health.
            Err(UpstreamFailure::CutShort | UpstreamFailure::TooLarge) => {}
        }
        answer.map_err(|failure| {
            warn!(provider = registration.name, %failure, "no answer from the provider");
            let refusal = match failure {
                UpstreamFailure::Unreachable => Refusal::provider_unavailable(None),
                UpstreamFailure::Timeout => Refusal::provider_timeout(),
                UpstreamFailure::CutShort | UpstreamFailure::TooLarge => Refusal::bad_answer(),
            };
            self.metrics.called(&registration.name, call, refusal.code.as_str());
            refusal
        })
    }

    /// Counts a call, and logs the code of a refusal for the operator; the provider's own text stays out of the log.
    fn told<T>(
        &self,
        registration: &Registration,
        call: UpstreamCall,
        answer: &UpstreamAnswer,
        outcome: Result<T, Refusal>,
    ) -> Result<T, CallFailure> {
        let word = outcome.as_ref().map_or_else(|refusal| refusal.code.as_str(), |_| "ok");
        self.metrics.called(&registration.name, call, word);
        outcome.map_err(|refusal| {
            warn!(provider = registration.name, call = call.as_str(), error = word, "the provider refused");
            CallFailure { refusal, words: token_answer::words(answer) }
        })
    }
}

/// Basic credentials, each part form-encoded first (RFC 6749 §2.3.1).
fn basic(id: &str, secret: &str) -> SecretString {
    let encode = |text: &str| Zeroizing::new(form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>());
    let pair = Zeroizing::new(format!("{}:{}", *encode(id), *encode(secret)));
    format!("Basic {}", STANDARD.encode(pair.as_bytes())).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_form_encoded_before_base64() {
        let text = basic("a:b", "p ä%").expose_secret().to_owned();
        let decoded = STANDARD.decode(text.strip_prefix("Basic ").expect("the scheme")).expect("base64");
        assert_eq!(decoded, b"a%3Ab:p+%C3%A4%25");
    }
}
