//! What stands in a running process's memory: how many copies of a secret, in which spelling, and in what kind of memory.
//!
//! Only memory that can be written is read: what a program computed or took in is nowhere else. A process that closed itself to
//! debuggers is read by root alone.

use std::{
    collections::HashMap,
    fs::{self, File},
    ops::Range,
    os::unix::fs::FileExt as _,
};

use crate::canary;

/// So many bytes from a secret's middle are looked for: tokens of one maker begin alike.
const PIECE: usize = 32;
/// A shorter secret occurs by chance.
const SHORTEST: usize = 16;
/// Bytes of a page.
const PAGE: u64 = 4096;
/// So much of what stands before a copy is kept.
const BEFORE: usize = 16 * 1024;

/// One copy of a secret.
#[derive(Clone, Debug)]
pub struct Copy {
    /// Which of the secrets, by its place in the list.
    pub secret: usize,
    /// How it is spelled there.
    pub spelling: &'static str,
    /// Where it stands.
    pub place: Place,
    /// What stands before it, back to the last byte that is zero: by this one sees in whose buffer it is.
    pub before: Vec<u8>,
}

/// Kinds of memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// What was allocated, whether or not it was given back.
    Heap,
    /// A thread's stack, below what it uses now: left behind by a call that has ended.
    DeadStack,
    /// A thread's stack, in use.
    Stack,
    /// The static data of this file.
    Static(String),
}

/// Every copy of each of `secrets` in the memory of `process`, in its own spelling, percent-encoded, or in base64.
///
/// Panics where a secret is too short to be told from chance.
#[must_use]
pub fn copies(process: u32, secrets: &[String]) -> Vec<Copy> {
    let needles = Needles::of(secrets);
    let regions = regions(process);
    let stacks = stack_pointers(process);
    let memory = File::open(format!("/proc/{process}/mem")).expect("the process's memory: this test needs root");
    let mut found = Vec::new();
    let pages = File::open(format!("/proc/{process}/pagemap")).expect("the process's pages");
    for Region { range, file } in regions.into_iter().flat_map(|region| region.resident(&pages)) {
        let mut bytes = vec![0; usize::try_from(range.end - range.start).expect("it fits")];
        // A region may be gone by now, or be nobody's to read.
        if memory.read_exact_at(&mut bytes, range.start).is_err() {
            continue;
        }
        let pointer = stacks.iter().copied().find(|pointer| range.contains(pointer));
        needles.search(&bytes, |at, needle| {
            let address = range.start + at as u64;
            let place = match (pointer, file.is_empty() || file == "[heap]") {
                (Some(pointer), _) if address < pointer => Place::DeadStack,
                (Some(_), _) => Place::Stack,
                (None, true) => Place::Heap,
                (None, false) => Place::Static(file.clone()),
            };
            let before = bytes[at.saturating_sub(BEFORE)..at].rsplit(|byte| *byte == 0).next().unwrap_or_default();
            found.push(Copy { secret: needle.secret, spelling: needle.spelling, place, before: before.to_vec() });
        });
    }
    found
}

struct Region {
    range: Range<u64>,
    file: String,
}

impl Region {
    /// The parts of it that have memory behind them (`proc_pid_pagemap(5)`: bit 63, present; bit 62, swapped): some programs reserve
    /// more addresses than there is memory.
    fn resident(self, pages: &File) -> Vec<Self> {
        let first = self.range.start / PAGE;
        let mut entries = vec![0; usize::try_from((self.range.end - self.range.start) / PAGE * 8).expect("it fits")];
        if pages.read_exact_at(&mut entries, first * 8).is_err() {
            return Vec::new();
        }
        let mut parts: Vec<Self> = Vec::new();
        for (page, entry) in (first..).zip(entries.as_chunks::<8>().0) {
            if u64::from_ne_bytes(*entry) >> 62 == 0 {
                continue;
            }
            match parts.last_mut().filter(|last| last.range.end == page * PAGE) {
                Some(last) => last.range.end += PAGE,
                None => parts.push(Self { range: page * PAGE..(page + 1) * PAGE, file: self.file.clone() }),
            }
        }
        parts
    }
}

