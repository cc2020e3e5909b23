//! Paths of the broker's routes, relative to its public origin.

/// `GET`: which providers are on.
pub const PROVIDERS_PATH: &str = "/v1/providers";
/// `GET` with `/{provider}` after it: starts a sign-in in the system browser.
pub const AUTHORIZE_PREFIX: &str = "/v1/authorize";
/// `GET` with `/{provider}` after it: where a provider returns to, unless the registration names another path.
pub const CALLBACK_PREFIX: &str = "/v1/callback";
/// `POST`, form [`crate::RedeemForm`]: redeems a sealed grant.
pub const TOKEN_PATH: &str = "/v1/token";
/// `POST` with `/{provider}` after it, form [`crate::RefreshForm`].
pub const REFRESH_PREFIX: &str = "/v1/refresh";
/// `POST` with `/{provider}` after it, form [`crate::RevokeForm`].
pub const REVOKE_PREFIX: &str = "/v1/revoke";
/// `GET`: the `OpenAPI` 3.1 document of these routes.
pub const OPENAPI_PATH: &str = "/v1/openapi.json";
/// `GET`: the process answers.
pub const HEALTH_PATH: &str = "/healthz";
/// `GET`: the process can serve sign-ins (its store answers); says nothing about the providers.
pub const READY_PATH: &str = "/readyz";

/// Path that starts a sign-in at `provider` (`teams`, `zoom`, `webex`, `goto`, `domino`).
#[must_use]
pub fn authorize_path(provider: &str) -> String {
    format!("{AUTHORIZE_PREFIX}/{provider}")
}

/// Default path that `provider` returns the browser to.
#[must_use]
pub fn callback_path(provider: &str) -> String {
    format!("{CALLBACK_PREFIX}/{provider}")
}

/// Path that refreshes a credential of `provider`.
#[must_use]
pub fn refresh_path(provider: &str) -> String {
    format!("{REFRESH_PREFIX}/{provider}")
}

/// Path that revokes a token at `provider`.
#[must_use]
pub fn revoke_path(provider: &str) -> String {
    format!("{REVOKE_PREFIX}/{provider}")
}
