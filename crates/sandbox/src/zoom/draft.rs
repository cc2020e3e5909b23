//! What a create or an update asks for, checked as Zoom checks it: every fault is named with its field.
//!
//! Unknown fields and explicit nulls are refused: a client that sends one has misread the vendor's document.

use chrono::{DateTime, MappedLocalTime, NaiveDateTime, TimeDelta, TimeZone as _, Utc};
use chrono_tz::Tz;
use serde_json::{Map, Value};

use super::FieldIssue;
use super::meeting::Kind;
use super::series::check_recurrence;

/// The fields of a request that hold something.
#[derive(Default)]
pub(super) struct Change {
    pub(super) kind: Option<Kind>,
    pub(super) topic: Option<String>,
    pub(super) agenda: Option<String>,
    pub(super) password: Option<String>,
    pub(super) start: Option<DateTime<Utc>>,
    pub(super) duration: Option<i64>,
    pub(super) zone: Option<Tz>,
    pub(super) recurrence: Option<Value>,
    pub(super) tracking_fields: Option<Value>,
    pub(super) pre_schedule: Option<bool>,
    /// The address of whoever is to be the host.
    pub(super) schedule_for: Option<String>,
    pub(super) settings: Map<String, Value>,
}

/// The names under `settings`, of create and update together.
const SETTINGS: &str = " additional_data_center_regions allow_host_control_participant_mute_state \
    allow_multiple_devices alternative_host_update_polls alternative_hosts alternative_hosts_email_notification \
    approval_type approved_or_denied_countries_or_regions audio audio_conference_info authentication_domains \
    authentication_exception authentication_name authentication_option auto_recording \
    auto_start_ai_companion_questions auto_start_meeting_summary breakout_room calendar_type close_registration \
    cn_meeting contact_email contact_name continuous_meeting_chat custom_keys device_testing \
    disable_participant_video email_in_attendee_report email_notification encryption_type enforce_login \
    enforce_login_domains focus_mode global_dial_in_countries global_dial_in_numbers host_save_video_order \
    host_video in_meeting internal_meeting jbh_time join_before_host language_interpretation \
    meeting_authentication meeting_invitees mute_upon_entry participant_focused_meeting participant_video \
    private_meeting push_change_to_calendar question_and_answer registrants_confirmation_email \
    registrants_email_notification registration_type resources show_share_button sign_language_interpretation \
    summary_template_id use_pmi waiting_room watermark who_can_ask_questions who_will_receive_summary ";

/// Names under `settings` whose value is a text or an object or a list; of the rest most are booleans.
const NOT_BOOLEAN: &str = " additional_data_center_regions alternative_hosts approval_type \
    approved_or_denied_countries_or_regions audio audio_conference_info authentication_domains \
    authentication_exception authentication_name authentication_option auto_recording breakout_room calendar_type \
    contact_email contact_name continuous_meeting_chat custom_keys encryption_type enforce_login_domains \
    global_dial_in_countries global_dial_in_numbers jbh_time language_interpretation meeting_invitees \
    question_and_answer registration_type resources sign_language_interpretation summary_template_id \
    who_can_ask_questions who_will_receive_summary ";

/// What of a meeting a change is read against: its zone (the account's for a new one), its start and its kind.
#[derive(Clone, Copy)]
pub(super) struct Kept {
    pub(super) zone: Tz,
    pub(super) start: Option<DateTime<Utc>>,
    pub(super) kind: Option<Kind>,
}

impl Kept {
    /// Of a meeting that is not there yet.
    pub(super) const NOTHING: Self = Self { zone: Tz::UTC, start: None, kind: None };
}

/// Checks a request's body.
pub(super) fn check(body: &Map<String, Value>, kept: Kept, now: DateTime<Utc>) -> Result<Change, Vec<FieldIssue>> {
    let mut reading = Reading { change: Change::default(), issues: Vec::new() };
    // The zone comes first: a local start time is read in it.
    if let Some(zone) = body.get("timezone") {
        reading.zone(zone);
    }
    let zone = reading.change.zone.unwrap_or(kept.zone);
    for (name, value) in body.iter().filter(|(name, _)| *name != "timezone") {
        reading.field(name, value, Kept { zone, ..kept }, now);
    }
    if reading.change.kind == Some(Kind::Recurring) && reading.change.recurrence.is_none() {
        reading.wrong("recurrence", "Recurrence is required for a recurring meeting.");
    } else if reading.lacks_start(kept) {
        reading.wrong("start_time", "Start time is required.");
    }
    if reading.issues.is_empty() { Ok(reading.change) } else { Err(reading.issues) }
}

