//! A real Secret Service: gnome-keyring on a private bus, unlocked with a password that is given on its standard input.

use std::collections::HashMap;
use std::process::Command;

use zbus::blocking::{Connection, Proxy};
use zbus::zvariant::{ObjectPath, OwnedObjectPath, OwnedValue, Value};

use crate::bus::Bus;
use crate::patience;
use crate::program::Program;

const SERVICE: &str = "org.freedesktop.secrets";
const ROOT: &str = "/org/freedesktop/secrets";
const LOGIN: &str = "/org/freedesktop/secrets/collection/login";
const PASSWORD: &[u8] = b"keyring password of a test";

type Secret<'a> = (ObjectPath<'a>, &'a [u8], &'a [u8], &'a str);

/// A running gnome-keyring.
#[derive(Debug)]
pub struct Keyring {
    connection: Connection,
    daemon: Program,
}

impl Keyring {
    /// Starts one on `bus` with an unlocked default collection. `environment` must set a private home.
    #[must_use]
    pub fn start(bus: &Bus, environment: impl FnOnce(&mut Command)) -> Self {
        let mut command = Command::new("gnome-keyring-daemon");
        environment(&mut command);
        command.args(["--foreground", "--unlock", "--components=secrets"]);
        let mut daemon = Program::start(command);
        daemon.write(PASSWORD);
        daemon.close_stdin();
        let keyring = Self { connection: bus.connect(), daemon };
        patience::wait_until("an unlocked keyring", patience::READY, || {
            keyring.is_there()
                && keyring.default_collection().is_some_and(|path| path.as_str() == LOGIN)
                && !keyring.is_locked()
        });
        keyring
    }

    /// Starts one with the items that it has from before and which nobody has unlocked yet.
    #[must_use]
    pub fn start_locked(bus: &Bus, environment: impl FnOnce(&mut Command)) -> Self {
        let mut command = Command::new("gnome-keyring-daemon");
        environment(&mut command);
        command.args(["--foreground", "--components=secrets"]);
        let keyring = Self { connection: bus.connect(), daemon: Program::start(command) };
        patience::wait_until("a locked keyring", patience::READY, || {
            keyring.is_there() && keyring.default_collection().is_some_and(|path| path.as_str() == LOGIN)
        });
        assert!(keyring.is_locked());
        keyring
    }

    /// Ends it at once, as a crash would.
    pub fn kill(&mut self) {
        self.daemon.kill();
    }

    /// Whether the default collection is locked.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        Proxy::new(&self.connection, SERVICE, LOGIN, "org.freedesktop.Secret.Collection")
            .and_then(|collection| collection.get_property("Locked"))
            .unwrap_or(true)
    }

    /// Locks the default collection, as a desktop does when the person walks away.
    pub fn lock(&self) {
        let paths = [ObjectPath::try_from(LOGIN).expect("a path")];
        let _: (Vec<OwnedObjectPath>, OwnedObjectPath) =
            self.service().call("Lock", &(&paths[..],)).expect("the keyring locks");
        assert!(self.is_locked());
    }

    /// Unlocks the default collection without a prompt, by the interface that the login session uses.
    pub fn unlock(&self) {
        let service = self.service();
        let session = plain_session(&service);
        let secret: Secret = (session.as_ref(), b"", PASSWORD, "text/plain");
        let direct =
            Proxy::new(&self.connection, SERVICE, ROOT, "org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface")
                .expect("proxy");
        direct
            .call::<_, _, ()>("UnlockWithMasterPassword", &(ObjectPath::try_from(LOGIN).expect("a path"), secret))
            .expect("the keyring unlocks");
        assert!(!self.is_locked());
    }

    /// Every item of the default collection: its attributes and its secret. For the canary: what *may* hold a secret.
    #[must_use]
    pub fn items(&self) -> Vec<(HashMap<String, String>, Vec<u8>)> {
        items(&self.connection, &ObjectPath::try_from(LOGIN).expect("a path"))
    }

    /// What the accounts' items hold (`kind` says which is which), each put together from its head and the parts that the head names.
    #[must_use]
    pub fn credentials(&self) -> Vec<serde_json::Value> {
        credentials(&self.items())
    }

    /// Puts an item into the default collection, replacing the one with the same attributes.
    pub fn put(&self, label: &str, attributes: &HashMap<&str, &str>, secret: &[u8]) {
        let service = self.service();
        let session = plain_session(&service);
        let properties: HashMap<&str, Value> = HashMap::from([
            ("org.freedesktop.Secret.Item.Label", Value::from(label)),
            ("org.freedesktop.Secret.Item.Attributes", Value::from(attributes.clone())),
        ]);
        let secret: Secret = (session.as_ref(), b"", secret, "text/plain");
        let collection =
            Proxy::new(&self.connection, SERVICE, LOGIN, "org.freedesktop.Secret.Collection").expect("proxy");
        let _: (OwnedObjectPath, OwnedObjectPath) =
            collection.call("CreateItem", &(properties, secret, true)).expect("the keyring keeps an item");
    }

    fn service(&self) -> Proxy<'_> {
        Proxy::new(&self.connection, SERVICE, ROOT, "org.freedesktop.Secret.Service").expect("proxy")
    }

    /// Whether somebody has the name. A call before that would make a bus with services start a second keyring, a locked one.
    fn is_there(&self) -> bool {
        let dbus =
            Proxy::new(&self.connection, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus");
        dbus.and_then(|dbus| dbus.call("NameHasOwner", &(SERVICE,))).unwrap_or(false)
    }

    fn default_collection(&self) -> Option<OwnedObjectPath> {
        self.service().call("ReadAlias", &("default",)).ok()
    }
}

