//! `convoke doctor` beside real parts: what is well, what is not, how it ends, and a report that can be shared.

use convoke_harness::canary::Canary;
use convoke_harness::{BrowserScript, Convoke, Fault, FaultProxy, Ran};
use serde_json::Value;

use crate::bad_input::refused;
use crate::rig::{PASSWORD, Rig, text};

/// The checks of the sandbox's profile, in their order.
const CHECKS: [&str; 13] = [
    "clock", "proxy", "tls", "broker", "provider", "provider", "provider", "provider", "provider", "keyring",
    "loopback", "browser", "register",
];

/// The lines as check and state.
#[track_caller]
fn states(ran: &Ran) -> Vec<(String, String)> {
    let lines = ran.json()["lines"].as_array().cloned().expect("lines");
    lines.iter().map(|line| (text(line, "check").to_owned(), text(line, "state").to_owned())).collect()
}

/// The first line of a check.
#[track_caller]
fn line(ran: &Ran, check: &str) -> Value {
    let lines = ran.json()["lines"].as_array().cloned().expect("lines");
    lines.into_iter().find(|line| line["check"] == check).expect("a line of this check")
}

#[test]
fn all_is_well_and_nothing_was_changed() {
    let rig = Rig::start();
    let browser = BrowserScript::new();
    let convoke = || rig.convoke().env("BROWSER", browser.path());
    // Without any account.
    let ran = convoke().run(&["doctor"]).expect(0);
    let expected = CHECKS.map(|check| (check.to_owned(), if check == "tls" { "skipped" } else { "ok" }.to_owned()));
    assert_eq!(states(&ran), expected, "{ran:?}");
    assert_eq!(line(&ran, "broker")["note"], "1");
    assert!(browser.opened().is_empty(), "no browser was opened");

    rig.sign_in("zoom");
    let before = rig.kept();
    let ran = convoke().json(false).run(&["doctor"]).expect(0);
    let marks: Vec<char> = ran.stdout.lines().filter_map(|line| line.chars().next()).collect();
    assert_eq!(marks.iter().filter(|mark| **mark == '✓').count(), CHECKS.len() - 1, "{}", ran.stdout);
    assert!(!marks.contains(&'✗') && !marks.contains(&'!'), "{}", ran.stdout);
    assert_eq!(rig.kept(), before);
}

#[test]
fn a_broker_that_is_away_is_named() {
    let mut rig = Rig::start();
    rig.broker.kill();
    let ran = rig.run(&["doctor"]).expect(9);
    let broker = line(&ran, "broker");
    assert_eq!((&broker["state"], &broker["error"]["code"]), (&"failed".into(), &"unreachable".into()));
    let place = rig.broker.url().trim_start_matches("http://").to_owned();
    assert_eq!(broker["subject"], place);
    assert_eq!(line(&ran, "keyring")["state"], "ok", "the others are shown");
    let said = rig.convoke().json(false).run(&["doctor"]).expect(9).stdout;
    assert!(said.contains(&format!("✗ Broker: {place} did not answer")), "{said}");
    assert!(said.contains("Check the network"), "it says what to do: {said}");
}

#[test]
fn a_page_in_the_brokers_place_is_a_networks() {
    let rig = Rig::start();
    let portal = FaultProxy::start(rig.broker.url());
    let mut profile = rig.described();
    profile.broker = portal.url();
    let profile = rig.write_profile("portal.toml", &profile.text());
    for (status, code) in [(200, "intercepted"), (403, "intercepted"), (511, "intercepted"), (407, "proxy_password")] {
        portal.plant("/v1/providers", Fault::page(status), 1);
        let ran = Convoke::new(&rig.session, &profile).run(&["doctor"]).expect(9);
        assert_eq!(line(&ran, "broker")["error"]["code"], code, "{status}");
    }
}

#[test]
fn a_locked_keyring_and_none() {
    let mut rig = Rig::start();
    rig.sign_in("zoom");
    rig.session.keyring().lock();
    let ran = rig.run(&["doctor"]).expect(10);
    assert_eq!(line(&ran, "keyring")["error"]["code"], "keyring_locked");
    assert!(rig.session.keyring().is_locked(), "nobody unlocked it meanwhile");
    rig.session.stop_keyring();
    let ran = rig.run(&["doctor"]).expect(10);
    assert_eq!(line(&ran, "keyring")["error"]["code"], "keyring_absent");
    let said = rig.convoke().json(false).run(&["doctor"]).expect(10).stdout;
    assert!(said.contains("Start GNOME Keyring"), "{said}");
}

