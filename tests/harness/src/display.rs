//! A private X display, so that windows can be opened, driven and pictured where there is no screen.

use std::process::Command;

use crate::program::Program;

/// An Xvfb on the first free display number, 1280 by 800 at 24 bit.
#[derive(Debug)]
pub struct Display {
    name: String,
    _server: Program,
}

impl Display {
    /// Starts one and waits until it takes clients.
    #[must_use]
    pub fn start(environment: impl FnOnce(&mut Command)) -> Self {
        let mut command = Command::new("Xvfb");
        environment(&mut command);
        // It writes the number it chose to the given descriptor, here its standard output, once it is ready.
        command.args(["-displayfd", "1", "-screen", "0", "1280x800x24", "-nolisten", "tcp", "-noreset"]);
        let server = Program::start(command);
        let number = server.wait_line("its display number", |line| line.parse::<u32>().is_ok());
        Self { name: format!(":{number}"), _server: server }
    }

    /// The value for `DISPLAY`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}
