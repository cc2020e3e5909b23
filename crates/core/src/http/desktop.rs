//! Which proxy the desktop wants for a host: what a person set in the network settings of GNOME, KDE and others, their scripts
//! (PAC) included.
//!
//! The desktop's portal answers for all of them (`org.freedesktop.portal.ProxyResolver`, XDG Desktop Portal). Nothing hangs on
//! it: where there is none, or it is silent, hosts are reached without a proxy, and it is asked again later.

use std::{
    collections::HashMap,
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::{Instant, timeout};
use url::Url;

use super::origin;

/// How long the portal may take; its program may have to be started first.
const LIMIT: Duration = Duration::from_secs(3);
/// How long an answer counts, and how long one that did not come is not waited for again.
const KEPT: Duration = Duration::from_secs(30);
/// A portal answers with the proxies to try in turn; more than these are not looked at.
const MOST: usize = 16;

/// A proxy, with the user and the password that may stand in its address: neither is printed.
#[derive(Clone)]
pub(super) struct Route(Url);

impl Route {
    /// The address as reqwest takes it.
    pub(super) fn address(&self) -> Url {
        self.0.clone()
    }

    /// `host:port`.
    pub(super) fn place(&self) -> String {
        let host = self.0.host_str().unwrap_or_default();
        self.0.port_or_known_default().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }
}

/// What the desktop said, by the origin that was asked for.
#[derive(Default)]
pub(super) struct Desktop(Mutex<HashMap<String, (Instant, Option<Route>)>>);

impl Desktop {
    /// Asks for the way to `url`, unless it was asked a moment ago.
    pub(super) async fn ask(&self, url: &Url) {
        let origin = origin(url);
        let is_known = self.known().get(&origin).is_some_and(|(asked, _)| asked.elapsed() < KEPT);
        if !is_known {
            let said = timeout(LIMIT, look_up(&origin)).await;
            let route = said.ok().and_then(Result::ok).and_then(|proxies| first_usable(&proxies));
            self.known().insert(origin, (Instant::now(), route));
        }
    }

    /// What it last said of the way to `url`; none is the straight one.
    pub(super) fn said(&self, url: &Url) -> Option<Route> {
        self.known().get(&origin(url)).and_then(|(_, route)| route.clone())
    }

    fn known(&self) -> MutexGuard<'_, HashMap<String, (Instant, Option<Route>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Desktop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Desktop").finish_non_exhaustive()
    }
}

/// One call on a connection of its own: it is rare, and a connection that is kept would belong to the runtime that opened it.
async fn look_up(origin: &str) -> zbus::Result<Vec<String>> {
    const PORTAL: &str = "org.freedesktop.portal.Desktop";
    let bus = zbus::Connection::session().await?;
    let resolver = "org.freedesktop.portal.ProxyResolver";
    let answer =
        bus.call_method(Some(PORTAL), "/org/freedesktop/portal/desktop", Some(resolver), "Lookup", &(origin,)).await?;
    answer.body().deserialize()
}

/// The first that can be gone through: `http://HOST:PORT`, or `direct://`, which is none. SOCKS cannot.
fn first_usable(proxies: &[String]) -> Option<Route> {
    let parsed = proxies.iter().take(MOST).filter_map(|proxy| Url::parse(proxy).ok());
    parsed
        .into_iter()
        .find(|proxy| proxy.scheme() == "direct" || matches!(proxy.scheme(), "http" | "https") && proxy.has_host())
        .filter(|proxy| proxy.scheme() != "direct")
        .map(Route)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn place(proxies: &[&str]) -> Option<String> {
        let proxies: Vec<String> = proxies.iter().map(|&proxy| proxy.to_owned()).collect();
        first_usable(&proxies).map(|route| route.place())
    }

    #[test]
    fn the_first_way_that_can_be_gone_counts() {
        assert_eq!(place(&["http://proxy.example:3128", "direct://"]).as_deref(), Some("proxy.example:3128"));
        assert_eq!(
            place(&["socks://socks.example:1080", "http://ana:secret@proxy.example"]).as_deref(),
            Some("proxy.example:80")
        );
        assert_eq!(place(&["direct://", "http://proxy.example:3128"]), None);
        assert_eq!(place(&["socks5://socks.example:1080"]), None);
        assert_eq!(place(&["", "http://", "proxy.example:3128", "\u{0}"]), None);
        assert_eq!(place(&[]), None);
        assert_eq!(place(&vec!["socks://a"; 1000]), None);
    }

    #[tokio::test]
    async fn what_was_said_a_moment_ago_is_not_asked_again() {
        let (desktop, host) = (Desktop::default(), Url::parse("https://broker.example/token").unwrap());
        let route = Route(Url::parse("http://ana:secret@proxy.example:3128").unwrap());
        desktop.known().insert("https://broker.example".to_owned(), (Instant::now(), Some(route)));
        desktop.ask(&host).await;
        assert_eq!(desktop.said(&host).map(|route| route.place()).as_deref(), Some("proxy.example:3128"));
        assert!(!format!("{desktop:?}").contains("secret"));
    }
}
