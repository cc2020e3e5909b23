//! When a credential is renewed, and what of the broker's answer is kept.

use secrecy::ExposeSecret;
use serde_json::json;

use super::*;
use crate::{
    credential::{AccessToken, BrokerSession, Ends, OAuthCredential, RefreshToken},
    provider::script::{Reply, Script, Stage, now},
    storage::CredentialStore,
};

#[test]
fn one_renewal_for_a_401_and_no_more() {
    assert_eq!(after_status(401, false, false), AfterStatus::Renew);
    assert_eq!(after_status(401, false, true), AfterStatus::SignIn);
    assert_eq!(after_status(401, true, false), AfterStatus::SignIn);
    for status in [200, 204, 400, 403, 404, 407, 429, 500, 503] {
        assert_eq!(after_status(status, false, false), AfterStatus::Answer);
    }
}

const REFRESH: &str = "POST /v1/refresh/zoom";
const REVOKE: &str = "POST /v1/revoke/zoom";

/// As the broker answers: with its header.
fn said(status: u16, body: &serde_json::Value) -> Reply {
    Reply::json(status, body).with("convoke-broker", "1")
}

fn renewed_tokens(session: Option<&str>) -> serde_json::Value {
    let mut answer =
        json!({"access_token": "token-2", "token_type": "Bearer", "expires_in": 3600, "refresh_token": "refresh-2"});
    if let Some(session) = session {
        answer["session_token"] = session.into();
        answer["session_expires_in"] = 86_400.into();
    }
    answer
}

fn no(code: &str, retryable: bool, session: Option<&str>) -> serde_json::Value {
    let mut answer = json!({"error": code, "error_description": "x", "retryable": retryable});
    if let Some(session) = session {
        answer["session_token"] = session.into();
    }
    answer
}

/// A Zoom account with a broker, and a session that came `minutes` ago.
async fn stage(script: &Script, session: Option<(&str, i64)>) -> Stage {
    let stage = Stage::new(script, ProviderKind::Zoom, "zoom").with_broker(script);
    let credential = Credential::OAuth(OAuthCredential {
        access: Some(AccessToken::new("token-1".to_owned())),
        expires_at: now() + TimeDelta::hours(1),
        issued_at: now() - TimeDelta::hours(1),
        refresh: RefreshToken::new("refresh-1".to_owned()),
        scopes: Vec::new(),
        session: session.map(|(token, ago)| BrokerSession::new(token.to_owned(), now() - TimeDelta::minutes(ago))),
        issued_up: None,
        ends: Ends::default(),
    });
    stage.keep(&credential).await;
    stage
}

/// The refresh token and the broker's session that are kept.
async fn kept(stage: &Stage) -> (String, Option<String>) {
    match stage.store.load(&stage.client().account().id).await.unwrap() {
        Some(Credential::OAuth(kept)) => (
            kept.refresh.0.expose_secret().to_owned(),
            kept.session.map(|session| session.token.expose_secret().to_owned()),
        ),
        _ => panic!("no OAuth credential is kept"),
    }
}

#[tokio::test]
async fn the_session_is_sent_and_its_next_token_is_kept_with_the_tokens_it_came_with() {
    let script = Script::start([
        (REFRESH, said(200, &renewed_tokens(Some("session-2")))),
        (REFRESH, said(200, &renewed_tokens(None))),
    ])
    .await;
    let stage = stage(&script, Some(("session-1", 60))).await;
    stage.client().renew_now().await.unwrap();
    assert_eq!(kept(&stage).await, ("refresh-2".to_owned(), Some("session-2".to_owned())));
    stage.client().renew_now().await.unwrap();
    assert_eq!(kept(&stage).await.1.as_deref(), Some("session-2"), "an answer without one takes none away");
    let seen = script.finished();
    assert_eq!(seen[0].header("authorization"), Some("Bearer session-1"));
    assert_eq!(seen[0].body, "refresh_token=refresh-1");
    assert_eq!(seen[1].header("authorization"), Some("Bearer session-2"));
}

