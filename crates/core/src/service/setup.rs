//! The first run: the next step, the check of an organisation, the check of the keyring, the preferences.

use std::time::Duration;

use super::Core;
use crate::{
    account::{ProviderKind, SignInKind},
    error::{Error, ErrorCode, FieldIssue, IssueCode},
    http::HttpRequest,
    profile::Profile,
    provider::provider,
    settings::{Preferences, Settings, SetupStep, setup_step},
    view::{CheckKind, CheckLine, KeyringState, OrganisationCheck, OrganisationSource, ProviderView},
};

/// How long the cards wait for the broker's word before they go by the profile alone.
const GLANCE: Duration = Duration::from_secs(3);

impl Core {
    /// Everything that is kept beside accounts and meetings.
    ///
    /// # Errors
    /// `Storage`.
    pub fn settings(&self) -> Result<Settings, Error> {
        self.register().settings()
    }

    /// The step the first run shows next.
    ///
    /// # Errors
    /// `Storage`.
    pub fn setup_step(&self) -> Result<SetupStep, Error> {
        Ok(setup_step(&self.settings()?))
    }

    /// Puts a step behind the person.
    ///
    /// # Errors
    /// `Storage`.
    pub fn finish_step(&self, step: SetupStep) -> Result<(), Error> {
        let add = |settings: &mut Settings| {
            if !settings.done_steps.contains(&step) {
                settings.done_steps.push(step);
            }
        };
        self.register().change_settings(add).map(drop)
    }

    /// Starts the first run over; accounts, meetings and choices stay.
    ///
    /// # Errors
    /// `Storage`.
    pub fn reset_setup(&self) -> Result<(), Error> {
        self.register().change_settings(|settings| settings.done_steps.clear()).map(drop)
    }

    /// Keeps the person's choices.
    ///
    /// # Errors
    /// `InvalidInput` for an unknown zone or account, or a length of 0 or over a day; `Storage`.
    pub fn save_preferences(&self, preferences: Preferences) -> Result<(), Error> {
        let mut issues = Vec::new();
        if let Some(zone) = preferences.zone.as_deref().filter(|name| name.parse::<chrono_tz::Tz>().is_err()) {
            issues.push(FieldIssue::with_detail("zone", IssueCode::UnknownZone, zone));
        }
        if !(1..24 * 60).contains(&preferences.default_minutes) {
            issues.push(FieldIssue::with_detail("duration", IssueCode::TooLong, "1439"));
        }
        if let Some(id) = &preferences.default_account
            && self.register().account(id)?.is_none()
        {
            issues.push(FieldIssue::with_detail("account", IssueCode::Unknown, id.as_str()));
        }
        if !issues.is_empty() {
            return Err(Error::invalid(issues));
        }
        self.register().change_settings(|settings| settings.preferences = preferences).map(drop)
    }

    /// Checks an organisation without using it yet: its file, its broker, its servers, the hosts that are not the vendors'.
    ///
    /// # Errors
    /// Never for a bad organisation, which is a line of the answer; `Tls` where this computer cannot secure connections.
    pub async fn check_organisation(&self, source: &OrganisationSource) -> Result<OrganisationCheck, Error> {
        let line = |check, subject: &str, error: Option<Error>| CheckLine {
            check,
            subject: Some(subject.to_owned()),
            error: error.map(Into::into),
        };
        let organisation = match self.read_source(source).and_then(|profile| self.organised(profile)) {
            Ok(organisation) => organisation,
            // This computer cannot secure any connection, whatever the organisation.
            Err(error) if error.code == ErrorCode::Tls => return Err(error),
            Err(error) => {
                return Ok(OrganisationCheck {
                    name: String::new(),
                    lines: vec![line(CheckKind::Profile, "", Some(error))],
                    foreign_hosts: Vec::new(),
                    usable: false,
                });
            }
        };
        let profile = &organisation.profile;
        let mut lines = vec![line(CheckKind::Profile, &profile.name, None)];
        if let Some(file) = &profile.ca_file {
            // A person reads it before they take it: it says whose word counts for every host.
            lines.push(line(CheckKind::Authorities, &file.display().to_string(), None));
        }
        if let Some(broker) = &organisation.broker {
            let served = broker.providers().await;
            lines.push(line(CheckKind::Broker, &broker.origin(), served.as_ref().err().cloned()));
            // An old broker cannot say what it serves: there is nothing to show, and the cards offer everything.
            if let Ok(Some(served)) = served {
                for kind in ProviderKind::ALL.into_iter().filter(|kind| kind.sign_in_kind() == SignInKind::Browser) {
                    let off = !served.providers.iter().any(|entry| entry.provider == kind.as_str());
                    lines.push(line(
                        CheckKind::Provider,
                        kind.display_name(),
                        off.then(|| Error::new(ErrorCode::NotPermitted).from_provider(kind)),
                    ));
                }
            }
        } else {
            lines.push(line(CheckKind::Broker, "", Some(Error::new(ErrorCode::NoBroker))));
        }
        if let Some(server) = &profile.sametime_server {
            let answer = organisation.http.send(HttpRequest::get(server.clone())).await;
            lines.push(line(CheckKind::Provider, ProviderKind::Sametime.display_name(), answer.err().map(Error::from)));
        }
        // A provider that is off, or no broker at all with a Sametime server, still leaves something to use.
        let broker_answers = lines.iter().any(|line| line.check == CheckKind::Broker && line.error.is_none());
        let server_answers = profile.sametime_server.is_some() && lines.last().is_some_and(|line| line.error.is_none());
        Ok(OrganisationCheck {
            name: profile.name.clone(),
            foreign_hosts: profile.foreign_hosts(),
            usable: broker_answers || server_answers,
            lines,
        })
    }

