//! An authorization server that nobody here wrote: npm `oidc-provider` under `tests/oidc-provider/`, on a free loopback port. It
//! requires PKCE, rotates refresh tokens and revokes; every sign-in is approved by itself.

use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::broker::{CLIENT_ID, CLIENT_SECRET};
use crate::http;
use crate::program::{self, Program};

/// The server's one client is registered as [`CLIENT_ID`] with [`CLIENT_SECRET`].
#[derive(Debug)]
pub struct AuthorizationServer {
    url: String,
    program: Program,
}

impl AuthorizationServer {
    /// Starts one that knows these redirect URIs. Panics where its npm packages are not installed.
    #[must_use]
    pub fn start(redirect_uris: &[&str]) -> Self {
        let folder = program::repository().join("tests/oidc-provider");
        assert!(
            folder.join("node_modules/oidc-provider").is_dir(),
            "{} has no packages: run `make install`",
            folder.display()
        );
        let mut command = Command::new("node");
        command.current_dir(folder).arg("server.mjs").args([
            "--client-id",
            CLIENT_ID,
            "--client-secret",
            CLIENT_SECRET,
        ]);
        for uri in redirect_uris {
            command.args(["--redirect-uri", uri]);
        }
        let program = Program::start(command);
        Self { url: program.wait_listening(), program }
    }

    /// Its origin, without a final `/`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Where a sign-in starts.
    #[must_use]
    pub fn authorize_url(&self) -> String {
        format!("{}/auth", self.url)
    }

    /// Where codes and refresh tokens are exchanged.
    #[must_use]
    pub fn token_url(&self) -> String {
        format!("{}/token", self.url)
    }

    /// Where tokens are revoked.
    #[must_use]
    pub fn revoke_url(&self) -> String {
        format!("{}/token/revocation", self.url)
    }

    /// How often the token endpoint was asked so far. A request of our own comes back last, so that no line is still on its way.
    #[must_use]
    pub fn token_calls(&self) -> usize {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let path = format!("/nothing-{}", NEXT.fetch_add(1, Ordering::SeqCst));
        let _ = http::get(&format!("{}{path}", self.url));
        self.program.wait_line("our own request", |line| line.starts_with(&format!("GET {path} ")));
        let said = String::from_utf8_lossy(&self.program.stdout()).into_owned();
        said.lines().filter(|line| line.starts_with("POST /token ")).count()
    }

    /// The process, for its output: one line `METHOD /path status` per request.
    #[must_use]
    pub fn program(&self) -> &Program {
        &self.program
    }
}
