//! From the first sign-in to the last disconnect, through the commands, over a real keyring, broker and sandbox.
//!
//! The keyring is found by the process's own environment, so each journey runs as a process of a private session: the visible
//! test starts the session and this same test program in it, for the one hidden test of the journey's name.

use std::{path::PathBuf, process::Command, sync::Arc, time::Duration};

use convoke_core::{
    http::origin,
    profile::{Dialect, Profile},
    storage::keyring::Keyring,
};
use convoke_harness::{BrokerProcess, BrowserScript, OldBroker, Program, SandboxProcess, Session, browse};
use serde_json::{Value, json};

use crate::fixture::{Fixture, Parts, call};

const PROFILE: &str = "CONVOKE_TEST_PROFILE";
const BROWSER: &str = "CONVOKE_TEST_BROWSER";
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs the hidden test `name` in a session of its own; answers the sandbox for what it saw.
fn in_a_session(name: &str) -> SandboxProcess {
    let session = Session::start();
    let sandbox = SandboxProcess::auto_approving();
    let broker = BrokerProcess::start(&sandbox);
    let browser = BrowserScript::new();
    let test = std::env::current_exe().expect("the running test knows its own path");
    let mut command: Command = session.command(test);
    command.args([name, "--exact", "--ignored", "--nocapture"]);
    command.env(PROFILE, broker.profile(&sandbox).write(session.dir())).env(BROWSER, browser.path());
    let mut program = Program::start(command);
    let status = program.wait_end(PATIENCE);
    let (said, complained) = (
        String::from_utf8_lossy(&program.stdout()).into_owned(),
        String::from_utf8_lossy(&program.stderr()).into_owned(),
    );
    assert!(status.success(), "{said}{complained}");
    assert!(said.contains("1 passed"), "the hidden test ran: {said}");
    sandbox
}

#[expect(clippy::disallowed_methods, reason = "how the visible test speaks to the hidden one")]
fn given(name: &str) -> PathBuf {
    std::env::var_os(name).expect("started by the visible test").into()
}

fn profile() -> Profile {
    Profile::parse(&std::fs::read_to_string(given(PROFILE)).unwrap()).unwrap()
}

fn fixture() -> Fixture {
    under(profile())
}

fn under(profile: Profile) -> Fixture {
    Fixture::new(Parts {
        profile: Some(profile),
        credentials: Arc::new(Keyring::start()),
        browser: Some(given(BROWSER)),
    })
}

/// What the browser script was given, oldest first.
fn opened() -> Vec<String> {
    let list = given(BROWSER).with_file_name("opened");
    std::fs::read_to_string(list).unwrap_or_default().lines().map(str::to_owned).collect()
}

fn sign_in_to_zoom(fixture: &Fixture) -> Value {
    let id = fixture.ask("start_sign_in", json!({"provider": "zoom", "label": "Work", "account": null}))["id"].clone();
    let link = fixture.ask("sign_in_link", json!({"id": id}));
    let link = link.as_str().unwrap().to_owned();
    convoke_harness::patience::wait_for("the browser", PATIENCE, || opened().contains(&link).then_some(()));
    browse(&link);
    let signed_in = fixture.ask("wait_sign_in", json!({"id": id}));
    assert_eq!((&signed_in["kind"], &signed_in["again"]), (&json!("account"), &json!(false)), "{signed_in}");
    assert_eq!(fixture.call("sign_in_link", json!({"id": id})).unwrap_err()["code"], "invalid_input", "it is over");
    signed_in["account"].clone()
}

#[test]
fn a_meeting_from_sign_in_to_disconnect() {
    let sandbox = in_a_session("journey::hidden_meeting");
    for (route, times) in [("POST /zoom/v2/users/me/meetings", 1), ("DELETE /zoom/v2/meetings/{id}", 1)] {
        assert_eq!(sandbox.called(route), times, "{route} of {:?}", sandbox.calls());
    }
    assert!(sandbox.meetings("zoom").is_empty());
}

