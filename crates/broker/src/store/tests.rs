//! What every form of the store must do, and what each does alone.

mod file;
#[cfg(unix)]
mod redis;

use std::{future::poll_fn, task::Poll};

use super::*;

const SESSION: SessionId = SessionId([1; 16]);
/// A clock far from the machine's own: nothing may lean on that one.
const NOW: i64 = 4_000_000_000;

fn session(id: u8, subject: &str) -> SessionRecord {
    SessionRecord {
        id: SessionId([id; 16]),
        subject: subject.to_owned(),
        first_use: NOW,
        last_use: NOW,
        expires_at: NOW + 100,
        revoked_since: None,
    }
}

fn copy(index: u8, session: u8, expires_at: i64) -> ReplayCopy {
    let sealed = vec![0, index, b'\r', b'\n', 255];
    ReplayCopy { index: [index; 32], next: [index | 128; 32], session: SessionId([session; 16]), sealed, expires_at }
}

/// All of it, against an empty store.
async fn conforms(store: &dyn Store) {
    store.ready().await.expect("it is there");
    claims(store).await;
    sessions(store).await;
    revocations(store).await;
    copies(store).await;
    leases(store).await;
    budgets(store).await;
}

async fn claims(store: &dyn Store) {
    let claim = async |kind, id, now, expires_at| store.claim((kind, [id; 16]), now, expires_at).await.expect("room");
    assert!(claim(ClaimKind::Return, 1, NOW, NOW + 60).await);
    assert!(!claim(ClaimKind::Return, 1, NOW, NOW + 60).await, "once");
    assert!(!claim(ClaimKind::Return, 1, NOW + 59, NOW + 120).await, "and not moved by the refusal");
    assert!(claim(ClaimKind::Grant, 1, NOW, NOW + 60).await, "another kind");
    assert!(claim(ClaimKind::Code, 1, NOW, NOW + 600).await, "another kind");
    assert!(claim(ClaimKind::Return, 2, NOW, NOW + 60).await, "another id");
    assert!(claim(ClaimKind::Return, 1, NOW + 60, NOW + 120).await, "the old one is over");
    assert!(!claim(ClaimKind::Return, 1, NOW + 119, NOW + 200).await);
    assert!(!claim(ClaimKind::Code, 1, NOW + 599, NOW + 900).await, "swept too early");
    let parallel = (0..64).map(|_| claim(ClaimKind::Grant, 9, NOW + 600, NOW + 660));
    assert_eq!(all(parallel).await.into_iter().filter(|won| *won).count(), 1);
}

async fn sessions(store: &dyn Store) {
    let uses = async |now, expires_at| store.use_session(SESSION, now, expires_at).await.expect("it answers");
    assert!(!uses(NOW, NOW + 100).await, "unknown");
    store.open_session(session(1, "zoom:ana")).await.expect("room");
    assert!(uses(NOW, NOW + 100).await);
    assert!(uses(NOW + 99, NOW + 199).await, "at the last moment");
    assert!(uses(NOW + 198, NOW + 150).await, "an expiry never comes nearer");
    assert!(uses(NOW + 50, NOW + 150).await, "another's clock is behind");
    let expected = SessionRecord { last_use: NOW + 198, expires_at: NOW + 199, ..session(1, "zoom:ana") };
    assert_eq!(store.sessions(None, NOW + 198).await.expect("a list"), [expected]);
    let parallel = (0..64).map(|_| uses(NOW + 198, NOW + 199));
    assert!(all(parallel).await.into_iter().all(|stands| stands));
    assert!(!uses(NOW + 199, NOW + 299).await, "idle for too long");
    assert_eq!(store.sessions(None, NOW + 199).await.expect("a list"), [], "over");
    assert_eq!(store.revoke(Target::All, NOW + 199).await.expect("it answers"), 0, "nothing is left to end");
}

async fn revocations(store: &dyn Store) {
    let now = NOW + 1_000;
    let late = |id, subject| {
        let record = session(id, subject);
        SessionRecord { first_use: now, last_use: now, expires_at: now + 100, ..record }
    };
    let stands = async |id| store.use_session(SessionId([id; 16]), now, now + 100).await.expect("it answers");
    let revoke = async |target| store.revoke(target, now).await.expect("it answers");
    for record in [late(14, "a:ana"), late(12, "a:ana"), late(13, "a:bea"), late(11, "a:cem"), late(15, "a:")] {
        store.open_session(record).await.expect("room");
    }
    let ids = |records: Vec<SessionRecord>| records.iter().map(|record| record.id.0[0]).collect::<Vec<_>>();
    assert_eq!(ids(store.sessions(None, now).await.expect("a list")), [11, 12, 13, 14, 15], "in order");
    assert_eq!(ids(store.sessions(Some("a:ana".into()), now).await.expect("a list")), [12, 14]);
    assert_eq!(store.sessions(Some("a:an".into()), now).await.expect("a list"), []);

    assert_eq!(revoke(Target::Session(SessionId([11; 16]))).await, 1);
    assert_eq!(revoke(Target::Session(SessionId([11; 16]))).await, 0, "once");
    assert_eq!(revoke(Target::Session(SessionId([99; 16]))).await, 0, "unknown");
    assert!(!stands(11).await && stands(12).await);
    assert_eq!(revoke(Target::Subject("a:ana".into())).await, 2);
    assert_eq!(revoke(Target::Subject("a:nobody".into())).await, 0);
    assert!(!stands(12).await && !stands(14).await && stands(13).await);
    store.open_session(late(16, "a:ana")).await.expect("room");
    assert!(stands(16).await, "a new sign-in of the same person");
    let listed = store.sessions(Some("a:ana".into()), now).await.expect("a list");
    let since: Vec<_> = listed.iter().map(|record| record.revoked_since).collect();
    assert_eq!(since, [Some(now), Some(now), None], "revoked ones are listed");

    assert_eq!(revoke(Target::All).await, 3, "13, 15 and 16");
    for id in 11..=16 {
        assert!(!stands(id).await);
    }
    store.open_session(late(17, "a:ana")).await.expect("room");
    assert!(stands(17).await, "what comes later stands");
    assert!(!stands(13).await, "and nothing comes back");
    let listed = store.sessions(None, now).await.expect("a list");
    assert_eq!(listed.iter().filter(|record| record.revoked_since == Some(now)).count(), 6);
    assert_eq!(store.revoke(Target::All, now + 100).await.expect("it answers"), 0, "17 was over");
}

