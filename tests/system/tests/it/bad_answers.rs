//! Answers that are none, and a register that is none: said as what they are, and nothing half-saved.

use convoke_harness::Browser;
use serde_json::{Value, json};

use crate::bad_input::{one_line, refuses};
use crate::rig::{Adding, Rig, create, error, text};

const LIST: &str = "GET /zoom/v2/users/me/meetings";
const CREATE: &str = "POST /zoom/v2/users/me/meetings";

/// Answers that are none: the list fails as a whole, and says so.
#[test]
fn a_list_that_is_no_list() {
    let rig = Rig::start();
    let account = rig.sign_in("zoom");
    let id = text(&account, "id");
    let meeting = rig.meeting(id, "Tea");
    let before = rig.kept();
    let wrong_shape = |status: u16, body: Value| json!({"route": LIST, "fault": format!("status:{status}"), "times": 9, "body": body});
    let faults = [
        (json!({"route": LIST, "fault": "huge", "times": 9}), 6),
        (json!({"route": LIST, "fault": "html", "times": 9}), 9),
        (json!({"route": LIST, "fault": "truncate", "times": 9}), 9),
        (json!({"route": LIST, "fault": "reset", "times": 9}), 9),
        (json!({"route": LIST, "fault": "redirect", "times": 9}), 9),
        (json!({"route": LIST, "fault": "status:503", "times": 9}), 6),
        (json!({"route": LIST, "fault": "status:429", "times": 9}), 6),
        (json!({"route": LIST, "fault": "status:403", "times": 9}), 8),
        (wrong_shape(200, json!({"meetings": {"id": 1}})), 6),
        (wrong_shape(200, json!([])), 6),
        (wrong_shape(200, json!({"meetings": [{"id": [], "topic": "x"}]})), 6),
        (wrong_shape(200, json!({"meetings": [{"id": 5, "topic": "x", "start_time": "soon", "duration": 5}]})), 6),
        (wrong_shape(200, json!({"meetings": [], "next_page_token": 7})), 6),
        (wrong_shape(200, json!({"meetings": [{"id": 5, "join_url": "javascript:alert(1)"}]})), 6),
    ];
    for (fault, exit) in faults {
        let url = format!("{}/_sandbox/faults", rig.sandbox.url());
        let planted = convoke_harness::http::post_json(&url, &fault);
        assert_eq!(planted.status, 200, "{}", planted.text());
        let ran = rig.run(&["meeting", "list"]);
        assert_eq!(ran.status, exit, "{fault}: {ran:?}");
        assert_eq!(ran.json(), json!([]), "what is of an earlier time is no list: {fault}");
        assert_eq!(ran.stderr.lines().count(), 1, "{fault}: {ran:?}");
        assert!(ran.stderr.starts_with(&format!("convoke: {id}: ")), "{fault}: {ran:?}");
        let ran = rig.convoke().json(false).run(&["meeting", "list"]);
        assert_eq!(ran.status, exit, "{fault}: {ran:?}");
        one_line(&ran);
        rig.sandbox.clear_faults();
    }
    assert_eq!(rig.kept(), before);
    assert_eq!(rig.json(&["meeting", "list"])[0]["id"], meeting["id"]);
}

/// A meeting that may have been made is looked for: it is there once, whatever became of the answer.
#[test]
fn a_create_whose_answer_is_lost() {
    let rig = Rig::start();
    let account = rig.sign_in("zoom");
    let id = text(&account, "id");
    // Acted, and then the answer was lost; or lost before it arrived, which nobody can tell.
    let faults =
        [("reset", true), ("truncate", true), ("huge", true), ("html", true), ("html", false), ("status:502", false)];
    for (count, (fault, after)) in faults.into_iter().enumerate() {
        rig.sandbox.fault(CREATE, fault, 1, after);
        let made = rig.run(&create(id, fault)).expect(0).json();
        assert_eq!(made["subject"], fault, "{made}");
        assert!(made["passcode"].is_string(), "found and read as a whole: {made}");
        assert_eq!(rig.sandbox.meetings("zoom").len(), count + 1, "{fault}");
        assert_eq!(rig.json(&["meeting", "list"]).as_array().map(Vec::len), Some(count + 1), "{fault}");
    }
    // Where looking fails too, nobody knows; the next list settles it.
    rig.sandbox.fault(CREATE, "reset", 1, true);
    rig.sandbox.fault(LIST, "status:503", 9, false);
    let ran = rig.run(&create(id, "unknown")).expect(6);
    assert_eq!(error(&ran.json())["code"], "outcome_unknown");
    assert!(text(error(&ran.json()), "message").contains("may have been created"), "{ran:?}");
    let pending = rig.run(&["meeting", "list"]);
    assert!(pending.stderr.contains("may have been created, checking"), "{pending:?}");
    rig.sandbox.clear_faults();
    assert_eq!(rig.json(&["meeting", "list"]).as_array().map(Vec::len), Some(faults.len() + 1));
    assert_eq!(rig.sandbox.meetings("zoom").len(), faults.len() + 1);
    // Refused before it arrived, or lost twice without a trace, it was not made.
    rig.sandbox.fault(CREATE, "status:503", 1, false);
    assert_eq!(error(&rig.run(&create(id, "none")).expect(6).json())["code"], "unavailable");
    rig.sandbox.fault(CREATE, "status:502", 2, false);
    assert_eq!(error(&rig.run(&create(id, "none")).expect(6).json())["code"], "unavailable");
    rig.sandbox.fault(CREATE, "status:400", 1, false);
    assert_eq!(error(&rig.run(&create(id, "none")).expect(5).json())["code"], "rejected");
    assert_eq!(rig.sandbox.meetings("zoom").len(), faults.len() + 1);
    assert_eq!(rig.run(&["meeting", "list"]).expect(0).stderr, "", "nothing is open");
}

