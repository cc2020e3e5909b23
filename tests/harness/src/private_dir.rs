//! A folder of mode 0700 that belongs to one test and goes away with it.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

static NEXT: AtomicU32 = AtomicU32::new(0);

/// A private folder; removed with everything in it when dropped.
#[derive(Debug)]
pub struct PrivateDir {
    path: PathBuf,
}

impl PrivateDir {
    /// Makes a new folder below the system's folder for temporary files. `label` (a short word) is part of its name.
    #[must_use]
    pub fn new(label: &str) -> Self {
        let base = std::env::temp_dir();
        loop {
            let serial = NEXT.fetch_add(1, Ordering::Relaxed);
            let path = base.join(format!("cv-{label}-{}-{serial}", std::process::id()));
            match DirBuilder::new().mode(0o700).create(&path) {
                Ok(()) => return Self { path },
                // Left over by an earlier process of the same id: take the next number.
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => panic!("no private folder at {}: {error}", path.display()),
            }
        }
    }

    /// Where the folder is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Makes a folder of mode 0700 in it and answers its path.
    pub fn folder(&self, name: &str) -> PathBuf {
        let path = self.path.join(name);
        DirBuilder::new()
            .mode(0o700)
            .recursive(true)
            .create(&path)
            .unwrap_or_else(|error| panic!("no folder {}: {error}", path.display()));
        path
    }

    /// Writes a file with the given permissions (0o600, 0o700, …) and answers its path.
    pub fn file(&self, name: &str, mode: u32, content: &[u8]) -> PathBuf {
        if mode & 0o111 != 0 {
            return self.program(name, mode, content);
        }
        let path = self.path.join(name);
        OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(mode)
            .open(&path)
            .and_then(|mut file| file.write_all(content))
            .unwrap_or_else(|error| panic!("no file {}: {error}", path.display()));
        path
    }

    /// Has another process write what will be run: a child that a second thread forks meanwhile would hold our own handle for
    /// a moment, and nobody can run a file that is open for writing ("Text file busy").
    fn program(&self, name: &str, mode: u32, content: &[u8]) -> PathBuf {
        let plain = self.file(&format!("{name}.text"), 0o600, content);
        let path = self.path.join(name);
        let done = Command::new("install").arg(format!("--mode={mode:o}")).arg(&plain).arg(&path).status();
        assert!(done.is_ok_and(|status| status.success()), "no program {}", path.display());
        path
    }
}

impl Drop for PrivateDir {
    fn drop(&mut self) {
        // A process that is just ending may still write here: what stays is in the folder for temporary files.
        let _ = fs::remove_dir_all(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn is_private_and_goes_away() {
        let dir = PrivateDir::new("own");
        let path = dir.path().to_owned();
        let file = dir.file("secret", 0o600, b"x");
        let mode = |path: &Path| fs::metadata(path).expect("metadata").permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o700);
        assert_eq!(mode(&file), 0o600);
        assert_ne!(path, PrivateDir::new("own").path());
        drop(dir);
        assert!(!path.exists());
    }
}
