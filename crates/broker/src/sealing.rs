//! Sealed values: what the broker would otherwise have to remember, handed out so that only it can read it again.
//!
//! XChaCha20-Poly1305 under a sub-key per purpose (HKDF-SHA256); the additional data names purpose, version, broker
//! origin and provider, so that nothing sealed for one use opens in another.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chacha20poly1305::{KeyInit, Tag, XChaCha20Poly1305, XNonce, aead::AeadInPlace};
use hkdf::Hkdf;
use secrecy::{ExposeSecret, SecretBox};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::random;

const SALT: &[u8] = b"convoke-broker";
const VERSION: &[u8] = b"1";
const ID_LENGTH: usize = 4;

/// Length of the random nonce that stands in front of each sealed value, after the key's id.
pub(crate) const NONCE_LENGTH: usize = 24;
/// Length of the tag that ends it.
const TAG_LENGTH: usize = 16;

/// What a sealed value is for; each has its own sub-key.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Purpose {
    State,
    Grant,
    Session,
}

impl Purpose {
    const ALL: [Self; 3] = [Self::State, Self::Grant, Self::Session];

    fn as_bytes(self) -> &'static [u8] {
        match self {
            Self::State => b"state",
            Self::Grant => b"grant",
            Self::Session => b"session",
        }
    }
}

/// Everything that must be the same at sealing and at opening.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Context<'a> {
    pub(crate) purpose: Purpose,
    pub(crate) origin: &'a str,
    pub(crate) provider: &'a str,
    /// A further value that the seal is bound to without holding it; empty where there is none.
    pub(crate) bound_to: &'a [u8],
}

impl Context<'_> {
    /// Each part with its length in front, so that no two contexts read the same.
    fn additional_data(&self) -> Vec<u8> {
        let parts = [self.purpose.as_bytes(), VERSION, self.origin.as_bytes(), self.provider.as_bytes(), self.bound_to];
        let mut data = Vec::with_capacity(parts.iter().map(|part| 8 + part.len()).sum());
        for part in parts {
            data.extend_from_slice(&(part.len() as u64).to_be_bytes());
            data.extend_from_slice(part);
        }
        data
    }
}

/// One sealing key with its id; prints nothing but the word.
pub(crate) struct SealingKey {
    id: [u8; ID_LENGTH],
    secret: SecretBox<[u8; 32]>,
    /// One per purpose, in the order of [`Purpose::ALL`]: derived once, since every request seals and opens.
    ciphers: [XChaCha20Poly1305; 3],
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealingKey([REDACTED])")
    }
}

impl SealingKey {
    pub(crate) fn random() -> Self {
        Self::new(random::bytes())
    }

    /// Reads base64url of 32 bytes, with or without padding.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(text.trim().trim_end_matches('=')).ok()?);
        Some(Self::new(bytes.as_slice().try_into().ok()?))
    }

    fn new(secret: [u8; 32]) -> Self {
        let digest = Sha256::new().chain_update(b"convoke-broker key id").chain_update(secret).finalize();
        let mut id = [0; ID_LENGTH];
        id.copy_from_slice(&digest[..ID_LENGTH]);
        let derivation = Derivation::of(&secret);
        let ciphers = Purpose::ALL.map(|purpose| {
            let key = derivation.expand(&[b"seal ", purpose.as_bytes()]);
            XChaCha20Poly1305::new(key.as_slice().into())
        });
        Self { id, secret: SecretBox::new(Box::new(secret)), ciphers }
    }

    /// 32 bytes derived for `info` (RFC 5869).
    pub(crate) fn derive(&self, info: &[&[u8]]) -> Zeroizing<[u8; 32]> {
        Derivation::of(self.secret.expose_secret()).expand(info)
    }

    fn cipher(&self, purpose: Purpose) -> &XChaCha20Poly1305 {
        &self.ciphers[purpose as usize]
    }
}

/// What is derived from a secret (RFC 5869), with the secret read once: a refresh token is long.
pub(crate) struct Derivation(Hkdf<Sha256>);

impl Derivation {
    pub(crate) fn of(secret: &[u8]) -> Self {
        Self(Hkdf::new(Some(SALT), secret))
    }

    /// 32 bytes for `info`.
    pub(crate) fn expand(&self, info: &[&[u8]]) -> Zeroizing<[u8; 32]> {
        let mut derived = Zeroizing::new([0; 32]);
        self.0.expand_multi_info(info, derived.as_mut_slice()).expect("32 bytes are within HKDF's limit");
        derived
    }
}

/// The sealing keys, newest first: the first seals, all of them open.
#[derive(Debug)]
pub(crate) struct KeyRing {
    keys: Vec<SealingKey>,
}

impl KeyRing {
    /// A ring of `keys`, newest first; a random one where there are none.
    pub(crate) fn new(mut keys: Vec<SealingKey>) -> Self {
        if keys.is_empty() {
            keys.push(SealingKey::random());
        }
        Self { keys }
    }

    /// The key that seals now.
    pub(crate) fn newest(&self) -> &SealingKey {
        &self.keys[0]
    }

