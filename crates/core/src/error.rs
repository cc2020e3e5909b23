//! What can go wrong, named by what happens next. Worded only by the window and the command line, from the code.

use std::{future::Future, pin::Pin};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::account::{AccountId, ProviderKind};

/// What is wrong with one field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum IssueCode {
    /// Nothing was given.
    Required,
    /// Over the limit that stands in the detail.
    TooLong,
    /// Holds a character that does not print.
    ControlCharacter,
    /// Neither RFC 3339 nor a wall time.
    NotATime,
    /// Not a zone of the tz database.
    UnknownZone,
    /// The clock change skips this wall time.
    SkippedByClockChange,
    /// The clock change makes this wall time happen twice.
    HappensTwice,
    /// Before now.
    InThePast,
    /// Over twenty years ahead.
    TooFarAhead,
    /// The end does not come after the start.
    EndBeforeStart,
    /// Both an end and a duration.
    EndAndDuration,
    /// Not a mail address.
    NotAnAddress,
    /// Not a web address that may be used here: `https`, or `http` on loopback.
    NotAWebAddress,
    /// The user name or the password is wrong.
    WrongPassword,
    /// Something else than a token was pasted.
    NotAToken,
    /// The provider does not take the token any more.
    DeadToken,
    /// There is no such account, provider or option; the detail names it.
    Unknown,
    /// The provider refused the value; the detail is its reason.
    Refused,
    /// The provider cannot do this.
    NotPossible,
    /// It is chosen when a meeting is made and stays.
    OnlyWhenMade,
    /// Under the least that stands in the detail.
    TooShort,
    /// The start is no date of the rule; the detail is the first one that is.
    NotInSeries,
    /// The rule has no date at all.
    NoOccurrence,
    /// Two options exclude each other; the detail names the other.
    Excluded,
}

/// What can be done in the place of something that cannot: the words to ask with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum AlternativeKind {
    /// The same series with an end that the provider takes.
    EndDate,
    /// Several meetings that are kept together, each with its own link.
    Linked,
    /// One link for the whole series; the dates are kept here.
    OneLink,
}

/// One way out, complete: asking again with these two makes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Alternative {
    /// What it is.
    pub kind: AlternativeKind,
    /// The rule to ask with (`--repeat`).
    pub repeat: String,
    /// The form to ask with (`--series`).
    pub series: crate::meeting::SeriesForm,
    /// How many meetings are made.
    pub meetings: u32,
    /// The last date of the series, `2027-12-31`, where it ends.
    pub last: Option<String>,
}

/// One field and its problem.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct FieldIssue {
    /// The field's name, as on the command line without dashes: `subject`, `start`, `zone`, `server`.
    pub field: String,
    /// What is wrong.
    pub problem: IssueCode,
    /// A value that the sentence needs.
    pub detail: Option<String>,
}

impl FieldIssue {
    /// A problem that needs no value.
    #[must_use]
    pub fn new(field: &str, problem: IssueCode) -> Self {
        Self { field: field.to_owned(), problem, detail: None }
    }

    /// A problem whose sentence names a value; cut to 200 characters.
    #[must_use]
    pub fn with_detail(field: &str, problem: IssueCode, detail: &str) -> Self {
        Self { field: field.to_owned(), problem, detail: Some(printable(detail)) }
    }
}

/// What a window or a script branches on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum ErrorCode {
    /// A field is wrong; nothing was sent.
    InvalidInput,
    /// The provider wants the person to sign in again.
    SignInRequired,
    /// The keyring works and holds no sign-in for this account; the provider was not asked.
    CredentialMissing,
    /// The account was made under another broker or API address.
    OtherOrganisation,
    /// Not there, or no longer there.
    NotFound,
    /// The provider refused; its reason is in the detail.
    Rejected,
    /// Too many requests.
    RateLimited,
    /// The provider or the broker is down.
    Unavailable,
    /// An answer that is not what the provider's contract says.
    BadAnswer,
    /// The answer may have been lost: the act may have been done.
    OutcomeUnknown,
    /// Changed elsewhere, or another Convoke is at it.
    Conflict,
    /// Another task or Convoke renews this account's sign-in, and has not ended within the time that is waited for it.
    Busy,
    /// A policy, or a right that is missing.
    NotPermitted,
    /// The sign-in does not cover this: a scope is missing.
    ConsentMissing,
    /// The person's plan does not include this.
    LicenceMissing,
    /// Not reached: name, connection or time limit.
    Unreachable,
    /// Something else answered in its place: a network's sign-in page, or a proxy.
    Intercepted,
    /// A proxy in the way wants a user name and a password.
    ProxyPassword,
    /// The connection could not be secured; the detail names the host, and the issuer of the certificate that was refused.
    Tls,
    /// No keyring is running.
    KeyringAbsent,
    /// The keyring is locked.
    KeyringLocked,
    /// The keyring failed in another way.
    KeyringFailed,
    /// The sign-in stands in another keyring than the one that answers; the detail is its name.
    KeyringOther,
    /// The person said no in the browser.
    SignInDenied,
    /// The person, or the clock, ended the sign-in.
    SignInCancelled,
    /// Somebody else signed in than before.
    DifferentPerson,
    /// No organisation is set up, so there is no broker to sign in through.
    NoBroker,
    /// The register or the settings could not be read or written.
    Storage,
}

