//! A secret of any length in items that every store takes: Windows' holds 2,560 bytes an item, and no other one is treated in
//! another way.
//!
//! | user of the item | holds |
//! | --- | --- |
//! | `NAME` | the head: version, generation, number of parts, length and SHA-256 in one line, then the first of the text |
//! | `NAME/GENERATION/1` … | what follows |
//!
//! The parts of a generation are written first, the head last: that is the commit. Until then the head still names the
//! generation before, whose parts nobody touches; so what is read is the old secret or the new one, never some of both.

use sha2::{Digest, Sha256};
use tracing::{debug, trace};
use zeroize::Zeroizing;

use super::failure::Failure;

/// Most bytes of an item.
const ITEM: usize = 2_400;
/// Most bytes of a head's line: two words, three numbers of 20 digits, 64 digits and the spaces between.
const LINE: usize = 140;
/// Generations before the last one that a crash may have left something of.
const LEFT_OVER: u64 = 3;
/// How often a secret is looked at again that was replaced while it was read.
const LOOKS: usize = 4;

/// Where items stand.
pub(super) trait Items {
    /// The bytes of an item; none where there is no such item.
    fn read(&mut self, user: &str) -> Result<Option<Zeroizing<Vec<u8>>>, Failure>;
    /// Writes an item, new or over the old one.
    fn write(&mut self, user: &str, bytes: &[u8]) -> Result<(), Failure>;
    /// Deletes an item. None is done.
    fn delete(&mut self, user: &str) -> Result<(), Failure>;
}

