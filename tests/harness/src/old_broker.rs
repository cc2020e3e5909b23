//! A broker of the kind that Convoke's replaces, as its source says it speaks: in this process, in front of a sandbox.
//!
//! Refresh is a `GET` with the refresh token as the bearer, every "no" is 400 with the raw text of an error (in the reason
//! phrase too), `state` is the path, and a sign-in ends on a page with the refresh token. Its weaknesses are played on
//! purpose: a client that believes more than it says must be seen to fail.

use std::io::{BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;
use url::Url;

use crate::broker::{CLIENT_ID, CLIENT_SECRET};
use crate::http::{self, Answer, Head};
use crate::listening::Listening;

/// `sandbox-client:sandbox-secret`.
const BASIC: &str = "Basic c2FuZGJveC1jbGllbnQ6c2FuZGJveC1zZWNyZXQ=";
/// What its page shows in the token's place where the provider gave none.
pub const NO_TOKEN: &str = "RETRIEVING REFRESH TOKEN FAILED";

/// One provider: its names in paths, where the sandbox plays it, and its scopes. The scopes are those that Convoke needs: the
/// old broker has its own in its code, and an administrator who moves over gives it these.
struct Provider {
    path: &'static str,
    callback: &'static str,
    title: &'static str,
    authorize: &'static str,
    token: &'static str,
    scopes: &'static str,
}

const PROVIDERS: [Provider; 4] = [
    Provider {
        path: "GTM",
        callback: "/gtmCallback",
        title: "GoToMeeting",
        authorize: "goto/oauth/authorize",
        token: "goto/oauth/token",
        scopes: "collab:",
    },
    Provider {
        path: "Teams",
        callback: "/teamsCallback",
        title: "Teams",
        authorize: "teams/oauth2/v2.0/authorize",
        token: "teams/oauth2/v2.0/token",
        scopes: "User.Read OnlineMeetings.ReadWrite offline_access openid",
    },
    Provider {
        path: "Webex",
        callback: "/webexCallback",
        title: "Webex",
        authorize: "webex/v1/authorize",
        token: "webex/v1/access_token",
        scopes: "meeting:schedules_read meeting:schedules_write spark:people_read",
    },
    Provider {
        path: "Zoom",
        callback: "/zoomCallback",
        title: "Zoom",
        authorize: "zoom/oauth/authorize",
        token: "zoom/oauth/token",
        scopes: "meeting:write meeting:read user:read:user",
    },
];

struct Shared {
    sandbox: String,
    origin: String,
    requests: Arc<Mutex<Vec<String>>>,
}

/// A running old broker.
pub struct OldBroker {
    requests: Arc<Mutex<Vec<String>>>,
    url: String,
    _listening: Listening,
}

/// What it answers.
struct Said {
    status: u16,
    reason: String,
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl OldBroker {
    /// Starts one on a free port in front of the sandbox at this origin.
    #[must_use]
    pub fn start(sandbox: &str) -> Self {
        let requests = Arc::default();
        let (sandbox, kept) = (sandbox.to_owned(), Arc::clone(&requests));
        let listening = Listening::knowing(|address| {
            let shared = Shared { sandbox, origin: format!("http://{address}"), requests: kept };
            move |stream| serve(&shared, stream)
        });
        Self { requests, url: format!("http://{}", listening.address()), _listening: listening }
    }

    /// Its origin, without a final `/`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The request lines seen so far.
    #[must_use]
    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The token that its page shows, as a person copies it.
    #[must_use]
    #[track_caller]
    pub fn token_on(page: &str) -> String {
        let rest = page.split_once("<span id=\"token\">").unwrap_or_else(|| panic!("no token on the page: {page}")).1;
        let shown = rest.split_once("</span>").expect("a whole page").0;
        shown.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
    }
}

fn serve(shared: &Shared, mut stream: TcpStream) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    let mut incoming = BufReader::new(stream.try_clone()?);
    let Some(head) = Head::read(&mut incoming)? else {
        return Ok(());
    };
    let mut body = vec![0; head.content_length().unwrap_or(0)];
    incoming.read_exact(&mut body)?;
    shared.requests.lock().unwrap_or_else(PoisonError::into_inner).push(head.first_line.clone());
    let said = answer(shared, &head);
    let mut text = format!("HTTP/1.1 {} {}\r\n", said.status, said.reason);
    let always = [
        ("Content-Security-Policy", "default-src 'self';"),
        ("Strict-Transport-Security", "max-age=31536000; includeSubDomains"),
        ("X-Frame-Options", "SAMEORIGIN"),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "no-referrer"),
        ("Connection", "close"),
    ];
    for (name, value) in always.into_iter().chain(said.headers.iter().map(|(name, value)| (*name, value.as_str()))) {
        text += &format!("{name}: {value}\r\n");
    }
    text += &format!("Content-Length: {}\r\n\r\n{}", said.body.len(), said.body);
    stream.write_all(text.as_bytes())?;
    stream.shutdown(Shutdown::Both)
}

