//! Domino's OAuth provider DOAP: the whole way, its one callback, and where it says no.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use convoke_sandbox::{Options, Running, Sandbox};
use serde_json::{Value, json};

use crate::client::{Answer, STATE, VERIFIER, advance, ask, fault, form, sandbox, state, tokens};

const AUTH: &str = "/domino/doap/auth";
const TOKEN: &str = "/domino/doap/token";
const CALLBACK: &str = "http://127.0.0.1:8790/v1/callback/domino";

const REQUEST: [(&str, &str); 4] =
    [("response_type", "code"), ("client_id", "sandbox-client"), ("scope", "domino"), ("state", STATE)];
const CLIENT: [(&str, &str); 2] = [("client_id", "sandbox-client"), ("client_secret", "sandbox-secret")];

/// `usual` with some fields put in place of it, added, or, where they are empty, left out.
fn with<'text>(
    usual: &[(&'text str, &'text str)],
    other: &[(&'text str, &'text str)],
) -> Vec<(&'text str, &'text str)> {
    let kept = usual.iter().filter(|(name, _)| other.iter().all(|(changed, _)| changed != name));
    kept.chain(other.iter().filter(|(_, value)| !value.is_empty())).copied().collect()
}

async fn register(to: &Running, uri: &str) -> Answer {
    ask("POST", "/_sandbox/domino").json(&json!({ "redirect_uri": uri })).send(to).await
}

/// A sandbox that allows every sign-in at once, with Domino's callback registered as a test does it.
async fn registered() -> Running {
    let to = sandbox().await;
    let answer = register(&to, CALLBACK).await;
    assert_eq!((answer.status, answer.json()), (200, json!({ "redirect_uri": CALLBACK })));
    to
}

async fn authorize(to: &Running, other: &[(&str, &str)]) -> Answer {
    ask("GET", &format!("{AUTH}?{}", form(&with(&REQUEST, other)))).send(to).await
}

/// The parameters that came back to the callback at `uri`.
fn back(answer: &Answer, uri: &str) -> BTreeMap<String, String> {
    let location = answer.header("location").unwrap_or_else(|| panic!("no location: {}", answer.text()));
    assert!(location.starts_with(&format!("{uri}?")), "{location}");
    answer.location()
}

async fn code(to: &Running) -> String {
    back(&authorize(to, &[]).await, CALLBACK)["code"].clone()
}

fn exchanged(code: &str) -> Vec<(&str, &str)> {
    with(&CLIENT, &[("grant_type", "authorization_code"), ("code", code)])
}

fn refreshed(token: &str) -> Vec<(&str, &str)> {
    with(&CLIENT, &[("grant_type", "refresh_token"), ("refresh_token", token)])
}

async fn send(to: &Running, fields: &[(&str, &str)]) -> Answer {
    ask("POST", TOKEN).form(fields).send(to).await
}

/// Holds a refusal of the token endpoint against RFC 6749 §5.2.
fn refused(answer: &Answer, error: &str, what: &str) {
    assert_eq!((answer.status, answer.header("content-type")), (400, Some("application/json")), "{what}");
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.json()["error"], error, "{what}: {}", answer.text());
    assert!(answer.json()["error_description"].is_string());
}

/// Whom an access token names.
fn subject(access: &str) -> String {
    let claims = URL_SAFE_NO_PAD.decode(access.split('.').nth(1).expect("claims")).expect("base64");
    serde_json::from_slice::<Value>(&claims).expect("JSON")["sub"].as_str().expect("a subject").to_owned()
}

#[tokio::test]
async fn the_whole_way() {
    let to = registered().await;
    let answer = authorize(&to, &[]).await;
    assert_eq!(answer.status, 302);
    let location = back(&answer, CALLBACK);
    assert_eq!((location["state"].as_str(), location.len()), (STATE, 2));
    let stateless = back(&authorize(&to, &[("state", "")]).await, CALLBACK);
    assert_eq!(stateless.keys().collect::<Vec<_>>(), ["code"], "state is optional here");

    let answer = send(&to, &exchanged(&location["code"])).await;
    let (first, refresh) = tokens(&answer);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.json(), json!({ "access_token": first, "refresh_token": refresh }), "and nothing else");
    assert_eq!(subject(&first), "ana@example.com");

    for _ in 0..2 {
        let answer = send(&to, &refreshed(&refresh)).await;
        let (access, same) = tokens(&answer);
        assert_eq!((answer.json().as_object().map(serde_json::Map::len), &same), (Some(2), &refresh));
        assert!(access != first && subject(&access) == "ana@example.com");
    }
    let seen = state(&to).await;
    assert_eq!(seen["tokens"]["domino"], json!({ "issued": 3, "live": 3 }));
    assert_eq!(seen["calls"], json!({ "GET /domino/doap/auth": 2, "POST /domino/doap/token": 3 }));

    advance(&to, 3600).await;
    assert_eq!(state(&to).await["tokens"]["domino"], json!({ "issued": 3, "live": 0 }));
    assert_eq!(send(&to, &refreshed(&refresh)).await.status, 200);
    advance(&to, 30 * 86_400).await;
    refused(&send(&to, &refreshed(&refresh)).await, "invalid_grant", "30 days");
}

