//! The one way out to the providers. No redirects, deadlines, a capped body, and loopback never through a proxy. What was
//! sent is never sent again. It knows no OAuth.

mod connection;
mod kept;
mod roads;
#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use axum::{
    body::Bytes,
    http::{
        HeaderValue, Method, Request, StatusCode, Uri,
        header::{ACCEPT, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HOST, USER_AGENT},
    },
};
use http_body_util::Full;
use secrecy::{ExposeSecret, SecretString};
use tokio::time::timeout;
use url::{Position, Url, form_urlencoded};

use connection::{Connection, Failed};
use kept::KeptConnections;
use roads::Roads;

use crate::{configuration::ConfigurationError, grammar};

const CONNECT_DEADLINE: Duration = Duration::from_secs(5);
const WHOLE_DEADLINE: Duration = Duration::from_secs(20);
const BODY_LIMIT: usize = 64 * 1024;

/// What came back, whatever the status. Nothing in it holds on to the connection's buffer, which the next answer needs.
pub(crate) struct UpstreamAnswer {
    pub(crate) status: StatusCode,
    /// Whether the answer calls itself JSON (RFC 8259 §11).
    pub(crate) is_json: bool,
    pub(crate) retry_after: Option<String>,
    pub(crate) body: Vec<u8>,
}

/// Whether a `Content-Type` says JSON.
pub(crate) fn is_json(content_type: &str) -> bool {
    let media_type = content_type.split(';').next().unwrap_or_default();
    media_type.trim().eq_ignore_ascii_case("application/json")
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

/// Connections to the providers, kept for a while.
pub(crate) struct Upstream {
    roads: Roads,
    kept: Arc<KeptConnections>,
}

impl Upstream {
    /// The ways to `endpoints`.
    ///
    /// # Errors
    /// The system's certificates cannot be read although an endpoint needs them.
    pub(crate) fn new<'a>(endpoints: impl Iterator<Item = &'a Url>) -> Result<Self, ConfigurationError> {
        Ok(Self { roads: Roads::new(endpoints)?, kept: Arc::default() })
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
        let request = Box::new(request(url, authorization, fields).ok_or(UpstreamFailure::Unreachable)?);
        // Boxed, since everything around it would be as large, and is moved about at every request.
        let exchange = Box::pin(self.exchange(url, request));
        timeout(WHOLE_DEADLINE, exchange).await.unwrap_or(Err(UpstreamFailure::Timeout))
    }

    async fn open(&self, url: &Url) -> Result<Connection, UpstreamFailure> {
        Connection::open(self.roads.connect(url).await?).await
    }

    async fn exchange(
        &self,
        url: &Url,
        mut request: Box<Request<Full<Bytes>>>,
    ) -> Result<UpstreamAnswer, UpstreamFailure> {
        let origin = &url[..Position::BeforePath];
        loop {
            let kept = self.kept.take(origin);
            let is_new = kept.is_none();
            let mut connection = match kept {
                Some(connection) => connection,
                // Boxed, since it is rare and large: every call would carry its size along.
                None => Box::pin(self.open(url)).await?,
            };
            if !is_new && !connection.is_open().await {
                continue;
            }
            match connection.exchange(request).await {
                Ok(answer) => {
                    if connection.is_open().await {
                        self.kept.keep(origin, connection);
                    }
                    return Ok(answer);
                }
                // The provider closed it just now, and has seen nothing of this.
                Err(Failed::Unsent(unsent)) if !is_new => request = unsent,
                Err(Failed::Unsent(_)) => return Err(UpstreamFailure::Unreachable),
                Err(Failed::Sent(failure)) => return Err(failure),
            }
        }
    }
}

fn request(url: &Url, authorization: Option<&SecretString>, fields: &[(&str, &str)]) -> Option<Request<Full<Bytes>>> {
    let length: usize = fields.iter().map(|(name, value)| name.len() + value.len() + 2).sum();
    let mut body = String::with_capacity(length + length / 8);
    for (name, value) in fields {
        append(&mut body, name, value);
    }
    let is_empty = body.is_empty();
    let mut request = Request::new(Full::from(body));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = Uri::try_from(&url[Position::BeforePath..Position::AfterQuery]).ok()?;
    let headers = request.headers_mut();
    headers.reserve(5);
    headers.insert(HOST, HeaderValue::try_from(&url[Position::BeforeHost..Position::AfterPort]).ok()?);
    headers.insert(USER_AGENT, HeaderValue::from_static(concat!("convoke-broker/", env!("CARGO_PKG_VERSION"))));
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
    if is_empty {
        // Else nothing would say so, and some servers ask for it (RFC 9110 §8.6).
        headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    }
    if let Some(authorization) = authorization {
        let mut value = HeaderValue::try_from(authorization.expose_secret()).ok()?;
        value.set_sensitive(true);
        headers.insert(AUTHORIZATION, value);
    }
    Some(request)
}

/// Adds a pair to a form. Tokens are long and mostly plain, and plain text stands for itself.
fn append(form: &mut String, name: &str, value: &str) {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'*');
    if !form.is_empty() {
        form.push('&');
    }
    if grammar::every(value.as_bytes(), is_plain) {
        form.push_str(name);
        form.push('=');
        form.push_str(value);
    } else {
        let start = form.len();
        form_urlencoded::Serializer::for_suffix(&mut *form, start).append_pair(name, value);
    }
}
