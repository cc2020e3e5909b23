//! The only user of reqwest: time limits, size caps, no redirects, allowed origins.
//!
//! Any status comes back as an answer; only what is no answer is an error. Loopback never goes
//! through a proxy (reqwest has no such rule of its own). Knows no tokens.

use std::{error::Error as _, sync::Arc, time::Duration};

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use serde::{Serialize, de::DeserializeOwned};
use url::{Host, Url};

use crate::error::{Error, ErrorCode};

/// The most that an API answers, in bytes.
pub const API_CAP: usize = 4 * 1024 * 1024;
/// The most that a token endpoint answers, in bytes.
pub const TOKEN_CAP: usize = 64 * 1024;

const CONNECT_LIMIT: Duration = Duration::from_secs(5);
const HEAD_LIMIT: Duration = Duration::from_secs(15);
const WHOLE_LIMIT: Duration = Duration::from_secs(30);
const USER_AGENT: &str = concat!("Convoke/", env!("CARGO_PKG_VERSION"));

/// One request, complete.
pub struct HttpRequest {
    /// The method.
    pub method: Method,
    /// Where to; its origin must be allowed.
    pub url: Url,
    /// Headers; secret values are marked sensitive by their maker.
    pub headers: HeaderMap,
    /// The body; empty for none.
    pub body: Bytes,
    /// The most that the answer's body may hold, in bytes.
    pub cap: usize,
}

impl HttpRequest {
    /// A request without a body.
    #[must_use]
    pub fn new(method: Method, url: Url) -> Self {
        Self { method, url, headers: HeaderMap::new(), body: Bytes::new(), cap: API_CAP }
    }

    /// A `GET`.
    #[must_use]
    pub fn get(url: Url) -> Self {
        Self::new(Method::GET, url)
    }

    /// A request with a JSON body.
    ///
    /// # Panics
    /// Never: the wire types serialise.
    #[must_use]
    pub fn json(method: Method, url: Url, body: &impl Serialize) -> Self {
        let body = Bytes::from(serde_json::to_vec(body).expect("wire types serialise"));
        Self { body, ..Self::new(method, url) }
            .header(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))
    }

    /// A `POST` of a form (`application/x-www-form-urlencoded`).
    #[must_use]
    pub fn form(url: Url, fields: &[(&str, &str)]) -> Self {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        Self { body: Bytes::from(body), ..Self::new(Method::POST, url) }
            .header(header::CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"))
    }

    /// Sets a header.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// Sets the answer's cap.
    #[must_use]
    pub fn cap(self, cap: usize) -> Self {
        Self { cap, ..self }
    }
}

/// One answer, whatever its status.
#[derive(Clone)]
pub struct HttpAnswer {
    /// The status code.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, at most the request's cap.
    pub body: Bytes,
}

impl HttpAnswer {
    /// A header as text; none where absent or not ASCII.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Whether the status is 2xx.
    #[must_use]
    pub const fn is_success(&self) -> bool {
        self.status >= 200 && self.status < 300
    }

    /// Whether what was asked for was done. A web page is no success: a network's sign-in page says 200 to a change or a
    /// deletion that never arrived.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.is_success() && !self.is_html()
    }

    /// Whether a web page came where data was asked for: a network's sign-in page, mostly.
    #[must_use]
    pub fn is_html(&self) -> bool {
        self.header("content-type").is_some_and(|kind| kind.trim_start().to_ascii_lowercase().starts_with("text/html"))
    }

    /// Reads the body as JSON.
    ///
    /// # Errors
    /// `Intercepted` for a web page, `BadAnswer` for anything else that is not the expected shape.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        if self.is_html() {
            return Err(Error::new(ErrorCode::Intercepted));
        }
        serde_json::from_slice(&self.body).map_err(|error| {
            // The kind and the place only: serde's own text may quote the answer.
            Error::new(ErrorCode::BadAnswer).detail(format!(
                "{:?} at line {}, column {}",
                error.classify(),
                error.line(),
                error.column()
            ))
        })
    }
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransportKind {
    /// The origin is not of this organisation's profile.
    NotAllowed,
    /// Name, route or refusal; nothing was sent.
    Connect,
    /// The connection could not be secured; nothing was sent.
    Tls,
    /// A proxy stood in the way; nothing was sent.
    Proxy,
    /// Too slow.
    Timeout,
    /// Closed in the middle.
    Cut,
    /// Over the cap.
    TooLarge,
}

/// There is no answer.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{kind:?} at {host}")]
pub struct TransportError {
    /// Why.
    pub kind: TransportKind,
    /// The host that was asked.
    pub host: String,
}

impl TransportError {
    /// Whether the request may have arrived, so that what it asks for may have been done.
    #[must_use]
    pub const fn may_have_arrived(&self) -> bool {
        matches!(self.kind, TransportKind::Timeout | TransportKind::Cut | TransportKind::TooLarge)
    }
}

impl From<TransportError> for Error {
    fn from(error: TransportError) -> Self {
        let code = match error.kind {
            TransportKind::NotAllowed => ErrorCode::NotPermitted,
            TransportKind::Connect | TransportKind::Timeout | TransportKind::Cut => ErrorCode::Unreachable,
            TransportKind::Proxy => ErrorCode::Intercepted,
            TransportKind::Tls => ErrorCode::Tls,
            TransportKind::TooLarge => ErrorCode::BadAnswer,
        };
        Self::new(code).detail(error.host)
    }
}

