//! The answer to `GET /v1/providers`.

use serde::{Deserialize, Serialize};

/// Which providers this broker has a registration for; the ones that are off are not listed.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProvidersAnswer {
    /// One entry per provider, in a fixed order.
    pub providers: Vec<ProviderEntry>,
}

/// One provider that is on.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProviderEntry {
    /// Name in paths: `teams`, `zoom`, `webex`, `goto` or `domino`.
    pub provider: String,
    /// Name for people, such as `Microsoft Teams`.
    pub display_name: String,
    /// Scopes that a sign-in asks for, for display; what was granted stands in the token answer.
    pub scopes: Vec<String>,
    /// Whether `POST /v1/revoke/{provider}` reaches the provider (otherwise it answers 501).
    pub can_revoke: bool,
}
