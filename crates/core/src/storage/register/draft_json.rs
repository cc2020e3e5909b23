//! A draft as the journal keeps it: JSON, read back strictly.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::meeting::{MeetingDraft, MeetingOptions, MeetingTime, Recurrence, Rule, SeriesForm, parse_zone};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    subject: String,
    start: DateTime<Utc>,
    minutes: u32,
    zone: String,
    agenda: String,
    invitees: Vec<String>,
    recurrence: Option<StoredRecurrence>,
    options: MeetingOptions,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredRecurrence {
    rule: String,
    exceptions: Vec<chrono::NaiveDateTime>,
    form: SeriesForm,
}

/// The draft as text.
pub(super) fn text(draft: &MeetingDraft) -> String {
    let stored = Stored {
        subject: draft.subject.clone(),
        start: draft.time.start_utc(),
        minutes: draft.time.minutes,
        zone: draft.time.zone().name().to_owned(),
        agenda: draft.agenda.clone(),
        invitees: draft.invitees.clone(),
        recurrence: draft.recurrence.as_ref().map(|series| StoredRecurrence {
            rule: series.rule.text(),
            exceptions: series.exceptions.clone(),
            form: series.form,
        }),
        options: draft.options.clone(),
    };
    // Texts, numbers and lists of them: there is nothing in it that could fail; the empty text reads back as damage.
    serde_json::to_string(&stored).unwrap_or_default()
}

/// Reads what [`text`] wrote.
pub(super) fn read(text: &str) -> Option<MeetingDraft> {
    let stored: Stored = serde_json::from_str(text).ok()?;
    let zone = parse_zone(&stored.zone)?;
    let recurrence = match stored.recurrence {
        None => None,
        Some(StoredRecurrence { rule, exceptions, form }) => {
            Some(Recurrence { rule: Rule::parse(&rule, zone).ok()?, exceptions, form })
        }
    };
    Some(MeetingDraft {
        subject: stored.subject,
        time: MeetingTime { start: stored.start.with_timezone(&zone), minutes: stored.minutes },
        agenda: stored.agenda,
        invitees: stored.invitees,
        recurrence,
        options: stored.options,
    })
}
