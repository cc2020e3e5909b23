//! The identity platform's authorize endpoint: which scopes there are, and what they mean to a person.

use super::claims;
use crate::authorize::{Callback, Desk, Refusal};

/// What a scope of Graph may have in front.
const GRAPH: &str = "https://graph.microsoft.com/";

/// The scopes that the registration may ask for.
const SCOPES: [&str; 9] = [
    "OnlineMeetings.ReadWrite",
    "OnlineMeetings.Read",
    "User.Read",
    "Calendars.ReadWrite",
    "Calendars.Read",
    "offline_access",
    "openid",
    "profile",
    "email",
];

/// Microsoft's side of the authorize endpoint. A code has 1,800 characters and lives ten minutes.
pub(super) const DESK: Desk = Desk {
    provider: "teams",
    title: "Microsoft Teams",
    code_life: chrono::TimeDelta::minutes(10),
    unknown_client: "AADSTS700016: Application with this identifier was not found in the directory.",
    callback: Callback::Asked {
        legacy_path: "teamsCallback",
        unknown: "AADSTS50011: The redirect URI specified in the request does not match the redirect URIs \
        configured for the application.",
    },
    parameters: None,
    book: |world| &mut world.teams.book,
    code: |random| random.token("1.AUkA", 1800),
    scopes: |params| {
        if claims::read(params).is_err() {
            let description = "AADSTS90014: The value of parameter 'claims' is not valid JSON.".to_owned();
            return Err(Refusal { error: "invalid_request", description });
        }
        let text = params.get("scope").ok_or_else(|| Refusal {
            error: "invalid_request",
            description: "AADSTS900144: The request body must contain the following parameter: 'scope'.".to_owned(),
        })?;
        read_scopes(text).map_err(|description| Refusal { error: "invalid_scope", description })
    },
    words,
    extra: |random| vec![("session_state", random.guid())],
};

/// Reads a list of scopes, with Graph's address in front or without; `Err` is Microsoft's sentence.
pub(super) fn read_scopes(text: &str) -> Result<Vec<String>, String> {
    let mut scopes = Vec::new();
    for asked in text.split_ascii_whitespace() {
        let name = asked.strip_prefix(GRAPH).unwrap_or(asked);
        let Some(known) = SCOPES.iter().find(|known| known.eq_ignore_ascii_case(name)) else {
            return Err(format!("AADSTS650053: The application asked for scope '{name}' that doesn't exist."));
        };
        if !scopes.iter().any(|scope| scope == known) {
            scopes.push((*known).to_owned());
        }
    }
    Ok(scopes)
}

fn words(scope: &str) -> Option<&'static str> {
    match scope {
        "OnlineMeetings.ReadWrite" => Some("Manage your online meetings"),
        "OnlineMeetings.Read" => Some("Read your online meetings"),
        "Calendars.ReadWrite" => Some("Read and change your calendar"),
        "Calendars.Read" => Some("Read your calendar"),
        "User.Read" => Some("Sign you in and read your profile"),
        "offline_access" => Some("Stay signed in"),
        "openid" => Some("Know that it is you"),
        "profile" => Some("See your name"),
        "email" => Some("See your mail address"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_with_or_without_its_address() {
        let scopes = read_scopes("https://graph.microsoft.com/User.Read onlinemeetings.readwrite User.Read").ok();
        assert_eq!(scopes, Some(vec!["User.Read".to_owned(), "OnlineMeetings.ReadWrite".to_owned()]));
        assert!(read_scopes("Mail.Send").is_err());
    }
}
