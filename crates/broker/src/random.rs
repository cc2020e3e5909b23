//! Random bytes from the operating system.

/// `N` bytes that nobody can guess.
///
/// A system that cannot give them cannot run a broker: this ends the process rather than go on with weak ones.
pub(crate) fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}
