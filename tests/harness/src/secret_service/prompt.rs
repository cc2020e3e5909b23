//! The prompts of the double: each asks to unlock something, is shown when its client says so, and is completed by what the test has
//! the person do.

use std::collections::BTreeMap;

use zbus::Message;
use zbus::zvariant::{OwnedObjectPath, Value};

use super::{Mode, ROOT, Refusal};

#[derive(Debug)]
struct Prompt {
    objects: Vec<OwnedObjectPath>,
    is_shown: bool,
}

/// All prompts that have not been completed.
#[derive(Debug, Default)]
pub(super) struct Prompts {
    open: BTreeMap<String, Prompt>,
    last: u32,
}

impl Prompts {
    /// A new prompt for unlocking `objects`.
    pub(super) fn open(&mut self, objects: Vec<OwnedObjectPath>) -> OwnedObjectPath {
        self.last += 1;
        let path = format!("{ROOT}/prompt/p{}", self.last);
        self.open.insert(path.clone(), Prompt { objects, is_shown: false });
        OwnedObjectPath::try_from(path).expect("a path")
    }

    pub(super) fn shown(&self) -> usize {
        self.open.values().filter(|prompt| prompt.is_shown).count()
    }

    /// Shows a prompt.
    pub(super) fn show(&mut self, path: &str) -> Result<(), Refusal> {
        self.open.get_mut(path).ok_or_else(Refusal::no_such_object)?.is_shown = true;
        Ok(())
    }

    /// What `mode` does to the prompts that are shown: the signals of those that it completes.
    pub(super) fn settle(&mut self, mode: Mode) -> Vec<Message> {
        if matches!(mode, Mode::Locked | Mode::Silent) {
            return Vec::new();
        }
        let (shown, hidden): (BTreeMap<_, _>, _) =
            std::mem::take(&mut self.open).into_iter().partition(|(_, prompt)| prompt.is_shown);
        self.open = hidden;
        shown.into_iter().map(|(path, prompt)| completed(&path, mode == Mode::Dismissed, prompt.objects)).collect()
    }

    /// The client dismisses its prompt itself.
    pub(super) fn dismiss(&mut self, path: &str) -> Result<Message, Refusal> {
        let prompt = self.open.remove(path).ok_or_else(Refusal::no_such_object)?;
        Ok(completed(path, true, prompt.objects))
    }
}

fn completed(path: &str, dismissed: bool, objects: Vec<OwnedObjectPath>) -> Message {
    let unlocked = if dismissed { Vec::new() } else { objects };
    Message::signal(path, "org.freedesktop.Secret.Prompt", "Completed")
        .and_then(|builder| builder.build(&(dismissed, Value::from(unlocked))))
        .expect("a signal")
}
