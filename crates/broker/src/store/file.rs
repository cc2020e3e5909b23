//! The store of one instance that may not forget: one `SQLite` file, which no second instance can open.
//!
//! The file has a thread of its own, so that the runtime's never wait for the disk. It takes all calls that wait for it
//! into one transaction and answers them once that is on the disk: many calls share one trip. Budgets are in memory, since
//! a restart may well forgive; leases are always granted, since one instance's flights are single already.

mod ledger;
mod schema;

use std::{
    iter,
    path::Path,
    sync::mpsc::{self, Receiver, RecvTimeoutError},
    thread::{self, JoinHandle},
    time::Duration,
};

use tokio::sync::oneshot;
use tracing::error;

use self::ledger::Ledger;
use super::{
    BudgetKey, ClaimKey, ReplayCopy, ReplayIndex, SessionId, SessionRecord, Store, StoreAnswer, StoreError, Target,
    budgets::Budgets,
};
use crate::configuration::{ConfigurationError, Rate};

/// Bytes of sealed answers, at most.
const COPY_BYTES: i64 = 256 << 20;
/// Calls in one transaction, at most: the first must not wait for ever for the last.
const BATCH: usize = 512;
/// How long nobody may call before the uses of sessions are written.
const IDLE: Duration = Duration::from_secs(60);

/// A call: what it does to the ledger, and how its answer is sent once that is on the disk.
type Job = Box<dyn FnOnce(&mut Ledger) -> rusqlite::Result<Answer> + Send>;
type Answer = Box<dyn FnOnce() + Send>;

/// A store in a file.
pub(crate) struct FileStore {
    /// `None` only while it is dropped.
    jobs: Option<mpsc::Sender<Job>>,
    thread: Option<JoinHandle<()>>,
    budgets: Budgets,
}

impl FileStore {
    /// Opens the file at `path`, or makes it.
    ///
    /// # Errors
    /// Another instance has the file, others may open it, or it is not a store that this broker knows.
    pub(crate) async fn open(path: &Path) -> Result<Self, ConfigurationError> {
        Self::with_room(path, COPY_BYTES).await
    }

    /// As [`FileStore::open`], with room for that many bytes of sealed answers.
    pub(super) async fn with_room(path: &Path, copy_bytes: i64) -> Result<Self, ConfigurationError> {
        let failed = || ConfigurationError::new("STORE", "can not be opened: no thread can be started for it");
        let (jobs, waiting) = mpsc::channel();
        let (opened, is_open) = oneshot::channel();
        let path = path.to_owned();
        let work = move || {
            let ledger = schema::open(&path).and_then(|connection| {
                Ledger::new(connection, copy_bytes).map_err(|error| schema::refused(&path, &error))
            });
            // Where nobody waits for it any more, the jobs' other end is gone, too.
            match ledger {
                Ok(ledger) => {
                    let _ = opened.send(Ok(()));
                    serve(ledger, &waiting);
                }
                Err(error) => {
                    let _ = opened.send(Err(error));
                }
            }
        };
        let thread = thread::Builder::new().name("store".into()).spawn(work).map_err(|_| failed())?;
        is_open.await.unwrap_or_else(|_| Err(failed()))?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread), budgets: Budgets::default() })
    }

    /// Has the thread do `act`; the answer comes when it is on the disk.
    fn ask<T: Send + 'static>(
        &self,
        act: impl FnOnce(&mut Ledger) -> rusqlite::Result<T> + Send + 'static,
    ) -> StoreAnswer<'_, T> {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |ledger| {
            let value = act(ledger)?;
            Ok(Box::new(move || {
                // Who asked may have gone.
                let _ = answer.send(value);
            }))
        });
        let sent = self.jobs.as_ref().is_some_and(|jobs| jobs.send(job).is_ok());
        StoreAnswer::later(async move {
            // A call that failed, and a thread that died, drop their end unsent.
            if sent { answered.await.map_err(|_| StoreError) } else { Err(StoreError) }
        })
    }
}

