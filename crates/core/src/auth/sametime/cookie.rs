//! Reads session tokens out of an answer's headers: strictly, since they go back into the headers of a request.

use crate::{credential::SessionToken, http::HttpAnswer};

/// The longest value that is believed, in bytes; browsers keep 4,096 for name, value and attributes together.
const LONGEST_COOKIE: usize = 4_096;
const LONGEST_TOKEN: usize = 1_024;
/// More than this many `Set-Cookie` lines are not looked at.
const MOST_COOKIES: usize = 64;

/// The value of the cookie `name` in the answer (RFC 6265 §4.1.1), the last one where it is set twice.
///
/// None where it is absent, deleted (an empty value), too long, or holds anything but cookie octets.
pub(super) fn set_cookie(answer: &HttpAnswer, name: &str) -> Option<SessionToken> {
    let lines = answer.headers.get_all("set-cookie").iter().take(MOST_COOKIES);
    let values = lines.filter_map(|line| {
        let pair = line.to_str().ok()?.split(';').next()?;
        let (key, value) = pair.split_once('=')?;
        (key.trim() == name).then(|| value.trim())
    });
    values.last().filter(|value| is_cookie_value(value)).map(|value| SessionToken::new(value.to_owned()))
}

/// The `x-csrf-token` of the answer; none where it is absent or is no plain token.
pub(super) fn csrf_token(answer: &HttpAnswer) -> Option<SessionToken> {
    let text = answer.header("x-csrf-token")?.trim();
    let plain = (1..=LONGEST_TOKEN).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    plain.then(|| SessionToken::new(text.to_owned()))
}

/// `*cookie-octet`, or the same in double quotes, which belong to the value and are sent back with it.
fn is_cookie_value(value: &str) -> bool {
    let inner = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(value);
    !inner.is_empty() && value.len() <= LONGEST_COOKIE && inner.bytes().all(is_cookie_octet)
}

const fn is_cookie_octet(byte: u8) -> bool {
    matches!(byte, 0x21 | 0x23..=0x2b | 0x2d..=0x3a | 0x3c..=0x5b | 0x5d..=0x7e)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::{HeaderMap, HeaderName, HeaderValue};
    use secrecy::ExposeSecret;

    use super::*;

    fn answer(lines: &[(&str, &str)]) -> HttpAnswer {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(name.parse::<HeaderName>().unwrap(), HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        HttpAnswer { status: 200, headers, body: Bytes::new() }
    }

    fn read(line: &str) -> Option<String> {
        set_cookie(&answer(&[("set-cookie", line)]), "a").map(|token| token.0.expose_secret().to_owned())
    }

    #[test]
    fn the_value_without_its_attributes() {
        for (line, value) in [
            ("a=b", "b"),
            ("a=b; Path=/; HttpOnly; Secure", "b"),
            ("a=AAECAz+/=; SameSite=None", "AAECAz+/="),
            (" a = b ", "b"),
            ("a=\"b\"", "\"b\""),
        ] {
            assert_eq!(read(line).as_deref(), Some(value), "{line}");
        }
    }

    #[test]
    fn what_is_no_cookie_value_is_not_taken() {
        let long = format!("a={}", "x".repeat(5_000));
        for line in
            ["", "a", "a=", "a=; Max-Age=0", "A=b", "ab=c", "a=b c", "a=b,c", "a=b\\c", "a=\"b", "a=ü", "a=b\tc", &long]
        {
            assert_eq!(read(line), None, "{line}");
        }
    }

    #[test]
    fn the_last_of_two_counts_also_where_it_deletes() {
        let twice = answer(&[("set-cookie", "a=1"), ("set-cookie", "b=9"), ("set-cookie", "a=2")]);
        assert_eq!(set_cookie(&twice, "a").unwrap().0.expose_secret(), "2");
        let deleted = answer(&[("set-cookie", "a=1"), ("set-cookie", "a=; Max-Age=0")]);
        assert!(set_cookie(&deleted, "a").is_none());
    }

    #[test]
    fn a_token_is_printable_and_short() {
        let read = |text: &str| csrf_token(&answer(&[("x-csrf-token", text)])).is_some();
        assert!(read("k3J-x_9"));
        assert!(!read("") && !read("a b") && !read(&"x".repeat(2_000)));
    }
}
