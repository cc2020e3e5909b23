//! What the tray says at a given time.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use convoke_core::{
    account::{AccountHealth, AccountId, ProviderKind},
    error::{Error, ErrorCode},
    meeting::{MeetingId, MeetingState},
    view::{AccountView, AgendaView, MeetingView, RefreshView, RefreshedAccount, SeriesDates},
};
use convoke_desktop::{
    tray::menu::{Act, LastRefresh, MenuLine, Mood, tray_menu, tray_mood},
    words::Words,
};

const ZONE: Tz = Tz::Europe__Zurich;

/// A Monday: 9:30 in Zürich.
fn now() -> DateTime<Utc> {
    "2026-11-23T08:30:00Z".parse().unwrap()
}

fn account(label: &str, health: AccountHealth) -> AccountView {
    AccountView {
        id: AccountId::parse("zoom-abc234").unwrap(),
        provider: ProviderKind::Zoom,
        label: label.to_owned(),
        identity: "ana@example.com".to_owned(),
        scopes: Vec::new(),
        health,
        health_reason: None,
        sign_in_by: None,
        expires_at: None,
        last_refresh: None,
        next_check: None,
    }
}

fn meeting(id: &str, subject: &str, start: &str, end: &str) -> MeetingView {
    MeetingView {
        id: MeetingId(id.to_owned()),
        account: AccountId::parse("zoom-abc234").unwrap(),
        provider: ProviderKind::Zoom,
        provider_id: "1".to_owned(),
        subject: subject.to_owned(),
        start: Some(start.to_owned()),
        end: Some(end.to_owned()),
        zone: Some("Europe/Zurich".to_owned()),
        join_url: Some("https://zoom.us/j/1".to_owned()),
        passcode: None,
        dial_in: None,
        agenda: String::new(),
        invitees: Vec::new(),
        recurrence: None,
        exceptions: Vec::new(),
        series_form: None,
        series: None,
        sip: None,
        options: std::collections::BTreeMap::new(),
        state: MeetingState::Scheduled,
    }
}

fn menu(meetings: &[MeetingView], accounts: &[AccountView], last: LastRefresh<'_>) -> Vec<MenuLine> {
    tray_menu(now(), ZONE, &agenda(meetings), accounts, last, &Words::english())
}

fn agenda(meetings: &[MeetingView]) -> AgendaView {
    AgendaView {
        meetings: meetings.to_vec(),
        problems: Vec::new(),
        as_of: Some(now()),
        series: Vec::new(),
        pending: Vec::new(),
    }
}

fn item(act: Act, text: &str) -> MenuLine {
    MenuLine::Item(act, text.to_owned())
}

fn note(text: &str) -> MenuLine {
    MenuLine::Note(text.to_owned())
}

fn join(id: &str) -> Act {
    Act::Join(MeetingId(id.to_owned()))
}

#[test]
fn the_next_three_meetings_stand_first() {
    let meetings = [
        meeting("m-5", "Too far", "2026-11-25T10:00:00+01:00", "2026-11-25T11:00:00+01:00"),
        meeting("m-3", "Quarterly review", "2026-11-23T14:00:00+01:00", "2026-11-23T15:00:00+01:00"),
        meeting("m-1", "Over", "2026-11-23T08:00:00+01:00", "2026-11-23T09:30:00+01:00"),
        meeting("m-2", "Standup", "2026-11-23T09:15:00+01:00", "2026-11-23T09:45:00+01:00"),
        meeting("m-4", "Retrospective", "2026-11-24T09:05:00+09:00", "2026-11-24T10:00:00+09:00"),
    ];
    assert_eq!(
        menu(&meetings, &[account("Work", AccountHealth::Ok)], LastRefresh::Never),
        [
            item(join("m-2"), "Now  Standup · Join"),
            item(join("m-3"), "14:00  Quarterly review · Join"),
            item(join("m-4"), "Tue 24, 01:05  Retrospective · Join"),
            MenuLine::Separator,
            item(Act::New, "New meeting"),
            item(Act::Refresh, "Refresh now"),
            note("Not refreshed yet"),
            MenuLine::Separator,
            item(Act::Open, "Open Convoke"),
            item(Act::Quit, "Quit"),
        ]
    );
}

#[test]
fn a_problem_stands_above_everything_and_leads_to_the_accounts() {
    let accounts = [
        account("Work", AccountHealth::Ok),
        account("Acme", AccountHealth::NeedsSignIn),
        account("Room", AccountHealth::Locked),
        account("Far", AccountHealth::Unreachable),
    ];
    let lines = menu(&[], &accounts, LastRefresh::Never);
    assert_eq!(
        lines[..5],
        [
            item(Act::Accounts, "Acme (Zoom): sign in again…"),
            item(Act::Accounts, "Room (Zoom): keyring locked"),
            item(Act::Accounts, "Far (Zoom): not reached"),
            MenuLine::Separator,
            note("Nothing more today"),
        ]
    );
}

