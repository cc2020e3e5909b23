//! The first run.

use convoke_core::{
    settings::SetupStep,
    view::{KeyringState, OrganisationCheck, OrganisationSource},
};
use tauri::{AppHandle, Manager, Runtime, State};

use super::Answer;
use crate::{app_state::AppState, shell::Shell, window};

/// Everything the page starts from; also says that the page listens from now on.
///
/// # Errors
/// `Storage`.
#[tauri::command]
pub async fn app_state<R: Runtime>(app: AppHandle<R>, shell: State<'_, Shell>) -> Answer<AppState> {
    let state = shell.app_state().await?;
    let show = shell.page_listens().map(|show| show.text());
    window::reveal_when_ready(&app);
    Ok(AppState { show, ..state })
}

/// Puts a step of the first run behind the person.
///
/// # Errors
/// `Storage`.
#[tauri::command]
pub async fn finish_step(shell: State<'_, Shell>, step: SetupStep) -> Answer<AppState> {
    shell.core().finish_step(step)?;
    if shell.core().setup_step()? == SetupStep::Done {
        // The page asks for the meetings next: the rhythm of the quiet readings begins there, and does not ask beside it.
        shell.note_read();
    }
    shell.app_state().await
}

/// Forgets which steps are done, and nothing else.
///
/// # Errors
/// `Storage`.
#[tauri::command]
pub async fn reset_setup(shell: State<'_, Shell>) -> Answer<AppState> {
    shell.core().reset_setup()?;
    shell.app_state().await
}

/// Looks whether an organisation's profile or broker is usable.
///
/// # Errors
/// What the check itself does not show as a line.
#[tauri::command]
pub async fn check_organisation(shell: State<'_, Shell>, source: OrganisationSource) -> Answer<OrganisationCheck> {
    Ok(shell.core().check_organisation(&source).await?)
}

/// Takes an organisation, with the foreign hosts that the person said yes to.
///
/// # Errors
/// `InvalidInput` at `hosts` where one was not said yes to; `Storage`.
#[tauri::command]
pub async fn accept_organisation<R: Runtime>(
    app: AppHandle<R>,
    source: OrganisationSource,
    approved_hosts: Vec<String>,
) -> Answer<AppState> {
    let shell = app.state::<Shell>();
    shell.core().accept_organisation(&source, &approved_hosts)?;
    shell.forget_providers();
    shell.note_change(&app, false);
    shell.app_state().await
}

/// Writes, reads and deletes an entry in the keyring.
///
/// # Errors
/// None: the state says it.
#[tauri::command]
pub async fn check_keyring(shell: State<'_, Shell>) -> Answer<KeyringState> {
    Ok(shell.core().check_keyring().await)
}