fn plain_session(service: &Proxy<'_>) -> OwnedObjectPath {
    let (_, session): (OwnedValue, OwnedObjectPath) =
        service.call("OpenSession", &("plain", Value::from(""))).expect("a plain session");
    session
}

/// What the accounts' items hold, as [`Keyring::credentials`] says.
pub(crate) fn credentials(items: &[(HashMap<String, String>, Vec<u8>)]) -> Vec<serde_json::Value> {
    let named = |user: &str| items.iter().find(|(names, _)| names.values().any(|name| name == user));
    let heads = items.iter().filter_map(|(names, bytes)| {
        let is_head =
            |name: &str| matches!(name.split_once('/'), Some(("account" | "access", id)) if !id.contains('/'));
        let user = names.values().find(|name| is_head(name))?;
        let end = bytes.iter().position(|byte| *byte == b'\n').expect("a head's line");
        let line = std::str::from_utf8(&bytes[..end]).expect("text");
        let numbers: Vec<&str> = line.split(' ').collect();
        let parts = numbers[3].parse::<usize>().expect("a number");
        let mut text = bytes[end + 1..].to_vec();
        for at in 1..=parts {
            text.extend_from_slice(&named(&format!("{user}/{}/{at}", numbers[2])).expect("a part").1);
        }
        Some(serde_json::from_slice(&text).expect("JSON"))
    });
    heads.collect()
}

/// Every item of a collection: its attributes and its secret, as a plain session has them.
pub(crate) fn items(connection: &Connection, collection: &ObjectPath<'_>) -> Vec<(HashMap<String, String>, Vec<u8>)> {
    let proxy = |path, interface| Proxy::new(connection, SERVICE, path, interface).expect("proxy");
    let root = ObjectPath::try_from(ROOT).expect("a path");
    let session = plain_session(&proxy(&root, "org.freedesktop.Secret.Service"));
    let paths: Vec<OwnedObjectPath> =
        proxy(collection, "org.freedesktop.Secret.Collection").get_property("Items").expect("items");
    paths
        .iter()
        .map(|path| {
            let item = proxy(path, "org.freedesktop.Secret.Item");
            let attributes = item.get_property("Attributes").expect("attributes");
            let (secret,): ((OwnedObjectPath, Vec<u8>, Vec<u8>, String),) =
                item.call("GetSecret", &(&session,)).map(|secret| (secret,)).expect("secret");
            (attributes, secret.2)
        })
        .collect()
}
