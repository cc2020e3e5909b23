//! Lines of iCalendar (RFC 5545 §3.1): escaped, folded at 75 octets, ended by CRLF.
//!
//! Written here because the library at hand ends a folded line at 76 octets and gives every part, zones too, a UID and the
//! time of its own clock.

/// The most octets of a line, without its end.
const LONGEST: usize = 75;

/// Collects content lines.
#[derive(Default)]
pub(super) struct ContentLines(String);

impl ContentLines {
    /// Adds `NAME:value` or `NAME;PARAM=…:value`, with the value as it is.
    pub(super) fn raw(&mut self, name: &str, value: &str) {
        let mut room = LONGEST;
        // A control character would end the line or the file: none gets in, whatever was given.
        for c in name.chars().chain([':']).chain(value.chars()).filter(|c| !c.is_control()) {
            if c.len_utf8() > room {
                self.0.push_str("\r\n ");
                room = LONGEST - 1;
            }
            self.0.push(c);
            room -= c.len_utf8();
        }
        self.0.push_str("\r\n");
    }

    /// Adds a text (§3.3.11): backslashes, semicolons, commas and line ends escaped.
    pub(super) fn text(&mut self, name: &str, value: &str) {
        let value = value.replace("\r\n", "\n").replace('\r', "\n");
        let escaped = value.replace('\\', "\\\\").replace(';', "\\;").replace(',', "\\,").replace('\n', "\\n");
        self.raw(name, &escaped);
    }

    /// All of it.
    pub(super) fn into_text(self) -> String {
        self.0
    }
}

/// A parameter's value (§3.2): in quotes where it needs them; a quote itself cannot be said and becomes an apostrophe.
pub(super) fn parameter(value: &str) -> String {
    let value: String = value.chars().filter(|c| !c.is_control()).map(|c| if c == '"' { '\'' } else { c }).collect();
    if value.contains([':', ';', ',']) { format!("\"{value}\"") } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_folded_between_characters() {
        for c in ["x", "\u{e4}", "\u{4f1a}", "\u{1f600}"] {
            for length in 0..120 {
                let mut lines = ContentLines::default();
                lines.text("SUMMARY", &c.repeat(length));
                let text = lines.into_text();
                assert!(text.split("\r\n").all(|line| line.len() <= LONGEST), "{c} {length}");
                assert_eq!(text.replace("\r\n ", ""), format!("SUMMARY:{}\r\n", c.repeat(length)));
            }
        }
    }

    #[test]
    fn nothing_from_outside_ends_a_line() {
        let mut lines = ContentLines::default();
        lines.text("SUMMARY", "a\r\nBEGIN:VALARM\u{0}; b, c\\");
        lines.raw("URL", "https://example.com/\r\nX:1");
        assert_eq!(lines.into_text(), "SUMMARY:a\\nBEGIN:VALARM\\; b\\, c\\\\\r\nURL:https://example.com/X:1\r\n");
        assert_eq!(parameter("Ana \"A\" Lopez"), "Ana 'A' Lopez");
        assert_eq!(parameter("Lopez, Ana"), "\"Lopez, Ana\"");
    }
}
