//! The loopback listener: takes one `GET` with the exact random path and Host, and nothing else ends it.
//!
//! RFC 8252 §7.3 and §8.3. It exists only while a sign-in waits. The browser's request is held until the
//! grant is redeemed, then sent on to a page whose address holds no code. Knows no broker.

use std::{
    collections::VecDeque,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use subtle::ConstantTimeEq;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{mpsc, oneshot},
    task::{AbortHandle, JoinHandle},
};

use crate::{
    credential::Grant,
    error::{Error, ErrorCode},
};

mod page;

const LONGEST_HEAD: usize = 16 * 1024;
const READ_LIMIT: Duration = Duration::from_secs(5);
const HOLD_LIMIT: Duration = Duration::from_secs(10);
const PAGE_LIMIT: Duration = Duration::from_secs(2);
/// More sockets than this at once, and the oldest one that has said nothing is let go.
const MOST_SOCKETS: usize = 64;

/// What the browser brought.
pub enum Arrival {
    /// A sealed grant.
    Grant(Grant),
    /// The broker's word for why there is none: `access_denied` and its like.
    Refused(String),
    /// The person ended it here.
    Cancelled,
}

/// An arrival, and how to tell the browser what became of it.
pub struct Callback {
    /// What came.
    pub arrival: Arrival,
    done: Option<oneshot::Sender<bool>>,
}

impl Callback {
    /// Sends the browser to the page that says so.
    pub fn answer(&mut self, succeeded: bool) {
        if let Some(done) = self.done.take() {
            // The browser may have gone; the sign-in stands all the same.
            let _ = done.send(succeeded);
        }
    }
}

/// Where the browser is expected: an address that nobody else on this computer knows.
struct Expected {
    host: String,
    path: String,
    state: String,
    /// Whether the browser has been told how it ended; before that a request for the last page means nothing.
    told: AtomicBool,
}

/// Waits on 127.0.0.1 for the browser.
pub struct CallbackListener {
    expected: Arc<Expected>,
    sender: mpsc::Sender<Callback>,
    arrivals: mpsc::Receiver<Callback>,
    task: JoinHandle<()>,
}

/// Takes the address that the browser ended on, where the browser is on another machine.
#[derive(Clone)]
pub struct Paster {
    expected: Arc<Expected>,
    sender: mpsc::Sender<Callback>,
}

impl CallbackListener {
    /// Binds a free port on 127.0.0.1 and starts to listen. `path` (without a slash) and `state` are random.
    ///
    /// # Errors
    /// `Unreachable` where loopback cannot be listened on.
    pub async fn bind(path: &str, state: &str) -> Result<Self, Error> {
        let unbound =
            |error: std::io::Error| Error::new(ErrorCode::Unreachable).detail(format!("127.0.0.1: {}", error.kind()));
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(unbound)?;
        let host = listener.local_addr().map_err(unbound)?.to_string();
        let expected = Arc::new(Expected {
            host,
            path: format!("/{path}"),
            state: state.to_owned(),
            told: AtomicBool::new(false),
        });
        let (sender, arrivals) = mpsc::channel(1);
        let task = tokio::spawn(accept(listener, Arc::clone(&expected), sender.clone()));
        Ok(Self { expected, sender, arrivals, task })
    }

    /// The redirect URI: `http://127.0.0.1:PORT/PATH`.
    #[must_use]
    pub fn redirect_uri(&self) -> String {
        format!("http://{}{}", self.expected.host, self.expected.path)
    }

    /// Takes addresses that a person pastes; checks them as the listener checks a request.
    #[must_use]
    pub fn paster(&self) -> Paster {
        Paster { expected: Arc::clone(&self.expected), sender: self.sender.clone() }
    }

    /// Waits for the one arrival that carries the state.
    pub async fn arrival(&mut self) -> Option<Callback> {
        self.arrivals.recv().await
    }

    /// Lets the browser fetch the page it was sent to, two seconds at most, and closes the port.
    pub async fn close(mut self) {
        self.arrivals.close();
        let _ = tokio::time::timeout(PAGE_LIMIT, &mut self.task).await;
    }
}

impl Drop for CallbackListener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Paster {
    /// Takes the address the browser ended on.
    ///
    /// # Errors
    /// `InvalidInput` at `address` where it is not this sign-in's; the sign-in goes on.
    pub fn paste(&self, address: &str) -> Result<(), Error> {
        use crate::error::{FieldIssue, IssueCode};
        let wrong = |problem| Error::invalid(vec![FieldIssue::new("address", problem)]);
        let rest = address.trim().strip_prefix("http://").ok_or_else(|| wrong(IssueCode::NotAWebAddress))?;
        let target = rest.strip_prefix(self.expected.host.as_str()).ok_or_else(|| wrong(IssueCode::Refused))?;
        let arrival = self.expected.arrival(target).ok_or_else(|| wrong(IssueCode::Refused))?;
        self.sender.try_send(Callback { arrival, done: None }).map_err(|_| wrong(IssueCode::Refused))
    }
}

impl Paster {
    /// Ends the sign-in, unless the browser has come back already: what it brought is then kept or refused as a whole.
    pub fn cancel(&self) {
        let _ = self.sender.try_send(Callback { arrival: Arrival::Cancelled, done: None });
    }
}

