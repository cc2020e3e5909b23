//! Between a client and a server: passes everything on, and keeps what was asked and how it was answered.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{Shutdown, TcpStream},
    sync::{Arc, Mutex, PoisonError},
};

use convoke_harness::listening::Listening;
use serde_json::{Value, json};

/// One exchange.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// The method.
    pub method: String,
    /// Path and query, as they were sent to this recorder.
    pub target: String,
    /// `Content-Type` of the request, where it had a body.
    pub content_type: Option<String>,
    /// The body as JSON; null for none.
    pub body: Value,
    /// The status of the answer.
    pub status: u16,
    /// What a checking proxy found wrong with the request or the answer.
    pub violations: Option<String>,
}

impl Exchange {
    /// The request alone, for a comparison.
    #[must_use]
    pub fn request(&self) -> Value {
        json!({"method": self.method, "target": self.target, "type": self.content_type, "body": self.body})
    }
}

/// A listener on loopback that passes on to one origin.
pub struct Recorder {
    url: String,
    seen: Arc<Mutex<Vec<Exchange>>>,
    _listening: Listening,
}

impl Recorder {
    /// Starts one that passes on to `upstream` (an origin), with `strip` taken off the front of every path.
    ///
    /// # Panics
    /// Where loopback cannot be listened on.
    #[must_use]
    pub fn start(upstream: &str, strip: &'static str) -> Self {
        let authority = upstream.trim_start_matches("http://").to_owned();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&seen);
        let listening = Listening::start(move |client| pass_on(client, &authority, strip, &kept));
        Self { url: format!("http://{}", listening.address()), seen, _listening: listening }
    }

    /// Its origin.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Everything that passed, in order.
    ///
    /// # Panics
    /// Never.
    #[must_use]
    pub fn exchanges(&self) -> Vec<Exchange> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// One request and its answer, written down before the answer is handed on: whoever has it asks the next. The connection then
/// ends.
fn pass_on(mut client: TcpStream, authority: &str, strip: &str, seen: &Mutex<Vec<Exchange>>) -> Option<()> {
    let mut reader = BufReader::new(client.try_clone().ok()?);
    let (first, headers) = head(&mut reader)?;
    let mut words = first.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let value =
        |name: &str| headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.clone());
    let length: usize = value("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;

    let mut server = TcpStream::connect(authority).ok()?;
    let path = target.strip_prefix(strip).unwrap_or(&target);
    let mut request = format!("{method} {path} HTTP/1.1\r\nhost: {authority}\r\nconnection: close\r\n");
    for (name, value) in &headers {
        if !["host", "connection"].iter().any(|other| name.eq_ignore_ascii_case(other)) {
            request.extend([name, ": ", value, "\r\n"]);
        }
    }
    server.write_all(format!("{request}\r\n").as_bytes()).ok()?;
    server.write_all(&body).ok()?;
    let mut answer = Vec::new();
    server.read_to_end(&mut answer).ok()?;
    let text = String::from_utf8_lossy(&answer).into_owned();
    let answer_head = text.split("\r\n\r\n").next().unwrap_or_default();
    let status = answer_head.split(' ').nth(1).and_then(|text| text.parse().ok()).unwrap_or(0);
    let violations = answer_head
        .lines()
        .find(|line| line.to_ascii_lowercase().starts_with("sl-violations:"))
        .map(str::to_owned)
        .or_else(|| text.contains("stoplight.io/prism/errors").then(|| text.clone()));
    let exchange = Exchange {
        method,
        target,
        content_type: value("content-type").filter(|_| length > 0),
        body: serde_json::from_slice(&body).unwrap_or(Value::Null),
        status,
        violations,
    };
    seen.lock().unwrap_or_else(PoisonError::into_inner).push(exchange);
    client.write_all(&answer).ok()?;
    client.shutdown(Shutdown::Both).ok()
}

fn head(reader: &mut BufReader<TcpStream>) -> Option<(String, Vec<(String, String)>)> {
    let mut line = || {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        Some(line.trim_end().to_owned())
    };
    let first = line()?;
    let mut headers = Vec::new();
    loop {
        let line = line()?;
        match line.split_once(':') {
            Some((name, value)) => headers.push((name.to_owned(), value.trim().to_owned())),
            None => return Some((first, headers)),
        }
    }
}
