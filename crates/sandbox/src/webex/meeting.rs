//! A meeting as Webex keeps and shows it: a series, also where it takes place once, and its occurrences.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use chrono_tz::Tz;
use serde_json::{Map, Value, json};

use super::draft::{Change, Repeats};
use super::rule::{Rule, stamp};
use super::{options, person_id, site};
use crate::person::Person;
use crate::random::Random;

/// What a series has, and each occurrence may have differently.
#[derive(Clone)]
pub(super) struct Details {
    title: String,
    agenda: String,
    password: String,
    pub(super) start: DateTime<Utc>,
    pub(super) end: DateTime<Utc>,
    pub(super) zone: Tz,
    options: Map<String, Value>,
}

/// A series.
pub(super) struct Meeting {
    pub(super) id: String,
    pub(super) number: String,
    pub(super) host: Person,
    pub(super) details: Details,
    pub(super) rule: Option<Rule>,
    pub(super) tags: Vec<String>,
    /// When each occurrence starts by the rule: what its id is made of.
    starts: Vec<DateTime<Utc>>,
    /// Occurrences that are not as the rule has them; `None` is one that was deleted.
    exceptions: BTreeMap<DateTime<Utc>, Option<Details>>,
    invitees: Value,
    send_email: bool,
    link: String,
    host_key: String,
    phone_password: String,
    access_code: String,
}

/// One occurrence as it is now.
pub(super) struct Occurrence {
    /// When it starts by the rule.
    pub(super) original: DateTime<Utc>,
    pub(super) details: Details,
    pub(super) modified: bool,
}

/// How an answer shows times and for whom.
#[derive(Clone, Copy)]
pub(super) struct View {
    pub(super) now: DateTime<Utc>,
    pub(super) zone: Tz,
}

impl View {
    fn time(self, time: DateTime<Utc>) -> String {
        time.with_timezone(&self.zone).to_rfc3339_opts(SecondsFormat::Secs, true)
    }
}

impl Meeting {
    /// A new meeting; `change` has passed the check for one.
    pub(super) fn create(change: Change, host: Person, now: DateTime<Utc>, random: &mut Random) -> Self {
        let mut meeting = Self {
            id: random.guid().replace('-', ""),
            number: random.number(2_500_000_000, 2_799_999_999).to_string(),
            details: Details {
                title: String::new(),
                agenda: String::new(),
                password: password(random),
                start: now,
                end: now,
                zone: Tz::UTC,
                options: options::defaults(),
            },
            rule: None,
            tags: Vec::new(),
            starts: Vec::new(),
            exceptions: BTreeMap::new(),
            invitees: json!([]),
            send_email: true,
            link: format!("m{}", random.guid().replace('-', "")),
            host_key: random.number(100_000, 999_999).to_string(),
            phone_password: random.number(10_000_000, 99_999_999).to_string(),
            access_code: random.number(2_500_000_000, 2_799_999_999).to_string(),
            host,
        };
        meeting.apply(change);
        meeting
    }

    /// Changes the whole series. Another start, end or rule brings back every occurrence that was an exception.
    pub(super) fn apply(&mut self, mut change: Change) {
        let before = (self.details.start, self.details.end, self.details.zone, self.rule.clone());
        self.invitees = change.invitees.take().unwrap_or_else(|| self.invitees.take());
        self.send_email = change.send_email.unwrap_or(true);
        self.tags = change.tags.take().unwrap_or_else(|| std::mem::take(&mut self.tags));
        match std::mem::take(&mut change.rule) {
            Repeats::AsBefore => {}
            Repeats::Once => self.rule = None,
            Repeats::By(rule) => self.rule = Some(rule),
        }
        self.details.apply(change);
        if before == (self.details.start, self.details.end, self.details.zone, self.rule.clone()) {
            return;
        }
        self.exceptions.clear();
        let alone = vec![self.details.start];
        let starts = self.rule.as_ref().and_then(|rule| rule.starts(self.details.start, self.details.zone).ok());
        self.starts = starts.unwrap_or(alone);
        // A series starts with its first occurrence.
        if let Some(first) = self.starts.first() {
            let length = self.details.end - self.details.start;
            (self.details.start, self.details.end) = (*first, *first + length);
        }
    }

    /// Changes one occurrence, which becomes an exception.
    pub(super) fn apply_to(&mut self, occurrence: Occurrence, change: Change) {
        self.send_email = change.send_email.unwrap_or(true);
        let mut details = occurrence.details;
        details.apply(change);
        self.exceptions.insert(occurrence.original, Some(details));
    }

    /// Deletes one occurrence.
    pub(super) fn cancel(&mut self, original: DateTime<Utc>, send_email: bool) {
        self.send_email = send_email;
        self.exceptions.insert(original, None);
    }

