//! HTTP/1.1 by hand, so that a test can send what no client library would.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// An answer as it came.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Answer {
    /// Reads one answer that ends where the bytes end; `None` where the head is not whole.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).expect("UTF-8");
        let (head, body) = text.split_once("\r\n\r\n")?;
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1)).expect("a status line");
        let headers = lines.filter_map(|line| line.split_once(": "));
        Some(Self {
            status: status.parse().expect("a status"),
            headers: headers.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect(),
            body: body.to_owned(),
        })
    }

    /// The value of a header that must come at most once.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.iter().filter(|(found, _)| found == name);
        let first = values.next();
        assert!(values.next().is_none(), "{name} comes twice");
        first.map(|(_, value)| value.as_str())
    }

    /// The `error` of a JSON error answer.
    pub(crate) fn error(&self) -> String {
        self.json()["error"].as_str().unwrap_or_else(|| panic!("an error: {}", self.body)).to_owned()
    }

    /// A text of a JSON answer.
    pub(crate) fn text(&self, name: &str) -> String {
        self.json()[name].as_str().unwrap_or_else(|| panic!("{name}: {}", self.body)).to_owned()
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("JSON ({error}): {}", self.body))
    }
}

pub(crate) async fn get(address: SocketAddr, target: &str, headers: &[(&str, &str)]) -> Answer {
    send(address, "GET", target, headers, "").await
}

pub(crate) async fn post_form(address: SocketAddr, target: &str, fields: &[(&str, &str)]) -> Answer {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    send(address, "POST", target, &[("content-type", "application/x-www-form-urlencoded")], &body).await
}

pub(crate) async fn send(
    address: SocketAddr,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Answer {
    let mut lines = vec![
        format!("{method} {target} HTTP/1.1"),
        format!("host: {address}"),
        "connection: close".to_owned(),
        format!("content-length: {}", body.len()),
    ];
    lines.extend(headers.iter().map(|(name, value)| format!("{name}: {value}")));
    let request = format!("{}\r\n\r\n{body}", lines.join("\r\n"));
    raw(address, request.as_bytes()).await
}

/// Sends bytes and reads the answer to its end.
pub(crate) async fn raw(address: SocketAddr, request: &[u8]) -> Answer {
    let bytes = bytes(address, request).await;
    Answer::parse(&bytes).unwrap_or_else(|| panic!("an HTTP answer: {:?}", String::from_utf8_lossy(&bytes)))
}

/// Sends bytes and gives what comes until the broker closes: none, one or several answers.
pub(crate) async fn bytes(address: SocketAddr, request: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).await.expect("the broker listens");
    // The broker may answer and close before it has read all.
    let _ = stream.write_all(request).await;
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes).await;
    bytes
}

/// A connection that is kept for the next request, as long as the broker keeps it.
pub(crate) struct Kept {
    address: SocketAddr,
    stream: Option<TcpStream>,
}

impl Kept {
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self { address, stream: None }
    }

    /// Sends one whole request; `None` where the broker closes without an answer.
    pub(crate) async fn ask(&mut self, request: &[u8]) -> Option<Answer> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => TcpStream::connect(self.address).await.expect("the broker listens"),
        };
        let _ = stream.write_all(request).await;
        let mut bytes = Vec::new();
        loop {
            let read = stream.read_buf(&mut bytes).await.unwrap_or(0);
            let answer = Answer::parse(&bytes);
            let length = answer.as_ref().and_then(|answer| answer.header("content-length")?.parse().ok());
            if let Some(answer) = answer.filter(|answer| read == 0 || length == Some(answer.body.len())) {
                self.stream = (read > 0 && answer.header("connection") != Some("close")).then_some(stream);
                return Some(answer);
            }
            if read == 0 {
                return None;
            }
        }
    }
}

/// The same, and the sender's end of the connection is closed after the last byte.
pub(crate) async fn bytes_and_end(address: SocketAddr, request: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).await.expect("the broker listens");
    let _ = stream.write_all(request).await;
    let _ = stream.shutdown().await;
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes).await;
    bytes
}
