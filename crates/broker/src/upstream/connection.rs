//! One connection to a provider: a request, its answer, and whether another one may follow.
//!
//! Whoever awaits an answer drives the connection in the same task: between two requests nobody reads from it.

use std::{
    future::poll_fn,
    pin::{Pin, pin},
    task::{Context, Poll},
};

use axum::{
    body::{Bytes, HttpBody as _},
    http::{
        Request, Response,
        header::{CONTENT_TYPE, HeaderName, RETRY_AFTER},
    },
};
use http_body_util::Full;
use hyper::{body::Incoming, client::conn::http1};
use tokio::time::Instant;

use super::{BODY_LIMIT, UpstreamAnswer, UpstreamFailure, is_json, roads::Stream};

/// Most bytes of an answer's head.
const HEAD_LIMIT: usize = 64 * 1024;
const HEADERS: usize = 100;

/// Why a request brought no answer.
pub(super) enum Failed {
    /// Nothing of it has left this machine.
    Unsent(Box<Request<Full<Bytes>>>),
    /// The provider may have seen it.
    Sent(UpstreamFailure),
}

/// An open connection, with nothing under way.
pub(super) struct Connection {
    sender: http1::SendRequest<Full<Bytes>>,
    driver: Driver,
    /// When it last carried something.
    pub(super) used_at: Instant,
}

/// What reads and writes; of no use once it has ended. Boxed, since it is handed to and fro.
struct Driver(Option<Box<http1::Connection<Stream, Full<Bytes>>>>);

impl Driver {
    fn poll(&mut self, context: &mut Context<'_>) {
        if let Some(connection) = &mut self.0
            && Pin::new(connection).poll(context).is_ready()
        {
            self.0 = None;
        }
    }

    /// Awaits `future`, which this connection brings about.
    async fn until<F: Future>(&mut self, future: F) -> F::Output {
        let mut future = pin!(future);
        poll_fn(|context| {
            if let Poll::Ready(output) = future.as_mut().poll(context) {
                return Poll::Ready(output);
            }
            self.poll(context);
            future.as_mut().poll(context)
        })
        .await
    }
}

impl Connection {
    /// Speaks HTTP/1.1 over `stream`.
    pub(super) async fn open(stream: Stream) -> Result<Self, UpstreamFailure> {
        let mut builder = http1::Builder::new();
        builder.max_buf_size(HEAD_LIMIT).max_headers(HEADERS).writev(false);
        let (sender, driver) = builder.handshake(stream).await.map_err(|_| UpstreamFailure::Unreachable)?;
        Ok(Self { sender, driver: Driver(Some(Box::new(driver))), used_at: Instant::now() })
    }

    /// Whether the provider would still take a request; one look, without waiting.
    pub(super) async fn is_open(&mut self) -> bool {
        poll_fn(|context| {
            self.driver.poll(context);
            Poll::Ready(self.driver.0.is_some() && self.sender.is_ready())
        })
        .await
    }

    /// Sends `request` and reads its answer.
    pub(super) async fn exchange(&mut self, request: Box<Request<Full<Bytes>>>) -> Result<UpstreamAnswer, Failed> {
        let answer = self.sender.try_send_request(*request);
        let response = self.driver.until(answer).await.map_err(|mut error| match error.take_message() {
            Some(request) => Failed::Unsent(Box::new(request)),
            None => Failed::Sent(UpstreamFailure::Unreachable),
        })?;
        let (status, is_json) = (response.status(), header(&response, CONTENT_TYPE).is_some_and(is_json));
        let retry_after = header(&response, RETRY_AFTER).map(str::to_owned);
        let body = self.body(response.into_body()).await.map_err(Failed::Sent)?;
        self.used_at = Instant::now();
        Ok(UpstreamAnswer { status, is_json, retry_after, body })
    }

    async fn body(&mut self, mut body: Incoming) -> Result<Vec<u8>, UpstreamFailure> {
        let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
        if announced > BODY_LIMIT {
            return Err(UpstreamFailure::TooLarge);
        }
        let mut bytes = Vec::with_capacity(announced);
        while !body.is_end_stream() {
            let frame = self.driver.until(poll_fn(|context| Pin::new(&mut body).poll_frame(context))).await;
            let Some(frame) = frame else { break };
            let frame = frame.map_err(|_| UpstreamFailure::CutShort)?;
            let Some(data) = frame.data_ref() else { continue };
            if bytes.len() + data.len() > BODY_LIMIT {
                return Err(UpstreamFailure::TooLarge);
            }
            bytes.extend_from_slice(data);
        }
        Ok(bytes)
    }
}

fn header(response: &Response<Incoming>, name: HeaderName) -> Option<&str> {
    response.headers().get(name).and_then(|value| value.to_str().ok())
}
