//! What an error code means, in one sentence that says what to do next; and the exit codes.

use convoke_core::{
    account::ProviderKind,
    error::{AlternativeKind, ErrorCode, FieldIssue, IssueCode},
    http::CA_FIELD,
    meeting::SeriesForm,
    view::ErrorView,
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
        ErrorCode::RateLimited
        | ErrorCode::Unavailable
        | ErrorCode::BadAnswer
        | ErrorCode::OutcomeUnknown
        | ErrorCode::Busy => 6,
        ErrorCode::Conflict => 7,
        ErrorCode::NotPermitted | ErrorCode::ConsentMissing | ErrorCode::LicenceMissing => 8,
        ErrorCode::Unreachable | ErrorCode::Intercepted | ErrorCode::ProxyPassword | ErrorCode::Tls => 9,
        ErrorCode::KeyringAbsent | ErrorCode::KeyringLocked | ErrorCode::KeyringFailed | ErrorCode::KeyringOther => 10,
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
        ErrorCode::SignInRequired if error.detail.as_deref() == Some("session") => {
            format!("The broker wants you to sign in again for {account}: its session is over. The account and its meetings are kept. {}", sign_in(error))
        }
        ErrorCode::SignInRequired if error.detail.as_deref() == Some("restored") => {
            format!("{who} does not know the sign-in of {account} any more: the keyring holds an older one than was kept last, as after a restored backup. The account and its meetings are kept. {}", sign_in(error))
        }
        ErrorCode::KeyringFailed if error.detail.as_deref() == Some("damaged") => {
            format!("What the keyring holds for {account} is damaged. Nothing was deleted. Sign in again to write it anew. {}", sign_in(error))
        }
        ErrorCode::SignInRequired => {
            format!("{who} wants you to sign in again for {account}. The account and its meetings are kept. {}", sign_in(error))
        }
        ErrorCode::CredentialMissing if error.detail.as_deref() == Some("was_here") => {
            format!("The keyring works but holds no sign-in for {account} any more: it was emptied or replaced. Nothing was deleted by Convoke. Bring the old keyring back, or sign in again. {}", sign_in(error))
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
        ErrorCode::Rejected if !error.fields.is_empty() => not_possible(error, who),
        ErrorCode::Rejected => format!("{who} refused{because}. Nothing was changed."),
        ErrorCode::RateLimited => format!("{who} asks to slow down. Nothing was changed. {again}"),
        ErrorCode::Unavailable => format!("{who} has trouble answering{because}. Nothing was changed and the sign-in is kept. {again}"),
        ErrorCode::BadAnswer => format!("{who} answered something that could not be understood{because}. Nothing here was changed and the sign-in is kept. {again}"),
        ErrorCode::OutcomeUnknown => format!("The answer of {who} was lost, so the meeting may have been created. Convoke looks for it; see what it found with: convoke meeting list --account {account}. Do not create it again before."),
        ErrorCode::Conflict => format!("It was changed elsewhere, or another Convoke is at work on {account}{because}. Nothing was changed. Try again."),
        ErrorCode::Busy => format!("Another Convoke is renewing the sign-in of {account} and has not finished within 15 seconds. Nothing was changed and the sign-in is kept. Try again in a moment."),
        ErrorCode::NotPermitted => format!("{who} does not permit this{because}: a policy or a right stands against it. Nothing was changed. Ask your administrator."),
        ErrorCode::ConsentMissing => format!("The sign-in of {account} does not cover this{because}. Nothing was changed. Sign in again and allow it; if it is not asked for, your administrator has to add the scope. {}", sign_in(error)),
        ErrorCode::LicenceMissing => format!("The plan of {account} at {who} does not include this{because}. Nothing was changed. Ask your administrator for a licence."),
        ErrorCode::Unreachable => format!("No answer from {}. Nothing was changed and the sign-in is kept. Check the network and try again.", error.detail.as_deref().unwrap_or(who)),
        ErrorCode::Intercepted => format!("Something on the network answered in place of the server{because}: a sign-in page or a proxy. Nothing was changed and the sign-in is kept. Sign in to the network and try again."),
        ErrorCode::ProxyPassword => format!("A proxy on the way wants a user name and a password{because}. Nothing was sent and the sign-in is kept. Put them into HTTPS_PROXY (http://NAME:PASSWORD@HOST:PORT) or ask your administrator, and try again."),
        ErrorCode::Tls => format!("The connection could not be secured ({}). Nothing was sent and the sign-in is kept. Check this computer's clock. If the issuer is your organisation's gateway, put its certificate into a file and name it in CONVOKE_CA_FILE, or as ca_file under [network] in the profile.", error.detail.as_deref().unwrap_or(who)),
        ErrorCode::KeyringAbsent => "No keyring is running, so a sign-in could not be kept. Nothing was changed. Start GNOME Keyring, KWallet or KeePassXC (with its Secret Service) and try again.".to_owned(),
        ErrorCode::KeyringLocked => "The keyring is locked. Nothing was changed and nothing was deleted. Unlock it (with Passwords and Keys, KWallet or KeePassXC) and try again.".to_owned(),
        ErrorCode::KeyringFailed => format!("The keyring did not do its work{because}. Nothing was deleted. Restart the keyring program and try again."),
        ErrorCode::KeyringOther => format!("The sign-in of {account} stands in another keyring{because} than the one that answers now. Nothing was deleted. Start that one again, or sign in again to keep it here. {}", sign_in(error)),
        ErrorCode::SignInDenied => "The sign-in was declined in the browser. Nothing was changed.".to_owned(),
        ErrorCode::SignInCancelled => "The sign-in was not finished in time, or its address was used before. Nothing was changed. Start it again.".to_owned(),
        ErrorCode::DifferentPerson => "Somebody else signed in than before. Nothing was replaced.".to_owned(),
        ErrorCode::NoBroker => "There is no broker to sign in through. Give the organisation's profile file with --profile FILE.".to_owned(),
        ErrorCode::Storage => format!("The register in the home folder could not be read or written{because}. Check the folder's permissions and the free space."),
    }
}

