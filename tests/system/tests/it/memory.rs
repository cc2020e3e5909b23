//! What an idle broker still has in its memory of ten sign-ins: nothing. The same scan finds a token that is there.

use std::{
    collections::HashMap,
    fs::{self, File},
    os::unix::fs::FileExt as _,
    time::Duration,
};

use convoke_broker_api as api;
use convoke_harness::http;
use convoke_harness::{BrokerProcess, Browser, SandboxProcess, patience};
use serde_json::Value;
use url::Url;

use crate::rig::text;

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const REDIRECT: &str = "http://127.0.0.1:65535/a-path-that-nobody-knows";
/// Longer than any connection is kept.
const IDLE: Duration = Duration::from_secs(60);

/// 32 bytes from a token's middle: tokens of one provider begin alike.
fn needle(token: &str) -> [u8; 32] {
    let from = token.len() / 2 - 16;
    token.as_bytes()[from..from + 32].try_into().expect("32 bytes")
}

/// How many of `tokens` stand somewhere in the writable memory of the process.
fn found(process: u32, tokens: &[String]) -> Vec<usize> {
    let needles: Vec<[u8; 32]> = tokens.iter().map(|token| needle(token)).collect();
    let mut fronts: HashMap<[u8; 8], Vec<usize>> = HashMap::new();
    let mut pairs = vec![false; 1 << 16];
    for (at, needle) in needles.iter().enumerate() {
        fronts.entry(needle[..8].try_into().expect("8 bytes")).or_default().push(at);
        pairs[usize::from(needle[0]) << 8 | usize::from(needle[1])] = true;
    }
    let maps = fs::read_to_string(format!("/proc/{process}/maps")).expect("the process's map");
    let memory = File::open(format!("/proc/{process}/mem")).expect("the process's memory: this test needs root");
    let mut hits = Vec::new();
    for line in maps.lines() {
        let mut words = line.split_whitespace();
        let (Some(range), Some(mode)) = (words.next(), words.next()) else { continue };
        if !mode.starts_with("rw") {
            continue;
        }
        let (from, to) = range.split_once('-').expect("a range");
        let number = |text| u64::from_str_radix(text, 16).expect("hexadecimal");
        let (from, to) = (number(from), number(to));
        let mut bytes = vec![0; usize::try_from(to - from).expect("it fits")];
        // A region may be gone by now, or be nobody's to read.
        if memory.read_exact_at(&mut bytes, from).is_err() {
            continue;
        }
        for window in bytes.windows(32) {
            if pairs[usize::from(window[0]) << 8 | usize::from(window[1])]
                && let Some(candidates) = window.first_chunk().and_then(|front| fronts.get(front))
            {
                hits.extend(candidates.iter().copied().filter(|at| needles[*at] == *window));
            }
        }
    }
    hits.sort_unstable();
    hits.dedup();
    hits
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
        patience::wait_until("the planted token in memory", patience::READY, || !found(process, &planted).is_empty());
    });
    let mut left = Vec::new();
    patience::wait_until("an idle broker without a token", IDLE, || {
        left = found(process, &tokens);
        left.is_empty()
    });
    println!("tokens looked for {} / found in the idle broker's memory {}", tokens.len(), left.len());
}