/// Why something was not done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code:?}{}", .detail.as_deref().map(|d| format!(": {d}")).unwrap_or_default())]
pub struct Error {
    /// What happens next.
    pub code: ErrorCode,
    /// The account it happened to.
    pub account: Option<AccountId>,
    /// The provider it happened at.
    pub provider: Option<ProviderKind>,
    /// The provider's reason or the host's name: data, cut and cleaned, never a secret.
    pub detail: Option<String>,
    /// When to try again.
    pub retry_at: Option<DateTime<Utc>>,
    /// The fields that are wrong.
    pub fields: Vec<FieldIssue>,
    /// What can be done instead.
    pub alternatives: Vec<Alternative>,
    /// What the provider's policy wants of the next sign-in (Graph's claims challenge): JSON, no secret.
    pub claims: Option<Box<Claims>>,
}

/// What a provider's policy wants of the next sign-in: a JSON object, or empty where it could not be read. No secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims(pub String);

impl Error {
    /// An error of this code and nothing more.
    #[must_use]
    pub const fn new(code: ErrorCode) -> Self {
        Self {
            code,
            account: None,
            provider: None,
            detail: None,
            retry_at: None,
            fields: Vec::new(),
            alternatives: Vec::new(),
            claims: None,
        }
    }

    /// Refused before anything was sent, because the provider cannot do what `field` asks; with the ways out.
    #[must_use]
    pub fn not_possible(field: &str, why: &str, alternatives: Vec<Alternative>) -> Self {
        let fields = vec![FieldIssue::with_detail(field, IssueCode::NotPossible, why)];
        Self { fields, alternatives, ..Self::new(ErrorCode::Rejected) }
    }

    /// Fields that are wrong.
    #[must_use]
    pub fn invalid(fields: Vec<FieldIssue>) -> Self {
        Self { fields, ..Self::new(ErrorCode::InvalidInput) }
    }

    /// Adds outside text: cut to 200 characters, control characters taken out.
    #[must_use]
    pub fn detail(self, text: impl AsRef<str>) -> Self {
        let detail = printable(text.as_ref());
        Self { detail: Some(detail).filter(|text| !text.is_empty()), ..self }
    }

    /// Names the account and its provider.
    #[must_use]
    pub fn at(self, account: &AccountId, provider: ProviderKind) -> Self {
        Self { account: Some(account.clone()), provider: Some(provider), ..self }
    }

    /// Names the provider alone.
    #[must_use]
    pub fn from_provider(self, provider: ProviderKind) -> Self {
        Self { provider: Some(provider), ..self }
    }

    /// Says when to try again.
    #[must_use]
    pub fn retry(self, at: Option<DateTime<Utc>>) -> Self {
        Self { retry_at: at, ..self }
    }

    /// Whether trying again later may help without a person's act.
    #[must_use]
    pub const fn is_passing(&self) -> bool {
        matches!(
            self.code,
            ErrorCode::RateLimited
                | ErrorCode::Unavailable
                | ErrorCode::BadAnswer
                | ErrorCode::Unreachable
                | ErrorCode::Intercepted
                | ErrorCode::ProxyPassword
                | ErrorCode::Tls
                | ErrorCode::Busy
        )
    }
}

/// A boxed answer that other threads may wait for: what the traits of storage and providers give back.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'a>>;

/// Outside text as one short line: no control characters, at most 200 characters.
#[must_use]
pub fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(200).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outside_text_cannot_break_a_line_or_grow() {
        let error = Error::new(ErrorCode::Rejected).detail(format!("a\r\n\u{1b}[31mb{}", "x".repeat(500)));
        let detail = error.detail.unwrap();
        assert!(detail.chars().count() <= 200);
        assert!(!detail.chars().any(char::is_control));
    }
}
