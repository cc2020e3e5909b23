//! Answers to a refresh that are lost on their way, before an authorization server that rotates and ends a sign-in at the
//! second use of a token: whoever asks again in their session gets the same answer, hours later too, and nobody else does.
//! A tenth here, all of it in `make soak`.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    sync::{
        Arc, Barrier,
        atomic::{AtomicI64, Ordering},
    },
    thread,
};

use convoke_broker::{Clock, Configuration, RunningBroker, Settings, Sockets, start};
use convoke_broker_api as api;
use convoke_harness::http::{self, Answer};
use convoke_harness::{AuthorizationServer, Browser};
use serde_json::Value;
use tokio::runtime::Runtime;
use url::Url;

use crate::rig::{share, text};

/// A verifier and its challenge (RFC 7636, appendix B).
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
/// Nobody listens there: the walk stops before it.
const REDIRECT: &str = "http://127.0.0.1:65535/a-path-that-nobody-knows";

struct ManualClock(AtomicI64);

impl Clock for ManualClock {
    fn now(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// A broker in this process, whose clock the test moves, before a real authorization server.
struct Pair {
    server: AuthorizationServer,
    broker: RunningBroker,
    clock: Arc<ManualClock>,
    _runtime: Runtime,
}

impl Pair {
    fn start() -> Self {
        let server = AuthorizationServer::start(&["http://127.0.0.1/v1/callback/zoom"]);
        let (authorize, token, revoke) = (server.authorize_url(), server.token_url(), server.revoke_url());
        let settings = Settings::from_pairs([
            ("PORT", "0"),
            ("CONFIRM_SIGN_IN", "off"),
            ("ZOOM_CLIENT_ID", convoke_harness::broker::CLIENT_ID),
            ("ZOOM_CLIENT_SECRET", convoke_harness::broker::CLIENT_SECRET),
            ("ZOOM_AUTHORIZE_URL", &authorize),
            ("ZOOM_SCOPES", "openid"),
            ("ZOOM_TOKEN_URL", &token),
            ("ZOOM_REVOKE_URL", &revoke),
        ]);
        let configuration = Configuration::from_settings(&settings.expect("known keys")).expect("a good configuration");
        let clock = Arc::new(ManualClock(AtomicI64::new(1_800_000_000)));
        let runtime = Runtime::new().expect("a runtime");
        let started = start(configuration, Arc::clone(&clock) as Arc<dyn Clock>, Sockets::default());
        let broker = runtime.block_on(started).expect("it starts");
        Self { server, broker, clock, _runtime: runtime }
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.broker.origin())
    }

    /// Signs in, in a browser of its own.
    fn tokens(&self) -> Value {
        let url = format!(
            "{}?code_challenge={CHALLENGE}&code_challenge_method=S256&redirect_uri={}&state=a-state-of-the-app-12345",
            self.url(&api::authorize_path("zoom")),
            http::form(&[("", REDIRECT)]).trim_start_matches('='),
        );
        let page = Browser::default().open_until(&url, |url| url.as_str().starts_with(REDIRECT));
        let grant = parameter(&page.url, "grant").unwrap_or_else(|| panic!("no grant: {}", page.url));
        let answer = http::post_form(&self.url(api::TOKEN_PATH), &[("grant", &grant), ("code_verifier", VERIFIER)]);
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    fn refresh(&self, session: &str, token: &str) -> Answer {
        http::post_form_as(session, &self.url(&api::refresh_path("zoom")), &[("refresh_token", token)])
    }

    /// Asks for a refresh and never reads its answer: goes away at once, or when its first byte has come.
    fn lose(&self, session: &str, token: &str, at_once: bool) {
        let mut stream = TcpStream::connect(self.broker.address()).expect("it listens");
        let body = http::form(&[("refresh_token", token)]);
        let head = format!(
            "POST {} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {session}\r\nContent-Type: {}\r\nContent-Length: {}\r\n\r\n",
            api::refresh_path("zoom"),
            http::FORM,
            body.len()
        );
        stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes())).expect("it takes it");
        if !at_once {
            stream.read_exact(&mut [0]).expect("an answer begins");
        }
    }
}

fn parameter(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(own, _)| own == name).map(|(_, value)| value.into_owned())
}

#[test]
fn sixty_four_at_once_are_one_call_and_sixty_four_equal_answers() {
    let pair = Pair::start();
    let tokens = pair.tokens();
    let (session, token) = (text(&tokens, "session_token"), text(&tokens, "refresh_token"));
    let before = pair.server.token_calls();
    let barrier = Barrier::new(64);
    let answers: Vec<Value> = thread::scope(|scope| {
        let ask = || {
            barrier.wait();
            let answer = pair.refresh(session, token);
            assert_eq!(answer.status, 200, "{}", answer.text());
            answer.json()
        };
        let threads: Vec<_> = (0..64).map(|_| scope.spawn(ask)).collect();
        threads.into_iter().map(|thread| thread.join().expect("an answer")).collect()
    });
    for answer in &answers {
        assert_eq!(answer["access_token"], answers[0]["access_token"]);
        assert_eq!(answer["refresh_token"], answers[0]["refresh_token"]);
        assert_ne!(answer["refresh_token"], *token, "it rotated");
    }
    assert_eq!(pair.server.token_calls() - before, 1);
    let next = pair.refresh(session, text(&answers[0], "refresh_token"));
    assert_eq!(next.status, 200, "the sign-in lives: {}", next.text());
}

#[test]
fn a_lost_answer_is_asked_for_again_a_second_or_a_day_later() {
    let each = share(250);
    let pair = Pair::start();
    let mut kept = 0;
    for later in [1, 8 * 60, 8 * 3_600, 23 * 3_600] {
        let signed_in: Vec<Value> = (0..each).map(|_| pair.tokens()).collect();
        for (at, tokens) in signed_in.iter().enumerate() {
            pair.lose(text(tokens, "session_token"), text(tokens, "refresh_token"), at % 2 == 0);
        }
        // Those that went away at once may still be on their way to the server: asking again joins them or finds the copy.
        pair.clock.0.fetch_add(later, Ordering::SeqCst);
        let before = pair.server.token_calls();
        for (at, tokens) in signed_in.iter().enumerate() {
            let again = pair.refresh(text(tokens, "session_token"), text(tokens, "refresh_token"));
            assert_eq!(again.status, 200, "{at} after {later} s: {}", again.text());
            let again = again.json();
            let next = pair.refresh(text(&again, "session_token"), text(&again, "refresh_token"));
            assert_eq!(next.status, 200, "{at} after {later} s, the sign-in lives: {}", next.text());
            kept += 1;
        }
        let asked = pair.server.token_calls() - before;
        assert!(asked <= each + each / 2, "only the next refreshes and those still on their way: {asked}");
    }
    println!("answers lost {} / sign-ins kept {kept} / lost 0", 4 * each);
    assert_eq!(kept, 4 * each);
}

#[test]
fn the_same_token_without_that_session_gets_nothing() {
    let rounds = share(100);
    let pair = Pair::start();
    let thief = pair.tokens();
    for _ in 0..rounds {
        let tokens = pair.tokens();
        let (session, token) = (text(&tokens, "session_token"), text(&tokens, "refresh_token"));
        pair.lose(session, token, false);
        let without = http::post_form(&pair.url(&api::refresh_path("zoom")), &[("refresh_token", token)]);
        assert_eq!((without.status, &without.json()["error"]), (401, &"invalid_session".into()));
        let other = pair.refresh(text(&thief, "session_token"), token);
        assert_eq!((other.status, &other.json()["error"]), (401, &"invalid_grant".into()));
    }
}