#[tokio::test]
async fn a_code_is_good_once_and_for_a_minute() {
    let to = registered().await;
    let (used, old) = (code(&to).await, code(&to).await);
    advance(&to, 59).await;
    assert_eq!(send(&to, &exchanged(&used)).await.status, 200);
    refused(&send(&to, &exchanged(&used)).await, "invalid_grant", "again");
    advance(&to, 1).await;
    refused(&send(&to, &exchanged(&old)).await, "invalid_grant", "a minute");
}

#[tokio::test]
async fn a_parameter_that_it_does_not_have_is_refused() {
    let to = registered().await;
    for (name, value) in [
        ("redirect_uri", CALLBACK),
        ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
        ("code_challenge_method", "S256"),
        ("response_mode", "query"),
        ("login_hint", "ben@example.com"),
        ("prompt", "consent"),
        ("who", "ben@example.com"),
    ] {
        let location = back(&authorize(&to, &[(name, value)]).await, CALLBACK);
        assert_eq!((location["error"].as_str(), location["state"].as_str()), ("invalid_request", STATE), "{name}");
        assert!(location["error_description"].contains(name) && !location.contains_key("code"));
    }
    let empty = format!("{AUTH}?{}&redirect_uri=", form(&REQUEST));
    assert_eq!(back(&ask("GET", &empty).send(&to).await, CALLBACK)["error"], "invalid_request");

    let code = code(&to).await;
    for other in [("redirect_uri", CALLBACK), ("code_verifier", VERIFIER), ("scope", "domino"), ("refresh_token", "x")]
    {
        let answer = send(&to, &with(&exchanged(&code), &[other])).await;
        refused(&answer, "invalid_request", other.0);
        assert!(answer.json()["error_description"].as_str().is_some_and(|words| words.contains(other.0)));
    }
    let (_, refresh) = tokens(&send(&to, &exchanged(&code)).await);
    for other in [("redirect_uri", CALLBACK), ("scope", "domino"), ("code", "x")] {
        refused(&send(&to, &with(&refreshed(&refresh), &[other])).await, "invalid_request", other.0);
    }
    assert_eq!(send(&to, &refreshed(&refresh)).await.status, 200);
}

#[tokio::test]
async fn one_scope_one_response_type_and_two_grants() {
    let to = registered().await;
    for (other, error) in [
        (("scope", ""), "invalid_request"),
        (("scope", "Domino"), "invalid_scope"),
        (("scope", "domino openid"), "invalid_scope"),
        (("scope", "domino domino"), "invalid_scope"),
        (("response_type", ""), "invalid_request"),
        (("response_type", "token"), "unsupported_response_type"),
    ] {
        let location = back(&authorize(&to, &[other]).await, CALLBACK);
        assert_eq!((location["error"].as_str(), location["state"].as_str()), (error, STATE), "{other:?}");
    }
    let code = code(&to).await;
    let (_, refresh) = tokens(&send(&to, &exchanged(&code)).await);
    for (fields, error) in [
        (with(&exchanged("none"), &[]), "invalid_grant"),
        (with(&exchanged(""), &[("code", "")]), "invalid_request"),
        (with(&refreshed("none"), &[]), "invalid_grant"),
        (with(&refreshed(&refresh), &[("refresh_token", "")]), "invalid_request"),
        (with(&refreshed(&refresh), &[("grant_type", "")]), "invalid_request"),
        (with(&CLIENT, &[("grant_type", "client_credentials")]), "unsupported_grant_type"),
        (with(&CLIENT, &[("grant_type", "password")]), "unsupported_grant_type"),
        ([&refreshed(&refresh)[..], &[("refresh_token", "x")]].concat(), "invalid_request"),
    ] {
        refused(&send(&to, &fields).await, error, &format!("{fields:?}"));
    }
}

#[tokio::test]
async fn credentials_stand_in_the_body_alone() {
    let to = registered().await;
    let code = code(&to).await;
    let whole = exchanged(&code);
    let bare = with(&whole, &[("client_id", ""), ("client_secret", "")]);
    for fields in [&whole, &bare] {
        let page = ask("POST", TOKEN).basic("sandbox-client", "sandbox-secret").form(fields).send(&to).await;
        assert_eq!((page.status, page.header("content-type")), (401, Some("text/html; charset=utf-8")));
        assert!(page.text().contains("names.nsf?Login") && page.text().contains("name=\"Password\""));
    }
    for (other, words) in [
        (("client_secret", ""), "in the body"),
        (("client_id", ""), "in the body"),
        (("client_secret", "wrong"), "is wrong"),
        (("client_id", "other"), "is wrong"),
    ] {
        let answer = send(&to, &with(&whole, &[other])).await;
        refused(&answer, "invalid_client", other.0);
        assert!(answer.json()["error_description"].as_str().is_some_and(|text| text.contains(words)), "{other:?}");
    }
    let target = format!("{TOKEN}?{}", form(&CLIENT));
    refused(&ask("POST", &target).form(&whole).send(&to).await, "invalid_request", "in the address");
    let object: BTreeMap<_, _> = whole.iter().copied().collect();
    refused(&ask("POST", TOKEN).json(&json!(object)).send(&to).await, "invalid_request", "JSON");
    assert_eq!(send(&to, &whole).await.status, 200, "the code is still good");
}

