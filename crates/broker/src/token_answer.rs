//! What a token endpoint said, decided without acting: tokens, a dead grant, or trouble that proves nothing.
//!
//! A credential counts as dead only on a parsed error of the provider's own. Everything else (HTML, a cut answer, a
//! proxy's 403 or 407, any 5xx) is trouble on the way and keeps it.

mod fields;

use axum::http::StatusCode;
use chrono::DateTime;
use convoke_broker_api::{TokenAnswer, WireSecret};
use serde_json::{Map, Value};

use fields::{Field, Fields};

use crate::{grammar, refusal::Refusal, registration::Registration, strict_json, upstream::UpstreamAnswer};

/// Longest access or refresh token, in characters.
pub(crate) const TOKEN_LIMIT: usize = 16 * 1024;
/// Seconds of life where the provider names none.
const DEFAULT_LIFETIME: u64 = 300;
/// Longest wait that is handed on, in seconds.
const LONGEST_WAIT: u64 = 86_400;

/// An answer that passed every check.
pub(crate) struct Granted {
    /// The tokens under the names of RFC 6749 §5.1.
    pub(crate) answer: TokenAnswer,
    /// Whom the answer names, where the provider does so beside the tokens (`GoTo`'s `principal`).
    pub(crate) principal: Option<String>,
}

/// Reads the answer to a code exchange or a refresh.
pub(crate) fn tokens(registration: &Registration, answer: &UpstreamAnswer, now: i64) -> Result<Granted, Refusal> {
    if answer.status != StatusCode::OK {
        return Err(refused(registration, answer, now));
    }
    let fields = if answer.is_json { serde_json::from_slice(&answer.body).ok() } else { None };
    granted(registration.token_type_optional, fields.ok_or(Refusal::bad_answer())?).ok_or(Refusal::bad_answer())
}

/// Reads the answer to a revocation: a token that the provider does not know is as good as revoked (RFC 7009 §2.2).
pub(crate) fn revoked(registration: &Registration, answer: &UpstreamAnswer, now: i64) -> Result<(), Refusal> {
    if answer.status == StatusCode::OK {
        // The body is not read, but a page in its place is not the provider's.
        let genuine = answer.body.is_empty() || answer.is_json;
        return if genuine { Ok(()) } else { Err(Refusal::bad_answer()) };
    }
    match error_code(answer).as_deref() {
        Some("invalid_grant" | "invalid_token") => Ok(()),
        _ => Err(refused(registration, answer, now)),
    }
}

/// Why the provider gave no tokens.
fn refused(registration: &Registration, answer: &UpstreamAnswer, now: i64) -> Refusal {
    let retry_after = answer.retry_after.as_deref().and_then(|text| wait(text, now));
    match answer.status.as_u16() {
        400 | 401 => match error_code(answer) {
            Some(code) if registration.dead_grant_errors.contains(&code) => Refusal::dead_grant(),
            Some(code) if code == "temporarily_unavailable" || code == "server_error" => {
                Refusal::provider_unavailable(retry_after)
            }
            Some(_) => Refusal::registration_refused(),
            None => Refusal::bad_answer(),
        },
        429 => Refusal::rate_limited(retry_after),
        403 | 407 | 408 | 500..=599 => Refusal::provider_unavailable(retry_after),
        _ => Refusal::bad_answer(),
    }
}

/// The `error` of a 400 or 401 with a JSON object (RFC 6749 §5.2).
fn error_code(answer: &UpstreamAnswer) -> Option<String> {
    if ![StatusCode::BAD_REQUEST, StatusCode::UNAUTHORIZED].contains(&answer.status) {
        return None;
    }
    let object = answer_object(answer)?;
    object.get("error")?.as_str().map(str::to_owned)
}

/// The provider's own words for a refusal, such as `invalid_grant: expired`: data, on one line and capped, for the old broker's
/// clients alone.
pub(crate) fn words(answer: &UpstreamAnswer) -> Option<String> {
    let object = answer_object(answer)?;
    let text = |name: &str| object.get(name).and_then(Value::as_str).map(one_line).filter(|text| !text.is_empty());
    match (text("error"), text("error_description").or_else(|| text("reason"))) {
        (Some(error), Some(description)) => Some(format!("{error}: {description}")),
        (error, description) => error.or(description),
    }
}

/// Printable characters on one line, 200 at most.
fn one_line(text: &str) -> String {
    text.chars().filter(|one| !one.is_control()).take(200).collect()
}

fn answer_object(answer: &UpstreamAnswer) -> Option<Map<String, Value>> {
    if !answer.is_json {
        return None;
    }
    strict_json::object(&answer.body)
}

