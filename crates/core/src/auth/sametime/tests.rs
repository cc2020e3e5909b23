//! The sign-in and the renewal against saved answers: the exact requests, and what each answer becomes.

use serde_json::{Value, json};

use super::*;
use crate::provider::script::{Reply, Script, Seen, now};

const NEW_BARE: &str = "GET /st/sametime-auth/api/v1/refresh";
const OLD_BARE: &str = "GET /st/meeting-auth/api/v1/refresh";
const NEW_LOGIN: &str = "POST /st/sametime-auth/api/v1/login";
const OLD_LOGIN: &str = "POST /st/meeting-auth/api/v1/login";

fn first() -> Reply {
    Reply::json(401, &json!({})).with("set-cookie", "_csrf=c0; Path=/; HttpOnly").with("x-csrf-token", "t0")
}

fn with_session(reply: Reply, number: u8) -> Reply {
    reply
        .with("set-cookie", &format!("sametimeJwt=j{number}; Path=/; Secure; HttpOnly"))
        .with("set-cookie", &format!("sametimeRefresh=r{number}; Path=/; Secure; HttpOnly"))
        .with("x-csrf-token", &format!("t{number}"))
}

fn user() -> Value {
    json!({"user": {"name": "Ana Lopez", "personalRoom": "x", "avatar": "", "email": "ana@example.com", "userId": "u-1"},
        "roles": ["user"], "IDPUrl": ""})
}

async fn sign_in(script: &Script) -> Result<(SametimeCredential, Identity), Error> {
    login(&script.http(), &script.base("/st/"), "ana", Password::new("p&ss wörd".to_owned()), now()).await
}

fn issue(error: &Error) -> (&str, IssueCode) {
    assert_eq!(error.code, ErrorCode::InvalidInput, "{error:?}");
    assert_eq!(error.fields.len(), 1);
    (&error.fields[0].field, error.fields[0].problem)
}

fn tokens(credential: &SametimeCredential) -> [&str; 4] {
    [&credential.jwt, &credential.refresh, &credential.csrf_cookie, &credential.csrf_token]
        .map(|token| token.0.expose_secret())
}

fn sent(seen: &Seen) -> (Option<&str>, Option<&str>) {
    (seen.header("cookie"), seen.header("x-csrf-token"))
}

fn credential(path: &str) -> SametimeCredential {
    let text = |text: &str| SessionToken::new(text.to_owned());
    SametimeCredential {
        jwt: text("j1"),
        refresh: text("r1"),
        ltpa: None,
        csrf_cookie: text("c1"),
        csrf_token: text("t1"),
        auth_path: path.to_owned(),
        issued_at: now(),
        issued_up: None,
    }
}

#[tokio::test]
async fn a_server_of_version_12() {
    let script = Script::start([
        (NEW_BARE, first()),
        (NEW_LOGIN, with_session(Reply::json(200, &user()), 1).with("set-cookie", "LtpaToken=AAECAz+/=; Path=/")),
    ])
    .await;
    let (credential, identity) = sign_in(&script).await.unwrap();
    let seen = script.finished();
    assert_eq!(sent(&seen[0]), (None, None));
    assert_eq!(sent(&seen[1]), (Some("_csrf=c0"), Some("t0")));
    assert_eq!(seen[1].header("content-type"), Some("application/x-www-form-urlencoded"));
    assert_eq!(seen[1].body, "username=ana&password=p%26ss+w%C3%B6rd");
    assert_eq!(tokens(&credential), ["j1", "r1", "c0", "t1"]);
    assert_eq!(credential.ltpa.unwrap().0.expose_secret(), "AAECAz+/=");
    assert_eq!(credential.auth_path, "sametime-auth");
    assert_eq!(
        identity,
        Identity { subject: "u-1".into(), address: "ana@example.com".into(), name: Some("Ana Lopez".into()) }
    );
}