    /// Uses an organisation from now on.
    ///
    /// # Errors
    /// `InvalidInput` where its file is wrong, or at `hosts` where a host that is not the vendors' own was not agreed to.
    pub fn accept_organisation(&self, source: &OrganisationSource, approved_hosts: &[String]) -> Result<(), Error> {
        let profile = self.read_source(source)?;
        if let Some(host) = profile.foreign_hosts().into_iter().find(|host| !approved_hosts.contains(host)) {
            return Err(Error::invalid(vec![FieldIssue::with_detail("hosts", IssueCode::Required, &host)]));
        }
        let text = match source {
            OrganisationSource::Started => None,
            OrganisationSource::Profile(text) => Some(text.clone()),
            OrganisationSource::Broker(_) => profile
                .broker
                .as_ref()
                .map(|url| format!("name = {:?}\n[broker]\nurl = {:?}\n", profile.name, url.as_str())),
        };
        let organisation = self.organised(profile)?;
        self.register().change_settings(|settings| {
            settings.profile_toml = text;
            settings.approved_hosts = approved_hosts.to_vec();
        })?;
        self.use_organisation(organisation);
        Ok(())
    }

    /// Writes, reads and deletes an entry of the keyring.
    pub async fn check_keyring(&self) -> KeyringState {
        match self.0.vault.probe().await.map_err(|error| error.code) {
            Ok(()) => KeyringState::Works,
            Err(ErrorCode::KeyringAbsent) => KeyringState::Absent,
            Err(ErrorCode::KeyringLocked) => KeyringState::Locked,
            Err(_) => KeyringState::Failed,
        }
    }

    /// The providers with what the broker says of them; by the profile alone where it does not answer soon.
    pub async fn providers(&self) -> Vec<ProviderView> {
        let organisation = self.organisation();
        let served = match &organisation.broker {
            Some(broker) => tokio::time::timeout(GLANCE, broker.providers()).await.ok().and_then(Result::ok).flatten(),
            None => None,
        };
        let view = |kind: ProviderKind| {
            let entry = served
                .as_ref()
                .and_then(|served| served.providers.iter().find(|entry| entry.provider == kind.as_str()));
            let sign_in = organisation.profile.sign_in_kind(kind);
            let available = match sign_in {
                SignInKind::Password => true,
                SignInKind::Browser | SignInKind::Token => {
                    organisation.broker.is_some() && (entry.is_some() || served.is_none())
                }
            };
            let mut capabilities = provider(kind).capabilities();
            let known = organisation.broker.as_ref().filter(|_| sign_in == SignInKind::Token);
            capabilities.revokes = known
                .and_then(|broker| broker.revokes(kind))
                .or_else(|| entry.map(|entry| entry.can_revoke))
                .unwrap_or(capabilities.revokes);
            ProviderView {
                provider: kind,
                name: kind.display_name().to_owned(),
                sign_in,
                available,
                scopes: entry.map(|entry| entry.scopes.clone()).unwrap_or_default(),
                server: organisation
                    .profile
                    .sametime_server
                    .as_ref()
                    .filter(|_| kind == ProviderKind::Sametime)
                    .map(crate::profile::base_text),
                capabilities,
            }
        };
        ProviderKind::ALL.into_iter().map(view).collect()
    }

    fn read_source(&self, source: &OrganisationSource) -> Result<Profile, Error> {
        match source {
            OrganisationSource::Started => Ok(self.started_profile().cloned().unwrap_or_else(Profile::built_in)),
            OrganisationSource::Profile(text) => Profile::parse(text),
            OrganisationSource::Broker(address) => Profile::with_broker(address),
        }
    }
}