async fn copies(store: &dyn Store) {
    let now = NOW + 2_000;
    let keep = async |copy| store.keep_copy(copy, now).await.expect("room");
    let find = async |index: u8, now| store.copy([index; 32], now).await.expect("it answers");
    keep(copy(1, 20, now + 100)).await;
    assert_eq!(find(1, now + 99).await, Some(copy(1, 20, 0).sealed), "byte for byte");
    assert_eq!((find(1, now + 100).await, find(9, now).await), (None, None), "over, and unknown");
    for index in 2..=7 {
        keep(copy(index, 20, now + 100)).await;
    }
    assert_eq!(find(1, now).await, None, "six of a session");
    for index in 2..=7 {
        assert!(find(index, now).await.is_some());
    }
    keep(copy(2, 20, now + 300)).await;
    keep(copy(8, 20, now + 100)).await;
    assert!(find(2, now + 200).await.is_some(), "kept again, it is the youngest but one");
    assert!(find(3, now).await.is_none() && find(4, now).await.is_some());
    for index in 40..=45 {
        keep(ReplayCopy { next: [index + 1; 32], ..copy(index, 23, now + 100) }).await;
    }
    assert!(find(40, now).await.is_none() && find(41, now).await.is_none(), "what four have followed has arrived");
    for index in 42..=45 {
        assert!(find(index, now).await.is_some(), "{index}");
    }

    for (id, subject) in [(20, "c:ana"), (21, "c:bea"), (22, "c:cem")] {
        let record = session(id, subject);
        let record = SessionRecord { first_use: now, last_use: now, expires_at: now + 500, ..record };
        store.open_session(record).await.expect("room");
    }
    keep(copy(31, 21, now + 100)).await;
    keep(copy(32, 22, now + 100)).await;
    assert_eq!(store.revoke(Target::Session(SessionId([20; 16])), now).await.expect("it answers"), 1);
    assert!(find(2, now).await.is_none() && find(31, now).await.is_some(), "they go with their session");
    assert_eq!(store.revoke(Target::Subject("c:bea".into()), now).await.expect("it answers"), 1);
    assert!(find(31, now).await.is_none() && find(32, now).await.is_some());
    assert_eq!(store.revoke(Target::All, now).await.expect("it answers"), 1);
    assert!(find(32, now).await.is_none());
}

/// That they exclude each other is told where there are several instances.
async fn leases(store: &dyn Store) {
    let Some(leases) = store.leases() else { return };
    assert!(leases.lease([7; 32], [1; 16], 30).await.expect("it answers"));
    leases.release([7; 32], [2; 16]).await.expect("another's release is no failure");
    leases.release([7; 32], [1; 16]).await.expect("it answers");
    assert!(leases.lease([7; 32], [2; 16], 30).await.expect("it answers"), "given back");
    leases.release([7; 32], [2; 16]).await.expect("it answers");
    leases.release([7; 32], [2; 16]).await.expect("twice is no failure");
}

async fn budgets(store: &dyn Store) {
    let rate = Rate { per_second: 2.0, burst: 3.0 };
    let take = async |key, rate, now| store.take([key; 16], rate, now).await.expect("it answers");
    for _ in 0..3 {
        assert_eq!(take(1, rate, NOW).await, Ok(()));
    }
    assert_eq!(take(1, rate, NOW).await, Err(1));
    assert_eq!([take(1, rate, NOW + 1).await, take(1, rate, NOW + 1).await], [Ok(()); 2]);
    assert_eq!(take(1, rate, NOW + 1).await, Err(1));
    assert_eq!(take(2, rate, NOW).await, Ok(()), "another's is its own");
    assert_eq!([take(1, rate, NOW).await, take(1, rate, NOW + 100).await], [Err(1), Ok(())], "a clock set back");
    let slow = Rate { per_second: 0.1, burst: 1.0 };
    assert_eq!([take(3, slow, NOW).await, take(3, slow, NOW).await], [Ok(()), Err(10)]);
    assert_eq!([take(3, slow, NOW + 9).await, take(3, slow, NOW + 10).await], [Err(1), Ok(())]);
    let frequent = Rate { per_second: 1_000.0, burst: 64.0 };
    let parallel = (0..80).map(|_| take(4, frequent, NOW));
    assert_eq!(all(parallel).await.into_iter().flatten().count(), 64);
}

/// All at once, in one task.
async fn all<T>(futures: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
    let mut futures: Vec<_> = futures.map(|future| (Box::pin(future), None)).collect();
    poll_fn(|context| {
        for (future, value) in futures.iter_mut().filter(|(_, value)| value.is_none()) {
            if let Poll::Ready(ready) = future.as_mut().poll(context) {
                *value = Some(ready);
            }
        }
        if futures.iter().all(|(_, value)| value.is_some()) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    futures.into_iter().filter_map(|(_, value)| value).collect()
}

#[tokio::test]
async fn the_memory_conforms() {
    conforms(&MemoryStore::new(CLAIMS)).await;
}
