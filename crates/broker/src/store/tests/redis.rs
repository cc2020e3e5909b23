//! A real Redis: that instances see each other, and what happens while it is away.

use std::{
    os::unix::net::UnixStream,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

use super::{file::Folder, *};
use ::redis;

/// A server of one test, on a socket in a folder of its own.
struct RedisServer {
    child: Child,
    folder: Folder,
}

impl RedisServer {
    fn start() -> Self {
        let folder = Folder::new();
        Self { child: spawn(&folder), folder }
    }

    fn address(&self) -> String {
        format!("redis+unix://{}", socket(&self.folder).display())
    }

    async fn open(&self) -> RedisStore {
        RedisStore::open(&self.address().into()).await.expect("it answers")
    }

    fn stop(&mut self) {
        self.child.kill().expect("it ran");
        self.child.wait().expect("it ended");
    }

    fn start_again(&mut self) {
        self.child = spawn(&self.folder);
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("it runs");
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn socket(folder: &Folder) -> PathBuf {
    folder.0.join("redis.sock")
}

fn spawn(folder: &Folder) -> Child {
    let mut command = Command::new("redis-server");
    command.args(["--port", "0", "--save", "", "--appendonly", "no", "--unixsocketperm", "700", "--dir"]);
    command.arg(&folder.0).arg("--unixsocket").arg(socket(folder));
    let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let child = child.expect("redis-server is needed: scripts/install-missing installs it");
    let begun = Instant::now();
    while UnixStream::connect(socket(folder)).is_err() {
        assert!(begun.elapsed() < Duration::from_secs(20), "redis-server does not listen");
        std::thread::sleep(Duration::from_millis(10));
    }
    child
}

#[tokio::test]
async fn redis_conforms() {
    let server = RedisServer::start();
    conforms(&server.open().await).await;
}

#[tokio::test]
async fn instances_see_each_other() {
    let server = RedisServer::start();
    let (one, other) = (server.open().await, server.open().await);
    assert!(one.claim((ClaimKind::Grant, [1; 16]), NOW, NOW + 60).await.expect("room"));
    assert!(!other.claim((ClaimKind::Grant, [1; 16]), NOW, NOW + 60).await.expect("room"));
    let claims = (0..64).map(|at| if at % 2 == 0 { &one } else { &other });
    let claims = claims.map(|store| store.claim((ClaimKind::Grant, [2; 16]), NOW, NOW + 60));
    assert_eq!(all(claims).await.into_iter().filter(|won| *won.as_ref().expect("room")).count(), 1);

    one.open_session(session(1, "ana")).await.expect("room");
    one.keep_copy(copy(1, 1, NOW + 90), NOW).await.expect("room");
    assert!(other.use_session(SESSION, NOW + 10, NOW + 110).await.expect("it answers"));
    assert_eq!(one.sessions(None, NOW).await.expect("a list")[0].last_use, NOW + 10);
    assert!(other.copy([1; 32], NOW).await.expect("it answers").is_some());
    assert_eq!(other.revoke(Target::All, NOW + 20).await.expect("it answers"), 1);
    assert!(!one.use_session(SESSION, NOW + 20, NOW + 120).await.expect("it answers"));
    assert!(one.copy([1; 32], NOW).await.expect("it answers").is_none());

    let lease = async |store: &RedisStore, owner| store.lease([1; 32], [owner; 16], 30).await.expect("it answers");
    assert!(lease(&one, 1).await && !lease(&other, 2).await);
    assert!(lease(&one, 1).await, "its own");
    other.release([1; 32], [2; 16]).await.expect("it answers");
    assert!(!lease(&other, 2).await, "not theirs to give back");
    one.release([1; 32], [1; 16]).await.expect("it answers");
    assert!(lease(&other, 2).await);
    assert!(one.lease([2; 32], [1; 16], 1).await.expect("it answers"));
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    assert!(other.lease([2; 32], [2; 16], 1).await.expect("it answers"), "it ends by itself");

    let rate = Rate { per_second: 1.0, burst: 2.0 };
    assert_eq!(one.take([1; 16], rate, NOW).await.expect("it answers"), Ok(()));
    assert_eq!(other.take([1; 16], rate, NOW).await.expect("it answers"), Ok(()));
    assert_eq!(one.take([1; 16], rate, NOW).await.expect("it answers"), Err(1));
}

#[tokio::test]
async fn many_sessions_are_listed_and_ended() {
    const MANY: u64 = 2_500;
    let server = RedisServer::start();
    let store = server.open().await;
    let open = (0..MANY).map(|at| {
        let mut record = session(0, &format!("subject {}", at % 2));
        record.id.0[..8].copy_from_slice(&at.to_be_bytes());
        store.open_session(record)
    });
    assert!(all(open).await.iter().all(Result::is_ok));
    let listed = store.sessions(None, NOW).await.expect("a list");
    assert!(listed.len() as u64 == MANY && listed.is_sorted_by_key(|record| record.id));
    let revoke = async |target| store.revoke(target, NOW).await.expect("it answers");
    assert_eq!(revoke(Target::Subject("subject 1".into())).await, MANY / 2);
    assert_eq!(revoke(Target::All).await, MANY / 2);
    let listed = store.sessions(None, NOW).await.expect("a list");
    assert!(listed.iter().all(|record| record.revoked_since == Some(NOW)));
}

#[tokio::test]
async fn every_key_ends_by_itself_and_lists_are_cleared() {
    let server = RedisServer::start();
    let store = server.open().await;
    conforms(&store).await;
    let last = SessionRecord { expires_at: NOW + 9_000, ..session(77, "z") };
    store.open_session(SessionRecord { first_use: NOW + 8_000, ..last }).await.expect("room");
    let client = redis::Client::open(server.address()).expect("an address");
    let mut connection = client.get_connection().expect("it answers");
    let keys: Vec<String> = redis::cmd("KEYS").arg("*").query(&mut connection).expect("keys");
    assert!(keys.len() > 10);
    for key in keys {
        assert!(key.starts_with("convoke:"), "{key}");
        let seconds: i64 = redis::cmd("TTL").arg(&key).query(&mut connection).expect("a number");
        assert!(seconds > 0, "{key} stays for ever");
    }
    let left: u64 = redis::cmd("ZCARD").arg("convoke:sessions").query(&mut connection).expect("a number");
    assert_eq!(left, 1);
}

#[tokio::test]
async fn a_server_that_was_away_is_used_again() {
    let mut server = RedisServer::start();
    let store = server.open().await;
    store.open_session(session(1, "ana")).await.expect("room");
    server.stop();
    server.start_again();
    let claim = async |id| store.claim((ClaimKind::Grant, [id; 16]), NOW, NOW + 60).await;
    assert!(claim(1).await.expect("at once, scripts and all"));
    server.stop();
    for _ in 0..3 {
        claim(2).await.expect_err("nobody is there");
        store.use_session(SESSION, NOW, NOW + 100).await.expect_err("nobody is there");
        store.ready().await.expect_err("nobody is there");
    }
    server.start_again();
    tokio::time::sleep(Duration::from_millis(150)).await;
    assert!(claim(2).await.expect("it is back"));
    store.ready().await.expect("it is back");
}

#[tokio::test]
async fn a_server_that_hangs_is_not_waited_for() {
    let server = RedisServer::start();
    let store = server.open().await;
    server.signal(Signal::STOP);
    let begun = Instant::now();
    let uses = (0..16).map(|_| store.use_session(SESSION, NOW, NOW + 100));
    assert!(all(uses).await.iter().all(Result::is_err));
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    store.ready().await.expect_err("it hangs");
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    server.signal(Signal::CONT);
    tokio::time::sleep(Duration::from_millis(150)).await;
    store.ready().await.expect("it goes on");
}

#[tokio::test]
async fn an_address_that_leads_nowhere_is_refused_without_a_word_of_it() {
    let folder = Folder::new();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let addresses = [
        (format!("redis+unix://{}", socket(&folder).display()), "does not answer"),
        (format!("redis://user:hunter2@127.0.0.1:{port}/0"), "does not answer"),
        ("redis://user:hunter2@:port/0".to_owned(), "must be redis://HOST"),
        // TLS to somebody who speaks none.
        (format!("rediss://user:hunter2@127.0.0.1:{port}/0"), "does not answer"),
    ];
    for (address, reason) in addresses {
        let error = RedisStore::open(&address.into()).await.err().expect("nobody is there");
        assert_eq!(error.key(), "STORE");
        assert!(error.to_string().contains(reason) && !error.to_string().contains("hunter2"), "{error}");
    }
}

#[tokio::test]
async fn a_wrong_password_is_told() {
    let server = RedisServer::start();
    let client = redis::Client::open(server.address()).expect("an address");
    let mut connection = client.get_connection().expect("it answers");
    let set = redis::cmd("CONFIG").arg("SET").arg("requirepass").arg("right").exec(&mut connection);
    set.expect("set");
    let with = |password: &str| format!("{}?pass={password}", server.address());
    RedisStore::open(&with("right").into()).await.expect("it opens").ready().await.expect("it answers");
    let error = RedisStore::open(&with("wrong").into()).await.err().expect("it is refused");
    assert_eq!(error.to_string(), "STORE names a Redis that refuses the user or the password.");
}