#[test]
fn a_sign_in_that_ends_within_a_week_has_a_line_and_within_a_day_the_icon() {
    let ending = |by: Option<&str>| AccountView {
        sign_in_by: by.map(|by| by.parse().unwrap()),
        ..account("Work", AccountHealth::Expiring)
    };
    let said = |by| match &menu(&[], &[ending(by)], LastRefresh::Never)[0] {
        MenuLine::Item(Act::Accounts, text) => Some(text.clone()),
        _ => None,
    };
    let mood = |by| tray_mood(now(), &agenda(&[]), &[ending(by)]);
    assert_eq!(said(Some("2026-11-30T08:30:01Z")), None, "over a week is quiet");
    assert_eq!(said(Some("2026-11-30T08:30:00Z")).unwrap(), "Work (Zoom): sign in within 7 days");
    assert_eq!(said(Some("2026-11-25T20:00:00Z")).unwrap(), "Work (Zoom): sign in within 3 days");
    assert_eq!(said(Some("2026-11-24T08:30:00Z")).unwrap(), "Work (Zoom): sign in within a day");
    assert_eq!(said(Some("2026-11-23T08:30:00Z")).unwrap(), "Work (Zoom): sign in now");
    assert_eq!(said(None).unwrap(), "Work (Zoom): sign in soon");
    assert_eq!(mood(Some("2026-11-24T08:30:01Z")), Mood::Quiet);
    assert_eq!(mood(Some("2026-11-24T08:30:00Z")), Mood::Attention);
    assert_eq!(mood(None), Mood::Quiet);
}

#[test]
fn one_trouble_of_several_accounts_is_one_line() {
    let at = |provider, health| AccountView { provider, ..account("Any", health) };
    let first = |accounts: &[AccountView]| menu(&[], accounts, LastRefresh::Never)[..2].to_vec();
    let (zoom, teams) = (ProviderKind::Zoom, ProviderKind::Teams);
    let (far, locked) = (AccountHealth::Unreachable, AccountHealth::Locked);
    let line = |text| [item(Act::Accounts, text), MenuLine::Separator];
    assert_eq!(first(&[at(zoom, far), at(zoom, far)]), line("Zoom: not reached"));
    assert_eq!(first(&[at(zoom, far), at(teams, far), at(zoom, far)]), line("Not reached: 3 accounts"));
    assert_eq!(first(&[at(zoom, locked), at(teams, locked)]), line("Keyring locked: 2 accounts wait"));
    // Who needs the person stands first, whatever else is wrong.
    let all = [at(zoom, far), at(teams, far), at(zoom, locked), at(zoom, AccountHealth::NeedsSignIn)];
    assert_eq!(first(&all)[0], item(Act::Accounts, "Any (Zoom): sign in again…"));
}

#[test]
fn without_an_account_nothing_is_said_about_meetings() {
    assert_eq!(menu(&[], &[], LastRefresh::Never)[0], item(Act::Accounts, "Connect an account"));
}

#[test]
fn what_was_never_read_is_no_empty_day() {
    let agenda = AgendaView { as_of: None, ..agenda(&[]) };
    let lines =
        tray_menu(now(), ZONE, &agenda, &[account("Work", AccountHealth::Ok)], LastRefresh::Never, &Words::english());
    assert_eq!(lines[0], note("Meetings not read yet"));
}

#[test]
fn the_last_refresh_tells_the_time_and_each_account() {
    let accounts = [account("Work", AccountHealth::Ok), account("Acme", AccountHealth::NeedsSignIn)];
    let view = RefreshView {
        at: "2026-11-23T08:41:30Z".parse().unwrap(),
        accounts: vec![
            RefreshedAccount { account: accounts[0].clone(), meetings: 1, error: None },
            RefreshedAccount {
                account: accounts[1].clone(),
                meetings: 0,
                error: Some(Error::new(ErrorCode::SignInRequired).into()),
            },
        ],
    };
    let lines = menu(&[], &accounts, LastRefresh::Done(&view));
    let at = lines.iter().position(|line| *line == item(Act::Refresh, "Refresh now")).unwrap();
    assert_eq!(
        lines[at + 1..at + 4],
        [note("Refreshed 09:41"), note("Work (Zoom): one meeting"), note("Acme (Zoom): sign in again")]
    );
    let lines = menu(&[], &accounts, LastRefresh::Running);
    assert!(lines.contains(&note("Refreshing…")));
    assert!(!lines.iter().any(|line| matches!(line, MenuLine::Item(Act::Refresh, _))), "one at a time");
}

