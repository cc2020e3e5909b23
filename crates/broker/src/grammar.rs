//! The exact shapes of what a client may send: nothing else reaches the rest of the broker.

use std::fmt;

/// Whether every character is one of base64url's 64 (RFC 4648 §5) and the length lies in `lengths`.
pub(crate) fn is_base64url(text: &str, lengths: std::ops::RangeInclusive<usize>) -> bool {
    lengths.contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

/// A client's `state` or the path of its listener: `[A-Za-z0-9_-]{22,64}`, which is at least 128 random bits.
pub(crate) fn is_client_word(text: &str) -> bool {
    is_base64url(text, 22..=64)
}

/// An S256 code challenge: 43 base64url characters (RFC 7636 §4.2).
pub(crate) fn is_challenge(text: &str) -> bool {
    is_base64url(text, 43..=43)
}

/// A code verifier: 43 to 128 unreserved characters (RFC 7636 §4.1).
pub(crate) fn is_verifier(text: &str) -> bool {
    (43..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
}

/// Whether every byte is so. Without an early end, so that many are looked at at once: tokens are long, and mostly plain.
pub(crate) fn every(text: &[u8], is_so: impl Fn(u8) -> bool) -> bool {
    text.iter().fold(true, |every, byte| every & is_so(*byte))
}

/// Printable ASCII without the space, 1 to `most` characters: what a code or a token may consist of
/// (RFC 6749 appendix A allows the space in codes and tokens, no provider uses it).
pub(crate) fn is_token_text(text: &str, most: usize) -> bool {
    (1..=most).contains(&text.len()) && every(text.as_bytes(), |byte| byte.is_ascii_graphic())
}

/// Where the client listens: the only kind of address that the broker ever redirects a browser to, besides the
/// providers' own (RFC 8252 §7.3).
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct LoopbackUri {
    pub(crate) ipv6: bool,
    pub(crate) port: u16,
    pub(crate) path: String,
}

impl LoopbackUri {
    /// Reads exactly `http://127.0.0.1:PORT/PATH` or `http://[::1]:PORT/PATH`; compares text, so that no two parsers
    /// can read the same address differently.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (ipv6, rest) = if let Some(rest) = text.strip_prefix("http://127.0.0.1:") {
            (false, rest)
        } else {
            (true, text.strip_prefix("http://[::1]:")?)
        };
        let (port, path) = rest.split_once('/')?;
        let plain_digits = port.bytes().all(|byte| byte.is_ascii_digit()) && !port.starts_with('0');
        if !plain_digits || !is_client_word(path) {
            return None;
        }
        let port = port.parse().ok().filter(|port| *port >= 1024)?;
        Some(Self { ipv6, port, path: path.to_owned() })
    }
}

impl fmt::Display for LoopbackUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = if self.ipv6 { "[::1]" } else { "127.0.0.1" };
        write!(f, "http://{host}:{}/{}", self.port, self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATH: &str = "abcdefghijklmnopqrstuv";

    #[test]
    fn both_loopback_forms_are_read_and_written_alike() {
        for host in ["127.0.0.1", "[::1]"] {
            for port in ["1024", "65535"] {
                let text = format!("http://{host}:{port}/{PATH}");
                assert_eq!(LoopbackUri::parse(&text).expect(&text).to_string(), text);
            }
        }
    }

    #[test]
    fn everything_else_is_refused() {
        let long = "a".repeat(65);
        for text in [
            "https://127.0.0.1:8000/abcdefghijklmnopqrstuv",
            "HTTP://127.0.0.1:8000/abcdefghijklmnopqrstuv",
            "http://localhost:8000/abcdefghijklmnopqrstuv",
            "http://127.0.0.2:8000/abcdefghijklmnopqrstuv",
            "http://127.1:8000/abcdefghijklmnopqrstuv",
            "http://0x7f000001:8000/abcdefghijklmnopqrstuv",
            "http://[::ffff:127.0.0.1]:8000/abcdefghijklmnopqrstuv",
            "http://[0:0:0:0:0:0:0:1]:8000/abcdefghijklmnopqrstuv",
            "http://127.0.0.1.evil.example:8000/abcdefghijklmnopqrstuv",
            "http://127.0.0.1:8000@evil.example/abcdefghijklmnopqrstuv",
            "http://user@127.0.0.1:8000/abcdefghijklmnopqrstuv",
            "http://127.0.0.1/abcdefghijklmnopqrstuv",
            "http://127.0.0.1:/abcdefghijklmnopqrstuv",
            "http://127.0.0.1:80/abcdefghijklmnopqrstuv",
            "http://127.0.0.1:1023/abcdefghijklmnopqrstuv",
            "http://127.0.0.1:65536/abcdefghijklmnopqrstuv",
            "http://127.0.0.1:08000/abcdefghijklmnopqrstuv",
            "http://127.0.0.1:+8000/abcdefghijklmnopqrstuv",
            "http://127.0.0.1:8000/short",
            "http://127.0.0.1:8000/abcdefghijklmnopqrstuv/",
            "http://127.0.0.1:8000/abcdefghijklmnopqrstuv?x=1",
            "http://127.0.0.1:8000/abcdefghijklmnopqrstuv#x",
            "http://127.0.0.1:8000//abcdefghijklmnopqrstuv",
            "http://127.0.0.1:8000\\abcdefghijklmnopqrstuv",
            "http://127.0.0.1:8000/abcdefghijklmnopqrstu%76",
            " http://127.0.0.1:8000/abcdefghijklmnopqrstuv",
            "http://127.0.0.1:8000/abcdefghijklmnopqrstuv\r\nx: y",
            "//127.0.0.1:8000/abcdefghijklmnopqrstuv",
            "javascript:alert(1)",
            "",
            &format!("http://127.0.0.1:8000/{long}"),
        ] {
            assert_eq!(LoopbackUri::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_verifier_has_its_lengths() {
        assert!(is_verifier(&"a".repeat(43)) && is_verifier(&"~".repeat(128)));
        assert!(!is_verifier(&"a".repeat(42)) && !is_verifier(&"a".repeat(129)) && !is_verifier(&"+".repeat(43)));
    }
}
