//! A sign-in, and everything that must not become one.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};

use crate::{
    rig::{App, Begun, Rig, assert_dead_page, grant_of, location, parameter},
    wire::{self, Answer},
};

#[tokio::test]
async fn zoom_from_the_click_to_the_tokens() {
    let rig = Rig::start().await;
    let app = App::new("a");
    let begun = rig.begin("zoom", &app).await;
    assert_eq!(
        names(&begun),
        ["response_type", "client_id", "redirect_uri", "state", "code_challenge", "code_challenge_method"]
    );
    let redirect_uri = format!("{}/v1/callback/zoom", rig.broker.origin());
    assert_eq!(begun.parameter("redirect_uri"), redirect_uri);
    assert_ne!(begun.parameter("code_challenge"), app.challenge(), "the broker has a verifier of its own");
    assert!(begun.state().len() <= 256);

    let answer = rig.allow(&begun, "the-code").await;
    let address = location(&answer);
    assert!(address.as_str().starts_with(&format!("{}?", app.redirect_uri)), "{address}");
    assert_eq!(parameter(&address, "state").as_deref(), Some(app.state.as_str()));
    let deleted = answer.header("set-cookie").expect("the cookie is taken back");
    let name = begun.cookie.split('=').next().expect("a name");
    assert!(deleted.starts_with(&format!("{name}=; ")) && deleted.contains("Max-Age=0"), "{deleted}");
    rig.assert_no_call();

    let tokens = rig.redeem(&grant_of(&answer), &app.verifier).await;
    assert_eq!(tokens.status, 200, "{tokens:?}");
    let tokens = tokens.json();
    assert_eq!(tokens["access_token"], "the-access-token");
    assert_eq!(tokens["refresh_token"], "the-refresh-token");
    assert_eq!((tokens["expires_in"].as_u64(), &tokens["token_type"]), (Some(3599), &"Bearer".into()));

    let calls = rig.provider.calls();
    assert_eq!(calls.len(), 1);
    let call = &calls[0];
    assert_eq!(call.line, "POST /token HTTP/1.1");
    assert_eq!(call.names(), ["code", "code_verifier", "grant_type", "redirect_uri"]);
    assert_eq!(call.field("code"), Some("the-code"));
    assert_eq!(call.field("redirect_uri"), Some(redirect_uri.as_str()));
    assert_eq!(call.headers["authorization"], "Basic em9vbS1pZDp6b29tK3NlY3JldA==");
    let verifier = call.field("code_verifier").expect("a verifier");
    assert_eq!(URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)), begun.parameter("code_challenge"));
}

#[tokio::test]
async fn teams_sends_scopes_and_authenticates_in_the_form() {
    let rig = Rig::start().await;
    let app = App::new("a");
    let begun = rig.begin("teams", &app).await;
    assert_eq!(begun.parameter("scope"), "User.Read OnlineMeetings.ReadWrite offline_access openid");
    // The real length of a code of this provider: the loopback's line stays below 8 KiB.
    let answer = rig.allow(&begun, &"c".repeat(1800)).await;
    assert!(answer.header("location").expect("an address").len() < 8 * 1024 - 200);
    assert_eq!(rig.redeem(&grant_of(&answer), &app.verifier).await.status, 200);
    let call = &rig.provider.calls()[0];
    assert_eq!(call.names(), ["client_id", "client_secret", "code", "code_verifier", "grant_type", "redirect_uri"]);
    assert_eq!(call.field("client_secret"), Some("teams-secret"));
    assert!(!call.headers.contains_key("authorization"));
}

/// The names in the address that the browser was sent to, in their order.
fn names(begun: &Begun) -> Vec<String> {
    begun.address.query_pairs().map(|(name, _)| name.into_owned()).collect()
}

const NAMES_WITH_SCOPE: [&str; 7] =
    ["response_type", "client_id", "redirect_uri", "state", "scope", "code_challenge", "code_challenge_method"];

