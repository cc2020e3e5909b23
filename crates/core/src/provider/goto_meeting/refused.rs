//! What a refusal by GoToMeeting means. Its gateway says `int_err_code` and `msg`, its older parts `errorCode`,
//! `description` and `incident`; the identity host says nothing at all.

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::says_token_expired;
use crate::{
    error::{Error, ErrorCode, FieldIssue, IssueCode},
    http::HttpAnswer,
    provider::refusal::refusal,
};

/// Words of a 400, and the field that each is about: the first that is found counts.
const FIELDS: [(&str, &str); 6] = [
    ("subject", "subject"),
    ("starttime", "start"),
    ("endtime", "end"),
    ("passwordrequired", "option.passcode"),
    ("conferencecallinfo", "option.dial_in"),
    ("meetingtype", "repeat"),
];
/// Parts of words of a 403 that is about what somebody pays for.
const LICENCE: [&str; 6] = ["licens", "licenc", "trial", "free plan", "subscri", "account"];

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireError {
    int_err_code: String,
    msg: String,
    #[serde(rename = "errorCode")]
    error_code: String,
    description: String,
}

/// The code and the text of a refusal, whichever form it has; empty where it has none.
pub(super) fn words(answer: &HttpAnswer) -> (String, String) {
    let body = answer.json::<WireError>().unwrap_or_default();
    let either = |one: String, other: String| if one.is_empty() { other } else { one };
    (either(body.int_err_code, body.error_code), either(body.msg, body.description))
}

pub(super) fn refused(answer: &HttpAnswer, now: DateTime<Utc>) -> Error {
    let (code, text) = words(answer);
    let detail = if text.is_empty() { &code } else { &text };
    let as_code = |code| Error::new(code).detail(detail);
    let lower = format!("{code} {text}").to_lowercase();
    match answer.status {
        // A web page is somebody else's.
        _ if answer.is_html() => refusal(answer, detail, now),
        403 if says_token_expired(answer) => as_code(ErrorCode::SignInRequired),
        403 if LICENCE.iter().any(|word| lower.contains(word)) => as_code(ErrorCode::LicenceMissing),
        400 => {
            let named = FIELDS.iter().find(|(word, _)| lower.contains(word));
            let fields: Vec<FieldIssue> =
                named.iter().map(|(_, field)| FieldIssue::with_detail(field, IssueCode::Refused, detail)).collect();
            Error { fields, ..as_code(if named.is_some() { ErrorCode::InvalidInput } else { ErrorCode::Rejected }) }
        }
        _ => refusal(answer, detail, now),
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue};
    use serde_json::{Value, json};

    use super::*;
    use crate::provider::script::now;

    fn answer(status: u16, body: &Value) -> HttpAnswer {
        HttpAnswer { status, headers: HeaderMap::new(), body: body.to_string().into() }
    }

    #[test]
    fn every_documented_refusal_has_its_meaning() {
        for (status, code, text, expected) in [
            (400, "InvalidRequest", "The request is not valid", ErrorCode::Rejected),
            (400, "InvalidRequest", "Field 'starttime' is not a date", ErrorCode::InvalidInput),
            (403, "InvalidToken", "Invalid token passed", ErrorCode::SignInRequired),
            (403, "AccessDenied", "You may not do this", ErrorCode::NotPermitted),
            (403, "LicenseRequired", "A licence is needed", ErrorCode::LicenceMissing),
            (403, "Forbidden", "Not available on the Free Plan", ErrorCode::LicenceMissing),
            (403, "TrialExpired", "Your time is over", ErrorCode::LicenceMissing),
            (403, "Forbidden", "The account is suspended", ErrorCode::LicenceMissing),
            (404, "NoSuchMeeting", "Meeting not found", ErrorCode::NotFound),
            (405, "MethodNotAllowed", "no", ErrorCode::Rejected),
            (409, "MeetingInUse", "It is under way", ErrorCode::Conflict),
            (415, "UnsupportedMediaType", "no", ErrorCode::Rejected),
            (429, "TooManyRequests", "Slow down", ErrorCode::RateLimited),
            (500, "InternalError", "Sorry", ErrorCode::Unavailable),
            (502, "BadGateway", "Sorry", ErrorCode::Unavailable),
            (503, "ServiceUnavailable", "Sorry", ErrorCode::Unavailable),
            (504, "GatewayTimeout", "Sorry", ErrorCode::Unavailable),
        ] {
            for body in [
                json!({"int_err_code": code, "msg": text}),
                json!({"errorCode": code, "description": text, "incident": "5f0d"}),
            ] {
                let error = refused(&answer(status, &body), now());
                assert_eq!((error.code, error.detail.as_deref()), (expected, Some(text)), "{status} {code}");
                assert_eq!(error.retry_at, None, "no header, no promise");
            }
        }
    }

    #[test]
    fn a_status_alone_has_the_same_meaning() {
        for (status, expected) in [
            (400, ErrorCode::Rejected),
            (403, ErrorCode::NotPermitted),
            (404, ErrorCode::NotFound),
            (409, ErrorCode::Conflict),
            (429, ErrorCode::RateLimited),
            (503, ErrorCode::Unavailable),
        ] {
            let answer = HttpAnswer { status, headers: HeaderMap::new(), body: bytes::Bytes::new() };
            assert_eq!(refused(&answer, now()).code, expected, "{status}");
        }
        let code_alone = refused(&answer(404, &json!({"errorCode": "NoSuchMeeting"})), now());
        assert_eq!(code_alone.detail.as_deref(), Some("NoSuchMeeting"));
    }

    #[test]
    fn a_problem_stands_at_its_field() {
        for (text, field) in [
            ("subject too long", "subject"),
            ("Invalid startTime", "start"),
            ("endtime is before starttime", "start"),
            ("endtime missing", "end"),
            ("conferencecallinfo over 255", "option.dial_in"),
        ] {
            let error = refused(&answer(400, &json!({"int_err_code": "InvalidRequest", "msg": text})), now());
            assert_eq!(error.fields[0].field, field);
        }
    }

    #[test]
    fn an_expired_token_is_a_403_with_a_word() {
        for (status, body, expired) in [
            (403, json!({"int_err_code": "InvalidToken", "msg": "Invalid token passed"}), true),
            (403, json!({"errorCode": "InvalidToken", "description": "x", "incident": "1"}), true),
            (403, json!({"int_err_code": "AccessDenied"}), false),
            (403, json!("InvalidToken"), false),
            (400, json!({"int_err_code": "InvalidToken"}), false),
        ] {
            assert_eq!(says_token_expired(&answer(status, &body)), expired, "{status} {body}");
        }
    }

    #[test]
    fn a_page_is_somebody_elses() {
        let headers = HeaderMap::from_iter([("content-type".parse().unwrap(), HeaderValue::from_static("text/html"))]);
        for status in [400, 403, 404] {
            let answer = HttpAnswer { status, headers: headers.clone(), body: "<p>account".into() };
            assert_eq!(refused(&answer, now()).code, ErrorCode::Intercepted, "{status}");
        }
    }
}
