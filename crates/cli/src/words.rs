//! What an error code means, in one sentence that says what to do next; and the exit codes.

use convoke_core::{
    account::ProviderKind,
    error::{ErrorCode, FieldIssue, IssueCode},
    view::{AccountView, ErrorView, MeetingView, ProviderView},
};

/// The exit code of an error, as scripts rely on it.
pub const fn exit_code(code: ErrorCode) -> u8 {
    match code {
        ErrorCode::InvalidInput | ErrorCode::NoBroker => 2,
        ErrorCode::SignInRequired
        | ErrorCode::CredentialMissing
        | ErrorCode::OtherOrganisation
        | ErrorCode::SignInDenied
        | ErrorCode::SignInCancelled
        | ErrorCode::DifferentPerson => 3,
        ErrorCode::NotFound => 4,
        ErrorCode::Rejected => 5,
        ErrorCode::RateLimited | ErrorCode::Unavailable | ErrorCode::BadAnswer | ErrorCode::OutcomeUnknown => 6,
        ErrorCode::Conflict => 7,
        ErrorCode::NotPermitted => 8,
        ErrorCode::Unreachable | ErrorCode::Intercepted | ErrorCode::Tls => 9,
        ErrorCode::KeyringAbsent | ErrorCode::KeyringLocked | ErrorCode::KeyringFailed => 10,
        ErrorCode::Storage => 1,
    }
}

/// One line: what happened, what was not changed, what to do.
pub fn sentence(error: &ErrorView) -> String {
    let who = error.provider.map_or("The provider", ProviderKind::display_name);
    let account = error.account.as_ref().map_or("the account", |id| id.as_str());
    let because = error.detail.as_deref().map(|detail| format!(" ({detail})")).unwrap_or_default();
    let again = error
        .retry_at
        .map_or_else(|| "Try again later.".to_owned(), |at| format!("Try again after {}.", at.format("%H:%M:%S UTC")));
    match error.code {
        ErrorCode::InvalidInput => {
            let issues: Vec<String> = error.fields.iter().map(issue).collect();
            format!("{}. Nothing was changed.", issues.join("; "))
        }
        ErrorCode::SignInRequired => {
            format!("{who} wants you to sign in again for {account}. The account and its meetings are kept. {}", sign_in(error))
        }
        ErrorCode::CredentialMissing => {
            format!("The keyring works but holds no sign-in for {account}. Nothing was deleted. {}", sign_in(error))
        }
        ErrorCode::OtherOrganisation => format!(
            "{account} was made under another broker or API address, so its sign-in is not used here. \
             Use its own profile, or sign in under this one. {}",
            sign_in(error)
        ),
        ErrorCode::NotFound => match error.fields.first().and_then(|field| field.detail.as_deref()) {
            Some(id) => format!("There is no meeting {id} here. Look for its id with: convoke meeting list"),
            None => format!("{who} does not have this meeting any more. It may have been cancelled elsewhere."),
        },
        ErrorCode::Rejected => format!("{who} refused{because}. Nothing was changed."),
        ErrorCode::RateLimited => format!("{who} asks to slow down. Nothing was changed. {again}"),
        ErrorCode::Unavailable => format!("{who} has trouble answering{because}. Nothing was changed and the sign-in is kept. {again}"),
        ErrorCode::BadAnswer => format!("{who} answered something that could not be understood{because}. Nothing here was changed and the sign-in is kept. {again}"),
        ErrorCode::OutcomeUnknown => format!("The answer of {who} was lost, so the meeting may have been created. Look with: convoke meeting list --account {account} before you try again."),
        ErrorCode::Conflict => format!("It was changed elsewhere, or another Convoke is at work on {account}{because}. Nothing was changed. Try again."),
        ErrorCode::NotPermitted => format!("{who} does not permit this{because}: a scope, a licence or a policy is missing. Nothing was changed. Ask your administrator."),
        ErrorCode::Unreachable => format!("No answer from {}. Nothing was changed and the sign-in is kept. Check the network and try again.", error.detail.as_deref().unwrap_or(who)),
        ErrorCode::Intercepted => format!("Something on the network answered in place of the server{because}: a sign-in page or a proxy. Nothing was changed and the sign-in is kept. Sign in to the network and try again."),
        ErrorCode::Tls => format!("The connection to {} could not be secured. Nothing was sent. Check the clock, the proxy and the certificates of this computer.", error.detail.as_deref().unwrap_or(who)),
        ErrorCode::KeyringAbsent => "No keyring is running, so a sign-in could not be kept. Nothing was changed. Start GNOME Keyring, KWallet or KeePassXC (with its Secret Service) and try again.".to_owned(),
        ErrorCode::KeyringLocked => "The keyring is locked. Nothing was changed and nothing was deleted. Unlock it (with Passwords and Keys, KWallet or KeePassXC) and try again.".to_owned(),
        ErrorCode::KeyringFailed => format!("The keyring did not do its work{because}. Nothing was deleted. Restart the keyring program and try again."),
        ErrorCode::SignInDenied => "The sign-in was declined in the browser. Nothing was changed.".to_owned(),
        ErrorCode::SignInCancelled => "The sign-in was not finished in time, or its address was used before. Nothing was changed. Start it again.".to_owned(),
        ErrorCode::DifferentPerson => "Somebody else signed in than before. Nothing was replaced.".to_owned(),
        ErrorCode::NoBroker => "There is no broker to sign in through. Give the organisation's profile file with --profile FILE.".to_owned(),
        ErrorCode::Storage => format!("The register in the home folder could not be read or written{because}. Check the folder's permissions and the free space."),
    }
}

