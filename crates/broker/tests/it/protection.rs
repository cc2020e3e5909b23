//! The page that asks, limits, the circuit breaker, the proxy's headers, and services by configuration alone.

use crate::{
    provider::{ScriptedProvider, answer},
    rig::{App, Rig, location_of, parameter, post_in},
    wire,
};

#[tokio::test]
async fn without_a_click_nothing_comes_of_somebody_elses_address() {
    let rig = Rig::with(&[("CONFIRM_SIGN_IN", "on")]).await;
    let app = App::new("a");
    let page = rig.get(&format!("/v1/authorize/zoom?{}", app.query())).await;
    assert_eq!((page.status, page.header("location")), (200, None));
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    let policy = page.header("content-security-policy").expect("a policy");
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-") && policy.contains("frame-ancestors 'none'"));
    assert!(!page.body.contains("<script") && !page.body.contains("http-equiv"), "nothing goes on by itself");
    let digest = {
        use sha2::{Digest as _, Sha256};
        Sha256::digest(app.challenge()).into()
    };
    let code = convoke_broker_api::match_code(&digest);
    assert!(page.body.contains(&format!(">{code}</p>")), "{code} in {}", page.body);
    // The click, and all that follows.
    let href =
        page.body.split("id=\"continue\" href=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a link");
    let address = url::Url::parse(&href.replace("&amp;", "&")).expect("an address");
    assert_eq!(address.path(), "/authorize");
    let state = parameter(&address, "state").expect("a state");
    let cookie = page.header("set-cookie").and_then(|line| line.split(';').next()).expect("a cookie").to_owned();
    let query = format!("code=the-code&state={state}");
    let grant = crate::rig::grant_of(&rig.come_back("zoom", &query, Some(&cookie)).await);
    assert_eq!(rig.redeem(&grant, &app.verifier).await.status, 200);
}

#[tokio::test]
async fn one_address_and_one_token_have_their_limits() {
    let rig = Rig::with(&[("RATE_PER_TOKEN", "0.5/2"), ("RATE_PER_ADDRESS", "1/8")]).await;
    assert_eq!(rig.refresh("webex", "the-refresh-token").await.status, 200);
    assert_eq!(rig.refresh("webex", "the-refresh-token").await.status, 200);
    let over = rig.refresh("webex", "the-refresh-token").await;
    assert_eq!((over.status, over.header("retry-after"), over.error().as_str()), (429, Some("2"), "rate_limited"));
    assert_eq!(rig.refresh("webex", "another-token").await.status, 200);
    let mut last = rig.get("/v1/providers").await;
    for _ in 0..8 {
        last = rig.get("/v1/providers").await;
    }
    assert_eq!((last.status, last.header("retry-after")), (429, Some("1")));
    assert_eq!(last.header("cache-control"), Some("no-store"));
    assert_eq!(rig.get("/healthz").await.status, 200, "a probe finds it alive");
    rig.clock.advance(3);
    assert_eq!(rig.get("/v1/providers").await.status, 200);
}

#[tokio::test]
async fn only_a_listed_proxy_is_believed() {
    let forwarded = |rig: &Rig, address: &str| {
        let (to, address) = (rig.address(), address.to_owned());
        async move { wire::get(to, "/v1/providers", &[("x-forwarded-for", &address)]).await.status }
    };
    // Nobody is listed: the header is nothing, and one peer has one budget.
    let rig = Rig::with(&[("RATE_PER_ADDRESS", "1/2")]).await;
    let mut statuses = Vec::new();
    for at in 0..3 {
        statuses.push(forwarded(&rig, &format!("192.0.2.{at}")).await);
    }
    assert_eq!(statuses, [200, 200, 429], "the administrator's call for the rig's session is not counted");
    // Listed: each client has its own; whoever writes the header in front of the proxy's entry gains nothing.
    let rig = Rig::with(&[("RATE_PER_ADDRESS", "1/2"), ("TRUSTED_PROXIES", "127.0.0.1, 127.0.0.9")]).await;
    for at in 0..3 {
        assert_eq!(forwarded(&rig, &format!("192.0.2.{at}")).await, 200);
    }
    let mut statuses = Vec::new();
    for at in 0..3 {
        statuses.push(forwarded(&rig, &format!("198.51.100.{at}, 203.0.113.7, 127.0.0.9")).await);
    }
    assert_eq!(statuses, [200, 200, 429]);
    // Some proxies add the port; what cannot be read ends the search at the peer itself.
    assert_eq!(forwarded(&rig, "192.0.2.77, 203.0.113.7:4711").await, 429, "the same client, with its port");
    for at in 0..2 {
        forwarded(&rig, &format!("192.0.2.{at}, unknown")).await;
    }
    assert_eq!(forwarded(&rig, "192.0.2.200, unknown").await, 429, "all of them are the peer's");
}

#[tokio::test]
async fn while_a_provider_is_down_nobody_waits_for_it() {
    let rig = Rig::start().await;
    for at in 0..5 {
        rig.provider.next(answer("503 Down", "text/plain", ""));
        assert_eq!(rig.refresh("zoom", &format!("token-{at}")).await.status, 503);
    }
    let calls = rig.provider.calls().len();
    let held = rig.refresh("zoom", "token").await;
    assert_eq!((held.status, held.header("retry-after")), (503, Some("5")));
    assert_eq!(rig.provider.calls().len(), calls, "not asked");
    assert_eq!(rig.refresh("webex", "token").await.status, 200, "the others are");
    rig.clock.advance(5);
    assert_eq!(rig.refresh("zoom", "token").await.status, 200, "one try, and it is back");
    assert_eq!(rig.refresh("zoom", "token-9").await.status, 200);
}

