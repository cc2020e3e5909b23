//! The life of a credential as a state machine: pure, and the only place that says what an outcome means.
//!
//! A credential is dead only where a renewal was *rejected*: by the parsed word of whoever issued it, about the very token
//! that was sent. Everything else keeps it. There is no catch-all: each error code is named in [`Outcome::of`].

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::{
    clock::Uptime,
    error::{Error, ErrorCode},
};

/// Why a person has to sign in again. The account, its settings and its meetings stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The provider does not take the refresh token any more (`invalid_grant`, RFC 6749 §5.2).
    Refused,
    /// The provider refused an access token that was new, or its policy wants more of a sign-in. The refresh token may be good, and
    /// is tried again.
    Unauthorized,
    /// What the keyring has is not what was written there.
    Damaged,
    /// The broker's session is over.
    SessionOver,
    /// The keyring works and has no such item.
    Missing,
    /// The account was made under another broker or API base.
    OtherOrganisation,
    /// The organisation has no broker any more.
    NoBroker,
}

/// How a renewal ended. Exactly these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// New tokens are in the keyring.
    Refreshed,
    /// The ones that are there are good, or somebody else had renewed them.
    Unchanged,
    /// Nothing is known against the credential; the same may succeed later.
    Transient {
        /// What stood in the way.
        cause: ErrorCode,
        /// When to try again, where the other side said so.
        retry_at: Option<DateTime<Utc>>,
    },
    /// The credential is dead.
    Rejected(Reason),
    /// The keyring is locked, absent or failing: the credential was not read, or the renewed one waits in memory.
    KeyringWait,
    /// The account was removed meanwhile, or the act was given up.
    Cancelled,
}

impl Outcome {
    /// What an error says of a *renewal*: where the other side said no to something else than the credential (the broker's
    /// registration, a policy), the same may succeed later.
    #[must_use]
    pub fn of_renewal(error: &Error) -> Self {
        match Self::of(error) {
            Self::Unchanged => Self::Transient { cause: error.code, retry_at: error.retry_at },
            outcome => outcome,
        }
    }

    /// What an error says about the credential.
    #[must_use]
    pub fn of(error: &Error) -> Self {
        let transient = Self::Transient { cause: error.code, retry_at: error.retry_at };
        match error.code {
            ErrorCode::SignInRequired if error.detail.as_deref() == Some(SESSION_OVER) => {
                Self::Rejected(Reason::SessionOver)
            }
            ErrorCode::SignInRequired if matches!(error.detail.as_deref(), Some(UNAUTHORIZED | CLAIMS)) => {
                Self::Rejected(Reason::Unauthorized)
            }
            ErrorCode::SignInRequired => Self::Rejected(Reason::Refused),
            ErrorCode::KeyringFailed if error.detail.as_deref() == Some(DAMAGED) => Self::Rejected(Reason::Damaged),
            ErrorCode::CredentialMissing => Self::Rejected(Reason::Missing),
            ErrorCode::OtherOrganisation => Self::Rejected(Reason::OtherOrganisation),
            ErrorCode::NoBroker => Self::Rejected(Reason::NoBroker),
            ErrorCode::KeyringAbsent
            | ErrorCode::KeyringLocked
            | ErrorCode::KeyringFailed
            | ErrorCode::KeyringOther => Self::KeyringWait,
            ErrorCode::RateLimited
            | ErrorCode::Unavailable
            | ErrorCode::BadAnswer
            | ErrorCode::OutcomeUnknown
            | ErrorCode::Unreachable
            | ErrorCode::Intercepted
            | ErrorCode::ProxyPassword
            | ErrorCode::Tls
            | ErrorCode::Busy
            | ErrorCode::Conflict
            | ErrorCode::Storage => transient,
            // The other side understood and said no to something else than the credential.
            ErrorCode::InvalidInput
            | ErrorCode::NotFound
            | ErrorCode::Rejected
            | ErrorCode::NotPermitted
            | ErrorCode::ConsentMissing
            | ErrorCode::LicenceMissing => Self::Unchanged,
            ErrorCode::SignInDenied | ErrorCode::SignInCancelled | ErrorCode::DifferentPerson => Self::Cancelled,
        }
    }
}

/// The detail of a `SignInRequired` that is the broker's own: its session is over, the provider's tokens may be good.
pub const SESSION_OVER: &str = "session";
/// The detail of a `SignInRequired` where the provider's API refused an access token that was just renewed.
pub const UNAUTHORIZED: &str = "unauthorized";
/// The detail of a `SignInRequired` where a policy wants more of the next sign-in (Graph's claims challenge).
pub const CLAIMS: &str = "claims";
/// The detail of a `SignInRequired` where the keyring had an older credential than was kept last, as after a restored backup.
pub const RESTORED: &str = "restored";
/// The detail of a `KeyringFailed` where what stands in the keyring does not fit together.
pub const DAMAGED: &str = "damaged";

/// Where a credential stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Life {
    /// It can be sent.
    #[default]
    Fresh,
    /// It can be sent, and somebody should renew it.
    ExpiringSoon,
    /// It is being renewed; the old one can be sent for as long as it lasts.
    Refreshing,
    /// It was renewed and waits in memory, since the keyring could not be written.
    RenewedUnsaved,
    /// The keyring could not be read.
    KeyringWait,
    /// It is dead, and a person must sign in again.
    NeedsSignIn(Reason),
    /// A person removed the account. Nothing leads back.
    Removed,
}