fn granted(token_type_optional: bool, mut fields: Fields<'_>) -> Option<Granted> {
    match fields.take("token_type") {
        Field::Text(kind) if kind.eq_ignore_ascii_case("bearer") => {}
        Field::Absent if token_type_optional => {}
        _ => return None,
    }
    let access_token = match fields.take("access_token") {
        Field::Text(text) if grammar::is_token_text(&text, TOKEN_LIMIT) => text.into_owned(),
        _ => return None,
    };
    let refresh_token = match fields.take("refresh_token") {
        // Null or empty says "none came": overwriting a good token with nothing would sign the person out.
        Field::Absent | Field::Null => None,
        Field::Text(text) if text.is_empty() => None,
        Field::Text(text) if grammar::is_token_text(&text, TOKEN_LIMIT) => Some(text.into_owned()),
        _ => return None,
    };
    let answer = TokenAnswer {
        access_token: WireSecret::new(access_token),
        token_type: "Bearer".to_owned(),
        expires_in: match fields.take("expires_in") {
            Field::Absent => DEFAULT_LIFETIME,
            field => field.seconds()?,
        },
        refresh_token: refresh_token.map(WireSecret::new),
        refresh_token_expires_in: fields.take("refresh_token_expires_in").seconds(),
        scope: fields.take("scope").plain_text(4096),
        id_token: fields.take("id_token").plain_text(TOKEN_LIMIT).map(WireSecret::new),
        api_url: fields.take("api_url").plain_text(256),
        session_token: None,
        session_expires_in: None,
        session_ends_in: None,
    };
    Some(Granted { answer, principal: fields.take("principal").plain_text(200) })
}

