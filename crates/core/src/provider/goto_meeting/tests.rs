//! GoToMeeting against saved answers: the exact request of each act, and what each answer becomes.

use serde_json::{Value, json};

use super::*;
use crate::{
    error::AlternativeKind,
    error::ErrorCode,
    meeting::{MeetingOptions, MeetingTime},
    provider::script::{Reply, Script, Stage, intent, morning, refused as error_of, series as recurring},
};

const UPCOMING_LINE: &str = "GET /G2M/rest/upcomingMeetings";

fn stage(script: &Script) -> Stage {
    Stage::new(script, ProviderKind::Goto, "/G2M/rest")
}

fn draft() -> MeetingDraft {
    MeetingDraft {
        subject: "R&D <Standup>".into(),
        time: morning(),
        agenda: "Bring numbers".into(),
        invitees: vec!["ben@example.com".into()],
        recurrence: None,
        options: MeetingOptions::NONE,
    }
}

/// What is sent of the draft.
fn body() -> Value {
    json!({
        "subject": "R&amp;D &lt;Standup&gt;", "starttime": "2027-03-01T08:30:00Z", "endtime": "2027-03-01T09:15:00Z",
        "passwordrequired": false, "conferencecallinfo": "Hybrid", "timezonekey": "", "meetingtype": "scheduled"
    })
}

fn created() -> Value {
    json!([{"joinURL": "https://global.gotomeeting.com/join/4148521234", "meetingid": 4_148_521_234_u64,
        "uniqueMeetingId": 4_148_521_234_u64, "conferenceCallInfo": "Hybrid", "maxParticipants": 26}])
}

fn saved() -> Value {
    json!({
        "createTime": "", "passwordRequired": true, "status": "INACTIVE", "subject": "R&amp;D &lt;Standup&gt;",
        "startTime": "2027-03-01T08:30:00Z", "endTime": "2027-03-01T09:15:00Z", "conferenceCallInfo": "VoIP", "duration": 45,
        "maxParticipants": 26, "meetingId": 4_148_521_234_u64, "meetingKey": 4_148_521_234_u64,
        "meetingType": "scheduled", "uniqueMeetingId": 4_148_521_234_u64
    })
}

fn with(pairs: &[(&str, Value)]) -> Value {
    let mut body = saved();
    for (name, value) in pairs {
        body[*name] = value.clone();
    }
    body
}

/// One of `upcomingMeetings`, where an id is text.
fn upcoming(id: &str, pairs: &[(&str, Value)]) -> Value {
    let mut item = with(pairs);
    item["meetingId"] = id.into();
    item
}

fn ids(meetings: &[ProviderMeeting]) -> Vec<&str> {
    meetings.iter().map(|meeting| meeting.provider_id.as_str()).collect()
}

async fn sent(draft: MeetingDraft) -> (Value, ProviderMeeting) {
    let script = Script::start([("POST /G2M/rest/meetings", Reply::json(201, &created()))]).await;
    let meeting = GoToMeeting.create_meeting(&stage(&script).client(), &intent(draft)).await.unwrap();
    (script.finished()[0].json(), meeting)
}

#[tokio::test]
async fn a_meeting_is_made_with_all_seven_fields() {
    let (seen, meeting) = sent(draft()).await;
    assert_eq!(seen, body());
    assert_eq!(meeting.provider_id, "4148521234");
    assert_eq!(meeting.join_url.as_ref().unwrap().as_str(), "https://global.gotomeeting.com/join/4148521234");
    assert_eq!((meeting.subject, meeting.time, meeting.dial_in), (None, None, None), "the answer does not say");
}

