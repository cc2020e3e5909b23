//! What Graph says when it refuses: every documented body, and the code that each becomes.

use super::{super::*, graph_error};
use crate::provider::script::now;

#[test]
fn statuses_of_refusals() {
    for (status, expected) in [
        (400, ErrorCode::Rejected),
        (403, ErrorCode::NotPermitted),
        (404, ErrorCode::NotFound),
        (409, ErrorCode::Conflict),
        (429, ErrorCode::RateLimited),
        (503, ErrorCode::Unavailable),
        (509, ErrorCode::Unavailable),
    ] {
        let headers = [("retry-after".parse().unwrap(), "12".parse().unwrap())].into_iter().collect();
        let body = graph_error("Code", "because").to_string().into();
        let error = refused(&HttpAnswer { status, headers, body }, now());
        assert_eq!((error.code, error.detail.as_deref()), (expected, Some("because")), "{status}");
        let waits = matches!(expected, ErrorCode::RateLimited | ErrorCode::Unavailable);
        assert_eq!(error.retry_at, waits.then(|| now() + chrono::Duration::seconds(12)), "{status}");
    }
}

/// Microsoft's pages on errors (concepts/errors) and on these calls.
#[test]
fn every_documented_refusal_has_its_code() {
    let table = [
        (400, "BadRequest", "Filter expression expected", ErrorCode::Rejected),
        (400, "InvalidArgument", "The end time is before the start time.", ErrorCode::Rejected),
        (403, "Forbidden", "The application does not have the right permissions.", ErrorCode::NotPermitted),
        (403, "accessDenied", "Access denied.", ErrorCode::NotPermitted),
        (
            403,
            "Authorization_RequestDenied",
            "Insufficient privileges to complete the operation.",
            ErrorCode::ConsentMissing,
        ),
        (403, "Forbidden", "Missing scope permissions on the request.", ErrorCode::ConsentMissing),
        (403, "Forbidden", "The user does not have a Teams license.", ErrorCode::LicenceMissing),
        (404, "itemNotFound", "The meeting was not found.", ErrorCode::NotFound),
        (404, "ErrorItemNotFound", "The specified object was not found in the store.", ErrorCode::NotFound),
        (404, "MailboxNotEnabledForRESTAPI", "The mailbox is not enabled.", ErrorCode::LicenceMissing),
        (405, "MethodNotAllowed", "Not allowed.", ErrorCode::Rejected),
        (409, "nameAlreadyExists", "Conflict.", ErrorCode::Conflict),
        (410, "Gone", "No longer there.", ErrorCode::NotFound),
        (412, "resourceModified", "The etag does not match.", ErrorCode::Conflict),
        (413, "RequestTooLarge", "Too large.", ErrorCode::Rejected),
        (415, "UnsupportedMediaType", "Unsupported.", ErrorCode::Rejected),
        (423, "resourceLocked", "Locked.", ErrorCode::Conflict),
        (429, "TooManyRequests", "Too many requests.", ErrorCode::RateLimited),
        (500, "generalException", "An error has occurred.", ErrorCode::Unavailable),
        (501, "notSupported", "Not supported.", ErrorCode::Unavailable),
        (503, "serviceNotAvailable", "Unavailable.", ErrorCode::Unavailable),
        (504, "GatewayTimeout", "Timeout.", ErrorCode::Unavailable),
        (509, "BandwidthLimitExceeded", "Bandwidth.", ErrorCode::Unavailable),
    ];
    for (status, code, message, expected) in table {
        let body = graph_error(code, message).to_string().into();
        let error = refused(&HttpAnswer { status, headers: http::HeaderMap::new(), body }, now());
        assert_eq!(error.code, expected, "{status} {code} {message}");
    }
}
