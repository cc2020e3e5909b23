//! The store of one instance that may forget: this process's memory. A live claim is never dropped for a new one, a live
//! session never for a new one; of sealed answers the oldest goes first.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::{
    BudgetKey, COPIES_PER_SESSION, COPIES_PER_SIGN_IN, ClaimKey, ClaimKind, ReplayCopy, ReplayIndex, SessionId,
    SessionRecord, Store, StoreAnswer, StoreError, Target, budgets::Budgets,
};
use crate::configuration::Rate;

/// Live sessions, at most.
const SESSIONS: usize = 200_000;
/// Bytes of sealed answers, at most.
const COPY_BYTES: usize = 64 << 20;

/// Everything in this process's memory.
pub(crate) struct MemoryStore {
    limit: usize,
    claims: Mutex<Claims>,
    sessions: Mutex<Sessions>,
    copies: Mutex<Copies>,
    budgets: Budgets,
}

impl MemoryStore {
    /// A store of at most `limit` live claims of each kind.
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            limit,
            claims: Mutex::default(),
            sessions: Mutex::default(),
            copies: Mutex::default(),
            budgets: Budgets::default(),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[derive(Default)]
struct Claims {
    expiries: HashMap<ClaimKey, i64>,
    by_expiry: BTreeSet<(i64, ClaimKey)>,
    counts: HashMap<ClaimKind, usize>,
}

impl Claims {
    fn set_if_absent(&mut self, key: ClaimKey, now: i64, expires_at: i64, limit: usize) -> Result<bool, StoreError> {
        self.forget_until(now);
        if self.expiries.contains_key(&key) {
            return Ok(false);
        }
        let count = self.counts.entry(key.0).or_default();
        if *count >= limit {
            return Err(StoreError);
        }
        *count += 1;
        self.expiries.insert(key, expires_at);
        self.by_expiry.insert((expires_at, key));
        Ok(true)
    }

    fn forget_until(&mut self, now: i64) {
        while let Some((expires_at, key)) = self.by_expiry.first().copied() {
            if expires_at > now {
                break;
            }
            self.by_expiry.pop_first();
            self.expiries.remove(&key);
            if let Some(count) = self.counts.get_mut(&key.0) {
                *count -= 1;
            }
        }
    }
}

#[derive(Default)]
struct Sessions {
    records: BTreeMap<SessionId, SessionRecord>,
}

impl Sessions {
    fn open(&mut self, session: SessionRecord) -> Result<(), StoreError> {
        if self.records.len() >= SESSIONS {
            let now = session.first_use;
            self.records.retain(|_, record| record.expires_at > now);
            if self.records.len() >= SESSIONS {
                return Err(StoreError);
            }
        }
        self.records.insert(session.id, session);
        Ok(())
    }

    fn used(&mut self, id: SessionId, now: i64, expires_at: i64) -> bool {
        match self.records.get_mut(&id) {
            Some(record) if record.expires_at > now && record.revoked_since.is_none() => {
                record.last_use = record.last_use.max(now);
                record.expires_at = record.expires_at.max(expires_at);
                true
            }
            _ => false,
        }
    }

    fn revoke(&mut self, target: &Target, now: i64) -> Vec<SessionId> {
        let hit = |record: &SessionRecord| match target {
            Target::Session(id) => record.id == *id,
            Target::Subject(subject) => record.subject == *subject,
            Target::All => true,
        };
        let live = self.records.values_mut().filter(|record| record.expires_at > now && record.revoked_since.is_none());
        live.filter(|record| hit(record))
            .map(|record| {
                record.revoked_since = Some(now);
                record.id
            })
            .collect()
    }
}

#[derive(Default)]
struct Copies {
    sealed: HashMap<ReplayIndex, ReplayCopy>,
    /// Names by what comes next.
    before: HashMap<ReplayIndex, ReplayIndex>,
    by_session: HashMap<SessionId, VecDeque<ReplayIndex>>,
    by_age: VecDeque<ReplayIndex>,
    bytes: usize,
}

impl Copies {
    fn keep(&mut self, copy: ReplayCopy, now: i64) {
        while let Some(oldest) = self.by_age.front().copied() {
            let over = self.sealed.get(&oldest).is_none_or(|copy| copy.expires_at <= now);
            if !over && self.bytes + copy.sealed.len() <= COPY_BYTES {
                break;
            }
            self.by_age.pop_front();
            self.forget(&oldest);
        }
        self.forget(&copy.index);
        let mut outlived = Some(copy.index);
        for _ in 0..COPIES_PER_SIGN_IN {
            outlived = outlived.and_then(|index| self.before.get(&index).copied());
        }
        if let Some(outlived) = outlived {
            self.forget(&outlived);
        }
        let own = self.by_session.entry(copy.session).or_default();
        own.push_back(copy.index);
        let extra = if own.len() > COPIES_PER_SESSION { own.pop_front() } else { None };
        self.by_age.push_back(copy.index);
        if self.by_age.len() > 2 * self.sealed.len() + 64 {
            // Names of copies that a session has outgrown stand between older ones that are still live.
            let sealed = &self.sealed;
            self.by_age.retain(|index| sealed.contains_key(index) || *index == copy.index);
        }
        self.bytes += copy.sealed.len();
        self.before.insert(copy.next, copy.index);
        self.sealed.insert(copy.index, copy);
        if let Some(extra) = extra {
            self.forget(&extra);
        }
    }

