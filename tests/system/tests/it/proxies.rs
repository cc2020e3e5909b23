//! Loopback never goes through a proxy, whatever the environment or the desktop says; what is not loopback does.

use std::ffi::OsString;
use std::process::Command;

use convoke_harness::program::binary;
use convoke_harness::{
    BrokerOptions, Convoke, Fault, FaultProxy, Profile, Program, ProxyPortal, SandboxProcess, Session,
};
use serde_json::Value;

const NAMES: [&str; 6] = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"];

fn session(trap: &FaultProxy) -> Session {
    NAMES.iter().fold(Session::builder(), |builder, name| builder.env(name, OsString::from(trap.url()))).start()
}

#[test]
fn the_whole_journey_on_loopback_passes_a_proxy_by() {
    let trap = FaultProxy::trap();
    let session = session(&trap);
    let sandbox = SandboxProcess::auto_approving();
    let config = session.dir().file("broker.toml", 0o600, BrokerOptions::for_sandbox(sandbox.url()).text().as_bytes());
    let mut command = Command::new(binary("convoke-broker"));
    command.env_clear().envs(NAMES.map(|name| (name, trap.url()))).arg("--config").arg(config);
    let broker = Program::start(command);
    let profile = Profile::new(sandbox.url(), &broker.wait_listening()).write(session.dir());

    let steps = Convoke::new(&session, &profile).run(&["demo"]).expect(0).json();
    assert!(
        steps.as_array().is_some_and(|steps| steps.len() == 40 && steps.iter().all(|step| step["held"] == true)),
        "{steps}"
    );
    assert_eq!(sandbox.called("POST /zoom/oauth/token"), 2);
    assert!(trap.requests().is_empty() && trap.received().is_empty(), "{:?}", trap.requests());
}

/// The trap can be fallen into: an address that is not loopback goes there.
#[test]
fn another_host_goes_through_the_proxy() {
    let trap = FaultProxy::trap();
    let session = session(&trap);
    let mut profile = Profile::new("http://127.0.0.1:9", "http://127.0.0.1:9");
    profile.broker = "https://broker.example".to_owned();
    let profile = profile.write(session.dir());
    Convoke::new(&session, &profile).run(&["provider", "list"]).expect(0);
    assert!(
        trap.requests().iter().any(|line| line.starts_with("CONNECT broker.example:443 ")),
        "{:?}",
        trap.requests()
    );
}

/// The line of a check, as `convoke doctor` has it with a broker elsewhere.
#[track_caller]
fn diagnosed(session: &Session, check: &str) -> Value {
    let mut profile = Profile::new("http://127.0.0.1:9", "http://127.0.0.1:9");
    "https://broker.example".clone_into(&mut profile.broker);
    let profile = profile.write(session.dir());
    let ran = Convoke::new(session, &profile).run(&["doctor"]);
    let lines = ran.expect(9).json();
    let all = lines["lines"].as_array().cloned().expect("lines");
    assert!(!lines.to_string().contains("hunter2"), "the proxy's password is nowhere");
    all.into_iter().find(|line| line["check"] == check).expect("a line of this check")
}

/// What each proxy does in the way, with its password in the address as a person sets it.
#[test]
fn a_proxy_in_the_way_is_told_from_the_broker_behind_it() {
    let proxy = FaultProxy::start("http://127.0.0.1:9");
    let address = proxy.url().replace("http://", "http://ana:hunter2@");
    let place = proxy.url().replace("http://", "");
    for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"] {
        let session = Session::builder().env(name, OsString::from(&address)).start();
        for (status, code) in [(407, "proxy_password"), (403, "intercepted")] {
            proxy.clear();
            proxy.plant("broker.example:443", Fault::page(status), 9);
            let line = diagnosed(&session, "proxy");
            assert_eq!((&line["state"], &line["error"]["code"]), (&"failed".into(), &code.into()), "{name} {status}");
            assert_eq!(line["note"], place);
            assert_eq!(line["error"]["detail"], format!("proxy {place}"));
        }
    }
    // Basic authentication as RFC 7617 has it: ana:hunter2.
    let sent = String::from_utf8_lossy(&proxy.received()).into_owned();
    assert!(sent.contains("proxy-authorization: Basic YW5hOmh1bnRlcjI="), "{sent}");
}

