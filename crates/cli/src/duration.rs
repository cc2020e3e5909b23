//! Lengths as people type them: `45m`, `1h`, `1h30m`, `90`.

/// Whole minutes; none where the text is no length.
pub fn minutes(text: &str) -> Option<u32> {
    if let Ok(minutes) = text.parse() {
        return Some(minutes);
    }
    let (hours, rest) = match text.split_once('h') {
        Some((hours, rest)) => (hours.parse::<u32>().ok()?, rest),
        None => (0, text),
    };
    let minutes = match rest.strip_suffix('m') {
        Some(minutes) => minutes.parse().ok()?,
        None if rest.is_empty() && text.contains('h') => 0,
        None => return None,
    };
    hours.checked_mul(60)?.checked_add(minutes)
}

#[cfg(test)]
mod tests {
    use super::minutes;

    #[test]
    fn lengths() {
        for (text, expected) in [
            ("45m", Some(45)),
            ("1h", Some(60)),
            ("1h30m", Some(90)),
            ("90", Some(90)),
            ("", None),
            ("h", None),
            ("m", None),
            ("1d", None),
            ("-5m", None),
            ("1h30", None),
            ("99999999999h", None),
            ("4294967295h", None),
        ] {
            assert_eq!(minutes(text), expected, "{text}");
        }
    }
}
