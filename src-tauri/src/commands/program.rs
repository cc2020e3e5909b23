//! The program itself.

use tauri::{AppHandle, Runtime};

use super::Answer;
use crate::leaving::leave;

/// Quits; `anyway` is the answer to the question that the page was asked to show.
///
/// # Errors
/// None.
#[tauri::command]
pub async fn quit<R: Runtime>(app: AppHandle<R>, anyway: bool) -> Answer<()> {
    if anyway {
        app.exit(0);
    } else {
        leave(&app);
    }
    Ok(())
}
