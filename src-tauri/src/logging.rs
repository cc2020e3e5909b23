//! What is logged: our own lines as `RUST_LOG` asks, everything else from warnings on, to standard error.
//!
//! The framework's finer lines hold whole messages between page and Rust, a typed password among them: no setting turns them on.

use std::{io::IsTerminal, str::FromStr};

use tracing::level_filters::LevelFilter;
use tracing_subscriber::{filter::Targets, layer::SubscriberExt, util::SubscriberInitExt};

/// Every crate of ours starts so.
const OURS: &str = "convoke";

/// Starts to log. A second call changes nothing.
pub fn start(asked: Option<&str>) {
    let lines =
        tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(std::io::stderr().is_terminal());
    let _ = tracing_subscriber::registry().with(filter(asked)).with(lines).try_init();
    // A panic's message may quote the value it choked on; where it happened is enough to find it.
    std::panic::set_hook(Box::new(|panic| {
        let (file, line) = panic.location().map_or(("", 0), |place| (place.file(), place.line()));
        tracing::error!(file, line, "the program made a mistake");
    }));
}

/// The filter for this value of `RUST_LOG`.
fn filter(asked: Option<&str>) -> Targets {
    let ours = Targets::new().with_default(LevelFilter::WARN).with_target(OURS, LevelFilter::INFO);
    let Some(asked) = asked.and_then(|text| Targets::from_str(text).ok()) else { return ours };
    // A level without a target means ours.
    let all = asked.default_level().map_or(ours.clone(), |level| ours.clone().with_target(OURS, level));
    let chosen = asked.iter().filter(|(target, _)| target.starts_with(OURS));
    chosen.fold(all, |filter, (target, level)| filter.with_target(target, level))
}

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::*;

    #[test]
    fn only_our_own_lines_get_finer() {
        for asked in ["trace", "tauri=trace,wry=trace,trace", "convoke=trace"] {
            let filter = filter(Some(asked));
            assert!(filter.would_enable("convoke_core::http", &Level::TRACE), "{asked}");
            for foreign in ["tauri::ipc", "wry", "hyper", "reqwest::connect", "zbus"] {
                assert!(!filter.would_enable(foreign, &Level::INFO), "{asked} {foreign}");
                assert!(filter.would_enable(foreign, &Level::WARN), "{asked} {foreign}");
            }
        }
    }

    #[test]
    fn one_of_our_crates_can_be_chosen() {
        let filter = filter(Some("convoke_core::auth=debug"));
        assert!(filter.would_enable("convoke_core::auth::session", &Level::DEBUG));
        assert!(!filter.would_enable("convoke_core::http", &Level::DEBUG));
        assert!(filter.would_enable("convoke_core::http", &Level::INFO));
    }

    #[test]
    fn without_a_wish_or_with_nonsense_the_quiet_way_stays() {
        for asked in [None, Some(""), Some("=,=,=")] {
            assert!(!filter(asked).would_enable("convoke_core", &Level::DEBUG));
        }
    }
}
