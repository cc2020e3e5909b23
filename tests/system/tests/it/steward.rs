//! The steward: one Convoke in a process of its own that a test leads, kills and starts again. What it printed is kept over its deaths.

use std::path::{Path, PathBuf};
use std::time::Duration;

use convoke_harness::{Program, Session};

/// A running steward.
pub struct Steward<'a> {
    session: &'a Session,
    home: PathBuf,
    profile: PathBuf,
    program: Option<Program>,
    asked: u32,
    /// Seconds that its clocks are ahead: the wall's, and the one since the start.
    ahead: (i64, i64),
    /// Everything that it said on standard error, over all its lives.
    pub log: Vec<u8>,
    /// How often it was started.
    pub lives: u32,
}

impl<'a> Steward<'a> {
    pub fn start(session: &'a Session, home: &Path, profile: &Path) -> Self {
        let (home, profile) = (home.to_owned(), profile.to_owned());
        Self { session, home, profile, program: None, asked: 0, ahead: (0, 0), log: Vec::new(), lives: 0 }
    }

    fn program(&mut self) -> &mut Program {
        if self.program.is_none() {
            let mut command = self.session.command(env!("CARGO_BIN_EXE_steward"));
            command.arg(&self.home).arg(&self.profile);
            command.arg(self.ahead.0.to_string()).arg(self.ahead.1.to_string());
            self.program = Some(Program::start(command));
            (self.asked, self.lives) = (0, self.lives + 1);
        }
        self.program.as_mut().expect("it was just started")
    }

    /// Says a line and does not wait.
    pub fn tell(&mut self, line: &str) {
        self.program().write(format!("{line}\n").as_bytes());
        self.asked += 1;
    }

    /// Waits for the answer to the last line.
    #[track_caller]
    pub fn answer(&mut self) -> String {
        let mark = format!("answer {} ", self.asked);
        self.program().wait_line(&mark, |line| line.starts_with(&mark))[mark.len()..].to_owned()
    }

    #[track_caller]
    pub fn ask(&mut self, line: &str) -> String {
        self.tell(line);
        self.answer()
    }

    /// Somebody sets the wall clock, or the computer sleeps: over all its lives.
    pub fn shift(&mut self, line: &str, seconds: i64) {
        self.ahead.0 += seconds;
        if line == "sleep" {
            self.ahead.1 += seconds;
        }
        self.ask(&format!("{line} {seconds}"));
    }

    /// kill -9, now.
    pub fn kill(&mut self) {
        if let Some(mut program) = self.program.take() {
            program.kill();
            self.log.extend(program.stderr());
        }
    }

    /// Waits until it has killed itself; false where it answered instead, having never come to the step.
    pub fn dies(&mut self) -> bool {
        let mark = format!("answer {} ", self.asked);
        let program = self.program.as_mut().expect("it was told something");
        convoke_harness::patience::wait_until("a death or an answer", Duration::from_secs(30), || {
            program.try_status().is_some() || String::from_utf8_lossy(&program.stdout()).contains(&mark)
        });
        let died = program.try_status().is_some();
        if died {
            let program = self.program.take().expect("it was there");
            self.log.extend(program.stderr());
        }
        died
    }

    /// Its process, for signals.
    pub fn running(&mut self) -> &Program {
        self.program()
    }
}
