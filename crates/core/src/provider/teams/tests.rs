//! Teams against saved answers: the exact request of each act, and what each answer becomes.

use serde_json::{Value, json};

use super::*;

mod errors;
mod making;
use crate::{
    meeting::{MeetingOptions, MeetingTime},
    provider::script::{Reply, Script, Stage, intent, morning, refused as error_of},
};

fn stage(script: &Script) -> Stage {
    Stage::new(script, ProviderKind::Teams, "/v1.0")
}

fn draft() -> MeetingDraft {
    MeetingDraft {
        subject: "Standup".into(),
        time: morning(),
        agenda: "Bring numbers".into(),
        invitees: vec!["ben@example.com".into()],
        recurrence: None,
        options: MeetingOptions::NONE,
    }
}

fn saved(id: &str) -> Value {
    json!({
        "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#users('1')/onlineMeetings/$entity",
        "id": id,
        "creationDateTime": "2027-01-10T12:00:00.1234567Z",
        "startDateTime": "2027-03-01T08:30:00.0000000Z",
        "endDateTime": "2027-03-01T09:15:00.0000000Z",
        "joinWebUrl": "https://teams.example/l/meetup-join/19%3ameeting_x%40thread.v2/0?context=%7b%7d",
        "subject": "Standup",
        "joinMeetingIdSettings": {"isPasscodeRequired": true, "joinMeetingId": "1234567890", "passcode": "p4SS"},
        "audioConferencing": {"conferenceId": "123456789", "tollNumber": "+41435550100", "tollFreeNumber": null,
            "dialinUrl": "https://dialin.teams.example/22f12fa0?id=123456789"},
        "participants": {
            "organizer": {"upn": "ana@example.com", "role": "presenter"},
            "attendees": [{"upn": "ben@example.com", "role": "attendee", "identity": null}]
        }
    })
}

fn graph_error(code: &str, message: &str) -> Value {
    json!({"error": {"code": code, "message": message, "innerError": {"request-id": "r", "date": "2027-01-10T12:00:00"}}})
}

#[tokio::test]
async fn a_meeting_is_made_in_utc_and_keeps_its_zone_here() {
    let script = Script::start([("POST /v1.0/me/onlineMeetings/createOrGet", Reply::json(201, &saved("MSo1=")))]).await;
    let meeting = Teams.create_meeting(&stage(&script).client(), &intent(draft())).await.unwrap();
    let seen = script.finished();
    assert_eq!(seen[0].header("authorization"), Some("Bearer token-1"));
    assert_eq!(
        seen[0].json(),
        json!({
            "externalId": "i-abcdefghjkmnpqrstuvw",
            "subject": "Standup", "startDateTime": "2027-03-01T08:30:00Z", "endDateTime": "2027-03-01T09:15:00Z",
            "participants": {"attendees": [{"upn": "ben@example.com", "role": "attendee"}]}
        })
    );
    assert_eq!(meeting.provider_id, "MSo1=");
    assert_eq!(meeting.time, Some(morning()));
    assert_eq!(meeting.time.unwrap().zone(), chrono_tz::Europe::Zurich);
    assert_eq!(
        meeting.join_url.unwrap().as_str(),
        "https://teams.example/l/meetup-join/19%3ameeting_x%40thread.v2/0?context=%7b%7d",
        "as the provider wrote it"
    );
    assert_eq!(meeting.passcode.as_deref(), Some("p4SS"));
    assert_eq!(
        meeting.dial_in.as_deref(),
        Some("+41435550100,,123456789#\nhttps://dialin.teams.example/22f12fa0?id=123456789")
    );
    assert_eq!(meeting.invitees, Some(vec!["ben@example.com".to_owned()]));
    assert_eq!(meeting.agenda, None);
}

#[tokio::test]
async fn a_change_sends_only_its_parts_and_both_times() {
    let later = MeetingTime { minutes: 60, ..morning() };
    let cases = [
        (
            MeetingChange { time: Some(later), ..MeetingChange::default() },
            json!({"startDateTime": "2027-03-01T08:30:00Z", "endDateTime": "2027-03-01T09:30:00Z"}),
        ),
        (MeetingChange { subject: Some("Retro".into()), ..MeetingChange::default() }, json!({"subject": "Retro"})),
        (
            MeetingChange { invitees: Some(Vec::new()), ..MeetingChange::default() },
            json!({"participants": {"attendees": []}}),
        ),
    ];
    for (change, body) in cases {
        let script = Script::start([("PATCH /v1.0/me/onlineMeetings/MSo1=", Reply::json(200, &saved("MSo1=")))]).await;
        let stage = stage(&script);
        let current = stage.known("MSo1=", Some(morning()));
        let meeting = Teams.update_meeting(&stage.client(), &current, &change).await.unwrap();
        assert_eq!(script.finished()[0].json(), body);
        assert_eq!(meeting.time.unwrap().zone(), chrono_tz::Europe::Zurich);
    }
}

