//! Accounts that are there.

use convoke_core::{
    account::{AccountId, ProviderKind},
    view::{AccountView, RefreshView, Revocation},
};
use tauri::{AppHandle, Manager, Runtime};

use super::Answer;
use crate::shell::Shell;

/// Forgets an account here, and tells the provider where it can be told; where it cannot, opens the page on which the person does.
///
/// # Errors
/// The keyring's, `Storage`; the account then stays.
#[tauri::command]
pub async fn disconnect_account<R: Runtime>(app: AppHandle<R>, account: AccountId) -> Answer<Revocation> {
    let shell = app.state::<Shell>();
    let provider = shell.core().accounts()?.into_iter().find(|one| one.id == account).map(|one| one.provider);
    let result = shell.core().disconnect(&account).await;
    shell.note_change(&app, false);
    let revocation = result?;
    let page = provider.and_then(ProviderKind::consent_page).filter(|_| revocation == Revocation::NotOffered);
    if let Some(url) = page.and_then(|page| page.parse().ok())
        && let Err(error) = shell.open(&url)
    {
        tracing::warn!(code = ?error.code, "the provider's page was not opened");
    }
    Ok(revocation)
}

/// Gives an account another label.
///
/// # Errors
/// `InvalidInput` at `label`; `Storage`.
#[tauri::command]
pub async fn rename_account<R: Runtime>(app: AppHandle<R>, account: AccountId, label: String) -> Answer<AccountView> {
    let shell = app.state::<Shell>();
    let renamed = shell.core().rename(&account, &label)?;
    shell.note_change(&app, false);
    Ok(shell.core().account_view(&renamed))
}

/// Renews the tokens and reads the meetings of every account.
///
/// # Errors
/// `Storage`; an account's failure is in its part of the answer.
#[tauri::command]
pub async fn refresh_now<R: Runtime>(app: AppHandle<R>) -> Answer<RefreshView> {
    Ok(app.state::<Shell>().refresh_now(&app).await?)
}
