//! Which proxy the desktop wants for a host: what a person set in the network settings of GNOME, KDE and others, their scripts
//! (PAC) included.
//!
//! The desktop's portal answers for all of them (`org.freedesktop.portal.ProxyResolver`, XDG Desktop Portal). A question goes on
//! by itself, whoever stops waiting for it; what it answered last counts until it answers again. Where there never was an answer,
//! hosts are reached without a proxy.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::watch,
    time::{Instant, timeout, timeout_at},
};
use url::Url;

use super::origin;

/// How long a request waits for an answer. Shorter than any wait of a person for the request.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long a question stays: the portal's program may have to be started first, and a script read from afar.
const LIMIT: Duration = Duration::from_secs(25);
/// How long an answer counts.
const KEPT: Duration = Duration::from_secs(30);
/// A portal answers with the ways to try in turn; more than these are not looked at.
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

/// The last question for one origin.
struct Asked {
    at: Instant,
    /// Turns true at its end.
    is_over: watch::Receiver<bool>,
    /// The last answer; none is the straight way.
    route: Option<Route>,
}

impl Asked {
    /// Whether it may still be answered: who asks ends with the runtime that it began on.
    fn hangs(&self) -> bool {
        !*self.is_over.borrow() && self.is_over.has_changed().is_ok()
    }
}

#[derive(Default)]
struct Known {
    by_origin: HashMap<String, Asked>,
    /// The last question took longer than a request waits: the next ones do not wait at all.
    is_slow: bool,
}

impl Known {
    /// The end of a question. One without an answer changes no way that is known.
    fn settle(&mut self, origin: &str, said: Option<&[String]>) {
        let Some(asked) = self.by_origin.get_mut(origin) else { return };
        if let Some(proxies) = said {
            asked.route = first_usable(proxies);
        }
        self.is_slow = asked.at.elapsed() > PATIENCE;
    }
}

/// What the desktop said, by the origin that was asked for.
#[derive(Default)]
pub(super) struct Desktop(Arc<Mutex<Known>>);

impl Desktop {
    /// Asks for the way to `url`, unless it was asked a moment ago, and waits a moment for the answer.
    pub(super) async fn ask(&self, url: &Url) {
        let Some((mut is_over, until)) = self.begin(&origin(url)) else { return };
        if timeout_at(until, is_over.wait_for(|is_over| *is_over)).await.is_err() {
            known(&self.0).is_slow = true;
        }
    }

    /// What it last said of the way to `url`; none is the straight one.
    pub(super) fn said(&self, url: &Url) -> Option<Route> {
        known(&self.0).by_origin.get(&origin(url)).and_then(|asked| asked.route.clone())
    }

    /// The question to wait for, and until when. Each origin has one at a time.
    fn begin(&self, origin: &str) -> Option<(watch::Receiver<bool>, Instant)> {
        let (mut known, now) = (known(&self.0), Instant::now());
        let before = known.by_origin.get(origin);
        let is_asked = before.is_some_and(|asked| asked.hangs() || now < asked.at + KEPT);
        if !is_asked {
            let (end, is_over) = watch::channel(false);
            let route = before.and_then(|asked| asked.route.clone());
            known.by_origin.insert(origin.to_owned(), Asked { at: now, is_over, route });
            tokio::spawn(settle(Arc::clone(&self.0), origin.to_owned(), end));
        }
        let asked = known.by_origin.get(origin)?;
        (!known.is_slow).then(|| (asked.is_over.clone(), asked.at + PATIENCE))
    }
}

impl fmt::Debug for Desktop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Desktop").finish_non_exhaustive()
    }
}

fn known(known: &Mutex<Known>) -> MutexGuard<'_, Known> {
    known.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Asks, and keeps the answer.
async fn settle(all: Arc<Mutex<Known>>, origin: String, end: watch::Sender<bool>) {
    let said = timeout(LIMIT, look_up(&origin)).await;
    known(&all).settle(&origin, said.ok().and_then(Result::ok).as_deref());
    end.send_replace(true);
}

/// One call on a connection of its own: it is rare, and a connection that is kept would belong to the runtime that opened it.
async fn look_up(origin: &str) -> zbus::Result<Vec<String>> {
    const PORTAL: &str = "org.freedesktop.portal.Desktop";
    let bus = zbus::Connection::session().await?;
    let resolver = "org.freedesktop.portal.ProxyResolver";
    // With the slash, as browsers give it to a script: its patterns count on it. The path is nobody's business.
    let url = format!("{origin}/");
    let answer =
        bus.call_method(Some(PORTAL), "/org/freedesktop/portal/desktop", Some(resolver), "Lookup", &(url,)).await?;
    answer.body().deserialize()
}

/// The first that can be used: `http://HOST:PORT`, or `direct://`, which is none. SOCKS cannot.
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
    fn the_first_way_that_can_be_used_counts() {
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

    /// A desktop that has said so, `ago`, and whose question ended then; the sender keeps one open.
    fn told(ago: Duration, is_over: bool) -> (Desktop, Url, watch::Sender<bool>) {
        let (end, is_over) = watch::channel(is_over);
        let route = Some(Route(Url::parse("http://ana:secret@proxy.example:3128").unwrap()));
        let desktop = Desktop::default();
        let asked = Asked { at: Instant::now().checked_sub(ago).unwrap(), is_over, route };
        known(&desktop.0).by_origin.insert("https://broker.example".to_owned(), asked);
        (desktop, Url::parse("https://broker.example/token").unwrap(), end)
    }

    fn goes_through(desktop: &Desktop, url: &Url) -> Option<String> {
        desktop.said(url).map(|route| route.place())
    }

    #[tokio::test]
    async fn what_was_said_a_moment_ago_is_not_asked_again() {
        let (desktop, url, _end) = told(Duration::from_secs(1), true);
        desktop.ask(&url).await;
        assert!(known(&desktop.0).by_origin["https://broker.example"].at.elapsed() >= Duration::from_secs(1));
        assert_eq!(goes_through(&desktop, &url).as_deref(), Some("proxy.example:3128"));
        assert!(!format!("{desktop:?}").contains("secret"));
    }

    #[tokio::test]
    async fn a_question_that_hangs_is_waited_for_once_and_takes_no_way_away() {
        let (desktop, url, _end) = told(PATIENCE, false);
        assert!(desktop.begin("https://broker.example").is_some(), "until it is two seconds old");
        desktop.ask(&url).await;
        assert!(desktop.begin("https://broker.example").is_none(), "and not again");
        assert_eq!(goes_through(&desktop, &url).as_deref(), Some("proxy.example:3128"));
    }

    #[test]
    fn a_question_without_an_answer_takes_no_way_away() {
        let (desktop, url, _end) = told(Duration::from_secs(1), true);
        known(&desktop.0).settle("https://broker.example", None);
        assert_eq!(goes_through(&desktop, &url).as_deref(), Some("proxy.example:3128"));
        known(&desktop.0).settle("https://broker.example", Some(&["direct://".to_owned()]));
        assert_eq!(goes_through(&desktop, &url), None, "an answer does");
    }

    #[tokio::test]
    async fn who_answers_slowly_is_not_waited_for_again() {
        let (desktop, url, _end) = told(Duration::from_secs(20), true);
        known(&desktop.0).settle("https://broker.example", Some(&["http://proxy.example:3128".to_owned()]));
        assert!(desktop.begin("https://broker.example").is_none());
        assert_eq!(goes_through(&desktop, &url).as_deref(), Some("proxy.example:3128"));
    }
}
