//! The program itself.

use tauri::{AppHandle, Manager, Runtime};

use super::Answer;
use crate::shell::Shell;

/// The answer to the question whether to quit although sign-ins would end with the program.
///
/// # Errors
/// None.
#[tauri::command]
pub async fn answer_quit<R: Runtime>(app: AppHandle<R>, quit: bool) -> Answer<()> {
    if quit {
        app.exit(0);
    } else {
        app.state::<Shell>().note_asked(false);
    }
    Ok(())
}
