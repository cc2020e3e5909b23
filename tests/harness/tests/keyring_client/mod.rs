//! The product's keyring client in a process of its own, and the talk with it: a line in, a line out.

use std::path::Path;

use convoke_harness::Session;
use convoke_harness::program::Program;

/// A running `keyring-client`.
pub struct KeyringClient {
    program: Program,
    told: usize,
}

impl KeyringClient {
    /// Starts one in `session`; it opens the keyring at its first line.
    pub fn start(session: &Session) -> Self {
        let path = Path::new(env!("CARGO_BIN_EXE_keyring-client"));
        Self { program: Program::start(session.command(path)), told: 0 }
    }

    /// Says a line and waits for the answer.
    #[track_caller]
    pub fn ask(&mut self, line: &str) -> String {
        self.tell(line);
        self.hear()
    }

    /// Says a line.
    pub fn tell(&mut self, line: &str) {
        self.told += 1;
        self.program.write(format!("{line}\n").as_bytes());
    }

    /// Waits for the answer to the last line.
    #[track_caller]
    pub fn hear(&self) -> String {
        let number = format!("{} ", self.told);
        let line =
            self.program.wait_line("what came of it", |line| line.starts_with(&number) || line == number.trim_end());
        line.strip_prefix(&number).unwrap_or_default().to_owned()
    }

    /// The answer to the last line, if it has come.
    #[allow(dead_code, reason = "not every test binary waits for nothing")]
    pub fn heard(&self) -> Option<String> {
        let number = format!("{} ", self.told);
        let said = String::from_utf8_lossy(&self.program.stdout()).into_owned();
        said.lines().find_map(|line| line.strip_prefix(&number).map(str::to_owned))
    }
}
