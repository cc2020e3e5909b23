//! A `$BROWSER` that opens nothing: it writes down the address it was given, for the test to play the browser itself.

use std::fs;
use std::path::{Path, PathBuf};

use crate::patience;
use crate::private_dir::PrivateDir;

/// An executable script and the file it writes to.
#[derive(Debug)]
pub struct BrowserScript {
    dir: PrivateDir,
    script: PathBuf,
}

impl BrowserScript {
    /// Writes the script.
    #[must_use]
    pub fn new() -> Self {
        let dir = PrivateDir::new("browser");
        let list = dir.path().join("opened");
        let text = format!("#!/bin/sh\nprintf '%s\\n' \"$1\" >>'{}'\n", list.display());
        let script = dir.file("browser", 0o700, text.as_bytes());
        Self { dir, script }
    }

    /// The value for `BROWSER`.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.script
    }

    /// Every address opened so far, oldest first.
    #[must_use]
    pub fn opened(&self) -> Vec<String> {
        let text = fs::read_to_string(self.dir.path().join("opened")).unwrap_or_default();
        // A line that is still being written has no end yet.
        text.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n')).map(str::to_owned).collect()
    }

    /// Waits for the address number `index` (from 0).
    #[must_use]
    #[track_caller]
    pub fn wait_url(&self, index: usize) -> String {
        patience::wait_for("an address for the browser", patience::READY, || self.opened().into_iter().nth(index))
    }
}

impl Default for BrowserScript {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn writes_addresses_down() {
        let browser = BrowserScript::new();
        for address in ["http://127.0.0.1/a?b=c&d='e'", "http://127.0.0.1/second"] {
            assert!(Command::new(browser.path()).arg(address).status().expect("it runs").success());
        }
        assert_eq!(browser.wait_url(0), "http://127.0.0.1/a?b=c&d='e'");
        assert_eq!(browser.wait_url(1), "http://127.0.0.1/second");
    }
}
