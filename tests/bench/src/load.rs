//! The client: a fixed number of connections, each with its own person, that send the next request when the last one's answer
//! is whole.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{io::AsyncWriteExt as _, net::TcpStream, task::JoinSet, time::sleep};

use crate::{Outcome, ROTATING, process::Process, token_endpoint::REFRESH_TOKEN, wire};

const LOOK_AT_MEMORY_EVERY: Duration = Duration::from_millis(100);

/// Somebody with a session at the broker and a refresh token at the provider.
pub(crate) struct Person {
    pub(crate) session: String,
    pub(crate) refresh_token: String,
}

impl Person {
    /// The one of that number; refresh tokens are as long as the provider's.
    pub(crate) fn new(at: usize, session: String) -> Self {
        Self { session, refresh_token: format!("{at:0REFRESH_TOKEN$}") }
    }

    /// A refresh, byte for byte the same for every contender.
    pub(crate) fn request(&self, address: SocketAddr, path: &str) -> Vec<u8> {
        let body = format!("grant_type=refresh_token&refresh_token={}", self.refresh_token);
        let (length, session) = (body.len(), &self.session);
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {session}\r\nAccept: application/json\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n"
        );
        (head + &body).into_bytes()
    }
}

/// What one round came to.
pub(crate) struct Measured {
    /// Microseconds of a processor that one request took.
    pub(crate) cpu_micros: f64,
    pub(crate) per_second: f64,
    /// KiB under load, at most.
    pub(crate) memory: u32,
}

/// Open connections to one contender.
pub(crate) struct Connections(Vec<Connection>);

struct Connection {
    stream: TcpStream,
    /// Whose it is.
    person: usize,
    /// The refresh token is its end.
    request: Vec<u8>,
    answer: Vec<u8>,
    rotates: bool,
}

impl Connections {
    /// One for each of `persons`.
    pub(crate) async fn open(address: SocketAddr, path: &str, persons: &[Person]) -> Outcome<Self> {
        let mut connections = Vec::new();
        for (at, person) in persons.iter().enumerate() {
            let stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            let request = person.request(address, path);
            let (answer, rotates) = (Vec::with_capacity(16 * 1024), path == ROTATING);
            connections.push(Connection { stream, person: at, request, answer, rotates });
        }
        Ok(Self(connections))
    }

    /// Closes all of them; whoever got a new refresh token goes on with it the next time.
    pub(crate) fn close(self, persons: &mut [Person]) {
        for connection in self.0 {
            let start = connection.request.len() - REFRESH_TOKEN;
            let token = String::from_utf8_lossy(&connection.request[start..]);
            persons[connection.person].refresh_token = token.into_owned();
        }
    }

    /// Sends that many requests over all of them.
    pub(crate) async fn send(&mut self, requests: u32) -> Outcome<()> {
        let left = Arc::new(AtomicU32::new(requests));
        let mut tasks = JoinSet::new();
        for mut connection in self.0.drain(..) {
            let left = Arc::clone(&left);
            tasks.spawn(async move {
                while left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok() {
                    connection.refresh().await?;
                }
                Outcome::Ok(connection)
            });
        }
        while let Some(connection) = tasks.join_next().await {
            self.0.push(connection??);
        }
        Ok(())
    }

    /// The same, with what it cost `process`.
    pub(crate) async fn measure(&mut self, requests: u32, process: &Process) -> Outcome<Measured> {
        let (before, started) = (process.processor_time()?, Instant::now());
        let mut memory = 0;
        let look = async {
            loop {
                sleep(LOOK_AT_MEMORY_EVERY).await;
                match process.memory() {
                    Ok(now) => memory = memory.max(now),
                    Err(error) => return error,
                }
            }
        };
        tokio::select! {
            sent = self.send(requests) => sent?,
            error = look => return Err(error),
        }
        let (took, used) = (started.elapsed(), process.processor_time()?.saturating_sub(before));
        let requests = f64::from(requests);
        Ok(Measured {
            cpu_micros: used.as_secs_f64() * 1e6 / requests,
            per_second: requests / took.as_secs_f64(),
            memory,
        })
    }
}

impl Connection {
    async fn refresh(&mut self) -> Outcome<()> {
        const FIELD: &[u8] = b"\"refresh_token\":\"";
        self.stream.write_all(&self.request).await?;
        let head = wire::read(&mut self.stream, &mut self.answer).await?.ok_or("the connection was closed")?;
        if wire::status(&self.answer) != 200 {
            return Err(format!("a refresh was refused: {}", String::from_utf8_lossy(&self.answer)).into());
        }
        if self.rotates {
            // A client keeps the refresh token that came last.
            let body = &self.answer[head..];
            let field = body.windows(FIELD.len()).position(|window| window == FIELD).ok_or("no refresh token came")?;
            let token = body.get(field + FIELD.len()..).and_then(|rest| rest.get(..REFRESH_TOKEN));
            let at = self.request.len() - REFRESH_TOKEN;
            self.request[at..].copy_from_slice(token.ok_or("the refresh token has another length")?);
        }
        Ok(())
    }
}
