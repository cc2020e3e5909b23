//! Stands between two parts and breaks what passes, as networks and corporate gateways do. One request per connection: what the
//! client sends is read whole, what the server answers is read whole, and then the chosen fault is played.

mod fault;
mod flood;
mod line;
mod play;
#[cfg(test)]
mod tests;

use std::io::{self, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustls::ServerConfig;

use self::line::{Ending, Line};
use self::play::play;
use crate::http::Head;
use crate::listening::Listening;
use crate::tls_authority::{TlsAuthority, TlsFace};

pub use self::fault::Fault;

#[derive(Debug)]
struct Planted {
    path: String,
    fault: Fault,
    times: u32,
}

#[derive(Debug, Default)]
struct Shared {
    target: Option<SocketAddr>,
    tls: Option<Arc<ServerConfig>>,
    planted: Mutex<Vec<Planted>>,
    requests: Mutex<Vec<String>>,
    received: Mutex<Vec<u8>>,
    injected: AtomicU64,
    refused: AtomicU64,
}

fn hold<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A running proxy in front of one origin; also a trap that only counts what arrives.
#[derive(Debug)]
pub struct FaultProxy {
    shared: Arc<Shared>,
    listening: Listening,
}

impl FaultProxy {
    /// Starts one in front of `origin` (`http://127.0.0.1:PORT`).
    #[must_use]
    pub fn start(origin: &str) -> Self {
        Self::launch(Shared { target: Some(target(origin)), ..Shared::default() })
    }

    /// Starts one that speaks TLS with its clients, with a certificate of that face, and plain HTTP with `origin`.
    #[must_use]
    pub fn start_tls(origin: &str, authority: &TlsAuthority, face: TlsFace) -> Self {
        let tls = Some(authority.server(face));
        Self::launch(Shared { target: Some(target(origin)), tls, ..Shared::default() })
    }

    /// Starts one with nothing behind it: every connection is noted and closed. A place where nothing may ever arrive.
    #[must_use]
    pub fn trap() -> Self {
        Self::launch(Shared::default())
    }

    fn launch(shared: Shared) -> Self {
        let shared = Arc::new(shared);
        let serving = Arc::clone(&shared);
        let listening = Listening::start(move |stream| serve(&serving, stream));
        Self { shared, listening }
    }

    /// Its origin, without a final `/`.
    #[must_use]
    pub fn url(&self) -> String {
        let scheme = if self.shared.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.listening.address())
    }

    /// Plays `fault` for the next `times` requests whose path starts with `path`.
    pub fn plant(&self, path: &str, fault: Fault, times: u32) {
        hold(&self.shared.planted).push(Planted { path: path.to_owned(), fault, times });
    }

    /// Takes away what is planted.
    pub fn clear(&self) {
        hold(&self.shared.planted).clear();
    }

    /// The request lines seen so far; under TLS those that came through a handshake.
    #[must_use]
    pub fn requests(&self) -> Vec<String> {
        hold(&self.shared.requests).clone()
    }

    /// Every byte that clients sent so far; under TLS every one inside it.
    #[must_use]
    pub fn received(&self) -> Vec<u8> {
        hold(&self.shared.received).clone()
    }

    /// How many faults were really played so far.
    #[must_use]
    pub fn injected(&self) -> u64 {
        self.shared.injected.load(Ordering::SeqCst)
    }

    /// How many clients broke a TLS handshake off so far.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.shared.refused.load(Ordering::SeqCst)
    }
}

fn target(origin: &str) -> SocketAddr {
    let target = origin.strip_prefix("http://").expect("an http origin").trim_end_matches('/');
    target.parse().expect("a loopback address with a port")
}

/// Keeps a copy of what is read.
struct Tapped<'a>(Line, &'a Shared);

impl Read for Tapped<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.0.read(buffer)?;
        hold(&self.1.received).extend_from_slice(&buffer[..read]);
        Ok(read)
    }
}

fn serve(shared: &Shared, socket: TcpStream) -> io::Result<()> {
    let line = Line::accept(socket, shared.tls.as_ref()).inspect_err(|_| {
        shared.refused.fetch_add(1, Ordering::SeqCst);
    })?;
    let mut incoming = BufReader::new(Tapped(line, shared));
    let Some(head) = Head::read(&mut incoming)? else {
        return Ok(());
    };
    hold(&shared.requests).push(head.first_line.clone());
    let Some(target) = shared.target else {
        return incoming.into_inner().0.end(Ending::Broken);
    };
    let mut body = vec![0; head.content_length().unwrap_or(0)];
    incoming.read_exact(&mut body)?;
    let mut line = incoming.into_inner().0;
    let ending = match take(shared, head.first_line.split(' ').nth(1).unwrap_or_default()) {
        None => {
            line.write_all(&ask(target, &head, &body)?)?;
            Ending::Orderly
        }
        Some(fault) => {
            if let Fault::Held(time) = fault {
                std::thread::sleep(time);
            }
            let answer = if fault.asks() { ask(target, &head, &body)? } else { Vec::new() };
            // Before its first byte: whoever has felt it finds it counted.
            shared.injected.fetch_add(1, Ordering::SeqCst);
            play(&fault, &answer, &mut line)?
        }
    };
    line.end(ending)
}

fn take(shared: &Shared, path: &str) -> Option<Fault> {
    let mut planted = hold(&shared.planted);
    let found = planted.iter_mut().find(|one| one.times > 0 && path.starts_with(&one.path))?;
    found.times -= 1;
    Some(found.fault.clone())
}

/// Passes one request on and reads the answer to its end.
fn ask(target: SocketAddr, head: &Head, body: &[u8]) -> io::Result<Vec<u8>> {
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
