//! What a create or a change asks for, checked as Webex checks it: every fault is told, each in words that begin with
//! its field.
//!
//! Unknown fields are refused: a client that sends one has misread the vendor's document. So are those that make a
//! webinar, a personal room's or a space's meeting, which the sandbox has not.

use chrono::{DateTime, MappedLocalTime, Months, NaiveDateTime, TimeDelta, TimeZone as _, Timelike as _, Utc};
use chrono_tz::Tz;
use serde_json::{Map, Value};

use super::meeting::{Details, Meeting};
use super::options;
use super::rule::Rule;
use crate::person::Person;

/// What a request is about.
#[derive(Clone, Copy)]
pub(super) enum Purpose<'a> {
    /// A new meeting.
    Create,
    /// A whole meeting.
    Series(&'a Meeting),
    /// One occurrence, as it is now.
    Occurrence(&'a Details),
}

/// What a request says about the rule.
#[derive(Default)]
pub(super) enum Repeats {
    /// Nothing.
    #[default]
    AsBefore,
    /// An explicit null.
    Once,
    By(Rule),
}

/// The fields of a request that hold something.
#[derive(Default)]
pub(super) struct Change {
    pub(super) title: Option<String>,
    /// Empty to clear it.
    pub(super) agenda: Option<String>,
    pub(super) password: Option<String>,
    pub(super) start: Option<DateTime<Utc>>,
    pub(super) end: Option<DateTime<Utc>>,
    pub(super) zone: Option<Tz>,
    pub(super) rule: Repeats,
    pub(super) tags: Option<Vec<String>>,
    pub(super) invitees: Option<Value>,
    pub(super) send_email: Option<bool>,
    pub(super) options: Map<String, Value>,
}

/// Fields that only a new meeting takes.
const CREATE_ONLY: [&str; 9] = [
    "adhoc",
    "breakoutSessions",
    "invitees",
    "registration",
    "roomId",
    "scheduledType",
    "simultaneousInterpretation",
    "siteUrl",
    "templateId",
];

/// Fields of the vendor's document that the sandbox has not.
const ABSENT: [&str; 7] = [
    "breakoutSessions",
    "liveStream",
    "panelistPassword",
    "registration",
    "roomId",
    "simultaneousInterpretation",
    "templateId",
];

/// Checks a request's body; `site` is the caller's. `hostEmail` was read before.
pub(super) fn check(
    body: &Map<String, Value>,
    purpose: Purpose<'_>,
    site: &str,
    now: DateTime<Utc>,
) -> Result<Change, Vec<String>> {
    let mut reading = Reading { change: Change::default(), purpose, site, wrong: Vec::new() };
    if let Some(zone) = body.get("timezone") {
        reading.zone(zone);
    }
    for (name, value) in body.iter().filter(|(name, _)| !matches!(name.as_str(), "timezone" | "hostEmail")) {
        reading.field(name, value);
    }
    if matches!(purpose, Purpose::Create) {
        for name in ["title", "start", "end"].into_iter().filter(|name| !body.contains_key(*name)) {
            reading.say(name, "is required");
        }
    }
    reading.times(now);
    if reading.wrong.is_empty() { Ok(reading.change) } else { Err(reading.wrong) }
}

struct Reading<'a> {
    change: Change,
    purpose: Purpose<'a>,
    site: &'a str,
    wrong: Vec<String>,
}

