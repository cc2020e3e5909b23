//! `convoke account …`

use std::{
    io::{BufRead, Read},
    process::ExitCode,
};

use convoke_core::{
    account::{AccountId, ProviderKind, SignInKind},
    auth::browser,
    credential::Password,
    error::{Error, FieldIssue, IssueCode},
    service::{
        Core,
        sign_in::{PendingSignIn, SignInEnd},
    },
    view::{AccountView, ErrorView, Revocation},
};
use serde_json::json;
use url::Url;

use super::{parse_account, parse_provider, token};
use crate::{
    arguments::{AccountCommand, AddAccount},
    output::Output,
    words,
};

const LONGEST_PASSWORD: u64 = 4096;

pub async fn run(core: &Core, command: AccountCommand, output: Output) -> Result<ExitCode, Error> {
    match command {
        AccountCommand::Add(add) => self::add(core, add, output).await?,
        AccountCommand::List => {
            let accounts = core.account_views()?;
            output.value(&accounts, |accounts| match accounts.as_slice() {
                [] => "No account yet. Sign in with: convoke account add zoom".to_owned(),
                accounts => worded(core, accounts),
            });
        }
        AccountCommand::Refresh { id: Some(id), .. } => {
            let account = core.refresh_account(&parse_account(&id)?).await?;
            output.value(&core.account_view(&account), |view| worded(core, std::slice::from_ref(view)));
            tell_waiting(core).await;
        }
        AccountCommand::Refresh { id: None, .. } => {
            let ended = refresh_all(core, output).await;
            tell_waiting(core).await;
            return ended;
        }
        AccountCommand::Remove { id } => remove(core, &parse_account(&id)?, output).await?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Who has no window running has what waits to be revoked told here. What is not done waits on.
async fn tell_waiting(core: &Core) {
    if core.keyring_is_open().await
        && let Err(error) = core.tell_waiting().await
    {
        tracing::debug!(code = ?error.code, "what waits to be revoked waits on");
    }
}

/// The accounts as they are now, in the person's zone.
fn worded(core: &Core, accounts: &[AccountView]) -> String {
    let (now, zone) = (core.now(), core.zone());
    accounts.iter().map(|account| words::account(account, now, zone)).collect::<Vec<_>>().join("\n")
}

async fn add(core: &Core, add: AddAccount, output: Output) -> Result<(), Error> {
    let kind = parse_provider(&add.provider)?;
    let end = match core.profile().sign_in_kind(kind) {
        SignInKind::Password => {
            let required = |field| Error::invalid(vec![FieldIssue::new(field, IssueCode::Required)]);
            let preset = core.profile().sametime_server.as_ref().map(ToString::to_string);
            let server = add.server.or(preset).ok_or_else(|| required("server"))?;
            let username = add.username.ok_or_else(|| required("username"))?;
            let password = read_password(add.password_stdin)?;
            core.sign_in_sametime(&server, &username, password, add.label, None).await?
        }
        SignInKind::Token => {
            announce_page(&core.token_page(kind)?, add.no_browser, output)?;
            core.sign_in_with_token(kind, token::read().await?, add.label, None).await?
        }
        SignInKind::Browser => {
            let pending = core.begin_sign_in(kind, add.label, None).await?;
            announce(&pending, add.no_browser, output)?;
            listen_for_pastes(&pending, output);
            pending.finish().await?
        }
    };
    let SignInEnd::Account { account, again } = end else {
        return Err(Error::new(convoke_core::error::ErrorCode::DifferentPerson));
    };
    output.value(&core.account_view(&account), |view| {
        let how = if again { "Signed in again as" } else { "Signed in as" };
        format!("{how} {} ({}).", view.identity, view.id)
    });
    Ok(())
}

/// Opens the address of a sign-in, or prints it.
fn announce(pending: &PendingSignIn, no_browser: bool, output: Output) -> Result<(), Error> {
    let (url, code) = (pending.authorize_url(), pending.match_code());
    // Before the address, so that who follows it knows what to look for.
    output.note(&format!("The page in the browser shows {code}. If it shows anything else, close it."));
    let first = json!({"authorize_url": url.as_str(), "match_code": code});
    open_or_print(url, no_browser.then_some(first), output)?;
    output.note(if no_browser {
        "Open this address in a browser. If the browser is on another machine, paste the address it ended on here."
    } else {
        "Waiting for your browser. You can also paste the address it ended on here."
    });
    Ok(())
}

/// Opens the page of an old broker, or prints its address.
fn announce_page(page: &Url, no_browser: bool, output: Output) -> Result<(), Error> {
    open_or_print(page, no_browser.then(|| json!({"authorize_url": page.as_str()})), output)?;
    let open = if no_browser { "Open this address in a browser" } else { "Your browser opens a page" };
    output.note(&format!("{open}. Sign in there, copy the token that it shows, and paste it here."));
    Ok(())
}

/// Prints the address, with `printed` as its JSON, or opens it where there is none.
fn open_or_print(url: &Url, printed: Option<serde_json::Value>, output: Output) -> Result<(), Error> {
    if let Some(printed) = printed {
        output.value(&printed, |_| url.to_string());
        return Ok(());
    }
    #[expect(clippy::disallowed_methods, reason = "the person's choice of browser is configuration")]
    let chosen = std::env::var_os("BROWSER");
    browser::open(url, chosen.as_deref())
}

/// Takes pasted addresses for as long as the sign-in waits; a wrong one does not end it.
fn listen_for_pastes(pending: &PendingSignIn, output: Output) {
    let paster = pending.paster();
    // A thread of its own: a read of standard input cannot be called off, and must not hold the exit.
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok).filter(|line| !line.trim().is_empty()) {
            match paster.paste(&line) {
                Ok(()) => return,
                Err(_) => output.note("This is not the address of this sign-in. Paste the whole address that the browser shows at the end."),
            }
        }
    });
}

