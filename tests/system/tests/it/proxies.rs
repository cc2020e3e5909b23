//! Loopback never goes through a proxy, whatever the environment says; what is not loopback does.

use std::ffi::OsString;
use std::process::Command;

use convoke_harness::program::binary;
use convoke_harness::{BrokerOptions, Convoke, FaultProxy, Profile, Program, SandboxProcess, Session};

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
