//! Each fault as a client feels it, and each certificate that a client has to refuse.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use rustls::pki_types::ServerName;
use rustls::{CertificateError, ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use url::Url;

use super::*;
use crate::http::{self, Answer};
use crate::patience;

const HELLO: &str = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

/// A server that answers every request with `hello`, and when it was asked.
fn server() -> (String, Arc<Mutex<Vec<Instant>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let asked = Arc::new(Mutex::new(Vec::new()));
    let times = Arc::clone(&asked);
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut reader = BufReader::new(stream.try_clone().expect("a second handle"));
            let _ = Head::read(&mut reader);
            hold(&times).push(Instant::now());
            let _ = stream.write_all(HELLO.as_bytes());
        }
    });
    (url, asked)
}

/// A proxy in front of a server that counts.
struct Rig {
    proxy: FaultProxy,
    asked: Arc<Mutex<Vec<Instant>>>,
}

impl Rig {
    fn new() -> Self {
        let (origin, asked) = server();
        Self { proxy: FaultProxy::start(&origin), asked }
    }

    fn asked(&self) -> usize {
        hold(&self.asked).len()
    }

    fn get(&self) -> io::Result<Answer> {
        let url = Url::parse(&format!("{}/v1/refresh?x=1", self.proxy.url())).expect("an address");
        http::request("GET", &url, &[], b"")
    }

    /// What comes for one request with `fault` planted: its bytes, at most so many, and how it ended.
    fn raw(&self, fault: Fault, most: usize) -> (Vec<u8>, io::Result<()>) {
        self.proxy.plant("/", fault, 1);
        let mut stream = TcpStream::connect(self.proxy.listening.address()).expect("a connection");
        stream.set_read_timeout(Some(patience::READY)).expect("a limit");
        stream.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").expect("it listens");
        let mut bytes = Vec::new();
        let end = stream.take(most as u64).read_to_end(&mut bytes).map(|_| ());
        (bytes, end)
    }

    fn text(&self, fault: Fault) -> String {
        let (bytes, end) = self.raw(fault, 1 << 20);
        end.expect("closed, not reset");
        String::from_utf8(bytes).expect("text")
    }
}

#[test]
fn plays_what_is_planted_and_then_passes_through() {
    let rig = Rig::new();
    let path = "/v1/refresh";
    rig.proxy.plant(path, Fault::page(407), 1);
    assert_eq!(rig.get().expect("answer").status, 407);
    rig.proxy.plant(path, Fault::CloseBefore, 1);
    assert!(rig.get().is_err());
    assert_eq!(rig.asked(), 0);
    rig.proxy.plant(path, Fault::CloseAfter, 1);
    assert!(rig.get().is_err());
    assert_eq!(rig.asked(), 1);
    assert_eq!(rig.proxy.injected(), 3);
    rig.proxy.plant("/elsewhere", Fault::html(), 1);
    assert_eq!(rig.get().expect("answer").text(), "hello");
    rig.proxy.plant(path, Fault::html(), 9);
    rig.proxy.clear();
    assert_eq!(rig.get().expect("answer").text(), "hello");
    assert_eq!(rig.proxy.injected(), 3, "what was planted and not played does not count");
    assert_eq!(rig.proxy.requests().len(), 5);
    assert!(rig.proxy.requests()[0].starts_with("GET /v1/refresh?x=1 "));
}

#[test]
fn cuts_the_answer_where_it_is_told() {
    let rig = Rig::new();
    assert_eq!(rig.text(Fault::Cut(2)), HELLO[..HELLO.len() - 3]);
    assert_eq!(rig.text(Fault::CutWhole(7)), "HTTP/1.");
    assert_eq!(rig.text(Fault::CutWhole(0)), "");
    assert_eq!(rig.text(Fault::CutWhole(1000)), HELLO);
    assert_eq!(rig.text(Fault::Short(1)), HELLO[..HELLO.len() - 1]);
    assert_eq!(rig.text(Fault::CutChunk(2)), "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhe");
    assert!(rig.text(Fault::CutChunk(1000)).ends_with("\r\n5\r\nhell"), "never the whole chunk");
    rig.proxy.plant("/", Fault::CutChunk(2), 1);
    assert!(rig.get().is_err());
    assert_eq!(rig.asked(), 8);
}

