//! Zoom: the whole way, and where it says no.

use serde_json::{Value, json};

use crate::client::{Answer, TEAMS, ZOOM, advance, ask, sandbox, state, tokens};

const MEETINGS: &str = "/zoom/v2/users/me/meetings";

async fn create(to: &convoke_sandbox::Running, token: &str, body: &Value) -> Answer {
    ask("POST", MEETINGS).bearer(token).json(body).send(to).await
}

fn standup() -> Value {
    json!({
        "topic": "Standup", "type": 2, "start_time": "2099-03-14T09:30:00", "timezone": "Europe/Zurich",
        "duration": 45, "agenda": "Short", "settings": { "waiting_room": false },
    })
}

#[tokio::test]
async fn the_whole_way() {
    let to = sandbox().await;
    let code = ZOOM.code(&to).await;
    let answer = ZOOM.exchange(&to, &code, &[]).await;
    let (access, refresh) = tokens(&answer);
    assert!((600..=800).contains(&access.len()) && (600..=800).contains(&refresh.len()));
    let body = answer.json();
    assert_eq!(body["token_type"], "bearer");
    assert_eq!(body["expires_in"], 3599);
    assert!(body["scope"].as_str().is_some_and(|scope| scope.contains("meeting:read:list_meetings")));

    let (access, _) = tokens(&ZOOM.refresh(&to, &refresh).await);
    let me = ask("GET", "/zoom/v2/users/me").bearer(&access).send(&to).await.json();
    assert_eq!(me["email"], "ana@example.com");

    let made = create(&to, &access, &standup()).await;
    assert_eq!(made.status, 201, "{}", made.text());
    assert!(made.header("x-zm-trackingid").is_some());
    let made = made.json();
    assert_eq!(made["start_time"], "2099-03-14T08:30:00Z");
    assert_eq!(made["timezone"], "Europe/Zurich");
    assert_eq!(made["settings"]["waiting_room"], false);
    let id = made["id"].as_i64().expect("an id");
    assert!((1 << 31..100_000_000_000).contains(&id));
    for name in ["uuid", "join_url", "start_url", "password", "host_email", "created_at", "encrypted_password"] {
        assert!(made[name].as_str().is_some_and(|text| !text.is_empty()), "{name}");
    }

    let one = format!("/zoom/v2/meetings/{id}");
    let patch = json!({"topic": "Later", "start_time": "2099-03-15T10:00:00Z", "duration": 30});
    let patched = ask("PATCH", &one).bearer(&access).json(&patch).send(&to).await;
    assert_eq!((patched.status, patched.body.len()), (204, 0));
    let read = ask("GET", &one).bearer(&access).send(&to).await.json();
    assert_eq!(read["topic"], "Later");
    assert_eq!(read["start_time"], "2099-03-15T10:00:00Z");
    assert_eq!(read["agenda"], "Short");
    assert_eq!(read["join_url"], made["join_url"]);
    assert_eq!(state(&to).await["meetings"]["zoom"][0], read);

    let deleted = ask("DELETE", &one).bearer(&access).send(&to).await;
    assert_eq!((deleted.status, deleted.body.len()), (204, 0));
    let gone = ask("GET", &one).bearer(&access).send(&to).await;
    assert_eq!((gone.status, gone.json()["code"].as_i64()), (404, Some(3001)));

    let revoked = ask("POST", "/zoom/oauth/revoke").basic("sandbox-client", "sandbox-secret");
    let revoked = revoked.form(&[("token", &access)]).send(&to).await;
    assert_eq!((revoked.status, revoked.json()), (200, json!({"status": "success"})));
    let dead = ask("GET", MEETINGS).bearer(&access).send(&to).await;
    assert_eq!((dead.status, dead.json()["code"].as_i64()), (401, Some(124)));

    let seen = state(&to).await;
    assert_eq!(seen["tokens"]["zoom"], json!({"issued": 2, "live": 0}));
    assert_eq!(
        seen["calls"],
        json!({
            "GET /zoom/oauth/authorize": 1, "POST /zoom/oauth/token": 2, "POST /zoom/oauth/revoke": 1,
            "GET /zoom/v2/users/me": 1, "GET /zoom/v2/users/me/meetings": 1, "POST /zoom/v2/users/me/meetings": 1,
            "GET /zoom/v2/meetings/{id}": 2, "PATCH /zoom/v2/meetings/{id}": 1, "DELETE /zoom/v2/meetings/{id}": 1,
        })
    );
}

