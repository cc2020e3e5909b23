//! What every answer has in common, and how the routes refuse what they do not take.

use crate::{
    rig::{App, Rig},
    wire::{self, Answer},
};

const PLAIN_POLICY: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

/// The headers of an answer but for those that differ from request to request.
fn fixed(answer: &Answer) -> Vec<(&str, &str)> {
    let changing = ["date", "content-length", "content-type", "location", "set-cookie", "connection", "allow"];
    let mut headers: Vec<(&str, &str)> = answer
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .filter(|(name, _)| !changing.contains(name))
        .collect();
    headers.sort_unstable();
    headers
}

#[tokio::test]
async fn every_answer_has_the_same_headers() {
    let rig = Rig::start().await;
    let query = App::new("a").query();
    let authorize = format!("/v1/authorize/zoom?{query}");
    for (method, target, status) in [
        ("GET", "/v1/providers", 200),
        ("GET", convoke_broker_api::OPENAPI_PATH, 200),
        ("GET", authorize.as_str(), 303),
        ("GET", "/v1/authorize/zoom", 400),
        ("GET", "/v1/authorize/domino", 404),
        ("GET", "/v1/authorize/%ff", 404),
        ("GET", "/v1/callback/domino", 404),
        ("POST", "/v1/token", 415),
        ("GET", "/v1/token", 405),
        ("POST", "/v1/refresh/zoom", 415),
        ("POST", "/v1/refresh/domino", 404),
        ("POST", "/v1/revoke/teams", 415),
        ("PUT", "/v1/providers", 405),
        ("OPTIONS", "/v1/token", 405),
        ("POST", "/v1/callback/zoom", 405),
        ("GET", "/healthz", 200),
        ("GET", "/readyz", 200),
        ("GET", "/", 404),
        ("GET", "/v1/callback/zoom/", 404),
        ("GET", "//evil.example/", 404),
        ("BREW", "/nothing", 404),
    ] {
        let answer = wire::send(rig.address(), method, target, &[], "").await;
        assert_eq!(answer.status, status, "{method} {target}: {answer:?}");
        assert_eq!(
            fixed(&answer),
            [
                ("cache-control", "no-store"),
                ("content-security-policy", PLAIN_POLICY),
                ("convoke-broker", "1"),
                ("referrer-policy", "no-referrer"),
                ("x-content-type-options", "nosniff"),
                ("x-frame-options", "DENY"),
            ],
            "{method} {target}"
        );
        if status >= 400 {
            assert_eq!(answer.header("content-type"), Some("application/json"), "{method} {target}");
            assert_eq!(answer.json()["retryable"], false, "{method} {target}");
        }
    }
}

