//! The sealed copy of an answer to a refresh that rotated: the one thing that outlives a request.
//!
//! Its key is derived from the refresh token that it answers, which the provider has spent and the broker forgets. So the
//! broker cannot open the copy by itself; only the session that comes again with the old token can have it opened.

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use convoke_broker_api::TokenAnswer;
use zeroize::Zeroizing;

use crate::{
    random,
    sealing::{Derivation, NONCE_LENGTH},
    store::{ReplayIndex, SessionId},
    token_json,
};

/// What a refresh token, its provider and its session make: the name of the copy, and the key that opens it.
pub(crate) struct ReplayKey {
    pub(crate) index: ReplayIndex,
    key: Zeroizing<[u8; 32]>,
}

impl ReplayKey {
    /// The key of the refresh token that `token` derives from, as `session` has it at `provider`.
    pub(crate) fn new(provider: &str, session: SessionId, token: &Derivation) -> Self {
        let provider = provider.as_bytes();
        Self {
            index: *token.expand(&[b"replay index ", &session.0, provider]),
            key: token.expand(&[b"replay key ", &session.0, provider]),
        }
    }

    /// Seals `answer`, which came at `now`.
    pub(crate) fn seal(&self, answer: &TokenAnswer, now: i64) -> Vec<u8> {
        let mut plain = Zeroizing::new(Vec::new());
        plain.extend_from_slice(&now.to_be_bytes());
        token_json::write(&mut plain, answer);
        let nonce: [u8; NONCE_LENGTH] = random::bytes();
        let payload = Payload { msg: &plain, aad: &self.index };
        let sealed = self.cipher().encrypt(XNonce::from_slice(&nonce), payload);
        [nonce.as_slice(), &sealed.expect("sealing a short message in memory does not fail")].concat()
    }

    /// Opens a copy at `now`: the same tokens, with what is left of their lives.
    pub(crate) fn open(&self, sealed: &[u8], now: i64) -> Option<TokenAnswer> {
        let (nonce, sealed) = sealed.split_at_checked(NONCE_LENGTH)?;
        let payload = Payload { msg: sealed, aad: &self.index };
        let plain = Zeroizing::new(self.cipher().decrypt(XNonce::from_slice(nonce), payload).ok()?);
        let (came_at, answer) = plain.split_at_checked(8)?;
        let came_at = i64::from_be_bytes(came_at.try_into().ok()?);
        let mut answer: TokenAnswer = serde_json::from_slice(answer).ok()?;
        let passed = u64::try_from(now.saturating_sub(came_at)).unwrap_or(0);
        answer.expires_in = answer.expires_in.saturating_sub(passed);
        answer.refresh_token_expires_in = answer.refresh_token_expires_in.map(|left| left.saturating_sub(passed));
        Some(answer)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(self.key.as_slice().into())
    }
}

#[cfg(test)]
mod tests {
    use convoke_broker_api::WireSecret;

    use super::*;

    fn key_of(provider: &str, session: SessionId, token: &str) -> ReplayKey {
        ReplayKey::new(provider, session, &Derivation::of(token.as_bytes()))
    }

    fn answer() -> TokenAnswer {
        TokenAnswer {
            access_token: WireSecret::new("the-access-token".into()),
            token_type: "Bearer".into(),
            expires_in: 3_600,
            refresh_token: Some(WireSecret::new("the-new-one".into())),
            refresh_token_expires_in: Some(10),
            scope: Some("a b".into()),
            id_token: None,
            api_url: None,
            session_token: None,
            session_expires_in: None,
            session_ends_in: None,
        }
    }

    #[test]
    fn only_the_same_session_with_the_same_token_opens_it() {
        let session = SessionId([1; 16]);
        let key = key_of("zoom", session, "the-old-one");
        let sealed = key.seal(&answer(), 1_000);
        let again = key_of("zoom", session, "the-old-one");
        assert_eq!(again.index, key.index);
        let back = again.open(&sealed, 1_100).expect("it opens");
        assert_eq!(back.refresh_token.expect("it has one").into_inner(), "the-new-one");
        assert_eq!((back.expires_in, back.refresh_token_expires_in), (3_500, Some(0)));
        for (provider, session, token) in
            [("webex", 1, "the-old-one"), ("zoom", 2, "the-old-one"), ("zoom", 1, "another")]
        {
            let other = key_of(provider, SessionId([session; 16]), token);
            assert_ne!(other.index, key.index);
            assert!(other.open(&sealed, 1_100).is_none());
        }
        let text = String::from_utf8_lossy(&sealed);
        assert!(!text.contains("the-new-one") && !text.contains("the-access-token"));
    }
}
