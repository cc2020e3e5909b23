//! Webex against saved answers: the exact request of each act, and what each answer becomes.

use serde_json::{Value, json};

use super::*;
use crate::{
    error::AlternativeKind,
    error::ErrorCode,
    meeting::{MeetingOptions, recurrence::Frequency},
    provider::script::{Reply, Script, Stage, intent, morning, refused as error_of, series as recurring},
};

const ID: &str = "870f51ff287b41be84648412901e0402";
const FILTERS: &str = "GET /v1/meetings?meetingType=meetingSeries&scheduledType=meeting&current=false&max=100";

/// The first page of the list, as it is asked for at the tests' moment.
fn list_line() -> String {
    format!("{FILTERS}&from=2027-01-10T12%3A00%3A00Z&to=2028-01-10T12%3A00%3A00Z")
}

fn find_line() -> String {
    format!("{FILTERS}&from=2027-01-29T08%3A30%3A00Z&to=2027-04-01T08%3A30%3A00Z&integrationTag=i-abcdefghjkmnpqrstuvw")
}

fn stage(script: &Script) -> Stage {
    Stage::new(script, ProviderKind::Webex, "/v1")
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
        "id": ID, "meetingNumber": "123456789", "title": "Standup", "agenda": "Bring numbers", "password": "BgJep@43",
        "phoneAndVideoSystemPassword": "12345678", "meetingType": "meetingSeries", "state": "active",
        "timezone": "Europe/Zurich", "start": "2027-03-01T09:30:00+01:00", "end": "2027-03-01T10:15:00+01:00",
        "hostUserId": "Y2lz", "hostDisplayName": "Ana Lopez", "hostEmail": "ana@example.com", "hostKey": "987654",
        "siteUrl": "site4-example.webex.com", "webLink": "https://site4-example.webex.com/j.php?MTID=md4",
        "registerLink": "https://site4-example.webex.com/register", "sipAddress": "123456789@site4-example.webex.com",
        "telephony": {"accessCode": "1234567890", "callInNumbers": [
            {"label": "US Toll", "callInNumber": "+1-555-0100", "tollType": "toll"},
            {"label": "", "callInNumber": "+41-43-555-0101", "tollType": "tollFree"}], "links": []},
        "unlockedMeetingJoinSecurity": "allowJoinWithLobby", "enabledJoinBeforeHost": true, "joinBeforeHostMinutes": 15,
        "enabledAutoRecordMeeting": false, "attendeePrivileges": {"enabledShareContent": true},
        "audioConnectionOptions": {"audioConnectionType": "VoIP", "muteAttendeeUponEntry": true},
        "enabledBreakoutSessions": false
    })
}

fn with(pairs: &[(&str, Value)]) -> Value {
    let mut body = saved();
    for (name, value) in pairs {
        body[*name] = value.clone();
    }
    body
}

fn page(items: &[Value]) -> Reply {
    Reply::json(200, &json!({"items": items}))
}

/// The JSON of a `PATCH`, which must be marked as the contract has it.
fn patched(seen: &crate::provider::script::Seen) -> Value {
    assert_eq!(seen.header("content-type"), Some("application/json-patch+json"));
    serde_json::from_str(&seen.body).unwrap()
}

async fn created(draft: MeetingDraft) -> (Value, ProviderMeeting) {
    let script = Script::start([("POST /v1/meetings", Reply::json(200, &saved()))]).await;
    let meeting = Webex.create_meeting(&stage(&script).client(), &intent(draft)).await.unwrap();
    (script.finished()[0].json(), meeting)
}

