//! The command line against an old broker: sign-in by a pasted token, and nothing but the one word ends it.

use convoke_harness::canary::Canary;
use convoke_harness::convoke::finish;
use convoke_harness::{Browser, OldBroker, Ran, Session, http};
use serde_json::{Value, json};

use crate::rig::{Rig, create, error, post_as_client, text};

const ZOOM_TOKEN: &str = "POST /zoom/oauth/token";

struct Old {
    rig: Rig,
    broker: OldBroker,
}

impl Old {
    fn start() -> Self {
        let rig = Rig::with(Session::builder().env("RUST_LOG", "trace").start());
        let broker = OldBroker::start(rig.sandbox.url());
        let mut described = rig.described();
        broker.url().clone_into(&mut described.broker);
        described.dialect = "domi";
        let profile = rig.write_profile("old.toml", &described.text());
        Self { rig: Rig { profile, ..rig }, broker }
    }

    fn page_of(&self, provider: &str) -> String {
        let name = match provider {
            "teams" => "Teams",
            "zoom" => "Zoom",
            "webex" => "Webex",
            _ => "GTM",
        };
        format!("{}/domino{name}/index.html", self.broker.url())
    }

    /// Signs in in the browser and copies what the page shows.
    #[track_caller]
    fn copied(&self, provider: &str) -> String {
        let page = Browser::default().open(&self.page_of(provider));
        assert_eq!(page.answer.status, 200, "{} {}", page.url, page.answer.text());
        OldBroker::token_on(&page.answer.text())
    }

    /// `account add` with `pasted` on its standard input.
    #[track_caller]
    fn paste(&self, provider: &str, pasted: &str) -> Ran {
        let mut program = self.rig.convoke().start(&["account", "add", provider, "--no-browser"]);
        let line = program.wait_line("the address to open", |line| line.starts_with('{'));
        let said: Value = serde_json::from_str(&line).expect("a line of JSON");
        assert_eq!(said, json!({"authorize_url": self.page_of(provider)}));
        program.write(pasted.as_bytes());
        program.close_stdin();
        finish(&mut program)
    }

    #[track_caller]
    fn sign_in(&self, provider: &str) -> (Value, String, Ran) {
        let token = self.copied(provider);
        let ran = self.paste(provider, &format!("\n  {token} \r\n")).expect(0);
        let account = serde_json::from_str(ran.stdout.lines().nth(1).expect("a second line")).expect("JSON");
        (account, token, ran)
    }

    /// The refresh tokens that the keyring holds.
    fn kept(&self) -> Vec<String> {
        let credentials = self.rig.session.keyring().credentials();
        let mains = credentials.iter().filter(|credential| credential["kind"] == "oauth");
        mains.map(|main| text(main, "refresh").to_owned()).collect()
    }
}

#[test]
fn zoom_and_webex_from_the_pasted_token_to_a_meeting() {
    let old = Old::start();
    for provider in ["zoom", "webex"] {
        let (account, token, added) = old.sign_in(provider);
        let id = text(&account, "id");
        assert_eq!((text(&account, "provider"), text(&account, "health")), (provider, "ok"));
        assert!(text(&account, "identity").contains('@'), "{account}");
        let made = old.rig.run(&create(id, "Tea")).expect(0);
        let refreshed = old.rig.run(&["account", "refresh", id]).expect(0);
        let listed = old.rig.run(&["meeting", "list", "--account", id]).expect(0);
        assert_eq!(listed.json()[0]["subject"], "Tea");
        // Zoom gives a new refresh token each time, Webex none: there the pasted one stays.
        let kept = old.kept();
        assert_eq!(kept.len(), 1);
        assert_eq!(kept[0] == token, provider == "webex");

        let canary = Canary::default().secret("pasted", token.as_bytes()).secret("kept", kept[0].as_bytes());
        let removed = old.rig.run(&["account", "remove", id]).expect(0);
        assert_eq!(removed.json()["revocation"], if provider == "zoom" { "revoked" } else { "not_offered" });
        for ran in [&added, &made, &refreshed, &listed, &removed] {
            let found = canary.search("output", format!("{}\n{}", ran.stdout, ran.stderr).as_bytes());
            assert!(found.is_empty(), "{found:?}");
        }
        let found = canary.search_path(old.rig.convoke().home_path());
        assert!(found.is_empty(), "{found:?}");
        assert!(old.kept().is_empty());
    }
    let own = |line: &String| line.starts_with("GET /domino") && !line.contains("index.html");
    let asked: Vec<String> = old.broker.requests().into_iter().filter(own).collect();
    let refresh = |name: &str| format!("GET /domino{name}Refresh HTTP/1.1");
    let expected = [
        // The sign-in, the refresh that was asked for, and the one before the revocation.
        vec![refresh("Zoom"), refresh("Zoom"), refresh("Zoom"), "GET /dominoZoomRevoke HTTP/1.1".to_owned()],
        vec![refresh("Webex"), refresh("Webex")],
    ];
    assert_eq!(asked, expected.concat(), "the token is in no address");
}

