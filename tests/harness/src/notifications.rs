//! A notification server that shows nothing and remembers everything.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use zbus::blocking::Connection;
use zbus::zvariant::OwnedValue;

use crate::bus;
use crate::patience;
use crate::session::Session;

const NAME: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";

/// One notification as it arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// The number the server gave it, from 1.
    pub id: u32,
    /// The application's name.
    pub application: String,
    /// The first line.
    pub summary: String,
    /// The text.
    pub body: String,
    /// Keys and labels of its buttons, alternately.
    pub actions: Vec<String>,
}

type Shown = Arc<Mutex<Vec<Notification>>>;

fn hold(shown: &Shown) -> MutexGuard<'_, Vec<Notification>> {
    shown.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Server(Shown);

#[zbus::interface(name = "org.freedesktop.Notifications")]
#[expect(clippy::unused_self, reason = "the D-Bus interface decides which methods there are")]
impl Server {
    #[expect(clippy::too_many_arguments, reason = "the notification specification has eight")]
    fn notify(
        &self,
        application: String,
        replaces: u32,
        icon: String,
        summary: String,
        body: String,
        actions: Vec<String>,
        hints: HashMap<String, OwnedValue>,
        timeout: i32,
    ) -> u32 {
        let _ = (icon, hints, timeout);
        let mut shown = hold(&self.0);
        let next = u32::try_from(shown.len()).unwrap_or(u32::MAX).saturating_add(1);
        let id = if replaces == 0 { next } else { replaces };
        shown.push(Notification { id, application, summary, body, actions });
        id
    }

    fn get_capabilities(&self) -> Vec<&'static str> {
        vec!["body", "actions"]
    }

    fn get_server_information(&self) -> (&'static str, &'static str, &'static str, &'static str) {
        ("recorder", "tests", "1", "1.2")
    }

    fn close_notification(&self, id: u32) {
        let _ = id;
    }
}

/// A recording server on a session's bus.
#[derive(Debug)]
pub struct Notifications {
    shown: Shown,
    connection: Connection,
}

impl Notifications {
    /// Takes the server's name on the session's bus.
    #[must_use]
    pub fn start(session: &Session) -> Self {
        let shown = Shown::default();
        let connection = bus::serve(session.bus().address(), PATH, Server(Arc::clone(&shown)), Some(NAME));
        Self { shown, connection }
    }

    /// Everything shown so far, oldest first.
    #[must_use]
    pub fn all(&self) -> Vec<Notification> {
        hold(&self.shown).clone()
    }

    /// Waits until one is shown that `pick` likes.
    #[track_caller]
    pub fn wait(&self, what: &str, pick: impl Fn(&Notification) -> bool) -> Notification {
        patience::wait_for(what, patience::READY, || self.all().into_iter().find(&pick))
    }

    /// Presses a button, as a person does.
    pub fn invoke(&self, id: u32, action: &str) {
        self.connection
            .emit_signal(None::<&str>, PATH, NAME, "ActionInvoked", &(id, action))
            .expect("the bus takes a signal");
    }
}
