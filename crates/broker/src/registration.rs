//! The broker's clients at the providers: a table of what each provider wants, and what the configuration adds to it.
//!
//! Behaviour is the same for all; what differs is data. Sources are the vendors' OAuth pages: Microsoft identity
//! platform "OAuth 2.0 authorization code flow", Zoom "OAuth 2.0" and "PKCE", Webex "Integrations & Authorization",
//! `GoTo` "Authentication" and its RFC 8414 metadata.

use std::fmt;

use secrecy::SecretString;
use url::{Host, Url};

/// How the client id and secret reach the token endpoint (RFC 6749 §2.3.1). Never in a URL.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum ClientAuthentication {
    /// HTTP Basic, each part form-encoded first.
    Header,
    /// `client_id` and `client_secret` in the form.
    Body,
}

/// One provider's ways.
#[expect(
    clippy::struct_excessive_bools,
    reason = "a table of independent yes-or-no facts about a provider, not a state"
)]
#[derive(Debug)]
pub(crate) struct Row {
    /// Name in paths and in the sealed values' context.
    pub(crate) name: &'static str,
    /// Stands in front of a sealed grant; never given to another provider.
    pub(crate) number: u8,
    pub(crate) display_name: &'static str,
    /// Front of this provider's configuration keys.
    pub(crate) prefix: &'static str,
    pub(crate) authorize_url: &'static str,
    pub(crate) token_url: &'static str,
    pub(crate) revoke_url: Option<&'static str>,
    pub(crate) scopes: &'static str,
    /// Zoom answers "Invalid scopes" to a `scope` in the authorize URL: there the registration alone decides.
    pub(crate) scope_in_authorize_url: bool,
    pub(crate) client_authentication: ClientAuthentication,
    /// Whether the code exchange repeats `redirect_uri`.
    pub(crate) send_redirect_uri: bool,
    pub(crate) pkce: bool,
    /// Whether a token answer without `token_type` is accepted.
    pub(crate) token_type_optional: bool,
    /// Error codes of the token endpoint that mean: this grant is dead, sign in again.
    pub(crate) dead_grant_errors: &'static [&'static str],
    /// Whether the revocation form names the kind of token (RFC 7009 §2.1).
    pub(crate) revoke_sends_hint: bool,
    /// Whether the authorize endpoint takes `claims`: what a policy wants of a sign-in (OpenID Connect Core §5.5).
    pub(crate) takes_claims: bool,
}

/// Every provider that this broker can have a registration at.
pub(crate) static ROWS: [Row; 4] = [
    Row {
        name: "teams",
        number: 1,
        display_name: "Microsoft Teams",
        prefix: "TEAMS_",
        // Personal Microsoft accounts have no online meetings: `organizations`, not `common`.
        authorize_url: "https://login.microsoftonline.com/organizations/oauth2/v2.0/authorize",
        token_url: "https://login.microsoftonline.com/organizations/oauth2/v2.0/token",
        // Microsoft has no revocation of one app's grant.
        revoke_url: None,
        scopes: "User.Read OnlineMeetings.ReadWrite offline_access openid",
        scope_in_authorize_url: true,
        client_authentication: ClientAuthentication::Body,
        send_redirect_uri: true,
        pkce: true,
        token_type_optional: false,
        // `interaction_required` is Microsoft's word for "the person must be asked again".
        dead_grant_errors: &["invalid_grant", "interaction_required"],
        revoke_sends_hint: true,
        takes_claims: true,
    },
    Row {
        name: "zoom",
        number: 2,
        display_name: "Zoom",
        prefix: "ZOOM_",
        authorize_url: "https://zoom.us/oauth/authorize",
        token_url: "https://zoom.us/oauth/token",
        revoke_url: Some("https://zoom.us/oauth/revoke"),
        scopes: "meeting:write:meeting meeting:read:meeting meeting:read:list_meetings \
                 meeting:update:meeting meeting:delete:meeting user:read:user",
        scope_in_authorize_url: false,
        client_authentication: ClientAuthentication::Header,
        send_redirect_uri: true,
        pkce: true,
        token_type_optional: false,
        dead_grant_errors: &["invalid_grant"],
        // Zoom's endpoint takes `token` alone.
        revoke_sends_hint: false,
        takes_claims: false,
    },
    Row {
        name: "webex",
        number: 3,
        display_name: "Webex",
        prefix: "WEBEX_",
        authorize_url: "https://webexapis.com/v1/authorize",
        // Not `/token`.
        token_url: "https://webexapis.com/v1/access_token",
        revoke_url: None,
        scopes: "meeting:schedules_read meeting:schedules_write spark:people_read",
        scope_in_authorize_url: true,
        client_authentication: ClientAuthentication::Body,
        send_redirect_uri: true,
        pkce: true,
        token_type_optional: false,
        dead_grant_errors: &["invalid_grant"],
        revoke_sends_hint: true,
        takes_claims: false,
    },
    Row {
        name: "goto",
        number: 4,
        display_name: "GoToMeeting",
        // As the broker that this one replaces has it.
        prefix: "GTM_",
        authorize_url: "https://authentication.logmeininc.com/oauth/authorize",
        token_url: "https://authentication.logmeininc.com/oauth/token",
        revoke_url: Some("https://authentication.logmeininc.com/oauth/revoke"),
        // Always sent: left out, it grants every scope that the client has.
        scopes: "collab:",
        scope_in_authorize_url: true,
        client_authentication: ClientAuthentication::Header,
        send_redirect_uri: true,
        pkce: true,
        token_type_optional: false,
        dead_grant_errors: &["invalid_grant"],
        revoke_sends_hint: true,
        takes_claims: false,
    },
];

/// What an authorization answer's `iss` must be (RFC 9207; RFC 9700 §4.4).
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Issuer {
    /// Must be there and equal this.
    Exactly(String),
    /// Nothing is known of the provider's issuer: where one comes, it must have the authorize endpoint's origin.
    OfAuthorizeOrigin,
}

/// A provider that is on.
pub(crate) struct Registration {
    pub(crate) row: &'static Row,
    pub(crate) client_id: String,
    pub(crate) client_secret: SecretString,
    pub(crate) authorize_url: Url,
    pub(crate) token_url: Url,
    pub(crate) revoke_url: Option<Url>,
    pub(crate) scopes: Vec<String>,
    pub(crate) issuer: Issuer,
    /// Where the provider returns to, below the public origin.
    pub(crate) redirect_path: String,
}

impl fmt::Debug for Registration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registration").field("provider", &self.row.name).finish_non_exhaustive()
    }
}

impl Registration {
    /// The address that sends a browser to the provider. `claims` is JSON.
    pub(crate) fn authorize_address(&self, origin: &str, state: &str, challenge: &str, claims: Option<&str>) -> Url {
        let mut url = self.authorize_url.clone();
        {
            let mut query = url.query_pairs_mut();
            query
                .append_pair("response_type", "code")
                .append_pair("client_id", &self.client_id)
                .append_pair("redirect_uri", &self.redirect_uri(origin))
                .append_pair("state", state);
            if self.row.scope_in_authorize_url {
                query.append_pair("scope", &self.scopes.join(" "));
            }
            if self.row.pkce {
                query.append_pair("code_challenge", challenge).append_pair("code_challenge_method", "S256");
            }
            if let Some(claims) = claims {
                query.append_pair("claims", claims);
            }
        }
        url
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
