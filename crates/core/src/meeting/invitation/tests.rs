//! Invitations of one meeting, in all three forms.

use chrono::{DateTime, Utc};

use super::{InvitationForm, calendar, html, text};
use crate::{
    account::{AccountId, Identity, ProviderKind},
    meeting::{JoinUrl, Meeting, MeetingId, MeetingOptions, MeetingState, MeetingTime, Recurrence},
};

fn meeting() -> Meeting {
    let zone = chrono_tz::Europe::Zurich;
    let start: DateTime<Utc> = "2027-03-01T08:30:00Z".parse().unwrap();
    Meeting {
        id: MeetingId("m-abc".into()),
        account: AccountId::new(ProviderKind::Zoom, [0; 6]),
        provider: ProviderKind::Zoom,
        provider_id: "97763643886".into(),
        subject: "Review <Q1>, \u{201c}numbers\u{201d}; more".into(),
        time: Some(MeetingTime { start: start.with_timezone(&zone), minutes: 45 }),
        join_url: JoinUrl::parse("https://example.com/j/97763643886?pwd=x&a=b"),
        passcode: Some("123456".into()),
        dial_in: Some("+41 43 555 01 00 (Switzerland)\n+1 2125550100".into()),
        agenda: "Bring numbers\nand a pen".into(),
        invitees: vec!["ben@example.com".into()],
        sip: Some("97763643886@example.com".into()),
        recurrence: Some(Recurrence::parse("FREQ=WEEKLY;BYDAY=MO,WE;COUNT=6\nEXDATE:20270308T093000", zone).unwrap()),
        options: MeetingOptions::NONE,
        series: None,
        sequence: 3,
        state: MeetingState::Scheduled,
    }
}

fn organizer() -> Identity {
    Identity {
        subject: "1".into(),
        address: "ana@example.com".into(),
        name: Some("Ana \u{201c}A\u{201d} Lopez".into()),
    }
}

fn now() -> DateTime<Utc> {
    "2027-01-10T12:00:00Z".parse().unwrap()
}

#[test]
fn the_text_says_everything_that_one_needs_to_get_in() {
    let text = text(&meeting());
    for part in [
        "Monday, 1 March 2027, 09:30 - 10:15 (Europe/Zurich)",
        "2027-03-01 08:30 - 09:15 UTC",
        "Repeats every week on Monday, Wednesday, 6 times",
        "Not on: 8 March 2027",
        "Join: https://example.com/j/97763643886?pwd=x&a=b",
        "Meeting ID: 97763643886",
        "Passcode: 123456",
        "Dial-in: +41 43 555 01 00 (Switzerland)",
        "Video system: 97763643886@example.com",
        "Bring numbers\nand a pen",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn the_page_runs_nothing() {
    let page = html(&meeting());
    assert!(page.contains("Review &lt;Q1&gt;"), "{page}");
    assert!(page.contains("<a href=\"https://example.com/j/97763643886?pwd=x&amp;a=b\">"), "{page}");
    let evil =
        Meeting { subject: "<script>alert(1)</script>".into(), agenda: "<img src=x onerror=y>".into(), ..meeting() };
    let page = html(&evil);
    assert!(!page.contains("<script") && !page.contains("<img"), "{page}");
}

#[test]
fn the_calendar_entry_is_folded_escaped_and_has_its_zone() {
    let entry = calendar(&meeting(), &organizer(), now()).unwrap();
    assert!(entry.split("\r\n").all(|line| line.len() <= 75), "{entry}");
    assert!(!entry.replace("\r\n", "").contains('\n'));
    let lines = entry.replace("\r\n ", "");
    for line in [
        "METHOD:REQUEST",
        "BEGIN:VTIMEZONE",
        "TZID:Europe/Zurich",
        "TZOFFSETTO:+0200",
        "TZOFFSETFROM:+0100",
        "UID:m-abc@convoke",
        "DTSTAMP:20270110T120000Z",
        "SEQUENCE:3",
        "DTSTART;TZID=Europe/Zurich:20270301T093000",
        "DTEND;TZID=Europe/Zurich:20270301T101500",
        "RRULE:FREQ=WEEKLY;BYDAY=MO,WE;COUNT=6",
        "EXDATE;TZID=Europe/Zurich:20270308T093000",
        "SUMMARY:Review <Q1>\\, \u{201c}numbers\u{201d}\\; more",
        "CONFERENCE;VALUE=URI;FEATURE=AUDIO,VIDEO;LABEL=Zoom:https://example.com/j/97763643886?pwd=x&a=b",
        "CONFERENCE;VALUE=URI;FEATURE=AUDIO,PHONE;LABEL=Dial-in:tel:+41435550100",
        "CONFERENCE;VALUE=URI;FEATURE=AUDIO,VIDEO;LABEL=Video system:sip:97763643886@example.com",
        "ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:ben@example.com",
    ] {
        assert!(lines.split("\r\n").any(|found| found == line), "{line}\n{lines}");
    }
    assert_eq!(lines.matches("UID:").count(), 1, "a zone has none");
}

#[test]
fn an_entry_without_people_is_published() {
    let alone = Meeting { invitees: Vec::new(), recurrence: None, ..meeting() };
    let entry = calendar(&alone, &organizer(), now()).unwrap();
    assert!(entry.contains("METHOD:PUBLISH") && !entry.contains("ORGANIZER"), "{entry}");
    assert!(calendar(&Meeting { time: None, ..alone }, &organizer(), now()).is_none());
}

#[test]
fn the_second_of_an_hour_that_happens_twice_is_said_in_utc() {
    let zone = chrono_tz::Europe::Zurich;
    let start: DateTime<Utc> = "2027-10-31T01:30:00Z".parse().unwrap();
    let time = Some(MeetingTime { start: start.with_timezone(&zone), minutes: 45 });
    let entry = calendar(&Meeting { time, recurrence: None, ..meeting() }, &organizer(), now()).unwrap();
    assert!(entry.contains("DTSTART:20271031T013000Z") && entry.contains("DTEND:20271031T021500Z"), "{entry}");
}

#[test]
fn every_form_has_its_name() {
    assert_eq!(InvitationForm::parse("ics"), Some(InvitationForm::Calendar));
    assert_eq!(InvitationForm::parse("pdf"), None);
}