#[tokio::test]
async fn a_new_agenda_alone_asks_only_whether_the_meeting_is_there() {
    let change = MeetingChange { agenda: Some("New".into()), ..MeetingChange::default() };
    let script = Script::start([("GET /v1.0/me/onlineMeetings/a", Reply::json(200, &saved("a")))]).await;
    let stage = stage(&script);
    Teams.update_meeting(&stage.client(), &stage.known("a", Some(morning())), &change).await.unwrap();
    script.finished();
}

#[tokio::test]
async fn a_list_reads_back_what_is_known_four_at_a_time() {
    let ids: Vec<String> = (0..8).map(|n| format!("id{n}")).collect();
    let lines: Vec<String> = ids.iter().map(|id| format!("GET /v1.0/me/onlineMeetings/{id}")).collect();
    let answers = lines.iter().zip(&ids).map(|(line, id)| {
        let gone = Reply::json(404, &graph_error("NotFound", "not there"));
        (line.as_str(), if id == "id3" { gone } else { Reply::json(200, &saved(id)) })
    });
    let script = Script::start_together(4, answers).await;
    let stage = stage(&script);
    let mut known: Vec<Meeting> = ids.iter().map(|id| stage.known(id, Some(morning()))).collect();
    known[7].time = None;
    known.push(Meeting { state: MeetingState::Gone, ..stage.known("gone", None) });
    let meetings = Teams.list_meetings(&stage.client(), &known).await.unwrap();
    script.finished();
    assert_eq!(script.most_at_once(), 4);
    let left: Vec<&str> = meetings.iter().map(|meeting| meeting.provider_id.as_str()).collect();
    assert_eq!(left, ["id0", "id1", "id2", "id4", "id5", "id6", "id7"]);
    assert_eq!(meetings[0].time.unwrap().zone(), chrono_tz::Europe::Zurich);
    assert_eq!(meetings[6].time.unwrap().zone(), Tz::UTC, "without a known zone");
}

#[tokio::test]
async fn one_that_cannot_be_read_fails_the_list() {
    let script = Script::start([
        ("GET /v1.0/me/onlineMeetings/a", Reply::json(200, &saved("a"))),
        ("GET /v1.0/me/onlineMeetings/b", Reply::empty(503).with("Retry-After", "30")),
    ])
    .await;
    let stage = stage(&script);
    let known = [stage.known("a", None), stage.known("b", None)];
    let error = Teams.list_meetings(&stage.client(), &known).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::Unavailable);
    assert!(error.retry_at.is_some());
}

#[tokio::test]
async fn deleting_what_is_gone_is_done() {
    let line = "DELETE /v1.0/me/onlineMeetings/a";
    for reply in [Reply::empty(204), Reply::json(404, &graph_error("NotFound", "gone"))] {
        let script = Script::start([(line, reply)]).await;
        Teams.delete_meeting(&stage(&script).client(), "a").await.unwrap();
        script.finished();
    }
    let script = Script::start([(line, Reply::html(404, "<p>proxy"))]).await;
    let error = Teams.delete_meeting(&stage(&script).client(), "a").await.unwrap_err();
    assert_eq!(error.code, ErrorCode::Intercepted, "a page that says 404 deleted nothing");
    for (other, code) in [
        (Reply::json(404, &json!("404 page not found")), ErrorCode::BadAnswer),
        (Reply::json(404, &graph_error("MailboxNotFound", "no")), ErrorCode::LicenceMissing),
    ] {
        let script = Script::start([(line, other)]).await;
        let error = Teams.delete_meeting(&stage(&script).client(), "a").await.unwrap_err();
        assert_eq!(error.code, code, "only Graph's own word about the meeting counts");
    }
}

#[tokio::test]
async fn who_is_signed_in() {
    let user =
        |mail: Value| json!({"id": "u1", "displayName": "Ana", "userPrincipalName": "ana@corp.example", "mail": mail});
    for (mail, address) in [(json!("ana@example.com"), "ana@example.com"), (Value::Null, "ana@corp.example")] {
        let script = Script::start([("GET /v1.0/me", Reply::json(200, &user(mail)))]).await;
        let identity = Teams.identity(&stage(&script).client()).await.unwrap();
        assert_eq!(identity, Identity { subject: "u1".into(), address: address.into(), name: Some("Ana".into()) });
        script.finished();
    }
}

#[tokio::test]
async fn an_answer_that_is_none_of_graphs() {
    let mut bad_time = saved("a");
    bad_time["startDateTime"] = "soon".into();
    let mut bad_link = saved("a");
    bad_link["joinWebUrl"] = "file:///etc/passwd".into();
    let cases = [
        (Reply::html(200, "<p>Welcome to the hotel"), ErrorCode::Intercepted),
        (Reply::json(200, &json!([])), ErrorCode::BadAnswer),
        (Reply::json(200, &saved("..")), ErrorCode::BadAnswer),
        (Reply::json(200, &bad_time), ErrorCode::BadAnswer),
        (Reply::json(200, &bad_link), ErrorCode::BadAnswer),
    ];
    for (reply, code) in cases {
        let script = Script::start([("GET /v1.0/me/onlineMeetings/a", reply)]).await;
        let error = error_of(Teams.meeting(&stage(&script).client(), "a").await);
        assert_eq!((error.code, error.provider), (code, Some(ProviderKind::Teams)));
    }
}
