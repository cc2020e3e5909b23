//! The file: what a crash leaves, and which files are refused.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::*;
use crate::random;

/// A folder for one test, removed with all that is in it.
pub(super) struct Folder(pub(super) PathBuf);

impl Folder {
    pub(super) fn new() -> Self {
        let name = format!("convoke-store-{:032x}", u128::from_be_bytes(random::bytes()));
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).expect("a folder");
        Self(path)
    }

    fn file(&self) -> PathBuf {
        self.0.join("store")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

async fn open(path: &Path) -> FileStore {
    FileStore::open(path).await.expect("it opens")
}

async fn refusal(path: &Path) -> String {
    let error = FileStore::open(path).await.err().expect("it is refused");
    assert_eq!(error.key(), "STORE");
    let sentence = error.to_string();
    assert!(sentence.starts_with("STORE names ") && sentence.contains(&path.display().to_string()), "{sentence}");
    sentence
}

/// What `kill -9` leaves of an open file, as a file that can be opened.
fn wreck(folder: &Folder, name: &str) -> PathBuf {
    let copy = folder.0.join(name);
    for ending in ["", "-wal"] {
        let from = PathBuf::from(format!("{}{ending}", folder.file().display()));
        fs::copy(from, format!("{}{ending}", copy.display())).expect("copied");
    }
    copy
}

#[tokio::test]
async fn the_file_conforms() {
    let folder = Folder::new();
    conforms(&open(&folder.file()).await).await;
}

#[tokio::test]
async fn what_was_answered_survives_kill() {
    let folder = Folder::new();
    let store = open(&folder.file()).await;
    assert!(store.claim((ClaimKind::Grant, [1; 16]), NOW, NOW + 60).await.expect("room"));
    for (id, subject) in [(1, "ana"), (2, "bea")] {
        store.open_session(session(id, subject)).await.expect("room");
        store.keep_copy(copy(id, id, NOW + 90), NOW).await.expect("room");
    }
    assert_eq!(store.revoke(Target::Subject("bea".into()), NOW + 1).await.expect("it answers"), 1);
    assert!(store.use_session(SESSION, NOW + 30, NOW + 130).await.expect("it answers"), "not yet in the file");
    let wreck = open(&wreck(&folder, "wreck")).await;
    assert!(!wreck.claim((ClaimKind::Grant, [1; 16]), NOW, NOW + 60).await.expect("room"));
    let revoked = SessionRecord { revoked_since: Some(NOW + 1), ..session(2, "bea") };
    assert_eq!(wreck.sessions(None, NOW).await.expect("a list"), [session(1, "ana"), revoked], "but for the last use");
    assert!(wreck.use_session(SESSION, NOW + 50, NOW + 150).await.expect("it answers"));
    assert!(!wreck.use_session(SessionId([2; 16]), NOW, NOW + 100).await.expect("it answers"));
    assert!(wreck.copy([1; 32], NOW).await.expect("it answers").is_some());
    assert!(wreck.copy([2; 32], NOW).await.expect("it answers").is_none());
}

#[tokio::test]
async fn a_use_is_in_the_file_after_a_minute_and_after_a_stop() {
    let folder = Folder::new();
    let store = open(&folder.file()).await;
    store.open_session(session(1, "ana")).await.expect("room");
    assert!(store.use_session(SESSION, NOW + 30, NOW + 130).await.expect("it answers"));
    assert!(store.claim((ClaimKind::Grant, [1; 16]), NOW + 60, NOW + 120).await.expect("room"), "its sweep writes");
    let last_use = async |store: &FileStore| store.sessions(None, NOW + 60).await.expect("a list")[0].last_use;
    assert_eq!(last_use(&open(&wreck(&folder, "wreck")).await).await, NOW + 30);
    assert!(store.use_session(SESSION, NOW + 70, NOW + 170).await.expect("it answers"));
    drop(store);
    assert_eq!(last_use(&open(&folder.file()).await).await, NOW + 70);
}

#[tokio::test]
async fn what_is_over_leaves_the_file() {
    let folder = Folder::new();
    let store = open(&folder.file()).await;
    store.open_session(session(1, "ana")).await.expect("room");
    store.keep_copy(copy(1, 1, NOW + 90), NOW).await.expect("room");
    assert!(store.claim((ClaimKind::Grant, [1; 16]), NOW, NOW + 60).await.expect("room"));
    assert!(store.claim((ClaimKind::Grant, [2; 16]), NOW + 200, NOW + 260).await.expect("room"));
    drop(store);
    let file = rusqlite::Connection::open(folder.file()).expect("it opens");
    let rows = |table: &str| {
        let count = format!("SELECT count(*) FROM {table}");
        file.query_row(&count, [], |row| row.get::<_, i64>(0)).expect("a number")
    };
    assert_eq!([rows("claims"), rows("sessions"), rows("copies")], [1, 0, 0]);
}

#[tokio::test]
async fn the_oldest_copies_make_room() {
    let folder = Folder::new();
    let store = FileStore::with_room(&folder.file(), 12).await.expect("it opens");
    for index in 1..=3 {
        store.keep_copy(copy(index, index, NOW + 90), NOW).await.expect("room");
    }
    drop(store);
    let store = FileStore::with_room(&folder.file(), 12).await.expect("it opens");
    store.keep_copy(copy(4, 4, NOW + 90), NOW).await.expect("room");
    let mut found = Vec::new();
    for index in 1..=4 {
        found.push(store.copy([index; 32], NOW).await.expect("it answers").is_some());
    }
    assert_eq!(found, [false, false, true, true], "five bytes each in twelve");
}

#[tokio::test]
async fn a_second_instance_is_refused() {
    let folder = Folder::new();
    let store = open(&folder.file()).await;
    assert!(refusal(&folder.file()).await.contains("which another instance has open"));
    store.ready().await.expect("the first one goes on");
    assert!(store.claim((ClaimKind::Grant, [1; 16]), NOW, NOW + 60).await.expect("room"));
    drop(store);
    open(&folder.file()).await.ready().await.expect("it is free again");
}

#[cfg(unix)]
#[tokio::test]
async fn the_file_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::new();
    let store = open(&folder.file()).await;
    assert!(store.claim((ClaimKind::Grant, [1; 16]), NOW, NOW + 60).await.expect("room"));
    for entry in fs::read_dir(&folder.0).expect("a folder") {
        let entry = entry.expect("an entry");
        let mode = entry.metadata().expect("metadata").permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{:?}", entry.path());
    }
    drop(store);
    fs::set_permissions(folder.file(), fs::Permissions::from_mode(0o640)).expect("changed");
    assert!(refusal(&folder.file()).await.contains("give it mode 0600"));
}

