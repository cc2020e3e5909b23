//! What stands in the way on this computer.

use convoke_core::diagnosis::DiagnosisView;
use tauri::State;

use super::Answer;
use crate::shell::Shell;

/// Looks at clock, network, certificates, keyring, loopback, browser and register; within ten seconds.
///
/// # Errors
/// None: the lines say it.
#[tauri::command]
pub async fn diagnose(shell: State<'_, Shell>) -> Answer<DiagnosisView> {
    Ok(shell.core().diagnose(shell.surroundings()).await)
}
