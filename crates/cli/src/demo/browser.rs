//! Plays the browser against a sandbox that says yes by itself: follows redirects on loopback, keeps cookies, and presses the
//! one link of the broker's page that asks.

use convoke_core::{
    error::{Error, ErrorCode},
    http::{HttpClient, HttpRequest, is_loopback},
};
use url::Url;

const MOST_HOPS: usize = 12;

/// Follows `url` to its end.
///
/// Errors: the network's; `NotPermitted` for an address that is not on loopback; `Rejected` where the last page is none.
pub async fn follow(mut url: Url) -> Result<(), Error> {
    let mut cookies: Vec<(String, String)> = Vec::new();
    let client = HttpClient::new([])?;
    for _ in 0..MOST_HOPS {
        if !is_loopback(&url) {
            return Err(Error::new(ErrorCode::NotPermitted).detail(url.host_str().unwrap_or_default()));
        }
        let mut request = HttpRequest::get(url.clone());
        let jar: Vec<String> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if let Ok(value) = jar.join("; ").try_into()
            && !jar.is_empty()
        {
            request.headers.insert("cookie", value);
        }
        let answer = client.also_allowing(&url).send(request).await?;
        for text in answer.headers.get_all("set-cookie").iter().filter_map(|value| value.to_str().ok()) {
            let Some((name, value)) = text.split(';').next().and_then(|pair| pair.split_once('=')) else { continue };
            cookies.retain(|(known, _)| known != name);
            cookies.push((name.to_owned(), value.to_owned()));
        }
        match (answer.status, answer.header("location")) {
            (301..=303 | 307 | 308, Some(location)) => {
                url = url.join(location).map_err(|_| Error::new(ErrorCode::BadAnswer))?;
            }
            (200, _) => match link_on(&String::from_utf8_lossy(&answer.body)) {
                Some(link) => url = url.join(&link).map_err(|_| Error::new(ErrorCode::BadAnswer))?,
                None => return Ok(()),
            },
            (status, _) => {
                return Err(Error::new(ErrorCode::Rejected).detail(format!("the sign-in page answered HTTP {status}")));
            }
        }
    }
    Err(Error::new(ErrorCode::BadAnswer).detail("too many redirects"))
}

/// Where *Continue* leads, on the page that asks before a sign-in.
fn link_on(page: &str) -> Option<String> {
    let link = page.split("id=\"continue\" href=\"").nth(1)?.split('"').next()?;
    Some(link.replace("&amp;", "&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_link_is_read_as_it_stands_in_html() {
        let page = "<a class=\"button\" id=\"continue\" href=\"http://127.0.0.1:1/a?b=c&amp;d=e\" rel=\"noreferrer\">";
        assert_eq!(link_on(page).as_deref(), Some("http://127.0.0.1:1/a?b=c&d=e"));
        assert_eq!(link_on("<p>You are signed in</p>"), None);
    }
}