#[tokio::test]
async fn webex_names_its_scopes_and_authenticates_in_the_form() {
    let rig = Rig::start().await;
    let app = App::new("a");
    let begun = rig.begin("webex", &app).await;
    assert_eq!(names(&begun), NAMES_WITH_SCOPE);
    assert_eq!(begun.parameter("client_id"), "webex-id");
    assert_eq!(begun.parameter("scope"), "meeting:schedules_read meeting:schedules_write spark:people_read");
    let redirect_uri = format!("{}/v1/callback/webex", rig.broker.origin());
    assert_eq!(begun.parameter("redirect_uri"), redirect_uri);
    let grant = grant_of(&rig.allow(&begun, "the-code").await);
    assert_eq!(rig.redeem(&grant, &app.verifier).await.status, 200);
    let call = &rig.provider.calls()[0];
    assert_eq!(call.line, "POST /token HTTP/1.1");
    assert_eq!(call.names(), ["client_id", "client_secret", "code", "code_verifier", "grant_type", "redirect_uri"]);
    assert_eq!((call.field("client_id"), call.field("client_secret")), (Some("webex-id"), Some("webex-secret")));
    assert_eq!(call.field("redirect_uri"), Some(redirect_uri.as_str()));
    assert!(!call.headers.contains_key("authorization"));
}

#[tokio::test]
async fn goto_always_names_its_scope_and_authenticates_in_the_header() {
    let rig = Rig::start().await;
    let app = App::new("a");
    let begun = rig.begin("goto", &app).await;
    assert_eq!(names(&begun), NAMES_WITH_SCOPE);
    assert_eq!((begun.parameter("client_id"), begun.parameter("scope")), ("goto-id".into(), "collab:".into()));
    let redirect_uri = format!("{}/v1/callback/goto", rig.broker.origin());
    assert_eq!(begun.parameter("redirect_uri"), redirect_uri);
    let grant = grant_of(&rig.allow(&begun, "the-code").await);
    assert_eq!(rig.redeem(&grant, &app.verifier).await.status, 200);
    let call = &rig.provider.calls()[0];
    assert_eq!(call.line, "POST /token HTTP/1.1");
    assert_eq!(call.names(), ["code", "code_verifier", "grant_type", "redirect_uri"]);
    assert_eq!(call.field("redirect_uri"), Some(redirect_uri.as_str()));
    assert_eq!(call.headers["authorization"], "Basic Z290by1pZDpnb3RvK3NlY3JldA==");
}

#[tokio::test]
async fn the_start_takes_its_grammar_and_nothing_else() {
    let rig = Rig::start().await;
    let app = App::new("a");
    let good = app.query();
    let (challenge, state) = (app.challenge(), &app.state);
    let uri = "http%3A%2F%2F127.0.0.1%3A40000%2F";
    for query in [
        String::new(),
        good.replace("S256", "plain"),
        good.replace("code_challenge_method=S256&", ""),
        good.replace(&challenge, &challenge[1..]),
        good.replace(&challenge, &format!("{}%2B", &challenge[1..])),
        good.replace(state.as_str(), "short"),
        good.replace(state.as_str(), &"s".repeat(65)),
        good.replace(uri, "http%3A%2F%2Flocalhost%3A40000%2F"),
        good.replace(uri, "https%3A%2F%2F127.0.0.1%3A40000%2F"),
        good.replace(uri, "http%3A%2F%2F127.0.0.1%3A80%2F"),
        good.replace(uri, "http%3A%2F%2Fevil.example%3A40000%2F"),
        good.replace(uri, "http%3A%2F%2F127.0.0.1%3A40000%40evil.example%2F"),
        good.replace(uri, "//evil.example/"),
        format!("{good}&state={state}"),
        format!("{good}&other=1&other=1"),
        format!("{good}&%73tate={state}"),
    ] {
        let answer = rig.get(&format!("/v1/authorize/zoom?{query}")).await;
        assert_eq!((answer.status, answer.error().as_str()), (400, "invalid_request"), "{query}");
        assert_eq!((answer.header("location"), answer.header("set-cookie")), (None, None), "{query}");
    }
    assert_eq!(rig.get(&format!("/v1/authorize/zoom?{good}")).await.status, 303);
}

