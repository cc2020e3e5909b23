//! `convoke-sandbox`: reads the command line, starts the sandbox and waits to be stopped.

use std::io::Write as _;
use std::net::SocketAddr;
use std::process::ExitCode;

use clap::Parser;
use convoke_sandbox::{Options, SametimeBase, Sandbox};

/// Stand-ins for the meeting providers on loopback, in memory, for trying Convoke and for its tests.
///
/// OAuth client at every provider: sandbox-client / sandbox-secret.
/// Sametime: user `ana` or `ben`, password `sandbox-password`.
/// Control: GET /_sandbox/state; POST /_sandbox/faults, clock, reset, sign-in, domino; DELETE /_sandbox/faults.
#[derive(Parser)]
#[command(name = "convoke-sandbox", version, verbatim_doc_comment)]
struct Arguments {
    /// Loopback address to listen on; port 0 picks a free port, named in the first line of output
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8791")]
    listen: SocketAddr,
    /// Allow every sign-in at once, without showing the page
    #[arg(long)]
    auto_approve: bool,
    /// Make ids and tokens the same in every run
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Register a further redirect URI at every provider; may be given several times. Domino answers to the one whose
    /// path ends in /callback/domino, or to that of POST /_sandbox/domino, and to no other
    #[arg(long = "redirect-uri", value_name = "URI")]
    redirect_uris: Vec<String>,
    /// Which of Sametime's base paths answers
    #[arg(long, value_enum, default_value_t, hide = true)]
    sametime_base: SametimeBase,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let options = Options {
        listen: arguments.listen,
        auto_approve: arguments.auto_approve,
        seed: arguments.seed,
        redirect_uris: arguments.redirect_uris,
        sametime_base: arguments.sametime_base,
    };
    let running = match Sandbox::start(options).await {
        Ok(running) => running,
        Err(error) => {
            eprintln!("convoke-sandbox: {error}");
            return ExitCode::from(2);
        }
    };
    let mut output = std::io::stdout();
    // Where nobody reads the line (a closed pipe) the sandbox is of no use: it ends.
    if writeln!(output, "listening on {}", running.base_url).and_then(|()| output.flush()).is_err() {
        return ExitCode::FAILURE;
    }
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
    drop(running);
    ExitCode::SUCCESS
}
