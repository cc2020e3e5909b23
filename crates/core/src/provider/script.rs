//! A scripted provider on loopback, for the tests of this folder: what it is asked must be exactly what was written down.

use std::{
    fmt::Write as _,
    path::PathBuf,
    sync::{
        Arc, LazyLock, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering},
    },
};

use chrono::{DateTime, Utc};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Barrier,
};
use url::Url;

use crate::{
    account::{Account, AccountId, Binding, Identity, ProviderKind},
    auth::{
        broker::Broker,
        broker_client::BrokerClient,
        lives::Lives,
        pace::{Budget, Pace},
        session::{AuthorizedClient, SessionParts},
        unsaved::Unsaved,
    },
    clock::uptime_by,
    credential::{AccessToken, Credential, Ends, OAuthCredential, RefreshToken, SametimeCredential, SessionToken},
    error::{Answer, Error, ErrorCode},
    http::HttpClient,
    meeting::{
        Meeting, MeetingDraft, MeetingId, MeetingTime, ProviderMeeting, Recurrence,
        intent::{Intent, IntentId},
    },
    storage::{CredentialIndex, CredentialStore, Glance, Mark, OpenRenewal, RenewalJournal, vault::Vault},
};

/// One answer of the script.
#[derive(Clone)]
pub struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

impl Reply {
    /// JSON.
    pub fn json(status: u16, body: &serde_json::Value) -> Self {
        Self { status, headers: vec![("content-type".into(), "application/json".into())], body: body.to_string() }
    }

    /// A web page.
    pub fn html(status: u16, body: &str) -> Self {
        Self { status, headers: vec![("content-type".into(), "text/html; charset=utf-8".into())], body: body.into() }
    }

    /// No body.
    pub fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: String::new() }
    }

    /// With one more header.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }
}

/// One request as it arrived.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Method, path and query: `GET /v2/users/me`.
    pub line: String,
    headers: Vec<(String, String)>,
    /// The body as text.
    pub body: String,
}

impl Seen {
    /// The one value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values =
            self.headers.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str());
        let value = values.next();
        assert!(values.next().is_none(), "{name} came twice");
        value
    }

    /// The body as JSON; must be marked as such.
    pub fn json(&self) -> serde_json::Value {
        assert_eq!(self.header("content-type"), Some("application/json"));
        serde_json::from_str(&self.body).unwrap()
    }
}

#[derive(Default)]
struct Played {
    pending: Vec<(String, Reply)>,
    seen: Vec<Seen>,
    surprises: Vec<String>,
}

/// The scripted server. Each expected request is answered once; any other gets 418 and fails [`Script::finished`].
pub struct Script {
    root: Url,
    played: Arc<Mutex<Played>>,
    most_at_once: Arc<AtomicUsize>,
}

impl Script {
    /// Starts with a request line and its answer for each call to come.
    pub async fn start<'a>(expected: impl IntoIterator<Item = (&'a str, Reply)>) -> Self {
        Self::start_together(1, expected).await
    }

    /// As [`Script::start`], but answers only when `together` requests wait at once.
    pub async fn start_together<'a>(together: usize, expected: impl IntoIterator<Item = (&'a str, Reply)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let root = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        let pending = expected.into_iter().map(|(line, reply)| (line.to_owned(), reply)).collect();
        let played = Arc::new(Mutex::new(Played { pending, ..Played::default() }));
        let most_at_once = Arc::new(AtomicUsize::new(0));
        let (now_here, barrier) = (Arc::new(AtomicUsize::new(0)), Arc::new(Barrier::new(together)));
        let script = Self { root, played: played.clone(), most_at_once: most_at_once.clone() };
        tokio::spawn(async move {
            while let Ok((mut socket, _)) = listener.accept().await {
                let (played, most, here, barrier) =
                    (played.clone(), most_at_once.clone(), now_here.clone(), barrier.clone());
                tokio::spawn(async move {
                    let Some(seen) = read_request(&mut socket).await else { return };
                    most.fetch_max(here.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    barrier.wait().await;
                    let reply = played.lock().unwrap_or_else(PoisonError::into_inner).answer(seen);
                    here.fetch_sub(1, Ordering::SeqCst);
                    write_reply(&mut socket, &reply).await;
                });
            }
        });
        script
    }

    /// The address that begins with this server and goes on with `path`.
    pub fn base(&self, path: &str) -> Url {
        self.root.join(path).unwrap()
    }

    /// A client that may speak to this server alone.
    pub fn http(&self) -> HttpClient {
        // Setting up TLS reads the system's certificates: once for all tests.
        static NONE_ALLOWED: LazyLock<HttpClient> = LazyLock::new(|| HttpClient::new([]).unwrap());
        NONE_ALLOWED.also_allowing(&self.root)
    }

    /// How many requests waited at once, at most.
    pub fn most_at_once(&self) -> usize {
        self.most_at_once.load(Ordering::SeqCst)
    }

    /// Every request in its order, after the whole script was played and nothing else was asked.
    pub fn finished(&self) -> Vec<Seen> {
        let played = self.played.lock().unwrap();
        assert!(played.surprises.is_empty(), "not in the script: {:?}", played.surprises);
        let left: Vec<&str> = played.pending.iter().map(|(line, _)| line.as_str()).collect();
        assert!(left.is_empty(), "never asked: {left:?}");
        played.seen.clone()
    }
}

