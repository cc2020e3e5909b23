//! Many orders of the same steps: tasks of several processes that need a fresh token at once, in every interleaving that chance finds.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use shuttle::sync::Mutex;

use super::{
    model::soak,
    played::{House, number},
    *,
};
use crate::http::HttpClient;

const PROCESSES: u32 = 2;
const TASKS: u32 = 2;

/// The account's lock, as the kernel gives it: one holder, whoever comes next waits.
#[derive(Clone, Default)]
struct Kernel(Arc<Mutex<()>>);

/// What one task does that needs a token: as `AuthorizedClient` does.
fn need(renewing: Renewing, kernel: &Kernel) -> Result<u64, Error> {
    shuttle::future::block_on(async {
        let stored = renewing.current().await?;
        if freshness(&stored, None, renewing.now()) == Freshness::Fresh {
            return Ok(number(&stored));
        }
        let held = kernel.0.lock().expect("nobody panics");
        let done = renewing.run((), Want::Fresh(None)).await;
        drop(held);
        done.map(|done| number(&done.credential))
    })
}

/// All tasks at once; one of them may lose its answer, and asks again.
fn all_at_once(http: &HttpClient, lost: bool) {
    let (house, kernel) = (House::new(shuttle::thread::yield_now), Kernel::default());
    if lost {
        house.world().weather = super::played::Weather::Lost;
    }
    let tasks: Vec<_> = (0..PROCESSES)
        .flat_map(|_| {
            let process = house.process(http);
            (0..TASKS).map(move |_| process.clone())
        })
        .map(|process| {
            let kernel = kernel.clone();
            shuttle::thread::spawn(move || need(process.clone(), &kernel).or_else(|_| need(process, &kernel)))
        })
        .collect();
    for task in tasks {
        let number = task.join().expect("no task panics").expect("everybody gets a token");
        assert_eq!(number, 2, "the same new token for all");
    }
    let world = house.world();
    assert_eq!(world.uses.values().sum::<u32>(), 1, "one question to the provider");
    assert_eq!(world.asked, 1 + u32::from(lost), "and one to the broker, but for the answer that was lost");
    assert_eq!((world.kept, world.current, world.deletions), (Some(2), 2, 0));
    assert!(world.open.is_none(), "the journal is closed");
}

#[test]
fn every_schedule_asks_once_and_serves_all() {
    let http = HttpClient::new([]).unwrap();
    let schedules = if soak() { 100_000 } else { 10_000 };
    let played = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&played);
    shuttle::check_random(
        move || {
            let number = count.fetch_add(1, Ordering::Relaxed);
            all_at_once(&http, number % 2 == 1);
        },
        schedules,
    );
    println!(
        "schedules: {} of {PROCESSES} processes with {TASKS} tasks each, 0 violations",
        played.load(Ordering::Relaxed)
    );
}
