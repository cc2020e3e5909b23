//! One person at one computer: a session with a keyring, a sandbox, a broker, a profile, and the command line over them.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use convoke_harness::convoke::finish;
use convoke_harness::http::{self, Answer};
use convoke_harness::{BrokerProcess, Browser, Convoke, Profile, Program, Ran, SandboxProcess, Session};
use rusqlite::{Connection, OpenFlags, types::Value as Cell};
use serde_json::{Value, json};
use url::Url;

/// The password of the sandbox's Sametime users.
pub const PASSWORD: &str = "sandbox-password";
/// A start that lies ahead for years.
pub const START: &str = "2031-03-14T09:30";

/// Everything a test of the command line needs.
pub struct Rig {
    pub session: Session,
    pub sandbox: SandboxProcess,
    pub broker: BrokerProcess,
    pub profile: PathBuf,
}

impl Rig {
    pub fn start() -> Self {
        Self::with(Session::start())
    }

    pub fn with(session: Session) -> Self {
        let sandbox = SandboxProcess::auto_approving();
        let broker = BrokerProcess::start(&sandbox);
        let profile = broker.profile(&sandbox).write(session.dir());
        Self { session, sandbox, broker, profile }
    }

    /// The command line with JSON output and a browser that must not be opened.
    pub fn convoke(&self) -> Convoke<'_> {
        Convoke::new(&self.session, &self.profile).env("BROWSER", "/nowhere/browser")
    }

    /// The profile of this sandbox and broker, to be changed.
    pub fn described(&self) -> Profile {
        self.broker.profile(&self.sandbox)
    }

    /// Writes a second profile file beside the first.
    pub fn write_profile(&self, name: &str, text: &str) -> PathBuf {
        self.session.dir().file(name, 0o600, text.as_bytes())
    }

    #[track_caller]
    pub fn run(&self, words: &[&str]) -> Ran {
        self.convoke().run(words)
    }

    /// Runs a command that must end with exit 0; its JSON value.
    #[track_caller]
    pub fn json(&self, words: &[&str]) -> Value {
        self.run(words).expect(0).json()
    }

    /// Signs in and answers the account.
    #[track_caller]
    pub fn sign_in(&self, provider: &str) -> Value {
        let convoke = self.convoke();
        if provider == "sametime" {
            let words = ["account", "add", "sametime", "--username", "ana", "--password-stdin"];
            return convoke.run_with_input(&words, PASSWORD.as_bytes()).expect(0).json();
        }
        let mut adding = Adding::start(&convoke, provider);
        let page = Browser::default().open(&adding.authorize_url);
        assert_eq!(page.answer.status, 200, "{}", page.answer.text());
        adding.end().account()
    }

    /// Makes a meeting of 45 minutes.
    #[track_caller]
    pub fn meeting(&self, account: &str, subject: &str) -> Value {
        self.json(&create(account, subject))
    }

    /// Who signs in at the sandbox from now on, and whether they allow it.
    #[track_caller]
    pub fn person(&self, email: &str, allow: bool) {
        let url = format!("{}/_sandbox/sign-in", self.sandbox.url());
        assert_eq!(http::post_json(&url, &json!({"email": email, "allow": allow})).status, 200);
    }

    /// What a person would miss: the register's rows, the keyring's items, and what the sandbox keeps.
    #[track_caller]
    pub fn kept(&self) -> Kept {
        let described = |(names, secret): (HashMap<String, String>, Vec<u8>)| {
            // gnome-keyring adds its schema when it reads its file again.
            let mut names: Vec<_> = names.into_iter().filter(|(name, _)| name != "xdg:schema").collect();
            names.sort();
            let mut mark = DefaultHasher::new();
            secret.hash(&mut mark);
            format!("{names:?} {:016x}", mark.finish())
        };
        let mut items: Vec<String> = self.session.keyring().items().into_iter().map(described).collect();
        items.sort();
        let state = self.sandbox.state();
        Kept {
            rows: rows(&self.convoke().home_path().join("register.sqlite")),
            items,
            meetings: state["meetings"].clone(),
            issued: state["tokens"].clone(),
        }
    }
}

/// What is kept; two of them are equal where nothing was changed.
#[derive(Debug, PartialEq)]
pub struct Kept {
    pub rows: Vec<String>,
    /// Attributes and a mark of the secret: a failing test prints this.
    pub items: Vec<String>,
    pub meetings: Value,
    pub issued: Value,
}

