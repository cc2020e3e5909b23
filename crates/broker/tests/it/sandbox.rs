//! The broker against the sandbox's strict providers: their own checks of PKCE, redirect URI, scopes and secrets.

use std::net::SocketAddr;

use convoke_broker::{Configuration, RunningBroker, Settings, Sockets, start};
use convoke_sandbox::{Options, Running, Sandbox};
use url::Url;

use crate::{
    clock::ManualClock,
    rig::{App, location, parameter, post_in},
    wire::{self, Answer},
};

async fn together() -> (Running, RunningBroker) {
    let listen: SocketAddr = "127.0.0.1:0".parse().expect("an address");
    let options = Options { listen, auto_approve: true, ..Options::default() };
    let sandbox = Sandbox::start(options).await.expect("the sandbox starts");
    let base = &sandbox.base_url;
    let pairs = [
        ("CONFIRM_SIGN_IN", "off".to_owned()),
        ("PORT", "0".to_owned()),
        ("TEAMS_CLIENT_ID", "sandbox-client".to_owned()),
        ("TEAMS_CLIENT_SECRET", "sandbox-secret".to_owned()),
        ("TEAMS_AUTHORIZE_URL", format!("{base}/teams/oauth2/v2.0/authorize")),
        ("TEAMS_TOKEN_URL", format!("{base}/teams/oauth2/v2.0/token")),
        ("ZOOM_CLIENT_ID", "sandbox-client".to_owned()),
        ("ZOOM_CLIENT_SECRET", "sandbox-secret".to_owned()),
        ("ZOOM_AUTHORIZE_URL", format!("{base}/zoom/oauth/authorize")),
        ("ZOOM_TOKEN_URL", format!("{base}/zoom/oauth/token")),
        ("ZOOM_REVOKE_URL", format!("{base}/zoom/oauth/revoke")),
        ("WEBEX_CLIENT_ID", "sandbox-client".to_owned()),
        ("WEBEX_CLIENT_SECRET", "sandbox-secret".to_owned()),
        ("WEBEX_AUTHORIZE_URL", format!("{base}/webex/v1/authorize")),
        ("WEBEX_TOKEN_URL", format!("{base}/webex/v1/access_token")),
        ("GTM_CLIENT_ID", "sandbox-client".to_owned()),
        ("GTM_CLIENT_SECRET", "sandbox-secret".to_owned()),
        ("GTM_AUTHORIZE_URL", format!("{base}/goto/oauth/authorize")),
        ("GTM_TOKEN_URL", format!("{base}/goto/oauth/token")),
        ("GTM_REVOKE_URL", format!("{base}/goto/oauth/revoke")),
    ];
    let settings = Settings::from_pairs(pairs.iter().map(|(key, value)| (*key, value.as_str()))).expect("known keys");
    let configuration = Configuration::from_settings(&settings).expect("a good configuration");
    let broker =
        start(configuration, std::sync::Arc::new(ManualClock::new()), Sockets::default()).await.expect("it starts");
    (sandbox, broker)
}

/// A browser's way: broker, provider, broker, loopback. The tokens, as the broker answers them.
async fn sign_in(sandbox: &Running, broker: &RunningBroker, provider: &str) -> serde_json::Value {
    let app = App::new("a");
    let started = wire::get(broker.address(), &format!("/v1/authorize/{provider}?{}", app.query()), &[]).await;
    let cookie = started.header("set-cookie").and_then(|line| line.split(';').next()).expect("a cookie");
    let target = |url: &Url| format!("{}?{}", url.path(), url.query().unwrap_or_default());
    let allowed = wire::get(sandbox.address, &target(&location(&started)), &[]).await;
    let address = allowed.header("location").unwrap_or_else(|| panic!("{allowed:?}"));
    let address = Url::parse(address).expect("a URL");
    assert!(address.as_str().starts_with(&format!("{}/v1/callback/{provider}?", broker.origin())), "{address}");
    let back = wire::get(broker.address(), &target(&address), &[("cookie", cookie)]).await;
    let line = back.header("location").expect("an address");
    assert!(line.len() < 8_000, "{} characters", line.len());
    let grant = parameter(&location(&back), "grant").unwrap_or_else(|| panic!("{back:?}"));
    let form = [("grant", grant.as_str()), ("code_verifier", &app.verifier)];
    let tokens = wire::post_form(broker.address(), "/v1/token", &form).await;
    assert_eq!(tokens.status, 200, "{provider}: {}", tokens.error());
    tokens.json()
}

