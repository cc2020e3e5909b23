//! What a keyring's error means for a person: start one, unlock it, or neither.
//!
//! Errors of the keyring crates are never printed: two of them carry the secret's own bytes. What goes on from here is a
//! code and a fixed word.

use keyring::Error as KeyringError;

use crate::{
    credential::life::DAMAGED,
    error::{Error, ErrorCode},
};

/// Why a call failed. The detail is one of the words of this file, never text from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    /// What the person must do.
    pub(super) code: ErrorCode,
    /// Which failure, for a report.
    pub(super) detail: &'static str,
    /// Whether a new connection may help: the keyring or the bus was started again.
    pub(super) may_be_stale: bool,
}

impl Failure {
    pub(super) const NO_ANSWER: Self = Self::new(ErrorCode::KeyringLocked, "no_answer");
    pub(super) const DIED: Self = Self::new(ErrorCode::KeyringFailed, "stopped");
    pub(super) const DAMAGED: Self = Self::new(ErrorCode::KeyringFailed, DAMAGED);
    pub(super) const READ_BACK: Self = Self::new(ErrorCode::KeyringFailed, "read_back");
    pub(super) const NOT_SET_UP: Self = Self::new(ErrorCode::KeyringAbsent, "not_set_up");
    pub(super) const RANDOM: Self = Self::new(ErrorCode::KeyringFailed, "random");

    const fn new(code: ErrorCode, detail: &'static str) -> Self {
        Self { code, detail, may_be_stale: false }
    }

    const fn stale(code: ErrorCode, detail: &'static str) -> Self {
        Self { code, detail, may_be_stale: true }
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        Self::new(failure.code).detail(failure.detail)
    }
}

/// A store that cannot be opened is absent: no session bus, nobody behind the name, or a program that cannot start.
pub(super) fn classify_opening(error: &KeyringError) -> Failure {
    match error {
        KeyringError::NoStorageAccess(_) => Failure::new(ErrorCode::KeyringLocked, "locked"),
        KeyringError::PlatformFailure(reason) => Failure::new(ErrorCode::KeyringAbsent, absent(&reason.to_string())),
        _ => Failure::new(ErrorCode::KeyringAbsent, "not_opened"),
    }
}

/// The meaning of an error from an open store.
///
/// A keyring without a collection (a fresh user who never set one up) counts as absent: unlocking would not help, and what
/// the person must do is the same, namely get a keyring to run.
pub(super) fn classify(error: &KeyringError) -> Failure {
    match error {
        KeyringError::NoStorageAccess(reason) => {
            let reason = reason.to_string();
            if reason.contains("result not returned") {
                Failure::new(ErrorCode::KeyringAbsent, "not_set_up")
            } else if reason.contains("AccessDenied") {
                Failure::new(ErrorCode::KeyringFailed, "access_denied")
            } else {
                Failure::new(ErrorCode::KeyringLocked, "locked")
            }
        }
        KeyringError::PlatformFailure(reason) => platform(&reason.to_string()),
        KeyringError::NoDefaultStore => Failure::stale(ErrorCode::KeyringAbsent, "not_opened"),
        KeyringError::TooLong(..) => Failure::new(ErrorCode::KeyringFailed, "too_long"),
        KeyringError::Ambiguous(_) => Failure::new(ErrorCode::KeyringFailed, "ambiguous"),
        KeyringError::BadEncoding(_) | KeyringError::BadDataFormat(..) => Failure::DAMAGED,
        KeyringError::BadStoreFormat(_) => Failure::new(ErrorCode::KeyringFailed, "bad_store"),
        KeyringError::NoEntry => Failure::new(ErrorCode::KeyringFailed, "no_entry"),
        _ => Failure::new(ErrorCode::KeyringFailed, "unknown"),
    }
}

/// The store hands the bus' errors on as text; their names (D-Bus and Secret Service specifications) tell them apart.
fn platform(reason: &str) -> Failure {
    const LOCKED: [&str; 4] = ["Secret.Error.IsLocked", "object locked", "prompt dismissed", "before prompt completed"];
    if LOCKED.iter().any(|name| reason.contains(name)) {
        Failure::new(ErrorCode::KeyringLocked, "locked")
    } else if reason.contains("result not returned") {
        Failure::new(ErrorCode::KeyringAbsent, "not_set_up")
    } else if is_absence(reason) {
        Failure::stale(ErrorCode::KeyringAbsent, absent(reason))
    } else {
        Failure::stale(ErrorCode::KeyringFailed, "failed")
    }
}

