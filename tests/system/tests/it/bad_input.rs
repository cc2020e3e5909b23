//! Bad input at every edge: a clear line, the promised exit code, and nothing half-saved.

use convoke_harness::{Convoke, Ran};
use serde_json::Value;

use crate::rig::{PASSWORD, Rig, START, create, error, text};

/// One line, for a person; nothing on standard output.
#[track_caller]
pub fn one_line(ran: &Ran) {
    assert!(ran.stdout.is_empty(), "{ran:?}");
    assert_eq!(ran.stderr.lines().count(), 1, "{ran:?}");
    assert!(ran.stderr.starts_with("convoke: ") && ran.stderr.ends_with('\n'), "{ran:?}");
    for inner in ["Error {", "ErrorCode", "Some(", "panicked", "InvalidInput"] {
        assert!(!ran.stderr.contains(inner), "{ran:?}");
    }
}

/// Runs the words with and without `--json`: both end with `exit`, in the forms that are promised. Answers the error.
#[track_caller]
pub fn refused<'a>(make: impl Fn() -> Convoke<'a>, words: &[&str], input: &[u8], exit: i32) -> Value {
    one_line(&make().json(false).run_with_input(words, input).expect(exit));
    let ran = make().run_with_input(words, input).expect(exit);
    assert_eq!(ran.stdout.lines().count(), 1, "{ran:?}");
    assert!(ran.stderr.is_empty(), "{ran:?}");
    error(&ran.json()).clone()
}

/// The same with the profile that the rig has.
#[track_caller]
pub fn refuses(rig: &Rig, words: &[&str], exit: i32) -> Value {
    refused(|| rig.convoke(), words, b"", exit)
}

#[track_caller]
fn fields(error: &Value) -> Vec<(&str, &str)> {
    assert_eq!(error["code"], "invalid_input", "{error}");
    let fields = error["fields"].as_array().expect("fields");
    fields.iter().map(|issue| (text(issue, "field"), text(issue, "problem"))).collect()
}

/// Words of a create or an update, and the fields that are wrong with their problems.
type Case<'a> = (&'a [&'a str], &'a [(&'a str, &'a str)]);

#[test]
fn a_meeting_that_cannot_be() {
    let rig = Rig::start();
    let account = rig.sign_in("zoom");
    let id = text(&account, "id");
    let meeting = rig.meeting(id, "Tea");
    let meeting = text(&meeting, "id");
    let (before, calls) = (rig.kept(), rig.sandbox.calls());
    let too_long = "x".repeat(201);
    let cases: [Case; 13] = [
        (&["--start", "2020-03-14T09:30", "--zone", "Europe/Zurich"], &[("start", "in_the_past")]),
        (&["--start", START, "--end", "2031-03-14T09:00", "--zone", "Europe/Zurich"], &[("end", "end_before_start")]),
        (&["--start", START, "--end", START, "--zone", "Europe/Zurich"], &[("end", "end_before_start")]),
        (&["--start", START, "--duration", "0m"], &[("duration", "end_before_start")]),
        (&["--start", START, "--duration", "soon"], &[("duration", "refused")]),
        (&["--start", START, "--zone", "Mars/Olympus"], &[("zone", "unknown_zone")]),
        (&["--start", "tomorrow", "--zone", "Europe/Zurich"], &[("start", "not_a_time")]),
        // The clocks of Zürich go from 02:00 to 03:00 and from 03:00 to 02:00.
        (&["--start", "2031-03-30T02:30", "--zone", "Europe/Zurich"], &[("start", "skipped_by_clock_change")]),
        (&["--start", "2031-10-26T02:30", "--zone", "Europe/Zurich"], &[("start", "happens_twice")]),
        (&["--start", START, "--invite", "ben"], &[("invitees", "not_an_address")]),
        (&["--start", START, "--subject", ""], &[("subject", "required")]),
        (&["--start", START, "--subject", &too_long], &[("subject", "too_long")]),
        (
            &["--start", "2020-03-14T09:30", "--invite", "ben", "--subject", " "],
            &[("subject", "required"), ("start", "in_the_past"), ("invitees", "not_an_address")],
        ),
    ];
    for (words, expected) in cases {
        let given = |flag: &str| words.contains(&flag);
        let subject: &[&str] = if given("--subject") { &[] } else { &["--subject", "Bad"] };
        let length: &[&str] = if given("--end") || given("--duration") { &[] } else { &["--duration", "45m"] };
        let create = [&["meeting", "create", "--account", id], subject, words, length].concat();
        let error = refuses(&rig, &create, 2);
        assert_eq!(fields(&error), expected, "{create:?}");
        let update = [&["meeting", "update", meeting], subject, words, length].concat();
        assert_eq!(fields(&refuses(&rig, &update, 2)), expected, "{update:?}");
    }
    assert_eq!(rig.kept(), before);
    assert_eq!(rig.sandbox.calls(), calls, "nothing was sent");

    // Said which of the two, the doubled hour is a time like others.
    for (which, start) in [("--earlier", "2031-10-26T02:30:00+02:00"), ("--later", "2031-10-26T02:30:00+01:00")] {
        let words = [
            "meeting",
            "create",
            "--account",
            id,
            "--subject",
            "Tea",
            "--duration",
            "45m",
            "--start",
            "2031-10-26T02:30",
            "--zone",
            "Europe/Zurich",
            which,
        ];
        assert_eq!(rig.json(&words)["start"], start);
    }
}