    fn forget(&mut self, index: &ReplayIndex) {
        let Some(copy) = self.sealed.remove(index) else { return };
        self.bytes -= copy.sealed.len();
        self.before.remove(&copy.next);
        if let Some(own) = self.by_session.get_mut(&copy.session) {
            own.retain(|other| other != index);
            if own.is_empty() {
                self.by_session.remove(&copy.session);
            }
        }
    }

    fn forget_of(&mut self, session: SessionId) {
        for index in self.by_session.remove(&session).into_iter().flatten() {
            self.forget(&index);
        }
    }
}

impl Store for MemoryStore {
    fn claim(&self, key: ClaimKey, now: i64, expires_at: i64) -> StoreAnswer<'_, bool> {
        StoreAnswer::now(lock(&self.claims).set_if_absent(key, now, expires_at, self.limit))
    }

    fn open_session(&self, session: SessionRecord) -> StoreAnswer<'_, ()> {
        StoreAnswer::now(lock(&self.sessions).open(session))
    }

    fn use_session(&self, id: SessionId, now: i64, expires_at: i64) -> StoreAnswer<'_, bool> {
        StoreAnswer::now(Ok(lock(&self.sessions).used(id, now, expires_at)))
    }

    fn sessions(&self, subject: Option<String>, now: i64) -> StoreAnswer<'_, Vec<SessionRecord>> {
        let sessions = lock(&self.sessions);
        let live = sessions.records.values().filter(|record| record.expires_at > now);
        let wanted = live.filter(|record| subject.as_ref().is_none_or(|subject| record.subject == *subject));
        StoreAnswer::now(Ok(wanted.cloned().collect()))
    }

    fn revoke(&self, target: Target, now: i64) -> StoreAnswer<'_, u64> {
        let ended = lock(&self.sessions).revoke(&target, now);
        let mut copies = lock(&self.copies);
        for id in &ended {
            copies.forget_of(*id);
        }
        StoreAnswer::now(Ok(ended.len() as u64))
    }

    fn keep_copy(&self, copy: ReplayCopy, now: i64) -> StoreAnswer<'_, ()> {
        lock(&self.copies).keep(copy, now);
        StoreAnswer::now(Ok(()))
    }

    fn copy(&self, index: ReplayIndex, now: i64) -> StoreAnswer<'_, Option<Vec<u8>>> {
        let copies = lock(&self.copies);
        let found = copies.sealed.get(&index).filter(|copy| copy.expires_at > now);
        StoreAnswer::now(Ok(found.map(|copy| copy.sealed.clone())))
    }

    fn take(&self, key: BudgetKey, rate: Rate, now: i64) -> StoreAnswer<'_, Result<(), u64>> {
        StoreAnswer::now(Ok(self.budgets.take(key, rate, now)))
    }

    fn ready(&self) -> StoreAnswer<'_, ()> {
        StoreAnswer::now(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_claims_of_one_kind_leave_room_for_the_other() {
        let store = MemoryStore::new(2);
        for id in 0..2 {
            assert!(store.claim((ClaimKind::Return, [id; 16]), 0, 60).await.expect("room"));
        }
        assert!(store.claim((ClaimKind::Return, [9; 16]), 0, 60).await.is_err(), "full");
        assert!(store.claim((ClaimKind::Grant, [9; 16]), 0, 60).await.expect("room"));
        assert!(store.claim((ClaimKind::Return, [9; 16]), 60, 120).await.expect("the old ones are over"));
    }

    #[test]
    fn copies_keep_their_size_and_their_order() {
        let mut copies = Copies::default();
        let copy = |at: u8, session: u8, length: usize, expires_at| ReplayCopy {
            index: [at; 32],
            next: [at | 128; 32],
            session: SessionId([session; 16]),
            sealed: vec![at; length],
            expires_at,
        };
        for at in 0..8 {
            copies.keep(copy(at, 1, 10, 100), 0);
        }
        let mut lively = Copies::default();
        lively.keep(copy(255, 9, 10, 100), 0);
        for at in 0..2_000_u32 {
            let mut index = [0; 32];
            index[..4].copy_from_slice(&at.to_be_bytes());
            lively.keep(ReplayCopy { index, ..copy(1, 1, 10, 100) }, 0);
        }
        assert!(lively.by_age.len() < 100 && lively.sealed.len() == 7, "{}", lively.by_age.len());
        assert!(!copies.sealed.contains_key(&[1; 32]) && copies.sealed.contains_key(&[2; 32]), "six of a session");
        copies.keep(copy(9, 2, COPY_BYTES - 5, 100), 0);
        assert_eq!((copies.sealed.len(), copies.bytes), (1, COPY_BYTES - 5));
        copies.keep(copy(10, 3, 10, 300), 100);
        assert_eq!((copies.sealed.len(), copies.by_age.len(), copies.bytes), (1, 1, 10), "the old one is over");
        copies.forget_of(SessionId([3; 16]));
        assert_eq!((copies.sealed.len(), copies.bytes), (0, 0));
    }
}