#[test]
fn an_outage_says_400_and_costs_no_sign_in() {
    let old = Old::start();
    let (account, ..) = old.sign_in("zoom");
    let id = text(&account, "id");
    for fault in ["status:503", "status:429", "status:401", "html", "reset"] {
        let before = old.kept();
        old.rig.sandbox.fault(ZOOM_TOKEN, fault, 1, false);
        let refused = old.rig.run(&["account", "refresh", id]).expect(6);
        assert_eq!(error(&refused.json())["code"], "unavailable", "{fault}");
        assert_eq!(old.kept(), before, "{fault}");
        let listed = old.rig.json(&["account", "list"]);
        assert_eq!((text(&listed[0], "id"), text(&listed[0], "health")), (id, "unreachable"), "{fault}");
        old.rig.run(&["account", "refresh", id]).expect(0);
    }
}

#[test]
fn a_token_that_the_provider_ended_asks_for_a_sign_in() {
    let old = Old::start();
    let (account, ..) = old.sign_in("zoom");
    let id = text(&account, "id");
    old.rig.meeting(id, "Tea");
    let revoke = format!("{}/zoom/oauth/revoke", old.rig.sandbox.url());
    assert_eq!(post_as_client(&revoke, &[("token", &old.kept()[0])]).status, 200);
    let before = old.rig.kept();
    let refused = old.rig.run(&["account", "refresh", id]).expect(3);
    assert_eq!(error(&refused.json())["code"], "sign_in_required");
    assert_eq!(text(&old.rig.json(&["account", "list"])[0], "health"), "needs_sign_in");
    assert_eq!(old.rig.kept(), before, "the account, its meetings and the keyring's items stay");
    let (again, ..) = old.sign_in("zoom");
    assert_eq!(again["id"], account["id"]);
    assert_eq!(old.rig.json(&["meeting", "list"])[0]["subject"], "Tea");
}

#[test]
fn what_is_no_token_is_refused_and_nothing_is_kept() {
    let old = Old::start();
    let dead = old.copied("zoom");
    let revoke = format!("{}/zoom/oauth/revoke", old.rig.sandbox.url());
    assert_eq!(post_as_client(&revoke, &[("token", &dead)]).status, 200);
    let before = old.rig.kept();
    let long = "x".repeat(16 * 1024 + 1);
    for (pasted, problem) in [
        ("", "required"),
        ("RETRIEVING REFRESH TOKEN FAILED\n", "not_a_token"),
        (long.as_str(), "too_long"),
        (dead.as_str(), "dead_token"),
        ("no-such-token", "dead_token"),
    ] {
        let refused = old.paste("zoom", pasted).expect(2);
        let said: Value = serde_json::from_str(refused.stdout.lines().nth(1).expect("a second line")).expect("JSON");
        let fields = &error(&said)["fields"];
        assert_eq!((&fields[0]["field"], &fields[0]["problem"]), (&json!("token"), &json!(problem)), "{fields}");
        assert!(!refused.stderr.contains(pasted) || pasted.is_empty(), "{problem}");
    }
    old.rig.sandbox.fault(ZOOM_TOKEN, "status:503", 1, false);
    old.paste("zoom", &old.copied("webex")).expect(6);
    // The tokens that the browser got are the sandbox's matter.
    let after = old.rig.kept();
    assert_eq!((after.rows, after.items), (before.rows, before.items));
}

#[test]
fn every_provider_is_offered_since_it_cannot_say() {
    let old = Old::start();
    let providers = old.rig.json(&["provider", "list"]);
    for provider in providers.as_array().expect("a list").iter().filter(|one| one["provider"] != "sametime") {
        assert_eq!((&provider["sign_in"], &provider["available"]), (&json!("token"), &json!(true)), "{provider}");
        let revokes = provider["provider"] == "zoom";
        assert_eq!(provider["capabilities"]["revokes"], json!(revokes), "{provider}");
    }
}

/// The old broker of these tests says what its source says.
#[test]
fn the_old_broker_speaks_as_its_source_does() {
    let old = Old::start();
    let ask = |path: &str, headers: &[(&str, &str)]| {
        let url = format!("{}{path}", old.broker.url()).parse().expect("an address");
        http::request("GET", &url, headers, b"").expect("an answer")
    };
    for headers in [vec![], vec![("Authorization", "bearer x")], vec![("Authorization", "Basic x")]] {
        let refused = ask("/dominoZoomRefresh", &headers);
        assert_eq!(refused.head.first_line, "HTTP/1.1 400 Bearer Authentication missing");
        assert_eq!(
            (refused.text().as_str(), refused.header("content-type")),
            ("Bearer Authentication missing", Some("application/json"))
        );
        assert!(refused.header("convoke-broker").is_none());
    }
    let dead = ask("/dominoZoomRefresh", &[("Authorization", "Bearer dead")]);
    assert_eq!((dead.status, dead.text().as_str()), (400, "invalid_grant"));
    let start = ask("/dominoZoom/index.html", &[]);
    let location = start.header("location").expect("a redirect");
    assert!(start.status == 302 && location.contains("state=%2FdominoZoom%2Findex.html"), "{location}");
    assert_eq!(ask("/?state=elsewhere", &[]).status, 400);
    assert_eq!(ask("/zoomCallback", &[]).status, 400);
}