#[tokio::test]
async fn a_return_counts_once_even_with_a_copied_cookie() {
    let rig = Rig::start().await;
    let begun = rig.begin("zoom", &App::new("a")).await;
    assert_eq!(rig.allow(&begun, "the-code").await.status, 303);
    assert_dead_page(&rig.allow(&begun, "the-code").await);
    assert_dead_page(&rig.allow(&begun, "another-code").await);
    rig.assert_no_call();
}

#[tokio::test]
async fn a_state_lives_ten_minutes() {
    let rig = Rig::start().await;
    let (early, late) = (rig.begin("zoom", &App::new("a")).await, rig.begin("zoom", &App::new("b")).await);
    rig.clock.advance(600);
    assert_eq!(rig.allow(&early, "the-code").await.status, 303);
    rig.clock.advance(60);
    assert_dead_page(&rig.allow(&late, "the-code").await);
    rig.assert_no_call();
}

#[tokio::test]
async fn only_the_browser_that_began_can_come_back() {
    let rig = Rig::start().await;
    let (mine, other) = (rig.begin("zoom", &App::new("a")).await, rig.begin("zoom", &App::new("b")).await);
    let query = format!("code=the-code&state={}", mine.state());
    let name = mine.cookie.split('=').next().expect("a name");
    let others_value = other.cookie.split('=').nth(1).expect("a value");
    let planted = format!("{name}={others_value}");
    for cookie in [
        None,
        Some(String::new()),
        Some(other.cookie.clone()),
        Some(planted.clone()),
        Some(format!("{name}=")),
        Some(format!("{}x", mine.cookie)),
        Some(format!("{planted}; {}", mine.cookie)),
        Some(format!("{}; {planted}", mine.cookie)),
    ] {
        let answer = rig.come_back("zoom", &query, cookie.as_deref()).await;
        assert_dead_page(&answer);
    }
    let both = format!("unrelated=1; {}; {}", other.cookie, mine.cookie);
    assert_eq!(rig.come_back("zoom", &query, Some(&both)).await.status, 303, "the right one among others");
    rig.assert_no_call();
}

#[tokio::test]
async fn a_state_that_is_off_leads_nowhere() {
    let rig = Rig::start().await;
    let begun = rig.begin("zoom", &App::new("a")).await;
    let state = begun.state();
    let mut changed = state.clone().into_bytes();
    changed[100] = if changed[100] == b'A' { b'B' } else { b'A' };
    let changed = String::from_utf8(changed).expect("ASCII");
    for query in [
        String::new(),
        "code=the-code".to_owned(),
        "error=access_denied".to_owned(),
        "code=the-code&state=".to_owned(),
        "error=access_denied&state=http://evil.example".to_owned(),
        format!("code=the-code&state={changed}"),
        format!("code=the-code&state={}", &state[..state.len() - 4]),
        format!("code=the-code&state={state}&state={state}"),
        format!("code=the-code&code=the-code&state={state}"),
        format!("code=the-code&state={state}&iss=a&iss=a"),
        format!("error=access_denied&error=access_denied&state={state}"),
    ] {
        assert_dead_page(&rig.come_back("zoom", &query, Some(&begun.cookie)).await);
    }
    // A state of one provider at another's path: the mix-up of RFC 9700 §4.4.
    let query = format!("code=the-code&state={state}");
    assert_dead_page(&rig.come_back("teams", &query, Some(&begun.cookie)).await);
    assert_eq!(rig.come_back("zoom", &query, Some(&begun.cookie)).await.status, 303, "and the sign-in still lives");
    rig.assert_no_call();
}

