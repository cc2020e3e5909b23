//! GoToMeeting: the whole way, its odd answers, and where it says no.

use convoke_sandbox::Running;
use serde_json::{Value, json};

use crate::client::{Answer, Ask, Provider, TEAMS, advance, ask, fault, sandbox, state, tokens};

const GOTO: Provider = Provider {
    authorize: "/goto/oauth/authorize",
    token: "/goto/oauth/token",
    redirect: "http://127.0.0.1:8790/v1/callback/goto",
    scope: Some("collab:"),
};

const MEETINGS: &str = "/goto/G2M/rest/meetings";
const UPCOMING: &str = "/goto/G2M/rest/upcomingMeetings";

fn review() -> Value {
    json!({
        "subject": "R&amp;D &lt;all&gt;", "starttime": "2099-03-14T08:30:00Z", "endtime": "2099-03-14T09:15:00Z",
        "passwordrequired": true, "conferencecallinfo": "Hybrid", "timezonekey": "", "meetingtype": "scheduled",
    })
}

fn with(name: &str, value: &Value) -> Value {
    let mut body = review();
    body[name] = value.clone();
    body
}

fn create(token: &str, body: &Value) -> Ask {
    ask("POST", MEETINGS).bearer(token).json(body)
}

async fn get(to: &Running, target: &str, token: &str) -> Answer {
    ask("GET", target).bearer(token).send(to).await
}

async fn sign_in_as(to: &Running, email: &str) -> String {
    ask("POST", "/_sandbox/sign-in").json(&json!({ "email": email })).send(to).await;
    GOTO.sign_in(to).await.0
}

#[tokio::test]
async fn the_whole_way() {
    let to = sandbox().await;
    let code = GOTO.code(&to).await;
    let answer = GOTO.exchange(&to, &code, &[]).await;
    let (_, refresh) = tokens(&answer);
    let body = answer.json();
    assert_eq!(body["expires_in"], 3600);
    assert_eq!((&body["token_type"], &body["scope"]), (&json!("Bearer"), &json!("collab:")));
    assert_eq!(body["principal"], "ana@example.com");

    let refreshed = GOTO.refresh(&to, &refresh).await;
    let (access, _) = tokens(&refreshed);
    assert!(refreshed.json().get("refresh_token").is_none(), "the old one stays");
    assert_eq!(refreshed.json()["principal"], "ana@example.com");
    let me = get(&to, "/goto/identity/v1/Users/me", &access).await.json();
    assert_eq!(me["emails"], json!([{"value": "ana@example.com", "type": "work", "primary": true}]));
    assert_eq!((&me["userName"], &me["displayName"]), (&json!("ana@example.com"), &json!("Ana")));

    let made = create(&access, &review()).send(&to).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let made = made.json();
    assert_eq!(made.as_array().map(Vec::len), Some(1));
    let id = made[0]["meetingid"].as_i64().expect("a number");
    assert!(id > i64::from(u32::MAX));
    assert_eq!(made[0]["joinURL"], format!("{}/goto/join/{id}", to.base_url));
    let room = ask("GET", &format!("/goto/join/{id}")).send(&to).await;
    assert_eq!(room.status, 200);

    let one = format!("{MEETINGS}/{id}");
    let read = get(&to, &one, &access).await.json();
    let expected = json!([{
        "meetingId": id, "uniqueMeetingId": id, "meetingKey": id, "subject": "R&amp;D &lt;all&gt;",
        "startTime": "2099-03-14T08:30:00Z", "endTime": "2099-03-14T09:15:00Z", "createTime": "", "duration": 45,
        "status": "INACTIVE", "meetingType": "scheduled", "passwordRequired": true, "conferenceCallInfo": "Hybrid",
        "maxParticipants": 250,
    }]);
    assert_eq!(read, expected);
    let list = get(&to, UPCOMING, &access).await.json();
    assert_eq!((list.as_array().map(Vec::len), &list[0]["meetingId"]), (Some(1), &json!(id.to_string())));
    assert!(list[0].get("joinURL").is_none());
    let host = get(&to, &format!("{one}/start"), &access).await.json();
    assert!(host["hostURL"].as_str().is_some_and(|url| url.starts_with(&to.base_url)));

    let part = ask("PUT", &one).bearer(&access).json(&json!({"subject": "Later"})).send(&to).await;
    assert_eq!(part.status, 400, "a change needs all seven fields");
    let changed = ask("PUT", &one).bearer(&access).json(&with("subject", &json!("Later"))).send(&to).await;
    assert_eq!((changed.status, changed.body.len()), (204, 0));
    assert_eq!(get(&to, &one, &access).await.json()[0]["subject"], "Later");
    assert_eq!(state(&to).await["meetings"]["goto"][0]["organizerEmail"], "ana@example.com");

    let deleted = ask("DELETE", &one).bearer(&access).send(&to).await;
    assert_eq!((deleted.status, deleted.body.len()), (204, 0));
    let gone = get(&to, &one, &access).await;
    assert_eq!((gone.status, &gone.json()["int_err_code"]), (404, &json!("MeetingNotFound")));
    assert_eq!(state(&to).await["tokens"]["goto"], json!({"issued": 2, "live": 2}));
}

