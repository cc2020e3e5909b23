//! The broker in front of an authorization server that nobody here wrote: code, PKCE, rotation, revocation.

use convoke_broker_api as api;
use convoke_harness::http::{self, Answer};
use convoke_harness::{AuthorizationServer, BrokerOptions, BrokerProcess, Browser};
use serde_json::Value;
use url::Url;

use crate::rig::text;

/// A verifier and its challenge (RFC 7636, appendix B).
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const STATE: &str = "a-state-of-the-app-12345";
/// Nobody listens there: the walk stops before it.
const REDIRECT: &str = "http://127.0.0.1:65535/a-path-that-nobody-knows";

struct Pair {
    server: AuthorizationServer,
    broker: BrokerProcess,
}

impl Pair {
    fn start() -> Self {
        let server = AuthorizationServer::start(&["http://127.0.0.1/v1/callback/zoom"]);
        let options = BrokerOptions::for_sandbox("http://127.0.0.1:9")
            .set("ZOOM_AUTHORIZE_URL", &server.authorize_url())
            .set("ZOOM_SCOPES", "openid")
            .set("ZOOM_TOKEN_URL", &server.token_url())
            .set("ZOOM_REVOKE_URL", &server.revoke_url());
        Self { broker: BrokerProcess::with(&options), server }
    }

    fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        http::post_form(&format!("{}{path}", self.broker.url()), fields)
    }

    /// Signs in as far as the app's own address; its grant.
    fn grant(&self) -> String {
        let url = format!(
            "{}{}?code_challenge={CHALLENGE}&code_challenge_method=S256&redirect_uri={}&state={STATE}",
            self.broker.url(),
            api::authorize_path("zoom"),
            http::form(&[("", REDIRECT)]).trim_start_matches('='),
        );
        let page = Browser::default().open_until(&url, |url| url.as_str().starts_with(REDIRECT));
        assert!(page.url.as_str().starts_with(REDIRECT), "{} {}", page.url, page.answer.text());
        assert!(page.visited.iter().any(|url| url.as_str().starts_with(&self.server.authorize_url())));
        assert_eq!(parameter(&page.url, "state").as_deref(), Some(STATE));
        parameter(&page.url, "grant").unwrap_or_else(|| panic!("no grant: {}", page.url))
    }

    fn tokens(&self) -> Value {
        let answer = self.post(api::TOKEN_PATH, &[("grant", &self.grant()), ("code_verifier", VERIFIER)]);
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    fn refresh(&self, session: &str, token: &str) -> Answer {
        self.post_in(session, &api::refresh_path("zoom"), &[("refresh_token", token)])
    }

    fn post_in(&self, session: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        http::post_form_as(session, &format!("{}{path}", self.broker.url()), fields)
    }
}

fn parameter(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(own, _)| own == name).map(|(_, value)| value.into_owned())
}

#[track_caller]
fn dead(answer: &Answer) {
    assert_eq!(answer.status, 401, "{}", answer.text());
    assert_eq!((&answer.json()["error"], &answer.json()["retryable"]), (&"invalid_grant".into(), &false.into()));
}

#[test]
fn code_and_rotation_and_a_reuse() {
    let pair = Pair::start();
    let first = pair.tokens();
    assert_eq!(first["token_type"], "Bearer");
    assert!(first["expires_in"].as_u64().is_some_and(|seconds| seconds > 0), "expires_in");
    let session = text(&first, "session_token");
    let second = pair.refresh(session, text(&first, "refresh_token"));
    assert_eq!(second.status, 200, "{}", second.text());
    let second = second.json();
    assert_ne!(second["refresh_token"], first["refresh_token"], "rotated");
    assert_ne!(second["access_token"], first["access_token"]);
    let third = pair.refresh(session, text(&second, "refresh_token"));
    assert_eq!(third.status, 200);
    // A used refresh token is a stolen one: the server ends the whole sign-in (RFC 9700 §4.14.2). In its own session the
    // broker has the lost answer; from another one the server is asked.
    let other = pair.tokens();
    let stranger = text(&other, "session_token");
    dead(&pair.refresh(stranger, text(&first, "refresh_token")));
    dead(&pair.refresh(stranger, text(&third.json(), "refresh_token")));
}

#[test]
fn a_grant_counts_once_and_only_with_its_verifier() {
    let pair = Pair::start();
    let grant = pair.grant();
    let stranger = "A".repeat(43);
    let wrong = pair.post(api::TOKEN_PATH, &[("grant", &grant), ("code_verifier", &stranger)]);
    assert_eq!(wrong.status, 400, "{}", wrong.text());
    assert_eq!(pair.server.token_calls(), 0, "the server is not asked for it");
    let spent = pair.post(api::TOKEN_PATH, &[("grant", &grant), ("code_verifier", VERIFIER)]);
    assert_eq!(
        (spent.status, &spent.json()["error"]),
        (400, &"invalid_grant".into()),
        "a wrong verifier spends the grant"
    );

    let grant = pair.grant();
    let redeem = || pair.post(api::TOKEN_PATH, &[("grant", &grant), ("code_verifier", VERIFIER)]).status;
    assert_eq!([redeem(), redeem(), redeem()], [200, 400, 400]);
    assert_eq!(pair.server.token_calls(), 1);
}

#[test]
fn revocation() {
    let pair = Pair::start();
    let tokens = pair.tokens();
    let token = text(&tokens, "refresh_token");
    let session = text(&tokens, "session_token");
    let form = [("token", token), ("token_type_hint", "refresh_token")];
    let revoked = pair.post_in(session, &api::revoke_path("zoom"), &form);
    assert_eq!(revoked.status, 200, "{}", revoked.text());
    dead(&pair.refresh(session, token));
}