#[tokio::test]
async fn a_refusal_goes_to_the_loopback_in_our_words() {
    let rig = Rig::start().await;
    let foreign = "&iss=https%3A%2F%2Fevil.example";
    for (query, word) in [
        ("error=access_denied&error_description=%3Cscript%3E", "access_denied"),
        ("error=consent_required", "consent_required"),
        ("error=invalid_scope", "consent_required"),
        ("error=temporarily_unavailable", "temporarily_unavailable"),
        ("error=%0d%0ax%3Ay", "server_error"),
        ("error=access_denied&code=the-code", "access_denied"),
        ("", "server_error"),
        ("code=", "server_error"),
        ("code=a%20b", "server_error"),
        (&format!("code={}", "c".repeat(4097)), "server_error"),
        (&format!("code=the-code{foreign}"), "server_error"),
    ] {
        let app = App::new("a");
        let begun = rig.begin("zoom", &app).await;
        let query = format!("{query}&state={}", begun.state());
        let address = location(&rig.come_back("zoom", &query, Some(&begun.cookie)).await);
        assert_eq!(address.as_str(), format!("{}?error={word}&state={}", app.redirect_uri, app.state), "{query}");
    }
    rig.assert_no_call();
}

#[tokio::test]
async fn a_known_issuer_must_come_and_match() {
    let rig = Rig::with(&[("ZOOM_ISSUER", "https://issuer.example")]).await;
    for (iss, is_let_through) in
        [("", false), ("&iss=https%3A%2F%2Fissuer.example%2F", false), ("&iss=https%3A%2F%2Fissuer.example", true)]
    {
        let begun = rig.begin("zoom", &App::new("a")).await;
        let query = format!("code=the-code&state={}{iss}", begun.state());
        let address = location(&rig.come_back("zoom", &query, Some(&begun.cookie)).await);
        assert_eq!(parameter(&address, "grant").is_some(), is_let_through, "{iss}");
    }
}

#[tokio::test]
async fn a_wrong_verifier_reaches_nobody_and_spends_the_grant() {
    let rig = Rig::start().await;
    let app = App::new("a");
    let grant = rig.grant("zoom", &app).await;
    assert_spent(&rig.redeem(&grant, &App::new("b").verifier).await);
    assert_spent(&rig.redeem(&grant, &app.verifier).await);
    rig.assert_no_call();
}

#[tokio::test]
async fn a_grant_is_redeemed_once() {
    let rig = Rig::start().await;
    let app = App::new("a");
    let grant = rig.grant("zoom", &app).await;
    assert_eq!(rig.redeem(&grant, &app.verifier).await.status, 200);
    assert_spent(&rig.redeem(&grant, &app.verifier).await);
    assert_eq!(rig.provider.calls().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_redemptions_at_once_make_one_call() {
    let rig = Rig::start().await;
    let app = App::new("a");
    let grant = rig.grant("teams", &app).await;
    let address = rig.address();
    let tries: Vec<_> = (0..8)
        .map(|_| {
            let (grant, verifier) = (grant.clone(), app.verifier.clone());
            tokio::spawn(async move {
                wire::post_form(address, "/v1/token", &[("grant", &grant), ("code_verifier", &verifier)]).await
            })
        })
        .collect();
    let mut statuses = Vec::new();
    for one in tries {
        statuses.push(one.await.expect("it ends").status);
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400, 400, 400, 400, 400, 400, 400]);
    assert_eq!(rig.provider.calls().len(), 1);
}

#[tokio::test]
async fn a_grant_lives_a_minute() {
    let rig = Rig::start().await;
    let app = App::new("a");
    let (early, late) = (rig.grant("zoom", &app).await, rig.grant("zoom", &app).await);
    rig.clock.advance(60);
    assert_eq!(rig.redeem(&early, &app.verifier).await.status, 200);
    rig.clock.advance(1);
    assert_spent(&rig.redeem(&late, &app.verifier).await);
    assert_spent(&rig.redeem(&early, &app.verifier).await);
    assert_eq!(rig.provider.calls().len(), 1);
}

#[tokio::test]
async fn instances_may_differ_by_a_minute_and_a_grant_is_spent_for_all_of_them() {
    let rig = Rig::start().await;
    let app = App::new("a");
    let (begun, other) = (rig.begin("zoom", &app).await, rig.begin("zoom", &App::new("b")).await);
    // One clock here plays those of three instances.
    rig.clock.advance(-61);
    assert_dead_page(&rig.allow(&other, "the-code").await);
    rig.clock.advance(1);
    let grant = grant_of(&rig.allow(&begun, "the-code").await);
    rig.clock.advance(-61);
    assert_spent(&rig.redeem(&grant, &app.verifier).await);
    rig.clock.advance(1);
    assert_eq!(rig.redeem(&grant, &app.verifier).await.status, 200);
    // An instance that is ahead sweeps; one that is behind must find it spent all the same.
    rig.clock.advance(60 + 120);
    rig.grant("zoom", &App::new("c")).await;
    rig.clock.advance(-120);
    assert_spent(&rig.redeem(&grant, &app.verifier).await);
    assert_eq!(rig.provider.calls().len(), 1);
}

#[tokio::test]
async fn what_is_no_grant_is_refused_alike() {
    let rig = Rig::start().await;
    let app = App::new("a");
    let state = rig.begin("zoom", &app).await.state();
    let elsewhere = Rig::start().await.grant("zoom", &app).await;
    for grant in ["x", "AAAA", &state, &elsewhere, &"A".repeat(6000)] {
        assert_spent(&rig.redeem(grant, &app.verifier).await);
    }
    rig.assert_no_call();
}

#[tokio::test]
async fn two_sign_ins_at_once_do_not_disturb_each_other() {
    let rig = Rig::start().await;
    let (one, two) = (App::new("a"), App::new("b"));
    let (first, second) = (rig.begin("zoom", &one).await, rig.begin("zoom", &two).await);
    assert_ne!(first.cookie.split('=').next(), second.cookie.split('=').next(), "a cookie per sign-in");
    let both = format!("{}; {}", first.cookie, second.cookie);
    let mut grants = Vec::new();
    for (begun, app, code) in [(&second, &two, "code-two"), (&first, &one, "code-one")] {
        let query = format!("code={code}&state={}", begun.state());
        let answer = rig.come_back("zoom", &query, Some(&both)).await;
        assert!(location(&answer).as_str().starts_with(&app.redirect_uri));
        grants.push(grant_of(&answer));
    }
    assert_spent(&rig.redeem(&grants[0].clone(), &one.verifier).await);
    assert_eq!(rig.redeem(&grants[1], &one.verifier).await.status, 200);
    let calls = rig.provider.calls();
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0].field("code"), Some("code-one"));
}

