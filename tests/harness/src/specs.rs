//! The vendors' own API contracts, where they are at hand, and how a test says that it was skipped.

use std::io::Write;
use std::path::PathBuf;

use crate::program;

/// The folder with the contracts: `CONVOKE_SPECS`, or `../shared/specs` beside the repository. `None` where neither exists: the
/// test has then been reported as skipped and returns.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "one variable says where the contracts are")]
pub fn folder(test: &str) -> Option<PathBuf> {
    let folder =
        std::env::var_os("CONVOKE_SPECS").map_or_else(|| program::repository().join("../shared/specs"), PathBuf::from);
    if folder.is_dir() {
        return Some(folder);
    }
    skipped(test, "no vendor contracts beside the repository (../shared/specs or CONVOKE_SPECS)");
    None
}

/// Says that `test` was skipped and why, in the form that `make test` counts: a line that begins `SKIPPED:`.
///
/// # Panics
/// Never: where standard error is closed nobody reads the line.
pub fn skipped(test: &str, why: &str) {
    // Past the test runner's capture, which would swallow the line of a test that passes.
    let _ = writeln!(std::io::stderr(), "SKIPPED: {test}: {why}");
}
