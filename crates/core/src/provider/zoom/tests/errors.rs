//! What Zoom says when it refuses: every documented body, and the code that each becomes.

use serde_json::{Value, json};

use super::super::*;
use crate::provider::script::now;

fn map(status: u16, body: &Value, headers: &[(&'static str, &'static str)]) -> Error {
    let headers = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
    refused(&HttpAnswer { status, headers, body: body.to_string().into() }, now())
}

/// Every error of the vendor's document for these calls, and of its pages on errors and OAuth.
#[test]
fn every_documented_refusal_has_its_code() {
    let table = [
        (400, 300, "The value that you entered in the `schedule_for` field is invalid.", ErrorCode::InvalidInput),
        (400, 300, "Invalid `enforce_login_domains`. Separate multiple domains with semicolons.", ErrorCode::Rejected),
        (400, 300, "Invalid parameter: `occurrence_id`.", ErrorCode::Rejected),
        (400, 3000, "You cannot schedule a meeting for ben@example.com.", ErrorCode::InvalidInput),
        (400, 3000, "Instant meetings do not support the `schedule_for` parameter.", ErrorCode::InvalidInput),
        (400, 3000, "Users in 'x' have been blocked from joining meetings and webinars.", ErrorCode::NotPermitted),
        (400, 3000, "Cannot access webinar info.", ErrorCode::Rejected),
        (400, 3000, "Prescheduling is only available for scheduled meetings.", ErrorCode::Rejected),
        (400, 3000, "Unable to schedule for a user outside of your account.", ErrorCode::Rejected),
        (400, 3018, "Not allowed to delete PMI.", ErrorCode::Rejected),
        (400, 3037, "Not allowed to delete PAC.", ErrorCode::Rejected),
        (
            400,
            3161,
            "Your user account is not allowed meeting hosting and scheduling capabilities.",
            ErrorCode::LicenceMissing,
        ),
        (400, 4700, "Invalid access token, does not contain scopes.", ErrorCode::ConsentMissing),
        (400, 4711, "Invalid access token, does not contain scopes:[meeting:write].", ErrorCode::ConsentMissing),
        (403, 200, "No permission.", ErrorCode::NotPermitted),
        (404, 1001, "User does not exist: me.", ErrorCode::NotFound),
        (404, 3001, "Meeting does not exist: 7.", ErrorCode::NotFound),
        (409, 409, "Conflict.", ErrorCode::Conflict),
        (429, 429, "You have reached the maximum per-second rate limit for this API.", ErrorCode::RateLimited),
        (429, 429, "Too many concurrent requests.", ErrorCode::RateLimited),
        (500, 500, "Internal error.", ErrorCode::Unavailable),
        (503, 503, "Unavailable.", ErrorCode::Unavailable),
    ];
    for (status, code, message, expected) in table {
        let error = map(status, &json!({"code": code, "message": message}), &[]);
        assert_eq!((error.code, error.detail.as_deref()), (expected, Some(message)), "{status} {code}");
        assert_ne!(error.code, ErrorCode::BadAnswer, "nothing documented is \"something else\"");
    }
}

#[test]
fn a_validation_names_our_fields() {
    let body = json!({"code": 300, "message": "Validation Failed.", "errors": [
        {"field": "topic", "message": "too long"}, {"field": "start_time", "message": "s"},
        {"field": "duration", "message": "d"}, {"field": "agenda", "message": "a"},
        {"field": "timezone", "message": "z"}, {"field": "settings.meeting_invitees[0].email", "message": "i"},
        {"field": "password", "message": "p"}]});
    let error = map(400, &body, &[]);
    assert_eq!(error.code, ErrorCode::InvalidInput);
    let fields: Vec<&str> = error.fields.iter().map(|issue| issue.field.as_str()).collect();
    assert_eq!(fields, ["subject", "start", "duration", "agenda", "zone", "invitees", "option.passcode"]);
    assert_eq!(error.fields[0].detail.as_deref(), Some("too long"));
}

#[test]
fn the_daily_limit_names_midnight_and_is_asked_again_sooner() {
    let body = json!({"code": 429, "message": "You have reached the maximum daily rate limit."});
    let error = map(429, &body, &[("retry-after", "2027-01-11T00:00:00Z")]);
    assert_eq!((error.code, error.retry_at), (ErrorCode::RateLimited, Some(now() + chrono::Duration::minutes(15))));
    assert_eq!(map(429, &json!({}), &[]).retry_at, None);
}