#[tokio::test]
async fn all_seven_fields_and_no_other() {
    let to = sandbox().await;
    let (access, _) = GOTO.sign_in(&to).await;
    for (name, value) in [
        ("subject", json!("a < b")),
        ("subject", json!("R&D")),
        ("starttime", json!("2099-03-14T09:30:00+01:00")),
        ("endtime", json!("2099-03-14T08:30:00Z")),
        ("passwordrequired", json!("true")),
        ("conferencecallinfo", json!("")),
        ("timezonekey", json!("Europe/Zurich")),
        ("meetingtype", json!("weekly")),
        ("agenda", json!("x")),
    ] {
        let refused = create(&access, &with(name, &value)).send(&to).await;
        assert_eq!(refused.status, 400, "{name}: {value}");
        let body = refused.json();
        assert_eq!(body["int_err_code"], "InvalidRequest");
        assert!(body["msg"].as_str().is_some_and(|text| text.contains(name)), "{body}");
    }
    for name in review().as_object().expect("an object").keys() {
        let mut body = review();
        body.as_object_mut().expect("an object").remove(name);
        assert_eq!(create(&access, &body).send(&to).await.status, 400, "without {name}");
    }
    let form = ask("POST", MEETINGS).bearer(&access).form(&[("subject", "x")]).send(&to).await;
    assert_eq!(form.status, 400);
    assert_eq!(state(&to).await["meetings"]["goto"], json!([]));
}

#[tokio::test]
async fn a_token_that_is_not_good_is_a_403_with_a_word() {
    let to = sandbox().await;
    let (access, refresh) = GOTO.sign_in(&to).await;
    let (teams, _) = TEAMS.sign_in(&to).await;
    let refused = |answer: Answer| {
        assert_eq!(answer.status, 403, "{}", answer.text());
        assert_eq!(answer.json(), json!({"int_err_code": "InvalidToken", "msg": "Invalid token passed"}));
    };
    refused(ask("GET", UPCOMING).send(&to).await);
    refused(get(&to, UPCOMING, &teams).await);
    advance(&to, 3600).await;
    refused(get(&to, UPCOMING, &access).await);
    refused(create(&access, &review()).send(&to).await);
    let me = get(&to, "/goto/identity/v1/Users/me", &access).await;
    assert_eq!((me.status, me.body.len()), (401, 0), "the identity service says nothing");
    assert!(me.header("www-authenticate").is_some());

    let (access, _) = tokens(&GOTO.refresh(&to, &refresh).await);
    assert_eq!(get(&to, UPCOMING, &access).await.status, 200);
    advance(&to, 30 * 24 * 3600).await;
    let old = GOTO.refresh(&to, &refresh).await;
    assert_eq!((old.status, &old.json()["error"]), (400, &json!("invalid_grant")), "a refresh adds no days");
}

