//! Signing in. A code or a verifier never passes through here; a password, or the token that an old broker's page showed,
//! passes once, inwards.

use convoke_core::{
    account::{AccountId, ProviderKind},
    credential::{Password, RefreshToken},
    error::Error,
    view::SignedIn,
};
use tauri::{AppHandle, Manager, Runtime, State};

use super::Answer;
use crate::{app_state::PendingSignIn, shell::Shell};

/// Starts a sign-in and opens the browser. Where no browser opens the sign-in stands all the same: its link can be copied.
///
/// # Errors
/// The keyring's, before anything is opened; `NoBroker`; `Unreachable` where loopback cannot be listened on.
#[tauri::command]
pub async fn start_sign_in<R: Runtime>(
    app: AppHandle<R>,
    provider: ProviderKind,
    label: Option<String>,
    account: Option<AccountId>,
) -> Answer<PendingSignIn> {
    let shell = app.state::<Shell>();
    let pending = shell.core().begin_sign_in(provider, label, account).await?;
    let (authorize_url, match_code) = (pending.authorize_url().clone(), pending.match_code().to_owned());
    let id = shell.sign_ins.add(pending, |id, pending, end| {
        let app = app.clone();
        tauri::async_runtime::spawn(async move {
            let ended = pending.finish().await;
            let shell = app.state::<Shell>();
            let told = ended.map(|ended| shell.sign_ins.settle(shell.core(), &id, ended)).map_err(Into::into);
            // Nobody may be waiting: the account is there all the same.
            end.send_replace(Some(told));
            shell.note_change(&app, false);
        });
    });
    if let Err(error) = shell.open(&authorize_url) {
        tracing::warn!(%error, "no browser was opened");
    }
    Ok(PendingSignIn { id, match_code })
}

/// Waits until the browser came back.
///
/// # Errors
/// `SignInDenied`, `SignInCancelled`, the broker's, the provider's and the keyring's.
#[tauri::command]
pub async fn wait_sign_in(shell: State<'_, Shell>, id: String) -> Answer<SignedIn> {
    shell.sign_ins.wait(&id).await
}

/// Opens the browser once more.
///
/// # Errors
/// `InvalidInput` at `id` where the sign-in is over, at `browser` where none could be started.
#[tauri::command]
pub async fn open_sign_in_again(shell: State<'_, Shell>, id: String) -> Answer<()> {
    let url = shell.sign_ins.authorize_url(&id)?;
    Ok(shell.open(&url)?)
}

/// Ends a sign-in.
///
/// # Errors
/// None: one that is over is not an error.
#[tauri::command]
pub async fn cancel_sign_in(shell: State<'_, Shell>, id: String) -> Answer<()> {
    shell.sign_ins.cancel(&id);
    Ok(())
}

/// The address of a sign-in, to copy it into another browser; holds no secret.
///
/// # Errors
/// `InvalidInput` at `id` where the sign-in is over.
#[tauri::command]
pub async fn sign_in_link(shell: State<'_, Shell>, id: String) -> Answer<String> {
    shell.sign_ins.authorize_url(&id).map(String::from)
}

/// Takes the address that a browser on another machine ended on.
///
/// # Errors
/// `InvalidInput` at `address` where it is not this sign-in's; the sign-in goes on.
#[tauri::command]
pub async fn paste_sign_in(shell: State<'_, Shell>, id: String, address: String) -> Answer<()> {
    shell.sign_ins.paste(&id, &address)
}

/// Answers "somebody else signed in": puts them in the account's place, or keeps the account. `id` is the sign-in's, or the
/// account's where the sign-in was by password.
///
/// # Errors
/// `InvalidInput` at `id` where nothing was asked; the keyring's, `Storage`: the old account then stays.
#[tauri::command]
pub async fn replace_account<R: Runtime>(app: AppHandle<R>, id: String, replace: bool) -> Answer<Option<SignedIn>> {
    let shell = app.state::<Shell>();
    let replacement = shell.sign_ins.take_replacement(&id)?;
    if !replace {
        replacement.discard().await;
        return Ok(None);
    }
    let account = replacement.replace().await?;
    shell.note_change(&app, false);
    Ok(Some(SignedIn::Account { account: shell.core().account_view(&account), again: true }))
}

/// Signs in with a password, which becomes a secret at once and is forgotten with this call.
///
/// # Errors
/// `InvalidInput` at `server`, `username` or `password`; the provider's and the keyring's.
#[tauri::command]
pub async fn sign_in_sametime<R: Runtime>(
    app: AppHandle<R>,
    server: String,
    username: String,
    password: String,
    label: Option<String>,
    account: Option<AccountId>,
) -> Answer<SignedIn> {
    let password = Password::new(password);
    let shell = app.state::<Shell>();
    let asked_under = account.as_ref().map(ToString::to_string).unwrap_or_default();
    let ended: Result<_, Error> = shell.core().sign_in_sametime(&server, &username, password, label, account).await;
    let signed_in = shell.sign_ins.settle(shell.core(), &asked_under, ended?);
    shell.note_change(&app, false);
    Ok(signed_in)
}

/// Opens the page of an old broker that signs in and then shows a token; answers its address, to copy it. Holds no secret.
///
/// # Errors
/// `NoBroker`; `InvalidInput` at `provider` where its sign-in is not by token.
#[tauri::command]
pub async fn open_token_page(shell: State<'_, Shell>, provider: ProviderKind) -> Answer<String> {
    let page = shell.core().token_page(provider)?;
    if let Err(error) = shell.open(&page) {
        tracing::warn!(%error, "no browser was opened");
    }
    Ok(page.into())
}

/// Signs in with the token of that page, which becomes a secret at once.
///
/// # Errors
/// `InvalidInput` at `token`; the broker's, the provider's and the keyring's. Nothing is kept then.
#[tauri::command]
pub async fn sign_in_with_token<R: Runtime>(
    app: AppHandle<R>,
    provider: ProviderKind,
    token: String,
    label: Option<String>,
    account: Option<AccountId>,
) -> Answer<SignedIn> {
    let token = RefreshToken::pasted(token)?;
    let shell = app.state::<Shell>();
    let asked_under = account.as_ref().map(ToString::to_string).unwrap_or_default();
    let ended: Result<_, Error> = shell.core().sign_in_with_token(provider, token, label, account).await;
    let signed_in = shell.sign_ins.settle(shell.core(), &asked_under, ended?);
    shell.note_change(&app, false);
    Ok(signed_in)
}
