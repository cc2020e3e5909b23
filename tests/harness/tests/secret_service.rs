//! The Secret Service double, seen through the client that the product uses.

mod keyring_client;

use std::collections::HashMap;
use std::time::{Duration, Instant};

use convoke_harness::Session;
use convoke_harness::patience::{READY, wait_until};
use convoke_harness::secret_service::{Mode, SecretService};

use zbus::blocking::Proxy;
use zbus::zvariant::{OwnedObjectPath, OwnedValue, Value};

use crate::keyring_client::KeyringClient;

fn start() -> (Session, SecretService, KeyringClient) {
    let session = Session::without_keyring();
    let service = SecretService::start(session.bus());
    let client = KeyringClient::start(&session);
    (session, service, client)
}

#[test]
fn keeps_replaces_and_deletes() {
    let (session, service, mut client) = start();
    assert_eq!(client.ask("read one"), "nothing");
    assert_eq!(client.ask("write one tea"), "done");
    assert_eq!(client.ask("write two milk"), "done");
    assert_eq!(client.ask("read one"), "tea");
    assert_eq!(client.ask("write one coffee"), "done");
    assert_eq!(KeyringClient::start(&session).ask("read one"), "coffee", "another session, another key");
    let items = service.items();
    assert_eq!(items.len(), 2);
    assert_eq!((items[0].0["username"].as_str(), items[0].1.as_slice()), ("one", &b"coffee"[..]));
    let counted = ["OpenSession", "CreateItem", "SetSecret", "GetSecret", "Unlock"].map(|kind| service.calls(kind));
    assert_eq!(counted, [2, 2, 1, 2, 0], "{:?}", service.calls_by_method());
    assert_eq!(client.ask("delete one"), "done");
    assert_eq!(client.ask("read one"), "nothing");
    assert_eq!(service.writes(), 4);
    assert_eq!(service.items().len(), 1);
}

#[test]
fn a_long_secret_and_an_empty_one_come_back_as_they_were() {
    let (_session, service, mut client) = start();
    let long = "x".repeat(100_000);
    assert_eq!(client.ask(&format!("write one {long}")), "done");
    assert_eq!(client.ask("read one"), long);
    let names = HashMap::from([("service", "Convoke test"), ("username", "two")]);
    service.put("of the test", &names, b"");
    assert_eq!(client.ask("read two"), "");
    assert_eq!(service.remove(&names), 1);
    assert_eq!(client.ask("read two"), "nothing");
}

#[test]
fn a_locked_one_waits_for_its_person() {
    let (session, service, mut client) = start();
    assert_eq!(client.ask("write one tea"), "done");
    service.set(Mode::Locked);
    client.tell("read one");
    wait_until("a prompt", READY, || service.prompts() == 1);
    let mut other = KeyringClient::start(&session);
    other.tell("write new milk");
    wait_until("a second prompt", READY, || service.prompts() == 2);
    assert!(client.heard().is_none() && other.heard().is_none());
    assert_eq!(service.items().len(), 1);
    service.set(Mode::Works);
    assert_eq!(client.hear(), "tea");
    assert_eq!(other.hear(), "done");
    assert_eq!((service.prompts(), service.items().len()), (0, 2));
}

#[test]
fn a_dismissed_prompt_is_no_access() {
    let (_session, service, mut client) = start();
    assert_eq!(client.ask("write one tea"), "done");
    service.set(Mode::Dismissed);
    for line in ["read one", "write one coffee", "write two milk", "delete one"] {
        let said = client.ask(line);
        assert!(said.starts_with("no access: "), "{line}: {said}");
    }
    service.set(Mode::Locked);
    client.tell("read one");
    wait_until("a prompt", READY, || service.prompts() == 1);
    service.set(Mode::Dismissed);
    assert!(client.hear().starts_with("no access: "));
    service.set(Mode::Works);
    assert_eq!(client.ask("read one"), "tea");
    assert_eq!(service.items().len(), 1);
}

#[test]
fn a_slow_one_answers_each_call_late() {
    let (_session, service, mut client) = start();
    assert_eq!(client.ask("write one tea"), "done");
    let pause = Duration::from_millis(80);
    service.set(Mode::Slow(pause));
    let begun = Instant::now();
    assert_eq!(client.ask("read one"), "tea");
    // A search, and the secret.
    assert!(begun.elapsed() >= 2 * pause);
}

#[test]
fn a_silent_one_never_answers() {
    let (session, service, mut client) = start();
    assert_eq!(client.ask("write one tea"), "done");
    let searches = service.calls("SearchItems");
    service.set(Mode::Silent);
    client.tell("read one");
    wait_until("the search", READY, || service.calls("SearchItems") == searches + 1);
    service.set(Mode::Works);
    assert_eq!(KeyringClient::start(&session).ask("read one"), "tea");
    assert!(client.heard().is_none(), "what came in silence stays without an answer");
}

#[test]
fn a_full_one_changes_nothing() {
    let (_session, service, mut client) = start();
    assert_eq!(client.ask("write one tea"), "done");
    service.set(Mode::Full);
    for line in ["write one coffee", "write two milk"] {
        let said = client.ask(line);
        assert!(said.starts_with("failure: ") && said.contains("No space left on device"), "{line}: {said}");
    }
    assert_eq!(client.ask("read one"), "tea");
    assert_eq!((service.items().len(), service.writes()), (1, 1));
    assert_eq!(client.ask("delete one"), "done");
    assert!(service.items().is_empty());
}

