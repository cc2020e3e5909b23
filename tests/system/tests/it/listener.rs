//! What comes to the port of a waiting `convoke account add`, and does not end it.

use std::fs;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

use convoke_harness::Browser;
use convoke_harness::patience::{READY, wait_until};

use crate::rig::{Adding, Rig, text};

/// How much the process may grow under attack, in KiB.
const GROWTH: u64 = 8 * 1024;

fn address(adding: &Adding) -> SocketAddr {
    let uri = adding.redirect_uri();
    format!("127.0.0.1:{}", uri.port().expect("a port")).parse().expect("an address")
}

/// The highest resident size so far, in KiB.
fn peak(id: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{id}/status")).expect("a living process");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}

/// Whether some process listens there.
fn listens(address: SocketAddr) -> bool {
    let place = format!("0100007F:{:04X}", address.port());
    let sockets = fs::read_to_string("/proc/net/tcp").expect("the kernel's list");
    sockets
        .lines()
        .any(|line| line.split_whitespace().nth(1) == Some(&place) && line.split_whitespace().nth(3) == Some("0A"))
}

fn exchange(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("it listens");
    stream.set_read_timeout(Some(READY)).expect("a limit");
    stream.write_all(request.as_bytes()).expect("it reads");
    let mut answer = Vec::new();
    // A reset after the answer is as good as its end.
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

/// The sign-in still ends well, and then nobody listens.
#[track_caller]
fn still_succeeds(rig: &Rig, mut adding: Adding) {
    let port = address(&adding);
    assert!(listens(port));
    let page = Browser::default().open(&adding.authorize_url);
    assert!(page.answer.text().contains("You are signed in"), "{}", page.answer.text());
    let account = adding.end().account();
    assert!(!listens(port), "no listener afterwards");
    assert!(TcpStream::connect(port).is_err());
    rig.json(&["account", "refresh", text(&account, "id")]);
}

#[test]
fn wrong_requests() {
    let rig = Rig::start();
    let adding = Adding::start(&rig.convoke(), "zoom");
    let port = address(&adding);
    let (path, state) = (adding.redirect_uri().path().to_owned(), adding.parameter("state"));
    let get = |host: &str, target: &str| format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n");
    let own = port.to_string();
    let good = format!("{path}?grant=forged&state={state}");
    for request in [
        get("evil.example", &good),
        get(&format!("localhost:{}", port.port()), &good),
        get(&own, &format!("/{}?grant=forged&state={state}", "A".repeat(43))),
        get(&own, &format!("{path}/?grant=forged&state={state}")),
        get(&own, &format!("{path}?grant=forged&state={}", "A".repeat(43))),
        get(&own, &format!("{path}?grant=forged")),
        get(&own, &format!("{path}?error=access_denied")),
        get(&own, &format!("{path}?error=access_denied&state={}", "A".repeat(43))),
        get(&own, "/"),
        get(&own, "/favicon.ico"),
        format!("POST {good} HTTP/1.1\r\nHost: {own}\r\nContent-Length: 0\r\n\r\n"),
        "\u{0}\u{1}\r\n\r\n".to_owned(),
    ] {
        let answer = exchange(port, &request);
        assert!(answer.starts_with("HTTP/1.1 404"), "{request:?}: {answer}");
        assert!(!answer.contains(&state) && !answer.contains(path.trim_start_matches('/')));
    }
    still_succeeds(&rig, adding);
}

#[test]
fn an_endless_line() {
    let rig = Rig::start();
    let adding = Adding::start(&rig.convoke(), "zoom");
    let before = peak(adding.program.id());
    let mut stream = TcpStream::connect(address(&adding)).expect("it listens");
    stream.write_all(b"GET /").expect("it reads");
    let piece = vec![b'a'; 64 * 1024];
    let mut sent: u64 = 0;
    while sent < 1 << 30 && stream.write_all(&piece).is_ok() {
        sent += piece.len() as u64;
    }
    assert!(sent < 1 << 26, "it hung up only after {sent} bytes");
    let grown = peak(adding.program.id()) - before;
    assert!(grown < GROWTH, "{grown} KiB for an endless line");
    still_succeeds(&rig, adding);
}

#[test]
fn five_hundred_idle_sockets() {
    let rig = Rig::start();
    let adding = Adding::start(&rig.convoke(), "zoom");
    let (port, before) = (address(&adding), peak(adding.program.id()));
    let idle: Vec<TcpStream> = (0..500)
        .map(|_| TcpStream::connect_timeout(&port, Duration::from_secs(10)).expect("it takes another one"))
        .collect();
    let grown = peak(adding.program.id()) - before;
    assert!(grown < GROWTH, "{grown} KiB for 500 sockets");
    still_succeeds(&rig, adding);
    for stream in &idle {
        let _ = stream.shutdown(Shutdown::Both);
    }
}

#[test]
fn an_interrupted_sign_in_leaves_no_listener() {
    let rig = Rig::start();
    let before = rig.kept();
    let mut adding = Adding::start(&rig.convoke(), "zoom");
    let port = address(&adding);
    adding.program.kill();
    wait_until("the end of the listener", READY, || !listens(port));
    assert_eq!(rig.kept(), before);
}