#[tokio::test]
async fn a_list_comes_in_pages() {
    let to = sandbox().await;
    let (access, _) = ZOOM.sign_in(&to).await;
    for day in 10..15 {
        let body = json!({"topic": format!("Day {day}"), "type": 2, "start_time": format!("2099-03-{day}T08:00:00Z")});
        assert_eq!(create(&to, &access, &body).await.status, 201);
    }
    let mut topics = Vec::new();
    let mut token = String::new();
    for _ in 0..3 {
        let target = format!("{MEETINGS}?type=upcoming&page_size=2&next_page_token={token}");
        let page = ask("GET", &target).bearer(&access).send(&to).await.json();
        assert_eq!(page["total_records"], 5);
        for item in page["meetings"].as_array().expect("a list") {
            topics.push(item["topic"].as_str().unwrap_or_default().to_owned());
            assert!(item.get("start_url").is_none(), "a list holds no host secret");
        }
        token = page["next_page_token"].as_str().expect("a token").to_owned();
    }
    assert_eq!(topics, ["Day 10", "Day 11", "Day 12", "Day 13", "Day 14"]);
    assert_eq!(token, "");
    let first = ask("GET", &format!("{MEETINGS}?page_size=2")).bearer(&access).send(&to).await.json();
    advance(&to, 16 * 60).await;
    let late = format!("{MEETINGS}?next_page_token={}", first["next_page_token"].as_str().unwrap_or_default());
    let late = ask("GET", &late).bearer(&access).send(&to).await;
    assert_eq!((late.status, late.json()["code"].as_i64()), (400, Some(300)));
    let wide = ask("GET", &format!("{MEETINGS}?page_size=301")).bearer(&access).send(&to).await;
    assert_eq!(wide.status, 400);
}

#[tokio::test]
async fn bad_meetings_are_named_by_field() {
    let to = sandbox().await;
    let (access, _) = ZOOM.sign_in(&to).await;
    for (body, field) in [
        (json!({"topic": null}), "topic"),
        (json!({"start_time": "2000-01-01T00:00:00Z"}), "start_time"),
        (json!({"timezone": "Nowhere"}), "timezone"),
    ] {
        let refused = create(&to, &access, &body).await;
        assert_eq!(refused.status, 400);
        let refused = refused.json();
        assert_eq!(refused["code"], 300);
        assert_eq!(refused["message"], "Validation Failed.");
        assert_eq!(refused["errors"][0]["field"], field);
    }
    let text = ask("POST", MEETINGS).bearer(&access).form(&[("topic", "x")]).send(&to).await;
    assert_eq!((text.status, text.json()["code"].as_i64()), (400, Some(300)));
    assert_eq!(state(&to).await["meetings"]["zoom"], json!([]));
}

#[tokio::test]
async fn a_meeting_that_has_begun_keeps_its_start() {
    let to = sandbox().await;
    let (access, _) = ZOOM.sign_in(&to).await;
    let now = chrono::DateTime::parse_from_rfc3339(state(&to).await["now"].as_str().expect("a time")).expect("a time");
    let soon = (now + chrono::TimeDelta::minutes(10)).format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let made = create(&to, &access, &json!({"topic": "x", "start_time": soon, "agenda": "y".repeat(300)})).await.json();
    advance(&to, 1200).await;
    let one = format!("/zoom/v2/meetings/{}", made["id"]);
    let longer = json!({"start_time": soon, "duration": 90});
    assert_eq!(ask("PATCH", &one).bearer(&access).json(&longer).send(&to).await.status, 204);
    let earlier = (now + chrono::TimeDelta::minutes(5)).format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let moved = ask("PATCH", &one).bearer(&access).json(&json!({"start_time": earlier})).send(&to).await;
    assert_eq!((moved.status, moved.json()["errors"][0]["field"].as_str()), (400, Some("start_time")));
    let list = ask("GET", MEETINGS).bearer(&access).send(&to).await.json();
    assert_eq!(list["meetings"][0]["duration"], 90);
    assert_eq!(list["meetings"][0]["agenda"].as_str().map(str::len), Some(250), "a list cuts the agenda");
}

