//! Answers that somebody made up: a network's sign-in pages, and JSON that is meant to break its reader, with and without the header by
//! which the broker's word is known. Each is an error with a name, nothing panics, and the credential is kept.

use convoke_harness::Fault;
use serde_json::json;

use crate::rig::{error, text};
use crate::ways::Ways;

const REFRESH: &str = "/v1/refresh/";

#[test]
fn a_networks_sign_in_page_is_passing_trouble_with_a_hint() {
    let ways = Ways::start();
    let id = ways.sign_in("zoom");
    ways.rig.meeting(&id, "Tea");
    let json = |body: &'static str| Fault::Answer { status: 200, content_type: "application/json", body };
    let portals = [
        ("200 HTML", Fault::html()),
        ("302", Fault::Redirect { status: 302, location: "http://portal.invalid/login".to_owned() }),
        ("511", Fault::page(511)),
        (
            "a page that looks like JSON",
            json("{\"access_token\":\"welcome\",\"token_type\":\"Bearer\",\"expires_in\":9}"),
        ),
        ("403 HTML", Fault::page(403)),
        ("truncated JSON", json("{\"access_token\":\"eyJ")),
    ];
    let (all, mut kept) = (portals.len(), 0);
    for (name, portal) in portals {
        let items = ways.keyring().items();
        // The same on the way to the broker and on the way to the provider.
        ways.to_broker.plant(REFRESH, portal.clone(), 1);
        let ran = ways.rig.run(&["account", "refresh", &id]).expect(9);
        assert_eq!(error(&ran.json())["code"], "intercepted", "{name}: {ran:?}");
        assert!(text(error(&ran.json()), "message").contains("Sign in to the network"), "{name}: {ran:?}");
        assert!(ways.keyring().items() == items, "{name}");
        if name != "a page that looks like JSON" && name != "truncated JSON" {
            ways.to_providers.plant("/zoom/v2/", portal, 9);
            let list = ways.rig.run(&["meeting", "list"]).expect(9);
            assert!(list.stderr.contains("Sign in to the network"), "{name}: {list:?}");
            ways.to_providers.clear();
        }
        let again = ways.rig.run(&["account", "refresh", &id]);
        kept += usize::from(again.status == 0 && again.json()["health"] == "ok");
    }
    println!("F19: {kept} of {all} kept, each with the hint");
    assert_eq!(kept, all);
}

/// Bodies that are meant to break their reader.
fn corpus() -> Vec<(&'static str, Vec<u8>)> {
    let text = |text: &str| text.as_bytes().to_vec();
    let token =
        |token: &str| text(&format!("{{\"access_token\":{token},\"token_type\":\"Bearer\",\"expires_in\":3600}}"));
    let life =
        |life: &str| text(&format!("{{\"access_token\":\"a\",\"token_type\":\"Bearer\",\"expires_in\":{life}}}"));
    let deep = |open: &str, close: &str| text(&(open.repeat(10_000) + "1" + &close.repeat(10_000)));
    vec![
        ("nothing", Vec::new()),
        ("one NUL", vec![0]),
        ("invalid UTF-8", b"{\"access_token\":\"\xFF\xFE\",\"token_type\":\"Bearer\",\"expires_in\":1}".to_vec()),
        ("an overlong form", b"{\"access_token\":\"\xC0\xAF\",\"token_type\":\"Bearer\",\"expires_in\":1}".to_vec()),
        ("UTF-16", "{\"error\":\"invalid_grant\"}".encode_utf16().flat_map(u16::to_le_bytes).collect()),
        (
            "a byte order mark",
            b"\xEF\xBB\xBF{\"error\":\"invalid_grant\",\"error_description\":\"x\",\"retryable\":false}".to_vec(),
        ),
        ("10,000 arrays", deep("[", "]")),
        ("10,000 objects", deep("{\"a\":", "}")),
        ("10,000 arrays in a field", [&b"{\"access_token\":"[..], &deep("[", "]"), b"}"].concat()),
        ("an endless opening", text(&"[".repeat(60_000))),
        (
            "a token twice",
            text("{\"access_token\":\"a\",\"access_token\":\"b\",\"token_type\":\"Bearer\",\"expires_in\":1}"),
        ),
        (
            "an error twice",
            text("{\"error\":\"x\",\"error\":\"invalid_grant\",\"error_description\":\"x\",\"retryable\":false}"),
        ),
        ("1e400 seconds", life("1e400")),
        ("-1 seconds", life("-1")),
        ("1.5 seconds", life("1.5")),
        ("2^64 seconds", life("18446744073709551616")),
        ("a life of text", life("\"soon\"")),
        ("no number", life("NaN")),
        ("a lone surrogate", token("\"\\ud800\"")),
        ("surrogates the wrong way round", token("\"\\udc00\\ud800\"")),
        ("NUL in a token", token("\"a\\u0000b\"")),
        ("a line's end in a token", token("\"a\\r\\nX-Injected: 1\"")),
        ("a token of no length", token("\"\"")),
        ("a token that is none", token("null")),
        ("a token of 17,000", token(&format!("\"{}\"", "a".repeat(17_000)))),
        ("a token of emoji", token("\"\\ud83d\\ude00\"")),
        ("two texts", text("{}{}")),
        ("a comment", text("/* */{\"error\":\"invalid_grant\"}")),
        ("a word", text("true")),
        (
            "an error that is an object",
            text("{\"error\":{\"code\":\"invalid_grant\"},\"error_description\":\"x\",\"retryable\":false}"),
        ),
        (
            "an error that may pass",
            text("{\"error\":\"invalid_grant\",\"error_description\":\"x\",\"retryable\":\"false\"}"),
        ),
    ]
}

