//! Which core runs what: the program under test has one to itself, the driver with the endpoint has another.

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

use crate::Outcome;

/// The first and the last core that this process may use; the same one where there is only one.
pub(crate) struct Cores {
    tested: CpuSet,
    driver: CpuSet,
}

impl Cores {
    /// Takes both, and moves this thread to the driver's.
    pub(crate) fn take() -> Outcome<Self> {
        let allowed = sched_getaffinity(None)?;
        let mut cores = (0..CpuSet::MAX_CPU).filter(|core| allowed.is_set(*core));
        let first = cores.next().ok_or("there is no core to run on")?;
        let last = cores.next_back().unwrap_or(first);
        let only = |core| {
            let mut set = CpuSet::new();
            set.set(core);
            set
        };
        let cores = Self { tested: only(first), driver: only(last) };
        sched_setaffinity(None, &cores.driver)?;
        Ok(cores)
    }

    /// Runs `start`, whose child processes stay on the core of what is tested.
    pub(crate) fn for_tested<T>(&self, start: impl FnOnce() -> T) -> Outcome<T> {
        sched_setaffinity(None, &self.tested)?;
        let started = start();
        sched_setaffinity(None, &self.driver)?;
        Ok(started)
    }
}
