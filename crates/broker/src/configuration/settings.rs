//! Keys and their text, from the environment and from the file below it; what they mean is decided elsewhere.

use std::{
    collections::BTreeMap,
    env,
    fs::{File, Metadata},
    io::Read as _,
    path::{Path, PathBuf},
};

use secrecy::{ExposeSecret, SecretString};

use super::{ConfigurationError, registrations::own_prefix};
use crate::registration::ROWS;

const KEYS: [&str; 32] = [
    "OAUTH_HOSTNAME",
    "PORT",
    "METRICSPORT",
    "LISTEN",
    "TRUSTED_PROXIES",
    "BROKER_KEYS",
    "BROKER_KEYS_FILE",
    "STORE",
    "STORE_FILE",
    "CONFIRM_SIGN_IN",
    "PROVIDERS",
    "SESSIONS",
    "SESSION_IDLE_HOURS",
    "SESSION_MAX_DAYS",
    "REPLAY_HOURS",
    "ADMIN_LISTEN",
    "ADMIN_TOKEN_FILE",
    "SERVICE_TOKENS_FILE",
    "SSO_HEADER",
    "LEGACY_DOMI",
    "RATE_PER_ADDRESS",
    "RATE_PER_TOKEN",
    "RATE_LEGACY",
    "LOG_FORMAT",
    "TLS_CERT_FILE",
    "TLS_KEY_FILE",
    // Of the broker that is replaced; see `legacy.rs`.
    "TLSFile",
    "TLSPassword",
    "TLSType",
    "PEMCert",
    "LOG_DIR",
    "DEBUG",
];
const PROVIDER_KEYS: [&str; 20] = [
    "CLIENT_ID",
    "CLIENT_SECRET",
    "CLIENT_SECRET_FILE",
    "AUTHORIZE_URL",
    "TOKEN_URL",
    "TOKEN_PATH",
    "REVOKE_URL",
    "SCOPES",
    "REDIRECT_PATH",
    "ISSUER",
    "HOST",
    "DISPLAY_NAME",
    "SCOPE_SEPARATOR",
    "SEND_SCOPE",
    "SEND_REDIRECT_URI",
    "CLIENT_AUTH",
    "PKCE",
    "TOKEN_TYPE_OPTIONAL",
    "REVOKE_STYLE",
    "REVOKE_HINT",
];
/// Largest file that is read, in bytes.
const FILE_LIMIT: u64 = 1 << 20;

/// Settings as text; an empty value counts as absent.
#[derive(Default)]
pub struct Settings {
    values: BTreeMap<String, SecretString>,
    /// Names that `PROVIDERS` adds to the table's.
    own_providers: Vec<String>,
    /// Where the service's starter keeps secrets as files (systemd's `$CREDENTIALS_DIRECTORY`).
    credentials: Option<PathBuf>,
}

impl Settings {
    /// Settings from pairs of key and value, for a broker inside another process.
    ///
    /// # Errors
    /// A key that the broker does not know.
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, ConfigurationError> {
        let mut settings = Self::default();
        let pairs: Vec<_> = pairs.into_iter().collect();
        for (_, names) in pairs.iter().filter(|(key, _)| *key == "PROVIDERS") {
            settings.own_providers = own_providers(names)?;
        }
        for (key, value) in pairs {
            settings.insert(key, value.to_owned())?;
        }
        Ok(settings)
    }

