//! The words that a person pastes into a mail.

use super::{facts, words};
use crate::meeting::Meeting;

/// An invitation as plain text.
#[must_use]
pub fn text(meeting: &Meeting) -> String {
    let mut lines = vec![meeting.subject.clone(), String::new()];
    let when = words::when(meeting);
    if !when.is_empty() {
        lines.extend(when);
        lines.push(String::new());
    }
    lines.push(format!("{} meeting", meeting.provider.display_name()));
    lines.extend(facts(meeting).into_iter().map(|(name, value)| format!("{name}: {value}")));
    if !meeting.agenda.is_empty() {
        lines.push(String::new());
        lines.push(meeting.agenda.clone());
    }
    lines.push(String::new());
    lines.join("\n")
}
