//! One person at one computer: a session with a display, a sandbox, a broker, a browser that only notes what it is asked to open,
//! and the app.

use std::path::{Path, PathBuf};

use convoke_core::{settings::SetupStep, storage::register::Register};
use convoke_harness::canary::family;
use convoke_harness::patience::{READY, wait_for};
use convoke_harness::program::binary;
use convoke_harness::{
    BrokerOptions, BrokerProcess, Convoke, FaultProxy, SandboxProcess, Session, SessionBuilder, WebDriver, Window,
    browse,
};

/// Stands in the environment of the app as a person's own variable would; the browser does not get it.
pub const BAIT: &str = "a-token-of-somebody-else";

/// What a person has before the app is opened.
pub struct Desk {
    pub session: Session,
    pub sandbox: SandboxProcess,
    _broker: BrokerProcess,
    /// Between the app and the broker, and between the broker and Zoom's tokens: what is sent there is kept.
    pub wires: [FaultProxy; 2],
    profile: PathBuf,
    browser: PathBuf,
}

impl Desk {
    /// A sandbox whose sign-in page asks.
    pub fn new() -> Self {
        Self::with(Session::builder(), SandboxProcess::start(&[]))
    }

    /// A sandbox that allows every sign-in by itself.
    pub fn approving(session: SessionBuilder) -> Self {
        Self::with(session, SandboxProcess::auto_approving())
    }

    fn with(session: SessionBuilder, sandbox: SandboxProcess) -> Self {
        let session = session.display(true).start();
        let to_sandbox = FaultProxy::start(sandbox.url());
        let tokens = format!("{}/zoom/oauth/token", to_sandbox.url());
        let broker = BrokerProcess::with(&BrokerOptions::for_sandbox(sandbox.url()).set("ZOOM_TOKEN_URL", &tokens));
        let to_broker = FaultProxy::start(broker.url());
        let mut profile = broker.profile(&sandbox);
        profile.broker = to_broker.url();
        let profile = profile.write(session.dir());
        let seen = session.dir().folder("browser");
        let script = format!(
            "#!/bin/sh\ncat /proc/$$/cmdline /proc/$$/environ >>'{0}/shown'\nprintf '%s\\n' \"$1\" >>'{0}/opened'\n",
            seen.display()
        );
        let browser = session.dir().file("browser/browser", 0o700, script.as_bytes());
        Self { session, sandbox, _broker: broker, wires: [to_broker, to_sandbox], profile, browser }
    }

    /// The folder given as `--home`.
    pub fn home(&self) -> PathBuf {
        self.session.home().join("convoke")
    }

