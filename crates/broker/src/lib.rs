//! The Convoke broker: the only program that knows the OAuth client secrets, and one that remembers no person.
//!
//! A sign-in travels sealed through the browser, tokens pass through one request and are forgotten. What must be
//! remembered (that a grant was used) stands behind one trait. This library exists so that a test can run a broker in
//! its own process; the binary is thin.

mod breaker;
mod clock;
mod configuration;
mod flights;
mod grammar;
mod grant;
mod limits;
mod metrics;
mod page;
mod parameters;
mod provider_calls;
mod random;
mod refresh;
mod refusal;
mod registration;
mod replay;
mod request_log;
mod routes;
mod sealing;
mod server;
mod session;
mod sign_in;
mod store;
mod strict_json;
mod tls;
mod token_answer;
mod token_json;
mod upstream;

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use tokio::{
    net::TcpListener,
    sync::watch,
    task::JoinHandle,
    time::{Instant, timeout_at},
};
use tracing::{info, warn};

pub use clock::{Clock, SystemClock};
pub use configuration::{Configuration, ConfigurationError, Settings, log_directives};
pub use request_log::{LogFormat, start_logging};

use routes::{Broker, Routes};

/// How long a stop may take: a little longer than requests in flight have, for calls that go on without their client.
const END: Duration = Duration::from_secs(10);

/// A broker that answers, until it is stopped.
pub struct RunningBroker {
    address: SocketAddr,
    metrics_address: Option<SocketAddr>,
    admin_address: Option<SocketAddr>,
    tls: bool,
    broker: Arc<Broker>,
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

    /// Where the administrator's routes are answered, if they are on.
    #[must_use]
    pub fn admin_address(&self) -> Option<SocketAddr> {
        self.admin_address
    }

    /// Whether it speaks TLS itself.
    #[must_use]
    pub fn has_tls(&self) -> bool {
        self.tls
    }

    /// The public origin, such as `https://broker.example.com`, without a slash at the end.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.broker.origin
    }

    /// Takes no more requests, lets those in flight end, and returns within 10 s.
    pub async fn stop(self) {
        let end = Instant::now() + END;
        let _ = self.stop.send(true);
        for task in self.tasks {
            let _ = task.await;
        }
        // A refresh goes on without its client: the rotated token in it must reach the store.
        let landed = async {
            self.broker.flights.landed().await;
            self.broker.legacy_flights.landed().await;
        };
        if timeout_at(end, landed).await.is_err() {
            warn!("a call to a provider was still under way");
        }
    }
}

/// Sockets that the service's starter opened beforehand: the public one, then the metrics' and the administrator's.
#[derive(Debug, Default)]
pub struct Sockets {
    /// In the order of the starter's list.
    pub listeners: Vec<std::net::TcpListener>,
}

/// Checks what only the machine can tell: the store opens, the certificate fits its key, the system has certificates.
///
/// # Errors
/// As [`start`].
pub async fn check(configuration: &Configuration) -> Result<(), ConfigurationError> {
    upstream::Upstream::new(configuration.endpoints())?;
    configuration.tls.clone().map(tls::Tls::load).transpose()?;
    let store = store::open(&configuration.store).await?;
    store.ready().await.map_err(|_| ConfigurationError::new("STORE", "does not answer"))
}

