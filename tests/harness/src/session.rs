//! A private login session: home, XDG folders, bus, keyring, display, and the environment that leads programs there.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::bus::Bus;
use crate::display::Display;
use crate::keyring::Keyring;
use crate::private_dir::PrivateDir;

/// Which parts a session has. Start from [`Session::builder`].
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each part is there or not, by itself")]
pub struct SessionBuilder {
    bus: bool,
    services: bool,
    keyring: bool,
    display: bool,
    extra: Vec<(OsString, OsString)>,
}

impl SessionBuilder {
    /// Whether there is a session bus (default: yes). Without one there is no keyring either.
    #[must_use]
    pub fn bus(mut self, wanted: bool) -> Self {
        self.bus = wanted;
        self
    }

    /// Whether the bus starts the machine's services on demand (default: no). The prompt of a locked keyring needs it.
    #[must_use]
    pub fn services(mut self, wanted: bool) -> Self {
        self.services = wanted;
        self
    }

    /// Whether an unlocked keyring runs from the start (default: yes).
    #[must_use]
    pub fn keyring(mut self, wanted: bool) -> Self {
        self.keyring = wanted;
        self
    }

    /// Whether there is a display (default: no).
    #[must_use]
    pub fn display(mut self, wanted: bool) -> Self {
        self.display = wanted;
        self
    }

    /// One more variable for every program of the session, the bus and the keyring included.
    #[must_use]
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.extra.push((name.into(), value.into()));
        self
    }

    /// Starts the parts and waits until each is ready.
    #[must_use]
    pub fn start(self) -> Session {
        let dir = PrivateDir::new("session");
        let mut variables = base_environment(&dir);
        variables.extend(self.extra);
        let display = self.display.then(|| Display::start(|command| set(command, &variables)));
        if let Some(display) = &display {
            variables.extend([
                ("DISPLAY".into(), display.name().into()),
                ("GDK_BACKEND".into(), "x11".into()),
                ("LIBGL_ALWAYS_SOFTWARE".into(), "1".into()),
                // WEBKIT_DISABLE_DMABUF_RENDERER and WEBKIT_DISABLE_COMPOSITING_MODE stay unset: with either the driver's
                // pictures never come.
                ("NO_AT_BRIDGE".into(), "1".into()),
            ]);
        }
        let bus = self.bus.then(|| {
            let environment = |command: &mut Command| set(command, &variables);
            if self.services { Bus::with_services(environment) } else { Bus::without_services(environment) }
        });
        if let Some(bus) = &bus {
            variables.push(("DBUS_SESSION_BUS_ADDRESS".into(), bus.address().into()));
        }
        let mut session = Session { keyring: None, bus, _display: display, variables, dir };
        if self.keyring && session.bus.is_some() {
            session.start_keyring();
        }
        session
    }
}

/// A private session. Its parts end when it is dropped, the keyring first and the folders last.
#[derive(Debug)]
pub struct Session {
    // Fields drop in this order: who speaks on the bus goes before the bus.
    keyring: Option<Keyring>,
    bus: Option<Bus>,
    _display: Option<Display>,
    variables: Vec<(OsString, OsString)>,
    dir: PrivateDir,
}

impl Session {
    /// What a session has by default: a bus and an unlocked keyring, no display.
    #[must_use]
    pub fn builder() -> SessionBuilder {
        SessionBuilder { bus: true, services: false, keyring: true, display: false, extra: Vec::new() }
    }

    /// A session with a bus and an unlocked keyring.
    #[must_use]
    pub fn start() -> Self {
        Self::builder().start()
    }

    /// A session with a bus, an unlocked keyring and a display.
    #[must_use]
    pub fn with_display() -> Self {
        Self::builder().display(true).start()
    }

    /// A session with a bus on which no keyring answers.
    #[must_use]
    pub fn without_keyring() -> Self {
        Self::builder().keyring(false).start()
    }

    /// A session without a bus, as a bare terminal login has.
    #[must_use]
    pub fn without_bus() -> Self {
        Self::builder().bus(false).start()
    }

    /// Makes `command` a program of this session: nothing of the outer environment reaches it (no proxy, no display, no bus).
    pub fn apply(&self, command: &mut Command) {
        set(command, &self.variables);
    }

    /// A command that runs in this session.
    #[must_use]
    pub fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new(program.as_ref());
        self.apply(&mut command);
        command
    }

    /// The environment of its programs.
    #[must_use]
    pub fn env(&self) -> &[(OsString, OsString)] {
        &self.variables
    }

    /// The private home folder.
    #[must_use]
    pub fn home(&self) -> PathBuf {
        self.dir.path().join("home")
    }

    /// The folder that holds everything of the session.
    #[must_use]
    pub fn dir(&self) -> &PrivateDir {
        &self.dir
    }

    /// The bus. Panics in a session without one.
    #[must_use]
    pub fn bus(&self) -> &Bus {
        self.bus.as_ref().expect("this session has a bus")
    }

    /// The keyring. Panics in a session without one.
    #[must_use]
    pub fn keyring(&self) -> &Keyring {
        self.keyring.as_ref().expect("this session has a keyring")
    }

    /// Starts the keyring later than the session, or again with the items it had.
    pub fn start_keyring(&mut self) {
        assert!(self.keyring.is_none(), "the keyring runs already");
        let keyring = Keyring::start(self.bus(), |command| self.apply(command));
        self.keyring = Some(keyring);
    }

    /// The same, without the password that unlocks it.
    pub fn start_locked_keyring(&mut self) {
        assert!(self.keyring.is_none(), "the keyring runs already");
        let keyring = Keyring::start_locked(self.bus(), |command| self.apply(command));
        self.keyring = Some(keyring);
    }

    /// kill -9 of the keyring; its items stay on the disk.
    pub fn kill_keyring(&mut self) {
        self.keyring.as_mut().expect("this session has a keyring").kill();
        self.keyring = None;
    }

    /// Where a real keyring has its files.
    #[must_use]
    pub fn keyring_folder(&self) -> PathBuf {
        self.dir.path().join("data/keyrings")
    }

    /// Ends the keyring; its items stay on the disk.
    pub fn stop_keyring(&mut self) {
        self.keyring = None;
    }
}

fn set(command: &mut Command, variables: &[(OsString, OsString)]) {
    command.env_clear().envs(variables.iter().map(|(name, value)| (name, value)));
}

#[expect(clippy::disallowed_methods, reason = "the search path is the one thing a private session takes from outside")]
fn base_environment(dir: &PrivateDir) -> Vec<(OsString, OsString)> {
    let path = std::env::var_os("PATH").expect("there is a search path");
    let mut variables: Vec<(OsString, OsString)> = vec![
        ("PATH".into(), path),
        ("LANG".into(), "C.UTF-8".into()),
        ("TZ".into(), "Europe/Zurich".into()),
        ("RUST_BACKTRACE".into(), "1".into()),
    ];
    let folders = [
        ("HOME", "home"),
        ("XDG_RUNTIME_DIR", "run"),
        ("XDG_DATA_HOME", "data"),
        ("XDG_CONFIG_HOME", "config"),
        ("XDG_CACHE_HOME", "cache"),
        ("XDG_STATE_HOME", "state"),
        ("TMPDIR", "tmp"),
    ];
    variables.extend(folders.map(|(name, folder)| (name.into(), dir.folder(folder).into_os_string())));
    variables
}
