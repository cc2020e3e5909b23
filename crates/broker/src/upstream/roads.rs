//! How a provider is reached: plain on loopback, by TLS elsewhere, through the proxy that the environment names. Plain http
//! leaves this machine on no road, and loopback never goes through a proxy.

use axum::http::Uri;
use hyper::rt::{Read, Write};
use hyper_rustls::{ConfigBuilderExt as _, HttpsConnector};
use hyper_util::client::{
    legacy::connect::{HttpConnector, proxy::Tunnel},
    proxy::matcher::{Intercept, Matcher},
};
use rustls::ClientConfig;
use std::sync::Arc;
use tokio::time::timeout;
use tower::Service as _;
use url::Url;

use super::{CONNECT_DEADLINE, UpstreamFailure};
use crate::{configuration::ConfigurationError, registration::is_loopback};

/// Bytes to and from a provider.
pub(super) type Stream = Box<dyn Bytestream>;

/// What a connection needs of its stream.
pub(super) trait Bytestream: Read + Write + Send + Unpin {}

impl<T: Read + Write + Send + Unpin> Bytestream for T {}

/// Every way out.
pub(super) struct Roads {
    plain: HttpConnector,
    /// Absent where every endpoint is plain http on loopback: a machine without certificates can still try the broker.
    secure: Option<Secure>,
}

struct Secure {
    config: Arc<ClientConfig>,
    direct: HttpsConnector<HttpConnector>,
    proxies: Matcher,
}

impl Roads {
    /// The roads to `endpoints`.
    ///
    /// # Errors
    /// The system's certificates cannot be read although an endpoint needs them.
    pub(super) fn new<'a>(mut endpoints: impl Iterator<Item = &'a Url>) -> Result<Self, ConfigurationError> {
        let mut plain = HttpConnector::new();
        plain.set_nodelay(true);
        plain.enforce_http(false);
        // Shared by all addresses of a name: one that does not answer must not take the others' time.
        plain.set_connect_timeout(Some(CONNECT_DEADLINE));
        let secure = endpoints.any(|url| url.scheme() == "https").then(|| Secure::new(&plain)).transpose();
        let failed = |_| ConfigurationError::new("SSL_CERT_FILE", "and the system hold no certificates to trust");
        Ok(Self { plain, secure: secure.map_err(failed)? })
    }

    /// Opens a stream to the host of `url`.
    pub(super) async fn connect(&self, url: &Url) -> Result<Stream, UpstreamFailure> {
        let stream = timeout(CONNECT_DEADLINE, self.stream(url)).await.map_err(|_| UpstreamFailure::Timeout)?;
        stream.ok_or(UpstreamFailure::Unreachable)
    }

    async fn stream(&self, url: &Url) -> Option<Stream> {
        let to = Uri::try_from(url.as_str()).ok()?;
        match (url.scheme(), is_loopback(url)) {
            ("http", true) => Some(Box::new(self.plain.clone().call(to).await.ok()?)),
            ("https", true) => self.secure.as_ref()?.direct(to).await,
            ("https", false) => {
                let secure = self.secure.as_ref()?;
                match secure.proxies.intercept(&to) {
                    None => secure.direct(to).await,
                    Some(proxy) => secure.through(&proxy, to).await,
                }
            }
            _ => None,
        }
    }
}

impl Secure {
    fn new(plain: &HttpConnector) -> Result<Self, rustls::Error> {
        // Fails only where a provider is installed already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let config = ClientConfig::builder().try_with_platform_verifier()?.with_no_client_auth();
        let config = Arc::new(config);
        let direct = HttpsConnector::from((plain.clone(), Arc::clone(&config)));
        Ok(Self { config, direct, proxies: Matcher::from_env() })
    }

    async fn direct(&self, to: Uri) -> Option<Stream> {
        Some(Box::new(self.direct.clone().call(to).await.ok()?))
    }

    /// By CONNECT (RFC 9110 §9.3.6): the proxy sees the host's name and nothing else.
    async fn through(&self, proxy: &Intercept, to: Uri) -> Option<Stream> {
        let mut tunnel = Tunnel::new(proxy.uri().clone(), self.direct.clone());
        if let Some(authorization) = proxy.basic_auth() {
            tunnel = tunnel.with_auth(authorization.clone());
        }
        let mut secured = HttpsConnector::from((tunnel, Arc::clone(&self.config)));
        Some(Box::new(secured.call(to).await.ok()?))
    }
}