#[tokio::test]
async fn the_lists_show_what_is_to_come_and_what_is_over() {
    let to = sandbox().await;
    let (access, _) = GOTO.sign_in(&to).await;
    let now = chrono::DateTime::parse_from_rfc3339(state(&to).await["now"].as_str().expect("a time")).expect("a time");
    let at = |minutes: i64| (now + chrono::TimeDelta::minutes(minutes)).format("%Y-%m-%dT%H:%M:%SZ").to_string();
    for (subject, kind, begin) in [("Later", "scheduled", 90), ("Soon", "scheduled", 10), ("Room", "recurring", 20)] {
        let mut body = with("subject", &json!(subject));
        body["starttime"] = json!(at(begin));
        body["endtime"] = json!(at(begin + 30));
        body["meetingtype"] = json!(kind);
        assert_eq!(create(&access, &body).send(&to).await.status, 201);
    }
    let subjects = |answer: Answer| {
        let all = answer.json();
        let all = all.as_array().expect("an array").iter();
        all.map(|entry| entry["subject"].as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    let past = format!("/goto/G2M/rest/historicalMeetings?startDate={}&endDate={}", at(0), at(600));
    assert_eq!(subjects(get(&to, UPCOMING, &access).await), ["Soon", "Room", "Later"]);
    assert!(subjects(get(&to, &past, &access).await).is_empty());
    advance(&to, 3600).await;
    let (access, _) = GOTO.sign_in(&to).await;
    assert_eq!(subjects(get(&to, UPCOMING, &access).await), ["Room", "Later"]);
    assert_eq!(subjects(get(&to, &past, &access).await), ["Soon"]);
    let half = get(&to, "/goto/G2M/rest/historicalMeetings?startDate=2099-03-14T08:30:00Z", &access).await;
    assert_eq!(half.status, 400);

    let ben = sign_in_as(&to, "ben@example.com").await;
    assert!(subjects(get(&to, UPCOMING, &ben).await).is_empty());
    let one = format!("{MEETINGS}/{}", state(&to).await["meetings"]["goto"][0]["meetingId"]);
    assert_eq!(get(&to, &one, &ben).await.status, 404);
    assert_eq!(ask("DELETE", &one).bearer(&ben).send(&to).await.status, 404);
    assert_eq!(get(&to, &format!("{MEETINGS}/soon"), &ben).await.status, 400);
}

#[tokio::test]
async fn an_answer_that_is_lost_leaves_a_meeting() {
    let to = sandbox().await;
    let (access, _) = GOTO.sign_in(&to).await;
    fault(&to, json!({"route": "POST /goto/G2M/rest/meetings", "fault": "reset"})).await;
    create(&access, &review()).send_raw(&to, usize::MAX).await;
    assert_eq!(state(&to).await["meetings"]["goto"], json!([]), "the request never arrived");
    fault(&to, json!({"route": "POST /goto/G2M/rest/meetings", "fault": "reset", "after": true})).await;
    let (bytes, error) = create(&access, &review()).send_raw(&to, usize::MAX).await;
    assert!(bytes.is_empty());
    assert_eq!(error.map(|error| error.kind()), Some(std::io::ErrorKind::ConnectionReset));
    let list = get(&to, UPCOMING, &access).await.json();
    assert_eq!((list.as_array().map(Vec::len), &list[0]["subject"]), (Some(1), &json!("R&amp;D &lt;all&gt;")));
    assert_eq!(create(&access, &review()).send(&to).await.status, 201, "nothing keeps a second one away");
    assert_eq!(get(&to, UPCOMING, &access).await.json().as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn no_licence_no_meeting() {
    let to = sandbox().await;
    let access = sign_in_as(&to, "free.ana@example.com").await;
    let refused = create(&access, &review()).send(&to).await;
    assert_eq!((refused.status, &refused.json()["int_err_code"]), (403, &json!("LicenseRequired")));
    assert_eq!(get(&to, UPCOMING, &access).await.json(), json!([]));
}

#[tokio::test]
async fn sign_in_is_strict_and_revoking_ends_it() {
    let to = sandbox().await;
    for (other, error) in [
        ([("scope", ""), ("state", "s")], "invalid_scope"),
        ([("scope", "collab: openid"), ("state", "s")], "invalid_scope"),
        ([("code_challenge_method", "plain"), ("state", "s")], "invalid_request"),
    ] {
        let back = GOTO.authorize(&to, &other).await;
        assert_eq!((back.status, back.location()["error"].as_str()), (302, error));
    }
    let legacy = GOTO.authorize(&to, &[("redirect_uri", "http://127.0.0.1:51234/gtmCallback")]).await;
    assert!(legacy.location().contains_key("code"));
    let foreign = GOTO.authorize(&to, &[("redirect_uri", "http://127.0.0.1:8790/v1/callback/zoom")]).await;
    assert_eq!((foreign.status, foreign.header("location")), (400, None));

    let code = GOTO.code(&to).await;
    let wrong = GOTO.exchange(&to, &code, &[("code_verifier", "another-verifier-of-at-least-forty-three-chars")]).await;
    assert_eq!((wrong.status, &wrong.json()["error"]), (400, &json!("invalid_grant")));
    let (access, refresh) = tokens(&GOTO.exchange(&to, &code, &[]).await);
    let in_body = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh.as_str()),
        ("client_id", "sandbox-client"),
        ("client_secret", "sandbox-secret"),
    ];
    assert_eq!(ask("POST", GOTO.token).form(&in_body).send(&to).await.status, 200);
    let anybody = ask("POST", GOTO.token).form(&in_body[..2]).send(&to).await;
    assert_eq!((anybody.status, &anybody.json()["error"]), (401, &json!("invalid_client")));

    let revoke = || ask("POST", "/goto/oauth/revoke");
    assert_eq!(revoke().form(&[("token", &refresh)]).send(&to).await.status, 401);
    let in_body = [("token", "unknown"), ("client_id", "sandbox-client"), ("client_secret", "sandbox-secret")];
    assert_eq!(revoke().form(&in_body).send(&to).await.status, 200);
    let basic = || revoke().basic("sandbox-client", "sandbox-secret");
    assert_eq!(basic().form(&[]).send(&to).await.status, 400);
    assert_eq!(basic().form(&[("token", "unknown")]).send(&to).await.status, 200);
    let revoked = basic().form(&[("token", &refresh), ("token_type_hint", "refresh_token")]).send(&to).await;
    assert_eq!((revoked.status, revoked.body.len()), (200, 0));
    assert_eq!(get(&to, UPCOMING, &access).await.status, 403);
    assert_eq!(GOTO.refresh(&to, &refresh).await.json()["error"], "invalid_grant");
}
