//! A desktop's portal that answers one question: which proxies lead to a host. A real one reads the person's network settings.

use std::sync::{Arc, Mutex, PoisonError};

use zbus::blocking::Connection;

use crate::bus::{self, Bus};

const NAME: &str = "org.freedesktop.portal.Desktop";
const PATH: &str = "/org/freedesktop/portal/desktop";

struct Resolver {
    /// None is silence.
    answer: Option<Vec<String>>,
    asked: Arc<Mutex<Vec<String>>>,
}

#[zbus::interface(name = "org.freedesktop.portal.ProxyResolver")]
impl Resolver {
    async fn lookup(&self, uri: String) -> Vec<String> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(uri);
        match &self.answer {
            Some(proxies) => proxies.clone(),
            None => std::future::pending().await,
        }
    }
}

/// A running portal on its bus.
#[derive(Debug)]
pub struct ProxyPortal {
    asked: Arc<Mutex<Vec<String>>>,
    _connection: Connection,
}

impl ProxyPortal {
    /// One that answers these proxies for every host, as a person's settings or their script would: `http://HOST:PORT`,
    /// `socks://HOST:PORT`, `direct://`.
    #[must_use]
    pub fn start(bus: &Bus, proxies: &[&str]) -> Self {
        Self::with(bus, Some(proxies.iter().map(|&proxy| proxy.to_owned()).collect()))
    }

    /// One that never answers.
    #[must_use]
    pub fn silent(bus: &Bus) -> Self {
        Self::with(bus, None)
    }

    fn with(bus: &Bus, answer: Option<Vec<String>>) -> Self {
        let asked = Arc::default();
        let resolver = Resolver { answer, asked: Arc::clone(&asked) };
        Self { asked, _connection: bus::serve(bus.address(), PATH, resolver, Some(NAME)) }
    }

    /// What it was asked for, oldest first.
    #[must_use]
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
