//! The organisation's profile: which broker, which providers, which hosts. Data from a file, checked here.
//!
//! The built-in profile has the vendors' own endpoints and no broker; a file overrides it.

use std::{collections::BTreeMap, path::PathBuf};

use serde::Deserialize;
use url::Url;

use crate::{
    account::{Binding, ProviderKind, SignInKind},
    error::{Error, FieldIssue, IssueCode},
    http::{CA_FIELD, origin, scheme_is_allowed},
};

const TEAMS_API: &str = "https://graph.microsoft.com/v1.0";
const ZOOM_API: &str = "https://api.zoom.us/v2";
const WEBEX_API: &str = "https://webexapis.com/v1";
const GOTO_API: &str = "https://api.getgo.com/G2M/rest";
const LONGEST_FILE: usize = 64 * 1024;

/// What an organisation's broker speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dialect {
    /// Convoke's own.
    #[default]
    Convoke,
    /// That of the broker which Convoke's replaces: refresh by `GET`, sign-in by pasting a token.
    Domi,
}

/// Where everything is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// What people read: "Sandbox".
    pub name: String,
    /// The broker; none means that no browser sign-in is possible.
    pub broker: Option<Url>,
    /// What the broker speaks; means nothing without one.
    pub dialect: Dialect,
    /// Microsoft Graph, to its version.
    pub teams_api: Url,
    /// Zoom's API, to its version.
    pub zoom_api: Url,
    /// Webex's API, to its version.
    pub webex_api: Url,
    /// GoToMeeting's API.
    pub goto_api: Url,
    /// The Sametime server that is preset.
    pub sametime_server: Option<Url>,
    /// Certificates of authorities that are believed beside the system's, as PEM; an absolute path.
    pub ca_file: Option<PathBuf>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: Option<String>,
    broker: Option<BrokerTable>,
    #[serde(default)]
    providers: BTreeMap<String, ProviderTable>,
    domino: Option<DominoTable>,
    network: Option<NetworkTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BrokerTable {
    url: String,
    dialect: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProviderTable {
    api_base: Option<String>,
    server: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DominoTable {
    server: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NetworkTable {
    ca_file: Option<PathBuf>,
}

impl Profile {
    /// The vendors' own endpoints, no broker.
    ///
    /// # Panics
    /// Never: the addresses are constants.
    #[must_use]
    pub fn built_in() -> Self {
        Self {
            name: "Convoke".to_owned(),
            broker: None,
            dialect: Dialect::default(),
            teams_api: Url::parse(TEAMS_API).expect("a constant"),
            zoom_api: Url::parse(ZOOM_API).expect("a constant"),
            webex_api: Url::parse(WEBEX_API).expect("a constant"),
            goto_api: Url::parse(GOTO_API).expect("a constant"),
            sametime_server: None,
            ca_file: None,
        }
    }

    /// The vendors' own endpoints with a broker at `address`.
    ///
    /// # Errors
    /// `InvalidInput` at `broker`.
    pub fn with_broker(address: &str) -> Result<Self, Error> {
        let broker = web_address("broker", address.trim())?;
        Ok(Self { name: broker.host_str().unwrap_or_default().to_owned(), broker: Some(broker), ..Self::built_in() })
    }

    /// Reads a profile file.
    ///
    /// # Errors
    /// `InvalidInput` at `profile` (not TOML, an unknown key) or at the key whose value is wrong.
    pub fn parse(toml: &str) -> Result<Self, Error> {
        let wrong = |detail: &str| Error::invalid(vec![FieldIssue::with_detail("profile", IssueCode::Refused, detail)]);
        if toml.len() > LONGEST_FILE {
            return Err(wrong("over 64 KiB"));
        }
        let file: File = toml::from_str(toml).map_err(|error| wrong(error.message()))?;
        let mut profile = Self::built_in();
        if let Some(name) = file.name {
            profile.name = crate::error::printable(&name);
        }
        if let Some(broker) = file.broker {
            profile.dialect = match broker.dialect.as_deref() {
                None | Some("convoke") => Dialect::Convoke,
                Some("domi") => Dialect::Domi,
                Some(other) => {
                    return Err(Error::invalid(vec![FieldIssue::with_detail(
                        "broker.dialect",
                        IssueCode::NotPossible,
                        other,
                    )]));
                }
            };
            profile.broker = Some(web_address("broker.url", &broker.url)?);
        }
        if let Some(domino) = file.domino {
            web_address("domino.server", &domino.server)?;
        }
        profile.ca_file = file.network.and_then(|network| network.ca_file);
        if let Some(path) = profile.ca_file.as_ref().filter(|path| !path.is_absolute()) {
            // Relative to what? The profile is kept without the place that it came from.
            let detail = format!("{}: not an absolute path", path.display());
            return Err(Error::invalid(vec![FieldIssue::with_detail(CA_FIELD, IssueCode::Refused, &detail)]));
        }
        for (name, table) in file.providers {
            let base = |key: &str, value: Option<String>| {
                value.map(|text| web_address(&format!("providers.{name}.{key}"), &text)).transpose()
            };
            let (api_base, server) = (base("api_base", table.api_base)?, base("server", table.server)?);
            match name.parse() {
                Ok(ProviderKind::Teams) => profile.teams_api = api_base.unwrap_or(profile.teams_api),
                Ok(ProviderKind::Zoom) => profile.zoom_api = api_base.unwrap_or(profile.zoom_api),
                Ok(ProviderKind::Webex) => profile.webex_api = api_base.unwrap_or(profile.webex_api),
                Ok(ProviderKind::Goto) => profile.goto_api = api_base.unwrap_or(profile.goto_api),
                Ok(ProviderKind::Sametime) => profile.sametime_server = server.or(api_base),
                Err(error) => return Err(wrong(&error.to_string())),
            }
        }
        Ok(profile)
    }

    /// The base of a provider's API; none for Sametime without a preset server.
    #[must_use]
    pub fn api_base(&self, provider: ProviderKind) -> Option<&Url> {
        match provider {
            ProviderKind::Teams => Some(&self.teams_api),
            ProviderKind::Zoom => Some(&self.zoom_api),
            ProviderKind::Webex => Some(&self.webex_api),
            ProviderKind::Goto => Some(&self.goto_api),
            ProviderKind::Sametime => self.sametime_server.as_ref(),
        }
    }

    /// How a person signs in to `provider` under this profile.
    #[must_use]
    pub fn sign_in_kind(&self, provider: ProviderKind) -> SignInKind {
        match (provider.sign_in_kind(), self.dialect) {
            (SignInKind::Browser, Dialect::Domi) => SignInKind::Token,
            (kind, _) => kind,
        }
    }

    /// Where a credential of `provider` may be used under this profile.
    #[must_use]
    pub fn binding(&self, provider: ProviderKind) -> Option<Binding> {
        let broker = match provider.sign_in_kind() {
            SignInKind::Browser | SignInKind::Token => Some(origin(self.broker.as_ref()?)),
            SignInKind::Password => None,
        };
        Some(Binding { broker, api_base: base_text(self.api_base(provider)?) })
    }

    /// Whether a credential that was made under `bound` may be used under this profile. A Sametime server
    /// that a person typed themselves stays good where the profile presets none.
    #[must_use]
    pub fn allows(&self, provider: ProviderKind, bound: &Binding) -> bool {
        match (provider, &self.sametime_server) {
            (ProviderKind::Sametime, None) => bound.broker.is_none(),
            _ => self.binding(provider).as_ref() == Some(bound),
        }
    }

    /// Every address that this profile lets Convoke speak to.
    pub fn addresses(&self) -> impl Iterator<Item = &Url> {
        let apis = [&self.teams_api, &self.zoom_api, &self.webex_api, &self.goto_api];
        self.broker.iter().chain(apis).chain(&self.sametime_server)
    }

    /// Hosts (with their port where it is not the scheme's) that are not the vendors' own.
    #[must_use]
    pub fn foreign_hosts(&self) -> Vec<String> {
        let vendors: Vec<String> = [TEAMS_API, ZOOM_API, WEBEX_API, GOTO_API]
            .iter()
            .filter_map(|text| Url::parse(text).ok())
            .map(|url| origin(&url))
            .collect();
        let mut hosts = Vec::new();
        for url in self.addresses().filter(|url| !vendors.contains(&origin(url))) {
            let host = url.host_str().unwrap_or_default();
            let named = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
            if !hosts.contains(&named) {
                hosts.push(named);
            }
        }
        hosts
    }
}

/// An address as accounts remember it: without a slash at the end.
#[must_use]
pub fn base_text(url: &Url) -> String {
    url.as_str().trim_end_matches('/').to_owned()
}

/// Takes a base address: `https`, or `http` on loopback; no user, no password, no query, no fragment.
///
/// # Errors
/// `InvalidInput` at `field`.
pub fn web_address(field: &str, text: &str) -> Result<Url, Error> {
    let issue = || Error::invalid(vec![FieldIssue::with_detail(field, IssueCode::NotAWebAddress, text)]);
    let url = Url::parse(text).map_err(|_| issue())?;
    let plain =
        url.username().is_empty() && url.password().is_none() && url.query().is_none() && url.fragment().is_none();
    if scheme_is_allowed(&url) && plain { Ok(url) } else { Err(issue()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SANDBOX: &str = "name = \"Sandbox\"\n[broker]\nurl = \"http://127.0.0.1:8790\"\ndialect = \"convoke\"\n[providers.teams]\napi_base = \"http://127.0.0.1:8791/graph/v1.0\"\n[providers.sametime]\nserver = \"http://127.0.0.1:8791/sametime\"\n[domino]\nserver = \"http://127.0.0.1:8791/domino\"\n";

    #[test]
    fn a_file_overrides_the_vendors_endpoints() {
        let profile = Profile::parse(SANDBOX).unwrap();
        assert_eq!(profile.name, "Sandbox");
        assert_eq!(profile.teams_api.as_str(), "http://127.0.0.1:8791/graph/v1.0");
        assert_eq!(profile.zoom_api.as_str(), ZOOM_API);
        assert_eq!(profile.foreign_hosts(), ["127.0.0.1:8790", "127.0.0.1:8791"]);
        assert!(Profile::built_in().foreign_hosts().is_empty());
    }

    #[test]
    fn a_wrong_file_names_its_key() {
        for (text, field) in [
            ("name = ", "profile"),
            ("nmae = \"x\"", "profile"),
            ("[broker]\nurl = \"http://broker.example\"", "broker.url"),
            ("[broker]\nurl = \"https://user:pw@broker.example\"", "broker.url"),
            ("[broker]\nurl = \"https://b.example\"\ndialect = \"other\"", "broker.dialect"),
            ("[providers.zoom]\napi_base = \"zoom\"", "providers.zoom.api_base"),
            ("[providers.skype]\n", "profile"),
            ("[network]\nca_file = \"ca.pem\"", "network.ca_file"),
            ("[network]\ntrust_everything = true", "profile"),
        ] {
            let error = Profile::parse(text).unwrap_err();
            assert_eq!(error.fields.first().map(|issue| issue.field.as_str()), Some(field), "{text}");
        }
    }

    #[test]
    fn a_credential_is_bound_to_broker_and_api() {
        let profile = Profile::parse(SANDBOX).unwrap();
        let bound = profile.binding(ProviderKind::Teams).unwrap();
        assert!(profile.allows(ProviderKind::Teams, &bound));
        let lure = Profile { teams_api: Url::parse("https://evil.example/v1.0").unwrap(), ..profile.clone() };
        assert!(!lure.allows(ProviderKind::Teams, &bound));
        let other = Profile { broker: Some(Url::parse("https://evil.example").unwrap()), ..profile };
        assert!(!other.allows(ProviderKind::Teams, &bound));
    }

    #[test]
    fn an_old_broker_is_one_line_of_the_file() {
        let profile = Profile::parse(&SANDBOX.replace("\"convoke\"", "\"domi\"")).unwrap();
        assert_eq!(profile.dialect, Dialect::Domi);
        assert_eq!(profile.sign_in_kind(ProviderKind::Zoom), SignInKind::Token);
        assert_eq!(profile.sign_in_kind(ProviderKind::Sametime), SignInKind::Password);
        let convoke = Profile::parse(SANDBOX).unwrap();
        assert_eq!(convoke.sign_in_kind(ProviderKind::Zoom), SignInKind::Browser);
        // The broker is replaced under its address: the accounts stay where they are.
        assert_eq!(profile.binding(ProviderKind::Zoom), convoke.binding(ProviderKind::Zoom));
    }
}
