//! A Secret Service that misbehaves on demand: locked, dismissed, slow, silent, full, or blind. It speaks the freedesktop draft 0.2
//! as far as clients of our kind use it, one default collection, and answers by hand instead of through an object server, so that
//! it can also not answer. What a real one does is shown by `keyring.rs` and `keepassxc.rs`.

mod answer;
mod cipher;
mod prompt;
mod property;
mod vault;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use zbus::Message;
use zbus::blocking::{Connection, MessageIterator};
use zbus::message::Type;

use self::answer::Refusal;
use self::cipher::Cipher;
use self::prompt::Prompts;
use self::vault::Vault;
use crate::bus::Bus;
use crate::keyring;
use crate::patience;

const NAME: &str = "org.freedesktop.secrets";
const ROOT: &str = "/org/freedesktop/secrets";
const LOGIN: &str = "/org/freedesktop/secrets/collection/login";

/// How the service behaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// As it should.
    #[default]
    Works,
    /// The collection is locked. `Unlock` gives a prompt that stays until another mode ends it: one that unlocks completes it, as a
    /// person does who types the password, and [`Dismissed`](Self::Dismissed) dismisses it.
    Locked,
    /// The collection is locked, and the person dismisses every prompt.
    Dismissed,
    /// Every answer comes so much later.
    Slow(Duration),
    /// No call gets an answer, not later either.
    Silent,
    /// There is no room: every write is refused and changes nothing. Deleting goes on.
    Full,
    /// Searches find nothing, although the items are there.
    Empty,
}

#[derive(Debug, Default)]
struct State {
    vault: Vault,
    ciphers: HashMap<String, Cipher>,
    prompts: Prompts,
    calls: BTreeMap<String, u64>,
}

type Held = Arc<Mutex<State>>;

fn hold(state: &Held) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A running double, `org.freedesktop.secrets` on its bus.
#[derive(Debug)]
pub struct SecretService {
    connection: Connection,
    state: Held,
}

impl SecretService {
    /// Starts one without items on `bus`, in [`Mode::Works`].
    #[must_use]
    pub fn start(bus: &Bus) -> Self {
        Self::launch(bus, Held::default())
    }

    /// Ends it, as a crash would, and starts another one over the same items, in [`Mode::Works`].
    #[must_use]
    pub fn restarted(self, bus: &Bus) -> Self {
        let mut vault = std::mem::take(&mut hold(&self.state).vault);
        vault.set(Mode::Works);
        drop(self);
        Self::launch(bus, Arc::new(Mutex::new(State { vault, ..State::default() })))
    }

    fn launch(bus: &Bus, state: Held) -> Self {
        let connection = bus.connect();
        // It listens before it has its name: nobody who waits for the name can come too early.
        let calls = MessageIterator::from(connection.clone());
        let (own, held) = (connection.clone(), Arc::clone(&state));
        std::thread::spawn(move || {
            for message in calls.flatten().filter(|message| message.message_type() == Type::MethodCall) {
                take(&own, &held, message);
            }
        });
        // The bus takes a moment to see that an earlier one is gone.
        patience::wait_until("no other Secret Service on this bus", patience::READY, || {
            connection.request_name(NAME).is_ok()
        });
        Self { connection, state }
    }

    /// Behaves like this from now on.
    pub fn set(&self, mode: Mode) {
        let mut state = hold(&self.state);
        state.vault.set(mode);
        let signals = state.prompts.settle(mode);
        send(&self.connection, &signals);
    }

    /// How it behaves now.
    #[must_use]
    pub fn mode(&self) -> Mode {
        hold(&self.state).vault.mode()
    }

    /// Becomes [`Mode::Locked`] once `writes` more writes have been done.
    pub fn locks_after(&self, writes: u32) {
        self.turns_after(writes, Mode::Locked);
    }

    /// Behaves like `mode` once `writes` more writes have been done.
    pub fn turns_after(&self, writes: u32, mode: Mode) {
        if writes == 0 { self.set(mode) } else { hold(&self.state).vault.turns_after(writes, mode) }
    }

    /// Refuses the `write`-th write from now (from 1) as [`Mode::Full`] does, and only that one. Deleting counts as a write.
    pub fn fails_at_write(&self, write: u32) {
        assert!(write > 0, "writes are counted from 1");
        hold(&self.state).vault.fails_at(write);
    }

    /// How many writes were done so far: items created, replaced, changed or deleted.
    #[must_use]
    pub fn writes(&self) -> u64 {
        hold(&self.state).vault.writes()
    }

    /// How many calls of that method came so far, answered or not: `CreateItem`, `SetSecret`, `GetSecret`, `SearchItems`, `Unlock`,
    /// `Prompt`, …
    #[must_use]
    pub fn calls(&self, method: &str) -> u64 {
        hold(&self.state).calls.get(method).copied().unwrap_or(0)
    }

    /// How many calls of each method came so far.
    #[must_use]
    pub fn calls_by_method(&self) -> BTreeMap<String, u64> {
        hold(&self.state).calls.clone()
    }

    /// How many prompts are shown and wait for a person.
    #[must_use]
    pub fn prompts(&self) -> usize {
        hold(&self.state).prompts.shown()
    }

    /// Every item, whatever the mode: its attributes and its secret.
    #[must_use]
    pub fn items(&self) -> Vec<(HashMap<String, String>, Vec<u8>)> {
        hold(&self.state).vault.items().map(|item| (item.attributes.clone(), item.secret.clone())).collect()
    }

    /// What the accounts' items hold, as [`Keyring::credentials`](crate::keyring::Keyring::credentials) says.
    #[must_use]
    pub fn credentials(&self) -> Vec<serde_json::Value> {
        keyring::credentials(&self.items())
    }

    /// Puts an item in, whatever the mode, replacing the one with the same attributes. It counts neither as a call nor as a write.
    pub fn put(&self, label: &str, attributes: &HashMap<&str, &str>, secret: &[u8]) {
        let attributes = attributes.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let item = vault::Item { label: label.to_owned(), attributes, secret: secret.to_owned() };
        hold(&self.state).vault.put(item, true);
    }

    /// Deletes the items that have all of `attributes`, whatever the mode, and answers how many there were.
    pub fn remove(&self, attributes: &HashMap<&str, &str>) -> usize {
        let wanted = attributes.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        hold(&self.state).vault.remove(&wanted)
    }
}

impl Drop for SecretService {
    fn drop(&mut self) {
        // Ends the thread that listens.
        let _ = self.connection.clone().close();
    }
}

/// Takes one call in, and answers it now, later or never.
fn take(connection: &Connection, held: &Held, message: Message) {
    let mode = {
        let mut state = hold(held);
        let method = message.header().member().map(ToString::to_string).unwrap_or_default();
        *state.calls.entry(method).or_default() += 1;
        state.vault.mode()
    };
    match mode {
        Mode::Silent => {}
        Mode::Slow(time) => {
            let (connection, held) = (connection.clone(), Arc::clone(held));
            std::thread::spawn(move || {
                std::thread::sleep(time);
                give(&connection, &held, &message);
            });
        }
        _ => give(connection, held, &message),
    }
}

fn give(connection: &Connection, held: &Held, message: &Message) {
    // Held until it is sent: whoever sees a mode change has every answer of the mode before it.
    let mut state = hold(held);
    let answers = answer::answer(&mut state, message).unwrap_or_else(|refusal| vec![refusal.message(message)]);
    send(connection, &answers);
}

fn send(connection: &Connection, messages: &[Message]) {
    for message in messages {
        // A client that is gone needs no answer.
        let _ = connection.send(message);
    }
}
