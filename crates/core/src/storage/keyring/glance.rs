//! A look at the keyring that asks nobody: which program answers, and whether it is locked.
//!
//! A read or a write would open the keyring's own window where it is locked. What runs by itself looks here first, so that no
//! window comes up because an hour has passed. It has a connection and a thread of its own: a call that a window holds does not
//! hold this.

use super::{Glance, failure::Failure};

/// What looks. Made, used and dropped on one thread.
#[derive(Default)]
pub(super) struct Eyes {
    #[cfg(target_os = "linux")]
    bus: Option<zbus::blocking::Connection>,
    /// The unique name of whoever answered last.
    #[cfg(target_os = "linux")]
    owner: Option<String>,
}

#[cfg(target_os = "linux")]
impl Eyes {
    /// What is seen, and whether another program answers than at the last look. Secret Service API 0.2: the default collection's
    /// `Locked` can be read while it is locked.
    pub(super) fn look(&mut self) -> Result<(Glance, bool), Failure> {
        let look = self.bus().and_then(look_over).map(|(glance, owner)| {
            let is_another = self.owner.as_ref().is_some_and(|before| *before != owner);
            self.owner = Some(owner);
            (glance, is_another)
        });
        if look.is_err() {
            // The bus, or the keyring on it, may be another one the next time.
            self.bus = None;
        }
        look.map_err(|error| match error {
            Blind::NoCollection => Failure::NOT_SET_UP,
            Blind::Bus(error) => super::failure::classify_look(&error),
        })
    }

    fn bus(&mut self) -> Result<&zbus::blocking::Connection, Blind> {
        if self.bus.is_none() {
            let builder = zbus::blocking::connection::Builder::session()?;
            self.bus = Some(builder.method_timeout(super::worker::LIMIT).build()?);
        }
        self.bus.as_ref().ok_or(Blind::NoCollection)
    }
}

/// Why nothing could be seen.
#[cfg(target_os = "linux")]
enum Blind {
    NoCollection,
    Bus(zbus::Error),
}

#[cfg(target_os = "linux")]
impl From<zbus::Error> for Blind {
    fn from(error: zbus::Error) -> Self {
        Self::Bus(error)
    }
}

#[cfg(target_os = "linux")]
fn look_over(bus: &zbus::blocking::Connection) -> Result<(Glance, String), Blind> {
    use zbus::{blocking::Proxy, zvariant::OwnedObjectPath};

    const SERVICE: &str = "org.freedesktop.secrets";
    let service = Proxy::new(bus, SERVICE, "/org/freedesktop/secrets", "org.freedesktop.Secret.Service")?;
    let collection: OwnedObjectPath = service.call("ReadAlias", &("default",))?;
    if collection.as_str() == "/" {
        return Err(Blind::NoCollection);
    }
    let name = collection.as_str().rsplit('/').next().unwrap_or_default().to_owned();
    // The property alone, uncached: a cache would have to be told of the unlock.
    let properties = Proxy::new(bus, SERVICE, &collection, "org.freedesktop.DBus.Properties")?;
    let locked: zbus::zvariant::OwnedValue =
        properties.call("Get", &("org.freedesktop.Secret.Collection", "Locked"))?;
    let is_locked = bool::try_from(locked).unwrap_or(true);
    let dbus = Proxy::new(bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus")?;
    let owner = dbus.call("GetNameOwner", &(SERVICE,))?;
    let program = program(&dbus, SERVICE).unwrap_or_default();
    let back_end = format!("{program} {name}").trim().to_owned();
    Ok((Glance { back_end: crate::error::printable(&back_end), is_locked }, owner))
}

/// The name of the program that owns a name on the bus; none where the system does not tell, as within a sandbox.
#[cfg(target_os = "linux")]
fn program(dbus: &zbus::blocking::Proxy<'_>, name: &str) -> Option<String> {
    let process: u32 = dbus.call("GetConnectionUnixProcessID", &(name,)).ok()?;
    std::fs::read_to_string(format!("/proc/{process}/comm")).ok().map(|comm| comm.trim().to_owned())
}

#[cfg(not(target_os = "linux"))]
impl Eyes {
    /// The login unlocks these; they have no state that can be read without asking.
    #[expect(clippy::unnecessary_wraps, clippy::unused_self, reason = "the form of the system that can fail")]
    pub(super) fn look(&mut self) -> Result<(Glance, bool), Failure> {
        let back_end = if cfg!(target_os = "macos") { "Keychain" } else { "Windows Credential Manager" };
        Ok((Glance { back_end: back_end.to_owned(), is_locked: false }, false))
    }
}