#[tokio::test]
async fn a_meeting_is_made_at_its_wall_time_and_nobody_is_told() {
    let (body, meeting) = created(draft()).await;
    assert_eq!(
        body,
        json!({
            "title": "Standup", "start": "2027-03-01T09:30:00+01:00", "end": "2027-03-01T10:15:00+01:00",
            "timezone": "Europe/Zurich", "agenda": "Bring numbers", "integrationTags": ["i-abcdefghjkmnpqrstuvw"],
            "invitees": [{"email": "ben@example.com", "coHost": false}], "sendEmail": false
        })
    );
    assert_eq!(meeting.provider_id, ID);
    assert_eq!(meeting.subject.as_deref(), Some("Standup"));
    assert_eq!(meeting.time, Some(morning()));
    assert_eq!(meeting.join_url.as_ref().unwrap().as_str(), "https://site4-example.webex.com/j.php?MTID=md4");
    assert_eq!(meeting.passcode.as_deref(), Some("BgJep@43"));
    assert_eq!(meeting.dial_in.as_deref(), Some("US Toll: +1-555-0100,,1234567890#\n+41-43-555-0101,,1234567890#"));
    assert_eq!(meeting.sip.as_deref(), Some("123456789@site4-example.webex.com"));
    assert_eq!((meeting.recurrence.as_ref(), meeting.invitees.as_ref()), (Some(&None), None));
    assert!(!format!("{meeting:?}").contains("987654"), "the host's key left the wire type");
}

#[tokio::test]
async fn what_is_empty_is_not_sent() {
    let (body, _) = created(MeetingDraft { agenda: String::new(), invitees: Vec::new(), ..draft() }).await;
    assert!(body.get("agenda").is_none() && body.get("invitees").is_none(), "{body}");
}

#[tokio::test]
async fn every_option_has_its_place() {
    let options = MeetingOptions::NONE
        .with(OptionKey::Lobby, "guests_blocked")
        .with(OptionKey::Passcode, "BgJep@43")
        .with(OptionKey::Presenters, "hosts")
        .with(OptionKey::JoinBeforeHost, "on")
        .with(OptionKey::MuteOnEntry, "on")
        .with(OptionKey::Recording, "cloud")
        .with(OptionKey::CoHosts, "cleo@example.com,BEN@example.com")
        .with(OptionKey::DialIn, "both")
        .with(OptionKey::ScheduleFor, "boss@example.com");
    let (body, meeting) = created(MeetingDraft { options, agenda: String::new(), ..draft() }).await;
    assert_eq!(
        body,
        json!({
            "title": "Standup", "start": "2027-03-01T09:30:00+01:00", "end": "2027-03-01T10:15:00+01:00",
            "timezone": "Europe/Zurich", "integrationTags": ["i-abcdefghjkmnpqrstuvw"], "sendEmail": false,
            "invitees": [
                {"email": "cleo@example.com", "coHost": true}, {"email": "BEN@example.com", "coHost": true}],
            "unlockedMeetingJoinSecurity": "blockFromJoin", "password": "BgJep@43", "hostEmail": "boss@example.com",
            "enabledJoinBeforeHost": true, "joinBeforeHostMinutes": 15, "enabledAutoRecordMeeting": true,
            "attendeePrivileges": {"enabledShareContent": false},
            "audioConnectionOptions": {"audioConnectionType": "webexAudio", "muteAttendeeUponEntry": true}
        })
    );
    let told: Vec<(String, String)> = meeting.options.to_names().into_iter().collect();
    let told: Vec<(&str, &str)> = told.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(
        told,
        [
            ("dial_in", "voip"),
            ("join_before_host", "on"),
            ("lobby", "guests_wait"),
            ("mute_on_entry", "on"),
            ("presenters", "everyone"),
            ("recording", "none")
        ],
        "the provider's word counts, not ours"
    );
}

#[tokio::test]
async fn each_choice_has_its_word() {
    for (key, value, pointer, expected) in [
        (OptionKey::Lobby, "everyone_enters", "/unlockedMeetingJoinSecurity", json!("allowJoin")),
        (OptionKey::Lobby, "guests_wait", "/unlockedMeetingJoinSecurity", json!("allowJoinWithLobby")),
        (OptionKey::Presenters, "everyone", "/attendeePrivileges", json!({"enabledShareContent": true})),
        (OptionKey::JoinBeforeHost, "off", "/enabledJoinBeforeHost", json!(false)),
        (OptionKey::MuteOnEntry, "off", "/audioConnectionOptions", json!({"muteAttendeeUponEntry": false})),
        (OptionKey::Recording, "none", "/enabledAutoRecordMeeting", json!(false)),
        (OptionKey::DialIn, "voip", "/audioConnectionOptions", json!({"audioConnectionType": "VoIP"})),
    ] {
        let options = MeetingOptions::NONE.with(key, value);
        let whole = intent(MeetingDraft { options: options.clone(), ..draft() });
        let body = serde_json::to_value(MeetingBody::create(&whole)).unwrap();
        assert_eq!(body.pointer(pointer), Some(&expected), "{value}");
        assert_eq!(body.get("joinBeforeHostMinutes"), None, "only where people get in early");
        let script = Script::start([]).await;
        let change = MeetingChange { options, ..MeetingChange::default() };
        let known = stage(&script).known(ID, None);
        let body = serde_json::to_value(MeetingBody::change(&known, &change, None).unwrap()).unwrap();
        assert_eq!(body.pointer(pointer), Some(&expected), "{value}");
    }
}

