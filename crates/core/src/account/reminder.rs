//! When a person is told that a sign-in ends: a week before, a day before, and when it has ended. Pure; the shell shows it.
//!
//! Each is said once in a sign-in's time. What was told carries the date by which to sign in, so that a program that starts again
//! stays silent and a new sign-in is watched anew; that one has ended is told again only after it worked in between.

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

use crate::{account::AccountHealth, error::ErrorCode, service::code_text, view::AccountView};

/// What a person is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReminderKind {
    /// A week is left, or less.
    Week,
    /// A day is left, or less.
    Day,
    /// Nothing works there any more until the person signs in.
    Now,
}

impl ReminderKind {
    /// How long before the end it is said.
    const fn lead(self) -> Duration {
        match self {
            Self::Week => Duration::days(7),
            Self::Day => Duration::days(1),
            Self::Now => Duration::zero(),
        }
    }
}

/// One reminder of one account: due, or told before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reminder {
    /// What is said.
    pub kind: ReminderKind,
    /// The date by which to sign in; for [`ReminderKind::Now`] the last success.
    pub for_at: DateTime<Utc>,
}

impl Reminder {
    /// Whether `told` said the same in the same time of sign-in. A date that moves by less than the reminder's lead is the
    /// same end, told more exactly; a new sign-in moves it by more.
    fn was_told(self, told: &[Self]) -> bool {
        told.iter().filter(|one| one.kind == self.kind).any(|one| match self.kind {
            // It is forgotten when the account works again.
            ReminderKind::Now => true,
            kind => self.for_at - one.for_at < kind.lead(),
        })
    }
}

/// What the person has to be told of this account now, where it was not told before.
#[must_use]
pub fn reminder_due(account: &AccountView, now: DateTime<Utc>, told: &[Reminder]) -> Option<Reminder> {
    let reminder = match account.health {
        AccountHealth::NeedsSignIn if chosen_by_the_person(account) => return None,
        AccountHealth::NeedsSignIn => {
            Reminder { kind: ReminderKind::Now, for_at: account.last_refresh.unwrap_or(DateTime::UNIX_EPOCH) }
        }
        AccountHealth::Expiring => {
            let for_at = account.sign_in_by?;
            let near = |kind: &ReminderKind| for_at - now <= kind.lead();
            // The nearer one takes the other's place: who was away for the week is told once.
            Reminder { kind: [ReminderKind::Day, ReminderKind::Week].into_iter().find(near)?, for_at }
        }
        AccountHealth::Ok | AccountHealth::Unreachable | AccountHealth::Locked => return None,
    };
    (!reminder.was_told(told)).then_some(reminder)
}

/// Who changed the organisation knows that its accounts want a new sign-in.
fn chosen_by_the_person(account: &AccountView) -> bool {
    account.health_reason.as_deref() == Some(code_text(ErrorCode::OtherOrganisation).as_str())
}

