//! An entry for a calendar: iCalendar (RFC 5545), as an invitation (RFC 5546), with its ways in (RFC 7986 §5.11).

use chrono::{DateTime, LocalResult, NaiveDateTime, TimeZone as _, Utc};
use icalendar::{Calendar, Component as _, Event, EventLike as _, Property};

use super::{facts, zone_definition::zone_definition};
use crate::{
    account::Identity,
    meeting::{Meeting, MeetingTime, occurrences::last_end},
};

const LOCAL: &str = "%Y%m%dT%H%M%S";
const IN_UTC: &str = "%Y%m%dT%H%M%SZ";
/// How far ahead a zone is described where a series does not end.
const YEARS_DESCRIBED: chrono::Duration = chrono::Duration::days(12 * 366);

/// An invitation as an iCalendar object: CRLF, lines folded at 75 octets. None where the meeting has no time. `now` is when
/// it is made; whoever has an earlier one with the same UID takes the higher SEQUENCE.
#[must_use]
pub fn calendar(meeting: &Meeting, organizer: &Identity, now: DateTime<Utc>) -> Option<String> {
    let time = meeting.time?;
    let mut event = Event::new();
    event
        .uid(&format!("{}@convoke", meeting.id.0))
        .timestamp(now)
        .sequence(meeting.sequence)
        .summary(&meeting.subject)
        .description(&description(meeting));
    event.append_property(dated("DTSTART", time.start.naive_local(), &time));
    event.append_property(dated("DTEND", time.end().naive_local(), &time));
    if let Some(series) = &meeting.recurrence {
        event.append_property(Property::new("RRULE", series.rule.text()));
        for wall in &series.exceptions {
            event.append_multi_property(dated("EXDATE", *wall, &time));
        }
    }
    if let Some(url) = &meeting.join_url {
        event.location(url.as_str());
        event.url(url.as_str());
    }
    for conference in conferences(meeting) {
        event.append_multi_property(conference);
    }
    // Who gets an entry without being invited files it and answers nobody (RFC 5546 §3.2.1); such an entry names no attendee.
    let invites = !meeting.invitees.is_empty() && organizer.address.contains('@');
    if invites {
        event.append_property(person("ORGANIZER", &organizer.address, organizer.name.as_deref()).done());
        for address in &meeting.invitees {
            let mut attendee = person("ATTENDEE", address, None);
            attendee.add_parameter("PARTSTAT", "NEEDS-ACTION").add_parameter("ROLE", "REQ-PARTICIPANT");
            event.append_multi_property(attendee.add_parameter("RSVP", "TRUE").done());
        }
    }
    let mut calendar = Calendar::empty();
    calendar
        .append_property(Property::new("VERSION", "2.0"))
        .append_property(Property::new("PRODID", "-//Convoke//Convoke//EN"))
        .append_property(Property::new("CALSCALE", "GREGORIAN"))
        .append_property(Property::new("METHOD", if invites { "REQUEST" } else { "PUBLISH" }));
    calendar.push(event.done());
    let text = calendar.to_string();
    if in_utc(&time) {
        return Some(text);
    }
    // The library would give a zone a UID and a time stamp, which it must not have: the definition is put in as text.
    let last = meeting.recurrence.as_ref().map_or(Some(time.end_utc()), |series| last_end(&time, series));
    let until = last.unwrap_or(time.end_utc() + YEARS_DESCRIBED);
    let definition = zone_definition(time.zone(), time.start_utc(), until);
    Some(text.replacen("BEGIN:VEVENT\r\n", &format!("{definition}BEGIN:VEVENT\r\n"), 1))
}

/// A meeting in UTC says so; so does one that starts in the second of an hour that happens twice, which a wall time cannot
/// say, unless it repeats.
fn in_utc(time: &MeetingTime) -> bool {
    let zone = time.zone();
    let second = match zone.from_local_datetime(&time.start.naive_local()) {
        LocalResult::Ambiguous(first, _) => first != time.start,
        LocalResult::Single(_) | LocalResult::None => false,
    };
    matches!(zone, chrono_tz::Tz::UTC | chrono_tz::Tz::Etc__UTC) || second
}

fn dated(name: &str, wall: NaiveDateTime, time: &MeetingTime) -> Property {
    if in_utc(time) {
        let start = time.start.naive_local();
        // The same distance from the start, as an instant.
        let instant = time.start_utc() + (wall - start);
        return Property::new(name, instant.format(IN_UTC).to_string());
    }
    Property::new(name, wall.format(LOCAL).to_string()).add_parameter("TZID", time.zone().name()).done()
}

fn person(name: &str, address: &str, common: Option<&str>) -> Property {
    let mut property = Property::new(name, format!("mailto:{address}"));
    if let Some(common) = common.map(|text| text.replace('"', "'")).filter(|text| !text.is_empty()) {
        property.add_parameter("CN", &common);
    }
    property
}

/// The ways in: by the link, by telephone, by a video system.
fn conferences(meeting: &Meeting) -> Vec<Property> {
    let way = |value: String, features: &str, label: &str| {
        let mut property = Property::new("CONFERENCE", value);
        property.add_parameter("VALUE", "URI");
        // Quoted, the comma would make one unknown feature of two.
        Property::new(&format!("CONFERENCE;FEATURE={features}"), property.value())
            .add_parameter("LABEL", label)
            .add_parameter("VALUE", "URI")
            .done()
    };
    let mut ways = Vec::new();
    if let Some(url) = &meeting.join_url {
        ways.push(way(url.as_str().to_owned(), "AUDIO,VIDEO", meeting.provider.display_name()));
    }
    for line in meeting.dial_in.iter().flat_map(|text| text.lines()) {
        if let Some(number) = telephone(line) {
            ways.push(way(format!("tel:{number}"), "AUDIO,PHONE", "Dial-in"));
        }
    }
    if let Some(sip) = &meeting.sip {
        let address = sip.strip_prefix("sip:").unwrap_or(sip);
        if !address.contains(|c: char| c.is_whitespace() || c.is_control()) {
            ways.push(way(format!("sip:{address}"), "AUDIO,VIDEO", "Video system"));
        }
    }
    ways
}

/// The number of a line, as a telephone dials it: `+41435550100`, with pauses and a code where they follow.
fn telephone(line: &str) -> Option<String> {
    let start = line.find('+')?;
    let number: String = line[start..].chars().take_while(|c| c.is_ascii_digit() || "+-. ,#*".contains(*c)).collect();
    let number: String = number.chars().filter(|c| c.is_ascii_digit() || "+,#*".contains(*c)).collect();
    // A pause and a code are part of a dialled text, not of a `tel` address (RFC 3966): the code stands in the description.
    let number = number.split([',', '#', '*']).next().unwrap_or_default().to_owned();
    (number.len() >= 6).then_some(number)
}

fn description(meeting: &Meeting) -> String {
    let mut lines: Vec<String> = facts(meeting).into_iter().map(|(name, value)| format!("{name}: {value}")).collect();
    if !meeting.agenda.is_empty() {
        lines.push(String::new());
        lines.push(meeting.agenda.replace("\r\n", "\n"));
    }
    lines.join("\n")
}
