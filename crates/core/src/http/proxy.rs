//! Which proxy stands between this computer and a host.
//!
//! `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` in either case, as curl reads them; where none names a way for
//! HTTPS, the system's own setting: the registry of Windows, the network settings of macOS, and on Linux what the desktop says.
//! `NO_PROXY` counts everywhere.

use std::sync::Arc;

use http::Uri;
use hyper_util::client::proxy::matcher::Matcher;
use url::Url;

#[cfg(target_os = "linux")]
use super::desktop::Desktop;
use super::is_loopback;

/// The proxies of this computer.
#[derive(Debug)]
pub(super) enum Proxies {
    /// As the environment, or the system, had them at the start.
    Rules(Box<Matcher>),
    /// As the desktop says when it is asked, but for the hosts that these rules leave out.
    #[cfg(target_os = "linux")]
    Desktop { desktop: Desktop, asked_for: Box<Matcher> },
}

impl Proxies {
    /// Reads the environment, then the system.
    pub(super) fn of_system() -> Self {
        #[cfg(target_os = "linux")]
        if !environment_says() {
            return Self::desktop(&exceptions());
        }
        Self::Rules(Box::new(Matcher::from_system()))
    }

    /// The desktop's, with these exceptions in the form of `NO_PROXY`.
    #[cfg(target_os = "linux")]
    fn desktop(exceptions: &str) -> Self {
        // Whatever is not left out would go this way: none is ever gone.
        let asked_for = Matcher::builder().all("http://desktop.invalid").no(exceptions).build();
        Self::Desktop { desktop: Desktop::default(), asked_for: Box::new(asked_for) }
    }

    /// The desktop, where it is asked for `url`.
    #[cfg(target_os = "linux")]
    fn desktop_for(&self, url: &Url) -> Option<&Desktop> {
        let Self::Desktop { desktop, asked_for } = self else { return None };
        let uri: Uri = url.as_str().parse().ok()?;
        (!is_loopback(url) && asked_for.intercept(&uri).is_some()).then_some(desktop)
    }

    /// A client that goes through them: reqwest reads the same rules itself.
    pub(super) fn on(self: &Arc<Self>, builder: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
        match **self {
            Self::Rules(_) => builder,
            #[cfg(target_os = "linux")]
            Self::Desktop { .. } => {
                let proxies = Arc::clone(self);
                let way = move |url: &Url| proxies.desktop_for(url)?.said(url).map(|route| route.address());
                builder.proxy(reqwest::Proxy::custom(way))
            }
        }
    }

    /// Finds out about the way to `url`, where that takes a question.
    #[cfg_attr(not(target_os = "linux"), expect(clippy::unused_async, reason = "the rules are known at the start"))]
    pub(super) async fn ask(&self, url: &Url) {
        #[cfg(target_os = "linux")]
        if let Some(desktop) = self.desktop_for(url) {
            desktop.ask(url).await;
        }
        #[cfg(not(target_os = "linux"))]
        let _ = url;
    }

    /// The proxy for `url` as `host:port`, without the user and the password that may stand in its address; none where there
    /// is none, and on loopback, which never goes through one.
    pub(super) fn towards(&self, url: &Url) -> Option<String> {
        if is_loopback(url) {
            return None;
        }
        match self {
            Self::Rules(rules) => {
                let uri: Uri = url.as_str().parse().ok()?;
                let found = rules.intercept(&uri)?;
                let host = found.uri().host()?;
                Some(found.uri().port_u16().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
            }
            #[cfg(target_os = "linux")]
            Self::Desktop { .. } => self.desktop_for(url)?.said(url).map(|route| route.place()),
        }
    }
}

/// Whether a variable says how HTTPS goes; an empty one says "straight".
#[cfg(target_os = "linux")]
#[expect(clippy::disallowed_methods, reason = "whether, not what: the rules are read by the library")]
fn environment_says() -> bool {
    ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"].iter().any(|name| std::env::var_os(name).is_some())
}

/// `NO_PROXY`; where it is not set, nothing.
#[cfg(target_os = "linux")]
#[expect(clippy::disallowed_methods, reason = "the one rule that counts for the desktop's proxies as well")]
fn exceptions() -> String {
    ["NO_PROXY", "no_proxy"].iter().find_map(|name| std::env::var(name).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_stays_out_and_exceptions_count() {
        let rules = Matcher::builder().all("http://ana:secret@proxy.example:3128").no("direct.example").build();
        let proxies = Proxies::Rules(Box::new(rules));
        let towards = |url: &str| proxies.towards(&url.parse().unwrap());
        assert_eq!(towards("https://broker.example/").as_deref(), Some("proxy.example:3128"));
        assert_eq!(towards("https://direct.example/"), None);
        assert_eq!(towards("https://127.0.0.1:8790/"), None);
    }
}
