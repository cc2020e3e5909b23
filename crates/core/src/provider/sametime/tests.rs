//! Sametime against saved answers: the exact request of each act, and what each answer becomes.

use std::sync::atomic::Ordering;

use serde_json::{Value, json};

use super::*;
use crate::{
    meeting::MeetingOptions,
    provider::script::{Reply, Script, Seen, Stage, intent, morning, refused as error_of},
};

const CATALOGUE: &str = "GET /st/meeting-catalog/api/v1/meetings";
const MAKE: &str = "POST /st/meeting-catalog/api/v1/meetings";
const RENEW: &str = "GET /st/sametime-auth/api/v1/refresh";

fn stage(script: &Script) -> Stage {
    Stage::new(script, ProviderKind::Sametime, "/st")
}

fn draft() -> MeetingDraft {
    MeetingDraft {
        subject: "Sprint review".into(),
        time: morning(),
        agenda: "Demo".into(),
        invitees: Vec::new(),
        recurrence: None,
        options: MeetingOptions::NONE,
    }
}

fn room(name: &str) -> Value {
    json!({"name": name, "moderators": ["ana@example.com"], "participants": [], "mode": "Open", "allowDialIn": false,
        "allowGuestUser": false, "style": "", "isRestricted": false, "hasLobby": false, "owner": "ana@example.com",
        "hasPassword": true, "createdAt": 1_799_000_000_000_u64, "updatedAt": 1_799_000_000_000_u64, "isOwner": true})
}

fn renewal() -> Reply {
    Reply::json(200, &json!({})).with("set-cookie", "sametimeJwt=jwt-2; Path=/").with("x-csrf-token", "csrf-2")
}

fn login_page() -> Reply {
    Reply::html(200, "<form action=/login><input name=\"pw\" type=\"password\"></form>")
}

fn sent(seen: &Seen) -> (Option<&str>, Option<&str>) {
    (seen.header("cookie"), seen.header("x-csrf-token"))
}

#[tokio::test]
async fn a_room_is_made_and_the_rest_is_remembered() {
    let script =
        Script::start([(MAKE, Reply::json(200, &json!({"name": "Sprint_review_x", "password": "12345678"})))]).await;
    let stage = stage(&script);
    let meeting = Sametime.create_meeting(&stage.client(), &intent(draft())).await.unwrap();
    let seen = script.finished();
    assert_eq!(sent(&seen[0]), (Some("_csrf=cookie-1; sametimeJwt=jwt-1"), Some("csrf-1")));
    let body = seen[0].json();
    let name = body["meeting"]["name"].as_str().unwrap().to_owned();
    assert_eq!(
        body,
        json!({"meeting": {"name": name, "moderators": ["ana@example.com"], "allowGuestUser": "false", "mode": "Open"}})
    );
    assert!(name.starts_with("Sprint_review_") && name.len() == 24, "{name}");
    assert_eq!(meeting.provider_id, "Sprint_review_x", "the server's word counts");
    assert_eq!(meeting.join_url.unwrap().as_str(), script.base("/st/meeting/Sprint_review_x").as_str());
    assert_eq!(meeting.passcode.as_deref(), Some("12345678"));
    assert_eq!((meeting.subject.as_deref(), meeting.time), (Some("Sprint review"), Some(morning())));
    assert_eq!(meeting.agenda.as_deref(), Some("Demo"));
}

#[test]
fn only_a_mail_address_moderates() {
    let body = serde_json::to_value(RoomBody::new("n", "ana")).unwrap();
    assert_eq!(body["meeting"]["moderators"], json!([]));
}