fn read_password(from_stdin: bool) -> Result<Password, Error> {
    let unreadable = |_| Error::invalid(vec![FieldIssue::new("password", IssueCode::Required)]);
    let text = if from_stdin {
        let mut text = String::new();
        std::io::stdin().lock().take(LONGEST_PASSWORD + 1).read_to_string(&mut text).map_err(unreadable)?;
        text.truncate(text.trim_end_matches(['\r', '\n']).len());
        text
    } else {
        rpassword::prompt_password("Password (sent once, not kept): ").map_err(unreadable)?
    };
    if text.is_empty() {
        return Err(Error::invalid(vec![FieldIssue::new("password", IssueCode::Required)]));
    }
    if text.len() as u64 > LONGEST_PASSWORD {
        let most = LONGEST_PASSWORD.to_string();
        return Err(Error::invalid(vec![FieldIssue::with_detail("password", IssueCode::TooLong, &most)]));
    }
    Ok(Password::new(text))
}

async fn refresh_all(core: &Core, output: Output) -> Result<ExitCode, Error> {
    let mut views = Vec::new();
    let mut first = None;
    for account in core.accounts()? {
        match core.refresh_account(&account.id).await {
            Ok(account) => views.push(core.account_view(&account)),
            Err(error) => {
                let error = ErrorView::from(error.at(&account.id, account.provider));
                output.note(&format!("{}: {}", account.id, words::sentence(&error)));
                first.get_or_insert(words::exit_code(error.code));
            }
        }
    }
    output.value(&views, |views| worded(core, views));
    Ok(ExitCode::from(first.unwrap_or(0)))
}

#[expect(clippy::disallowed_methods, reason = "$BROWSER is configuration of the command line")]
async fn remove(core: &Core, id: &AccountId, output: Output) -> Result<(), Error> {
    let provider = core.accounts()?.into_iter().find(|account| account.id == *id).map(|account| account.provider);
    let revocation = core.disconnect(id).await?;
    let name = provider.map_or("the provider", ProviderKind::display_name);
    let page = provider.and_then(ProviderKind::consent_page).filter(|_| revocation == Revocation::NotOffered);
    let mut value = json!({"account": id, "revocation": revocation});
    if let Some(page) = page {
        value["consent_page"] = page.into();
    }
    output.value(&value, |_| {
        let said = match revocation {
            Revocation::Revoked => format!("and revoked at {name}. Meetings stay there."),
            Revocation::NotOffered => match page {
                Some(page) => {
                    format!("{name} has no way to be told: take the permission back at {page}. Meetings stay there.")
                }
                None => format!("{name} has no way to be told; its meetings stay there."),
            },
            Revocation::Queued => {
                format!("{name} cannot be reached now; Convoke tells it as soon as it can, for seven days.")
            }
            Revocation::Failed => format!("{name} could not be told; take the consent back on its web page."),
        };
        let joint = if revocation == Revocation::Revoked { " " } else { ". " };
        format!("Disconnected {id}: forgotten here{joint}{said}")
    });
    // A script opens nothing by itself. Where there is no browser the line above has the address.
    if let Some(url) = page.filter(|_| !output.json).and_then(|page| page.parse().ok())
        && let Err(error) = browser::open(&url, std::env::var_os("BROWSER").as_deref())
    {
        tracing::debug!(code = ?error.code, "the page was not opened");
    }
    Ok(())
}
