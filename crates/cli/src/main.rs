//! `convoke`: the command line over `convoke-core`. Parses, calls one workflow, prints; decides nothing.

mod arguments;
mod commands;
mod demo;
mod duration;
mod output;
mod words;

use std::{process::ExitCode, sync::Arc};

use clap::Parser;
use convoke_core::{
    error::{Error, ErrorCode, FieldIssue, IssueCode},
    profile::Profile,
    service::{Core, Setup},
    storage::keyring::Keyring,
    system,
};
use tracing_subscriber::{filter::Targets, layer::SubscriberExt, util::SubscriberInitExt};

use crate::{arguments::Arguments, output::Output};

#[global_allocator]
static ALLOCATOR: system::WipedMemory = system::WIPED_MEMORY;

fn main() -> ExitCode {
    start_log();
    system::harden();
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return refuse_words(&error),
    };
    let output = Output { json: arguments.json };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let done = match runtime {
        Ok(runtime) => {
            let done = runtime.block_on(run(arguments, output));
            // A keyring prompt that nobody answers must not hold the exit.
            runtime.shutdown_background();
            done
        }
        Err(error) => Err(Error::new(ErrorCode::Storage).detail(error.kind().to_string())),
    };
    match done {
        Ok(code) => code,
        Err(error) => output.error(error),
    }
}

async fn run(arguments: Arguments, output: Output) -> Result<ExitCode, Error> {
    let core = open(&arguments)?;
    commands::run(&core, arguments.command, output).await
}

/// The composition root: the clock, the environment and the keyring come in here and nowhere else.
#[expect(clippy::disallowed_methods, reason = "the composition root of the command line")]
fn open(arguments: &Arguments) -> Result<Core, Error> {
    let missing = || Error::invalid(vec![FieldIssue::new("home", IssueCode::Required)]);
    let home = system::home_folder(arguments.home.clone(), |name| std::env::var_os(name)).ok_or_else(missing)?;
    let started_profile = match &arguments.profile {
        None => None,
        Some(path) => {
            let text = std::fs::read_to_string(path).map_err(|error| {
                Error::invalid(vec![FieldIssue::with_detail(
                    "profile",
                    IssueCode::Refused,
                    &format!("{}: {}", path.display(), error.kind()),
                )])
            })?;
            Some(Profile::parse(&text)?)
        }
    };
    Core::open(Setup {
        home,
        started_profile,
        clock: Arc::new(chrono::Utc::now),
        uptime: system::uptime_clock(),
        credentials: Arc::new(Keyring::start()),
        system_zone: system::system_zone(),
        ca_file: system::ca_file(|name| std::env::var_os(name)),
    })
}

/// Only Convoke's own lines follow `RUST_LOG`: libraries print headers and messages at `debug`.
#[expect(clippy::disallowed_methods, reason = "the composition root of the command line")]
fn start_log() {
    let level = system::log_level(std::env::var("RUST_LOG").ok().as_deref());
    let filter = Targets::new().with_default(tracing::Level::WARN).with_target("convoke", level);
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(false);
    tracing_subscriber::registry().with(lines).with(filter).init();
}

/// clap's own help and complaints; with `--json` a complaint is one JSON value as well.
fn refuse_words(error: &clap::Error) -> ExitCode {
    let json = std::env::args_os().any(|argument| argument == "--json");
    if error.use_stderr() && json {
        let text = error.to_string();
        let line = text.lines().next().unwrap_or_default().trim_start_matches("error: ");
        let refused = Error::invalid(vec![FieldIssue::with_detail("arguments", IssueCode::Refused, line)]);
        return Output { json }.error(refused);
    }
    let _ = error.print();
    ExitCode::from(if error.use_stderr() { 2 } else { 0 })
}
