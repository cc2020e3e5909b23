//! The broker's configuration: read once, checked whole, and refused with one sentence that names the key.
//!
//! The only place that reads the environment. A file of mode 0600 or a credential of the service's starter is the better
//! home for secrets: what stands in a process's environment can be read there for as long as the process lives.

mod keys;
mod limits;
mod network;
mod registrations;
mod sessions;
mod settings;
mod store;

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    path::Path,
};

use axum::http::HeaderName;
use url::Url;

pub(crate) use limits::{Limits, Rate};
pub(crate) use network::{TlsFiles, admin_reach, metrics_reach, needs_origin, public_reach};
pub(crate) use sessions::{AdminTokens, Caller, SessionRules};
pub use settings::Settings;
pub(crate) use store::StoreLocation;

use crate::{
    registration::{Registration, is_loopback},
    request_log::LogFormat,
    sealing::SealingKey,
};

/// Port of the old broker, so that a deployment moves over unchanged.
const DEFAULT_PORT: u16 = 8878;

/// Why a configuration is refused: one sentence that begins with the key.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{key} {reason}.")]
pub struct ConfigurationError {
    key: String,
    reason: String,
}

impl ConfigurationError {
    pub(crate) fn new(key: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { key: key.into(), reason: reason.into() }
    }

    /// The key that is to be mended; `--config` where the file itself is the trouble.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }
}

/// A configuration that holds together.
pub struct Configuration {
    pub(crate) listen: IpAddr,
    pub(crate) port: u16,
    pub(crate) metrics_port: Option<u16>,
    pub(crate) trusted_proxies: Vec<IpAddr>,
    pub(crate) tls: Option<TlsFiles>,
    /// Scheme, host and port without a slash; `None` means: the address that is listened on.
    pub(crate) origin: Option<String>,
    pub(crate) keys: Vec<SealingKey>,
    pub(crate) registrations: Vec<Registration>,
    /// Whether a page asks before the browser goes to the provider.
    pub(crate) confirm: bool,
    /// Whether the old broker's routes answer.
    pub(crate) legacy: bool,
    pub(crate) store: StoreLocation,
    /// `None`: no sessions are asked for.
    pub(crate) sessions: Option<SessionRules>,
    /// Seconds that the answer to a rotated refresh token is kept; 0 for never.
    pub(crate) replay: i64,
    pub(crate) admin: Option<(SocketAddr, AdminTokens)>,
    /// The header by which a listed proxy says who the person is.
    pub(crate) sso_header: Option<HeaderName>,
    pub(crate) limits: Limits,
    pub(crate) log_format: LogFormat,
    /// What an administrator should know, though the broker starts.
    pub(crate) warnings: Vec<String>,
}

impl fmt::Debug for Configuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Configuration")
            .field("listen", &self.listen)
            .field("port", &self.port)
            .field("origin", &self.origin)
            .field("registrations", &self.registrations)
            .finish_non_exhaustive()
    }
}