/// What the process can write, by `proc_pid_maps(5)`.
fn regions(process: u32) -> Vec<Region> {
    let maps = fs::read_to_string(format!("/proc/{process}/maps")).expect("the process's map");
    let region = |line: &str| {
        let mut words = line.split_whitespace();
        let (from, to) = words.next()?.split_once('-')?;
        let is_writable = words.next()?.starts_with("rw");
        let file = words.nth(3).unwrap_or_default().to_owned();
        let number = |text| u64::from_str_radix(text, 16).expect("hexadecimal");
        is_writable.then(|| Region { range: number(from)..number(to), file })
    };
    maps.lines().filter_map(region).collect()
}

/// Where each thread's stack is now; a thread that runs at this moment says nothing (`proc_pid_syscall(5)`).
fn stack_pointers(process: u32) -> Vec<u64> {
    let threads = fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
    let pointer = |thread: fs::DirEntry| {
        let text = fs::read_to_string(thread.path().join("syscall")).ok()?;
        let word = text.split_whitespace().rev().nth(1)?.strip_prefix("0x")?.to_owned();
        u64::from_str_radix(&word, 16).ok()
    };
    threads.filter_map(pointer).collect()
}

struct Needle {
    secret: usize,
    spelling: &'static str,
    bytes: Vec<u8>,
}

struct Needles {
    by_front: HashMap<[u8; 8], Vec<Needle>>,
    /// Whether any begins with these two bytes: most of a memory is told off by this.
    pairs: Vec<bool>,
}

impl Needles {
    fn of(secrets: &[String]) -> Self {
        let (mut by_front, mut pairs) = (HashMap::<[u8; 8], Vec<Needle>>::new(), vec![false; 1 << 16]);
        for (secret, text) in secrets.iter().enumerate() {
            assert!(text.len() >= SHORTEST, "secret {secret} is too short to be looked for");
            for (spelling, whole) in canary::spellings(text.as_bytes()) {
                if !matches!(spelling, "plain" | "percent-encoded" | "base64") {
                    continue;
                }
                let from = whole.len().saturating_sub(PIECE) / 2;
                let bytes = whole[from..whole.len().min(from + PIECE)].to_vec();
                let front = by_front.entry(*bytes.first_chunk().expect("16 bytes")).or_default();
                // The middle of two spellings may be the same.
                if front.iter().all(|other| other.bytes != bytes) {
                    pairs[usize::from(bytes[0]) << 8 | usize::from(bytes[1])] = true;
                    front.push(Needle { secret, spelling, bytes });
                }
            }
        }
        Self { by_front, pairs }
    }

    fn search(&self, haystack: &[u8], mut hit: impl FnMut(usize, &Needle)) {
        for (at, window) in haystack.windows(SHORTEST).enumerate() {
            if self.pairs[usize::from(window[0]) << 8 | usize::from(window[1])]
                && let Some(needles) = window.first_chunk().and_then(|front| self.by_front.get(front))
            {
                for needle in needles.iter().filter(|needle| haystack[at..].starts_with(&needle.bytes)) {
                    hit(at, needle);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use base64::{Engine, engine::general_purpose::STANDARD};

    use super::*;

    #[test]
    fn finds_what_this_process_holds_in_each_spelling() {
        let secret = format!("a token/of this test {:?}", std::time::Instant::now());
        let held = [
            secret.clone(),
            url::form_urlencoded::byte_serialize(secret.as_bytes()).collect(),
            STANDARD.encode(&secret),
        ];
        let found = copies(std::process::id(), &[secret, "a token that nobody holds: zzzzzzzzz".to_owned()]);
        for spelling in ["plain", "percent-encoded", "base64"] {
            assert!(found.iter().any(|copy| copy.spelling == spelling && copy.place == Place::Heap), "{spelling}");
        }
        drop(held);
    }
}
