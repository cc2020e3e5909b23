//! What happens by itself: the tray and the reminders follow the clock, sign-ins are tended, and every quarter of an hour the
//! meetings are read.

use std::time::Duration;

use chrono::{DateTime, Timelike, Utc};
use convoke_core::{service::tending::Occasion, settings::SetupStep, system::has_way_out};
use tauri::{AppHandle, Manager, Runtime};
use tokio::time::{Instant, sleep};

use crate::{reminders, shell::Shell, tray};

/// The page asks for the meetings itself when it comes up; only where it did not, the shell asks after this time.
const FIRST_READING: Duration = Duration::from_secs(20);
const EVERY: Duration = Duration::from_secs(15 * 60);
/// A clock that ran on by so much more than the process did means that the computer slept.
const SLEPT: Duration = Duration::from_secs(90);

/// Starts the rhythm; it ends with the program.
pub fn start<R: Runtime>(app: &AppHandle<R>) {
    let (reading, tending) = (app.clone(), app.clone());
    tauri::async_runtime::spawn(async move { read_in_rhythm(&reading).await });
    tauri::async_runtime::spawn(async move { tend_in_rhythm(&tending).await });
}

async fn read_in_rhythm<R: Runtime>(app: &AppHandle<R>) {
    // What was being made when the program last ended is settled before anybody asks.
    if app.state::<Shell>().core().keyring_is_open().await {
        app.state::<Shell>().core().settle_all().await;
    }
    sleep(FIRST_READING).await;
    loop {
        let shell = app.state::<Shell>();
        if is_due(shell.since_read(), false) && !in_first_run(&shell) {
            read_quietly(app).await;
        }
        if !in_first_run(&shell) {
            reminders::show_due(app).await;
        }
        let (before, started) = (shell.core().now(), Instant::now());
        sleep(until_next_minute(before)).await;
        tray::render(app);
        let clock = (shell.core().now() - before).to_std().unwrap_or_default();
        if is_due(shell.since_read(), slept(clock, started.elapsed())) && !in_first_run(&shell) {
            read_quietly(app).await;
        }
    }
}

/// What was begun before the last end is finished first; then it is looked twice a minute, and more often while the keyring
/// is locked.
async fn tend_in_rhythm<R: Runtime>(app: &AppHandle<R>) {
    let (mut occasion, mut way_out) = (Occasion::Rhythm, has_way_out());
    loop {
        let shell = app.state::<Shell>();
        let tended = shell.core().tend(occasion).await;
        if tended.has_changed {
            shell.note_change(app, true);
        }
        let (before, started) = (shell.core().uptime(), Instant::now());
        sleep(tended.again_in).await;
        let passed = shell.core().uptime().since(before).unwrap_or_default();
        let (before, now) = (way_out, has_way_out());
        let is_back = before == Some(false) && now == Some(true);
        occasion = if slept(passed, started.elapsed()) || is_back { Occasion::Woke } else { Occasion::Rhythm };
        way_out = now;
    }
}

/// Reads the agenda of every account; failures show at the accounts.
async fn read_quietly<R: Runtime>(app: &AppHandle<R>) {
    let shell = app.state::<Shell>();
    shell.note_read();
    // A locked keyring would open its window, for nobody. The accounts are parked and go on after the unlock.
    if !shell.core().keyring_is_open().await {
        return;
    }
    if shell.core().accounts().is_ok_and(|accounts| accounts.is_empty()) {
        return;
    }
    if let Err(error) = shell.core().agenda(None, None, None).await {
        tracing::warn!(%error, "the meetings could not be read");
    }
    shell.note_change(app, true);
}

/// The last screen of the first run reads the meetings itself; until then nobody looks at them.
fn in_first_run(shell: &Shell) -> bool {
    shell.core().setup_step().is_ok_and(|step| step != SetupStep::Done)
}

/// When the meetings, and with them the accounts, are read next.
#[must_use]
pub fn next_reading(now: DateTime<Utc>, since_read: Option<Duration>) -> DateTime<Utc> {
    now + since_read.map_or(FIRST_READING, |since| EVERY.saturating_sub(since))
}

fn is_due(since_read: Option<Duration>, slept: bool) -> bool {
    slept || since_read.is_none_or(|since| since >= EVERY)
}

/// The process's own clock stands still while the computer sleeps, the wall's does not.
fn slept(wall: Duration, process: Duration) -> bool {
    wall > process + SLEPT
}

/// Times stand in the tray to the minute.
fn until_next_minute(now: DateTime<Utc>) -> Duration {
    Duration::from_secs(u64::from(60 - now.second().min(59)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn meetings_are_read_again_after_a_quarter_of_an_hour_or_a_sleep() {
        let minutes = |n: u64| Some(Duration::from_secs(n * 60));
        assert!(is_due(None, false));
        assert!(!is_due(minutes(14), false));
        assert!(is_due(minutes(15), false));
        assert!(is_due(minutes(1), true));
    }

    #[test]
    fn a_slow_minute_is_no_sleep() {
        let seconds = Duration::from_secs;
        assert!(!slept(seconds(60), seconds(60)));
        assert!(!slept(seconds(140), seconds(60)));
        assert!(slept(seconds(3600), seconds(60)));
        assert!(!slept(seconds(0), seconds(60)));
    }

    #[test]
    fn the_tray_changes_with_the_minute() {
        let at = |second: i64| DateTime::from_timestamp(1_800_000_000 + second, 0).unwrap();
        assert_eq!(until_next_minute(at(0)), Duration::from_secs(60));
        assert_eq!(until_next_minute(at(59)), Duration::from_secs(1));
    }
}
