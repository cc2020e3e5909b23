//! Zoom against saved answers: the exact request of each act, and what each answer becomes.

use serde_json::{Value, json};

use super::*;

mod errors;
mod lost;
mod series;
use crate::{
    meeting::MeetingOptions,
    provider::script::{Reply, Script, Stage, intent, morning, refused as error_of},
};

const LIST: &str = "GET /v2/users/me/meetings?type=scheduled&page_size=300";

fn stage(script: &Script) -> Stage {
    Stage::new(script, ProviderKind::Zoom, "/v2")
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

fn saved() -> Value {
    json!({
        "uuid": "aDYlohsHRtCd4ii1uC2+hA==",
        "id": 97_763_643_886_u64,
        "host_id": "30R7kT7bTIKSNUFEuH_Qlg",
        "host_email": "ana@example.com",
        "topic": "Standup",
        "type": 2,
        "status": "waiting",
        "start_time": "2027-03-01T08:30:00Z",
        "duration": 45,
        "timezone": "Europe/Zurich",
        "agenda": "Bring numbers",
        "created_at": "2027-01-10T12:00:00Z",
        "start_url": "https://example.com/s/97763643886?zak=host",
        "join_url": "https://example.com/j/97763643886?pwd=x",
        "password": "123456",
        "settings": {
            "host_video": false,
            "meeting_invitees": [{"email": "ben@example.com", "internal_user": false}],
            "global_dial_in_numbers": [
                {"country": "CH", "country_name": "Switzerland", "number": "+41 43 555 01 00", "type": "toll"},
                {"country": "US", "number": "+1 2125550100", "type": "toll"}
            ]
        }
    })
}

fn listed(id: u64, start: Option<&str>) -> Value {
    let mut item = json!({"id": id, "topic": "T", "type": 2, "duration": 30, "timezone": "UTC",
        "join_url": "https://example.com/j/1", "agenda": "a"});
    if let Some(start) = start {
        item["start_time"] = start.into();
    }
    item
}

#[tokio::test]
async fn a_meeting_is_made_at_its_wall_time() {
    let script = Script::start([("POST /v2/users/me/meetings", Reply::json(201, &saved()))]).await;
    let stage = stage(&script);
    let meeting = Zoom.create_meeting(&stage.client(), &intent(draft())).await.unwrap();
    let seen = script.finished();
    assert_eq!(seen[0].header("authorization"), Some("Bearer token-1"));
    assert_eq!(
        seen[0].json(),
        json!({
            "topic": "Standup", "type": 2, "start_time": "2027-03-01T08:30:00Z", "duration": 45,
            "timezone": "Europe/Zurich", "agenda": "Bring numbers",
            "settings": {"meeting_invitees": [{"email": "ben@example.com"}]}
        })
    );
    assert_eq!(meeting.provider_id, "97763643886");
    assert_eq!(meeting.subject.as_deref(), Some("Standup"));
    assert_eq!(meeting.time, Some(morning()));
    assert_eq!(meeting.join_url.as_ref().unwrap().as_str(), "https://example.com/j/97763643886?pwd=x");
    assert_eq!(meeting.passcode.as_deref(), Some("123456"));
    assert_eq!(meeting.dial_in.as_deref(), Some("+41 43 555 01 00 (Switzerland)\n+1 2125550100"));
    assert_eq!(meeting.invitees, Some(vec!["ben@example.com".to_owned()]));
    assert!(!format!("{meeting:?}").contains("zak"), "the host's link left the wire type");
}

#[tokio::test]
async fn what_is_empty_is_not_sent() {
    let script = Script::start([("POST /v2/users/me/meetings", Reply::json(201, &saved()))]).await;
    let stage = stage(&script);
    let bare = MeetingDraft { agenda: String::new(), invitees: Vec::new(), ..draft() };
    Zoom.create_meeting(&stage.client(), &intent(bare)).await.unwrap();
    let body = script.finished()[0].json();
    assert!(body.get("agenda").is_none() && body.get("settings").is_none(), "{body}");
}

#[tokio::test]
async fn a_change_sends_its_parts_and_reads_back() {
    let script = Script::start([
        ("PATCH /v2/meetings/97763643886", Reply::empty(204)),
        ("GET /v2/meetings/97763643886", Reply::json(200, &saved())),
    ])
    .await;
    let stage = stage(&script);
    let current = stage.known("97763643886", Some(morning()));
    let change = MeetingChange { time: Some(MeetingTime { minutes: 15, ..morning() }), ..MeetingChange::default() };
    let meeting = Zoom.update_meeting(&stage.client(), &current, &change).await.unwrap();
    assert_eq!(
        script.finished()[0].json(),
        json!({"start_time": "2027-03-01T08:30:00Z", "duration": 15, "timezone": "Europe/Zurich"})
    );
    assert_eq!(meeting.time.unwrap().minutes, 45, "the provider's word counts, not ours");
}

#[tokio::test]
async fn a_change_can_clear_agenda_and_invitees() {
    let script = Script::start([
        ("PATCH /v2/meetings/7", Reply::empty(204)),
        ("GET /v2/meetings/7", Reply::json(200, &saved())),
    ])
    .await;
    let stage = stage(&script);
    let change = MeetingChange {
        subject: Some("Retro".into()),
        agenda: Some(String::new()),
        invitees: Some(Vec::new()),
        ..MeetingChange::default()
    };
    Zoom.update_meeting(&stage.client(), &stage.known("7", None), &change).await.unwrap();
    assert_eq!(
        script.finished()[0].json(),
        json!({"topic": "Retro", "agenda": "", "settings": {"meeting_invitees": []}})
    );
}

#[tokio::test]
async fn a_list_reads_every_page_and_each_meeting_once() {
    let page =
        |token: &str, meetings: Vec<Value>| Reply::json(200, &json!({"next_page_token": token, "meetings": meetings}));
    let mut room = listed(3, None);
    room["type"] = 3.into();
    room["agenda"] = "x".repeat(250).into();
    let occurrences = vec![listed(2, Some("2027-03-02T08:00:00Z")), listed(2, Some("2027-03-09T08:00:00Z")), room];
    let script = Script::start([
        (LIST, page("a b", vec![listed(1, Some("2027-03-01T08:00:00Z"))])),
        (&format!("{LIST}&next_page_token=a+b") as &str, page("", occurrences)),
    ])
    .await;
    let stage = stage(&script);
    let meetings = Zoom.list_meetings(&stage.client(), &[]).await.unwrap();
    script.finished();
    let ids: Vec<&str> = meetings.iter().map(|meeting| meeting.provider_id.as_str()).collect();
    assert_eq!(ids, ["1", "2", "3"]);
    assert_eq!(meetings[1].time.unwrap().start_utc(), "2027-03-02T08:00:00Z".parse::<DateTime<Utc>>().unwrap());
    assert_eq!(meetings[2].time, None, "a room without a fixed time");
    assert_eq!(meetings[0].agenda.as_deref(), Some("a"));
    assert_eq!(meetings[2].agenda, None, "an agenda of 250 characters may be cut");
    assert_eq!(meetings[0].invitees, None, "a list does not say who is invited");
}

#[tokio::test]
async fn a_page_that_fails_or_comes_again_fails_the_list() {
    let first = Reply::json(200, &json!({"next_page_token": "t", "meetings": [listed(1, None)]}));
    let second = format!("{LIST}&next_page_token=t");
    let script = Script::start([(LIST, first.clone()), (&second, Reply::empty(503))]).await;
    let error = Zoom.list_meetings(&stage(&script).client(), &[]).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::Unavailable);
    let script = Script::start([(LIST, first.clone()), (&second, first)]).await;
    let error = Zoom.list_meetings(&stage(&script).client(), &[]).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::BadAnswer);
    script.finished();
}