/// What a provider cannot do, and each way out as the words to ask with.
fn not_possible(error: &ErrorView, who: &str) -> String {
    let why =
        error.fields.iter().map(|issue| match (issue.field.as_str(), issue.detail.as_deref().unwrap_or_default()) {
            ("repeat", "yearly") => format!("{who} has no yearly series"),
            ("repeat", "rule") => format!("{who} has no such rule"),
            ("repeat", "no_series") => format!("{who} has no series"),
            ("repeat", "too_many_meetings") => "the series would be too many meetings, or does not end".to_owned(),
            ("repeat", detail) if detail.starts_with("over_") => {
                format!("{who} takes at most {} dates in a series, and an end", &detail["over_".len()..])
            }
            _ => self::issue(issue),
        });
    let why = why.collect::<Vec<_>>().join("; ");
    let ways: Vec<String> = error
        .alternatives
        .iter()
        .map(|way| {
            let series = match way.series {
                SeriesForm::Native => "",
                SeriesForm::OneLink => " --series one-link",
                SeriesForm::Linked => " --series linked",
            };
            let what = match way.kind {
                AlternativeKind::EndDate => "a series that ends".to_owned(),
                AlternativeKind::Linked => format!("{} meetings, kept together", way.meetings),
                AlternativeKind::OneLink => "one link for all dates, which are kept here".to_owned(),
            };
            format!("{what}: --repeat '{}'{series}", way.repeat)
        })
        .collect();
    let ways = if ways.is_empty() { String::new() } else { format!(" Possible instead: {}.", ways.join("; ")) };
    format!("{why}. Nothing was sent and nothing was changed.{ways}")
}

/// The command that signs in at the error's provider.
fn sign_in(error: &ErrorView) -> String {
    let command = match error.provider {
        Some(ProviderKind::Sametime) => "sametime --server URL --username NAME",
        Some(provider) => provider.as_str(),
        None => "PROVIDER",
    };
    format!("Run: convoke account add {command}")
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
        IssueCode::NotAToken => "this is not a token: copy all of what the page shows, and nothing else".to_owned(),
        IssueCode::DeadToken => {
            "the provider does not take this token any more: open the page again and copy the new one".to_owned()
        }
        IssueCode::Unknown if field == CA_FIELD => format!("{field} cannot be read ({value})"),
        IssueCode::Unknown => format!("{field}: there is no \u{201c}{value}\u{201d}"),
        IssueCode::Refused => format!("{field} was refused: {value}"),
        IssueCode::NotPossible => format!("{field} is not possible here ({value})"),
        IssueCode::OnlyWhenMade => format!("{field} is chosen when a meeting is made and cannot be changed there"),
        IssueCode::TooShort => format!("{field} is too short (at least {value} minutes)"),
        IssueCode::NotInSeries => format!("{field} is no date of the rule; its first one is {value}"),
        IssueCode::NoOccurrence => format!("{field} leaves no date at all"),
        IssueCode::Excluded => format!("{field} and {value} exclude each other"),
    }
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
            (ErrorCode::Busy, 6),
            (ErrorCode::Conflict, 7),
            (ErrorCode::NotPermitted, 8),
            (ErrorCode::Unreachable, 9),
            (ErrorCode::ProxyPassword, 9),
            (ErrorCode::Tls, 9),
            (ErrorCode::KeyringAbsent, 10),
            (ErrorCode::KeyringLocked, 10),
            (ErrorCode::KeyringOther, 10),
        ] {
            assert_eq!(exit_code(code), exit);
        }
    }

    #[test]
    fn a_sentence_is_one_line_whatever_came_from_outside() {
        let error = Error::new(ErrorCode::Rejected).detail("a\nb\u{1b}[0m");
        assert_eq!(sentence(&error.into()).lines().count(), 1);
    }
}
