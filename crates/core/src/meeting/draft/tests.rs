//! Drafts and changes as people type them.

use super::*;

fn now() -> DateTime<Utc> {
    "2027-01-10T12:00:00Z".parse().unwrap()
}

/// Zoom's, which takes the most.
fn can() -> Capabilities {
    crate::provider::provider(crate::account::ProviderKind::Zoom).capabilities()
}

/// The meeting of a checked draft.
fn meeting(draft: MeetingDraft) -> Meeting {
    let kind = crate::account::ProviderKind::Zoom;
    let account = crate::account::AccountId::new(kind, [0; 6]);
    Meeting {
        subject: draft.subject,
        time: Some(draft.time),
        agenda: draft.agenda,
        invitees: draft.invitees,
        recurrence: draft.recurrence,
        options: draft.options,
        ..Meeting::blank(crate::meeting::MeetingId("m-1".into()), account, kind, "1".into())
    }
}

fn draft() -> DraftInput {
    DraftInput {
        subject: "Standup".into(),
        start: "2027-03-01T09:30".into(),
        duration_minutes: Some(45),
        zone: "Europe/Zurich".into(),
        ..DraftInput::default()
    }
}

fn issues(input: &DraftInput) -> Vec<(String, IssueCode)> {
    input.check(now(), &can()).unwrap_err().into_iter().map(|issue| (issue.field, issue.problem)).collect()
}

#[test]
fn a_wall_time_gets_the_offset_of_its_zone() {
    let draft = draft().check(now(), &can()).unwrap();
    assert_eq!(super::super::rfc3339(&draft.time.start), "2027-03-01T09:30:00+01:00");
    assert_eq!(super::super::rfc3339(&draft.time.end()), "2027-03-01T10:15:00+01:00");
}

#[test]
fn every_problem_is_named_at_once() {
    let input =
        DraftInput { subject: " ".into(), start: "2027-01-01T09:00".into(), invitees: vec!["ana".into()], ..draft() };
    assert_eq!(
        issues(&input),
        [
            ("subject".into(), IssueCode::Required),
            ("start".into(), IssueCode::InThePast),
            ("invitees".into(), IssueCode::NotAnAddress)
        ]
    );
}

#[test]
fn an_end_before_the_start_is_refused() {
    let input = DraftInput { end: Some("2027-03-01T09:00".into()), duration_minutes: None, ..draft() };
    assert_eq!(issues(&input), [("end".into(), IssueCode::EndBeforeStart)]);
    let input = DraftInput { duration_minutes: Some(0), ..draft() };
    assert_eq!(issues(&input), [("duration".into(), IssueCode::EndBeforeStart)]);
}

#[test]
fn an_unknown_zone_is_named() {
    let input = DraftInput { zone: "Europe/Zuerich".into(), ..draft() };
    assert_eq!(issues(&input), [("zone".into(), IssueCode::UnknownZone)]);
}

#[test]
fn clock_changes_are_asked_about() {
    let skipped = DraftInput { start: "2027-03-28T02:30".into(), ..draft() };
    assert_eq!(issues(&skipped), [("start".into(), IssueCode::SkippedByClockChange)]);
    let doubled = DraftInput { start: "2027-10-31T02:30".into(), ..draft() };
    assert_eq!(issues(&doubled), [("start".into(), IssueCode::HappensTwice)]);
    let later = DraftInput { fold: Some(Fold::Later), ..doubled };
    assert_eq!(super::super::rfc3339(&later.check(now(), &can()).unwrap().time.start), "2027-10-31T02:30:00+01:00");
}

#[test]
fn a_change_of_one_part_keeps_the_others() {
    let current = meeting(draft().check(now(), &can()).unwrap());
    let time = current.time.unwrap();
    let zone = time.zone();
    let longer = ChangeInput { duration_minutes: Some(60), ..ChangeInput::default() };
    let change = longer.check(&current, zone, now(), &can()).unwrap();
    assert_eq!(change.time, Some(MeetingTime { minutes: 60, ..time }));
    let moved = ChangeInput { start: Some("2027-03-02T09:30".into()), ..ChangeInput::default() };
    assert_eq!(moved.check(&current, zone, now(), &can()).unwrap().time.unwrap().minutes, 45);
    let same = ChangeInput { start: Some("2027-03-01T09:30".into()), ..ChangeInput::default() };
    assert!(same.check(&current, zone, now(), &can()).unwrap().is_empty());
}

fn series() -> DraftInput {
    DraftInput { repeat: Some("FREQ=WEEKLY;BYDAY=MO,WE;COUNT=6".into()), except: vec!["2027-03-08".into()], ..draft() }
}

#[test]
fn a_series_is_read_with_the_dates_that_are_left_out() {
    let series = series().check(now(), &can()).unwrap().recurrence.unwrap();
    assert_eq!(series.rule.text(), "FREQ=WEEKLY;BYDAY=MO,WE;COUNT=6");
    assert_eq!(series.exceptions[0].to_string(), "2027-03-08 09:30:00");
}

