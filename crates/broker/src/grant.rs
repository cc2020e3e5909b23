//! The sealed grant: what the client redeems. No token exists yet when it is made.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::{
    clock::SKEW,
    random,
    registration::Registration,
    sealing::{Context, KeyRing, Purpose},
};

/// Seconds in which a grant can be redeemed.
pub(crate) const LIFETIME: i64 = 60;
/// Seconds from the making for which a redemption is remembered. Of three instances one may make it, one ahead of that redeem it
/// and forget early, and one behind be tried with it again.
pub(crate) const CLAIM_LIFETIME: i64 = LIFETIME + 2 * SKEW + 1;
/// Longest provider code that a grant carries, so that the loopback URL stays below the listener's 8 KiB.
pub(crate) const CODE_LIMIT: usize = 4096;

const ID_LENGTH: usize = 16;
const CHALLENGE_LENGTH: usize = 43;
const VERIFIER_LENGTH: usize = 43;

/// A provider's code on its way to the client that asked for it, and to nobody else.
pub(crate) struct Grant {
    pub(crate) id: [u8; ID_LENGTH],
    /// The provider's name.
    pub(crate) provider: String,
    /// The client's S256 challenge.
    pub(crate) challenge: String,
    /// Seconds since 1970.
    pub(crate) issued_at: i64,
    /// The broker's verifier towards the provider.
    pub(crate) verifier: SecretString,
    /// The provider's authorization code, printable ASCII.
    pub(crate) code: SecretString,
}

impl Grant {
    /// A new grant with a random id.
    pub(crate) fn new(
        provider: String,
        challenge: String,
        issued_at: i64,
        verifier: SecretString,
        code: SecretString,
    ) -> Self {
        Self { id: random::bytes(), provider, challenge, issued_at, verifier, code }
    }

    /// Base64url of the provider's name after its length (in clear, so that the redeemer finds the context; authenticated by
    /// it) and the sealed rest: id, issued at, challenge, verifier, code.
    pub(crate) fn seal(&self, keys: &KeyRing, origin: &str) -> String {
        let mut plain = Zeroizing::new(Vec::with_capacity(CODE_LIMIT));
        plain.extend_from_slice(&self.id);
        plain.extend_from_slice(&self.issued_at.to_be_bytes());
        plain.extend_from_slice(self.challenge.as_bytes());
        plain.extend_from_slice(self.verifier.expose_secret().as_bytes());
        plain.extend_from_slice(self.code.expose_secret().as_bytes());
        let mut sealed = vec![u8::try_from(self.provider.len()).expect("names are short")];
        sealed.extend_from_slice(self.provider.as_bytes());
        sealed.extend(keys.seal(&context(origin, &self.provider), &random::bytes(), &plain));
        URL_SAFE_NO_PAD.encode(sealed)
    }

    /// Opens a grant for one of `registrations`, and says which; `None` for anything that was not sealed here as one.
    pub(crate) fn open<'a>(
        keys: &KeyRing,
        origin: &str,
        registrations: &'a [Registration],
        text: &str,
    ) -> Option<(Self, &'a Registration)> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (length, rest) = bytes.split_first()?;
        let (name, sealed) = rest.split_at_checked(usize::from(*length))?;
        let registration = registrations.iter().find(|registration| registration.name.as_bytes() == name)?;
        let grant = Self::unseal(keys, origin, &registration.name, sealed)?;
        Some((grant, registration))
    }

    fn unseal(keys: &KeyRing, origin: &str, provider: &str, sealed: &[u8]) -> Option<Self> {
        let (_, plain) = keys.open(&context(origin, provider), sealed)?;
        let (id, rest) = plain.split_at_checked(ID_LENGTH)?;
        let (issued_at, rest) = rest.split_at_checked(8)?;
        let (challenge, rest) = rest.split_at_checked(CHALLENGE_LENGTH)?;
        let (verifier, code) = rest.split_at_checked(VERIFIER_LENGTH)?;
        let text = |bytes: &[u8]| std::str::from_utf8(bytes).ok().map(str::to_owned);
        Some(Self {
            id: id.try_into().ok()?,
            provider: provider.to_owned(),
            challenge: text(challenge)?,
            issued_at: i64::from_be_bytes(issued_at.try_into().ok()?),
            verifier: text(verifier)?.into(),
            code: text(code)?.into(),
        })
    }

    /// Whether the grant can still be redeemed at `now`; the instance that made it may be ahead of this one.
    pub(crate) fn is_fresh(&self, now: i64) -> bool {
        (-SKEW..=LIFETIME).contains(&now.saturating_sub(self.issued_at))
    }

    /// Whether `verifier` is the one behind the client's challenge (RFC 7636 §4.6), compared in constant time.
    pub(crate) fn is_met_by(&self, verifier: &str) -> bool {
        challenge_of(verifier).as_bytes().ct_eq(self.challenge.as_bytes()).into()
    }
}

/// The S256 challenge of a verifier (RFC 7636 §4.2).
pub(crate) fn challenge_of(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()))
}

fn context<'a>(origin: &'a str, provider: &'a str) -> Context<'a> {
    Context { purpose: Purpose::Grant, origin, provider, bound_to: &[] }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant(code: &str) -> Grant {
        let verifier = "v".repeat(43);
        Grant::new("zoom".into(), challenge_of("the client's"), 1_800_000_000, verifier.into(), code.to_owned().into())
    }

    fn sealed_part(text: &str) -> Vec<u8> {
        URL_SAFE_NO_PAD.decode(text).expect("base64url")[1 + "zoom".len()..].to_vec()
    }

    #[test]
    fn comes_back_as_it_was_and_only_for_its_provider() {
        let keys = KeyRing::new(Vec::new());
        let sealed = sealed_part(&grant("the-code").seal(&keys, "o"));
        let back = Grant::unseal(&keys, "o", "zoom", &sealed).expect("it opens");
        assert_eq!((back.provider.as_str(), back.code.expose_secret()), ("zoom", "the-code"));
        assert!(back.is_met_by("the client's") && !back.is_met_by("another's"));
        assert!(Grant::unseal(&keys, "p", "zoom", &sealed).is_none(), "another origin");
        assert!(Grant::unseal(&keys, "o", "teams", &sealed).is_none(), "another provider");
    }

    #[test]
    fn a_challenge_is_that_of_rfc_7636_appendix_b() {
        let challenge = challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(challenge, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn lives_a_minute() {
        let grant = grant("the-code");
        assert!(grant.is_fresh(grant.issued_at + LIFETIME) && !grant.is_fresh(grant.issued_at + LIFETIME + 1));
        assert!(
            grant.is_fresh(grant.issued_at - SKEW) && !grant.is_fresh(grant.issued_at - SKEW - 1),
            "another's clock"
        );
    }

    #[test]
    fn the_longest_code_leaves_room_in_the_listeners_line() {
        let text = grant(&"c".repeat(CODE_LIMIT)).seal(&KeyRing::new(Vec::new()), "o");
        assert!(text.len() < 7_000, "{}", text.len());
    }
}
