//! The register as its users meet it: real files, two connections, ten thousand meetings.

use std::{
    fs,
    path::PathBuf,
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use rusqlite::Connection;

use super::{Register, schema};
use crate::{
    account::{
        Account, AccountHealth, AccountId, Binding, Identity, ProviderKind,
        reminder::{Reminder, ReminderKind},
    },
    credential::{Ends, Renewal},
    error::{Error, ErrorCode},
    meeting::{
        JoinUrl, Meeting, MeetingChange, MeetingDraft, MeetingId, MeetingOptions, MeetingState, MeetingTime,
        ProviderMeeting,
    },
    settings::{Settings, SetupStep},
};

/// A folder that goes away with its test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("convoke-register-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        Self(std::env::temp_dir().join(name))
    }

    fn path(&self) -> PathBuf {
        self.0.join("home").join("register.sqlite")
    }

    fn open(&self) -> Register {
        Register::open(&self.path()).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn account(id: &str) -> Account {
    let identity = Identity { subject: "u1".into(), address: "ana@example.com".into(), name: None };
    let binding = Binding { broker: Some("http://127.0.0.1:1".into()), api_base: "http://127.0.0.1:2/v2".into() };
    Account {
        label: "Work".into(),
        scopes: vec!["meeting:read".into()],
        expires_at: Some(at("2027-01-10T13:00:00Z")),
        ..Account::new(AccountId::parse(id).unwrap(), ProviderKind::Zoom, identity, binding)
    }
}

fn seen(provider_id: &str, start: Option<&str>) -> ProviderMeeting {
    ProviderMeeting {
        subject: Some(format!("Meeting {provider_id}")),
        time: start.map(|start| MeetingTime { start: at(start).with_timezone(&Tz::UTC), minutes: 30 }),
        join_url: JoinUrl::parse("https://zoom.example/j/1"),
        passcode: Some("123456".into()),
        ..ProviderMeeting::new(provider_id.into())
    }
}

const NINE: &str = "2027-03-01T08:00:00Z";

fn draft() -> MeetingDraft {
    MeetingDraft {
        subject: "Standup".into(),
        time: MeetingTime { start: at(NINE).with_timezone(&Tz::Europe__Zurich), minutes: 30 },
        agenda: "Numbers".into(),
        invitees: vec!["bo@example.com".into()],
        recurrence: None,
        options: MeetingOptions::NONE,
    }
}

/// The journal's way: the intent of a draft, fulfilled by what the provider made.
fn make(
    register: &Register,
    account: &Account,
    seen: &ProviderMeeting,
    draft: &MeetingDraft,
) -> Result<Meeting, Error> {
    let intents = register.journal(account, std::slice::from_ref(draft), &[], at("2027-01-10T12:00:00Z"))?;
    register.fulfil(account, &intents[0], seen, &[])
}

fn ids(meetings: &[Meeting]) -> Vec<&str> {
    meetings.iter().map(|meeting| meeting.provider_id.as_str()).collect()
}

fn list(register: &Register, account: &Account, seen: &[ProviderMeeting]) -> Vec<Meeting> {
    let known = register.meetings(Some(&account.id), None, None).unwrap();
    register.replace_list(account, seen, &known, at("2027-01-10T12:00:00Z"), &[]).unwrap()
}

#[test]
fn settings_come_back_and_two_processes_do_not_undo_each_other() {
    let folder = Folder::new();
    let (app, cli) = (folder.open(), folder.open());
    assert_eq!(app.settings().unwrap(), Settings::default());
    app.change_settings(|settings| settings.done_steps.push(SetupStep::Welcome)).unwrap();
    let now = cli.change_settings(|settings| settings.preferences.default_minutes = 45).unwrap();
    assert_eq!(now.done_steps, [SetupStep::Welcome]);
    assert_eq!(app.settings().unwrap(), now);
    assert_eq!(folder.open().settings().unwrap(), now);
}

#[test]
fn accounts_come_back_whole_and_in_their_order() {
    let folder = Folder::new();
    let register = folder.open();
    let (first, second) = (account("zoom-b"), Account { provider: ProviderKind::Teams, ..account("teams-a") });
    register.put_account(&first).unwrap();
    register.put_account(&second).unwrap();
    register.remember(&first, &seen("1", Some(NINE)), &[]).unwrap();
    let signed_in_again = Account { label: "Office".into(), health_reason: Some("x".into()), ..first.clone() };
    register.put_account(&signed_in_again).unwrap();
    assert_eq!(folder.open().accounts().unwrap(), [signed_in_again, second]);
    assert_eq!(register.meetings(None, None, None).unwrap().len(), 1, "its meetings stay");

    register.set_health(&first.id, AccountHealth::NeedsSignIn, Some("sign_in_required")).unwrap();
    let now = register.account(&first.id).unwrap().unwrap();
    assert_eq!((now.health, now.health_reason.as_deref()), (AccountHealth::NeedsSignIn, Some("sign_in_required")));
    let (renewed, ends) = (at("2027-01-10T12:30:00Z"), at("2027-01-10T13:30:00Z"));
    let sign_in_ends = Ends { unused_by: Some(at("2027-01-11T12:30:00Z")), whole_by: Some(at("2027-02-09T12:30:00Z")) };
    let renewal =
        Renewal { at: renewed, expires_at: Some(ends), scopes: Vec::new(), ends: sign_in_ends, has_rotated: true };
    register.set_renewed(&first.id, &renewal).unwrap();
    let now = register.account(&first.id).unwrap().unwrap();
    assert_eq!(
        (now.health, now.health_reason.as_deref(), now.last_refresh, now.expires_at),
        (AccountHealth::NeedsSignIn, Some("sign_in_required"), Some(renewed), Some(ends)),
        "whether it works is another question"
    );
    assert_eq!((now.scopes, now.ends), (first.scopes.clone(), sign_in_ends));
    let other = Renewal { expires_at: None, scopes: vec!["other".into()], ends: Ends::default(), ..renewal };
    register.set_renewed(&first.id, &other).unwrap();
    let now = register.account(&first.id).unwrap().unwrap();
    assert_eq!((now.scopes, now.expires_at, now.ends), (vec!["other".to_owned()], None, Ends::default()));

    register.rename_account(&first.id, "Desk").unwrap();
    assert_eq!(register.account(&first.id).unwrap().unwrap().label, "Desk");
    register.remove_account(&first.id).unwrap();
    assert_eq!(register.account(&first.id).unwrap(), None);
    assert!(register.meetings(None, None, None).unwrap().is_empty(), "its meetings leave with it");
    assert_eq!(register.rename_account(&first.id, "x").unwrap_err().code, ErrorCode::NotFound);
    register.remove_account(&first.id).unwrap();
}

#[test]
fn a_meeting_is_completed_by_its_draft_and_kept_when_the_provider_is_silent() {
    let folder = Folder::new();
    let register = folder.open();
    let account = account("zoom-a");
    register.put_account(&account).unwrap();
    let made = make(&register, &account, &seen("1", Some(NINE)), &draft()).unwrap();
    assert!(made.id.0.len() == 12 && made.id.0.starts_with("m-"));
    assert_eq!(made.subject, "Meeting 1", "the provider's word wins");
    assert_eq!((made.time, made.agenda.as_str()), (Some(draft().time), "Numbers"));
    assert_eq!(register.meeting(&made.id).unwrap(), Some(made.clone()));

    let silent = ProviderMeeting { subject: None, join_url: None, passcode: None, ..seen("1", None) };
    assert_eq!(register.remember(&account, &silent, &[]).unwrap(), made);
    assert_eq!(list(&register, &account, std::slice::from_ref(&silent)), std::slice::from_ref(&made));
    let other = register.remember(&account, &seen("2", Some(NINE)), &[]).unwrap();
    assert_ne!(other.id, made.id);

    let time = Some(MeetingTime { minutes: 45, ..draft().time });
    let change = MeetingChange {
        subject: Some("Retro".into()),
        time,
        agenda: Some(String::new()),
        invitees: Some(Vec::new()),
        ..MeetingChange::default()
    };
    let changed = register.apply_change(&made.id, &change, &silent, &[]).unwrap();
    assert_eq!(
        changed,
        Meeting {
            subject: "Retro".into(),
            time,
            agenda: String::new(),
            invitees: Vec::new(),
            sequence: 1,
            ..made.clone()
        }
    );
    assert_eq!(register.meeting(&made.id).unwrap(), Some(changed));

    register.forget_meeting(&made.id).unwrap();
    register.forget_meeting(&made.id).unwrap();
    assert_eq!(register.meeting(&made.id).unwrap(), None);
    assert_eq!(register.apply_change(&made.id, &change, &silent, &[]).unwrap_err().code, ErrorCode::NotFound);
    let removed = super::tests::account("zoom-gone");
    assert_eq!(register.remember(&removed, &silent, &[]).unwrap_err().code, ErrorCode::NotFound);
}

#[test]
fn a_meeting_that_a_whole_list_lacks_is_gone_until_it_reappears() {
    let folder = Folder::new();
    let register = folder.open();
    let account = account("zoom-a");
    register.put_account(&account).unwrap();
    assert_eq!((register.listed_at(&account.id).unwrap(), register.oldest_listing().unwrap()), (None, None));
    let (one, two) = (seen("1", Some(NINE)), seen("2", Some(NINE)));
    let first = list(&register, &account, &[one.clone(), two.clone()]);
    assert_eq!(ids(&first), ["1", "2"]);
    assert_eq!(ids(&list(&register, &account, std::slice::from_ref(&two))), ["2"]);
    assert_eq!(register.meeting(&first[0].id).unwrap().unwrap().state, MeetingState::Gone);
    assert_eq!(list(&register, &account, &[one, two.clone()]), first, "with the ids they had");
    assert_eq!(
        register.replace_list(&account, &[], &[], at(NINE), &[]).unwrap(),
        first,
        "a part of a list ends nothing"
    );
    assert_eq!(register.listed_at(&account.id).unwrap(), Some(at(NINE)));

    register.mark_gone(&first[0].id).unwrap();
    assert_eq!(ids(&register.meetings(None, None, None).unwrap()), ["2"]);
    let later = Account { id: AccountId::parse("zoom-later").unwrap(), ..account.clone() };
    register.put_account(&later).unwrap();
    register.replace_list(&later, &[], &[], at("2027-03-02T00:00:00Z"), &[]).unwrap();
    assert_eq!(register.oldest_listing().unwrap(), Some(at(NINE)));
    assert_eq!(list(&register, &later, &[two]).len(), 1, "the same id at another account is another meeting");
}

#[test]
fn a_list_does_not_undo_what_happened_while_it_was_read() {
    let folder = Folder::new();
    let (app, cli) = (folder.open(), folder.open());
    let account = account("zoom-a");
    app.put_account(&account).unwrap();
    let old = list(&app, &account, &[seen("old", Some(NINE)), seen("cancelled", Some(NINE))]);
    let cancelled = &old[1];
    let known = app.meetings(Some(&account.id), None, None).unwrap();
    // Between the question and the answer, the command line makes one meeting and cancels another.
    make(&cli, &account, &seen("new", Some(NINE)), &draft()).unwrap();
    cli.forget_meeting(&cancelled.id).unwrap();
    let answer = [seen("old", Some(NINE)), seen("cancelled", Some(NINE))];
    let now = app.replace_list(&account, &answer, &known, at(NINE), &[]).unwrap();
    assert_eq!(ids(&now), ["old", "new"]);
}

#[test]
fn a_window_holds_what_overlaps_it_and_what_has_no_time() {
    let folder = Folder::new();
    let register = folder.open();
    let account = account("zoom-a");
    register.put_account(&account).unwrap();
    let starts =
        [("none", None), ("c", Some("2027-03-01T10:00:00Z")), ("a", Some(NINE)), ("b", Some("2027-03-01T08:30:00Z"))];
    list(&register, &account, &starts.map(|(id, start)| seen(id, start)));
    let window = |from: Option<&str>, to: Option<&str>| {
        let found = register.meetings(None, from.map(at), to.map(at)).unwrap();
        ids(&found).join(" ")
    };
    assert_eq!(window(None, None), "a b c none");
    assert_eq!(window(Some("2027-03-01T08:30:00Z"), None), "b c none", "an end is not in it");
    assert_eq!(
        window(Some("2027-03-01T08:29:00Z"), Some("2027-03-01T10:00:00Z")),
        "a b none",
        "nor is the window's own"
    );
    assert_eq!(window(Some("2028-01-01T00:00:00Z"), None), "none");
    let other = AccountId::parse("zoom-other").unwrap();
    assert!(register.meetings(Some(&other), None, None).unwrap().is_empty());
}

#[test]
fn an_older_register_is_brought_up_to_date_with_what_is_in_it() {
    for version in 0..schema::MIGRATIONS.len() {
        let folder = Folder::new();
        fs::create_dir_all(folder.path().parent().unwrap()).unwrap();
        let mut old = Connection::open(folder.path()).unwrap();
        schema::migrate(&mut old, &schema::MIGRATIONS[..version]).unwrap();
        if version > 0 {
            old.execute_batch(
                "INSERT INTO account (id, provider, label, subject, address, scopes, api_base, health)
                 VALUES ('zoom-a', 'zoom', 'Work', 'u1', 'ana@example.com', '[]', 'http://127.0.0.1:2', 'ok')",
            )
            .unwrap();
        }
        drop(old);
        let register = folder.open();
        assert_eq!(register.accounts().unwrap().len(), usize::from(version > 0), "from version {version}");
        register.put_account(&account("zoom-a")).unwrap();
        register.remember(&account("zoom-a"), &seen("1", Some(NINE)), &[]).unwrap();
    }
}

#[test]
fn a_step_that_fails_leaves_no_half_of_itself() {
    let mut connection = Connection::open_in_memory().unwrap();
    let broken = ["CREATE TABLE one (x)", "CREATE TABLE two (x); CREATE TABLE one (x)"];
    assert_eq!(schema::migrate(&mut connection, &broken).unwrap_err().code, ErrorCode::Storage);
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).unwrap();
    assert_eq!(tables, 1);
}

