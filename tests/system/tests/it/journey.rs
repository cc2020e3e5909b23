//! Each provider's whole journey at the command line, with the exact list of calls that it costs.

use std::collections::BTreeMap;

use convoke_harness::patience::READY;
use convoke_harness::{Browser, BrowserScript};
use serde_json::{Value, json};

use crate::rig::{Adding, PASSWORD, Rig, error, text};

const ACCOUNT_FIELDS: [&str; 11] = [
    "expires_at",
    "health",
    "health_reason",
    "id",
    "identity",
    "label",
    "last_refresh",
    "next_check",
    "provider",
    "scopes",
    "sign_in_by",
];
const MEETING_FIELDS: [&str; 20] = [
    "account",
    "agenda",
    "dial_in",
    "end",
    "exceptions",
    "id",
    "invitees",
    "join_url",
    "options",
    "passcode",
    "provider",
    "provider_id",
    "recurrence",
    "series",
    "series_form",
    "sip",
    "start",
    "state",
    "subject",
    "zone",
];

fn names(value: &Value) -> Vec<&str> {
    value.as_object().unwrap_or_else(|| panic!("no object: {value}")).keys().map(String::as_str).collect()
}

#[track_caller]
fn same_calls(rig: &Rig, expected: &[(&str, u64)]) {
    let expected: BTreeMap<String, u64> = expected.iter().map(|(route, times)| ((*route).to_owned(), *times)).collect();
    assert_eq!(rig.sandbox.calls(), expected);
}

/// Everything but signing in; ends with the account removed.
fn use_account(rig: &Rig, account: &Value) {
    let provider = text(account, "provider");
    let id = text(account, "id");
    assert_eq!(names(account), ACCOUNT_FIELDS);
    assert_eq!((text(account, "identity"), text(account, "health")), ("ana@example.com", "ok"));
    assert_eq!(rig.json(&["account", "list"]), json!([account]));

    let create = [
        "meeting",
        "create",
        "--account",
        id,
        "--subject",
        "Budget, 1st round",
        "--start",
        "2031-03-14T09:30",
        "--zone",
        "Europe/Zurich",
        "--duration",
        "45m",
        "--invite",
        "ben@example.com",
        "--agenda",
        "Bring the numbers",
    ];
    let made = rig.json(&create);
    assert_eq!(names(&made), MEETING_FIELDS);
    let expected = json!({
        "account": id, "provider": provider, "subject": "Budget, 1st round", "start": "2031-03-14T09:30:00+01:00",
        "end": "2031-03-14T10:15:00+01:00", "zone": "Europe/Zurich", "agenda": "Bring the numbers",
        "invitees": ["ben@example.com"], "recurrence": null, "options": {}, "state": "scheduled",
    });
    for (field, value) in expected.as_object().expect("an object") {
        assert_eq!(&made[field], value, "{field} of {made}");
    }
    let (meeting, link) = (text(&made, "id"), text(&made, "join_url"));
    assert_eq!(rig.sandbox.meetings(provider).len(), 1);

    let list = rig.json(&["meeting", "list"]);
    assert_eq!(list.as_array().map(Vec::len), Some(1), "{list}");
    assert_eq!((text(&list[0], "id"), text(&list[0], "join_url")), (meeting, link));
    assert_eq!(rig.json(&["meeting", "list", "--from", "2031-03-15"]), json!([]));
    assert_eq!(rig.json(&["meeting", "show", meeting]), made);

    let moved = rig.json(&[
        "meeting",
        "update",
        meeting,
        "--subject",
        "Budget",
        "--start",
        "2031-03-14T10:00",
        "--duration",
        "1h",
    ]);
    let mut as_expected = made.clone();
    as_expected["subject"] = json!("Budget");
    as_expected["start"] = json!("2031-03-14T10:00:00+01:00");
    as_expected["end"] = json!("2031-03-14T11:00:00+01:00");
    assert_eq!(moved, as_expected, "what was not named stays, and so does the link");

    let invitation = rig.json(&["meeting", "invitation", meeting]);
    assert_eq!(invitation["format"], "text");
    for part in ["Budget", "10:00", "Europe/Zurich", link, "Bring the numbers"] {
        assert!(text(&invitation, "text").contains(part), "{part} in {invitation}");
    }
    let browser = BrowserScript::new();
    let joined = rig.convoke().env("BROWSER", browser.path()).run(&["meeting", "join", meeting]).expect(0);
    assert_eq!(joined.json(), json!({"join_url": link}));
    assert_eq!(browser.wait_url(0), link);

    let refreshed = rig.json(&["account", "refresh", id]);
    assert!(text(&refreshed, "last_refresh") > text(account, "last_refresh"), "{refreshed}");
    assert_eq!(rig.json(&["account", "refresh", "--all"]).as_array().map(Vec::len), Some(1));

    assert_eq!(rig.json(&["meeting", "delete", meeting]), json!({"cancelled": meeting}));
    assert!(rig.sandbox.meetings(provider).is_empty());
    let gone = rig.run(&["meeting", "show", meeting]).expect(4);
    assert_eq!(error(&gone.json())["code"], "not_found");

    let removed = rig.json(&["account", "remove", id]);
    let revocation = if matches!(provider, "zoom" | "goto") { "revoked" } else { "not_offered" };
    let mut expected = json!({"account": id, "revocation": revocation});
    if provider == "teams" {
        expected["consent_page"] = "https://myapps.microsoft.com/".into();
    }
    assert_eq!(removed, expected);
    assert_eq!(rig.json(&["account", "list"]), json!([]));
    assert!(rig.session.keyring().items().is_empty(), "the keyring forgets the account");
    // Of no account, only the words are wrong: nothing is asked.
    assert_eq!(error(&rig.run(&["meeting", "list", "--account", id]).expect(2).json())["code"], "invalid_input");
}