/// Posts in the session that came with `tokens`.
async fn post(broker: &RunningBroker, tokens: &serde_json::Value, target: &str, fields: &[(&str, &str)]) -> Answer {
    post_in(broker.address(), tokens["session_token"].as_str().expect("a session"), target, fields).await
}

#[tokio::test]
async fn zoom_signs_in_rotates_kills_the_old_token_and_revokes() {
    let (sandbox, broker) = together().await;
    let tokens = sign_in(&sandbox, &broker, "zoom").await;
    let old = tokens["refresh_token"].as_str().expect("a token").to_owned();
    assert!(tokens["scope"].as_str().expect("scopes").contains("meeting:write:meeting"));
    let refreshed = post(&broker, &tokens, "/v1/refresh/zoom", &[("refresh_token", &old)]).await;
    assert_eq!(refreshed.status, 200);
    let new = refreshed.json()["refresh_token"].as_str().expect("a token").to_owned();
    assert_ne!(old, new);
    // In this session the answer can be asked for again; in another one the old token is what it is: dead.
    let again = post(&broker, &tokens, "/v1/refresh/zoom", &[("refresh_token", &old)]).await;
    assert_eq!((again.status, again.text("refresh_token")), (200, new));
    let other = sign_in(&sandbox, &broker, "zoom").await;
    let dead = post(&broker, &other, "/v1/refresh/zoom", &[("refresh_token", &old)]).await;
    assert_eq!((dead.status, dead.error().as_str()), (401, "invalid_grant"));
    let access = refreshed.json()["access_token"].as_str().expect("a token").to_owned();
    let revoked = post(&broker, &tokens, "/v1/revoke/zoom", &[("token", &access)]).await;
    assert_eq!(revoked.status, 200, "{}", revoked.body);
}

#[tokio::test]
async fn teams_signs_in_and_keeps_the_old_token_alive() {
    let (sandbox, broker) = together().await;
    let tokens = sign_in(&sandbox, &broker, "teams").await;
    let old = tokens["refresh_token"].as_str().expect("a token").to_owned();
    for _ in 0..2 {
        let refreshed = post(&broker, &tokens, "/v1/refresh/teams", &[("refresh_token", &old)]).await;
        assert_eq!(refreshed.status, 200);
        assert_ne!(refreshed.json()["refresh_token"], old.as_str());
    }
    let revoked = post(&broker, &tokens, "/v1/revoke/teams", &[("token", &old)]).await;
    assert_eq!(revoked.status, 501);
}

#[tokio::test]
async fn webex_signs_in_and_hands_back_the_same_refresh_token() {
    let (sandbox, broker) = together().await;
    let tokens = sign_in(&sandbox, &broker, "webex").await;
    let kept = tokens["refresh_token"].as_str().expect("a token").to_owned();
    assert_eq!(tokens["expires_in"], 1_209_599);
    let refreshed = post(&broker, &tokens, "/v1/refresh/webex", &[("refresh_token", &kept)]).await;
    assert_eq!((refreshed.status, refreshed.json()["refresh_token"].as_str()), (200, Some(kept.as_str())));
    let off = format!("{kept}x");
    let dead = post(&broker, &tokens, "/v1/refresh/webex", &[("refresh_token", &off)]).await;
    assert_eq!((dead.status, dead.error().as_str()), (401, "invalid_grant"));
    let revoked = post(&broker, &tokens, "/v1/revoke/webex", &[("token", &kept)]).await;
    assert_eq!(revoked.status, 501);
}

#[tokio::test]
async fn goto_signs_in_and_an_answer_without_a_refresh_token_keeps_the_old_one() {
    let (sandbox, broker) = together().await;
    let tokens = sign_in(&sandbox, &broker, "goto").await;
    let kept = tokens["refresh_token"].as_str().expect("a token").to_owned();
    for _ in 0..2 {
        let refreshed = post(&broker, &tokens, "/v1/refresh/goto", &[("refresh_token", &kept)]).await;
        assert_eq!((refreshed.status, refreshed.json()["refresh_token"].as_str()), (200, Some(kept.as_str())));
    }
    let revoked = post(&broker, &tokens, "/v1/revoke/goto", &[("token", &kept)]).await;
    assert_eq!(revoked.status, 200, "{}", revoked.body);
    let dead = post(&broker, &tokens, "/v1/refresh/goto", &[("refresh_token", &kept)]).await;
    assert_eq!((dead.status, dead.error().as_str()), (401, "invalid_grant"));
}
