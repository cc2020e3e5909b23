//! What every workflow needs, and the workflows themselves: one method each, in `service/`.
//!
//! The window, the tray and the command line call nothing deeper than this. A [`Core`] knows one
//! home folder; app and command line may work on the same one at the same time.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, RwLock, atomic::AtomicBool},
};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

pub use crate::clock::{Clock, UptimeClock};
use crate::{
    account::{Account, AccountHealth, AccountId, ProviderKind},
    auth::{
        broker::Broker,
        lives::Lives,
        pace::Pace,
        session::{AuthorizedClient, SessionParts},
        unsaved::Unsaved,
    },
    credential::{
        Renewal, keeping,
        life::{Event, Life, Outcome},
    },
    error::{Error, ErrorCode, FieldIssue, IssueCode},
    http::{CA_FIELD, HttpClient, Trust},
    profile::Profile,
    storage::{CredentialStore, register::Register, vault::Vault},
};

pub mod accounts;
pub mod diagnostics;
mod making;
pub mod meetings;
mod reminders;
mod revoking;
pub mod setup;
pub mod sign_in;
pub mod tending;
mod token_sign_in;

/// What a [`Core`] is made from.
pub struct Setup {
    /// The folder of register and locks; made where it does not exist.
    pub home: PathBuf,
    /// The organisation's profile of the command line; it wins over the stored one.
    pub started_profile: Option<Profile>,
    /// The clock on the wall.
    pub clock: Clock,
    /// The clock since the computer's start.
    pub uptime: UptimeClock,
    /// The keyring.
    pub credentials: Arc<dyn CredentialStore>,
    /// The zone of the system.
    pub system_zone: Tz,
    /// Certificates of authorities that are believed beside the system's and the profile's (`CONVOKE_CA_FILE`).
    pub ca_file: Option<PathBuf>,
}

/// Everything a meeting client does. Cheap to clone.
#[derive(Clone)]
pub struct Core(Arc<Inner>);

struct Inner {
    register: Arc<Register>,
    vault: Vault,
    lives: Lives,
    unsaved: Unsaved,
    /// Whether the keyring was locked or absent when it was last looked at.
    keyring_was_shut: AtomicBool,
    pace: Pace,
    clock: Clock,
    uptime: UptimeClock,
    locks: PathBuf,
    system_zone: Tz,
    started_profile: Option<Profile>,
    ca_file: Option<PathBuf>,
    organisation: RwLock<Organisation>,
}

/// A profile in use, and the connections that it allows.
#[derive(Clone)]
struct Organisation {
    profile: Arc<Profile>,
    http: HttpClient,
    broker: Option<Broker>,
    /// Why its file of authorities is not in use.
    untrusted: Option<Error>,
}

impl Organisation {
    /// The profile with the authorities of its own file and of `ca_file`.
    fn new(profile: Profile, ca_file: Option<&Path>) -> Result<Self, Error> {
        let trust = Trust::of_files(profile.ca_file.as_deref().into_iter().chain(ca_file))?;
        Self::trusting(profile, &trust, None)
    }

    /// The same for a profile that was taken before: where its file is gone by now, the app still opens, so that a person can
    /// see why nothing is reached.
    fn kept(profile: Profile, ca_file: Option<&Path>) -> Result<Self, Error> {
        let given = Trust::of_files(ca_file)?;
        match Self::new(profile.clone(), ca_file) {
            Err(error) if error.fields.iter().any(|issue| issue.field == CA_FIELD) => {
                Self::trusting(profile, &given, Some(error))
            }
            organisation => organisation,
        }
    }

    fn trusting(profile: Profile, trust: &Trust, untrusted: Option<Error>) -> Result<Self, Error> {
        let http = HttpClient::trusting(profile.addresses().cloned(), trust)?;
        let broker = Broker::of(&profile, &http);
        Ok(Self { profile: Arc::new(profile), http, broker, untrusted })
    }
}