#[test]
fn zoom() {
    let rig = Rig::start();
    let first = rig.sign_in("zoom");
    let again = rig.sign_in("zoom");
    assert_eq!(again["id"], first["id"], "the same person is the same account");
    use_account(&rig, &again);
    same_calls(
        &rig,
        &[
            ("GET /zoom/oauth/authorize", 2),
            ("POST /zoom/oauth/token", 4),
            ("GET /zoom/v2/users/me", 2),
            ("POST /zoom/v2/users/me/meetings", 1),
            ("GET /zoom/v2/users/me/meetings", 2),
            ("GET /zoom/v2/meetings/{id}", 2),
            ("PATCH /zoom/v2/meetings/{id}", 1),
            ("DELETE /zoom/v2/meetings/{id}", 1),
            ("POST /zoom/oauth/revoke", 1),
        ],
    );
    assert_eq!(rig.sandbox.state()["tokens"]["zoom"]["live"], 0);
}

#[test]
fn teams() {
    let rig = Rig::start();
    let first = rig.sign_in("teams");
    let again = rig.sign_in("teams");
    assert_eq!(again["id"], first["id"], "the same person is the same account");
    use_account(&rig, &again);
    same_calls(
        &rig,
        &[
            ("GET /teams/oauth2/v2.0/authorize", 2),
            ("POST /teams/oauth2/v2.0/token", 4),
            ("GET /graph/v1.0/me", 2),
            ("POST /graph/v1.0/me/onlineMeetings/createOrGet", 1),
            // Two lists read the one known meeting back, and it is shown once.
            ("GET /graph/v1.0/me/onlineMeetings/{id}", 3),
            ("PATCH /graph/v1.0/me/onlineMeetings/{id}", 1),
            ("DELETE /graph/v1.0/me/onlineMeetings/{id}", 1),
        ],
    );
}

#[test]
fn webex() {
    let rig = Rig::start();
    let first = rig.sign_in("webex");
    let again = rig.sign_in("webex");
    assert_eq!(again["id"], first["id"], "the same person is the same account");
    use_account(&rig, &again);
    same_calls(
        &rig,
        &[
            ("GET /webex/v1/authorize", 2),
            ("POST /webex/v1/access_token", 4),
            ("GET /webex/v1/people/me", 2),
            ("POST /webex/v1/meetings", 1),
            // A list shows a year: the known meeting lies beyond and is read back, twice; then it is shown.
            ("GET /webex/v1/meetings", 2),
            ("GET /webex/v1/meetings/{id}", 3),
            ("PATCH /webex/v1/meetings/{id}", 1),
            ("DELETE /webex/v1/meetings/{id}", 1),
        ],
    );
}

#[test]
fn goto() {
    let rig = Rig::start();
    let first = rig.sign_in("goto");
    let again = rig.sign_in("goto");
    assert_eq!(again["id"], first["id"], "the same person is the same account");
    use_account(&rig, &again);
    same_calls(
        &rig,
        &[
            ("GET /goto/oauth/authorize", 2),
            ("POST /goto/oauth/token", 4),
            ("GET /goto/identity/v1/Users/me", 2),
            ("POST /goto/G2M/rest/meetings", 1),
            // Before the meeting is made, and for each list.
            ("GET /goto/G2M/rest/upcomingMeetings", 3),
            // Shown; read before the change, which sends everything, and after it.
            ("GET /goto/G2M/rest/meetings/{id}", 3),
            ("PUT /goto/G2M/rest/meetings/{id}", 1),
            ("DELETE /goto/G2M/rest/meetings/{id}", 1),
            ("POST /goto/oauth/revoke", 1),
        ],
    );
}

