//! Where ids, codes and tokens come from: SHA-256 over a key and a counter.
//!
//! With a seed the sequence is the same in every run, which makes a failed run repeatable; without one the key is
//! drawn from the operating system. Nothing here guards anything real.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

/// A repeatable stream of bytes.
pub(crate) struct Random {
    key: [u8; 32],
    counter: u64,
    pool: Vec<u8>,
}

impl Random {
    /// A stream from `seed`, or from the operating system where there is none.
    pub(crate) fn new(seed: Option<u64>) -> Result<Self, getrandom::Error> {
        let key = if let Some(seed) = seed {
            Sha256::digest(seed.to_be_bytes()).into()
        } else {
            let mut key = [0; 32];
            getrandom::fill(&mut key)?;
            key
        };
        Ok(Self { key, counter: 0, pool: Vec::new() })
    }

    /// A stream nobody reads from: what stands in a place while the real one is moved.
    pub(crate) fn fixed() -> Self {
        Self { key: [0; 32], counter: 0, pool: Vec::new() }
    }

    /// The next `count` bytes.
    pub(crate) fn bytes(&mut self, count: usize) -> Vec<u8> {
        while self.pool.len() < count {
            let block = Sha256::new().chain_update(self.key).chain_update(self.counter.to_be_bytes()).finalize();
            self.pool.extend_from_slice(&block);
            self.counter += 1;
        }
        self.pool.drain(..count).collect()
    }

    /// A number in `low..=high`.
    pub(crate) fn number(&mut self, low: i64, high: i64) -> i64 {
        let mut word = [0; 8];
        word.copy_from_slice(&self.bytes(8));
        // The shift keeps the value positive; the bias of the remainder does not matter for ids.
        let value = i64::from_be_bytes(word) & i64::MAX;
        low + value % (high - low + 1)
    }

    /// Text of `length` characters out of `[A-Za-z0-9_-]`.
    pub(crate) fn text(&mut self, length: usize) -> String {
        let mut text = URL_SAFE_NO_PAD.encode(self.bytes(length * 3 / 4 + 3));
        text.truncate(length);
        text
    }

    /// Text of `length` characters out of `alphabet`.
    pub(crate) fn out_of(&mut self, alphabet: &[u8], length: usize) -> String {
        self.bytes(length).iter().map(|byte| char::from(alphabet[usize::from(*byte) % alphabet.len()])).collect()
    }

    /// A GUID as Microsoft writes one.
    pub(crate) fn guid(&mut self) -> String {
        guid(&self.bytes(16))
    }

    /// A token of exactly `length` characters that begins with `prefix`.
    pub(crate) fn token(&mut self, prefix: &str, length: usize) -> String {
        let rest = length.saturating_sub(prefix.len());
        format!("{prefix}{}", self.text(rest))
    }

    /// A JSON Web Token in form only: the signature is noise that fills it up to `length` characters.
    pub(crate) fn jwt(&mut self, header: &serde_json::Value, claims: &serde_json::Value, length: usize) -> String {
        let encode = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let head = format!("{}.{}.", encode(header), encode(claims));
        let rest = length.saturating_sub(head.len()).max(86);
        format!("{head}{}", self.text(rest))
    }
}

/// The first 16 bytes of `bytes` as a GUID (RFC 9562 §4, version 4).
pub(crate) fn guid(bytes: &[u8]) -> String {
    let mut hex: String = String::with_capacity(36);
    for (index, byte) in bytes.iter().take(16).enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            hex.push('-');
        }
        let byte = match index {
            6 => (byte & 0x0f) | 0x40,
            8 => (byte & 0x3f) | 0x80,
            _ => *byte,
        };
        hex.push(char::from_digit(u32::from(byte >> 4), 16).unwrap_or('0'));
        hex.push(char::from_digit(u32::from(byte & 0x0f), 16).unwrap_or('0'));
    }
    hex
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_and_another_does_not() {
        let mut first = Random::new(Some(7)).expect("seeded");
        let mut again = Random::new(Some(7)).expect("seeded");
        let mut other = Random::new(Some(8)).expect("seeded");
        assert_eq!(first.text(40), again.text(40));
        assert_ne!(first.text(40), other.text(40));
        assert_eq!(first.token("1.A", 1700).len(), 1700);
        assert_eq!(first.guid().len(), 36);
        for _ in 0..200 {
            assert!((5..=9).contains(&first.number(5, 9)));
        }
    }
}
