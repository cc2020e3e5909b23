//! Series at the command line: the wall time over a clock change at providers that have series, one link where they have not, several
//! meetings where a person wants them, and the refusal with its ways out before anything is sent.

use serde_json::{Value, json};

use crate::rig::{Rig, create, error, text};

/// A Monday; the clocks of Zurich change on 30 March 2031.
const START: &str = "2031-03-17T09:30";

fn words<'a>(account: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let mut words = vec!["meeting", "create", "--account", account, "--subject", "Weekly", "--start", START];
    words.extend(["--zone", "Europe/Zurich", "--duration", "45m"]);
    words.extend(more);
    words
}

/// The instants at which the provider itself says that the series takes place.
fn occurrences_at_zoom(rig: &Rig) -> Vec<String> {
    let meetings = rig.sandbox.meetings("zoom");
    let there = |one: &&Value| one["status"] != "deleted";
    let list = meetings[0]["occurrences"].as_array().expect("occurrences");
    list.iter().filter(there).map(|one| text(one, "start_time").to_owned()).collect()
}

#[test]
fn the_wall_time_stays_over_a_clock_change_at_zoom() {
    let rig = Rig::start();
    let account = rig.sign_in("zoom");
    let id = text(&account, "id");
    let made = rig.json(&words(id, &["--repeat", "FREQ=WEEKLY;BYDAY=MO;COUNT=4", "--except", "2031-03-24"]));
    assert_eq!(
        (&made["recurrence"], &made["exceptions"]),
        (&json!("FREQ=WEEKLY;BYDAY=MO;COUNT=4"), &json!(["2031-03-24T09:30"]))
    );
    assert_eq!((&made["series_form"], &made["start"]), (&json!("native"), &json!("2031-03-17T09:30:00+01:00")));
    // Half past nine is 08:30 in winter and 07:30 in summer.
    assert_eq!(occurrences_at_zoom(&rig), ["2031-03-17T08:30:00Z", "2031-03-31T07:30:00Z", "2031-04-07T07:30:00Z"]);

    let meeting = text(&made, "id");
    let listed = rig.json(&["meeting", "list"]);
    assert_eq!(
        (&listed[0]["start"], &listed[0]["recurrence"]),
        (&made["start"], &made["recurrence"]),
        "a list names one date"
    );
    assert_eq!(rig.json(&["meeting", "show", meeting])["exceptions"], made["exceptions"]);

    // A series that moves takes its exceptions along.
    let moved = rig.json(&["meeting", "update", meeting, "--start", "2031-03-17T11:00"]);
    assert_eq!((&moved["exceptions"], &moved["join_url"]), (&json!(["2031-03-24T11:00"]), &made["join_url"]));
    assert_eq!(occurrences_at_zoom(&rig), ["2031-03-17T10:00:00Z", "2031-03-31T09:00:00Z", "2031-04-07T09:00:00Z"]);
    let shorter = rig.json(&["meeting", "update", meeting, "--except", "2031-04-07"]);
    assert_eq!(shorter["exceptions"], json!(["2031-03-24T11:00", "2031-04-07T11:00"]));
    assert_eq!(occurrences_at_zoom(&rig).len(), 2);
    let single = rig.json(&["meeting", "update", meeting, "--repeat", ""]);
    assert_eq!((&single["recurrence"], &single["exceptions"]), (&json!(null), &json!([])));
    assert_eq!(rig.sandbox.meetings("zoom")[0]["type"], 2);
}

#[test]
fn a_date_that_could_not_be_left_out_at_once_is_left_out_later() {
    let rig = Rig::start();
    let account = rig.sign_in("zoom");
    rig.sandbox.fault("DELETE /zoom/v2/meetings/{id}", "status:503", 1, false);
    let repeat = ["--repeat", "FREQ=WEEKLY;BYDAY=MO;COUNT=4", "--except", "2031-03-24"];
    // The series stands: whoever is told otherwise makes a second one.
    rig.json(&words(text(&account, "id"), &repeat));
    assert_eq!((rig.sandbox.meetings("zoom").len(), occurrences_at_zoom(&rig).len()), (1, 4));
    rig.json(&["meeting", "list"]);
    assert_eq!((rig.sandbox.meetings("zoom").len(), occurrences_at_zoom(&rig).len()), (1, 3));
}