#[tokio::test]
async fn cookies_say_what_the_origin_allows() {
    let plain = Rig::start().await.begin("zoom", &App::new("a")).await.cookie_line;
    assert!(plain.starts_with("convoke-") && !plain.contains("Secure"), "{plain}");
    let rig = Rig::with(&[("OAUTH_HOSTNAME", "https://localhost:8443")]).await;
    let begun = rig.begin("zoom", &App::new("a")).await;
    let (name, rest) = begun.cookie_line.split_once('=').expect("a pair");
    assert!(name.strip_prefix("__Host-convoke-").is_some_and(|hex| hex.len() == 32), "{name}");
    let attributes: Vec<&str> = rest.split("; ").skip(1).collect();
    assert_eq!(attributes, ["Path=/", "Max-Age=600", "HttpOnly", "SameSite=Lax", "Secure"]);
    assert_eq!(begun.parameter("redirect_uri"), "https://localhost:8443/v1/callback/zoom");
    let answer = rig.allow(&begun, "the-code").await;
    assert_eq!(answer.status, 303);
    assert!(answer.header("strict-transport-security").is_some());
}

#[tokio::test]
async fn sealed_values_outlive_a_restart_and_a_key_change() {
    let (old, new) = (URL_SAFE_NO_PAD.encode([1; 32]), URL_SAFE_NO_PAD.encode([2; 32]));
    let both = format!("{new},{old}");
    let origin = ("OAUTH_HOSTNAME", "http://127.0.0.1:8790");
    let before = Rig::with(&[origin, ("BROKER_KEYS", &old)]).await;
    let after = Rig::with(&[origin, ("BROKER_KEYS", &both)]).await;
    let app = App::new("a");
    let begun = before.begin("zoom", &app).await;
    let grant = grant_of(&after.allow(&begun, "the-code").await);
    assert_eq!(after.redeem(&grant, &app.verifier).await.status, 200);
    let verifier = after.provider.calls()[0].field("code_verifier").expect("a verifier").to_owned();
    assert_eq!(URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)), begun.parameter("code_challenge"));
}