#[test]
fn an_empty_one_finds_nothing_and_has_it_still() {
    let (_session, service, mut client) = start();
    assert_eq!(client.ask("write one tea"), "done");
    service.set(Mode::Empty);
    assert_eq!(client.ask("read one"), "nothing");
    assert_eq!(client.ask("delete one"), "nothing");
    assert_eq!(service.items().len(), 1);
    service.set(Mode::Works);
    assert_eq!(client.ask("read one"), "tea");
}

#[test]
fn fails_at_one_write_and_locks_after_another() {
    let (_session, service, mut client) = start();
    service.fails_at_write(2);
    assert_eq!(client.ask("write one tea"), "done");
    assert!(client.ask("write one coffee").starts_with("failure: "));
    assert_eq!(client.ask("read one"), "tea");
    assert_eq!(client.ask("write one coffee"), "done");

    service.locks_after(2);
    assert_eq!(client.ask("write two milk"), "done");
    assert_eq!(service.mode(), Mode::Works);
    assert_eq!(client.ask("delete one"), "done");
    assert_eq!(service.mode(), Mode::Locked);
    service.set(Mode::Dismissed);
    assert!(client.ask("read two").starts_with("no access: "));

    service.set(Mode::Works);
    service.turns_after(1, Mode::Full);
    assert_eq!(client.ask("write two water"), "done");
    assert!(client.ask("write two wine").starts_with("failure: "));
    assert_eq!(client.ask("read two"), "water");
}

#[test]
fn a_second_one_may_follow_the_first_on_the_same_bus() {
    let (session, service, mut client) = start();
    assert_eq!(client.ask("write one tea"), "done");
    drop(service);
    let bus = zbus::blocking::fdo::DBusProxy::new(&session.bus().connect()).expect("proxy");
    let owned = || bus.name_has_owner("org.freedesktop.secrets".try_into().expect("name")).expect("answer");
    wait_until("the end of the first", READY, || !owned());
    let _second = SecretService::start(session.bus());
    assert_eq!(KeyringClient::start(&session).ask("read one"), "nothing");
}

#[test]
fn puts_credentials_together_as_the_product_parts_them() {
    let (_session, service, _client) = start();
    service.put("head", &HashMap::from([("username", "account/a1")]), b"1 0 g7 1\n{\"kind\":");
    service.put("part", &HashMap::from([("username", "account/a1/g7/1")]), b"\"zoom\"}");
    service.put("other", &HashMap::from([("username", "elsewhere")]), b"");
    assert_eq!(service.credentials(), [serde_json::json!({ "kind": "zoom" })]);
}

#[test]
fn a_plain_client_reads_secrets_and_properties() {
    let (session, service, _client) = start();
    service.put("Tea", &HashMap::from([("account", "one")]), b"secret");
    let bus = session.bus().connect();
    let proxy = |path: &'static str, interface: &'static str| {
        Proxy::new(&bus, "org.freedesktop.secrets", path, interface).expect("proxy")
    };
    let root = proxy("/org/freedesktop/secrets", "org.freedesktop.Secret.Service");
    let (_, plain): (OwnedValue, OwnedObjectPath) =
        root.call("OpenSession", &("plain", Value::from(""))).expect("a session");
    let alias: OwnedObjectPath = root.call("ReadAlias", &("default",)).expect("the default collection");
    assert_eq!(alias.as_str(), "/org/freedesktop/secrets/collection/login");
    let collections: Vec<OwnedObjectPath> = root.get_property("Collections").expect("collections");
    assert_eq!(collections.as_slice(), std::slice::from_ref(&alias));
    let collection = proxy("/org/freedesktop/secrets/collection/login", "org.freedesktop.Secret.Collection");
    let items: Vec<OwnedObjectPath> = collection.get_property("Items").expect("items");
    let secrets: HashMap<OwnedObjectPath, (OwnedObjectPath, Vec<u8>, Vec<u8>, String)> =
        root.call("GetSecrets", &(&items, &plain)).expect("secrets");
    assert_eq!(secrets[&items[0]].2, b"secret");
    let item = Proxy::new(&bus, "org.freedesktop.secrets", &items[0], "org.freedesktop.Secret.Item").expect("proxy");
    assert_eq!(item.get_property::<String>("Label").expect("a label"), "Tea");
    item.set_property("Label", "Coffee").expect("a new label");
    assert_eq!(service.writes(), 1);

    let (locked, _): (Vec<OwnedObjectPath>, OwnedObjectPath) = root.call("Lock", &(vec![alias],)).expect("locks");
    assert_eq!((locked.len(), service.mode()), (1, Mode::Locked));
    let error = item.call::<_, _, ()>("GetSecret", &(&plain,)).expect_err("locked");
    assert!(error.to_string().contains("IsLocked"), "{error}");
    let error = root.call::<_, _, ()>("OpenSession", &("rot13", Value::from(""))).expect_err("unknown");
    assert!(error.to_string().contains("NotSupported"), "{error}");
}
