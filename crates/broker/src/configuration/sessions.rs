//! Sessions, and who may end or mint them.

use std::{
    net::{IpAddr, SocketAddr},
    path::Path,
};

use axum::http::HeaderName;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::{ConfigurationError, is_off, network, settings::Settings};

/// How long a session lives.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct SessionRules {
    /// Seconds between two requests, at most.
    pub(crate) idle: i64,
    /// Seconds from the sign-in to the end, whatever happens.
    pub(crate) max: i64,
}

/// Who may come to the administrator's listener. Only digests are held: a token is compared, never used.
pub(crate) struct AdminTokens {
    admin: [u8; 32],
    /// Callers that may mint sessions and nothing else, by name.
    services: Vec<(String, [u8; 32])>,
}

/// Who calls the administrator's listener.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Caller {
    Admin,
    Service(String),
}

impl AdminTokens {
    /// Whose token it is. Each digest is compared, in constant time, so that the time says nothing.
    pub(crate) fn caller(&self, token: &str) -> Option<Caller> {
        let given = digest(token);
        let is = |known: &[u8; 32]| bool::from(known.ct_eq(&given));
        let mut found = None;
        for (name, known) in &self.services {
            if is(known) {
                found = Some(Caller::Service(name.clone()));
            }
        }
        if is(&self.admin) { Some(Caller::Admin) } else { found }
    }
}

fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}

/// The rules of sessions; `None` where they are off, which only the old broker's clients excuse.
pub(super) fn rules(settings: &Settings, legacy: bool) -> Result<Option<SessionRules>, ConfigurationError> {
    const KEY: &str = "SESSIONS";
    match settings.get(KEY) {
        Some(value) if is_off(value) => {
            return if legacy {
                Ok(None)
            } else {
                Err(ConfigurationError::new(KEY, "may be off only together with LEGACY_DOMI=1"))
            };
        }
        None | Some("required") => {}
        Some(_) => return Err(ConfigurationError::new(KEY, "must be required or off")),
    }
    let idle = whole(settings, "SESSION_IDLE_HOURS", 24, 1..=8_760)? * 3_600;
    let max = whole(settings, "SESSION_MAX_DAYS", 30, 1..=3_650)? * 86_400;
    if idle > max {
        return Err(ConfigurationError::new("SESSION_IDLE_HOURS", "must not be longer than SESSION_MAX_DAYS"));
    }
    Ok(Some(SessionRules { idle, max }))
}

/// Seconds that a rotated answer is kept; none without sessions.
pub(super) fn replay(settings: &Settings, sessions: bool) -> Result<i64, ConfigurationError> {
    let hours = match settings.get("REPLAY_HOURS") {
        Some(value) if is_off(value) => 0,
        _ => whole(settings, "REPLAY_HOURS", 24, 0..=168)?,
    };
    Ok(if sessions { hours * 3_600 } else { 0 })
}

/// The administrator's listener and tokens.
pub(super) fn admin(
    settings: &Settings,
    tls: bool,
    sessions: bool,
) -> Result<Option<(SocketAddr, AdminTokens)>, ConfigurationError> {
    let address = network::admin_listen(settings, tls)?;
    let token = settings.get("ADMIN_TOKEN_FILE");
    let (address, token) = match (address, token) {
        (None, None) => return Ok(None),
        (Some(address), Some(token)) => (address, token),
        (Some(_), None) => {
            return Err(ConfigurationError::new("ADMIN_TOKEN_FILE", "is missing although ADMIN_LISTEN is set"));
        }
        (None, Some(_)) => {
            return Err(ConfigurationError::new("ADMIN_LISTEN", "is missing although ADMIN_TOKEN_FILE is set"));
        }
    };
    if !sessions {
        return Err(ConfigurationError::new("ADMIN_LISTEN", "has nothing to do where SESSIONS is off"));
    }
    let admin = long_enough("ADMIN_TOKEN_FILE", &settings.secret_file("ADMIN_TOKEN_FILE", Path::new(token))?)?;
    Ok(Some((address, AdminTokens { admin, services: services(settings)? })))
}

/// One `NAME TOKEN` a line; `#` begins a remark.
fn services(settings: &Settings) -> Result<Vec<(String, [u8; 32])>, ConfigurationError> {
    const KEY: &str = "SERVICE_TOKENS_FILE";
    let Some(path) = settings.get(KEY) else { return Ok(Vec::new()) };
    let text = settings.secret_file(KEY, Path::new(path))?;
    let lines = text.expose_secret().lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let (name, token) = line
                .split_once(char::is_whitespace)
                .filter(|(name, _)| name.len() <= 64 && name.bytes().all(|byte| byte.is_ascii_graphic()))
                // In the audit line a service must not look like the administrator.
                .filter(|(name, _)| *name != "admin")
                .ok_or_else(|| ConfigurationError::new(KEY, "must hold a name and a token a line"))?;
            Ok((name.to_owned(), long_enough(KEY, &token.trim().to_owned().into())?))
        })
        .collect()
}

/// The digest of a token that nobody can guess.
fn long_enough(key: &str, token: &SecretString) -> Result<[u8; 32], ConfigurationError> {
    let text = token.expose_secret();
    if text.len() < 22 || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(ConfigurationError::new(
            key,
            "must hold tokens of at least 22 printable characters, such as 128 random bits",
        ));
    }
    Ok(digest(text))
}

/// The header by which a listed proxy names the person.
pub(super) fn sso_header(settings: &Settings, proxies: &[IpAddr]) -> Result<Option<HeaderName>, ConfigurationError> {
    const KEY: &str = "SSO_HEADER";
    let Some(text) = settings.get(KEY) else { return Ok(None) };
    if proxies.is_empty() {
        return Err(ConfigurationError::new(KEY, "needs TRUSTED_PROXIES: anybody else could write it"));
    }
    let name = HeaderName::try_from(text).ok().filter(|name| {
        // Names that HTTP itself or the broker reads.
        !["authorization", "cookie", "host", "content-type", "content-length", "connection", "forwarded"]
            .contains(&name.as_str())
            && !name.as_str().starts_with("x-forwarded-")
    });
    name.map(Some).ok_or_else(|| ConfigurationError::new(KEY, "must be a header's name such as X-Remote-User"))
}

fn whole(
    settings: &Settings,
    key: &str,
    default: i64,
    range: std::ops::RangeInclusive<i64>,
) -> Result<i64, ConfigurationError> {
    let Some(text) = settings.get(key) else { return Ok(default) };
    text.parse().ok().filter(|number| range.contains(number)).ok_or_else(|| {
        ConfigurationError::new(key, format!("must be a whole number from {} to {}", range.start(), range.end()))
    })
}
