//! Looks for secrets where none may be: in folders, outputs, argument lists and environments, and in every spelling that a
//! program gives a string on its way to a disk.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// Secrets shorter than this occur by chance.
const SHORTEST: usize = 8;
/// A long secret is found by any piece of this length, so that a shortened one in a log is found too.
const PIECE: usize = 24;

/// Where a secret was found. Says which one by its name, never by its value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    /// The name the secret was given.
    pub secret: String,
    /// How it was spelled there.
    pub spelling: &'static str,
    /// The name of the file or of the bytes.
    pub place: String,
}

/// A set of secrets to look for.
#[derive(Default)]
pub struct Canary {
    /// Spelled secrets by their first eight bytes.
    needles: HashMap<[u8; SHORTEST], Vec<Needle>>,
}

struct Needle {
    secret: String,
    spelling: &'static str,
    bytes: Vec<u8>,
}

impl Canary {
    /// Adds a secret. Panics when it is shorter than eight bytes: such a one would be found everywhere.
    #[must_use]
    pub fn secret(mut self, name: &str, value: &[u8]) -> Self {
        assert!(value.len() >= SHORTEST, "{name} is too short to be looked for");
        for (spelling, bytes) in spellings(value) {
            let key = *bytes.first_chunk().expect("no spelling is shorter than eight bytes");
            self.needles.entry(key).or_default().push(Needle { secret: name.to_owned(), spelling, bytes });
        }
        self
    }

    /// Looks through bytes that have a name.
    #[must_use]
    pub fn search(&self, place: &str, haystack: &[u8]) -> BTreeSet<Found> {
        let mut found = BTreeSet::new();
        for (at, window) in haystack.windows(SHORTEST).enumerate() {
            let key: [u8; SHORTEST] = *window.first_chunk().expect("a window is this long");
            for needle in self.needles.get(&key).into_iter().flatten() {
                if haystack[at..].starts_with(&needle.bytes) {
                    found.insert(Found {
                        secret: needle.secret.clone(),
                        spelling: needle.spelling,
                        place: place.to_owned(),
                    });
                }
            }
        }
        found
    }

    /// Looks through a file or through every file of a folder, names of files included.
    #[must_use]
    pub fn search_path(&self, path: &Path) -> BTreeSet<Found> {
        let place = path.display().to_string();
        let mut found = self.search(&format!("the name {place}"), place.as_bytes());
        let Ok(kind) = fs::symlink_metadata(path).map(|data| data.file_type()) else {
            return found;
        };
        if kind.is_dir() {
            for entry in fs::read_dir(path).into_iter().flatten().flatten() {
                found.extend(self.search_path(&entry.path()));
            }
        } else if kind.is_file() {
            found.extend(self.search(&place, &fs::read(path).unwrap_or_default()));
        }
        found
    }

    /// Looks through the arguments and environments of a process and of all that it started.
    #[must_use]
    pub fn search_processes(&self, id: u32) -> BTreeSet<Found> {
        let mut found = BTreeSet::new();
        for id in family(id) {
            for name in ["cmdline", "environ"] {
                let bytes = fs::read(format!("/proc/{id}/{name}")).unwrap_or_default();
                found.extend(self.search(&format!("{name} of process {id}"), &bytes));
            }
        }
        found
    }
}

/// A process and all that descends from it.
#[must_use]
pub fn family(id: u32) -> Vec<u32> {
    let mut parents: Vec<(u32, u32)> = Vec::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let stat = fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        // The name in parentheses may hold anything; the parent is the second word after it.
        let parent = stat.rsplit_once(") ").and_then(|(_, rest)| rest.split(' ').nth(1)?.parse().ok());
        let own = entry.file_name().to_string_lossy().parse().ok();
        parents.extend(own.zip(parent));
    }
    let mut members = vec![id];
    let mut next = 0;
    while next < members.len() {
        let parent = members[next];
        members.extend(parents.iter().filter(|(_, of)| *of == parent).map(|(own, _)| *own));
        next += 1;
    }
    members
}

