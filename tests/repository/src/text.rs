//! Rules over the text of the sources: length, names, where a secret is opened, what its type may do.

use std::fs;
use std::path::Path;

/// One source file: its path from the root with `/`, and its text.
#[derive(Clone, Debug)]
pub struct Source {
    /// The path from the repository's root.
    pub path: String,
    /// The whole text.
    pub text: String,
}

impl Source {
    /// A source for a test.
    #[must_use]
    pub fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned() }
    }
}

const FOLDERS: [&str; 4] = ["crates", "src-tauri", "tests", "ui"];
const NOT_OURS: [&str; 5] = ["node_modules", "target", "dist", "dist-gallery", "gen"];
const ENDINGS: [&str; 4] = [".rs", ".ts", ".svelte", ".mjs"];
const LONGEST: usize = 500;
const EMPTY_NAMES: [&str; 7] = ["utils", "util", "helpers", "helper", "manager", "common", "misc"];

/// Where a secret may be opened: sign-in and sessions, the credential's own file, the OS keyring, and the broker's way from the
/// browser's grant to the provider's token endpoint.
const OPENS_SECRETS: [&str; 22] = [
    "crates/core/src/auth.rs",
    "crates/core/src/auth/",
    "crates/core/src/credential.rs",
    "crates/core/src/credential/",
    "crates/core/src/storage/keyring.rs",
    "crates/core/src/storage/keyring/",
    "crates/broker/src/configuration.rs",
    "crates/broker/src/configuration/",
    "crates/broker/src/grant.rs",
    "crates/broker/src/provider_calls.rs",
    "crates/broker/src/refresh.rs",
    "crates/broker/src/routes/authorize.rs",
    "crates/broker/src/routes/callback.rs",
    "crates/broker/src/routes/legacy.rs",
    "crates/broker/src/routes/tokens.rs",
    "crates/broker/src/sealing.rs",
    "crates/broker/src/sign_in.rs",
    "crates/broker/src/token_json.rs",
    "crates/broker-api/src/token.rs",
    // A Redis's address, with the password in it.
    "crates/broker/src/store/redis.rs",
    "crates/broker/src/tls.rs",
    "crates/broker/src/upstream.rs",
];

fn is_rust(source: &Source) -> bool {
    Path::new(&source.path).extension().is_some_and(|ending| ending == "rs")
}

/// All sources below `root`.
#[must_use]
pub fn sources(root: &Path) -> Vec<Source> {
    let mut found = Vec::new();
    for folder in FOLDERS {
        collect(root, &root.join(folder), &mut found);
    }
    found
}

fn collect(root: &Path, folder: &Path, found: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        if path.is_dir() {
            if !NOT_OURS.contains(&name.as_str()) {
                collect(root, &path, found);
            }
        } else if ENDINGS.iter().any(|ending| name.ends_with(ending)) {
            let relative = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            found.push(Source { path: relative, text: fs::read_to_string(&path).unwrap_or_default() });
        }
    }
}

/// Files of more than 500 lines.
#[must_use]
pub fn too_long(sources: &[Source]) -> Vec<String> {
    let lengths = sources.iter().map(|source| (source, source.text.lines().count()));
    lengths
        .filter(|(_, lines)| *lines > LONGEST)
        .map(|(source, lines)| format!("{} has {lines} lines: which second noun hides in it?", source.path))
        .collect()
}

/// Files, folders and modules whose name says nothing.
#[must_use]
pub fn empty_names(sources: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    for source in sources {
        let parts = source.path.split(['/', '.', '_', '-']);
        found.extend(parts.filter(|part| is_empty_name(part)).map(|part| format!("{}: {part}", source.path)));
        let modules =
            source.text.lines().filter_map(|line| line.trim().trim_start_matches("pub ").strip_prefix("mod "));
        let names = modules.map(|rest| rest.trim_end_matches([';', '{', ' ']));
        let wrong = names.filter(|name| name.split('_').any(is_empty_name));
        found.extend(wrong.map(|name| format!("{}: mod {name}", source.path)));
    }
    found
}

fn is_empty_name(name: &str) -> bool {
    EMPTY_NAMES.iter().any(|empty| empty.eq_ignore_ascii_case(name))
}

/// Files that open a secret although they may not.
#[must_use]
pub fn opened_secrets(sources: &[Source]) -> Vec<String> {
    // Not written in one piece, so that this file is none of them.
    let word = ["expose", "secret"].join("_");
    let opens = sources.iter().filter(|source| is_rust(source) && source.text.contains(&word));
    let wrong = opens.filter(|source| {
        let own = !source.path.starts_with("tests/");
        own && !source.path.contains("/tests/") && !OPENS_SECRETS.iter().any(|place| source.path.starts_with(place))
    });
    wrong.map(|source| format!("{} opens a secret", source.path)).collect()
}

/// Types around a secret that can be serialised or compared.
#[must_use]
pub fn talkative_secrets(sources: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    // This crate's own tests plant such types.
    let ours = |source: &&Source| is_rust(source) && !source.path.starts_with("tests/repository/");
    for source in sources.iter().filter(ours) {
        for (at, _) in source.text.match_indices("struct ") {
            let body = &source.text[at..];
            let end = body.find(['{', ';']).map_or(body.len(), |open| {
                if body.as_bytes()[open] == b'{' { body.find('}').unwrap_or(body.len()) } else { open }
            });
            let body = &body[..end];
            if !["SecretString", "SecretBox", "SecretSlice"].iter().any(|kind| body.contains(kind)) {
                continue;
            }
            // The attributes: what stands between the end of the item before and this one.
            let before = &source.text[..at];
            let start = before.rfind(['}', ';']).map_or(0, |end| end + 1);
            for trait_name in ["Serialize", "PartialEq", "Display", "Hash"] {
                if derives(&before[start..], trait_name) {
                    let name =
                        body["struct ".len()..].split(|c: char| !c.is_alphanumeric() && c != '_' && c != '$').next();
                    found.push(format!("{}: {} derives {trait_name}", source.path, name.unwrap_or_default()));
                }
            }
        }
    }
    found
}

fn derives(attributes: &str, trait_name: &str) -> bool {
    let lists = attributes.split("derive(").skip(1).filter_map(|rest| rest.split(')').next());
    lists.flat_map(|list| list.split(',')).any(|name| name.trim().rsplit("::").next() == Some(trait_name))
}

/// UI files that speak to the shell although only `ui/src/api.ts` may. Its own test may too.
#[must_use]
pub fn shell_imports(sources: &[Source]) -> Vec<String> {
    let word = ["@tauri", "apps"].join("-");
    let imports = sources.iter().filter(|source| source.path.starts_with("ui/src/") && source.text.contains(&word));
    let wrong = imports.filter(|source| !["ui/src/api.ts", "ui/src/api.test.ts"].contains(&source.path.as_str()));
    wrong.map(|source| format!("{} imports the shell's own library", source.path)).collect()
}