#[test]
#[ignore = "runs in the session of a_meeting_from_sign_in_to_disconnect"]
fn hidden_meeting() {
    let fixture = fixture();
    assert_eq!(fixture.ask("check_keyring", json!({})), "works");
    let account = sign_in_to_zoom(&fixture);
    assert_eq!((&account["label"], &account["health"]), (&json!("Work"), &json!("ok")));
    let mut listed = fixture.ask("app_state", json!({}))["accounts"].take();
    // The window reads by itself, which whoever only signs in does not know.
    assert!(listed[0]["next_check"].is_string());
    listed[0]["next_check"] = account["next_check"].clone();
    assert_eq!(listed, json!([account]));

    let draft =
        json!({"subject": "Review", "start": "2040-03-05T09:30", "zone": "Europe/Zurich", "durationMinutes": 45});
    let wrong = fixture.call("create_meeting", json!({"account": account["id"], "input": {"subject": "", "start": "soon", "zone": "UTC", "durationMinutes": 30}})).unwrap_err();
    let fields: Vec<&Value> = wrong["fields"].as_array().unwrap().iter().map(|issue| &issue["field"]).collect();
    assert_eq!(fields, ["subject", "start"], "{wrong}");
    let made = fixture.ask("create_meeting", json!({"account": account["id"], "input": draft}));
    assert_eq!(made["start"], "2040-03-05T09:30:00+01:00");

    let agenda = fixture.ask("agenda", json!({"from": null, "to": null, "fresh": false}));
    assert_eq!(agenda["meetings"][0]["id"], made["id"], "known without asking anybody");
    let changed = fixture.ask("update_meeting", json!({"id": made["id"], "input": {"subject": "Quarterly review"}}));
    assert_eq!((&changed["subject"], &changed["join_url"]), (&json!("Quarterly review"), &made["join_url"]));
    assert_eq!(fixture.ask("meeting", json!({"id": made["id"]}))["subject"], "Quarterly review");
    assert!(
        fixture
            .ask("invitation", json!({"id": made["id"]}))
            .as_str()
            .unwrap()
            .contains(made["join_url"].as_str().unwrap())
    );

    fixture.ask("join_meeting", json!({"id": made["id"]}));
    let link = made["join_url"].as_str().unwrap().to_owned();
    convoke_harness::patience::wait_for("the browser", PATIENCE, || opened().contains(&link).then_some(()));

    let refreshed = fixture.ask("refresh_now", json!({}));
    assert_eq!(
        (&refreshed["accounts"][0]["meetings"], &refreshed["accounts"][0]["error"]),
        (&json!(1), &Value::Null),
        "{refreshed}"
    );
    assert_eq!(fixture.ask("app_state", json!({}))["lastRefresh"], refreshed);

    fixture.ask("cancel_meeting", json!({"id": made["id"]}));
    let renamed = fixture.ask("rename_account", json!({"account": account["id"], "label": "Acme"}));
    assert_eq!(renamed["label"], "Acme");
    assert_eq!(fixture.ask("disconnect_account", json!({"account": account["id"]})), "revoked");
    assert_eq!(fixture.ask("app_state", json!({}))["accounts"], json!([]));
}

#[test]
fn a_sign_in_can_be_cancelled_pasted_and_answered() {
    in_a_session("journey::hidden_sign_in");
}

#[test]
#[ignore = "runs in the session of a_sign_in_can_be_cancelled_pasted_and_answered"]
fn hidden_sign_in() {
    let fixture = fixture();
    let start = |account: &Value| {
        let pending = fixture.ask("start_sign_in", json!({"provider": "zoom", "label": null, "account": account}));
        assert_eq!(pending["matchCode"].as_str().map(str::len), Some(4), "{pending}");
        pending["id"].clone()
    };
    let link = |id: &Value| fixture.ask("sign_in_link", json!({"id": id})).as_str().unwrap().to_owned();

    // Cancelled: who waits is told.
    let id = start(&Value::Null);
    let (window, waited) = (fixture.window.clone(), id.clone());
    let waiting = std::thread::spawn(move || call(&window, "wait_sign_in", json!({"id": waited})));
    fixture.ask("cancel_sign_in", json!({"id": id}));
    let error = waiting.join().unwrap().unwrap_err();
    // The wait may have come before or after the cancelling.
    assert!(["sign_in_cancelled", "invalid_input"].contains(&error["code"].as_str().unwrap()), "{error}");

    // Pasted: a wrong address is an error at its field and ends nothing.
    let id = start(&Value::Null);
    let wrong = fixture
        .call("paste_sign_in", json!({"id": id, "address": "http://127.0.0.1:1/elsewhere?state=x&grant=y"}))
        .unwrap_err();
    assert_eq!((&wrong["code"], &wrong["fields"][0]["field"]), (&json!("invalid_input"), &json!("address")), "{wrong}");
    let last = convoke_harness::Browser::default()
        .open_until(&link(&id), |url| url.query_pairs().any(|(name, _)| name == "grant"));
    fixture.ask("paste_sign_in", json!({"id": id, "address": last.url.as_str()}));
    let account = fixture.ask("wait_sign_in", json!({"id": id}))["account"].clone();

    // Again as the same person: the account stays one.
    let id = start(&account["id"]);
    browse(&link(&id));
    let again = fixture.ask("wait_sign_in", json!({"id": id}));
    assert_eq!((&again["again"], &again["account"]["id"]), (&json!(true), &account["id"]), "{again}");
    assert_eq!(fixture.ask("app_state", json!({}))["accounts"].as_array().unwrap().len(), 1);
}

