//! One sign-in in the system's browser, from the first address to the tokens (RFC 8252, RFC 7636).
//!
//! State, verifier and listener are made here and die here. Decides nothing about accounts.

use std::time::Duration;

use chrono::{DateTime, Utc};
use convoke_broker_api::{SignInRefusal, match_code};
use oauth2::{CsrfToken, PkceCodeChallenge};
use sha2::{Digest, Sha256};
use url::Url;

use super::{
    broker_client::BrokerClient,
    callback::{Arrival, Callback, CallbackListener, Paster},
};
use crate::{
    account::ProviderKind,
    credential::{CodeVerifier, OAuthCredential, first},
    error::{Error, ErrorCode},
};

/// How long a person has.
const LONGEST_SIGN_IN: Duration = Duration::from_secs(5 * 60);

/// A sign-in that waits for the browser. Dropping it ends it and closes its port.
pub struct SignIn {
    broker: BrokerClient,
    provider: ProviderKind,
    verifier: CodeVerifier,
    listener: CallbackListener,
    authorize_url: Url,
    match_code: String,
}

/// Tokens in hand, and a browser that still waits for its page.
pub struct Completion {
    /// What was granted.
    pub credential: OAuthCredential,
    callback: Callback,
    listener: CallbackListener,
}

impl SignIn {
    /// Makes state and verifier and starts to listen. Opens nothing. `claims` is what the provider's policy wants.
    ///
    /// # Errors
    /// `Unreachable` where loopback cannot be listened on.
    pub async fn start(broker: &BrokerClient, provider: ProviderKind, claims: Option<&str>) -> Result<Self, Error> {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let state = CsrfToken::new_random_len(32);
        let path = CsrfToken::new_random_len(32);
        let listener = CallbackListener::bind(path.secret(), state.secret()).await?;
        let authorize_url = broker.authorize_url(provider, &challenge, &listener.redirect_uri(), &state, claims);
        Ok(Self {
            broker: broker.clone(),
            provider,
            verifier: CodeVerifier::new(verifier.into_secret()),
            listener,
            authorize_url,
            match_code: match_code(&Sha256::digest(challenge.as_str()).into()),
        })
    }

    /// The address to open in the system's browser; holds no secret.
    #[must_use]
    pub const fn authorize_url(&self) -> &Url {
        &self.authorize_url
    }

    /// Four characters that the broker's page shows too: by them a person sees that the page is of this sign-in and not of
    /// one that somebody else began. No secret.
    #[must_use]
    pub fn match_code(&self) -> &str {
        &self.match_code
    }

    /// Takes the address that the browser ended on, where it runs on another machine.
    #[must_use]
    pub fn paster(&self) -> Paster {
        self.listener.paster()
    }

    /// Waits for the browser and redeems what it brings, once.
    ///
    /// # Errors
    /// `SignInDenied`, `SignInCancelled` (five minutes, or a spent grant), the broker's.
    pub async fn complete(mut self, clock: &(dyn Fn() -> DateTime<Utc> + Send + Sync)) -> Result<Completion, Error> {
        let at = |error: Error| error.from_provider(self.provider);
        let arrival = tokio::time::timeout(LONGEST_SIGN_IN, self.listener.arrival()).await;
        let Ok(Some(mut callback)) = arrival else {
            return Err(at(Error::new(ErrorCode::SignInCancelled).detail("timeout")));
        };
        let tokens = match &callback.arrival {
            Arrival::Refused(word) => Err(refusal(word)),
            Arrival::Cancelled => Err(Error::new(ErrorCode::SignInCancelled).detail("cancelled")),
            Arrival::Grant(grant) => self.broker.redeem(grant, &self.verifier, clock()).await,
        };
        // Without a refresh token the sign-in would be dead within the hour: that is no sign-in.
        let credential = tokens.and_then(|tokens| {
            first(tokens, clock()).ok_or_else(|| Error::new(ErrorCode::BadAnswer).detail("no refresh token"))
        });
        match credential {
            Ok(credential) => Ok(Completion { credential, callback, listener: self.listener }),
            Err(error) => {
                callback.answer(false);
                self.listener.close().await;
                Err(error.from_provider(self.provider))
            }
        }
    }
}

impl Completion {
    /// The credential, and the way to end: the browser still waits.
    #[must_use]
    pub fn split(self) -> (OAuthCredential, Ending) {
        (self.credential, Ending { callback: self.callback, listener: self.listener })
    }
}

/// The browser's last page and the closing of the port.
pub struct Ending {
    callback: Callback,
    listener: CallbackListener,
}

impl Ending {
    /// Sends the browser to the page that says how it ended, and closes the port.
    pub async fn finish(mut self, succeeded: bool) {
        self.callback.answer(succeeded);
        self.listener.close().await;
    }
}

/// What the broker's word means for the person.
fn refusal(word: &str) -> Error {
    let code = match SignInRefusal::parse(word) {
        Some(SignInRefusal::AccessDenied) => ErrorCode::SignInDenied,
        Some(SignInRefusal::ConsentRequired) => ErrorCode::NotPermitted,
        Some(SignInRefusal::TemporarilyUnavailable) => ErrorCode::Unavailable,
        Some(SignInRefusal::ServerError) | None => ErrorCode::Rejected,
    };
    Error::new(code).detail(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_the_broker_has_its_meaning() {
        for (word, code) in [
            ("access_denied", ErrorCode::SignInDenied),
            ("consent_required", ErrorCode::NotPermitted),
            ("something else", ErrorCode::Rejected),
        ] {
            assert_eq!(refusal(word).code, code);
        }
    }

    #[tokio::test]
    async fn the_match_code_is_of_the_challenge_in_the_address() {
        let base: Url = "http://127.0.0.1:1".parse().unwrap();
        let broker = BrokerClient::new(crate::http::HttpClient::new([base.clone()]).unwrap(), base);
        let mut codes = Vec::new();
        for _ in 0..2 {
            let sign_in = SignIn::start(&broker, ProviderKind::Zoom, None).await.unwrap();
            let mut parameters = sign_in.authorize_url().query_pairs();
            let challenge = parameters.find(|(name, _)| name == "code_challenge").unwrap().1.into_owned();
            assert_eq!(sign_in.match_code(), match_code(&Sha256::digest(challenge).into()));
            codes.push(sign_in.match_code().to_owned());
        }
        assert_ne!(codes[0], codes[1]);
    }
}
