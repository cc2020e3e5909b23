//! A meeting as Zoom keeps it, and as its answers show it.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use chrono_tz::Tz;
use serde_json::{Map, Value, json};

use super::draft::Change;
use super::series::Occurrence;
use crate::person::Person;
use crate::random::Random;

/// Where a list cuts the agenda, in characters.
const LISTED_AGENDA: usize = 250;

/// A meeting's kind: Zoom's `type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// 1: made now.
    Instant,
    /// 2: at one time.
    Scheduled,
    /// 3: repeats without times.
    NoFixedTime,
    /// 8: repeats at times.
    Recurring,
    /// 10: screen share only.
    ScreenShare,
}

impl Kind {
    /// Reads Zoom's number.
    pub(super) fn from_number(number: i64) -> Option<Self> {
        Some(match number {
            1 => Self::Instant,
            2 => Self::Scheduled,
            3 => Self::NoFixedTime,
            8 => Self::Recurring,
            10 => Self::ScreenShare,
            _ => return None,
        })
    }

    /// Zoom's number.
    pub(super) fn number(self) -> i64 {
        match self {
            Self::Instant => 1,
            Self::Scheduled => 2,
            Self::NoFixedTime => 3,
            Self::Recurring => 8,
            Self::ScreenShare => 10,
        }
    }
}

/// A meeting.
pub(super) struct Meeting {
    pub(super) id: i64,
    uuid: String,
    pub(super) host: Person,
    /// Who made it, for themselves or for the host.
    maker: Person,
    created: DateTime<Utc>,
    pub(super) kind: Kind,
    topic: String,
    agenda: String,
    password: String,
    encrypted_password: String,
    start_key: String,
    /// None where the kind has no time.
    pub(super) start: Option<DateTime<Utc>>,
    /// Minutes.
    pub(super) duration: i64,
    pub(super) zone: Tz,
    pub(super) recurrence: Option<Value>,
    pub(super) occurrences: Vec<Occurrence>,
    tracking_fields: Value,
    settings: Map<String, Value>,
    pre_schedule: bool,
}

