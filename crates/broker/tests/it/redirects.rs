//! Addresses that must lead nowhere: in every parameter, path and header of every route. The only ways out are the provider's
//! own authorize endpoint and a client that listens on loopback.

use url::Url;

use crate::{
    rig::{App, Rig, location_of, parameter},
    wire::{Answer, Kept},
};

/// Hosts that are not ours, as people have hidden them.
const HOSTS: [&str; 24] = [
    "evil.example",
    "evil.example.",
    "EVIL.EXAMPLE",
    "evil.example:443",
    "evil.example%2f",
    "evil.example%00",
    "evil%2eexample",
    "evil\u{3002}example",
    "evil\u{ff0e}example",
    "xn--evl-5na.example",
    "\u{435}vil.example",
    "127.0.0.1.evil.example",
    "127.0.0.1@evil.example",
    "127.0.0.1:40000@evil.example",
    "evil.example#@127.0.0.1",
    "evil.example?@127.0.0.1",
    "evil.example\\@127.0.0.1",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "127.1",
    "[::ffff:203.0.113.1]",
    "[2001:db8::1]",
    "203.0.113.1",
];

/// What stands in front of a host.
const FRONTS: [&str; 14] = [
    "https://",
    "http://",
    "//",
    "///",
    "\\\\",
    "/\\",
    "https:",
    "https:/",
    "http:\\\\",
    "%2f%2f",
    "\t//",
    " https://",
    "hTTps://",
    "http://127.0.0.1:40000/abcdefghijklmnopqrstuv@",
];

/// Whole addresses of other kinds.
const OTHERS: [&str; 16] = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "file:///etc/passwd",
    "ftp://evil.example/",
    "blob:https://evil.example/x",
    "\r\nLocation: https://evil.example/",
    "%0d%0aLocation:%20https://evil.example/",
    "\u{a0}https://evil.example/",
    "https://evil.example/\u{2028}",
    "http://localhost:40000/abcdefghijklmnopqrstuv",
    "http://127.0.0.1:40000/../abcdefghijklmnopqrstuv",
    "http://127.0.0.1:40000//evil.example/abcdefghijklmnop",
    "?https://evil.example/",
];

/// Every address of the list.
fn addresses() -> Vec<String> {
    let crossed =
        FRONTS.iter().flat_map(|front| HOSTS.iter().map(move |host| format!("{front}{host}/{}", "p".repeat(30))));
    crossed.chain(OTHERS.iter().map(|address| (*address).to_owned())).collect()
}

/// Whether a browser that is sent to `address` stays with the provider or with a client on loopback.
fn is_ours(address: &str, provider: &Url, origin: &str) -> bool {
    let Ok(url) = Url::parse(address) else { return false };
    let nobody = url.username().is_empty() && url.password().is_none();
    let back = url.query_pairs().find(|(name, _)| name == "redirect_uri").map(|(_, value)| value.into_owned());
    // The provider is told to come back to this broker and to nobody else.
    let comes_back =
        back.is_none_or(|back| back == format!("{origin}/zoomCallback") || back == format!("{origin}/teamsCallback"));
    let at_provider = url.origin() == provider.origin() && url.path() == provider.path() && nobody && comes_back;
    let path = url.path().strip_prefix('/').unwrap_or_default();
    let listens = url.scheme() == "http"
        && matches!(url.host_str(), Some("127.0.0.1" | "[::1]"))
        && url.port().is_some_and(|port| port >= 1_024)
        && nobody
        && (22..=64).contains(&path.len())
        && path.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    at_provider || listens
}

/// Every address that the answer would lead a browser to.
fn ways_out(answer: &Answer) -> Vec<String> {
    let mut ways: Vec<String> = answer
        .headers
        .iter()
        .filter(|(name, _)| name == "location" || name == "refresh")
        .map(|(_, to)| to.clone())
        .collect();
    for attribute in ["href=\"", "src=\"", "action=\"", "content=\"0;"] {
        let links = answer.body.split(attribute).skip(1).filter_map(|rest| rest.split('"').next());
        ways.extend(links.map(|link| link.replace("&amp;", "&")));
    }
    ways
}