impl Configuration {
    /// Reads the process's environment and, below it, the TOML file at `file`.
    ///
    /// # Errors
    /// The first key that is unknown, malformed or missing, and a file that others can read although it holds a secret.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigurationError> {
        Self::from_settings(&Settings::load(file)?)
    }

    /// Checks settings that were read before.
    ///
    /// # Errors
    /// As [`Configuration::load`].
    pub fn from_settings(settings: &Settings) -> Result<Self, ConfigurationError> {
        let listen = network::listen(settings)?;
        let port = network::port(settings, "PORT")?.unwrap_or(DEFAULT_PORT);
        let trusted_proxies = network::trusted_proxies(settings)?;
        let tls = network::tls(settings)?;
        network::public_reach(listen, &trusted_proxies, tls.is_some())?;
        let origin = network::origin(settings, listen, tls.is_some())?;
        let legacy = flag(settings, "LEGACY_DOMI", false)?;
        let sessions = sessions::rules(settings, legacy)?;
        let mut configuration = Self {
            listen,
            port,
            metrics_port: network::port_of_metrics(settings, port)?,
            confirm: confirm_sign_in(settings, origin.as_ref())?,
            origin: origin.map(|url| url.origin().ascii_serialization()),
            keys: keys::sealing_keys(settings)?,
            registrations: registrations::registrations(settings, legacy)?,
            legacy,
            store: store::location(settings)?,
            replay: sessions::replay(settings, sessions.is_some())?,
            admin: sessions::admin(settings, tls.is_some(), sessions.is_some())?,
            sso_header: sessions::sso_header(settings, &trusted_proxies)?,
            sessions,
            trusted_proxies,
            tls,
            limits: limits::limits(settings)?,
            log_format: log_format(settings)?,
            warnings: Vec::new(),
        };
        configuration.warnings = registrations::half_registered(settings)?;
        configuration.warnings.extend(configuration.doubts(settings).into_iter().map(str::to_owned));
        Ok(configuration)
    }

    /// How log lines are to look.
    #[must_use]
    pub fn log_format(&self) -> LogFormat {
        self.log_format
    }

    /// The lines of `--check`: each key that is set, by name, and what follows from the whole. No value is in it.
    #[must_use]
    pub fn report(&self, settings: &Settings) -> Vec<String> {
        let mut lines: Vec<String> = settings.keys().map(|key| format!("set: {key}")).collect();
        lines.extend(self.registrations.iter().map(|registration| format!("provider on: {}", registration.name)));
        lines.push(format!("store: {}", self.store.kind()));
        lines.extend(self.warnings.iter().map(|warning| format!("note: {warning}")));
        lines
    }

    /// Every address that the broker posts to.
    pub(crate) fn endpoints(&self) -> impl Iterator<Item = &Url> {
        self.registrations.iter().flat_map(|registration| {
            [&registration.authorize_url, &registration.token_url].into_iter().chain(&registration.revoke_url)
        })
    }

    fn doubts(&self, settings: &Settings) -> Vec<&'static str> {
        let mut doubts = Vec::new();
        if self.keys.is_empty() {
            doubts.push(
                "BROKER_KEYS is not set: a random key was made, and a restart ends pending sign-ins and sessions",
            );
        }
        if self.registrations.is_empty() {
            doubts.push("no provider has a client id and secret: every provider is off");
        }
        if self.legacy {
            doubts.push(
                "LEGACY_DOMI is on: the old routes give tokens to whoever holds a refresh token, outside sessions; \
                 turn it off once the old clients are gone",
            );
        }
        if self.sessions.is_none() {
            doubts.push("SESSIONS is off: nobody can be signed out here, and a lost answer can not be asked for again");
        } else if matches!(self.store, StoreLocation::Memory) {
            doubts.push(
                "STORE is memory: a restart makes every session sign in again, and one instance must serve alone",
            );
        }
        if ["LOG_DIR", "DEBUG"].iter().any(|key| settings.get(key).is_some()) {
            doubts.push("LOG_DIR and DEBUG have no effect: the log goes to standard error, and RUST_LOG says how much");
        }
        doubts
    }
}

/// The directives of `RUST_LOG`, for [`crate::start_logging`].
#[must_use]
#[expect(clippy::disallowed_methods, reason = "configuration is where the environment is read")]
pub fn log_directives() -> Option<String> {
    std::env::var("RUST_LOG").ok()
}

fn is_off(value: &str) -> bool {
    ["off", "0", "false", "no"].iter().any(|off| value.eq_ignore_ascii_case(off))
}

fn is_on(value: &str) -> bool {
    ["on", "1", "true", "yes"].iter().any(|on| value.eq_ignore_ascii_case(on))
}

fn flag(settings: &Settings, key: &str, default: bool) -> Result<bool, ConfigurationError> {
    match settings.get(key) {
        None => Ok(default),
        Some(value) if is_on(value) => Ok(true),
        Some(value) if is_off(value) => Ok(false),
        Some(_) => Err(ConfigurationError::new(key, "must be 1 or 0")),
    }
}

fn confirm_sign_in(settings: &Settings, origin: Option<&Url>) -> Result<bool, ConfigurationError> {
    const KEY: &str = "CONFIRM_SIGN_IN";
    let confirm = flag(settings, KEY, true)?;
    if !confirm && origin.is_some_and(|url| !is_loopback(url)) {
        return Err(ConfigurationError::new(KEY, "may be off only where OAUTH_HOSTNAME is on loopback"));
    }
    Ok(confirm)
}

fn log_format(settings: &Settings) -> Result<LogFormat, ConfigurationError> {
    match settings.get("LOG_FORMAT") {
        None | Some("json") => Ok(LogFormat::Json),
        Some("text") => Ok(LogFormat::Text),
        Some(_) => Err(ConfigurationError::new("LOG_FORMAT", "must be json or text")),
    }
}
