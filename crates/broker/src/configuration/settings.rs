//! Keys and their text, from the environment and from the file below it; what they mean is decided elsewhere.

use std::{
    collections::BTreeMap,
    env,
    fs::{File, Metadata},
    io::Read as _,
    path::Path,
};

use secrecy::{ExposeSecret, SecretString};

use super::ConfigurationError;
use crate::registration::ROWS;

const KEYS: [&str; 9] = [
    "OAUTH_HOSTNAME",
    "PORT",
    "METRICSPORT",
    "LISTEN",
    "TRUSTED_PROXIES",
    "BROKER_KEYS",
    "BROKER_KEYS_FILE",
    "STORE",
    "CONFIRM_SIGN_IN",
];
/// Keys of work to come: accepted where they say "off", refused otherwise.
pub(super) const LATER_KEYS: [&str; 7] = [
    "SESSIONS",
    "SESSION_IDLE_HOURS",
    "SESSION_MAX_DAYS",
    "REPLAY_HOURS",
    "ADMIN_LISTEN",
    "ADMIN_TOKEN_FILE",
    "LEGACY_DOMI",
];
/// Providers of work to come.
pub(super) const LATER_PREFIXES: [&str; 1] = ["DOMINO_"];
const PROVIDER_KEYS: [&str; 8] =
    ["CLIENT_ID", "CLIENT_SECRET", "AUTHORIZE_URL", "TOKEN_URL", "REVOKE_URL", "SCOPES", "REDIRECT_PATH", "ISSUER"];
/// Largest file that is read, in bytes.
const FILE_LIMIT: u64 = 1 << 20;

/// Settings as text; an empty value counts as absent.
#[derive(Default)]
pub struct Settings {
    values: BTreeMap<String, SecretString>,
}

impl Settings {
    /// Settings from pairs of key and value, for a broker inside another process.
    ///
    /// # Errors
    /// A key that the broker does not know.
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, ConfigurationError> {
        let mut settings = Self::default();
        for (key, value) in pairs {
            settings.insert(key, value.to_owned())?;
        }
        Ok(settings)
    }

    /// The file's settings with the environment's over them.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the broker's keys from the environment")]
    pub(super) fn load(file: Option<&Path>) -> Result<Self, ConfigurationError> {
        let mut settings = match file {
            Some(path) => Self::from_file(path)?,
            None => Self::default(),
        };
        for key in known_keys() {
            match env::var(&key) {
                Ok(value) => settings.insert(&key, value)?,
                Err(env::VarError::NotPresent) => {}
                Err(env::VarError::NotUnicode(_)) => {
                    return Err(ConfigurationError::new(key, "must be UTF-8 text"));
                }
            }
        }
        Ok(settings)
    }

    fn from_file(path: &Path) -> Result<Self, ConfigurationError> {
        const KEY: &str = "--config";
        let (text, metadata) = read_file(KEY, path)?;
        // The parser's own message quotes the line, which may hold a secret: only its number is told.
        let table: toml::Table = toml::from_str(text.expose_secret()).map_err(|error| {
            let before = error.span().and_then(|span| text.expose_secret().get(..span.start));
            let line = before.map_or(1, |before| before.lines().count().max(1));
            ConfigurationError::new(KEY, format!("names a file that is not TOML (near line {line})"))
        })?;
        let mut settings = Self::default();
        for (key, value) in table {
            let value = match value {
                toml::Value::String(text) => text,
                toml::Value::Integer(number) => number.to_string(),
                _ => return Err(ConfigurationError::new(key, "must be a text or a whole number")),
            };
            settings.insert(&key, value)?;
        }
        if settings.keys().any(is_secret) {
            refuse_readable_by_others(KEY, &metadata)?;
        }
        Ok(settings)
    }

    fn insert(&mut self, key: &str, value: String) -> Result<(), ConfigurationError> {
        if !known_keys().any(|known| known == key) {
            return Err(ConfigurationError::new(key, "is not a key of the broker"));
        }
        if value.is_empty() {
            // An empty variable is how container settings say "not set"; it hides the file's value, too.
            self.values.remove(key);
        } else {
            self.values.insert(key.to_owned(), value.into());
        }
        Ok(())
    }

    /// The value of a key that holds no secret.
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.secret(key).map(ExposeSecret::expose_secret)
    }

    pub(super) fn secret(&self, key: &str) -> Option<&SecretString> {
        self.values.get(key)
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        self.values.keys().map(String::as_str)
    }
}

fn is_secret(key: &str) -> bool {
    key == "BROKER_KEYS" || key.ends_with("CLIENT_SECRET")
}

fn known_keys() -> impl Iterator<Item = String> {
    let prefixes = ROWS.iter().map(|row| row.prefix).chain(LATER_PREFIXES);
    let of_providers = prefixes.flat_map(|prefix| PROVIDER_KEYS.map(|key| format!("{prefix}{key}")));
    KEYS.iter().chain(&LATER_KEYS).map(|key| (*key).to_owned()).chain(of_providers)
}

/// The text of the file that `key` names, and the metadata of the very file that was read.
pub(super) fn read_file(key: &str, path: &Path) -> Result<(SecretString, Metadata), ConfigurationError> {
    let unreadable = |error: std::io::Error| {
        ConfigurationError::new(key, format!("names {}, which can not be read: {error}", path.display()))
    };
    let file = File::open(path).map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    let mut text = String::new();
    file.take(FILE_LIMIT).read_to_string(&mut text).map_err(unreadable)?;
    Ok((text.into(), metadata))
}

/// Refuses a file that holds secrets and that group or others may open.
#[cfg_attr(not(unix), expect(unused_variables, reason = "other systems have no such mode"))]
pub(super) fn refuse_readable_by_others(key: &str, metadata: &Metadata) -> Result<(), ConfigurationError> {
    #[cfg(unix)]
    if std::os::unix::fs::MetadataExt::mode(metadata) & 0o077 != 0 {
        return Err(ConfigurationError::new(
            key,
            "names a file that holds secrets and is open to others: give it mode 0600",
        ));
    }
    Ok(())
}
