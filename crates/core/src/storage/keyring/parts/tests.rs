//! Against a store that holds 2,560 bytes an item, dies where it is told to, and whose bits flip.

use std::{collections::BTreeMap, fmt::Write as _};

use super::*;

const NAME: &str = "account/zoom-4k7q2m";
const WINDOWS: usize = 2_560;

/// Items in memory.
#[derive(Clone, Default)]
struct Fake {
    items: BTreeMap<String, Vec<u8>>,
    /// So many changes it takes, and then none.
    changes: Option<usize>,
}

impl Fake {
    fn change(&mut self) -> Result<(), Failure> {
        match &mut self.changes {
            Some(0) => Err(Failure::DIED),
            Some(left) => {
                *left -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }
}

impl Items for Fake {
    fn read(&mut self, user: &str) -> Result<Option<Zeroizing<Vec<u8>>>, Failure> {
        Ok(self.items.get(user).cloned().map(Zeroizing::new))
    }

    fn write(&mut self, user: &str, bytes: &[u8]) -> Result<(), Failure> {
        assert!(bytes.len() <= WINDOWS, "{user} has {} bytes", bytes.len());
        assert!(str::from_utf8(bytes).is_ok(), "{user} is no UTF-8");
        self.change()?;
        self.items.insert(user.to_owned(), bytes.to_vec());
        Ok(())
    }

    fn delete(&mut self, user: &str) -> Result<(), Failure> {
        if self.items.contains_key(user) {
            self.change()?;
            self.items.remove(user);
        }
        Ok(())
    }
}

/// A text of about that length in which every place is another one.
fn text(length: usize, seed: char) -> Vec<u8> {
    let mut text = String::new();
    for at in 0.. {
        if text.len() >= length {
            break;
        }
        let _ = write!(text, "{seed}{at}\u{e9}\u{1f511}");
    }
    text.into_bytes()
}

fn read_text(items: &mut Fake) -> Result<Option<Vec<u8>>, Failure> {
    read(items, NAME).map(|text| text.map(|text| text.to_vec()))
}

#[test]
fn every_length_comes_back_whole() {
    let mut items = Fake::default();
    assert_eq!(read_text(&mut items), Ok(None));
    let lengths = (1..40).chain((2_100..2_500).step_by(3)).chain((4_500..5_000).step_by(7)).chain([16_384, 65_536]);
    for length in lengths {
        let written = text(length, 'a');
        write(&mut items, NAME, &written).expect("room");
        assert_eq!(read_text(&mut items), Ok(Some(written)), "{length}");
    }
    let shorter = text(10, 'b');
    write(&mut items, NAME, &shorter).expect("room");
    assert_eq!(items.items.len(), 1, "the parts of the long one are gone");
    delete(&mut items, NAME).expect("it answers");
    assert!(items.items.is_empty());
}

#[test]
fn a_deletion_that_is_cut_is_done_again() {
    for length in [10, 9_000] {
        let mut before = Fake::default();
        write(&mut before, NAME, &text(9_000, 'a')).expect("room");
        write(&mut before, NAME, &text(length, 'b')).expect("room");
        for changes in 0.. {
            let mut items = Fake { changes: Some(changes), ..before.clone() };
            let deleted = delete(&mut items, NAME);
            items.changes = None;
            let found = read_text(&mut items).expect("whole");
            assert!(found == Some(text(length, 'b')) && changes == 0 || found.is_none(), "after {changes} changes");
            delete(&mut items, NAME).expect("it answers");
            assert!(items.items.is_empty(), "after {changes} changes");
            if deleted.is_ok() {
                break;
            }
        }
    }
    // What a first write left that never came to its head.
    let mut items = Fake { changes: Some(2), ..Fake::default() };
    assert!(write(&mut items, NAME, &text(9_000, 'a')).is_err());
    items.changes = None;
    delete(&mut items, NAME).expect("it answers");
    assert!(items.items.is_empty());
}

#[test]
fn a_crash_at_any_change_leaves_the_old_or_the_new_one() {
    for (old, new) in [(10, 10), (10, 9_000), (9_000, 10), (9_000, 7_000), (7_000, 9_000)] {
        let (old, new) = (text(old, 'o'), text(new, 'n'));
        let mut before = Fake::default();
        write(&mut before, NAME, &old).expect("room");
        let mut seen = [false; 2];
        for changes in 0.. {
            let mut items = Fake { changes: Some(changes), ..before.clone() };
            let written = write(&mut items, NAME, &new);
            let died = items.changes == Some(0);
            items.changes = None;
            let found = read_text(&mut items).expect("whole").expect("there");
            assert!(found == old || found == new);
            assert!(written.is_err() || found == new, "what was said to be written is there");
            seen[usize::from(found == new)] = true;
            // A second crash in the same place, and then a write that comes through: nothing is left over.
            items.changes = Some(changes);
            let _ = write(&mut items, NAME, &new);
            items.changes = None;
            write(&mut items, NAME, &new).expect("room");
            assert_eq!(read_text(&mut items), Ok(Some(new.clone())));
            assert_eq!(items.items.len(), 1 + split(&new).1.len(), "after {changes} changes");
            if !died {
                break;
            }
        }
        assert_eq!(seen, [true, true]);
    }
}

#[test]
fn a_flipped_bit_is_noticed_wherever_it_is() {
    let mut items = Fake::default();
    write(&mut items, NAME, &text(2_600, 'a')).expect("room");
    assert_eq!(items.items.len(), 2);
    for (user, bytes) in items.items.clone() {
        for bit in 0..bytes.len() * 8 {
            items.items.get_mut(&user).expect("there")[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(read_text(&mut items), Err(Failure::DAMAGED), "bit {bit} of {user}");
            items.items.get_mut(&user).expect("there")[bit / 8] ^= 1 << (bit % 8);
        }
    }
    assert!(read_text(&mut items).is_ok());
}

#[test]
fn parts_that_are_lost_or_of_another_write_are_noticed() {
    let mut items = Fake::default();
    write(&mut items, NAME, &text(7_000, 'a')).expect("room");
    let first = items.clone();
    write(&mut items, NAME, &text(7_000, 'b')).expect("room");
    // A backup of the head alone.
    let mut mixed = items.clone();
    mixed.items.insert(NAME.to_owned(), first.items[NAME].clone());
    assert_eq!(read_text(&mut mixed), Err(Failure::DAMAGED));
    for user in items.items.keys().filter(|user| *user != NAME) {
        let mut cut = items.clone();
        cut.items.remove(user);
        assert_eq!(read_text(&mut cut), Err(Failure::DAMAGED), "{user}");
    }
    for nonsense in
        ["", "convoke", "convoke 3 1 0 0 x\n", "convoke 2 1 99999999 0 x\n", "convoke 2 -1 0 0 x\n", "\u{0}"]
    {
        items.items.insert(NAME.to_owned(), nonsense.into());
        assert_eq!(read_text(&mut items), Err(Failure::DAMAGED), "{nonsense:?}");
        write(&mut items.clone(), NAME, b"new").expect("a damaged one is written over");
    }
}

#[test]
fn an_item_of_the_first_form_is_read_and_becomes_one_of_this() {
    let mut items = Fake::default();
    items.items.insert(NAME.to_owned(), b"{\"v\":1}".to_vec());
    assert_eq!(read_text(&mut items), Ok(Some(b"{\"v\":1}".to_vec())));
    write(&mut items, NAME, b"{\"v\":1}").expect("room");
    assert!(items.items[NAME].starts_with(b"convoke 2 1 0 7 "));
    assert_eq!(read_text(&mut items), Ok(Some(b"{\"v\":1}".to_vec())));
}

/// A store in which another process writes between two reads of this one.
struct Busy {
    items: Fake,
    /// What is written at the next reads of a part.
    next: Vec<Vec<u8>>,
}

impl Items for Busy {
    fn read(&mut self, user: &str) -> Result<Option<Zeroizing<Vec<u8>>>, Failure> {
        if user != NAME
            && let Some(next) = self.next.pop()
        {
            write(&mut self.items, NAME, &next)?;
        }
        self.items.read(user)
    }

    fn write(&mut self, user: &str, bytes: &[u8]) -> Result<(), Failure> {
        self.items.write(user, bytes)
    }

    fn delete(&mut self, user: &str) -> Result<(), Failure> {
        self.items.delete(user)
    }
}

#[test]
fn what_is_replaced_while_it_is_read_is_read_again() {
    let mut items = Busy { items: Fake::default(), next: Vec::new() };
    write(&mut items, NAME, &text(5_000, 'a')).expect("room");
    items.next = vec![text(6_000, 'c'), text(5_000, 'b')];
    assert!(read(&mut items, NAME).expect("whole").is_some_and(|found| *found == text(6_000, 'c')));
}
