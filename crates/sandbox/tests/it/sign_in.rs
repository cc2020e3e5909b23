//! The authorize and token endpoints' strictness, the same for both OAuth providers, and the page.

use convoke_sandbox::{Options, Sandbox};
use serde_json::json;

use crate::client::{STATE, TEAMS, VERIFIER, ZOOM, ask, sandbox, state};

#[tokio::test]
async fn a_code_is_good_once_and_only_with_its_verifier_and_address() {
    let to = sandbox().await;
    for provider in [ZOOM, TEAMS] {
        let code = provider.code(&to).await;
        let wrong = "another-verifier-of-at-least-forty-three-chars";
        for other in [
            ("code_verifier", wrong),
            ("code_verifier", ""),
            ("redirect_uri", "http://127.0.0.1:8791/v1/callback/zoom"),
            ("redirect_uri", ""),
            ("code", "none"),
            ("code", ""),
            ("grant_type", "password"),
            ("grant_type", ""),
        ] {
            let refused = provider.exchange(&to, &code, &[other]).await;
            assert_eq!(refused.status, 400, "{other:?} {}", refused.text());
            assert!(refused.json()["error"].is_string());
        }
        assert_eq!(provider.exchange(&to, &code, &[]).await.status, 200);
        let again = provider.exchange(&to, &code, &[]).await;
        assert_eq!((again.status, again.json()["error"].as_str()), (400, Some("invalid_grant")));
        let challengeless = provider.authorize(&to, &[("code_challenge", ""), ("code_challenge_method", "")]).await;
        let code = challengeless.location()["code"].clone();
        assert_eq!(provider.exchange(&to, &code, &[]).await.json()["error"], "invalid_grant");
        assert_eq!(provider.exchange(&to, &code, &[("code_verifier", "")]).await.status, 200);
    }
    let seen = state(&to).await;
    assert_eq!((&seen["tokens"]["zoom"]["issued"], &seen["tokens"]["teams"]["issued"]), (&json!(2), &json!(2)));
}

#[tokio::test]
async fn a_wrong_secret_gets_nothing() {
    let to = sandbox().await;
    for provider in [ZOOM, TEAMS] {
        let code = provider.code(&to).await;
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", provider.redirect),
            ("code_verifier", VERIFIER),
        ];
        let wrong = ask("POST", provider.token).basic("sandbox-client", "wrong").form(&fields).send(&to).await;
        assert_eq!((wrong.status, wrong.json()["error"].as_str()), (401, Some("invalid_client")));
        let none = ask("POST", provider.token).form(&fields).send(&to).await;
        assert_eq!(none.status, 401);
        let twice = ask("POST", provider.token).basic("sandbox-client", "sandbox-secret");
        let twice = twice.form(&[&fields[..], &[("code", "other")]].concat()).send(&to).await;
        assert_eq!(twice.json()["error"], "invalid_request");
        assert_eq!(provider.exchange(&to, &code, &[]).await.status, 200, "the code is still good");
    }
}

#[tokio::test]
async fn an_unregistered_client_or_address_ends_on_a_page() {
    let to = sandbox().await;
    for provider in [ZOOM, TEAMS] {
        for other in [
            ("client_id", "other"),
            ("client_id", ""),
            ("redirect_uri", "https://example.org/v1/callback/zoom"),
            ("redirect_uri", "http://127.0.0.1:8790/elsewhere"),
            ("redirect_uri", ""),
        ] {
            let page = provider.authorize(&to, &[other]).await;
            assert_eq!((page.status, page.header("location")), (400, None), "{other:?}");
            assert!(page.header("content-type").is_some_and(|kind| kind.starts_with("text/html")));
        }
        let twice = format!("{}&state=again", provider.authorize_target(&[]));
        assert_eq!(ask("GET", &twice).send(&to).await.status, 400);
    }
    let foreign = ZOOM.authorize(&to, &[("redirect_uri", TEAMS.redirect)]).await;
    assert_eq!(foreign.status, 400, "another provider's callback");
    for path in ["zoomCallback", "v1/callback/zoom"] {
        let uri = format!("http://127.0.0.1:45678/{path}");
        assert_eq!(ZOOM.authorize(&to, &[("redirect_uri", &uri)]).await.status, 302);
    }
}

