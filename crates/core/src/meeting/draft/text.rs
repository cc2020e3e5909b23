//! The words and the people of a meeting, as a person types them.

use crate::error::{FieldIssue, IssueCode};

const MOST_INVITEES: usize = 300;

/// One line, at most `longest` characters.
pub(super) fn check_subject(text: &str, longest: u16, issues: &mut Vec<FieldIssue>) -> String {
    let subject = text.trim();
    if subject.is_empty() {
        issues.push(FieldIssue::new("subject", IssueCode::Required));
    } else if subject.chars().count() > usize::from(longest) {
        issues.push(FieldIssue::with_detail("subject", IssueCode::TooLong, &longest.to_string()));
    } else if subject.chars().any(char::is_control) {
        issues.push(FieldIssue::new("subject", IssueCode::ControlCharacter));
    }
    subject.to_owned()
}

/// Lines of text, at most `longest` characters.
pub(super) fn check_agenda(text: &str, longest: u16, issues: &mut Vec<FieldIssue>) -> String {
    let agenda = text.trim_end();
    if agenda.chars().count() > usize::from(longest) {
        issues.push(FieldIssue::with_detail("agenda", IssueCode::TooLong, &longest.to_string()));
    } else if agenda.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        issues.push(FieldIssue::new("agenda", IssueCode::ControlCharacter));
    }
    agenda.to_owned()
}

/// Each address once.
pub(super) fn check_invitees(list: &[String], issues: &mut Vec<FieldIssue>) -> Vec<String> {
    let mut invitees: Vec<String> = Vec::new();
    for address in list.iter().map(|text| text.trim()).filter(|text| !text.is_empty()) {
        if !is_address(address) {
            issues.push(FieldIssue::with_detail("invitees", IssueCode::NotAnAddress, address));
        } else if !invitees.iter().any(|known| known.eq_ignore_ascii_case(address)) {
            invitees.push(address.to_owned());
        }
    }
    if invitees.len() > MOST_INVITEES {
        issues.push(FieldIssue::with_detail("invitees", IssueCode::TooLong, &MOST_INVITEES.to_string()));
    }
    invitees
}

/// A plain mail address: one `@`, a dotted or local domain, no blanks. The provider has the last word.
pub(in crate::meeting) fn is_address(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    !local.is_empty()
        && !domain.is_empty()
        && text.len() <= 254
        && !domain.contains('@')
        && !text.chars().any(|c| c.is_whitespace() || c.is_control() || "<>,;:\"()[]\\".contains(c))
        && domain.split('.').all(|label| !label.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for good in ["ana@example.com", "a.b+c@x-y.example", "root@localhost"] {
            assert!(is_address(good), "{good}");
        }
        for bad in [
            "",
            "ana",
            "@x",
            "a@",
            "a b@x.example",
            "a@x..example",
            "a@b@c",
            "<a@x.example>",
            "a@x.example,b@x.example",
        ] {
            assert!(!is_address(bad), "{bad}");
        }
    }
}