#[test]
fn the_wall_time_stays_over_a_clock_change_at_webex() {
    let rig = Rig::start();
    let account = rig.sign_in("webex");
    let id = text(&account, "id");
    let made = rig.json(&words(id, &["--repeat", "FREQ=WEEKLY;BYDAY=MO;COUNT=4", "--except", "2031-03-24"]));
    assert_eq!(made["exceptions"], json!(["2031-03-24T09:30"]));
    let starts = || {
        let meetings = rig.sandbox.meetings("webex");
        text(&meetings[0], "recurrence").to_owned()
    };
    assert!(starts().contains("FREQ=WEEKLY") && starts().contains("COUNT=4"), "{}", starts());
    let meeting = text(&made, "id");
    assert_eq!(rig.json(&["meeting", "show", meeting])["start"], "2031-03-17T09:30:00+01:00");
    // Webex brings cancelled dates back when a series moves: they are left out again.
    let deletes = || rig.sandbox.called("DELETE /webex/v1/meetings/{id}");
    assert_eq!(deletes(), 1);
    let moved = rig.json(&["meeting", "update", meeting, "--start", "2031-03-17T11:00"]);
    assert_eq!((&moved["exceptions"], &moved["join_url"]), (&json!(["2031-03-24T11:00"]), &made["join_url"]));
    assert_eq!(deletes(), 2);
    // A date more is one deletion more, and no change of the rest.
    let changes = rig.sandbox.called("PATCH /webex/v1/meetings/{id}");
    rig.json(&["meeting", "update", meeting, "--except", "2031-03-31"]);
    assert_eq!(rig.sandbox.called("PATCH /webex/v1/meetings/{id}"), changes);
    assert_eq!(deletes(), 4, "the one that is out already is asked for again, and is done");
}

#[test]
fn a_yearly_series_at_zoom_is_refused_with_its_ways_out_before_anything_is_sent() {
    let rig = Rig::start();
    let account = rig.sign_in("zoom");
    let id = text(&account, "id");
    let before = rig.sandbox.calls();
    let refused = rig.run(&words(id, &["--repeat", "FREQ=YEARLY;COUNT=3"])).expect(5).json();
    let said = error(&refused);
    assert_eq!((&said["code"], &said["fields"][0]["field"]), (&json!("rejected"), &json!("repeat")));
    assert_eq!(rig.sandbox.calls(), before, "nothing was sent");
    let kinds: Vec<&str> = said["alternatives"].as_array().expect("ways").iter().map(|way| text(way, "kind")).collect();
    assert_eq!(kinds, ["linked", "one_link"]);
    let told = rig.convoke().json(false).run(&words(id, &["--repeat", "FREQ=YEARLY;COUNT=3"])).expect(5);
    assert!(told.stderr.contains("--repeat 'FREQ=YEARLY;COUNT=3' --series linked"), "{told:?}");

    // Each way out is taken as it was offered.
    let linked = &said["alternatives"][0];
    let made = rig.json(&words(id, &["--repeat", text(linked, "repeat"), "--series", text(linked, "series")]));
    assert_eq!(rig.sandbox.meetings("zoom").len(), 3);
    let listed = rig.json(&["meeting", "list"]);
    let starts: Vec<&str> = listed.as_array().expect("a list").iter().map(|one| text(one, "start")).collect();
    assert_eq!(starts, ["2031-03-17T09:30:00+01:00", "2032-03-17T09:30:00+01:00", "2033-03-17T09:30:00+01:00"]);
    assert!(
        listed
            .as_array()
            .expect("a list")
            .iter()
            .all(|one| one["series"] == made["series"] && one["series"].is_string())
    );
    let cancelled = rig.json(&["meeting", "delete", text(&made, "id"), "--all"]);
    assert_eq!(cancelled["cancelled"].as_array().map(Vec::len), Some(3));
    assert!(rig.sandbox.meetings("zoom").is_empty());

    let one_link = rig.json(&words(id, &["--repeat", "FREQ=YEARLY;COUNT=3", "--series", "one-link"]));
    assert_eq!(
        (&rig.sandbox.meetings("zoom")[0]["type"], &one_link["start"]),
        (&json!(3), &json!("2031-03-17T09:30:00+01:00"))
    );
    assert_eq!(rig.json(&["meeting", "list"])[0]["recurrence"], "FREQ=YEARLY;COUNT=3", "the dates are kept here");
}

