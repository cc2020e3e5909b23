//! A sign-in on its way through the provider: all of it travels sealed in the provider's `state`.
//!
//! The state is bound to the browser by its cookie: the cookie's digest is part of what authenticates the seal, so
//! that without the cookie the state does not open, and the comparison is the seal's own in constant time. The
//! transaction id is the front of the seal's nonce, which keeps the whole within what providers accept.

use std::fmt::Write as _;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretBox, SecretString};
use sha2::{Digest, Sha256};

use crate::{
    clock::SKEW,
    grammar::LoopbackUri,
    random,
    sealing::{Context, KeyRing, NONCE_LENGTH, Purpose, SealingKey},
};

/// Longest `state` that is sent to a provider; some providers cap it.
pub(crate) const STATE_LIMIT: usize = 256;
/// Seconds from the start to the return, at most.
pub(crate) const LIFETIME: i64 = 600;
/// Seconds from the start for which a return is remembered: longer than any instance accepts it, as with grants.
pub(crate) const CLAIM_LIFETIME: i64 = LIFETIME + 2 * SKEW + 1;
const LEGACY_PAGE: u8 = 2;

/// Identifies one sign-in; not a secret.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct TransactionId(pub(crate) [u8; 16]);

impl TransactionId {
    /// Name of this sign-in's cookie. `__Host-` needs `Secure`, which browsers drop for plain http even on loopback.
    pub(crate) fn cookie_name(self, secure: bool) -> String {
        let mut name = String::from(if secure { "__Host-convoke-" } else { "convoke-" });
        for byte in self.0 {
            let _ = write!(name, "{byte:02x}");
        }
        name
    }

    /// Reads the id from a `state` that is not opened yet.
    pub(crate) fn of_state(state: &str) -> Option<Self> {
        let sealed = decode_state(state)?;
        let nonce = KeyRing::nonce_of(&sealed)?;
        Some(Self(nonce[..16].try_into().ok()?))
    }
}

/// The 32 random bytes that only this sign-in's browser holds.
pub(crate) struct BrowserSecret(SecretBox<[u8; 32]>);

impl BrowserSecret {
    pub(crate) fn random() -> Self {
        Self(SecretBox::new(Box::new(random::bytes())))
    }

    /// Reads the cookie's value: 43 base64url characters.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; 32] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
        Some(Self(SecretBox::new(Box::new(bytes))))
    }

    /// The cookie's value.
    pub(crate) fn cookie_value(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0.expose_secret())
    }

    fn digest(&self) -> [u8; 32] {
        Sha256::digest(self.0.expose_secret()).into()
    }
}

/// What the state carries.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct SignIn {
    /// Seconds since 1970.
    pub(crate) issued_at: i64,
    pub(crate) destination: Destination,
}

/// Where a sign-in ends.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Destination {
    /// At the client that listens on loopback, with a grant.
    Client(Client),
    /// On the old broker's page, with the refresh token.
    LegacyPage,
}

/// The client that began.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Client {
    /// Its S256 challenge.
    pub(crate) challenge: String,
    /// Where it listens.
    pub(crate) loopback: LoopbackUri,
    /// Its state.
    pub(crate) state: String,
}

/// A sign-in that has just begun or come back, with the broker's own verifier towards the provider.
pub(crate) struct Begun {
    pub(crate) transaction: TransactionId,
    pub(crate) state: String,
    pub(crate) verifier: SecretString,
}

impl SignIn {
    /// Seals this sign-in for `provider`, bound to the browser that holds `secret`.
    pub(crate) fn begin(&self, keys: &KeyRing, origin: &str, provider: &str, secret: &BrowserSecret) -> Begun {
        let nonce: [u8; NONCE_LENGTH] = random::bytes();
        let mut id = [0; 16];
        id.copy_from_slice(&nonce[..16]);
        let transaction = TransactionId(id);
        let digest = secret.digest();
        let sealed = keys.seal(&context(origin, provider, &digest), &nonce, &self.to_bytes());
        Begun {
            transaction,
            state: URL_SAFE_NO_PAD.encode(sealed),
            verifier: verifier(keys.newest(), secret, transaction),
        }
    }

