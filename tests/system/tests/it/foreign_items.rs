//! What others, or a damage, put into the keyring in the place of an account's items: an error with a name, not one byte of it in any
//! output, nothing deleted, and the access token's item can be spared.

use std::collections::HashMap;

use convoke_harness::SecretService;
use convoke_harness::canary::Canary;

use crate::rig::{error, text};
use crate::ways::Ways;

/// Stands in everything that is put there, and may stand nowhere else.
const BAIT: &str = "bait-7Qx2mVb9kLw4";

fn put(keyring: &SecretService, user: &str, secret: &[u8]) {
    keyring.put("Convoke", &HashMap::from([("service", "Convoke"), ("username", user)]), secret);
}

/// The item as it is, from which the damage is made.
fn item(keyring: &SecretService, user: &str) -> Vec<u8> {
    let found = keyring.items().into_iter().find(|(names, _)| names["username"] == user);
    found.unwrap_or_else(|| panic!("no item {user}")).1
}

fn damages(good: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let line = good.iter().position(|byte| *byte == b'\n').expect("a head's line");
    let (head, rest) = (String::from_utf8_lossy(&good[..line]).into_owned(), &good[line..]);
    let words: Vec<&str> = head.split(' ').collect();
    let with = |at: usize, word: &str| {
        let mut words = words.clone();
        words[at] = word;
        [words.join(" ").as_bytes(), rest, BAIT.as_bytes()].concat()
    };
    let bait = |before: &[u8], after: &[u8]| [before, BAIT.as_bytes(), after].concat();
    vec![
        ("nothing", Vec::new()),
        ("garbage", bait(b"", b"")),
        ("invalid UTF-8", bait(b"\xFF\xFE\xC3\x28", b"\xED\xA0\x80")),
        ("NUL", bait(b"\0", b"\0")),
        ("another format's version", with(1, "9")),
        ("another item's version", bait(b"{\"v\":9,\"kind\":\"oauth\",\"refresh\":\"", b"\"}")),
        ("another kind", bait(b"{\"v\":1,\"kind\":\"other\",\"refresh\":\"", b"\"}")),
        ("half of a JSON text", bait(b"{\"v\":1,\"kind\":\"oauth\",\"refresh\":\"", b"")),
        ("deep JSON", bait(&b"[".repeat(2_000), b"")),
        ("more parts than there are", with(3, "7")),
        ("more parts than can be", with(3, "99999999999999999999")),
        ("another length", with(4, "1")),
        ("a cut text", [&good[..good.len() / 2], BAIT.as_bytes()].concat()),
    ]
}

#[test]
fn are_named_and_left_alone() {
    let ways = Ways::start();
    let id = ways.sign_in("zoom");
    let keyring = ways.keyring();
    let (main, access) = (format!("account/{id}"), format!("access/{id}"));
    let mut steward = ways.steward();
    let canary = Canary::default().secret("what was put there", BAIT.as_bytes());
    let (mut said, mut cases) = (Vec::new(), 0);
    // The account's own item: without it there is no sign-in to go on with.
    let good = item(keyring, &main);
    for (name, damage) in damages(&good) {
        put(keyring, &main, &damage);
        let before = keyring.items();
        let ran = ways.rig.convoke().env("RUST_LOG", "trace").run(&["account", "refresh", &id]).expect(10);
        assert_eq!(error(&ran.json())["code"], "keyring_failed", "{name}");
        assert!(text(error(&ran.json()), "message").contains("damaged"), "{name}: {ran:?}");
        assert_eq!(steward.ask(&format!("use {id}")), "keyring_failed", "{name}");
        steward.ask("tend");
        assert!(keyring.items() == before, "{name}: nothing was deleted or changed");
        said.push((name, ran.stdout + &ran.stderr));
        cases += 1;
        put(keyring, &main, &good);
        assert_eq!(steward.ask(&format!("use {id}")), "done", "{name}: put right again");
    }
    // The access token's: it costs one renewal.
    for (name, damage) in damages(&item(keyring, &access)) {
        put(keyring, &access, &damage);
        let ran = ways.rig.convoke().env("RUST_LOG", "trace").run(&["meeting", "list"]).expect(0);
        assert_eq!(steward.ask(&format!("use {id}")), "done", "{name}");
        said.push((name, ran.stdout + &ran.stderr));
        cases += 1;
    }
    // A second item that answers to the same names: which one is ours cannot be told.
    let twin = HashMap::from([("service", "Convoke"), ("username", main.as_str()), ("copied-by", "another program")]);
    keyring.put("Convoke", &twin, BAIT.as_bytes());
    let before = keyring.items();
    let ran = ways.rig.convoke().env("RUST_LOG", "trace").run(&["account", "refresh", &id]).expect(10);
    assert_eq!(error(&ran.json())["code"], "keyring_failed");
    assert!(text(error(&ran.json()), "message").contains("ambiguous"), "{ran:?}");
    assert_eq!(steward.ask(&format!("use {id}")), "keyring_failed");
    steward.ask("tend");
    assert!(keyring.items() == before, "neither was deleted");
    said.push(("a twin", ran.stdout + &ran.stderr));
    assert_eq!(keyring.remove(&HashMap::from([("copied-by", "another program")])), 1);
    assert_eq!(steward.ask(&format!("use {id}")), "done");
    assert_eq!(steward.ask(&format!("refresh {id}")), "done");

    said.push(("the steward", steward.said()));
    steward.kill();
    let hits: Vec<_> = said.iter().flat_map(|(name, text)| canary.search(name, text.as_bytes())).collect();
    let panics = said.iter().filter(|(_, text)| text.contains("panicked")).count();
    println!("F16: {} foreign items, canary hits {}, panics {panics}, 0 deletions", cases + 1, hits.len());
    assert!(hits.is_empty() && panics == 0, "{hits:?}");
    assert!(canary.search_path(ways.rig.convoke().home_path()).is_empty());
}