fn answer(shared: &Shared, head: &Head) -> Said {
    let mut words = head.first_line.split(' ');
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let Ok(url) = Url::parse(&format!("{}{target}", shared.origin)) else {
        return page(400, "Bad Request", "");
    };
    let parameter = |name: &str| url.query_pairs().find(|(own, _)| own == name).map(|(_, value)| value.into_owned());
    // The global first handler: a prefix, on any path.
    if parameter("state").is_some_and(|state| !PROVIDERS.iter().any(|own| state.starts_with(&start_path(own)))) {
        return refused("Invalid state");
    }
    let bearer = head.header("authorization").and_then(|value| {
        let mut parts = value.split(' ');
        (parts.next() == Some("Bearer")).then(|| parts.next_back().unwrap_or_default().to_owned())
    });
    for provider in &PROVIDERS {
        if url.path() == start_path(provider) {
            return match (method, &bearer) {
                (_, Some(_)) => page(401, "Unauthorized", ""),
                ("GET", None) => to_the_provider(shared, provider),
                _ => page(405, "Method Not Allowed", ""),
            };
        }
        if url.path() == provider.callback && method == "GET" {
            return called_back(shared, provider, &parameter);
        }
        if url.path() == format!("/domino{}Refresh", provider.path) && method == "GET" {
            return bearer
                .map_or_else(|| refused("Bearer Authentication missing"), |token| refresh(shared, provider, &token));
        }
    }
    match (url.path(), bearer) {
        ("/dominoZoomRevoke", Some(token)) => revoke(shared, &token),
        ("/dominoZoomRevoke", None) => refused("Bearer Authentication missing"),
        ("/" | "/index.html", _) => page(200, "OK", "<h1>Domino Online Meeting Integration</h1>"),
        _ => page(404, "Not Found", "<h1>Not found</h1>"),
    }
}

fn start_path(provider: &Provider) -> String {
    format!("/domino{}/index.html", provider.path)
}

fn to_the_provider(shared: &Shared, provider: &Provider) -> Said {
    let query = http::form(&[
        ("state", &start_path(provider)),
        ("redirect_uri", &format!("{}{}", shared.origin, provider.callback)),
        ("scope", provider.scopes),
        ("response_type", "code"),
        ("client_id", CLIENT_ID),
    ]);
    let location = format!("{}/{}?{query}", shared.sandbox, provider.authorize);
    Said { headers: vec![("Location", location)], ..page(302, "Found", "") }
}

fn called_back(shared: &Shared, provider: &Provider, parameter: &dyn Fn(&str) -> Option<String>) -> Said {
    match parameter("error").as_deref() {
        Some("invalid_token") => return page(401, "Unauthorized", ""),
        Some("insufficient_scope") => return page(403, "Forbidden", ""),
        Some(_) => return page(400, "Bad Request", ""),
        None => {}
    }
    let (Some(code), Some(_)) = (parameter("code"), parameter("state")) else {
        return page(400, "Bad Request", "");
    };
    let redirect = format!("{}{}", shared.origin, provider.callback);
    let form = [("code", code.as_str()), ("redirect_uri", &redirect), ("grant_type", "authorization_code")];
    let answer = match ask(shared, provider, &form) {
        Ok(answer) => answer,
        Err(text) => return page(500, "Internal Server Error", &escaped(&text)),
    };
    // The OpenID scopes are Microsoft's to leave out; every other one must have been granted.
    let granted = answer["scope"].as_str().unwrap_or_default();
    let missing = provider
        .scopes
        .split(' ')
        .any(|scope| !["openid", "offline_access"].contains(&scope) && !granted.split(' ').any(|own| own == scope));
    if missing {
        return page(403, "Forbidden", "");
    }
    let token = answer["refresh_token"].as_str().unwrap_or(NO_TOKEN);
    let body = format!(
        "<title>{} for HCL Notes Setup</title>\n<p><span id=\"token\">{}</span> <button>Copy</button></p>",
        provider.title,
        escaped(token)
    );
    let mut shown = page(200, "OK", &body);
    shown.headers.extend([
        ("Cache-Control", "no-cache, no-store, must-revalidate".to_owned()),
        ("Pragma", "no-cache".to_owned()),
        ("Expires", "0".to_owned()),
    ]);
    shown
}