#[tokio::test]
async fn a_broker_without_sessions_is_asked_as_ever() {
    let script = Script::start([(REFRESH, said(200, &renewed_tokens(None)))]).await;
    let stage = stage(&script, None).await;
    stage.client().renew_now().await.unwrap();
    assert_eq!(kept(&stage).await, ("refresh-2".to_owned(), None));
    assert_eq!(script.finished()[0].header("authorization"), None);
}

#[tokio::test]
async fn an_outage_at_the_provider_does_not_age_the_session() {
    let down = no("provider_unavailable", true, Some("session-2"));
    let script = Script::start([(REFRESH, said(503, &down)), (REFRESH, said(503, &down))]).await;
    let aged = stage(&script, Some(("session-1", 60))).await;
    assert_eq!(aged.client().renew_now().await.unwrap_err().code, ErrorCode::Unavailable);
    assert_eq!(kept(&aged).await, ("refresh-1".to_owned(), Some("session-2".to_owned())));
    let young = stage(&script, Some(("session-1", 1))).await;
    assert_eq!(young.client().renew_now().await.unwrap_err().code, ErrorCode::Unavailable);
    assert_eq!(kept(&young).await.1.as_deref(), Some("session-1"), "the keyring is not written for every try");
    script.finished();
}

#[tokio::test]
async fn a_session_that_is_over_is_forgotten_and_the_providers_token_is_not() {
    let over = no("invalid_session", false, None);
    let script = Script::start([(REFRESH, said(401, &over)), (REFRESH, said(401, &over))]).await;
    let stage = stage(&script, Some(("session-1", 1))).await;
    let error = stage.client().renew_now().await.unwrap_err();
    assert_eq!((error.code, error.detail.as_deref()), (ErrorCode::SignInRequired, Some("session")));
    assert_eq!(kept(&stage).await, ("refresh-1".to_owned(), None));
    // Asked once more by the person: one request, the same answer, and no loop.
    assert_eq!(stage.client().renew_now().await.unwrap_err().code, ErrorCode::SignInRequired);
    let seen = script.finished();
    assert_eq!((seen.len(), seen[1].header("authorization")), (2, None));
}

#[tokio::test]
async fn only_the_brokers_own_word_ends_a_session() {
    let over = no("invalid_session", false, None);
    let answers = [
        Reply::json(401, &over),
        said(400, &over),
        said(401, &no("invalid_session", true, None)),
        Reply::html(401, "<html>invalid_session</html>").with("convoke-broker", "1"),
        said(401, &no("invalid_grant", false, None)),
    ];
    for (place, answer) in answers.into_iter().enumerate() {
        let script = Script::start([(REFRESH, answer)]).await;
        let stage = stage(&script, Some(("session-1", 60))).await;
        let error = stage.client().renew_now().await.unwrap_err();
        assert_eq!(error.code == ErrorCode::SignInRequired, place == 4, "{place}: {error}");
        assert_ne!(error.detail.as_deref(), Some("session"), "{place}");
        assert_eq!(kept(&stage).await, ("refresh-1".to_owned(), Some("session-1".to_owned())), "{place}");
        script.finished();
    }
}

