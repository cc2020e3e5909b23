//! Who a person is at a provider: plain data, without a credential and without a connection.
//!
//! An account remembers the broker and the API base it was made under ([`Binding`]); under
//! another one it needs sign-in, which is decided before the keyring is read.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::credential::Ends;
pub mod reminder;

/// The meeting services Convoke speaks to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
#[ts(export)]
pub enum ProviderKind {
    /// Microsoft Teams, through Microsoft Graph's `onlineMeetings`.
    Teams,
    /// Zoom Meetings.
    Zoom,
    /// Cisco Webex Meetings.
    Webex,
    /// GoToMeeting.
    Goto,
    /// HCL Sametime Meetings, on a customer's own server.
    Sametime,
}

/// How a person signs in to a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
#[ts(export)]
pub enum SignInKind {
    /// In the system's browser, by OAuth through the broker.
    Browser,
    /// On a page of an old broker, which shows a refresh token that is pasted into our own form.
    Token,
    /// With a user name and a password in our own form, sent once to the provider's server.
    Password,
}

impl ProviderKind {
    /// Every provider, in the order in which people are shown them.
    pub const ALL: [Self; 5] = [Self::Teams, Self::Zoom, Self::Webex, Self::Goto, Self::Sametime];

    /// The name in files, on the command line and in the broker's routes.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Teams => "teams",
            Self::Zoom => "zoom",
            Self::Webex => "webex",
            Self::Goto => "goto",
            Self::Sametime => "sametime",
        }
    }

    /// The name a person reads.
    #[must_use]
    pub const fn display_name(self) -> &'static str {
        match self {
            Self::Teams => "Microsoft Teams",
            Self::Zoom => "Zoom",
            Self::Webex => "Webex",
            Self::Goto => "GoToMeeting",
            Self::Sametime => "HCL Sametime",
        }
    }

    /// The page on which a person takes back what they allowed, where the provider has no way to be told.
    #[must_use]
    pub const fn consent_page(self) -> Option<&'static str> {
        match self {
            // support.microsoft.com, "Edit or revoke application permissions in the My Apps portal".
            Self::Teams => Some("https://myapps.microsoft.com/"),
            Self::Zoom | Self::Webex | Self::Goto | Self::Sametime => None,
        }
    }

    /// How a person signs in there, as far as the provider says; [`crate::profile::Profile::sign_in_kind`] knows the broker too.
    #[must_use]
    pub const fn sign_in_kind(self) -> SignInKind {
        match self {
            Self::Teams | Self::Zoom | Self::Webex | Self::Goto => SignInKind::Browser,
            Self::Sametime => SignInKind::Password,
        }
    }
}

impl fmt::Display for ProviderKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A name that is not one of the providers.
#[derive(Debug, thiserror::Error)]
#[error("there is no provider \u{201c}{0}\u{201d}")]
pub struct UnknownProvider(pub String);

impl FromStr for ProviderKind {
    type Err = UnknownProvider;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or_else(|| UnknownProvider(text.to_owned()))
    }
}

/// The name of an account on this computer, such as `zoom-4k7q2m`. Not a secret; safe in a file name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(transparent)]
#[ts(export)]
pub struct AccountId(String);

impl AccountId {
    /// Makes a new id for an account at `provider` from six random characters.
    #[must_use]
    pub fn new(provider: ProviderKind, random: [u8; 6]) -> Self {
        const ALPHABET: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";
        let suffix: String = random.iter().map(|byte| char::from(ALPHABET[usize::from(byte & 31)])).collect();
        Self(format!("{provider}-{suffix}"))
    }

    /// Takes an id that was made before, from a file or an argument.
    ///
    /// # Errors
    /// Where the text is not 1 to 64 characters of `a-z 0-9 -`: an id names files and keyring items.
    pub fn parse(text: &str) -> Result<Self, String> {
        let fits = (1..=64).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if fits { Ok(Self(text.to_owned())) } else { Err(text.to_owned()) }
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Who the provider says signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The provider's own id of the person, which never changes.
    pub subject: String,
    /// What a person recognises: a mail address or a user name.
    pub address: String,
    /// The full name, where the provider gives one.
    pub name: Option<String>,
}

/// Where an account's credential may be used: decided before the keyring is read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binding {
    /// The broker's origin; none where the provider needs no broker.
    pub broker: Option<String>,
    /// The base of the provider's API, without a slash at the end.
    pub api_base: String,
}

/// What a person can expect of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum AccountHealth {
    /// Works.
    Ok,
    /// Works, and a person must act soon.
    Expiring,
    /// The provider wants the person to sign in again.
    NeedsSignIn,
    /// The provider or the broker could not be reached the last time.
    Unreachable,
    /// The keyring is locked or absent.
    Locked,
}

/// One account, as the register keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its name on this computer.
    pub id: AccountId,
    /// The provider.
    pub provider: ProviderKind,
    /// What the person calls it: "Work".
    pub label: String,
    /// Who signed in.
    pub identity: Identity,
    /// The scopes the provider granted, in its own words.
    pub scopes: Vec<String>,
    /// Where the credential may be used.
    pub binding: Binding,
    /// The state after the last use.
    pub health: AccountHealth,
    /// Why, where the health is not `ok`: an [`ErrorCode`](crate::error::ErrorCode) in its text form.
    pub health_reason: Option<String>,
    /// When the access token ends, by the provider's word.
    pub expires_at: Option<DateTime<Utc>>,
    /// When the tokens were last renewed.
    pub last_refresh: Option<DateTime<Utc>>,
    /// When the sign-in ends.
    pub ends: Ends,
}

impl Account {
    /// An account that works and of which nothing else is known yet.
    #[must_use]
    pub fn new(id: AccountId, provider: ProviderKind, identity: Identity, binding: Binding) -> Self {
        Self {
            id,
            provider,
            label: String::new(),
            identity,
            scopes: Vec::new(),
            binding,
            health: AccountHealth::Ok,
            health_reason: None,
            expires_at: None,
            last_refresh: None,
            ends: Ends::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_stable_and_parse_back() {
        for kind in ProviderKind::ALL {
            assert_eq!(kind.as_str().parse::<ProviderKind>().unwrap(), kind);
        }
        assert!("google".parse::<ProviderKind>().is_err());
    }

    #[test]
    fn an_id_is_safe_as_a_file_name() {
        let id = AccountId::new(ProviderKind::Zoom, [0, 255, 31, 32, 7, 9]);
        assert_eq!(AccountId::parse(id.as_str()), Ok(id));
        for bad in ["", "../x", "a/b", "Zoom", "a b", &"a".repeat(65)] {
            assert!(AccountId::parse(bad).is_err(), "{bad}");
        }
    }
}