/// The secret of that name; none where there is none.
///
/// # Errors
/// The store's; `DAMAGED` where what stands there is not what was written.
pub(super) fn read(items: &mut impl Items, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, Failure> {
    let mut head = items.read(name)?;
    for _ in 0..LOOKS {
        let Some(bytes) = head else { return Ok(None) };
        if is_from_before_parts(&bytes) {
            return Ok(Some(bytes));
        }
        if let Some(text) = assembled(items, name, &bytes)? {
            // An empty one is about to be deleted.
            return Ok(Some(text).filter(|text| !text.is_empty()));
        }
        // Another process may have replaced it in the meantime, and swept the parts that this head names.
        head = items.read(name)?;
        if head.as_ref() == Some(&bytes) {
            break;
        }
    }
    Err(Failure::DAMAGED)
}

/// Writes `text` (UTF-8, since KDE Wallet keeps nothing else; empty means none) under that name. The caller holds whatever lock keeps other
/// writers away.
///
/// # Errors
/// The store's, and `READ_BACK` where it does not give back what it took. The old secret is then still there, unless it was the
/// head that the store took and does not give back.
pub(super) fn write(items: &mut impl Items, name: &str, text: &[u8]) -> Result<(), Failure> {
    let before = items.read(name)?.and_then(|bytes| Head::parse(&bytes).map(|(head, _)| head));
    let (first, rest) = split(text);
    let generation = before.as_ref().map_or(1, |head| head.generation.saturating_add(1));
    let head = Head { generation, parts: rest.len(), length: text.len() };
    for (at, part) in (1..).zip(&rest) {
        put(items, &part_name(name, generation, at), part)?;
    }
    let line = head.line(text);
    let mut bytes = Zeroizing::new(Vec::with_capacity(ITEM));
    bytes.extend_from_slice(line.as_bytes());
    bytes.extend_from_slice(first);
    put(items, name, &bytes)?;
    // What is left over costs room and nothing else: the next write takes it along.
    let swept = sweep(items, name, generation, rest.len() + 1).and_then(|()| {
        let before = before.map_or(0, |head| head.generation);
        (before.saturating_sub(LEFT_OVER)..=before).try_for_each(|generation| sweep(items, name, generation, 1))
    });
    if let Err(failure) = swept {
        debug!(failure = failure.detail, "parts of an older generation are left");
    }
    Ok(())
}

/// Deletes the secret of that name. First the head says that there is none, then the parts go, then the head: a second try
/// after a failure finds what is left.
///
/// # Errors
/// The store's. The secret cannot be read any more, unless the very first step failed.
pub(super) fn delete(items: &mut impl Items, name: &str) -> Result<(), Failure> {
    let found = items.read(name)?;
    let head = found.as_ref().and_then(|bytes| Head::parse(bytes).map(|(head, _)| head));
    if head.is_some_and(|head| head.length > 0) {
        write(items, name, b"")?;
    }
    let (generation, parts) = head.map_or((0, 0), |head| (head.generation, head.parts));
    // Those before may not be swept yet, those after not committed; and of its own a part may be lost.
    (1..=parts).rev().try_for_each(|at| items.delete(&part_name(name, generation, at)))?;
    for generation in generation.saturating_sub(LEFT_OVER)..=generation.saturating_add(2) {
        sweep(items, name, generation, 1)?;
    }
    if found.is_some() { items.delete(name) } else { Ok(()) }
}

/// Deletes the parts of a generation from `first` on, the last one first: what a crash leaves has no gap, and is found again.
fn sweep(items: &mut impl Items, name: &str, generation: u64, first: usize) -> Result<(), Failure> {
    let mut end = first;
    while items.read(&part_name(name, generation, end))?.is_some() {
        end += 1;
    }
    (first..end).rev().try_for_each(|at| items.delete(&part_name(name, generation, at)))
}

/// Writes an item and looks whether it stands there.
fn put(items: &mut impl Items, user: &str, bytes: &[u8]) -> Result<(), Failure> {
    items.write(user, bytes)?;
    trace!(step = "item", "keyring");
    let read = items.read(user)?;
    if read.is_some_and(|read| read.as_slice() == bytes) { Ok(()) } else { Err(Failure::READ_BACK) }
}

fn part_name(name: &str, generation: u64, at: usize) -> String {
    format!("{name}/{generation}/{at}")
}

/// The whole text that a head and its parts make; none where they do not fit together.
fn assembled(items: &mut impl Items, name: &str, bytes: &[u8]) -> Result<Option<Zeroizing<Vec<u8>>>, Failure> {
    let Some((head, first)) = Head::parse(bytes) else { return Ok(None) };
    let mut text = Zeroizing::new(Vec::with_capacity(first.len() + head.parts * ITEM));
    text.extend_from_slice(first);
    for at in 1..=head.parts {
        let Some(part) = items.read(&part_name(name, head.generation, at))? else { return Ok(None) };
        text.extend_from_slice(&part);
    }
    let is_whole = bytes.starts_with(head.line(&text).as_bytes());
    Ok(is_whole.then_some(text))
}

/// The text in pieces that fit: the first beside the head's line, and the rest. No character is cut.
fn split(text: &[u8]) -> (&[u8], Vec<&[u8]>) {
    let cut = |text: &[u8], most: usize| {
        let mut end = most.min(text.len());
        // A byte of the form 10xxxxxx goes on with a character (RFC 3629 §3).
        while end < text.len() && end > 0 && text[end] & 0b1100_0000 == 0b1000_0000 {
            end -= 1;
        }
        end
    };
    let (first, mut rest) = text.split_at(cut(text, ITEM - LINE));
    let mut parts = Vec::new();
    while !rest.is_empty() {
        let (part, after) = rest.split_at(cut(rest, ITEM));
        parts.push(part);
        rest = after;
    }
    (first, parts)
}

/// Items of the first form are one JSON object and no more.
fn is_from_before_parts(bytes: &[u8]) -> bool {
    bytes.first() == Some(&b'{')
}

/// What a head's line says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Head {
    generation: u64,
    parts: usize,
    length: usize,
}

impl Head {
    const WORDS: &str = "convoke 2";
    /// Most parts that are believed: 64 MiB, far beyond any credential.
    const PARTS: usize = 1 << 15;

    /// The line for `text`, which a reader makes again and compares: the hash covers the numbers, too.
    fn line(&self, text: &[u8]) -> String {
        let Self { generation, parts, length } = self;
        let numbers = format!("{} {generation} {parts} {length}", Self::WORDS);
        let hash = Sha256::new().chain_update(&numbers).chain_update(b"\n").chain_update(text).finalize();
        format!("{numbers} {hash:x}\n")
    }

    /// The head of an item and the text beside it; none for anything else. The hash is not looked at.
    fn parse(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let end = bytes.iter().take(LINE).position(|byte| *byte == b'\n')?;
        let line = str::from_utf8(&bytes[..end]).ok()?;
        let mut words = line.strip_prefix(Self::WORDS)?.strip_prefix(' ')?.split(' ');
        let head = Self {
            generation: words.next()?.parse().ok()?,
            parts: words.next()?.parse().ok().filter(|parts| *parts <= Self::PARTS)?,
            length: words.next()?.parse().ok()?,
        };
        Some((head, &bytes[end + 1..]))
    }
}

#[cfg(test)]
mod tests;
