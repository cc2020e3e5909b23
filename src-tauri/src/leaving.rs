//! Ending the program: at once, unless sign-ins would end with it. Then the person is asked.

use std::time::Duration;

use convoke_core::service::tending::Occasion;
use tauri::{AppHandle, Manager, Runtime};

use crate::{app_state::Show, shell::Shell, window};

/// Who wants to quit again so soon and has not answered does not see the question: a page that is broken holds nobody.
const ASKED: Duration = Duration::from_secs(60);

/// Ends the program. Where the keyring has not taken renewed tokens yet, the page asks first, and they are offered to it once more
/// at once: what the person does about the keyring meanwhile need not wait for its turn.
pub fn leave<R: Runtime>(app: &AppHandle<R>) {
    let shell = app.state::<Shell>();
    if shell.core().has_unsaved() && shell.since_asked().is_none_or(|past| past > ASKED) {
        shell.note_asked(true);
        window::show(app, Some(Show::Quit));
        let app = app.clone();
        tauri::async_runtime::spawn(async move {
            let shell = app.state::<Shell>();
            let _ = shell.core().tend(Occasion::Woke).await;
            shell.note_change(&app, true);
        });
    } else {
        app.exit(0);
    }
}