/// How many days are left, as people count: one for anything up to a day, none where it is over.
#[must_use]
pub fn days_left(by: DateTime<Utc>, now: DateTime<Utc>) -> u32 {
    const DAY: i64 = 24 * 60 * 60;
    let seconds = (by - now).num_seconds().max(0);
    u32::try_from((seconds + DAY - 1) / DAY).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::{AccountId, ProviderKind};

    const END: &str = "2027-03-14T09:00:00Z";

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn account(health: AccountHealth, sign_in_by: Option<&str>) -> AccountView {
        AccountView {
            id: AccountId::parse("zoom-abc234").unwrap(),
            provider: ProviderKind::Zoom,
            label: "Work".to_owned(),
            identity: "ana@example.com".to_owned(),
            scopes: Vec::new(),
            health,
            health_reason: None,
            sign_in_by: sign_in_by.map(at),
            expires_at: None,
            last_refresh: Some(at("2027-02-01T08:00:00Z")),
            next_check: None,
        }
    }

    /// What is said when the program looks at these times, one after the other.
    fn said(account: &AccountView, told: &mut Vec<Reminder>, times: &[&str]) -> Vec<Option<ReminderKind>> {
        let look = |time: &&str| {
            let due = reminder_due(account, at(time), told);
            told.extend(due);
            due.map(|reminder| reminder.kind)
        };
        times.iter().map(look).collect()
    }

    #[test]
    fn a_week_and_a_day_before_are_each_said_once() {
        let account = account(AccountHealth::Expiring, Some(END));
        let times = [
            "2027-03-07T08:59:59Z",
            "2027-03-07T09:00:00Z",
            "2027-03-07T09:01:00Z",
            "2027-03-13T08:59:59Z",
            "2027-03-13T09:00:00Z",
            "2027-03-13T09:01:00Z",
            "2027-03-15T00:00:00Z",
        ];
        let expected = [None, Some(ReminderKind::Week), None, None, Some(ReminderKind::Day), None, None];
        assert_eq!(said(&account, &mut Vec::new(), &times), expected);
    }

    #[test]
    fn who_was_away_for_the_week_is_told_once() {
        let account = account(AccountHealth::Expiring, Some(END));
        let times = ["2027-03-13T20:00:00Z", "2027-03-13T20:01:00Z"];
        assert_eq!(said(&account, &mut Vec::new(), &times), [Some(ReminderKind::Day), None]);
    }

    #[test]
    fn an_end_is_said_once_until_the_account_has_worked_again() {
        let ended = account(AccountHealth::NeedsSignIn, None);
        let mut told = Vec::new();
        let times = ["2027-03-14T09:00:00Z", "2027-03-14T09:01:00Z", "2027-05-01T00:00:00Z"];
        assert_eq!(said(&ended, &mut told, &times), [Some(ReminderKind::Now), None, None]);
        // What was told is forgotten when the account works again.
        told.clear();
        assert_eq!(said(&ended, &mut told, &["2027-06-01T00:00:00Z"]), [Some(ReminderKind::Now)]);
    }

    #[test]
    fn a_new_sign_in_is_watched_anew_and_a_date_told_more_exactly_is_not() {
        let mut told = Vec::new();
        let first = account(AccountHealth::Expiring, Some(END));
        assert_eq!(said(&first, &mut told, &["2027-03-10T00:00:00Z"]), [Some(ReminderKind::Week)]);
        for moved in ["2027-03-14T09:20:00Z", "2027-03-12T00:00:00Z", "2027-03-16T00:00:00Z"] {
            let moved = account(AccountHealth::Expiring, Some(moved));
            assert_eq!(said(&moved, &mut told, &["2027-03-10T01:00:00Z"]), [None]);
        }
        let renewed = account(AccountHealth::Expiring, Some("2027-06-08T00:00:00Z"));
        assert_eq!(said(&renewed, &mut told, &["2027-06-02T00:00:00Z"]), [Some(ReminderKind::Week)]);
    }

    #[test]
    fn what_works_or_waits_by_itself_says_nothing() {
        for health in [AccountHealth::Ok, AccountHealth::Unreachable, AccountHealth::Locked] {
            assert_eq!(reminder_due(&account(health, Some(END)), at(END), &[]), None);
        }
        assert_eq!(reminder_due(&account(AccountHealth::Expiring, None), at(END), &[]), None, "no date to name");
        let moved = AccountView {
            health_reason: Some("other_organisation".to_owned()),
            ..account(AccountHealth::NeedsSignIn, None)
        };
        assert_eq!(reminder_due(&moved, at(END), &[]), None, "the person knows");
    }

    #[test]
    fn days_are_counted_as_people_do() {
        let left = |now: &str| days_left(at(END), at(now));
        assert_eq!(left("2027-03-11T09:00:00Z"), 3);
        assert_eq!(left("2027-03-11T09:00:01Z"), 3);
        assert_eq!(left("2027-03-11T08:59:59Z"), 4);
        assert_eq!(left("2027-03-14T08:59:59Z"), 1);
        assert_eq!(left(END), 0);
        assert_eq!(left("2027-04-01T00:00:00Z"), 0);
    }
}
