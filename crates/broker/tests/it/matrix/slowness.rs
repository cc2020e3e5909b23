//! Peers that stall: each is let go at its deadline, and they keep nobody else from being answered.

use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::{Instant, sleep, timeout},
};

use crate::{rig::Rig, wire::Answer};

const IDLE: usize = 500;
/// Room for a machine that does other things, too.
const MARGIN: Duration = Duration::from_secs(3);

/// Sends `head`, then a byte every quarter of a second; what came until the broker closed, and when that was.
async fn trickle(address: std::net::SocketAddr, head: &str) -> (Vec<u8>, Duration) {
    let started = Instant::now();
    let mut stream = TcpStream::connect(address).await.expect("the broker listens");
    stream.write_all(head.as_bytes()).await.expect("the head");
    let (mut reader, mut writer) = stream.into_split();
    let drops = tokio::spawn(async move {
        while writer.write_all(b"a").await.is_ok() {
            sleep(Duration::from_millis(250)).await;
        }
    });
    let mut bytes = Vec::new();
    let read = timeout(Duration::from_secs(30), reader.read_to_end(&mut bytes)).await;
    drops.abort();
    assert!(read.is_ok(), "it goes on");
    (bytes, started.elapsed())
}

/// Both ends of each socket are in this process.
fn make_room_for_sockets() {
    let limit = getrlimit(Resource::Nofile);
    let wanted = limit.maximum.map_or(8_192, |maximum| maximum.min(8_192));
    if limit.current.is_some_and(|current| current < wanted) {
        setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum: limit.maximum })
            .expect("up to the maximum");
    }
}

#[tokio::test]
async fn whoever_stalls_is_let_go_and_keeps_nobody_waiting() {
    make_room_for_sockets();
    let rig = Rig::start().await;
    let address = rig.address();
    let body = "POST /v1/token HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-www-form-urlencoded\r\n\
                content-length: 1000\r\n\r\n";
    let chunks = "POST /v1/token HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-www-form-urlencoded\r\n\
                  transfer-encoding: chunked\r\n\r\nfff\r\n";
    let slow_body = tokio::spawn(trickle(address, body));
    let slow_chunks = tokio::spawn(trickle(address, chunks));
    let slow_head = tokio::spawn(trickle(address, "GET /healthz HTTP/1.1\r\nhost: x\r\nx-a: "));
    let mut idle = Vec::new();
    for _ in 0..IDLE {
        idle.push(TcpStream::connect(address).await.expect("there is room"));
    }
    let opened = Instant::now();
    for _ in 0..100 {
        let answer = timeout(Duration::from_secs(2), rig.get("/v1/providers")).await.expect("in time");
        assert_eq!(answer.status, 200);
    }
    let (deadline_of_body, deadline_of_head) = (Duration::from_secs(10), Duration::from_secs(15));
    for slow in [slow_body, slow_chunks] {
        let (bytes, after) = slow.await.expect("it ended");
        let answer = Answer::parse(&bytes).expect("an answer");
        assert_eq!((answer.status, answer.error().as_str()), (408, "request_timeout"));
        assert!(after >= deadline_of_body && after < deadline_of_body + MARGIN, "{after:?}");
    }
    let (bytes, after) = slow_head.await.expect("it ended");
    assert!(bytes.is_empty() || bytes.starts_with(b"HTTP/1.1 4"), "{:?}", String::from_utf8_lossy(&bytes));
    assert!(after >= deadline_of_head && after < deadline_of_head + MARGIN, "{after:?}");
    for mut stream in idle {
        let left = (deadline_of_head + MARGIN).saturating_sub(opened.elapsed());
        let read = timeout(left, stream.read(&mut [0; 1])).await.expect("an idle socket is let go");
        assert_eq!(read.unwrap_or(0), 0);
    }
    assert_eq!(rig.get("/healthz").await.status, 200);
    println!("slowness: {} sockets, the last let go after {:?}", IDLE + 3, opened.elapsed());
}
