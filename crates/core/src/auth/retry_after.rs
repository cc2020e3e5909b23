//! When to try again: the three forms of `Retry-After` that the providers send, and a cap on belief.

use chrono::{DateTime, Duration, Utc};

/// The longest wait that is believed. Zoom's daily limit names midnight; a person is told earlier that it still holds.
pub const LONGEST_WAIT: Duration = Duration::minutes(15);

/// Reads a `Retry-After` value: seconds or an HTTP date (RFC 9110 §10.2.3), or an ISO date-time (Zoom's daily limit).
///
/// The answer lies between `now` and [`LONGEST_WAIT`] later; none where the text is in no known form.
#[must_use]
pub fn retry_after(text: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let text = text.trim();
    let latest = now + LONGEST_WAIT;
    let at = if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than an i64 holds are more than the cap, too.
        text.parse()
            .ok()
            .and_then(Duration::try_seconds)
            .and_then(|wait| now.checked_add_signed(wait))
            .unwrap_or(latest)
    } else {
        let date = DateTime::parse_from_rfc3339(text).or_else(|_| DateTime::parse_from_rfc2822(text)).ok()?;
        date.with_timezone(&Utc)
    };
    Some(at.clamp(now, latest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(text: &str) -> Option<i64> {
        let now = "2027-01-10T12:00:00Z".parse().unwrap();
        retry_after(text, now).map(|at| (at - now).num_seconds())
    }

    #[test]
    fn all_three_forms() {
        assert_eq!(after("7"), Some(7));
        assert_eq!(after(" 120 "), Some(120));
        assert_eq!(after("Sun, 10 Jan 2027 12:00:30 GMT"), Some(30));
        assert_eq!(after("2027-01-10T12:01:00Z"), Some(60));
        assert_eq!(after("2027-01-10T13:01:00+01:00"), Some(60));
    }

    #[test]
    fn nobody_waits_longer_than_the_cap_or_in_the_past() {
        assert_eq!(after("86400"), Some(900));
        assert_eq!(after("99999999999999999999999"), Some(900));
        assert_eq!(after("2027-01-11T00:00:00Z"), Some(900));
        assert_eq!(after("Sun, 10 Jan 2027 11:00:00 GMT"), Some(0));
    }

    #[test]
    fn anything_else_is_no_promise() {
        for text in ["", "soon", "-5", "1.5", "2027-01-10"] {
            assert_eq!(after(text), None, "{text}");
        }
    }
}
