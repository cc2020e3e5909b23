//! Against a provider that counts its connections and closes them when it is told to.

use std::sync::{
    Mutex,
    atomic::{AtomicUsize, Ordering},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::Notify,
    time,
};

use super::*;

/// What the provider does with the next request.
#[derive(Clone, Copy)]
enum Then {
    Answer,
    /// Answers, and closes the connection without having said so.
    AnswerAndClose,
    /// Reads the request and closes.
    Close,
}

#[derive(Default)]
struct Seen {
    then: Mutex<Vec<Then>>,
    connections: AtomicUsize,
    requests: AtomicUsize,
    /// A connection has ended.
    closed: Notify,
}

/// A provider that does `then`, one after the other, and its token endpoint.
async fn provider(then: &[Then]) -> (Arc<Seen>, Url) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/token", listener.local_addr().expect("its address"));
    let seen = Arc::new(Seen { then: Mutex::new(then.iter().rev().copied().collect()), ..Seen::default() });
    let shared = Arc::clone(&seen);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            shared.connections.fetch_add(1, Ordering::SeqCst);
            let shared = Arc::clone(&shared);
            tokio::spawn(async move {
                serve(stream, &shared).await;
                shared.closed.notify_one();
            });
        }
    });
    (seen, Url::parse(&url).expect("a URL"))
}

async fn serve(mut stream: TcpStream, seen: &Seen) {
    let mut request = Vec::new();
    loop {
        let mut chunk = [0; 4_096];
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => return,
            Ok(count) => request.extend_from_slice(&chunk[..count]),
        }
        if !request.ends_with(b"\r\n\r\na=b") {
            continue;
        }
        request.clear();
        seen.requests.fetch_add(1, Ordering::SeqCst);
        let then = seen.then.lock().expect("whole").pop().expect("no further request");
        if matches!(then, Then::Close) {
            return;
        }
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}").await;
        if matches!(then, Then::AnswerAndClose) {
            return;
        }
    }
}

/// A way to a provider that does `then`, one after the other.
struct Stage {
    seen: Arc<Seen>,
    url: Url,
    upstream: Upstream,
}

impl Stage {
    async fn with(then: &[Then]) -> Self {
        let (seen, url) = provider(then).await;
        let upstream = Upstream::new(std::iter::once(&url)).expect("no certificates are needed");
        Self { seen, url, upstream }
    }

    /// Why there was no good answer.
    async fn post(&self) -> Option<UpstreamFailure> {
        match self.upstream.post_form(&self.url, None, &[("a", "b")]).await {
            Ok(answer) => {
                assert_eq!((answer.status.as_u16(), answer.body.as_slice()), (200, b"{}".as_slice()));
                None
            }
            Err(failure) => Some(failure),
        }
    }

    /// Connections and requests so far.
    fn counted(&self) -> (usize, usize) {
        (self.seen.connections.load(Ordering::SeqCst), self.seen.requests.load(Ordering::SeqCst))
    }
}

#[tokio::test]
async fn a_connection_serves_again() {
    let stage = Stage::with(&[Then::Answer; 5]).await;
    for _ in 0..5 {
        assert_eq!(stage.post().await, None);
    }
    assert_eq!(stage.counted(), (1, 5));
}

#[tokio::test]
async fn one_that_was_closed_meanwhile_is_replaced() {
    let stage = Stage::with(&[Then::AnswerAndClose; 3]).await;
    for _ in 0..3 {
        assert_eq!(stage.post().await, None);
        stage.seen.closed.notified().await;
    }
    assert_eq!(stage.counted(), (3, 3));
}

#[tokio::test]
async fn what_was_sent_is_not_sent_again() {
    let stage = Stage::with(&[Then::Answer, Then::Close, Then::Answer]).await;
    assert_eq!(stage.post().await, None);
    assert_eq!(stage.post().await, Some(UpstreamFailure::Unreachable));
    assert_eq!(stage.counted(), (1, 2), "the provider has seen it");
    assert_eq!(stage.post().await, None);
    assert_eq!(stage.counted(), (2, 3));
}

#[tokio::test]
async fn a_connection_is_not_kept_for_long() {
    let stage = Stage::with(&[Then::Answer; 2]).await;
    assert_eq!(stage.post().await, None);
    time::pause();
    time::advance(Duration::from_secs(11)).await;
    time::resume();
    stage.seen.closed.notified().await;
    assert_eq!(stage.post().await, None);
    assert_eq!(stage.counted(), (2, 2));
}

#[test]
fn plain_text_is_written_as_any_other() {
    for value in ["plain-._*", "", "a b", "a+b%&=", "ä", "~"] {
        let mut form = String::new();
        append(&mut form, "first", value);
        append(&mut form, "second", value);
        let pairs = [("first", value), ("second", value)];
        assert_eq!(form, form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish());
    }
}
