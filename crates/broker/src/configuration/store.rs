//! Where the broker keeps the little that it keeps.

use std::path::PathBuf;

use secrecy::{ExposeSecret, SecretString};

use super::{ConfigurationError, settings::Settings};

/// The place of the store; a Redis address may hold a password.
#[derive(Clone, Debug)]
pub(crate) enum StoreLocation {
    Memory,
    File(PathBuf),
    Redis(SecretString),
}

impl StoreLocation {
    /// The word for `--check`.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::File(_) => "file",
            Self::Redis(_) => "redis",
        }
    }
}

/// The place that `STORE` names.
pub(super) fn location(settings: &Settings) -> Result<StoreLocation, ConfigurationError> {
    const KEY: &str = "STORE";
    let Some(secret) = settings.secret_or_file(KEY)? else { return Ok(StoreLocation::Memory) };
    let text = secret.expose_secret();
    if text == "memory" {
        Ok(StoreLocation::Memory)
    } else if let Some(path) = text.strip_prefix("file:").filter(|path| !path.is_empty()) {
        Ok(StoreLocation::File(path.into()))
    } else if text.starts_with("redis://") || text.starts_with("rediss://") || text.starts_with("redis+unix://") {
        Ok(StoreLocation::Redis(secret))
    } else {
        Err(ConfigurationError::new(KEY, "must be memory, file:PATH or redis://HOST:PORT/DATABASE"))
    }
}
