//! The words a person pastes into a mail: subject, time, link, id, passcode, dial-in.

use super::Meeting;

/// An invitation as plain text, times in the meeting's own zone and in UTC. Holds nothing that only a host may know.
#[must_use]
pub fn invitation_text(meeting: &Meeting) -> String {
    let mut lines = vec![meeting.subject.clone(), String::new()];
    if let Some(time) = meeting.time {
        lines.push(format!(
            "{} - {} ({})",
            time.start.format("%A, %-d %B %Y, %H:%M"),
            time.end().format("%H:%M"),
            time.zone().name()
        ));
        lines.push(format!("{} - {} UTC", time.start_utc().format("%Y-%m-%d %H:%M"), time.end_utc().format("%H:%M")));
        lines.push(String::new());
    }
    lines.push(format!("{} meeting", meeting.provider.display_name()));
    if let Some(url) = &meeting.join_url {
        lines.push(format!("Join: {}", url.as_str()));
    }
    lines.push(format!("Meeting ID: {}", meeting.provider_id));
    if let Some(passcode) = &meeting.passcode {
        lines.push(format!("Passcode: {passcode}"));
    }
    if let Some(dial_in) = &meeting.dial_in {
        lines.push(format!("Dial-in: {dial_in}"));
    }
    if !meeting.agenda.is_empty() {
        lines.push(String::new());
        lines.push(meeting.agenda.clone());
    }
    lines.push(String::new());
    lines.join("\n")
}
