//! Sessions: asked for, sliding, ended by the clock or by an administrator, minted for a single sign-on.

use convoke_broker_api as api;

use crate::{
    provider::{TOKENS, answer},
    rig::{ADMIN, App, Rig, post_in},
    wire::{self, Answer},
};

const HOUR: i64 = 3_600;

/// A sign-in to its end; the tokens.
async fn signed_in(rig: &Rig, provider: &str, name: &str) -> Answer {
    let app = App::new(name);
    let grant = rig.grant(provider, &app).await;
    let tokens = rig.redeem(&grant, &app.verifier).await;
    assert_eq!(tokens.status, 200, "{tokens:?}");
    tokens
}

#[track_caller]
fn assert_no_session(answer: &Answer) {
    assert_eq!((answer.status, answer.error().as_str()), (401, "invalid_session"), "{answer:?}");
    assert!(answer.header("www-authenticate").is_some_and(|text| text.starts_with("Bearer ")), "{answer:?}");
    assert_eq!(answer.json().get("session_token"), None);
}

#[tokio::test]
async fn a_refresh_token_alone_is_worth_nothing() {
    let rig = Rig::start().await;
    let tokens = signed_in(&rig, "zoom", "a").await;
    let session = tokens.text("session_token");
    assert_eq!(tokens.json()["session_expires_in"], 24 * HOUR);
    assert_eq!(tokens.json()["session_ends_in"], 30 * 24 * HOUR);
    let form = [("refresh_token", "the-refresh-token")];
    let calls = rig.provider.calls().len();
    let refresh = "/v1/refresh/zoom";
    assert_no_session(&wire::post_form(rig.address(), refresh, &form).await);
    for wrong in ["", "nonsense", &session[1..], &format!("{session}A"), "the-refresh-token"] {
        assert_no_session(&rig.post_in(wrong, refresh, &form).await);
        assert_no_session(&rig.post_in(wrong, "/v1/revoke/zoom", &[("token", "the-refresh-token")]).await);
    }
    // A grant and a state are sealed by the same key, and are no session.
    let grant = rig.grant("zoom", &App::new("b")).await;
    assert_no_session(&rig.post_in(&grant, refresh, &form).await);
    assert_eq!(rig.provider.calls().len(), calls, "no call was made for any of them");
    let good = rig.post_in(&session, refresh, &form).await;
    assert_eq!(good.status, 200);
    assert_ne!(good.text("session_token"), session, "each answer carries a fresh one");
}

#[tokio::test]
async fn a_session_slides_and_ends() {
    let rig = Rig::with(&[("SESSION_IDLE_HOURS", "2"), ("SESSION_MAX_DAYS", "1")]).await;
    let mut session = signed_in(&rig, "webex", "a").await.text("session_token");
    let first = session.clone();
    for round in 0..12 {
        rig.clock.advance(2 * HOUR - 1);
        let answer = rig.refresh_in(&session, "webex", &format!("token-{round}")).await;
        assert_eq!(answer.status, 200, "{round}: {answer:?}");
        session = answer.text("session_token");
        if round == 0 {
            // No reuse detection: a token is good until its own idle time is over.
            rig.clock.advance(-HOUR);
            assert_eq!(rig.refresh_in(&first, "webex", "other").await.status, 200);
            rig.clock.advance(HOUR);
        }
    }
    assert_no_session(&rig.refresh_in(&first, "webex", "other").await);
    // The whole life is over at a day, however lively it was.
    rig.clock.advance(12);
    assert_no_session(&rig.refresh_in(&session, "webex", "last").await);
}

#[tokio::test]
async fn an_idle_session_is_over_and_an_outage_does_not_age_it() {
    let rig = Rig::with(&[("SESSION_IDLE_HOURS", "2")]).await;
    let mut session = signed_in(&rig, "zoom", "a").await.text("session_token");
    for _ in 0..4 {
        rig.clock.advance(HOUR);
        rig.provider.next(answer("503 Unavailable", "text/plain", ""));
        let answer = rig.refresh_in(&session, "zoom", "a-token").await;
        assert_eq!(answer.status, 503, "{answer:?}");
        session = answer.text("session_token");
    }
    assert_eq!(rig.refresh_in(&session, "zoom", "a-token").await.status, 200);
    rig.clock.advance(2 * HOUR + 1);
    assert_no_session(&rig.refresh_in(&session, "zoom", "b-token").await);
}

#[tokio::test]
async fn a_redeem_may_go_on_in_a_session_and_a_bad_one_does_not_hinder_it() {
    let rig = Rig::start().await;
    let session = rig.mint("ana@example.com").await;
    for (bearer, subject) in [(session.as_str(), "ana@example.com"), ("nonsense", "goto:ana@example.com")] {
        let app = App::new("a");
        let grant = rig.grant("goto", &app).await;
        rig.provider.next(answer(
            "200 OK",
            "application/json",
            r#"{"access_token":"a","token_type":"bearer","refresh_token":"r","principal":"ana@example.com"}"#,
        ));
        let form = [("grant", grant.as_str()), ("code_verifier", &app.verifier)];
        let tokens = rig.post_in(bearer, "/v1/token", &form).await;
        assert_eq!(tokens.status, 200, "{tokens:?}");
        assert!(subjects(&rig).await.contains(&subject.to_owned()), "{subject}");
    }
    assert_eq!(subjects(&rig).await.len(), 3, "the rig's, the minted and the new one");
}

