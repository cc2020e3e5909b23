//! How much one address and one token may ask for.

use super::{ConfigurationError, settings::Settings};

/// A token bucket: `per_second` on average, `burst` at once.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rate {
    pub(crate) per_second: f64,
    pub(crate) burst: f64,
}

/// The broker's limits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Limits {
    /// Requests of one client address.
    pub(crate) per_address: Rate,
    /// Refreshes and revocations of one token.
    pub(crate) per_token: Rate,
    /// Requests to the old broker's routes, of one client address.
    pub(crate) legacy: Rate,
}

/// The limits that `settings` name, as `PER_SECOND/BURST`.
pub(super) fn limits(settings: &Settings) -> Result<Limits, ConfigurationError> {
    Ok(Limits {
        per_address: rate(settings, "RATE_PER_ADDRESS", Rate { per_second: 1_000.0, burst: 10_000.0 })?,
        per_token: rate(settings, "RATE_PER_TOKEN", Rate { per_second: 50.0, burst: 1_000.0 })?,
        legacy: rate(settings, "RATE_LEGACY", Rate { per_second: 20.0, burst: 200.0 })?,
    })
}

fn rate(settings: &Settings, key: &str, default: Rate) -> Result<Rate, ConfigurationError> {
    let Some(text) = settings.get(key) else { return Ok(default) };
    let number = |text: &str| text.trim().parse::<f64>().ok().filter(|number| *number > 0.0 && number.is_finite());
    let read = text.split_once('/').and_then(|(per_second, burst)| {
        Some(Rate { per_second: number(per_second)?, burst: number(burst).filter(|burst| *burst >= 1.0)? })
    });
    read.ok_or_else(|| ConfigurationError::new(key, "must be PER_SECOND/BURST, such as 20/200"))
}
