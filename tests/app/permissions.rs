//! Who may call what: the list of commands, the handler, the capability and the configuration must say the same.

use std::collections::BTreeSet;

use convoke_desktop::command_names::COMMANDS;
use serde_json::{Value, json};

use crate::fixture::{Fixture, Parts, call, window};

fn repository_file(path: &str) -> Value {
    let path = convoke_harness::program::repository().join(path);
    serde_json::from_str(&std::fs::read_to_string(path).expect("it is there")).expect("it is JSON")
}

fn refusal(result: Result<Value, Value>) -> Option<String> {
    let text = result.err()?.as_str()?.to_owned();
    (text.contains("not allowed") || text.contains("not found")).then_some(text)
}

#[test]
fn the_capability_lists_our_commands_and_two_ways_to_listen() {
    let capability = repository_file("capabilities/main.json");
    let listed: Vec<&str> =
        capability["permissions"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    let ours = COMMANDS.iter().map(|name| format!("allow-{}", name.replace('_', "-")));
    let expected: BTreeSet<String> =
        ours.chain(["core:event:allow-listen".into(), "core:event:allow-unlisten".into()]).collect();
    assert_eq!(listed.len(), expected.len(), "each stands once");
    assert_eq!(listed.into_iter().map(str::to_owned).collect::<BTreeSet<_>>(), expected);
    assert_eq!(capability["windows"], json!(["main"]));
    assert!(capability.get("remote").is_none(), "no page from elsewhere may call anything");
    let folder = convoke_harness::program::repository().join("capabilities");
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), 1, "one window, one file");
}

#[test]
fn our_window_reaches_every_command() {
    let fixture = Fixture::new(Parts::default());
    for command in COMMANDS {
        // Without arguments most answer that one is missing: that is the handler, behind the access control.
        assert_eq!(refusal(fixture.call(command, json!({}))), None, "{command}");
    }
    assert!(refusal(fixture.call("no_such_command", json!({}))).is_some(), "the check can fail");
}

#[test]
fn another_window_reaches_none() {
    let fixture = Fixture::new(Parts::default());
    let other = window(&fixture.app, "other");
    for command in COMMANDS {
        assert!(refusal(call(&other, command, json!({}))).is_some(), "{command}");
    }
}

#[test]
fn the_frameworks_own_commands_are_closed() {
    let fixture = Fixture::new(Parts::default());
    for command in [
        "plugin:event|emit",
        "plugin:event|emit_to",
        "plugin:window|close",
        "plugin:window|create",
        "plugin:webview|create_webview_window",
        "plugin:webview|internal_toggle_devtools",
        "plugin:app|version",
        "plugin:path|resolve_directory",
        "plugin:menu|new",
        "plugin:tray|new",
        "plugin:image|new",
        "plugin:resources|close",
    ] {
        assert!(refusal(fixture.call(command, json!({}))).is_some(), "{command}");
    }
    let listen = json!({"event": "changed", "target": {"kind": "Any"}, "handler": 1});
    assert_eq!(refusal(fixture.call("plugin:event|listen", listen)), None);
}

#[test]
fn the_page_is_closed_to_everything_from_outside() {
    let configuration = repository_file("tauri.conf.json");
    let app = &configuration["app"];
    assert_eq!(app["withGlobalTauri"], false);
    assert_eq!(app["security"]["freezePrototype"], true);
    assert_eq!(app["security"]["capabilities"], json!(["main"]));
    assert!(configuration["build"].get("devUrl").is_none(), "no build loads its page from a server");
    let policy = app["security"]["csp"].as_object().unwrap();
    assert_eq!(policy["default-src"], "'none'");
    assert_eq!(policy["connect-src"], "ipc: http://ipc.localhost");
    for (directive, sources) in policy {
        let sources = sources.as_str().unwrap();
        for open in ["unsafe", "*", "https:", "data:", "blob:"] {
            assert!(!sources.contains(open), "{directive} {sources}");
        }
    }
}