struct Reading {
    change: Change,
    issues: Vec<FieldIssue>,
}

impl Reading {
    fn wrong(&mut self, field: &str, message: &str) {
        self.issues.push(FieldIssue::new(field, message));
    }

    /// Whether a series is to have times and has no first one, or a room that stays is to have a time and has none.
    fn lacks_start(&self, kept: Kept) -> bool {
        let timed = match self.change.kind {
            Some(Kind::Recurring) => true,
            Some(Kind::Scheduled) => kept.kind == Some(Kind::NoFixedTime),
            _ => false,
        };
        timed && self.change.start.or(kept.start).is_none() && self.issues.is_empty()
    }

    fn field(&mut self, name: &str, value: &Value, kept: Kept, now: DateTime<Utc>) {
        match name {
            "topic" => self.change.topic = self.text(name, value, 200),
            "agenda" => self.change.agenda = self.text(name, value, 2000),
            "password" => self.password(value),
            "type" => match value.as_i64().and_then(Kind::from_number) {
                Some(kind) => self.change.kind = Some(kind),
                None => self.wrong(name, "Invalid field."),
            },
            "start_time" => self.start(value, kept, now),
            "duration" => match value.as_i64().filter(|minutes| (1..=1440).contains(minutes)) {
                Some(minutes) => self.change.duration = Some(minutes),
                None => self.wrong(name, "Invalid field."),
            },
            "settings" => match value.as_object() {
                Some(settings) => self.settings(settings),
                None => self.wrong(name, "Invalid field."),
            },
            "recurrence" => match check_recurrence(value) {
                Ok(recurrence) => self.change.recurrence = Some(recurrence),
                Err(issue) => self.issues.push(issue),
            },
            "tracking_fields" => {
                let entry = |field: &Value| {
                    field.get("field").is_some_and(Value::is_string) && field.get("value").is_none_or(Value::is_string)
                };
                match value.as_array().filter(|fields| fields.iter().all(entry)) {
                    Some(_) => self.change.tracking_fields = Some(value.clone()),
                    None => self.wrong(name, "Invalid field."),
                }
            }
            "pre_schedule" => match value.as_bool() {
                Some(flag) => self.change.pre_schedule = Some(flag),
                None => self.wrong(name, "Invalid field."),
            },
            "default_password" if value.is_boolean() => {}
            "schedule_for" if value.is_string() => self.change.schedule_for = value.as_str().map(str::to_owned),
            "template_id" if value.is_string() => {}
            _ => self.wrong(name, "Invalid field."),
        }
    }

    fn text(&mut self, name: &str, value: &Value, most: usize) -> Option<String> {
        let Some(text) = value.as_str() else {
            self.wrong(name, "Invalid field.");
            return None;
        };
        if text.chars().count() > most {
            self.wrong(name, &format!("Invalid field. At most {most} characters."));
            return None;
        }
        Some(text.to_owned())
    }

    fn password(&mut self, value: &Value) {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"@-_*".contains(&byte);
        match value.as_str() {
            Some(text) if text.len() <= 10 && text.bytes().all(allowed) => {
                self.change.password = Some(text.to_owned()).filter(|text| !text.is_empty());
            }
            _ => self.wrong("password", "Invalid field. At most 10 characters of [a-z A-Z 0-9 @ - _ *]."),
        }
    }

    fn zone(&mut self, value: &Value) {
        match value.as_str().and_then(|name| name.parse().ok()) {
            Some(zone) => self.change.zone = Some(zone),
            None => self.wrong("timezone", "Invalid field."),
        }
    }

    fn start(&mut self, value: &Value, kept: Kept, now: DateTime<Utc>) {
        match value.as_str().and_then(|text| read_time(text, kept.zone)) {
            // A minute's grace: clocks differ, and people say "now". A meeting that has begun keeps its start.
            Some(start) if start >= now - TimeDelta::minutes(1) || kept.start == Some(start) => {
                self.change.start = Some(start);
            }
            _ => self.wrong("start_time", "Invalid field."),
        }
    }

