//! Heads that break HTTP itself: the connection ends, what two readers might read differently is refused, and the broker
//! serves on.
//!
//! Some are answered by hyper before the router sees them: an empty 400 or 414 or 431 with a date and no more. hyper writes
//! these by itself and has no place for further headers; they have no body, no type and no address, so there is nothing in them that
//! the fixed headers would keep anybody from misreading.

use std::time::Duration;

use tokio::time::timeout;

use super::assert_decent;
use crate::{
    rig::Rig,
    wire::{self, Answer},
};

#[derive(Clone, Copy, Debug)]
enum Expected {
    /// A 4xx, or nothing at all.
    Refused,
    /// Whatever the route says: HTTP allows this form.
    Read,
}

use Expected::{Read, Refused};

/// A request that must not be answered if it is hidden in another one.
const HIDDEN: &str = "GET /v1/providers HTTP/1.1\r\nhost: x\r\n\r\n";

fn malformed() -> Vec<(&'static str, Vec<u8>, Expected)> {
    let get = |lines: &str| format!("GET /healthz HTTP/1.1\r\n{lines}\r\n");
    let post = |lines: &str, body: &str| {
        format!(
            "POST /v1/token HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-www-form-urlencoded\r\n{lines}\r\n{body}"
        )
    };
    let closing = |line: &str| format!("{line}\r\nhost: x\r\nconnection: close\r\n\r\n");
    let hidden = |size: &str| format!("{size}{HIDDEN}");
    let cases: Vec<(&str, String, Expected)> = vec![
        ("no host", get(""), Refused),
        ("two hosts", get("host: a\r\nhost: b\r\n"), Refused),
        ("one host twice", get("host: a\r\nhost: a\r\n"), Refused),
        (
            "a length, then chunks",
            post("content-length: 4\r\ntransfer-encoding: chunked\r\n", &hidden("0\r\n\r\n")),
            Refused,
        ),
        (
            "chunks, then a length",
            post("transfer-encoding: chunked\r\ncontent-length: 4\r\n", &hidden("0\r\n\r\n")),
            Refused,
        ),
        ("chunks by HTTP/1.0", post("transfer-encoding: chunked\r\n", "0\r\n\r\n").replace("/1.1", "/1.0"), Refused),
        ("another encoding", post("transfer-encoding: identity\r\n", "0\r\n\r\n"), Refused),
        ("chunks inside out", post("transfer-encoding: chunked, gzip\r\n", "0\r\n\r\n"), Refused),
        ("two lengths", post("content-length: 0\r\ncontent-length: 44\r\n", HIDDEN), Refused),
        ("two lengths in one line", post("content-length: 0, 44\r\n", HIDDEN), Refused),
        ("a negative length", post("content-length: -1\r\n", ""), Refused),
        ("a length with a sign", post("content-length: +1\r\n", "a"), Refused),
        ("a length in hex", post("content-length: 0x1\r\n", "a"), Refused),
        ("a length beyond counting", post("content-length: 99999999999999999999\r\n", ""), Refused),
        ("the greatest length", post("content-length: 18446744073709551615\r\n", ""), Refused),
        ("a chunk beyond counting", post("transfer-encoding: chunked\r\n", "fffffffffffffffff\r\na"), Refused),
        ("a chunk that is no number", post("transfer-encoding: chunked\r\n", "zz\r\na"), Refused),
        ("a negative chunk", post("transfer-encoding: chunked\r\n", "-1\r\na"), Refused),
        ("a folded line", get("host: x\r\nx-a: b\r\n c\r\n"), Refused),
        ("a folded first line", get(" host: x\r\n"), Refused),
        ("a NUL in a value", get("host: x\r\nx-a: b\0c\r\n"), Refused),
        ("a bare CR in a value", get("host: x\r\nx-a: b\rc\r\n"), Refused),
        ("a space before the colon", get("host : x\r\n"), Refused),
        ("a line without a colon", get("host: x\r\nnonsense\r\n"), Refused),
        ("a line without a name", get("host: x\r\n: y\r\n"), Refused),
        ("a name that is no word", get("host: x\r\nx{y: z\r\n"), Refused),
        ("a space in the target", "GET /a b HTTP/1.1\r\nhost: x\r\n\r\n".into(), Refused),
        ("a NUL in the target", "GET /a\0 HTTP/1.1\r\nhost: x\r\n\r\n".into(), Refused),
        ("a huge target", closing(&format!("GET /{} HTTP/1.1", "a".repeat(200_000))), Refused),
        ("a huge method", closing(&format!("{} / HTTP/1.1", "A".repeat(200_000))), Refused),
        ("a huge header", get(&format!("host: x\r\nx-a: {}\r\n", "a".repeat(200_000))), Refused),
        ("many headers", get(&format!("host: x\r\n{}", "x-a: b\r\n".repeat(500))), Refused),
        ("HTTP/0.9", "GET /healthz\r\n\r\n".into(), Refused),
        ("HTTP/1.2", closing("GET /healthz HTTP/1.2"), Refused),
        ("HTTP/2.0", closing("GET /healthz HTTP/2.0"), Refused),
        ("HTTP/2's first words", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".into(), Refused),
        ("no method", closing(" /healthz HTTP/1.1"), Refused),
        ("a target without a slash", closing("GET healthz HTTP/1.1"), Refused),
        ("an authority", closing("GET evil.example:443 HTTP/1.1"), Refused),
        ("a tunnel", closing("CONNECT evil.example:443 HTTP/1.1"), Refused),
        ("the asterisk", closing("OPTIONS * HTTP/1.1"), Refused),
        ("the asterisk of a GET", closing("GET * HTTP/1.1"), Refused),
        ("a method in small letters", closing("get /healthz HTTP/1.1"), Refused),
        ("an ending in the middle", "GET /healthz HTTP/1.1\r\nho".into(), Refused),
        ("another tongue", "\x16\x03\x01\x02\x00\x01\x00\x01\u{fc}\x03\x03\r\n\r\n".into(), Refused),
        ("HTTP/1.0 without a host", "GET /healthz HTTP/1.0\r\n\r\n".into(), Read),
        ("an absolute target", closing("GET http://evil.example/healthz HTTP/1.1"), Read),
        ("bare LF", "GET /healthz HTTP/1.1\nhost: x\nconnection: close\n\n".into(), Read),
        ("a blank line before", closing("\r\nGET /healthz HTTP/1.1"), Read),
    ];
    cases.into_iter().map(|(name, text, expected)| (name, text.into_bytes(), expected)).collect()
}

#[tokio::test]
async fn what_breaks_http_ends_its_connection_and_nothing_else() {
    let rig = Rig::start().await;
    let (mut requests, mut by_hyper) = (0, 0);
    for (name, bytes, expected) in malformed() {
        let (address, ends) = (rig.address(), name == "an ending in the middle");
        let came = async {
            if ends { wire::bytes_and_end(address, &bytes).await } else { wire::bytes(address, &bytes).await }
        };
        let came = timeout(Duration::from_secs(3), came).await.unwrap_or_else(|_| panic!("{name}: it goes on"));
        requests += 1;
        let answers = came.windows(9).filter(|bytes| *bytes == b"HTTP/1.1 " || *bytes == b"HTTP/1.0 ").count();
        assert!(answers <= 1, "{name}: {:?}", String::from_utf8_lossy(&came));
        if let Some(answer) = Answer::parse(&came) {
            let fits = match expected {
                Refused => (400..500).contains(&answer.status),
                Read => answer.status == 200,
            };
            assert!(fits, "{name}: {answer:?}");
            if answer.header("convoke-broker").is_some() {
                assert_decent(&answer, name);
            } else {
                by_hyper += 1;
                assert!(answer.body.is_empty() && answer.header("content-type").is_none(), "{name}: {answer:?}");
            }
        } else {
            assert!(matches!(expected, Refused) && came.is_empty(), "{name}: {came:?}");
        }
        assert_eq!(rig.get("/healthz").await.status, 200, "after {name}");
    }
    rig.assert_no_call();
    println!("malformed: {requests} requests, {by_hyper} of them answered before the router");
}