#[test]
fn a_password_goes_in_once_and_never_comes_out() {
    in_a_session("journey::hidden_password");
}

#[test]
#[ignore = "runs in the session of a_password_goes_in_once_and_never_comes_out"]
fn hidden_password() {
    let fixture = fixture();
    let server = fixture.ask("app_state", json!({}))["providers"][4]["server"].clone();
    let sign_in = |server: &Value, password: &str| {
        fixture.call(
            "sign_in_sametime",
            json!({"server": server, "username": "ana", "password": password, "label": null, "account": null}),
        )
    };
    let wrong = sign_in(&server, "a wrong password").unwrap_err();
    assert_eq!(
        wrong["fields"][0],
        json!({"field": "password", "problem": "wrong_password", "detail": null}),
        "{wrong}"
    );
    assert!(!wrong.to_string().contains("a wrong password"));
    assert_eq!(sign_in(&json!("nonsense"), "x").unwrap_err()["fields"][0]["field"], "server");
    let signed_in = sign_in(&server, "sandbox-password").unwrap();
    assert_eq!(signed_in["kind"], "account", "{signed_in}");
    assert!(!signed_in.to_string().contains("sandbox-password"));
}

#[test]
fn a_token_of_an_old_broker_goes_in_once_and_never_comes_out() {
    in_a_session("journey::hidden_token");
}

#[test]
#[ignore = "runs in the session of a_token_of_an_old_broker_goes_in_once_and_never_comes_out"]
fn hidden_token() {
    let profile = profile();
    let old = OldBroker::start(&origin(&profile.zoom_api));
    let fixture = under(Profile { broker: Some(old.url().parse().unwrap()), dialect: Dialect::Domi, ..profile });
    let providers = fixture.ask("app_state", json!({}))["providers"].clone();
    assert_eq!((&providers[1]["sign_in"], &providers[4]["sign_in"]), (&json!("token"), &json!("password")));
    // The old broker answers and cannot say what it serves: no line of the check claims to know.
    let check = fixture.ask("check_organisation", json!({"source": {"kind": "started"}}));
    let checked: Vec<&str> =
        check["lines"].as_array().unwrap().iter().map(|line| line["check"].as_str().unwrap()).collect();
    assert_eq!(
        (&check["usable"], checked.as_slice()),
        (&json!(true), &["profile", "broker", "provider"][..]),
        "{check}"
    );
    let browser = fixture.call("start_sign_in", json!({"provider": "zoom", "label": null, "account": null}));
    assert_eq!(browser.unwrap_err()["fields"][0]["field"], "provider");

    let page = fixture.ask("open_token_page", json!({"provider": "zoom"})).as_str().unwrap().to_owned();
    convoke_harness::patience::wait_for("the browser", PATIENCE, || opened().contains(&page).then_some(()));
    let token = OldBroker::token_on(&browse(&page).answer.text());
    let sign_in = |token: &str, account: &Value| {
        let arguments = json!({"provider": "zoom", "token": token, "label": null, "account": account});
        fixture.call("sign_in_with_token", arguments)
    };
    for (wrong, problem) in [("RETRIEVING REFRESH TOKEN FAILED", "not_a_token"), ("no-token-at-all", "dead_token")] {
        let error = sign_in(wrong, &Value::Null).unwrap_err();
        assert_eq!(error["fields"][0], json!({"field": "token", "problem": problem, "detail": null}), "{error}");
        assert!(!error.to_string().contains(wrong));
    }
    assert_eq!(fixture.ask("app_state", json!({}))["accounts"], json!([]));
    let signed_in = sign_in(&format!(" {token}\n"), &Value::Null).unwrap();
    assert_eq!((&signed_in["kind"], &signed_in["again"]), (&json!("account"), &json!(false)), "{signed_in}");
    assert!(!signed_in.to_string().contains(&token));
    assert!(!fixture.ask("app_state", json!({})).to_string().contains(&token));

    // The same person with another token: the account stays one.
    let another = OldBroker::token_on(&browse(&page).answer.text());
    let again = sign_in(&another, &signed_in["account"]["id"]).unwrap();
    assert_eq!((&again["again"], &again["account"]["id"]), (&json!(true), &signed_in["account"]["id"]), "{again}");
    assert_eq!(fixture.ask("disconnect_account", json!({"account": again["account"]["id"]})), "revoked");
}
