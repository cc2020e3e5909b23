//! By which one credential is told from the next without showing either: eight bytes of a hash, safe in a file and a log.

use std::{fmt, str::FromStr};

use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};

use super::Credential;

/// Of what an account lives on: its refresh token, or Sametime's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint([u8; 8]);

impl Fingerprint {
    /// Of `credential`; its access token and the broker's session count for nothing.
    #[must_use]
    pub fn of(credential: &Credential) -> Self {
        let token = match credential {
            Credential::OAuth(oauth) => oauth.refresh.0.expose_secret(),
            Credential::Sametime(sametime) => sametime.refresh.0.expose_secret(),
        };
        // Tokens are long and random: their hash cannot be turned back, and is of use nowhere else.
        let hash = Sha256::new().chain_update("convoke credential\n").chain_update(token).finalize();
        let mut first = [0; 8];
        first.copy_from_slice(&hash[..8]);
        Self(first)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", u64::from_be_bytes(self.0))
    }
}

impl FromStr for Fingerprint {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let digits = Some(text).filter(|text| text.len() == 16).ok_or(())?;
        u64::from_str_radix(digits, 16).map(|number| Self(number.to_be_bytes())).map_err(|_| ())
    }
}