#[tokio::test]
async fn a_file_that_is_no_store_is_refused_and_left_alone() {
    let folder = Folder::new();
    let write = |bytes: &[u8]| {
        drop(open_private(&folder.file()));
        fs::write(folder.file(), bytes).expect("written");
    };
    let garbage = [b'x'; 8192];
    write(&garbage);
    assert!(refusal(&folder.file()).await.contains("which is damaged or not a store"));
    assert_eq!(fs::read(folder.file()).expect("it is there"), garbage);

    write(b"");
    let set = |pragmas: &str| {
        let file = rusqlite::Connection::open(folder.file()).expect("it opens");
        file.execute_batch(pragmas).expect("set");
    };
    set("CREATE TABLE notes (text TEXT)");
    assert!(refusal(&folder.file()).await.contains("which is another program's file"));
    fs::remove_file(folder.file()).expect("removed");

    drop(open(&folder.file()).await);
    set("PRAGMA user_version = 99");
    assert!(refusal(&folder.file()).await.contains("which a newer broker wrote"));
    set("PRAGMA user_version = -1");
    assert!(refusal(&folder.file()).await.contains("which a newer broker wrote"));

    assert!(refusal(&folder.0).await.contains("which is not a file"));
    assert!(refusal(&folder.0.join("no").join("store")).await.contains("which can not be made"));
}

fn open_private(path: &Path) -> fs::File {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).expect("a file")
}
