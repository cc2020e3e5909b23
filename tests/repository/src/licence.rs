//! Which licences may come in. An expression is read as SPDX has it (SPDX specification, annex D): `OR` needs one allowed side,
//! `AND` needs both.

use crate::graph::Graph;

/// Licences that a program under Apache-2.0 OR MIT can be shipped with. MPL-2.0 is per file and asks nothing of ours.
const ALLOWED: [&str; 16] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "Unicode-3.0",
    "Unicode-DFS-2016",
    "Unlicense",
    "Zlib",
];

/// Packages whose licence is missing or not among the allowed ones.
#[must_use]
pub fn breaches(graph: &Graph) -> Vec<String> {
    let breaks = graph.packages.values().filter(|package| !package.licence.as_deref().is_some_and(is_allowed));
    breaks
        .map(|package| {
            format!(
                "{} {} has the licence {}",
                package.name,
                package.version,
                package.licence.as_deref().unwrap_or("(none)")
            )
        })
        .collect()
}

/// Whether an SPDX expression can be met with allowed licences alone.
#[must_use]
pub fn is_allowed(expression: &str) -> bool {
    // Before the standard settled, `/` meant OR.
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = words.as_slice();
    let allowed = alternatives(&mut rest);
    allowed && rest.is_empty()
}

fn alternatives(rest: &mut &[&str]) -> bool {
    let mut allowed = conjunction(rest);
    while take(rest, "OR") {
        allowed |= conjunction(rest);
    }
    allowed
}

fn conjunction(rest: &mut &[&str]) -> bool {
    let mut allowed = term(rest);
    while take(rest, "AND") {
        allowed &= term(rest);
    }
    allowed
}

fn term(rest: &mut &[&str]) -> bool {
    if take(rest, "(") {
        return alternatives(rest) & take(rest, ")");
    }
    let Some((name, after)) = rest.split_first() else {
        return false;
    };
    *rest = after;
    let mut name = (*name).to_owned();
    if take(rest, "WITH")
        && let Some((exception, after)) = rest.split_first()
    {
        *rest = after;
        name = format!("{name} WITH {exception}");
    }
    ALLOWED.contains(&name.as_str())
}

fn take(rest: &mut &[&str], word: &str) -> bool {
    let found = rest.first() == Some(&word);
    if found {
        *rest = &rest[1..];
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_expressions() {
        for good in [
            "MIT",
            "MIT/Apache-2.0",
            "GPL-3.0 OR MIT",
            "(MIT OR GPL-2.0) AND Unicode-3.0",
            "Apache-2.0 WITH LLVM-exception",
        ] {
            assert!(is_allowed(good), "{good}");
        }
        for bad in ["GPL-3.0", "MIT AND GPL-3.0", "", "OR", "(MIT", "MIT MIT", "MIT WITH Some-exception"] {
            assert!(!is_allowed(bad), "{bad}");
        }
    }
}