    /// The command line over the same home folder.
    pub fn convoke(&self) -> Convoke<'_> {
        Convoke::new(&self.session, &self.profile).home(&self.home()).env("BROWSER", &self.browser).json(true)
    }

    /// Signs in at the command line, with the account's own name where there is none in `label`; the account's id.
    #[track_caller]
    pub fn sign_in(&self, provider: &str, label: &[&str]) -> String {
        let before = self.opened().len();
        let mut adding = self.convoke().start(&[&["account", "add", provider], label].concat());
        let _ = browse(&self.opened_at(before));
        assert!(adding.wait_end(READY).success(), "{}", String::from_utf8_lossy(&adding.stderr()));
        let account: serde_json::Value = serde_json::from_slice(&adding.stdout()).expect("an account is JSON");
        account["id"].as_str().expect("an id").to_owned()
    }

    /// The providers forget every sign-in, and each of these accounts notices it.
    #[track_caller]
    pub fn end_sign_ins(&self, accounts: &[&str]) {
        self.sandbox.reset();
        for account in accounts {
            let _ = self.convoke().run(&["account", "refresh", account]).expect(3);
        }
    }

    /// The register that the app and the command line share.
    pub fn register(&self) -> Register {
        Register::open(&self.home().join("register.sqlite")).expect("it opens")
    }

    /// The first run is behind this person.
    pub fn pass_first_run(&self) {
        let steps =
            [SetupStep::Welcome, SetupStep::Organisation, SetupStep::Keyring, SetupStep::Accounts, SetupStep::Defaults];
        let _ =
            self.register().change_settings(|settings| settings.done_steps = steps.to_vec()).expect("it is written");
    }

    /// Every address that the browser was asked to open, oldest first.
    pub fn opened(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.browser.with_file_name("opened")).unwrap_or_default();
        text.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n')).map(str::to_owned).collect()
    }

    /// Waits for the address number `index` (from 0).
    #[track_caller]
    pub fn opened_at(&self, index: usize) -> String {
        wait_for("an address for the browser", READY, || self.opened().into_iter().nth(index))
    }

    /// What the kernel shows of the browser: its arguments and its environment.
    pub fn browser_was_shown(&self) -> Vec<u8> {
        std::fs::read(self.browser.with_file_name("shown")).unwrap_or_default()
    }

    /// Opens the app as a person does and waits for its first screen.
    #[track_caller]
    pub fn open(&self) -> App {
        self.open_with(&[])
    }

    /// Opens the app so that pictures of it can be taken: the driver's never come where `WebKit` was told to draw in software.
    #[track_caller]
    pub fn open_for_pictures(&self) -> App {
        self.open_with(&[("WEBKIT_DISABLE_DMABUF_RENDERER", "0")])
    }

    #[track_caller]
    fn open_with(&self, variables: &[(&str, &str)]) -> App {
        let driver = WebDriver::start_with(|program| {
            let mut command = self.session.command(program);
            command.env("BROWSER", &self.browser).env("BAIT_TOKEN", BAIT).env("RUST_LOG", "trace");
            command.envs(variables.iter().copied());
            command
        });
        let path = |path: &Path| path.to_str().expect("a path of this test is text").to_owned();
        let (profile, home, program) = (path(&self.profile), path(&self.home()), binary("convoke-desktop"));
        let window = driver.open_app(&program, &["--profile", &profile, "--home", &home]);
        let is_app = |id: &u32| {
            let words = std::fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
            words.starts_with(program.as_os_str().as_encoded_bytes())
        };
        let id = family(window.program().id()).into_iter().find(is_app).expect("the driver started the app");
        window.wait_until("the first screen", "return 'ready' in document.documentElement.dataset");
        App { window, id }
    }
}

/// The app in its window.
pub struct App {
    pub window: Window,
    /// Of its process.
    pub id: u32,
}

impl App {
    /// Presses what has this test id, once it can be pressed.
    #[track_caller]
    pub fn press(&self, id: &str) {
        self.window.click_on(&format!("[data-testid=\"{id}\"]:not(:disabled):not([aria-busy])"));
    }

    /// Waits for what has this test id.
    #[track_caller]
    pub fn sees(&self, id: &str) {
        let _ = self.window.find(&format!("[data-testid=\"{id}\"]"));
    }

    /// Waits until nothing has this test id.
    #[track_caller]
    pub fn misses(&self, id: &str) {
        let script = format!("return document.querySelector('[data-testid=\"{id}\"]') === null");
        self.window.wait_until(&format!("the end of {id}"), &script);
    }

    /// Types over what stands in a field.
    #[track_caller]
    pub fn fill(&self, id: &str, text: &str) {
        let field = self.window.find(&format!("[data-testid=\"{id}\"]"));
        self.window.clear(&field);
        self.window.send_keys(&field, text);
    }

    /// What a script answers, as text.
    #[track_caller]
    pub fn told(&self, script: &str) -> String {
        match self.window.execute(script, &serde_json::json!([])) {
            serde_json::Value::String(text) => text,
            other => panic!("a text was expected, not {other}"),
        }
    }

    /// The subjects of the meetings on the list, in their order.
    #[track_caller]
    pub fn subjects(&self) -> Vec<String> {
        let script =
            "return [...document.querySelectorAll('[data-testid=meeting-row]')].map(row => row.dataset.subject)";
        serde_json::from_value(self.window.execute(script, &serde_json::json!([]))).expect("a list of texts")
    }
}

/// Whether a process has ended; one that nobody has asked for its exit code has ended, too.
pub fn has_ended(id: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_none_or(|(_, rest)| rest.starts_with('Z') || rest.starts_with('X'))
}
