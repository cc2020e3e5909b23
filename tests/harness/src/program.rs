//! A child process of a test: its output is kept, its lines can be waited for, and it ends with everything it started.

use std::ffi::OsString;
use std::io::{Read, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use crate::patience;

/// Where a binary of this workspace stands: beside the running test, wherever cargo's target folder is.
///
/// Panics when it has not been built yet.
#[must_use]
pub fn binary(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("the running test knows its own path");
    let folder = test
        .ancestors()
        .skip(1)
        .find(|folder| !folder.ends_with("deps"))
        .expect("a test stands in target/PROFILE/deps");
    let path = folder.join(name);
    assert!(path.is_file(), "{} is not built: run `cargo build --workspace` first", path.display());
    path
}

/// The root of the repository.
#[must_use]
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .expect("the harness stands two folders below the root")
        .to_owned()
}

#[derive(Debug, Default)]
struct Kept {
    bytes: Vec<u8>,
    ended: bool,
}

/// What one stream has said so far.
#[derive(Clone, Debug, Default)]
struct Output(Arc<(Mutex<Kept>, Condvar)>);

impl Output {
    fn follow(mut stream: impl Read + Send + 'static) -> Self {
        let output = Self::default();
        let keeper = output.clone();
        std::thread::spawn(move || {
            let mut buffer = [0; 16 * 1024];
            loop {
                let read = stream.read(&mut buffer).unwrap_or(0);
                let (kept, changed) = &*keeper.0;
                let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                kept.bytes.extend_from_slice(&buffer[..read]);
                kept.ended = read == 0;
                changed.notify_all();
                if read == 0 {
                    return;
                }
            }
        });
        output
    }

    fn bytes(&self) -> Vec<u8> {
        let (kept, _) = &*self.0;
        kept.lock().unwrap_or_else(PoisonError::into_inner).bytes.clone()
    }

