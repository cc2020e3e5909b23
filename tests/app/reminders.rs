//! What is due is told once, over restarts too, and to nobody who does not want it; and what a reminder says.

use std::{path::Path, sync::Arc};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use convoke_core::{
    account::{
        Account, AccountHealth, AccountId, Identity, ProviderKind,
        reminder::{Reminder, ReminderKind},
    },
    clock::uptime_by,
    profile::Profile,
    service::{Core, Setup},
    storage::register::Register,
    view::AccountView,
};
use convoke_desktop::{notification::Notification, reminders::worded, words::Words};
use convoke_harness::PrivateDir;

use crate::fixture::{NOWHERE, NoKeyring};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn core(home: &Path) -> Core {
    let now = at("2027-03-10T09:00:00Z");
    Core::open(Setup {
        home: home.to_owned(),
        started_profile: Some(Profile::parse(NOWHERE).unwrap()),
        clock: Arc::new(move || now),
        uptime: uptime_by(Arc::new(move || now)),
        credentials: Arc::new(NoKeyring),
        ca_file: None,
        system_zone: Tz::Europe__Zurich,
    })
    .unwrap()
}

/// An account whose sign-in has ended.
fn ended(last_refresh: &str) -> Account {
    let profile = Profile::parse(NOWHERE).unwrap();
    let identity = Identity { subject: "u1".to_owned(), address: "ana@example.com".to_owned(), name: None };
    let (id, kind) = (AccountId::parse("zoom-abc234").unwrap(), ProviderKind::Zoom);
    Account {
        label: "Work".to_owned(),
        health: AccountHealth::NeedsSignIn,
        health_reason: Some("sign_in_required".to_owned()),
        last_refresh: Some(at(last_refresh)),
        ..Account::new(id, kind, identity, profile.binding(kind).unwrap())
    }
}

#[test]
fn each_is_told_once_and_again_after_a_new_sign_in() {
    let home = PrivateDir::new("reminders");
    let register = Register::open(&home.path().join("register.sqlite")).unwrap();
    register.put_account(&ended("2027-03-01T08:00:00.123456Z")).unwrap();
    let due = core(home.path()).due_reminders().unwrap();
    let [(account, reminder)] = due.as_slice() else { panic!("{due:?}") };
    assert_eq!(reminder.kind, ReminderKind::Now);
    assert_eq!(core(home.path()).due_reminders().unwrap().len(), 1, "what was not told stays due");

    core(home.path()).note_told(&account.id, *reminder).unwrap();
    assert_eq!(core(home.path()).due_reminders().unwrap(), [], "not again after a restart");

    register.put_account(&Account { health: AccountHealth::Ok, ..ended("2027-03-09T08:00:00Z") }).unwrap();
    assert_eq!(core(home.path()).due_reminders().unwrap(), []);
    register.put_account(&ended("2027-03-09T08:00:00Z")).unwrap();
    assert_eq!(core(home.path()).due_reminders().unwrap().len(), 1, "another sign-in has ended");
    register.change_settings(|settings| settings.preferences.remind = false).unwrap();
    assert_eq!(core(home.path()).due_reminders().unwrap(), [], "who wants none gets none");
}

#[test]
fn a_reminder_names_the_account_and_nobody() {
    let account = AccountView::new(
        &Account { label: "R&D\n<b>".to_owned(), ..ended("2027-03-01T08:00:00Z") },
        AccountHealth::NeedsSignIn,
        None,
        None,
    );
    let said = |kind, for_at| {
        worded(&account, Reminder { kind, for_at: at(for_at) }, at("2027-03-10T09:00:00Z"), &Words::english())
    };
    let week = said(ReminderKind::Week, "2027-03-15T08:00:00Z");
    assert_eq!(week.title, "R&D <b> (Zoom): sign in within 5 days");
    assert_eq!(said(ReminderKind::Day, "2027-03-11T08:00:00Z").title, "R&D <b> (Zoom): sign in within a day");
    let now = said(ReminderKind::Now, "2027-03-01T08:00:00Z");
    assert_eq!(now.title, "R&D <b> (Zoom): sign in again");
    for Notification { title, text } in [week, now] {
        assert!(text.contains("Accounts") && !text.contains("R&D"), "{text}");
        assert!(!title.contains("ana") && !text.contains("ana@"), "{title} {text}");
    }
}
