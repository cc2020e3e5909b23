//! What the command line says: views as lines; accounts in `words/account.rs`, errors in `words/error.rs`, checks in
//! `words/diagnosis.rs`.

use convoke_core::view::{MeetingView, PendingView, ProviderView};

mod account;
mod diagnosis;
mod error;

pub use account::account;
pub use diagnosis::diagnosis;
pub use error::{exit_code, sentence};

/// Text from a provider for a terminal: no control character gets through, so that no title moves the cursor.
fn shown(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// One meeting on one line.
pub fn meeting(meeting: &MeetingView) -> String {
    let when = meeting
        .start
        .as_deref()
        .map_or_else(|| "no time".to_owned(), |start| start.get(..16).unwrap_or(start).replace('T', " "));
    let zone = meeting.zone.as_deref().unwrap_or_default();
    let repeats = meeting.recurrence.as_deref().map(|rule| format!("  ({rule})")).unwrap_or_default();
    shown(&format!(
        "{}  {when}  {zone}  {}  {}{repeats}  {}",
        meeting.id.0,
        meeting.provider,
        meeting.subject,
        meeting.join_url.as_deref().unwrap_or_default()
    ))
}

/// A meeting that may have been created, on one line.
pub fn pending(pending: &PendingView) -> String {
    let what = shown(&format!("\u{201c}{}\u{201d} at {}", pending.subject, pending.provider.display_name()));
    if pending.candidates.is_empty() {
        return format!("{what} may have been created, checking ({}).", pending.id);
    }
    let ids: Vec<&str> = pending.candidates.iter().map(|one| one.provider_id.as_str()).collect();
    let ids = shown(&ids.join(" or "));
    format!(
        "{what} may have been created, as one of {ids}. Say which: convoke meeting settle {} --is ID, or --none.",
        pending.id
    )
}

/// One meeting, a field a line.
pub fn meeting_details(meeting: &MeetingView) -> String {
    let mut lines = vec![shown(&format!("{}  {}", meeting.id.0, meeting.subject))];
    let mut add = |name: &str, value: Option<&str>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            let value = value.lines().map(shown).collect::<Vec<_>>().join("\n            ");
            lines.push(format!("  {name:<9} {value}"));
        }
    };
    add("account", Some(meeting.account.as_str()));
    add("start", meeting.start.as_deref());
    add("end", meeting.end.as_deref());
    add("zone", meeting.zone.as_deref());
    add("join", meeting.join_url.as_deref());
    add("passcode", meeting.passcode.as_deref());
    add("dial-in", meeting.dial_in.as_deref());
    add("sip", meeting.sip.as_deref());
    add("repeats", meeting.recurrence.as_deref());
    add("except", Some(&meeting.exceptions.join(", ")));
    let options: Vec<String> = meeting.options.iter().map(|(key, value)| format!("{key}={value}")).collect();
    add("options", Some(&options.join("\n")));
    add("invited", Some(&meeting.invitees.join(", ")));
    add("agenda", Some(&meeting.agenda));
    lines.join("\n")
}

/// One provider on one line.
pub fn provider(provider: &ProviderView) -> String {
    let available = if provider.available {
        "available"
    } else {
        "not available: the broker does not serve it, or there is no broker"
    };
    let repeats = if provider.capabilities.repeats { "series" } else { "one link for a series" };
    let options: Vec<&str> = provider.capabilities.options.iter().map(|spec| spec.key.as_str()).collect();
    let options = if options.is_empty() { "no options".to_owned() } else { options.join(" ") };
    format!("{}  {}  {available}  {repeats}; {options}", provider.provider, provider.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_provider_wrote_cannot_move_the_cursor() {
        assert_eq!(shown("a\u{1b}]52;c;x\u{7}\nb"), "a ]52;c;x  b");
    }
}