#[tokio::test]
async fn every_option_and_a_series_have_their_place() {
    for (choice, word) in [("both", "Hybrid"), ("telephony", "PSTN"), ("voip", "VoIP"), ("toll_free", "Free")] {
        let options = MeetingOptions::NONE.with(OptionKey::Passcode, "on").with(OptionKey::DialIn, choice);
        let series = Recurrence { form: SeriesForm::OneLink, ..recurring("FREQ=WEEKLY") };
        let (seen, _) = sent(MeetingDraft { options, recurrence: Some(series), ..draft() }).await;
        let mut expected = body();
        expected["passwordrequired"] = true.into();
        expected["conferencecallinfo"] = word.into();
        expected["meetingtype"] = "recurring".into();
        assert_eq!(seen, expected);
    }
}

#[tokio::test]
async fn what_is_read_has_no_link_and_no_zone() {
    let script = Script::start([("GET /G2M/rest/meetings/4148521234", Reply::json(200, &json!([saved()])))]).await;
    let meeting = GoToMeeting.meeting(&stage(&script).client(), "4148521234").await.unwrap();
    script.finished();
    assert_eq!(meeting.subject.as_deref(), Some("R&D <Standup>"));
    assert_eq!(meeting.time, Some(morning().in_zone(chrono_tz::Tz::UTC)));
    assert_eq!((meeting.join_url.as_ref(), meeting.recurrence.as_ref()), (None, Some(&None)));
    assert_eq!(meeting.options.to_names().into_values().collect::<Vec<_>>(), ["voip", "on"]);
}

#[tokio::test]
async fn a_room_has_no_time_and_numbers_may_stand_in_the_place_of_a_word() {
    let numbers = "US: +1 (408) 555-0100\nAccess Code: 111-222-333";
    let room = with(&[("meetingType", "recurring".into()), ("conferenceCallInfo", numbers.into())]);
    let older = with(&[("startTime", "2027-03-01T08:30:00.+0000".into()), ("conferenceCallInfo", "private".into())]);
    for (body, time, dial_in) in [(room, None, Some(numbers)), (older, Some(morning().start_utc()), None)] {
        let script = Script::start([("GET /G2M/rest/meetings/4148521234", Reply::json(200, &json!([body])))]).await;
        let meeting = GoToMeeting.meeting(&stage(&script).client(), "4148521234").await.unwrap();
        assert_eq!(meeting.time.map(|time| time.start_utc()), time);
        assert_eq!(meeting.dial_in.as_deref(), dial_in);
        assert_eq!(meeting.options.get(OptionKey::DialIn), None);
    }
}

#[tokio::test]
async fn a_change_keeps_what_it_does_not_change() {
    let series = Recurrence { form: SeriesForm::OneLink, ..recurring("FREQ=WEEKLY") };
    let cases = [
        (MeetingChange { subject: Some("A < B".into()), ..MeetingChange::default() }, "subject", json!("A &lt; B")),
        (
            MeetingChange { time: Some(MeetingTime { minutes: 15, ..morning() }), ..MeetingChange::default() },
            "endtime",
            json!("2027-03-01T08:45:00Z"),
        ),
        (
            MeetingChange { recurrence: Some(Some(series)), ..MeetingChange::default() },
            "meetingtype",
            json!("recurring"),
        ),
        (
            MeetingChange {
                options: MeetingOptions::NONE.with(OptionKey::Passcode, "off"),
                ..MeetingChange::default()
            },
            "passwordrequired",
            json!(false),
        ),
        (
            MeetingChange { options: MeetingOptions::NONE.with(OptionKey::DialIn, "both"), ..MeetingChange::default() },
            "conferencecallinfo",
            json!("Hybrid"),
        ),
    ];
    for (change, name, value) in cases {
        let line = "GET /G2M/rest/meetings/4148521234";
        let after = with(&[("subject", "By GoTo".into())]);
        let script = Script::start([
            (line, Reply::json(200, &json!([saved()]))),
            ("PUT /G2M/rest/meetings/4148521234", Reply::empty(204)),
            (line, Reply::json(200, &json!([after]))),
        ])
        .await;
        let stage = stage(&script);
        let current = stage.known("4148521234", Some(morning()));
        let meeting = GoToMeeting.update_meeting(&stage.client(), &current, &change).await.unwrap();
        let mut expected = body();
        expected["passwordrequired"] = true.into();
        expected["conferencecallinfo"] = "VoIP".into();
        expected[name] = value;
        assert_eq!(script.finished()[1].json(), expected);
        assert_eq!(meeting.subject.as_deref(), Some("By GoTo"), "the provider's word counts, not ours");
        assert_eq!(meeting.join_url, None, "the register keeps the link");
    }
}