/// A change or a cancellation that fails leaves the register as it was; a network's page is no success.
#[test]
fn a_change_that_fails_is_not_saved() {
    let rig = Rig::start();
    for (provider, path) in [("zoom", "/zoom/v2/meetings/{id}"), ("teams", "/graph/v1.0/me/onlineMeetings/{id}")] {
        let account = rig.sign_in(provider);
        let meeting = rig.meeting(text(&account, "id"), "Tea");
        let meeting = text(&meeting, "id");
        let before = rig.kept();
        let update: &[&str] = &["meeting", "update", meeting, "--subject", "Coffee"];
        let delete: &[&str] = &["meeting", "delete", meeting];
        for (route, words) in [(format!("PATCH {path}"), update), (format!("DELETE {path}"), delete)] {
            for (fault, exit) in [
                ("html", 9),
                ("reset", 9),
                ("huge", 6),
                ("status:502", 6),
                ("status:403", 8),
                ("status:409", 7),
                ("status:407", 9),
            ] {
                rig.sandbox.fault(&route, fault, 2, false);
                refuses(&rig, words, exit);
                rig.sandbox.clear_faults();
                assert_eq!(rig.kept(), before, "{route} {fault}");
            }
        }
    }
}

#[test]
fn a_register_that_is_none() {
    let rig = Rig::start();
    let home = rig.session.dir().folder("damaged");
    let register = home.join("register.sqlite");
    let damaged = b"this is no database, and it is long enough to be taken for one: ".repeat(20);
    std::fs::write(&register, &damaged).expect("a file");
    for words in [&["account", "list"][..], &["account", "add", "zoom", "--no-browser"], &["meeting", "list"]] {
        let ran = rig.convoke().home(&home).json(false).run(words).expect(1);
        one_line(&ran);
        assert!(ran.stderr.contains("register"), "{ran:?}");
        let ran = rig.convoke().home(&home).run(words).expect(1);
        assert_eq!(error(&ran.json())["code"], "storage");
    }

    assert_eq!(
        std::fs::read(&register).expect("it is still there"),
        damaged,
        "it is left as it is, for whoever can mend it"
    );
    assert!(rig.session.keyring().items().is_empty() && rig.sandbox.calls().is_empty());
}

/// A sign-in that breaks after the person said yes: the browser is told, and no part of it stays.
#[test]
fn a_sign_in_that_breaks_half_way() {
    let rig = Rig::start();
    for (route, fault, exits) in [
        ("POST /zoom/oauth/token", "html", [6, 9]),
        ("POST /zoom/oauth/token", "truncate", [6, 9]),
        ("POST /zoom/oauth/token", "status:503", [6, 9]),
        ("POST /zoom/oauth/token", "reset", [6, 9]),
        ("GET /zoom/v2/users/me", "html", [9, 9]),
        ("GET /zoom/v2/users/me", "huge", [6, 6]),
        ("GET /zoom/v2/users/me", "reset", [9, 9]),
        ("GET /zoom/v2/users/me", "status:403", [8, 8]),
        ("GET /zoom/v2/users/me", "status:200", [6, 6]),
    ] {
        // A read that is cut off is asked again: it breaks every time.
        rig.sandbox.fault(route, fault, 9, false);
        let mut adding = Adding::start(&rig.convoke(), "zoom");
        let page = Browser::default().open(&adding.authorize_url);
        assert!(!page.answer.text().contains("You are signed in"), "{route} {fault}");
        let added = adding.end();
        assert!(exits.contains(&added.0.status), "{route} {fault}: {:?}", added.0);
        error(&added.second());
        let kept = rig.kept();
        assert_eq!((kept.rows, kept.items), (Vec::new(), Vec::new()), "{route} {fault}");
        rig.sandbox.clear_faults();
    }
    rig.sign_in("zoom");
}