#[test]
fn sametime() {
    let rig = Rig::start();
    let first = rig.sign_in("sametime");
    let again = rig.sign_in("sametime");
    assert_eq!(again["id"], first["id"], "the same person is the same account");
    use_account(&rig, &again);
    same_calls(
        &rig,
        &[
            // A sign-in asks for what it needs, logs in, and asks who it is; then there are two renewals.
            ("GET /sametime/sametime-auth/api/v1/refresh", 6),
            ("POST /sametime/sametime-auth/api/v1/login", 2),
            ("POST /sametime/meeting-catalog/api/v1/meetings", 1),
            // Twice for the list, once to show it, once after the change (which stays here).
            ("GET /sametime/meeting-catalog/api/v1/meetings", 4),
            ("DELETE /sametime/meeting-catalog/api/v1/meetings/{name}", 1),
        ],
    );
}

#[test]
fn the_system_browser_is_opened_and_a_closed_input_does_not_matter() {
    let rig = Rig::start();
    let script = BrowserScript::new();
    let mut adding = rig.convoke().env("BROWSER", script.path()).start(&["account", "add", "zoom", "--label", "Work"]);
    adding.close_stdin();
    let page = Browser::default().open(&script.wait_url(0));
    assert!(page.answer.text().contains("You are signed in"), "{}", page.answer.text());
    assert!(page.url.query().is_none(), "the last address holds no grant: {}", page.url);
    assert!(adding.wait_end(READY).success());
    let account: Value = serde_json::from_slice(&adding.stdout()).expect("one JSON value");
    assert_eq!(account["label"], "Work");
    assert_eq!(script.opened().len(), 1);
}

#[test]
fn the_last_address_can_be_pasted() {
    let rig = Rig::start();
    let mut adding = Adding::start(&rig.convoke(), "zoom");
    let redirect = adding.redirect_uri();
    // The browser is on another machine: it cannot open the last address.
    let page = Browser::default().open_until(&adding.authorize_url, |url| url.path() == redirect.path());
    adding.program.write(b"\nhttps://zoom.us/\n");
    adding
        .program
        .wait_stderr_line("that this is not the address", |line| line.contains("not the address of this sign-in"));
    adding.program.write(format!("  {}\r\n", page.url).as_bytes());
    assert_eq!(adding.end().account()["identity"], "ana@example.com");
}

#[test]
fn a_refusal_in_the_browser_is_said_and_nothing_is_kept() {
    let rig = Rig::start();
    rig.person("ana@example.com", false);
    let before = rig.kept();
    let mut adding = Adding::start(&rig.convoke(), "teams");
    let page = Browser::default().open(&adding.authorize_url);
    assert!(!page.answer.text().contains("You are signed in"));
    let added = adding.end();
    assert_eq!(added.0.status, 3, "{:?}", added.0);
    assert_eq!(error(&added.second())["code"], "sign_in_denied");
    assert_eq!(rig.kept(), before);
}

#[test]
fn without_json_each_command_speaks_in_lines() {
    let rig = Rig::start();
    let words = |words: &[&str]| rig.convoke().json(false).run(words).expect(0).stdout;
    assert!(words(&["account", "list"]).starts_with("No account yet"));
    let account = rig.sign_in("zoom");
    let meeting = rig.meeting(text(&account, "id"), "Tea");
    assert!(words(&["account", "list"]).contains("ana@example.com"));
    let list = words(&["meeting", "list"]);
    assert_eq!(list.lines().count(), 1);
    assert!(list.contains("Tea") && list.contains(text(&meeting, "join_url")), "{list}");
    assert!(words(&["meeting", "delete", text(&meeting, "id")]).starts_with("Cancelled"));
    assert_eq!(words(&["meeting", "list"]), "No meetings.\n");
    assert_eq!(words(&["provider", "list"]).lines().count(), 5);
}

#[test]
fn the_demo_holds_for_the_five_providers() {
    let rig = Rig::start();
    let ran = rig.convoke().json(false).run(&["demo"]).expect(0);
    for (provider, step) in ["teams", "zoom", "webex", "goto", "sametime"].iter().flat_map(|provider| {
        ["sign in", "create", "list", "update", "delete", "series", "refresh", "revoke"].map(|step| (*provider, step))
    }) {
        let found = ran.stdout.lines().find(|line| line.starts_with(provider) && line.contains(&format!(" {step} ")));
        assert!(found.is_some_and(|line| line.contains(" ok ")), "{provider} {step}: {ran:?}");
    }
    assert_eq!(rig.json(&["account", "list"]), json!([]));
    assert!(rig.session.keyring().items().is_empty());
    assert!(!ran.stdout.contains(PASSWORD));
}