    /// Opens a returned `state`: `None` unless it was sealed here, for this provider and this browser.
    pub(crate) fn resume(
        keys: &KeyRing,
        origin: &str,
        provider: &str,
        secret: &BrowserSecret,
        state: &str,
    ) -> Option<(Self, SecretString)> {
        let transaction = TransactionId::of_state(state)?;
        let sealed = decode_state(state)?;
        let digest = secret.digest();
        let (key, plain) = keys.open(&context(origin, provider, &digest), &sealed)?;
        Some((Self::from_bytes(&plain)?, verifier(key, secret, transaction)))
    }

    /// Whether the state is still good at `now`; the instance that sealed it may be ahead of this one.
    pub(crate) fn is_fresh(&self, now: i64) -> bool {
        (-SKEW..=LIFETIME).contains(&now.saturating_sub(self.issued_at))
    }

    /// Kind (1: IPv4 client, IPv6 client, the old page) and issued at (8); of a client also port (2), challenge (33), then
    /// path and client state, each its length (1) and its characters at six bits.
    fn to_bytes(&self) -> Vec<u8> {
        let kind = match &self.destination {
            Destination::Client(client) => u8::from(client.loopback.ipv6),
            Destination::LegacyPage => LEGACY_PAGE,
        };
        let mut bytes = vec![kind];
        bytes.extend_from_slice(&self.issued_at.to_be_bytes());
        if let Destination::Client(client) = &self.destination {
            bytes.extend_from_slice(&client.loopback.port.to_be_bytes());
            bytes.extend_from_slice(&pack(&client.challenge));
            for word in [&client.loopback.path, &client.state] {
                bytes.push(u8::try_from(word.len()).expect("the grammar caps it at 64"));
                bytes.extend_from_slice(&pack(word));
            }
        }
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (kind, rest) = bytes.split_first()?;
        let (issued_at, rest) = rest.split_at_checked(8)?;
        let destination = match (*kind, rest) {
            (LEGACY_PAGE, []) => Destination::LegacyPage,
            (0 | 1, rest) => Destination::Client(Client::from_bytes(*kind == 1, rest)?),
            _ => return None,
        };
        Some(Self { issued_at: i64::from_be_bytes(issued_at.try_into().ok()?), destination })
    }
}

impl Client {
    fn from_bytes(ipv6: bool, bytes: &[u8]) -> Option<Self> {
        let (port, rest) = bytes.split_at_checked(2)?;
        let (challenge, rest) = unpack(rest, 43)?;
        let (length, rest) = rest.split_first()?;
        let (path, rest) = unpack(rest, usize::from(*length))?;
        let (length, rest) = rest.split_first()?;
        let (state, rest) = unpack(rest, usize::from(*length))?;
        rest.is_empty().then_some(Self {
            challenge,
            loopback: LoopbackUri { ipv6, port: u16::from_be_bytes(port.try_into().ok()?), path },
            state,
        })
    }
}

fn context<'a>(origin: &'a str, provider: &'a str, digest: &'a [u8; 32]) -> Context<'a> {
    Context { purpose: Purpose::State, origin, provider, bound_to: digest }
}

/// The broker's own PKCE verifier: 43 base64url characters that exist nowhere without the key *and* the cookie.
fn verifier(key: &SealingKey, secret: &BrowserSecret, transaction: TransactionId) -> SecretString {
    let derived = key.derive(&[b"provider verifier ", secret.0.expose_secret(), &transaction.0]);
    URL_SAFE_NO_PAD.encode(derived.as_slice()).into()
}

fn decode_state(state: &str) -> Option<Vec<u8>> {
    if state.len() > STATE_LIMIT {
        return None;
    }
    URL_SAFE_NO_PAD.decode(state).ok()
}

/// Base64url characters at six bits each, filled up to a whole group of four.
fn pack(word: &str) -> Vec<u8> {
    let mut padded = word.to_owned();
    while !padded.len().is_multiple_of(4) {
        padded.push('A');
    }
    URL_SAFE_NO_PAD.decode(padded).expect("the grammar allows base64url characters only")
}

