//! Tells a person before a sign-in ends: what core says is due is shown, then remembered as told.
//!
//! The other order would lose a reminder that no desktop took. One that was shown and not remembered, because the program ended
//! in between, is shown twice.

use chrono::{DateTime, Utc};
use convoke_core::{
    account::reminder::{Reminder, ReminderKind, days_left},
    view::AccountView,
};
use tauri::{AppHandle, Manager, Runtime};

use crate::{
    notification::{self, Notification},
    shell::Shell,
    tray::{accounts::provider, menu::short},
    words::{Value, Words},
};

/// Shows every reminder that is due.
pub async fn show_due<R: Runtime>(app: &AppHandle<R>) {
    let shell = app.state::<Shell>();
    let core = shell.core();
    let due = match core.due_reminders() {
        Ok(due) => due,
        Err(error) => return tracing::warn!(%error, "the reminders could not be read"),
    };
    let words = Words::english();
    for (account, reminder) in due {
        // A register that cannot be written does not make a desktop say the same each minute.
        if shell.was_reminded(&account.id, reminder) {
            continue;
        }
        if let Err(reason) = notification::show(app, &worded(&account, reminder, core.now(), &words)).await {
            // No desktop that takes notifications, or a busy one: asked again in a minute, and the tray says the same.
            return tracing::debug!(reason, "a reminder was not shown");
        }
        shell.note_reminded(&account.id, reminder);
        if let Err(error) = core.note_told(&account.id, reminder) {
            tracing::warn!(%error, "a reminder that was shown could not be remembered");
        }
    }
}

/// What a reminder says: the account by its label and its provider, and never who signed in. A desktop may read the text as
/// markup, so that outside words stand in the title alone.
#[must_use]
pub fn worded(account: &AccountView, reminder: Reminder, now: DateTime<Utc>, words: &Words) -> Notification {
    let provider = provider(account.provider, words);
    // A label may be the address itself.
    let label = if account.label == account.identity { provider.clone() } else { short(&account.label) };
    let days = Value::Number(days_left(reminder.for_at, now));
    let values = [("label", Value::Text(&label)), ("provider", Value::Text(&provider)), ("days", days)];
    let (title, text) = match reminder.kind {
        ReminderKind::Week | ReminderKind::Day => ("reminder-within", "reminder-within-text"),
        ReminderKind::Now => ("reminder-now", "reminder-now-text"),
    };
    Notification { title: words.say(title, &values), text: words.say(text, &[]) }
}