#[test]
fn what_does_not_fit_a_series_is_named() {
    let repeat = |rule: &str| DraftInput { repeat: Some(rule.into()), except: Vec::new(), ..series() };
    assert_eq!(issues(&repeat("FREQ=WEEKLY;BYDAY=TU")), [("start".into(), IssueCode::NotInSeries)]);
    assert_eq!(issues(&repeat("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30")), [("repeat".into(), IssueCode::NoOccurrence)]);
    assert_eq!(issues(&repeat("FREQ=HOURLY")), [("repeat".into(), IssueCode::NotPossible)]);
    let except =
        |dates: &[&str]| DraftInput { except: dates.iter().map(|date| (*date).to_owned()).collect(), ..series() };
    assert_eq!(issues(&except(&["2027-03-09"])), [("except".into(), IssueCode::Unknown)]);
    let none = DraftInput { repeat: None, ..series() };
    assert_eq!(issues(&none), [("repeat".into(), IssueCode::Required)]);
    let all = DraftInput {
        repeat: Some("FREQ=DAILY;COUNT=2".into()),
        except: vec!["2027-03-01".into(), "2027-03-02".into()],
        ..draft()
    };
    assert_eq!(issues(&all), [("except".into(), IssueCode::NoOccurrence)]);
}

#[test]
fn a_series_that_moves_takes_its_exceptions_along() {
    let current = meeting(series().check(now(), &can()).unwrap());
    let zone = current.time.unwrap().zone();
    let later = ChangeInput { start: Some("2027-03-01T11:00".into()), ..ChangeInput::default() };
    let change = later.check(&current, zone, now(), &can()).unwrap();
    assert_eq!(change.recurrence.unwrap().unwrap().exceptions[0].to_string(), "2027-03-08 11:00:00");
    let off = ChangeInput { start: Some("2027-03-02T09:30".into()), ..ChangeInput::default() };
    let wrong = off.check(&current, zone, now(), &can()).unwrap_err();
    assert_eq!((wrong[0].field.as_str(), wrong[0].problem), ("start", IssueCode::NotInSeries));
    let single = ChangeInput { repeat: Some(String::new()), ..ChangeInput::default() };
    assert_eq!(single.check(&current, zone, now(), &can()).unwrap().recurrence, Some(None));
    let words = ChangeInput { subject: Some("Other".into()), ..ChangeInput::default() };
    assert_eq!(words.check(&current, zone, now(), &can()).unwrap().recurrence, None, "the series stays");
    let more = ChangeInput { except: vec!["2027-03-10T09:30".into()], ..ChangeInput::default() };
    assert_eq!(more.check(&current, zone, now(), &can()).unwrap().recurrence.unwrap().unwrap().exceptions.len(), 2);
}

#[test]
fn a_windows_zone_is_understood() {
    let draft = DraftInput { zone: "W. Europe Standard Time".into(), ..draft() }.check(now(), &can()).unwrap();
    assert_eq!(draft.time.zone(), chrono_tz::Europe::Berlin);
}

#[test]
fn a_change_of_a_series_that_has_begun_is_one_of_its_dates_to_come() {
    // Mondays and Wednesdays from the first of March; it is Tuesday the 9th, and the 8th was left out.
    let current = meeting(series().check(now(), &can()).unwrap());
    let zone = current.time.unwrap().zone();
    let today: DateTime<Utc> = "2027-03-09T12:00:00Z".parse().unwrap();
    for input in [
        ChangeInput { duration_minutes: Some(60), ..ChangeInput::default() },
        ChangeInput { start: Some("2027-03-01T09:30".into()), duration_minutes: Some(60), ..ChangeInput::default() },
    ] {
        let change = input.check(&current, zone, today, &can()).unwrap();
        let (time, series) = (change.time.unwrap(), change.recurrence.unwrap().unwrap());
        assert_eq!(super::super::rfc3339(&time.start), "2027-03-10T09:30:00+01:00");
        assert_eq!((series.rule.text().as_str(), series.exceptions.len()), ("FREQ=WEEKLY;BYDAY=MO,WE;COUNT=3", 0));
    }
    let later = ChangeInput { start: Some("2027-03-01T11:00".into()), ..ChangeInput::default() };
    let moved = later.check(&current, zone, today, &can()).unwrap().time.unwrap();
    assert_eq!(super::super::rfc3339(&moved.start), "2027-03-10T11:00:00+01:00");
    let words = ChangeInput { subject: Some("Other".into()), ..ChangeInput::default() };
    let change = words.check(&current, zone, today, &can()).unwrap();
    assert_eq!((change.time, change.recurrence), (None, None), "words move nothing");
    let out = ChangeInput { except: vec!["2027-03-15".into()], ..ChangeInput::default() };
    let change = out.check(&current, zone, today, &can()).unwrap();
    assert_eq!((change.time, change.recurrence.unwrap().unwrap().exceptions.len()), (None, 2));
    let over: DateTime<Utc> = "2028-03-09T12:00:00Z".parse().unwrap();
    let late = ChangeInput { duration_minutes: Some(60), ..ChangeInput::default() };
    assert_eq!(late.check(&current, zone, over, &can()).unwrap_err()[0].problem, IssueCode::InThePast);
}