#[test]
fn a_provider_without_series_has_one_link_for_all_of_it() {
    let rig = Rig::start();
    for provider in ["teams", "goto", "sametime"] {
        let account = rig.sign_in(provider);
        let id = text(&account, "id");
        let refused = rig.run(&words(id, &["--repeat", "FREQ=WEEKLY;COUNT=4"])).expect(5).json();
        assert_eq!(error(&refused)["alternatives"][0]["kind"], "one_link", "{provider}");
        assert!(rig.sandbox.meetings(provider).is_empty(), "{provider}");
        let made = rig
            .json(&words(id, &["--repeat", "FREQ=WEEKLY;COUNT=4", "--series", "one-link", "--except", "2031-03-24"]));
        let meeting = text(&made, "id");
        let shown = rig.json(&["meeting", "show", meeting]);
        assert_eq!(
            (&shown["recurrence"], &shown["start"]),
            (&json!("FREQ=WEEKLY;COUNT=4"), &json!("2031-03-17T09:30:00+01:00")),
            "{provider}"
        );
        let more = rig.json(&["meeting", "update", meeting, "--except", "2031-03-31"]);
        assert_eq!(more["exceptions"].as_array().map(Vec::len), Some(2), "{provider}");
        assert_eq!((&more["join_url"], rig.sandbox.meetings(provider).len()), (&made["join_url"], 1), "{provider}");
    }
}

#[test]
fn what_is_wrong_with_a_series_is_named_and_nothing_is_sent() {
    let rig = Rig::start();
    let account = rig.sign_in("zoom");
    let id = text(&account, "id");
    let before = (rig.sandbox.calls(), rig.kept());
    for (more, field, problem) in [
        (&["--repeat", "FREQ=WEEKLY;BYDAY=TU"][..], "start", "not_in_series"),
        (&["--repeat", "every week"], "repeat", "refused"),
        (&["--repeat", "FREQ=HOURLY"], "repeat", "not_possible"),
        (&["--repeat", "FREQ=DAILY;COUNT=99999"], "repeat", "too_long"),
        (&["--repeat", "FREQ=DAILY;COUNT=3", "--except", "2031-04-24"], "except", "unknown"),
        (&["--except", "2031-04-24"], "repeat", "required"),
        (&["--option", "lobby=maybe"], "option.lobby", "refused"),
        (&["--option", "presenters=everyone"], "option.presenters", "not_possible"),
        (&["--option", "colour=red"], "option.colour", "unknown"),
        (&["--option", "lobby"], "option", "refused"),
        (&["--option", "lobby=on", "--option", "join_before_host=on"], "option.join_before_host", "excluded"),
    ] {
        let said = rig.run(&words(id, more)).expect(2).json();
        let issue = &error(&said)["fields"][0];
        assert_eq!((text(issue, "field"), text(issue, "problem")), (field, problem), "{more:?}");
    }
    let clap = rig.run(&words(id, &["--repeat", "FREQ=DAILY;COUNT=3", "--series", "sometimes"]));
    assert_eq!(clap.status, 2);
    assert_eq!((rig.sandbox.calls(), rig.kept()), before);
}

#[test]
fn half_a_series_is_no_failure_and_the_rest_of_it_follows() {
    let rig = Rig::start();
    let account = rig.sign_in("webex");
    let id = text(&account, "id");
    // Webex lets a person make a hundred meetings a day: two of the four are left.
    for _ in 0..98 {
        rig.json(&create(id, "Many"));
    }
    let words = words(id, &["--repeat", "FREQ=MONTHLY;BYMONTHDAY=3,17;COUNT=4", "--series", "linked"]);
    let half = rig.run(&words);
    assert_eq!(error(&half.json())["code"], "outcome_unknown", "{half:?}");
    assert!(!half.stderr.contains("Nothing was"), "{half:?}");
    assert_eq!(rig.sandbox.meetings("webex").len(), 100);
    rig.sandbox.advance(86_400);
    rig.json(&["meeting", "list"]);
    assert_eq!(rig.sandbox.meetings("webex").len(), 102);
    let listed = rig.json(&["meeting", "list", "--account", id]);
    let parts = listed.as_array().expect("a list").iter().filter(|one| one["subject"] == "Weekly").count();
    assert_eq!(parts, 4);
}
