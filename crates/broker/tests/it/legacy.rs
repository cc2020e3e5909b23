//! The old broker's routes, as its clients know them (`LEGACY_DOMI=1`).

use crate::{
    provider::{TOKENS, answer},
    rig::{Rig, location_of, parameter},
    wire::{self, Answer},
};

async fn old() -> Rig {
    Rig::with(&[("LEGACY_DOMI", "1")]).await
}

async fn bearer(rig: &Rig, method: &str, target: &str, token: &str) -> Answer {
    let authorization = format!("Bearer {token}");
    // The Notes client names a type for a body that it does not send.
    let headers = [("authorization", authorization.as_str()), ("content-type", "application/json")];
    wire::send(rig.address(), method, target, &headers, "").await
}

#[tokio::test]
async fn by_default_they_are_not_there() {
    let rig = Rig::start().await;
    for target in ["/dominoZoom/index.html", "/zoomCallback", "/dominoZoomRefresh", "/dominoZoomRevoke"] {
        assert_eq!(rig.get(target).await.status, 404, "{target}");
    }
}

#[tokio::test]
async fn a_refresh_is_the_providers_own_json() {
    let rig = old().await;
    for (provider, at) in [("Zoom", 0), ("Teams", 1), ("Webex", 2), ("GTM", 3)] {
        let answer = bearer(&rig, "GET", &format!("/domino{provider}Refresh"), "the-old-one").await;
        assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")), "{provider}");
        assert_eq!(answer.body, TOKENS, "byte for byte");
        let call = &rig.provider.calls()[at];
        assert_eq!(call.field("refresh_token"), Some("the-old-one"));
        assert_eq!(call.field("grant_type"), Some("refresh_token"));
    }
}

#[tokio::test]
async fn the_old_token_is_put_back_where_none_came() {
    let rig = old().await;
    for (came, told) in [
        (
            r#"{"access_token":"a","token_type":"bearer","z":1,"expires_in":3599}"#,
            r#"{"access_token":"a","token_type":"bearer","z":1,"expires_in":3599,"refresh_token":"the-old-one"}"#,
        ),
        (
            r#"{"access_token":"a","token_type":"bearer","refresh_token":null}"#,
            r#"{"access_token":"a","refresh_token":"the-old-one","token_type":"bearer"}"#,
        ),
    ] {
        rig.provider.next(answer("200 OK", "application/json", came));
        assert_eq!(bearer(&rig, "GET", "/dominoZoomRefresh", "the-old-one").await.body, told);
    }
}

