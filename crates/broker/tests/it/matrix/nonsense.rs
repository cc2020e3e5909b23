//! Requests that no client of ours makes.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::wire::Answer;

const FORM: &str = "content-type: application/x-www-form-urlencoded\r\n";
const LONG: usize = 10 * 1024 * 1024;
const BLOCK: usize = 64 * 1024;

enum Body {
    /// With its length.
    Whole(Vec<u8>),
    /// Ten megabytes with their length.
    Long,
    /// Ten megabytes in chunks.
    LongInChunks,
    /// Less than was announced, and then the end.
    CutShort,
}

/// One way of asking for nothing sensible.
pub(super) struct Nonsense {
    pub(super) name: &'static str,
    query: String,
    /// Header lines.
    headers: String,
    body: Body,
}

impl Nonsense {
    /// All kinds.
    pub(super) fn all() -> Vec<Self> {
        let known = ["grant", "code_verifier", "refresh_token", "token", "state", "code", "subject", "reason", "all"];
        let doubled: String = known.map(|name| format!("{name}=a&{name}=b")).join("&");
        let flood: String = (0..1_000).map(|at| format!("p{at}=1")).collect::<Vec<_>>().join("&");
        let mut garbage = b"grant=%&token=%c0%af&refresh_token=%ff%fe&state=%00&reason=%0d%0a&code_verifier=".to_vec();
        garbage.extend([0xff, 0xfe, 0xc0, 0x80, 0x00, b'\r', b'\n']);
        let whole = |text: &str| Body::Whole(text.as_bytes().to_vec());
        let no_query = |name, headers: &str, body| Self { name, query: String::new(), headers: headers.into(), body };
        let mut all = vec![
            no_query("no body", "", whole("")),
            no_query("an empty form", FORM, whole("")),
            no_query("a body without a type", "", whole("a=b")),
            no_query("the type twice", &FORM.repeat(2), whole("token=a")),
            no_query("parameters twice", FORM, whole(&doubled)),
            no_query("10 MB", FORM, Body::Long),
            no_query("10 MB without a type", "", Body::Long),
            no_query("10 MB in chunks", FORM, Body::LongInChunks),
            no_query("a body cut short", FORM, Body::CutShort),
            no_query("garbage", FORM, Body::Whole(garbage.clone())),
            no_query("1,000 parameters", FORM, whole(&flood)),
            no_query("garbage as JSON", "content-type: application/json\r\n", Body::Whole(garbage)),
            no_query("a deep JSON", "content-type: application/json\r\n", whole(&"[".repeat(20_000))),
            no_query(
                "a JSON of other types",
                "content-type: application/json\r\n",
                whole(r#"{"all":[1],"reason":{}}"#),
            ),
        ];
        for kind in ["text/plain", "multipart/form-data; boundary=x", "", ";", "application/x-www-form-urlencoded, x"] {
            all.push(no_query("another type", &format!("content-type: {kind}\r\n"), whole("token=a")));
        }
        for (name, query) in [
            ("parameters twice in the address", doubled.as_str()),
            ("1,000 parameters in the address", flood.as_str()),
            ("percent garbage in the address", "%&state=%zz&code=%ff%fe&%00=%0d%0a&redirect_uri=%c0%80"),
        ] {
            all.push(Self { name, query: format!("?{query}"), headers: FORM.to_owned(), body: whole("token=a") });
        }
        all
    }

    /// Sends it and reads the one answer to its end.
    pub(super) async fn send(&self, address: SocketAddr, method: &str, path: &str, bearer: Option<&str>) -> Answer {
        let length = match &self.body {
            Body::Whole(bytes) => format!("content-length: {}", bytes.len()),
            Body::Long => format!("content-length: {LONG}"),
            Body::LongInChunks => "transfer-encoding: chunked".to_owned(),
            Body::CutShort => "content-length: 1000".to_owned(),
        };
        let bearer = bearer.map(|token| format!("authorization: Bearer {token}\r\n")).unwrap_or_default();
        let head = format!(
            "{method} {path}{} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n{}{bearer}{length}\r\n\r\n",
            self.query, self.headers
        );
        let mut stream = TcpStream::connect(address).await.expect("the broker listens");
        // The broker may answer and close before it has read all.
        let _ = stream.write_all(head.as_bytes()).await;
        let _ = self.write_body(&mut stream).await;
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes).await;
        Answer::parse(&bytes).unwrap_or_else(|| panic!("{method} {path} with {}: {bytes:?}", self.name))
    }

    async fn write_body(&self, stream: &mut TcpStream) -> std::io::Result<()> {
        match &self.body {
            Body::Whole(bytes) => stream.write_all(bytes).await,
            Body::Long => {
                let block = vec![b'a'; BLOCK];
                for _ in 0..LONG / BLOCK {
                    stream.write_all(&block).await?;
                }
                Ok(())
            }
            Body::LongInChunks => {
                let chunk = format!("{BLOCK:x}\r\n{}\r\n", "a".repeat(BLOCK));
                for _ in 0..LONG / BLOCK {
                    stream.write_all(chunk.as_bytes()).await?;
                }
                stream.write_all(b"0\r\n\r\n").await
            }
            Body::CutShort => {
                stream.write_all(b"token=a").await?;
                stream.shutdown().await
            }
        }
    }
}