#[tokio::test]
async fn a_series_has_occurrences_and_one_can_go() {
    let to = sandbox().await;
    let (access, _) = ZOOM.sign_in(&to).await;
    let body = json!({
        "topic": "Weekly", "type": 8, "start_time": "2099-03-23T09:00:00", "timezone": "Europe/Zurich",
        "recurrence": {"type": 2, "repeat_interval": 1, "weekly_days": "2", "end_times": 3},
    });
    let made = create(&to, &access, &body).await.json();
    let starts: Vec<_> = made["occurrences"].as_array().expect("occurrences").iter().collect();
    assert_eq!(starts.len(), 3);
    // The last Sunday of March is the 29th: the wall time stays, the UTC time moves.
    assert_eq!(starts[0]["start_time"], "2099-03-23T08:00:00Z");
    assert_eq!(starts[1]["start_time"], "2099-03-30T07:00:00Z");
    let one = format!("/zoom/v2/meetings/{}", made["id"]);
    let occurrence = starts[1]["occurrence_id"].as_str().expect("an id");
    let target = format!("{one}?occurrence_id={occurrence}");
    assert_eq!(ask("DELETE", &target).bearer(&access).send(&to).await.status, 204);
    assert_eq!(ask("DELETE", &target).bearer(&access).send(&to).await.status, 404);
    let read = ask("GET", &one).bearer(&access).send(&to).await.json();
    assert_eq!(read["occurrences"][1]["status"], "deleted");
    let same = json!({"topic": "Weekly", "type": 8, "duration": 60, "recurrence": body["recurrence"]});
    assert_eq!(ask("PATCH", &one).bearer(&access).json(&same).send(&to).await.status, 204);
    assert_eq!(ask("GET", &one).bearer(&access).send(&to).await.json()["occurrences"], read["occurrences"]);
    let longer = json!({"duration": 90});
    assert_eq!(ask("PATCH", &one).bearer(&access).json(&longer).send(&to).await.status, 204);
    let read = ask("GET", &one).bearer(&access).send(&to).await.json();
    assert_eq!(read["occurrences"][1]["status"], "available", "another length makes the dates anew");
}

#[tokio::test]
async fn a_kind_can_change() {
    let to = sandbox().await;
    let (access, _) = ZOOM.sign_in(&to).await;
    let made = create(&to, &access, &standup()).await.json();
    let one = format!("/zoom/v2/meetings/{}", made["id"]);
    let (to, access, one) = (&to, &access, &one);
    let patch = |body: Value| async move { ask("PATCH", one).bearer(access).json(&body).send(to).await };
    let read = || async { ask("GET", one).bearer(access).send(to).await.json() };

    let ruleless = patch(json!({"type": 8})).await;
    assert_eq!((ruleless.status, &ruleless.json()["errors"][0]["field"]), (400, &json!("recurrence")));
    let daily = json!({"type": 1, "repeat_interval": 1, "end_times": 3});
    assert_eq!(patch(json!({"type": 8, "recurrence": daily})).await.status, 204);
    let series = read().await;
    assert_eq!((&series["type"], &series["recurrence"]), (&json!(8), &daily));
    assert_eq!(series["occurrences"].as_array().map(Vec::len), Some(3));
    assert_eq!(series["occurrences"][0]["start_time"], made["start_time"]);
    let weekly = json!({"type": 2, "weekly_days": "7", "end_times": 5});
    assert_eq!(patch(json!({"type": 8, "recurrence": weekly})).await.status, 204);
    assert_eq!(read().await["occurrences"].as_array().map(Vec::len), Some(5));

    assert_eq!(patch(json!({"type": 2})).await.status, 204);
    let single = read().await;
    assert_eq!((&single["type"], &single["start_time"]), (&json!(2), &made["start_time"]));
    assert!(single.get("occurrences").is_none() && single.get("recurrence").is_none());
    assert_eq!(patch(json!({"type": 3})).await.status, 204);
    let room = read().await;
    assert_eq!(room["type"], 3);
    assert!(room.get("start_time").is_none());
    let timeless = patch(json!({"type": 2})).await;
    assert_eq!((timeless.status, &timeless.json()["errors"][0]["field"]), (400, &json!("start_time")));
    let again = json!({"type": 2, "start_time": "2099-03-14T09:30:00", "timezone": "America/New_York"});
    assert_eq!(patch(again).await.status, 204);
    assert_eq!(read().await["start_time"], "2099-03-14T13:30:00Z");

    let room = create(to, access, &json!({"topic": "Room", "type": 3})).await.json();
    let list = ask("GET", &format!("{MEETINGS}?type=upcoming")).bearer(access).send(to).await.json();
    let listed: Vec<_> = list["meetings"].as_array().expect("a list").iter().collect();
    let listed = listed.into_iter().find(|item| item["id"] == room["id"]).expect("listed");
    assert!(listed.get("start_time").is_none() && listed["created_at"].is_string());
}

