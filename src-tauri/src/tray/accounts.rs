//! What the tray says of the accounts that are not well: pure, who needs the person first, one line for one trouble.

use chrono::{DateTime, Duration, Utc};
use convoke_core::{
    account::{AccountHealth, ProviderKind, reminder::days_left},
    view::AccountView,
};

use super::menu::{Act, MenuLine, short};
use crate::words::{Value, Words};

/// So many lines are shown.
const PROBLEMS: usize = 3;
/// A sign-in that ends within this time has a line.
const NEAR: Duration = Duration::days(7);
/// A sign-in that ends within this time is shown by the icon, too.
const VERY_NEAR: Duration = Duration::days(1);

/// The lines above the meetings; each leads to the accounts.
pub(super) fn problems(now: DateTime<Utc>, accounts: &[AccountView], words: &Words) -> Vec<MenuLine> {
    let of = |health| accounts.iter().filter(move |account| account.health == health).collect::<Vec<_>>();
    let each = |accounts: &[&AccountView]| accounts.iter().map(|one| state(now, one, words)).collect::<Vec<_>>();
    let asks = of(AccountHealth::NeedsSignIn).into_iter().map(|account| {
        let (label, provider) = (short(&account.label), provider(account.provider, words));
        words.say("tray-attention", &[("label", Value::Text(&label)), ("provider", Value::Text(&provider))])
    });
    let ending: Vec<&AccountView> =
        of(AccountHealth::Expiring).into_iter().filter(|account| ends_within(NEAR, now, account)).collect();
    let lines = asks
        .chain(one_line(&of(AccountHealth::Locked), |_| "tray-many-locked", words, each))
        .chain(each(&ending))
        .chain(one_line(&of(AccountHealth::Unreachable), unreachable_name, words, each));
    lines.take(PROBLEMS).map(|text| MenuLine::Item(Act::Accounts, text)).collect()
}

/// Whether the icon asks for the person.
pub(super) fn needs_the_person(now: DateTime<Utc>, account: &AccountView) -> bool {
    match account.health {
        AccountHealth::NeedsSignIn | AccountHealth::Locked => true,
        AccountHealth::Expiring => account.sign_in_by.is_some() && ends_within(VERY_NEAR, now, account),
        AccountHealth::Ok | AccountHealth::Unreachable => false,
    }
}

/// An account and its state on one line.
pub(super) fn state(now: DateTime<Utc>, account: &AccountView, words: &Words) -> String {
    let health = match (account.health, account.sign_in_by) {
        (AccountHealth::Ok, _) => words.say("tray-health-ok", &[]),
        (AccountHealth::Expiring, Some(by)) => {
            words.say("tray-health-expiring", &[("days", Value::Number(days_left(by, now)))])
        }
        (AccountHealth::Expiring, None) => words.say("tray-health-expiring-soon", &[]),
        (AccountHealth::NeedsSignIn, _) => words.say("tray-health-needs_sign_in", &[]),
        (AccountHealth::Unreachable, _) => words.say("tray-health-unreachable", &[]),
        (AccountHealth::Locked, _) => words.say("tray-health-locked", &[]),
    };
    let (label, provider) = (short(&account.label), provider(account.provider, words));
    let values =
        [("label", Value::Text(&label)), ("provider", Value::Text(&provider)), ("health", Value::Text(&health))];
    words.say("tray-account-failed", &values)
}

/// The short name of a provider.
pub fn provider(kind: ProviderKind, words: &Words) -> String {
    words.say(&format!("tray-provider-{kind}"), &[])
}

/// A date that is not known is near: the account says so.
fn ends_within(span: Duration, now: DateTime<Utc>, account: &AccountView) -> bool {
    account.sign_in_by.is_none_or(|by| by - now <= span)
}

/// Several accounts with the same trouble are one line; one has its own.
fn one_line(
    accounts: &[&AccountView],
    name: impl FnOnce(&[&AccountView]) -> &'static str,
    words: &Words,
    each: impl FnOnce(&[&AccountView]) -> Vec<String>,
) -> Vec<String> {
    let [first, _, ..] = accounts else { return each(accounts) };
    let count = u32::try_from(accounts.len()).unwrap_or(u32::MAX);
    let values = [("count", Value::Number(count)), ("provider", Value::Text(&provider(first.provider, words)))];
    vec![words.say(name(accounts), &values)]
}

/// An outage of one provider is named by it; one of several is the network's or the sign-in service's.
fn unreachable_name(accounts: &[&AccountView]) -> &'static str {
    let same = accounts.windows(2).all(|pair| pair[0].provider == pair[1].provider);
    if same { "tray-provider-unreachable" } else { "tray-many-unreachable" }
}
