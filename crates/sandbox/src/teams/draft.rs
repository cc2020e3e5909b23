//! What a request says about an online meeting, checked as Graph checks it.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::Refusal;

/// The properties of a request that hold something.
#[derive(Default)]
pub(super) struct Change {
    pub(super) start: Option<DateTime<Utc>>,
    pub(super) end: Option<DateTime<Utc>>,
    /// A text or null.
    pub(super) subject: Option<Value>,
    pub(super) attendees: Option<Vec<Value>>,
    pub(super) passcode_required: Option<bool>,
    pub(super) external_id: Option<String>,
    pub(super) options: Map<String, Value>,
}

/// What a request is for: each allows other properties.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// `POST`.
    Create,
    /// `POST …/createOrGet`: few properties.
    CreateOrGet,
    /// `PATCH`: not what is fixed at creation.
    Update,
}

/// Checks a body. Start and end come together where a meeting is changed, and in order.
pub(super) fn check(body: &Map<String, Value>, purpose: Purpose) -> Result<Change, Refusal> {
    let mut change = Change::default();
    for (name, value) in body {
        property(&mut change, name, value, purpose)?;
    }
    let without_start = change.start.is_none() && change.end.is_some();
    if without_start || (purpose == Purpose::Update && change.start.is_some() != change.end.is_some()) {
        return Err(Refusal::bad("Both startDateTime and endDateTime must be specified."));
    }
    if let (Some(start), Some(end)) = (change.start, change.end)
        && end <= start
    {
        return Err(Refusal::bad("EndDateTime must be after StartDateTime."));
    }
    Ok(change)
}

fn property(change: &mut Change, name: &str, value: &Value, purpose: Purpose) -> Result<(), Refusal> {
    let unknown =
        || Refusal::bad(format!("The property '{name}' does not exist on type 'microsoft.graph.onlineMeeting'."));
    let wrong = || Refusal::bad(format!("Invalid value specified for property '{name}' of resource 'onlineMeeting'."));
    match name {
        "startDateTime" => change.start = Some(time(value).ok_or_else(wrong)?),
        "endDateTime" => change.end = Some(time(value).ok_or_else(wrong)?),
        "subject" => {
            if !value.is_string() && !value.is_null() {
                return Err(wrong());
            }
            change.subject = Some(value.clone());
        }
        "participants" => change.attendees = participants(value, purpose)?,
        "externalId" if purpose != Purpose::Update => {
            let text = value.as_str().filter(|text| !text.is_empty()).ok_or_else(wrong)?;
            change.external_id = Some(text.to_owned());
        }
        "chatInfo" if purpose == Purpose::CreateOrGet && value.is_object() => {}
        _ if purpose == Purpose::CreateOrGet => return Err(unknown()),
        "joinMeetingIdSettings" => {
            if purpose == Purpose::Update {
                return Err(Refusal::bad("joinMeetingIdSettings cannot be changed after the meeting was created."));
            }
            let required = value.get("isPasscodeRequired").and_then(Value::as_bool);
            if value.as_object().is_none_or(|fields| fields.len() != 1) || required.is_none() {
                return Err(wrong());
            }
            change.passcode_required = required;
        }
        "allowedPresenters" => one_of(value, &["everyone", "organization", "roleIsPresenter", "organizer"], wrong)?,
        "allowMeetingChat" => one_of(value, &["enabled", "disabled", "limited"], wrong)?,
        "lobbyBypassSettings" => lobby(value, wrong)?,
        "allowAttendeeToEnableCamera"
        | "allowAttendeeToEnableMic"
        | "allowTeamworkReactions"
        | "isEntryExitAnnounced"
        | "recordAutomatically"
            if value.is_boolean() => {}
        "allowAttendeeToEnableCamera"
        | "allowAttendeeToEnableMic"
        | "allowTeamworkReactions"
        | "isEntryExitAnnounced"
        | "recordAutomatically" => return Err(wrong()),
        "id"
        | "joinWebUrl"
        | "creationDateTime"
        | "audioConferencing"
        | "joinInformation"
        | "externalId"
        | "videoTeleconferenceId"
        | "chatInfo" => {
            return Err(Refusal::bad(format!("The property '{name}' is read-only.")));
        }
        _ => return Err(unknown()),
    }
    if name.starts_with("allow")
        || matches!(name, "lobbyBypassSettings" | "isEntryExitAnnounced" | "recordAutomatically")
    {
        change.options.insert(name.to_owned(), value.clone());
    }
    Ok(())
}