#[tokio::test]
async fn options_are_kept_and_answered() {
    let to = sandbox().await;
    let (access, _) = ZOOM.sign_in(&to).await;
    let settings = json!({
        "waiting_room": false, "join_before_host": true, "jbh_time": 10, "mute_upon_entry": true,
        "auto_recording": "cloud", "alternative_hosts": "eva@example.com;tom@example.com", "audio": "voip",
        "meeting_invitees": [{"email": "eva@example.com"}],
    });
    let mut body = standup();
    (body["settings"], body["password"]) = (settings.clone(), json!("aB3-_*@"));
    let made = create(&to, &access, &body).await.json();
    let one = format!("/zoom/v2/meetings/{}", made["id"]);
    for (name, value) in settings.as_object().expect("an object") {
        assert_eq!(&made["settings"][name], value, "{name}");
    }
    assert_eq!(made["password"], "aB3-_*@");
    let change = json!({"settings": {"jbh_time": 5, "audio": "both", "meeting_invitees": []}, "password": "new"});
    assert_eq!(ask("PATCH", &one).bearer(&access).json(&change).send(&to).await.status, 204);
    let read = ask("GET", &one).bearer(&access).send(&to).await.json();
    assert_eq!((&read["settings"]["jbh_time"], &read["settings"]["audio"]), (&json!(5), &json!("both")));
    assert_eq!((&read["settings"]["mute_upon_entry"], &read["password"]), (&json!(true), &json!("new")));
    assert_eq!((&read["settings"]["meeting_invitees"], &read["created_at"]), (&json!([]), &made["created_at"]));
    assert_ne!(read["join_url"], made["join_url"], "the token in the link follows the password");
}

#[tokio::test]
async fn a_meeting_may_be_scheduled_for_a_colleague() {
    let to = sandbox().await;
    let (access, _) = ZOOM.sign_in(&to).await;
    let body = |address: &str| {
        let mut body = standup();
        body["schedule_for"] = json!(address);
        body
    };
    for address in ["ben@example.org", "ben@sub.example.com", "ben"] {
        let refused = create(&to, &access, &body(address)).await;
        assert_eq!((refused.status, &refused.json()["code"]), (400, &json!(3000)), "{address}");
        assert!(refused.text().contains(&format!("You cannot schedule a meeting for {address}")));
    }
    let made = create(&to, &access, &body("ben@example.com")).await;
    assert_eq!((made.status, &made.json()["host_email"]), (201, &json!("ben@example.com")));
    let list = ask("GET", MEETINGS).bearer(&access).send(&to).await.json();
    assert_eq!((list["total_records"].as_i64(), &list["meetings"][0]["id"]), (Some(1), &made.json()["id"]));
    let one = format!("/zoom/v2/meetings/{}", made.json()["id"]);
    let own = json!({"schedule_for": "ana@example.com"});
    assert_eq!(ask("PATCH", &one).bearer(&access).json(&own).send(&to).await.status, 204);
    assert_eq!(ask("GET", &one).bearer(&access).send(&to).await.json()["host_email"], "ana@example.com");
    assert_eq!(ask("DELETE", &one).bearer(&access).send(&to).await.status, 204);
}

