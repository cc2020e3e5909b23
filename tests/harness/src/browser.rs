//! A scripted browser: follows redirects on loopback and keeps cookies as RFC 6265 has them for one host. It runs no script;
//! where a page's own behaviour matters, use [`crate::WebDriver`] with a real one.

use url::Url;

use crate::http::{self, Answer};

/// Where a walk through redirects ended.
#[derive(Clone, Debug)]
pub struct Page {
    /// The address of the last answer.
    pub url: Url,
    /// The last answer.
    pub answer: Answer,
    /// Every address on the way, the last one included.
    pub visited: Vec<Url>,
}

#[derive(Clone, Debug)]
struct Cookie {
    host: String,
    path: String,
    name: String,
    value: String,
}

/// A browser with a cookie jar of its own: two of them are two people, or one person's two computers.
#[derive(Clone, Debug, Default)]
pub struct Browser {
    jar: Vec<Cookie>,
}

/// Opens `url` in a fresh browser and follows redirects to their end.
#[track_caller]
pub fn browse(url: &str) -> Page {
    Browser::default().open(url)
}

impl Browser {
    /// Opens `url` and follows redirects to their end. Panics when something on the way does not answer.
    #[track_caller]
    pub fn open(&mut self, url: &str) -> Page {
        let url = Url::parse(url).unwrap_or_else(|error| panic!("{url:?} is not an address: {error}"));
        self.walk(url, None, |_| false)
    }

    /// Opens `url` and follows redirects until the next address fulfils `stop`; that address is not asked any more.
    #[track_caller]
    pub fn open_until(&mut self, url: &str, stop: impl Fn(&Url) -> bool) -> Page {
        self.walk(Url::parse(url).expect("an address"), None, stop)
    }

    /// Sends a form as the page at `from` would, then follows redirects.
    #[track_caller]
    pub fn submit(&mut self, url: &str, from: &Url, fields: &[(&str, &str)]) -> Page {
        let origin = from.origin().ascii_serialization();
        self.walk(Url::parse(url).expect("an address"), Some((origin, http::form(fields))), |_| false)
    }

    /// Makes it forget its cookies.
    pub fn clear_cookies(&mut self) {
        self.jar.clear();
    }

    /// The names of the cookies it holds.
    #[must_use]
    pub fn cookie_names(&self) -> Vec<&str> {
        self.jar.iter().map(|cookie| cookie.name.as_str()).collect()
    }

    #[track_caller]
    fn walk(&mut self, start: Url, form: Option<(String, String)>, stop: impl Fn(&Url) -> bool) -> Page {
        let mut url = start;
        let mut form = form;
        let mut visited = Vec::new();
        loop {
            visited.push(url.clone());
            assert!(visited.len() <= 20, "redirects without an end: {visited:?}");
            let answer = self.ask(&url, form.take().as_ref());
            let next = answer
                .header("location")
                .filter(|_| (300..400).contains(&answer.status))
                .map(|location| url.join(location).expect("a location is an address"));
            match next {
                Some(next) if !stop(&next) => url = next,
                Some(next) => {
                    visited.push(next.clone());
                    return Page { url: next, answer, visited };
                }
                None => return Page { url, answer, visited },
            }
        }
    }

    #[track_caller]
    fn ask(&mut self, url: &Url, form: Option<&(String, String)>) -> Answer {
        let cookies = self.cookies_for(url);
        let mut headers = vec![("Accept", "text/html,*/*;q=0.8"), ("User-Agent", "Mozilla/5.0 (scripted)")];
        if !cookies.is_empty() {
            headers.push(("Cookie", &cookies));
        }
        let answer = if let Some((origin, fields)) = form {
            headers.extend([("Content-Type", http::FORM), ("Origin", origin)]);
            http::request("POST", url, &headers, fields.as_bytes())
        } else {
            http::request("GET", url, &headers, b"")
        };
        let answer = answer.unwrap_or_else(|error| panic!("{url} does not answer: {error}"));
        for (name, value) in &answer.head.headers {
            if name == "set-cookie" {
                self.keep(url, value);
            }
        }
        answer
    }

    fn cookies_for(&self, url: &Url) -> String {
        let host = url.host_str().unwrap_or_default();
        let fits = |cookie: &&Cookie| cookie.host == host && url.path().starts_with(&cookie.path);
        let pairs: Vec<String> =
            self.jar.iter().filter(fits).map(|cookie| format!("{}={}", cookie.name, cookie.value)).collect();
        pairs.join("; ")
    }

    fn keep(&mut self, url: &Url, header: &str) {
        let mut parts = header.split(';').map(str::trim);
        let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else {
            return;
        };
        let attributes: Vec<(String, &str)> = parts
            .map(|part| part.split_once('=').unwrap_or((part, "")))
            .map(|(name, value)| (name.to_ascii_lowercase(), value))
            .collect();
        let attribute = |name: &str| attributes.iter().find(|(own, _)| own == name).map(|(_, value)| *value);
        let cookie = Cookie {
            host: url.host_str().unwrap_or_default().to_owned(),
            path: attribute("path").filter(|path| path.starts_with('/')).unwrap_or("/").to_owned(),
            name: name.to_owned(),
            value: value.to_owned(),
        };
        self.jar.retain(|own| (&own.host, &own.path, &own.name) != (&cookie.host, &cookie.path, &cookie.name));
        // WebKit drops these on plain http even for loopback; so does this browser, or a test would see what no person sees.
        let unusable = url.scheme() == "http" && (attribute("secure").is_some() || name.starts_with("__"));
        let deleted = attribute("max-age").is_some_and(|age| age.parse::<i64>().is_ok_and(|age| age <= 0))
            || attribute("expires").is_some_and(|date| date.contains("1970"));
        if !unusable && !deleted {
            self.jar.push(cookie);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(headers: &[&str]) -> Browser {
        let mut browser = Browser::default();
        let url = Url::parse("http://127.0.0.1:1/a").expect("an address");
        for header in headers {
            browser.keep(&url, header);
        }
        browser
    }

    #[test]
    fn keeps_replaces_and_deletes_cookies() {
        let url = Url::parse("http://127.0.0.1:9/v1/x").expect("an address");
        let browser = after(&["a=1; Path=/; HttpOnly", "b=2; Path=/other", "a=3; Path=/"]);
        assert_eq!(browser.cookies_for(&url), "a=3");
        assert_eq!(after(&["a=1; Path=/", "a=; Path=/; Max-Age=0"]).cookies_for(&url), "");
        assert_eq!(after(&["a=1; Path=/; Secure", "__Host-b=1; Path=/; Secure"]).cookies_for(&url), "");
    }

    #[test]
    fn another_host_sees_no_cookie() {
        let url = Url::parse("http://localhost:1/").expect("an address");
        assert_eq!(after(&["a=1; Path=/"]).cookies_for(&url), "");
    }
}
