//! The three calls that carry the client secret: exchange a code, refresh, revoke. Each is made once.

use base64::{Engine, engine::general_purpose::STANDARD};
use convoke_broker_api::{TokenAnswer, TokenTypeHint, WireSecret};
use secrecy::{ExposeSecret, SecretString};
use tracing::warn;
use url::{Url, form_urlencoded};
use zeroize::Zeroizing;

use crate::{
    grant::Grant,
    refusal::Refusal,
    registration::{ClientAuthentication, Registration},
    token_answer,
    upstream::{Upstream, UpstreamAnswer, UpstreamFailure},
};

/// Exchanges the grant's code for tokens (RFC 6749 §4.1.3). The caller has claimed the grant: a code is never resent.
pub(crate) async fn exchange(
    upstream: &Upstream,
    registration: &Registration,
    origin: &str,
    grant: &Grant,
    now: i64,
) -> Result<TokenAnswer, Refusal> {
    let redirect_uri = registration.redirect_uri(origin);
    let mut fields = vec![("grant_type", "authorization_code"), ("code", grant.code.expose_secret())];
    if registration.row.send_redirect_uri {
        fields.push(("redirect_uri", &redirect_uri));
    }
    if registration.row.pkce {
        fields.push(("code_verifier", grant.verifier.expose_secret()));
    }
    let answer = post(upstream, registration, &registration.token_url, fields).await?;
    told(registration, "exchange", token_answer::tokens(registration.row, &answer, now))
}

/// Refreshes (RFC 6749 §6); the old refresh token is handed back where no new one came.
pub(crate) async fn refresh(
    upstream: &Upstream,
    registration: &Registration,
    refresh_token: &str,
    now: i64,
) -> Result<TokenAnswer, Refusal> {
    let fields = vec![("grant_type", "refresh_token"), ("refresh_token", refresh_token)];
    let answer = post(upstream, registration, &registration.token_url, fields).await?;
    let tokens = token_answer::tokens(registration.row, &answer, now);
    let mut tokens = told(registration, "refresh", tokens)?;
    tokens.refresh_token.get_or_insert_with(|| WireSecret::new(refresh_token.to_owned()));
    Ok(tokens)
}

/// Revokes a token (RFC 7009 §2.1); 501 where the provider cannot.
pub(crate) async fn revoke(
    upstream: &Upstream,
    registration: &Registration,
    token: &str,
    hint: Option<TokenTypeHint>,
    now: i64,
) -> Result<(), Refusal> {
    let url = registration.revoke_url.as_ref().ok_or(Refusal::revocation_unsupported())?;
    let mut fields = vec![("token", token)];
    if let Some(hint) = hint.filter(|_| registration.row.revoke_sends_hint) {
        fields.push(("token_type_hint", hint.as_str()));
    }
    let answer = post(upstream, registration, url, fields).await?;
    told(registration, "revoke", token_answer::revoked(registration.row, &answer, now))
}

async fn post(
    upstream: &Upstream,
    registration: &Registration,
    url: &Url,
    mut fields: Vec<(&str, &str)>,
) -> Result<UpstreamAnswer, Refusal> {
    let (id, secret) = (&registration.client_id, registration.client_secret.expose_secret());
    let authorization = match registration.row.client_authentication {
        ClientAuthentication::Header => Some(basic(id, secret)),
        ClientAuthentication::Body => {
            fields.extend([("client_id", id.as_str()), ("client_secret", secret)]);
            None
        }
    };
    upstream.post_form(url, authorization.as_ref(), &fields).await.map_err(|failure| {
        warn!(provider = registration.row.name, %failure, "no answer from the provider");
        match failure {
            UpstreamFailure::Unreachable => Refusal::provider_unavailable(None),
            UpstreamFailure::Timeout => Refusal::provider_timeout(),
            UpstreamFailure::CutShort | UpstreamFailure::TooLarge => Refusal::bad_answer(),
        }
    })
}

/// Basic credentials, each part form-encoded first (RFC 6749 §2.3.1).
fn basic(id: &str, secret: &str) -> SecretString {
    let encode = |text: &str| Zeroizing::new(form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>());
    let pair = Zeroizing::new(format!("{}:{}", *encode(id), *encode(secret)));
    format!("Basic {}", STANDARD.encode(pair.as_bytes())).into()
}

/// Logs the code of a refusal for the operator; the provider's own text stays out of the log.
fn told<T>(registration: &Registration, call: &'static str, outcome: Result<T, Refusal>) -> Result<T, Refusal> {
    if let Err(refusal) = &outcome {
        warn!(provider = registration.row.name, call, error = refusal.code.as_str(), "the provider refused");
    }
    outcome
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