#[tokio::test]
async fn the_callback_is_the_registered_one() {
    let page = |answer: &Answer, words: &str| {
        assert_eq!((answer.status, answer.header("location")), (400, None));
        assert!(answer.header("content-type").is_some_and(|kind| kind.starts_with("text/html")));
        assert!(answer.text().contains(words), "{}", answer.text());
    };
    let start = async |uris: &[&str]| {
        let redirect_uris = uris.iter().map(|uri| (*uri).to_owned()).collect();
        Sandbox::start(Options { auto_approve: true, redirect_uris, ..Options::default() }).await.expect("starts")
    };
    let (zoom, given) = ("http://127.0.0.1:1/v1/callback/zoom", "https://broker.example.org/v1/callback/domino");

    page(&authorize(&start(&[zoom]).await, &[]).await, "--redirect-uri");
    page(&authorize(&start(&[given, CALLBACK]).await, &[]).await, "several");

    let to = start(&[zoom, given]).await;
    page(&authorize(&to, &[("client_id", "other")]).await, "OAuth Client");
    back(&authorize(&to, &[]).await, given);
    for (port, path) in [(2, "v1/callback/domino"), (3, "old")] {
        let uri = format!("http://127.0.0.1:{port}/{path}");
        assert_eq!(register(&to, &uri).await.status, 200);
        back(&authorize(&to, &[]).await, &uri);
    }
    for wrong in ["https://broker.example.org/v1/callback/domino", "http://10.0.0.1/cb", "/v1/callback/domino", ""] {
        let answer = register(&to, wrong).await;
        assert_eq!(answer.status, 400, "{wrong}");
        assert!(answer.json()["error"].is_string());
    }
    let none = ask("POST", "/_sandbox/domino").json(&json!({})).send(&to).await;
    assert_eq!(none.status, 400);
    back(&authorize(&to, &[]).await, "http://127.0.0.1:3/old");
    ask("POST", "/_sandbox/reset").json(&json!({})).send(&to).await;
    back(&authorize(&to, &[]).await, given);
}

#[tokio::test]
async fn a_person_is_asked_and_decides() {
    let redirect_uris = vec![CALLBACK.to_owned()];
    let to = Sandbox::start(Options { redirect_uris, ..Options::default() }).await.expect("starts");
    let page = authorize(&to, &[]).await;
    assert_eq!(page.status, 200);
    for part in
        ["Sign in to Domino", "ana@example.com", "ben@example.com", "Act for you on this Domino server", ">Deny<"]
    {
        assert!(page.text().contains(part), "{part}");
    }
    let decide = async |other: &[(&str, &str)]| {
        let choice = [("who", "ben@example.com"), ("address", ""), ("decision", "allow")];
        let fields = [with(&REQUEST, &[]), choice.to_vec()].concat();
        let answer = ask("POST", AUTH).form(&with(&fields, other)).send(&to).await;
        back(&answer, CALLBACK)
    };
    let allowed = decide(&[]).await;
    assert_eq!(allowed["state"], STATE);
    let (access, _) = tokens(&send(&to, &exchanged(&allowed["code"])).await);
    assert_eq!(subject(&access), "ben@example.com");
    assert_eq!(decide(&[("decision", "deny")]).await["error"], "access_denied");
    assert_eq!(decide(&[("redirect_uri", CALLBACK)]).await["error"], "invalid_request");
}

#[tokio::test]
async fn it_is_reset_made_to_fail_and_told_who_signs_in() {
    let to = registered().await;
    ask("POST", "/_sandbox/sign-in").json(&json!({ "email": "ben@example.com" })).send(&to).await;
    let (access, refresh) = tokens(&send(&to, &exchanged(&code(&to).await)).await);
    assert_eq!(subject(&access), "ben@example.com");

    fault(&to, json!({ "route": "POST /domino/doap/token", "fault": "status:503" })).await;
    assert_eq!(send(&to, &refreshed(&refresh)).await.status, 503);
    fault(&to, json!({ "route": "POST /domino/doap/token", "fault": "truncate", "after": true })).await;
    assert!(send(&to, &refreshed(&refresh)).await.short);
    assert_eq!(state(&to).await["tokens"]["domino"]["issued"], 2, "the answer that was lost was made");
    assert_eq!(send(&to, &refreshed(&refresh)).await.status, 200, "and the refresh token is good");

    ask("POST", "/_sandbox/reset").json(&json!({})).send(&to).await;
    refused(&send(&to, &refreshed(&refresh)).await, "invalid_grant", "forgotten");
    assert_eq!(state(&to).await["tokens"]["domino"], json!({ "issued": 0, "live": 0 }));
    assert_eq!(authorize(&to, &[]).await.status, 400, "the callback is forgotten, too");
}
