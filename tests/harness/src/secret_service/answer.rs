//! What the double answers to one call, by the object that was asked. Nothing here waits: whether and when an answer is sent is decided
//! before.

use std::collections::HashMap;
use std::fmt::Display;

use serde::{Deserialize, Serialize};
use zbus::Message;
use zbus::names::{InterfaceName, MemberName};
use zbus::zvariant::{DynamicType, ObjectPath, OwnedObjectPath, OwnedValue, Type};

use super::cipher::Cipher;
use super::vault::Item;
use super::{LOGIN, ROOT, State, property};

type Names = HashMap<String, String>;

/// A secret on the wire: its session, the parameters, the value and the media type.
type Secret = (OwnedObjectPath, Vec<u8>, Vec<u8>, String);

/// An error by its name on the bus.
#[derive(Debug)]
pub(super) struct Refusal(&'static str, String);

impl Refusal {
    pub(super) fn locked() -> Self {
        Self("org.freedesktop.Secret.Error.IsLocked", "The collection is locked".to_owned())
    }

    pub(super) fn full() -> Self {
        Self("org.freedesktop.DBus.Error.Failed", "No space left on device".to_owned())
    }

    pub(super) fn no_such_object() -> Self {
        Self("org.freedesktop.Secret.Error.NoSuchObject", "There is no such object".to_owned())
    }

    fn no_session() -> Self {
        Self("org.freedesktop.Secret.Error.NoSession", "There is no such session".to_owned())
    }

    pub(super) fn unknown(name: &str) -> Self {
        Self("org.freedesktop.DBus.Error.UnknownMethod", format!("{name} is not known here"))
    }

    pub(super) fn arguments(error: impl Display) -> Self {
        Self("org.freedesktop.DBus.Error.InvalidArgs", error.to_string())
    }

    /// The answer to `call` that says so.
    pub(super) fn message(&self, call: &Message) -> Message {
        Message::error(&call.header(), self.0).and_then(|builder| builder.build(&self.1)).expect("an error")
    }
}

/// What a path leads to.
pub(super) enum Target {
    Service,
    Collection,
    Item(u32),
    /// A session or a prompt.
    Other(String),
}

impl Target {
    fn of(path: &str) -> Self {
        match path {
            ROOT => Self::Service,
            LOGIN | "/org/freedesktop/secrets/aliases/default" => Self::Collection,
            _ => match path.strip_prefix(LOGIN).and_then(|rest| rest.strip_prefix('/')?.parse().ok()) {
                Some(number) => Self::Item(number),
                None => Self::Other(path.to_owned()),
            },
        }
    }
}

pub(super) fn collection_path() -> OwnedObjectPath {
    OwnedObjectPath::try_from(LOGIN).expect("a path")
}

pub(super) fn item_path(number: u32) -> OwnedObjectPath {
    OwnedObjectPath::try_from(format!("{LOGIN}/{number}")).expect("a path")
}

/// The path that says "no object".
fn nothing() -> OwnedObjectPath {
    OwnedObjectPath::try_from("/").expect("a path")
}

/// The answer to a call, first the reply and then what it sets off.
pub(super) fn answer(state: &mut State, call: &Message) -> Result<Vec<Message>, Refusal> {
    let header = call.header();
    let path = header.path().map(ObjectPath::as_str).unwrap_or_default();
    let interface = header.interface().map(InterfaceName::as_str).unwrap_or_default();
    let method = header.member().map(MemberName::as_str).unwrap_or_default();
    let target = Target::of(path);
    let short = interface.strip_prefix("org.freedesktop.Secret.").unwrap_or(interface);
    let reply = match (short, &target) {
        ("Service", Target::Service) => service(state, method, call)?,
        ("Collection", Target::Collection) => collection(state, method, call)?,
        ("Item", Target::Item(number)) => item(state, *number, method, call)?,
        ("Session", Target::Other(path)) if method == "Close" => {
            state.ciphers.remove(path);
            reply(call, &())
        }
        ("Prompt", Target::Other(path)) => return prompt(state, path, method, call),
        ("org.freedesktop.DBus.Properties", target) => properties(state, target, method, call)?,
        ("org.freedesktop.DBus.Peer", _) if method == "Ping" => reply(call, &()),
        _ => return Err(Refusal::unknown(method)),
    };
    Ok(vec![reply])
}

fn service(state: &mut State, method: &str, call: &Message) -> Result<Message, Refusal> {
    match method {
        "OpenSession" => {
            let (algorithm, input): (String, OwnedValue) = arguments(call)?;
            let (cipher, output) = Cipher::agree(&algorithm, input)
                .ok_or(Refusal("org.freedesktop.DBus.Error.NotSupported", algorithm))?;
            let path = format!("{ROOT}/session/s{}", state.calls["OpenSession"]);
            state.ciphers.insert(path.clone(), cipher);
            Ok(reply(call, &(output, OwnedObjectPath::try_from(path).expect("a path"))))
        }
        "SearchItems" => {
            let (wanted,): (Names,) = arguments(call)?;
            let found: Vec<_> = state.vault.search(&wanted).into_iter().map(item_path).collect();
            let (unlocked, locked) = if state.vault.is_locked() { (Vec::new(), found) } else { (found, Vec::new()) };
            Ok(reply(call, &(unlocked, locked)))
        }
        "Unlock" => {
            let (objects,): (Vec<OwnedObjectPath>,) = arguments(call)?;
            if state.vault.is_locked() {
                let prompt = state.prompts.open(objects);
                return Ok(reply(call, &(Vec::<OwnedObjectPath>::new(), prompt)));
            }
            Ok(reply(call, &(objects, nothing())))
        }
        "Lock" => {
            let (objects,): (Vec<OwnedObjectPath>,) = arguments(call)?;
            state.vault.set(super::Mode::Locked);
            Ok(reply(call, &(objects, nothing())))
        }
        "GetSecrets" => {
            let (objects, session): (Vec<OwnedObjectPath>, OwnedObjectPath) = arguments(call)?;
            let mut secrets: HashMap<OwnedObjectPath, Secret> = HashMap::new();
            for path in objects {
                // As the draft has it: what is locked or gone is left out.
                if let Target::Item(number) = Target::of(path.as_str())
                    && let Ok(secret) = sealed(state, number, &session)
                {
                    secrets.insert(path, secret);
                }
            }
            Ok(reply(call, &(secrets,)))
        }
        "ReadAlias" => {
            let (name,): (String,) = arguments(call)?;
            Ok(reply(call, &(if name == "default" { collection_path() } else { nothing() },)))
        }
        _ => Err(Refusal::unknown(method)),
    }
}

fn collection(state: &mut State, method: &str, call: &Message) -> Result<Message, Refusal> {
    match method {
        "SearchItems" => {
            let (wanted,): (Names,) = arguments(call)?;
            let found: Vec<_> = state.vault.search(&wanted).into_iter().map(item_path).collect();
            Ok(reply(call, &(found,)))
        }
        "CreateItem" => {
            let (mut given, secret, replace): (HashMap<String, OwnedValue>, Secret, bool) = arguments(call)?;
            let mut property = |name: &str| given.remove(&format!("org.freedesktop.Secret.Item.{name}"));
            let label = property("Label").map(String::try_from).transpose().map_err(Refusal::arguments)?;
            let attributes = property("Attributes").map(Names::try_from).transpose().map_err(Refusal::arguments)?;
            let secret = opened(state, &secret)?;
            let item = Item { label: label.unwrap_or_default(), attributes: attributes.unwrap_or_default(), secret };
            let number = state.vault.create(item, replace)?;
            Ok(reply(call, &(item_path(number), nothing())))
        }
        _ => Err(Refusal::unknown(method)),
    }
}

fn item(state: &mut State, number: u32, method: &str, call: &Message) -> Result<Message, Refusal> {
    match method {
        "GetSecret" => {
            let (session,): (OwnedObjectPath,) = arguments(call)?;
            Ok(reply(call, &(sealed(state, number, &session)?,)))
        }
        "SetSecret" => {
            let (secret,): (Secret,) = arguments(call)?;
            let secret = opened(state, &secret)?;
            state.vault.change(number, |item| item.secret = secret)?;
            Ok(reply(call, &()))
        }
        "Delete" => {
            state.vault.delete(number)?;
            Ok(reply(call, &(nothing(),)))
        }
        _ => Err(Refusal::unknown(method)),
    }
}

fn prompt(state: &mut State, path: &str, method: &str, call: &Message) -> Result<Vec<Message>, Refusal> {
    match method {
        "Prompt" => {
            state.prompts.show(path)?;
            let mut messages = vec![reply(call, &())];
            messages.extend(state.prompts.settle(state.vault.mode()));
            Ok(messages)
        }
        "Dismiss" => Ok(vec![reply(call, &()), state.prompts.dismiss(path)?]),
        _ => Err(Refusal::unknown(method)),
    }
}

fn properties(state: &mut State, target: &Target, method: &str, call: &Message) -> Result<Message, Refusal> {
    match method {
        "Get" => {
            let (_, name): (String, String) = arguments(call)?;
            Ok(reply(call, &(property::get(&state.vault, target, &name)?,)))
        }
        "GetAll" => Ok(reply(call, &(property::all(&state.vault, target)?,))),
        "Set" => {
            let (_, name, value): (String, String, OwnedValue) = arguments(call)?;
            property::set(&mut state.vault, target, &name, value)?;
            Ok(reply(call, &()))
        }
        _ => Err(Refusal::unknown(method)),
    }
}

/// An item's secret as the session's client can read it.
fn sealed(state: &State, number: u32, session: &OwnedObjectPath) -> Result<Secret, Refusal> {
    let item = state.vault.item(number)?;
    if state.vault.is_locked() {
        return Err(Refusal::locked());
    }
    let cipher = state.ciphers.get(session.as_str()).ok_or_else(Refusal::no_session)?;
    let (parameters, value) = cipher.seal(&item.secret);
    Ok((session.clone(), parameters, value, "application/octet-stream".to_owned()))
}

/// What a secret from a client holds.
fn opened(state: &State, (session, parameters, value, _): &Secret) -> Result<Vec<u8>, Refusal> {
    let cipher = state.ciphers.get(session.as_str()).ok_or_else(Refusal::no_session)?;
    cipher.open(parameters, value).ok_or_else(|| Refusal::arguments("not encrypted with this session's key"))
}

/// A call's arguments. Unchecked, since a lone structure and its fields look the same on the wire.
fn arguments<T: for<'a> Deserialize<'a> + Type>(call: &Message) -> Result<T, Refusal> {
    call.body().deserialize_unchecked().map_err(Refusal::arguments)
}

fn reply(call: &Message, body: &(impl Serialize + DynamicType)) -> Message {
    Message::method_return(&call.header()).and_then(|builder| builder.build(body)).expect("a reply")
}
