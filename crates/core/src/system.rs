//! What this computer says of itself (its zone, the home folder, how much to log), and what the process keeps from it.

use std::{alloc::System, ffi::OsString, path::PathBuf, sync::Arc, time::Duration};

use chrono_tz::Tz;
use tracing::Level;
use zeroizing_alloc::ZeroAlloc;

use crate::clock::{Uptime, UptimeClock};

/// The system's IANA zone; UTC where it cannot be told.
#[must_use]
pub fn system_zone() -> Tz {
    iana_time_zone::get_timezone().ok().and_then(|name| name.parse().ok()).unwrap_or(Tz::UTC)
}

/// The clock that has run since this computer was started, asleep or awake. Where the system has none that can be told from one
/// start to the next, it is one of this process alone.
#[must_use]
pub fn uptime_clock() -> UptimeClock {
    let began = std::time::Instant::now();
    let of_this_process = u64::from(std::process::id()) << 32 | u64::from(began.elapsed().subsec_nanos());
    match boot_id() {
        #[cfg(target_os = "linux")]
        Some(start) => Arc::new(move || {
            // CLOCK_BOOTTIME counts the time asleep too (clock_gettime(2)).
            let time = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
            let seconds = Duration::from_secs(time.tv_sec.try_into().unwrap_or_default());
            let since = seconds + Duration::from_nanos(time.tv_nsec.try_into().unwrap_or_default());
            Uptime { start, since }
        }),
        _ => Arc::new(move || Uptime { start: of_this_process, since: began.elapsed() }),
    }
}

/// Whether this computer has a way out: a default route. None where the system does not say.
#[must_use]
pub fn has_way_out() -> Option<bool> {
    // proc_pid_net(5): the destination of a default route is all zeros; IPv6's loopback has one too, which is no way out.
    let routes = std::fs::read_to_string("/proc/net/route").ok()?;
    let by_four = routes.lines().skip(1).any(|line| line.split_whitespace().nth(1) == Some("00000000"));
    let by_six = std::fs::read_to_string("/proc/net/ipv6_route").is_ok_and(|routes| {
        let is_default = |line: &str| line.starts_with(&"0".repeat(32)) && !line.ends_with("lo");
        routes.lines().any(is_default)
    });
    Some(by_four || by_six)
}

/// The first half of the kernel's name for this start (random(4)).
fn boot_id() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let digits: String = text.chars().filter(char::is_ascii_hexdigit).take(16).collect();
    u64::from_str_radix(&digits, 16).ok()
}

/// The folder of settings and register, the same for window and command line: the one given, else `CONVOKE_HOME`, else
/// [`default_home`]. None where there is no home at all.
#[must_use]
pub fn home_folder(given: Option<PathBuf>, variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let asked = variable("CONVOKE_HOME").filter(|value| !value.is_empty()).map(PathBuf::from);
    given.or(asked).or_else(|| default_home(variable))
}

/// The user's own folder of Convoke: `%LOCALAPPDATA%\convoke`, `~/Library/Application Support/convoke`, or per the XDG Base
/// Directory Specification, by which a relative `XDG_DATA_HOME` is invalid.
#[must_use]
pub fn default_home(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let folder = |name: &str| variable(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let data = folder(if cfg!(windows) { "LOCALAPPDATA" } else { "XDG_DATA_HOME" }).filter(|path| path.is_absolute());
    let below_home = if cfg!(target_os = "macos") { "Library/Application Support" } else { ".local/share" };
    data.or_else(|| folder("HOME").map(|home| home.join(below_home))).map(|data| data.join("convoke"))
}

/// A file of authorities to believe beside the system's (`CONVOKE_CA_FILE`), the same for window and command line.
#[must_use]
pub fn ca_file(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    variable("CONVOKE_CA_FILE").filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// What the operating system calls itself, and the kind of processor: `Debian GNU/Linux 12 (bookworm), linux x86_64`.
#[must_use]
pub fn description() -> String {
    let kind = format!("{} {}", std::env::consts::OS, std::env::consts::ARCH);
    let release = if cfg!(target_os = "linux") { std::fs::read_to_string("/etc/os-release").ok() } else { None };
    match release.as_deref().and_then(pretty_name) {
        Some(name) => format!("{name}, {kind}"),
        None => kind,
    }
}

/// The name for people in the text of `os-release(5)`.
fn pretty_name(release: &str) -> Option<String> {
    let value = release.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="))?;
    Some(crate::error::printable(value.trim_matches(['"', '\'']))).filter(|name| !name.is_empty())
}

/// The level of Convoke's own lines under a `RUST_LOG`; every other crate stays at `warn`, since HTTP and
/// D-Bus libraries print headers and messages below that.
#[must_use]
pub fn log_level(rust_log: Option<&str>) -> Level {
    let level = |directive: &str| directive.rsplit('=').next().and_then(|level| level.trim().parse().ok());
    rust_log.into_iter().flat_map(|text| text.split(',')).filter_map(level).max().unwrap_or(Level::WARN)
}

/// Memory that is wiped when it is given back, for the `global_allocator` of each program over this library: buffers of HTTP,
/// TLS, D-Bus and JSON libraries hold tokens, too. So what only passes through (a form, a header, an answer) is not wiped a
/// second time, byte by byte.
pub type WipedMemory = ZeroAlloc<System>;

/// The one [`WipedMemory`].
pub const WIPED_MEMORY: WipedMemory = ZeroAlloc(System);

/// Keeps secrets in memory out of core files and away from other programs of the same user. What the system does not offer is
/// left as it is.
pub fn harden() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        let none = Rlimit { current: Some(0), maximum: Some(0) };
        if setrlimit(Resource::Core, none).is_err() {
            tracing::warn!("core dumps could not be turned off");
        }
    }
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        if set_dumpable_behavior(DumpableBehavior::NotDumpable).is_err() {
            tracing::warn!("the process could not be closed to debuggers");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_home_folder_follows_the_platform() {
        let variables = |name: &str| match name {
            "HOME" => Some(OsString::from("/home/ana")),
            "XDG_DATA_HOME" => Some(OsString::from("relative")),
            _ => None,
        };
        if cfg!(target_os = "linux") {
            assert_eq!(home_folder(None, variables), Some(PathBuf::from("/home/ana/.local/share/convoke")));
        }
        assert_eq!(home_folder(Some("/x".into()), variables), Some(PathBuf::from("/x")));
        assert_eq!(home_folder(None, |_| None), None);
    }

    #[test]
    fn the_system_has_a_name() {
        assert_eq!(
            pretty_name("ID=debian\nPRETTY_NAME=\"Debian GNU/Linux 12\"\n").as_deref(),
            Some("Debian GNU/Linux 12")
        );
        assert_eq!(pretty_name("ID=x\nPRETTY_NAME=\"\"\n"), None);
        assert!(description().ends_with(std::env::consts::ARCH));
    }

    #[test]
    fn the_loudest_directive_counts() {
        assert_eq!(log_level(None), Level::WARN);
        assert_eq!(log_level(Some("trace")), Level::TRACE);
        assert_eq!(log_level(Some("hyper=info,convoke_core=debug")), Level::DEBUG);
    }
}
