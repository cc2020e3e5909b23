//! Who may know whom: the arrows of ARCHITECTURE.md, as far as manifests hold them.

use crate::graph::Graph;

/// A package, and what it must not reach, directly or through others.
const NEVER_REACHES: [(&str, &[&str]); 5] = [
    ("convoke-core", &["tauri", "axum", "clap", "convoke-broker", "convoke-sandbox", "convoke-harness"]),
    ("convoke-broker", &["tauri", "convoke-core", "convoke-sandbox", "convoke-harness"]),
    ("convoke-sandbox", &["tauri", "convoke-core", "convoke-broker", "convoke-broker-api", "convoke-harness"]),
    ("convoke-cli", &["tauri", "axum", "convoke-broker", "convoke-sandbox", "convoke-harness"]),
    ("convoke-desktop", &["axum", "convoke-broker", "convoke-sandbox", "convoke-harness"]),
];

/// A package, and all that it may know directly.
const KNOWS_ONLY: [(&str, &[&str]); 1] = [("convoke-broker-api", &["serde", "utoipa"])];

/// A package, and the only members of the workspace that may know it directly.
const KNOWN_ONLY_BY: [(&str, &[&str]); 5] = [
    ("reqwest", &["convoke-core"]),
    ("keyring", &["convoke-core"]),
    ("redis", &["convoke-broker"]),
    ("rusqlite", &["convoke-core", "convoke-broker"]),
    ("oauth2", &["convoke-core", "convoke-broker"]),
];

/// Arrows that point the wrong way, and members that the rules speak of and that are not there.
#[must_use]
pub fn breaches(graph: &Graph) -> Vec<String> {
    let mut found = Vec::new();
    for (name, forbidden) in NEVER_REACHES {
        if graph.named(name).next().is_none() {
            found.push(format!("{name} is not a package any more: change the rules with it"));
        }
        let reach = graph.reach(name);
        found.extend(forbidden.iter().filter(|one| reach.contains(*one)).map(|one| format!("{name} reaches {one}")));
    }
    for (name, allowed) in KNOWS_ONLY {
        let known = graph.direct(name);
        found.extend(known.iter().filter(|one| !allowed.contains(one)).map(|one| format!("{name} knows {one}")));
    }
    for (name, allowed) in KNOWN_ONLY_BY {
        let members = graph.packages.values().filter(|package| package.source.is_none());
        let knows = members.filter(|package| graph.direct(&package.name).contains(name));
        let wrong = knows.filter(|package| !allowed.contains(&package.name.as_str()));
        found.extend(wrong.map(|package| format!("{} knows {name}", package.name)));
    }
    found
}