#[tokio::test]
async fn a_name_that_is_taken_is_tried_once_more_with_another_suffix() {
    let nobodys = || (CATALOGUE, Reply::json(200, &json!([])));
    let made = (MAKE, Reply::json(200, &json!({"name": "n"})));
    let script = Script::start([(MAKE, Reply::empty(409)), nobodys(), made]).await;
    Sametime.create_meeting(&stage(&script).client(), &intent(draft())).await.unwrap();
    let seen = script.finished();
    let ours = seen[0].json()["meeting"]["name"].as_str().unwrap().to_owned();
    assert_ne!(ours, seen[2].json()["meeting"]["name"]);
    let script = Script::start([(MAKE, Reply::empty(409)), (CATALOGUE, Reply::json(200, &json!([room(&ours)])))]).await;
    let again = Sametime.create_meeting(&stage(&script).client(), &intent(draft())).await.unwrap();
    assert_eq!(again.provider_id, ours, "an earlier try of ours had made it");
    script.finished();
    let script = Script::start([(MAKE, Reply::empty(409)), nobodys(), (MAKE, Reply::empty(409))]).await;
    let error = error_of(Sametime.create_meeting(&stage(&script).client(), &intent(draft())).await);
    assert_eq!(error.code, ErrorCode::Conflict);
    script.finished();
}

#[tokio::test]
async fn rooms_made_elsewhere_are_listed_without_a_time() {
    let script = Script::start([(CATALOGUE, Reply::json(200, &json!([room("ours"), room("Team_room_7")])))]).await;
    let stage = stage(&script);
    let known = [stage.known("ours", Some(morning())), stage.known("no_longer_there", None)];
    let meetings = Sametime.list_meetings(&stage.client(), &known).await.unwrap();
    script.finished();
    assert_eq!(meetings.len(), 2);
    assert_eq!((meetings[0].subject.as_deref(), meetings[0].time), (Some("Standup"), Some(morning())));
    assert_eq!((meetings[1].subject.as_deref(), meetings[1].time), (Some("Team room 7"), None));
    assert_eq!(meetings[1].join_url.as_ref().unwrap().as_str(), script.base("/st/meeting/Team_room_7").as_str());
}

#[tokio::test]
async fn one_room_is_read_from_the_list() {
    let script = Script::start([
        (CATALOGUE, Reply::json(200, &json!([room("a"), room("b")]))),
        (CATALOGUE, Reply::json(200, &json!([room("a")]))),
    ])
    .await;
    let stage = stage(&script);
    let meeting = Sametime.meeting(&stage.client(), "b").await.unwrap();
    assert_eq!((meeting.provider_id.as_str(), meeting.subject), ("b", None), "the register knows the subject");
    let error = error_of(Sametime.meeting(&stage.client(), "b").await);
    assert_eq!((error.code, error.provider), (ErrorCode::NotFound, Some(ProviderKind::Sametime)));
}

#[tokio::test]
async fn a_change_keeps_the_name_and_writes_nothing_to_the_server() {
    let script = Script::start([(CATALOGUE, Reply::json(200, &json!([room("a")])))]).await;
    let stage = stage(&script);
    let later = crate::meeting::MeetingTime { minutes: 90, ..morning() };
    let change = MeetingChange { subject: Some("Retro".into()), time: Some(later), ..MeetingChange::default() };
    let current = Meeting { agenda: "Demo".into(), ..stage.known("a", Some(morning())) };
    let meeting = Sametime.update_meeting(&stage.client(), &current, &change).await.unwrap();
    script.finished();
    assert_eq!(meeting.provider_id, "a");
    assert_eq!((meeting.subject.as_deref(), meeting.time), (Some("Retro"), Some(later)));
    assert_eq!(meeting.agenda.as_deref(), Some("Demo"));
    assert_eq!(meeting.join_url.unwrap().as_str(), script.base("/st/meeting/a").as_str());
}

#[tokio::test]
async fn a_change_of_a_room_that_is_gone_is_refused() {
    let script = Script::start([(CATALOGUE, Reply::json(200, &json!([])))]).await;
    let stage = stage(&script);
    let change = MeetingChange { subject: Some("Retro".into()), ..MeetingChange::default() };
    let error = error_of(Sametime.update_meeting(&stage.client(), &stage.known("a", None), &change).await);
    assert_eq!(error.code, ErrorCode::NotFound);
}

