//! What a create or an update says about a meeting, checked as GoToMeeting checks it: always all seven fields.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::Refusal;

/// The seven fields.
const FIELDS: [&str; 7] =
    ["subject", "starttime", "endtime", "passwordrequired", "conferencecallinfo", "timezonekey", "meetingtype"];

/// The most characters of a subject; an entity is one.
const LONGEST_SUBJECT: usize = 100;
/// The most characters of an own text about audio.
const LONGEST_AUDIO: usize = 255;

/// A request's fields. Texts stand as they were sent, with their entities.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Draft {
    pub(super) subject: String,
    pub(super) start: DateTime<Utc>,
    pub(super) end: DateTime<Utc>,
    pub(super) password_required: bool,
    pub(super) audio: String,
    pub(super) kind: Kind,
}

/// A meeting's kind: `meetingtype`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Made to begin now.
    Immediate,
    /// At one time.
    Scheduled,
    /// A room that stays.
    Recurring,
}

impl Kind {
    fn from_word(word: &str) -> Option<Self> {
        [Self::Immediate, Self::Scheduled, Self::Recurring].into_iter().find(|kind| kind.word() == word)
    }

    /// GoToMeeting's word.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Immediate => "immediate",
            Self::Scheduled => "scheduled",
            Self::Recurring => "recurring",
        }
    }
}

/// Checks a body. Every refusal names its field.
pub(super) fn check(body: &Map<String, Value>) -> Result<Draft, Refusal> {
    if let Some(unknown) = body.keys().find(|name| !FIELDS.contains(&name.as_str())) {
        return Err(Refusal::invalid(format!("Unrecognized field: {unknown}")));
    }
    if let Some(missing) = FIELDS.iter().find(|name| !body.contains_key(**name)) {
        return Err(Refusal::invalid(format!("Required field is missing: {missing}")));
    }
    let text = |name: &str| body[name].as_str().ok_or_else(|| Refusal::invalid(format!("{name} must be a text")));
    let time = |name: &str| {
        read_time(text(name)?).ok_or_else(|| Refusal::invalid(format!("{name} must be UTC, as 2015-07-01T22:00:00Z")))
    };
    let subject = text("subject")?;
    match decoded_length(subject) {
        None => return Err(Refusal::invalid("subject: the characters <, > and & must be sent as entities")),
        Some(0) => return Err(Refusal::invalid("subject must not be empty")),
        Some(length) if length > LONGEST_SUBJECT => {
            return Err(Refusal::invalid("subject has at most 100 characters"));
        }
        Some(_) => {}
    }
    let (start, end) = (time("starttime")?, time("endtime")?);
    if end <= start {
        return Err(Refusal::invalid("endtime must be after starttime"));
    }
    let password_required =
        body["passwordrequired"].as_bool().ok_or_else(|| Refusal::invalid("passwordrequired must be true or false"))?;
    let audio = text("conferencecallinfo")?;
    if audio.trim().is_empty() || audio.chars().count() > LONGEST_AUDIO {
        return Err(Refusal::invalid("conferencecallinfo has 1 to 255 characters"));
    }
    if !text("timezonekey")?.is_empty() {
        return Err(Refusal::invalid("timezonekey must be an empty text"));
    }
    let kind = Kind::from_word(text("meetingtype")?)
        .ok_or_else(|| Refusal::invalid("meetingtype must be immediate, scheduled or recurring"))?;
    Ok(Draft { subject: subject.to_owned(), start, end, password_required, audio: audio.to_owned(), kind })
}

/// `2015-07-01T22:00:00Z`, with a fraction of a second or without; no other offset.
pub(super) fn read_time(text: &str) -> Option<DateTime<Utc>> {
    let utc = text.ends_with('Z') && text.as_bytes().get(10) == Some(&b'T');
    utc.then(|| DateTime::parse_from_rfc3339(text).ok()).flatten().map(|time| time.to_utc())
}

/// The characters of a text whose entities count as one each; `None` where a `<`, `>` or `&` is none.
fn decoded_length(text: &str) -> Option<usize> {
    let mut length = 0;
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let width = match first {
            '<' | '>' => return None,
            '&' => entity(rest)?,
            other => other.len_utf8(),
        };
        rest = &rest[width..];
        length += 1;
    }
    Some(length)
}

/// The length of the entity that a text begins with: `&amp;`, `&#39;` or `&#x27;`.
fn entity(text: &str) -> Option<usize> {
    let name = text.strip_prefix('&')?.split_once(';')?.0;
    let good = match name.strip_prefix('#') {
        None => {
            name.starts_with(|first: char| first.is_ascii_alphabetic())
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
        }
        Some(number) => match number.strip_prefix(['x', 'X']) {
            Some(hex) => !hex.is_empty() && hex.bytes().all(|byte| byte.is_ascii_hexdigit()),
            None => !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()),
        },
    };
    good.then_some(name.len() + 2)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn body(name: &str, value: Value) -> Map<String, Value> {
        let body = json!({
            "subject": "R&amp;D &lt;all&gt;", "starttime": "2027-03-14T08:30:00Z", "endtime": "2027-03-14T09:30:00Z",
            "passwordrequired": false, "conferencecallinfo": "Hybrid", "timezonekey": "", "meetingtype": "scheduled",
        });
        let Value::Object(mut body) = body else { panic!("an object") };
        if value.is_null() {
            body.remove(name);
        } else {
            body.insert(name.to_owned(), value);
        }
        body
    }

    #[test]
    fn all_seven_and_nothing_else() {
        let good = check(&body("meetingtype", json!("recurring"))).expect("a draft");
        assert_eq!((good.subject.as_str(), good.kind), ("R&amp;D &lt;all&gt;", Kind::Recurring));
        for field in FIELDS {
            for wrong in [Value::Null, json!(1), json!({})] {
                let message = check(&body(field, wrong.clone())).expect_err("refused").message;
                assert!(message.contains(field), "{field}: {wrong}: {message}");
            }
        }
        for (field, wrong) in [
            ("subject", json!("")),
            ("subject", json!("x".repeat(101))),
            ("subject", json!("a < b")),
            ("subject", json!("a > b")),
            ("subject", json!("R&D; x & y")),
            ("subject", json!("&#;")),
            ("starttime", json!("2027-03-14T09:30:00+01:00")),
            ("starttime", json!("2027-03-14T08:30:00")),
            ("starttime", json!("2027-03-14 08:30:00Z")),
            ("endtime", json!("2027-03-14T08:30:00Z")),
            ("passwordrequired", json!("false")),
            ("conferencecallinfo", json!("x".repeat(256))),
            ("timezonekey", json!("Europe/Zurich")),
            ("meetingtype", json!("Scheduled")),
            ("agenda", json!("x")),
        ] {
            let message = check(&body(field, wrong.clone())).expect_err("refused").message;
            assert!(message.contains(field), "{field}: {wrong}: {message}");
        }
    }

    #[test]
    fn an_entity_is_one_character() {
        assert_eq!(decoded_length(&"&amp;".repeat(100)), Some(100));
        assert_eq!(decoded_length("&#39;&#x27;Käse"), Some(6));
        assert_eq!(decoded_length("&;"), None);
        assert_eq!(decoded_length("R&D"), None);
    }
}
