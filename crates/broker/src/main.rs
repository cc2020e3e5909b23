//! `convoke-broker`: reads its configuration, starts the broker, and ends it at SIGTERM or SIGINT.

mod process;

use std::{
    env,
    io::{Write as _, stdout},
    path::PathBuf,
    process::ExitCode,
    sync::Arc,
};

use convoke_broker::{
    Configuration, ConfigurationError, RunningBroker, Settings, Sockets, SystemClock, check, log_directives, start,
    start_logging,
};
use tracing::info;
use zeroizing_alloc::ZeroAlloc;

/// Memory is wiped when it is given back: buffers of HTTP, TLS and JSON libraries hold tokens, too. So what only passes through
/// (a form, an answer) is not wiped a second time, byte by byte.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<std::alloc::System> = ZeroAlloc(std::alloc::System);

const USAGE: &str = "usage: convoke-broker [--config FILE] [--check]\n\n\
    Keys come from the environment and, below it, from the TOML file; a file with secrets must have mode 0600\n\
    and is the better place for them, because a process's environment can be read while it runs. A secret may also\n\
    stand in a file of its own (KEY_FILE) or be a systemd credential of the key's name.\n\n\
    --check reads and tries everything, prints which keys are set, by name, and serves nothing.\n";

/// Exit code of a call or a configuration that is off.
const BAD_CONFIGURATION: u8 = 2;

fn main() -> ExitCode {
    let (file, only_check) = match arguments(env::args_os().skip(1)) {
        Ok(Call::Serve(file)) => (file, false),
        Ok(Call::Check(file)) => (file, true),
        Ok(Call::Say(text)) => return say(text),
        Err(sentence) => return refuse(&sentence),
    };
    process::harden();
    let read = || -> Result<(Settings, Configuration), ConfigurationError> {
        let settings = Settings::load(file.as_deref())?;
        let configuration = Configuration::from_settings(&settings)?;
        Ok((settings, configuration))
    };
    let (settings, configuration) = match read() {
        Ok(read) => read,
        Err(error) => return refuse(&error.to_string()),
    };
    start_logging(configuration.log_format(), log_directives().as_deref());
    let runtime = match runtime() {
        Ok(runtime) => runtime,
        Err(error) => return refuse(&format!("The process can not start its threads: {error}.")),
    };
    if only_check {
        let report = configuration.report(&settings).join("\n");
        drop(settings);
        return match runtime.block_on(check(&configuration)) {
            Ok(()) => say(&format!("{report}\nThe configuration is good.\n")),
            Err(error) => refuse(&error.to_string()),
        };
    }
    drop(settings);
    let mut listenfd = listenfd::ListenFd::from_env();
    let sockets = (0..listenfd.len()).filter_map(|at| listenfd.take_tcp_listener(at).ok().flatten());
    let sockets = Sockets { listeners: sockets.collect() };
    runtime.block_on(async {
        match start(configuration, Arc::new(SystemClock), sockets).await {
            Ok(broker) => run(broker).await,
            Err(error) => refuse(&error.to_string()),
        }
    })
}

/// One thread per core; where there is one core, the thread that is there already.
fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    let mut builder = match std::thread::available_parallelism() {
        Ok(cores) if cores.get() == 1 => tokio::runtime::Builder::new_current_thread(),
        _ => tokio::runtime::Builder::new_multi_thread(),
    };
    builder.enable_all().build()
}

/// What the call asks for.
enum Call {
    Serve(Option<PathBuf>),
    Check(Option<PathBuf>),
    Say(&'static str),
}

fn arguments(mut arguments: impl Iterator<Item = std::ffi::OsString>) -> Result<Call, String> {
    let (mut file, mut check) = (None, false);
    while let Some(argument) = arguments.next() {
        let text = argument.to_string_lossy();
        match text.as_ref() {
            "--help" | "-h" => return Ok(Call::Say(USAGE)),
            "--version" | "-V" => return Ok(Call::Say(concat!("convoke-broker ", env!("CARGO_PKG_VERSION"), "\n"))),
            "--check" => check = true,
            "--config" => match arguments.next() {
                Some(path) => file = Some(PathBuf::from(path)),
                None => return Err("--config needs a file.".to_owned()),
            },
            other => match other.strip_prefix("--config=") {
                Some(path) if !path.is_empty() => file = Some(PathBuf::from(path)),
                _ => return Err("The arguments are --config FILE and --check; see --help.".to_owned()),
            },
        }
    }
    Ok(if check { Call::Check(file) } else { Call::Serve(file) })
}

async fn run(broker: RunningBroker) -> ExitCode {
    // Before anybody is told that it serves: who reads the line may end it in the next moment.
    let end = end_asked_for();
    // Whoever waits for this line may have closed its end: the broker serves all the same.
    let scheme = if broker.has_tls() { "https" } else { "http" };
    let _ = say(&format!("listening on {scheme}://{}\n", broker.address()));
    info!(origin = broker.origin(), "serving");
    end.await;
    info!("ending");
    broker.stop().await;
    ExitCode::SUCCESS
}

/// Ends when somebody asks for the end. It listens from the call on, not from the first wait.
fn end_asked_for() -> impl Future<Output = ()> {
    #[cfg(unix)]
    let terminate = {
        use tokio::signal::unix::{SignalKind, signal};
        signal(SignalKind::terminate()).ok().zip(signal(SignalKind::interrupt()).ok())
    };
    async move {
        #[cfg(unix)]
        if let Some((mut terminate, mut interrupt)) = terminate {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            return;
        }
        let _ = tokio::signal::ctrl_c().await;
    }
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
