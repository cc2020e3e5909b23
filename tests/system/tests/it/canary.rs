//! After the whole journey with everything logged, no secret stands where none may be: home folder, logs, outputs, argument
//! lists, environments. The secrets come from where they may be: the keyring, and the wires between the programs.

use std::collections::BTreeSet;
use std::path::Path;

use convoke_harness::canary::{Canary, Found};
use convoke_harness::patience::{READY, wait_until};
use convoke_harness::{BrokerOptions, BrokerProcess, Browser, Convoke, FaultProxy, Program, SandboxProcess, Session};
use serde_json::Value;
use url::Url;

use crate::rig::{PASSWORD, Rig, text};

/// A journey whose wires are tapped, and what it has said and shown so far.
struct Tapped {
    rig: Rig,
    to_broker: FaultProxy,
    to_sandbox: FaultProxy,
    browser: std::path::PathBuf,
    /// Name and value of every secret.
    secrets: BTreeSet<(String, String)>,
    /// Everything that `convoke` printed.
    said: Vec<(String, Vec<u8>)>,
    /// Argument lists and environments, as the kernel shows them.
    shown: Vec<(String, Vec<u8>)>,
}

impl Tapped {
    fn start() -> Self {
        let session = Session::builder().env("RUST_LOG", "trace").start();
        let sandbox = SandboxProcess::auto_approving();
        let to_sandbox = FaultProxy::start(sandbox.url());
        let endpoint = |path: &str| format!("{}/{path}", to_sandbox.url());
        let options = BrokerOptions::for_sandbox(sandbox.url())
            .set("ZOOM_TOKEN_URL", &endpoint("zoom/oauth/token"))
            .set("ZOOM_REVOKE_URL", &endpoint("zoom/oauth/revoke"))
            .set("TEAMS_TOKEN_URL", &endpoint("teams/oauth2/v2.0/token"));
        let broker = BrokerProcess::with(&options);
        let to_broker = FaultProxy::start(broker.url());
        let mut profile = broker.profile(&sandbox);
        profile.broker = to_broker.url();
        let profile = profile.write(session.dir());
        // Opens nothing; writes down what the kernel shows of it.
        let seen = session.dir().folder("browser");
        let script = format!(
            "#!/bin/sh\ncat /proc/$$/cmdline /proc/$$/environ >>'{0}/shown'\nprintf '%s\\n' \"$1\" >>'{0}/opened'\n",
            seen.display()
        );
        let browser = session.dir().file("browser/browser", 0o700, script.as_bytes());
        let rig = Rig { session, sandbox, broker, profile };
        Self { rig, to_broker, to_sandbox, browser, secrets: BTreeSet::new(), said: Vec::new(), shown: Vec::new() }
    }

