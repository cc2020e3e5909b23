//! One request, complete: method, address, headers, body, and how much of an answer is taken.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use serde::Serialize;
use url::Url;

use super::API_CAP;

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
