//! Two brokers with the same keys and one Redis, behind the nginx that is shipped: they are one broker. A tenth of the
//! requests here, all of them in `make soak`.

use std::{
    sync::{
        Barrier,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
};

use convoke_broker_api as api;
use convoke_harness::http::{self, Answer};
use convoke_harness::{
    AuthorizationServer, BrokerOptions, BrokerProcess, Browser, Nginx, RedisServer, SandboxProcess, nginx,
};
use serde_json::Value;
use url::Url;

use crate::rig::{share, text};

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
/// Nobody listens there: the walk stops before it.
const REDIRECT: &str = "http://127.0.0.1:65535/a-path-that-nobody-knows";
const ADMIN: &str = "an-admin-token-of-22-or-more";

struct Farm {
    _sandbox: SandboxProcess,
    /// Rotates, and ends a sign-in at the second use of a token.
    strict: AuthorizationServer,
    _redis: RedisServer,
    nginx: Nginx,
    options: [BrokerOptions; 2],
    admin_ports: [u16; 2],
    brokers: [Option<BrokerProcess>; 2],
    _files: convoke_harness::PrivateDir,
}

impl Farm {
    fn start() -> Self {
        let sandbox = SandboxProcess::auto_approving();
        let redis = RedisServer::start();
        let files = convoke_harness::PrivateDir::new("farm");
        let token = files.file("admin", 0o600, ADMIN.as_bytes()).display().to_string();
        let port = nginx::free_port();
        let ports = [nginx::free_port(), nginx::free_port()];
        let admin_ports = [nginx::free_port(), nginx::free_port()];
        let strict = AuthorizationServer::start(&["http://127.0.0.1/v1/callback/zoom"]);
        let options = [0, 1].map(|at| {
            BrokerOptions::for_sandbox(sandbox.url())
                .set("ZOOM_AUTHORIZE_URL", &strict.authorize_url())
                .set("ZOOM_SCOPES", "openid")
                .set("ZOOM_TOKEN_URL", &strict.token_url())
                .set("ZOOM_REVOKE_URL", &strict.revoke_url())
                .set("OAUTH_HOSTNAME", &format!("http://127.0.0.1:{port}"))
                .set("PORT", &ports[at].to_string())
                .set("ADMIN_LISTEN", &admin_ports[at].to_string())
                .set("ADMIN_TOKEN_FILE", &token)
                .set("BROKER_KEYS", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
                .set("STORE", redis.url())
                .set("TRUSTED_PROXIES", "127.0.0.1")
                .set("RATE_PER_ADDRESS", "100000/100000")
        });
        let brokers = [0, 1].map(|at| Some(BrokerProcess::with(&options[at])));
        let nginx = Nginx::start(port, &ports);
        Self { _sandbox: sandbox, strict, _redis: redis, nginx, options, admin_ports, brokers, _files: files }
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.nginx.url())
    }

    fn begin(&self, browser: &mut Browser) -> String {
        let url = format!(
            "{}?code_challenge={CHALLENGE}&code_challenge_method=S256&redirect_uri={}&state=a-state-of-the-app-12345",
            self.at(&api::authorize_path("zoom")),
            http::form(&[("", REDIRECT)]).trim_start_matches('='),
        );
        browser.open_until(&url, |url| url.as_str().starts_with(self.strict.url())).url.to_string()
    }

    /// From the provider back to the app's own address; the grant.
    fn allow(&self, browser: &mut Browser, at_provider: &str) -> String {
        let page = browser.open_until(at_provider, |url| url.as_str().starts_with(REDIRECT));
        assert!(page.url.as_str().starts_with(self.nginx.url()) || page.url.as_str().starts_with(REDIRECT), "{page:?}");
        parameter(&page.url, "grant").unwrap_or_else(|| panic!("no grant: {}", page.url))
    }

    fn redeem(&self, grant: &str) -> Value {
        let answer = http::post_form(&self.at(api::TOKEN_PATH), &[("grant", grant), ("code_verifier", VERIFIER)]);
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    fn tokens(&self) -> Value {
        let mut browser = Browser::default();
        let at_provider = self.begin(&mut browser);
        let grant = self.allow(&mut browser, &at_provider);
        self.redeem(&grant)
    }

    fn refresh(&self, session: &str, token: &str) -> Answer {
        http::post_form_as(session, &self.at(&api::refresh_path("zoom")), &[("refresh_token", token)])
    }

    /// Ends one instance in the way of `how` and starts it again.
    fn restart(&mut self, at: usize, how: fn(&mut BrokerProcess)) {
        how(self.brokers[at].as_mut().expect("it runs"));
        self.brokers[at] = None;
        self.brokers[at] = Some(BrokerProcess::with(&self.options[at]));
    }

    fn administer(&self, at: usize, path: &str, fields: &[(&str, &str)]) -> Answer {
        http::post_form_as(ADMIN, &format!("http://127.0.0.1:{}{path}", self.admin_ports[at]), fields)
    }
}

fn parameter(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(own, _)| own == name).map(|(_, value)| value.into_owned())
}

#[test]
fn one_sign_in_survives_the_end_of_any_instance_at_any_step() {
    let mut farm = Farm::start();
    for first in [0, 1] {
        let mut browser = Browser::default();
        let at_provider = farm.begin(&mut browser);
        farm.restart(first, BrokerProcess::kill);
        let grant = farm.allow(&mut browser, &at_provider);
        farm.restart(1 - first, BrokerProcess::kill);
        let tokens = farm.redeem(&grant);
        farm.restart(first, BrokerProcess::kill);
        let refreshed = farm.refresh(text(&tokens, "session_token"), text(&tokens, "refresh_token"));
        assert_eq!(refreshed.status, 200, "{}", refreshed.text());
        let refreshed = refreshed.json();
        farm.restart(1 - first, BrokerProcess::kill);
        // The answer was lost: the other instance has it.
        let again = farm.refresh(text(&refreshed, "session_token"), text(&tokens, "refresh_token"));
        assert_eq!(again.json()["refresh_token"], refreshed["refresh_token"]);
    }
}

#[test]
fn equal_refreshes_at_both_instances_are_one_call() {
    let farm = Farm::start();
    for _ in 0..5 {
        let tokens = farm.tokens();
        let (session, token) = (text(&tokens, "session_token"), text(&tokens, "refresh_token"));
        let before = farm.strict.token_calls();
        let barrier = Barrier::new(32);
        let answers: Vec<Value> = thread::scope(|scope| {
            let ask = || {
                barrier.wait();
                let answer = farm.refresh(session, token);
                assert_eq!(answer.status, 200, "{}", answer.text());
                answer.json()
            };
            let threads: Vec<_> = (0..32).map(|_| scope.spawn(ask)).collect();
            threads.into_iter().map(|thread| thread.join().expect("an answer")).collect()
        });
        assert!(answers.iter().all(|answer| answer["refresh_token"] == answers[0]["refresh_token"]));
        assert_eq!(farm.strict.token_calls() - before, 1);
    }
}

#[test]
fn a_revocation_holds_at_both_instances_from_the_next_request_on() {
    let farm = Farm::start();
    let urls = [0, 1].map(|at| farm.brokers[at].as_ref().expect("it runs").url().to_owned());
    let mut refused = [0, 0];
    for round in 0..100 {
        let subject = format!("person-{round}");
        let minted = farm.administer(round % 2, "/v1/admin/sessions", &[("subject", &subject), ("reason", "a test")]);
        assert_eq!(minted.status, 201, "{}", minted.text());
        let minted = minted.json();
        let session = text(&minted, "session_token");
        let ask = |at: usize| {
            let url = format!("{}{}", urls[at], api::refresh_path("zoom"));
            http::post_form_as(session, &url, &[("refresh_token", "a-token-that-nobody-knows")])
        };
        for at in [0, 1] {
            assert_eq!(ask(at).json()["error"], "invalid_grant", "the session stands at both");
        }
        let ended = farm.administer(round % 2, "/v1/admin/revoke", &[("subject", &subject), ("reason", "a test")]);
        assert_eq!((ended.status, &ended.json()["revoked"]), (200, &1.into()));
        for at in [0, 1] {
            refused[at] += usize::from(ask(at).json()["error"] == "invalid_session");
        }
    }
    println!("first requests refused after the administrator's 200: {refused:?} of 100 each");
    assert_eq!(refused, [100, 100]);
}

#[test]
fn instances_restarted_in_turn_under_load_fail_nobody() {
    let mut farm = Farm::start();
    let all = share(10_000);
    let (done, failed, ended) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicBool::new(false));
    let people: Vec<Value> = (0..8).map(|_| farm.tokens()).collect();
    let url = farm.at(&api::refresh_path("zoom"));
    let restarts = thread::scope(|scope| {
        for tokens in &people {
            let (url, done, failed) = (&url, &done, &failed);
            scope.spawn(move || {
                let (mut session, mut token) =
                    (text(tokens, "session_token").to_owned(), text(tokens, "refresh_token").to_owned());
                while done.fetch_add(1, Ordering::SeqCst) < all {
                    let answer = http::post_form_as(&session, url, &[("refresh_token", &token)]);
                    if answer.status == 200 {
                        let answer = answer.json();
                        text(&answer, "session_token").clone_into(&mut session);
                        text(&answer, "refresh_token").clone_into(&mut token);
                    } else {
                        failed.fetch_add(1, Ordering::SeqCst);
                        println!("failed: {} {}", answer.status, answer.text());
                    }
                }
            });
        }
        let mut restarts = 0;
        while done.load(Ordering::SeqCst) < all && !ended.load(Ordering::SeqCst) {
            farm.restart(restarts % 2, BrokerProcess::end);
            restarts += 1;
        }
        restarts
    });
    let failed = failed.load(Ordering::SeqCst);
    println!("requests {all} / failed {failed} / restarts {restarts}");
    assert!(restarts >= 2, "{restarts} restarts");
    assert_eq!(failed, 0);
}