    fn convoke(&self) -> Convoke<'_> {
        // A person's own variables of such names are theirs; the browser does not get them.
        self.rig.convoke().env("BROWSER", &self.browser).env("BAIT_TOKEN", Path::new(BAIT))
    }

    /// What the kernel shows of a running program and of those that it started.
    fn sample(&mut self, what: &str, id: u32) {
        for member in convoke_harness::canary::family(id) {
            for name in ["cmdline", "environ"] {
                let bytes = std::fs::read(format!("/proc/{member}/{name}")).unwrap_or_default();
                self.shown.push((format!("{name} of {what}"), bytes));
            }
        }
    }

    fn keep(&mut self, what: &str, program: &mut Program) -> Vec<u8> {
        assert!(program.wait_end(READY).success(), "{what}: {}", String::from_utf8_lossy(&program.stderr()));
        let output = program.stdout();
        self.said.push((format!("output of {what}"), output.clone()));
        self.said.push((format!("diagnostics of {what}"), program.stderr()));
        self.collect_tokens();
        output
    }

    /// Runs a command to its end; its JSON value.
    fn run(&mut self, words: &[&str]) -> Value {
        let mut program = self.convoke().start(words);
        let what = words.get(1).unwrap_or(&words[0]);
        self.sample(what, program.id());
        program.close_stdin();
        let output = self.keep(what, &mut program);
        serde_json::from_slice(&output).expect("a JSON value")
    }

    fn sign_in(&mut self, provider: &str) -> Value {
        let before = self.opened().len();
        let mut program = self.convoke().start(&["account", "add", provider]);
        wait_until("the browser", READY, || self.opened().len() > before);
        self.sample(provider, program.id());
        let page = Browser::default().open(&self.opened()[before]);
        for (name, value) in page.visited.iter().flat_map(Url::query_pairs) {
            if ["code", "grant"].contains(&name.as_ref()) {
                self.secrets.insert((format!("{name} of {provider}"), value.into_owned()));
            }
        }
        let output = self.keep(provider, &mut program);
        serde_json::from_slice(&output).expect("a JSON value")
    }

    fn sign_in_with_a_password(&mut self) -> Value {
        let words = ["account", "add", "sametime", "--username", "ana", "--password-stdin"];
        let mut program = self.convoke().start(&words);
        program.write(PASSWORD.as_bytes());
        self.sample("sametime", program.id());
        program.close_stdin();
        let output = self.keep("sametime", &mut program);
        serde_json::from_slice(&output).expect("a JSON value")
    }

    fn opened(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.browser.with_file_name("opened")).unwrap_or_default();
        text.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n')).map(str::to_owned).collect()
    }

    /// Every token that the keyring holds now.
    fn collect_tokens(&mut self) {
        for item in self.rig.session.keyring().credentials() {
            for name in ["refresh", "token", "jwt", "ltpa", "csrf_cookie", "csrf_token"] {
                if let Some(value) = item[name].as_str() {
                    self.secrets.insert((format!("{name} of {}", text(&item, "kind")), value.to_owned()));
                }
            }
            if let Some(value) = item["session"]["token"].as_str() {
                self.secrets.insert(("the broker's session".to_owned(), value.to_owned()));
            }
        }
    }

    /// Verifiers, which only the wires show.
    fn collect_verifiers(&mut self) -> usize {
        let mut found = 0;
        for (wire, bytes) in [("app's", self.to_broker.received()), ("broker's", self.to_sandbox.received())] {
            let sent = String::from_utf8_lossy(&bytes).into_owned();
            for rest in sent.split("code_verifier=").skip(1) {
                let end = rest.find(|letter: char| !(letter.is_ascii_alphanumeric() || "-._~".contains(letter)));
                let value = &rest[..end.unwrap_or(rest.len()).min(43)];
                assert_eq!(value.len(), 43, "a whole verifier");
                self.secrets.insert((format!("the {wire} verifier"), value.to_owned()));
                found += 1;
            }
        }
        found
    }

    /// What is looked for.
    fn canary(&self) -> Canary {
        let known = Canary::default()
            .secret("the password", PASSWORD.as_bytes())
            .secret("the client secret", convoke_harness::broker::CLIENT_SECRET.as_bytes());
        self.secrets.iter().fold(known, |canary, (name, value)| canary.secret(name, value.as_bytes()))
    }

    /// Looks everywhere.
    fn search(&self) -> BTreeSet<Found> {
        let canary = self.canary();
        let mut found = canary.search_path(self.rig.convoke().home_path());
        for (place, bytes) in self.said.iter().chain(&self.shown) {
            found.extend(canary.search(place, bytes));
        }
        found.extend(canary.search_path(&self.browser.with_file_name("shown")));
        for (name, program) in [("broker", self.rig.broker.program()), ("sandbox", self.rig.sandbox.program())] {
            found.extend(canary.search(&format!("output of the {name}"), &program.stdout()));
            found.extend(canary.search(&format!("log of the {name}"), &program.stderr()));
            found.extend(canary.search_processes(program.id()));
        }
        found
    }
}

/// Stands in the environment of `convoke` as a person's own variable would; not of what it starts.
const BAIT: &str = "a-token-of-somebody-else";

