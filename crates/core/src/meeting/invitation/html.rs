//! The same words as HTML, for a mail or a page: everything that a person or a provider wrote is escaped.

use std::fmt::Write as _;

use super::{facts, words};
use crate::meeting::Meeting;

/// An invitation as a fragment of HTML.
#[must_use]
pub fn html(meeting: &Meeting) -> String {
    let mut page = format!("<h1>{}</h1>\n", escaped(&meeting.subject));
    let when = words::when(meeting);
    if !when.is_empty() {
        let _ = writeln!(page, "<p>{}</p>", when.iter().map(|line| escaped(line)).collect::<Vec<_>>().join("<br>\n"));
    }
    let _ = writeln!(page, "<p>{} meeting</p>\n<dl>", escaped(meeting.provider.display_name()));
    for (name, value) in facts(meeting) {
        let shown = lines(&value);
        // The link was checked when it was taken: a web address, and nothing that runs.
        let shown = if name == "Join" { format!("<a href=\"{0}\">{0}</a>", escaped(&value)) } else { shown };
        let _ = writeln!(page, "<dt>{name}</dt><dd>{shown}</dd>");
    }
    page.push_str("</dl>\n");
    if !meeting.agenda.is_empty() {
        let _ = writeln!(page, "<p>{}</p>", lines(&meeting.agenda));
    }
    page
}

fn lines(text: &str) -> String {
    escaped(text).replace('\n', "<br>\n")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}