#[tokio::test]
async fn a_room_is_changed_at_the_time_that_is_known_here_and_keeps_its_numbers() {
    let room =
        with(&[("meetingType", "recurring".into()), ("startTime", "".into()), ("conferenceCallInfo", "Own: 1".into())]);
    let line = "GET /G2M/rest/meetings/4148521234";
    let script = Script::start([
        (line, Reply::json(200, &json!([room]))),
        ("PUT /G2M/rest/meetings/4148521234", Reply::empty(204)),
        (line, Reply::json(200, &json!([room]))),
    ])
    .await;
    let stage = stage(&script);
    let change = MeetingChange { subject: Some("New".into()), ..MeetingChange::default() };
    let current = stage.known("4148521234", Some(morning()));
    GoToMeeting.update_meeting(&stage.client(), &current, &change).await.unwrap();
    let seen = script.finished()[1].json();
    assert_eq!((&seen["starttime"], &seen["meetingtype"]), (&json!("2027-03-01T08:30:00Z"), &json!("recurring")));
    assert_eq!(seen["conferencecallinfo"], "Own: 1");
}

#[tokio::test]
async fn a_change_that_concerns_only_this_computer_reads_the_meeting() {
    let script = Script::start([("GET /G2M/rest/meetings/4148521234", Reply::json(200, &json!([saved()])))]).await;
    let stage = stage(&script);
    let change = MeetingChange { agenda: Some("x".into()), invitees: Some(Vec::new()), ..MeetingChange::default() };
    let current = stage.known("4148521234", Some(morning()));
    GoToMeeting.update_meeting(&stage.client(), &current, &change).await.unwrap();
    script.finished();
}

#[tokio::test]
async fn a_list_reads_what_it_does_not_show() {
    let script = Script::start([
        (UPCOMING_LINE, Reply::json(200, &json!([upcoming("1", &[]), upcoming("1", &[]), upcoming("2", &[])]))),
        ("GET /G2M/rest/meetings/3", Reply::json(200, &json!([with(&[("meetingId", 3.into())])]))),
        ("GET /G2M/rest/meetings/4", Reply::json(404, &json!({"int_err_code": "NoSuchMeeting"}))),
    ])
    .await;
    let stage = stage(&script);
    let known = ["4", "1", "3"].map(|id| stage.known(id, None));
    let meetings = GoToMeeting.list_meetings(&stage.client(), &known).await.unwrap();
    script.finished();
    assert_eq!(ids(&meetings), ["1", "2", "3"]);
    for reply in [Reply::json(403, &json!({"errorCode": "AccessDenied"})), Reply::json(200, &json!([]))] {
        let script =
            Script::start([(UPCOMING_LINE, Reply::json(200, &json!([]))), ("GET /G2M/rest/meetings/3", reply)]);
        let script = script.await;
        let stage = self::stage(&script);
        GoToMeeting.list_meetings(&stage.client(), &[stage.known("3", None)]).await.unwrap_err();
    }
}

