//! An online meeting as Graph keeps it, and as its answers show it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::TENANT;
use super::draft::Change;
use crate::person::Person;
use crate::random::Random;

/// An online meeting. It is in nobody's calendar.
pub(super) struct OnlineMeeting {
    pub(super) id: String,
    pub(super) organizer: Person,
    pub(super) created: DateTime<Utc>,
    pub(super) external_id: Option<String>,
    pub(super) join_url: String,
    pub(super) start: DateTime<Utc>,
    pub(super) end: DateTime<Utc>,
    thread: String,
    join_id: String,
    passcode: Option<String>,
    conference_id: String,
    subject: Value,
    attendees: Vec<Value>,
    /// The rest of what a request may set, as it stands in answers.
    options: Map<String, Value>,
}

impl OnlineMeeting {
    /// A meeting out of a checked request; without times it is now, for an hour.
    pub(super) fn create(mut change: Change, organizer: Person, now: DateTime<Utc>, random: &mut Random) -> Self {
        let thread = format!("19:meeting_{}@thread.v2", URL_SAFE_NO_PAD.encode(random.guid()));
        let context = format!("{{\"Tid\":\"{TENANT}\",\"Oid\":\"{}\"}}", organizer.guid());
        let id = URL_SAFE_NO_PAD.encode(format!("1*{}*0**{thread}", organizer.guid()));
        let join_url = format!(
            "https://teams.microsoft.com/l/meetup-join/{}/0?context={}",
            lower_percent(&thread),
            lower_percent(&context)
        );
        let digits = random.out_of(b"0123456789", 12);
        let join_id = format!("2{} {} {} {}", &digits[..2], &digits[2..5], &digits[5..8], &digits[8..11]);
        let passcode = random.out_of(b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789", 8);
        let start = change.start.unwrap_or(now);
        let mut meeting = Self {
            id,
            organizer,
            created: now,
            external_id: change.external_id.take(),
            join_url,
            start,
            end: start + chrono::TimeDelta::hours(1),
            thread,
            join_id,
            // A passcode unless the request said that none is wanted.
            passcode: change.passcode_required.unwrap_or(true).then_some(passcode),
            conference_id: random.out_of(b"123456789", 9),
            subject: Value::Null,
            attendees: Vec::new(),
            options: default_options(),
        };
        meeting.apply(change);
        meeting
    }

    /// Puts what a checked request names in place of the old. Attendees are replaced as a whole.
    pub(super) fn apply(&mut self, change: Change) {
        self.start = change.start.unwrap_or(self.start);
        self.end = change.end.unwrap_or(self.end);
        self.subject = change.subject.unwrap_or_else(|| self.subject.take());
        self.attendees = change.attendees.unwrap_or_else(|| std::mem::take(&mut self.attendees));
        for (name, value) in change.options {
            match (self.options.get_mut(&name), value) {
                // A part of an object changes that part.
                (Some(Value::Object(old)), Value::Object(new)) => old.extend(new),
                (_, value) => {
                    self.options.insert(name, value);
                }
            }
        }
    }

    /// Whether the digits of a join id, with blanks or without, are this meeting's.
    pub(super) fn has_join_id(&self, text: &str) -> bool {
        let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
        !text.is_empty() && digits(text) == digits(&self.join_id)
    }

    /// As Graph answers.
    pub(super) fn wire(&self) -> Value {
        let attendee = |attendee: &Value| {
            let upn = attendee.get("upn").cloned().unwrap_or_default();
            let role = attendee.get("role").cloned().unwrap_or_else(|| json!("attendee"));
            let identity = attendee.get("identity").cloned().unwrap_or_default();
            json!({ "upn": upn, "role": role, "identity": identity })
        };
        let mut wire = json!({
            "id": self.id,
            "creationDateTime": wire_time(self.created),
            "startDateTime": wire_time(self.start),
            "endDateTime": wire_time(self.end),
            "joinWebUrl": self.join_url,
            "subject": self.subject,
            "externalId": self.external_id,
            "isBroadcast": false,
            "videoTeleconferenceId": null,
            "participants": {
                "organizer": {
                    "upn": self.organizer.email,
                    "role": "presenter",
                    "identity": { "user": {
                        "id": self.organizer.guid(),
                        "displayName": self.organizer.display_name(),
                    } },
                },
                "attendees": self.attendees.iter().map(attendee).collect::<Vec<_>>(),
            },
            "chatInfo": { "threadId": self.thread, "messageId": "0", "replyChainMessageId": null },
            "joinMeetingIdSettings": {
                "joinMeetingId": self.join_id,
                "passcode": self.passcode,
                "isPasscodeRequired": self.passcode.is_some(),
            },
            "audioConferencing": {
                "conferenceId": self.conference_id,
                "tollNumber": "+12025550100",
                "tollFreeNumber": null,
                "tollNumbers": ["+12025550100"],
                "tollFreeNumbers": [],
                "dialinUrl": format!("https://dialin.teams.microsoft.com/00000000?id={}", self.conference_id),
            },
            "joinInformation": {
                "contentType": "html",
                "content": format!("data:text/html,{}", lower_percent(&format!(
                    "<div><a href=\"{}\">Join the meeting</a></div>", self.join_url
                ))),
            },
        });
        if let Value::Object(fields) = &mut wire {
            fields.extend(self.options.clone());
        }
        wire
    }
}

/// UTC with seven decimals, as .NET writes a time.
pub(super) fn wire_time(time: DateTime<Utc>) -> String {
    format!("{}.{:07}Z", time.format("%Y-%m-%dT%H:%M:%S"), time.timestamp_subsec_nanos() / 100)
}

/// Percent-encoding with small letters, as Teams writes it: never to be normalised by a client.
fn lower_percent(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes())
        .map(|piece| match piece {
            "+" => "%20".to_owned(),
            piece if piece.starts_with('%') => piece.to_ascii_lowercase(),
            piece => piece.to_owned(),
        })
        .collect()
}

fn default_options() -> Map<String, Value> {
    let options = json!({
        "allowedPresenters": "everyone",
        "allowAttendeeToEnableCamera": true,
        "allowAttendeeToEnableMic": true,
        "allowMeetingChat": "enabled",
        "allowTeamworkReactions": true,
        "isEntryExitAnnounced": true,
        "recordAutomatically": false,
        "lobbyBypassSettings": { "scope": "organization", "isDialInBypassEnabled": false },
    });
    match options {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_join_link_keeps_its_small_letters_and_a_time_its_seven_decimals() {
        assert_eq!(lower_percent("19:meeting_x@thread.v2"), "19%3ameeting_x%40thread.v2");
        assert_eq!(lower_percent("{\"Tid\":\"a b\"}"), "%7b%22Tid%22%3a%22a%20b%22%7d");
        let time = "2027-03-14T08:30:00.1234567Z".parse().expect("a time");
        assert_eq!(wire_time(time), "2027-03-14T08:30:00.1234567Z");
    }
}