#[tokio::test]
async fn every_failure_is_a_400_with_a_text() {
    let rig = old().await;
    let missing = rig.get("/dominoZoomRefresh").await;
    assert_eq!((missing.status, missing.body.as_str()), (400, "Bearer Authentication missing"));
    assert_eq!(missing.header("content-type"), Some("application/json"));
    for (bytes, text) in [
        (
            answer("400 Bad", "application/json", r#"{"error":"invalid_grant","reason":"Invalid\r\nToken!"}"#),
            "invalid_grant: InvalidToken!",
        ),
        (answer("401 No", "application/json", r#"{"error":"invalid_client"}"#), "invalid_client"),
        (answer("503 Down", "text/html", "<html>"), "The provider can not be reached or has trouble."),
        (answer("200 OK", "text/html", "<html>"), "The provider's answer is not what its contract says."),
        (Vec::new(), "The provider can not be reached or has trouble."),
    ] {
        rig.provider.next(bytes);
        let answer = bearer(&rig, "GET", "/dominoZoomRefresh", "the-old-one").await;
        assert_eq!((answer.status, answer.body.as_str()), (400, text));
    }
    assert_eq!(bearer(&rig, "POST", "/dominoZoomRefresh", "x").await.status, 405, "GET only");
}

#[tokio::test]
async fn zoom_alone_revokes_by_any_method() {
    let rig = old().await;
    for method in ["GET", "POST", "DELETE"] {
        rig.provider.next(answer("200 OK", "application/json", r#"{"status":"success"}"#));
        let done = bearer(&rig, method, "/dominoZoomRevoke", "the-access-token").await;
        assert_eq!((done.status, done.body.as_str()), (200, ""), "{method}");
    }
    assert_eq!(rig.provider.calls()[0].field("token"), Some("the-access-token"), "in the body, not in the address");
    rig.provider.next(answer("401 No", "application/json", r#"{"error":"invalid_client","error_description":"no"}"#));
    let refused = bearer(&rig, "GET", "/dominoZoomRevoke", "the-access-token").await;
    assert_eq!((refused.status, refused.body.as_str()), (400, "invalid_client: no"));
    assert_eq!(bearer(&rig, "GET", "/dominoTeamsRevoke", "x").await.status, 404);
}

#[tokio::test]
async fn a_sign_in_ends_on_the_page_with_the_token() {
    let rig = old().await;
    let start = rig.get("/dominoZoom/index.html").await;
    assert_eq!(start.status, 302);
    let address = location_of(&start);
    let state = parameter(&address, "state").expect("a state");
    assert!(!state.contains("domino") && state.len() > 60, "random, not the path: {state}");
    assert_eq!(parameter(&address, "redirect_uri"), Some(format!("{}/zoomCallback", rig.broker.origin())));
    let cookie = start.header("set-cookie").and_then(|line| line.split(';').next()).expect("a cookie").to_owned();
    rig.provider.next(answer(
        "200 OK",
        "application/json",
        r#"{"access_token":"the-access-token","token_type":"bearer","refresh_token":"<b>&\"'"}"#,
    ));
    let target = format!("/zoomCallback?code=the-code&state={state}");
    let without = rig.get(&target).await;
    assert_eq!(without.status, 400, "another browser");
    let page = wire::get(rig.address(), &target, &[("cookie", &cookie)]).await;
    assert_eq!(page.status, 200, "{page:?}");
    assert!(page.body.contains("<span id=\"token\">&lt;b&gt;&amp;&quot;&#39;</span>"), "{}", page.body);
    assert!(page.body.contains("<title>Zoom for HCL Notes Setup</title>"));
    assert!(!page.body.contains("the-access-token"));
    let policy = page.header("content-security-policy").expect("a policy");
    let script = page.body.split("<script>").nth(1).and_then(|rest| rest.split("</script>").next()).expect("a script");
    let digest = {
        use base64::{Engine as _, engine::general_purpose::STANDARD};
        use sha2::{Digest as _, Sha256};
        STANDARD.encode(Sha256::digest(script))
    };
    assert!(policy.contains(&format!("script-src 'sha256-{digest}';")) && policy.starts_with("default-src 'none'"));
    assert_eq!(wire::get(rig.address(), &target, &[("cookie", &cookie)]).await.status, 400, "once");
}

#[tokio::test]
async fn a_sign_in_without_a_token_shows_none() {
    let rig = old().await;
    for (query, came, status) in [
        ("code=the-code", Some(r#"{"access_token":"a","token_type":"bearer"}"#), 502),
        ("error=access_denied", None, 400),
        ("error=invalid_token", None, 401),
        ("error=insufficient_scope", None, 403),
        ("error=server_error", None, 400),
    ] {
        let start = rig.get("/dominoWebex/index.html").await;
        let state = parameter(&location_of(&start), "state").expect("a state");
        let cookie = start.header("set-cookie").and_then(|line| line.split(';').next()).expect("a cookie").to_owned();
        if let Some(came) = came {
            rig.provider.next(answer("200 OK", "application/json", came));
        }
        let target = format!("/webexCallback?{query}&state={state}");
        let page = wire::get(rig.address(), &target, &[("cookie", &cookie)]).await;
        assert_eq!(page.status, status, "{query}");
        assert!(page.body.contains("brought no token") && !page.body.contains("id=\"token\""));
    }
}

#[tokio::test]
async fn both_callback_paths_take_both_kinds_of_sign_in() {
    let rig = old().await;
    for path in ["/gtmCallback", "/v1/callback/goto"] {
        let app = crate::rig::App::new("a");
        let begun = rig.begin("goto", &app).await;
        let target = format!("{path}?code=the-code&state={}", begun.state());
        let back = wire::get(rig.address(), &target, &[("cookie", &begun.cookie)]).await;
        assert!(crate::rig::grant_of(&back).len() > 60, "{path}");
    }
}

#[tokio::test]
async fn they_have_a_limit_of_their_own() {
    let rig = Rig::with(&[("LEGACY_DOMI", "1"), ("RATE_LEGACY", "1/3")]).await;
    let statuses = async || bearer(&rig, "GET", "/dominoZoomRefresh", "x").await;
    for _ in 0..3 {
        assert_eq!(statuses().await.status, 200);
    }
    let over = statuses().await;
    assert_eq!((over.status, over.header("retry-after")), (429, Some("1")));
    assert_eq!(rig.refresh("zoom", "y").await.status, 200, "the new routes are not touched");
    rig.clock.advance(1);
    assert_eq!(statuses().await.status, 200);
}

#[tokio::test]
async fn equal_refreshes_are_one_call_that_outlives_its_client() {
    let rig = old().await;
    let (gate, called) = rig.provider.hold();
    let address = rig.address();
    let ask = || {
        tokio::spawn(async move {
            let headers = [("authorization", "Bearer the-old-one")];
            wire::send(address, "GET", "/dominoZoomRefresh", &headers, "").await
        })
    };
    let gone = ask();
    called.notified().await;
    gone.abort();
    let waiting: Vec<_> = (0..16).map(|_| ask()).collect();
    // Each of them is at the broker before the provider answers.
    for _ in 0..50 {
        tokio::task::yield_now().await;
        let _ = rig.get("/healthz").await;
    }
    gate.add_permits(32);
    for answer in waiting {
        assert_eq!(answer.await.expect("an answer").body, TOKENS);
    }
    assert_eq!(rig.provider.calls().len(), 1);
}