#[test]
fn comes_late_and_slowly() {
    let rig = Rig::new();
    let long = Duration::from_millis(120);
    for fault in [Fault::Delay(long), Fault::Held(long), Fault::Trickle(long / 30)] {
        let begun = Instant::now();
        assert_eq!(rig.text(fault.clone()), HELLO);
        let asked = *hold(&rig.asked).last().expect("a request");
        let (before, after) = (asked - begun, asked.elapsed());
        let held = matches!(fault, Fault::Held(_));
        assert!(if held { before >= long } else { after >= long }, "{fault:?}: {before:?}, {after:?}");
    }
}

#[test]
fn answers_itself() {
    let rig = Rig::new();
    let body = b"{\"access_token\":\"\xFF".to_vec();
    let (bytes, _) = rig.raw(Fault::json(201, body.clone()), 1 << 20);
    assert!(bytes.starts_with(b"HTTP/1.1 201 Gateway\r\nContent-Type: application/json\r\nContent-Length: 18\r\n"));
    assert!(bytes.ends_with(&body));
    let redirect = rig.text(Fault::Redirect { status: 307, location: "http://portal.invalid/".to_owned() });
    assert!(redirect.starts_with("HTTP/1.1 307 Gateway\r\nLocation: http://portal.invalid/\r\n"), "{redirect}");
    assert_eq!(rig.asked(), 0);
    assert!(rig.text(Fault::page(502).asked_first()).starts_with("HTTP/1.1 502 "));
    assert_eq!(rig.asked(), 1);
}

#[test]
fn pours_until_the_client_has_had_enough() {
    let rig = Rig::new();
    let much = 8 << 20;
    let (head, _) = rig.raw(Fault::EndlessHead, much);
    assert_eq!(head.len(), much);
    assert!(!head.windows(4).any(|end| end == b"\r\n\r\n"));
    let (flood, _) = rig.raw(Fault::Flood, much);
    let text = String::from_utf8_lossy(&flood[..200]);
    assert!(text.contains(&format!("Content-Length: {}\r\n", 1u64 << 30)) && text.contains("\r\n\r\n{\"aaa"), "{text}");
    assert_eq!(flood.len(), much);
    let (packed, end) = rig.raw(Fault::GzipFlood, much);
    assert!(end.is_ok() && packed.len() < much, "{}", packed.len());
    assert!(packed.windows(5).any(|part| part == b"\n\x1F\x8B\x08\0"));
    assert_eq!(rig.asked(), 0);
}

#[test]
fn resets_and_falls_silent() {
    let rig = Rig::new();
    let (bytes, end) = rig.raw(Fault::Reset, 10);
    assert_eq!((bytes.len(), end.expect_err("a reset").kind()), (0, io::ErrorKind::ConnectionReset));
    let (_, end) = rig.raw(Fault::CloseBefore, 10);
    assert!(end.is_ok(), "closing is not resetting");
    assert_eq!(rig.asked(), 0);
    let (_, end) = rig.raw(Fault::Reset.asked_first(), 10);
    assert_eq!((rig.asked(), end.expect_err("a reset").kind()), (1, io::ErrorKind::ConnectionReset));

    rig.proxy.plant("/", Fault::Silence, 1);
    let mut stream = TcpStream::connect(rig.proxy.listening.address()).expect("a connection");
    stream.write_all(b"GET / HTTP/1.1\r\n\r\n").expect("it listens");
    patience::wait_until("the silence", patience::READY, || rig.proxy.injected() == 4);
    stream.set_read_timeout(Some(Duration::from_millis(100))).expect("a limit");
    let kind = stream.read(&mut [0]).expect_err("nothing comes").kind();
    assert!(matches!(kind, io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut), "{kind}");
    assert_eq!(rig.asked(), 1);
}

