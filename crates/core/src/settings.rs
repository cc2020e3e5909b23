//! What a person set: the organisation, the defaults, how far the first run has come. No secret.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::account::AccountId;

/// Light, dark, or as the system says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
#[ts(export)]
pub enum Theme {
    /// As the system says.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// What a person chooses in the last step of the first run, and later in the settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(export)]
pub struct Preferences {
    /// The account that a new meeting starts with.
    pub default_account: Option<AccountId>,
    /// The length a new meeting starts with, in minutes.
    pub default_minutes: u32,
    /// The IANA zone in which times are shown and new meetings start; none is the system's.
    pub zone: Option<String>,
    /// Light or dark.
    pub theme: Theme,
    /// Whether the desktop says that a sign-in ends.
    pub remind: bool,
}

impl Default for Preferences {
    fn default() -> Self {
        Self { default_account: None, default_minutes: 30, zone: None, theme: Theme::System, remind: true }
    }
}

/// Everything that is kept between two starts beside accounts and meetings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// The person's choices.
    pub preferences: Preferences,
    /// The organisation's profile file as it was accepted; none is the built-in profile without a broker.
    pub profile_toml: Option<String>,
    /// The hosts that a person said yes to, where they are not the vendors' own.
    pub approved_hosts: Vec<String>,
    /// The steps of the first run that are behind the person.
    pub done_steps: Vec<SetupStep>,
}

/// The steps of the first run, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
#[ts(export)]
pub enum SetupStep {
    /// What Convoke is and where it keeps what.
    Welcome,
    /// Which broker and which hosts.
    Organisation,
    /// Whether the keyring works.
    Keyring,
    /// Signing in.
    Accounts,
    /// Provider, duration, zone.
    Defaults,
    /// Nothing is left: the main window.
    Done,
}

impl SetupStep {
    const ASKED: [Self; 5] = [Self::Welcome, Self::Organisation, Self::Keyring, Self::Accounts, Self::Defaults];
}

/// The step the first run shows next. A person who has finished once is never asked again;
/// one who left in the middle goes on where they left.
#[must_use]
pub fn setup_step(settings: &Settings) -> SetupStep {
    SetupStep::ASKED.into_iter().find(|step| !settings.done_steps.contains(step)).unwrap_or(SetupStep::Done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_run_goes_on_where_it_was_left() {
        let mut settings = Settings::default();
        for step in SetupStep::ASKED {
            assert_eq!(setup_step(&settings), step);
            settings.done_steps.push(step);
        }
        assert_eq!(setup_step(&settings), SetupStep::Done);
    }
}