/// `Retry-After` as seconds from `now`: a number, an HTTP date (RFC 9110 §10.2.3), or an ISO date-time as Zoom sends.
fn wait(text: &str, now: i64) -> Option<u64> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(seconds.min(LONGEST_WAIT));
    }
    let at = DateTime::parse_from_rfc2822(text).or_else(|_| DateTime::parse_from_rfc3339(text)).ok()?;
    let seconds = u64::try_from(at.timestamp().saturating_sub(now)).unwrap_or(0);
    Some(seconds.min(LONGEST_WAIT))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{registration::sample, upstream};

    fn answer(status: u16, content_type: &str, body: &str) -> UpstreamAnswer {
        UpstreamAnswer {
            status: StatusCode::from_u16(status).expect("a status"),
            is_json: upstream::is_json(content_type),
            retry_after: None,
            body: body.as_bytes().to_vec(),
        }
    }

    fn read(body: &str) -> Result<TokenAnswer, Refusal> {
        tokens(&sample("zoom"), &answer(200, "application/json", body), 0).map(|granted| granted.answer)
    }

    #[test]
    fn a_key_that_comes_twice_is_refused() {
        for doubled in [
            r#""access_token":"b""#,
            r#""\u0061ccess_token":"b""#,
            r#""scope":null,"scope":"x""#,
            r#""unknown":1,"unknown":1"#,
            r#""unknown":{"a":1,"a":2}"#,
            r#""scope":[{"a":1,"a":2}]"#,
        ] {
            let answer = read(&format!(r#"{{"access_token":"a","token_type":"bearer",{doubled}}}"#));
            assert_eq!(answer.map(drop).expect_err("refused"), Refusal::bad_answer(), "{doubled}");
        }
    }

    #[test]
    fn a_plain_answer_is_normalised() {
        let tokens = read(
            r#"{"access_token":"a","token_type":"bearer","expires_in":"3599","refresh_token":"r","scope":"x y",
                "api_url":"https://api.example","unknown":{"a":1}}"#,
        )
        .expect("accepted");
        assert_eq!((tokens.expires_in, tokens.token_type.as_str()), (3599, "Bearer"));
        assert_eq!(tokens.refresh_token.expect("it came").into_inner(), "r");
        assert_eq!(tokens.scope.as_deref(), Some("x y"));
        assert_eq!(tokens.api_url.as_deref(), Some("https://api.example"));
    }

    #[test]
    fn lifetimes_are_read_as_number_text_or_default() {
        for (field, seconds) in [
            ("", 300),
            (r#","expires_in":0"#, 0),
            (r#","expires_in":3600"#, 3600),
            (r#","expires_in":3599.9"#, 3599),
            (r#","expires_in":"60""#, 60),
        ] {
            let body = format!(r#"{{"access_token":"a","token_type":"BEARER"{field}}}"#);
            assert_eq!(read(&body).expect(&body).expires_in, seconds);
        }
    }

    #[test]
    fn anything_off_the_contract_is_a_bad_answer() {
        let long = "a".repeat(TOKEN_LIMIT + 1);
        for body in [
            r#"{"access_token":"a"}"#,
            r#"{"access_token":"a","token_type":"mac"}"#,
            r#"{"access_token":"a","token_type":null}"#,
            r#"{"token_type":"bearer"}"#,
            r#"{"access_token":"","token_type":"bearer"}"#,
            r#"{"access_token":1,"token_type":"bearer"}"#,
            r#"{"access_token":"a b","token_type":"bearer"}"#,
            r#"{"access_token":"a\r\nx: y","token_type":"bearer"}"#,
            r#"{"access_token":"ä","token_type":"bearer"}"#,
            r#"{"access_token":"a","access_token":"b","token_type":"bearer"}"#,
            r#"{"access_token":"a","token_type":"bearer","expires_in":-1}"#,
            r#"{"access_token":"a","token_type":"bearer","expires_in":"soon"}"#,
            r#"{"access_token":"a","token_type":"bearer","expires_in":null}"#,
            r#"{"access_token":"a","token_type":"bearer","refresh_token":7}"#,
            r#"{"access_token":"a","token_type":"bearer"#,
            "[]",
            &format!(r#"{{"access_token":"{long}","token_type":"bearer"}}"#),
        ] {
            assert_eq!(read(body).expect_err(body), Refusal::bad_answer());
        }
        let html = answer(200, "text/html", r#"{"access_token":"a","token_type":"bearer"}"#);
        assert_eq!(tokens(&sample("zoom"), &html, 0).map(drop).expect_err("not JSON"), Refusal::bad_answer());
    }

    #[test]
    fn an_empty_refresh_token_counts_as_none() {
        for field in [r#""""#, "null"] {
            let tokens = read(&format!(r#"{{"access_token":"a","token_type":"bearer","refresh_token":{field}}}"#));
            assert!(tokens.expect("accepted").refresh_token.is_none());
        }
    }

    #[test]
    fn only_the_providers_own_word_kills_a_grant() {
        let dead = r#"{"error":"invalid_grant"}"#;
        for status in [400, 401] {
            let answer = answer(status, "application/json;charset=utf-8", dead);
            assert_eq!(tokens(&sample("zoom"), &answer, 0).map(drop).expect_err("dead"), Refusal::dead_grant());
        }
        for (status, content_type, body, refusal) in [
            (400, "text/html", dead, Refusal::bad_answer()),
            (400, "application/json", r#"{"error":"invalid_grant""#, Refusal::bad_answer()),
            (400, "application/json", r#"{"error":"x","error":"invalid_grant"}"#, Refusal::bad_answer()),
            (400, "application/json", r#"{"error":["invalid_grant"]}"#, Refusal::bad_answer()),
            (401, "application/json", r#"{"error":"invalid_client"}"#, Refusal::registration_refused()),
            (400, "application/json", r#"{"error":"interaction_required"}"#, Refusal::registration_refused()),
            (403, "application/json", dead, Refusal::provider_unavailable(None)),
            (407, "application/json", dead, Refusal::provider_unavailable(None)),
            (502, "application/json", dead, Refusal::provider_unavailable(None)),
            (302, "application/json", dead, Refusal::bad_answer()),
            (404, "application/json", dead, Refusal::bad_answer()),
            (201, "application/json", dead, Refusal::bad_answer()),
        ] {
            let answer = answer(status, content_type, body);
            assert_eq!(tokens(&sample("zoom"), &answer, 0).map(drop).expect_err("refused"), refusal, "{status} {body}");
        }
        let asks = answer(400, "application/json", r#"{"error":"interaction_required"}"#);
        assert_eq!(tokens(&sample("teams"), &asks, 0).map(drop).expect_err("dead"), Refusal::dead_grant());
    }

    #[test]
    fn waits_are_read_in_every_form() {
        let now = 1_800_000_000;
        assert_eq!(wait("17", now), Some(17));
        assert_eq!(wait("9999999", now), Some(LONGEST_WAIT));
        assert_eq!(wait("Fri, 15 Jan 2027 08:01:00 GMT", now), Some(60));
        assert_eq!(wait("2027-01-15T08:01:00Z", now), Some(60));
        assert_eq!(wait("2020-01-01T00:00:00Z", now), Some(0));
        assert_eq!(wait("soon", now), None);
    }

    #[test]
    fn an_unknown_token_is_revoked_and_a_page_is_not() {
        let row = &sample("zoom");
        assert!(revoked(row, &answer(200, "application/json", r#"{"status":"success"}"#), 0).is_ok());
        assert!(revoked(row, &answer(200, "text/plain", ""), 0).is_ok());
        assert!(revoked(row, &answer(400, "application/json", r#"{"error":"invalid_token"}"#), 0).is_ok());
        assert!(revoked(row, &answer(200, "text/html", "<html>"), 0).is_err());
        assert!(revoked(row, &answer(503, "application/json", r#"{"error":"invalid_token"}"#), 0).is_err());
    }
}