#[tokio::test]
async fn a_locked_keyring_costs_the_next_session_alone() {
    let script = Script::start([(REFRESH, said(503, &no("provider_unavailable", true, Some("session-2"))))]).await;
    let stage = stage(&script, Some(("session-1", 60))).await;
    stage.store.locked.store(true, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(stage.client().renew_now().await.unwrap_err().code, ErrorCode::Unavailable, "what the broker said");
    assert_eq!(kept(&stage).await.1.as_deref(), Some("session-1"));
    script.finished();
}

#[tokio::test]
async fn a_revocation_is_within_the_session() {
    let script = Script::start([(REVOKE, said(200, &json!({"session_token": "session-2"})))]).await;
    let stage = stage(&script, Some(("session-1", 1))).await;
    assert!(stage.client().revoke().await.unwrap());
    let seen = script.finished();
    assert_eq!(seen[0].header("authorization"), Some("Bearer session-1"));
    assert_eq!(seen[0].body, "token=refresh-1&token_type_hint=refresh_token");
}

#[tokio::test]
async fn a_registration_that_is_refused_is_waited_out_and_kills_nothing() {
    let script = Script::start([(REFRESH, said(502, &no("registration_refused", false, None)))]).await;
    let stage = stage(&script, None).await;
    let client = stage.client();
    assert_eq!(client.renew_now().await.unwrap_err().code, ErrorCode::NotPermitted);
    let watch = client.parts.lives.of(&client.account().id);
    assert_eq!((watch.failures, watch.life.is_alive(), client.renewal_failed()), (1, true, true));
    assert!(!watch.may_ask((client.parts.uptime)()));
    script.finished();
}

const ME: &str = "GET /zoom/me";

fn me(client: &AuthorizedClient<'_>) -> HttpRequest {
    HttpRequest::get(client.url(&["me"]))
}

#[tokio::test]
async fn a_token_that_was_called_dead_is_not_sent_again_unless_a_person_asks() {
    let dead = said(401, &no("invalid_grant", false, None));
    let script = Script::start([(REFRESH, dead.clone()), (REFRESH, dead)]).await;
    let stage = stage(&script, None).await;
    assert_eq!(stage.client().renew_now().await.unwrap_err().code, ErrorCode::SignInRequired);
    for _ in 0..3 {
        let client = stage.client();
        let error = client.send(me(&client)).await.err().expect("no token to send");
        assert_eq!(error.code, ErrorCode::SignInRequired);
    }
    assert_eq!(stage.client().renew_now().await.unwrap_err().code, ErrorCode::SignInRequired);
    assert_eq!(script.finished().len(), 2);
}

#[tokio::test]
async fn no_more_renewals_wait_in_memory_than_a_crash_could_get_back() {
    let tokens = |number: u32| {
        let mut tokens = renewed_tokens(None);
        // Over at once, so that each use wants another one.
        tokens["expires_in"] = 0.into();
        tokens["refresh_token"] = format!("refresh-{number}").into();
        said(200, &tokens)
    };
    let answered = || (ME, Reply::json(200, &json!({})));
    let renewals = (2..5).flat_map(|number| [(REFRESH, tokens(number)), answered()]);
    let script = Script::start(renewals).await;
    let stage = stage(&script, None).await;
    stage.keep(&Credential::OAuth(OAuthCredential { expires_at: now(), ..aged() })).await;
    stage.store.locked.store(true, std::sync::atomic::Ordering::SeqCst);
    let client = stage.client();
    for _ in 0..3 {
        client.send(me(&client)).await.unwrap();
    }
    let error = client.send(me(&client)).await.err().expect("the keyring comes first");
    assert_eq!(error.code, ErrorCode::KeyringLocked);
    let journal = client.parts.journal.open_renewal(&client.account().id).unwrap().expect("open");
    let kept = client.parts.vault.load(&client.account().id).await.unwrap();
    assert_eq!(journal.fingerprint, Fingerprint::of(&kept), "a crash begins with what the keyring has");
    script.finished();
}

/// A credential that is two hours old.
fn aged() -> OAuthCredential {
    OAuthCredential {
        access: Some(AccessToken::new("token-1".to_owned())),
        expires_at: now() - TimeDelta::hours(1),
        issued_at: now() - TimeDelta::hours(2),
        refresh: RefreshToken::new("refresh-1".to_owned()),
        scopes: Vec::new(),
        session: None,
        issued_up: None,
        ends: Ends::default(),
    }
}