fn one_of(value: &Value, words: &[&str], wrong: impl Fn() -> Refusal) -> Result<(), Refusal> {
    value.as_str().filter(|word| words.contains(word)).map(|_| ()).ok_or_else(wrong)
}

fn lobby(value: &Value, wrong: impl Fn() -> Refusal) -> Result<(), Refusal> {
    let scopes =
        ["organizer", "organization", "organizationAndFederated", "everyone", "invited", "organizationExcludingGuests"];
    for (name, value) in value.as_object().ok_or_else(&wrong)? {
        match name.as_str() {
            "scope" => one_of(value, &scopes, &wrong)?,
            "isDialInBypassEnabled" if value.is_boolean() => {}
            _ => return Err(wrong()),
        }
    }
    Ok(())
}

fn participants(value: &Value, purpose: Purpose) -> Result<Option<Vec<Value>>, Refusal> {
    let wrong = || Refusal::bad("Invalid value specified for property 'participants' of resource 'onlineMeeting'.");
    let fields = value.as_object().ok_or_else(wrong)?;
    if purpose == Purpose::Update && fields.contains_key("organizer") {
        return Err(Refusal::bad("The organizer of a meeting cannot be changed."));
    }
    if fields.keys().any(|name| !matches!(name.as_str(), "attendees" | "organizer")) {
        return Err(wrong());
    }
    let Some(attendees) = fields.get("attendees") else { return Ok(None) };
    let attendees = attendees.as_array().ok_or_else(wrong)?;
    for attendee in attendees {
        let named = attendee.get("upn").is_some_and(Value::is_string) || attendee.get("identity").is_some();
        let fields = attendee.as_object().ok_or_else(wrong)?;
        let known = fields.keys().all(|name| matches!(name.as_str(), "upn" | "identity" | "role"));
        if !named || !known {
            return Err(wrong());
        }
        if let Some(role) = fields.get("role") {
            one_of(role, &["attendee", "presenter", "producer", "coorganizer"], wrong)?;
        }
    }
    Ok(Some(attendees.clone()))
}

/// A time with its offset; without one it is none (`DateTimeOffset`).
fn time(value: &Value) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(value.as_str()?).ok().map(|time| time.to_utc())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn message(body: &Value, purpose: Purpose) -> Option<String> {
        check(body.as_object().expect("an object"), purpose).err().map(|refusal| refusal.message)
    }

    #[test]
    fn start_and_end_belong_together() {
        let start = json!({"startDateTime": "2027-03-14T09:30:00+01:00"});
        assert!(message(&start, Purpose::Create).is_none());
        assert!(message(&start, Purpose::Update).is_some_and(|text| text.contains("Both")));
        let end = json!({"endDateTime": "2027-03-14T09:30:00Z"});
        assert!(message(&end, Purpose::Create).is_some());
        let backwards = json!({"startDateTime": "2027-03-14T09:30:00Z", "endDateTime": "2027-03-14T09:00:00Z"});
        assert!(message(&backwards, Purpose::Create).is_some_and(|text| text.contains("after")));
        assert!(message(&json!({"startDateTime": "2027-03-14T09:30:00"}), Purpose::Create).is_some());
    }

    #[test]
    fn refuses_what_graph_has_not_or_fixes() {
        for (body, purpose) in [
            (json!({"topic": "x"}), Purpose::Create),
            (json!({"joinWebUrl": "https://example.com"}), Purpose::Update),
            (json!({"joinMeetingIdSettings": {"isPasscodeRequired": true}}), Purpose::Update),
            (json!({"participants": {"organizer": {"upn": "ben@example.com"}}}), Purpose::Update),
            (json!({"participants": {"attendees": [{"email": "ben@example.com"}]}}), Purpose::Create),
            (json!({"allowedPresenters": "nobody"}), Purpose::Create),
            (json!({"lobbyBypassSettings": {"scope": "all"}}), Purpose::Create),
            (json!({"recordAutomatically": "yes"}), Purpose::Create),
            (json!({"externalId": ""}), Purpose::Create),
            (json!({"externalId": "x"}), Purpose::Update),
            (json!({"chatInfo": {}}), Purpose::Create),
            (json!({"externalId": "x", "recordAutomatically": true}), Purpose::CreateOrGet),
        ] {
            assert!(message(&body, purpose).is_some(), "{body}");
        }
        let good = json!({"subject": null, "lobbyBypassSettings": {"scope": "everyone"}, "recordAutomatically": true,
            "participants": {"attendees": [{"upn": "ben@example.com", "role": "presenter"}]}});
        assert!(message(&good, Purpose::Update).is_none());
    }
}