#[test]
fn what_was_told_is_kept_over_a_restart_and_leaves_with_its_account() {
    let folder = Folder::new();
    let work = account("zoom-a");
    let week = Reminder { kind: ReminderKind::Week, for_at: at("2027-03-14T09:00:00.25Z") };
    let now = Reminder { kind: ReminderKind::Now, for_at: DateTime::UNIX_EPOCH };
    let register = folder.open();
    register.put_reminder(&work.id, week).unwrap();
    assert_eq!(register.reminders(&work.id).unwrap(), [], "nobody is there to be told of");
    register.put_account(&work).unwrap();
    register.put_reminder(&work.id, Reminder { for_at: at("2027-01-01T00:00:00Z"), ..week }).unwrap();
    register.put_reminder(&work.id, week).unwrap();
    register.put_reminder(&work.id, now).unwrap();
    drop(register);

    let register = folder.open();
    let mut told = register.reminders(&work.id).unwrap();
    told.sort_by_key(|one| one.for_at);
    assert_eq!(told, [now, week], "one of each kind, the last");
    register.set_health(&work.id, AccountHealth::NeedsSignIn, None).unwrap();
    assert_eq!(register.reminders(&work.id).unwrap().len(), 2);
    register.set_health(&work.id, AccountHealth::Ok, None).unwrap();
    assert_eq!(register.reminders(&work.id).unwrap(), [week], "it works again: its next end is told anew");
    register.put_reminder(&work.id, now).unwrap();
    register.put_account(&work).unwrap();
    assert_eq!(register.reminders(&work.id).unwrap(), [week], "and so it is after a new sign-in");
    register.remove_account(&work.id).unwrap();
    assert_eq!(register.reminders(&work.id).unwrap(), []);
}

