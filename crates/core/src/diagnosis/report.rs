//! The report to share: what the lines say as plain text, without what says who a person is or what they hold.
//!
//! The home folder is `~`, the user's name in other paths is gone, addresses lose user, password and query, mail addresses are
//! left out. No secret comes this far; this is about the person.

use std::path::Path;

use chrono::{DateTime, SecondsFormat, Utc};
use chrono_tz::Tz;

use super::{DiagnosisLine, DiagnosisState};
use crate::{service::code_text, view::ErrorView};

/// What stands above the lines.
pub struct Head<'a> {
    /// When.
    pub at: DateTime<Utc>,
    /// The operating system, as it calls itself.
    pub system: &'a str,
    /// The zone in which times are shown.
    pub zone: Tz,
    /// The profile's name.
    pub profile: &'a str,
    /// The person's home folder, to be left out.
    pub home: Option<&'a Path>,
}

/// The report.
#[must_use]
pub fn text(head: &Head<'_>, lines: &[DiagnosisLine]) -> String {
    let mut text = format!(
        "Convoke {} diagnostics\ntime     {}\nsystem   {}\nzone     {}\nprofile  {}\n\n",
        env!("CARGO_PKG_VERSION"),
        head.at.to_rfc3339_opts(SecondsFormat::Secs, true),
        head.system,
        head.zone,
        head.profile,
    );
    for line in lines {
        text += row(line).trim_end();
        text.push('\n');
    }
    text.lines().map(|line| impersonal(line, head.home) + "\n").collect()
}

fn row(line: &DiagnosisLine) -> String {
    let state = match line.state {
        DiagnosisState::Ok => "ok",
        DiagnosisState::Warning => "warning",
        DiagnosisState::Failed => "failed",
        DiagnosisState::Skipped => "skipped",
    };
    let check = serde_json::to_value(line.check).ok().and_then(|value| value.as_str().map(str::to_owned));
    let provider = line.provider.map(crate::account::ProviderKind::as_str);
    let error = line.error.as_ref().map(reason);
    let parts = [provider, line.subject.as_deref(), line.note.as_deref(), error.as_deref()];
    let parts: Vec<&str> = parts.into_iter().flatten().collect();
    format!("{state:<8} {:<12} {}", check.unwrap_or_default(), parts.join("  ")).replace(['\r', '\n'], " ")
}

fn reason(error: &ErrorView) -> String {
    let fields = error.fields.iter().map(|issue| format!(" {} {}", issue.field, issue.detail.as_deref().unwrap_or("")));
    let detail = error.detail.as_deref().map(|detail| format!(" {detail}")).unwrap_or_default();
    format!("{}:{}{detail}", code_text(error.code), fields.collect::<String>())
}

/// A line without the person.
fn impersonal(line: &str, home: Option<&Path>) -> String {
    let folder = home.map(|home| home.to_string_lossy().trim_end_matches(['/', '\\']).to_owned());
    let folder = folder.filter(|folder| !folder.is_empty());
    let name = home.and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
    let line = folder.map_or_else(|| line.to_owned(), |folder| line.replace(&folder, "~"));
    let word = |word: &str| {
        let word = without_query(word);
        if word.contains('@') {
            return "[address]".to_owned();
        }
        let of_user = |part: &str| name.as_deref().is_some_and(|name| part == name);
        let is_path = word.contains(['/', '\\']);
        if is_path && word.split(['/', '\\']).any(of_user) {
            return "[path]".to_owned();
        }
        word
    };
    line.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

/// An address without user, password, query and fragment; any other word as it is.
fn without_query(word: &str) -> String {
    let Some((scheme, rest)) = word.split_once("://") else { return word.to_owned() };
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    let host = authority.rsplit('@').next().unwrap_or_default();
    format!("{scheme}://{host}{path}")
}

#[cfg(test)]
mod tests;
