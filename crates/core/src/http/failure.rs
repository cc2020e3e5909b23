//! Why there is no answer, told apart from the causes that reqwest chains together.
//!
//! The causes' texts are read for their kind and never kept: they hold whole addresses.

use std::{error::Error as Cause, io};

use super::witness::Refused;
use crate::error::{Error, ErrorCode};

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransportKind {
    /// The origin is not of this organisation's profile.
    NotAllowed,
    /// Name, route or refusal; nothing was sent.
    Connect,
    /// The connection could not be secured; nothing was sent.
    Tls,
    /// The proxy in the way did not let this through; nothing was sent.
    Proxy,
    /// The proxy in the way wants a user name and a password (407); nothing was sent.
    ProxyPassword,
    /// The proxy in the way could not be reached; nothing was sent.
    ProxyAway,
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
    /// The host that was asked; where a proxy is the trouble, the proxy and its port.
    pub host: String,
    /// The certificate that was refused, where that is the reason.
    pub refused: Option<Refused>,
}

impl TransportError {
    /// Nothing but the kind and the host is known.
    #[must_use]
    pub const fn new(kind: TransportKind, host: String) -> Self {
        Self { kind, host, refused: None }
    }

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
            TransportKind::Connect | TransportKind::ProxyAway | TransportKind::Timeout | TransportKind::Cut => {
                ErrorCode::Unreachable
            }
            TransportKind::Proxy => ErrorCode::Intercepted,
            TransportKind::ProxyPassword => ErrorCode::ProxyPassword,
            TransportKind::Tls => ErrorCode::Tls,
            TransportKind::TooLarge => ErrorCode::BadAnswer,
        };
        Self::new(code).detail(match error.refused {
            Some(refused) => format!("{}: {refused}", error.host),
            None => error.host,
        })
    }
}

/// What a failure of reqwest is.
pub(super) fn kind_of(error: &reqwest::Error) -> TransportKind {
    // Only what fails while connecting is known not to have arrived.
    if error.is_connect() {
        connecting(error)
    } else if error.is_timeout() {
        TransportKind::Timeout
    } else {
        TransportKind::Cut
    }
}

/// What kept a connection from being made. A proxy's words are those of hyper-util's tunnel.
fn connecting(error: &dyn Cause) -> TransportKind {
    let mut kind = TransportKind::Connect;
    let mut next = error.source();
    while let Some(cause) = next {
        let text = cause.to_string();
        if is_tls(cause) || text.contains("certificate") {
            return TransportKind::Tls;
        }
        if text.contains("proxy authorization required") {
            return TransportKind::ProxyPassword;
        }
        if text.contains("tunnel error") || text.contains("proxy") {
            // The proxy's own trouble stands deeper, where there is any: it goes on below.
            let away = text.contains("failed to create underlying connection");
            kind = if away { TransportKind::ProxyAway } else { TransportKind::Proxy };
        }
        next = cause.source();
    }
    kind
}

/// Whether `cause` is TLS's. An `io::Error` gives its inner error's *source* as its own: the inner one is looked at here.
fn is_tls(cause: &(dyn Cause + 'static)) -> bool {
    if let Some(inner) = cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        return is_tls(inner);
    }
    cause.is::<rustls::Error>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("{0}")]
    struct Layer(&'static str, #[source] Option<Box<dyn Cause + Send + Sync>>);

    fn of(layers: &[&'static str], last: Option<Box<dyn Cause + Send + Sync>>) -> TransportKind {
        let chained = layers
            .iter()
            .rev()
            .fold(last, |inner, text| Some(Box::new(Layer(text, inner)) as Box<dyn Cause + Send + Sync>));
        connecting(&Layer("error sending request", chained))
    }

    #[test]
    fn a_proxy_is_told_from_the_server_behind_it() {
        assert_eq!(of(&["client error (Connect)", "connection refused"], None), TransportKind::Connect);
        let tunnel = |text| of(&["client error (Connect)", text], None);
        assert_eq!(tunnel("tunnel error: proxy authorization required"), TransportKind::ProxyPassword);
        assert_eq!(tunnel("tunnel error: unsuccessful"), TransportKind::Proxy);
        assert_eq!(tunnel("tunnel error: failed to create underlying connection"), TransportKind::ProxyAway);
        assert_eq!(
            of(&["tunnel error: failed to create underlying connection", "tcp connect error"], None),
            TransportKind::ProxyAway
        );
    }

    #[test]
    fn tls_is_found_inside_of_what_carries_it() {
        let alert = || rustls::Error::AlertReceived(rustls::AlertDescription::ProtocolVersion);
        for carried in [io::Error::other(alert()), io::Error::other(io::Error::other(alert()))] {
            assert_eq!(of(&["client error (Connect)"], Some(Box::new(carried))), TransportKind::Tls);
        }
    }
}
