//! The Convoke broker: the only program that knows the OAuth client secrets, and one that remembers no person.
//!
//! A sign-in travels sealed through the browser, tokens pass through one request and are forgotten. What must be
//! remembered (that a grant was used) stands behind one trait. This library exists so that a test can run a broker in
//! its own process; the binary is thin.

mod clock;
mod configuration;
mod counters;
mod grammar;
mod grant;
mod page;
mod parameters;
mod provider_calls;
mod random;
mod refusal;
mod registration;
mod request_log;
mod routes;
mod sealing;
mod server;
mod sign_in;
mod store;
mod strict_json;
mod token_answer;
mod upstream;

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use axum::Router;
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};
use tracing::{info, warn};

pub use clock::{Clock, SystemClock};
pub use configuration::{Configuration, ConfigurationError, Settings, log_directives};
pub use request_log::start_logging;

use routes::Broker;

/// Live claims of each kind that the memory store holds.
const CLAIMS: usize = 100_000;

/// A broker that answers, until it is stopped.
#[derive(Debug)]
pub struct RunningBroker {
    address: SocketAddr,
    metrics_address: Option<SocketAddr>,
    origin: String,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

impl RunningBroker {
    /// Where it listens, with the port that the system chose where port 0 was asked for.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where `/metrics` is answered, if it is on.
    #[must_use]
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.metrics_address
    }

    /// The public origin, such as `https://broker.example.com`, without a slash at the end.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Takes no more requests, lets those in flight end (10 s at most), and returns.
    pub async fn stop(self) {
        let _ = self.stop.send(true);
        for task in self.tasks {
            let _ = task.await;
        }
    }
}

/// Listens and answers in tasks of the current tokio runtime.
///
/// # Errors
/// The address cannot be listened on, or the system holds no certificates although an endpoint is https; the error
/// names the key.
pub async fn start(configuration: Configuration, clock: Arc<dyn Clock>) -> Result<RunningBroker, ConfigurationError> {
    let Configuration { listen, port, metrics_port, trusted_proxies, origin, keys, registrations } = configuration;
    let endpoints = registrations.iter().flat_map(|registration| {
        [&registration.authorize_url, &registration.token_url].into_iter().chain(&registration.revoke_url)
    });
    let upstream = upstream::Upstream::new(endpoints)?;
    let (listener, address) = bind(listen, port, "PORT").await?;
    let metrics = match metrics_port {
        Some(port) => Some(bind(listen, port, "METRICSPORT").await?),
        None => None,
    };
    if keys.is_empty() {
        warn!("BROKER_KEYS is not set: a random key was made, and a restart ends pending sign-ins");
    }
    if registrations.is_empty() {
        warn!("no provider has a client id and secret: every provider is off");
    }
    let origin = origin.unwrap_or_else(|| format!("http://{address}"));
    let broker = Arc::new(Broker {
        origin: origin.clone(),
        keys: sealing::KeyRing::new(keys),
        registrations,
        store: Box::new(store::MemoryStore::new(CLAIMS)),
        clock,
        upstream,
        counters: counters::Counters::default(),
    });
    let (stop, stopped) = watch::channel(false);
    let peers: Arc<[IpAddr]> = trusted_proxies.into();
    let serve = |listener: TcpListener, router: Router, peers: Arc<[IpAddr]>| {
        tokio::spawn(server::serve(listener, router, peers, stopped.clone()))
    };
    let mut tasks = vec![serve(listener, routes::router(Arc::clone(&broker)), Arc::clone(&peers))];
    let mut metrics_address = None;
    if let Some((listener, address)) = metrics {
        metrics_address = Some(address);
        info!(%address, "metrics are answered");
        tasks.push(serve(listener, routes::metrics_router(broker), peers));
    }
    Ok(RunningBroker { address, metrics_address, origin, stop, tasks })
}

async fn bind(listen: IpAddr, port: u16, key: &str) -> Result<(TcpListener, SocketAddr), ConfigurationError> {
    let failed = |error: std::io::Error| {
        ConfigurationError::new(key, format!("{port} can not be listened on at {listen}: {error}"))
    };
    let listener = TcpListener::bind((listen, port)).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}
