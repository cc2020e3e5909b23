//! A zone as a calendar wants it described (RFC 5545 §3.6.5): every change of its offset within a span, by its date.

use chrono::{DateTime, Duration, Offset as _, TimeZone as _, Utc};
use chrono_tz::{OffsetComponents as _, OffsetName as _, Tz};

use super::content_line::ContentLines;

const LOCAL: &str = "%Y%m%dT%H%M%S";

/// What holds from one change of the offset to the next.
#[derive(Clone, PartialEq, Eq)]
struct Observance {
    summer: bool,
    name: String,
    /// Seconds east of UTC.
    offset: i32,
}

/// The `VTIMEZONE` of `zone`, good from a year before `from` to a year after `to`.
pub(super) fn zone_definition(lines: &mut ContentLines, zone: Tz, from: DateTime<Utc>, to: DateTime<Utc>) {
    let (from, to) = (from - Duration::days(366), to + Duration::days(366));
    lines.raw("BEGIN", "VTIMEZONE");
    lines.raw("TZID", zone.name());
    // What holds at the beginning of the span counts from its first moment.
    let first = observed(zone, from);
    observance(lines, &first, first.offset, &[from]);
    let mut kinds: Vec<(Observance, i32, Vec<DateTime<Utc>>)> = Vec::new();
    let mut before = first;
    for at in changes(zone, from, to) {
        let after = observed(zone, at);
        match kinds.iter_mut().find(|(kind, offset, _)| *kind == after && *offset == before.offset) {
            Some((_, _, dates)) => dates.push(at),
            None => kinds.push((after.clone(), before.offset, vec![at])),
        }
        before = after;
    }
    for (kind, offset_before, dates) in &kinds {
        observance(lines, kind, *offset_before, dates);
    }
    lines.raw("END", "VTIMEZONE");
}

fn observed(zone: Tz, at: DateTime<Utc>) -> Observance {
    let offset = zone.offset_from_utc_datetime(&at.naive_utc());
    Observance {
        summer: !offset.dst_offset().is_zero(),
        name: offset.abbreviation().unwrap_or_default().to_owned(),
        offset: offset.fix().local_minus_utc(),
    }
}

/// The moments at which the offset or its name changes: looked for day by day, then by halves.
fn changes(zone: Tz, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<DateTime<Utc>> {
    let mut found = Vec::new();
    let mut day = from;
    while day < to {
        let next = day + Duration::days(1);
        let (mut low, mut high) = (day, next);
        if observed(zone, low) != observed(zone, high) {
            let before = observed(zone, low);
            while high - low > Duration::seconds(1) {
                let middle = low + Duration::seconds((high - low).num_seconds() / 2);
                if observed(zone, middle) == before { low = middle } else { high = middle }
            }
            found.push(high);
        }
        day = next;
    }
    found
}

/// One part: from when on it holds, as the wall clock showed it just before.
fn observance(lines: &mut ContentLines, kind: &Observance, offset_before: i32, dates: &[DateTime<Utc>]) {
    let part = if kind.summer { "DAYLIGHT" } else { "STANDARD" };
    let wall =
        |at: &DateTime<Utc>| (at.naive_utc() + Duration::seconds(i64::from(offset_before))).format(LOCAL).to_string();
    lines.raw("BEGIN", part);
    for (place, date) in dates.iter().enumerate() {
        lines.raw(if place == 0 { "DTSTART" } else { "RDATE" }, &wall(date));
    }
    lines.raw("TZOFFSETFROM", &offset(offset_before));
    lines.raw("TZOFFSETTO", &offset(kind.offset));
    if !kind.name.is_empty() {
        lines.raw("TZNAME", &kind.name);
    }
    lines.raw("END", part);
}

/// `+0130`; with seconds where an offset has them.
fn offset(seconds: i32) -> String {
    let (sign, seconds) = (if seconds < 0 { '-' } else { '+' }, seconds.abs());
    let whole = format!("{sign}{:02}{:02}", seconds / 3600, seconds / 60 % 60);
    if seconds % 60 == 0 { whole } else { format!("{whole}{:02}", seconds % 60) }
}
