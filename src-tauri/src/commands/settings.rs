//! The person's choices.

use convoke_core::settings::Preferences;
use tauri::{AppHandle, Manager, Runtime};

use super::Answer;
use crate::{app_state::AppState, shell::Shell};

/// Keeps the choices.
///
/// # Errors
/// `InvalidInput` at the field; `Storage`.
#[tauri::command]
pub async fn save_preferences<R: Runtime>(app: AppHandle<R>, preferences: Preferences) -> Answer<AppState> {
    let shell = app.state::<Shell>();
    shell.core().save_preferences(preferences)?;
    // The tray shows times in the zone that was chosen.
    shell.note_change(&app, false);
    shell.app_state().await
}

/// The names of all IANA zones.
///
/// # Errors
/// None.
#[tauri::command]
pub async fn zones() -> Answer<Vec<&'static str>> {
    Ok(chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name()).collect())
}