/// Every row of the register but what a look at an account may change in it: health, and when it was listed.
fn rows(register: &Path) -> Vec<String> {
    let Ok(connection) = Connection::open_with_flags(register, OpenFlags::SQLITE_OPEN_READ_ONLY) else {
        return Vec::new();
    };
    let mut all = Vec::new();
    for (table, columns) in [
        ("setting", "name, value"),
        ("account", "id, provider, label, subject, address, scopes, broker, api_base, expires_at, last_refresh"),
        (
            "meeting",
            "id, account, provider_id, subject, start, minutes, zone, join_url, agenda, invitees, state, rule, exceptions, form, options",
        ),
        ("intent", "id, account, draft, made, candidates"),
    ] {
        let Ok(mut statement) = connection.prepare(&format!("SELECT {columns} FROM {table} ORDER BY 1")) else {
            continue;
        };
        let width = statement.column_count();
        let mut found = statement.query([]).expect("the register answers");
        while let Some(row) = found.next().expect("a row") {
            let cells: Vec<Cell> = (0..width).map(|place| row.get(place).expect("a cell")).collect();
            all.push(format!("{table}: {cells:?}"));
        }
    }
    all
}

/// The words that make a meeting of 45 minutes.
pub fn create<'a>(account: &'a str, subject: &'a str) -> Vec<&'a str> {
    vec![
        "meeting",
        "create",
        "--account",
        account,
        "--subject",
        subject,
        "--start",
        START,
        "--zone",
        "Europe/Zurich",
        "--duration",
        "45m",
    ]
}

/// The text of a JSON value's field.
#[track_caller]
pub fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_else(|| panic!("no text {field} in {value}"))
}

/// A `convoke account add PROVIDER --no-browser --json` that waits for the browser.
pub struct Adding {
    pub program: Program,
    pub authorize_url: String,
}

impl Adding {
    #[track_caller]
    pub fn start(convoke: &Convoke<'_>, provider: &str) -> Self {
        let program = convoke.start(&["account", "add", provider, "--no-browser"]);
        let line = program.wait_line("the address to open", |line| line.starts_with('{'));
        let said: Value = serde_json::from_str(&line).expect("a line of JSON");
        let authorize_url = text(&said, "authorize_url").to_owned();
        let names: Vec<&String> = said.as_object().into_iter().flatten().map(|(name, _)| name).collect();
        assert_eq!(names, ["authorize_url", "match_code"], "{said}");
        assert_eq!(text(&said, "match_code").len(), 4, "{said}");
        Self { program, authorize_url }
    }

    /// One parameter of the address: `redirect_uri`, `state`, …
    #[track_caller]
    pub fn parameter(&self, name: &str) -> String {
        let url = Url::parse(&self.authorize_url).expect("an address");
        let found = url.query_pairs().find(|(own, _)| own == name);
        found.unwrap_or_else(|| panic!("no {name} in {url}")).1.into_owned()
    }

    /// Where the listener is.
    #[track_caller]
    pub fn redirect_uri(&self) -> Url {
        Url::parse(&self.parameter("redirect_uri")).expect("an address")
    }

    /// Waits for its end.
    #[track_caller]
    pub fn end(&mut self) -> Added {
        Added(finish(&mut self.program))
    }
}

/// What `account add` left; its first line is the address to open.
pub struct Added(pub Ran);

impl Added {
    /// The second line of standard output, and there is no third.
    #[track_caller]
    pub fn second(&self) -> Value {
        let lines: Vec<&str> = self.0.stdout.lines().collect();
        assert_eq!(lines.len(), 2, "{:?}", self.0);
        serde_json::from_str(lines[1]).expect("a line of JSON")
    }

    /// The account, after exit 0.
    #[track_caller]
    pub fn account(&self) -> Value {
        assert_eq!(self.0.status, 0, "{:?}", self.0);
        self.second()
    }
}

/// The error of a JSON value of the form that interfaces promise.
#[track_caller]
pub fn error(value: &Value) -> &Value {
    let error = &value["error"];
    assert!(error["code"].is_string() && error["message"].is_string() && error["fields"].is_array(), "{value}");
    assert!(error.as_object().is_some_and(|object| object.contains_key("retry_at")), "{value}");
    error
}

/// POST of a form with the sandbox client's authentication.
#[track_caller]
pub fn post_as_client(url: &str, fields: &[(&str, &str)]) -> Answer {
    // "sandbox-client:sandbox-secret"
    let headers = [("Authorization", "Basic c2FuZGJveC1jbGllbnQ6c2FuZGJveC1zZWNyZXQ="), ("Content-Type", http::FORM)];
    http::request("POST", &Url::parse(url).expect("an address"), &headers, http::form(fields).as_bytes())
        .expect("an answer")
}

/// How many of `all` are made here: a tenth, and every one in `make soak`.
#[expect(clippy::disallowed_methods, reason = "one variable says that everything is counted")]
pub fn share(all: usize) -> usize {
    if std::env::var_os("CONVOKE_SOAK").is_some() { all } else { all / 10 }
}