/// Sends requests to the origins it was made for. Cheap to clone.
#[derive(Clone)]
pub struct HttpClient {
    routed: reqwest::Client,
    direct: reqwest::Client,
    allowed: Arc<[String]>,
}

impl HttpClient {
    /// A client that speaks to the origins of `allowed` and to nothing else.
    ///
    /// # Errors
    /// Where TLS cannot be set up on this computer.
    #[expect(clippy::disallowed_methods, reason = "the one place of core that builds an HTTP client")]
    pub fn new(allowed: impl IntoIterator<Item = Url>) -> Result<Self, Error> {
        // A second installation in one process answers Err and changes nothing.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = || {
            reqwest::Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .connect_timeout(CONNECT_LIMIT)
                .timeout(WHOLE_LIMIT)
                .user_agent(USER_AGENT)
                .referer(false)
        };
        let built = |builder: reqwest::ClientBuilder| builder.build().map_err(|_| Error::new(ErrorCode::Tls));
        Ok(Self {
            routed: built(builder())?,
            direct: built(builder().no_proxy())?,
            allowed: allowed.into_iter().map(|url| origin(&url)).collect(),
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
        let fail = |kind| TransportError { kind, host: host.clone() };
        if !scheme_is_allowed(&url) || !self.allowed.contains(&origin(&url)) {
            return Err(fail(TransportKind::NotAllowed));
        }
        let client = if is_loopback(&url) { &self.direct } else { &self.routed };
        let sending = client.request(method, url).headers(headers).body(body).send();
        let mut answer = tokio::time::timeout(HEAD_LIMIT, sending)
            .await
            .map_err(|_| fail(TransportKind::Timeout))?
            .map_err(|error| fail(kind_of(&error)))?;
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

fn kind_of(error: &reqwest::Error) -> TransportKind {
    // The texts of the causes are read for their kind and never kept: they hold whole URLs.
    let mut secured = false;
    let mut proxied = false;
    let mut cause = error.source();
    while let Some(inner) = cause {
        secured |= inner.downcast_ref::<rustls::Error>().is_some();
        let text = inner.to_string();
        secured |= text.contains("certificate");
        proxied |= text.contains("tunnel") || text.contains("proxy");
        cause = inner.source();
    }
    // Only what fails while connecting is known not to have arrived.
    if error.is_connect() {
        if secured {
            TransportKind::Tls
        } else if proxied {
            TransportKind::Proxy
        } else {
            TransportKind::Connect
        }
    } else if error.is_timeout() {
        TransportKind::Timeout
    } else {
        TransportKind::Cut
    }
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    use super::*;

    async fn serve(answer: &'static [u8]) -> Url {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
        tokio::spawn(async move {
            while let Ok((mut socket, _)) = listener.accept().await {
                let mut head = [0; 4096];
                let _ = socket.read(&mut head).await;
                let _ = socket.write_all(answer).await;
            }
        });
        url
    }

    async fn ask(url: &Url, cap: usize) -> Result<HttpAnswer, TransportKind> {
        let client = HttpClient::new([url.clone()]).unwrap();
        client.send(HttpRequest::get(url.clone()).cap(cap)).await.map_err(|error| error.kind)
    }

    #[test]
    fn only_https_or_loopback() {
        for (text, allowed) in [
            ("https://api.zoom.us/v2", true),
            ("http://127.0.0.1:1/", true),
            ("http://[::1]:1/", true),
            ("http://localhost/", true),
            ("http://api.zoom.us/", false),
            ("http://127.0.0.1.example/", false),
            ("ftp://127.0.0.1/", false),
            ("file:///etc/passwd", false),
        ] {
            assert_eq!(scheme_is_allowed(&text.parse().unwrap()), allowed, "{text}");
        }
    }

    #[tokio::test]
    async fn a_redirect_is_an_answer_and_is_not_followed() {
        let url = serve(b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:9/\r\ncontent-length: 0\r\n\r\n").await;
        assert_eq!(ask(&url, 10).await.unwrap().status, 302);
    }

    #[tokio::test]
    async fn too_much_is_refused_before_it_is_read() {
        let url = serve(b"HTTP/1.1 200 OK\r\ncontent-length: 10485760\r\n\r\nxxxx").await;
        assert_eq!(ask(&url, 1000).await.err(), Some(TransportKind::TooLarge));
        let url = serve(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n0123456789").await;
        assert_eq!(ask(&url, 5).await.err(), Some(TransportKind::TooLarge));
    }

    #[tokio::test]
    async fn a_cut_answer_may_have_arrived() {
        let url = serve(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\nconnection: close\r\n\r\n{\"a\":").await;
        let client = HttpClient::new([url.clone()]).unwrap();
        // The server keeps the socket open: shut by the drop of the listener's task at its next read.
        let error = tokio::time::timeout(Duration::from_secs(40), client.send(HttpRequest::get(url)))
            .await
            .unwrap()
            .err()
            .unwrap();
        assert!(error.may_have_arrived(), "{error}");
    }

    #[tokio::test]
    async fn other_origins_are_refused() {
        let url = serve(b"").await;
        let client = HttpClient::new(["https://api.zoom.us/".parse().unwrap()]).unwrap();
        let error = client.send(HttpRequest::get(url)).await.err().unwrap();
        assert_eq!(error.kind, TransportKind::NotAllowed);
    }
}
