//! What is known of each provider before any configuration: a row per provider, the same facts in the same order.
//!
//! Sources are the vendors' OAuth pages: Microsoft identity platform "OAuth 2.0 authorization code flow", Zoom "OAuth 2.0"
//! and "PKCE", Webex "Integrations & Authorization", `GoTo` "Authentication" and its RFC 8414 metadata, and what is known
//! of Domino's OAuth provider (DOAP).

use super::{ClientAuthentication, Pkce};

/// One provider's ways; each can be changed by a key of the configuration.
#[expect(
    clippy::struct_excessive_bools,
    reason = "a table of independent yes-or-no facts about a provider, not a state"
)]
#[derive(Debug)]
pub(crate) struct Row {
    /// Name in paths and in the sealed values' context.
    pub(crate) name: &'static str,
    pub(crate) display_name: &'static str,
    /// Front of this provider's configuration keys.
    pub(crate) prefix: &'static str,
    /// Absolute, or a path below the host that the configuration names.
    pub(crate) authorize_url: &'static str,
    /// As `authorize_url`.
    pub(crate) token_url: &'static str,
    pub(crate) revoke_url: Option<&'static str>,
    pub(crate) scopes: &'static str,
    /// Zoom answers "Invalid scopes" to a `scope` in the authorize URL: there the registration alone decides.
    pub(crate) scope_in_authorize_url: bool,
    pub(crate) client_authentication: ClientAuthentication,
    pub(crate) send_redirect_uri: bool,
    pub(crate) pkce: Pkce,
    pub(crate) token_type_optional: bool,
    pub(crate) dead_grant_errors: &'static [&'static str],
    pub(crate) revoke_sends_hint: bool,
    pub(crate) takes_claims: bool,
}

/// A service that an administrator adds: nothing is known of it but what RFC 6749 says.
pub(crate) static UNKNOWN: Row = Row {
    name: "",
    display_name: "",
    prefix: "",
    authorize_url: "",
    token_url: "",
    revoke_url: None,
    scopes: "",
    scope_in_authorize_url: true,
    client_authentication: ClientAuthentication::Header,
    send_redirect_uri: true,
    pkce: Pkce::Required,
    token_type_optional: false,
    dead_grant_errors: &["invalid_grant"],
    revoke_sends_hint: true,
    takes_claims: false,
};

/// Every provider that has its own row.
pub(crate) static ROWS: [Row; 5] = [
    Row {
        name: "teams",
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
        pkce: Pkce::Required,
        token_type_optional: false,
        // `interaction_required` is Microsoft's word for "the person must be asked again".
        dead_grant_errors: &["invalid_grant", "interaction_required"],
        revoke_sends_hint: true,
        takes_claims: true,
    },
    Row {
        name: "zoom",
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
        pkce: Pkce::Required,
        token_type_optional: false,
        dead_grant_errors: &["invalid_grant"],
        // Zoom's endpoint takes `token` alone.
        revoke_sends_hint: false,
        takes_claims: false,
    },
    Row {
        name: "webex",
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
        pkce: Pkce::Required,
        token_type_optional: false,
        dead_grant_errors: &["invalid_grant"],
        revoke_sends_hint: true,
        takes_claims: false,
    },
    Row {
        name: "goto",
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
        pkce: Pkce::Required,
        token_type_optional: false,
        dead_grant_errors: &["invalid_grant"],
        revoke_sends_hint: true,
        takes_claims: false,
    },
    Row {
        name: "domino",
        display_name: "HCL Domino",
        prefix: "DOAP_",
        // Below DOAP_HOST, which is the customer's own.
        authorize_url: "/doap/auth",
        token_url: "/doap/token",
        revoke_url: None,
        scopes: "domino",
        scope_in_authorize_url: true,
        // Domino takes an Authorization header for itself.
        client_authentication: ClientAuthentication::Body,
        // The callback stands in the OAuth Client document.
        send_redirect_uri: false,
        pkce: Pkce::None,
        token_type_optional: true,
        dead_grant_errors: &["invalid_grant"],
        revoke_sends_hint: true,
        takes_claims: false,
    },
];
