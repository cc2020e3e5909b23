//! What the Convoke client and the broker promise each other: paths, parameter names, request and answer types.
//!
//! It holds no behaviour and no dependency but serde (and, for the broker's document of itself, utoipa), so that both sides can build on it without knowing each other.
//! The token types here are wire twins: each side turns them into its own secret types at once.

pub mod domi;
mod error;
mod match_code;
mod path;
mod provider;
mod token;

pub use error::{ErrorAnswer, ErrorCode, SignInRefusal};
pub use match_code::match_code;
pub use path::{
    AUTHORIZE_PREFIX, CALLBACK_PREFIX, HEALTH_PATH, OPENAPI_PATH, PROVIDERS_PATH, READY_PATH, REFRESH_PREFIX,
    REVOKE_PREFIX, TOKEN_PATH, authorize_path, callback_path, refresh_path, revoke_path,
};
pub use provider::{ProviderEntry, ProvidersAnswer};
pub use token::{RedeemForm, RefreshForm, RevokeAnswer, RevokeForm, TokenAnswer, TokenTypeHint, WireSecret};

/// Name of the header that a broker puts on every answer, errors included.
///
/// A client trusts an answer (above all `invalid_grant`) only where this header is present: a captive portal or a
/// proxy's error page does not have it.
pub const PROTOCOL_HEADER: &str = "convoke-broker";

/// Value of [`PROTOCOL_HEADER`]: the version of this contract.
pub const PROTOCOL_VERSION: &str = "1";

/// Scheme of the `Authorization` header that carries the session token on a refresh and a revoke (RFC 6750 §2.1).
///
/// A session is opened by a redeem and slides: each answer's `session_token` replaces the one that was sent, and any of a session's
/// tokens is good until its own idle time is over. A redeem may carry the token of a session that it is to continue.
pub const SESSION_SCHEME: &str = "Bearer";

/// The one `code_challenge_method` that the broker accepts (RFC 7636 §4.3).
pub const CODE_CHALLENGE_METHOD: &str = "S256";

/// Query parameter names of the authorize request and of the two redirects (RFC 6749 §4.1, RFC 7636 §4.3).
pub mod parameter {
    /// S256 challenge of the client's verifier: 43 base64url characters.
    pub const CODE_CHALLENGE: &str = "code_challenge";
    /// Always [`crate::CODE_CHALLENGE_METHOD`].
    pub const CODE_CHALLENGE_METHOD: &str = "code_challenge_method";
    /// `http://127.0.0.1:PORT/PATH` or `http://[::1]:PORT/PATH`; PORT 1024-65535, PATH `[A-Za-z0-9_-]{22,64}`.
    pub const REDIRECT_URI: &str = "redirect_uri";
    /// The client's state, `[A-Za-z0-9_-]{22,64}`; comes back unchanged at the loopback.
    pub const STATE: &str = "state";
    /// What the provider's policy wants of this sign-in: a JSON object as base64url, at most 2,048 characters.
    pub const CLAIMS: &str = "claims";
    /// The sealed grant, at the loopback of a sign-in that was allowed.
    pub const GRANT: &str = "grant";
    /// One of [`crate::SignInRefusal`]'s names, at the loopback of a sign-in that was not.
    pub const ERROR: &str = "error";
}
