//! A real nginx in front of brokers, by the configuration that is shipped, but for addresses, TLS and where it writes.

use std::{
    fs,
    net::{TcpListener, TcpStream},
    process::Command,
};

use crate::{PrivateDir, Program, patience, program};

/// A port of this machine that was free a moment ago.
#[must_use]
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("its address").port()
}

/// A running nginx.
#[derive(Debug)]
pub struct Nginx {
    url: String,
    _program: Program,
    _dir: PrivateDir,
}

impl Nginx {
    /// Starts one on `port` in front of the brokers at these ports. Panics where Debian's package is missing.
    #[must_use]
    pub fn start(port: u16, brokers: &[u16]) -> Self {
        let dir = PrivateDir::new("nginx");
        let shipped = fs::read_to_string(program::repository().join("packaging/broker/nginx.conf"));
        let site = rewritten(&shipped.expect("packaging/broker/nginx.conf"), port, brokers);
        let folder = dir.path().display();
        let text = format!(
            "daemon off; master_process off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;\n\
             events {{ worker_connections 1024; }}\n\
             http {{\naccess_log {folder}/access.log;\nclient_body_temp_path {folder}/body;\nproxy_temp_path {folder}/proxy;\n\
             fastcgi_temp_path {folder}/f;\nuwsgi_temp_path {folder}/u;\nscgi_temp_path {folder}/s;\n{site}\n}}\n"
        );
        let file = dir.file("nginx.conf", 0o600, text.as_bytes());
        let mut command = Command::new("/usr/sbin/nginx");
        command.arg("-e").arg(dir.path().join("start.log")).arg("-p").arg(dir.path()).arg("-c").arg(file);
        let program = Program::start(command);
        patience::wait_until("nginx", patience::READY, || TcpStream::connect(("127.0.0.1", port)).is_ok());
        Self { url: format!("http://127.0.0.1:{port}"), _program: program, _dir: dir }
    }

    /// Its origin, without a final `/`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }
}

/// The shipped configuration on loopback, without TLS.
fn rewritten(shipped: &str, port: u16, brokers: &[u16]) -> String {
    let mut lines = Vec::new();
    for line in shipped.lines() {
        let words = line.trim_start();
        if words.starts_with("server 127.0.0.1:") {
            lines.extend(brokers.iter().map(|broker| format!("server 127.0.0.1:{broker} max_fails=0;")));
        } else if words.starts_with("listen 443") {
            lines.push(format!("listen 127.0.0.1:{port};"));
        } else if !["listen ", "ssl_", "access_log ", "error_log "].iter().any(|front| words.starts_with(front)) {
            lines.push(line.replace("proxy_set_header Host            $host;", "proxy_set_header Host $http_host;"));
        }
    }
    lines.join("\n")
}