impl Meeting {
    /// A meeting out of a checked request.
    pub(super) fn create(
        change: Change,
        maker: Person,
        host: Option<Person>,
        now: DateTime<Utc>,
        random: &mut Random,
    ) -> Self {
        // A meeting without a time is one that begins now (the vendor's note on `start_time`).
        let kind = match (change.kind.unwrap_or(Kind::Scheduled), change.start) {
            (Kind::Scheduled, None) => Kind::Instant,
            (kind, _) => kind,
        };
        let mut meeting = Self {
            // 10 or 11 digits, always above 2^31.
            id: random.number(7_000_000_000, 89_999_999_999),
            uuid: format!("{}==", random.text(22).replace(['-', '_'], "+")),
            host: host.unwrap_or_else(|| maker.clone()),
            maker,
            created: now,
            kind,
            topic: "Zoom Meeting".to_owned(),
            agenda: String::new(),
            password: random.out_of(b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789", 8),
            encrypted_password: random.text(32),
            start_key: random.jwt(&json!({"typ": "JWT", "alg": "HS256"}), &json!({"aud": "clientsm"}), 320),
            start: match kind {
                Kind::Instant => Some(now),
                _ => None,
            },
            duration: 60,
            zone: Tz::UTC,
            recurrence: None,
            occurrences: Vec::new(),
            tracking_fields: json!([]),
            settings: default_settings(),
            pre_schedule: false,
        };
        meeting.apply(change);
        meeting
    }

    /// Puts the fields that a checked request names in place of the old ones.
    pub(super) fn apply(&mut self, change: Change) {
        let before = (self.start, self.duration, self.zone, self.recurrence.clone());
        // A meeting made now becomes a scheduled one only by getting a time.
        if self.kind != Kind::Instant || change.start.is_some() {
            self.kind = change.kind.unwrap_or(self.kind);
        }
        self.topic = change.topic.unwrap_or_else(|| std::mem::take(&mut self.topic));
        self.agenda = change.agenda.unwrap_or_else(|| std::mem::take(&mut self.agenda));
        if let Some(password) = change.password {
            // The token in the join link follows the password.
            self.encrypted_password = self.encrypted_password.chars().rev().collect();
            self.password = password;
        }
        self.start = change.start.or(self.start).filter(|_| self.kind != Kind::NoFixedTime);
        self.duration = change.duration.unwrap_or(self.duration);
        self.zone = change.zone.unwrap_or(self.zone);
        self.recurrence = change.recurrence.or_else(|| self.recurrence.take());
        self.tracking_fields = change.tracking_fields.unwrap_or_else(|| self.tracking_fields.take());
        self.pre_schedule = change.pre_schedule.unwrap_or(self.pre_schedule);
        self.settings.extend(change.settings);
        if self.kind != Kind::Recurring {
            self.recurrence = None;
            self.occurrences.clear();
        } else if before != (self.start, self.duration, self.zone, self.recurrence.clone())
            || self.occurrences.is_empty()
        {
            // A series that only repeats what it is keeps what happened to its dates.
            self.occurrences = super::series::occurrences(self);
        }
    }

    /// Whether it is in a person's list: they made it, or are its host.
    pub(super) fn is_of(&self, person: &Person) -> bool {
        self.maker == *person || self.host == *person
    }

    /// The last moment at which the meeting, or its last occurrence, goes on; `None` without a time.
    pub(super) fn ends(&self) -> Option<DateTime<Utc>> {
        let last = self.occurrences.iter().rev().find(|occurrence| !occurrence.deleted);
        let single = self.start.map(|start| start + TimeDelta::minutes(self.duration));
        last.map(|occurrence| occurrence.start + TimeDelta::minutes(occurrence.duration)).or(single)
    }

    fn join_url(&self) -> String {
        format!("https://us05web.zoom.us/j/{}?pwd={}.1", self.id, self.encrypted_password)
    }

    /// One entry of a list.
    pub(super) fn item(&self) -> Value {
        let mut item = json!({
            "uuid": self.uuid,
            "id": self.id,
            "host_id": self.host.short_id(),
            "topic": self.topic,
            "type": self.kind.number(),
            "duration": self.duration,
            "timezone": self.zone.name(),
            "created_at": wire_time(self.created),
            "join_url": self.join_url(),
        });
        if let Some(start) = self.start {
            item["start_time"] = json!(wire_time(start));
        }
        if !self.agenda.is_empty() {
            item["agenda"] = json!(self.agenda.chars().take(LISTED_AGENDA).collect::<String>());
        }
        item
    }

    /// The whole meeting, as its host reads it.
    pub(super) fn full(&self) -> Value {
        let mut full = self.item();
        full["assistant_id"] = json!("");
        full["host_email"] = json!(self.host.email);
        full["agenda"] = json!(self.agenda);
        full["status"] = json!("waiting");
        full["start_url"] = json!(format!("https://us05web.zoom.us/s/{}?zak={}", self.id, self.start_key));
        full["password"] = json!(self.password);
        full["encrypted_password"] = json!(self.encrypted_password);
        full["pstn_password"] = json!(digits(&self.encrypted_password));
        full["h323_password"] = full["pstn_password"].clone();
        full["settings"] = Value::Object(self.settings.clone());
        full["creation_source"] = json!("open_api");
        full["pre_schedule"] = json!(self.pre_schedule);
        full["tracking_fields"] = self.tracking_fields.clone();
        if let Some(recurrence) = &self.recurrence {
            full["recurrence"] = recurrence.clone();
        }
        if self.kind == Kind::Recurring {
            full["occurrences"] = self.occurrences.iter().map(Occurrence::wire).collect();
        }
        full
    }
}

/// UTC with `Z`, whole seconds: the one form in which Zoom answers.
pub(super) fn wire_time(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Six digits out of a text, for passwords that a telephone can dial.
fn digits(text: &str) -> String {
    text.bytes().take(6).map(|byte| char::from(b'0' + byte % 10)).collect()
}

fn default_settings() -> Map<String, Value> {
    let settings = json!({
        "host_video": false, "participant_video": false, "cn_meeting": false, "in_meeting": false,
        "join_before_host": false, "jbh_time": 0, "mute_upon_entry": false, "watermark": false, "use_pmi": false,
        "approval_type": 2, "audio": "both", "auto_recording": "none", "enforce_login": false,
        "enforce_login_domains": "", "alternative_hosts": "", "alternative_host_update_polls": false,
        "close_registration": false, "show_share_button": false, "allow_multiple_devices": false,
        "registrants_confirmation_email": true, "waiting_room": true, "registrants_email_notification": true,
        "meeting_authentication": false, "encryption_type": "enhanced_encryption", "private_meeting": false,
        "email_notification": true, "host_save_video_order": false, "internal_meeting": false,
        "alternative_hosts_email_notification": true, "device_testing": false, "focus_mode": false,
        "meeting_invitees": [],
        // A number out of the range that is kept for fiction.
        "global_dial_in_countries": ["US"],
        "global_dial_in_numbers": [
            { "country": "US", "country_name": "US", "city": "Washington", "number": "+1 2025550100", "type": "toll" },
        ],
    });
    match settings {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