#[test]
fn a_proxy_that_is_away_and_a_host_that_is_reached_without_it() {
    let session = Session::builder().env("HTTPS_PROXY", "http://127.0.0.1:9").start();
    let line = diagnosed(&session, "broker");
    assert_eq!(
        (&line["error"]["code"], &line["error"]["detail"]),
        (&"unreachable".into(), &"proxy 127.0.0.1:9".into())
    );
    let trap = FaultProxy::trap();
    let session = Session::builder()
        .env("HTTPS_PROXY", OsString::from(trap.url()))
        .env("NO_PROXY", "intranet.example, broker.example")
        .start();
    let line = diagnosed(&session, "proxy");
    assert_eq!((&line["state"], &line["note"]), (&"ok".into(), &Value::Null), "{line}");
    assert!(trap.requests().is_empty(), "{:?}", trap.requests());
}

/// What a person set in the desktop's network settings, with a password in the address and a way before it that cannot be gone.
#[test]
fn the_desktops_proxy_is_used_where_no_variable_is_set() {
    let proxy = FaultProxy::start("http://127.0.0.1:9");
    let place = proxy.url().replace("http://", "");
    proxy.plant("broker.example:443", Fault::page(403), 9);
    let session = Session::builder().start();
    let ways = ["socks://127.0.0.1:9", &proxy.url().replace("http://", "http://ana:hunter2@"), "direct://"];
    let portal = ProxyPortal::start(session.bus(), &ways);
    let line = diagnosed(&session, "proxy");
    assert_eq!((&line["error"]["code"], &line["note"]), (&"intercepted".into(), &place.clone().into()), "{line}");
    let sent = String::from_utf8_lossy(&proxy.received()).into_owned();
    assert!(sent.contains("proxy-authorization: Basic YW5hOmh1bnRlcjI="), "{sent}");
    let asked = portal.asked();
    assert!(asked.contains(&"https://broker.example/".to_owned()), "{asked:?}");
    assert!(asked.iter().all(|origin| !origin.contains("127.0.0.1")), "loopback is nobody's question: {asked:?}");
}

#[test]
fn variables_come_before_the_desktop_and_direct_means_direct() {
    let (trap, other) = (FaultProxy::trap(), FaultProxy::trap());
    let session = Session::builder().env("HTTPS_PROXY", OsString::from(trap.url())).start();
    let portal = ProxyPortal::start(session.bus(), &[&other.url()]);
    let place = trap.url().replace("http://", "");
    assert_eq!(diagnosed(&session, "proxy")["note"], place);
    assert!(portal.asked().is_empty() && other.requests().is_empty(), "{:?}", portal.asked());

    let session = Session::builder().start();
    let portal = ProxyPortal::start(session.bus(), &["direct://", &other.url()]);
    let line = diagnosed(&session, "proxy");
    assert_eq!((&line["state"], &line["note"]), (&"ok".into(), &Value::Null), "{line}");
    assert!(other.requests().is_empty() && !portal.asked().is_empty(), "{:?}", other.requests());

    let session = Session::builder().env("NO_PROXY", "intranet.example, .example").start();
    let portal = ProxyPortal::start(session.bus(), &[&other.url()]);
    assert_eq!(diagnosed(&session, "proxy")["note"], Value::Null);
    assert!(portal.asked().is_empty() && other.requests().is_empty(), "{:?}", portal.asked());
}

#[test]
fn a_silent_portal_holds_nothing_up_for_long() {
    let session = Session::builder().start();
    let portal = ProxyPortal::silent(session.bus());
    let line = diagnosed(&session, "broker");
    assert_eq!((&line["error"]["code"], &line["error"]["detail"]), (&"unreachable".into(), &"broker.example".into()));
    assert_eq!(portal.asked(), ["https://broker.example/"]);
}
