//! Random bytes from the operating system.

use std::cell::RefCell;

/// Length of a nonce of `XChaCha20`.
pub(crate) const NONCE_LENGTH: usize = 24;
/// Nonces that are taken from the system at once: each answer needs one, and a nonce is no secret.
const NONCES: usize = 32;

thread_local! {
    static AHEAD: RefCell<Vec<[u8; NONCE_LENGTH]>> = const { RefCell::new(Vec::new()) };
}

/// A nonce that nobody had before.
pub(crate) fn nonce() -> [u8; NONCE_LENGTH] {
    AHEAD.with_borrow_mut(|ahead| {
        ahead.pop().unwrap_or_else(|| {
            let fresh: [u8; NONCES * NONCE_LENGTH] = bytes();
            ahead.extend_from_slice(fresh.as_chunks().0);
            ahead.pop().expect("there are some")
        })
    })
}

/// `N` bytes that nobody can guess.
///
/// A system that cannot give them cannot run a broker: this ends the process rather than go on with weak ones.
pub(crate) fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}
