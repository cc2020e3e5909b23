//! An account for a person at a terminal: who, how it is and why, and when it was and will be looked at.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use convoke_core::{
    account::{AccountHealth, reminder::days_left},
    error::ErrorCode,
    view::AccountView,
};

use super::shown;

/// One account on two lines, as it is at `now`; times in `zone`.
pub fn account(account: &AccountView, now: DateTime<Utc>, zone: Tz) -> String {
    let AccountView { id, provider, label, identity, .. } = account;
    let first = shown(&format!("{id}  {provider}  {label}  {identity}  {}", state(account, now)));
    let time = |at: DateTime<Utc>| at.with_timezone(&zone).format("%Y-%m-%d %H:%M").to_string();
    let mut facts =
        vec![account.last_refresh.map_or("no success yet".to_owned(), |at| format!("last success {}", time(at)))];
    facts.extend(account.next_check.map(|at| format!("next check {}", time(at))));
    facts.extend(account.sign_in_by.map(|at| format!("sign in by {}", time(at))));
    format!("{first}\n    {}", facts.join(", "))
}

/// The state in words, with its reason.
fn state(account: &AccountView, now: DateTime<Utc>) -> String {
    match (account.health, account.sign_in_by) {
        (AccountHealth::Ok, _) => "works".to_owned(),
        (AccountHealth::Expiring, None) => "sign in soon".to_owned(),
        (AccountHealth::Expiring, Some(by)) => match days_left(by, now) {
            0 => "sign in now".to_owned(),
            1 => "sign in within a day".to_owned(),
            days => format!("sign in within {days} days"),
        },
        (AccountHealth::NeedsSignIn, _) => with_reason("sign in again", account),
        (AccountHealth::Unreachable, _) => with_reason("not reached", account),
        (AccountHealth::Locked, _) => with_reason("keyring locked or absent", account),
    }
}

fn with_reason(state: &str, account: &AccountView) -> String {
    let Some(code) = account.health_reason.as_deref() else { return state.to_owned() };
    // A code that a newer Convoke wrote is shown as it is.
    let known = serde_json::from_value(code.into()).ok().and_then(why);
    format!("{state} ({})", known.unwrap_or(code))
}

const fn why(code: ErrorCode) -> Option<&'static str> {
    Some(match code {
        ErrorCode::SignInRequired => "the provider or the broker wants it",
        ErrorCode::CredentialMissing => "the keyring holds no sign-in",
        ErrorCode::OtherOrganisation => "made under another broker or API address",
        ErrorCode::NoBroker => "there is no broker",
        ErrorCode::RateLimited => "too many requests",
        ErrorCode::Unavailable => "not working at the moment",
        ErrorCode::BadAnswer => "an answer that is not understood",
        ErrorCode::Unreachable => "no connection",
        ErrorCode::Intercepted => "something else answered in its place",
        ErrorCode::Tls => "the connection could not be secured",
        ErrorCode::KeyringAbsent => "start GNOME Keyring, KWallet or KeePassXC",
        ErrorCode::KeyringLocked => "unlock it with Passwords and Keys, KWallet or KeePassXC",
        ErrorCode::KeyringFailed => "restart the keyring program",
        ErrorCode::KeyringOther => "the sign-in stands in another keyring",
        ErrorCode::ProxyPassword => "the proxy wants a password",
        ErrorCode::NotPermitted => "the broker or a policy does not permit it",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use convoke_core::account::{AccountId, ProviderKind};

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn worded(change: impl FnOnce(&mut AccountView)) -> String {
        let mut view = AccountView {
            id: AccountId::parse("zoom-abc234").unwrap(),
            provider: ProviderKind::Zoom,
            label: "Work".to_owned(),
            identity: "ana@example.com".to_owned(),
            scopes: Vec::new(),
            health: AccountHealth::Ok,
            health_reason: None,
            sign_in_by: None,
            expires_at: None,
            last_refresh: Some(at("2026-11-22T08:41:00Z")),
            next_check: None,
        };
        change(&mut view);
        account(&view, at("2026-11-22T09:00:00Z"), Tz::Europe__Zurich)
    }

    #[test]
    fn an_account_says_how_it_is_and_when_it_is_looked_at() {
        assert_eq!(
            worded(|view| view.next_check = Some(at("2026-11-22T08:56:00Z"))),
            "zoom-abc234  zoom  Work  ana@example.com  works\n    \
             last success 2026-11-22 09:41, next check 2026-11-22 09:56"
        );
        let ending = |view: &mut AccountView| {
            view.health = AccountHealth::Expiring;
            view.sign_in_by = Some(at("2026-11-25T08:00:00Z"));
        };
        assert_eq!(
            worded(ending),
            "zoom-abc234  zoom  Work  ana@example.com  sign in within 3 days\n    \
             last success 2026-11-22 09:41, sign in by 2026-11-25 09:00"
        );
        assert!(worded(|view| view.last_refresh = None).ends_with("\n    no success yet"));
    }

    #[test]
    fn what_is_wrong_has_its_reason() {
        let said = |health, code: Option<&str>| {
            let text = worded(|view| {
                view.health = health;
                view.health_reason = code.map(str::to_owned);
            });
            text.lines().next().unwrap().rsplit("  ").next().unwrap().to_owned()
        };
        assert_eq!(
            said(AccountHealth::NeedsSignIn, Some("credential_missing")),
            "sign in again (the keyring holds no sign-in)"
        );
        assert_eq!(said(AccountHealth::Unreachable, Some("unreachable")), "not reached (no connection)");
        assert!(said(AccountHealth::Locked, Some("keyring_absent")).contains("start GNOME Keyring"));
        assert_eq!(said(AccountHealth::Unreachable, Some("something_new")), "not reached (something_new)");
        assert_eq!(said(AccountHealth::NeedsSignIn, None), "sign in again");
        assert_eq!(said(AccountHealth::Expiring, None), "sign in soon");
    }
}