#[test]
fn a_browser_that_is_missing_is_no_failure() {
    let rig = Rig::start();
    let ran = rig.convoke().env("BROWSER", "/nowhere/browser").run(&["doctor"]).expect(0);
    assert_eq!(line(&ran, "browser")["state"], "warning");
}

#[test]
fn a_damaged_register_is_found() {
    let rig = Rig::start();
    let account = rig.sign_in("sametime");
    rig.meeting(text(&account, "id"), "Tea");
    let file = rig.convoke().home_path().join("register.sqlite");
    let register = rusqlite::Connection::open(&file).expect("the register");
    register.pragma_update(None, "foreign_keys", false).expect("no checks");
    // A meeting whose account is not there: no act of Convoke's leaves this behind.
    register.execute("DELETE FROM account WHERE id = ?1", [text(&account, "id")]).expect("the account is there");
    drop(register);
    let ran = rig.run(&["doctor"]).expect(1);
    let register = line(&ran, "register");
    assert_eq!((&register["state"], &register["error"]["code"]), (&"failed".into(), &"storage".into()));
    assert!(text(&register["error"], "detail").contains("move register.sqlite"), "{register}");
}

#[test]
fn the_report_can_be_shared() {
    let rig = Rig::start();
    let accounts = [rig.sign_in("zoom"), rig.sign_in("teams"), rig.sign_in("sametime")];
    let missing = rig.session.home().join("bin/browser");
    let doctor = |status| rig.convoke().env("BROWSER", &missing).run(&["doctor"]).expect(status);
    let ran = doctor(0);
    rig.session.keyring().lock();
    let ran_locked = doctor(10);
    rig.session.keyring().unlock();
    let mut canary = Canary::default().secret("the password", PASSWORD.as_bytes());
    let mut secrets = 0;
    for item in rig.session.keyring().credentials() {
        for value in item.as_object().into_iter().flat_map(|object| object.values()).filter_map(Value::as_str) {
            if value.len() >= 16 {
                canary = canary.secret("of the keyring", value.as_bytes());
                secrets += 1;
            }
        }
    }
    assert!(secrets >= 4, "{secrets}");
    for one in [&ran, &ran_locked] {
        assert!(canary.search("the report", one.stdout.as_bytes()).is_empty());
        assert!(canary.search("the diagnostics", one.stderr.as_bytes()).is_empty());
        let report = text(&one.json(), "report").to_owned();
        assert!(report.starts_with("Convoke ") && report.contains("profile  Sandbox"), "{report}");
        for account in &accounts {
            let identity = text(account, "identity");
            assert!(!report.contains(identity) || !identity.contains('@'), "{identity} in {report}");
        }
        assert!(!report.contains('@') && !report.contains('?'), "{report}");
        assert!(!report.contains(&rig.session.home().display().to_string()), "{report}");
        for check in ["clock", "broker", "zoom", "keyring", "~/bin/browser", "register"] {
            assert!(report.contains(check), "{check} in {report}");
        }
    }
}

#[test]
fn a_file_of_authorities_is_told_or_refused() {
    let rig = Rig::start();
    let with = |file: &std::path::Path| rig.convoke().env("CONVOKE_CA_FILE", file);
    let empty = rig.session.dir().file("empty.pem", 0o600, b"no certificate\n");
    for (file, problem) in [(std::path::Path::new("/nowhere/ca.pem"), "unknown"), (empty.as_path(), "refused")] {
        let error = refused(|| with(file), &["account", "list"], b"", 2);
        assert_eq!(
            (&error["fields"][0]["field"], &error["fields"][0]["problem"]),
            (&"network.ca_file".into(), &problem.into())
        );
    }
}

#[test]
fn without_an_organisation_it_still_looks() {
    let rig = Rig::start();
    // The vendors' own hosts, and a proxy that lets nobody through to them.
    let trap = FaultProxy::trap();
    let ran = rig.convoke().without_profile().env("HTTPS_PROXY", trap.url()).run(&["doctor"]).expect(9);
    for host in ["graph.microsoft.com", "api.zoom.us", "webexapis.com", "api.getgo.com"] {
        assert!(trap.requests().iter().any(|line| line.starts_with(&format!("CONNECT {host}:443 "))), "{host}");
    }
    let broker = line(&ran, "broker");
    assert_eq!((&broker["state"], &broker["error"]["code"]), (&"skipped".into(), &"no_broker".into()));
    for check in ["keyring", "loopback", "register"] {
        assert_eq!(line(&ran, check)["state"], "ok", "{check}");
    }
}
