//! The only user of reqwest: time limits, size caps, no redirects, allowed origins.
//!
//! Any status comes back as an answer; only what is no answer is an error. Loopback never goes
//! through a proxy (reqwest has no such rule of its own). Knows no tokens.

use std::{sync::Arc, time::Duration};

use bytes::BytesMut;
use url::{Host, Url};

pub use self::{
    answer::HttpAnswer,
    failure::{TransportError, TransportKind},
    request::HttpRequest,
    trust::{CA_FIELD, Trust},
    witness::{Fault, Refused},
};
use self::{failure::kind_of, proxy::Proxies, witness::Witness};
use crate::error::{Error, ErrorCode};

mod answer;
#[cfg(target_os = "linux")]
mod desktop;
mod failure;
mod proxy;
mod request;
#[cfg(test)]
mod tests;
mod trust;
mod witness;

/// The most that an API answers, in bytes.
pub const API_CAP: usize = 4 * 1024 * 1024;
/// The most that a token endpoint answers, in bytes.
pub const TOKEN_CAP: usize = 64 * 1024;

const CONNECT_LIMIT: Duration = Duration::from_secs(5);
const HEAD_LIMIT: Duration = Duration::from_secs(15);
const WHOLE_LIMIT: Duration = Duration::from_secs(30);
/// An idle connection is closed after this long, since its buffers hold the last request's head with the token in it. Longer
/// than the pauses within one act, such as reading a list page by page.
const IDLE_LIMIT: Duration = Duration::from_secs(10);
const USER_AGENT: &str = concat!("Convoke/", env!("CARGO_PKG_VERSION"));

/// Sends requests to the origins it was made for. Cheap to clone.
#[derive(Clone)]
pub struct HttpClient {
    routed: reqwest::Client,
    direct: reqwest::Client,
    allowed: Arc<[String]>,
    proxies: Arc<Proxies>,
    witness: Arc<Witness>,
}

impl HttpClient {
    /// A client that speaks to the origins of `allowed` and to nothing else, and believes the system's authorities.
    ///
    /// # Errors
    /// `Tls` where TLS cannot be set up on this computer.
    pub fn new(allowed: impl IntoIterator<Item = Url>) -> Result<Self, Error> {
        Self::trusting(allowed, &Trust::default())
    }

    /// A client as [`HttpClient::new`] makes it, that believes the authorities of `trust` as well.
    ///
    /// # Errors
    /// `Tls` where TLS cannot be set up on this computer.
    #[expect(clippy::disallowed_methods, reason = "the one place of core that builds an HTTP client")]
    pub fn trusting(allowed: impl IntoIterator<Item = Url>, trust: &Trust) -> Result<Self, Error> {
        // A second installation in one process answers Err and changes nothing.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let (tls, witness) = trust.set_up()?;
        let builder = || {
            reqwest::Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .connect_timeout(CONNECT_LIMIT)
                .timeout(WHOLE_LIMIT)
                .pool_idle_timeout(IDLE_LIMIT)
                .user_agent(USER_AGENT)
                .referer(false)
                .tls_backend_preconfigured(tls.clone())
        };
        let built = |builder: reqwest::ClientBuilder| builder.build().map_err(|_| Error::new(ErrorCode::Tls));
        let proxies = Arc::new(Proxies::of_system());
        Ok(Self {
            routed: built(proxies.on(builder()))?,
            direct: built(builder().no_proxy())?,
            allowed: allowed.into_iter().map(|url| origin(&url)).collect(),
            proxies,
            witness,
        })
    }

    /// A client that speaks to `more` as well, over the same connections.
    #[must_use]
    pub fn also_allowing(&self, more: &Url) -> Self {
        let allowed = self.allowed.iter().cloned().chain([origin(more)]).collect();
        Self { allowed, ..self.clone() }
    }

    /// Sends one request, once.
    ///
    /// # Errors
    /// Where no complete answer came within the limits.
    pub async fn send(&self, request: HttpRequest) -> Result<HttpAnswer, TransportError> {
        let HttpRequest { method, url, headers, body, cap } = request;
        let host = url.host_str().unwrap_or_default().to_owned();
        let fail = |kind| TransportError::new(kind, host.clone());
        if !scheme_is_allowed(&url) || !self.allowed.contains(&origin(&url)) {
            return Err(fail(TransportKind::NotAllowed));
        }
        self.proxies.ask(&url).await;
        let client = if is_loopback(&url) { &self.direct } else { &self.routed };
        let proxy = self.proxy(&url);
        let sending = client.request(method, url).headers(headers).body(body).send();
        let mut answer = tokio::time::timeout(HEAD_LIMIT, sending)
            .await
            .map_err(|_| fail(TransportKind::Timeout))?
            .map_err(|error| self.failed(kind_of(&error), &host, proxy))?;
        let status = answer.status().as_u16();
        if answer.content_length().is_some_and(|length| length > cap as u64) {
            return Err(fail(TransportKind::TooLarge));
        }
        let headers = std::mem::take(answer.headers_mut());
        let mut body = BytesMut::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| fail(kind_of(&error)))? {
            if body.len() + chunk.len() > cap {
                return Err(fail(TransportKind::TooLarge));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(HttpAnswer { status, headers, body: body.freeze() })
    }

    /// The proxy that stands between this computer and `url`, as `host:port` and without its password; as of the last request,
    /// where it takes a question to know. A connection that is still open goes on by the way that it was opened.
    #[must_use]
    pub fn proxy(&self, url: &Url) -> Option<String> {
        self.proxies.towards(url)
    }

    /// Who issued the certificate that `host` was last known by, where it was accepted.
    #[must_use]
    pub fn issuer(&self, host: &str) -> Option<String> {
        self.witness.issuer(host)
    }

    /// Why there is no connection: names the proxy where that is the trouble, and the certificate that was refused.
    fn failed(&self, kind: TransportKind, host: &str, proxy: Option<String>) -> TransportError {
        let at_proxy = matches!(kind, TransportKind::Proxy | TransportKind::ProxyPassword | TransportKind::ProxyAway);
        let at = proxy.filter(|_| at_proxy).map_or_else(|| host.to_owned(), |proxy| format!("proxy {proxy}"));
        let refused = if kind == TransportKind::Tls { self.witness.refused(host) } else { None };
        TransportError { refused, ..TransportError::new(kind, at) }
    }
}

/// Scheme, host and port as one text, without a path.
#[must_use]
pub fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

/// Whether the host is a loopback address, written as a number or as `localhost`.
#[must_use]
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// `https`, or `http` where the host is a loopback address.
#[must_use]
pub fn scheme_is_allowed(url: &Url) -> bool {
    match url.scheme() {
        "https" => url.host().is_some(),
        "http" => is_loopback(url),
        _ => false,
    }
}
