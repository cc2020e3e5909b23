//! What is asked, refused and capped, over plain sockets.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::*;

mod tls;

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
    let error =
        tokio::time::timeout(Duration::from_secs(40), client.send(HttpRequest::get(url))).await.unwrap().err().unwrap();
    assert!(error.may_have_arrived(), "{error}");
}

#[tokio::test]
async fn other_origins_are_refused() {
    let url = serve(b"").await;
    let client = HttpClient::new(["https://api.zoom.us/".parse().unwrap()]).unwrap();
    let error = client.send(HttpRequest::get(url)).await.err().unwrap();
    assert_eq!(error.kind, TransportKind::NotAllowed);
}