impl Reading<'_> {
    fn say(&mut self, field: &str, what: &str) {
        self.wrong.push(format!("{field}: {what}"));
    }

    fn field(&mut self, name: &str, value: &Value) {
        if CREATE_ONLY.contains(&name) && !matches!(self.purpose, Purpose::Create) {
            return self.say(name, "can only be set when the meeting is created");
        }
        match name {
            "title" => self.change.title = self.text(name, value, 1, 128),
            // An empty text clears, as null does.
            "agenda" if value.is_null() && !matches!(self.purpose, Purpose::Create) => {
                self.change.agenda = Some(String::new());
            }
            "agenda" => self.change.agenda = self.text(name, value, 0, 1300),
            "password" => self.password(value),
            "start" => self.change.start = self.time(name, value),
            "end" => self.change.end = self.time(name, value),
            "recurrence" => self.recurrence(value),
            "integrationTags" => self.tags(value),
            "invitees" => match invitees(value) {
                Ok(()) => self.change.invitees = Some(value.clone()),
                Err(what) => self.say(name, what),
            },
            "sendEmail" => match value.as_bool() {
                Some(send) => self.change.send_email = Some(send),
                None => self.say(name, "must be true or false"),
            },
            "siteUrl" if value == self.site => {}
            "siteUrl" => self.say(name, "is no site of yours"),
            "scheduledType" if value == "meeting" => {}
            "adhoc" if value == false => {}
            "scheduledType" | "adhoc" => self.say(name, "the sandbox has only scheduled meetings"),
            _ if ABSENT.contains(&name) => self.say(name, "the sandbox has no such meetings"),
            _ => match options::check(name, value, !matches!(self.purpose, Purpose::Create)) {
                Ok(()) => {
                    self.change.options.insert(name.to_owned(), value.clone());
                }
                Err(faults) => self.wrong.extend(faults),
            },
        }
    }

    fn text(&mut self, name: &str, value: &Value, least: usize, most: usize) -> Option<String> {
        let text = value.as_str().filter(|text| (least..=most).contains(&text.chars().count()));
        if text.is_none() {
            self.say(name, &format!("must be a text of {least} to {most} characters"));
        }
        text.map(str::to_owned)
    }

    /// The site's rules, as the vendor's document has one in words.
    fn password(&mut self, value: &Value) {
        let Some(text) = self.text("password", value, 6, 32) else { return };
        let has = |test: fn(&u8) -> bool| text.as_bytes().iter().any(test);
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            self.say("password", "validation failed. Only letters, digits and signs are allowed.");
        } else if !(has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase)) {
            let what = "A mix of uppercase and lowercase letters (A, a, B, b, C, c, etc.) is required.";
            self.wrong.push(format!("Meeting password validation failed. {what}"));
        } else if !has(u8::is_ascii_digit) {
            self.wrong.push("Meeting password validation failed. A number (1, 2, 3, etc.) is required.".to_owned());
        } else {
            self.change.password = Some(text);
        }
    }

    fn zone(&mut self, value: &Value) {
        match value.as_str().and_then(|name| name.parse().ok()) {
            Some(zone) => self.change.zone = Some(zone),
            None => self.say("timezone", "must be a name of the IANA time zone database"),
        }
    }

    /// A time in any form of ISO 8601 that has a date and a time; one without an offset is read in `timezone`.
    fn time(&mut self, name: &str, value: &Value) -> Option<DateTime<Utc>> {
        let time = match value.as_str().and_then(read_time) {
            Some(Time::Instant(time)) => Some(time),
            Some(Time::Wall(wall)) => match self.change.zone.map(|zone| zone.from_local_datetime(&wall)) {
                None => {
                    self.say(name, "must have an offset, or timezone beside it");
                    return None;
                }
                Some(MappedLocalTime::Single(time) | MappedLocalTime::Ambiguous(time, _)) => Some(time.to_utc()),
                Some(MappedLocalTime::None) => None,
            },
            None => None,
        };
        if time.is_none() {
            self.say(name, "must be a date and time by ISO 8601");
        }
        time.and_then(to_minute)
    }

    fn recurrence(&mut self, value: &Value) {
        if matches!(self.purpose, Purpose::Occurrence(_)) {
            return self.say("recurrence", "applies to a series only");
        }
        match value {
            Value::Null => self.change.rule = Repeats::Once,
            Value::String(text) => match Rule::parse(text) {
                Ok(rule) => self.change.rule = Repeats::By(rule),
                Err(what) => self.say("recurrence", &what),
            },
            _ => self.say("recurrence", "must be a rule by RFC 2445"),
        }
    }

    fn tags(&mut self, value: &Value) {
        if matches!(self.purpose, Purpose::Occurrence(_)) {
            return self.say("integrationTags", "apply to a series only");
        }
        let tag = |tag: &Value| tag.as_str().filter(|tag| (1..=64).contains(&tag.chars().count())).map(str::to_owned);
        let tags = match value {
            Value::Null if !matches!(self.purpose, Purpose::Create) => Some(Vec::new()),
            Value::Array(tags) if tags.len() <= 3 => tags.iter().map(tag).collect(),
            _ => None,
        };
        match tags {
            Some(tags) => self.change.tags = Some(tags),
            None => self.say("integrationTags", "must be at most 3 texts of at most 64 characters"),
        }
    }

    /// Checks the times that the request leads to; what it leaves out stays.
    fn times(&mut self, now: DateTime<Utc>) {
        let kept = match self.purpose {
            Purpose::Create => None,
            Purpose::Series(meeting) => Some(&meeting.details),
            Purpose::Occurrence(details) => Some(details),
        };
        let minute = to_minute(now).unwrap_or(now);
        if let Some(start) = self.change.start.filter(|start| kept.is_none_or(|kept| kept.start != *start)) {
            if start == minute {
                // A start within this minute becomes the next.
                self.change.start = Some(start + TimeDelta::minutes(1));
            } else if start < now {
                self.say("start", "cannot be before the current date and time");
            } else if now.checked_add_months(Months::new(120)).is_some_and(|far| start >= far) {
                self.say("start", "cannot be 10 years or more in the future");
            }
        }
        if self.change.end.is_some_and(|end| end < now && kept.is_none_or(|kept| kept.end != end)) {
            self.say("end", "cannot be before the current date and time");
        }
        let start = self.change.start.or(kept.map(|kept| kept.start));
        let end = self.change.end.or(kept.map(|kept| kept.end));
        let (Some(start), Some(end)) = (start, end) else { return };
        let length = end - start;
        if length < TimeDelta::minutes(10) || length > TimeDelta::minutes(23 * 60 + 59) {
            self.say("end", "must be 10 minutes to 23 hours 59 minutes later");
        }
        let zone = self.change.zone.or(kept.map(|kept| kept.zone)).unwrap_or(Tz::UTC);
        let rule = match (&self.change.rule, self.purpose) {
            (Repeats::By(rule), _) => Some(rule),
            (Repeats::AsBefore, Purpose::Series(meeting)) => meeting.rule.as_ref(),
            _ => None,
        };
        if let Some(Err(what)) = rule.map(|rule| rule.starts(start, zone)) {
            self.say("recurrence", &what);
        }
    }
}

