//! A small HTTP/1.1 client over one socket per request: it shows what came off the wire, also where that is no answer.

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use convoke_sandbox::{Options, Running, Sandbox};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// Whether the body ended before the length that was announced.
    pub short: bool,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub fn cookies(&self) -> Vec<(String, String)> {
        self.headers
            .iter()
            .filter(|(name, _)| name == "set-cookie")
            .filter_map(|(_, line)| line.split(';').next()?.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }

    /// The query parameters of the `Location` header.
    pub fn location(&self) -> BTreeMap<String, String> {
        let url = url::Url::parse(self.header("location").expect("a location")).expect("a URL");
        url.query_pairs().into_owned().collect()
    }
}

/// A request under construction.
pub struct Ask {
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

pub fn ask(method: &str, target: &str) -> Ask {
    Ask { method: method.to_owned(), target: target.to_owned(), headers: Vec::new(), body: Vec::new() }
}

impl Ask {
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn bearer(self, token: &str) -> Self {
        self.header("Authorization", &format!("Bearer {token}"))
    }

    pub fn basic(self, id: &str, secret: &str) -> Self {
        self.header("Authorization", &format!("Basic {}", STANDARD.encode(format!("{id}:{secret}"))))
    }

    pub fn json(mut self, body: &Value) -> Self {
        self.body = body.to_string().into_bytes();
        self.header("Content-Type", "application/json")
    }

    pub fn form(mut self, fields: &[(&str, &str)]) -> Self {
        self.body = form(fields).into_bytes();
        self.header("Content-Type", "application/x-www-form-urlencoded")
    }

    async fn open(&self, to: &Running) -> TcpStream {
        let mut stream = TcpStream::connect(to.address).await.expect("the sandbox listens");
        let mut head = format!("{} {} HTTP/1.1\r\n", self.method, self.target);
        if !self.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
            head += &["Host: ", &to.address.to_string(), "\r\n"].concat();
        }
        for (name, value) in &self.headers {
            head += &[name.as_str(), ": ", value, "\r\n"].concat();
        }
        let length = self.body.len().to_string();
        head += &["Content-Length: ", &length, "\r\nConnection: close\r\n\r\n"].concat();
        stream.write_all(head.as_bytes()).await.expect("sent");
        stream.write_all(&self.body).await.expect("sent");
        stream
    }

    /// Sends and reads everything until the sandbox closes.
    pub async fn send(self, to: &Running) -> Answer {
        let mut raw = Vec::new();
        let mut stream = self.open(to).await;
        tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut raw))
            .await
            .expect("an answer in time")
            .expect("a whole answer");
        parse(&raw)
    }

    /// Sends and reads up to `most` bytes; what came, and the error that ended it.
    pub async fn send_raw(self, to: &Running, most: usize) -> (Vec<u8>, Option<std::io::Error>) {
        let mut raw = Vec::new();
        let mut stream = self.open(to).await;
        let mut piece = vec![0; 64 * 1024];
        loop {
            match stream.read(&mut piece).await {
                Ok(0) => return (raw, None),
                Ok(count) => raw.extend_from_slice(&piece[..count]),
                Err(error) => return (raw, Some(error)),
            }
            if raw.len() >= most {
                return (raw, None);
            }
        }
    }

    /// Sends and says whether nothing at all came for `time`.
    pub async fn silent_for(self, to: &Running, time: Duration) -> bool {
        let mut stream = self.open(to).await;
        tokio::time::timeout(time, stream.read(&mut [0; 1])).await.is_err()
    }
}

fn parse(raw: &[u8]) -> Answer {
    let end = raw.windows(4).position(|window| window == b"\r\n\r\n").expect("a whole head");
    let head = String::from_utf8_lossy(&raw[..end]).into_owned();
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|code| code.parse().ok());
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let body = raw[end + 4..].to_vec();
    let announced = headers.iter().find(|(name, _)| name == "content-length");
    let announced = announced.and_then(|(_, value)| value.parse::<usize>().ok());
    let short = announced.is_some_and(|length| body.len() < length);
    Answer { status: status.expect("a status"), headers, body, short }
}

