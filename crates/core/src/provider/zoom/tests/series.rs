//! Series and options at Zoom: what is sent, what is refused before, and what each answer becomes.

use serde_json::{Value, json};

use super::{super::*, draft, saved, stage};
use crate::{
    error::AlternativeKind,
    meeting::{MeetingOptions, SeriesForm},
    provider::script::{Reply, Script, intent, morning, series},
};

const MAKE: &str = "POST /v2/users/me/meetings";

fn repeating(rule: &str) -> MeetingDraft {
    MeetingDraft { recurrence: Some(series(rule)), ..draft() }
}

async fn sent(draft: MeetingDraft) -> Value {
    let script = Script::start([(MAKE, Reply::json(201, &saved()))]).await;
    Zoom.create_meeting(&stage(&script).client(), &intent(draft)).await.unwrap();
    script.finished()[0].json()
}

#[tokio::test]
async fn a_series_goes_as_its_wall_time_and_zooms_own_rule() {
    let body = sent(repeating("FREQ=WEEKLY;COUNT=4")).await;
    assert_eq!(
        (&body["type"], &body["start_time"], &body["timezone"]),
        (&json!(8), &json!("2027-03-01T09:30:00"), &json!("Europe/Zurich"))
    );
    assert_eq!(body["recurrence"], json!({"type": 2, "repeat_interval": 1, "weekly_days": "2", "end_times": 4}));
}

#[tokio::test]
async fn one_link_for_a_series_is_a_room_without_a_time() {
    let one_link = |rule| Recurrence { form: SeriesForm::OneLink, ..series(rule) };
    let body = sent(MeetingDraft { recurrence: Some(one_link("FREQ=YEARLY")), ..draft() }).await;
    assert_eq!((&body["type"], body.get("start_time"), body.get("recurrence")), (&json!(3), None, None));
}

#[tokio::test]
async fn every_option_has_its_field() {
    let options = MeetingOptions::NONE
        .with(OptionKey::Lobby, "on")
        .with(OptionKey::Passcode, "Sesame1")
        .with(OptionKey::JoinBeforeHost, "off")
        .with(OptionKey::MuteOnEntry, "on")
        .with(OptionKey::Recording, "cloud")
        .with(OptionKey::CoHosts, "cleo@example.com,dan@example.com")
        .with(OptionKey::DialIn, "voip")
        .with(OptionKey::ScheduleFor, "ben@example.com");
    let body = sent(MeetingDraft { options, invitees: Vec::new(), ..draft() }).await;
    assert_eq!((&body["password"], &body["schedule_for"]), (&json!("Sesame1"), &json!("ben@example.com")));
    assert_eq!(
        body["settings"],
        json!({"waiting_room": true, "join_before_host": false, "mute_upon_entry": true, "auto_recording": "cloud",
            "alternative_hosts": "cleo@example.com;dan@example.com", "audio": "voip"})
    );
}

#[test]
fn what_zoom_has_not_is_refused_with_the_ways_out() {
    let refused = |rule: &str| Zoom.check_draft(&repeating(rule)).unwrap_err();
    let kinds = |error: &Error| error.alternatives.iter().map(|way| way.kind).collect::<Vec<_>>();
    let why = |error: &Error| (error.fields[0].field.clone(), error.fields[0].detail.clone().unwrap());

    let yearly = refused("FREQ=YEARLY");
    assert_eq!((yearly.code, why(&yearly)), (ErrorCode::Rejected, ("repeat".into(), "yearly".into())));
    assert_eq!(kinds(&yearly), [AlternativeKind::Linked, AlternativeKind::OneLink]);
    assert_eq!((yearly.alternatives[0].meetings, yearly.alternatives[0].last.as_deref()), (5, Some("2031-03-01")));

    let long = refused("FREQ=DAILY;COUNT=150");
    assert_eq!(why(&long).1, "over_60");
    assert_eq!(kinds(&long), [AlternativeKind::EndDate, AlternativeKind::Linked, AlternativeKind::OneLink]);
    assert_eq!((long.alternatives[0].repeat.as_str(), long.alternatives[1].meetings), ("FREQ=DAILY;COUNT=60", 3));

    let endless = refused("FREQ=WEEKLY;BYDAY=MO");
    assert_eq!(kinds(&endless)[0], AlternativeKind::EndDate);

    let odd = refused("FREQ=MONTHLY;BYMONTHDAY=1,15;COUNT=10");
    assert_eq!((why(&odd).1.as_str(), kinds(&odd)), ("rule", vec![AlternativeKind::Linked, AlternativeKind::OneLink]));
}

