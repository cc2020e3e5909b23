//! After a journey in the window with everything logged, no secret stands where none may be: the session's folders, what the app
//! wrote, arguments and environments of the app and of what it started, and the page.

use std::collections::BTreeSet;

use convoke_harness::canary::{Canary, Found, family};
use convoke_harness::patience::{READY, wait_until};
use convoke_harness::{Session, Tray, process_memory};
use serde_json::json;

use super::desk::{App, BAIT, Desk};
use super::walk::{PASSWORD, tray_says};

/// All that a page holds: its tree, its stores, its address, and what stands in fields.
const PAGE: &str = "const kept = store => { try { return JSON.stringify({ ...store }); } catch { return ''; } };
    const fields = [...document.querySelectorAll('input, textarea, select')].map(field => field.value);
    return [document.documentElement.outerHTML, location.href, document.cookie, kept(localStorage), kept(sessionStorage),
        JSON.stringify(history.state), ...fields].join('\\n');";

/// What was seen on the way.
struct Seen {
    /// Name and value of every secret.
    secrets: BTreeSet<(String, String)>,
    /// Name and content of what the app and its page showed.
    shown: Vec<(String, Vec<u8>)>,
}

impl Seen {
    /// Looks at the page, at the kernel's view of the app and of its children, and at the keyring for what is secret.
    #[track_caller]
    fn look(&mut self, desk: &Desk, app: &App, moment: &str) {
        self.shown.push((format!("page {moment}"), app.told(PAGE).into_bytes()));
        for id in family(app.id) {
            for name in ["cmdline", "environ"] {
                let bytes = std::fs::read(format!("/proc/{id}/{name}")).unwrap_or_default();
                self.shown.push((format!("{name} of process {id} {moment}"), bytes));
            }
        }
        for item in desk.session.keyring().credentials() {
            for name in ["refresh", "token", "jwt", "ltpa", "csrf_cookie", "csrf_token"] {
                if let Some(value) = item[name].as_str() {
                    let kind = item["kind"].as_str().unwrap_or_default();
                    self.secrets.insert((format!("{name} of {kind}"), value.to_owned()));
                }
            }
            if let Some(value) = item["session"]["token"].as_str() {
                self.secrets.insert(("the broker's session".to_owned(), value.to_owned()));
            }
        }
    }

    /// What was sent over the wires: grant, code and verifiers.
    fn tap(&mut self, desk: &Desk) {
        for (wire, bytes) in desk.wires.iter().map(convoke_harness::FaultProxy::received).enumerate() {
            let sent = String::from_utf8_lossy(&bytes).into_owned();
            for name in ["code_verifier", "grant", "code"] {
                for (place, _) in sent.match_indices(&format!("{name}=")) {
                    // The name may be the end of a longer one.
                    if sent[..place].ends_with(['&', '\n']) {
                        let rest = &sent[place + name.len() + 1..];
                        let ends = |letter: char| !(letter.is_ascii_alphanumeric() || "-._~%".contains(letter));
                        // After a form's last value the next request begins at once; a long secret is found by its pieces.
                        let longest = if name == "code_verifier" { 43 } else { usize::MAX };
                        let value = &rest[..rest.find(ends).unwrap_or(rest.len()).min(longest)];
                        self.secrets.insert((format!("{name} on wire {wire}"), value.to_owned()));
                    }
                }
            }
        }
    }

    fn canary(&self) -> Canary {
        let known = Canary::default()
            .secret("the password", PASSWORD.as_bytes())
            .secret("the client secret", convoke_harness::broker::CLIENT_SECRET.as_bytes());
        self.secrets.iter().fold(known, |canary, (name, value)| canary.secret(name, value.as_bytes()))
    }

    fn search(&self, desk: &Desk, app: &App) -> BTreeSet<Found> {
        let canary = self.canary();
        // Home, cache, configuration, state: whatever the app and WebKit keep there. The keyring's own files are encrypted.
        let mut found = canary.search_path(desk.session.dir().path());
        for (place, bytes) in &self.shown {
            found.extend(canary.search(place, bytes));
        }
        found.extend(canary.search("the browser's arguments and environment", &desk.browser_was_shown()));
        found.extend(canary.search("output of the app", &app.window.program().stdout()));
        found.extend(canary.search("log of the app", &app.window.program().stderr()));
        found
    }
}

