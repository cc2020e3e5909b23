//! The form in the real window: for each provider exactly the options that it has, and a series that a provider cannot do is refused
//! with its ways out before anything is sent.

use std::collections::BTreeMap;

use convoke_harness::patience::READY;
use convoke_harness::{Browser, Session};
use serde_json::{Value, json};

use super::desk::{App, Desk};
use super::walk::PASSWORD;

const IN_A_BROWSER: [&str; 4] = ["teams", "zoom", "webex", "goto"];

/// Signs in everywhere at the command line: the accounts' ids by their provider.
fn accounts(desk: &Desk) -> BTreeMap<String, String> {
    let mut ids = BTreeMap::new();
    for (place, provider) in IN_A_BROWSER.into_iter().enumerate() {
        let mut adding = desk.convoke().start(&["account", "add", provider]);
        let page = Browser::default().open(&desk.opened_at(place));
        assert!(page.answer.text().contains("You are signed in"), "{provider}: {}", page.answer.text());
        assert!(adding.wait_end(READY).success(), "{}", String::from_utf8_lossy(&adding.stderr()));
        ids.insert(provider.to_owned(), id(&serde_json::from_slice(&adding.stdout()).expect("an account is JSON")));
    }
    let words = ["account", "add", "sametime", "--username", "ana", "--password-stdin"];
    let added = desk.convoke().run_with_input(&words, PASSWORD.as_bytes()).expect(0).json();
    ids.insert("sametime".to_owned(), id(&added));
    ids
}

fn id(account: &Value) -> String {
    account["id"].as_str().expect("an id").to_owned()
}

impl App {
    /// Chooses in a list as a person does.
    #[track_caller]
    fn choose(&self, list: &str, value: &str) {
        let script = "const list = document.querySelector(`[data-testid=\"${arguments[0]}\"]`);
            list.value = arguments[1]; list.dispatchEvent(new Event('change', { bubbles: true })); return list.value;";
        assert_eq!(self.window.execute(script, &json!([list, value])), json!(value), "{list} has {value}");
    }

    /// Scrolls what has this test id to the middle of the form.
    #[track_caller]
    fn reach(&self, id: &str) {
        let script = "document.querySelector(`[data-testid=\"${arguments[0]}\"]`).scrollIntoView({ block: 'center' })";
        let _ = self.window.execute(script, &json!([id]));
    }

    /// The options that the form shows, in their order.
    #[track_caller]
    fn options(&self) -> Value {
        let script = "return [...document.querySelectorAll('[data-testid^=\"form-option-\"]')].map(one => one.dataset.testid.slice(12))";
        self.window.execute(script, &json!([]))
    }
}

#[test]
fn exactly_what_each_provider_has() {
    let desk = Desk::approving(Session::builder());
    let accounts = accounts(&desk);
    let table: BTreeMap<String, Value> = desk
        .convoke()
        .run(&["provider", "list"])
        .expect(0)
        .json()
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| {
            let rows = one["capabilities"]["options"].as_array().expect("rows");
            let keys = rows.iter().map(|row| row["key"].clone()).collect();
            (one["provider"].as_str().expect("a name").to_owned(), keys)
        })
        .collect();
    assert_eq!(table.len(), 5);

    let app = desk.open_for_pictures();
    app.press("continue");
    app.pass_organisation_and_keyring();
    app.pass_the_rest();
    app.press("new-meeting");
    app.window.wait_until("the focus in the title", "return document.activeElement.dataset.testid === 'form-subject'");
    for (provider, account) in &accounts {
        app.choose("form-account", account);
        if table[provider] == json!([]) {
            app.misses("form-options");
            continue;
        }
        app.sees("form-options");
        app.reach("form-options");
        if app.options() == json!([]) {
            app.press("form-options");
        }
        app.window.wait_until(
            &format!("the options of {provider}"),
            &format!(
                "return JSON.stringify([...document.querySelectorAll('[data-testid^=\"form-option-\"]')].map(one => one.dataset.testid.slice(12))) === '{}'",
                table[provider]
            ),
        );
        app.reach(&format!("form-option-{}", table[provider][0].as_str().expect("a key")));
        app.picture(&format!("form-options-{provider}"));
    }

    a_yearly_series(&desk, &app, &accounts["zoom"]);
}

fn a_yearly_series(desk: &Desk, app: &App, zoom: &str) {
    app.choose("form-account", zoom);
    app.plan("Anniversary", "2031-03-17", "09:30");
    app.choose("form-repeat", "year");
    let before = desk.sandbox.calls();
    app.press("form-submit");
    app.sees("form-alternative-linked");
    app.sees("form-alternative-one_link");
    app.window.wait_text("Zoom has no series that repeats every year");
    app.reach("form-alternative-linked");
    app.picture("form-alternatives");
    assert_eq!(desk.sandbox.calls(), before, "nothing was sent");

    app.press("form-alternative-one_link");
    app.press("form-submit");
    app.misses("form-subject");
    app.sees("detail");
    app.picture("detail-series");
    let made = &desk.sandbox.meetings("zoom")[0];
    assert_eq!((&made["topic"], &made["type"]), (&json!("Anniversary"), &json!(3)), "{made}");
}
