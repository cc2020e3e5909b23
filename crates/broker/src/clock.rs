//! The broker's time as an argument, so that a test can move it.

/// Seconds by which the clocks of two instances, or of one before and after it was set, may differ.
pub(crate) const SKEW: i64 = 60;

/// Tells the time; handed to [`crate::start`] by whoever composes the process.
pub trait Clock: Send + Sync + 'static {
    /// Seconds since 1970-01-01T00:00:00Z.
    fn now(&self) -> i64;
}

/// The machine's wall clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[cfg(target_os = "linux")]
    fn now(&self) -> i64 {
        // The kernel's last tick: whole seconds need no reading of the hardware, several times a request.
        rustix::time::clock_gettime(rustix::time::ClockId::RealtimeCoarse).tv_sec
    }

    #[cfg(not(target_os = "linux"))]
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where the broker's time enters; everything else takes it as an argument"
    )]
    fn now(&self) -> i64 {
        chrono::Utc::now().timestamp()
    }
}