    /// The first whole line that `pick` likes; `None` when the stream ended or the time is over.
    fn line(&self, limit: Duration, pick: impl Fn(&str) -> bool) -> Option<String> {
        let until = Instant::now() + limit;
        let (kept, changed) = &*self.0;
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let text = String::from_utf8_lossy(&kept.bytes);
            let found = text
                .split_inclusive('\n')
                .filter(|line| line.ends_with('\n') || kept.ended)
                .map(str::trim_end)
                .find(|line| pick(line))
                .map(str::to_owned);
            let left = until.saturating_duration_since(Instant::now());
            if found.is_some() || kept.ended || left.is_zero() {
                return found;
            }
            kept = changed.wait_timeout(kept, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

/// A running child process in a process group of its own.
#[derive(Debug)]
pub struct Program {
    name: String,
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: Output,
    stderr: Output,
    argv: Vec<OsString>,
}

impl Program {
    /// Starts `command` with its three streams piped. Panics when it cannot be started.
    #[must_use]
    pub fn start(mut command: Command) -> Self {
        let name = command.get_program().to_string_lossy().into_owned();
        let argv = std::iter::once(command.get_program()).chain(command.get_args()).map(OsString::from).collect();
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .unwrap_or_else(|error| panic!("{name} does not start: {error}"));
        let stdin = child.stdin.take();
        let stdout = Output::follow(child.stdout.take().expect("stdout is piped"));
        let stderr = Output::follow(child.stderr.take().expect("stderr is piped"));
        Self { name, child, stdin, stdout, stderr, argv }
    }

    /// The process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Everything it wrote to standard output so far.
    #[must_use]
    pub fn stdout(&self) -> Vec<u8> {
        self.stdout.bytes()
    }

    /// Everything it wrote to standard error so far.
    #[must_use]
    pub fn stderr(&self) -> Vec<u8> {
        self.stderr.bytes()
    }

    /// The words it was called with, the program first.
    #[must_use]
    pub fn argv(&self) -> &[OsString] {
        &self.argv
    }

    /// Writes to its standard input and leaves that open.
    pub fn write(&mut self, bytes: &[u8]) {
        let stdin = self.stdin.as_mut().expect("standard input is still open");
        stdin
            .write_all(bytes)
            .and_then(|()| stdin.flush())
            .unwrap_or_else(|error| panic!("{} does not read its input: {error}", self.name));
    }

    /// Closes its standard input.
    pub fn close_stdin(&mut self) {
        self.stdin = None;
    }

    /// Waits for a line on standard output that `pick` likes. Panics with what it said instead.
    #[track_caller]
    pub fn wait_line(&self, what: &str, pick: impl Fn(&str) -> bool) -> String {
        match self.stdout.line(patience::READY, pick) {
            Some(line) => line,
            None => panic!("{} did not say {what}; {}", self.name, self.said()),
        }
    }

    /// Waits for a line on standard error that `pick` likes. Panics with what it said instead.
    #[track_caller]
    pub fn wait_stderr_line(&self, what: &str, pick: impl Fn(&str) -> bool) -> String {
        match self.stderr.line(patience::READY, pick) {
            Some(line) => line,
            None => panic!("{} did not say {what} on standard error; {}", self.name, self.said()),
        }
    }

    /// Waits for `listening on URL`, the first line of the broker and of the sandbox, and answers the URL without a final `/`.
    #[track_caller]
    pub fn wait_listening(&self) -> String {
        const PREFIX: &str = "listening on ";
        let line = self.wait_line("where it listens", |line| line.starts_with(PREFIX));
        line[PREFIX.len()..].trim_end_matches('/').to_owned()
    }

    /// Its exit status, if it has ended.
    pub fn try_status(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("a child can be waited for")
    }

    /// Waits until it has ended by itself and its output is complete. Panics after `limit`.
    #[track_caller]
    pub fn wait_end(&mut self, limit: Duration) -> ExitStatus {
        let what = format!("the end of {}", self.name);
        let status = patience::wait_for(&what, limit, || self.try_status());
        // A grandchild may hold the pipe open; what the child itself wrote has arrived long before this limit.
        let settle = Duration::from_millis(500);
        let _ = self.stdout.line(settle, |_| false);
        let _ = self.stderr.line(settle, |_| false);
        status
    }

    /// Sends a signal to it and to everything it started that stayed in its process group.
    pub fn signal(&self, signal: Signal) {
        let id = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        if let Some(group) = id {
            // Gone already is as good as ended.
            let _ = kill_process_group(group, signal);
        }
    }

    /// Ends it at once, as a crash or a power cut would.
    pub fn kill(&mut self) {
        self.signal(Signal::KILL);
        let _ = self.child.wait();
    }

    fn said(&self) -> String {
        // A program that gave up closes its streams one after the other: its last words may still be on their way.
        let _ = self.stderr.line(Duration::from_millis(500), |_| false);
        format!(
            "standard output: {:?}, standard error: {:?}",
            String::from_utf8_lossy(&self.stdout()),
            String::from_utf8_lossy(&self.stderr())
        )
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if self.try_status().is_none() {
            self.signal(Signal::TERM);
            let until = Instant::now() + Duration::from_secs(2);
            while self.try_status().is_none() && Instant::now() < until {
                std::thread::sleep(Duration::from_millis(5));
            }
        }
        self.kill();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Program {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        Program::start(command)
    }

    #[test]
    fn keeps_output_and_waits_for_lines() {
        let mut program = shell("echo listening on http://127.0.0.1:1/; read word; echo got $word; exit 3");
        assert_eq!(program.wait_listening(), "http://127.0.0.1:1");
        program.write(b"tea\n");
        assert_eq!(program.wait_line("the word", |line| line.starts_with("got")), "got tea");
        assert_eq!(program.wait_end(patience::READY).code(), Some(3));
    }

    #[test]
    fn ends_what_the_child_started() {
        let program = shell("sleep 1000 & echo $!; wait");
        let line = program.wait_line("the sleeper", |line| !line.is_empty());
        let sleeper = Path::new("/proc").join(line).join("stat");
        assert!(sleeper.exists());
        drop(program);
        patience::wait_until("the end of the sleeper", patience::READY, || {
            std::fs::read_to_string(&sleeper).map_or(true, |stat| stat.contains(") Z "))
        });
    }

    #[test]
    #[should_panic(expected = "broken")]
    fn says_what_a_program_said_instead() {
        let _ = shell("echo broken >&2").wait_listening();
    }
}
