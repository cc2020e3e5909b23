//! The one connection to the server, shared by all calls and made anew when it breaks.
//!
//! redis's own `ConnectionManager` is not used: where a new connection fails by an answer ("max number of clients reached",
//! a password that is being changed) and not by the network, it never tries again.

use std::time::Duration;

use redis::{
    AsyncConnectionConfig, Client, Cmd, ErrorKind, FromRedisValue, Pipeline, RedisError, RedisResult, ScriptInvocation,
    ServerErrorKind, aio::MultiplexedConnection,
};
use tokio::{sync::Mutex, time::Instant};
use tracing::{info, warn};

use crate::{configuration::ConfigurationError, store::StoreError};

/// How long an answer, and a connection, are waited for.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long nobody tries again after a connection has failed; whoever waited for it fails with it.
const PAUSE: Duration = Duration::from_millis(100);

/// What is asked of the server.
#[derive(Clone, Copy)]
pub(super) enum Question<'a> {
    Command(&'a Cmd),
    Pipeline(&'a Pipeline),
    Script(&'a ScriptInvocation<'a>),
}

impl Question<'_> {
    async fn ask<T: FromRedisValue>(self, connection: &mut MultiplexedConnection) -> RedisResult<T> {
        match self {
            Self::Command(command) => command.query_async(connection).await,
            Self::Pipeline(pipeline) => pipeline.query_async(connection).await,
            Self::Script(script) => script.invoke_async(connection).await,
        }
    }
}

/// Whether the server has become another's copy: the name may lead to that other one by now.
fn is_demoted(error: &RedisError) -> bool {
    matches!(error.kind(), ErrorKind::Server(ServerErrorKind::ReadOnly | ServerErrorKind::MasterDown))
}

/// The way to the server.
pub(super) struct Wire {
    client: Client,
    link: Mutex<Link>,
}

#[derive(Default)]
struct Link {
    connection: Option<MultiplexedConnection>,
    /// Counts the connections, so that only the one that broke is given up.
    number: u64,
    failed_at: Option<Instant>,
}

impl Wire {
    /// Connects to the server at `address`, which may hold a password.
    ///
    /// # Errors
    /// The address is not one, nobody answers there, or whoever does refuses us.
    pub(super) async fn open(address: &str) -> Result<Self, ConfigurationError> {
        let refused = |reason: &str| ConfigurationError::new("STORE", reason);
        // The library's own words could quote the address, with the password in it.
        let client = Client::open(address).map_err(|_| refused("must be redis://HOST:PORT/DATABASE"))?;
        let wire = Self { client, link: Mutex::default() };
        match wire.connect().await {
            Ok(connection) => wire.link.lock().await.connection = Some(connection),
            Err(error) if error.kind() == ErrorKind::AuthenticationFailed => {
                return Err(refused("names a Redis that refuses the user or the password"));
            }
            Err(error) => {
                warn!(kind = ?error.kind(), code = error.code(), "the store can not be reached");
                return Err(refused("names a Redis that does not answer"));
            }
        }
        Ok(wire)
    }

    /// Asks, and asks once more over a new connection where the old one had broken: so each question must bear being asked
    /// twice. One that is not answered in time is not asked again.
    pub(super) async fn ask<T: FromRedisValue>(&self, question: Question<'_>) -> Result<T, StoreError> {
        let mut may_repeat = true;
        loop {
            let (mut connection, number) = self.connection().await?;
            let error = match question.ask(&mut connection).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let is_broken = error.is_io_error() || error.is_unrecoverable_error() || is_demoted(&error);
            if is_broken {
                self.give_up(number).await;
            }
            if !is_broken || error.is_timeout() || !may_repeat {
                warn!(kind = ?error.kind(), code = error.code(), "the store does not answer as it should");
                return Err(StoreError);
            }
            may_repeat = false;
        }
    }

    async fn connect(&self) -> RedisResult<MultiplexedConnection> {
        let config =
            AsyncConnectionConfig::new().set_connection_timeout(Some(PATIENCE)).set_response_timeout(Some(PATIENCE));
        let connecting = self.client.get_multiplexed_async_connection_with_config(&config);
        // Once more around all of it: a name that is looked up, a greeting that is not answered.
        let late = |_| RedisError::from(std::io::Error::from(std::io::ErrorKind::TimedOut));
        tokio::time::timeout(PATIENCE, connecting).await.map_err(late)?
    }

    /// The connection and its number; a new one where there is none.
    async fn connection(&self) -> Result<(MultiplexedConnection, u64), StoreError> {
        let mut link = self.link.lock().await;
        if let Some(connection) = &link.connection {
            return Ok((connection.clone(), link.number));
        }
        if link.failed_at.is_some_and(|failed_at| failed_at.elapsed() < PAUSE) {
            return Err(StoreError);
        }
        match self.connect().await {
            Ok(connection) => {
                info!("the store is reached again");
                *link = Link { connection: Some(connection.clone()), number: link.number + 1, failed_at: None };
                Ok((connection, link.number))
            }
            Err(error) => {
                if link.failed_at.replace(Instant::now()).is_none() {
                    warn!(kind = ?error.kind(), code = error.code(), "the store can not be reached");
                }
                Err(StoreError)
            }
        }
    }

    /// Forgets the connection of that number: a call that waits in it ends by its own patience.
    async fn give_up(&self, number: u64) {
        let mut link = self.link.lock().await;
        if link.number == number {
            link.connection = None;
        }
    }
}
