//! Connections that are kept for the next call: a handshake costs more than a refresh. Not for long, since their buffers hold
//! what was said last.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::{Instant, sleep_until};

use super::connection::Connection;

/// How long a connection is kept without use.
const IDLE: Duration = Duration::from_secs(10);

/// Open connections by origin, the one that was used last at the end.
#[derive(Default)]
pub(super) struct KeptConnections(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    by_origin: HashMap<String, Vec<Connection>>,
    /// Whether a task is on its way that closes what was not used for long.
    is_swept: bool,
}

impl KeptConnections {
    /// A connection to `origin`, if one is kept.
    pub(super) fn take(&self, origin: &str) -> Option<Connection> {
        let connection = self.lock().by_origin.get_mut(origin)?.pop()?;
        (connection.used_at.elapsed() < IDLE).then_some(connection)
    }

    /// Keeps `connection`, which nobody uses.
    pub(super) fn keep(self: &Arc<Self>, origin: &str, connection: Connection) {
        let mut kept = self.lock();
        match kept.by_origin.get_mut(origin) {
            Some(connections) => connections.push(connection),
            None => drop(kept.by_origin.insert(origin.to_owned(), vec![connection])),
        }
        if !kept.is_swept {
            kept.is_swept = true;
            tokio::spawn(Arc::clone(self).sweep());
        }
    }

    /// Closes connections when their time is over, until none is left.
    async fn sweep(self: Arc<Self>) {
        loop {
            let next = {
                let mut kept = self.lock();
                let now = Instant::now();
                kept.by_origin.retain(|_, connections| {
                    connections.retain(|connection| now < connection.used_at + IDLE);
                    !connections.is_empty()
                });
                let oldest = kept.by_origin.values().flatten().map(|connection| connection.used_at).min();
                kept.is_swept = oldest.is_some();
                oldest
            };
            let Some(oldest) = next else { return };
            sleep_until(oldest + IDLE).await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
