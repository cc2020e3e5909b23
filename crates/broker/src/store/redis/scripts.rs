//! What changes more than one key at once: scripts that the server runs whole or not at all.

use redis::Script;

/// The scripts, each with its digest.
pub(super) struct Scripts {
    pub(super) claim: Script,
    pub(super) open: Script,
    pub(super) uses: Script,
    pub(super) revoke: Script,
    pub(super) keep: Script,
    pub(super) lease: Script,
    pub(super) release: Script,
    pub(super) take: Script,
}

impl Scripts {
    pub(super) fn new() -> Self {
        let script = |own: &str| Script::new(&[include_str!("shared.lua"), own].concat());
        Self {
            claim: script(include_str!("claim.lua")),
            open: script(include_str!("open.lua")),
            uses: script(include_str!("use.lua")),
            revoke: script(include_str!("revoke.lua")),
            keep: script(include_str!("keep.lua")),
            lease: script(include_str!("lease.lua")),
            release: script(include_str!("release.lua")),
            take: script(include_str!("take.lua")),
        }
    }
}