impl Played {
    fn answer(&mut self, seen: Seen) -> Reply {
        let place = self.pending.iter().position(|(line, _)| *line == seen.line);
        let reply = if let Some(place) = place {
            self.pending.remove(place).1
        } else {
            self.surprises.push(seen.line.clone());
            Reply::empty(418)
        };
        self.seen.push(seen);
        reply
    }
}

async fn read_request(socket: &mut TcpStream) -> Option<Seen> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
        if socket.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(bytes[..end].to_vec()).ok()?;
    let mut lines = head.split("\r\n");
    let line = lines.next()?.strip_suffix(" HTTP/1.1")?.to_owned();
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let length =
        headers.iter().find(|(name, _)| name == "content-length").map_or(0, |(_, value)| value.parse().unwrap());
    while bytes.len() < end + length {
        if socket.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    Some(Seen { line, headers, body: String::from_utf8(bytes[end..].to_vec()).ok()? })
}

async fn write_reply(socket: &mut TcpStream, reply: &Reply) {
    let mut head = format!("HTTP/1.1 {} x\r\nconnection: close\r\n", reply.status);
    if reply.status != 204 {
        let _ = write!(head, "content-length: {}\r\n", reply.body.len());
    }
    for (name, value) in &reply.headers {
        let _ = write!(head, "{name}: {value}\r\n");
    }
    // A client that went away is the test's affair, not the script's.
    let _ = socket.write_all(format!("{head}\r\n{}", reply.body).as_bytes()).await;
    let _ = socket.shutdown().await;
}

/// Keeps one credential in memory: for tests alone.
pub struct OneCredential {
    kept: Mutex<Credential>,
    open: Mutex<Option<OpenRenewal>>,
    /// Refuses to be written, as a locked keyring does.
    pub locked: AtomicBool,
}

impl CredentialStore for OneCredential {
    fn load<'a>(&'a self, _account: &'a AccountId) -> Answer<'a, Option<Credential>> {
        let credential = copy(&self.kept.lock().unwrap());
        Box::pin(async move { Ok(Some(credential)) })
    }

    fn save<'a>(&'a self, _account: &'a AccountId, credential: &'a Credential) -> Answer<'a, ()> {
        if self.locked.load(Ordering::SeqCst) {
            return Box::pin(async { Err(Error::new(ErrorCode::KeyringLocked)) });
        }
        *self.kept.lock().unwrap() = copy(credential);
        Box::pin(async { Ok(()) })
    }

    fn forget<'a>(&'a self, _account: &'a AccountId) -> Answer<'a, ()> {
        unreachable!("a provider forgets nothing")
    }

    fn probe(&self) -> Answer<'_, ()> {
        unreachable!("a provider probes nothing")
    }

    fn glance(&self) -> Answer<'_, Glance> {
        let is_locked = self.locked.load(Ordering::SeqCst);
        Box::pin(async move { Ok(Glance { back_end: "memory".to_owned(), is_locked }) })
    }
}

impl CredentialIndex for OneCredential {
    fn mark(&self, _account: &AccountId) -> Result<Option<Mark>, Error> {
        Ok(Some(Mark { back_end: "memory".to_owned(), fingerprint: None }))
    }

    fn put_mark(&self, _account: &AccountId, _mark: &Mark, _at: DateTime<Utc>) -> Result<(), Error> {
        Ok(())
    }

    fn drop_mark(&self, _account: &AccountId) -> Result<(), Error> {
        unreachable!("a provider forgets nothing")
    }
}

impl RenewalJournal for OneCredential {
    fn begin_renewal(&self, renewal: &OpenRenewal) -> Result<(), Error> {
        *self.open.lock().unwrap() = Some(renewal.clone());
        Ok(())
    }

    fn open_renewal(&self, _account: &AccountId) -> Result<Option<OpenRenewal>, Error> {
        Ok(self.open.lock().unwrap().clone())
    }

    fn open_renewals(&self) -> Result<Vec<OpenRenewal>, Error> {
        Ok(self.open.lock().unwrap().iter().cloned().collect())
    }

    fn end_renewal(&self, _account: &AccountId) -> Result<(), Error> {
        *self.open.lock().unwrap() = None;
        Ok(())
    }
}

fn copy(credential: &Credential) -> Credential {
    match credential {
        Credential::OAuth(old) => Credential::OAuth(old.copied()),
        Credential::Sametime(old) => {
            let token = |token: &SessionToken| SessionToken(token.0.clone());
            Credential::Sametime(SametimeCredential {
                jwt: token(&old.jwt),
                refresh: token(&old.refresh),
                ltpa: old.ltpa.as_ref().map(token),
                csrf_cookie: token(&old.csrf_cookie),
                csrf_token: token(&old.csrf_token),
                auth_path: old.auth_path.clone(),
                issued_at: old.issued_at,
                issued_up: old.issued_up,
            })
        }
    }
}

