//! Webex: the whole way, and where it says no. The clock stands at the morning of 1 February 2027.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use convoke_sandbox::Running;
use serde_json::{Value, json};

use crate::client::{Answer, Ask, Provider, VERIFIER, advance, ask, fault, sandbox, state, tokens};

const WEBEX: Provider = Provider {
    authorize: "/webex/v1/authorize",
    token: "/webex/v1/access_token",
    redirect: "http://127.0.0.1:8790/v1/callback/webex",
    scope: Some("meeting:schedules_read meeting:schedules_write spark:people_read"),
};
const MEETINGS: &str = "/webex/v1/meetings";

/// A sandbox in February 2027, and an access token.
async fn stage() -> (Running, String) {
    let to = sandbox().await;
    let there: DateTime<Utc> = "2027-02-01T08:00:10Z".parse().expect("a time");
    let now: DateTime<Utc> = state(&to).await["now"].as_str().expect("a time").parse().expect("a time");
    advance(&to, (there - now).num_seconds()).await;
    let (access, _) = WEBEX.sign_in(&to).await;
    (to, access)
}

async fn create(to: &Running, token: &str, body: &Value) -> Answer {
    ask("POST", MEETINGS).bearer(token).json(body).send(to).await
}

async fn made(to: &Running, token: &str, body: &Value) -> Value {
    let answer = create(to, token, body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

async fn get(to: &Running, token: &str, query: &str) -> Answer {
    ask("GET", &format!("{MEETINGS}{query}")).bearer(token).send(to).await
}

async fn ids(to: &Running, token: &str, query: &str) -> Vec<String> {
    let answer = get(to, token, query).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let items = answer.json()["items"].as_array().cloned().expect("a list");
    items.iter().map(|item| item["id"].as_str().unwrap_or_default().to_owned()).collect()
}

fn patch(id: &str, token: &str, body: &Value) -> Ask {
    ask("PATCH", &format!("{MEETINGS}/{id}")).bearer(token).json(body)
}

fn standup() -> Value {
    json!({
        "title": "Standup", "start": "2027-02-02T09:30:41+01:00", "end": "2027-02-02T10:15:00+01:00",
        "timezone": "Europe/Zurich", "agenda": "Short", "integrationTags": ["key-1"], "sendEmail": false,
        "invitees": [{"email": "ben@example.com", "displayName": "Ben", "coHost": true}],
        "attendeePrivileges": {"enabledShareContent": false},
    })
}

fn weekly() -> Value {
    json!({
        "title": "Weekly", "start": "2027-03-22T09:00:00", "end": "2027-03-22T10:00:00", "timezone": "Europe/Zurich",
        "recurrence": "FREQ=WEEKLY;INTERVAL=1;BYDAY=MO;COUNT=3",
    })
}

#[tokio::test]
async fn the_whole_way() {
    let (to, access) = stage().await;
    let me = ask("GET", "/webex/v1/people/me").bearer(&access).send(&to).await.json();
    assert_eq!(
        (&me["emails"], &me["displayName"], &me["type"]),
        (&json!(["ana@example.com"]), &json!("Ana"), &json!("person"))
    );

    let answer = create(&to, &access, &standup()).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(answer.header("trackingid").is_some());
    let meeting = answer.json();
    for (name, value) in [
        ("start", json!("2027-02-02T08:30:00Z")),
        ("end", json!("2027-02-02T09:15:00Z")),
        ("timezone", json!("Europe/Zurich")),
        ("meetingType", json!("meetingSeries")),
        ("state", json!("active")),
        ("hostUserId", me["id"].clone()),
        ("hostEmail", json!("ana@example.com")),
        ("siteUrl", json!("example.webex.com")),
        ("integrationTags", json!(["key-1"])),
        ("scheduledType", json!("meeting")),
        ("recurrence", Value::Null),
        ("invitees", Value::Null),
    ] {
        assert_eq!(meeting[name], value, "{name}");
    }
    assert_eq!(meeting["attendeePrivileges"]["enabledShareContent"], false);
    assert_eq!(meeting["attendeePrivileges"]["enabledChatHost"], true, "the rest is as it was");
    assert!(meeting["password"].as_str().is_some_and(|text| text.len() > 8));
    let id = meeting["id"].as_str().expect("an id");
    let told = state(&to).await["meetings"]["webex"][0].clone();
    assert_eq!((&told["invitees"][0]["coHost"], &told["sendEmail"]), (&json!(true), &json!(false)));

    let read = ask("GET", &format!("{MEETINGS}/{id}")).bearer(&access).header("timezone", "Europe/Zurich");
    let read = read.send(&to).await.json();
    assert_eq!((&read["start"], &read["webLink"]), (&json!("2027-02-02T09:30:00+01:00"), &meeting["webLink"]));

    let body =
        json!({"title": "Later", "start": "2027-02-03T09:00:00Z", "end": "2027-02-03T09:30:00Z", "agenda": null});
    let changed = ask("PATCH", &format!("{MEETINGS}/{id}")).bearer(&access);
    let changed = changed.header("Content-Type", "application/json-patch+json").json(&body);
    assert_eq!(changed.send(&to).await.status, 200);
    let changed = patch(id, &access, &json!({"attendeePrivileges": {"enabledChatHost": false}})).send(&to).await.json();
    assert_eq!((&changed["title"], &changed["start"]), (&json!("Later"), &json!("2027-02-03T09:00:00Z")));
    assert_eq!((&changed["agenda"], &changed["meetingSeriesId"]), (&Value::Null, &json!(id)));
    assert_eq!(changed["attendeePrivileges"]["enabledShareContent"], false);

    let one = format!("{MEETINGS}/{id}?sendEmail=false");
    let deleted = ask("DELETE", &one).bearer(&access).send(&to).await;
    assert_eq!((deleted.status, deleted.body.len()), (204, 0));
    let gone = ask("DELETE", &one).bearer(&access).send(&to).await;
    assert_eq!(gone.status, 404);
    let gone = gone.json();
    assert!(
        gone["message"].is_string() && gone["errors"][0]["description"].is_string() && gone["trackingId"].is_string()
    );
}

#[tokio::test]
async fn the_refresh_token_stays_and_lives_from_its_last_use() {
    let (to, _) = stage().await;
    let code = WEBEX.code(&to).await;
    let fields = [
        ("grant_type", "authorization_code"),
        ("client_id", "sandbox-client"),
        ("client_secret", "sandbox-secret"),
        ("code", code.as_str()),
        ("redirect_uri", WEBEX.redirect),
        ("code_verifier", VERIFIER),
    ];
    let answer = ask("POST", WEBEX.token).form(&fields).send(&to).await;
    let (first, refresh) = tokens(&answer);
    assert_eq!(answer.json()["expires_in"], 1_209_599);
    assert_eq!(answer.json()["refresh_token_expires_in"], 7_775_999);
    let again = ask("POST", WEBEX.token).form(&fields).send(&to).await;
    assert_eq!((again.status, again.json()["error"].as_str()), (400, Some("invalid_grant")), "a code is good once");
    for _ in 0..2 {
        advance(&to, TimeDelta::days(89).num_seconds()).await;
        assert_eq!(get(&to, &first, "").await.status, 401);
        let (_, same) = tokens(&WEBEX.refresh(&to, &refresh).await);
        assert_eq!(same, refresh);
    }
    advance(&to, TimeDelta::days(91).num_seconds()).await;
    let late = WEBEX.refresh(&to, &refresh).await;
    assert_eq!((late.status, late.json()["error"].as_str()), (400, Some("invalid_grant")));
}

#[tokio::test]
async fn the_authorize_request_names_its_scopes() {
    let (to, _) = stage().await;
    for (name, value, error) in [
        ("scope", "", "invalid_scope"),
        ("scope", "spark:all", "invalid_scope"),
        ("code_challenge_method", "plain", "invalid_request"),
    ] {
        assert_eq!(WEBEX.authorize(&to, &[(name, value)]).await.location()["error"], error);
    }
    let legacy = WEBEX.authorize(&to, &[("redirect_uri", "http://127.0.0.1:9000/webexCallback")]).await;
    assert!(legacy.location().contains_key("code"));
    let read = Provider { scope: Some("meeting:schedules_read"), ..WEBEX };
    let (access, _) = read.sign_in(&to).await;
    assert_eq!(get(&to, &access, "").await.status, 200);
    let refused = create(&to, &access, &standup()).await;
    assert_eq!(refused.status, 403);
    assert!(refused.json()["message"].as_str().is_some_and(|text| text.contains("scopes")));
}

#[tokio::test]
async fn what_is_wrong_is_told_by_its_field() {
    let (to, access) = stage().await;
    let with = |name: &str, value: Value| {
        let mut body = standup();
        body[name] = value;
        body
    };
    let mut without_zone = with("start", json!("2027-02-02T09:30:00"));
    without_zone.as_object_mut().expect("an object").remove("timezone");
    for (body, field) in [
        (json!({"start": "2027-02-02T09:30:00Z", "end": "2027-02-02T10:30:00Z"}), "title"),
        (with("title", json!("")), "title"),
        (with("title", json!("x".repeat(129))), "title"),
        (with("agenda", json!("x".repeat(1301))), "agenda"),
        (with("start", json!("2027-02-01T07:30:00Z")), "start"),
        (with("start", json!("tomorrow")), "start"),
        (with("start", json!("2037-02-02T09:30:00Z")), "start"),
        (without_zone, "start"),
        (with("end", json!("2027-02-02T09:39:00+01:00")), "end"),
        (with("end", json!("2027-02-03T09:30:00+01:00")), "end"),
        (with("timezone", json!("Mars/Olympus")), "timezone"),
        (with("recurrence", json!("FREQ=DAILY")), "recurrence"),
        (with("integrationTags", json!(["a", "b", "c", "d"])), "integrationTags"),
        (with("integrationTags", json!(["x".repeat(65)])), "integrationTags"),
        (with("invitees", json!([{"email": "nobody"}])), "invitees"),
        (with("joinBeforeHostMinutes", json!(7)), "joinBeforeHostMinutes"),
        (with("unlockedMeetingJoinSecurity", json!("lobby")), "unlockedMeetingJoinSecurity"),
        (
            with("audioConnectionOptions", json!({"audioConnectionType": "phone"})),
            "audioConnectionOptions.audioConnectionType",
        ),
        (with("attendeePrivileges", json!({"share": true})), "attendeePrivileges.share"),
        (with("scheduledType", json!("webinar")), "scheduledType"),
        (with("siteUrl", json!("other.webex.com")), "siteUrl"),
        (with("subject", json!("x")), "subject"),
        (with("password", json!("alllowercase1")), "Meeting password validation failed"),
    ] {
        let refused = create(&to, &access, &body).await;
        assert_eq!(refused.status, 400, "{field}");
        let told = refused.json()["errors"][0]["description"].as_str().unwrap_or_default().to_owned();
        assert!(told.starts_with(field), "{field}: {told}");
    }
    let id = made(&to, &access, &standup()).await["id"].as_str().unwrap_or_default().to_owned();
    for body in [json!({"invitees": []}), json!({"title": null}), json!({"start": "2027-02-01T07:00:00Z"})] {
        assert_eq!(patch(&id, &access, &body).send(&to).await.status, 400, "{body}");
    }
    let form = ask("POST", MEETINGS).bearer(&access).form(&[("title", "x")]).send(&to).await;
    assert_eq!(form.status, 415);
    assert_eq!(get(&to, &access, "?integrationtag=x").await.status, 400);
    // A start within this minute becomes the next one.
    let soon = json!({"title": "x", "start": "2027-02-01T08:00:00Z", "end": "2027-02-01T09:00:00Z"});
    assert_eq!(made(&to, &access, &soon).await["start"], "2027-02-01T08:01:00Z");
}

#[tokio::test]
async fn a_series_has_occurrences_and_one_can_go() {
    let (to, access) = stage().await;
    let series = made(&to, &access, &weekly()).await;
    assert_eq!(series["recurrence"], "FREQ=WEEKLY;INTERVAL=1;BYDAY=MO;COUNT=3");
    let id = series["id"].as_str().expect("an id");
    // The clock moves on 28 March.
    let all: Vec<String> =
        ["20270322T080000Z", "20270329T070000Z", "20270405T070000Z"].map(|start| format!("{id}_{start}")).into();
    let month = format!("?meetingSeriesId={id}&meetingType=scheduledMeeting&from=2027-03-01&to=2027-05-01");
    assert_eq!(ids(&to, &access, &month).await, all);
    let week = format!("?meetingSeriesId={id}&meetingType=scheduledMeeting");
    assert!(ids(&to, &access, &week).await.is_empty(), "a list shows a week");

    let second = format!("{MEETINGS}/{}", all[1]);
    let read = ask("GET", &second).bearer(&access).send(&to).await.json();
    assert_eq!((&read["start"], &read["state"]), (&json!("2027-03-29T07:00:00Z"), &json!("scheduled")));
    assert_eq!((&read["meetingType"], &read["meetingSeriesId"]), (&json!("scheduledMeeting"), &json!(id)));
    assert_eq!(ask("DELETE", &second).bearer(&access).send(&to).await.status, 204);
    assert_eq!(ask("DELETE", &second).bearer(&access).send(&to).await.status, 404);
    assert_eq!(ask("GET", &second).bearer(&access).send(&to).await.status, 404);
    assert_eq!(ids(&to, &access, &month).await, [all[0].clone(), all[2].clone()]);

    // Where only a deleted occurrence is, the series is not listed.
    assert!(ids(&to, &access, "?from=2027-03-28&to=2027-04-01").await.is_empty());
    assert_eq!(ids(&to, &access, "?from=2027-04-05T07:59:00Z").await, [id]);

    // One occurrence can be moved, and keeps its id.
    let moved = json!({"start": "2027-04-06T07:00:00Z", "end": "2027-04-06T08:00:00Z"});
    let moved = patch(&all[2], &access, &moved).send(&to).await.json();
    assert_eq!((&moved["id"], &moved["isModified"]), (&json!(all[2]), &json!(true)));
    assert_eq!(patch(&all[2], &access, &json!({"recurrence": null})).send(&to).await.status, 400);

    // A title changes nothing about the dates; another time brings all of them back.
    assert_eq!(patch(id, &access, &json!({"title": "New"})).send(&to).await.status, 200);
    assert_eq!(ids(&to, &access, &month).await.len(), 2);
    let later = json!({"start": "2027-03-22T10:00:00", "end": "2027-03-22T11:00:00", "timezone": "Europe/Zurich"});
    assert_eq!(patch(id, &access, &later).send(&to).await.status, 200);
    assert_eq!(
        ids(&to, &access, &month).await,
        ["20270322T090000Z", "20270329T080000Z", "20270405T080000Z"].map(|start| format!("{id}_{start}"))
    );
    let single = patch(id, &access, &json!({"recurrence": null})).send(&to).await.json();
    assert_eq!(single["recurrence"], Value::Null);
    assert_eq!(ids(&to, &access, &month).await.len(), 1);
}

#[tokio::test]
async fn a_series_begins_with_its_first_date() {
    let (to, access) = stage().await;
    let mut body = weekly();
    body["recurrence"] = json!("FREQ=WEEKLY;BYDAY=WE,FR;COUNT=2");
    let series = made(&to, &access, &body).await;
    assert_eq!((&series["start"], &series["end"]), (&json!("2027-03-24T08:00:00Z"), &json!("2027-03-24T09:00:00Z")));
    // The list shows the times of the next one, unless it is asked for the first.
    advance(&to, TimeDelta::days(52).num_seconds()).await;
    let (access, _) = WEBEX.sign_in(&to).await;
    let now = get(&to, &access, "").await.json();
    assert_eq!(now["items"][0]["start"], "2027-03-26T08:00:00Z");
    let first = get(&to, &access, "?current=false").await.json();
    assert_eq!(first["items"][0]["start"], "2027-03-24T08:00:00Z");
    let current = format!("/{}?current=true", series["id"].as_str().unwrap_or_default());
    assert_eq!(get(&to, &access, &current).await.json()["meetingType"], "scheduledMeeting");
}

#[tokio::test]
async fn a_list_comes_in_pages_and_by_tag() {
    let (to, access) = stage().await;
    for hour in 10..15 {
        let body = json!({
            "title": format!("At {hour}"), "start": format!("2027-02-03T{hour}:00:00Z"),
            "end": format!("2027-02-03T{hour}:30:00Z"), "integrationTags": [format!("key-{}", hour % 2)],
        });
        made(&to, &access, &body).await;
    }
    let mut titles = Vec::new();
    let mut target = format!("{MEETINGS}?max=2");
    loop {
        let page = ask("GET", &target).bearer(&access).send(&to).await;
        for item in page.json()["items"].as_array().expect("a list") {
            titles.push(item["title"].as_str().unwrap_or_default().to_owned());
        }
        let Some(link) = page.header("link") else { break };
        let link = link.strip_prefix('<').and_then(|link| link.strip_suffix(">; rel=\"next\"")).expect("a link");
        target = link.strip_prefix(&to.base_url).expect("an absolute address").to_owned();
        advance(&to, 60).await;
    }
    assert_eq!(titles, ["At 10", "At 11", "At 12", "At 13", "At 14"]);
    assert_eq!(ids(&to, &access, "?integrationTag=key-1").await.len(), 2);
    assert_eq!(ids(&to, &access, "?integrationTag=key").await.len(), 0);
    assert_eq!(ids(&to, &access, "?meetingType=meeting").await.len(), 0);
    assert_eq!(ids(&to, &access, "?from=2027-02-09").await.len(), 0);
    for wrong in
        ["?max=101", "?max=0", "?from=2027-02-09&to=2027-02-08", "?from=now", "?meetingType=series", "?hasChat=true"]
    {
        assert_eq!(get(&to, &access, wrong).await.status, 400, "{wrong}");
    }
    let number = state(&to).await["meetings"]["webex"][0]["meetingNumber"].as_str().unwrap_or_default().to_owned();
    assert_eq!(ids(&to, &access, &format!("?meetingNumber={number}&current=false")).await.len(), 1);
}

#[tokio::test]
async fn an_answer_that_is_lost_leaves_a_meeting_that_its_tag_finds() {
    let (to, access) = stage().await;
    let tag = "?integrationTag=key-1&from=2027-02-01&to=2027-02-28";
    let order = |kind: &str, after: bool| json!({"route": "POST /webex/v1/meetings", "fault": kind, "after": after});
    let ask = || ask("POST", MEETINGS).bearer(&access).json(&standup());
    for kind in ["reset", "html", "status:503"] {
        fault(&to, order(kind, false)).await;
        ask().send_raw(&to, usize::MAX).await;
    }
    assert!(ids(&to, &access, tag).await.is_empty(), "no request arrived");
    for (made, kind) in ["reset", "html", "status:503"].into_iter().enumerate() {
        fault(&to, order(kind, true)).await;
        let (bytes, _) = ask().send_raw(&to, usize::MAX).await;
        assert!(!String::from_utf8_lossy(&bytes).contains("webLink"), "{kind}");
        assert_eq!(ids(&to, &access, tag).await.len(), made + 1, "{kind}");
    }
    fault(&to, order("hang", true)).await;
    assert!(ask().silent_for(&to, Duration::from_millis(300)).await);
    assert_eq!(ids(&to, &access, tag).await.len(), 4);
}

#[tokio::test]
async fn a_meeting_for_somebody_else_is_theirs() {
    let (to, access) = stage().await;
    let mut body = standup();
    body["hostEmail"] = json!("carl@example.org");
    assert_eq!(create(&to, &access, &body).await.status, 403);
    body["hostEmail"] = json!("ben@example.com");
    let meeting = made(&to, &access, &body).await;
    assert_eq!(meeting["hostEmail"], "ben@example.com");
    let id = meeting["id"].as_str().expect("an id");
    assert_eq!(get(&to, &access, &format!("/{id}")).await.status, 404);
    assert_eq!(get(&to, &access, &format!("/{id}?hostEmail=ben@example.com")).await.status, 200);
    assert_eq!(ids(&to, &access, "").await.len(), 0);
    assert_eq!(ids(&to, &access, "?hostEmail=ben@example.com").await, [id]);
    assert_eq!(patch(id, &access, &json!({"title": "x", "hostEmail": "ben@example.com"})).send(&to).await.status, 200);
}

#[tokio::test]
async fn a_hundred_a_day() {
    let (to, access) = stage().await;
    for _ in 0..100 {
        assert_eq!(create(&to, &access, &json!({})).await.status, 400);
    }
    let refused = create(&to, &access, &standup()).await;
    assert_eq!(refused.status, 429);
    let wait: i64 = refused.header("retry-after").and_then(|text| text.parse().ok()).expect("seconds");
    assert!((80_000..=86_401).contains(&wait));
    advance(&to, wait).await;
    assert_eq!(create(&to, &access, &json!({"title": "x"})).await.status, 400);
}
