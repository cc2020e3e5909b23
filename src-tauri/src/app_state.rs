//! What the page is told of the shell beside core's own views.

use convoke_core::{
    settings::{Preferences, SetupStep},
    view::{AccountView, ProviderView, RefreshView},
};
use serde::Serialize;
use ts_rs::TS;

/// Everything the page starts from.
#[derive(Clone, Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct AppState {
    /// What the first run shows next.
    pub step: SetupStep,
    /// The organisation's name.
    pub profile_name: String,
    /// Whether an organisation came with the start (`--profile`).
    pub started_with_profile: bool,
    /// The person's choices.
    pub preferences: Preferences,
    /// The system's IANA zone.
    pub system_zone: String,
    /// BCP 47: how dates and times are written.
    pub locale: String,
    /// The accounts.
    pub accounts: Vec<AccountView>,
    /// The providers.
    pub providers: Vec<ProviderView>,
    /// What the last "Refresh now" since the start did.
    pub last_refresh: Option<RefreshView>,
    /// What to start where no keyring runs.
    pub keyring_program: String,
    /// Whether renewed sign-ins wait for a keyring that does not take them: they would end with the program.
    pub unsaved: bool,
    /// A screen that the tray asked for before the page listened: `new`, `agenda`, `accounts`, `settings`, `quit` or `meeting:ID`. Told once.
    pub show: Option<String>,
}

/// A sign-in that waits for the browser.
#[derive(Clone, Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct PendingSignIn {
    /// By this it is waited for, cancelled and answered.
    pub id: String,
    /// The four characters that the page in the browser shows too.
    pub match_code: String,
}

/// A screen of the window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Show {
    /// The form for a new meeting.
    New,
    /// The accounts.
    Accounts,
    /// One meeting.
    Meeting(String),
    /// The question whether to quit although sign-ins would end with the program.
    Quit,
}

impl Show {
    /// As the event `show` carries it.
    #[must_use]
    pub fn payload(&self) -> serde_json::Value {
        match self {
            Self::New => "new".into(),
            Self::Accounts => "accounts".into(),
            Self::Quit => "quit".into(),
            Self::Meeting(id) => serde_json::json!({ "meeting": id }),
        }
    }

    /// As [`AppState::show`] carries it.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::New => "new".to_owned(),
            Self::Accounts => "accounts".to_owned(),
            Self::Quit => "quit".to_owned(),
            Self::Meeting(id) => format!("meeting:{id}"),
        }
    }
}

/// What to start where no keyring runs.
pub(crate) const KEYRING_PROGRAM: &str = if cfg!(target_os = "macos") {
    "Keychain Access"
} else if cfg!(windows) {
    "Windows Credential Manager"
} else {
    "GNOME Keyring or KeePassXC"
};