async fn listed(rig: &Rig, query: &str) -> serde_json::Value {
    let address = rig.broker.admin_address().expect("it is on");
    let authorization = format!("Bearer {ADMIN}");
    let target = format!("/v1/admin/sessions{query}");
    let answer = wire::get(address, &target, &[("authorization", &authorization)]).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

async fn subjects(rig: &Rig) -> Vec<String> {
    let list = listed(rig, "").await;
    let sessions = list["sessions"].as_array().expect("a list").iter();
    sessions.map(|session| session["subject"].as_str().expect("a subject").to_owned()).collect()
}

#[tokio::test]
async fn an_administrator_lists_and_ends_one_a_person_or_all() {
    let rig = Rig::start().await;
    let (ana, ana_too, ben) = (rig.mint("ana").await, rig.mint("ana").await, rig.mint("ben").await);
    let list = listed(&rig, "?subject=ana").await;
    let sessions = list["sessions"].as_array().expect("a list");
    assert_eq!(sessions.len(), 2);
    assert!(sessions.iter().all(|one| one["subject"] == "ana" && one["revoked_since"].is_null()));
    let alive =
        async |session: &str| rig.refresh_in(session, "webex", &format!("of-{session:.20}")).await.status == 200;

    // One: whose is found by ending it.
    let id = sessions[0]["id"].as_str().expect("an id");
    let ended = rig.administer("/v1/admin/revoke", &[("session", id), ("reason", "a lost laptop")]).await;
    assert_eq!((ended.status, ended.json()["revoked"].as_u64()), (200, Some(1)));
    assert_eq!(usize::from(alive(&ana).await) + usize::from(alive(&ana_too).await), 1);
    assert!(alive(&ben).await);
    // A person.
    let ended = rig.administer("/v1/admin/revoke", &[("subject", "ana"), ("reason", "left")]).await;
    assert_eq!(ended.json()["revoked"], 1);
    assert!(!alive(&ana).await && !alive(&ana_too).await && alive(&ben).await);
    let again = rig.mint("ana").await;
    assert!(alive(&again).await, "a new sign-in stands");
    // All.
    let ended = rig.administer("/v1/admin/revoke", &[("all", "1"), ("reason", "an exercise")]).await;
    assert_eq!(ended.json()["revoked"], 3, "ben, ana again and the rig's own");
    assert!(!alive(&ben).await && !alive(&again).await);
    let list = listed(&rig, "").await;
    assert!(list["sessions"].as_array().expect("a list").iter().all(|one| one["revoked_since"].is_i64()));
}

#[tokio::test]
async fn the_first_hundred_requests_after_a_revocation_are_refused() {
    let rig = Rig::start().await;
    for round in 0..100 {
        let session = rig.mint(&format!("person-{round}")).await;
        assert_eq!(rig.refresh_in(&session, "webex", &format!("a-{round}")).await.status, 200);
        let form = [("subject", format!("person-{round}"))];
        let form: Vec<_> =
            form.iter().map(|(name, value)| (*name, value.as_str())).chain([("reason", "a test")]).collect();
        assert_eq!(rig.administer("/v1/admin/revoke", &form).await.status, 200);
        assert_no_session(&rig.refresh_in(&session, "webex", &format!("b-{round}")).await);
    }
}

#[tokio::test]
async fn who_is_ended_while_the_provider_answers_gets_nothing() {
    let rig = Rig::start().await;
    let session = rig.mint("ana").await;
    let (gate, called) = rig.provider.hold();
    let address = rig.address();
    let waiting = tokio::spawn(async move {
        post_in(address, &session, "/v1/refresh/zoom", &[("refresh_token", "the-old-one")]).await
    });
    called.notified().await;
    let ended = rig.administer("/v1/admin/revoke", &[("subject", "ana"), ("reason", "a test")]).await;
    assert_eq!(ended.status, 200);
    gate.add_permits(2);
    assert_no_session(&waiting.await.expect("an answer"));
    let calls = rig.provider.calls();
    let last = calls.last().expect("a call");
    assert!(last.line.starts_with("POST /revoke "), "{last:?}");
    assert_eq!(last.field("token"), Some("the-refresh-token"), "the new token was revoked at the provider");
}

#[tokio::test]
async fn sixty_four_at_once_in_one_session_are_all_answered() {
    let rig = Rig::start().await;
    let session = rig.mint("ana").await;
    let address = rig.address();
    let tasks: Vec<_> = (0..64)
        .map(|at| {
            let session = session.clone();
            tokio::spawn(async move {
                let token = format!("token-{at}");
                post_in(address, &session, "/v1/refresh/webex", &[("refresh_token", &token)]).await.status
            })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.expect("an answer"), 200);
    }
}

#[tokio::test]
async fn the_administrators_door_is_shut_to_everybody_else() {
    let folder = crate::temporary::TemporaryFolder::new();
    let services =
        folder.file("services", 0o600, "# callers\nbridge a-service-token-of-22-chars\n").display().to_string();
    let rig = Rig::with(&[("SERVICE_TOKENS_FILE", &services)]).await;
    let address = rig.broker.admin_address().expect("it is on");
    let service = "a-service-token-of-22-chars";
    let form = [("subject", "ana"), ("reason", "single sign-on")];
    assert_eq!(post_in(address, service, "/v1/admin/sessions", &form).await.status, 201, "a service may mint");
    assert_eq!(post_in(address, service, "/v1/admin/revoke", &form).await.status, 403, "and nothing else");
    for wrong in ["", "nonsense", &rig.session] {
        for (method, target) in
            [("GET", "/v1/admin/sessions"), ("POST", "/v1/admin/sessions"), ("POST", "/v1/admin/revoke")]
        {
            let authorization = format!("Bearer {wrong}");
            let headers =
                [("authorization", authorization.as_str()), ("content-type", "application/x-www-form-urlencoded")];
            let answer = wire::send(address, method, target, &headers, "all=1&reason=x&subject=x").await;
            assert_eq!(answer.status, 401, "{method} {target} {wrong}");
        }
    }
    assert_eq!(wire::get(rig.address(), "/v1/admin/sessions", &[]).await.status, 404, "not on the public listener");
    for off in [
        [("all", "1"), ("reason", "")].as_slice(),
        &[("all", "1")],
        &[("reason", "x")],
        &[("all", "1"), ("subject", "ana"), ("reason", "x")],
        &[("session", "zz"), ("reason", "x")],
        &[("all", "yes"), ("reason", "x")],
    ] {
        assert_eq!(rig.administer("/v1/admin/revoke", off).await.status, 400, "{off:?}");
    }
    assert_eq!(rig.refresh("webex", "still").await.status, 200, "nothing of that ended anybody");
}

#[tokio::test]
async fn the_proxy_that_has_done_the_sign_on_says_who_it_is() {
    let rig = Rig::with(&[("SSO_HEADER", "X-Remote-User"), ("TRUSTED_PROXIES", "127.0.0.1")]).await;
    let app = App::new("a");
    let grant = rig.grant("zoom", &app).await;
    let body = format!("grant={grant}&code_verifier={}", app.verifier);
    let form = ("content-type", "application/x-www-form-urlencoded");
    let person = ("x-remote-user", "ana@EXAMPLE.COM");
    for off in [vec![form], vec![form, person, person], vec![form, ("x-remote-user", " ")]] {
        let answer = wire::send(rig.address(), "POST", api::TOKEN_PATH, &off, &body).await;
        assert_eq!((answer.status, answer.error().as_str()), (403, "forbidden"), "{off:?}");
    }
    let answer = wire::send(rig.address(), "POST", api::TOKEN_PATH, &[form, person], &body).await;
    assert_eq!(answer.status, 200, "the grant is still good: {answer:?}");
    assert!(subjects(&rig).await.contains(&"ana@EXAMPLE.COM".to_owned()));
}

#[tokio::test]
async fn a_restart_of_the_memory_store_signs_everybody_out_and_lets_nobody_back() {
    let keys =
        [("BROKER_KEYS", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), ("OAUTH_HOSTNAME", "http://127.0.0.1:1")];
    let rig = Rig::with(&keys).await;
    let session = rig.mint("ana").await;
    let other = Rig::with(&keys).await;
    assert_no_session(&other.refresh_in(&session, "webex", "a").await);
    assert_eq!(rig.refresh_in(&session, "webex", "a").await.status, 200);
}

#[tokio::test]
async fn without_sessions_the_old_way_is_as_open_as_it_was() {
    let rig =
        Rig::with(&[("SESSIONS", "off"), ("LEGACY_DOMI", "1"), ("ADMIN_LISTEN", ""), ("ADMIN_TOKEN_FILE", "")]).await;
    let tokens = signed_in(&rig, "webex", "a").await;
    assert_eq!(tokens.json().get("session_token"), None);
    let answer = wire::post_form(rig.address(), "/v1/refresh/webex", &[("refresh_token", "r")]).await;
    assert_eq!((answer.status, answer.json().get("session_token")), (200, None));
    // Nothing is kept: the same token is asked for anew.
    rig.provider.next(answer_with("another"));
    let again = wire::post_form(rig.address(), "/v1/refresh/webex", &[("refresh_token", "r")]).await;
    assert_eq!(again.text("access_token"), "another");
}

fn answer_with(access: &str) -> Vec<u8> {
    answer("200 OK", "application/json", &TOKENS.replace("the-access-token", access))
}
