//! What a provider can do, as plain data: asked before, not found out after.

use serde::Serialize;
use ts_rs::TS;

use crate::meeting::options::OptionSpec;

/// What a provider can do: asked before, not found out after.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
#[expect(clippy::struct_excessive_bools, reason = "each is a question of its own that a form asks")]
pub struct Capabilities {
    /// It lists meetings that were made elsewhere.
    pub lists: bool,
    /// A meeting keeps its link when it is changed.
    pub updates_in_place: bool,
    /// It knows a meeting's time.
    pub knows_time: bool,
    /// It keeps the agenda.
    pub keeps_agenda: bool,
    /// Tokens can be revoked there.
    pub revokes: bool,
    /// It keeps the list of the invited.
    pub keeps_invitees: bool,
    /// The list of the invited can be changed after the meeting was made.
    pub changes_invitees: bool,
    /// It tells the invited by itself, when the meeting is made and when it changes.
    pub writes_to_invitees: bool,
    /// It has series of its own. Where not, a series is one link, and the dates are kept here.
    pub repeats: bool,
    /// The longest subject, in characters.
    pub longest_subject: u16,
    /// The longest agenda, in characters.
    pub longest_agenda: u16,
    /// The shortest meeting, in minutes.
    pub shortest_minutes: u16,
    /// What can be chosen beside, in the order of the form.
    pub options: &'static [OptionSpec],
}