#[test]
fn the_judge_knows_a_stranger() {
    let provider = Url::parse("http://127.0.0.1:9999/authorize").expect("an address");
    for ours in ["http://127.0.0.1:9999/authorize?state=x", "http://[::1]:40000/abcdefghijklmnopqrstuv?grant=x"] {
        assert!(is_ours(ours, &provider, "http://127.0.0.1:1"), "{ours}");
    }
    let strangers = [
        "https://evil.example/",
        "//evil.example/",
        "http://127.0.0.1:9999/other",
        "/relative",
        "javascript:x",
        "http://127.0.0.1:9999/authorize?redirect_uri=https://evil.example/zoomCallback",
        "http://127.0.0.1:40000//abcdefghijklmnopqrstuv",
    ];
    for foreign in strangers.into_iter().chain(["http://127.0.0.1:80/abcdefghijklmnopqrstuv"]) {
        assert!(!is_ours(foreign, &provider, "http://127.0.0.1:1"), "{foreign}");
    }
    let page = Answer { status: 200, headers: Vec::new(), body: "<a href=\"//evil.example/\">".to_owned() };
    assert_eq!(ways_out(&page), ["//evil.example/"]);
}

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// The requests that carry `address` somewhere.
fn requests(address: &str, host: &str, app: &App) -> Vec<String> {
    let value = encoded(address);
    let good = app.query();
    let mut requests = Vec::new();
    let get = |target: &str, headers: &str| format!("GET {target} HTTP/1.1\r\nhost: {host}\r\n{headers}\r\n");
    for name in ["redirect_uri", "state", "code_challenge", "code_challenge_method", "claims"] {
        let rest: Vec<&str> = good.split('&').filter(|pair| !pair.starts_with(&format!("{name}="))).collect();
        requests.push(get(&format!("/v1/authorize/teams?{}&{name}={value}", rest.join("&")), ""));
    }
    for name in ["next", "return_to", "url", "continue", "redirect_uri"] {
        requests.push(get(&format!("/v1/authorize/zoom?{good}&{name}={value}"), ""));
        requests.push(get(&format!("/dominoZoom/index.html?{name}={value}"), ""));
    }
    for name in ["state", "code", "iss", "error", "error_description", "redirect_uri"] {
        requests.push(get(&format!("/v1/callback/zoom?{name}={value}"), ""));
        requests.push(get(&format!("/zoomCallback?state=x&{name}={value}"), ""));
    }
    for front in ["/", "/v1/authorize/", "/v1/callback/", "/v1/"] {
        requests.push(get(&format!("{front}{value}"), ""));
    }
    // As a header, or as the very target, only what a line can hold.
    let line: String = address.chars().filter(char::is_ascii_graphic).collect();
    requests.push(get(&format!("/{line}"), ""));
    for name in ["x-forwarded-host", "x-forwarded-proto", "x-original-url", "forwarded", "referer", "origin"] {
        let value = if name == "forwarded" { format!("host={line}") } else { line.clone() };
        let header = format!("{name}: {value}\r\n");
        requests.push(get(&format!("/v1/authorize/zoom?{good}"), &header));
        requests.push(get("/dominoZoom/index.html", &header));
    }
    for target in [format!("/v1/authorize/zoom?{good}"), "/dominoZoom/index.html".to_owned()] {
        requests.push(format!("GET {target} HTTP/1.1\r\nhost: {line}\r\n\r\n"));
    }
    for (target, names) in [
        ("/v1/token", ["grant", "code_verifier", "redirect_uri"].as_slice()),
        ("/v1/refresh/zoom", &["refresh_token", "redirect_uri"]),
        ("/v1/revoke/zoom", &["token", "token_type_hint"]),
    ] {
        for name in names {
            let body = format!("{name}={value}");
            requests.push(format!(
                "POST {target} HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/x-www-form-urlencoded\r\n\
                 content-length: {}\r\n\r\n{body}",
                body.len()
            ));
        }
    }
    requests
}

async fn lead_nowhere(confirm: &str) -> usize {
    let settings = [
        ("CONFIRM_SIGN_IN", confirm),
        ("LEGACY_DOMI", "1"),
        ("RATE_PER_ADDRESS", "1000000/1000000"),
        ("RATE_LEGACY", "1000000/1000000"),
    ];
    let rig = Rig::with(&settings).await;
    let provider = Url::parse(&rig.provider.url("/authorize")).expect("an address");
    let app = App::new("a");
    let mut kept = Kept::new(rig.address());
    let host = rig.address().to_string();
    let (mut sent, mut led) = (0, 0);
    for address in addresses() {
        for request in requests(&address, &host, &app) {
            sent += 1;
            // A line that HTTP does not allow ends the connection: that leads nowhere, too.
            let Some(answer) = kept.ask(request.as_bytes()).await else { continue };
            for way in ways_out(&answer) {
                led += 1;
                assert!(is_ours(&way, &provider, rig.broker.origin()), "{way} by {request:?}");
            }
        }
    }
    assert!(led > addresses().len(), "good sign-ins do lead on: {led}");
    sent + come_back_with_nonsense(&rig, &provider).await
}

/// A sign-in that is under way in this browser comes back with an address in place of what the provider says.
async fn come_back_with_nonsense(rig: &Rig, provider: &Url) -> usize {
    let mut sent = 0;
    for address in addresses() {
        for name in ["code", "error", "iss"] {
            // The page that asks and the old page begin it as well; where no page asks, its address is at hand.
            let start = rig.get("/dominoZoom/index.html").await;
            let state = parameter(&location_of(&start), "state").expect("a state");
            let cookie = start.header("set-cookie").and_then(|line| line.split(';').next()).expect("a cookie");
            let query = format!("{name}={}&state={state}", encoded(&address));
            let mut answers = vec![rig.come_back("zoom", &query, Some(cookie)).await];
            if !is_asking(rig).await {
                let begun = rig.begin("zoom", &App::new("b")).await;
                let query = format!("{name}={}&state={}", encoded(&address), begun.state());
                answers.push(rig.come_back("zoom", &query, Some(&begun.cookie)).await);
            }
            for answer in answers {
                sent += 1;
                for way in ways_out(&answer) {
                    assert!(is_ours(&way, provider, rig.broker.origin()), "{way} by {name}={address:?}");
                }
            }
        }
    }
    sent
}

/// Whether a page asks before a sign-in here.
async fn is_asking(rig: &Rig) -> bool {
    rig.get(&format!("/v1/authorize/zoom?{}", App::new("c").query())).await.status == 200
}

#[tokio::test]
async fn no_address_of_the_list_leads_anywhere() {
    let count = addresses().len();
    assert!(count >= 200, "{count}");
    let sent = lead_nowhere("off").await + lead_nowhere("on").await;
    println!("redirects: {count} addresses in {sent} requests, 0 foreign ways out");
}