#[tokio::test]
async fn who_it_is_may_stand_in_the_first_renewal() {
    let script = Script::start([
        (NEW_BARE, first()),
        (NEW_LOGIN, with_session(Reply::json(200, &json!({})), 1)),
        (NEW_BARE, with_session(Reply::json(200, &user()), 2)),
    ])
    .await;
    let (credential, identity) = sign_in(&script).await.unwrap();
    assert_eq!(sent(&script.finished()[2]), (Some("_csrf=c0; sametimeRefresh=r1"), Some("t1")));
    assert_eq!(tokens(&credential), ["j2", "r2", "c0", "t2"]);
    assert_eq!(identity.address, "ana@example.com");
}

#[tokio::test]
async fn an_older_server_says_nothing_of_the_person() {
    // A server that answers every unknown path with its start page has that path as little as one that says 404.
    for unknown in [Reply::empty(404), Reply::html(200, "<html>start</html>"), Reply::empty(503)] {
        let script =
            Script::start([(NEW_BARE, unknown), (OLD_BARE, first()), (OLD_LOGIN, with_session(Reply::empty(200), 1))])
                .await;
        let (credential, identity) = sign_in(&script).await.unwrap();
        script.finished();
        assert_eq!(credential.auth_path, "meeting-auth");
        assert_eq!(identity, Identity { subject: "ana".into(), address: "ana".into(), name: None });
    }
}

#[tokio::test]
async fn refusals_name_their_field() {
    let login_page = || Reply::html(200, "<form><input type=password></form>");
    let cases = [
        (Reply::json(401, &json!({})), "password", IssueCode::WrongPassword),
        (Reply::json(400, &json!({})), "password", IssueCode::WrongPassword),
        (Reply::json(403, &json!({"error": {"message": "no password sign-in"}})), "server", IssueCode::Refused),
        (Reply::empty(302).with("location", "https://sso.example/"), "server", IssueCode::Refused),
        (login_page(), "server", IssueCode::Refused),
        (Reply::empty(200).with("set-cookie", "sametimeJwt=j"), "server", IssueCode::NotPossible),
    ];
    for (reply, field, problem) in cases {
        let script = Script::start([(NEW_BARE, first()), (NEW_LOGIN, reply)]).await;
        let error = sign_in(&script).await.err().unwrap();
        assert_eq!(issue(&error), (field, problem));
        assert!(!format!("{error:?}").contains("p&ss"));
        script.finished();
    }
}

#[tokio::test]
async fn a_server_that_is_no_sametime_server() {
    for reply in [Reply::empty(404), Reply::html(200, "<html>"), Reply::json(200, &json!({})), Reply::empty(401)] {
        let script = Script::start([(NEW_BARE, reply.clone()), (OLD_BARE, reply)]).await;
        let error = sign_in(&script).await.err().unwrap();
        assert_eq!(issue(&error), ("server", IssueCode::Refused));
        assert_eq!(script.finished().len(), 2, "the password was not sent");
    }
    let script = Script::start([]).await;
    let plain: Url = "http://sametime.example/".parse().unwrap();
    let error = login(&script.http(), &plain, "ana", Password::new("p".into()), now()).await.err().unwrap();
    assert_eq!(issue(&error), ("server", IssueCode::NotAWebAddress));
}

#[tokio::test]
async fn a_server_that_is_down_is_not_a_wrong_address() {
    let script = Script::start([(NEW_BARE, Reply::empty(503)), (OLD_BARE, Reply::empty(404))]).await;
    assert_eq!(sign_in(&script).await.err().unwrap().code, ErrorCode::Unavailable);
    let script = Script::start([(NEW_BARE, first()), (NEW_LOGIN, Reply::empty(502))]).await;
    assert_eq!(sign_in(&script).await.err().unwrap().code, ErrorCode::Unavailable);
}

#[tokio::test]
async fn a_renewal_takes_what_came_and_keeps_the_rest() {
    let script = Script::start([(OLD_BARE, with_session(Reply::empty(200), 2))]).await;
    let later = now() + chrono::Duration::minutes(11);
    let new = refresh(&script.http(), &script.base("/st"), &credential("meeting-auth"), later).await.unwrap();
    assert_eq!(sent(&script.finished()[0]), (Some("_csrf=c1; sametimeRefresh=r1"), Some("t1")));
    assert_eq!((tokens(&new), new.issued_at), (["j2", "r2", "c1", "t2"], later));
    let script = Script::start([(OLD_BARE, Reply::empty(200).with("set-cookie", "sametimeJwt=j3"))]).await;
    let new = refresh(&script.http(), &script.base("/st"), &credential("meeting-auth"), later).await.unwrap();
    assert_eq!(tokens(&new), ["j3", "r1", "c1", "t1"]);
}

