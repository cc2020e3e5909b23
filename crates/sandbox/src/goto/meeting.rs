//! A meeting as GoToMeeting keeps it, and as each of its answers shows it.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use super::draft::{Draft, Kind};
use crate::person::Person;

/// How many people a meeting holds.
const MOST_PARTICIPANTS: i64 = 250;

/// A meeting.
pub(super) struct Meeting {
    pub(super) id: i64,
    pub(super) organizer: Person,
    pub(super) draft: Draft,
}

impl Meeting {
    /// Whether its time is over; a room that stays is never over.
    pub(super) fn is_over(&self, now: DateTime<Utc>) -> bool {
        self.draft.kind != Kind::Recurring && self.draft.end <= now
    }

    fn minutes(&self) -> i64 {
        (self.draft.end - self.draft.start).num_minutes()
    }

    /// The answer to a create: the only one with the link.
    pub(super) fn created(&self, base_url: &str) -> Value {
        json!({
            "joinURL": format!("{base_url}/goto/join/{}", self.id),
            "meetingid": self.id,
            "uniqueMeetingId": self.id,
            "conferenceCallInfo": self.draft.audio,
            "maxParticipants": MOST_PARTICIPANTS,
        })
    }

    /// As it is read by its id.
    pub(super) fn full(&self) -> Value {
        json!({
            "meetingId": self.id,
            "uniqueMeetingId": self.id,
            "meetingKey": self.id,
            "subject": self.draft.subject,
            "startTime": wire_time(self.draft.start),
            "endTime": wire_time(self.draft.end),
            "createTime": "",
            "duration": self.minutes(),
            "status": "INACTIVE",
            "meetingType": self.draft.kind.word(),
            "passwordRequired": self.draft.password_required,
            "conferenceCallInfo": self.draft.audio,
            "maxParticipants": MOST_PARTICIPANTS,
        })
    }

    /// As it is read by its id, and whose it is, which that answer does not tell.
    pub(super) fn told(&self) -> Value {
        let mut told = self.full();
        told["organizerEmail"] = json!(self.organizer.email);
        told
    }

    /// An entry of a list, with what both lists have.
    fn item(&self) -> Value {
        let (first, last) = self.organizer.names();
        json!({
            // A text here, a number elsewhere.
            "meetingId": self.id.to_string(),
            "subject": self.draft.subject,
            "startTime": wire_time(self.draft.start),
            "endTime": wire_time(self.draft.end),
            "meetingType": self.draft.kind.word(),
            "conferenceCallInfo": self.draft.audio,
            "firstName": first,
            "lastName": last,
            "email": self.organizer.email,
            "locale": "en_US",
            "organizerKey": key(&self.organizer),
            "accountKey": account_key(&self.organizer),
        })
    }

    /// An entry of `upcomingMeetings`.
    pub(super) fn upcoming(&self) -> Value {
        let mut item = self.item();
        item["status"] = json!("INACTIVE");
        item["passwordRequired"] = json!(self.draft.password_required);
        item
    }

    /// An entry of `historicalMeetings`: its numbers are texts.
    pub(super) fn historical(&self) -> Value {
        let mut item = self.item();
        item["duration"] = json!(self.minutes().to_string());
        item["numAttendees"] = json!("1");
        item["sessionId"] = json!((self.id + 1).to_string());
        item
    }
}

/// UTC with `Z`, whole seconds.
fn wire_time(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// A person's key: nineteen digits.
pub(super) fn key(person: &Person) -> String {
    digits(&person.guid())
}

/// The key of a person's company: their mail domain's.
fn account_key(person: &Person) -> String {
    let domain = person.email.split('@').next_back().unwrap_or_default();
    digits(&Person { email: domain.to_owned() }.guid())
}

fn digits(guid: &str) -> String {
    let digit = |byte: u8| char::from(b'1' + byte % 9);
    guid.bytes().filter(u8::is_ascii_hexdigit).take(19).map(digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_digits_and_a_persons_own() {
        let person = |email: &str| Person::from_address(email).expect("an address");
        let (ana, ben) = (person("ana@example.com"), person("ben@example.com"));
        assert!(key(&ana).len() == 19 && key(&ana).bytes().all(|byte| byte.is_ascii_digit()));
        assert_ne!(key(&ana), key(&ben));
        assert_eq!(account_key(&ana), account_key(&ben));
    }
}
