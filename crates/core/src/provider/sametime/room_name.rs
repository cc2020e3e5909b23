//! The name of a room: id and link at once, so it is made of what every part of an address leaves as it is.

/// The longest part that comes from the subject, in characters.
const LONGEST_SUBJECT_PART: usize = 60;

/// A name for a new room: the subject's letters and digits, blanks as `_`, brackets as `-`, then `_` and a suffix of
/// fifty random bits, because names are unique on a server and the first to come owns one.
pub(super) fn room_name(subject: &str, suffix: &str) -> String {
    let cleaned: String = subject.trim().chars().filter_map(clean).take(LONGEST_SUBJECT_PART).collect();
    if cleaned.is_empty() { suffix.to_owned() } else { format!("{cleaned}_{suffix}") }
}

/// What a person reads of a room that was made elsewhere.
pub(super) fn subject_of(name: &str) -> String {
    name.replace('_', " ").trim().to_owned()
}

/// Everything that is no letter or digit could mean something in an address, and is left out.
fn clean(c: char) -> Option<char> {
    match c {
        '(' | ')' | '[' | ']' | '-' => Some('-'),
        '_' => Some('_'),
        c if c.is_whitespace() => Some('_'),
        c => c.is_alphanumeric().then_some(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_subject_cleaned_and_a_suffix() {
        let suffix = "abcdefgh9a";
        assert_eq!(
            room_name("Sprint review (Q1) [all]: 50% & more?", suffix),
            "Sprint_review_-Q1-_-all-_50__more_abcdefgh9a"
        );
        assert_eq!(room_name("Über uns", suffix), "Über_uns_abcdefgh9a");
        assert_eq!(room_name("../..", suffix), "abcdefgh9a");
        assert_eq!(room_name(&"x".repeat(200), suffix).len(), 71);
        for c in "?&*:'%#!@$^+=/\\;,.<>\"{}|`~\u{0}\u{7f}".chars() {
            assert!(clean(c).is_none(), "{c:?}");
        }
    }

    #[test]
    fn a_subject_is_read_from_a_name() {
        assert_eq!(subject_of("Sprint_review_1"), "Sprint review 1");
    }
}
