//! One thread that owns a value, and a time limit for whoever asks it.
//!
//! A call into a keyring may be held until a person answers a window. Whoever waits gets "too late" after the limit; while
//! the held call goes on, everybody gets it at once, so that no queue grows behind a window. When the call ends, the
//! thread serves again by itself. One that reads can be left to itself: another thread then takes its place, since a keyring
//! that was ended under its window never answers. The thread is never joined: a process can end while a call is held.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc},
    time::{Duration, Instant},
};

use tokio::sync::oneshot;

/// How long a call may take before its caller is told.
pub(super) const LIMIT: Duration = Duration::from_secs(5);

type Job<S> = Box<dyn FnOnce(&mut S) + Send>;

/// Why a question has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unanswered {
    /// A call is being held.
    TooLate,
    /// The thread ended in the middle of it; the next question starts another one.
    Died,
}

/// A thread that starts with the first question. `S` is made, used and dropped there.
pub(super) struct Worker<S> {
    make: fn() -> S,
    limit: Duration,
    seat: Mutex<Seat<S>>,
}

/// The present thread: the way to it, and what it is at.
struct Seat<S> {
    jobs: Option<mpsc::Sender<Job<S>>>,
    running: Arc<Running>,
}

impl<S> Seat<S> {
    fn empty() -> Self {
        Self { jobs: None, running: Arc::default() }
    }
}

/// What a job does, as far as it counts when nobody waits for its end any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    /// Nothing that lasts: late, it does no harm.
    Reads,
    /// Late, it might undo what was done meanwhile.
    Writes,
}

/// Since when the thread has been at its present job.
#[derive(Default)]
struct Running(Mutex<Option<(Instant, Act)>>);

impl Running {
    fn job(&self) -> MutexGuard<'_, Option<(Instant, Act)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn since(&self) -> Option<Instant> {
        self.job().map(|(began, _)| began)
    }

    fn is_held(&self, limit: Duration) -> bool {
        self.since().is_some_and(|began| began.elapsed() >= limit)
    }
}

/// Marks a job as running for as long as it lives, also when it panics.
struct Mark(Arc<Running>);

impl Mark {
    fn set(running: &Arc<Running>, act: Act) -> Self {
        *running.job() = Some((Instant::now(), act));
        Self(Arc::clone(running))
    }
}

impl Drop for Mark {
    fn drop(&mut self) {
        *self.0.job() = None;
    }
}

