//! How long a sign-in lasts when nobody uses it, and what is due for it now: pure.

use std::time::Duration as StdDuration;

use chrono::{DateTime, Duration, Utc};

use super::{Ends, Renewal, life::Watch};
use crate::{
    account::{AccountHealth, ProviderKind},
    clock::Moment,
};

/// How long a refresh token lives that nobody uses; each use begins it anew. None where the server's owner decides.
///
/// | provider | days | source |
/// | --- | --- | --- |
/// | Teams | 90 | learn.microsoft.com/entra/identity-platform/refresh-tokens |
/// | Zoom | 90 | developers.zoom.us/docs/integrations/oauth ("treat as changeable") |
/// | Webex | 90, from the last use | developer.webex.com/docs/integrations; its answers say so, too |
/// | GoToMeeting | 30, not begun anew by use: see [`ends_after`] | developer.goto.com/guides/Authentication/05_HOW_refreshToken |
#[must_use]
pub const fn idle_limit(provider: ProviderKind) -> Option<Duration> {
    match provider {
        ProviderKind::Teams | ProviderKind::Zoom | ProviderKind::Webex => Some(Duration::days(90)),
        ProviderKind::Goto => Some(Duration::days(30)),
        ProviderKind::Sametime => None,
    }
}

/// Before this much of the unused time has gone, a sign-in is used to keep it.
const KEEP_AT: i32 = 2;
/// A sign-in whose limit is near is not used more often than this to keep it: it could not be kept so.
const KEEP_SELDOM: Duration = Duration::hours(1);
/// A person is told this long before a sign-in ends.
const TELL_BEFORE: Duration = Duration::days(7);
/// A locked keyring is looked at this often, so that work goes on by itself soon after the unlock.
pub const LOOK_AT_KEYRING: StdDuration = StdDuration::from_secs(2);
/// Everything else is looked at this often: a computer that woke up is noticed within it.
pub const LOOK: StdDuration = StdDuration::from_secs(30);

/// When an unused sign-in ends: by what was said with its tokens, else by the provider's documents.
#[must_use]
pub fn unused_by(provider: ProviderKind, last_refresh: Option<DateTime<Utc>>, ends: Ends) -> Option<DateTime<Utc>> {
    let documented = last_refresh.zip(idle_limit(provider)).map(|(at, limit)| at + limit);
    match (ends.unused_by, documented) {
        (Some(said), Some(documented)) => Some(said.min(documented)),
        (said, documented) => said.or(documented),
    }
}

/// When a sign-in ends after a renewal. GoToMeeting's refresh token goes on for its 30 days from when it was given, used or not,
/// until another one comes; elsewhere each use begins the time anew.
#[must_use]
pub fn ends_after(provider: ProviderKind, before: Ends, renewal: &Renewal) -> Ends {
    if provider != ProviderKind::Goto {
        return renewal.ends;
    }
    let begun_anew = idle_limit(provider).map(|limit| renewal.at + limit);
    let of_token = if renewal.has_rotated { begun_anew } else { before.unused_by.or(begun_anew) };
    let unused_by = [renewal.ends.unused_by, of_token].into_iter().flatten().min();
    Ends { unused_by, ..renewal.ends }
}

/// When a person must have signed in again, where that is near or cannot be put off.
#[must_use]
pub fn sign_in_by(
    provider: ProviderKind,
    last_refresh: Option<DateTime<Utc>>,
    ends: Ends,
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    // While it is used, only the whole life counts. Unused, it is told when four fifths of the time have gone.
    let unused = unused_by(provider, last_refresh, ends).zip(last_refresh).and_then(|(end, from)| {
        let told_from = end - TELL_BEFORE.max((end - from) / 5).min((end - from) / 2);
        (now >= told_from).then_some(end)
    });
    match (ends.whole_by, unused) {
        (Some(whole), Some(unused)) => Some(whole.min(unused)),
        (whole, unused) => whole.or(unused),
    }
}

/// Whether a sign-in that must be renewed by `sign_in_by` is so near its end that a person is told.
#[must_use]
pub fn is_expiring(sign_in_by: Option<DateTime<Utc>>, ends: Ends, now: DateTime<Utc>) -> bool {
    sign_in_by.is_some_and(|by| by <= now + TELL_BEFORE || Some(by) != ends.whole_by)
}

/// When a sign-in is used next to keep it.
#[must_use]
pub fn keep_alive_at(provider: ProviderKind, last_refresh: Option<DateTime<Utc>>, ends: Ends) -> Option<DateTime<Utc>> {
    let from = last_refresh?;
    let end = unused_by(provider, last_refresh, ends)?;
    Some(from + ((end - from) / KEEP_AT).max(KEEP_SELDOM))
}

/// What is known when it is decided what is due.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// The provider.
    pub provider: ProviderKind,
    /// The state after the last use.
    pub health: AccountHealth,
    /// Where the credential stands.
    pub watch: Watch,
    /// Whether renewed tokens wait to be saved.
    pub is_unsaved: bool,
    /// Whether a renewal was begun whose end is not known.
    pub is_unfinished: bool,
    /// Whether the keyring would answer without asking a person.
    pub keyring_is_open: bool,
    /// When the tokens were last renewed.
    pub last_refresh: Option<DateTime<Utc>>,
    /// When the sign-in ends.
    pub ends: Ends,
}

/// What is due for an account. In this order where several are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// Say that the keyring is locked or absent.
    Park,
    /// Save what waits, finish what was begun.
    Finish,
    /// See whether it works again.
    Recheck,
    /// Use it, so that it does not end.
    KeepAlive,
    /// Nothing.
    Nothing,
}

/// What is due now.
#[must_use]
pub fn due(look: &Look, now: Moment) -> Due {
    if !look.keyring_is_open {
        let is_parked = matches!(look.health, AccountHealth::Locked | AccountHealth::NeedsSignIn);
        return if is_parked { Due::Nothing } else { Due::Park };
    }
    if !look.watch.may_ask(now.uptime) {
        return Due::Nothing;
    }
    // The only copy there is, whatever else is said of the account.
    if look.is_unsaved {
        return Due::Finish;
    }
    if look.health == AccountHealth::NeedsSignIn {
        return Due::Nothing;
    }
    if look.is_unfinished {
        return Due::Finish;
    }
    if matches!(look.health, AccountHealth::Locked | AccountHealth::Unreachable) {
        return Due::Recheck;
    }
    match keep_alive_at(look.provider, look.last_refresh, look.ends) {
        // A wall clock that runs away is no reason to use it again and again.
        Some(at) if now.wall >= at && !was_just_renewed(look.watch, now) => Due::KeepAlive,
        _ => Due::Nothing,
    }
}

/// Whether new tokens came so lately, by the clock that nobody sets, that keeping them alive cannot be due.
fn was_just_renewed(watch: Watch, now: Moment) -> bool {
    let past = watch.renewed.and_then(|at| now.uptime.since(at));
    past.and_then(|past| Duration::from_std(past).ok()).is_some_and(|past| past < KEEP_SELDOM)
}

#[cfg(test)]
mod tests;