impl Drop for FileStore {
    /// Writes what is not yet in the file and lets go of it, so that it can be opened again.
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            // It has reported its own panic.
            let _ = thread.join();
        }
    }
}

/// The thread's life: until nobody can call any more.
fn serve(mut ledger: Ledger, waiting: &Receiver<Job>) {
    loop {
        let (jobs, is_over) = match waiting.recv_timeout(IDLE) {
            Ok(first) => (iter::once(first).chain(waiting.try_iter().take(BATCH - 1)).collect(), false),
            Err(RecvTimeoutError::Timeout) => (Vec::new(), false),
            Err(RecvTimeoutError::Disconnected) => (Vec::new(), true),
        };
        match run(&mut ledger, jobs) {
            Ok(answers) => answers.into_iter().for_each(|answer| answer()),
            Err(error) => {
                ledger.roll_back();
                error!(code = ?error.sqlite_error_code(), "the store's file failed");
            }
        }
        if is_over {
            return;
        }
    }
}

/// Does all of `jobs` in one transaction, or none; where there are none, it is time to write what was only noted.
fn run(ledger: &mut Ledger, jobs: Vec<Job>) -> rusqlite::Result<Vec<Answer>> {
    ledger.begin()?;
    if jobs.is_empty() {
        ledger.write_uses()?;
    }
    let answers = jobs.into_iter().map(|job| job(ledger)).collect::<Result<_, _>>()?;
    ledger.commit()?;
    Ok(answers)
}

impl Store for FileStore {
    fn claim(&self, key: ClaimKey, now: i64, expires_at: i64) -> StoreAnswer<'_, bool> {
        self.ask(move |ledger| ledger.claim(key, now, expires_at))
    }

    fn open_session(&self, session: SessionRecord) -> StoreAnswer<'_, ()> {
        self.ask(move |ledger| ledger.open_session(&session))
    }

    fn use_session(&self, id: SessionId, now: i64, expires_at: i64) -> StoreAnswer<'_, bool> {
        self.ask(move |ledger| ledger.use_session(id, now, expires_at))
    }

    fn sessions(&self, subject: Option<String>, now: i64) -> StoreAnswer<'_, Vec<SessionRecord>> {
        self.ask(move |ledger| ledger.sessions(subject.as_deref(), now))
    }

    fn revoke(&self, target: Target, now: i64) -> StoreAnswer<'_, u64> {
        self.ask(move |ledger| ledger.revoke(&target, now))
    }

    fn keep_copy(&self, copy: ReplayCopy, now: i64) -> StoreAnswer<'_, ()> {
        self.ask(move |ledger| ledger.keep_copy(&copy, now))
    }

    fn copy(&self, index: ReplayIndex, now: i64) -> StoreAnswer<'_, Option<Vec<u8>>> {
        self.ask(move |ledger| ledger.copy(index, now))
    }

    fn take(&self, key: BudgetKey, rate: Rate, now: i64) -> StoreAnswer<'_, Result<(), u64>> {
        StoreAnswer::now(Ok(self.budgets.take(key, rate, now)))
    }

    fn ready(&self) -> StoreAnswer<'_, ()> {
        self.ask(Ledger::prove)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{random, store::ClaimKind};

    #[tokio::test]
    async fn a_call_that_fails_fails_alone_and_a_dead_thread_fails_all() {
        let name = format!("convoke-store-{:032x}", u128::from_be_bytes(random::bytes()));
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir(&folder).expect("a folder");
        let store = FileStore::open(&folder.join("store")).await.expect("it opens");
        let claim = async |id| store.claim((ClaimKind::Grant, [id; 16]), 0, 60).await;
        assert!(claim(1).await.expect("room"));
        store.ask::<()>(|_| Err(rusqlite::Error::InvalidQuery)).await.expect_err("planted");
        store.ready().await.expect("the disk is well");
        assert!(claim(2).await.expect("room"));
        store.ask::<()>(|_| panic!("planted")).await.expect_err("it died");
        claim(3).await.expect_err("nobody is there");
        store.ready().await.expect_err("nobody is there");
        drop(store);
        std::fs::remove_dir_all(folder).expect("removed");
    }
}