    /// The file's settings with the environment's over them.
    ///
    /// # Errors
    /// The first key that is unknown, and a file that cannot be read or that others can read although it holds a secret.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the broker's keys from the environment")]
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigurationError> {
        let mut settings = match file {
            Some(path) => Self::from_file(path)?,
            None => Self::default(),
        };
        if let Ok(names) = env::var("PROVIDERS") {
            settings.own_providers = own_providers(&names)?;
        }
        for key in settings.known_keys() {
            match env::var(&key) {
                Ok(value) => settings.insert(&key, value)?,
                Err(env::VarError::NotPresent) => {}
                Err(env::VarError::NotUnicode(_)) => {
                    return Err(ConfigurationError::new(key, "must be UTF-8 text"));
                }
            }
        }
        settings.credentials = env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from);
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
        if let Some(toml::Value::String(names)) = table.get("PROVIDERS") {
            settings.own_providers = own_providers(names)?;
        }
        for (key, value) in table {
            let value = match value {
                toml::Value::String(text) => text,
                toml::Value::Integer(number) => number.to_string(),
                toml::Value::Boolean(flag) => flag.to_string(),
                _ => return Err(ConfigurationError::new(key, "must be a text or a whole number")),
            };
            settings.insert(&key, value)?;
        }
        if settings.values.iter().any(|(key, value)| is_secret(key) || has_password(key, value)) {
            refuse_readable_by_others(KEY, &metadata)?;
        }
        Ok(settings)
    }

    fn insert(&mut self, key: &str, value: String) -> Result<(), ConfigurationError> {
        if !self.known_keys().any(|known| known == key) {
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

    /// The secret of `key`: in place, in the file that `KEY_FILE` names, or as a credential of that name of the service's
    /// starter.
    pub(super) fn secret_or_file(&self, key: &str) -> Result<Option<SecretString>, ConfigurationError> {
        let file_key = format!("{key}_FILE");
        match (self.secret(key), self.get(&file_key)) {
            (Some(_), Some(_)) => Err(ConfigurationError::new(file_key, format!("and {key} must not both be set"))),
            (Some(secret), None) => Ok(Some(secret.clone())),
            (None, Some(path)) => self.secret_file(&file_key, Path::new(path)).map(Some),
            (None, None) => self.credential(key).map(|path| self.secret_file(key, &path)).transpose(),
        }
    }

    /// The text of a file that holds a secret and that others can not read.
    pub(super) fn secret_file(&self, key: &str, path: &Path) -> Result<SecretString, ConfigurationError> {
        secret_file_of(self.credentials(), key, path)
    }

    /// Where the service's starter keeps secrets as files.
    pub(super) fn credentials(&self) -> Option<&Path> {
        self.credentials.as_deref()
    }

    fn credential(&self, key: &str) -> Option<PathBuf> {
        let path = self.credentials.as_ref()?.join(key);
        path.is_file().then_some(path)
    }

    /// Names that `PROVIDERS` adds to the table's.
    pub(super) fn own_providers(&self) -> &[String] {
        &self.own_providers
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        self.values.keys().map(String::as_str)
    }

    fn known_keys(&self) -> impl Iterator<Item = String> + use<> {
        let own = self.own_providers.iter().map(|name| own_prefix(name));
        let prefixes: Vec<String> = ROWS.iter().map(|row| row.prefix.to_owned()).chain(own).collect();
        let of_providers = prefixes.into_iter().flat_map(|prefix| PROVIDER_KEYS.map(|key| format!("{prefix}{key}")));
        KEYS.iter().map(|key| (*key).to_owned()).chain(of_providers)
    }
}

/// The names in `PROVIDERS`: lower-case words that are nobody else's.
fn own_providers(names: &str) -> Result<Vec<String>, ConfigurationError> {
    let error = |reason: &str| Err(ConfigurationError::new("PROVIDERS", reason));
    let mut own: Vec<String> = Vec::new();
    for name in names.split(',').map(str::trim).filter(|name| !name.is_empty()) {
        let plain = (2..=32).contains(&name.len())
            && name.starts_with(|first: char| first.is_ascii_lowercase())
            && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        if !plain {
            return error("must be lower-case words of letters and digits, separated by commas");
        }
        let prefix = own_prefix(name);
        let taken = ROWS.iter().any(|row| row.name == name || row.prefix == prefix)
            || KEYS.iter().any(|key| key.starts_with(&prefix));
        if taken || own.iter().any(|other| other == name) {
            return error("names a provider twice, or one whose keys exist already");
        }
        own.push(name.to_owned());
    }
    Ok(own)
}

fn is_secret(key: &str) -> bool {
    ["BROKER_KEYS", "TLSPassword"].contains(&key) || key.ends_with("CLIENT_SECRET")
}

/// Whether the address of a Redis holds its password.
fn has_password(key: &str, value: &SecretString) -> bool {
    key == "STORE" && value.expose_secret().contains('@')
}

/// The mode's bits of people beside the owner.
const OTHERS_AND_GROUP: u32 = 0o077;
const OTHERS: u32 = 0o007;

/// The text of a file that holds a secret, without its last line end. Group and others must not be able to open it; of a
/// credential in `credentials` only others, since an access list for the service's user shows as the group's bits.
pub(super) fn secret_file_of(
    credentials: Option<&Path>,
    key: &str,
    path: &Path,
) -> Result<SecretString, ConfigurationError> {
    let is_credential = credentials.is_some_and(|folder| path.starts_with(folder));
    let (text, metadata) = read_file(key, path)?;
    refuse_readable_by(key, &metadata, if is_credential { OTHERS } else { OTHERS_AND_GROUP })?;
    Ok(text.expose_secret().trim_end_matches(['\r', '\n']).to_owned().into())
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
pub(super) fn refuse_readable_by_others(key: &str, metadata: &Metadata) -> Result<(), ConfigurationError> {
    refuse_readable_by(key, metadata, OTHERS_AND_GROUP)
}

#[cfg_attr(not(unix), expect(unused_variables, reason = "other systems have no such mode"))]
fn refuse_readable_by(key: &str, metadata: &Metadata, forbidden: u32) -> Result<(), ConfigurationError> {
    #[cfg(unix)]
    if std::os::unix::fs::MetadataExt::mode(metadata) & forbidden != 0 {
        return Err(ConfigurationError::new(
            key,
            "names a file that holds secrets and is open to others: give it mode 0600",
        ));
    }
    Ok(())
}