/// How a program may write a secret: each spelling by its name.
pub(crate) fn spellings(value: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let text = String::from_utf8_lossy(value);
    let hex: String = value.iter().map(|byte| format!("{byte:02x}")).collect();
    let percent_all: String = value.iter().map(|byte| format!("%{byte:02X}")).collect();
    let percent: String = url::form_urlencoded::byte_serialize(value).collect();
    let json = serde_json::to_string(&text).expect("a string is JSON");
    let debug = format!("{text:?}");
    let mut all = vec![
        ("percent-encoded", percent.to_ascii_lowercase().into_bytes()),
        ("percent-encoded", percent.into_bytes()),
        ("percent-encoded", percent_all.into_bytes()),
        ("JSON", json.trim_matches('"').as_bytes().to_vec()),
        ("quoted", debug.trim_matches('"').as_bytes().to_vec()),
        ("hexadecimal", hex.to_ascii_uppercase().into_bytes()),
        ("hexadecimal", hex.into_bytes()),
        ("UTF-16", text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        ("UTF-16", text.encode_utf16().flat_map(u16::to_be_bytes).collect()),
    ];
    // Spellings that change nothing are the secret itself.
    all.retain(|(_, bytes)| bytes != value);
    all.push(("plain", value.to_vec()));
    if value.len() > 2 * PIECE {
        all.extend(value.chunks_exact(PIECE).map(|piece| ("a piece of it", piece.to_vec())));
    }
    all.extend(in_base64(value).into_iter().map(|bytes| ("base64", bytes)));
    all.retain(|(_, bytes)| bytes.len() >= SHORTEST);
    all
}

/// The base64 of a secret that begins at any of three places in what was encoded, without the letters that its neighbours colour.
fn in_base64(value: &[u8]) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for before in 0..3 {
        let mut padded = vec![0; before];
        padded.extend_from_slice(value);
        let first = (before * 8).div_ceil(6);
        let whole = padded.len() * 8 / 6;
        for engine in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
            let text = engine.encode(&padded);
            all.push(text.as_bytes()[first..whole].to_vec());
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PrivateDir;
    use crate::program::Program;
    use std::process::Command;

    const SECRET: &str = "p\"ss/wörd+und=Töken";

    fn canary() -> Canary {
        Canary::default().secret("the token", SECRET.as_bytes())
    }

    fn finds(haystack: &[u8]) -> bool {
        !canary().search("here", haystack).is_empty()
    }

    #[test]
    fn finds_every_spelling() {
        let percent: String = url::form_urlencoded::byte_serialize(SECRET.as_bytes()).collect();
        let all: Vec<Vec<u8>> = vec![
            format!("before {SECRET} after").into_bytes(),
            serde_json::json!({ "x": SECRET }).to_string().into_bytes(),
            format!("{SECRET:?}").into_bytes(),
            format!("a={percent}&b=1").into_bytes(),
            SECRET.bytes().map(|byte| format!("{byte:02x}")).collect::<String>().into_bytes(),
            SECRET.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        ];
        for haystack in all {
            assert!(finds(&haystack), "{:?}", String::from_utf8_lossy(&haystack));
        }
        for before in ["", "1", "22", "333", "4444"] {
            let text = format!("{before}{SECRET}…");
            assert!(finds(STANDARD_NO_PAD.encode(&text).as_bytes()), "{before}");
            assert!(finds(URL_SAFE_NO_PAD.encode(&text).as_bytes()), "{before}");
        }
        assert!(!finds(b"nothing is here, not even a p\"ss/w"));
    }

    #[test]
    fn finds_a_shortened_secret() {
        let long: String =
            (0..200).map(|number| char::from(b'a' + u8::try_from(number * 7 % 26).expect("a letter"))).collect();
        let canary = Canary::default().secret("long", long.as_bytes());
        assert!(!canary.search("a log", format!("Bearer {}…", &long[..30]).as_bytes()).is_empty());
    }

    #[test]
    fn finds_files_names_arguments_and_environments() {
        let dir = PrivateDir::new("canary");
        assert!(canary().search_path(dir.path()).is_empty());
        dir.folder("deep");
        dir.file("deep/file", 0o600, SECRET.as_bytes());
        let found = canary().search_path(dir.path());
        assert!(found.iter().any(|one| one.place.ends_with("deep/file") && one.spelling == "plain"));

        let start = |value: &str, word: &str| {
            let mut command = Command::new("sh");
            command.args(["-c", "sh -c 'echo ready; exec sleep 1000' & wait", "sh", word]).env("BAIT", value);
            let program = Program::start(command);
            program.wait_line("ready", |line| line == "ready");
            program
        };
        let clean = start("no", "nothing");
        assert!(canary().search_processes(clean.id()).is_empty());
        let caught = start(SECRET, SECRET);
        let found = canary().search_processes(caught.id());
        assert!(found.iter().any(|one| one.place.starts_with("cmdline")));
        // Once in the process itself and once in the one that it started.
        assert_eq!(found.iter().filter(|one| one.place.starts_with("environ")).count(), 2);
    }
}