/// The meaning of a look that saw nothing. A keyring that does not answer is held by a window, mostly.
#[cfg(target_os = "linux")]
pub(super) fn classify_look(error: &zbus::Error) -> Failure {
    let reason = error.to_string();
    if reason.contains("NoReply") || reason.contains("timed out") || reason.contains("Timeout") {
        Failure::NO_ANSWER
    } else {
        Failure::new(ErrorCode::KeyringAbsent, absent(&reason))
    }
}

fn is_absence(reason: &str) -> bool {
    ["ServiceUnknown", "NameHasNoOwner", "DBus.Error.Spawn", "no secret service provider"]
        .iter()
        .any(|name| reason.contains(name))
}

fn absent(reason: &str) -> &'static str {
    if reason.contains("ServiceUnknown") || reason.contains("NameHasNoOwner") || reason.contains("DBus.Error.Spawn") {
        "no_keyring"
    } else if reason.contains("org.freedesktop.") || reason.contains("Crypto error") {
        // The bus answered, or the keyring behind it did.
        "not_opened"
    } else {
        "no_bus"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(text: &str) -> Box<dyn std::error::Error + Send + Sync> {
        Box::new(std::io::Error::other(text.to_owned()))
    }

    #[test]
    fn absent_locked_and_broken_are_three_things() {
        let cases = [
            (KeyringError::NoStorageAccess(reason("SS error: prompt dismissed")), ErrorCode::KeyringLocked),
            (KeyringError::NoStorageAccess(reason("SS Error: object locked")), ErrorCode::KeyringLocked),
            (
                KeyringError::NoStorageAccess(reason("SS error: result not returned from SS API")),
                ErrorCode::KeyringAbsent,
            ),
            (
                KeyringError::PlatformFailure(reason("zbus error: org.freedesktop.Secret.Error.IsLocked: x")),
                ErrorCode::KeyringLocked,
            ),
            (
                KeyringError::PlatformFailure(reason("SS error: connection closed before prompt completed")),
                ErrorCode::KeyringLocked,
            ),
            (
                KeyringError::PlatformFailure(reason("zbus error: org.freedesktop.DBus.Error.ServiceUnknown: x")),
                ErrorCode::KeyringAbsent,
            ),
            (KeyringError::PlatformFailure(reason("zbus error: I/O error: Broken pipe")), ErrorCode::KeyringFailed),
            (KeyringError::TooLong("secret".into(), 2560), ErrorCode::KeyringFailed),
        ];
        for (error, code) in cases {
            assert_eq!(classify(&error).code, code, "{}", classify(&error).detail);
        }
        assert_eq!(classify_opening(&KeyringError::PlatformFailure(reason("anything"))).code, ErrorCode::KeyringAbsent);
    }

    #[test]
    fn only_what_a_new_connection_may_mend_is_tried_again() {
        assert!(classify(&KeyringError::PlatformFailure(reason("zbus error: UnknownObject"))).may_be_stale);
        assert!(!classify(&KeyringError::NoStorageAccess(reason("SS error: prompt dismissed"))).may_be_stale);
    }

    #[test]
    fn an_error_that_carries_the_secret_does_not_pass_it_on() {
        let secret = "rt-secret-in-an-error";
        for error in [
            KeyringError::BadEncoding(secret.into()),
            KeyringError::BadDataFormat(secret.into(), reason(secret)),
            KeyringError::BadStoreFormat(secret.into()),
            KeyringError::PlatformFailure(reason(secret)),
            KeyringError::NoStorageAccess(reason(secret)),
            KeyringError::Invalid(secret.into(), secret.into()),
            KeyringError::NotSupportedByStore(secret.into()),
        ] {
            let said = [Error::from(classify(&error)), Error::from(classify_opening(&error))]
                .map(|error| format!("{error:?} {error}"));
            assert!(said.iter().all(|text| !text.contains(secret)), "{said:?}");
        }
    }
}
