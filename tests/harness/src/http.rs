//! A small HTTP/1.1 client for loopback, and the reading half that the fault proxy shares. It decides nothing: any status is an
//! answer, nothing is followed, and what breaks is an `io::Error` for the test to look at.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;
use url::Url;

/// How long a single read may take.
const READ_LIMIT: Duration = Duration::from_secs(90);

/// The head of a request or an answer.
#[derive(Clone, Debug, Default)]
pub struct Head {
    /// The request line or status line, without its line end.
    pub first_line: String,
    /// Names in lower case and values, in the order they came.
    pub headers: Vec<(String, String)>,
}

impl Head {
    /// Reads a head up to and with its empty line; `None` when the other side closed before the first byte.
    ///
    /// # Errors
    /// What reading says, or `UnexpectedEof` when the head ends early.
    pub fn read(stream: &mut impl BufRead) -> io::Result<Option<Self>> {
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line)? == 0 {
                if lines.is_empty() {
                    return Ok(None);
                }
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let line = line.trim_end();
            if line.is_empty() {
                break;
            }
            lines.push(line.to_owned());
        }
        let mut lines = lines.into_iter();
        let first_line = lines.next().unwrap_or_default();
        let headers = lines
            .filter_map(|line| {
                let (name, value) = line.split_once(':')?;
                Some((name.to_ascii_lowercase(), value.trim().to_owned()))
            })
            .collect();
        Ok(Some(Self { first_line, headers }))
    }

    /// The first header of that name (lower case).
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// The announced length of the body in bytes, if there is one.
    #[must_use]
    pub fn content_length(&self) -> Option<usize> {
        self.header("content-length")?.parse().ok()
    }
}

/// An answer with its whole body.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// Status line and headers.
    pub head: Head,
    /// The body, with any chunking taken off.
    pub body: Vec<u8>,
}

impl Answer {
    /// The first header of that name (lower case).
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.header(name)
    }

    /// The body as text, with a mark in place of what is not UTF-8.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON. Panics with the body when it is not.
    #[must_use]
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error} in answer {}: {:?}", self.status, self.text()))
    }
}

/// Sends one request to a loopback address and reads the answer; the connection is closed after it.
///
/// # Errors
/// What the connection says; `InvalidInput` for an address that is not http on loopback.
pub fn request(method: &str, url: &Url, headers: &[(&str, &str)], body: &[u8]) -> io::Result<Answer> {
    let address = loopback(url)?;
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(10))?;
    stream.set_read_timeout(Some(READ_LIMIT))?;
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    let mut head = format!("{method} {}{query} HTTP/1.1\r\nConnection: close\r\n", url.path());
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
        let host = url.host_str().unwrap_or_default();
        head += &format!("Host: {host}:{}\r\n", address.port());
    }
    if !body.is_empty() || method != "GET" {
        head += &format!("Content-Length: {}\r\n", body.len());
    }
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    head += "\r\n";
    stream.write_all(head.as_bytes())?;
    stream.write_all(body)?;
    read_answer(&mut BufReader::new(stream))
}

/// GET of an address given as text. Panics when there is no answer.
#[must_use]
#[track_caller]
pub fn get(url: &str) -> Answer {
    let parsed = Url::parse(url).expect("an address");
    request("GET", &parsed, &[], b"").unwrap_or_else(|error| panic!("GET {url}: {error}"))
}

/// POST of a JSON value. Panics when there is no answer.
#[must_use]
#[track_caller]
pub fn post_json(url: &str, body: &Value) -> Answer {
    let parsed = Url::parse(url).expect("an address");
    request("POST", &parsed, &[("Content-Type", "application/json")], body.to_string().as_bytes())
        .unwrap_or_else(|error| panic!("POST {url}: {error}"))
}

/// POST of a form. Panics when there is no answer.
#[must_use]
#[track_caller]
pub fn post_form(url: &str, fields: &[(&str, &str)]) -> Answer {
    let parsed = Url::parse(url).expect("an address");
    request("POST", &parsed, &[("Content-Type", FORM)], form(fields).as_bytes())
        .unwrap_or_else(|error| panic!("POST {url}: {error}"))
}

/// POST of a form with a bearer token (RFC 6750). Panics when there is no answer.
#[must_use]
#[track_caller]
pub fn post_form_as(bearer: &str, url: &str, fields: &[(&str, &str)]) -> Answer {
    let parsed = Url::parse(url).expect("an address");
    let authorization = format!("Bearer {bearer}");
    let headers = [("Content-Type", FORM), ("Authorization", authorization.as_str())];
    request("POST", &parsed, &headers, form(fields).as_bytes()).unwrap_or_else(|error| panic!("POST {url}: {error}"))
}

/// The media type of [`form`].
pub const FORM: &str = "application/x-www-form-urlencoded";

/// Fields as `application/x-www-form-urlencoded`.
#[must_use]
pub fn form(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

fn loopback(url: &Url) -> io::Result<SocketAddr> {
    let host = url.host_str().unwrap_or_default();
    let address = match host.trim_start_matches('[').trim_end_matches(']') {
        "localhost" => "127.0.0.1",
        literal => literal,
    };
    let ip: IpAddr = address.parse().map_err(|_| invalid(url))?;
    match url.port_or_known_default() {
        Some(port) if url.scheme() == "http" && ip.is_loopback() => Ok((ip, port).into()),
        _ => Err(invalid(url)),
    }
}

fn invalid(url: &Url) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, format!("{url} is not http on loopback"))
}

/// Reads a whole answer.
pub(crate) fn read_answer(stream: &mut impl BufRead) -> io::Result<Answer> {
    let head = Head::read(stream)?.ok_or(io::ErrorKind::UnexpectedEof)?;
    let status = head
        .first_line
        .split(' ')
        .nth(1)
        .and_then(|word| word.parse().ok())
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, head.first_line.clone()))?;
    let mut body = Vec::new();
    if head.header("transfer-encoding").is_some_and(|coding| coding.eq_ignore_ascii_case("chunked")) {
        read_chunks(stream, &mut body)?;
    } else if let Some(length) = head.content_length() {
        body.resize(length, 0);
        stream.read_exact(&mut body)?;
    } else if status != 204 && status != 304 {
        stream.read_to_end(&mut body)?;
    }
    Ok(Answer { status, head, body })
}

fn read_chunks(stream: &mut impl BufRead, body: &mut Vec<u8>) -> io::Result<()> {
    loop {
        let mut line = String::new();
        stream.read_line(&mut line)?;
        let size = line.trim_end().split(';').next().unwrap_or_default();
        let size =
            usize::from_str_radix(size, 16).map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "not a chunk"))?;
        let start = body.len();
        body.resize(start + size, 0);
        stream.read_exact(&mut body[start..])?;
        stream.read_line(&mut String::new())?;
        if size == 0 {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_each_kind_of_body() {
        let read = |text: &str| read_answer(&mut text.as_bytes());
        let plain = read("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokmore").expect("answer");
        assert_eq!((plain.status, plain.text().as_str()), (200, "ok"));
        let chunks = read("HTTP/1.1 400 No\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n")
            .expect("answer");
        assert_eq!((chunks.status, chunks.text().as_str()), (400, "abcd"));
        assert!(read("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nok").is_err());
        assert!(read("").is_err());
    }

    #[test]
    fn leaves_loopback_never() {
        for address in ["http://192.0.2.1/", "https://127.0.0.1/", "http://example.org/"] {
            let url = Url::parse(address).expect("an address");
            let error = request("GET", &url, &[], b"").expect_err(address);
            assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        }
    }
}
