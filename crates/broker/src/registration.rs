//! The broker's clients at the providers, as data: what the table knows of a provider, and what the configuration says
//! over it. Behaviour is the same for all.

mod rows;

use std::fmt;

use secrecy::SecretString;
use url::{Host, Url};

pub(crate) use rows::{ROWS, Row, UNKNOWN};

/// How the client id and secret reach the token endpoint (RFC 6749 §2.3.1). Never in a URL.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum ClientAuthentication {
    /// HTTP Basic, each part form-encoded first.
    Header,
    /// `client_id` and `client_secret` in the form.
    Body,
    /// Both at once.
    Both,
}

/// Whether the broker's own code challenge is sent, and whether the provider can be trusted to check it (RFC 7636).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Pkce {
    /// Sent, and checked by the provider.
    Required,
    /// Sent; the provider may ignore it.
    Sent,
    /// The provider does not know it.
    None,
}

/// Where a revocation's token stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum RevokeStyle {
    /// In the form (RFC 7009 §2.1).
    Body,
    /// In the address: for a service that takes it nowhere else.
    Query,
}

/// What an authorization answer's `iss` must be (RFC 9207; RFC 9700 §4.4).
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Issuer {
    /// Must be there and equal this.
    Exactly(String),
    /// Nothing is known of the provider's issuer: where one comes, it must have the authorize endpoint's origin.
    OfAuthorizeOrigin,
}

/// A provider that is on.
#[expect(
    clippy::struct_excessive_bools,
    reason = "a table of independent yes-or-no facts about a provider, not a state"
)]
pub(crate) struct Registration {
    /// Name in paths and in the sealed values' context.
    pub(crate) name: String,
    /// Name for people.
    pub(crate) display_name: String,
    pub(crate) client_id: String,
    pub(crate) client_secret: SecretString,
    pub(crate) authorize_url: Url,
    pub(crate) token_url: Url,
    pub(crate) revoke_url: Option<Url>,
    pub(crate) revoke_style: RevokeStyle,
    pub(crate) scopes: Vec<String>,
    /// Stands between two scopes.
    pub(crate) scope_separator: String,
    /// Whether the authorize address names the scopes.
    pub(crate) scope_in_authorize_url: bool,
    pub(crate) client_authentication: ClientAuthentication,
    /// Whether the authorize address and the code exchange name the redirect URI.
    pub(crate) send_redirect_uri: bool,
    pub(crate) pkce: Pkce,
    pub(crate) issuer: Issuer,
    /// Whether a token answer without `token_type` is accepted.
    pub(crate) token_type_optional: bool,
    /// Error codes of the token endpoint that mean: this grant is dead, sign in again.
    pub(crate) dead_grant_errors: Vec<String>,
    /// Whether the revocation form names the kind of token (RFC 7009 §2.1).
    pub(crate) revoke_sends_hint: bool,
    /// Whether the authorize endpoint takes `claims`: what a policy wants of a sign-in (OpenID Connect Core §5.5).
    pub(crate) takes_claims: bool,
    /// Where the provider returns to, below the public origin.
    pub(crate) redirect_path: String,
}

impl fmt::Debug for Registration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registration").field("provider", &self.name).finish_non_exhaustive()
    }
}

impl Registration {
    /// The address that sends a browser to the provider. `claims` is JSON.
    pub(crate) fn authorize_address(&self, origin: &str, state: &str, challenge: &str, claims: Option<&str>) -> Url {
        let mut url = self.authorize_url.clone();
        {
            let mut query = url.query_pairs_mut();
            query.append_pair("response_type", "code").append_pair("client_id", &self.client_id);
            if self.send_redirect_uri {
                query.append_pair("redirect_uri", &self.redirect_uri(origin));
            }
            query.append_pair("state", state);
            if self.scope_in_authorize_url {
                query.append_pair("scope", &self.scopes.join(&self.scope_separator));
            }
            if self.pkce != Pkce::None {
                query.append_pair("code_challenge", challenge).append_pair("code_challenge_method", "S256");
            }
            if let Some(claims) = claims {
                query.append_pair("claims", claims);
            }
        }
        url
    }

    /// The paths that are answered as this provider's return. While a company moves from the old broker, its registration
    /// may have the old path or the new one.
    pub(crate) fn callback_paths(&self, legacy: bool) -> Vec<String> {
        let mut paths = vec![self.redirect_path.clone()];
        if legacy {
            paths.push(convoke_broker_api::callback_path(&self.name));
            paths.extend(convoke_broker_api::domi::callback_path(&self.name));
        }
        paths.sort_unstable();
        paths.dedup();
        paths
    }

    /// The redirect URI that is registered at the provider.
    pub(crate) fn redirect_uri(&self, origin: &str) -> String {
        format!("{origin}{}", self.redirect_path)
    }

    /// Whether the `iss` that came with the authorization answer is this provider's.
    pub(crate) fn accepts_issuer(&self, iss: Option<&str>) -> bool {
        match (&self.issuer, iss) {
            (Issuer::Exactly(issuer), iss) => iss == Some(issuer),
            (Issuer::OfAuthorizeOrigin, None) => true,
            (Issuer::OfAuthorizeOrigin, Some(iss)) => {
                Url::parse(iss).is_ok_and(|iss| iss.origin() == self.authorize_url.origin())
            }
        }
    }
}

/// Whether `url` names this machine: `localhost`, `127.0.0.0/8` or `::1`.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// A registration as the table has it, for tests of what reads one.
#[cfg(test)]
pub(crate) fn sample(name: &str) -> Registration {
    use crate::configuration::{Configuration, Settings};
    let row = ROWS.iter().find(|row| row.name == name).expect("a row");
    let pairs = ["CLIENT_ID", "CLIENT_SECRET", "HOST"].map(|key| format!("{}{key}", row.prefix));
    let values = ["id", "secret", "https://domino.example"];
    let settings = Settings::from_pairs(pairs.iter().map(String::as_str).zip(values)).expect("known keys");
    Configuration::from_settings(&settings).expect("a good configuration").registrations.remove(0)
}
