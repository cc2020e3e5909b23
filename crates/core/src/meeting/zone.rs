//! Names of time zones: the tz database's own, and those of Windows, which Outlook and Graph write.

use chrono_tz::Tz;
use windows_timezones::WindowsTimezone;

/// A zone by its IANA name, or by its Windows name (`W. Europe Standard Time`), which stands for the zone that the
/// Unicode CLDR calls its default.
#[must_use]
pub fn parse_zone(name: &str) -> Option<Tz> {
    let name = name.trim();
    name.parse().ok().or_else(|| Some(Tz::from(name.parse::<WindowsTimezone>().ok()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_vocabularies_are_understood() {
        for (name, zone) in [
            ("Europe/Zurich", Tz::Europe__Zurich),
            ("W. Europe Standard Time", Tz::Europe__Berlin),
            ("Pacific Standard Time", Tz::America__Los_Angeles),
            ("UTC", Tz::UTC),
            ("India Standard Time", Tz::Asia__Calcutta),
        ] {
            assert_eq!(parse_zone(name), Some(zone), "{name}");
        }
        for name in ["", "Europe/Zuerich", "tzone://Microsoft/Custom", "Customized Time Zone"] {
            assert_eq!(parse_zone(name), None, "{name}");
        }
    }
}
