//! One upstream call for equal refreshes in flight: whoever comes second waits for the first one's answer.
//!
//! The call runs in the task of whoever asked first, and in one of its own from the moment they go away: a client that hangs
//! up does not cut it, since a rotated token would be lost with it.

use std::{
    collections::{HashMap, hash_map::Entry},
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, ready},
    thread,
};

use tokio::{
    runtime::Handle,
    sync::{Notify, oneshot},
};

use crate::store::ReplayIndex;

/// Calls in flight by what they ask.
pub(crate) struct Flights<T>(Arc<Shared<T>>);

struct Shared<T> {
    /// Those who wait beside the one who asked first.
    waiting: Mutex<HashMap<ReplayIndex, Vec<oneshot::Sender<T>>>>,
    landed: Notify,
}

impl<T> Default for Flights<T> {
    fn default() -> Self {
        Self(Arc::new(Shared { waiting: Mutex::default(), landed: Notify::new() }))
    }
}

impl<T: Clone + Send + 'static> Flights<T> {
    /// The outcome of the call that `index` names: of the one in flight, or of `call`. `None` where the one in flight died.
    pub(crate) fn join<F>(&self, index: ReplayIndex, call: impl FnOnce() -> F) -> Joined<F, T>
    where
        F: Future<Output = T> + Send + 'static,
    {
        match self.0.lock().entry(index) {
            Entry::Occupied(mut waiting) => {
                let (teller, told) = oneshot::channel();
                waiting.get_mut().push(teller);
                return Joined::Waiting(told);
            }
            Entry::Vacant(free) => drop(free.insert(Vec::new())),
        }
        let landing = Landing { shared: Arc::clone(&self.0), index: Some(index) };
        Joined::Flying(UnderWay(Some((Box::pin(call()), landing))))
    }

    /// Waits until nothing is in flight.
    pub(crate) async fn landed(&self) {
        loop {
            let landed = self.0.landed.notified();
            if self.0.lock().is_empty() {
                return;
            }
            landed.await;
        }
    }
}

impl<T> Shared<T> {
    fn lock(&self) -> MutexGuard<'_, HashMap<ReplayIndex, Vec<oneshot::Sender<T>>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An outcome that is awaited.
pub(crate) enum Joined<F, T>
where
    F: Future<Output = T> + Send + 'static,
    T: Clone + Send + 'static,
{
    Waiting(oneshot::Receiver<T>),
    Flying(UnderWay<F, T>),
}

impl<F, T> Future for Joined<F, T>
where
    F: Future<Output = T> + Send + 'static,
    T: Clone + Send + 'static,
{
    type Output = Option<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        match &mut *self {
            Self::Waiting(told) => Pin::new(told).poll(context).map(Result::ok),
            Self::Flying(flight) => Pin::new(flight).poll(context).map(Some),
        }
    }
}

/// A call that goes on by itself when nobody awaits it any more.
pub(crate) struct UnderWay<F, T>(Option<(Pin<Box<F>>, Landing<T>)>)
where
    F: Future<Output = T> + Send + 'static,
    T: Clone + Send + 'static;

impl<F, T> Future for UnderWay<F, T>
where
    F: Future<Output = T> + Send + 'static,
    T: Clone + Send + 'static,
{
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        let (call, landing) = self.0.as_mut().expect("it is not awaited after its end");
        let outcome = ready!(call.as_mut().poll(context));
        landing.tell(&outcome);
        self.0 = None;
        Poll::Ready(outcome)
    }
}

impl<F, T> Drop for UnderWay<F, T>
where
    F: Future<Output = T> + Send + 'static,
    T: Clone + Send + 'static,
{
    fn drop(&mut self) {
        if let Some((call, mut landing)) = self.0.take()
            && !thread::panicking()
            && let Ok(runtime) = Handle::try_current()
        {
            // Not as one of these again: a runtime that ends drops what it is given at once.
            runtime.spawn(async move { landing.tell(&call.await) });
        }
    }
}

/// Takes a call out of the map, also where it panics, and once: the next one of that name may be in it already.
struct Landing<T> {
    shared: Arc<Shared<T>>,
    index: Option<ReplayIndex>,
}

impl<T: Clone> Landing<T> {
    /// First out of the map: whoever comes from here on asks anew, and finds what was kept.
    fn tell(&mut self, outcome: &T) {
        for teller in self.take() {
            let _ = teller.send(outcome.clone());
        }
    }
}

