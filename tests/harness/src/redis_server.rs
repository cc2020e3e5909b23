//! A real `redis-server` on a socket of its own, without a file on disk.

use std::{os::unix::net::UnixStream, process::Command};

use crate::{PrivateDir, Program, patience};

/// A running server.
#[derive(Debug)]
pub struct RedisServer {
    url: String,
    _program: Program,
    _dir: PrivateDir,
}

impl RedisServer {
    /// Starts one. Panics where Debian's package is missing.
    #[must_use]
    pub fn start() -> Self {
        let dir = PrivateDir::new("redis");
        let socket = dir.path().join("socket");
        let mut command = Command::new("redis-server");
        command.args(["--port", "0", "--save", "", "--appendonly", "no", "--unixsocket"]).arg(&socket);
        command.arg("--dir").arg(dir.path());
        let program = Program::start(command);
        patience::wait_until("redis-server", patience::READY, || UnixStream::connect(&socket).is_ok());
        Self { url: format!("redis+unix://{}", socket.display()), _program: program, _dir: dir }
    }

    /// Its address, as the broker's `STORE` takes it.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }
}
