//! One answer, whatever its status: what was asked for, a refusal, or a web page of something else on the way.

use bytes::Bytes;
use http::HeaderMap;
use serde::de::DeserializeOwned;

use crate::error::{Error, ErrorCode};

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