#[test]
fn a_trap_keeps_what_fell_in() {
    let trap = FaultProxy::trap();
    assert!(trap.received().is_empty());
    let url = Url::parse(&trap.url()).expect("an address");
    assert!(http::request("GET", &url, &[("Authorization", "Bearer bait")], b"").is_err());
    assert!(String::from_utf8_lossy(&trap.received()).contains("Bearer bait"));
}

/// GET over TLS by a client that trusts `authority` and asks for `127.0.0.1`: the bytes that come, and how it ended.
fn get_tls(proxy: &FaultProxy, authority: &TlsAuthority) -> (Vec<u8>, io::Result<()>) {
    let mut roots = RootCertStore::empty();
    roots.add(authority.der()).expect("a certificate");
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("protocol versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("127.0.0.1").expect("a name");
    let connection = ClientConnection::new(Arc::new(config), name).expect("a connection");
    let mut stream = StreamOwned::new(connection, TcpStream::connect(proxy.listening.address()).expect("a connection"));
    let mut bytes = Vec::new();
    let end = stream
        .write_all(b"GET /secret HTTP/1.1\r\nHost: a\r\n\r\n")
        .and_then(|()| stream.read_to_end(&mut bytes))
        .map(|_| ());
    (bytes, end)
}

#[test]
fn speaks_tls_with_a_good_face() {
    let authority = TlsAuthority::new();
    let (origin, asked) = server();
    let proxy = FaultProxy::start_tls(&origin, &authority, TlsFace::Good);
    assert!(proxy.url().starts_with("https://127.0.0.1:"));
    let (bytes, end) = get_tls(&proxy, &authority);
    assert!(end.is_ok(), "{end:?}");
    assert_eq!(bytes, HELLO.as_bytes());
    assert_eq!(proxy.requests(), ["GET /secret HTTP/1.1"]);
    assert_eq!((hold(&asked).len(), proxy.refused()), (1, 0));
    // What breaks off does so without the word that ends TLS.
    proxy.plant("/", Fault::CutWhole(9), 1);
    let (bytes, end) = get_tls(&proxy, &authority);
    assert_eq!((bytes.len(), end.expect_err("no close_notify").kind()), (9, io::ErrorKind::UnexpectedEof));
}

#[test]
fn a_bad_face_is_refused_for_its_own_reason_and_nothing_reaches_the_server() {
    let authority = TlsAuthority::new();
    for face in TlsFace::BAD {
        let (origin, asked) = server();
        let proxy = FaultProxy::start_tls(&origin, &authority, face);
        let (_, end) = get_tls(&proxy, &authority);
        let error = end.expect_err("a refusal").into_inner().expect("an inner error");
        let rustls::Error::InvalidCertificate(reason) = error.downcast_ref::<rustls::Error>().expect("of TLS") else {
            panic!("{face:?}: {error}");
        };
        let fits = match face {
            TlsFace::Good => false,
            TlsFace::WrongHost => matches!(reason, CertificateError::NotValidForNameContext { .. }),
            TlsFace::Expired => matches!(reason, CertificateError::ExpiredContext { .. }),
            TlsFace::NotYetValid => matches!(reason, CertificateError::NotValidYetContext { .. }),
            TlsFace::SelfSigned | TlsFace::Intercepted => matches!(reason, CertificateError::UnknownIssuer),
        };
        assert!(fits, "{face:?}: {reason:?}");
        patience::wait_until("the refusal", patience::READY, || proxy.refused() == 1);
        assert!(proxy.requests().is_empty() && proxy.received().is_empty());
        assert!(hold(&asked).is_empty());
    }
}