#[test]
fn each_way_out_is_accepted_when_it_is_asked_for() {
    for rule in [
        "FREQ=YEARLY",
        "FREQ=YEARLY;COUNT=3",
        "FREQ=DAILY;COUNT=150",
        "FREQ=WEEKLY;BYDAY=MO",
        "FREQ=MONTHLY;BYMONTHDAY=-1",
    ] {
        for way in Zoom.check_draft(&repeating(rule)).unwrap_err().alternatives {
            let again = Recurrence { form: way.series, ..series(&way.repeat) };
            let draft = MeetingDraft { recurrence: Some(again), ..draft() };
            assert_eq!(Zoom.check_draft(&draft), Ok(()), "{rule} {way:?}");
            let parts = if way.series == SeriesForm::Linked { Zoom.parts(&draft).unwrap().len() } else { 1 };
            assert_eq!(parts, way.meetings as usize, "{rule} {way:?}");
        }
    }
}

#[test]
fn a_waiting_room_and_entry_before_the_host_exclude_each_other() {
    let options = MeetingOptions::NONE.with(OptionKey::Lobby, "on").with(OptionKey::JoinBeforeHost, "on");
    let error = Zoom.check_draft(&MeetingDraft { options, ..draft() }).unwrap_err();
    assert_eq!((error.code, error.fields[0].problem), (ErrorCode::InvalidInput, IssueCode::Excluded));
}

fn saved_series() -> Value {
    let mut saved = saved();
    saved["type"] = 8.into();
    saved["recurrence"] = json!({"type": 2, "repeat_interval": 1, "weekly_days": "2", "end_times": 3});
    saved["occurrences"] = json!([
        {"occurrence_id": "1803976200000", "start_time": "2027-03-01T08:30:00Z", "duration": 45, "status": "deleted"},
        {"occurrence_id": "1804581000000", "start_time": "2027-03-08T08:30:00Z", "duration": 45, "status": "available"}]);
    saved
}

#[tokio::test]
async fn a_series_is_read_with_its_rule_and_its_first_date() {
    let script = Script::start([("GET /v2/meetings/7", Reply::json(200, &saved_series()))]).await;
    let meeting = Zoom.meeting(&stage(&script).client(), "7").await.unwrap();
    assert_eq!(meeting.recurrence.unwrap().unwrap().text(), "FREQ=WEEKLY;BYDAY=MO;COUNT=3");
    assert_eq!(meeting.time, Some(morning()));
}

#[tokio::test]
async fn an_occurrence_is_taken_out_by_its_own_id_and_once() {
    let read = || ("GET /v2/meetings/7", Reply::json(200, &saved_series()));
    let script = Script::start([
        read(),
        ("DELETE /v2/meetings/7?occurrence_id=1804581000000", Reply::empty(204)),
        read(),
        read(),
    ])
    .await;
    let stage = stage(&script);
    let week = chrono::Duration::weeks(1);
    let on = |weeks: i32| MeetingTime { start: morning().start + week * weeks, ..morning() };
    Zoom.cancel_occurrence(&stage.client(), "7", &on(1)).await.unwrap();
    Zoom.cancel_occurrence(&stage.client(), "7", &on(0)).await.unwrap();
    Zoom.cancel_occurrence(&stage.client(), "7", &on(9)).await.unwrap();
    script.finished();
}

#[tokio::test]
async fn a_series_that_moves_sends_its_rule_again_and_one_that_ends_becomes_single() {
    let answers = || ("GET /v2/meetings/7", Reply::json(200, &saved_series()));
    let script = Script::start([
        ("PATCH /v2/meetings/7", Reply::empty(204)),
        answers(),
        ("PATCH /v2/meetings/7", Reply::empty(204)),
        answers(),
    ])
    .await;
    let stage = stage(&script);
    let current = Meeting { recurrence: Some(series("FREQ=WEEKLY;COUNT=3")), ..stage.known("7", Some(morning())) };
    let later = MeetingTime { start: morning().start + chrono::Duration::hours(1), ..morning() };
    let moved =
        MeetingChange { time: Some(later), recurrence: Some(current.recurrence.clone()), ..MeetingChange::default() };
    Zoom.update_meeting(&stage.client(), &current, &moved).await.unwrap();
    let single = MeetingChange { recurrence: Some(None), ..MeetingChange::default() };
    Zoom.update_meeting(&stage.client(), &current, &single).await.unwrap();
    let seen = script.finished();
    assert_eq!(
        (&seen[0].json()["start_time"], &seen[0].json()["recurrence"]["end_times"]),
        (&json!("2027-03-01T10:30:00"), &json!(3))
    );
    assert_eq!((&seen[2].json()["type"], &seen[2].json()["start_time"]), (&json!(2), &json!("2027-03-01T08:30:00Z")));
}