fn refresh(shared: &Shared, provider: &Provider, token: &str) -> Said {
    match ask(shared, provider, &[("refresh_token", token), ("grant_type", "refresh_token")]) {
        Ok(mut answer) => {
            // Since 1.0.11: its client takes a missing one for a failure.
            if let Some(fields) = answer.as_object_mut() {
                fields.entry("refresh_token").or_insert_with(|| token.into());
            }
            let headers = vec![("Content-Type", "application/json".to_owned())];
            Said { status: 200, reason: "OK".to_owned(), headers, body: answer.to_string() }
        }
        Err(text) => refused(&text),
    }
}

fn revoke(shared: &Shared, token: &str) -> Said {
    let url = format!("{}/zoom/oauth/revoke?token={token}", shared.sandbox);
    match post(&url, &[("Authorization", BASIC)], &[]) {
        Ok(answer) if answer.status == 200 => {
            Said { status: 200, reason: "OK".to_owned(), headers: Vec::new(), body: String::new() }
        }
        Ok(answer) => refused(&answer.text()),
        Err(text) => refused(&text),
    }
}

/// Asks the provider's token endpoint: its JSON, or the raw text of what went wrong.
fn ask(shared: &Shared, provider: &Provider, form: &[(&str, &str)]) -> Result<Value, String> {
    let mut form = form.to_vec();
    let mut headers = vec![("Content-Type", http::FORM)];
    if provider.path == "Webex" {
        // It sends both ways at once; the sandbox holds to RFC 6749 §2.3 and takes one.
        form.extend([("client_id", CLIENT_ID), ("client_secret", CLIENT_SECRET)]);
    } else {
        headers.push(("Authorization", BASIC));
    }
    let answer = post(&format!("{}/{}", shared.sandbox, provider.token), &headers, &form)?;
    let json = serde_json::from_slice::<Value>(&answer.body).ok();
    if answer.status == 200 {
        return json.ok_or_else(|| format!("Cannot handle content type: {}", answer.text()));
    }
    // As its library words it: the error of a JSON body, else the reason phrase and the whole body.
    let reason = answer.head.first_line.splitn(3, ' ').nth(2).unwrap_or_default().to_owned();
    Err(match json.as_ref().and_then(|json| json["error"].as_str()) {
        Some(error) => match json.as_ref().and_then(|json| json["error_description"].as_str()) {
            Some(description) => format!("{error}: {description}"),
            None => error.to_owned(),
        },
        None => format!("{reason}: {}", answer.text()),
    })
}

fn post(url: &str, headers: &[(&str, &str)], form: &[(&str, &str)]) -> Result<Answer, String> {
    let url = Url::parse(url).map_err(|error| error.to_string())?;
    http::request("POST", &url, headers, http::form(form).as_bytes()).map_err(|error| error.to_string())
}

/// Every failure: 400, with the raw text as the reason phrase and as a body that is called JSON.
fn refused(text: &str) -> Said {
    let reason = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let headers = vec![("Content-Type", "application/json".to_owned())];
    Said { status: 400, reason, headers, body: text.to_owned() }
}

fn page(status: u16, reason: &str, body: &str) -> Said {
    let headers = vec![("Content-Type", "text/html; charset=utf-8".to_owned())];
    Said { status, reason: reason.to_owned(), headers, body: format!("<!DOCTYPE html>\n{body}\n") }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