/// The moment at which every test of this folder takes place: a Sunday in winter.
pub fn now() -> DateTime<Utc> {
    "2027-01-10T12:00:00Z".parse().unwrap()
}

/// An account at a scripted server, with a credential that is fresh: `token-1`, or for Sametime `jwt-1` and the like.
pub struct Stage {
    parts: SessionParts,
    account: Account,
    /// Where the credential is kept.
    pub store: Arc<OneCredential>,
}

impl Stage {
    /// An account whose API base is `base`.
    pub fn new(script: &Script, kind: ProviderKind, base: &str) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let text = |text: &str| SessionToken::new(text.to_owned());
        let credential = match kind {
            ProviderKind::Sametime => Credential::Sametime(SametimeCredential {
                jwt: text("jwt-1"),
                refresh: text("refresh-1"),
                ltpa: None,
                csrf_cookie: text("cookie-1"),
                csrf_token: text("csrf-1"),
                auth_path: "sametime-auth".to_owned(),
                issued_at: now(),
                issued_up: None,
            }),
            _ => Credential::OAuth(OAuthCredential {
                access: Some(AccessToken::new("token-1".to_owned())),
                expires_at: now() + chrono::Duration::hours(1),
                issued_at: now(),
                refresh: RefreshToken::new("refresh-1".to_owned()),
                scopes: Vec::new(),
                session: None,
                issued_up: None,
                ends: Ends::default(),
            }),
        };
        let folder = format!("convoke-script-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::SeqCst));
        let store = Arc::new(OneCredential {
            kept: Mutex::new(credential),
            open: Mutex::default(),
            locked: AtomicBool::new(false),
        });
        let parts = SessionParts {
            http: script.http(),
            broker: None,
            vault: Vault::new(store.clone(), store.clone()),
            journal: store.clone(),
            locks: std::env::temp_dir().join(folder),
            lives: Lives::default(),
            unsaved: Unsaved::default(),
            uptime: uptime_by(Arc::new(now)),
            // What a script does not hold must not be asked again.
            pace: Pace::new(Budget::ONCE),
            // A clock that moves, so that one renewal can be told from the next.
            clock: Arc::new({
                let ticks = AtomicU32::new(0);
                move || now() + chrono::Duration::milliseconds(ticks.fetch_add(1, Ordering::SeqCst).into())
            }),
        };
        let identity = Identity { subject: "1".to_owned(), address: "ana@example.com".to_owned(), name: None };
        let binding = Binding { broker: None, api_base: script.base(base).as_str().trim_end_matches('/').to_owned() };
        let account =
            Account { label: "Test".to_owned(), ..Account::new(AccountId::new(kind, [0; 6]), kind, identity, binding) };
        Self { parts, account, store }
    }

    /// With a broker that the script plays too.
    pub fn with_broker(mut self, script: &Script) -> Self {
        self.parts.broker = Some(Broker::Convoke(BrokerClient::new(script.http(), script.base("/"))));
        self
    }

    /// Keeps another credential.
    pub async fn keep(&self, credential: &Credential) {
        self.store.save(&self.account.id, credential).await.unwrap();
    }

    /// A client for the account.
    pub fn client(&self) -> AuthorizedClient<'_> {
        AuthorizedClient::new(&self.parts, &self.account).unwrap()
    }

    /// A meeting as the register would keep it.
    pub fn known(&self, provider_id: &str, time: Option<MeetingTime>) -> Meeting {
        let id = MeetingId(format!("m-{provider_id}"));
        let blank = Meeting::blank(id, self.account.id.clone(), self.account.provider, provider_id.to_owned());
        Meeting { subject: "Standup".to_owned(), time, ..blank }
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        let locks: &PathBuf = &self.parts.locks;
        // It is there only where something was renewed.
        let _ = std::fs::remove_dir_all(locks);
    }
}

/// Half past nine in Zurich, for three quarters of an hour.
pub fn morning() -> MeetingTime {
    let zone = chrono_tz::Europe::Zurich;
    let start: DateTime<Utc> = "2027-03-01T08:30:00Z".parse().unwrap();
    MeetingTime { start: start.with_timezone(&zone), minutes: 45 }
}

/// The intent of a draft, journalled now.
pub fn intent(draft: MeetingDraft) -> Intent {
    let id = IntentId("i-abcdefghjkmnpqrstuvw".to_owned());
    Intent::new(id, AccountId::new(ProviderKind::Zoom, [0; 6]), draft, now())
}

/// A series that begins with the morning.
pub fn series(rule: &str) -> Recurrence {
    Recurrence::parse(rule, morning().zone()).unwrap()
}

/// The error of an answer that must be one.
pub fn refused(answer: Result<ProviderMeeting, Error>) -> Error {
    answer.expect_err("an error")
}
