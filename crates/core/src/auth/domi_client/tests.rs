//! The old broker's answers, byte for byte, and what each becomes; the exact requests.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use secrecy::ExposeSecret;
use serde_json::json;

use super::*;
use crate::provider::script::{Reply, Script};

fn answer(status: u16, kind: &'static str, body: &str) -> HttpAnswer {
    let mut headers = HeaderMap::new();
    headers.insert("content-type", HeaderValue::from_static(kind));
    HttpAnswer { status, headers, body: Bytes::from(body.to_owned()) }
}

fn code(status: u16, kind: &'static str, body: &str) -> ErrorCode {
    judged(&answer(status, kind, body)).and_then(tokens).err().expect("refused").code
}

#[test]
fn one_word_ends_a_credential_and_nothing_else_does() {
    const JSON: &str = "application/json";
    for text in [
        "invalid_grant",
        "Bad Request: {\"error\":\"invalid_grant\",\"reason\":\"Invalid Token!\"}",
        "AADSTS700082: invalid_grant: the token has expired",
    ] {
        assert_eq!(code(400, JSON, text), ErrorCode::SignInRequired, "{text}");
    }
    for (status, kind, body, expected) in [
        (400, JSON, "Bearer Authentication missing", ErrorCode::Unavailable),
        (400, JSON, "Unauthorized: {\"error\":\"invalid_client\"}", ErrorCode::Unavailable),
        (400, JSON, "failed to resolve 'zoom.us' after 2 queries", ErrorCode::Unavailable),
        (400, JSON, "not_invalid_grant or invalid_grants", ErrorCode::Unavailable),
        (400, JSON, "", ErrorCode::Unavailable),
        (400, "text/html", "<html>invalid_grant</html>", ErrorCode::Intercepted),
        (401, JSON, "{\"error\":\"invalid_grant\"}", ErrorCode::BadAnswer),
        (403, JSON, "invalid_grant", ErrorCode::BadAnswer),
        (500, JSON, "invalid_grant", ErrorCode::Unavailable),
        (503, "text/html", "<html>down</html>", ErrorCode::Intercepted),
        (200, "text/html", "<html>sign in to the network</html>", ErrorCode::Intercepted),
        (200, "text/plain", "invalid_grant", ErrorCode::Intercepted),
        (200, JSON, "{\"access_token\":\"a", ErrorCode::Intercepted),
        (200, JSON, "{}", ErrorCode::BadAnswer),
        (200, JSON, "{\"error\":\"invalid_grant\"}", ErrorCode::BadAnswer),
        (302, JSON, "invalid_grant", ErrorCode::Intercepted),
        (404, "text/plain", "invalid_grant", ErrorCode::BadAnswer),
        (407, "text/plain", "", ErrorCode::ProxyPassword),
    ] {
        assert_eq!(code(status, kind, body), expected, "{status} {body}");
    }
}

fn taken(body: &serde_json::Value) -> Result<TokenAnswer, Error> {
    tokens(&answer(200, "application/json", &body.to_string()))
}

#[test]
fn the_providers_own_answer_is_read_as_it_comes() {
    let whole = taken(&json!({
        "access_token": "a", "refresh_token": "r", "expires_in": 3599, "token_type": "bearer",
        "scope": "meeting:write  meeting:read", "id_token": "i", "api_url": "https://api.zoom.us",
    }))
    .unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(whole.access.0.expose_secret(), "a");
    assert_eq!(whole.refresh.unwrap().0.expose_secret(), "r");
    assert_eq!(whole.expires_in, 3599);
    assert_eq!(whole.scopes.unwrap(), ["meeting:write", "meeting:read"]);
    // Empty says "none came", as null does: the good one stays.
    for (life, seconds) in [(json!("7199"), 7199), (json!(3599.0), 3599), (json!(null), 300)] {
        let read = taken(&json!({"access_token": "a", "refresh_token": "", "expires_in": life}))
            .unwrap_or_else(|error| panic!("{error}"));
        assert_eq!((read.expires_in, read.refresh.is_none()), (seconds, true));
    }
    assert_eq!(taken(&json!({"access_token": "a"})).map(|read| read.expires_in).ok(), Some(300));
}

