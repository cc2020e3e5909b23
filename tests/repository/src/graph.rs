//! The dependency graph as `cargo metadata` tells it, reduced to what the rules ask.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// One package of the graph.
#[derive(Clone, Debug, Default)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its licence expression (SPDX), if it has one.
    pub licence: Option<String>,
    /// Where it comes from; `None` for a member of the workspace.
    pub source: Option<String>,
    /// Keys of the packages it needs to be used: not for its build script, not for its tests.
    pub needs: Vec<String>,
}

/// All packages by cargo's own key.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    /// Packages by key.
    pub packages: BTreeMap<String, Package>,
}

impl Graph {
    /// Asks cargo about the workspace at `root`, for all systems and with the features that a plain build has.
    ///
    /// # Errors
    /// What cargo says, or that it said something else than expected.
    pub fn of_workspace(root: &Path) -> Result<Self, String> {
        let output = Command::new(env!("CARGO"))
            .current_dir(root)
            .args(["metadata", "--format-version=1", "--locked"])
            .output()
            .map_err(|error| format!("cargo does not start: {error}"))?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned());
        }
        let metadata: Value = serde_json::from_slice(&output.stdout).map_err(|error| error.to_string())?;
        Ok(Self::read(&metadata))
    }

    /// Reads the JSON of `cargo metadata --format-version=1`.
    #[must_use]
    pub fn read(metadata: &Value) -> Self {
        let mut graph = Self::default();
        for package in list(&metadata["packages"]) {
            graph.packages.insert(
                text(&package["id"]),
                Package {
                    name: text(&package["name"]),
                    version: text(&package["version"]),
                    licence: package["license"].as_str().map(str::to_owned),
                    source: package["source"].as_str().map(str::to_owned),
                    needs: Vec::new(),
                },
            );
        }
        for node in list(&metadata["resolve"]["nodes"]) {
            let normal = |dependency: &&Value| list(&dependency["dep_kinds"]).any(|kind| kind["kind"].is_null());
            let needs = list(&node["deps"]).filter(normal).map(|dependency| text(&dependency["pkg"]));
            if let Some(package) = graph.packages.get_mut(&text(&node["id"])) {
                package.needs = needs.collect();
            }
        }
        graph
    }

    /// The packages of this name; several when there are several versions.
    pub fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Package> {
        self.packages.values().filter(move |package| package.name == name)
    }

    /// The names of all that the package of this name needs, directly or through others.
    #[must_use]
    pub fn reach(&self, name: &str) -> BTreeSet<&str> {
        let mut waiting: Vec<&String> = self.named(name).flat_map(|package| &package.needs).collect();
        let mut seen = BTreeSet::new();
        while let Some(key) = waiting.pop() {
            if seen.insert(key) {
                waiting.extend(self.packages.get(key).into_iter().flat_map(|package| &package.needs));
            }
        }
        seen.into_iter().filter_map(|key| Some(self.packages.get(key)?.name.as_str())).collect()
    }

    /// The names of what the package of this name needs directly.
    #[must_use]
    pub fn direct(&self, name: &str) -> BTreeSet<&str> {
        let keys = self.named(name).flat_map(|package| &package.needs);
        keys.filter_map(|key| Some(self.packages.get(key)?.name.as_str())).collect()
    }
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