impl<S: 'static> Worker<S> {
    pub(super) fn new(make: fn() -> S) -> Self {
        Self::with_limit(make, LIMIT)
    }

    fn with_limit(make: fn() -> S, limit: Duration) -> Self {
        Self { make, limit, seat: Mutex::new(Seat::empty()) }
    }

    /// Runs `work` on the thread and waits for its answer, at most for the limit. Work that has begun goes on to its
    /// end, with or without a listener; work that has not begun when its asker gave up is not done at all.
    pub(super) async fn ask<T: Send + 'static>(
        &self,
        act: Act,
        work: impl FnOnce(&mut S) -> T + Send + 'static,
    ) -> Result<T, Unanswered> {
        if self.is_held() {
            return Err(Unanswered::TooLate);
        }
        let (answer, mut listener) = oneshot::channel();
        let running = self.submit(|running| {
            Box::new(move |state: &mut S| {
                if answer.is_closed() {
                    return;
                }
                let mark = Mark::set(&running, act);
                let value = work(state);
                // Free before the answer: who has it may ask again at once.
                drop(mark);
                let _ = answer.send(value);
            })
        })?;
        let asked = Instant::now();
        loop {
            let began = running.since().unwrap_or(asked);
            let patience = (began + self.limit).saturating_duration_since(Instant::now());
            match tokio::time::timeout(patience, &mut listener).await {
                Ok(answer) => return answer.map_err(|_| Unanswered::Died),
                Err(_) if running.is_held(self.limit) || asked.elapsed() >= self.limit => {
                    return Err(Unanswered::TooLate);
                }
                Err(_) => {}
            }
        }
    }

    /// Leaves the thread alone with its present job, if that only reads: it ends with it, and its asker still has the answer.
    /// The next question starts another one.
    pub(super) fn leave_reading(&self) {
        let mut seat = self.seat();
        let reads = seat.running.job().is_some_and(|(_, act)| act == Act::Reads);
        if reads {
            *seat = Seat::empty();
        }
    }

    fn seat(&self) -> MutexGuard<'_, Seat<S>> {
        self.seat.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_held(&self) -> bool {
        let running = Arc::clone(&self.seat().running);
        running.is_held(self.limit)
    }

    fn submit(&self, job: impl FnOnce(Arc<Running>) -> Job<S>) -> Result<Arc<Running>, Unanswered> {
        let mut seat = self.seat();
        let running = Arc::clone(&seat.running);
        let job = job(Arc::clone(&running));
        let job = match seat.jobs.as_ref() {
            None => job,
            Some(sender) => match sender.send(job) {
                Ok(()) => return Ok(running),
                // The thread died of a panic: another one starts with a new value.
                Err(mpsc::SendError(job)) => job,
            },
        };
        let (sender, receiver) = mpsc::channel::<Job<S>>();
        let make = self.make;
        std::thread::Builder::new()
            .name("keyring".to_owned())
            .spawn(move || {
                let mut state = make();
                for job in receiver {
                    job(&mut state);
                }
            })
            .map_err(|_| Unanswered::Died)?;
        sender.send(job).map_err(|_| Unanswered::Died)?;
        seat.jobs = Some(sender);
        Ok(running)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: Duration = Duration::from_millis(200);

    #[tokio::test]
    async fn answers_in_the_order_of_the_questions() {
        let worker = Worker::with_limit(Vec::new, LIMIT);
        for number in 0..3 {
            worker.ask(Act::Writes, move |seen: &mut Vec<i32>| seen.push(number)).await.unwrap();
        }
        assert_eq!(worker.ask(Act::Writes, |seen| seen.clone()).await.unwrap(), [0, 1, 2]);
    }

    #[tokio::test]
    async fn a_held_call_is_told_once_and_then_at_once_until_it_ends() {
        let worker = Worker::with_limit(|| 0, SHORT);
        let (release, held) = mpsc::channel::<()>();
        let begun = Instant::now();
        let first = worker.ask(Act::Writes, move |count: &mut i32| {
            let _ = held.recv();
            *count += 1;
        });
        let queued = worker.ask(Act::Writes, |count| *count += 10);
        let (first, queued) = tokio::join!(first, queued);
        assert_eq!((first, queued), (Err(Unanswered::TooLate), Err(Unanswered::TooLate)));
        assert!(begun.elapsed() >= SHORT && begun.elapsed() < LIMIT);

        let again = Instant::now();
        for _ in 0..100 {
            assert_eq!(worker.ask(Act::Writes, |_| ()).await, Err(Unanswered::TooLate));
        }
        assert!(again.elapsed() < SHORT * 20, "nobody waits behind a held call");

        release.send(()).unwrap();
        while worker.is_held() {
            tokio::task::yield_now().await;
        }
        let count = worker.ask(Act::Writes, |count| *count).await.unwrap();
        assert_eq!(count, 1, "the held call ended; the one whose asker had gone was left out");
    }

    #[tokio::test]
    async fn an_asker_who_went_away_does_not_hide_a_held_call() {
        let worker = Worker::with_limit(|| (), SHORT);
        let (_release, held) = mpsc::channel::<()>();
        let gone = worker.ask(Act::Writes, move |()| held.recv().is_ok());
        assert!(tokio::time::timeout(SHORT / 10, gone).await.is_err());
        let begun = Instant::now();
        assert_eq!(worker.ask(Act::Writes, |()| ()).await, Err(Unanswered::TooLate));
        assert!(begun.elapsed() < LIMIT);
    }

    #[tokio::test]
    async fn a_reader_that_is_held_is_left_and_a_writer_is_not() {
        for act in [Act::Reads, Act::Writes] {
            let worker = Worker::with_limit(|| 0, SHORT);
            let (release, held) = mpsc::channel::<()>();
            let first = worker.ask(act, move |count: &mut i32| {
                let _ = held.recv();
                *count += 1;
            });
            assert_eq!(first.await, Err(Unanswered::TooLate));
            worker.leave_reading();
            let next = worker.ask(Act::Reads, |count| *count).await;
            assert_eq!(next, if act == Act::Reads { Ok(0) } else { Err(Unanswered::TooLate) }, "{act:?}");
            drop(release);
        }
    }

    #[tokio::test]
    async fn a_panic_costs_one_call() {
        let worker = Worker::with_limit(|| 7, LIMIT);
        assert_eq!(
            worker.ask(Act::Writes, |_: &mut i32| -> i32 { panic!("as a library might") }).await,
            Err(Unanswered::Died)
        );
        // The thread may still be on its way out: a question in that moment dies with it.
        let answer = loop {
            match worker.ask(Act::Writes, |number| *number).await {
                Err(Unanswered::Died) => tokio::task::yield_now().await,
                answer => break answer,
            }
        };
        assert_eq!(answer, Ok(7));
    }
}
