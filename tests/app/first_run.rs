//! The first run through the commands, and errors as the page gets them.

use std::{sync::Arc, time::Duration};

use convoke_core::profile::Profile;
use serde_json::{Value, json};

use crate::fixture::{Fixture, NOWHERE, Parts, SilentKeyring, call};

fn with_profile() -> Parts {
    Parts { profile: Some(Profile::parse(NOWHERE).expect("a profile")), ..Parts::default() }
}

#[test]
fn a_fresh_home_starts_with_the_welcome() {
    let fixture = Fixture::new(Parts::default());
    let state = fixture.ask("app_state", json!({}));
    assert_eq!(state["step"], "welcome");
    assert_eq!(state["startedWithProfile"], false);
    assert_eq!(state["accounts"], json!([]));
    assert_eq!(state["systemZone"], "Europe/Zurich");
    assert_eq!(state["locale"], "en-GB");
    assert_eq!(state["lastRefresh"], Value::Null);
    assert_eq!(state["show"], Value::Null);
    assert!(state["keyringProgram"].as_str().is_some_and(|text| !text.is_empty()));
    let names: Vec<&str> =
        state["providers"].as_array().unwrap().iter().map(|one| one["provider"].as_str().unwrap()).collect();
    assert_eq!(names, ["teams", "zoom", "webex", "goto", "sametime"]);
}

#[test]
fn each_step_leads_to_the_next_and_all_can_be_forgotten() {
    let fixture = Fixture::new(with_profile());
    let steps = ["welcome", "organisation", "keyring", "accounts", "defaults", "done"];
    for pair in steps.windows(2) {
        assert_eq!(fixture.ask("finish_step", json!({"step": pair[0]}))["step"], pair[1]);
    }
    assert_eq!(fixture.ask("app_state", json!({}))["step"], "done");
    assert_eq!(fixture.ask("reset_setup", json!({}))["step"], "welcome");
}

#[test]
fn the_profile_of_the_start_is_named() {
    let state = Fixture::new(with_profile()).ask("app_state", json!({}));
    assert_eq!(state["profileName"], "Nowhere");
    assert_eq!(state["startedWithProfile"], true);
}

#[test]
fn an_organisation_that_does_not_answer_is_a_line_and_not_an_error() {
    let fixture = Fixture::new(with_profile());
    let check = fixture.ask("check_organisation", json!({"source": {"kind": "started"}}));
    let broker = check["lines"]
        .as_array()
        .unwrap()
        .iter()
        .find(|line| line["check"] == "broker")
        .expect("a line for the broker");
    assert_eq!(broker["error"]["code"], "unreachable", "{check}");
    assert_eq!(check["usable"], false);
}

#[test]
fn foreign_hosts_are_taken_only_with_a_yes() {
    let fixture = Fixture::new(Parts::default());
    let text = "name = \"Acme\"\n[broker]\nurl = \"https://broker.example.com\"\n";
    let source = json!({"kind": "profile", "value": text});
    let refused = fixture.call("accept_organisation", json!({"source": source, "approvedHosts": []})).unwrap_err();
    assert_eq!(
        (&refused["code"], &refused["fields"][0]["field"]),
        (&json!("invalid_input"), &json!("hosts")),
        "{refused}"
    );
    let host = refused["fields"][0]["detail"].clone();
    let state = fixture.ask("accept_organisation", json!({"source": source, "approvedHosts": [host]}));
    assert_eq!(state["profileName"], "Acme");
}

#[test]
fn preferences_are_kept_and_checked() {
    let fixture = Fixture::new(Parts::default());
    let wished =
        json!({"defaultAccount": null, "defaultMinutes": 45, "zone": "Asia/Tokyo", "theme": "dark", "remind": false});
    assert_eq!(fixture.ask("save_preferences", json!({"preferences": wished}))["preferences"], wished);
    let bad = json!({"defaultAccount": null, "defaultMinutes": 45, "zone": "Mars/Base", "theme": "dark"});
    let error = fixture.call("save_preferences", json!({"preferences": bad})).unwrap_err();
    assert_eq!(error["code"], "invalid_input");
    assert_eq!(error["fields"], json!([{"field": "zone", "problem": "unknown_zone", "detail": "Mars/Base"}]));
    assert_eq!(fixture.ask("app_state", json!({}))["preferences"], wished, "nothing was half kept");
    let zones = fixture.ask("zones", json!({}));
    assert!(zones.as_array().unwrap().contains(&json!("Asia/Tokyo")));
}

