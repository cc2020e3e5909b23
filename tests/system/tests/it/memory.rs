//! What an idle broker still has in its memory of ten sign-ins: nothing. The same scan finds a token that is there.

use std::time::Duration;

use convoke_broker_api as api;
use convoke_harness::http;
use convoke_harness::{BrokerProcess, Browser, SandboxProcess, patience, process_memory};
use serde_json::Value;
use url::Url;

use crate::rig::text;

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const REDIRECT: &str = "http://127.0.0.1:65535/a-path-that-nobody-knows";
/// Longer than any connection is kept.
const IDLE: Duration = Duration::from_secs(60);

/// How many of `tokens` stand somewhere in the writable memory of the process.
fn found(process: u32, tokens: &[String]) -> usize {
    let mut seen: Vec<usize> = process_memory::copies(process, tokens).iter().map(|copy| copy.secret).collect();
    seen.sort_unstable();
    seen.dedup();
    seen.len()
}

fn parameter(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(own, _)| own == name).map(|(_, value)| value.into_owned())
}

fn sign_in(broker: &str, provider: &str) -> (String, Value) {
    let url = format!(
        "{broker}{}?code_challenge={CHALLENGE}&code_challenge_method=S256&redirect_uri={}&state=a-state-of-the-app-12345",
        api::authorize_path(provider),
        http::form(&[("", REDIRECT)]).trim_start_matches('='),
    );
    let page = Browser::default().open_until(&url, |url| url.as_str().starts_with(REDIRECT));
    let grant = parameter(&page.url, "grant").unwrap_or_else(|| panic!("no grant: {}", page.url));
    let form = [("grant", grant.as_str()), ("code_verifier", VERIFIER)];
    let answer = http::post_form(&format!("{broker}{}", api::TOKEN_PATH), &form);
    assert_eq!(answer.status, 200, "{}", answer.text());
    let tokens = answer.json();
    (grant, tokens)
}

#[test]
fn an_idle_broker_holds_no_token_of_ten_sign_ins() {
    let sandbox = SandboxProcess::auto_approving();
    let broker = BrokerProcess::start(&sandbox);
    let process = broker.program().id();
    let mut tokens = Vec::new();
    let mut last = None;
    for at in 0..10 {
        let provider = ["zoom", "teams", "webex", "goto"][at % 4];
        let (grant, first) = sign_in(broker.url(), provider);
        let url = format!("{}{}", broker.url(), api::refresh_path(provider));
        let refreshed = http::post_form_as(
            text(&first, "session_token"),
            &url,
            &[("refresh_token", text(&first, "refresh_token"))],
        );
        assert_eq!(refreshed.status, 200, "{}", refreshed.text());
        let refreshed = refreshed.json();
        tokens.push(grant);
        for answer in [&first, &refreshed] {
            for name in ["access_token", "refresh_token", "session_token"] {
                tokens.push(text(answer, name).to_owned());
            }
            tokens.extend(answer["id_token"].as_str().map(str::to_owned));
        }
        last = Some((url, refreshed));
    }
    // The scan finds what is there: a refresh token while the provider lets the broker wait.
    let (url, answer) = last.expect("ten");
    let (session, token) = (text(&answer, "session_token").to_owned(), text(&answer, "refresh_token").to_owned());
    sandbox.fault("POST /teams/oauth2/v2.0/token", "delay:3000", 1, false);
    let planted = vec![token.clone()];
    std::thread::scope(|scope| {
        scope.spawn(|| http::post_form_as(&session, &url, &[("refresh_token", &token)]));
        patience::wait_until("the planted token in memory", patience::READY, || found(process, &planted) > 0);
    });
    let mut left = 0;
    patience::wait_until("an idle broker without a token", IDLE, || {
        left = found(process, &tokens);
        left == 0
    });
    println!("tokens looked for {} / found in the idle broker's memory {left}", tokens.len());
}