    fn settings(&mut self, settings: &Map<String, Value>) {
        for (name, value) in settings {
            let listed = |names: &str| names.split_ascii_whitespace().any(|known| known == name);
            let path = format!("settings.{name}");
            if !listed(SETTINGS) || value.is_null() || (!listed(NOT_BOOLEAN) && !value.is_boolean()) {
                self.wrong(&path, "Invalid field.");
                continue;
            }
            let fits = match name.as_str() {
                "approval_type" => matches!(value.as_i64(), Some(0..=2)),
                "jbh_time" => matches!(value.as_i64(), Some(0 | 5 | 10 | 15)),
                "audio" => matches!(value.as_str(), Some("both" | "telephony" | "voip" | "thirdParty")),
                "auto_recording" => matches!(value.as_str(), Some("local" | "cloud" | "none")),
                "encryption_type" => matches!(value.as_str(), Some("enhanced_encryption" | "e2ee")),
                "alternative_hosts" => value.is_string(),
                "meeting_invitees" => invitees(value),
                _ => true,
            };
            if fits {
                self.change.settings.insert(name.clone(), value.clone());
            } else {
                self.wrong(&path, "Invalid field.");
            }
        }
    }
}

fn invitees(value: &Value) -> bool {
    let invitee = |entry: &Value| entry.get("email").and_then(Value::as_str).is_some_and(|email| email.contains('@'));
    value.as_array().is_some_and(|list| list.iter().all(invitee))
}

/// `yyyy-MM-ddTHH:mm:ssZ` is UTC, `yyyy-MM-ddTHH:mm:ss` is read in `zone`. A time that a clock change skips is none;
/// of one that it doubles the earlier is taken.
fn read_time(text: &str, zone: Tz) -> Option<DateTime<Utc>> {
    let (local, utc) = match text.strip_suffix('Z') {
        Some(local) => (local, true),
        None => (text, false),
    };
    if local.len() != 19 {
        return None;
    }
    let time = NaiveDateTime::parse_from_str(local, "%Y-%m-%dT%H:%M:%S").ok()?;
    if utc {
        return Some(time.and_utc());
    }
    match zone.from_local_datetime(&time) {
        MappedLocalTime::Single(time) | MappedLocalTime::Ambiguous(time, _) => Some(time.to_utc()),
        MappedLocalTime::None => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn issues(body: &Value) -> Vec<String> {
        let now = Utc.with_ymd_and_hms(2026, 11, 22, 9, 41, 0).single().expect("a date");
        let body = body.as_object().expect("an object");
        check(body, Kept::NOTHING, now).err().unwrap_or_default().into_iter().map(|issue| issue.field).collect()
    }

    #[test]
    fn both_forms_of_a_time() {
        let zurich: Tz = "Europe/Zurich".parse().expect("a zone");
        assert_eq!(read_time("2027-03-14T08:30:00Z", zurich), read_time("2027-03-14T09:30:00", zurich));
        assert_eq!(read_time("2027-03-28T02:30:00", zurich), None, "skipped by the clock change");
        for wrong in ["2027-03-14", "2027-03-14T09:30", "2027-03-14T09:30:00+01:00", "2027-02-30T09:30:00", "soon"] {
            assert_eq!(read_time(wrong, zurich), None, "{wrong}");
        }
    }

    #[test]
    fn names_every_field_that_is_off() {
        assert!(issues(&json!({"topic": "Standup", "type": 2, "start_time": "2027-03-14T08:30:00Z"})).is_empty());
        for (body, field) in [
            (json!({"topic": "x".repeat(201)}), "topic"),
            (json!({"topic": null}), "topic"),
            (json!({"agenda": "x".repeat(2001)}), "agenda"),
            (json!({"password": "12345678901"}), "password"),
            (json!({"password": "a b"}), "password"),
            (json!({"type": 7}), "type"),
            (json!({"type": 8}), "recurrence"),
            (json!({"type": 8, "recurrence": {"type": 1}}), "start_time"),
            (json!({"start_time": "2026-11-21T09:41:00Z"}), "start_time"),
            (json!({"timezone": "Mars/Olympus"}), "timezone"),
            (json!({"duration": 0}), "duration"),
            (json!({"duration": "60"}), "duration"),
            (json!({"subject": "x"}), "subject"),
            (json!({"settings": {"waiting_room": "yes"}}), "settings.waiting_room"),
            (json!({"settings": {"waitingRoom": true}}), "settings.waitingRoom"),
            (json!({"settings": {"jbh_time": 7}}), "settings.jbh_time"),
        ] {
            assert_eq!(issues(&body), [field]);
        }
    }
}