impl<T> Landing<T> {
    fn take(&mut self) -> Vec<oneshot::Sender<T>> {
        let Some(index) = self.index.take() else { return Vec::new() };
        let waiting = self.shared.lock().remove(&index);
        self.shared.landed.notify_waiters();
        waiting.unwrap_or_default()
    }
}

impl<T> Drop for Landing<T> {
    fn drop(&mut self) {
        drop(self.take());
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::sync::Semaphore;

    use super::*;

    #[tokio::test]
    async fn sixty_four_at_once_are_one_call() {
        let flights = Arc::new(Flights::<usize>::default());
        let calls = Arc::new(AtomicUsize::new(0));
        let gate = Arc::new(Semaphore::new(0));
        let mut tasks = Vec::new();
        for _ in 0..64 {
            let (flights, calls, gate) = (Arc::clone(&flights), Arc::clone(&calls), Arc::clone(&gate));
            tasks.push(tokio::spawn(async move {
                flights
                    .join([1; 32], || async move {
                        gate.acquire().await.expect("open").forget();
                        calls.fetch_add(1, Ordering::SeqCst) + 1
                    })
                    .await
            }));
        }
        tokio::task::yield_now().await;
        // The first one's client goes away; the call goes on.
        tasks.remove(0).abort();
        gate.add_permits(64);
        for task in tasks {
            assert_eq!(task.await.expect("whole"), Some(1));
        }
        flights.landed().await;
        assert_eq!(flights.join([1; 32], || async { 7 }).await, Some(7), "the next one asks anew");
    }

    /// An outcome that asks again at the moment when it is handed on.
    struct Eager(Arc<dyn Fn() + Send + Sync>);

    impl Clone for Eager {
        fn clone(&self) -> Self {
            (self.0)();
            Self(Arc::clone(&self.0))
        }
    }

    #[tokio::test]
    async fn a_landing_leaves_the_next_call_alone() {
        let flights = Arc::new(Flights::<Eager>::default());
        let next = Arc::new(Mutex::new(None));
        let (again, kept) = (Arc::clone(&flights), Arc::clone(&next));
        let ask_again = Eager(Arc::new(move || {
            let joined = again.join([1; 32], std::future::pending::<Eager>);
            assert!(matches!(joined, Joined::Flying(_)));
            *kept.lock().expect("whole") = Some(joined);
        }));
        let gate = Arc::new(Semaphore::new(0));
        let its_gate = Arc::clone(&gate);
        let first = flights.join([1; 32], || async move {
            its_gate.acquire().await.expect("open").forget();
            ask_again
        });
        let second = flights.join([1; 32], std::future::pending::<Eager>);
        gate.add_permits(1);
        assert!(first.await.is_some() && second.await.is_some());
        let third = flights.join([1; 32], std::future::pending::<Eager>);
        assert!(matches!(third, Joined::Waiting(_)), "the next call is still in flight");
        drop(next.lock().expect("whole").take());
    }

    #[test]
    fn a_runtime_may_end_with_a_call_under_way() {
        for workers in [false, true] {
            let mut builder = if workers {
                tokio::runtime::Builder::new_multi_thread()
            } else {
                tokio::runtime::Builder::new_current_thread()
            };
            let runtime = builder.build().expect("a runtime");
            let flights = Arc::new(Flights::<usize>::default());
            let its = Arc::clone(&flights);
            runtime.block_on(async move {
                let asking = tokio::spawn(async move { its.join([1; 32], std::future::pending).await });
                tokio::task::yield_now().await;
                drop(asking);
                tokio::task::yield_now().await;
            });
            drop(runtime);
            assert!(flights.0.lock().is_empty());
        }
    }

    #[tokio::test]
    async fn a_call_that_dies_holds_nobody() {
        let flights = Arc::new(Flights::<usize>::default());
        let gate = Arc::new(Semaphore::new(0));
        let (first, its_gate) = (Arc::clone(&flights), Arc::clone(&gate));
        let dying = tokio::spawn(async move {
            let call = || async move {
                its_gate.acquire().await.expect("open").forget();
                panic!("dies")
            };
            first.join([1; 32], call).await
        });
        tokio::task::yield_now().await;
        let second = Arc::clone(&flights);
        let waiting = tokio::spawn(async move { second.join([1; 32], || async { 8 }).await });
        tokio::task::yield_now().await;
        gate.add_permits(1);
        assert!(dying.await.is_err());
        assert_eq!(waiting.await.expect("whole"), None);
        assert_eq!(flights.join([1; 32], || async { 7 }).await, Some(7));
        flights.landed().await;
    }
}
