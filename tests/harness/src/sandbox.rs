//! The `convoke-sandbox` binary on a free port, with its controls.

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::{Value, json};

use crate::http;
use crate::program::{self, Program};

/// A running sandbox: every provider, in memory.
#[derive(Debug)]
pub struct SandboxProcess {
    url: String,
    program: Program,
}

impl SandboxProcess {
    /// Starts one that approves every sign-in by itself.
    #[must_use]
    pub fn auto_approving() -> Self {
        Self::start(&["--auto-approve"])
    }

    /// Starts one with these arguments besides `--listen 127.0.0.1:0`.
    #[must_use]
    pub fn start(args: &[&str]) -> Self {
        let mut command = Command::new(program::binary("convoke-sandbox"));
        command.args(["--listen", "127.0.0.1:0"]).args(args);
        let program = Program::start(command);
        Self { url: program.wait_listening(), program }
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

    /// `GET /_sandbox/state`: the time, the calls by method and path template, the providers' meetings and tokens.
    #[must_use]
    #[track_caller]
    pub fn state(&self) -> Value {
        let answer = http::get(&self.control("state"));
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    /// The calls it has seen, by method and path template.
    #[must_use]
    #[track_caller]
    pub fn calls(&self) -> BTreeMap<String, u64> {
        serde_json::from_value(self.state()["calls"].clone()).expect("calls are numbers by name")
    }

    /// How often one route (`"POST /zoom/oauth/token"`) was called.
    #[must_use]
    #[track_caller]
    pub fn called(&self, route: &str) -> u64 {
        self.calls().get(route).copied().unwrap_or(0)
    }

    /// The provider's own meeting objects.
    #[must_use]
    #[track_caller]
    pub fn meetings(&self, provider: &str) -> Vec<Value> {
        self.state()["meetings"][provider].as_array().cloned().unwrap_or_default()
    }

    /// Plants a fault (`html`, `reset`, `status:503`, …) for the next `times` calls of a route; `after`: act first, fail then.
    #[track_caller]
    pub fn fault(&self, route: &str, fault: &str, times: u32, after: bool) {
        self.post("faults", &json!({"route": route, "fault": fault, "times": times, "after": after}));
    }

    /// Takes all faults away.
    #[track_caller]
    pub fn clear_faults(&self) {
        let url = self.control("faults").parse().expect("an address");
        let answer = http::request("DELETE", &url, &[], b"").expect("the sandbox answers");
        assert!(answer.status < 300, "{}", answer.text());
    }

    /// Moves its clock forward.
    #[track_caller]
    pub fn advance(&self, seconds: i64) {
        self.post("clock", &json!({"advance_seconds": seconds}));
    }

    /// Makes it forget everything.
    #[track_caller]
    pub fn reset(&self) {
        self.post("reset", &json!({}));
    }

    fn control(&self, name: &str) -> String {
        format!("{}/_sandbox/{name}", self.url)
    }

    #[track_caller]
    fn post(&self, name: &str, body: &Value) {
        let answer = http::post_json(&self.control(name), body);
        assert!(answer.status < 300, "{name}: {} {}", answer.status, answer.text());
    }
}