fn to_minute(time: DateTime<Utc>) -> Option<DateTime<Utc>> {
    time.with_second(0)?.with_nanosecond(0)
}

fn invitees(value: &Value) -> Result<(), &'static str> {
    let list = value.as_array().filter(|list| list.len() <= 1000).ok_or("must be a list of at most 1000")?;
    for invitee in list {
        let invitee = invitee.as_object().ok_or("each must be an object")?;
        let mut address = false;
        for (name, value) in invitee {
            match name.as_str() {
                "email" => address = value.as_str().and_then(Person::from_address).is_some(),
                "displayName" if value.is_string() => {}
                "coHost" | "panelist" if value.is_boolean() => {}
                _ => return Err("each has email, displayName, coHost and panelist only"),
            }
        }
        if !address {
            return Err("each must have a mail address as its email");
        }
    }
    Ok(())
}

/// A time as ISO 8601 writes it.
pub(super) enum Time {
    Instant(DateTime<Utc>),
    Wall(NaiveDateTime),
}

/// `yyyy-MM-ddTHH:mm`, with or without seconds and their fraction, with or without an offset.
pub(super) fn read_time(text: &str) -> Option<Time> {
    if text.as_bytes().get(10) != Some(&b'T') || !text.is_ascii() {
        return None;
    }
    for form in ["%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%dT%H:%M%#z"] {
        if let Ok(time) = DateTime::parse_from_str(text, form) {
            return Some(Time::Instant(time.to_utc()));
        }
    }
    let wall = |form| NaiveDateTime::parse_from_str(text, form).ok();
    wall("%Y-%m-%dT%H:%M:%S%.f").or_else(|| wall("%Y-%m-%dT%H:%M")).map(Time::Wall)
}
