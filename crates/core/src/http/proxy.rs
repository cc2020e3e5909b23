//! Which proxy stands between this computer and a host: asked of the same rules that reqwest follows.
//!
//! `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` in either case, as curl reads them; where none is set, the system's
//! own setting on Windows and macOS. On Linux the environment is all there is: desktops keep their setting to themselves.

use http::Uri;
use hyper_util::client::proxy::matcher::Matcher;
use url::Url;

use super::is_loopback;

/// The proxies of this computer, as they were at the start.
#[derive(Debug)]
pub(super) struct Proxies(Matcher);

impl Proxies {
    /// Reads the environment, then the system.
    pub(super) fn of_system() -> Self {
        Self(Matcher::from_system())
    }

    /// The proxy for `url` as `host:port`, without the user and the password that may stand in its address; none where there
    /// is none, and on loopback, which never goes through one.
    pub(super) fn towards(&self, url: &Url) -> Option<String> {
        if is_loopback(url) {
            return None;
        }
        let uri: Uri = url.as_str().parse().ok()?;
        let found = self.0.intercept(&uri)?;
        let host = found.uri().host()?;
        Some(found.uri().port_u16().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_stays_out_and_exceptions_count() {
        let rules = Matcher::builder().all("http://ana:secret@proxy.example:3128").no("direct.example").build();
        let proxies = Proxies(rules);
        let towards = |url: &str| proxies.towards(&url.parse().unwrap());
        assert_eq!(towards("https://broker.example/").as_deref(), Some("proxy.example:3128"));
        assert_eq!(towards("https://direct.example/"), None);
        assert_eq!(towards("https://127.0.0.1:8790/"), None);
    }
}
