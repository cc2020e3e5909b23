//! Stands between two parts and breaks what passes, as networks and corporate gateways do. One request per connection: what the
//! client sends is read whole, what the server answers is read whole, and then the chosen fault is played.

use std::io::{BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::http::Head;

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The server's answer is cut after this many bytes of its body; the announced length stays.
    Cut(usize),
    /// The server is not asked; this answer comes instead.
    Answer {
        /// The status code.
        status: u16,
        /// The media type.
        content_type: &'static str,
        /// The body.
        body: &'static str,
    },
    /// The connection closes without an answer and the server is not asked.
    CloseBefore,
    /// The server is asked and its answer is lost.
    CloseAfter,
    /// The server is not asked and the connection stays open and silent.
    Silence,
}

impl Fault {
    /// A gateway's own page instead of the answer, with status 200.
    #[must_use]
    pub fn html() -> Self {
        Self::page(200)
    }

    /// A gateway's own page with this status: 403, 407, 502, …
    #[must_use]
    pub fn page(status: u16) -> Self {
        Self::Answer {
            status,
            content_type: "text/html",
            body: "<html><body>Please sign in to the network.</body></html>",
        }
    }
}

#[derive(Debug)]
struct Planted {
    path: String,
    fault: Fault,
    times: u32,
}

#[derive(Debug, Default)]
struct Shared {
    planted: Mutex<Vec<Planted>>,
    requests: Mutex<Vec<String>>,
    received: Mutex<Vec<u8>>,
    ended: AtomicBool,
}

fn hold<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A running proxy in front of one origin; also a trap that only counts what arrives.
#[derive(Debug)]
pub struct FaultProxy {
    address: SocketAddr,
    shared: Arc<Shared>,
}

impl FaultProxy {
    /// Starts one in front of `origin` (`http://127.0.0.1:PORT`).
    #[must_use]
    pub fn start(origin: &str) -> Self {
        let target = origin.strip_prefix("http://").expect("an http origin").trim_end_matches('/');
        Self::launch(Some(target.parse().expect("a loopback address with a port")))
    }

    /// Starts one with nothing behind it: every connection is noted and closed. A place where nothing may ever arrive.
    #[must_use]
    pub fn trap() -> Self {
        Self::launch(None)
    }

    fn launch(target: Option<SocketAddr>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::new(Shared::default());
        let accepting = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if accepting.ended.load(Ordering::SeqCst) {
                    return;
                }
                let shared = Arc::clone(&accepting);
                std::thread::spawn(move || {
                    // A broken connection is this part's trade.
                    let _ = serve(&shared, stream, target);
                });
            }
        });
        Self { address, shared }
    }

    /// Its origin, without a final `/`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Plays `fault` for the next `times` requests whose path starts with `path`.
    pub fn plant(&self, path: &str, fault: Fault, times: u32) {
        hold(&self.shared.planted).push(Planted { path: path.to_owned(), fault, times });
    }

    /// Takes away what is planted.
    pub fn clear(&self) {
        hold(&self.shared.planted).clear();
    }

    /// The request lines seen so far.
    #[must_use]
    pub fn requests(&self) -> Vec<String> {
        hold(&self.shared.requests).clone()
    }

    /// Every byte that clients sent so far.
    #[must_use]
    pub fn received(&self) -> Vec<u8> {
        hold(&self.shared.received).clone()
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::SeqCst);
        // Wakes the thread that accepts.
        let _ = TcpStream::connect(self.address);
    }
}

/// Keeps a copy of what is read.
struct Tapped<'a>(TcpStream, &'a Shared);

impl Read for Tapped<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.0.read(buffer)?;
        hold(&self.1.received).extend_from_slice(&buffer[..read]);
        Ok(read)
    }
}