#[tokio::test]
async fn a_service_is_added_by_configuration_alone() {
    let provider = ScriptedProvider::start().await;
    let (authorize, token, revoke) = (provider.url("/a"), provider.url("/t"), provider.url("/r"));
    let rig = Rig::with(&[
        ("PROVIDERS", "acme"),
        ("ACME_CLIENT_ID", "acme-id"),
        ("ACME_CLIENT_SECRET", "acme-secret"),
        ("ACME_DISPLAY_NAME", "Acme <Meetings>"),
        ("ACME_AUTHORIZE_URL", &authorize),
        ("ACME_TOKEN_URL", &token),
        ("ACME_REVOKE_URL", &revoke),
        ("ACME_REVOKE_STYLE", "query"),
        ("ACME_SCOPES", "read write"),
        ("ACME_SCOPE_SEPARATOR", "comma"),
        ("ACME_CLIENT_AUTH", "both"),
        ("ACME_PKCE", "sent"),
    ])
    .await;
    let app = App::new("a");
    let begun = rig.begin("acme", &app).await;
    assert_eq!(begun.parameter("scope"), "read,write");
    assert_eq!(begun.parameter("code_challenge_method"), "S256");
    let grant = crate::rig::grant_of(&rig.allow(&begun, "the-code").await);
    assert_eq!(rig.redeem(&grant, &app.verifier).await.status, 200);
    let call = &provider.calls()[0];
    assert!(call.headers["authorization"].starts_with("Basic "));
    assert_eq!(call.names(), ["client_id", "client_secret", "code", "code_verifier", "grant_type", "redirect_uri"]);
    provider.next(answer("200 OK", "application/json", "{}"));
    assert_eq!(rig.revoke("acme", &[("token", "a&b")]).await.status, 200);
    assert_eq!(provider.calls()[1].line, "POST /r?token=a%26b HTTP/1.1");
    let listed = rig.get("/v1/providers").await.json();
    assert!(listed["providers"].as_array().expect("a list").iter().any(|one| one["display_name"] == "Acme <Meetings>"));

    // The provider may ignore the challenge: a code that comes again, in whatever sign-in, is spent.
    let other = rig.begin("acme", &App::new("b")).await;
    let again = rig.allow(&other, "the-code").await;
    assert_eq!(parameter(&location_of(&again), "error").as_deref(), Some("server_error"));
}

#[tokio::test]
async fn domino_is_a_row_of_the_table() {
    let provider = ScriptedProvider::start().await;
    let host = provider.url("");
    let rig = Rig::with(&[("DOAP_HOST", &host), ("DOAP_CLIENT_ID", "id"), ("DOAP_CLIENT_SECRET", "a secret")]).await;
    let app = App::new("a");
    let begun = rig.begin("domino", &app).await;
    assert!(begun.address.as_str().starts_with(&format!("{host}/doap/auth?")), "{}", begun.address);
    let names: Vec<String> = begun.address.query_pairs().map(|(name, _)| name.into_owned()).collect();
    assert_eq!(names, ["response_type", "client_id", "state", "scope"]);
    assert_eq!(begun.parameter("scope"), "domino");
    provider.next(answer("200 OK", "application/json", r#"{"access_token":"a","refresh_token":"r"}"#));
    let grant = crate::rig::grant_of(&rig.allow(&begun, "the-code").await);
    let tokens = rig.redeem(&grant, &app.verifier).await;
    assert_eq!((tokens.status, tokens.json()["expires_in"].as_u64()), (200, Some(300)), "{tokens:?}");
    let call = &provider.calls()[0];
    assert_eq!(call.line, "POST /doap/token HTTP/1.1");
    assert_eq!(call.names(), ["client_id", "client_secret", "code", "grant_type"]);
    assert_eq!(call.headers.get("authorization"), None, "Domino takes that header for itself");
    let other = rig.begin("domino", &App::new("b")).await;
    let again = rig.allow(&other, "the-code").await;
    assert_eq!(parameter(&location_of(&again), "error").as_deref(), Some("server_error"));
    assert_eq!(provider.calls().len(), 1);
}

#[tokio::test]
async fn an_answer_is_shared_by_those_alone_who_ask_the_same() {
    let rig = Rig::start().await;
    let (ana, ben) = (rig.mint("ana").await, rig.mint("ben").await);
    let (gate, _) = rig.provider.hold();
    gate.add_permits(8);
    let ask = |session: &str, provider: &str| {
        let (address, session, target) = (rig.address(), session.to_owned(), format!("/v1/refresh/{provider}"));
        tokio::spawn(async move { post_in(address, &session, &target, &[("refresh_token", "one")]).await.status })
    };
    for task in [ask(&ana, "zoom"), ask(&ben, "zoom"), ask(&ana, "webex")] {
        assert_eq!(task.await.expect("an answer"), 200);
    }
    assert_eq!(rig.provider.calls().len(), 3);
}