#[test]
fn a_newer_or_damaged_register_is_named_and_left_alone() {
    let folder = Folder::new();
    drop(folder.open());
    Connection::open(folder.path()).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let before = fs::read(folder.path()).unwrap();
    let error = Register::open(&folder.path()).err().unwrap();
    assert_eq!(error.code, ErrorCode::Storage);
    assert!(error.detail.unwrap().contains("version 99"));
    assert_eq!(fs::read(folder.path()).unwrap(), before);

    let noise = b"this is no database\n".repeat(500);
    fs::write(folder.path(), &noise).unwrap();
    let error = Register::open(&folder.path()).err().unwrap();
    assert_eq!(error.code, ErrorCode::Storage);
    assert!(error.detail.unwrap().contains("damaged"));
    assert_eq!(fs::read(folder.path()).unwrap(), noise);
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let folder = Folder::new();
    fs::create_dir_all(&folder.0).unwrap();
    fs::write(folder.0.join("home"), b"a file where the folder should be").unwrap();
    let error = Register::open(&folder.path()).err().unwrap();
    assert_eq!(error.code, ErrorCode::Storage);
    assert!(error.detail.unwrap().contains("register.sqlite"));
}

#[cfg(unix)]
#[test]
fn only_its_owner_can_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    let register = folder.open();
    register.put_account(&account("zoom-a")).unwrap();
    let mode = |path: PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let home = folder.path().parent().unwrap().to_owned();
    assert_eq!(mode(home.clone()), 0o700);
    for entry in fs::read_dir(home).unwrap() {
        assert_eq!(mode(entry.unwrap().path()), 0o600);
    }
    drop(register);
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o644)).unwrap();
    drop(folder.open());
    assert_eq!(mode(folder.path()), 0o600);
}

