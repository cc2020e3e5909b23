//! What stands between Convoke and a meeting on this computer: a line per check, and a report that can be shared.
//!
//! Plain data and pure judgement; `service/diagnostics.rs` looks. The words, and what to do, are the window's and the command
//! line's, by the check, its state and the error's code.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{account::ProviderKind, error::Error, view::ErrorView};

pub mod judgement;
pub mod report;

/// What a check looks at, in the order of the lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum DiagnosisKind {
    /// This computer's clock against the servers'.
    Clock,
    /// The proxy on the way to the broker.
    Proxy,
    /// The file of certificate authorities that the profile names.
    Authorities,
    /// The certificates of the hosts that were reached.
    Tls,
    /// The broker answers and is a broker.
    Broker,
    /// A provider's host answers.
    Provider,
    /// A secret can be written, read and deleted.
    Keyring,
    /// The address that a browser comes back to can be listened on.
    Loopback,
    /// A program that opens links.
    Browser,
    /// The register is whole.
    Register,
}

/// How a check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum DiagnosisState {
    /// As it should be.
    Ok,
    /// It works, and something should be looked at.
    Warning,
    /// It does not work.
    Failed,
    /// There was nothing to look at.
    Skipped,
}

/// One check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct DiagnosisLine {
    /// What was looked at.
    pub check: DiagnosisKind,
    /// The provider, where it is one's.
    pub provider: Option<ProviderKind>,
    /// What it is about: a host, a program, a file.
    pub subject: Option<String>,
    /// How it came out.
    pub state: DiagnosisState,
    /// What was found, as data: a proxy's address, an issuer, a version, seconds.
    pub note: Option<String>,
    /// Why it is not as it should be.
    pub error: Option<ErrorView>,
}

impl DiagnosisLine {
    /// A check that found everything as it should be.
    #[must_use]
    pub const fn ok(check: DiagnosisKind) -> Self {
        Self { check, provider: None, subject: None, state: DiagnosisState::Ok, note: None, error: None }
    }

    /// The same in another state, with its reason where it has one.
    #[must_use]
    pub fn is(self, state: DiagnosisState, error: Option<Error>) -> Self {
        Self { state, error: error.map(Into::into), ..self }
    }

    /// The same about something.
    #[must_use]
    pub fn about(self, subject: impl Into<String>) -> Self {
        Self { subject: Some(subject.into()), ..self }
    }

    /// The same with what was found.
    #[must_use]
    pub fn noting(self, note: Option<String>) -> Self {
        Self { note, ..self }
    }
}

/// What a look at everything found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct DiagnosisView {
    /// A line per check, in a fixed order.
    pub lines: Vec<DiagnosisLine>,
    /// The same as plain text to share: no secret, no mail address, no user name.
    pub report: String,
}
