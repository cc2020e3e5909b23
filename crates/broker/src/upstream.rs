//! The one way out to the providers: the only user of reqwest. No redirects, no retries, deadlines, a capped body, and
//! loopback never through a proxy. It knows no OAuth.

use std::time::Duration;

use axum::http::{
    HeaderMap, HeaderValue, StatusCode,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER},
};
use reqwest::{Client, ClientBuilder, redirect, retry};
use secrecy::{ExposeSecret, SecretString};
use url::{Url, form_urlencoded};
use zeroize::Zeroizing;

use crate::{configuration::ConfigurationError, registration::is_loopback};

const CONNECT_DEADLINE: Duration = Duration::from_secs(5);
/// How long a connection to a provider is kept for the next call: its buffers hold what was said last.
const POOL_IDLE: Duration = Duration::from_secs(10);
const WHOLE_DEADLINE: Duration = Duration::from_secs(20);
const BODY_LIMIT: usize = 64 * 1024;

/// What came back, whatever the status.
pub(crate) struct UpstreamAnswer {
    pub(crate) status: StatusCode,
    pub(crate) content_type: Option<String>,
    pub(crate) retry_after: Option<String>,
    pub(crate) body: Zeroizing<Vec<u8>>,
}

impl UpstreamAnswer {
    /// Whether the answer calls itself JSON (RFC 8259 §11).
    pub(crate) fn is_json(&self) -> bool {
        let media_type = self.content_type.as_deref().and_then(|text| text.split(';').next());
        media_type.is_some_and(|text| text.trim().eq_ignore_ascii_case("application/json"))
    }
}

/// Why no whole answer came. None of these says anything about a credential.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub(crate) enum UpstreamFailure {
    #[error("no connection, or it closed before the answer")]
    Unreachable,
    #[error("the deadline passed")]
    Timeout,
    #[error("the answer was cut short")]
    CutShort,
    #[error("the answer is larger than 64 KiB")]
    TooLarge,
}

/// The clients that reach the providers, one for each road.
pub(crate) struct Upstream {
    loopback: Client,
    /// Absent where every endpoint is plain http on loopback: a machine without certificates can still try the broker.
    secure: Option<SecureClients>,
}

struct SecureClients {
    loopback: Client,
    world: Client,
}

impl Upstream {
    /// Clients for `endpoints`.
    ///
    /// # Errors
    /// The system's certificates cannot be read although an endpoint needs them.
    pub(crate) fn new<'a>(mut endpoints: impl Iterator<Item = &'a Url>) -> Result<Self, ConfigurationError> {
        // Fails only where a provider is installed already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let failed = |_| ConfigurationError::new("SSL_CERT_FILE", "and the system hold no certificates to trust");
        let secure = if endpoints.any(|url| url.scheme() == "https") {
            Some(SecureClients {
                loopback: builder().no_proxy().build().map_err(failed)?,
                world: builder().build().map_err(failed)?,
            })
        } else {
            None
        };
        let loopback = builder().no_proxy().tls_certs_only(std::iter::empty()).build().map_err(failed)?;
        Ok(Self { loopback, secure })
    }

    /// Posts one form, once.
    ///
    /// # Errors
    /// No whole answer; the errors name no address and hold no secret.
    pub(crate) async fn post_form(
        &self,
        url: &Url,
        authorization: Option<&SecretString>,
        fields: &[(&str, &str)],
    ) -> Result<UpstreamAnswer, UpstreamFailure> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        if let Some(authorization) = authorization {
            let mut value =
                HeaderValue::try_from(authorization.expose_secret()).map_err(|_| UpstreamFailure::Unreachable)?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        let length: usize = fields.iter().map(|(name, value)| name.len() + value.len() + 2).sum();
        let body = String::with_capacity(length + length / 8);
        let body = form_urlencoded::Serializer::new(body).extend_pairs(fields).finish();
        let client = self.client_for(url).ok_or(UpstreamFailure::Unreachable)?;
        let mut response = client
            .post(url.clone())
            .headers(headers)
            .body(body)
            .send()
            .await
            .map_err(|error| before_the_head(&error))?;
        let text = |name| {
            let value: Option<&HeaderValue> = response.headers().get(name);
            value.and_then(|value| value.to_str().ok()).map(str::to_owned)
        };
        let (content_type, retry_after) = (text(CONTENT_TYPE), text(RETRY_AFTER));
        let mut body = Zeroizing::new(Vec::new());
        while let Some(chunk) = response.chunk().await.map_err(|error| in_the_body(&error))? {
            if body.len() + chunk.len() > BODY_LIMIT {
                return Err(UpstreamFailure::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(UpstreamAnswer { status: response.status(), content_type, retry_after, body })
    }

    /// The client for `url`; plain http leaves this machine on no road.
    fn client_for(&self, url: &Url) -> Option<&Client> {
        match (url.scheme(), is_loopback(url)) {
            ("http", true) => Some(&self.loopback),
            ("https", true) => self.secure.as_ref().map(|clients| &clients.loopback),
            ("https", false) => self.secure.as_ref().map(|clients| &clients.world),
            _ => None,
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the one place in the broker that makes HTTP clients")]
fn builder() -> ClientBuilder {
    Client::builder()
        .connect_timeout(CONNECT_DEADLINE)
        .pool_idle_timeout(POOL_IDLE)
        .timeout(WHOLE_DEADLINE)
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .referer(false)
        .user_agent(concat!("convoke-broker/", env!("CARGO_PKG_VERSION")))
}

fn before_the_head(error: &reqwest::Error) -> UpstreamFailure {
    if error.is_timeout() { UpstreamFailure::Timeout } else { UpstreamFailure::Unreachable }
}

fn in_the_body(error: &reqwest::Error) -> UpstreamFailure {
    if error.is_timeout() { UpstreamFailure::Timeout } else { UpstreamFailure::CutShort }
}
