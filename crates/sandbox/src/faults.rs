//! Faults: what goes wrong on the way to a provider and back, on request.
//!
//! A rule names one route and how often; the gate in front of every provider takes it from the list and makes an
//! answer that is no answer. Closing a socket needs the connection below HTTP, which [`Cut`] reaches.

use std::pin::Pin;
use std::str::FromStr;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use hyper::body::Frame;
use serde_json::json;
use tokio::sync::Notify;

use crate::teams::claims;
use crate::world::Shared;

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// 200 with the page of a captive portal.
    Html,
    /// Half of the body that `Content-Length` announced, then the end of the connection.
    Truncate,
    /// The connection is reset without an answer.
    Reset,
    /// No answer until the client leaves.
    Hang,
    /// The answer comes, this much later.
    Delay(Duration),
    /// This status, with headers and a JSON body where given.
    Status { status: StatusCode, headers: HeaderMap, body: Option<serde_json::Value> },
    /// 302 to another origin.
    Redirect,
    /// JSON without an end.
    Huge,
    /// Graph's challenge: 401 that asks for a sign-in with claims. It is Graph that makes the answer.
    Claims,
}

impl FromStr for Fault {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text.split_once(':') {
            None => match text {
                "html" => Self::Html,
                "truncate" => Self::Truncate,
                "reset" => Self::Reset,
                "hang" => Self::Hang,
                "redirect" => Self::Redirect,
                "huge" => Self::Huge,
                "claims" => Self::Claims,
                _ => return Err("fault is one of html truncate reset hang delay:MS status:NNN redirect huge claims"),
            },
            Some(("delay", millis)) => {
                Self::Delay(Duration::from_millis(millis.parse().map_err(|_| "delay needs milliseconds: delay:250")?))
            }
            Some(("status", number)) => {
                let status = number.parse::<u16>().ok().filter(|number| (200..=599).contains(number));
                let status = status.and_then(|number| StatusCode::from_u16(number).ok());
                Self::Status {
                    status: status.ok_or("status needs a number from 200 to 599: status:503")?,
                    headers: HeaderMap::new(),
                    body: None,
                }
            }
            Some(_) => return Err("only delay and status take a value after a colon"),
        })
    }
}

/// Reads a header of a faulty answer; `None` for what is no header, and for what frames the answer on the wire.
pub(crate) fn read_header(name: &str, value: &str) -> Option<(HeaderName, HeaderValue)> {
    let name = HeaderName::from_str(name).ok()?;
    let framing = [header::CONNECTION, header::CONTENT_LENGTH, header::TRANSFER_ENCODING, header::UPGRADE];
    if framing.contains(&name) {
        return None;
    }
    Some((name, HeaderValue::from_str(value).ok()?))
}

/// One entry of the list of faults.
#[derive(Debug)]
pub(crate) struct Rule {
    /// The route as `METHOD /path/{template}`.
    pub(crate) route: String,
    /// What goes wrong there.
    pub(crate) fault: Fault,
    /// How many more times; never 0.
    pub(crate) times: u32,
    /// Whether the provider acts first.
    pub(crate) after: bool,
}

/// Ends the connection that a request came on, by a reset.
#[derive(Clone, Default)]
pub(crate) struct Cut(Arc<Notify>);

impl Cut {
    /// Resets the connection. The answer of the handler that calls this is never sent.
    async fn now(&self) -> Response {
        self.0.notify_one();
        std::future::pending().await
    }

    /// Waits until someone wants the connection reset.
    pub(crate) async fn wanted(&self) {
        self.0.notified().await;
    }
}

/// Makes the faulty answer. `acted` is the provider's own where it acted first.
pub(crate) async fn fail(fault: Fault, acted: Option<Response>, cut: Cut, shared: &Shared) -> Response {
    match fault {
        Fault::Claims => claims::befall(shared),
        Fault::Html => portal(),
        Fault::Truncate => truncated(acted, cut).await,
        Fault::Reset => cut.now().await,
        Fault::Hang => std::future::pending().await,
        Fault::Delay(time) => {
            tokio::time::sleep(time).await;
            acted.unwrap_or_else(|| StatusCode::NO_CONTENT.into_response())
        }
        Fault::Status { status, headers, body } => {
            let mut answer = (status, axum::Json(body.unwrap_or_else(|| json!({"message": "fault"})))).into_response();
            // In place of those that the answer would have had.
            answer.headers_mut().extend(headers);
            answer
        }
        // Port 9 is "discard": nothing listens there, and following the redirect shows at once.
        Fault::Redirect => (StatusCode::FOUND, [(header::LOCATION, "http://127.0.0.1:9/elsewhere")]).into_response(),
        Fault::Huge => {
            ([(header::CONTENT_TYPE, "application/json")], Body::new(Endless { begun: false })).into_response()
        }
    }
}

fn portal() -> Response {
    let page = "<!doctype html><html lang=\"en\"><title>Sign in to this network</title>\
        <h1>Welcome to the guest network</h1><p>Accept the terms of use to go on.</p></html>";
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response()
}

async fn truncated(acted: Option<Response>, cut: Cut) -> Response {
    let answer = acted.unwrap_or_else(|| axum::Json(json!({ "message": "x".repeat(500) })).into_response());
    let (mut parts, body) = answer.into_parts();
    let whole = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    if whole.is_empty() {
        // An answer without a body has no middle: it is lost as a whole.
        return cut.now().await;
    }
    parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(whole.len()));
    Response::from_parts(parts, Body::new(Cropped { half: Some(whole.slice(..whole.len() / 2)), flushed: false }))
}

/// Half a body; then one turn in which hyper writes it out; then an error, on which hyper closes the connection.
struct Cropped {
    half: Option<Bytes>,
    flushed: bool,
}

impl HttpBody for Cropped {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        if let Some(half) = self.half.take() {
            return Poll::Ready(Some(Ok(Frame::data(half))));
        }
        if !self.flushed {
            self.flushed = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Some(Err(std::io::Error::other("cut short on request"))))
    }
}

/// `{"padding":"xxxx…` without an end.
struct Endless {
    begun: bool,
}

/// One piece of the endless body.
static PADDING: [u8; 64 * 1024] = [b'x'; 64 * 1024];

impl HttpBody for Endless {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let piece: &'static [u8] = if self.begun { &PADDING } else { b"{\"padding\":\"" };
        self.begun = true;
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(piece)))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_promised_words_and_no_others() {
        assert_eq!("html".parse(), Ok(Fault::Html));
        assert_eq!("delay:250".parse(), Ok(Fault::Delay(Duration::from_millis(250))));
        assert!(matches!("status:503".parse(), Ok(Fault::Status { status, .. }) if status == 503));
        for wrong in ["", "HTML", "delay", "delay:soon", "status", "status:99", "status:abc", "reset:1", "claims:x"] {
            assert!(wrong.parse::<Fault>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_header_is_one_and_does_not_frame() {
        assert!(read_header("X-RateLimit-Reset", "7").is_some_and(|(name, _)| name == "x-ratelimit-reset"));
        for (name, value) in [("", "x"), ("two words", "x"), ("x", "a\r\nb: c"), ("Content-Length", "1")] {
            assert!(read_header(name, value).is_none(), "{name}: {value}");
        }
    }
}
