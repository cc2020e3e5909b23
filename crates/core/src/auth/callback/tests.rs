//! The good browser, and everybody else at its port.

use std::net::SocketAddr;

use secrecy::ExposeSecret;

use super::*;

const PATH: &str = "a-random-path-of-the-right-size";
const STATE: &str = "a-random-state-of-the-right-size";

async fn listener() -> (CallbackListener, SocketAddr) {
    let listener = CallbackListener::bind(PATH, STATE).await.unwrap();
    let address = listener.expected.host.parse().unwrap();
    (listener, address)
}

async fn exchange(address: SocketAddr, request: &str) -> String {
    let mut socket = TcpStream::connect(address).await.unwrap();
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    let _ = socket.read_to_string(&mut answer).await;
    answer
}

fn get(address: SocketAddr, target: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: {address}\r\n\r\n")
}

/// Plays the good browser to its end and shows that the sign-in still works.
async fn succeeds(mut listener: CallbackListener, address: SocketAddr) {
    let browser = tokio::spawn(async move {
        let first = exchange(address, &get(address, &format!("/{PATH}?grant=sealed&state={STATE}"))).await;
        assert!(first.starts_with("HTTP/1.1 303") && first.contains("Location: /done\r\n"), "{first}");
        exchange(address, &get(address, "/done")).await
    });
    let mut callback = listener.arrival().await.unwrap();
    let Arrival::Grant(grant) = &callback.arrival else { panic!("refused") };
    assert_eq!(grant.0.expose_secret(), "sealed");
    callback.answer(true);
    listener.close().await;
    let page = browser.await.unwrap();
    assert!(page.contains("You are signed in") && !page.contains("sealed") && !page.contains(STATE));
    assert!(TcpStream::connect(address).await.is_err(), "no listener afterwards");
}

#[tokio::test]
async fn the_browser_is_held_then_sent_on() {
    let (listener, address) = listener().await;
    succeeds(listener, address).await;
}

#[tokio::test]
async fn wrong_requests_do_not_end_the_sign_in() {
    let (listener, address) = listener().await;
    let good = format!("/{PATH}?grant=x&state={STATE}");
    for request in [
        format!("GET {good} HTTP/1.1\r\nHost: evil.example\r\n\r\n"),
        format!("GET {good} HTTP/1.1\r\nHost: localhost:{}\r\n\r\n", address.port()),
        format!("GET {good} HTTP/1.1\r\n\r\n"),
        format!("GET {good} HTTP/1.1\r\nHost: {address}\r\nHost: {address}\r\n\r\n"),
        format!("POST {good} HTTP/1.1\r\nHost: {address}\r\n\r\n"),
        get(address, &format!("/{PATH}?grant=x&state=wrong")),
        get(address, &format!("/{PATH}?grant=x")),
        get(address, &format!("/{PATH}?error=access_denied")),
        get(address, &format!("/{PATH}?error=access_denied&state=foreign")),
        get(address, &format!("/{PATH}?grant=x&grant=y&state={STATE}")),
        get(address, &format!("/{PATH}?grant=x&error=y&state={STATE}")),
        get(address, &format!("/{PATH}?state={STATE}")),
        get(address, &format!("/other?grant=x&state={STATE}")),
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(),
        "\u{1b}\0\r\n\r\n".to_owned(),
    ] {
        let answer = exchange(address, &request).await;
        assert!(answer.starts_with("HTTP/1.1 404"), "{request:?}: {answer}");
    }
    // Asking for the last page early does not end it either.
    assert!(exchange(address, &get(address, "/done")).await.starts_with("HTTP/1.1 200"));
    succeeds(listener, address).await;
}

#[tokio::test]
async fn an_endless_line_and_idle_sockets_do_not_end_it() {
    let (listener, address) = listener().await;
    let mut idle = Vec::new();
    for _ in 0..500 {
        idle.push(TcpStream::connect(address).await.unwrap());
    }
    let mut endless = TcpStream::connect(address).await.unwrap();
    let mut sent = 0_usize;
    // The listener hangs up long before the gigabyte is over.
    let line = vec![b'a'; 65_536];
    while sent < 1 << 30 && endless.write_all(&line).await.is_ok() {
        sent += 65_536;
    }
    assert!(sent < 1 << 26, "hung up after {sent} bytes");
    succeeds(listener, address).await;
    drop(idle);
}

#[tokio::test]
async fn a_pasted_address_is_checked_as_a_request_is() {
    let (mut listener, address) = listener().await;
    let paster = listener.paster();
    for wrong in [
        String::new(),
        "zoom.us".into(),
        format!("https://{address}/{PATH}?grant=x&state={STATE}"),
        format!("http://evil.example/{PATH}?grant=x&state={STATE}"),
        format!("http://{address}/{PATH}?grant=x&state=wrong"),
    ] {
        assert_eq!(paster.paste(&wrong).unwrap_err().code, ErrorCode::InvalidInput, "{wrong}");
    }
    paster.paste(&format!("  http://{address}/{PATH}?error=access_denied&state={STATE}\n")).unwrap();
    let callback = listener.arrival().await.unwrap();
    assert!(matches!(callback.arrival, Arrival::Refused(word) if word == "access_denied"));
}
