//! What a refusal by Webex means. Source: the answers of <https://developer.webex.com/docs/api/v1/meetings>, and
//! <https://developer.webex.com/docs/basics>. There are no codes: beside the status only words tell.

use chrono::{DateTime, Utc};
use serde::Deserialize;

use crate::{
    auth::retry_after::retry_after,
    error::{Error, ErrorCode, FieldIssue, IssueCode},
    http::HttpAnswer,
    provider::refusal::refusal,
};

/// The most problems of one answer that are told.
const MOST_PROBLEMS: usize = 8;

/// Words of a 400, and the field that each is about: the first that is found counts.
const FIELDS: [(&str, &str); 12] = [
    ("password", "option.passcode"),
    ("recurrence", "repeat"),
    ("rrule", "repeat"),
    ("agenda", "agenda"),
    ("title", "subject"),
    ("timezone", "zone"),
    ("hostemail", "option.schedule_for"),
    ("cohost", "option.co_hosts"),
    ("invitees", "invitees"),
    ("invitee", "invitees"),
    ("start", "start"),
    ("end", "end"),
];
/// Parts of words of a 403 that is about what somebody pays for.
const LICENCE: [&str; 5] = ["licens", "licenc", "subscri", "entitle", "paid"];

#[derive(Deserialize)]
struct WireError {
    #[serde(default)]
    message: String,
    #[serde(default)]
    errors: Vec<WireProblem>,
}

#[derive(Deserialize)]
struct WireProblem {
    #[serde(default)]
    description: String,
}

pub(super) fn refused(answer: &HttpAnswer, now: DateTime<Utc>) -> Error {
    let body = answer.json::<WireError>().unwrap_or(WireError { message: String::new(), errors: Vec::new() });
    let problems: Vec<&str> = body
        .errors
        .iter()
        .map(|problem| problem.description.trim())
        .filter(|text| !text.is_empty())
        .take(MOST_PROBLEMS)
        .collect();
    let text = if problems.is_empty() { body.message.trim().to_owned() } else { problems.join("; ") };
    let as_code = |code| Error::new(code).detail(&text);
    let lower = format!("{} {text}", body.message).to_lowercase();
    match answer.status {
        // A web page is somebody else's.
        _ if answer.is_html() => refusal(answer, &text, now),
        400 => {
            let told = if problems.is_empty() { vec![text.as_str()] } else { problems };
            let fields: Vec<FieldIssue> = told.into_iter().filter_map(issue).collect();
            let code = if fields.is_empty() { ErrorCode::Rejected } else { ErrorCode::InvalidInput };
            Error { fields, ..as_code(code) }
        }
        403 if lower.contains("scope") => as_code(ErrorCode::ConsentMissing),
        403 if LICENCE.iter().any(|word| lower.contains(word)) => as_code(ErrorCode::LicenceMissing),
        // "Temporarily unavailable": it stands, and nobody else changed it.
        423 => {
            as_code(ErrorCode::Unavailable).retry(answer.header("retry-after").and_then(|text| retry_after(text, now)))
        }
        _ => refusal(answer, &text, now),
    }
}

