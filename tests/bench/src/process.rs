//! A program under test: what it and its children have used, as the kernel counts it.

use std::{
    fs, io,
    process::{Child, Command},
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};

use crate::{Outcome, cores::Cores};

/// A child process that ends with this value.
pub(crate) struct Process(Child);

impl Process {
    /// Starts `command` on the core of what is tested.
    pub(crate) fn start(cores: &Cores, command: &mut Command) -> Outcome<Self> {
        let program = command.get_program().to_owned();
        let started = cores.for_tested(|| command.spawn())?;
        Ok(Self(started.map_err(|error| format!("{} did not start: {error}", program.display()))?))
    }

    /// Whether it has ended by itself.
    pub(crate) fn is_over(&mut self) -> io::Result<bool> {
        Ok(self.0.try_wait()?.is_some())
    }

    /// The time that its threads, and those of its children, have run.
    pub(crate) fn processor_time(&self) -> Outcome<Duration> {
        let mut nanoseconds = 0;
        for pid in self.family()? {
            for thread in fs::read_dir(format!("/proc/{pid}/task"))? {
                let text = fs::read_to_string(thread?.path().join("schedstat"))?;
                nanoseconds += text.split(' ').next().unwrap_or_default().parse::<u64>()?;
            }
        }
        Ok(Duration::from_nanos(nanoseconds))
    }

    /// Its memory and its children's in KiB, each shared page divided by those who share it.
    pub(crate) fn memory(&self) -> Outcome<u32> {
        let mut sum = 0;
        for pid in self.family()? {
            let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup"))
                .map_err(|error| format!("the memory of process {pid} can be read by root alone: {error}"))?;
            let line = text.lines().find_map(|line| line.strip_prefix("Pss:")).ok_or("smaps_rollup has no Pss")?;
            sum += line.trim().trim_end_matches(" kB").parse::<u32>()?;
        }
        Ok(sum)
    }

    fn family(&self) -> Outcome<Vec<u32>> {
        let pid = self.0.id();
        let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"))?;
        let children = children.split_whitespace().map(str::parse).collect::<Result<Vec<u32>, _>>()?;
        Ok([vec![pid], children].concat())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Killed at once, nginx would leave its worker behind.
        let pid = i32::try_from(self.0.id()).ok().and_then(Pid::from_raw);
        let asked = pid.is_some_and(|pid| kill_process(pid, Signal::TERM).is_ok());
        if !asked {
            let _ = self.0.kill();
        }
        let _ = self.0.wait();
    }
}
