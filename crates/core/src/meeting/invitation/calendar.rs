//! An entry for a calendar: iCalendar (RFC 5545), as an invitation (RFC 5546), with its ways in (RFC 7986 §5.11).

use chrono::{DateTime, LocalResult, NaiveDateTime, TimeZone as _, Utc};

use super::{
    content_line::{ContentLines, parameter},
    facts,
    zone_definition::zone_definition,
};
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
    // Who gets an entry without being invited files it and answers nobody (RFC 5546 §3.2.1); such an entry names no attendee.
    let invites = !meeting.invitees.is_empty() && organizer.address.contains('@');
    let repeats = meeting.recurrence.is_some();
    let mut lines = ContentLines::default();
    lines.raw("BEGIN", "VCALENDAR");
    lines.raw("VERSION", "2.0");
    lines.raw("PRODID", "-//Convoke//Convoke//EN");
    lines.raw("CALSCALE", "GREGORIAN");
    lines.raw("METHOD", if invites { "REQUEST" } else { "PUBLISH" });
    if !in_utc(&time, repeats) {
        let last = meeting.recurrence.as_ref().map_or(Some(time.end_utc()), |series| last_end(&time, series));
        let until = last.unwrap_or(time.end_utc() + YEARS_DESCRIBED);
        zone_definition(&mut lines, time.zone(), time.start_utc(), until);
    }
    lines.raw("BEGIN", "VEVENT");
    lines.raw("UID", &format!("{}@convoke", meeting.id.0));
    lines.raw("DTSTAMP", &now.format(IN_UTC).to_string());
    lines.raw("SEQUENCE", &meeting.sequence.to_string());
    dated(&mut lines, "DTSTART", time.start.naive_local(), &time, repeats);
    dated(&mut lines, "DTEND", time.end().naive_local(), &time, repeats);
    if let Some(series) = &meeting.recurrence {
        lines.raw("RRULE", &series.rule.text());
        for wall in &series.exceptions {
            dated(&mut lines, "EXDATE", *wall, &time, repeats);
        }
    }
    lines.text("SUMMARY", &meeting.subject);
    lines.text("DESCRIPTION", &description(meeting));
    if let Some(url) = &meeting.join_url {
        lines.text("LOCATION", url.as_str());
        lines.raw("URL", url.as_str());
    }
    conferences(&mut lines, meeting);
    if invites {
        let name = organizer.name.as_deref().filter(|name| !name.is_empty());
        let named = name.map(|name| format!(";CN={}", parameter(name))).unwrap_or_default();
        lines.raw(&format!("ORGANIZER{named}"), &format!("mailto:{}", organizer.address));
        for address in &meeting.invitees {
            let attendee = "ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE";
            lines.raw(attendee, &format!("mailto:{address}"));
        }
    }
    lines.raw("END", "VEVENT");
    lines.raw("END", "VCALENDAR");
    Some(lines.into_text())
}

/// A meeting in UTC says so; so does one that starts in the second of an hour that happens twice, which a wall time cannot
/// say, unless it repeats.
fn in_utc(time: &MeetingTime, repeats: bool) -> bool {
    let zone = time.zone();
    let second = match zone.from_local_datetime(&time.start.naive_local()) {
        LocalResult::Ambiguous(first, _) => first != time.start,
        LocalResult::Single(_) | LocalResult::None => false,
    };
    matches!(zone, chrono_tz::Tz::UTC | chrono_tz::Tz::Etc__UTC) || second && !repeats
}

fn dated(lines: &mut ContentLines, name: &str, wall: NaiveDateTime, time: &MeetingTime, repeats: bool) {
    if in_utc(time, repeats) {
        // The same distance from the start, as an instant.
        let instant = time.start_utc() + (wall - time.start.naive_local());
        lines.raw(name, &instant.format(IN_UTC).to_string());
    } else {
        lines.raw(&format!("{name};TZID={}", time.zone().name()), &wall.format(LOCAL).to_string());
    }
}

/// The ways in (RFC 7986 §5.11): by the link, by telephone, by a video system.
fn conferences(lines: &mut ContentLines, meeting: &Meeting) {
    let mut way = |value: &str, features: &str, label: &str| {
        lines.raw(&format!("CONFERENCE;VALUE=URI;FEATURE={features};LABEL={}", parameter(label)), value);
    };
    if let Some(url) = &meeting.join_url {
        way(url.as_str(), "AUDIO,VIDEO", meeting.provider.display_name());
    }
    for number in meeting.dial_in.iter().flat_map(|text| text.lines()).filter_map(telephone) {
        way(&format!("tel:{number}"), "AUDIO,PHONE", "Dial-in");
    }
    if let Some(sip) = &meeting.sip {
        let address = sip.strip_prefix("sip:").unwrap_or(sip);
        if !address.contains(char::is_whitespace) {
            way(&format!("sip:{address}"), "AUDIO,VIDEO", "Video system");
        }
    }
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
        lines.push(meeting.agenda.clone());
    }
    lines.join("\n")
}