impl Core {
    /// Opens the home folder.
    ///
    /// # Errors
    /// `Storage` where the register cannot be opened; `InvalidInput` where the stored profile is damaged, or at
    /// `network.ca_file` where a file that was given at the start is of no use.
    pub fn open(setup: Setup) -> Result<Self, Error> {
        let Setup { home, started_profile, clock, uptime, credentials, system_zone, ca_file } = setup;
        let register = Arc::new(Register::open(&home.join("register.sqlite"))?);
        let organisation = match (&started_profile, register.settings()?.profile_toml) {
            (Some(profile), _) => Organisation::new(profile.clone(), ca_file.as_deref()),
            (None, Some(toml)) => Organisation::kept(Profile::parse(&toml)?, ca_file.as_deref()),
            (None, None) => Organisation::new(Profile::built_in(), ca_file.as_deref()),
        };
        let organisation = RwLock::new(organisation?);
        let locks = home.join("locks");
        let vault = Vault::new(credentials, register.clone());
        Ok(Self(Arc::new(Inner {
            register,
            vault,
            lives: Lives::default(),
            unsaved: Unsaved::default(),
            keyring_was_shut: AtomicBool::new(false),
            pace: Pace::default(),
            clock,
            uptime,
            locks,
            system_zone,
            started_profile,
            ca_file,
            organisation,
        })))
    }

    /// The profile in use.
    #[must_use]
    pub fn profile(&self) -> Arc<Profile> {
        self.organisation().profile
    }

    /// The profile of the command line.
    #[must_use]
    pub fn started_profile(&self) -> Option<&Profile> {
        self.0.started_profile.as_ref()
    }

    /// Why the profile's file of certificate authorities is not in use, where it was taken before and is of no use now.
    #[must_use]
    pub fn untrusted(&self) -> Option<Error> {
        self.organisation().untrusted
    }

    /// Now, by the clock it was opened with.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        (self.0.clock)()
    }

    /// The zone in which times are shown and typed: the person's choice, else the system's.
    #[must_use]
    pub fn zone(&self) -> Tz {
        let chosen = self.0.register.settings().ok().and_then(|settings| settings.preferences.zone);
        chosen.and_then(|name| name.parse().ok()).unwrap_or(self.0.system_zone)
    }

    /// A profile made ready for use, with the authorities that every profile has here.
    fn organised(&self, profile: Profile) -> Result<Organisation, Error> {
        Organisation::new(profile, self.0.ca_file.as_deref())
    }

    fn organisation(&self) -> Organisation {
        self.0.organisation.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    fn use_organisation(&self, organisation: Organisation) {
        *self.0.organisation.write().unwrap_or_else(std::sync::PoisonError::into_inner) = organisation;
    }

    fn register(&self) -> &Register {
        &self.0.register
    }

    /// What a session of `account` needs. The account's binding is checked here, before any keyring is read.
    fn session_parts(&self, account: &Account) -> Result<SessionParts, Error> {
        let organisation = self.organisation();
        if !organisation.profile.allows(account.provider, &account.binding) {
            return Err(Error::new(ErrorCode::OtherOrganisation).at(&account.id, account.provider));
        }
        let http = match (account.provider, account.binding.api_base.parse()) {
            (ProviderKind::Sametime, Ok(server)) => organisation.http.also_allowing(&server),
            _ => organisation.http,
        };
        Ok(SessionParts {
            http,
            broker: organisation.broker,
            vault: self.0.vault.clone(),
            journal: self.0.register.clone(),
            locks: self.0.locks.clone(),
            clock: Arc::clone(&self.0.clock),
            uptime: Arc::clone(&self.0.uptime),
            lives: self.0.lives.clone(),
            unsaved: self.0.unsaved.clone(),
            pace: self.0.pace.clone(),
        })
    }

    fn account(&self, id: &AccountId) -> Result<Account, Error> {
        let unknown = || Error::invalid(vec![FieldIssue::with_detail("account", IssueCode::Unknown, id.as_str())]);
        self.register().account(id)?.ok_or_else(unknown)
    }

    /// Writes down what a use of the account showed: its health, and a renewal of its tokens.
    fn note_outcome<T>(
        &self,
        account: &Account,
        client: &AuthorizedClient<'_>,
        outcome: &Result<T, Error>,
    ) -> Result<(), Error> {
        if let Some(renewal) = client.renewal() {
            let ends = keeping::ends_after(account.provider, account.ends, &renewal);
            self.register().set_renewed(&account.id, &Renewal { ends, ..renewal })?;
        }
        if let Err(error) = outcome
            && let Some(claims) = error.claims.as_deref().filter(|claims| !claims.0.is_empty())
        {
            self.register().set_claims(&account.id, Some(&claims.0))?;
        }
        // Nothing was asked, such as a list that the register answers alone: nothing is known anew.
        let was_asked = client.was_answered();
        let event = match outcome.as_ref().map_err(Outcome::of) {
            Ok(_) => was_asked.then_some(Event::Worked),
            // An answered "no" to something else than the credential: the way is open.
            Err(Outcome::Unchanged) => (was_asked && !client.renewal_failed()).then_some(Event::Worked),
            Err(outcome @ Outcome::Rejected(_)) => Some(Event::Ended(outcome)),
            // A renewal notes its own end.
            Err(outcome @ Outcome::Transient { .. }) => (!client.renewal_failed()).then_some(Event::Ended(outcome)),
            Err(Outcome::Refreshed | Outcome::KeyringWait | Outcome::Cancelled) => None,
        };
        if let Some(event) = event {
            self.0.lives.note(&account.id, event, self.moment());
        }
        let (health, reason) = match outcome {
            _ if event == Some(Event::Worked) && self.0.lives.of(&account.id).life == Life::RenewedUnsaved => {
                (AccountHealth::Locked, Some(code_text(ErrorCode::KeyringLocked)))
            }
            _ if event == Some(Event::Worked) => (AccountHealth::Ok, None),
            Ok(_) => return Ok(()),
            Err(error) => match health_after(error, client.renewal_failed()) {
                Some(health) => (health, Some(code_text(error.code))),
                None => return Ok(()),
            },
        };
        self.register().set_health(&account.id, health, reason.as_deref())
    }
}

