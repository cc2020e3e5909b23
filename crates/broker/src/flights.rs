//! One upstream call for equal refreshes in flight: whoever comes second waits for the first one's answer.
//!
//! The call runs in a task of its own: a client that goes away does not cut it, since a rotated token would be lost with it.

use std::{
    collections::HashMap,
    future::Future,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::watch;

use crate::store::ReplayIndex;

/// Calls in flight by what they ask.
pub(crate) struct Flights<T> {
    flights: Arc<Mutex<HashMap<ReplayIndex, watch::Receiver<Option<T>>>>>,
}

impl<T> Default for Flights<T> {
    fn default() -> Self {
        Self { flights: Arc::default() }
    }
}

impl<T: Clone + Send + Sync + 'static> Flights<T> {
    /// The outcome of the call that `index` names: of the one in flight, or of `call`. `None` where the task died.
    pub(crate) async fn join<F>(&self, index: ReplayIndex, call: impl FnOnce() -> F) -> Option<T>
    where
        F: Future<Output = T> + Send + 'static,
    {
        let mut outcome = {
            let mut flights = self.flights.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(outcome) = flights.get(&index) {
                outcome.clone()
            } else {
                let (sender, outcome) = watch::channel(None);
                flights.insert(index, outcome.clone());
                let landing = Landing { flights: Arc::clone(&self.flights), index };
                let call = call();
                tokio::spawn(async move {
                    let told = call.await;
                    // First out of the map: whoever comes from here on asks anew, and finds what was kept.
                    drop(landing);
                    let _ = sender.send(Some(told));
                });
                outcome
            }
        };
        outcome.wait_for(Option::is_some).await.ok().and_then(|told| told.clone())
    }

    /// Waits until nothing is in flight.
    pub(crate) async fn landed(&self) {
        loop {
            let one = self.flights.lock().unwrap_or_else(PoisonError::into_inner).values().next().cloned();
            let Some(mut one) = one else { return };
            let _ = one.wait_for(Option::is_some).await;
        }
    }
}

/// Takes a call out of the map, also where it panics.
struct Landing<T> {
    flights: Arc<Mutex<HashMap<ReplayIndex, watch::Receiver<Option<T>>>>>,
    index: ReplayIndex,
}

impl<T> Drop for Landing<T> {
    fn drop(&mut self) {
        self.flights.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.index);
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

    #[tokio::test]
    async fn a_call_that_dies_holds_nobody() {
        let flights = Flights::<usize>::default();
        assert_eq!(flights.join([1; 32], || async { panic!("dies") }).await, None);
        assert_eq!(flights.join([1; 32], || async { 7 }).await, Some(7));
        flights.landed().await;
    }
}
