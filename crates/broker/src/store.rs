//! What the broker keeps, behind one trait: claims that a value was used, sessions and their end, request budgets, and
//! sealed answers that it cannot open by itself. No token and no person's data beyond a session's subject.

mod budgets;
mod file;
mod memory;
mod redis;
#[cfg(test)]
mod tests;

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

pub(crate) use file::FileStore;
pub(crate) use memory::MemoryStore;
pub(crate) use redis::RedisStore;

use crate::configuration::{ConfigurationError, Rate, StoreLocation};

/// What is claimed; no two kinds share room, so that many sign-ins cannot keep a grant from being redeemed.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) enum ClaimKind {
    /// A provider's return, by transaction id.
    Return,
    /// A grant's redemption, by grant id.
    Grant,
    /// A provider's code, by its digest: where no code verifier binds the code to one sign-in.
    Code,
}

impl ClaimKind {
    /// The kind's word in a shared store.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Return => "return",
            Self::Grant => "grant",
            Self::Code => "code",
        }
    }
}

/// One claim: kind and random id, or digest.
pub(crate) type ClaimKey = (ClaimKind, [u8; 16]);

/// Identifies one session; not a secret by itself, since only a sealed token opens it.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct SessionId(pub(crate) [u8; 16]);

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl SessionId {
    /// Reads 32 hex digits.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut id = [0; 16];
        let digits = text.as_bytes().chunks_exact(2);
        if text.len() != 32 || !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        for (byte, pair) in id.iter_mut().zip(digits) {
            *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Some(Self(id))
    }
}

/// A session as the store has it. Instants are seconds since 1970.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct SessionRecord {
    pub(crate) id: SessionId,
    /// Whom the provider, the proxy or a service caller vouched for: 1 to 256 characters.
    pub(crate) subject: String,
    pub(crate) first_use: i64,
    pub(crate) last_use: i64,
    /// When nothing of it is left to keep.
    pub(crate) expires_at: i64,
    pub(crate) revoked_since: Option<i64>,
}

/// Which sessions an administrator ends.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Target {
    Session(SessionId),
    Subject(String),
    All,
}

/// Names a sealed answer: derived from the refresh token that it answers.
pub(crate) type ReplayIndex = [u8; 32];

/// A sealed answer to a refresh that rotated.
#[derive(Clone, Debug)]
pub(crate) struct ReplayCopy {
    pub(crate) index: ReplayIndex,
    /// What a refresh with the new token will be called: once it comes, this answer is known to have arrived.
    pub(crate) next: ReplayIndex,
    pub(crate) session: SessionId,
    pub(crate) sealed: Vec<u8>,
    pub(crate) expires_at: i64,
}

/// Copies of one sign-in that are kept: of the answer that may be lost, and of those before it that have arrived, for a process
/// that still goes by an older token.
pub(crate) const COPIES_PER_SIGN_IN: usize = 4;

/// Most copies that one session has; the oldest goes first. A session may hold many sign-ins, each with its copies of a day.
/// The tests of the stores get along with fewer.
pub(crate) const COPIES_PER_SESSION: usize = if cfg!(test) { 6 } else { 1_024 };

/// Names a budget: the digest of what is counted.
pub(crate) type BudgetKey = [u8; 16];

/// The store cannot say, or has no room, so nothing may go on.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the store does not answer or has no room")]
pub(crate) struct StoreError;

/// What a store says: at once, where nothing is waited for, or later.
#[must_use = "a store does nothing before it is awaited"]
pub(crate) enum StoreAnswer<'a, T> {
    /// `None` once it was taken.
    Now(Option<Result<T, StoreError>>),
    Later(Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>),
}

impl<'a, T> StoreAnswer<'a, T> {
    fn now(answer: Result<T, StoreError>) -> Self {
        Self::Now(Some(answer))
    }

    fn later(answer: impl Future<Output = Result<T, StoreError>> + Send + 'a) -> Self {
        Self::Later(Box::pin(answer))
    }
}

impl<T: Unpin> Future for StoreAnswer<'_, T> {
    type Output = Result<T, StoreError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut *self {
            Self::Now(answer) => Poll::Ready(answer.take().expect("it is not awaited after its end")),
            Self::Later(answer) => answer.as_mut().poll(context),
        }
    }
}

/// What every instance of a broker knows. Time is an argument, in seconds since 1970.
pub(crate) trait Store: Send + Sync {
    /// Sets the claim if it is absent: `true` for exactly one caller until `expires_at`.
    fn claim(&self, key: ClaimKey, now: i64, expires_at: i64) -> StoreAnswer<'_, bool>;

    /// Keeps a new session; its first use is its last.
    fn open_session(&self, session: SessionRecord) -> StoreAnswer<'_, ()>;

    /// Notes a use and moves the expiry; `false` where the session is unknown, over or revoked.
    fn use_session(&self, id: SessionId, now: i64, expires_at: i64) -> StoreAnswer<'_, bool>;

    /// The sessions that are not over, of one subject or of all, in the order of their ids, revoked ones included.
    fn sessions(&self, subject: Option<String>, now: i64) -> StoreAnswer<'_, Vec<SessionRecord>>;

    /// Ends sessions for every instance and drops their sealed answers; durable before it answers. How many were ended.
    fn revoke(&self, target: Target, now: i64) -> StoreAnswer<'_, u64>;

    /// Keeps a sealed answer; durable before it answers, as far as the store is.
    fn keep_copy(&self, copy: ReplayCopy, now: i64) -> StoreAnswer<'_, ()>;

    /// The sealed answer of that name.
    fn copy(&self, index: ReplayIndex, now: i64) -> StoreAnswer<'_, Option<Vec<u8>>>;

    /// Where other instances may use the store, too: what keeps them apart.
    fn leases(&self) -> Option<&dyn Leases> {
        None
    }

    /// Takes one request from a budget; where none is left, the seconds to wait.
    fn take(&self, key: BudgetKey, rate: Rate, now: i64) -> StoreAnswer<'_, Result<(), u64>>;

    /// Whether the store can be reached.
    fn ready(&self) -> StoreAnswer<'_, ()>;
}

/// Who of several instances may ask a provider for a refresh.
pub(crate) trait Leases: Send + Sync {
    /// Whether the caller may; another instance may be at it. Ends by itself after `seconds`, which its owner prolongs by asking
    /// again.
    fn lease(&self, index: ReplayIndex, owner: [u8; 16], seconds: u64) -> StoreAnswer<'_, bool>;

    /// Gives a lease back, if it is still the owner's.
    fn release(&self, index: ReplayIndex, owner: [u8; 16]) -> StoreAnswer<'_, ()>;
}

/// Live claims of each kind that the memory store holds.
const CLAIMS: usize = 100_000;

/// Opens the store at `location`.
///
/// # Errors
/// The file cannot be opened or another instance has it; the server does not answer.
pub(crate) async fn open(location: &StoreLocation) -> Result<Box<dyn Store>, ConfigurationError> {
    match location {
        StoreLocation::Memory => Ok(Box::new(MemoryStore::new(CLAIMS))),
        StoreLocation::File(path) => Ok(Box::new(FileStore::open(path).await?)),
        StoreLocation::Redis(address) => Ok(Box::new(RedisStore::open(address).await?)),
    }
}