#[tokio::test]
async fn what_may_have_been_made_is_what_was_not_there_before() {
    let items = json!([
        upcoming("1", &[]),
        upcoming("2", &[]),
        upcoming("3", &[("subject", "Other".into())]),
        upcoming("4", &[("endTime", "2027-03-01T09:30:00Z".into())]),
        upcoming("5", &[("meetingType", "recurring".into())])
    ]);
    let reply = Reply::json(200, &items);
    let script =
        Script::start([(UPCOMING_LINE, reply.clone()), (UPCOMING_LINE, reply.clone()), (UPCOMING_LINE, reply)]).await;
    let stage = stage(&script);
    let client = stage.client();
    assert_eq!(GoToMeeting.ids_before(&client).await.unwrap(), ["1", "2", "3", "4", "5"]);
    let mut asked = intent(draft());
    asked.before.insert("1".to_owned());
    let found = GoToMeeting.find_created(&client, &asked).await.unwrap();
    assert_eq!(ids(&found), ["2"]);
    assert_eq!(found[0].join_url.as_ref().unwrap().as_str(), script.base("/join/2").as_str());
    asked.draft.recurrence = Some(Recurrence { form: SeriesForm::OneLink, ..recurring("FREQ=WEEKLY") });
    assert_eq!(ids(&GoToMeeting.find_created(&client, &asked).await.unwrap()), ["5"]);
    script.finished();
}

#[test]
fn a_link_that_no_answer_holds_is_gotos_own_form() {
    for (base, link) in [
        ("https://api.getgo.com/G2M/rest", "https://global.gotomeeting.com/join/41485"),
        ("http://127.0.0.1:4000/goto/G2M/rest", "http://127.0.0.1:4000/goto/join/41485"),
    ] {
        assert_eq!(join_url(&base.parse().unwrap(), "41485").unwrap().as_str(), link);
    }
}

#[tokio::test]
async fn who_is_signed_in_is_asked_beside_the_product() {
    let emails = json!([{"value": "old@example.com"}, {"value": "ana@example.com", "primary": true}]);
    let full = json!({"id": "77", "userName": "ana", "displayName": "Ana Lopez", "emails": emails});
    let bare = json!({"id": "77", "userName": "ana@example.com", "name": {"givenName": "Ana", "familyName": "Lopez"}});
    for reply in [full, bare] {
        let script = Script::start([("GET /identity/v1/Users/me", Reply::json(200, &reply))]).await;
        let found = GoToMeeting.identity(&stage(&script).client()).await.unwrap();
        script.finished();
        let name = Some("Ana Lopez".to_owned());
        assert_eq!(found, Identity { subject: "77".into(), address: "ana@example.com".into(), name });
    }
    let script = Script::start([("GET /identity/v1/Users/me", Reply::json(200, &json!({"id": "77"})))]).await;
    let error = GoToMeeting.identity(&stage(&script).client()).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::BadAnswer);
}

#[tokio::test]
async fn deleting_what_is_gone_is_done() {
    let gone = json!({"errorCode": "NoSuchMeeting", "description": "no", "incident": "1"});
    for (reply, code) in [
        (Reply::empty(204), None),
        (Reply::json(404, &gone), None),
        (Reply::html(200, "hotel"), Some(ErrorCode::Intercepted)),
        (Reply::html(404, "hotel"), Some(ErrorCode::Intercepted)),
        (Reply::json(409, &gone), Some(ErrorCode::Conflict)),
    ] {
        let script = Script::start([("DELETE /G2M/rest/meetings/7", reply)]).await;
        let done = GoToMeeting.delete_meeting(&stage(&script).client(), "7").await;
        assert_eq!(done.err().map(|error| error.code), code);
        script.finished();
    }
}

#[tokio::test]
async fn an_id_that_names_the_folder_is_never_sent() {
    let script = Script::start([]).await;
    let stage = stage(&script);
    for id in ["", ".", ".."] {
        assert_eq!(error_of(GoToMeeting.meeting(&stage.client(), id).await).code, ErrorCode::NotFound);
        assert_eq!(GoToMeeting.delete_meeting(&stage.client(), id).await.unwrap_err().code, ErrorCode::NotFound);
        let change = MeetingChange { subject: Some("x".into()), ..MeetingChange::default() };
        let changed = GoToMeeting.update_meeting(&stage.client(), &stage.known(id, None), &change).await;
        assert_eq!(error_of(changed).code, ErrorCode::NotFound);
    }
    script.finished();
}

