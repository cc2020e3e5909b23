//! Making a meeting at Teams so that asking twice makes one: the key, the options that follow, and a policy in between.

use serde_json::{Value, json};

use super::{super::*, draft, graph_error, saved, stage};
use crate::{
    error::AlternativeKind,
    meeting::{MeetingOptions, MeetingTime},
    provider::script::{Reply, Script, intent, morning, now, series},
};

const GET_OR_MAKE: &str = "POST /v1.0/me/onlineMeetings/createOrGet";
const MAKE: &str = "POST /v1.0/me/onlineMeetings";
const CHANGE: &str = "PATCH /v1.0/me/onlineMeetings/MSo1=";

fn chosen() -> MeetingOptions {
    MeetingOptions::NONE
        .with(OptionKey::Lobby, "invited")
        .with(OptionKey::Presenters, "organizer")
        .with(OptionKey::Recording, "cloud")
        .with(OptionKey::CoHosts, "cleo@example.com")
}

#[tokio::test]
async fn options_follow_the_key() {
    let mut told = saved("MSo1=");
    told["lobbyBypassSettings"] = json!({"scope": "invited"});
    told["allowedPresenters"] = json!("organizer");
    told["recordAutomatically"] = json!(true);
    let script =
        Script::start([(GET_OR_MAKE, Reply::json(201, &saved("MSo1="))), (CHANGE, Reply::json(200, &told))]).await;
    let draft = MeetingDraft { options: chosen(), ..draft() };
    let meeting = Teams.create_meeting(&stage(&script).client(), &intent(draft)).await.unwrap();
    let seen = script.finished();
    assert_eq!(
        seen[0].json()["participants"]["attendees"],
        json!([{"upn": "cleo@example.com", "role": "coorganizer"}, {"upn": "ben@example.com", "role": "attendee"}])
    );
    assert_eq!(
        seen[1].json(),
        json!({"allowedPresenters": "organizer", "lobbyBypassSettings": {"scope": "invited"}, "recordAutomatically": true})
    );
    assert_eq!(meeting.options.get(OptionKey::Lobby), Some("invited"));
    assert_eq!(meeting.options.get(OptionKey::Recording), Some("cloud"));
}

#[tokio::test]
async fn only_a_plain_post_takes_the_choice_of_a_passcode() {
    let script = Script::start([(MAKE, Reply::json(201, &saved("MSo1=")))]).await;
    let draft = MeetingDraft { options: chosen().with(OptionKey::Passcode, "off"), ..draft() };
    Teams.create_meeting(&stage(&script).client(), &intent(draft)).await.unwrap();
    let body: Value = script.finished()[0].json();
    assert_eq!(body["joinMeetingIdSettings"], json!({"isPasscodeRequired": false}));
    assert_eq!(body["externalId"], "i-abcdefghjkmnpqrstuvw");
    assert_eq!(body["allowedPresenters"], "organizer");
}

#[tokio::test]
async fn a_meeting_whose_options_are_refused_is_taken_back() {
    let script = Script::start([
        (GET_OR_MAKE, Reply::json(201, &saved("MSo1="))),
        (CHANGE, Reply::json(403, &graph_error("Forbidden", "a policy"))),
        ("DELETE /v1.0/me/onlineMeetings/MSo1=", Reply::empty(204)),
    ])
    .await;
    let draft = MeetingDraft { options: chosen(), ..draft() };
    let error = Teams.create_meeting(&stage(&script).client(), &intent(draft)).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::NotPermitted);
    script.finished();
}

#[tokio::test]
async fn what_may_have_been_made_is_found_by_its_key_as_it_is_now() {
    // Somebody moved it meanwhile: createOrGet returns it unchanged, and its time is the one that counts.
    let mut moved = saved("MSo1=");
    moved["startDateTime"] = json!("2027-03-01T09:30:00.0000000Z");
    moved["endDateTime"] = json!("2027-03-01T10:15:00.0000000Z");
    let script = Script::start([(GET_OR_MAKE, Reply::json(200, &moved))]).await;
    let found = Teams.find_created(&stage(&script).client(), &intent(draft())).await.unwrap();
    script.finished();
    let later = MeetingTime { start: morning().start + chrono::Duration::hours(1), ..morning() };
    assert_eq!(found[0].time, Some(later));
}