#[tokio::test]
async fn the_page_allows_its_own_style_and_nothing_else() {
    let rig = Rig::start().await;
    let answer = rig.get("/v1/callback/zoom?state=%3Cscript%3E&error=%3Cscript%3E").await;
    assert_eq!((answer.status, answer.header("content-type")), (400, Some("text/html; charset=utf-8")));
    assert!(!answer.body.contains("script"), "nothing is repeated");
    let policy = answer.header("content-security-policy").expect("a policy");
    let style = answer.body.split("<style>").nth(1).and_then(|rest| rest.split("</style>").next()).expect("a style");
    let digest = {
        use base64::{Engine as _, engine::general_purpose::STANDARD};
        use sha2::{Digest as _, Sha256};
        STANDARD.encode(Sha256::digest(style))
    };
    assert_eq!(
        policy,
        format!(
            "default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
    );
    let others: Vec<_> = fixed(&answer).into_iter().filter(|(name, _)| *name != "content-security-policy").collect();
    assert_eq!(others.len(), 5, "{others:?}");
}

#[tokio::test]
async fn a_head_does_not_spend_a_sign_in() {
    let rig = Rig::start().await;
    let begun = rig.begin("zoom", &App::new("a")).await;
    let target = format!("/v1/callback/zoom?code=the-code&state={}", begun.state());
    let head = wire::send(rig.address(), "HEAD", &target, &[("cookie", &begun.cookie)], "").await;
    assert_eq!(head.status, 405);
    assert_eq!(rig.allow(&begun, "the-code").await.status, 303);
}

#[tokio::test]
async fn providers_say_what_they_can() {
    let rig = Rig::start().await;
    let answer = rig.get("/v1/providers").await.json();
    let list = answer["providers"].as_array().expect("a list");
    let told: Vec<_> = list
        .iter()
        .map(|entry| {
            let text = |name: &str| entry[name].as_str().expect(name);
            (text("provider"), text("display_name"), entry["can_revoke"].as_bool().expect("a word"))
        })
        .collect();
    assert_eq!(
        told,
        [
            ("teams", "Microsoft Teams", false),
            ("zoom", "Zoom", true),
            ("webex", "Webex", false),
            ("goto", "GoToMeeting", true)
        ]
    );
    assert!(list[1]["scopes"].as_array().expect("scopes").contains(&"meeting:write:meeting".into()));
    assert_eq!(
        list[2]["scopes"],
        serde_json::json!(["meeting:schedules_read", "meeting:schedules_write", "spark:people_read"])
    );
    assert_eq!(list[3]["scopes"], serde_json::json!(["collab:"]));
    let off = Rig::with(&[("ZOOM_CLIENT_ID", ""), ("ZOOM_CLIENT_SECRET", "")]).await;
    assert_eq!(off.get("/v1/providers").await.json()["providers"].as_array().map(Vec::len), Some(3));
    assert_eq!(off.refresh("zoom", "x").await.error(), "provider_off");
    assert_eq!(off.get("/v1/callback/zoom?state=x").await.status, 404);
}

#[tokio::test]
async fn a_form_keeps_to_its_shape() {
    let rig = Rig::start().await;
    let token = "/v1/token";
    let verifier = "v".repeat(43);
    let good = format!("grant=x&code_verifier={verifier}");
    for (target, body, status, code) in [
        (token, good.clone(), 400, "invalid_grant"),
        (token, String::new(), 400, "invalid_request"),
        (token, format!("code_verifier={verifier}"), 400, "invalid_request"),
        (token, "grant=x&code_verifier=short".to_owned(), 400, "invalid_request"),
        (token, format!("{good}&grant=x"), 400, "invalid_request"),
        (token, format!("{good}&other=1&other=2"), 400, "invalid_request"),
        ("/v1/token?grant=x", good.clone(), 400, "invalid_request"),
        ("/v1/refresh/zoom", "refresh_token=".to_owned(), 400, "invalid_request"),
        ("/v1/refresh/zoom", "refresh_token=a%0d%0ab".to_owned(), 400, "invalid_request"),
        ("/v1/refresh/zoom", "refresh_token=a&refresh_token=a".to_owned(), 400, "invalid_request"),
        ("/v1/refresh/zoom", format!("refresh_token={}", "a".repeat(64 * 1024)), 413, "body_too_large"),
        ("/v1/revoke/zoom", "token_type_hint=refresh_token".to_owned(), 400, "invalid_request"),
    ] {
        let answer = wire::send(rig.address(), "POST", target, &[FORM], &body).await;
        assert_eq!((answer.status, answer.error().as_str()), (status, code), "{target} {body:.80}");
    }
    let json = ("content-type", "application/json");
    assert_eq!(wire::send(rig.address(), "POST", token, &[json], "{}").await.status, 415);
    rig.assert_no_call();
}

#[tokio::test]
async fn a_body_without_a_length_is_capped_too() {
    let rig = Rig::start().await;
    let chunk = format!("1000\r\n{}\r\n", "a".repeat(0x1000));
    let request = format!(
        "POST /v1/refresh/zoom HTTP/1.1\r\nhost: x\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\
         content-type: application/x-www-form-urlencoded\r\n\r\n{}",
        chunk.repeat(17)
    );
    assert_eq!(wire::raw(rig.address(), request.as_bytes()).await.status, 413);
    rig.assert_no_call();
}

#[tokio::test]
async fn an_endless_head_is_cut_off() {
    let rig = Rig::start().await;
    let line = format!("GET /{} HTTP/1.1\r\nhost: x\r\n\r\n", "a".repeat(100_000));
    let answer = wire::raw(rig.address(), line.as_bytes()).await;
    assert!((400..500).contains(&answer.status), "{answer:?}");
    let many = (0..200).map(|at| format!("x-{at}: 1")).collect::<Vec<_>>().join("\r\n");
    let answer = wire::raw(rig.address(), format!("GET / HTTP/1.1\r\nhost: x\r\n{many}\r\n\r\n").as_bytes()).await;
    assert_eq!(answer.status, 431);
    assert_eq!(rig.get("/healthz").await.status, 200);
}

#[tokio::test]
async fn a_request_names_its_host_once() {
    let rig = Rig::start().await;
    for (head, status) in [
        ("GET /healthz HTTP/1.1\r\n", 400),
        ("GET /healthz HTTP/1.1\r\nhost: a\r\nhost: b\r\n", 400),
        ("GET /healthz HTTP/1.1\r\nhost: a\r\nHOST: a\r\n", 400),
        ("GET /healthz HTTP/1.0\r\n", 200),
        ("GET /healthz HTTP/1.1\r\nconnection: close\r\nhost: a\r\n", 200),
    ] {
        let answer = wire::raw(rig.address(), format!("{head}\r\n").as_bytes()).await;
        assert_eq!((answer.status, answer.header("cache-control")), (status, Some("no-store")), "{head:?}");
    }
}

#[tokio::test]
async fn only_the_named_peers_are_answered() {
    let rig = Rig::with(&[("TRUSTED_PROXIES", "192.0.2.1, 127.0.0.1")]).await;
    assert_eq!(rig.get("/healthz").await.status, 200);
    let closed = Rig::with(&[("TRUSTED_PROXIES", "192.0.2.1")]).await;
    let mut stream = tokio::net::TcpStream::connect(closed.address()).await.expect("it listens");
    let mut bytes = Vec::new();
    let request = b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    let _ = tokio::io::AsyncWriteExt::write_all(&mut stream, request).await;
    let _ = tokio::io::AsyncReadExt::read_to_end(&mut stream, &mut bytes).await;
    assert!(bytes.is_empty(), "not a byte");
}

#[tokio::test]
async fn metrics_count_by_template() {
    let rig = Rig::with(&[("METRICSPORT", "0")]).await;
    rig.get("/v1/authorize/zoom?state=a-canary").await;
    rig.get("/a-canary").await;
    let address = rig.broker.metrics_address().expect("it is on");
    let text = wire::get(address, "/metrics", &[]).await.body;
    assert!(text.contains(r#"{method="GET",route="/v1/authorize/{provider}",status="400"} 1"#), "{text}");
    assert!(text.contains(r#"{method="GET",route="-",status="404"} 1"#) && !text.contains("a-canary"), "{text}");
    assert_eq!(rig.get("/metrics").await.status, 404, "not on the public listener");
}

#[tokio::test]
async fn what_is_allowed_is_what_is_answered() {
    let rig = Rig::start().await;
    for (target, allow) in [("/v1/providers", "GET"), ("/v1/callback/zoom", "GET"), ("/v1/refresh/zoom", "POST")] {
        for method in ["HEAD", "PUT", "BREW"] {
            let answer = wire::send(rig.address(), method, target, &[], "").await;
            assert_eq!((answer.status, answer.header("allow")), (405, Some(allow)), "{method} {target}");
        }
    }
}

#[tokio::test]
async fn the_broker_describes_itself() {
    let rig = Rig::start().await;
    let answer = rig.get(convoke_broker_api::OPENAPI_PATH).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")));
    assert!(answer.json()["paths"].get("/v1/refresh/{provider}").is_some());
}