    /// Key id, nonce, ciphertext and tag: 44 bytes more than `plain`. The nonce must be random.
    pub(crate) fn seal(&self, context: &Context<'_>, nonce: &[u8; NONCE_LENGTH], plain: &[u8]) -> Vec<u8> {
        let key = self.newest();
        let mut sealed = Vec::with_capacity(ID_LENGTH + NONCE_LENGTH + plain.len() + TAG_LENGTH);
        sealed.extend_from_slice(&key.id);
        sealed.extend_from_slice(nonce);
        sealed.extend_from_slice(plain);
        let (nonce, data) = (XNonce::from_slice(nonce), &mut sealed[ID_LENGTH + NONCE_LENGTH..]);
        let cipher = key.cipher(context.purpose);
        let tag = cipher.encrypt_in_place_detached(nonce, &context.additional_data(), data);
        sealed.extend_from_slice(&tag.expect("sealing a short message in memory does not fail"));
        sealed
    }

    /// The plain bytes and the key that they were sealed under; `None` for anything that this ring did not seal in
    /// this context.
    pub(crate) fn open(&self, context: &Context<'_>, sealed: &[u8]) -> Option<(&SealingKey, Zeroizing<Vec<u8>>)> {
        let (id, rest) = sealed.split_at_checked(ID_LENGTH)?;
        let (nonce, rest) = rest.split_at_checked(NONCE_LENGTH)?;
        let (data, tag) = rest.split_at_checked(rest.len().checked_sub(TAG_LENGTH)?)?;
        let additional_data = context.additional_data();
        self.keys.iter().filter(|key| key.id == id).find_map(|key| {
            let mut plain = Zeroizing::new(data.to_vec());
            let (nonce, tag) = (XNonce::from_slice(nonce), Tag::from_slice(tag));
            let cipher = key.cipher(context.purpose);
            cipher.decrypt_in_place_detached(nonce, &additional_data, &mut plain, tag).ok()?;
            Some((key, plain))
        })
    }

    /// The nonce of a sealed value, before it is opened.
    pub(crate) fn nonce_of(sealed: &[u8]) -> Option<&[u8; NONCE_LENGTH]> {
        sealed.get(ID_LENGTH..ID_LENGTH + NONCE_LENGTH)?.try_into().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTEXT: Context<'_> =
        Context { purpose: Purpose::Grant, origin: "https://broker.example", provider: "zoom", bound_to: b"cookie" };

    fn key(byte: u8) -> SealingKey {
        SealingKey::new([byte; 32])
    }

    #[test]
    fn opens_only_in_the_context_it_was_sealed_in() {
        let ring = KeyRing::new(vec![key(1)]);
        let sealed = ring.seal(&CONTEXT, &random::bytes(), b"plain");
        assert_eq!(ring.open(&CONTEXT, &sealed).expect("same context").1.as_slice(), b"plain");
        for other in [
            Context { purpose: Purpose::State, ..CONTEXT },
            Context { provider: "teams", ..CONTEXT },
            Context { origin: "https://other.example", ..CONTEXT },
            Context { bound_to: b"another", ..CONTEXT },
            // The same bytes, cut at another place.
            Context { provider: "zoomc", bound_to: b"ookie", ..CONTEXT },
        ] {
            assert!(ring.open(&other, &sealed).is_none(), "{other:?}");
        }
    }

    #[test]
    fn an_older_key_still_opens_and_a_dropped_one_does_not() {
        let sealed = KeyRing::new(vec![key(1)]).seal(&CONTEXT, &random::bytes(), b"plain");
        assert!(KeyRing::new(vec![key(2), key(1)]).open(&CONTEXT, &sealed).is_some());
        assert!(KeyRing::new(vec![key(2)]).open(&CONTEXT, &sealed).is_none());
        let newer = KeyRing::new(vec![key(2), key(1)]).seal(&CONTEXT, &random::bytes(), b"plain");
        assert!(KeyRing::new(vec![key(2)]).open(&CONTEXT, &newer).is_some(), "the newest key seals");
    }

    #[test]
    fn every_changed_byte_and_every_cut_is_noticed() {
        let ring = KeyRing::new(vec![key(1)]);
        let sealed = ring.seal(&CONTEXT, &random::bytes(), b"plain");
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(ring.open(&CONTEXT, &changed).is_none(), "byte {at}");
            assert!(ring.open(&CONTEXT, &sealed[..at]).is_none(), "cut at {at}");
        }
    }

    #[test]
    fn keys_are_read_from_base64url_of_32_bytes_only() {
        let text = URL_SAFE_NO_PAD.encode([7; 32]);
        assert!(SealingKey::parse(&text).is_some() && SealingKey::parse(&format!("{text}=")).is_some());
        assert!(SealingKey::parse(&URL_SAFE_NO_PAD.encode([7; 31])).is_none());
        assert!(SealingKey::parse("not a key").is_none());
        assert!(!format!("{:?}", key(7)).contains('7'));
    }
}
