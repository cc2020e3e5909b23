//! The `convoke-broker` binary on a free port, configured by a file of mode 0600: the client secrets are in no argument and in
//! no environment.

use std::collections::BTreeMap;
use std::process::Command;

use rustix::process::Signal;

use crate::patience;
use crate::private_dir::PrivateDir;
use crate::profile::Profile;
use crate::program::{self, Program};
use crate::sandbox::SandboxProcess;

/// The client id that the sandbox knows.
pub const CLIENT_ID: &str = "sandbox-client";
/// The client secret that the sandbox knows. It guards nothing.
pub const CLIENT_SECRET: &str = "sandbox-secret";

/// The broker's configuration, key by key.
#[derive(Clone, Debug)]
pub struct BrokerOptions {
    keys: BTreeMap<String, String>,
}

impl BrokerOptions {
    /// All of a sandbox's providers that have a broker, on a free loopback port, without the page that asks.
    #[must_use]
    pub fn for_sandbox(sandbox: &str) -> Self {
        let endpoints = [
            ("TEAMS_AUTHORIZE_URL", "teams/oauth2/v2.0/authorize"),
            ("TEAMS_TOKEN_URL", "teams/oauth2/v2.0/token"),
            ("ZOOM_AUTHORIZE_URL", "zoom/oauth/authorize"),
            ("ZOOM_TOKEN_URL", "zoom/oauth/token"),
            ("ZOOM_REVOKE_URL", "zoom/oauth/revoke"),
            ("WEBEX_AUTHORIZE_URL", "webex/v1/authorize"),
            ("WEBEX_TOKEN_URL", "webex/v1/access_token"),
            ("GTM_AUTHORIZE_URL", "goto/oauth/authorize"),
            ("GTM_TOKEN_URL", "goto/oauth/token"),
            ("GTM_REVOKE_URL", "goto/oauth/revoke"),
        ];
        let mut options = Self { keys: BTreeMap::new() }.set("PORT", "0").set("CONFIRM_SIGN_IN", "off");
        for (key, path) in endpoints {
            options = options.set(key, &format!("{sandbox}/{path}"));
        }
        for prefix in ["TEAMS_", "ZOOM_", "WEBEX_", "GTM_"] {
            options = options.register(prefix, CLIENT_ID, CLIENT_SECRET);
        }
        options
    }

    /// Sets one key, replacing what it had.
    #[must_use]
    pub fn set(mut self, key: &str, value: &str) -> Self {
        self.keys.insert(key.to_owned(), value.to_owned());
        self
    }

    /// Takes one key out.
    #[must_use]
    pub fn unset(mut self, key: &str) -> Self {
        self.keys.remove(key);
        self
    }

    /// Sets the registration of one provider by its prefix (`ZOOM_`).
    #[must_use]
    pub fn register(self, prefix: &str, id: &str, secret: &str) -> Self {
        self.set(&format!("{prefix}CLIENT_ID"), id).set(&format!("{prefix}CLIENT_SECRET"), secret)
    }

    /// The text of the configuration file.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        for (key, value) in &self.keys {
            text += &format!("{key} = {value:?}\n");
        }
        text
    }
}

/// A running broker.
#[derive(Debug)]
pub struct BrokerProcess {
    url: String,
    program: Program,
    dir: PrivateDir,
}

impl BrokerProcess {
    /// Starts one for `sandbox`.
    #[must_use]
    pub fn start(sandbox: &SandboxProcess) -> Self {
        Self::with(&BrokerOptions::for_sandbox(sandbox.url()))
    }

    /// Starts one with this configuration.
    #[must_use]
    pub fn with(options: &BrokerOptions) -> Self {
        let dir = PrivateDir::new("broker");
        let program = launch(&dir, options);
        Self { url: program.wait_listening(), program, dir }
    }

    /// Starts one that is expected to refuse its configuration: the caller waits for its end.
    #[must_use]
    pub fn expecting_refusal(options: &BrokerOptions) -> (Program, PrivateDir) {
        let dir = PrivateDir::new("broker");
        (launch(&dir, options), dir)
    }

    /// Its origin, without a final `/`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The process, for its output.
    #[must_use]
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// Asks it to end, as a service's starter does, and waits until it has.
    pub fn end(&mut self) {
        self.program.signal(Signal::TERM);
        let status = self.program.wait_end(patience::READY);
        assert!(status.success(), "the broker ended with {status}");
    }

    /// Ends it at once, as a crash would.
    pub fn kill(&mut self) {
        self.program.kill();
    }

    /// The folder with its configuration.
    #[must_use]
    pub fn dir(&self) -> &PrivateDir {
        &self.dir
    }

    /// The profile that leads to this broker and to `sandbox`.
    #[must_use]
    pub fn profile(&self, sandbox: &SandboxProcess) -> Profile {
        Profile::new(sandbox.url(), &self.url)
    }
}

fn launch(dir: &PrivateDir, options: &BrokerOptions) -> Program {
    let config = dir.file("broker.toml", 0o600, options.text().as_bytes());
    let mut command = Command::new(program::binary("convoke-broker"));
    // Its configuration must come from the file alone: a variable of the machine that runs the test must not mix in.
    command.env_clear().env("RUST_LOG", "trace").arg("--config").arg(config);
    Program::start(command)
}
