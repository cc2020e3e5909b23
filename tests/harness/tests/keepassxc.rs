//! KeePassXC, seen through the client that the product uses.

mod keyring_client;

use convoke_harness::{KeePassXc, Session};

use crate::keyring_client::KeyringClient;

#[test]
fn keeps_replaces_and_deletes_across_a_restart() {
    let session = Session::without_keyring();
    let keepassxc = KeePassXc::start(&session);
    let mut client = KeyringClient::start(&session);
    assert_eq!(client.ask("read one"), "nothing");
    assert_eq!(client.ask("write one tea"), "done");
    assert_eq!(client.ask("read one"), "tea");
    assert_eq!(client.ask("write one coffee"), "done");
    assert_eq!(client.ask("read one"), "coffee");
    let items = keepassxc.items();
    assert_eq!(items.len(), 1);
    assert_eq!((items[0].0["username"].as_str(), items[0].1.as_slice()), ("one", &b"coffee"[..]));

    drop(keepassxc);
    let keepassxc = KeePassXc::start(&session);
    let mut client = KeyringClient::start(&session);
    assert_eq!(client.ask("read one"), "coffee", "it is in {}", keepassxc.database().display());
    assert_eq!(client.ask("delete one"), "done");
    assert_eq!(client.ask("read one"), "nothing");
    assert!(keepassxc.items().is_empty());
}

#[test]
fn keeps_a_long_secret() {
    let session = Session::without_keyring();
    let _keepassxc = KeePassXc::start(&session);
    let mut client = KeyringClient::start(&session);
    let long = "x".repeat(100_000);
    assert_eq!(client.ask(&format!("write one {long}")), "done");
    assert_eq!(client.ask("read one"), long);
}

#[test]
fn a_locked_one_tells_nothing() {
    let session = Session::without_keyring();
    let keepassxc = KeePassXc::start(&session);
    let mut client = KeyringClient::start(&session);
    assert_eq!(client.ask("write one tea"), "done");
    keepassxc.lock();
    // It waits for its person. At its end it gives up on what waits: with an error, or with an answer as if nothing were there.
    client.tell("read one");
    drop(keepassxc);
    let said = client.hear();
    assert!(said.starts_with("failure: ") || said == "nothing", "{said}");
    let _again = KeePassXc::start(&session);
    assert_eq!(KeyringClient::start(&session).ask("read one"), "tea");
}

#[test]
fn one_that_nobody_has_unlocked_finds_nothing_of_what_it_has() {
    let session = Session::without_keyring();
    let keepassxc = KeePassXc::start(&session);
    assert_eq!(KeyringClient::start(&session).ask("write one tea"), "done");
    drop(keepassxc);
    let locked = KeePassXc::start_locked(&session);
    assert_eq!(KeyringClient::start(&session).ask("read one"), "nothing");
    drop(locked);
    let _unlocked = KeePassXc::start(&session);
    assert_eq!(KeyringClient::start(&session).ask("read one"), "tea");
}