/// Listens and answers in tasks of the current tokio runtime.
///
/// # Errors
/// The address cannot be listened on or is beyond loopback without what that needs, the store cannot be opened, the
/// certificate cannot be used, or the system holds no certificates although an endpoint is https; the error names the key.
pub async fn start(
    configuration: Configuration,
    clock: Arc<dyn Clock>,
    sockets: Sockets,
) -> Result<RunningBroker, ConfigurationError> {
    let upstream = upstream::Upstream::new(configuration.endpoints())?;
    let tls = configuration.tls.clone().map(tls::Tls::load).transpose()?.map(Arc::new);
    let store = store::open(&configuration.store).await?;
    for warning in &configuration.warnings {
        warn!("{warning}");
    }
    let mut sockets = sockets.listeners.into_iter();
    let (listen, port) = (configuration.listen, configuration.port);
    let (listener, address) = bind(sockets.next(), (listen, port).into(), "PORT").await?;
    // Where the service's starter opened the sockets, LISTEN was not asked: the rules hold for what is really listened on.
    configuration::public_reach(address.ip(), &configuration.trusted_proxies, tls.is_some())?;
    if configuration.origin.is_none() {
        configuration::needs_origin(address.ip(), tls.is_some())?;
    }
    let metrics_listener = match configuration.metrics_port {
        Some(port) => {
            // They are told in plain http: with the broker's own TLS on another address, to this machine alone.
            let near = configuration::metrics_reach(listen, &configuration.trusted_proxies).is_ok();
            let ip = if near { listen } else { Ipv4Addr::LOCALHOST.into() };
            let bound = bind(sockets.next(), (ip, port).into(), "METRICSPORT").await?;
            configuration::metrics_reach(bound.1.ip(), &configuration.trusted_proxies)?;
            Some(bound)
        }
        None => None,
    };
    let (admin_listener, admin) = match configuration.admin {
        Some((address, tokens)) => {
            let bound = bind(sockets.next(), address, "ADMIN_LISTEN").await?;
            configuration::admin_reach(bound.1.ip(), tls.is_some())?;
            (Some(bound), Some(tokens))
        }
        None => (None, None),
    };
    let has_tls = tls.is_some();
    let metrics = Arc::new(metrics::Metrics::default());
    let (keys, registrations) = (configuration.keys, configuration.registrations);
    let calls = provider_calls::ProviderCalls::new(upstream, &registrations, Arc::clone(&clock), Arc::clone(&metrics));
    let origin = configuration.origin.unwrap_or_else(|| format!("http://{address}"));
    let document = routes::document(&routes::Facts {
        origin: &origin,
        registrations: &registrations,
        legacy: configuration.legacy,
        sessions: configuration.sessions.is_some(),
        confirm: configuration.confirm,
    });
    let broker = Arc::new(Broker {
        origin,
        keys: sealing::KeyRing::new(keys),
        registrations,
        store,
        clock,
        calls,
        flights: flights::Flights::default(),
        legacy_flights: flights::Flights::default(),
        metrics,
        sessions: configuration.sessions,
        replay: configuration.replay,
        confirm: configuration.confirm,
        legacy: configuration.legacy,
        limits: configuration.limits,
        trusted_proxies: configuration.trusted_proxies.clone(),
        sso_header: configuration.sso_header,
        admin,
        document,
    });
    let (stop, stopped) = watch::channel(false);
    let peers: Arc<[IpAddr]> = configuration.trusted_proxies.into();
    // With its own TLS the broker is the edge: whoever comes is answered, and the proxies are only believed.
    let proxies = Arc::clone(&peers);
    let peers = if tls.is_some() { Arc::from([]) } else { peers };
    let nobody: Arc<[IpAddr]> = Arc::from([]);
    let serve = |listener: TcpListener, routes: Routes, tls: Option<Arc<tls::Tls>>, peers: &Arc<[IpAddr]>| {
        tokio::spawn(server::serve(listener, routes, tls, Arc::clone(peers), stopped.clone()))
    };
    let mut tasks = vec![serve(listener, Routes::public(&broker), tls.clone(), &peers)];
    let (mut metrics_address, mut admin_address) = (None, None);
    if let Some((listener, address)) = metrics_listener {
        metrics_address = Some(address);
        info!(%address, "metrics are answered");
        tasks.push(serve(listener, Routes::metrics(&broker), None, &proxies));
    }
    if let Some((listener, address)) = admin_listener {
        admin_address = Some(address);
        info!(%address, "the administrator is answered");
        tasks.push(serve(listener, Routes::admin(&broker), tls, &nobody));
    }
    Ok(RunningBroker { address, metrics_address, admin_address, tls: has_tls, broker, stop, tasks })
}

async fn bind(
    given: Option<std::net::TcpListener>,
    address: SocketAddr,
    key: &str,
) -> Result<(TcpListener, SocketAddr), ConfigurationError> {
    let failed = |error: std::io::Error| {
        let (port, ip) = (address.port(), address.ip());
        ConfigurationError::new(key, format!("{port} can not be listened on at {ip}: {error}"))
    };
    let listener = match given {
        Some(listener) => {
            listener.set_nonblocking(true).and_then(|()| TcpListener::from_std(listener)).map_err(failed)?
        }
        None => TcpListener::bind(address).await.map_err(failed)?,
    };
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}