#[tokio::test]
async fn deleting_what_is_gone_is_done() {
    let gone = json!({"code": 3001, "message": "Meeting does not exist: 7."});
    for reply in [Reply::empty(204), Reply::json(404, &gone)] {
        let script = Script::start([("DELETE /v2/meetings/7", reply)]).await;
        Zoom.delete_meeting(&stage(&script).client(), "7").await.unwrap();
        script.finished();
    }
    let no_user = json!({"code": 1001, "message": "User does not exist: me."});
    let script = Script::start([("DELETE /v2/meetings/7", Reply::json(404, &no_user))]).await;
    let error = Zoom.delete_meeting(&stage(&script).client(), "7").await.unwrap_err();
    assert_eq!(error.code, ErrorCode::NotFound, "another 404 did not delete anything");
    let script = Script::start([]).await;
    assert!(Zoom.delete_meeting(&stage(&script).client(), "").await.is_err());
    script.finished();
}

#[tokio::test]
async fn who_is_signed_in() {
    let user = json!({"id": "u1", "email": "ana@example.com", "first_name": "Ana", "last_name": "Lopez", "type": 1});
    let script = Script::start([("GET /v2/users/me", Reply::json(200, &user))]).await;
    let identity = Zoom.identity(&stage(&script).client()).await.unwrap();
    script.finished();
    assert_eq!(
        identity,
        Identity { subject: "u1".into(), address: "ana@example.com".into(), name: Some("Ana Lopez".into()) }
    );
}

#[tokio::test]
async fn an_answer_that_is_none_of_zooms() {
    let cases = [
        (Reply::html(200, "<p>Welcome to the hotel"), ErrorCode::Intercepted),
        (Reply::json(200, &json!({"topic": "no id"})), ErrorCode::BadAnswer),
        (Reply::json(200, &json!({"id": 1, "start_time": "soon", "duration": 1})), ErrorCode::BadAnswer),
        (Reply::json(200, &json!({"id": 1, "join_url": "javascript:alert(1)"})), ErrorCode::BadAnswer),
        (Reply::json(200, &json!({"id": ".."})), ErrorCode::BadAnswer),
        (Reply::empty(302).with("location", "http://login.example/"), ErrorCode::Intercepted),
    ];
    for (reply, code) in cases {
        let script = Script::start([("GET /v2/meetings/7", reply)]).await;
        let stage = stage(&script);
        let error = error_of(Zoom.meeting(&stage.client(), "7").await);
        assert_eq!(error.code, code);
        assert_eq!(error.provider, Some(ProviderKind::Zoom));
        assert_eq!(error.account.as_ref(), Some(&stage.client().account().id));
    }
}
