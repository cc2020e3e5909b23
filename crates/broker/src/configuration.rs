//! The broker's configuration: read once, checked whole, and refused with one sentence that names the key.
//!
//! The only place that reads the environment. A configuration file of mode 0600 is the better home for secrets: what
//! stands in a process's environment can be read there for as long as the process lives.

mod keys;
mod settings;

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr},
    path::Path,
};

use secrecy::ExposeSecret;
use url::Url;

pub use settings::Settings;

use crate::{
    registration::{Issuer, ROWS, Registration, Row, is_loopback},
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
    /// Scheme, host and port without a slash; `None` means: the address that is listened on.
    pub(crate) origin: Option<String>,
    pub(crate) keys: Vec<SealingKey>,
    pub(crate) registrations: Vec<Registration>,
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
    /// The first key that is unknown, malformed, missing or not built yet, and a file that others can read although
    /// it holds a secret.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigurationError> {
        Self::from_settings(&Settings::load(file)?)
    }

    /// Checks settings that were read before.
    ///
    /// # Errors
    /// As [`Configuration::load`].
    pub fn from_settings(settings: &Settings) -> Result<Self, ConfigurationError> {
        refuse_what_is_not_built(settings)?;
        let listen = listen(settings)?;
        let port = port(settings, "PORT")?.unwrap_or(DEFAULT_PORT);
        let trusted_proxies = trusted_proxies(settings)?;
        if !listen.is_loopback() && trusted_proxies.is_empty() {
            return Err(ConfigurationError::new(
                "LISTEN",
                "may leave loopback only with TRUSTED_PROXIES set, because the broker itself speaks plain http",
            ));
        }
        let origin = origin(settings, listen)?;
        confirm_sign_in(settings, origin.as_ref())?;
        let mut registrations = Vec::new();
        for row in &ROWS {
            registrations.extend(registration(settings, row)?);
        }
        refuse_shared_paths(&registrations)?;
        Ok(Self {
            listen,
            port,
            metrics_port: port_of_metrics(settings, port)?,
            trusted_proxies,
            origin: origin.map(|url| url.origin().ascii_serialization()),
            keys: keys::sealing_keys(settings)?,
            registrations,
        })
    }
}

/// The directives of `RUST_LOG`, for [`crate::start_logging`].
#[must_use]
#[expect(clippy::disallowed_methods, reason = "configuration is where the environment is read")]
pub fn log_directives() -> Option<String> {
    std::env::var("RUST_LOG").ok()
}

fn refuse_what_is_not_built(settings: &Settings) -> Result<(), ConfigurationError> {
    for key in settings::LATER_KEYS {
        if settings.get(key).is_some_and(|value| !is_off(value)) {
            return Err(ConfigurationError::new(key, "asks for something that is not built yet: leave it out"));
        }
    }
    for prefix in settings::LATER_PREFIXES {
        for key in ["CLIENT_ID", "CLIENT_SECRET"].map(|name| format!("{prefix}{name}")) {
            if settings.get(&key).is_some_and(|value| !is_off(value)) {
                return Err(ConfigurationError::new(key, "belongs to a provider that is not built yet: leave it out"));
            }
        }
    }
    match settings.get("STORE") {
        None | Some("memory") => Ok(()),
        Some(_) => Err(ConfigurationError::new("STORE", "must be memory, the only store that is built yet")),
    }
}

fn is_off(value: &str) -> bool {
    ["off", "0", "false", "no"].iter().any(|off| value.eq_ignore_ascii_case(off))
}

fn listen(settings: &Settings) -> Result<IpAddr, ConfigurationError> {
    let Some(text) = settings.get("LISTEN") else {
        return Ok(Ipv4Addr::LOCALHOST.into());
    };
    text.parse()
        .map_err(|_| ConfigurationError::new("LISTEN", "must be an IP address such as 127.0.0.1 (the port is PORT)"))
}

fn port(settings: &Settings, key: &str) -> Result<Option<u16>, ConfigurationError> {
    let Some(text) = settings.get(key) else {
        return Ok(None);
    };
    text.parse().map(Some).map_err(|_| ConfigurationError::new(key, "must be a port number from 0 to 65535"))
}

fn port_of_metrics(settings: &Settings, main: u16) -> Result<Option<u16>, ConfigurationError> {
    let metrics = port(settings, "METRICSPORT")?;
    if metrics.is_some_and(|metrics| metrics == main && main != 0) {
        return Err(ConfigurationError::new("METRICSPORT", "must differ from PORT"));
    }
    Ok(metrics)
}

fn trusted_proxies(settings: &Settings) -> Result<Vec<IpAddr>, ConfigurationError> {
    settings
        .get("TRUSTED_PROXIES")
        .into_iter()
        .flat_map(|list| list.split(','))
        .map(|address| {
            address
                .trim()
                .parse()
                .map_err(|_| ConfigurationError::new("TRUSTED_PROXIES", "must be IP addresses separated by commas"))
        })
        .collect()
}

