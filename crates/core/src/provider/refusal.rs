//! What a status says at every provider alike. What only one of them means by a code stands in its own file.

use chrono::{DateTime, Utc};

use crate::{
    auth::{retry_after::retry_after, session::AuthorizedClient},
    error::{Error, ErrorCode},
    http::{HttpAnswer, HttpRequest},
};

/// Sends; what was done comes back as the answer, all else as the error that `refused` says it means.
///
/// # Errors
/// As the session, and what `refused` says.
pub async fn ask(
    client: &AuthorizedClient<'_>,
    request: HttpRequest,
    refused: fn(&HttpAnswer, DateTime<Utc>) -> Error,
) -> Result<HttpAnswer, Error> {
    let answer = client.send(request).await?;
    if answer.is_done() { Ok(answer) } else { Err(client.at(refused(&answer, client.now()))) }
}

/// What a deletion came to: one that is gone already is done.
///
/// # Errors
/// Every other error.
pub fn gone_is_done<T>(deleted: Result<T, Error>) -> Result<(), Error> {
    match deleted {
        Err(error) if error.code == ErrorCode::NotFound => Ok(()),
        other => other.map(drop),
    }
}

/// The error for an answer that is no success, by its status; `message` is the vendor's own reason, where it was found.
///
/// A web page below 500 is somebody else's answer: a network's sign-in page, or a proxy. From 500 on, gateways
/// answer for the provider with pages of their own.
pub fn refusal(answer: &HttpAnswer, message: &str, now: DateTime<Utc>) -> Error {
    let retry = || answer.header("retry-after").and_then(|text| retry_after(text, now));
    let error = match answer.status {
        // 511 is a network's own word, which no provider says (RFC 6585 §6).
        300..400 | 511 => ErrorCode::Intercepted,
        500.. => return Error::new(ErrorCode::Unavailable).detail(message).retry(retry()),
        407 => ErrorCode::ProxyPassword,
        429 => return Error::new(ErrorCode::RateLimited).detail(message).retry(retry()),
        _ if answer.is_html() => ErrorCode::Intercepted,
        403 => ErrorCode::NotPermitted,
        404 | 410 => ErrorCode::NotFound,
        408 => ErrorCode::Unavailable,
        409 | 412 | 423 => ErrorCode::Conflict,
        400..500 => ErrorCode::Rejected,
        // A success that was not expected here, or a status that HTTP does not have.
        _ => ErrorCode::BadAnswer,
    };
    Error::new(error).detail(message)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::{HeaderMap, HeaderValue};

    use super::*;

    fn code(status: u16, kind: &'static str) -> ErrorCode {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", HeaderValue::from_static(kind));
        refusal(&HttpAnswer { status, headers, body: Bytes::new() }, "", DateTime::UNIX_EPOCH).code
    }

    #[test]
    fn each_status_by_what_happens_next() {
        for (status, expected) in [
            (302, ErrorCode::Intercepted),
            (400, ErrorCode::Rejected),
            (403, ErrorCode::NotPermitted),
            (404, ErrorCode::NotFound),
            (407, ErrorCode::ProxyPassword),
            (409, ErrorCode::Conflict),
            (422, ErrorCode::Rejected),
            (429, ErrorCode::RateLimited),
            (500, ErrorCode::Unavailable),
            (503, ErrorCode::Unavailable),
            (509, ErrorCode::Unavailable),
            (511, ErrorCode::Intercepted),
        ] {
            assert_eq!(code(status, "application/json"), expected, "{status}");
        }
    }

    #[test]
    fn a_page_below_500_came_from_somebody_else() {
        for status in [400, 403, 404] {
            assert_eq!(code(status, "text/html; charset=utf-8"), ErrorCode::Intercepted, "{status}");
        }
        assert_eq!(code(502, "text/html"), ErrorCode::Unavailable);
        assert_eq!(code(429, "text/html"), ErrorCode::RateLimited);
    }

    #[test]
    fn a_wait_is_read_where_waiting_helps() {
        let headers = HeaderMap::from_iter([("retry-after".parse().unwrap(), HeaderValue::from_static("30"))]);
        for (status, waits) in [(429, true), (503, true), (403, false)] {
            let answer = HttpAnswer { status, headers: headers.clone(), body: Bytes::new() };
            assert_eq!(refusal(&answer, "", DateTime::UNIX_EPOCH).retry_at.is_some(), waits, "{status}");
        }
    }
}