/// What an error says about the account; none where it says nothing (a wrong field, a meeting that is gone). `of_renewal` says
/// that the credential could not be renewed: then nothing goes on there, whoever said no.
fn health_after(error: &Error, of_renewal: bool) -> Option<AccountHealth> {
    match if of_renewal { Outcome::of_renewal(error) } else { Outcome::of(error) } {
        Outcome::Rejected(_) => Some(AccountHealth::NeedsSignIn),
        Outcome::KeyringWait => Some(AccountHealth::Locked),
        // Another Convoke at work, or a full disk here, says nothing about the way to the provider.
        Outcome::Transient { cause: ErrorCode::Busy | ErrorCode::Conflict | ErrorCode::Storage, .. } => None,
        Outcome::Transient { .. } if of_renewal || error.is_passing() => Some(AccountHealth::Unreachable),
        Outcome::Transient { .. } | Outcome::Refreshed | Outcome::Unchanged | Outcome::Cancelled => None,
    }
}

/// The code as scripts read it.
#[must_use]
pub fn code_text(code: ErrorCode) -> String {
    serde_json::to_value(code).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_providers_no_means_sign_in() {
        for (code, health) in [
            (ErrorCode::SignInRequired, Some(AccountHealth::NeedsSignIn)),
            (ErrorCode::CredentialMissing, Some(AccountHealth::NeedsSignIn)),
            (ErrorCode::KeyringLocked, Some(AccountHealth::Locked)),
            (ErrorCode::Intercepted, Some(AccountHealth::Unreachable)),
            (ErrorCode::BadAnswer, Some(AccountHealth::Unreachable)),
            (ErrorCode::KeyringOther, Some(AccountHealth::Locked)),
            (ErrorCode::Busy, None),
            (ErrorCode::InvalidInput, None),
            (ErrorCode::NotFound, None),
        ] {
            assert_eq!(health_after(&Error::new(code), false), health);
        }
        // The broker's registration was refused: no token is renewed any more, and that is no fault of this sign-in.
        assert_eq!(health_after(&Error::new(ErrorCode::NotPermitted), true), Some(AccountHealth::Unreachable));
        assert_eq!(health_after(&Error::new(ErrorCode::NotPermitted), false), None);
        assert_eq!(code_text(ErrorCode::KeyringLocked), "keyring_locked");
    }
}