#[tokio::test]
async fn deleting_what_is_gone_is_done() {
    for status in [200, 204, 404] {
        let script =
            Script::start([("DELETE /st/meeting-catalog/api/v1/meetings/%C3%9Cber_uns", Reply::empty(status))]).await;
        Sametime.delete_meeting(&stage(&script).client(), "Über_uns").await.unwrap();
        assert_eq!(sent(&script.finished()[0]).1, Some("csrf-1"));
    }
    let script = Script::start([("DELETE /st/meeting-catalog/api/v1/meetings/a", Reply::html(200, "<p>hotel"))]).await;
    let error = Sametime.delete_meeting(&stage(&script).client(), "a").await.unwrap_err();
    assert_eq!(error.code, ErrorCode::Intercepted, "a page deleted nothing");
}

#[tokio::test]
async fn a_login_page_or_a_used_up_token_is_worth_one_renewal() {
    let csrf = Reply::json(403, &json!({"error": {"message": "invalid csrf token"}}));
    for obstacle in [login_page(), csrf, Reply::empty(401)] {
        let script =
            Script::start([(CATALOGUE, obstacle), (RENEW, renewal()), (CATALOGUE, Reply::json(200, &json!([])))]).await;
        Sametime.list_meetings(&stage(&script).client(), &[]).await.unwrap();
        let seen = script.finished();
        assert_eq!(sent(&seen[1]), (Some("_csrf=cookie-1; sametimeRefresh=refresh-1"), Some("csrf-1")));
        assert_eq!(sent(&seen[2]), (Some("_csrf=cookie-1; sametimeJwt=jwt-2"), Some("csrf-2")));
    }
}

#[tokio::test]
async fn a_login_page_after_a_renewal_is_no_success() {
    for line in [MAKE, CATALOGUE] {
        let script = Script::start([(line, login_page()), (RENEW, renewal()), (line, login_page())]).await;
        let stage = stage(&script);
        let error = if line == MAKE {
            error_of(Sametime.create_meeting(&stage.client(), &intent(draft())).await)
        } else {
            Sametime.list_meetings(&stage.client(), &[]).await.unwrap_err()
        };
        assert_eq!(error.code, ErrorCode::SignInRequired);
        script.finished();
    }
}

#[tokio::test]
async fn refusals_of_the_catalogue() {
    let cases = [
        (Reply::json(403, &json!({"error": {"message": "bad content"}})), ErrorCode::NotPermitted, Some("bad content")),
        (Reply::empty(400), ErrorCode::Rejected, None),
        (Reply::empty(503), ErrorCode::Unavailable, None),
        // A page in place of an answer: the room may have been made.
        (Reply::html(200, "<p>hotel"), ErrorCode::OutcomeUnknown, None),
        (Reply::json(200, &json!({"name": ".."})), ErrorCode::BadAnswer, Some("name")),
        (Reply::json(200, &json!([])), ErrorCode::BadAnswer, None),
    ];
    for (reply, code, detail) in cases {
        let script = Script::start([(MAKE, reply)]).await;
        let error = error_of(Sametime.create_meeting(&stage(&script).client(), &intent(draft())).await);
        assert_eq!(error.code, code);
        if let Some(detail) = detail {
            assert_eq!(error.detail.as_deref(), Some(detail));
        }
        script.finished();
    }
}

#[tokio::test]
async fn tokens_that_could_not_be_saved_wait_in_memory_and_work_goes_on() {
    let rooms = (CATALOGUE, Reply::json(200, &json!([])));
    let script = Script::start([(RENEW, renewal()), rooms.clone(), rooms]).await;
    let stage = stage(&script);
    stage.store.locked.store(true, Ordering::SeqCst);
    let error = stage.client().renew_now().await.unwrap_err();
    assert_eq!(error.code, ErrorCode::KeyringLocked, "a person is told that they are not safe yet");
    Sametime.list_meetings(&stage.client(), &[]).await.unwrap();
    assert_eq!(stage.client().renew_now().await.unwrap_err().code, ErrorCode::KeyringLocked);
    stage.store.locked.store(false, Ordering::SeqCst);
    // One renewal was asked for and there is no second: the script would refuse it.
    stage.client().renew_now().await.unwrap();
    Sametime.list_meetings(&stage.client(), &[]).await.unwrap();
    for request in &script.finished()[1..] {
        assert_eq!(sent(request).0, Some("_csrf=cookie-1; sametimeJwt=jwt-2"));
    }
}