fn unpack(bytes: &[u8], length: usize) -> Option<(String, &[u8])> {
    let (packed, rest) = bytes.split_at_checked(length.div_ceil(4) * 3)?;
    let mut word = URL_SAFE_NO_PAD.encode(packed);
    word.truncate(length);
    Some((word, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sign_in(length: usize) -> SignIn {
        SignIn {
            issued_at: 1_800_000_000,
            destination: Destination::Client(Client {
                challenge: "x".repeat(43),
                loopback: LoopbackUri { ipv6: true, port: 65535, path: "p".repeat(length) },
                state: "_".repeat(length),
            }),
        }
    }

    #[test]
    fn the_longest_sign_in_fits_what_providers_accept() {
        let keys = KeyRing::new(Vec::new());
        let begun = sign_in(64).begin(&keys, "https://broker.example", "zoom", &BrowserSecret::random());
        assert!(begun.state.len() <= STATE_LIMIT, "{}", begun.state.len());
    }

    #[test]
    fn every_length_comes_back_as_it_was() {
        let keys = KeyRing::new(Vec::new());
        let secret = BrowserSecret::random();
        for length in 22..=64 {
            let begun = sign_in(length).begin(&keys, "o", "zoom", &secret);
            let (back, verifier) = SignIn::resume(&keys, "o", "zoom", &secret, &begun.state).expect("it opens");
            assert_eq!(back, sign_in(length));
            assert_eq!(verifier.expose_secret(), begun.verifier.expose_secret());
            assert!(crate::grammar::is_verifier(verifier.expose_secret()));
        }
    }

    #[test]
    fn the_old_page_is_told_from_a_client() {
        let keys = KeyRing::new(Vec::new());
        let secret = BrowserSecret::random();
        let sign_in = SignIn { issued_at: 7, destination: Destination::LegacyPage };
        let begun = sign_in.begin(&keys, "o", "zoom", &secret);
        let (back, _) = SignIn::resume(&keys, "o", "zoom", &secret, &begun.state).expect("it opens");
        assert_eq!(back, sign_in);
        assert!(SignIn::from_bytes(&[3, 0, 0, 0, 0, 0, 0, 0, 7]).is_none());
        assert!(SignIn::from_bytes(&[2, 0, 0, 0, 0, 0, 0, 0, 7, 1]).is_none());
    }

    #[test]
    fn another_browser_provider_or_origin_does_not_open_it() {
        let keys = KeyRing::new(Vec::new());
        let secret = BrowserSecret::random();
        let begun = sign_in(22).begin(&keys, "o", "zoom", &secret);
        let other = BrowserSecret::random();
        assert!(SignIn::resume(&keys, "o", "zoom", &other, &begun.state).is_none());
        assert!(SignIn::resume(&keys, "o", "teams", &secret, &begun.state).is_none());
        assert!(SignIn::resume(&keys, "p", "zoom", &secret, &begun.state).is_none());
        assert!(SignIn::resume(&keys, "o", "zoom", &secret, &begun.state).is_some());
    }

    #[test]
    fn it_lives_ten_minutes() {
        let sign_in = sign_in(22);
        assert!(sign_in.is_fresh(sign_in.issued_at) && sign_in.is_fresh(sign_in.issued_at + LIFETIME));
        assert!(!sign_in.is_fresh(sign_in.issued_at + LIFETIME + 1));
        assert!(sign_in.is_fresh(sign_in.issued_at - SKEW), "another's clock");
        assert!(!sign_in.is_fresh(sign_in.issued_at - SKEW - 1));
    }

    #[test]
    fn no_two_sign_ins_share_a_verifier() {
        let keys = KeyRing::new(Vec::new());
        let verifiers: std::collections::HashSet<String> = (0..1_000)
            .map(|_| sign_in(22).begin(&keys, "o", "zoom", &BrowserSecret::random()))
            .map(|begun| begun.verifier.expose_secret().to_owned())
            .collect();
        assert_eq!(verifiers.len(), 1_000);
    }
}