#[test]
fn many_that_open_and_write_at_once_lose_nothing() {
    let folder = Folder::new();
    std::thread::scope(|scope| {
        for number in 0..8 {
            let folder = &folder;
            scope.spawn(move || {
                let register = folder.open();
                let account = account(&format!("zoom-{number}"));
                register.put_account(&account).unwrap();
                for meeting in 0..10 {
                    register.remember(&account, &seen(&meeting.to_string(), Some(NINE)), &[]).unwrap();
                    register
                        .change_settings(|settings| settings.approved_hosts.push(format!("{number}-{meeting}")))
                        .unwrap();
                }
            });
        }
    });
    let register = folder.open();
    assert_eq!(register.meetings(None, None, None).unwrap().len(), 80);
    assert_eq!(register.settings().unwrap().approved_hosts.len(), 80);
}

#[test]
fn ten_thousand_meetings_are_listed_without_a_pause() {
    let folder = Folder::new();
    let register = folder.open();
    let account = account("zoom-a");
    register.put_account(&account).unwrap();
    let start = |number: i64| (at(NINE) + chrono::Duration::hours(number * 7919 % 10_000)).to_rfc3339();
    let many: Vec<_> = (0..10_000).map(|number| seen(&number.to_string(), Some(&start(number)))).collect();
    assert_eq!(list(&register, &account, &many).len(), 10_000);
    let timed = |what: &str, act: &dyn Fn() -> usize| {
        let begun = Instant::now();
        let count = act();
        let took = begun.elapsed();
        println!("{what}: {took:?} for {count}");
        // Far above what it takes, for a busy machine; a missing index or a statement per row would pass it.
        assert!(took < Duration::from_secs(2), "{what}: {took:?}");
        count
    };
    let all = || register.meetings(None, None, None).unwrap().len();
    assert_eq!(timed("all", &all), 10_000);
    assert_eq!(timed("of one account", &|| register.meetings(Some(&account.id), None, None).unwrap().len()), 10_000);
    let day = || register.meetings(None, Some(at(NINE)), Some(at("2027-03-02T08:00:00Z"))).unwrap().len();
    assert_eq!(timed("a day", &day), 24);
    assert_eq!(timed("the same list again", &|| list(&register, &account, &many).len()), 10_000);
    let found = register.meetings(None, None, None).unwrap();
    assert!(found.is_sorted_by_key(|meeting| meeting.time.map(|time| time.start)));
    assert!(register.meeting(&MeetingId("m-none".into())).unwrap().is_none());
}

#[test]
fn what_is_open_moves_with_its_account() {
    let folder = Folder::new();
    let register = folder.open();
    let (old, new) = (account("zoom-b"), account("zoom-c"));
    register.put_account(&old).unwrap();
    register.journal(&old, &[draft()], &[], at("2027-01-10T12:00:00Z")).unwrap();
    register.supersede(&old.id, &new, true).unwrap();
    let open = register.open_intents(None).unwrap();
    assert_eq!(open.iter().map(|intent| &intent.account).collect::<Vec<_>>(), [&new.id]);
}