#[test]
fn a_look_at_everything_says_what_is_missing_and_shows_the_rest() {
    // No vendor's host is asked by a test.
    let apis = ["teams", "zoom", "webex", "goto"]
        .map(|name| format!("[providers.{name}]\napi_base = \"http://127.0.0.1:9/{name}\"\n"));
    let profile = Profile::parse(&format!("{NOWHERE}{}", apis.concat())).expect("a profile");
    let fixture = Fixture::new(Parts { profile: Some(profile), ..Parts::default() });
    let found = fixture.ask("diagnose", json!({}));
    let state = |check: &str| {
        let lines = found["lines"].as_array().unwrap();
        lines.iter().find(|line| line["check"] == check).unwrap_or_else(|| panic!("no {check} in {found}"))
    };
    assert_eq!(
        (&state("broker")["state"], &state("broker")["error"]["code"]),
        (&json!("failed"), &json!("unreachable"))
    );
    assert_eq!(
        (&state("keyring")["state"], &state("keyring")["error"]["code"]),
        (&json!("failed"), &json!("keyring_absent"))
    );
    assert_eq!(state("register")["state"], "ok");
    assert_eq!(state("browser")["state"], "warning");
    assert!(found["report"].as_str().unwrap().starts_with("Convoke "));
}

#[test]
fn without_a_keyring_no_sign_in_starts() {
    let fixture = Fixture::new(with_profile());
    assert_eq!(fixture.ask("check_keyring", json!({})), "absent");
    let browser =
        fixture.call("start_sign_in", json!({"provider": "zoom", "label": null, "account": null})).unwrap_err();
    assert_eq!(browser["code"], "keyring_absent");
    let password = json!({"server": "http://127.0.0.1:9/sametime", "username": "ana", "password": "a password", "label": null, "account": null});
    let typed = fixture.call("sign_in_sametime", password).unwrap_err();
    assert_eq!(typed["code"], "keyring_absent");
    assert!(!typed.to_string().contains("a password"));
}

#[test]
fn without_an_organisation_there_is_nobody_to_sign_in_through() {
    let error = Fixture::new(Parts::default())
        .call("start_sign_in", json!({"provider": "zoom", "label": null, "account": null}))
        .unwrap_err();
    assert_eq!(error["code"], "no_broker");
    assert_eq!(error["provider"], "zoom");
}

#[test]
fn what_is_not_there_is_an_error_and_no_empty_answer() {
    let fixture = Fixture::new(Parts::default());
    for (command, arguments) in [
        ("meeting", json!({"id": "m-none"})),
        ("cancel_meeting", json!({"id": "m-none"})),
        ("join_meeting", json!({"id": "m-none"})),
        ("invitation", json!({"id": "m-none"})),
        ("update_meeting", json!({"id": "m-none", "input": {}})),
    ] {
        assert_eq!(fixture.call(command, arguments).unwrap_err()["code"], "not_found", "{command}");
    }
    for (command, arguments) in [
        ("disconnect_account", json!({"account": "../etc"})),
        ("rename_account", json!({"account": "zoom-none", "label": "Work"})),
        (
            "create_meeting",
            json!({"account": "zoom-none", "input": {"subject": "A", "start": "2099-01-01T10:00", "zone": "UTC", "durationMinutes": 30}}),
        ),
        ("wait_sign_in", json!({"id": "none"})),
        ("sign_in_link", json!({"id": "none"})),
        ("open_sign_in_again", json!({"id": "none"})),
        ("paste_sign_in", json!({"id": "none", "address": "x"})),
        ("replace_account", json!({"id": "none", "replace": true})),
        ("agenda", json!({"from": "yesterday", "to": null, "fresh": false})),
    ] {
        assert_eq!(fixture.call(command, arguments).unwrap_err()["code"], "invalid_input", "{command}");
    }
    assert_eq!(fixture.ask("cancel_sign_in", json!({"id": "none"})), Value::Null, "one that is over is not an error");
}

#[test]
fn a_silent_keyring_stops_nothing_else() {
    let fixture = Fixture::new(Parts { credentials: Arc::new(SilentKeyring), ..with_profile() });
    // This answer never comes; its thread ends with the test's process.
    let window = fixture.window.clone();
    std::thread::spawn(move || call(&window, "check_keyring", json!({})));
    let (told, heard) = std::sync::mpsc::channel();
    let window = fixture.window.clone();
    std::thread::spawn(move || told.send(call(&window, "zones", json!({}))));
    let zones = heard.recv_timeout(Duration::from_secs(20)).expect("another command answers meanwhile");
    assert!(zones.is_ok());
}

#[test]
fn a_screen_that_the_tray_asked_for_is_told_once() {
    use convoke_desktop::{app_state::Show, shell::Shell};
    use tauri::Manager;
    let fixture = Fixture::new(Parts::default());
    let shell = fixture.app.state::<Shell>();
    shell.show(fixture.app.handle(), Show::Meeting("m-1".into()));
    assert_eq!(
        fixture.ask("finish_step", json!({"step": "welcome"}))["show"],
        Value::Null,
        "only the page's own question takes it"
    );
    assert_eq!(fixture.ask("app_state", json!({}))["show"], "meeting:m-1");
    assert_eq!(fixture.ask("app_state", json!({}))["show"], Value::Null);
    // From now on the page listens: nothing is kept for later.
    shell.show(fixture.app.handle(), Show::New);
    assert_eq!(fixture.ask("app_state", json!({}))["show"], Value::Null);
}