#[tokio::test]
async fn what_the_key_made_without_the_passcode_is_taken_back() {
    let passcode = |required: bool| {
        let mut meeting = saved("MSo1=");
        meeting["joinMeetingIdSettings"] = json!({"isPasscodeRequired": required});
        meeting
    };
    let draft = MeetingDraft { options: MeetingOptions::NONE.with(OptionKey::Passcode, "on"), ..draft() };
    let script = Script::start([(GET_OR_MAKE, Reply::json(200, &passcode(true)))]).await;
    let found = Teams.find_created(&stage(&script).client(), &intent(draft.clone())).await.unwrap();
    script.finished();
    assert_eq!(found.len(), 1);

    let delete = "DELETE /v1.0/me/onlineMeetings/MSo1=";
    let script = Script::start([(GET_OR_MAKE, Reply::json(201, &passcode(false))), (delete, Reply::empty(204))]).await;
    let found = Teams.find_created(&stage(&script).client(), &intent(draft)).await.unwrap();
    script.finished();
    assert_eq!(found, [], "the plain create makes it as it was asked for");
}

#[tokio::test]
async fn what_nobody_waits_for_is_found_and_not_made() {
    // Long past: one that stands is kept, and one that the look made is taken back.
    let past = MeetingTime { start: now().with_timezone(&Tz::UTC) - chrono::Duration::days(3), ..morning() };
    let old = MeetingDraft { time: past, ..draft() };
    let script = Script::start([(GET_OR_MAKE, Reply::json(200, &saved("MSo1=")))]).await;
    assert_eq!(Teams.find_created(&stage(&script).client(), &intent(old.clone())).await.unwrap().len(), 1);
    script.finished();
    let delete = "DELETE /v1.0/me/onlineMeetings/MSo1=";
    let script = Script::start([(GET_OR_MAKE, Reply::json(201, &saved("MSo1="))), (delete, Reply::empty(204))]).await;
    assert_eq!(Teams.find_created(&stage(&script).client(), &intent(old)).await.unwrap(), []);
    script.finished();
}

#[tokio::test]
async fn a_change_of_co_organizers_sends_everybody() {
    let script = Script::start([(CHANGE, Reply::json(200, &saved("MSo1=")))]).await;
    let stage = stage(&script);
    let current = Meeting { invitees: vec!["ben@example.com".into()], ..stage.known("MSo1=", Some(morning())) };
    let options = MeetingOptions::NONE.with(OptionKey::CoHosts, "ben@example.com");
    let change = MeetingChange { options, ..MeetingChange::default() };
    Teams.update_meeting(&stage.client(), &current, &change).await.unwrap();
    assert_eq!(
        script.finished()[0].json(),
        json!({"participants": {"attendees": [{"upn": "ben@example.com", "role": "coorganizer"}]}})
    );
}

#[test]
fn a_series_is_one_link_or_nothing() {
    let repeating = MeetingDraft { recurrence: Some(series("FREQ=WEEKLY;COUNT=4")), ..draft() };
    let error = Teams.check_draft(&repeating).unwrap_err();
    assert_eq!((error.code, error.alternatives.len()), (ErrorCode::Rejected, 1));
    assert_eq!(error.alternatives[0].kind, AlternativeKind::OneLink);
    let recurrence = repeating
        .recurrence
        .map(|series| crate::meeting::Recurrence { form: crate::meeting::SeriesForm::OneLink, ..series });
    assert_eq!(Teams.check_draft(&MeetingDraft { recurrence, ..draft() }), Ok(()));
}

#[tokio::test]
async fn a_policy_wants_a_new_sign_in_that_carries_its_claims() {
    let challenge = "Bearer realm=\"\", error=\"insufficient_claims\", claims=\"eyJhY2Nlc3NfdG9rZW4iOnt9fQ==\"";
    for status in [401, 403] {
        let script = Script::start([(GET_OR_MAKE, Reply::empty(status).with("WWW-Authenticate", challenge))]).await;
        let error = Teams.create_meeting(&stage(&script).client(), &intent(draft())).await.unwrap_err();
        assert_eq!(error.code, ErrorCode::SignInRequired, "a refresh does not help: none was asked for");
        assert_eq!(error.claims.unwrap().0, "{\"access_token\":{}}");
        script.finished();
    }
}