/// The public origin, where one is named.
fn origin(settings: &Settings, listen: IpAddr) -> Result<Option<Url>, ConfigurationError> {
    const KEY: &str = "OAUTH_HOSTNAME";
    let Some(text) = settings.get(KEY) else {
        return if listen.is_loopback() {
            Ok(None)
        } else {
            Err(ConfigurationError::new(KEY, "must name the public origin, because LISTEN is not on loopback"))
        };
    };
    let shape = || ConfigurationError::new(KEY, "must be an origin such as https://broker.example.com, without a path");
    let url = Url::parse(text).map_err(|_| shape())?;
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    let anonymous = url.username().is_empty() && url.password().is_none();
    if !["http", "https"].contains(&url.scheme()) || !bare || !anonymous {
        return Err(shape());
    }
    if url.scheme() == "http" && !is_loopback(&url) {
        return Err(ConfigurationError::new(KEY, "must be https, because it is not on loopback"));
    }
    Ok(Some(url))
}

fn confirm_sign_in(settings: &Settings, origin: Option<&Url>) -> Result<(), ConfigurationError> {
    const KEY: &str = "CONFIRM_SIGN_IN";
    if !settings.get(KEY).is_some_and(is_off) {
        return Err(ConfigurationError::new(
            KEY,
            "must be off for now, because the page that asks before a sign-in is not built yet",
        ));
    }
    if origin.is_some_and(|url| !is_loopback(url)) {
        return Err(ConfigurationError::new(KEY, "may be off only where OAUTH_HOSTNAME is on loopback"));
    }
    Ok(())
}

/// The registration of `row`, or `None` where neither its id nor its secret is given.
fn registration(settings: &Settings, row: &'static Row) -> Result<Option<Registration>, ConfigurationError> {
    let key = |name: &str| format!("{}{name}", row.prefix);
    let (id_key, secret_key) = (key("CLIENT_ID"), key("CLIENT_SECRET"));
    let (client_id, client_secret) = match (settings.get(&id_key), settings.secret(&secret_key)) {
        (Some(id), Some(secret)) => (id, secret),
        (None, None) => return Ok(None),
        (Some(_), None) => {
            return Err(ConfigurationError::new(secret_key, format!("is missing although {id_key} is set")));
        }
        (None, Some(_)) => {
            return Err(ConfigurationError::new(id_key, format!("is missing although {secret_key} is set")));
        }
    };
    if client_secret.expose_secret().chars().any(char::is_control) || client_id.chars().any(char::is_control) {
        return Err(ConfigurationError::new(secret_key, format!("and {id_key} must not hold control characters")));
    }
    let revoke_key = key("REVOKE_URL");
    let revoke_url = match (settings.get(&revoke_key), row.revoke_url) {
        (None, None) => None,
        (given, default) => Some(endpoint(&revoke_key, given.or(default).unwrap_or_default())?),
    };
    let endpoint_or = |name: &str, default: &str| {
        let key = key(name);
        endpoint(&key, settings.get(&key).unwrap_or(default))
    };
    let scopes = settings.get(&key("SCOPES")).unwrap_or(row.scopes).split_whitespace();
    let scopes: Vec<String> = scopes.map(str::to_owned).collect();
    if scopes.is_empty() {
        // GoToMeeting takes no scope for every scope.
        return Err(ConfigurationError::new(key("SCOPES"), "must name at least one scope"));
    }
    Ok(Some(Registration {
        row,
        client_id: client_id.to_owned(),
        client_secret: client_secret.clone(),
        authorize_url: endpoint_or("AUTHORIZE_URL", row.authorize_url)?,
        token_url: endpoint_or("TOKEN_URL", row.token_url)?,
        revoke_url,
        scopes,
        issuer: settings
            .get(&key("ISSUER"))
            .map_or(Issuer::OfAuthorizeOrigin, |issuer| Issuer::Exactly(issuer.to_owned())),
        redirect_path: redirect_path(settings, &key("REDIRECT_PATH"), row)?,
    }))
}

/// An endpoint's address: https, or http on loopback; no user, no fragment.
fn endpoint(key: &str, text: &str) -> Result<Url, ConfigurationError> {
    let url = Url::parse(text).map_err(|_| ConfigurationError::new(key, "must be an absolute URL"))?;
    let secure = url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url));
    if !secure {
        return Err(ConfigurationError::new(key, "must be https, or http on loopback"));
    }
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return Err(ConfigurationError::new(key, "must not hold a user name, a password or a fragment"));
    }
    Ok(url)
}

fn redirect_path(settings: &Settings, key: &str, row: &Row) -> Result<String, ConfigurationError> {
    let default = convoke_broker_api::callback_path(row.name);
    let Some(path) = settings.get(key) else {
        return Ok(default);
    };
    let plain = path.strip_prefix('/').is_some_and(|rest| {
        (1..=128).contains(&rest.len())
            && rest.split('/').all(|part| !part.is_empty() && part != "." && part != "..")
            && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte))
    });
    let taken = path != default && (path.starts_with("/v1/") || ["/v1", "/healthz", "/readyz"].contains(&path));
    if !plain || taken {
        return Err(ConfigurationError::new(
            key,
            "must be a path such as /zoomCallback, of plain characters and not one of the broker's own",
        ));
    }
    Ok(path.to_owned())
}

fn refuse_shared_paths(registrations: &[Registration]) -> Result<(), ConfigurationError> {
    for (at, registration) in registrations.iter().enumerate() {
        if registrations[..at].iter().any(|other| other.redirect_path == registration.redirect_path) {
            return Err(ConfigurationError::new(
                format!("{}REDIRECT_PATH", registration.row.prefix),
                "must differ from the other providers' paths",
            ));
        }
    }
    Ok(())
}
