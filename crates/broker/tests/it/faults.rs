//! Trouble between broker and provider: never taken for a revocation, and a real revocation never taken for trouble.

use std::net::TcpListener;

use crate::{
    provider::{TOKENS, answer},
    rig::{App, Rig, post_in},
    wire::Answer,
};

const DEAD: &str = r#"{"error":"invalid_grant","reason":"Invalid Token!"}"#;

/// Name, the provider's bytes, and what the broker says.
fn faults() -> Vec<(&'static str, Vec<u8>, u16, &'static str)> {
    let json = "application/json";
    let cut = |bytes: Vec<u8>, keep: usize| bytes[..keep].to_vec();
    let good = answer("200 OK", json, TOKENS);
    let huge = format!(r#"{{"access_token":"a","token_type":"bearer","x":"{}"}}"#, "x".repeat(65 * 1024));
    let redirect = "HTTP/1.1 302 Found\r\nlocation: /token\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    vec![
        ("a page", answer("200 OK", "text/html", "<html>sign in to the network</html>"), 502, "bad_answer"),
        ("a page that calls itself JSON", answer("200 OK", json, "<html>"), 502, "bad_answer"),
        ("JSON that calls itself a page", answer("200 OK", "text/html", TOKENS), 502, "bad_answer"),
        ("an error as a page", answer("400 Bad Request", "text/html", DEAD), 502, "bad_answer"),
        ("a cut body", cut(good.clone(), good.len() - 20), 502, "bad_answer"),
        ("a cut head", cut(good, 30), 503, "provider_unavailable"),
        ("a closed socket", Vec::new(), 503, "provider_unavailable"),
        ("403", answer("403 Forbidden", json, DEAD), 503, "provider_unavailable"),
        ("407", answer("407 Proxy Authentication Required", json, DEAD), 503, "provider_unavailable"),
        ("500", answer("500 Internal Server Error", json, DEAD), 503, "provider_unavailable"),
        ("502", answer("502 Bad Gateway", json, DEAD), 503, "provider_unavailable"),
        ("404", answer("404 Not Found", json, DEAD), 502, "bad_answer"),
        ("201", answer("201 Created", json, TOKENS), 502, "bad_answer"),
        ("a redirect", redirect.as_bytes().to_vec(), 502, "bad_answer"),
        ("a huge answer", answer("200 OK", json, &huge), 502, "bad_answer"),
        ("another shape", answer("200 OK", json, r#"["access_token"]"#), 502, "bad_answer"),
        (
            "doubled keys",
            answer("400 Bad Request", json, r#"{"error":"x","error":"invalid_grant"}"#),
            502,
            "bad_answer",
        ),
        ("not HTTP", b"SSH-2.0-server\r\n".to_vec(), 503, "provider_unavailable"),
        (
            "an unknown client",
            answer("401 Unauthorized", json, r#"{"error":"invalid_client"}"#),
            502,
            "registration_refused",
        ),
        ("429", answer("429 Too Many Requests", json, DEAD), 429, "rate_limited"),
    ]
}

fn assert_trouble(answer: &Answer, status: u16, code: &str, name: &str) {
    assert_eq!((answer.status, answer.error().as_str()), (status, code), "{name}");
    assert_eq!(answer.json()["retryable"], true, "{name}");
    assert_eq!(answer.header("convoke-broker"), Some("1"), "{name}");
    assert!(!answer.body.contains("the-refresh-token") && !answer.body.contains("Invalid Token"), "{name}");
}

#[tokio::test]
async fn trouble_at_a_refresh_keeps_the_credential() {
    let rig = Rig::start().await;
    for (name, bytes, status, code) in faults() {
        rig.provider.next(bytes);
        let before = rig.provider.calls().len();
        assert_trouble(&rig.refresh("zoom", "the-refresh-token").await, status, code, name);
        assert_eq!(rig.provider.calls().len(), before + 1, "{name}: asked once, no redirect followed");
    }
}

#[tokio::test]
async fn trouble_at_the_exchange_is_no_revocation_and_sends_the_code_once() {
    let rig = Rig::start().await;
    let app = App::new("a");
    for (name, bytes, status, code) in faults() {
        let grant = rig.grant("zoom", &app).await;
        let before = rig.provider.calls().len();
        rig.provider.next(bytes);
        assert_trouble(&rig.redeem(&grant, &app.verifier).await, status, code, name);
        assert_eq!(rig.redeem(&grant, &app.verifier).await.error(), "invalid_grant", "{name}");
        assert_eq!(rig.provider.calls().len(), before + 1, "{name}");
    }
}

#[tokio::test]
async fn nobody_at_the_address_is_trouble() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}/token", taken.local_addr().expect("its address"));
    drop(taken);
    let rig = Rig::with(&[("ZOOM_TOKEN_URL", &address)]).await;
    assert_trouble(&rig.refresh("zoom", "the-refresh-token").await, 503, "provider_unavailable", "nobody");
}

#[tokio::test]
async fn the_providers_own_word_is_handed_on() {
    let rig = Rig::start().await;
    for status in ["400 Bad Request", "401 Unauthorized"] {
        rig.provider.next(answer(status, "application/json;charset=UTF-8", DEAD));
        let answer = rig.refresh("zoom", "the-refresh-token").await;
        assert_eq!((answer.status, answer.error().as_str()), (401, "invalid_grant"), "{status}");
        assert_eq!(answer.json()["retryable"], false);
        assert!(!answer.body.contains("Invalid Token"), "the provider's text stays out");
    }
}

#[tokio::test]
async fn a_wait_is_handed_on_as_seconds() {
    let rig = Rig::start().await;
    for (text, seconds) in [("17", 17), ("2027-01-15T08:01:00Z", 60)] {
        let head =
            format!("HTTP/1.1 429 Slow Down\r\nretry-after: {text}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        rig.provider.next(head.into_bytes());
        let answer = rig.refresh("zoom", "the-refresh-token").await;
        assert_eq!((answer.status, answer.json()["retry_after"].as_u64()), (429, Some(seconds)));
        assert_eq!(answer.header("retry-after"), Some(seconds.to_string().as_str()));
    }
}

#[tokio::test]
async fn a_refresh_hands_back_the_new_token_or_else_the_old_one() {
    let rig = Rig::start().await;
    assert_eq!(rig.refresh("zoom", "the-old-one").await.json()["refresh_token"], "the-refresh-token");
    let call = &rig.provider.calls()[0];
    assert_eq!(call.names(), ["grant_type", "refresh_token"]);
    assert_eq!(call.field("refresh_token"), Some("the-old-one"));
    rig.provider.next(answer("200 OK", "application/json", r#"{"access_token":"a","token_type":"Bearer"}"#));
    let tokens = rig.refresh("teams", "the-old-one").await.json();
    assert_eq!((tokens["refresh_token"].as_str(), tokens["expires_in"].as_u64()), (Some("the-old-one"), Some(300)));
    assert_eq!(rig.provider.calls()[1].names(), ["client_id", "client_secret", "grant_type", "refresh_token"]);
}

#[tokio::test]
async fn zoom_revokes_and_teams_says_that_it_cannot() {
    let rig = Rig::start().await;
    rig.provider.next(answer("200 OK", "application/json", r#"{"status":"success"}"#));
    let form = [("token", "the-refresh-token"), ("token_type_hint", "refresh_token")];
    assert_eq!(rig.revoke("zoom", &form).await.status, 200);
    let call = &rig.provider.calls()[0];
    assert_eq!((call.line.as_str(), call.names()), ("POST /revoke HTTP/1.1", vec!["token"]));
    assert!(call.headers["authorization"].starts_with("Basic "));

    let answer = rig.revoke("teams", &form).await;
    assert_eq!((answer.status, answer.error().as_str()), (501, "revocation_unsupported"));
    assert_eq!(rig.provider.calls().len(), 1);
}

#[tokio::test]
async fn goto_revokes_with_the_header_and_webex_says_that_it_cannot() {
    let rig = Rig::start().await;
    rig.provider.next(answer("200 OK", "text/plain", ""));
    let form = [("token", "the-refresh-token"), ("token_type_hint", "refresh_token")];
    assert_eq!(rig.revoke("goto", &form).await.status, 200);
    let call = &rig.provider.calls()[0];
    assert_eq!((call.line.as_str(), call.names()), ("POST /revoke HTTP/1.1", vec!["token", "token_type_hint"]));
    assert_eq!(call.headers["authorization"], "Basic Z290by1pZDpnb3RvK3NlY3JldA==");

    let answer = rig.revoke("webex", &form).await;
    assert_eq!((answer.status, answer.error().as_str()), (501, "revocation_unsupported"));
    assert_eq!(rig.provider.calls().len(), 1);
}

#[tokio::test]
async fn webex_and_goto_refresh_in_their_own_ways() {
    let rig = Rig::start().await;
    let without = r#"{"access_token":"a","token_type":"Bearer","expires_in":3600,"scope":"collab:"}"#;
    for (provider, names, header) in [
        ("webex", ["client_id", "client_secret", "grant_type", "refresh_token"].as_slice(), None),
        ("goto", &["grant_type", "refresh_token"], Some("Basic Z290by1pZDpnb3RvK3NlY3JldA==")),
    ] {
        rig.provider.next(answer("200 OK", "application/json", without));
        let tokens = rig.refresh(provider, "the-old-one").await.json();
        assert_eq!(tokens["refresh_token"], "the-old-one", "{provider}");
        assert_eq!(
            rig.refresh(provider, "the-old-one").await.json()["refresh_token"],
            "the-refresh-token",
            "{provider}"
        );
        rig.provider.next(answer("400 Bad Request", "application/json", DEAD));
        let dead = rig.refresh(provider, "another-one").await;
        assert_eq!((dead.status, dead.error().as_str()), (401, "invalid_grant"), "{provider}");
        rig.provider.next(answer("400 Bad Request", "application/json", r#"{"error":"interaction_required"}"#));
        let other = rig.refresh(provider, "another-one").await;
        assert_trouble(&other, 502, "registration_refused", provider);
        let call = rig.provider.calls().pop().expect("a call");
        assert_eq!((call.line.as_str(), call.names()), ("POST /token HTTP/1.1", names.to_vec()));
        assert_eq!(call.headers.get("authorization").map(String::as_str), header);
    }
}

#[tokio::test]
async fn a_page_is_no_revocation() {
    let rig = Rig::start().await;
    rig.provider.next(answer("200 OK", "text/html", "<html>sign in to the network</html>"));
    let answer = rig.revoke("zoom", &[("token", "the-refresh-token")]).await;
    assert_trouble(&answer, 502, "bad_answer", "a page");
}

#[tokio::test]
async fn an_end_lets_requests_in_flight_end_and_takes_no_new_ones() {
    let rig = Rig::start().await;
    let address = rig.address();
    let (gate, called) = rig.provider.hold();
    let session = rig.session.clone();
    let waiting = tokio::spawn(async move {
        post_in(address, &session, "/v1/refresh/zoom", &[("refresh_token", "the-old-one")]).await
    });
    called.notified().await;
    let Rig { provider, broker, .. } = rig;
    let stop = tokio::spawn(broker.stop());
    while tokio::net::TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    assert!(!stop.is_finished(), "it waits for the request in flight");
    gate.add_permits(1);
    assert_eq!(waiting.await.expect("it ends").json()["refresh_token"], "the-refresh-token");
    stop.await.expect("it ends");
    assert_eq!(provider.calls().len(), 1);
}
