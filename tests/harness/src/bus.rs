//! A private D-Bus session bus, so that no test meets the keyring, the tray or a second instance of another one.

use std::path::Path;
use std::process::Command;

use zbus::blocking::{Connection, connection};
use zbus::object_server::Interface;

use crate::private_dir::PrivateDir;
use crate::program::Program;

/// A private bus. Nothing is started on demand unless asked for: no service that the machine happens to have joins in.
#[derive(Debug)]
pub struct Bus {
    address: String,
    _daemon: Program,
    _dir: PrivateDir,
}

impl Bus {
    /// Starts a bus on which only those services exist that are started on it.
    #[must_use]
    pub fn without_services(environment: impl FnOnce(&mut Command)) -> Self {
        Self::start(false, environment)
    }

    /// Starts a bus that starts the machine's session services on demand (the keyring's prompt, for one), with the given
    /// environment.
    #[must_use]
    pub fn with_services(environment: impl FnOnce(&mut Command)) -> Self {
        Self::start(true, environment)
    }

    fn start(services: bool, environment: impl FnOnce(&mut Command)) -> Self {
        let dir = PrivateDir::new("bus");
        let socket = dir.path().join("bus");
        let config = dir.file("bus.conf", 0o600, configuration(&socket, services).as_bytes());
        let mut command = Command::new("dbus-daemon");
        environment(&mut command);
        command
            .args(["--nofork", "--nosyslog", "--print-address=1"])
            .arg(format!("--config-file={}", config.display()));
        let daemon = Program::start(command);
        let address = daemon.wait_line("the address of the bus", |line| line.starts_with("unix:"));
        Self { address, _daemon: daemon, _dir: dir }
    }

    /// The value for `DBUS_SESSION_BUS_ADDRESS`.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// A connection of the test's own.
    pub fn connect(&self) -> Connection {
        connect(&self.address)
    }
}

/// A connection to the bus at `address`.
pub fn connect(address: &str) -> Connection {
    connection::Builder::address(address)
        .and_then(connection::Builder::build)
        .unwrap_or_else(|error| panic!("no connection to the bus at {address}: {error}"))
}

/// A connection on which `object` answers at `path`, with a well-known name if one is given.
///
/// The object is there before the name is: nobody who waits for the name can come too early.
pub fn serve(address: &str, path: &str, object: impl Interface, name: Option<&'static str>) -> Connection {
    let builder = connection::Builder::address(address).and_then(|builder| builder.serve_at(path, object));
    let builder = match name {
        Some(name) => builder.and_then(|builder| builder.name(name)),
        None => builder,
    };
    builder
        .and_then(connection::Builder::build)
        .unwrap_or_else(|error| panic!("{path} is not served on the bus at {address}: {error}"))
}

fn configuration(socket: &Path, services: bool) -> String {
    let services = if services { "<standard_session_servicedirs/>" } else { "" };
    format!(
        r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={}</listen>
  <auth>EXTERNAL</auth>
  {services}
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#,
        socket.display()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_buses_do_not_know_each_other() {
        let (one, two) = (Bus::without_services(|_| {}), Bus::without_services(|_| {}));
        let here = one.connect();
        here.request_name("org.example.Here").expect("name");
        let owned = |bus: &Bus| {
            zbus::blocking::fdo::DBusProxy::new(&bus.connect())
                .expect("proxy")
                .name_has_owner("org.example.Here".try_into().expect("name"))
                .expect("answer")
        };
        assert!(owned(&one));
        assert!(!owned(&two));
    }
}
