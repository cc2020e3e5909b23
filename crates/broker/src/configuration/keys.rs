//! The sealing keys, given in place or in a file of their own.

use secrecy::{ExposeSecret, SecretString};

use super::{ConfigurationError, settings::Settings};
use crate::sealing::SealingKey;

const KEY: &str = "BROKER_KEYS";

/// The keys of `BROKER_KEYS` or `BROKER_KEYS_FILE`, newest first; none where neither is set.
pub(super) fn sealing_keys(settings: &Settings) -> Result<Vec<SealingKey>, ConfigurationError> {
    match settings.secret_or_file(KEY)? {
        Some(list) => parse(if settings.secret(KEY).is_some() { KEY } else { "BROKER_KEYS_FILE" }, &list),
        None => Ok(Vec::new()),
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
