//! Options at the command line: each reaches its provider and comes back with its real value; what a provider lacks is refused.

use serde_json::{Value, json};

use crate::rig::{Rig, create, error, text};

fn with<'a>(account: &'a str, options: &[&'a str]) -> Vec<&'a str> {
    let mut words = create(account, "Chosen");
    words.extend(options.iter().flat_map(|option| ["--option", option]));
    words
}

/// What the provider's own object must hold, by a JSON pointer.
fn check(provider: &str, options: &[&str], expected: &[(&str, Value)]) {
    let rig = Rig::start();
    let account = rig.sign_in(provider);
    let made = rig.json(&with(text(&account, "id"), options));
    for option in options {
        let (key, value) = option.split_once('=').expect("KEY=VALUE");
        assert_eq!(made["options"][key], value, "{provider} {made}");
    }
    let object = &rig.sandbox.meetings(provider)[0];
    for (pointer, value) in expected {
        assert_eq!(object.pointer(pointer), Some(value), "{provider} {pointer}: {object}");
    }
    assert_eq!(rig.json(&["meeting", "show", text(&made, "id")])["options"], made["options"], "{provider}");
}

#[test]
fn zoom() {
    check(
        "zoom",
        &[
            "lobby=on",
            "mute_on_entry=on",
            "recording=cloud",
            "dial_in=voip",
            "co_hosts=cleo@example.com",
            "passcode=Sesame1",
        ],
        &[
            ("/settings/waiting_room", json!(true)),
            ("/settings/mute_upon_entry", json!(true)),
            ("/settings/auto_recording", json!("cloud")),
            ("/settings/audio", json!("voip")),
            ("/settings/alternative_hosts", json!("cleo@example.com")),
            ("/password", json!("Sesame1")),
        ],
    );
}

#[test]
fn teams() {
    check(
        "teams",
        &["lobby=invited", "presenters=organizer", "recording=cloud", "co_hosts=cleo@example.com"],
        &[
            ("/lobbyBypassSettings/scope", json!("invited")),
            ("/allowedPresenters", json!("organizer")),
            ("/recordAutomatically", json!(true)),
        ],
    );
}

#[test]
fn webex() {
    check(
        "webex",
        &["lobby=guests_wait", "mute_on_entry=on", "recording=cloud", "dial_in=voip", "passcode=Sesame12"],
        &[
            ("/unlockedMeetingJoinSecurity", json!("allowJoinWithLobby")),
            ("/enabledAutoRecordMeeting", json!(true)),
            ("/audioConnectionOptions/muteAttendeeUponEntry", json!(true)),
            ("/audioConnectionOptions/audioConnectionType", json!("VoIP")),
            ("/password", json!("Sesame12")),
        ],
    );
}

#[test]
fn goto() {
    check("goto", &["passcode=on", "dial_in=telephony"], &[("/passwordRequired", json!(true))]);
}

#[test]
fn what_a_provider_lacks_is_no_option_there() {
    let rig = Rig::start();
    let listed = rig.json(&["provider", "list"]);
    let keys = |name: &str| -> Vec<String> {
        let one = listed.as_array().expect("a list").iter().find(|one| one["provider"] == name).expect("a provider");
        one["capabilities"]["options"].as_array().expect("rows").iter().map(|row| text(row, "key").to_owned()).collect()
    };
    assert_eq!(keys("sametime"), Vec::<String>::new());
    assert_eq!(keys("goto"), ["passcode", "dial_in"]);
    assert!(!keys("teams").contains(&"mute_on_entry".to_owned()) && keys("teams").contains(&"presenters".to_owned()));
    let account = rig.sign_in("sametime");
    let said = rig.run(&with(text(&account, "id"), &["recording=cloud"])).expect(2).json();
    assert_eq!(error(&said)["fields"][0]["problem"], "not_possible");
    assert!(rig.sandbox.meetings("sametime").is_empty());
}

#[test]
fn a_meeting_for_somebody_else() {
    for provider in ["zoom", "webex"] {
        let rig = Rig::start();
        let account = rig.sign_in(provider);
        rig.json(&with(text(&account, "id"), &["schedule_for=ben@example.com"]));
        let host = if provider == "zoom" { "/host_email" } else { "/hostEmail" };
        assert_eq!(rig.sandbox.meetings(provider)[0].pointer(host), Some(&json!("ben@example.com")), "{provider}");
        let refused = rig.run(&with(text(&account, "id"), &["schedule_for=ben@elsewhere.example"]));
        assert!([2, 5, 8].contains(&refused.status), "{provider}: {refused:?}");
        assert_eq!(rig.sandbox.meetings(provider).len(), 1, "{provider}");
    }
}
