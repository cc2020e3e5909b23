//! Two clocks: the one on the wall, which people and administrators set, and the one that has run since the computer started.
//!
//! How old something is, is told by the second where it can be: a wall clock that is set, or steps, ages no token.

use std::{fmt, str::FromStr, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};

/// The wall clock as an argument.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;
/// The clock since the start as an argument. It runs on while the computer sleeps.
pub type UptimeClock = Arc<dyn Fn() -> Uptime + Send + Sync>;

/// An instant on the clock that has run since this computer was started; comparable within one start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Uptime {
    /// Which start.
    pub start: u64,
    /// How long ago that was.
    pub since: Duration,
}

impl Uptime {
    /// How long before this instant `earlier` was; none where it is of another start, or later.
    #[must_use]
    pub fn since(self, earlier: Self) -> Option<Duration> {
        if self.start == earlier.start { self.since.checked_sub(earlier.since) } else { None }
    }
}

/// As it stands in the keyring's items: `START:MILLISECONDS`, the start in hexadecimal.
impl fmt::Display for Uptime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}:{}", self.start, self.since.as_millis())
    }
}

impl FromStr for Uptime {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (start, since) = text.split_once(':').ok_or(())?;
        let start = u64::from_str_radix(start, 16).map_err(|_| ())?;
        Ok(Self { start, since: Duration::from_millis(since.parse().map_err(|_| ())?) })
    }
}

/// One instant by both clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// By the clock on the wall.
    pub wall: DateTime<Utc>,
    /// By the clock since the start.
    pub uptime: Uptime,
}

/// A clock since the start for whoever has only a wall clock: a test, whose clock nobody sets.
#[must_use]
pub fn uptime_by(clock: Clock) -> UptimeClock {
    Arc::new(move || {
        let since = Duration::from_millis(clock().timestamp_millis().try_into().unwrap_or_default());
        Uptime { start: 0, since }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_of_two_starts_do_not_compare() {
        let at = |start, seconds| Uptime { start, since: Duration::from_secs(seconds) };
        assert_eq!(at(1, 9).since(at(1, 4)), Some(Duration::from_secs(5)));
        assert_eq!(at(1, 4).since(at(1, 9)), None);
        assert_eq!(at(2, 9).since(at(1, 4)), None);
    }

    #[test]
    fn it_reads_back() {
        let at = Uptime { start: u64::MAX - 3, since: Duration::from_millis(86_400_017) };
        assert_eq!(at.to_string().parse(), Ok(at));
        for bad in ["", "1", "x:1", "1:x", "1:-1"] {
            assert_eq!(bad.parse::<Uptime>(), Err(()), "{bad}");
        }
    }
}