fn serve(shared: &Shared, mut client: TcpStream, target: Option<SocketAddr>) -> std::io::Result<()> {
    client.set_read_timeout(Some(Duration::from_secs(60)))?;
    let mut incoming = BufReader::new(Tapped(client.try_clone()?, shared));
    let Some(head) = Head::read(&mut incoming)? else {
        return Ok(());
    };
    hold(&shared.requests).push(head.first_line.clone());
    let Some(target) = target else {
        return client.shutdown(Shutdown::Both);
    };
    let mut body = vec![0; head.content_length().unwrap_or(0)];
    incoming.read_exact(&mut body)?;
    let fault = take(shared, head.first_line.split(' ').nth(1).unwrap_or_default());
    match fault {
        None => client.write_all(&ask(target, &head, &body)?)?,
        Some(Fault::Cut(keep)) => {
            let answer = ask(target, &head, &body)?;
            let body = answer.windows(4).position(|end| end == b"\r\n\r\n").map_or(0, |at| at + 4);
            client.write_all(&answer[..answer.len().min(body + keep)])?;
        }
        Some(Fault::Answer { status, content_type, body }) => {
            let length = body.len();
            write!(
                client,
                "HTTP/1.1 {status} Gateway\r\nContent-Type: {content_type}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
            )?;
        }
        Some(Fault::CloseBefore) => {}
        Some(Fault::CloseAfter) => {
            ask(target, &head, &body)?;
        }
        Some(Fault::Silence) => {
            // Until the client gives up and closes.
            let _ = incoming.read(&mut [0]);
        }
    }
    client.shutdown(Shutdown::Both)
}

fn take(shared: &Shared, path: &str) -> Option<Fault> {
    let mut planted = hold(&shared.planted);
    let found = planted.iter_mut().find(|one| one.times > 0 && path.starts_with(&one.path))?;
    found.times -= 1;
    Some(found.fault.clone())
}

/// Passes one request on and reads the answer to its end.
fn ask(target: SocketAddr, head: &Head, body: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut server = TcpStream::connect(target)?;
    let mut request = format!("{}\r\nconnection: close\r\n", head.first_line);
    for (name, value) in head.headers.iter().filter(|(name, _)| name != "connection") {
        request += &format!("{name}: {value}\r\n");
    }
    request += "\r\n";
    server.write_all(request.as_bytes())?;
    server.write_all(body)?;
    let mut answer = Vec::new();
    server.read_to_end(&mut answer)?;
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http;
    use url::Url;

    /// A server that answers every request with `hello`, and how often it was asked.
    fn server() -> (String, Arc<Mutex<u32>>) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let asked = Arc::new(Mutex::new(0));
        let count = Arc::clone(&asked);
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let mut reader = BufReader::new(stream.try_clone().expect("a second handle"));
                let _ = Head::read(&mut reader);
                *hold(&count) += 1;
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
            }
        });
        (url, asked)
    }

    #[test]
    fn plays_each_fault_and_then_passes_through() {
        let (origin, asked) = server();
        let proxy = FaultProxy::start(&origin);
        let url = Url::parse(&format!("{}/v1/refresh?x=1", proxy.url())).expect("an address");
        let get = || http::request("GET", &url, &[], b"");
        let asked = || *hold(&asked);

        proxy.plant("/v1/refresh", Fault::page(407), 1);
        assert_eq!(get().expect("answer").status, 407);
        proxy.plant("/v1/refresh", Fault::CloseBefore, 1);
        assert!(get().is_err());
        assert_eq!(asked(), 0);
        proxy.plant("/v1/refresh", Fault::Cut(2), 1);
        assert!(get().is_err());
        proxy.plant("/v1/refresh", Fault::CloseAfter, 1);
        assert!(get().is_err());
        assert_eq!(asked(), 2);
        proxy.plant("/elsewhere", Fault::html(), 1);
        assert_eq!(get().expect("answer").text(), "hello");
        assert_eq!(proxy.requests().len(), 5);
        assert!(proxy.requests()[0].starts_with("GET /v1/refresh?x=1 "));
    }

    #[test]
    fn a_trap_keeps_what_fell_in() {
        let trap = FaultProxy::trap();
        assert!(trap.received().is_empty());
        let url = Url::parse(&trap.url()).expect("an address");
        assert!(http::request("GET", &url, &[("Authorization", "Bearer bait")], b"").is_err());
        assert!(String::from_utf8_lossy(&trap.received()).contains("Bearer bait"));
    }
}
