//! The store of many instances: a Redis of 6.2 or later, or what speaks like it. One server, not a cluster, since a script
//! touches keys that it finds on its way.
//!
//! All keys begin with `convoke:` and end by themselves. The server must not make room by dropping keys
//! (`maxmemory-policy noeviction`): a claim that is gone can be made again. How much of it a crash of the server takes is
//! the server's matter (`appendonly yes`, `appendfsync always`). Where it does not answer, nobody is believed.

mod scripts;
mod wire;

use secrecy::{ExposeSecret as _, SecretString};

use self::{
    scripts::Scripts,
    wire::{Question, Wire},
};
use super::{
    BudgetKey, COPIES_PER_SESSION, COPIES_PER_SIGN_IN, ClaimKey, Leases, ReplayCopy, ReplayIndex, SessionId,
    SessionRecord, Store, StoreAnswer, StoreError, Target, budgets::wait,
};
use crate::{
    configuration::{ConfigurationError, Rate},
    random,
};

/// The list of all sessions, by expiry.
const SESSIONS: &str = "convoke:sessions";
/// Sessions in one trip.
const PAGE: usize = 1_000;

/// A store in a Redis.
pub(crate) struct RedisStore {
    wire: Wire,
    scripts: Scripts,
}

/// A session's fields as the server has them; all absent where there is no such session.
type Fields = (Option<String>, Option<i64>, Option<i64>, Option<i64>, Option<i64>);

impl RedisStore {
    /// Connects to the Redis at `address`.
    ///
    /// # Errors
    /// The address is not one, nobody answers there, or whoever does refuses us.
    pub(crate) async fn open(address: &SecretString) -> Result<Self, ConfigurationError> {
        Ok(Self { wire: Wire::open(address.expose_secret()).await?, scripts: Scripts::new() })
    }

    /// Runs a script that says yes or no.
    async fn decide(&self, script: redis::ScriptInvocation<'_>) -> Result<bool, StoreError> {
        Ok(self.wire.ask::<i64>(Question::Script(&script)).await? == 1)
    }

    /// The sessions in the list of `subject`, or of all.
    async fn ids(&self, subject: Option<&str>) -> Result<Vec<SessionId>, StoreError> {
        let list = subject.map_or_else(|| SESSIONS.to_owned(), subject_key);
        let range = redis::cmd("ZRANGE").arg(list).arg(0).arg(-1).to_owned();
        let ids: Vec<String> = self.wire.ask(Question::Command(&range)).await?;
        Ok(ids.iter().filter_map(|id| SessionId::parse(id)).collect())
    }

    /// Ends all that there are now. Many are ended page by page, since nobody else is answered while a script runs; it is
    /// done when this answers.
    async fn end(&self, target: Target, now: i64) -> Result<u64, StoreError> {
        let ids = match target {
            Target::Session(id) => vec![id],
            Target::Subject(subject) => self.ids(Some(&subject)).await?,
            Target::All => self.ids(None).await?,
        };
        let mut ended = 0;
        for page in ids.chunks(PAGE) {
            let mut script = self.scripts.revoke.prepare_invoke();
            script.arg(now);
            for id in page {
                script.arg(id.to_string());
            }
            ended += self.wire.ask::<u64>(Question::Script(&script)).await?;
        }
        Ok(ended)
    }

    async fn list(&self, subject: Option<String>, now: i64) -> Result<Vec<SessionRecord>, StoreError> {
        // All of them, and then by what each says itself: the list is cleared later than sessions are over.
        let mut ids = self.ids(subject.as_deref()).await?;
        ids.sort_unstable();
        let mut records = Vec::new();
        for page in ids.chunks(PAGE) {
            let mut pipeline = redis::pipe();
            for id in page {
                let fields = ["subject", "first_use", "last_use", "expires_at", "revoked_since"];
                pipeline.cmd("HMGET").arg(session_key(*id)).arg(&fields);
            }
            let found: Vec<Fields> = self.wire.ask(Question::Pipeline(&pipeline)).await?;
            let found = page.iter().zip(found).filter_map(|(id, fields)| record(*id, fields));
            records.extend(found.filter(|record| record.expires_at > now));
        }
        Ok(records)
    }
}

fn record(id: SessionId, fields: Fields) -> Option<SessionRecord> {
    let (subject, first_use, last_use, expires_at, revoked_since) = fields;
    Some(SessionRecord {
        id,
        subject: subject?,
        first_use: first_use?,
        last_use: last_use?,
        expires_at: expires_at?,
        revoked_since,
    })
}

fn session_key(id: SessionId) -> String {
    format!("convoke:session:{id}")
}

fn subject_key(subject: &str) -> String {
    format!("convoke:subject:{subject}")
}

fn copy_key(index: &ReplayIndex) -> String {
    format!("convoke:copy:{}", hex(index))
}

