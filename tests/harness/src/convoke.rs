//! The `convoke` command line, run as a person's script runs it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use crate::program::{self, Program};
use crate::session::Session;

/// How long a command may take. A sign-in waits up to five minutes by design; no test waits for that.
const LIMIT: Duration = Duration::from_secs(120);

/// What a finished command left.
#[derive(Clone, Debug)]
pub struct Ran {
    /// The exit code; -1 when a signal ended it.
    pub status: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Ran {
    /// Standard output as one JSON value. Panics with everything it said when it is not.
    #[must_use]
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The same, if the exit code is `status`. Panics with everything it said otherwise.
    #[track_caller]
    #[allow(clippy::return_self_not_must_use, reason = "often the exit code is all that counts")]
    pub fn expect(self, status: i32) -> Self {
        assert_eq!(self.status, status, "{self:?}");
        self
    }
}

/// The command line with its home, its profile and its session.
#[derive(Debug)]
pub struct Convoke<'a> {
    session: &'a Session,
    home: PathBuf,
    profile: Option<PathBuf>,
    json: bool,
    environment: Vec<(String, String)>,
}

impl<'a> Convoke<'a> {
    /// Runs in `session` with its home at `convoke` in the session's folder, and with JSON output.
    #[must_use]
    pub fn new(session: &'a Session, profile: &Path) -> Self {
        Self {
            session,
            home: session.dir().folder("convoke"),
            profile: Some(profile.to_owned()),
            json: true,
            environment: Vec::new(),
        }
    }

    /// Another folder for `--home`.
    #[must_use]
    pub fn home(mut self, home: &Path) -> Self {
        home.clone_into(&mut self.home);
        self
    }

    /// Without `--profile`.
    #[must_use]
    pub fn without_profile(mut self) -> Self {
        self.profile = None;
        self
    }

    /// With or without `--json`.
    #[must_use]
    pub fn json(mut self, wanted: bool) -> Self {
        self.json = wanted;
        self
    }

    /// One more variable in its environment.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl AsRef<Path>) -> Self {
        self.environment.push((name.to_owned(), value.as_ref().to_string_lossy().into_owned()));
        self
    }

    /// The folder of `--home`.
    #[must_use]
    pub fn home_path(&self) -> &Path {
        &self.home
    }

    /// The command, not yet started.
    #[must_use]
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = self.session.command(program::binary("convoke"));
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        if let Some(profile) = &self.profile {
            command.arg("--profile").arg(profile);
        }
        command.arg("--home").arg(&self.home);
        if self.json {
            command.arg("--json");
        }
        command.args(args);
        command
    }

    /// Starts it and leaves it running, with its standard input open.
    #[must_use]
    pub fn start(&self, args: &[&str]) -> Program {
        Program::start(self.command(args))
    }

    /// Runs it to its end.
    #[track_caller]
    pub fn run(&self, args: &[&str]) -> Ran {
        self.run_with_input(args, b"")
    }

    /// Runs it to its end with `input` on its standard input.
    #[track_caller]
    pub fn run_with_input(&self, args: &[&str], input: &[u8]) -> Ran {
        let mut program = self.start(args);
        if !input.is_empty() {
            program.write(input);
        }
        program.close_stdin();
        finish(&mut program)
    }
}

/// Waits for the end of a started command.
#[track_caller]
pub fn finish(program: &mut Program) -> Ran {
    let status = program.wait_end(LIMIT).code().unwrap_or(-1);
    Ran {
        status,
        stdout: String::from_utf8_lossy(&program.stdout()).into_owned(),
        stderr: String::from_utf8_lossy(&program.stderr()).into_owned(),
    }
}