pub fn form(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// A sandbox that allows every sign-in at once.
pub async fn sandbox() -> Running {
    Sandbox::start(Options { auto_approve: true, ..Options::default() }).await.expect("starts")
}

pub async fn state(to: &Running) -> Value {
    ask("GET", "/_sandbox/state").send(to).await.json()
}

pub async fn fault(to: &Running, order: Value) {
    let answer = ask("POST", "/_sandbox/faults").json(&order).send(to).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
}

pub async fn advance(to: &Running, seconds: i64) {
    let answer = ask("POST", "/_sandbox/clock").json(&json!({ "advance_seconds": seconds })).send(to).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
}

/// A provider's OAuth side, as the tests walk it.
#[derive(Clone, Copy)]
pub struct Provider {
    pub authorize: &'static str,
    pub token: &'static str,
    pub redirect: &'static str,
    pub scope: Option<&'static str>,
}

pub const ZOOM: Provider = Provider {
    authorize: "/zoom/oauth/authorize",
    token: "/zoom/oauth/token",
    redirect: "http://127.0.0.1:8790/v1/callback/zoom",
    scope: None,
};

pub const TEAMS: Provider = Provider {
    authorize: "/teams/oauth2/v2.0/authorize",
    token: "/teams/oauth2/v2.0/token",
    redirect: "http://127.0.0.1:8790/v1/callback/teams",
    scope: Some("User.Read OnlineMeetings.ReadWrite offline_access openid profile"),
};

pub const VERIFIER: &str = "a-verifier-of-at-least-forty-three-characters";
pub const STATE: &str = "state-0123456789abcdef";

impl Provider {
    /// The authorize request's parameters, with some put in place of the usual ones.
    pub fn parameters(self, other: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
        let mut all = vec![
            ("response_type", "code".to_owned()),
            ("client_id", "sandbox-client".to_owned()),
            ("redirect_uri", self.redirect.to_owned()),
            ("state", STATE.to_owned()),
            ("code_challenge", challenge),
            ("code_challenge_method", "S256".to_owned()),
        ];
        all.extend(self.scope.map(|scope| ("scope", scope.to_owned())));
        for (name, value) in other {
            all.retain(|(known, _)| known != name);
            if !value.is_empty() {
                all.push((name, (*value).to_owned()));
            }
        }
        all
    }

    pub fn authorize_target(self, other: &[(&'static str, &str)]) -> String {
        let all = self.parameters(other);
        let query: Vec<(&str, &str)> = all.iter().map(|(name, value)| (*name, value.as_str())).collect();
        format!("{}?{}", self.authorize, form(&query))
    }

    pub async fn authorize(self, to: &Running, other: &[(&'static str, &str)]) -> Answer {
        ask("GET", &self.authorize_target(other)).send(to).await
    }

    pub async fn code(self, to: &Running) -> String {
        let answer = self.authorize(to, &[]).await;
        assert_eq!(answer.status, 302, "{}", answer.text());
        let location = answer.location();
        assert_eq!(location["state"], STATE);
        location["code"].clone()
    }

    /// The code exchange, with some fields put in place of the usual ones.
    pub async fn exchange(self, to: &Running, code: &str, other: &[(&str, &str)]) -> Answer {
        let mut fields = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", self.redirect),
            ("code_verifier", VERIFIER),
        ];
        for (name, value) in other {
            fields.retain(|(known, _)| known != name);
            if !value.is_empty() {
                fields.push((name, value));
            }
        }
        ask("POST", self.token).basic("sandbox-client", "sandbox-secret").form(&fields).send(to).await
    }

    pub async fn refresh(self, to: &Running, token: &str) -> Answer {
        let fields = [("grant_type", "refresh_token"), ("refresh_token", token)];
        ask("POST", self.token).basic("sandbox-client", "sandbox-secret").form(&fields).send(to).await
    }

    /// Signs in: access and refresh token.
    pub async fn sign_in(self, to: &Running) -> (String, String) {
        let code = self.code(to).await;
        tokens(&self.exchange(to, &code, &[]).await)
    }
}

/// The access and the refresh token of an answer.
pub fn tokens(answer: &Answer) -> (String, String) {
    assert_eq!(answer.status, 200, "{}", answer.text());
    let body = answer.json();
    let token = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    (token("access_token"), token("refresh_token"))
}