#[test]
fn what_is_no_token_answer_is_none() {
    let long = "x".repeat(16 * 1024 + 1);
    for body in [
        json!({"access_token": ""}),
        json!({"access_token": "a b"}),
        json!({"access_token": "a\n"}),
        json!({"access_token": "\u{e9}"}),
        json!({"access_token": long}),
        json!({"access_token": "a", "refresh_token": "RETRIEVING REFRESH TOKEN FAILED"}),
        json!({"access_token": "a", "expires_in": "soon"}),
        json!({"access_token": "a", "expires_in": -1}),
        json!({"access_token": "a", "token_type": "mac"}),
    ] {
        assert_eq!(taken(&body).err().map(|error| error.code), Some(ErrorCode::BadAnswer), "{body}");
    }
    let twice = answer(200, "application/json", r#"{"access_token":"a","access_token":"b"}"#);
    assert_eq!(tokens(&twice).err().map(|error| error.code), Some(ErrorCode::BadAnswer));
    assert!(taken(&json!({"access_token": "x".repeat(16 * 1024)})).is_ok());
}

fn client(script: &Script) -> DomiClient {
    DomiClient::new(script.http(), script.base("/sign-in/"))
}

#[tokio::test]
async fn a_refresh_is_a_get_with_the_refresh_token_as_the_bearer() {
    let script = Script::start(
        ["Teams", "Zoom", "Webex", "GTM"]
            .map(|name| format!("GET /sign-in/domino{name}Refresh"))
            .iter()
            .map(|line| (line.as_str(), Reply::json(200, &json!({"access_token": "a", "expires_in": 10})))),
    )
    .await;
    let client = client(&script);
    let token = RefreshToken::new("refresh-1".to_owned());
    for kind in [ProviderKind::Teams, ProviderKind::Zoom, ProviderKind::Webex, ProviderKind::Goto] {
        assert!(client.refresh(kind, &token).await.is_ok(), "{kind}");
    }
    assert!(client.refresh(ProviderKind::Sametime, &token).await.is_err());
    for seen in script.finished() {
        assert_eq!((seen.header("authorization"), seen.body.as_str()), (Some("Bearer refresh-1"), ""), "{}", seen.line);
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed_with_the_token() {
    let moved = Reply::empty(302).with("location", "/elsewhere");
    let script = Script::start([("GET /sign-in/dominoZoomRefresh", moved)]).await;
    let refused = client(&script).refresh(ProviderKind::Zoom, &RefreshToken::new("r".to_owned())).await;
    assert_eq!(refused.err().map(|error| error.code), Some(ErrorCode::Intercepted));
    script.finished();
}

#[tokio::test]
async fn zoom_is_told_with_a_fresh_access_token_and_the_others_cannot_be() {
    let script = Script::start([
        ("GET /sign-in/dominoZoomRefresh", Reply::json(200, &json!({"access_token": "access-2"}))),
        ("GET /sign-in/dominoZoomRevoke", Reply::empty(200)),
    ])
    .await;
    let (client, token) = (client(&script), RefreshToken::new("refresh-1".to_owned()));
    assert!(client.revoke(ProviderKind::Zoom, &token).await.unwrap());
    assert!(!client.revoke(ProviderKind::Webex, &token).await.unwrap());
    let seen = script.finished();
    assert_eq!(seen[0].header("authorization"), Some("Bearer refresh-1"));
    assert_eq!(seen[1].header("authorization"), Some("Bearer access-2"));
}

#[tokio::test]
async fn its_landing_page_is_all_that_says_it_is_there() {
    let script = Script::start([
        ("GET /sign-in/", Reply::html(200, "<html>Domino Online Meeting Integration</html>")),
        ("GET /sign-in/", Reply::empty(502)),
    ])
    .await;
    let client = client(&script);
    assert!(client.reach().await.is_ok());
    assert_eq!(client.reach().await.unwrap_err().code, ErrorCode::Unavailable);
    script.finished();
}
