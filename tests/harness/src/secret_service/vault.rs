//! The items of the one collection, and what happens to a write: done, refused because the collection is locked or full, or refused
//! because a test has planned it.

use std::collections::{BTreeMap, HashMap};

use super::{Mode, Refusal};

/// One item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) label: String,
    pub(super) attributes: HashMap<String, String>,
    pub(super) secret: Vec<u8>,
}

/// All items by their numbers, and what is planned for the writes to come.
#[derive(Debug, Default)]
pub(super) struct Vault {
    mode: Mode,
    items: BTreeMap<u32, Item>,
    last: u32,
    writes: u64,
    turn: Option<(u32, Mode)>,
    failure: Option<u32>,
}

impl Vault {
    pub(super) fn mode(&self) -> Mode {
        self.mode
    }

    pub(super) fn set(&mut self, mode: Mode) {
        self.mode = mode;
        self.turn = None;
    }

    pub(super) fn turns_after(&mut self, writes: u32, mode: Mode) {
        self.turn = Some((writes, mode));
    }

    pub(super) fn fails_at(&mut self, write: u32) {
        self.failure = Some(write);
    }

    pub(super) fn writes(&self) -> u64 {
        self.writes
    }

    pub(super) fn is_locked(&self) -> bool {
        matches!(self.mode, Mode::Locked | Mode::Dismissed)
    }

    pub(super) fn items(&self) -> impl Iterator<Item = &Item> {
        self.items.values()
    }

    pub(super) fn numbers(&self) -> Vec<u32> {
        self.items.keys().copied().collect()
    }

    pub(super) fn item(&self, number: u32) -> Result<&Item, Refusal> {
        self.items.get(&number).ok_or_else(Refusal::no_such_object)
    }

    /// What a search finds: the items that have all the wanted attributes.
    pub(super) fn search(&self, wanted: &HashMap<String, String>) -> Vec<u32> {
        if self.mode == Mode::Empty { Vec::new() } else { self.matching(wanted) }
    }

    fn matching(&self, wanted: &HashMap<String, String>) -> Vec<u32> {
        let fits = |item: &Item| wanted.iter().all(|(name, value)| item.attributes.get(name) == Some(value));
        self.items.iter().filter(|(_, item)| fits(item)).map(|(number, _)| *number).collect()
    }

    /// Puts an item in and answers its number; with `replace`, that of the one with the same attributes if there is one.
    pub(super) fn put(&mut self, item: Item, replace: bool) -> u32 {
        let same = self.items.iter().find(|(_, old)| replace && old.attributes == item.attributes);
        let number = same.map_or(self.last + 1, |(number, _)| *number);
        self.last = self.last.max(number);
        self.items.insert(number, item);
        number
    }

    pub(super) fn remove(&mut self, wanted: &HashMap<String, String>) -> usize {
        let found = self.matching(wanted);
        self.items.retain(|number, _| !found.contains(number));
        found.len()
    }

    /// A client's write of a new item.
    pub(super) fn create(&mut self, item: Item, replace: bool) -> Result<u32, Refusal> {
        self.admit(true)?;
        let number = self.put(item, replace);
        self.done();
        Ok(number)
    }

    /// A client's write to an item.
    pub(super) fn change(&mut self, number: u32, change: impl FnOnce(&mut Item)) -> Result<(), Refusal> {
        self.item(number)?;
        self.admit(true)?;
        self.items.entry(number).and_modify(change);
        self.done();
        Ok(())
    }

    /// A client's deletion of an item.
    pub(super) fn delete(&mut self, number: u32) -> Result<(), Refusal> {
        self.item(number)?;
        self.admit(false)?;
        self.items.remove(&number);
        self.done();
        Ok(())
    }

    fn admit(&mut self, needs_room: bool) -> Result<(), Refusal> {
        if self.is_locked() {
            return Err(Refusal::locked());
        }
        let planned = self.failure == Some(1);
        self.failure = self.failure.map(|left| left - 1).filter(|left| *left > 0);
        if planned || (needs_room && self.mode == Mode::Full) { Err(Refusal::full()) } else { Ok(()) }
    }

    fn done(&mut self) {
        self.writes += 1;
        match &mut self.turn {
            Some((1, mode)) => {
                let mode = *mode;
                self.set(mode);
            }
            Some((left, _)) => *left -= 1,
            None => {}
        }
    }
}