/// The command that signs in at the error's provider.
fn sign_in(error: &ErrorView) -> String {
    let command = match error.provider {
        Some(ProviderKind::Sametime) => "convoke account add sametime --server URL --username NAME",
        Some(ProviderKind::Teams) => "convoke account add teams",
        Some(ProviderKind::Zoom) => "convoke account add zoom",
        None => "convoke account add PROVIDER",
    };
    format!("Run: {command}")
}

fn issue(issue: &FieldIssue) -> String {
    let field = issue.field.as_str();
    let value = issue.detail.as_deref().unwrap_or_default();
    match issue.problem {
        IssueCode::Required if field == "account" => {
            "account is missing: sign in first (convoke account add zoom), or say which with --account (convoke account list)".to_owned()
        }
        IssueCode::Required => format!("{field} is missing"),
        IssueCode::TooLong => format!("{field} is too long (at most {value})"),
        IssueCode::ControlCharacter => format!("{field} holds a character that does not print"),
        IssueCode::NotATime => {
            format!("{field} \u{201c}{value}\u{201d} is not a time; write 2027-03-14T09:30 or RFC 3339")
        }
        IssueCode::UnknownZone => format!("{field} \u{201c}{value}\u{201d} is not an IANA zone such as Europe/Zurich"),
        IssueCode::SkippedByClockChange => format!("{field} {value} does not exist: the clock change skips it"),
        IssueCode::HappensTwice => {
            format!("{field} {value} happens twice because of the clock change; say --earlier or --later")
        }
        IssueCode::InThePast => format!("{field} is in the past"),
        IssueCode::TooFarAhead => format!("{field} is over twenty years ahead"),
        IssueCode::EndBeforeStart => format!("{field}: the end does not come after the start"),
        IssueCode::EndAndDuration => "give an end or a duration, not both".to_owned(),
        IssueCode::NotAnAddress => format!("{field}: \u{201c}{value}\u{201d} is not a mail address"),
        IssueCode::NotAWebAddress => {
            format!("{field}: \u{201c}{value}\u{201d} is not an https address (http only on loopback)")
        }
        IssueCode::WrongPassword => "the user name or the password is wrong".to_owned(),
        IssueCode::Unknown => format!("{field}: there is no \u{201c}{value}\u{201d}"),
        IssueCode::Refused => format!("{field} was refused: {value}"),
        IssueCode::NotPossible => format!("{field} is not possible here ({value})"),
    }
}

/// Text from a provider for a terminal: no control character gets through, so that no title moves the cursor.
fn shown(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// One account on one line.
pub fn account(account: &AccountView) -> String {
    let health = serde_json::to_value(account.health)
        .ok()
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_default();
    let reason = account.health_reason.as_deref().map(|reason| format!(" ({reason})")).unwrap_or_default();
    shown(&format!("{}  {}  {}  {}  {health}{reason}", account.id, account.provider, account.label, account.identity))
}

/// One meeting on one line.
pub fn meeting(meeting: &MeetingView) -> String {
    let when = meeting
        .start
        .as_deref()
        .map_or_else(|| "no time".to_owned(), |start| start.get(..16).unwrap_or(start).replace('T', " "));
    let zone = meeting.zone.as_deref().unwrap_or_default();
    shown(&format!(
        "{}  {when}  {zone}  {}  {}  {}",
        meeting.id.0,
        meeting.provider,
        meeting.subject,
        meeting.join_url.as_deref().unwrap_or_default()
    ))
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
    format!("{}  {}  {available}", provider.provider, provider.name)
}

#[cfg(test)]
mod tests {
    use convoke_core::error::Error;

    use super::*;

    #[test]
    fn exit_codes_are_a_promise() {
        for (code, exit) in [
            (ErrorCode::InvalidInput, 2),
            (ErrorCode::SignInRequired, 3),
            (ErrorCode::OtherOrganisation, 3),
            (ErrorCode::NotFound, 4),
            (ErrorCode::Rejected, 5),
            (ErrorCode::RateLimited, 6),
            (ErrorCode::Unavailable, 6),
            (ErrorCode::Conflict, 7),
            (ErrorCode::NotPermitted, 8),
            (ErrorCode::Unreachable, 9),
            (ErrorCode::Tls, 9),
            (ErrorCode::KeyringAbsent, 10),
            (ErrorCode::KeyringLocked, 10),
        ] {
            assert_eq!(exit_code(code), exit);
        }
    }

    #[test]
    fn what_a_provider_wrote_cannot_move_the_cursor() {
        assert_eq!(shown("a\u{1b}]52;c;x\u{7}\nb"), "a ]52;c;x  b");
    }

    #[test]
    fn a_sentence_is_one_line_whatever_came_from_outside() {
        let error = Error::new(ErrorCode::Rejected).detail("a\nb\u{1b}[0m");
        assert_eq!(sentence(&error.into()).lines().count(), 1);
    }
}