fn lease_key(index: &ReplayIndex) -> String {
    format!("convoke:lease:{}", hex(index))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        for digit in [byte >> 4, byte & 15] {
            text.extend(char::from_digit(digit.into(), 16));
        }
        text
    })
}

impl Store for RedisStore {
    fn claim(&self, (kind, id): ClaimKey, now: i64, expires_at: i64) -> StoreAnswer<'_, bool> {
        let mut script = self.scripts.claim.prepare_invoke();
        let own = format!("{expires_at}:{}", hex(&random::bytes::<8>()));
        script.key(format!("convoke:claim:{}:{}", kind.as_str(), hex(&id))).arg(now).arg(expires_at).arg(own);
        StoreAnswer::later(self.decide(script))
    }

    fn open_session(&self, session: SessionRecord) -> StoreAnswer<'_, ()> {
        let mut script = self.scripts.open.prepare_invoke();
        script.key(session_key(session.id)).arg(session.id.to_string()).arg(session.subject);
        script.arg(session.first_use).arg(session.last_use).arg(session.expires_at);
        script.arg(session.revoked_since.map(|since| since.to_string()).unwrap_or_default());
        StoreAnswer::later(async move { self.decide(script).await.map(|_| ()) })
    }

    fn use_session(&self, id: SessionId, now: i64, expires_at: i64) -> StoreAnswer<'_, bool> {
        let mut script = self.scripts.uses.prepare_invoke();
        script.key(session_key(id)).arg(id.to_string()).arg(now).arg(expires_at);
        StoreAnswer::later(self.decide(script))
    }

    fn sessions(&self, subject: Option<String>, now: i64) -> StoreAnswer<'_, Vec<SessionRecord>> {
        StoreAnswer::later(self.list(subject, now))
    }

    fn revoke(&self, target: Target, now: i64) -> StoreAnswer<'_, u64> {
        StoreAnswer::later(self.end(target, now))
    }

    fn keep_copy(&self, copy: ReplayCopy, now: i64) -> StoreAnswer<'_, ()> {
        let mut script = self.scripts.keep.prepare_invoke();
        script.key(copy_key(&copy.index)).key(format!("convoke:copies:{}", copy.session));
        script.arg(hex(&copy.index)).arg(copy.sealed).arg(now).arg(copy.expires_at).arg(COPIES_PER_SESSION);
        script.arg(hex(&copy.next)).arg(COPIES_PER_SIGN_IN);
        StoreAnswer::later(async move { self.decide(script).await.map(|_| ()) })
    }

    fn copy(&self, index: ReplayIndex, now: i64) -> StoreAnswer<'_, Option<Vec<u8>>> {
        let find = redis::cmd("HMGET").arg(copy_key(&index)).arg("sealed").arg("expires_at").to_owned();
        StoreAnswer::later(async move {
            let found: (Option<Vec<u8>>, Option<i64>) = self.wire.ask(Question::Command(&find)).await?;
            let (sealed, expires_at) = found;
            Ok(sealed.filter(|_| expires_at.is_some_and(|expires_at| expires_at > now)))
        })
    }

    fn leases(&self) -> Option<&dyn Leases> {
        Some(self)
    }

    fn take(&self, key: BudgetKey, rate: Rate, now: i64) -> StoreAnswer<'_, Result<(), u64>> {
        let mut script = self.scripts.take.prepare_invoke();
        script.key(format!("convoke:budget:{}", hex(&key))).arg(now);
        script.arg(rate.per_second.to_string()).arg(rate.burst.to_string());
        StoreAnswer::later(async move {
            let (taken, left): (i64, f64) = self.wire.ask(Question::Script(&script)).await?;
            Ok(if taken == 1 { Ok(()) } else { Err(wait(left, rate)) })
        })
    }

    fn ready(&self) -> StoreAnswer<'_, ()> {
        StoreAnswer::later(async move {
            let ping = redis::cmd("PING");
            self.wire.ask::<String>(Question::Command(&ping)).await.map(|_| ())
        })
    }
}

impl Leases for RedisStore {
    fn lease(&self, index: ReplayIndex, owner: [u8; 16], seconds: u64) -> StoreAnswer<'_, bool> {
        let mut script = self.scripts.lease.prepare_invoke();
        script.key(lease_key(&index)).arg(hex(&owner)).arg(seconds.max(1));
        StoreAnswer::later(self.decide(script))
    }

    fn release(&self, index: ReplayIndex, owner: [u8; 16]) -> StoreAnswer<'_, ()> {
        let mut script = self.scripts.release.prepare_invoke();
        script.key(lease_key(&index)).arg(hex(&owner));
        StoreAnswer::later(async move { self.decide(script).await.map(|_| ()) })
    }
}
