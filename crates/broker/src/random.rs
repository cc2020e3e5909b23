//! Random bytes from the operating system.

/// Length of a nonce of `XChaCha20`.
pub(crate) const NONCE_LENGTH: usize = 24;

/// A nonce that nobody had before. None is fetched ahead: a machine that is set back to a snapshot would use it twice.
pub(crate) fn nonce() -> [u8; NONCE_LENGTH] {
    bytes()
}

/// `N` bytes that nobody can guess.
///
/// A system that cannot give them cannot run a broker: this ends the process rather than go on with weak ones.
pub(crate) fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}
