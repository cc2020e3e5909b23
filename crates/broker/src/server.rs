//! Sockets: accepts, bounds what a peer may send and how slowly, and drains at the end.

use std::{
    convert::Infallible,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use axum::{body::Body, http::Request};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
    task::JoinSet,
    time::{Instant, sleep, timeout, timeout_at},
};
use tracing::warn;

use crate::{routes::Routes, tls::Tls};

/// Most connections at once.
const CONNECTIONS: usize = 1_000;
/// How long a request's head may take, and an idle connection may wait.
const HEAD_DEADLINE: Duration = Duration::from_secs(15);
/// Largest request head in bytes: a Teams code is 1,800 characters, and a browser brings its cookies along.
const HEAD_LIMIT: usize = 32 * 1024;
const HEADERS: usize = 64;
/// How long those are let in who wait to be accepted when the end is asked for.
const LAST_VISITORS: Duration = Duration::from_secs(1);
/// How long requests in flight may go on after the end was asked for.
const DRAIN: Duration = Duration::from_secs(9);

/// Serves `routes` until `stop` changes, then lets requests in flight end. Where `peers` are named, nobody else is
/// answered. With `tls`, nothing is said in the clear.
pub(crate) async fn serve(
    listener: TcpListener,
    routes: Routes,
    tls: Option<Arc<Tls>>,
    peers: Arc<[IpAddr]>,
    mut stop: watch::Receiver<bool>,
) {
    let stopped = stop.clone();
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    let mut connections = JoinSet::new();
    let visitor = |stream: TcpStream, peer: SocketAddr, is_last: bool| {
        let peer = peer.ip().to_canonical();
        if !peers.is_empty() && !peers.contains(&peer) {
            warn!("closed a connection from a peer that is not among TRUSTED_PROXIES");
            return None;
        }
        let connection = Connection { routes: routes.clone(), peer, stop: stopped.clone(), is_last };
        Some(connection.greet(stream, tls.clone()))
    };
    loop {
        let permit = tokio::select! {
            permit = Arc::clone(&room).acquire_owned() => permit.expect("the semaphore is never closed"),
            _ = stop.changed() => break,
        };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.changed() => break,
            Some(_) = connections.join_next(), if !connections.is_empty() => continue,
        };
        match accepted {
            Ok((stream, peer)) => {
                if let Some(visit) = visitor(stream, peer, false) {
                    connections.spawn(async move {
                        visit.await;
                        drop(permit);
                    });
                }
            }
            Err(error) => {
                // Most often: no file handles left. Accepting again at once would spin.
                warn!(%error, "could not accept a connection");
                sleep(Duration::from_millis(50)).await;
            }
        }
    }
    // Whom the system has let in already is not turned away: they may have sent what must not be sent twice.
    let (last, end) = (Instant::now() + LAST_VISITORS, Instant::now() + DRAIN);
    while Instant::now() < last
        && let Ok(Ok((stream, peer))) = timeout(Duration::ZERO, listener.accept()).await
    {
        if let Some(visit) = visitor(stream, peer, true) {
            connections.spawn(visit);
        }
    }
    drop(listener);
    let drained = timeout_at(end, async { while connections.join_next().await.is_some() {} }).await;
    if drained.is_err() {
        warn!(left = connections.len(), "ended requests that took too long");
    }
}

struct Connection {
    routes: Routes,
    peer: IpAddr,
    stop: watch::Receiver<bool>,
    /// It came when the end was asked for already: one request, and no other.
    is_last: bool,
}

impl Connection {
    /// Speaks TLS where it is asked for, then HTTP. A broken or slow peer is not worth a line in the log.
    async fn greet(self, stream: TcpStream, tls: Option<Arc<Tls>>) {
        let _ = stream.set_nodelay(true);
        match tls {
            None => self.serve(stream).await,
            Some(tls) => {
                if let Ok(Ok(stream)) = timeout(HEAD_DEADLINE, tls.accept(stream)).await {
                    self.serve(stream).await;
                }
            }
        }
    }

    async fn serve(mut self, stream: impl AsyncRead + AsyncWrite + Unpin) {
        let (routes, peer) = (&self.routes, self.peer);
        let service = service_fn(async |request: Request<Incoming>| {
            Ok::<_, Infallible>(routes.answer(request.map(Body::new), peer).await)
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .keep_alive(!self.is_last)
            .header_read_timeout(HEAD_DEADLINE)
            .max_headers(HEADERS)
            .max_buf_size(HEAD_LIMIT)
            .writev(false)
            // A peer that hangs up is noticed at its answer: to look for it before would cost every request a buffer, and a
            // refresh goes on without its client in any case.
            .half_close(true)
            .serve_connection(TokioIo::new(stream), service);
        tokio::pin!(connection);
        if self.is_last {
            let _ = connection.await;
            return;
        }
        tokio::select! {
            _ = connection.as_mut() => return,
            _ = self.stop.changed() => connection.as_mut().graceful_shutdown(),
        }
        let _ = connection.await;
    }
}