/// The problem at the field that it names, if it names one.
fn issue(problem: &str) -> Option<FieldIssue> {
    let lower = problem.to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).collect();
    let (_, field) = FIELDS.iter().find(|(word, _)| words.contains(word))?;
    Some(FieldIssue::with_detail(field, IssueCode::Refused, problem))
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue};
    use serde_json::json;

    use super::*;
    use crate::provider::script::now;

    fn told(status: u16, message: &str, problem: Option<&str>) -> Error {
        let errors: Vec<_> = problem.into_iter().map(|text| json!({"description": text})).collect();
        let body = json!({"message": message, "errors": errors, "trackingId": "ROUTER_1"}).to_string();
        let headers = HeaderMap::from_iter([("retry-after".parse().unwrap(), HeaderValue::from_static("30"))]);
        refused(&HttpAnswer { status, headers, body: body.into() }, now())
    }

    #[test]
    fn every_documented_refusal_has_its_meaning() {
        for (status, message, problem, expected) in [
            (
                400,
                "The input parameters contain invalid items.",
                Some("Meeting password validation failed."),
                ErrorCode::InvalidInput,
            ),
            (400, "The request could not be understood by the server.", None, ErrorCode::Rejected),
            (
                403,
                "The request is understood, but it has been refused or access is not allowed.",
                None,
                ErrorCode::NotPermitted,
            ),
            (
                403,
                "Access denied.",
                Some("The access token lacks the scope meeting:schedules_write"),
                ErrorCode::ConsentMissing,
            ),
            (
                403,
                "The access token is missing required scopes or the user is missing required roles or licenses.",
                None,
                ErrorCode::ConsentMissing,
            ),
            (403, "User does not have a Webex Meetings license.", None, ErrorCode::LicenceMissing),
            (403, "Forbidden", Some("The site is not entitled to this session type."), ErrorCode::LicenceMissing),
            (404, "The requested resource could not be found.", None, ErrorCode::NotFound),
            (405, "Method Not Allowed", None, ErrorCode::Rejected),
            (409, "The request conflicts with an established rule.", None, ErrorCode::Conflict),
            (410, "The requested resource is no longer available.", None, ErrorCode::NotFound),
            (415, "Unsupported Media Type", None, ErrorCode::Rejected),
            (423, "The requested resource is temporarily unavailable.", None, ErrorCode::Unavailable),
            (428, "Precondition Required", None, ErrorCode::Rejected),
            (429, "Too many requests have been sent.", None, ErrorCode::RateLimited),
            (500, "Something went wrong on the server.", None, ErrorCode::Unavailable),
            (502, "Bad Gateway", None, ErrorCode::Unavailable),
            (503, "Server is overloaded with requests.", None, ErrorCode::Unavailable),
            (504, "Gateway Timeout", None, ErrorCode::Unavailable),
        ] {
            let error = told(status, message, problem);
            assert_eq!((error.code, error.detail.as_deref()), (expected, Some(problem.unwrap_or(message))), "{status}");
            let waits = matches!(status, 423 | 429 | 500..);
            assert_eq!(error.retry_at, waits.then(|| now() + chrono::Duration::seconds(30)), "{status}");
        }
    }

    #[test]
    fn a_status_alone_has_the_same_meaning() {
        for (status, expected) in [
            (400, ErrorCode::Rejected),
            (403, ErrorCode::NotPermitted),
            (404, ErrorCode::NotFound),
            (409, ErrorCode::Conflict),
            (410, ErrorCode::NotFound),
            (423, ErrorCode::Unavailable),
            (429, ErrorCode::RateLimited),
            (503, ErrorCode::Unavailable),
        ] {
            let answer = HttpAnswer { status, headers: HeaderMap::new(), body: bytes::Bytes::new() };
            assert_eq!(refused(&answer, now()).code, expected, "{status}");
        }
    }

    #[test]
    fn a_problem_stands_at_its_field() {
        for (problem, field) in [
            ("'title' is too long.", Some("subject")),
            ("The agenda can be a maximum of 1300 characters long.", Some("agenda")),
            ("Invalid recurrence rule: start", Some("repeat")),
            ("start cannot be before current date and time", Some("start")),
            ("end: cannot be before", Some("end")),
            ("timezone is not valid", Some("zone")),
            ("hostEmail is not a user of this site", Some("option.schedule_for")),
            ("invitees[0].email is not valid", Some("invitees")),
            ("Nothing was sent, unfortunately.", None),
        ] {
            assert_eq!(issue(problem).map(|issue| issue.field).as_deref(), field, "{problem}");
        }
        let both = json!({"message": "m", "errors": [{"description": "title"}, {"description": "other"}, {"description": "agenda"}]});
        let answer = HttpAnswer { status: 400, headers: HeaderMap::new(), body: both.to_string().into() };
        assert_eq!(refused(&answer, now()).fields.len(), 2);
    }

    #[test]
    fn a_page_is_somebody_elses() {
        let headers = HeaderMap::from_iter([("content-type".parse().unwrap(), HeaderValue::from_static("text/html"))]);
        for status in [400, 403, 404, 423] {
            let answer = HttpAnswer { status, headers: headers.clone(), body: "<p>".into() };
            assert_eq!(refused(&answer, now()).code, ErrorCode::Intercepted, "{status}");
        }
    }
}
