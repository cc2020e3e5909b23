//! The sealing keys, given in place or in a file of their own.

use std::path::Path;

use secrecy::{ExposeSecret, SecretString};

use super::{
    ConfigurationError,
    settings::{Settings, read_file, refuse_readable_by_others},
};
use crate::sealing::SealingKey;

/// The keys of `BROKER_KEYS` or `BROKER_KEYS_FILE`, newest first; none where neither is set.
pub(super) fn sealing_keys(settings: &Settings) -> Result<Vec<SealingKey>, ConfigurationError> {
    const FILE: &str = "BROKER_KEYS_FILE";
    match (settings.secret("BROKER_KEYS"), settings.get(FILE)) {
        (None, None) => Ok(Vec::new()),
        (Some(_), Some(_)) => Err(ConfigurationError::new(FILE, "and BROKER_KEYS must not both be set")),
        (Some(list), None) => parse("BROKER_KEYS", list),
        (None, Some(path)) => {
            let (text, metadata) = read_file(FILE, Path::new(path))?;
            refuse_readable_by_others(FILE, &metadata)?;
            parse(FILE, &text)
        }
    }
}

fn parse(key: &str, list: &SecretString) -> Result<Vec<SealingKey>, ConfigurationError> {
    list.expose_secret()
        .trim()
        .split(',')
        .map(|text| {
            SealingKey::parse(text).ok_or_else(|| {
                ConfigurationError::new(key, "must hold base64url of 32 bytes per key, separated by commas")
            })
        })
        .collect()
}