#[test]
fn json_that_is_meant_to_break_its_reader() {
    let ways = Ways::start();
    let id = ways.sign_in("zoom");
    let mut steward = ways.steward();
    let (items, token, mut cases) = (ways.keyring().items(), ways.refresh_token(), 0);
    let upstream = ways.renewals();
    for (name, body) in corpus() {
        for status in [200, 400, 401, 503] {
            for (by, fault) in [
                ("the broker", Fault::as_broker(status, body.clone())),
                ("somebody", Fault::json(status, body.clone())),
            ] {
                ways.to_broker.plant(REFRESH, fault, 1);
                let code = steward.ask(&format!("refresh {id}"));
                let known = ["bad_answer", "intercepted", "unavailable"].contains(&code.as_str());
                assert!(known, "{name}, {status}, by {by}: {code}");
                cases += 1;
            }
        }
        assert!(ways.keyring().items() == items, "{name}");
    }
    // The word that ends a sign-in, word for word, by somebody who is not the broker.
    let dead = r#"{"error":"invalid_grant","error_description":"x","retryable":false}"#;
    for status in [400, 401] {
        ways.to_broker.plant(REFRESH, Fault::json(status, dead), 1);
        assert_eq!(steward.ask(&format!("refresh {id}")), "bad_answer", "{status}");
        cases += 1;
    }
    assert_eq!(ways.renewals(), upstream, "nothing came as far as the provider");
    assert_eq!(ways.to_broker.injected(), cases);
    // What can be believed is believed, whatever is beside it: lives beyond all bounds, and depths that nobody asked for.
    // The first ends what the others left open: with that open, a life of nothing would be an old copy, and be followed.
    for life in [u64::MAX, i64::MAX.unsigned_abs(), 1, 0] {
        let said = json!({
            "access_token": "a", "token_type": "Bearer", "expires_in": life, "refresh_token": token, "refresh_token_expires_in": life,
            "session_expires_in": life, "session_ends_in": life,
        });
        let deep = format!(",\"x\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000));
        let said = said.to_string().trim_end_matches('}').to_owned() + &deep;
        ways.to_broker.plant(REFRESH, Fault::as_broker(200, said), 1);
        assert_eq!(steward.ask(&format!("refresh {id}")), "done", "{life}");
        assert_eq!(ways.refresh_token(), token, "{life}");
        cases += 1;
    }
    assert_eq!(steward.ask(&format!("refresh {id}")), "done", "the real broker, once more");
    assert_eq!(steward.ask(&format!("use {id}")), "done");
    assert_ne!(ways.refresh_token(), token);
    let panics = steward.said().matches("panicked").count();
    steward.kill();
    println!("F26: {cases} hostile answers, 0 kept, {panics} panics, 0 sign-ins lost");
    assert_eq!(panics, 0);
}
