//! `convoke-broker`: reads its configuration, starts the broker, and ends it at SIGTERM or SIGINT.

mod process;

use std::{
    env,
    io::{Write as _, stdout},
    path::PathBuf,
    process::ExitCode,
    sync::Arc,
};

use convoke_broker::{Configuration, RunningBroker, SystemClock, log_directives, start, start_logging};
use tracing::info;

const USAGE: &str = "usage: convoke-broker [--config FILE]\n\n\
    Keys come from the environment and, below it, from the TOML file; a file with secrets must have mode 0600\n\
    and is the better place for them, because a process's environment can be read while it runs.\n";

/// Exit code of a call or a configuration that is off.
const BAD_CONFIGURATION: u8 = 2;

fn main() -> ExitCode {
    let file = match arguments(env::args_os().skip(1)) {
        Ok(Call::Serve(file)) => file,
        Ok(Call::Say(text)) => return say(text),
        Err(sentence) => return refuse(&sentence),
    };
    start_logging(log_directives().as_deref());
    process::harden();
    let configuration = match Configuration::load(file.as_deref()) {
        Ok(configuration) => configuration,
        Err(error) => return refuse(&error.to_string()),
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return refuse(&format!("The process can not start its threads: {error}.")),
    };
    runtime.block_on(async {
        match start(configuration, Arc::new(SystemClock)).await {
            Ok(broker) => run(broker).await,
            Err(error) => refuse(&error.to_string()),
        }
    })
}

/// What the call asks for.
enum Call {
    Serve(Option<PathBuf>),
    Say(&'static str),
}

fn arguments(mut arguments: impl Iterator<Item = std::ffi::OsString>) -> Result<Call, String> {
    let mut file = None;
    while let Some(argument) = arguments.next() {
        let text = argument.to_string_lossy();
        match text.as_ref() {
            "--help" | "-h" => return Ok(Call::Say(USAGE)),
            "--version" | "-V" => return Ok(Call::Say(concat!("convoke-broker ", env!("CARGO_PKG_VERSION"), "\n"))),
            "--config" => match arguments.next() {
                Some(path) => file = Some(PathBuf::from(path)),
                None => return Err("--config needs a file.".to_owned()),
            },
            other => match other.strip_prefix("--config=") {
                Some(path) if !path.is_empty() => file = Some(PathBuf::from(path)),
                _ => return Err("The only argument is --config FILE; see --help.".to_owned()),
            },
        }
    }
    Ok(Call::Serve(file))
}

async fn run(broker: RunningBroker) -> ExitCode {
    // Whoever waits for this line may have closed its end: the broker serves all the same.
    let _ = say(&format!("listening on http://{}\n", broker.address()));
    info!(origin = broker.origin(), "serving");
    end_asked_for().await;
    info!("ending");
    broker.stop().await;
    ExitCode::SUCCESS
}

async fn end_asked_for() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}

fn say(text: &str) -> ExitCode {
    let mut out = stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn refuse(sentence: &str) -> ExitCode {
    eprintln!("convoke-broker: {sentence}");
    ExitCode::from(BAD_CONFIGURATION)
}