#[tokio::test]
async fn an_answer_that_is_none_of_gotos() {
    for (reply, code) in [
        (Reply::html(200, "<p>Welcome to the hotel"), ErrorCode::Intercepted),
        (Reply::json(200, &saved()), ErrorCode::BadAnswer),
        (Reply::json(200, &json!([])), ErrorCode::BadAnswer),
        (Reply::json(200, &json!([{"subject": "no id"}])), ErrorCode::BadAnswer),
        (
            Reply::json(200, &json!([with(&[("meetingId", 7.into()), ("startTime", "soon".into())])])),
            ErrorCode::BadAnswer,
        ),
        (Reply::json(200, &json!([with(&[("meetingId", 8.into())])])), ErrorCode::BadAnswer),
        (Reply::empty(200), ErrorCode::BadAnswer),
        (Reply::empty(302).with("location", "http://login.example/"), ErrorCode::Intercepted),
    ] {
        let script = Script::start([("GET /G2M/rest/meetings/7", reply)]).await;
        let stage = stage(&script);
        let error = error_of(GoToMeeting.meeting(&stage.client(), "7").await);
        assert_eq!((error.code, error.provider), (code, Some(ProviderKind::Goto)));
        assert_eq!(error.account.as_ref(), Some(&stage.client().account().id));
    }
    for body in [
        json!([]),
        json!([created()[0], created()[0]]),
        json!([{"meetingid": "..", "joinURL": "https://x.example/"}]),
        json!([{"meetingid": 7, "joinURL": "javascript:alert(1)"}]),
    ] {
        let script = Script::start([("POST /G2M/rest/meetings", Reply::json(201, &body))]).await;
        let error = error_of(GoToMeeting.create_meeting(&stage(&script).client(), &intent(draft())).await);
        assert_eq!(error.code, ErrorCode::BadAnswer, "{body}");
    }
    let script = Script::start([(UPCOMING_LINE, Reply::json(200, &json!([upcoming("..", &[])])))]).await;
    let error = GoToMeeting.list_meetings(&stage(&script).client(), &[]).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::BadAnswer);
}

#[test]
fn a_series_is_one_link_or_several_meetings() {
    use AlternativeKind::{Linked, OneLink};
    for (rule, form, expected) in [
        ("FREQ=WEEKLY;COUNT=3", SeriesForm::Native, Some(("no_series", vec![OneLink, Linked]))),
        ("FREQ=WEEKLY;COUNT=21", SeriesForm::Native, Some(("no_series", vec![OneLink]))),
        ("FREQ=WEEKLY;COUNT=21", SeriesForm::Linked, Some(("too_many_meetings", vec![OneLink]))),
        ("FREQ=WEEKLY;COUNT=3", SeriesForm::Linked, None),
        ("FREQ=WEEKLY", SeriesForm::OneLink, None),
    ] {
        let draft = MeetingDraft { recurrence: Some(Recurrence { form, ..recurring(rule) }), ..draft() };
        let Some((why, kinds)) = expected else {
            GoToMeeting.check_draft(&draft).unwrap();
            continue;
        };
        let error = GoToMeeting.check_draft(&draft).unwrap_err();
        assert_eq!(error.fields[0].detail.as_deref(), Some(why), "{rule}");
        assert_eq!(error.alternatives.iter().map(|way| way.kind).collect::<Vec<_>>(), kinds, "{rule}");
    }
    let three = MeetingDraft { recurrence: Some(recurring("FREQ=WEEKLY;COUNT=3")), ..draft() };
    assert_eq!(GoToMeeting.parts(&three).unwrap().len(), 3);
}
