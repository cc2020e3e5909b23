//! Forms that carry tokens to the broker, and the one answer that carries them back.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Text on the wire that must not be printed: its `Debug` is a fixed word and it cannot be compared.
///
/// It exists between the JSON and the side's own secret type, no longer: take it out with [`WireSecret::into_inner`].
#[derive(Clone, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct WireSecret(String);

impl WireSecret {
    /// Wraps `text` for one request or answer.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The text, for the one who writes it to the wire.
    #[must_use]
    pub fn expose_secret(&self) -> &str {
        &self.0
    }

    /// Hands the text over to the caller's own secret type.
    #[must_use]
    pub fn into_inner(self) -> String {
        self.0
    }
}

impl fmt::Debug for WireSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[REDACTED]")
    }
}

/// Form of `POST /v1/token`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RedeemForm {
    /// The sealed grant from the loopback.
    #[cfg_attr(feature = "openapi", schema(value_type = String, min_length = 1, max_length = 16_384, pattern = "^[A-Za-z0-9_-]+$"))]
    pub grant: WireSecret,
    /// The client's verifier: 43 to 128 unreserved characters (RFC 7636 §4.1).
    #[cfg_attr(feature = "openapi", schema(value_type = String, min_length = 43, max_length = 128, pattern = "^[A-Za-z0-9._~-]+$"))]
    pub code_verifier: WireSecret,
}

/// Form of `POST /v1/refresh/{provider}`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RefreshForm {
    /// The refresh token as the provider issued it.
    #[cfg_attr(feature = "openapi", schema(value_type = String, min_length = 1, max_length = 16_384, pattern = "^[!-~]+$"))]
    pub refresh_token: WireSecret,
}

/// Form of `POST /v1/revoke/{provider}` (RFC 7009 §2.1).
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RevokeForm {
    /// The token to revoke; the refresh token, where there is one.
    #[cfg_attr(feature = "openapi", schema(value_type = String, min_length = 1, max_length = 16_384, pattern = "^[!-~]+$"))]
    pub token: WireSecret,
    /// What `token` is: `access_token` or `refresh_token`; anything else is as good as absent (RFC 7009 §2.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = String, required = false, nullable = false))]
    pub token_type_hint: Option<TokenTypeHint>,
}

/// What kind of token a [`RevokeForm`] holds (RFC 7009 §2.1).
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum TokenTypeHint {
    /// An access token.
    AccessToken,
    /// A refresh token.
    RefreshToken,
}

impl TokenTypeHint {
    /// The word in the form.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AccessToken => "access_token",
            Self::RefreshToken => "refresh_token",
        }
    }
}

/// The provider's tokens, normalised to the names of RFC 6749 §5.1.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TokenAnswer {
    /// 1 to 16,384 printable ASCII characters.
    #[cfg_attr(feature = "openapi", schema(value_type = String, min_length = 1, max_length = 16_384, pattern = "^[!-~]+$"))]
    pub access_token: WireSecret,
    /// Always `Bearer`.
    #[cfg_attr(feature = "openapi", schema(pattern = "^Bearer$"))]
    pub token_type: String,
    /// Seconds of life from now; 300 where the provider names none.
    pub expires_in: u64,
    /// On a refresh always there (the old one where the provider sent none); after a redeem absent where the provider
    /// gave none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = String, min_length = 1, max_length = 16_384, pattern = "^[!-~]+$", required = false, nullable = false))]
    pub refresh_token: Option<WireSecret>,
    /// Seconds of life of the refresh token, where the provider says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub refresh_token_expires_in: Option<u64>,
    /// Granted scopes, separated by one space, where the provider says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub scope: Option<String>,
    /// The provider's `OpenID` Connect token, where one came; names the person, is no credential for us.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub id_token: Option<WireSecret>,
    /// The base address of the person's region, where the provider names one (Zoom); a hint that the client checks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub api_url: Option<String>,
    /// The broker session's next token (see [`crate::SESSION_SCHEME`]); replaces the one that was sent. Absent where the broker keeps no
    /// sessions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub session_token: Option<WireSecret>,
    /// Seconds until that token is refused for idleness.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub session_expires_in: Option<u64>,
    /// Seconds until the session ends whatever is done: by then the person signs in again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub session_ends_in: Option<u64>,
}

/// Answer of `POST /v1/revoke/{provider}` (RFC 7009 §2.2 asks for no more than the status).
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RevokeAnswer {
    /// The broker session's next token, as in [`TokenAnswer`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub session_token: Option<WireSecret>,
}