impl Expected {
    /// The arrival in a request target, where path and state are right and every parameter stands once.
    fn arrival(&self, target: &str) -> Option<Arrival> {
        let (path, query) = target.split_once('?')?;
        if !same(path, &self.path) {
            return None;
        }
        let (mut grant, mut state, mut error) = (None, None, None);
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let slot = match name.as_ref() {
                "grant" => &mut grant,
                "state" => &mut state,
                "error" => &mut error,
                _ => continue,
            };
            if slot.replace(value.into_owned()).is_some() {
                return None;
            }
        }
        if !same(&state?, &self.state) {
            return None;
        }
        match (grant, error) {
            (Some(grant), None) if !grant.is_empty() => Some(Arrival::Grant(Grant::new(grant))),
            (None, Some(error)) => Some(Arrival::Refused(crate::error::printable(&error))),
            _ => None,
        }
    }
}

/// Compares without telling by its time where two texts differ.
fn same(a: &str, b: &str) -> bool {
    a.as_bytes().ct_eq(b.as_bytes()).into()
}

async fn accept(listener: TcpListener, expected: Arc<Expected>, sender: mpsc::Sender<Callback>) {
    let (finished, mut ended) = mpsc::channel::<()>(1);
    let mut silent: VecDeque<AbortHandle> = VecDeque::new();
    loop {
        let socket = tokio::select! {
            _ = ended.recv() => return,
            socket = listener.accept() => socket,
        };
        let Ok((socket, _)) = socket else {
            // Out of file handles: the ones that say nothing go first.
            silent.drain(..).for_each(|handle| handle.abort());
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        silent.retain(|handle| !handle.is_finished());
        if silent.len() >= MOST_SOCKETS
            && let Some(oldest) = silent.pop_front()
        {
            oldest.abort();
        }
        silent.push_back(
            tokio::spawn(serve(socket, Arc::clone(&expected), sender.clone(), finished.clone())).abort_handle(),
        );
    }
}

/// Reads one head and hands it to a task of its own, so that a busy port cannot push a held request out.
async fn serve(
    mut socket: TcpStream,
    expected: Arc<Expected>,
    sender: mpsc::Sender<Callback>,
    finished: mpsc::Sender<()>,
) {
    let Ok(Some(head)) = tokio::time::timeout(READ_LIMIT, read_head(&mut socket)).await else { return };
    tokio::spawn(async move {
        let was_page = respond(&mut socket, &head, &expected, &sender).await;
        let _ = socket.shutdown().await;
        if was_page && tokio::time::timeout(PAGE_LIMIT, sender.closed()).await.is_ok() {
            let _ = finished.send(()).await;
        }
    });
}

/// The head up to its empty line; none where it is longer than it may be or the socket closes.
async fn read_head(socket: &mut TcpStream) -> Option<Vec<u8>> {
    let mut head = Vec::new();
    let mut chunk = [0; 2048];
    loop {
        let read = socket.read(&mut chunk).await.ok().filter(|read| *read > 0)?;
        head.extend_from_slice(&chunk[..read]);
        if let Some(end) = head.windows(4).position(|window| window == b"\r\n\r\n") {
            head.truncate(end);
            return Some(head);
        }
        if head.len() > LONGEST_HEAD {
            return None;
        }
    }
}

/// Answers one request; true where it was the last page of a browser that was sent there.
async fn respond(socket: &mut TcpStream, head: &[u8], expected: &Expected, sender: &mpsc::Sender<Callback>) -> bool {
    let target = request_target(head, &expected.host);
    let ends = match target {
        Some("/done") => page::DONE,
        Some("/failed") => page::FAILED,
        Some("/back") => page::BACK,
        Some(target) => {
            let location = match expected.arrival(target) {
                Some(arrival) => hold(arrival, sender).await,
                None => None,
            };
            expected.told.fetch_or(location.is_some(), Ordering::Relaxed);
            let answer = location.map_or_else(page::not_found, page::see_other);
            let _ = socket.write_all(answer.as_bytes()).await;
            return false;
        }
        None => {
            let _ = socket.write_all(page::not_found().as_bytes()).await;
            return false;
        }
    };
    let told = expected.told.load(Ordering::Relaxed);
    let _ = socket.write_all(page::page(&ends).as_bytes()).await;
    told
}

/// Hands the arrival up and waits for its end; the path of the page to send the browser to.
async fn hold(arrival: Arrival, sender: &mpsc::Sender<Callback>) -> Option<&'static str> {
    let (done, outcome) = oneshot::channel();
    sender.try_send(Callback { arrival, done: Some(done) }).ok()?;
    Some(match tokio::time::timeout(HOLD_LIMIT, outcome).await {
        Ok(Ok(true)) => "/done",
        Ok(_) => "/failed",
        // Not over yet: only Convoke can say how it ends.
        Err(_) => "/back",
    })
}

/// The target of a `GET` with exactly this Host; none for anything else (R19).
fn request_target<'a>(head: &'a [u8], host: &str) -> Option<&'a str> {
    let head = std::str::from_utf8(head).ok()?;
    let mut lines = head.split("\r\n");
    let mut words = lines.next()?.split(' ');
    let (method, target, version) = (words.next()?, words.next()?, words.next()?);
    if method != "GET" || !version.starts_with("HTTP/1.") || words.next().is_some() {
        return None;
    }
    let mut hosts = lines.filter_map(|line| line.split_once(':')).filter(|(name, _)| name.eq_ignore_ascii_case("host"));
    let named = hosts.next()?.1.trim();
    (named == host && hosts.next().is_none()).then_some(target)
}

#[cfg(test)]
mod tests;
