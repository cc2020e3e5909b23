//! The control routes, the start, and the program itself.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use convoke_sandbox::{Options, Sandbox, StartError};
use serde_json::json;

use crate::client::{TEAMS, ZOOM, advance, ask, sandbox, state};

#[tokio::test]
async fn an_empty_state_has_every_part() {
    let to = sandbox().await;
    let state = state(&to).await;
    assert!(state["now"].as_str().is_some_and(|now| now.ends_with('Z')));
    assert_eq!(state["calls"], json!({}));
    assert_eq!(state["meetings"], json!({"zoom": [], "teams": [], "sametime": [], "webex": [], "goto": []}));
    let none = json!({"issued": 0, "live": 0});
    let providers = ["zoom", "teams", "sametime", "webex", "goto", "domino"];
    assert_eq!(
        state["tokens"],
        json!(providers.map(|provider| (provider, &none)).into_iter().collect::<BTreeMap<_, _>>())
    );
}

#[tokio::test]
async fn no_web_page_can_drive_it() {
    let to = sandbox().await;
    let rebound = ask("GET", "/_sandbox/state").header("Host", "sandbox.example.org").send(&to).await;
    assert_eq!(rebound.status, 403);
    let rebound = ask("POST", "/_sandbox/reset").header("Host", "example.org:80").json(&json!({})).send(&to).await;
    assert_eq!(rebound.status, 403);
    let simple = ask("POST", "/_sandbox/reset").header("Content-Type", "text/plain").send(&to).await;
    assert_eq!(simple.status, 415);
    assert_eq!(ask("POST", "/_sandbox/clock").form(&[("advance_seconds", "1")]).send(&to).await.status, 415);
    assert_eq!(ask("GET", "/_sandbox/reset").send(&to).await.status, 405);
}

#[tokio::test]
async fn orders_are_checked() {
    let to = sandbox().await;
    for (path, body) in [
        ("faults", json!({"route": "GET /nowhere", "fault": "html"})),
        ("faults", json!({"route": "GET /zoom/v2/users/me", "fault": "fire"})),
        ("faults", json!({"route": "GET /zoom/v2/users/me", "fault": "html", "times": 0})),
        ("faults", json!({"route": "GET /zoom/v2/users/me", "fault": "html", "retry_after": "1"})),
        ("faults", json!({"route": "GET /zoom/v2/users/me", "fault": "html", "headers": {"x": "1"}})),
        ("faults", json!({"route": "GET /zoom/v2/users/me", "fault": "status:429", "headers": {"a b": "1"}})),
        (
            "faults",
            json!({"route": "GET /zoom/v2/users/me", "fault": "status:429", "headers": {"Content-Length": "1"}}),
        ),
        ("faults", json!({"route": "GET /zoom/v2/users/me", "fault": "html", "often": true})),
        ("clock", json!({"advance_seconds": "60"})),
        ("clock", json!({"advance_seconds": i64::MAX})),
        ("clock", json!({})),
        ("sign-in", json!({"email": "nobody"})),
        ("reset", json!({"all": true})),
    ] {
        let refused = ask("POST", &format!("/_sandbox/{path}")).json(&body).send(&to).await;
        assert_eq!(refused.status, 400, "{path} {body}");
        assert!(refused.json()["error"].is_string());
    }
}

#[tokio::test]
async fn reset_forgets_everything() {
    let to = sandbox().await;
    let (access, refresh) = ZOOM.sign_in(&to).await;
    TEAMS.sign_in(&to).await;
    let body = json!({"topic": "x", "start_time": "2099-03-14T08:00:00Z"});
    ask("POST", "/zoom/v2/users/me/meetings").bearer(&access).json(&body).send(&to).await;
    advance(&to, 86_400).await;
    let before = state(&to).await;
    assert_eq!(ask("POST", "/_sandbox/reset").json(&json!({})).send(&to).await.status, 200);
    let after = state(&to).await;
    assert!(after["now"].as_str() < before["now"].as_str());
    assert_eq!((&after["calls"], &after["meetings"]["zoom"]), (&json!({}), &json!([])));
    assert_eq!(ZOOM.refresh(&to, &refresh).await.status, 400);
}

#[tokio::test]
async fn a_seed_repeats_and_providers_that_are_not_there_are_404() {
    let mut codes = Vec::new();
    for seed in [Some(1), Some(1), Some(2), None] {
        let to = Sandbox::start(Options { auto_approve: true, seed, ..Options::default() }).await.expect("starts");
        codes.push(TEAMS.code(&to).await);
        assert_eq!(ask("GET", "/jitsi/v1/authorize").send(&to).await.status, 404);
        assert_eq!(ask("GET", "/domino/x/y").send(&to).await.status, 404);
        assert_eq!(state(&to).await["calls"]["GET /jitsi/…"], 1);
    }
    assert_eq!(codes[0], codes[1]);
    assert_ne!(codes[0], codes[2]);
    assert_ne!(codes[0], codes[3]);
}

#[tokio::test]
async fn it_ends_when_dropped_and_listens_on_loopback_only() {
    let to = sandbox().await;
    let address = to.address;
    drop(to);
    // The task ends at its next turn.
    while tokio::net::TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    let outside = Options { listen: "0.0.0.0:0".parse().expect("an address"), ..Options::default() };
    assert!(matches!(Sandbox::start(outside).await, Err(StartError::NotLoopback(_))));
}

#[test]
fn the_program_names_its_port_first_and_refuses_the_outside() {
    let program = env!("CARGO_BIN_EXE_convoke-sandbox");
    let mut child = Command::new(program)
        .args(["--listen", "127.0.0.1:0", "--auto-approve", "--seed", "1"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("starts");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut line).expect("a line");
    child.kill().expect("ends");
    child.wait().expect("ended");
    let port = line.trim_end().strip_prefix("listening on http://127.0.0.1:").expect("the promised words");
    assert!(port.parse::<u16>().is_ok_and(|port| port > 0));

    let outside = Command::new(program).args(["--listen", "0.0.0.0:0"]).output().expect("runs");
    assert_eq!(outside.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&outside.stderr).contains("loopback only"));
    assert!(outside.stdout.is_empty());
}