#[test]
fn words_that_name_nothing() {
    let rig = Rig::start();
    let before = rig.kept();
    let meeting = ["meeting", "create", "--subject", "Tea", "--start", START, "--duration", "45m"];
    assert_eq!(fields(&refuses(&rig, &meeting, 2)), [("account", "required")], "there is no account");
    for words in
        [["account", "refresh", "zoom-nobody"], ["account", "remove", "zoom-nobody"], ["account", "refresh", "../x"]]
    {
        assert_eq!(fields(&refuses(&rig, &words, 2)), [("account", "unknown")], "{words:?}");
    }
    assert_eq!(fields(&refuses(&rig, &create("zoom-nobody", "Tea"), 2)), [("account", "unknown")]);
    for act in ["show", "delete", "join", "invitation"] {
        assert_eq!(refuses(&rig, &["meeting", act, "nothing"], 4)["code"], "not_found", "{act}");
    }
    for (words, field, problem) in [
        (&["account", "add", "skype"][..], "provider", "unknown"),
        (&["account", "add", "sametime"], "username", "required"),
        (&["account", "add", "zoom", "--label", ""], "label", "required"),
        (&["meeting", "list", "--from", "soon"], "from", "not_a_time"),
        (&[meeting.as_slice(), &["--option", "a"]].concat(), "option", "refused"),
    ] {
        assert_eq!(fields(&refuses(&rig, words, 2)), [(field, problem)], "{words:?}");
    }
    // clap's own complaints: one JSON value as well.
    for words in [&["meeting", "create", "--colour", "red"][..], &["fly"], &["account", "refresh", "x", "--all"]] {
        let ran = rig.run(words).expect(2);
        assert_eq!(fields(error(&ran.json())), [("arguments", "refused")], "{words:?}");
        assert!(ran.stderr.is_empty(), "{ran:?}");
    }
    assert_eq!(rig.kept(), before);
    assert!(rig.sandbox.calls().is_empty(), "{:?}", rig.sandbox.calls());
}

#[test]
fn a_wrong_password_keeps_nothing() {
    let rig = Rig::start();
    let before = rig.kept();
    let words = ["account", "add", "sametime", "--username", "ana", "--password-stdin"];
    for wrong in ["letmein-please", "SANDBOX-PASSWORD", "sandbox-password "] {
        let error = refused(|| rig.convoke(), &words, wrong.as_bytes(), 2);
        assert_eq!(fields(&error), [("password", "wrong_password")]);
        assert!(!error.to_string().contains(wrong));
    }
    assert_eq!(fields(&refused(|| rig.convoke(), &words, b"\n", 2)), [("password", "required")]);
    for (server, problem) in [
        ("http://sametime.example", "not_a_web_address"),
        ("https://u:p@127.0.0.1/", "not_a_web_address"),
        ("not an address", "not_a_web_address"),
    ] {
        let words = [&words[..], &["--server", server]].concat();
        let error = refused(|| rig.convoke(), &words, PASSWORD.as_bytes(), 2);
        assert_eq!(fields(&error), [("server", problem)], "{server}");
    }
    assert_eq!(rig.kept(), before);
    // The same words with the right one, and a line end after it.
    let _ = rig.convoke().run_with_input(&words, format!("{PASSWORD}\r\n").as_bytes()).expect(0);
}

#[test]
fn a_damaged_profile() {
    let rig = Rig::start();
    let good = rig.described().text();
    let without_broker = "name = \"No broker\"\n";
    for (text, field) in [
        ("name = ", "profile"),
        ("[broker]\nurl = 7\n", "profile"),
        ("[broker]\nurl = \"http://broker.example\"\n", "broker.url"),
        (&good.replace("http://", "ftp://"), "broker.url"),
        (&good.replace("dialect = \"convoke\"", "dialect = \"other\""), "broker.dialect"),
    ] {
        let file = rig.write_profile("damaged.toml", text);
        let damaged = || Convoke::new(&rig.session, &file);
        for words in [&["account", "list"][..], &["account", "add", "zoom", "--no-browser"], &["demo"]] {
            let error = refused(damaged, words, b"", 2);
            assert_eq!(error["fields"][0]["field"], field, "{text}");
        }
    }
    let missing = rig.session.dir().path().join("nowhere.toml");
    let error = refused(|| Convoke::new(&rig.session, &missing), &["account", "list"], b"", 2);
    assert_eq!(error["fields"][0]["field"], "profile");
    let file = rig.write_profile("no-broker.toml", without_broker);
    let error = refused(|| Convoke::new(&rig.session, &file), &["account", "add", "zoom"], b"", 2);
    assert_eq!(error["code"], "no_broker");
    assert!(rig.sandbox.calls().is_empty());
}
