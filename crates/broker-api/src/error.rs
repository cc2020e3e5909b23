//! How the broker says no: a JSON body for the client, a fixed word for the browser's redirect.

use serde::{Deserialize, Serialize};

use crate::WireSecret;

/// Body of every error answer of the broker: JSON, whatever the status.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ErrorAnswer {
    /// What happened, for programs.
    pub error: ErrorCode,
    /// What happened, in one English sentence for logs; holds nothing that the provider or the caller sent.
    pub error_description: String,
    /// Whether the same request may succeed later. `false` together with [`ErrorCode::InvalidGrant`] means: sign in
    /// again. While it is `true`, nothing is known against the credential.
    pub retryable: bool,
    /// Seconds to wait before the next try, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub retry_after: Option<u64>,
    /// The session's next token, where the request came with a good one: a provider's outage does not age a session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub session_token: Option<WireSecret>,
}

/// The broker's error codes, with the status each comes with.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// 400: a parameter is missing, doubled or off its grammar.
    InvalidRequest,
    /// 401 where the provider itself said so (refresh token or code is dead: sign in again); 400 where the sealed grant
    /// is expired, spent, damaged, or not met by the verifier.
    InvalidGrant,
    /// 401: the request came without a session token, or with one that is idle, too old, revoked or not of this broker.
    /// Sign in again; nothing is known against the provider's tokens.
    InvalidSession,
    /// 403: this peer, or this person, is not answered.
    Forbidden,
    /// 404: no such route.
    NotFound,
    /// 404: the provider has no registration here.
    ProviderOff,
    /// 405: the route exists, the method does not.
    MethodNotAllowed,
    /// 408: the request's body did not arrive in time.
    RequestTimeout,
    /// 413: the request's body is over the cap.
    BodyTooLarge,
    /// 415: the body is not a form.
    UnsupportedMediaType,
    /// 429: the provider (or this broker) asks to slow down.
    RateLimited,
    /// 501: the provider has no revocation endpoint.
    RevocationUnsupported,
    /// 502: the provider's answer is not what its contract says (HTML, cut short, another shape, a redirect).
    BadAnswer,
    /// 502: the provider refuses this broker's registration or request; a matter for the operator, not for the user.
    RegistrationRefused,
    /// 503: the provider answers 5xx, 403 or 407, or its socket closes.
    ProviderUnavailable,
    /// 503: the broker itself has no room or its store does not answer.
    BrokerUnavailable,
    /// 504: the provider did not answer in time.
    ProviderTimeout,
    /// A code that this version of the contract does not know.
    #[serde(other)]
    Unknown,
}

impl ErrorCode {
    /// The code as it stands in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidGrant => "invalid_grant",
            Self::InvalidSession => "invalid_session",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::ProviderOff => "provider_off",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::RequestTimeout => "request_timeout",
            Self::BodyTooLarge => "body_too_large",
            Self::UnsupportedMediaType => "unsupported_media_type",
            Self::RateLimited => "rate_limited",
            Self::RevocationUnsupported => "revocation_unsupported",
            Self::BadAnswer => "bad_answer",
            Self::RegistrationRefused => "registration_refused",
            Self::ProviderUnavailable => "provider_unavailable",
            Self::BrokerUnavailable => "broker_unavailable",
            Self::ProviderTimeout => "provider_timeout",
            Self::Unknown => "unknown",
        }
    }
}

/// Why a sign-in came back without a grant: the fixed list of the loopback's `error` parameter.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum SignInRefusal {
    /// The person (or an administrator's policy) said no.
    AccessDenied,
    /// The provider refuses the scopes, or wants an administrator's consent first.
    ConsentRequired,
    /// The provider has trouble; a new sign-in may succeed.
    TemporarilyUnavailable,
    /// Anything else that the provider answered.
    ServerError,
}

impl SignInRefusal {
    /// Every refusal, for exhaustive wording.
    pub const ALL: [Self; 4] =
        [Self::AccessDenied, Self::ConsentRequired, Self::TemporarilyUnavailable, Self::ServerError];

    /// The word in the loopback's `error` parameter.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AccessDenied => "access_denied",
            Self::ConsentRequired => "consent_required",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
            Self::ServerError => "server_error",
        }
    }

    /// The refusal that `word` names, if any.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|refusal| refusal.as_str() == word)
    }
}
