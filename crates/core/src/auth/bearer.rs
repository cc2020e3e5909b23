//! An `Authorization` header with a token as the bearer (RFC 6750 §2.1): to a provider, and to a broker.

use http::HeaderValue;
use secrecy::{ExposeSecret, SecretString};

/// The header's value, which no log prints.
pub(super) fn bearer(token: &SecretString) -> HeaderValue {
    let mut value = HeaderValue::try_from(format!("Bearer {}", token.expose_secret()))
        .unwrap_or_else(|_| HeaderValue::from_static("Bearer"));
    value.set_sensitive(true);
    value
}
