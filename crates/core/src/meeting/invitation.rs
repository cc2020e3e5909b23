//! What a person sends to the invited: words, a page, or an entry for a calendar.
//!
//! Made of what anyone may know: a start URL, a host key and a host's URL are in no type that comes here. Times stand in the
//! meeting's own zone, with its name, and in UTC.

mod calendar;
mod content_line;
mod html;
mod text;
mod words;
mod zone_definition;

pub use calendar::calendar;
pub use html::html;
pub use text::text;

use super::Meeting;

/// The form of an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvitationForm {
    /// Plain text.
    Text,
    /// A fragment of HTML without scripts, styles or images.
    Html,
    /// An iCalendar object (RFC 5545, RFC 5546).
    Calendar,
}

impl InvitationForm {
    /// The form of a name on the command line.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "text" => Some(Self::Text),
            "html" => Some(Self::Html),
            "ics" => Some(Self::Calendar),
            _ => None,
        }
    }
}

/// The longest id that a person types.
const LONGEST_TYPED_ID: usize = 80;

/// What is said of a meeting beside its subject, its dates and its agenda: a name and a value a line.
fn facts(meeting: &Meeting) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    if let Some(url) = &meeting.join_url {
        facts.push(("Join", url.as_str().to_owned()));
    }
    // What follows an `@` is our own: for whom a meeting was made.
    let id = meeting.provider_id.split('@').next().unwrap_or_default();
    if id.len() <= LONGEST_TYPED_ID {
        facts.push(("Meeting ID", id.to_owned()));
    }
    if let Some(passcode) = &meeting.passcode {
        facts.push(("Passcode", passcode.clone()));
    }
    if let Some(dial_in) = &meeting.dial_in {
        facts.push(("Dial-in", dial_in.clone()));
    }
    if let Some(sip) = &meeting.sip {
        facts.push(("Video system", sip.clone()));
    }
    facts
}

#[cfg(test)]
mod tests;
