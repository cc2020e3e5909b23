//! The `Link` header (RFC 8288 §3), as far as pages need it. Pure, and strict: half a list would read as "cancelled".

use http::header;
use url::Url;

use super::wire::bad;
use crate::{
    error::Error,
    http::{HttpAnswer, origin},
};

/// The address of the page after an answer's. A token goes there: no other origin is asked.
///
/// # Errors
/// `BadAnswer` for a header that is none, or that leads elsewhere.
pub(super) fn next_page(answer: &HttpAnswer, asked: &Url) -> Result<Option<Url>, Error> {
    let values: Option<Vec<&str>> =
        answer.headers.get_all(header::LINK).iter().map(|value| value.to_str().ok()).collect();
    let found = values.and_then(next).ok_or_else(|| bad("link"))?;
    let Some(target) = found.first() else { return Ok(None) };
    let next = asked.join(target).map_err(|_| bad("link"))?;
    let ours = origin(&next) == origin(asked) && next.username().is_empty() && next.password().is_none();
    if ours && found.len() == 1 { Ok(Some(next)) } else { Err(bad("link")) }
}

/// The targets of the links whose relation is `next`, in the values of a `Link` header.
///
/// # Errors
/// None where a value is no such header.
fn next<'a>(values: impl IntoIterator<Item = &'a str>) -> Option<Vec<String>> {
    let mut found = Vec::new();
    for value in values {
        let mut rest = value.trim_matches(WHITESPACE);
        while !rest.is_empty() {
            // Empty elements of a list are allowed (RFC 9110 §5.6.1).
            if let Some(after) = rest.strip_prefix(',') {
                rest = after.trim_start_matches(WHITESPACE);
                continue;
            }
            let (target, after) = rest.strip_prefix('<')?.split_once('>')?;
            let (relations, after) = relations(after)?;
            if relations.split(WHITESPACE).any(|relation| relation.eq_ignore_ascii_case("next")) {
                found.push(target.to_owned());
            }
            rest = after;
        }
    }
    Some(found)
}

const WHITESPACE: [char; 2] = [' ', '\t'];

/// The value of the first `rel` among the parameters, and what stands after them.
fn relations(text: &str) -> Option<(String, &str)> {
    let mut relations: Option<String> = None;
    let mut rest = text.trim_start_matches(WHITESPACE);
    while let Some(after) = rest.strip_prefix(';') {
        let after = after.trim_start_matches(WHITESPACE);
        let end = after.find(|c: char| !is_token(c)).unwrap_or(after.len());
        let (name, after) = after.split_at(end);
        if name.is_empty() {
            return None;
        }
        let after = after.trim_start_matches(WHITESPACE);
        let (value, after) = match after.strip_prefix('=') {
            Some(after) => parameter(after.trim_start_matches(WHITESPACE))?,
            None => (String::new(), after),
        };
        if name.eq_ignore_ascii_case("rel") {
            // A second one counts for nothing (RFC 8288 §3.3).
            relations.get_or_insert(value);
        }
        rest = after.trim_start_matches(WHITESPACE);
    }
    (rest.is_empty() || rest.starts_with(',')).then(|| (relations.unwrap_or_default(), rest))
}

/// A token, or a quoted text.
fn parameter(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(|c: char| !is_token(c)).unwrap_or(text.len());
        return (end > 0).then(|| (text[..end].to_owned(), &text[end..]));
    };
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((place, character)) = characters.next() {
        match character {
            '"' => return Some((value, &quoted[place + 1..])),
            '\\' => value.push(characters.next()?.1),
            other => value.push(other),
        }
    }
    None
}

/// A character of a token (RFC 9110 §5.6.2).
fn is_token(character: char) -> bool {
    character.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(character)
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue};

    use super::*;
    use crate::error::ErrorCode;

    #[test]
    fn the_next_page_among_other_links() {
        for (header, expected) in [
            ("", None),
            ("<https://a.example/1>; rel=\"next\"", Some("https://a.example/1")),
            ("<https://a.example/1>;rel=next", Some("https://a.example/1")),
            (
                "<https://a.example/0>; rel=prev, <https://a.example/a,b;c>; rel=\"last NEXT\"",
                Some("https://a.example/a,b;c"),
            ),
            (" , <x>; title=\"a \\\", <y>; rel=next\"; rel=first ,", None),
            ("<x>; rel=prev; rel=next", None),
            ("<x>; crossorigin; rel = next", Some("x")),
            ("<x>", None),
        ] {
            let found = next([header]).unwrap_or_else(|| panic!("{header}"));
            assert_eq!(found.first().map(String::as_str), expected, "{header}");
        }
        assert_eq!(next(["<a>; rel=prev", "<b>; rel=next"]).unwrap(), ["b"]);
    }

    #[test]
    fn what_is_no_link_is_refused() {
        for header in [
            "https://a.example/1; rel=next",
            "<https://a.example/1; rel=next",
            "<x> rel=next",
            "<x>; rel=\"next",
            "<x>; =next",
            "<x>; rel=",
            "<x>; rel=next <y>; rel=next",
            "<x>; rel=\"next\\",
        ] {
            assert_eq!(next([header]), None, "{header}");
        }
    }

    #[test]
    fn a_token_goes_to_no_other_origin() {
        let asked: Url = "https://webexapis.com/v1/meetings?max=100".parse().unwrap();
        let next = |link: &'static str| {
            let headers = HeaderMap::from_iter([(header::LINK, HeaderValue::from_static(link))]);
            next_page(&HttpAnswer { status: 200, headers, body: bytes::Bytes::new() }, &asked)
                .map_err(|error| error.code)
        };
        let there = next("<https://webexapis.com/v1/meetings?cursor=a%2Bb>; rel=\"next\"").unwrap().unwrap();
        assert_eq!(there.as_str(), "https://webexapis.com/v1/meetings?cursor=a%2Bb");
        assert_eq!(next("<https://evil.example/>; rel=\"prev\"").unwrap(), None);
        for link in [
            "<https://evil.example/v1/meetings>; rel=\"next\"",
            "<http://webexapis.com/v1/meetings>; rel=\"next\"",
            "<https://webexapis.com:444/v1/meetings>; rel=\"next\"",
            "<https://user:word@webexapis.com/v1/meetings>; rel=\"next\"",
            "<//evil.example/>; rel=\"next\"",
            "</v1/a>; rel=next, </v1/b>; rel=next",
            "https://webexapis.com/v1/meetings; rel=next",
            "<javascript:alert(1)>; rel=next",
        ] {
            assert_eq!(next(link), Err(ErrorCode::BadAnswer), "{link}");
        }
    }
}
