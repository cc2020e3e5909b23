//! One function per command; each calls one workflow of core.

mod account;
mod doctor;
mod meeting;
mod provider;
mod token;

use std::process::ExitCode;

use convoke_core::{
    account::{AccountId, ProviderKind},
    error::{Error, FieldIssue, IssueCode},
    service::Core,
};

use crate::{
    arguments::{Command, ProviderCommand},
    demo,
    output::Output,
};

/// Runs one command.
pub async fn run(core: &Core, command: Command, output: Output) -> Result<ExitCode, Error> {
    match command {
        Command::Account(command) => account::run(core, command, output).await,
        Command::Meeting(command) => meeting::run(core, command, output).await,
        Command::Provider(ProviderCommand::List) => {
            provider::list(core, output).await;
            Ok(ExitCode::SUCCESS)
        }
        Command::Doctor => Ok(doctor::run(core, output).await),
        Command::Demo => demo::run(core, output).await,
    }
}

fn parse_account(text: &str) -> Result<AccountId, Error> {
    AccountId::parse(text)
        .map_err(|text| Error::invalid(vec![FieldIssue::with_detail("account", IssueCode::Unknown, &text)]))
}

fn parse_provider(text: &str) -> Result<ProviderKind, Error> {
    text.parse().map_err(|_| Error::invalid(vec![FieldIssue::with_detail("provider", IssueCode::Unknown, text)]))
}