#[tokio::test]
async fn what_is_wrong_otherwise_goes_back_with_the_state() {
    let to = sandbox().await;
    for provider in [ZOOM, TEAMS] {
        for (other, error) in [
            (("response_type", "token"), "unsupported_response_type"),
            (("response_type", ""), "invalid_request"),
            (("code_challenge", "short"), "invalid_request"),
            (("code_challenge_method", "S512"), "invalid_request"),
            (("scope", "everything"), "invalid_scope"),
        ] {
            let back = provider.authorize(&to, &[other]).await;
            assert_eq!(back.status, 302, "{other:?} {}", back.text());
            let location = back.location();
            assert_eq!((location["error"].as_str(), location["state"].as_str()), (error, STATE));
            assert!(!location.contains_key("code"));
        }
    }
    assert_eq!(TEAMS.authorize(&to, &[("scope", "")]).await.location()["error"], "invalid_request");
}

#[tokio::test]
async fn a_person_is_asked_and_decides() {
    let extra = "https://broker.example.org/v1/callback/zoom";
    let options = Options { redirect_uris: vec![extra.to_owned()], ..Options::default() };
    let to = Sandbox::start(options).await.expect("starts");
    let page = ZOOM.authorize(&to, &[("state", "\"><script>x</script>")]).await;
    assert_eq!(page.status, 200);
    let text = page.text();
    for part in ["Sign in to Zoom", "ana@example.com", "Create meetings for you", ">Allow<", ">Deny<"] {
        assert!(text.contains(part), "{part}");
    }
    assert!(!text.contains("<script"), "nothing of the request is markup");
    assert!(page.header("content-security-policy").is_some_and(|policy| policy.starts_with("default-src 'none'")));

    for (who, address, decision, expected) in [
        ("ben@example.com", "", "allow", Some("ben@example.com")),
        ("other", "eva.lang@example.net", "allow", Some("eva.lang@example.net")),
        // Without a script the card stays marked while somebody types below it.
        ("ana@example.com", "eva.lang@example.net", "allow", Some("eva.lang@example.net")),
        ("ana@example.com", "", "deny", None),
    ] {
        let mut fields = ZOOM.parameters(&[("redirect_uri", extra)]);
        fields.extend([("who", who.to_owned()), ("address", address.to_owned()), ("decision", decision.to_owned())]);
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let answer = ask("POST", ZOOM.authorize).form(&fields).send(&to).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        assert!(answer.header("location").is_some_and(|location| location.starts_with(extra)));
        let location = answer.location();
        assert_eq!(location["state"], STATE);
        let Some(expected) = expected else {
            assert_eq!(location["error"], "access_denied");
            continue;
        };
        let answer = ZOOM.exchange(&to, &location["code"], &[("redirect_uri", extra)]).await.json();
        let token = answer["access_token"].as_str().expect("a token");
        let me = ask("GET", "/zoom/v2/users/me").bearer(token).send(&to).await.json();
        assert_eq!(me["email"], expected);
    }

    let mut fields = ZOOM.parameters(&[]);
    fields.extend([("who", "other".to_owned()), ("address", "nobody".to_owned()), ("decision", "allow".to_owned())]);
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let again = ask("POST", ZOOM.authorize).form(&fields).send(&to).await;
    assert_eq!(again.status, 400);
    assert!(again.text().contains("role=\"alert\""));
}

#[tokio::test]
async fn a_hint_and_an_order_choose_who_is_signed_in_at_once() {
    let to = sandbox().await;
    let order = ask("POST", "/_sandbox/sign-in").json(&json!({"allow": false})).send(&to).await;
    assert_eq!(order.status, 200);
    assert_eq!(TEAMS.authorize(&to, &[]).await.location()["error"], "access_denied");
    ask("POST", "/_sandbox/sign-in").json(&json!({"email": "ben@example.com"})).send(&to).await;
    for (hint, expected) in [("", "ben@example.com"), ("eva@example.com", "eva@example.com")] {
        let code = TEAMS.authorize(&to, &[("login_hint", hint)]).await.location()["code"].clone();
        let token = TEAMS.exchange(&to, &code, &[]).await.json()["access_token"].as_str().map(str::to_owned);
        let me = ask("GET", "/graph/v1.0/me").bearer(&token.expect("a token")).send(&to).await.json();
        assert_eq!(me["mail"], expected);
    }
}
