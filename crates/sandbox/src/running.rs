//! Starting the sandbox, in the program and inside a test, and ending it.

use std::net::SocketAddr;

use axum::middleware::from_fn_with_state;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::call::Mount;
use crate::random::Random;
use crate::world::{Setting, Shared, World};
use crate::{control, domino, gate, goto, sametime, server, teams, webex, zoom};

/// Which of Sametime's two base paths for sessions answers: `meeting-auth` (2021) or `sametime-auth` (version 12).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum SametimeBase {
    /// Only `meeting-auth`, as servers before version 12.
    MeetingAuth,
    /// Only `sametime-auth`, as servers of version 12.
    SametimeAuth,
    /// Either one.
    #[default]
    Both,
}

/// What the sandbox is started with.
#[derive(Debug, Clone)]
pub struct Options {
    /// The loopback address to listen on; port 0 picks a free port.
    pub listen: SocketAddr,
    /// Whether a sign-in is allowed at once instead of shown on a page.
    pub auto_approve: bool,
    /// Makes ids and tokens the same in every run; without it they come from the operating system's randomness.
    pub seed: Option<u64>,
    /// Redirect URIs that are registered at every provider beside the broker's own on loopback. Domino, which sends to a
    /// registered address alone, takes the one whose path ends in `/callback/domino`.
    pub redirect_uris: Vec<String>,
    /// Which of Sametime's base paths answers.
    pub sametime_base: SametimeBase,
}

impl Default for Options {
    /// A free port on 127.0.0.1, the sign-in page shown, no seed, no further redirect URI.
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            auto_approve: false,
            seed: None,
            redirect_uris: Vec::new(),
            sametime_base: SametimeBase::default(),
        }
    }
}

/// Why the sandbox did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address is not this machine's own: what answers without a password must not be reachable from outside.
    #[error("--listen {0}: the sandbox listens on loopback only (127.0.0.1 or ::1)")]
    NotLoopback(SocketAddr),
    /// The address cannot be listened on.
    #[error("--listen {0}: {1}")]
    Listen(SocketAddr, std::io::Error),
    /// The operating system gave no randomness.
    #[error("the operating system gave no randomness: {0}")]
    Random(getrandom::Error),
}

/// The sandbox before it runs.
#[derive(Debug)]
pub struct Sandbox;

impl Sandbox {
    /// Starts to listen and serves in a task of the current tokio runtime until the answer is dropped.
    ///
    /// # Errors
    /// [`StartError`] where the address is not loopback or is taken, or there is no randomness.
    pub async fn start(options: Options) -> Result<Running, StartError> {
        let wanted = options.listen;
        if !wanted.ip().is_loopback() {
            return Err(StartError::NotLoopback(wanted));
        }
        let random = Random::new(options.seed).map_err(StartError::Random)?;
        let listener = TcpListener::bind(wanted).await.map_err(|error| StartError::Listen(wanted, error))?;
        let address = listener.local_addr().map_err(|error| StartError::Listen(wanted, error))?;
        let base_url = format!("http://{address}");

        let mount = sametime::mount(teams::mount(zoom::mount(Mount::default())), options.sametime_base);
        let mount = domino::mount(goto::mount(webex::mount(mount)));
        let (providers, names) = mount.finish();
        let shared = Shared::new(Setting { base_url: base_url.clone(), options, routes: names }, World::new(random));
        let router = providers
            .merge(control::mount(Mount::default()).finish().0)
            .layer(from_fn_with_state(shared.clone(), gate::gate))
            .with_state(shared);
        let task = tokio::spawn(server::serve(listener, router));
        Ok(Running { base_url, address, task })
    }
}

/// A sandbox that runs; dropping it closes its listener and every connection.
#[derive(Debug)]
pub struct Running {
    /// `http://127.0.0.1:PORT`, without a slash at the end.
    pub base_url: String,
    /// The address that it listens on.
    pub address: SocketAddr,
    task: JoinHandle<()>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}