#[test]
fn no_secret_stands_where_none_may_be() {
    let desk = Desk::approving(Session::builder());
    let tray = Tray::start(&desk.session);
    let app = desk.open();
    let mut seen = Seen { secrets: BTreeSet::new(), shown: Vec::new() };
    app.pass_organisation();
    app.pass_keyring();
    app.sign_in_to_zoom(&desk);
    seen.look(&desk, &app, "after Zoom");
    app.press("sign-in-sametime");
    app.type_sametime("a wrong password of ana");
    app.window.wait_text("The user name or the password is wrong");
    seen.look(&desk, &app, "after a wrong password");
    app.type_sametime(PASSWORD);
    app.sees("signed-in-sametime");
    seen.look(&desk, &app, "after Sametime");
    app.pass_the_rest();

    let day = app.tomorrow();
    for account in ["zoom", "sametime"] {
        app.press("new-meeting");
        app.plan(account, &day, "11:00");
        let choose = "const list = document.querySelector('[data-testid=form-account]');
            list.value = [...list.options].find(one => one.value.startsWith(arguments[0])).value;
            list.dispatchEvent(new Event('change', { bubbles: true }));";
        let _ = app.window.execute(choose, &json!([account]));
        app.press("form-submit");
        app.misses("form-subject");
        app.press("detail-join");
    }
    tray.click("Refresh now");
    let _ = tray_says(&tray, "Refreshed ");
    app.press("place-accounts");
    app.sees("accounts");
    seen.look(&desk, &app, "after a refresh");
    seen.tap(&desk);

    let names: BTreeSet<&str> = seen.secrets.iter().map(|(name, _)| name.as_str()).collect();
    for name in [
        "refresh of oauth",
        "token of access",
        "jwt of sametime",
        "refresh of sametime",
        "csrf_cookie of sametime",
        "csrf_token of sametime",
        "grant on wire 0",
        "code_verifier on wire 0",
        "code on wire 1",
        "code_verifier on wire 1",
    ] {
        assert!(names.contains(name), "{name} was not collected: {names:?}");
    }
    everything_was_looked_at(&desk, &app, &seen);
    assert_eq!(seen.search(&desk, &app), BTreeSet::new());
    nothing_stays_in_memory(&app, &seen);
    finds_what_is_planted(&desk, &app, &mut seen);
}

fn holds(bytes: &[u8], part: &str) -> bool {
    String::from_utf8_lossy(bytes).contains(part)
}

fn everything_was_looked_at(desk: &Desk, app: &App, seen: &Seen) {
    let shown = desk.browser_was_shown();
    assert!(holds(&shown, "/v1/authorize/zoom") && holds(&shown, "DBUS_SESSION_BUS_ADDRESS="));
    assert!(!holds(&shown, BAIT), "the browser does not get a person's tokens");
    assert!(seen.shown.iter().any(|(_, bytes)| holds(bytes, BAIT)), "the app itself was really looked at");
    assert!(seen.shown.iter().any(|(_, bytes)| holds(bytes, "WebKitWebProcess")), "its children, too");
    assert!(seen.shown.iter().any(|(place, bytes)| place.starts_with("page") && holds(bytes, "Signed in as")));
    assert!(seen.shown.iter().any(|(place, bytes)| place.starts_with("page") && holds(bytes, "sametime-password")));
    assert!(holds(&app.window.program().stderr(), "convoke"), "everything was logged");
}

/// What an idle app knows of tokens is in the keyring alone: its memory is wiped, and its connections are closed.
fn nothing_stays_in_memory(app: &App, seen: &Seen) {
    let tokens: Vec<String> = seen.secrets.iter().map(|(_, value)| value.clone()).collect();
    wait_until("an idle app without a token", READY, || process_memory::copies(app.id, &tokens).is_empty());
}

/// The search can find: one secret per place.
fn finds_what_is_planted(desk: &Desk, app: &App, seen: &mut Seen) {
    let (name, value) = seen.secrets.first().expect("secrets were collected").clone();
    std::fs::write(desk.home().join("planted"), format!("{{\"x\":{value:?}}}")).expect("a file in the home folder");
    let plant =
        "const field = document.createElement('input'); document.body.append(field); field.value = arguments[0]";
    let _ = app.window.execute(plant, &json!([PASSWORD]));
    seen.look(desk, app, "with a planted password");
    seen.shown.push(("an environment".to_owned(), format!("TOKEN={value}\0").into_bytes()));
    let found = seen.search(desk, app);
    assert!(found.iter().any(|one| one.secret == name && one.place.ends_with("/planted")), "{found:?}");
    for (secret, place) in [("the password", "page with a planted password"), (name.as_str(), "an environment")] {
        assert!(found.iter().any(|one| one.secret == secret && one.place == place), "{place}: {found:?}");
    }
}