#[test]
fn what_is_gone_or_has_no_time_is_not_offered() {
    let gone = MeetingView {
        state: MeetingState::Gone,
        ..meeting("m-1", "Gone", "2026-11-23T14:00:00+01:00", "2026-11-23T15:00:00+01:00")
    };
    let room = MeetingView { start: None, end: None, ..meeting("m-2", "Room", "", "") };
    assert_eq!(
        menu(&[gone, room], &[account("Work", AccountHealth::Ok)], LastRefresh::Never)[0],
        note("Nothing more today")
    );
}

#[test]
fn a_subject_stays_one_short_line() {
    let subject = format!("a\nb\u{7}\t{}", "x".repeat(300));
    let long = meeting("m-1", &subject, "2026-11-23T14:00:00+01:00", "2026-11-23T15:00:00+01:00");
    let nameless =
        MeetingView { join_url: None, ..meeting("m-2", " ", "2026-11-23T15:00:00+01:00", "2026-11-23T16:00:00+01:00") };
    let lines = menu(&[long, nameless], &[account("Work", AccountHealth::Ok)], LastRefresh::Never);
    let MenuLine::Item(_, text) = &lines[0] else { panic!("{lines:?}") };
    assert!(text.starts_with("14:00  a b xxx") && text.ends_with("… · Join"), "{text}");
    assert!(text.chars().count() < 70 && !text.chars().any(char::is_control), "{text}");
    assert_eq!(lines[1], item(Act::Meeting(MeetingId("m-2".into())), "15:00  Without a title"));
}

#[test]
fn a_series_stands_at_its_next_dates() {
    let weekly = MeetingView {
        recurrence: Some("FREQ=WEEKLY".to_owned()),
        ..meeting("m-1", "Standup", "2026-11-02T10:00:00+01:00", "2026-11-02T10:30:00+01:00")
    };
    let starts = ["2026-11-16T10:00:00+01:00", "2026-11-23T10:00:00+01:00", "2026-11-30T10:00:00+01:00"];
    let agenda = AgendaView {
        series: vec![SeriesDates {
            meeting: weekly.id.clone(),
            starts: starts.iter().map(|start| (*start).to_owned()).collect(),
        }],
        ..agenda(&[weekly])
    };
    let ok = [account("Work", AccountHealth::Ok)];
    let lines = tray_menu(now(), ZONE, &agenda, &ok, LastRefresh::Never, &Words::english());
    assert_eq!(lines[0], item(join("m-1"), "10:00  Standup · Join"));
    let MenuLine::Item(Act::Join(_), next) = &lines[1] else { panic!("{lines:?}") };
    assert!(next.contains("30") && next.contains("10:00"), "{next}");
    assert_eq!(tray_mood("2026-11-30T08:55:00Z".parse().unwrap(), &agenda, &ok), Mood::Soon);
}

#[test]
fn the_icon_follows_the_day() {
    let ok = [account("Work", AccountHealth::Ok)];
    let at = |time: &str| {
        let meetings = [meeting("m-1", "Standup", "2026-11-23T10:00:00+01:00", "2026-11-23T10:30:00+01:00")];
        tray_mood(time.parse().unwrap(), &agenda(&meetings), &ok)
    };
    assert_eq!(at("2026-11-23T08:49:59Z"), Mood::Quiet);
    assert_eq!(at("2026-11-23T08:50:00Z"), Mood::Soon);
    assert_eq!(at("2026-11-23T09:00:00Z"), Mood::InMeeting);
    assert_eq!(at("2026-11-23T09:30:00Z"), Mood::Quiet);
    assert_eq!(tray_mood(now(), &agenda(&[]), &[account("Work", AccountHealth::NeedsSignIn)]), Mood::Attention);
    assert_eq!(
        tray_mood(now(), &agenda(&[]), &[account("Work", AccountHealth::Unreachable)]),
        Mood::Quiet,
        "passing trouble needs nobody"
    );
}

#[test]
fn a_click_says_what_it_was() {
    for act in [
        Act::Accounts,
        join("m-1"),
        Act::Meeting(MeetingId("m-1".into())),
        Act::New,
        Act::Refresh,
        Act::Open,
        Act::Quit,
    ] {
        assert_eq!(Act::parse(&act.id()), Some(act));
    }
    for other in ["", "delete", "delete:m-1", "0"] {
        assert_eq!(Act::parse(other), None);
    }
}