#[test]
fn no_secret_stands_where_none_may_be() {
    let mut journey = Tapped::start();
    let accounts = [journey.sign_in("zoom"), journey.sign_in("teams"), journey.sign_in_with_a_password()];
    for account in &accounts {
        let id = text(account, "id");
        let made = journey.run(&crate::rig::create(id, "Tea"));
        let meeting = text(&made, "id");
        journey.run(&["meeting", "list", "--account", id]);
        journey.run(&["meeting", "show", meeting]);
        journey.run(&["meeting", "update", meeting, "--subject", "Coffee"]);
        journey.run(&["meeting", "invitation", meeting]);
        journey.run(&["meeting", "join", meeting]);
        journey.run(&["account", "refresh", id]);
    }
    // A 401 on the way, and a renewal.
    journey.rig.sandbox.advance(2 * 3600);
    journey.run(&["meeting", "list"]);
    journey.run(&["account", "list"]);
    journey.run(&["doctor"]);
    assert_eq!(journey.collect_verifiers(), 4, "two sign-ins, two verifiers each");
    let names: BTreeSet<&str> = journey.secrets.iter().map(|(name, _)| name.as_str()).collect();
    for name in [
        "code of zoom",
        "code of teams",
        "grant of zoom",
        "grant of teams",
        "refresh of oauth",
        "token of access",
        "jwt of sametime",
        "refresh of sametime",
        "csrf_cookie of sametime",
        "csrf_token of sametime",
        "the app's verifier",
        "the broker's verifier",
    ] {
        assert!(names.contains(name), "{name} was not collected: {names:?}");
    }

    // Everything was really logged and shown.
    let said = |place: &str| journey.said.iter().any(|(name, bytes)| name.starts_with(place) && !bytes.is_empty());
    assert!(said("diagnostics of zoom") && said("output of zoom"));
    assert!(!journey.rig.broker.program().stderr().is_empty() || !journey.rig.broker.program().stdout().is_empty());
    let shown = std::fs::read(journey.browser.with_file_name("shown")).expect("the browser was shown");
    let holds = |bytes: &[u8], part: &str| String::from_utf8_lossy(bytes).contains(part);
    assert!(holds(&shown, "/v1/authorize/zoom") && holds(&shown, "DBUS_SESSION_BUS_ADDRESS="));
    assert!(!holds(&shown, BAIT), "the browser does not get a person's tokens");
    assert!(journey.shown.iter().any(|(_, bytes)| holds(bytes, BAIT)), "convoke itself was really looked at");

    // The rows of the register, before they go with their accounts.
    assert_eq!(journey.canary().search_path(journey.rig.convoke().home_path()), BTreeSet::new());
    for account in &accounts {
        journey.run(&["account", "remove", text(account, "id")]);
    }
    assert_eq!(journey.search(), BTreeSet::new());
    finds_what_is_planted(&mut journey);
}

/// The search can find: every secret in a file of the home folder, and one per other place.
fn finds_what_is_planted(journey: &mut Tapped) {
    let planted: Vec<(String, String)> = journey.secrets.iter().cloned().collect();
    let canary = journey.canary();
    let home = journey.rig.convoke().home_path().join("planted");
    for (name, value) in &planted {
        std::fs::write(&home, format!("{{\"x\":{value:?}}}")).expect("a file in the home folder");
        let found = canary.search_path(&home);
        assert!(found.iter().any(|one| one.secret == *name), "{name}");
        if ["token of access", "refresh of oauth"].contains(&name.as_str()) {
            // A log cuts a long token short.
            std::fs::write(&home, format!("Bearer {}…", &value[..48])).expect("a file in the home folder");
            assert!(!canary.search_path(&home).is_empty(), "the beginning of {name}");
        }
    }
    // What was found clean need not be read again.
    journey.said.clear();
    journey.shown.clear();
    journey.said.push(("a log".to_owned(), format!("refresh_token={}", planted[0].1).into_bytes()));
    journey.shown.push(("an environment".to_owned(), format!("TOKEN={PASSWORD}\0").into_bytes()));
    let places: BTreeSet<String> = journey.search().into_iter().map(|one| one.place).collect();
    for place in ["a log", "an environment", &home.display().to_string()] {
        assert!(places.contains(place), "{place}: {places:?}");
    }
}
