//! Every "no" of the broker as JSON: a code for programs, a fixed sentence for logs, nothing that was sent to it.

use axum::{
    Json,
    http::{
        HeaderValue, StatusCode,
        header::{RETRY_AFTER, WWW_AUTHENTICATE},
    },
    response::{IntoResponse, Response},
};
use convoke_broker_api::{ErrorAnswer, ErrorCode, WireSecret};

/// One refusal; its text is fixed, so that it cannot carry a secret.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) code: ErrorCode,
    description: &'static str,
    retryable: bool,
    retry_after: Option<u64>,
}

impl Refusal {
    const fn new(status: StatusCode, code: ErrorCode, retryable: bool, description: &'static str) -> Self {
        Self { status, code, description, retryable, retry_after: None }
    }

    pub(crate) const fn invalid_request(description: &'static str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, ErrorCode::InvalidRequest, false, description)
    }

    /// One answer for every grant that cannot be redeemed, so that the answer tells nothing about the grant.
    pub(crate) const fn grant() -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            ErrorCode::InvalidGrant,
            false,
            "The grant is not valid, has expired or was redeemed before.",
        )
    }

    /// The provider itself said that the grant is dead.
    pub(crate) const fn dead_grant() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            ErrorCode::InvalidGrant,
            false,
            "The provider no longer accepts this grant; sign in again.",
        )
    }

    /// No session, or one that is over or revoked; the answer does not say which.
    pub(crate) const fn session() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            ErrorCode::InvalidSession,
            false,
            "There is no session, or it is over; sign in again.",
        )
    }

    /// The proxy in front has not said who the person is, or the caller may not do this.
    pub(crate) const fn forbidden() -> Self {
        Self::new(StatusCode::FORBIDDEN, ErrorCode::Forbidden, false, "This is not allowed to this caller.")
    }

    /// This broker's own limit.
    pub(crate) const fn too_many(retry_after: u64) -> Self {
        let mut refusal =
            Self::new(StatusCode::TOO_MANY_REQUESTS, ErrorCode::RateLimited, true, "Too many requests; slow down.");
        refusal.retry_after = Some(retry_after);
        refusal
    }

    pub(crate) const fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, ErrorCode::NotFound, false, "There is nothing at this address.")
    }

    pub(crate) const fn provider_off() -> Self {
        Self::new(StatusCode::NOT_FOUND, ErrorCode::ProviderOff, false, "This provider is not set up here.")
    }

    pub(crate) const fn method_not_allowed() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            ErrorCode::MethodNotAllowed,
            false,
            "This address does not take this method.",
        )
    }

    pub(crate) const fn request_timeout() -> Self {
        Self::new(StatusCode::REQUEST_TIMEOUT, ErrorCode::RequestTimeout, true, "The form did not arrive in time.")
    }

    pub(crate) const fn body_too_large() -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, ErrorCode::BodyTooLarge, false, "The form is too large.")
    }

    pub(crate) const fn unsupported_media_type() -> Self {
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            ErrorCode::UnsupportedMediaType,
            false,
            "The body must be application/x-www-form-urlencoded.",
        )
    }

    pub(crate) const fn rate_limited(retry_after: Option<u64>) -> Self {
        let mut refusal =
            Self::new(StatusCode::TOO_MANY_REQUESTS, ErrorCode::RateLimited, true, "The provider asks to slow down.");
        refusal.retry_after = retry_after;
        refusal
    }

    pub(crate) const fn revocation_unsupported() -> Self {
        Self::new(
            StatusCode::NOT_IMPLEMENTED,
            ErrorCode::RevocationUnsupported,
            false,
            "This provider has no revocation.",
        )
    }

    pub(crate) const fn bad_answer() -> Self {
        Self::new(
            StatusCode::BAD_GATEWAY,
            ErrorCode::BadAnswer,
            true,
            "The provider's answer is not what its contract says.",
        )
    }

    pub(crate) const fn registration_refused() -> Self {
        Self::new(
            StatusCode::BAD_GATEWAY,
            ErrorCode::RegistrationRefused,
            true,
            "The provider refuses this broker's registration or request.",
        )
    }

    pub(crate) const fn provider_unavailable(retry_after: Option<u64>) -> Self {
        let mut refusal = Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            ErrorCode::ProviderUnavailable,
            true,
            "The provider can not be reached or has trouble.",
        );
        refusal.retry_after = retry_after;
        refusal
    }

    pub(crate) const fn broker_unavailable() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            ErrorCode::BrokerUnavailable,
            true,
            "The broker can not serve this now.",
        )
    }

    pub(crate) const fn provider_timeout() -> Self {
        Self::new(StatusCode::GATEWAY_TIMEOUT, ErrorCode::ProviderTimeout, true, "The provider did not answer in time.")
    }
}

impl Refusal {
    /// The sentence; nothing of it was sent to the broker.
    pub(crate) const fn description(&self) -> &'static str {
        self.description
    }

    /// The answer, with the session's next token where the request came with a good one.
    pub(crate) fn with_session(self, session_token: Option<WireSecret>) -> Response {
        let answer = ErrorAnswer {
            error: self.code,
            error_description: self.description.to_owned(),
            retryable: self.retryable,
            retry_after: self.retry_after,
            session_token,
        };
        let mut response = (self.status, Json(answer)).into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.code == ErrorCode::InvalidSession {
            // RFC 6750 §3: what the caller was to bring.
            let challenge = HeaderValue::from_static("Bearer realm=\"convoke-broker\", error=\"invalid_token\"");
            response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        self.with_session(None)
    }
}
