//! Ending the program: at once, unless sign-ins would end with it. Then the keyring is tried once more, and the person is asked.

use std::time::Duration;

use convoke_core::service::tending::Occasion;
use tauri::{AppHandle, Manager, Runtime, async_runtime::spawn};

use crate::{app_state::Show, shell::Shell, window};

/// Who wants to quit again so soon and has not answered does not see the question: a page that is broken holds nobody.
const ASKED: Duration = Duration::from_secs(60);
/// How long the last try is waited for before the person is asked.
const LAST_TRY: Duration = Duration::from_secs(2);

/// Ends the program. Where the keyring has not taken renewed tokens, they are offered to it once more; where it still does not take
/// them, the page asks.
pub fn leave<R: Runtime>(app: &AppHandle<R>) {
    let shell = app.state::<Shell>();
    if !shell.core().has_unsaved() || shell.since_asked().is_some_and(|past| past <= ASKED) {
        app.exit(0);
        return;
    }
    shell.note_asked(true);
    spawn(save_or_ask(app.clone()));
}

async fn save_or_ask<R: Runtime>(app: AppHandle<R>) {
    let shell = app.state::<Shell>();
    let core = shell.core().clone();
    // A task of its own: half a try is none.
    let mut trying = spawn(async move { core.tend(Occasion::Woke).await });
    let is_over = tokio::time::timeout(LAST_TRY, &mut trying).await.is_ok();
    if !shell.core().has_unsaved() {
        app.exit(0);
        return;
    }
    window::show(&app, Some(Show::Quit));
    if !is_over {
        let _ = trying.await;
    }
    shell.note_change(&app, true);
}