#[tokio::test]
async fn a_series_is_a_rule_in_its_text() {
    let series = recurring("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=1;COUNT=9");
    let (body, _) = created(MeetingDraft { recurrence: Some(series), ..draft() }).await;
    assert_eq!(body["recurrence"], "FREQ=MONTHLY;BYDAY=1MO;COUNT=9");
    let reply = with(&[("recurrence", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO;UNTIL=20270701T000000Z".into())]);
    let script = Script::start([(&*format!("GET /v1/meetings/{ID}"), Reply::json(200, &reply))]).await;
    let meeting = Webex.meeting(&stage(&script).client(), ID).await.unwrap();
    let rule = meeting.recurrence.unwrap().unwrap();
    assert_eq!((rule.frequency, rule.interval), (Frequency::Weekly, 2));
}

#[tokio::test]
async fn a_change_sends_only_what_changes() {
    let cases = [
        (
            MeetingChange { subject: Some("Retro".into()), ..MeetingChange::default() },
            json!({"title": "Retro", "sendEmail": false}),
        ),
        (
            MeetingChange { time: Some(MeetingTime { minutes: 15, ..morning() }), ..MeetingChange::default() },
            json!({"start": "2027-03-01T09:30:00+01:00", "end": "2027-03-01T09:45:00+01:00",
                "timezone": "Europe/Zurich", "sendEmail": false}),
        ),
        (
            MeetingChange { agenda: Some(String::new()), ..MeetingChange::default() },
            json!({"agenda": "", "sendEmail": false}),
        ),
        (
            MeetingChange { recurrence: Some(Some(recurring("FREQ=DAILY;COUNT=3"))), ..MeetingChange::default() },
            json!({"recurrence": "FREQ=DAILY;COUNT=3", "sendEmail": false}),
        ),
        (
            MeetingChange { recurrence: Some(None), ..MeetingChange::default() },
            json!({"recurrence": "FREQ=DAILY;COUNT=1", "sendEmail": false}),
        ),
    ];
    for (change, expected) in cases {
        let reply = Reply::json(200, &with(&[("title", "By Webex".into())]));
        let script = Script::start([(&*format!("PATCH /v1/meetings/{ID}"), reply)]).await;
        let stage = stage(&script);
        let current = stage.known(ID, Some(morning()));
        let meeting = Webex.update_meeting(&stage.client(), &current, &change).await.unwrap();
        assert_eq!(patched(&script.finished()[0]), expected);
        assert_eq!(meeting.subject.as_deref(), Some("By Webex"), "the provider's word counts, not ours");
    }
}

#[tokio::test]
async fn a_rule_that_stays_is_not_sent_and_what_changes_nothing_is_read() {
    let script = Script::start([(&*format!("GET /v1/meetings/{ID}"), Reply::json(200, &saved()))]).await;
    let stage = stage(&script);
    let mut current = stage.known(ID, Some(morning()));
    current.recurrence = Some(recurring("FREQ=DAILY;COUNT=3"));
    let left_out = recurring("FREQ=DAILY;COUNT=3\nEXDATE:20270302T093000");
    let change = MeetingChange { recurrence: Some(Some(left_out)), ..MeetingChange::default() };
    Webex.update_meeting(&stage.client(), &current, &change).await.unwrap();
    script.finished();
}

#[tokio::test]
async fn a_meeting_for_somebody_else_is_always_asked_for_as_theirs() {
    let (id, host) = (format!("{ID}@boss@example.com"), "hostEmail=boss%40example.com");
    let script = Script::start([
        ("POST /v1/meetings", Reply::json(200, &saved())),
        (&format!("{}&{host}", find_line()), page(&[saved()])),
        (&format!("GET /v1/meetings/{ID}?{host}"), Reply::json(200, &saved())),
        (&format!("PATCH /v1/meetings/{ID}"), Reply::json(200, &saved())),
        (&format!("DELETE /v1/meetings/{ID}_20270301T083000Z?{host}&sendEmail=false"), Reply::empty(204)),
        (&format!("DELETE /v1/meetings/{ID}?{host}&sendEmail=false"), Reply::empty(204)),
    ])
    .await;
    let stage = stage(&script);
    let client = stage.client();
    let options = MeetingOptions::NONE.with(OptionKey::ScheduleFor, "boss@example.com");
    let asked = intent(MeetingDraft { options, ..draft() });
    assert_eq!(Webex.create_meeting(&client, &asked).await.unwrap().provider_id, id);
    assert_eq!(Webex.find_created(&client, &asked).await.unwrap()[0].provider_id, id);
    assert_eq!(Webex.meeting(&client, &id).await.unwrap().provider_id, id);
    let change = MeetingChange { subject: Some("Retro".into()), ..MeetingChange::default() };
    let changed = Webex.update_meeting(&client, &stage.known(&id, None), &change).await.unwrap();
    assert_eq!(changed.provider_id, id);
    Webex.cancel_occurrence(&client, &id, &morning()).await.unwrap();
    Webex.delete_meeting(&client, &id).await.unwrap();
    let body = patched(&script.finished()[3]);
    assert_eq!(body, json!({"title": "Retro", "hostEmail": "boss@example.com", "sendEmail": false}));
}

#[tokio::test]
async fn a_list_reads_every_page_and_what_it_does_not_show() {
    let script = Script::start([
        (
            list_line().as_str(),
            page(&[saved(), with(&[("id", "once".into()), ("meetingType", "scheduledMeeting".into())])])
                .with("link", "</v1/meetings?cursor=2>; rel=\"next\""),
        ),
        ("GET /v1/meetings?cursor=2", page(&[saved(), with(&[("id", "2".into()), ("timezone", "Nowhere".into())])])),
        ("GET /v1/meetings/far", Reply::json(200, &with(&[("id", "far".into())]))),
        ("GET /v1/meetings/gone", Reply::json(404, &json!({"message": "not found"}))),
    ])
    .await;
    let stage = stage(&script);
    let known = ["gone", ID, "far"].map(|id| stage.known(id, None));
    let meetings = Webex.list_meetings(&stage.client(), &known).await.unwrap();
    assert_eq!(script.finished()[1].header("authorization"), Some("Bearer token-1"));
    let ids: Vec<&str> = meetings.iter().map(|meeting| meeting.provider_id.as_str()).collect();
    assert_eq!(ids, [ID, "2", "far"]);
    assert_eq!(meetings[1].time.unwrap().zone(), chrono_tz::Tz::UTC, "a zone that is not known");
}

#[tokio::test]
async fn what_cannot_be_read_back_fails_the_list() {
    let script = Script::start([
        (list_line().as_str(), page(&[])),
        ("GET /v1/meetings/7", Reply::json(403, &json!({"message": "no"}))),
    ])
    .await;
    let stage = stage(&script);
    let error = Webex.list_meetings(&stage.client(), &[stage.known("7", None)]).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::NotPermitted);
    script.finished();
}

#[tokio::test]
async fn a_page_that_fails_or_comes_again_fails_the_list() {
    let (line, same) = (list_line(), list_line().replace("GET ", "<"));
    let script = Script::start([(line.as_str(), page(&[]).with("link", &format!("{same}>; rel=\"next\"")))]).await;
    let error = Webex.list_meetings(&stage(&script).client(), &[]).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::BadAnswer);
    script.finished();
    let first = page(&[saved()]).with("link", "</v1/more>; rel=\"next\"");
    for (second, code) in [
        (Reply::json(403, &json!({"message": "no"})), ErrorCode::NotPermitted),
        (Reply::html(200, "hotel"), ErrorCode::Intercepted),
        (Reply::json(200, &json!({"rows": []})), ErrorCode::BadAnswer),
    ] {
        let script = Script::start([(line.as_str(), first.clone()), ("GET /v1/more", second)]).await;
        let error = Webex.list_meetings(&stage(&script).client(), &[]).await.unwrap_err();
        assert_eq!(error.code, code);
        script.finished();
    }
}

#[tokio::test]
async fn what_may_have_been_made_is_found_by_its_tag() {
    let tagged = with(&[("id", "1".into()), ("integrationTags", json!(["other", "i-abcdefghjkmnpqrstuvw"]))]);
    let others = with(&[("id", "2".into()), ("integrationTags", json!(["i-other"]))]);
    let untold = with(&[("id", "3".into())]);
    let unlike = with(&[("id", "4".into()), ("title", "Retro".into())]);
    let script = Script::start([(find_line().as_str(), page(&[tagged.clone(), others, untold, unlike, tagged]))]).await;
    let found = Webex.find_created(&stage(&script).client(), &intent(draft())).await.unwrap();
    script.finished();
    let ids: Vec<&str> = found.iter().map(|meeting| meeting.provider_id.as_str()).collect();
    assert_eq!(ids, ["1", "3"]);
    assert_eq!(found[0].join_url.as_ref().unwrap().as_str(), "https://site4-example.webex.com/j.php?MTID=md4");
}

#[tokio::test]
async fn deleting_what_is_gone_is_done() {
    let line = format!("DELETE /v1/meetings/{ID}?sendEmail=false");
    let gone = json!({"message": "The requested resource could not be found."});
    for reply in [Reply::empty(204), Reply::json(404, &gone), Reply::empty(410)] {
        let script = Script::start([(line.as_str(), reply)]).await;
        Webex.delete_meeting(&stage(&script).client(), ID).await.unwrap();
        script.finished();
    }
    for (reply, code) in [
        (Reply::html(200, "hotel"), ErrorCode::Intercepted),
        (Reply::html(404, "hotel"), ErrorCode::Intercepted),
        (Reply::json(403, &json!({"message": "not the host"})), ErrorCode::NotPermitted),
    ] {
        let script = Script::start([(line.as_str(), reply)]).await;
        let error = Webex.delete_meeting(&stage(&script).client(), ID).await.unwrap_err();
        assert_eq!((error.code, error.provider), (code, Some(ProviderKind::Webex)));
    }
}

#[tokio::test]
async fn an_occurrence_is_named_by_its_start() {
    let line = format!("DELETE /v1/meetings/{ID}_20270301T083000Z?sendEmail=false");
    for reply in [Reply::empty(204), Reply::json(404, &json!({"message": "not found"}))] {
        let script = Script::start([(line.as_str(), reply)]).await;
        Webex.cancel_occurrence(&stage(&script).client(), ID, &morning()).await.unwrap();
        script.finished();
    }
}

#[tokio::test]
async fn an_id_that_names_the_folder_is_never_sent() {
    let script = Script::start([]).await;
    let stage = stage(&script);
    for id in ["", ".", "..", "..@boss@example.com"] {
        assert_eq!(error_of(Webex.meeting(&stage.client(), id).await).code, ErrorCode::NotFound);
        assert_eq!(Webex.delete_meeting(&stage.client(), id).await.unwrap_err().code, ErrorCode::NotFound);
        let cancelled = Webex.cancel_occurrence(&stage.client(), id, &morning()).await;
        assert_eq!(cancelled.unwrap_err().code, ErrorCode::NotFound);
        let change = MeetingChange { subject: Some("x".into()), ..MeetingChange::default() };
        let changed = Webex.update_meeting(&stage.client(), &stage.known(id, None), &change).await;
        assert_eq!(error_of(changed).code, ErrorCode::NotFound);
    }
    script.finished();
}

#[tokio::test]
async fn an_answer_that_is_none_of_webexs() {
    let cut = Reply::json(200, &json!("x"));
    let cases = [
        (Reply::html(200, "<p>Welcome to the hotel"), ErrorCode::Intercepted),
        (Reply::json(200, &json!({"title": "no id"})), ErrorCode::BadAnswer),
        (Reply::json(200, &with(&[("id", "..".into())])), ErrorCode::BadAnswer),
        (Reply::json(200, &with(&[("start", "soon".into())])), ErrorCode::BadAnswer),
        (Reply::json(200, &with(&[("webLink", "javascript:alert(1)".into())])), ErrorCode::BadAnswer),
        (Reply::json(200, &with(&[("telephony", "none".into())])), ErrorCode::BadAnswer),
        (Reply::empty(302).with("location", "http://login.example/"), ErrorCode::Intercepted),
        (Reply::empty(200), ErrorCode::BadAnswer),
        (cut, ErrorCode::BadAnswer),
    ];
    for (reply, code) in cases {
        let script = Script::start([("GET /v1/meetings/7", reply)]).await;
        let stage = stage(&script);
        let error = error_of(Webex.meeting(&stage.client(), "7").await);
        assert_eq!((error.code, error.provider), (code, Some(ProviderKind::Webex)));
        assert_eq!(error.account.as_ref(), Some(&stage.client().account().id));
    }
}

#[tokio::test]
async fn who_is_signed_in() {
    let body = json!({"id": "Y2lz", "emails": ["ana@example.com", "a@example.com"], "displayName": "Ana Lopez"});
    let nobody = Reply::json(200, &json!({"id": "Y2lz", "emails": []}));
    for (reply, name) in [(Reply::json(200, &body), Some("Ana Lopez")), (nobody, None)] {
        let script = Script::start([("GET /v1/people/me", reply)]).await;
        let found = Webex.identity(&stage(&script).client()).await;
        let expected =
            Identity { subject: "Y2lz".into(), address: "ana@example.com".into(), name: Some("Ana Lopez".into()) };
        match name {
            Some(_) => assert_eq!(found.unwrap(), expected),
            None => assert_eq!(found.unwrap_err().code, ErrorCode::BadAnswer),
        }
    }
}

#[test]
fn a_series_that_webex_has_not_is_refused_with_the_ways_out() {
    use AlternativeKind::{EndDate, Linked, OneLink};
    for (rule, form, why, kinds) in [
        ("FREQ=WEEKLY", SeriesForm::Native, Some("over_261"), vec![EndDate, OneLink]),
        ("FREQ=WEEKLY;COUNT=262", SeriesForm::Native, Some("over_261"), vec![EndDate, Linked, OneLink]),
        ("FREQ=YEARLY;INTERVAL=3;COUNT=3", SeriesForm::Native, Some("over_2"), vec![EndDate, Linked, OneLink]),
        ("FREQ=MONTHLY;BYMONTHDAY=1,15;COUNT=4", SeriesForm::Native, Some("rule"), vec![Linked, OneLink]),
        ("FREQ=MONTHLY;BYMONTHDAY=1,15;COUNT=99", SeriesForm::Linked, Some("too_many_meetings"), vec![OneLink]),
        ("FREQ=WEEKLY;COUNT=261", SeriesForm::Native, None, vec![]),
        ("FREQ=WEEKLY;COUNT=262", SeriesForm::Linked, None, vec![]),
        ("FREQ=WEEKLY", SeriesForm::OneLink, None, vec![]),
    ] {
        let series = Recurrence { form, ..recurring(rule) };
        let draft = MeetingDraft { recurrence: Some(series), ..draft() };
        let Some(why) = why else {
            Webex.check_draft(&draft).unwrap();
            continue;
        };
        let error = Webex.check_draft(&draft).unwrap_err();
        assert_eq!((error.code, error.fields[0].detail.as_deref()), (ErrorCode::Rejected, Some(why)), "{rule}");
        let found: Vec<AlternativeKind> = error.alternatives.iter().map(|way| way.kind).collect();
        assert_eq!(found, kinds, "{rule}");
        for way in &error.alternatives {
            let series = Recurrence { form: way.series, ..recurring(&way.repeat) };
            Webex.check_draft(&MeetingDraft { recurrence: Some(series), ..draft.clone() }).expect("a way out is one");
        }
    }
    let long = MeetingDraft { recurrence: Some(recurring("FREQ=WEEKLY;COUNT=300")), ..draft() };
    assert_eq!(Webex.parts(&long).unwrap().len(), 2);
}