#[tokio::test]
async fn an_old_refresh_token_is_dead() {
    let to = sandbox().await;
    let (_, first) = ZOOM.sign_in(&to).await;
    let (access, second) = tokens(&ZOOM.refresh(&to, &first).await);
    let again = ZOOM.refresh(&to, &first).await;
    assert_eq!((again.status, again.json()["error"].as_str()), (400, Some("invalid_grant")));
    assert!(again.json()["reason"].is_string());
    assert_eq!(ask("GET", MEETINGS).bearer(&access).send(&to).await.status, 200);
    assert_eq!(ZOOM.refresh(&to, &second).await.status, 200);
}

#[tokio::test]
async fn a_new_sign_in_ends_the_persons_earlier_tokens_and_nobody_elses() {
    let to = sandbox().await;
    let (ana, ana_refresh) = ZOOM.sign_in(&to).await;
    ask("POST", "/_sandbox/sign-in").json(&json!({"email": "ben@example.com"})).send(&to).await;
    let (ben, _) = ZOOM.sign_in(&to).await;
    assert_eq!(ask("GET", MEETINGS).bearer(&ana).send(&to).await.status, 200);
    ask("POST", "/_sandbox/sign-in").json(&json!({"email": "ana@example.com"})).send(&to).await;
    ZOOM.sign_in(&to).await;
    assert_eq!(ask("GET", MEETINGS).bearer(&ana).send(&to).await.status, 401);
    assert_eq!(ZOOM.refresh(&to, &ana_refresh).await.status, 400);
    assert_eq!(ask("GET", MEETINGS).bearer(&ben).send(&to).await.status, 200);
}

#[tokio::test]
async fn time_ends_codes_and_tokens() {
    let to = sandbox().await;
    let code = ZOOM.code(&to).await;
    advance(&to, 301).await;
    assert_eq!(ZOOM.exchange(&to, &code, &[]).await.json()["error"], "invalid_grant");
    let (access, refresh) = ZOOM.sign_in(&to).await;
    advance(&to, 3601).await;
    let expired = ask("GET", MEETINGS).bearer(&access).send(&to).await;
    assert_eq!((expired.status, expired.json()["message"].as_str()), (401, Some("Access token is expired.")));
    let (_, refresh) = tokens(&ZOOM.refresh(&to, &refresh).await);
    advance(&to, 91 * 24 * 3600).await;
    assert_eq!(ZOOM.refresh(&to, &refresh).await.json()["error"], "invalid_grant");
}

#[tokio::test]
async fn scopes_and_owners_are_checked() {
    let to = sandbox().await;
    let answer = ZOOM.authorize(&to, &[("scope", "meeting:write:meeting")]).await;
    let code = answer.location()["code"].clone();
    let (access, _) = tokens(&ZOOM.exchange(&to, &code, &[]).await);
    let made = create(&to, &access, &standup()).await;
    assert_eq!(made.status, 201);
    let refused = ask("GET", MEETINGS).bearer(&access).send(&to).await;
    assert_eq!((refused.status, refused.json()["code"].as_i64()), (400, Some(4711)));
    assert!(refused.text().contains("meeting:read:list_meetings"));

    ask("POST", "/_sandbox/sign-in").json(&json!({"email": "ben@example.com"})).send(&to).await;
    let (ben, _) = ZOOM.sign_in(&to).await;
    let one = format!("/zoom/v2/meetings/{}", made.json()["id"]);
    assert_eq!(ask("GET", &one).bearer(&ben).send(&to).await.status, 404);
    let other = ask("GET", "/zoom/v2/users/ana@example.com/meetings").bearer(&ben).send(&to).await;
    assert_eq!((other.status, other.json()["code"].as_i64()), (400, Some(4700)));
    let (teams, _) = TEAMS.sign_in(&to).await;
    assert_eq!(ask("GET", MEETINGS).bearer(&teams).send(&to).await.status, 401);
}
