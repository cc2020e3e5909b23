//! A second real Secret Service that nobody here wrote: KeePassXC without a screen, with an unlocked database. It answers in other ways
//! than gnome-keyring does, and many people have it in that one's place.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use zbus::blocking::fdo::DBusProxy;
use zbus::blocking::{Connection, Proxy};
use zbus::zvariant::{ObjectPath, OwnedObjectPath};

use crate::keyring;
use crate::patience;
use crate::program::Program;
use crate::session::Session;

const SERVICE: &str = "org.freedesktop.secrets";
const ROOT: &str = "/org/freedesktop/secrets";
const PASSWORD: &str = "database password of a test";

/// An empty database, of which everything is exposed: the key is KeePassXC's own, the value the group's UUID.
const DATABASE: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<KeePassFile>
  <Meta>
    <DatabaseName>Convoke test</DatabaseName>
    <RecycleBinEnabled>False</RecycleBinEnabled>
    <CustomData><Item>
      <Key>FDO_SECRETS_EXPOSED_GROUP</Key><Value>{00112233-4455-6677-8899-aabbccddeeff}</Value>
    </Item></CustomData>
  </Meta>
  <Root><Group><UUID>ABEiM0RVZneImaq7zN3u/w==</UUID><Name>Secrets</Name></Group></Root>
</KeePassFile>
"#;

/// No question to anybody, but for the password where a search needs it. KeePassXC writes into this file itself: where it finds
/// another Secret Service, it turns its own off.
fn configuration(unlock_before_search: bool) -> String {
    format!(
        "[General]
ConfigVersion=2
UpdateCheckMessageShown=true
AutoSaveAfterEveryChange=true
[GUI]
CheckForUpdates=false
[FdoSecrets]
Enabled=true
ShowNotification=false
ConfirmAccessItem=false
ConfirmDeleteItem=false
UnlockBeforeSearch={unlock_before_search}
"
    )
}

/// A running KeePassXC.
#[derive(Debug)]
pub struct KeePassXc {
    connection: Connection,
    database: PathBuf,
    _program: Program,
}

impl KeePassXc {
    /// Starts one in `session`, which must have a bus and no keyring, with the database that the session has from an earlier start
    /// or a new one, unlocked.
    #[must_use]
    pub fn start(session: &Session) -> Self {
        Self::launch(session, true)
    }

    /// Starts one whose database nobody has unlocked yet, and which does not ask for that before a search (a person's setting): it
    /// finds nothing, although the items are there.
    #[must_use]
    pub fn start_locked(session: &Session) -> Self {
        Self::launch(session, false)
    }

    fn launch(session: &Session, unlocked: bool) -> Self {
        let folder = session.dir().folder("keepassxc");
        let database = folder.join("passwords.kdbx");
        if !database.exists() {
            create(session, &database);
        }
        let connection = session.bus().connect();
        let bus = DBusProxy::new(&connection).expect("proxy");
        patience::wait_until("the end of an earlier Secret Service", patience::READY, || {
            !bus.name_has_owner(SERVICE.try_into().expect("a name")).expect("an answer")
        });
        let settings = session.dir().file("keepassxc/keepassxc.ini", 0o600, configuration(unlocked).as_bytes());
        let mut command = session.command("keepassxc");
        // Qt's own stand-in for a screen.
        command.env("QT_QPA_PLATFORM", "offscreen").arg("--config").arg(settings);
        command.arg("--localconfig").arg(folder.join("local.ini"));
        if unlocked {
            command.arg("--pw-stdin");
        }
        command.arg(&database);
        let mut program = Program::start(command);
        if unlocked {
            program.write(format!("{PASSWORD}\n").as_bytes());
        }
        let running = Self { connection, database, _program: program };
        patience::wait_until("the database", patience::READY, || {
            running.collection().is_some_and(|path| running.is_locked(&path) == Some(!unlocked))
        });
        running
    }

    /// The database's file.
    #[must_use]
    pub fn database(&self) -> &Path {
        &self.database
    }

    /// Locks the database, as KeePassXC does after a while without use. It stays so until the next start.
    pub fn lock(&self) {
        let collection = self.collection().expect("a default collection");
        let paths: Vec<&ObjectPath> = vec![&collection];
        let (_, prompt): (Vec<OwnedObjectPath>, OwnedObjectPath) =
            self.service().call("Lock", &(paths,)).expect("the database locks");
        // It locks by a prompt that asks nothing.
        Proxy::new(&self.connection, SERVICE, &prompt, "org.freedesktop.Secret.Prompt")
            .and_then(|prompt| prompt.call::<_, _, ()>("Prompt", &("",)))
            .expect("the prompt runs");
        patience::wait_until("a locked database", patience::READY, || self.is_locked(&collection) == Some(true));
    }

    /// Every item of the database: its attributes and its secret.
    #[must_use]
    pub fn items(&self) -> Vec<(HashMap<String, String>, Vec<u8>)> {
        keyring::items(&self.connection, &self.collection().expect("a default collection"))
    }

    /// What the accounts' items hold, as [`Keyring::credentials`](crate::keyring::Keyring::credentials) says.
    #[must_use]
    pub fn credentials(&self) -> Vec<serde_json::Value> {
        keyring::credentials(&self.items())
    }

    fn service(&self) -> Proxy<'_> {
        Proxy::new(&self.connection, SERVICE, ROOT, "org.freedesktop.Secret.Service").expect("proxy")
    }

    /// The default collection; none before the database is there.
    fn collection(&self) -> Option<OwnedObjectPath> {
        self.service().call("ReadAlias", &("default",)).ok().filter(|path: &OwnedObjectPath| path.as_str() != "/")
    }

    fn is_locked(&self, collection: &ObjectPath<'_>) -> Option<bool> {
        Proxy::new(&self.connection, SERVICE, collection, "org.freedesktop.Secret.Collection")
            .and_then(|collection| collection.get_property("Locked"))
            .ok()
    }
}

fn create(session: &Session, database: &Path) {
    let source = session.dir().file("keepassxc/empty.xml", 0o600, DATABASE.as_bytes());
    let mut command: Command = session.command("keepassxc-cli");
    // The shortest time for a key that it offers, in milliseconds.
    command.args(["import", "--set-password", "--decryption-time", "100"]).arg(source).arg(database);
    let mut import = Program::start(command);
    import.write(format!("{PASSWORD}\n{PASSWORD}\n").as_bytes());
    assert!(import.wait_end(patience::READY).success(), "{}", String::from_utf8_lossy(&import.stderr()));
}
