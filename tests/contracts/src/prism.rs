//! Prism (npm `@stoplight/prism-cli`) as the vendor: a mock of a contract, or a proxy that checks both directions.

use std::{net::TcpListener, path::Path, process::Command};

use convoke_harness::{PrivateDir, Program};

use crate::packages;

/// A running Prism; ends when it is dropped.
pub struct Prism {
    url: String,
    _program: Program,
    _folder: PrivateDir,
}

impl Prism {
    /// Answers as the vendor of `contract` would, and refuses what the contract does not know.
    #[must_use]
    pub fn mock(contract: &Path) -> Self {
        Self::start("mock", contract, &[], None)
    }

    /// Passes on to `upstream`, and makes an error of every request and every answer that breaks the contract.
    #[must_use]
    pub fn proxy(contract: &Path, upstream: &str) -> Self {
        Self::start("proxy", contract, &["--errors"], Some(upstream))
    }

    /// Its origin.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    fn start(mode: &str, contract: &Path, words: &[&str], upstream: Option<&str>) -> Self {
        let folder = PrivateDir::new("prism");
        let relaxed = folder.path().join("contract.json");
        let node = Command::new("node").current_dir(packages()).arg("relax.mjs").arg(contract).arg(&relaxed).status();
        assert!(node.is_ok_and(|status| status.success()), "{} cannot be read", contract.display());
        let port = free_port();
        let mut command = Command::new("node");
        command.current_dir(packages()).arg("node_modules/@stoplight/prism-cli/dist/index.js").arg(mode).args(words);
        command.args(["-h", "127.0.0.1", "-p", &port.to_string()]).arg(&relaxed).args(upstream);
        let program = Program::start(command);
        program.wait_line("that Prism listens", |line| line.contains("Prism is listening on"));
        Self { url: format!("http://127.0.0.1:{port}"), _program: program, _folder: folder }
    }
}

/// Prism takes a number and cannot say which one it got: one that was free a moment ago, above those that Node refuses.
fn free_port() -> u16 {
    loop {
        let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").port();
        if port > 10_100 {
            return port;
        }
    }
}