    /// All occurrences that are not deleted, by the rule's order.
    pub(super) fn occurrences(&self) -> impl Iterator<Item = Occurrence> + '_ {
        self.starts.iter().filter_map(|start| self.occurrence_at(*start))
    }

    /// The occurrence whose id ends in `yyyymmddThhmmssZ`.
    pub(super) fn occurrence(&self, suffix: &str) -> Option<Occurrence> {
        let start = stamp(suffix.strip_suffix('Z')?)?.and_utc();
        self.starts.contains(&start).then(|| self.occurrence_at(start)).flatten()
    }

    /// The occurrence that is on or comes next.
    pub(super) fn current(&self, now: DateTime<Utc>) -> Option<Occurrence> {
        self.occurrences().filter(|occurrence| occurrence.details.end > now).min_by_key(|one| one.details.start)
    }

    fn occurrence_at(&self, original: DateTime<Utc>) -> Option<Occurrence> {
        match self.exceptions.get(&original) {
            Some(None) => None,
            Some(Some(details)) => Some(Occurrence { original, details: details.clone(), modified: true }),
            None => {
                let end = original + (self.details.end - self.details.start);
                let details = Details { start: original, end, ..self.details.clone() };
                Some(Occurrence { original, details, modified: false })
            }
        }
    }

    /// The series. `listed` has what the answers of a list and of a change have beside those of the others.
    pub(super) fn series(&self, view: View, listed: bool) -> Value {
        let mut shown = self.show(&self.details, view);
        shown["id"] = json!(self.id);
        shown["meetingType"] = json!("meetingSeries");
        shown["state"] = json!(if self.current(view.now).is_some() { "active" } else { "expired" });
        if listed {
            shown["meetingSeriesId"] = json!(self.id);
        }
        if let Some(rule) = &self.rule {
            shown["recurrence"] = json!(rule.text);
        }
        shown
    }

    /// The series with the times of the occurrence that is on or comes next.
    pub(super) fn series_now(&self, view: View) -> Value {
        let mut shown = self.series(view, true);
        if let Some(occurrence) = self.current(view.now) {
            shown["start"] = json!(view.time(occurrence.details.start));
            shown["end"] = json!(view.time(occurrence.details.end));
        }
        shown
    }

    /// One occurrence.
    pub(super) fn scheduled(&self, occurrence: &Occurrence, view: View) -> Value {
        let mut shown = self.show(&occurrence.details, view);
        shown["id"] = json!(format!("{}_{}", self.id, occurrence.original.format("%Y%m%dT%H%M%SZ")));
        shown["meetingSeriesId"] = json!(self.id);
        shown["meetingType"] = json!("scheduledMeeting");
        shown["state"] = json!(occurrence.state(view.now));
        shown["isModified"] = json!(occurrence.modified);
        shown
    }

    /// The series as the control route shows it.
    pub(super) fn told(&self, now: DateTime<Utc>) -> Value {
        let mut shown = self.series(View { now, zone: Tz::UTC }, true);
        shown["invitees"] = self.invitees.clone();
        shown["sendEmail"] = json!(self.send_email);
        shown
    }

    /// The address of the meeting's page.
    pub(super) fn web_link(&self) -> String {
        let site = site(&self.host);
        let name = site.split('.').next().unwrap_or_default();
        format!("https://{site}/{name}/j.php?MTID={}", self.link)
    }

    fn show(&self, details: &Details, view: View) -> Value {
        let site = site(&self.host);
        let mut shown = details.options.clone();
        // Who hears by their computer alone has no number to call.
        let by_phone = shown["audioConnectionOptions"]["audioConnectionType"] != "VoIP";
        let numbers = if by_phone {
            json!([
                { "label": "US Toll", "callInNumber": "+1-202-555-0143", "tollType": "toll" },
                { "label": "Call-in toll-free number (US/Canada)", "callInNumber": "+1-202-555-0176",
                    "tollType": "tollFree" },
            ])
        } else {
            json!([])
        };
        let own = json!({
            "meetingNumber": self.number,
            "title": details.title,
            "password": details.password,
            "phoneAndVideoSystemPassword": self.phone_password,
            "timezone": details.zone.name(),
            "start": view.time(details.start),
            "end": view.time(details.end),
            "hostUserId": person_id(&self.host),
            "hostDisplayName": self.host.display_name(),
            "hostEmail": self.host.email,
            "hostKey": self.host_key,
            "webLink": self.web_link(),
            "sipAddress": format!("{}@{site}", self.number),
            "dialInIpAddress": "192.0.2.68",
            "siteUrl": site,
            "scheduledType": "meeting",
            "telephony": { "accessCode": self.access_code, "callInNumbers": numbers },
        });
        shown.extend(own.as_object().cloned().unwrap_or_default());
        if !details.agenda.is_empty() {
            shown.insert("agenda".to_owned(), json!(details.agenda));
        }
        if !self.tags.is_empty() {
            shown.insert("integrationTags".to_owned(), json!(self.tags));
        }
        Value::Object(shown)
    }
}

impl Details {
    fn apply(&mut self, change: Change) {
        let set = |text: Option<String>, old: &mut String| *old = text.unwrap_or_else(|| std::mem::take(old));
        set(change.title, &mut self.title);
        set(change.password, &mut self.password);
        set(change.agenda, &mut self.agenda);
        self.start = change.start.unwrap_or(self.start);
        self.end = change.end.unwrap_or(self.end);
        self.zone = change.zone.unwrap_or(self.zone);
        options::merge(&mut self.options, change.options);
    }

    /// Whether any of it is in `from..to`.
    pub(super) fn overlaps(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> bool {
        self.start < to && self.end > from
    }
}

impl Occurrence {
    /// Ready a quarter of an hour ahead; nobody ever joins, so what is over was missed.
    pub(super) fn state(&self, now: DateTime<Utc>) -> &'static str {
        if now >= self.details.end {
            "missed"
        } else if now >= self.details.start - TimeDelta::minutes(15) {
            "ready"
        } else {
            "scheduled"
        }
    }
}

/// A password by the site's rules.
fn password(random: &mut Random) -> String {
    let parts = [(&b"ABCDEFGHJKLMNPQRSTUVWXYZ"[..], 2), (b"abcdefghijkmnpqrstuvwxyz", 7), (b"23456789", 2)];
    parts.into_iter().map(|(letters, count)| random.out_of(letters, count)).collect()
}
