//! ARCHITECTURE.md has a line for every source file, and none for a file that is gone.

use std::collections::BTreeSet;

use crate::text::Source;

/// What differs between the sources and the map: paths without a line, and lines without a file.
///
/// A heading that ends in `` `crates/core/src/` `` opens a folder; a row that begins with `` | `auth.rs` | `` is a file in it.
/// Generated bindings have no line.
#[must_use]
pub fn differences(map: &str, sources: &[Source]) -> Vec<String> {
    let mut folder = "";
    let mut lines = BTreeSet::new();
    for line in map.lines() {
        if let Some(heading) = line.strip_prefix("### ") {
            folder = heading.rsplit('`').nth(1).unwrap_or_default();
        } else if let Some((file, text)) = line.strip_prefix("| `").and_then(|row| row.split_once("` | "))
            && !text.trim_end_matches(" |").is_empty()
        {
            lines.insert(format!("{folder}{file}"));
        }
    }
    let has_line = |path: &str| lines.contains(path);
    let missing = sources
        .iter()
        .filter(|source| {
            source.path.contains("/src/") || source.path.contains("/tests/") || source.path.starts_with("tests/")
        })
        .filter(|source| !source.path.contains("/bindings/") && !has_line(&source.path))
        .map(|source| format!("{} has no line in ARCHITECTURE.md", source.path));
    let is_there = |path: &str| sources.iter().any(|source| source.path == path);
    let gone = lines
        .iter()
        .filter(|path| [".rs", ".ts", ".svelte", ".mjs"].iter().any(|ending| path.ends_with(ending)) && !is_there(path))
        .map(|path| format!("{path} has a line in ARCHITECTURE.md and is not there"));
    missing.chain(gone).collect()
}
