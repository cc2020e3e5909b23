//! The steward: one Convoke in a process of its own that a test leads, kills and starts again. What it printed is kept over its deaths.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use convoke_harness::patience::wait_for;
use convoke_harness::{Program, Session};

/// A running steward.
pub struct Steward {
    environment: Vec<(OsString, OsString)>,
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

impl Steward {
    pub fn start(session: &Session, home: &Path, profile: &Path) -> Self {
        let (environment, home, profile) = (session.env().to_vec(), home.to_owned(), profile.to_owned());
        Self { environment, home, profile, program: None, asked: 0, ahead: (0, 0), log: Vec::new(), lives: 0 }
    }

    fn program(&mut self) -> &mut Program {
        if self.program.is_none() {
            let mut command = Command::new(env!("CARGO_BIN_EXE_steward"));
            command.env_clear().envs(self.environment.iter().map(|(name, value)| (name, value)));
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

    /// Waits for a line that begins with `mark`; the rest of it.
    #[track_caller]
    pub fn says(&mut self, mark: &str) -> String {
        self.program().wait_line(mark, |line| line.starts_with(mark))[mark.len()..].to_owned()
    }

    #[track_caller]
    pub fn ask(&mut self, line: &str) -> String {
        self.tell(line);
        self.answer()
    }

    /// Tends in the app's rhythm until the account is well; `mend` is done once it has looked in vain. How long it took from then on.
    #[track_caller]
    pub fn goes_on_after(&mut self, id: &str, mend: impl FnOnce()) -> Duration {
        self.tell(&format!("await {id} ok"));
        self.program().wait_line("a look in vain", |line| line == "waiting");
        mend();
        let mended = Instant::now();
        assert_eq!(self.answer(), "done");
        mended.elapsed()
    }

    /// Somebody sets the wall clock, or the computer sleeps: over all its lives.
    pub fn shift(&mut self, line: &str, seconds: i64) {
        self.ahead.0 += seconds;
        if line == "sleep" {
            self.ahead.1 += seconds;
        }
        // One that starts now starts with it.
        if self.program.is_some() {
            self.ask(&format!("{line} {seconds}"));
        }
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

    /// Is told that there is no more to do, and has to be gone within `limit`; how long it took.
    #[track_caller]
    pub fn end_within(&mut self, limit: Duration) -> Duration {
        let mut program = self.program.take().expect("it runs");
        let told = Instant::now();
        program.close_stdin();
        wait_for("the end of the steward", limit, || program.try_status());
        let took = told.elapsed();
        self.log.extend(program.stderr());
        took
    }

    /// The most memory that it ever had, in KiB (`VmHWM` of proc(5)).
    pub fn peak(&mut self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.program().id())).expect("it runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
        line.trim().trim_end_matches(" kB").parse().expect("a number")
    }

    /// Everything that it has said on standard error so far.
    pub fn said(&mut self) -> String {
        let now = self.program.as_ref().map(Program::stderr).unwrap_or_default();
        String::from_utf8_lossy(&[self.log.as_slice(), &now].concat()).into_owned()
    }

    /// Its process, for signals.
    pub fn running(&mut self) -> &Program {
        self.program()
    }
}