#[tokio::test]
async fn only_the_server_itself_ends_a_session() {
    let cases = [
        (Reply::empty(401), ErrorCode::SignInRequired),
        (Reply::html(200, "<input name='p' TYPE = 'password'>"), ErrorCode::SignInRequired),
        (Reply::html(200, "<p>hotel"), ErrorCode::Intercepted),
        (Reply::json(200, &json!({})), ErrorCode::BadAnswer),
        (Reply::empty(200).with("set-cookie", "sametimeJwt=a b"), ErrorCode::BadAnswer),
        (Reply::empty(403), ErrorCode::NotPermitted),
        (Reply::empty(407), ErrorCode::ProxyPassword),
        (Reply::empty(302), ErrorCode::Intercepted),
        (Reply::empty(429), ErrorCode::RateLimited),
        (Reply::html(502, "<p>gateway"), ErrorCode::Unavailable),
    ];
    for (reply, code) in cases {
        let script = Script::start([(NEW_BARE, reply)]).await;
        let error =
            refresh(&script.http(), &script.base("/st"), &credential("sametime-auth"), now()).await.err().unwrap();
        assert_eq!(error.code, code);
        script.finished();
    }
}

#[tokio::test]
async fn a_used_up_csrf_token_is_replaced_once() {
    let refused = || Reply::json(403, &json!({"error": {"message": "invalid csrf token"}}));
    let script = Script::start([
        (NEW_BARE, refused()),
        (NEW_BARE, first()),
        (NEW_BARE, with_session(Reply::json(200, &user()), 2)),
    ])
    .await;
    let new = refresh(&script.http(), &script.base("/st"), &credential("sametime-auth"), now()).await.unwrap();
    let seen = script.finished();
    assert_eq!(sent(&seen[1]), (None, None));
    assert_eq!(sent(&seen[2]), (Some("_csrf=c0; sametimeRefresh=r1"), Some("t0")));
    assert_eq!(tokens(&new), ["j2", "r2", "c0", "t2"]);
    let script = Script::start([(NEW_BARE, refused()), (NEW_BARE, first()), (NEW_BARE, refused())]).await;
    let error = refresh(&script.http(), &script.base("/st"), &credential("sametime-auth"), now()).await.err().unwrap();
    assert_eq!(error.code, ErrorCode::NotPermitted);
    script.finished();
}

#[tokio::test]
async fn a_forgotten_csrf_cookie_is_not_the_end_of_a_session() {
    let script = Script::start([(NEW_BARE, first()), (NEW_BARE, with_session(Reply::json(200, &user()), 2))]).await;
    let new = refresh(&script.http(), &script.base("/st"), &credential("sametime-auth"), now()).await.unwrap();
    assert_eq!(sent(&script.finished()[1]), (Some("_csrf=c0; sametimeRefresh=r1"), Some("t0")));
    assert_eq!(tokens(&new), ["j2", "r2", "c0", "t2"]);
    let script = Script::start([(NEW_BARE, first()), (NEW_BARE, first())]).await;
    let error = refresh(&script.http(), &script.base("/st"), &credential("sametime-auth"), now()).await.err().unwrap();
    assert_eq!(error.code, ErrorCode::SignInRequired);
    script.finished();
}

#[test]
fn a_request_for_a_meeting_carries_no_refresh_token_and_prints_none() {
    let with_ltpa = SametimeCredential { ltpa: Some(SessionToken::new("L".into())), ..credential("x") };
    let request = authorize(HttpRequest::get("https://st.example/".parse().unwrap()), &with_ltpa);
    assert_eq!(request.headers["cookie"], "_csrf=c1; sametimeJwt=j1; LtpaToken=L");
    assert_eq!(request.headers["x-csrf-token"], "t1");
    assert!(request.headers["cookie"].is_sensitive() && request.headers["x-csrf-token"].is_sensitive());
    assert!(!format!("{:?}", request.headers).contains("j1"));
}