/// What happens to a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// Time went by: it should be renewed.
    Aged,
    /// Somebody holds the account's lock and asks.
    Asked,
    /// A renewal, or another use, ended.
    Ended(Outcome),
    /// The provider took the access token. Nothing is known anew of the way to the broker.
    Worked,
    /// A renewal ended, and its tokens could not be saved.
    NotSaved,
    /// What waited in memory is in the keyring.
    Saved,
    /// A person signed in again.
    SignedIn,
    /// A person removed the account.
    Removed,
}

impl Life {
    /// The state after `event`.
    #[must_use]
    pub const fn after(self, event: Event) -> Self {
        match (self, event) {
            (Self::Removed, _) | (_, Event::Removed) => Self::Removed,
            (_, Event::SignedIn | Event::Saved | Event::Ended(Outcome::Refreshed)) => Self::Fresh,
            // Only a person's sign-in, or tokens that were seen to work, lead out of this.
            (_, Event::Ended(Outcome::Rejected(reason)))
            | (
                Self::NeedsSignIn(reason),
                Event::Aged
                | Event::Asked
                | Event::Ended(Outcome::Transient { .. } | Outcome::KeyringWait | Outcome::Cancelled),
            ) => Self::NeedsSignIn(reason),
            // What waits in memory waits until it is saved: it is never renewed away unsaved.
            (_, Event::NotSaved) | (Self::RenewedUnsaved, _) => Self::RenewedUnsaved,
            (Self::ExpiringSoon | Self::Refreshing, Event::Worked) => self,
            (_, Event::Ended(Outcome::Unchanged) | Event::Worked) => Self::Fresh,
            (_, Event::Ended(Outcome::KeyringWait))
            | (Self::KeyringWait, Event::Aged | Event::Ended(Outcome::Transient { .. } | Outcome::Cancelled)) => {
                Self::KeyringWait
            }
            (_, Event::Asked) => Self::Refreshing,
            (_, Event::Aged | Event::Ended(Outcome::Transient { .. } | Outcome::Cancelled)) => Self::ExpiringSoon,
        }
    }

    /// Whether the credential may still be good.
    #[must_use]
    pub const fn is_alive(self) -> bool {
        !matches!(self, Self::NeedsSignIn(_) | Self::Removed)
    }
}

/// What is known of one account's credential while the program runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Watch {
    /// Where it stands.
    pub life: Life,
    /// Renewals that failed in passing since the last that did not.
    pub failures: u32,
    /// Before this, nobody asks unless a person does.
    pub not_before: Option<Uptime>,
    /// Whether the other side asked for that wait.
    pub was_asked: bool,
    /// When new tokens last came, while this program runs.
    pub renewed: Option<Uptime>,
}

/// The first wait after a failure.
const FIRST_WAIT: Duration = Duration::from_secs(5);
/// The longest wait, also where a server asks for more.
const LONGEST_WAIT: Duration = Duration::from_secs(15 * 60);

impl Watch {
    /// The state after `event` at `now`. `chance` is 0 to 1: waits differ by a fifth in either direction, so that not
    /// everybody comes back at once. `asked` is the wait that the other side asked for.
    #[must_use]
    pub fn after(self, event: Event, now: Uptime, asked: Option<Duration>, chance: f64) -> Self {
        let life = self.life.after(event);
        match event {
            Event::Ended(Outcome::Transient { .. }) | Event::NotSaved => {
                let failures = self.failures.saturating_add(1);
                let not_before = Uptime { since: now.since + wait_after(failures, asked, chance), ..now };
                let renewed = if event == Event::NotSaved { Some(now) } else { self.renewed };
                Self { life, failures, not_before: Some(not_before), was_asked: asked.is_some(), renewed }
            }
            Event::Ended(Outcome::KeyringWait | Outcome::Cancelled) | Event::Aged | Event::Asked | Event::Worked => {
                Self { life, ..self }
            }
            Event::Ended(Outcome::Refreshed) => Self { life, renewed: Some(now), ..Self::default() },
            Event::Ended(Outcome::Unchanged | Outcome::Rejected(_))
            | Event::Saved
            | Event::SignedIn
            | Event::Removed => Self { life, renewed: self.renewed, ..Self::default() },
        }
    }

    /// Nothing is waited for any longer that nobody asked for: the way is open again.
    #[must_use]
    pub fn hurried(self) -> Self {
        if self.was_asked { self } else { Self { not_before: None, ..self } }
    }

    /// Whether something that nobody waits for may ask now.
    #[must_use]
    pub fn may_ask(self, now: Uptime) -> bool {
        self.not_before.is_none_or(|at| at.since(now).is_none_or(|wait| wait.is_zero()))
    }
}

/// How long nobody asks after so many failures in a row.
#[must_use]
pub fn wait_after(failures: u32, asked: Option<Duration>, chance: f64) -> Duration {
    let doubled = FIRST_WAIT.saturating_mul(1 << failures.saturating_sub(1).min(16));
    let wait = asked.map_or(doubled, |asked| asked.max(doubled)).min(LONGEST_WAIT);
    wait.mul_f64(0.8 + 0.4 * chance.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests;
