//! What a person asked to be made, written down before it is asked for: the register's journal.
//!
//! A create whose answer is lost, or whose program dies, leaves its intent open; looking at the provider settles it. So a
//! meeting is never made twice, and none stands at a provider that the register does not know.

use std::collections::HashSet;

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

use super::{MeetingDraft, ProviderMeeting, SeriesId};
use crate::account::AccountId;

/// The id of an intent: `i-` and twenty characters. Providers that take a key of ours are given it, so it names one
/// meeting for ever.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IntentId(pub String);

/// One meeting that is to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intent {
    /// Its id.
    pub id: IntentId,
    /// The account.
    pub account: AccountId,
    /// The meeting.
    pub draft: MeetingDraft,
    /// When it was journalled.
    pub at: DateTime<Utc>,
    /// The provider's ids that stood before, where the provider can only be told by them.
    pub before: HashSet<String>,
    /// The series of several meetings that it is a part of.
    pub series: Option<SeriesId>,
    /// The provider's id, where it was made and only dates are still to be left out.
    pub made: Option<String>,
    /// The provider's ids of those that it may be; a person has to say.
    pub candidates: Vec<Candidate>,
}

/// A meeting at the provider that may be the one that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// The provider's id.
    pub provider_id: String,
    /// The link for anyone.
    pub join_url: Option<String>,
}

/// What looking at the provider showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// It was not made.
    Nothing,
    /// It was made, and this is it.
    It(Box<ProviderMeeting>),
    /// More than one may be it.
    Several(Vec<Candidate>),
}

/// An intent that is older than this is not carried out any more: nobody waits for it.
const CARRIED_OUT_FOR: Duration = Duration::hours(24);

impl Intent {
    /// One meeting by itself.
    #[must_use]
    pub fn new(id: IntentId, account: AccountId, draft: MeetingDraft, at: DateTime<Utc>) -> Self {
        Self { id, account, draft, at, before: HashSet::new(), series: None, made: None, candidates: Vec::new() }
    }

    /// Whether nobody waits for it any more at `now`: what was made is still looked for, and nothing is made.
    #[must_use]
    pub fn is_stale(&self, now: DateTime<Utc>) -> bool {
        self.draft.time.start_utc() <= now || now - self.at > CARRIED_OUT_FOR
    }

    /// Whether a meeting at the provider has what this one was to have: its subject, its start and its length.
    #[must_use]
    pub fn is_like(&self, meeting: &ProviderMeeting) -> bool {
        let subject = meeting.subject.as_deref().map(str::trim) == Some(self.draft.subject.trim());
        let time = meeting.time.is_some_and(|time| {
            time.start_utc() == self.draft.time.start_utc() && time.minutes == self.draft.time.minutes
        });
        subject && time
    }

    /// Which of `candidates` it is. Of `alike` open intents that ask for the same, any may take any.
    #[must_use]
    pub fn choose(mut candidates: Vec<ProviderMeeting>, alike: usize) -> Found {
        if candidates.is_empty() {
            return Found::Nothing;
        }
        if candidates.len() <= alike.max(1) {
            return Found::It(Box::new(candidates.swap_remove(0)));
        }
        let candidate = |meeting: ProviderMeeting| Candidate {
            provider_id: meeting.provider_id,
            join_url: meeting.join_url.map(|url| url.as_str().to_owned()),
        };
        Found::Several(candidates.into_iter().map(candidate).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_taken_and_two_are_asked_about() {
        let meeting = |id: &str| ProviderMeeting::new(id.to_owned());
        assert_eq!(Intent::choose(vec![], 1), Found::Nothing);
        assert!(matches!(Intent::choose(vec![meeting("1")], 1), Found::It(it) if it.provider_id == "1"));
        assert!(matches!(Intent::choose(vec![meeting("1"), meeting("2")], 1), Found::Several(both) if both.len() == 2));
        assert!(matches!(Intent::choose(vec![meeting("1"), meeting("2")], 2), Found::It(_)), "two of ours, alike");
    }
}