#[tokio::test]
async fn the_callback_path_follows_the_registration() {
    let rig = Rig::with(&[("ZOOM_REDIRECT_PATH", "/zoomCallback")]).await;
    let begun = rig.begin("zoom", &App::new("a")).await;
    assert!(begun.parameter("redirect_uri").ends_with("/zoomCallback"));
    let target = format!("/zoomCallback?code=the-code&state={}", begun.state());
    assert_eq!(rig.allow(&begun, "the-code").await.status, 404, "the default path is off");
    grant_of(&wire::get(rig.address(), &target, &[("cookie", &begun.cookie)]).await);
}

fn assert_spent(answer: &Answer) {
    assert_eq!((answer.status, answer.error().as_str()), (400, "invalid_grant"), "{answer:?}");
    assert_eq!(answer.json()["retryable"], false);
}

/// An authorize address of `app` with these `claims`, as they stand in the query.
fn with_claims(app: &App, provider: &str, claims: &str) -> String {
    format!("/v1/authorize/{provider}?{}&claims={claims}", app.query())
}

/// A JSON object whose base64url is `length` characters long.
fn claims_of(length: usize) -> String {
    let bytes = length * 3 / 4;
    let claims = URL_SAFE_NO_PAD.encode(format!("{{\"a\":\"{}\"}}", "x".repeat(bytes - 8)));
    assert_eq!(claims.len(), length);
    claims
}

#[tokio::test]
async fn what_a_policy_wants_reaches_the_provider_as_it_is() {
    let rig = Rig::start().await;
    let app = App::new("a");
    let plain = rig.begin("teams", &app).await;
    assert_eq!(parameter(&plain.address, "claims"), None);
    for claims in
        [r#"{"access_token":{"nbf":{"essential":true,"value":"1800000000"}}}"#, "{ \"a\": \"\u{e4}&b=c#+\" }\n"]
    {
        let sent = location(&rig.get(&with_claims(&app, "teams", &URL_SAFE_NO_PAD.encode(claims))).await);
        assert_eq!(parameter(&sent, "claims").as_deref(), Some(claims));
        assert_eq!(parameter(&sent, "b"), None, "nothing breaks out of the parameter");
        let state = parameter(&sent, "state").expect("a state");
        assert_eq!(state.len(), plain.state().len(), "the state carries none of it");
    }
    let sent = rig.get(&with_claims(&app, "teams", &claims_of(2_048))).await;
    assert!(parameter(&location(&sent), "claims").is_some_and(|claims| claims.len() == 1_536));
}

#[tokio::test]
async fn a_policys_word_that_is_off_or_nobody_takes_begins_no_sign_in() {
    let rig = Rig::start().await;
    let app = App::new("a");
    let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
    for (provider, claims) in [
        ("zoom", encode("{}")),
        ("webex", encode("{}")),
        ("goto", encode("{}")),
        ("zoom", String::new()),
        ("teams", String::new()),
        ("teams", "%7B%7D".to_owned()),
        ("teams", "e30%3D".to_owned()),
        ("teams", "e30%2B".to_owned()),
        ("teams", encode("[]")),
        ("teams", encode("null")),
        ("teams", encode("{")),
        ("teams", encode("{}{}")),
        ("teams", encode(r#"{"a":1,"a":2}"#)),
        ("teams", URL_SAFE_NO_PAD.encode(b"{\"a\":\"\xff\"}")),
        ("teams", claims_of(2_052)),
        ("teams", format!("{0}&claims={0}", encode("{}"))),
        ("teams", format!("{0}&%63laims={0}", encode("{}"))),
    ] {
        let refused = rig.get(&with_claims(&app, provider, &claims)).await;
        assert_eq!((refused.status, refused.error().as_str()), (400, "invalid_request"), "{provider} {claims}");
        assert_eq!((refused.header("location"), refused.header("set-cookie")), (None, None), "{provider} {claims}");
    }
}
