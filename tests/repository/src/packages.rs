//! Which packages may come in, in which versions and from where.

use std::collections::BTreeMap;

use crate::graph::Graph;

/// The one registry. Its address is cargo's own name for it.
const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// A package that may not come in, below which version (`None`: in no version), and why.
type Ban = (&'static str, Option<&'static str>, &'static str);

const BANNED: [Ban; 7] = [
    ("openssl-sys", None, "TLS is rustls: one implementation, and none that a machine has to bring"),
    ("native-tls", None, "TLS is rustls: one implementation, and none that a machine has to bring"),
    ("tauri", Some("2.11.0"), "earlier versions do not hold remote pages back from commands as ours rely on"),
    ("rsa", None, "its private key operations leak by their timing"),
    ("chrono", Some("0.4.31"), "earlier versions read the time zone from an environment that other threads change"),
    ("keyring-file-store", None, "a credential is never kept in a file"),
    ("linux-keyutils-keyring-store", None, "the kernel's keyring forgets at logout"),
];

/// Packages that must be there in exactly one version.
const ONCE: [&str; 4] = ["reqwest", "rustls", "secrecy", "tauri"];

/// Banned packages in the graph.
#[must_use]
pub fn banned(graph: &Graph) -> Vec<String> {
    let mut found = Vec::new();
    for (name, below, why) in BANNED {
        for package in graph.named(name) {
            if below.is_none_or(|below| order(&package.version) < order(below)) {
                found.push(format!("{name} {} may not be used: {why}", package.version));
            }
        }
    }
    found
}

/// Packages that come from elsewhere than the registry.
#[must_use]
pub fn foreign(graph: &Graph) -> Vec<String> {
    let outside =
        graph.packages.values().filter(|package| package.source.as_deref().is_some_and(|source| source != REGISTRY));
    outside.map(|package| format!("{} comes from {:?}", package.name, package.source)).collect()
}

/// Packages of which there is not exactly one version.
#[must_use]
pub fn not_once(graph: &Graph) -> Vec<String> {
    let mut versions: BTreeMap<&str, Vec<&str>> = ONCE.iter().map(|name| (*name, Vec::new())).collect();
    for package in graph.packages.values() {
        if let Some(versions) = versions.get_mut(package.name.as_str()) {
            versions.push(&package.version);
        }
    }
    versions.retain(|_, versions| versions.len() != 1);
    versions.into_iter().map(|(name, versions)| format!("{name} is there in the versions {versions:?}")).collect()
}

/// A version's three numbers; a pre-release counts as its release.
fn order(version: &str) -> Vec<u64> {
    let release = version.split(['-', '+']).next().unwrap_or_default();
    release.split('.').map(|number| number.parse().unwrap_or(0)).collect()
}
