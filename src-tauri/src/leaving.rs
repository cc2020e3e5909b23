//! Ending the program: at once, unless sign-ins would end with it. Then the person is asked, once.

use std::time::Duration;

use tauri::{AppHandle, Manager, Runtime};

use crate::{app_state::Show, shell::Shell, window};

/// Who wants to quit again so soon has read the question, or does not see it: a page that is broken holds nobody.
const ASKED: Duration = Duration::from_secs(60);

/// Ends the program. Where the keyring has not taken renewed tokens yet, the page asks first.
pub fn leave<R: Runtime>(app: &AppHandle<R>) {
    let shell = app.state::<Shell>();
    if shell.core().has_unsaved() && shell.since_asked().is_none_or(|past| past > ASKED) {
        shell.note_asked();
        window::show(app, Some(Show::Quit));
    } else {
        app.exit(0);
    }
}
