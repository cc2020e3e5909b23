//! Teams: the whole way, and where it says no.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use convoke_sandbox::Running;
use serde_json::{Value, json};

use crate::client::{Answer, TEAMS, ZOOM, advance, ask, fault, form, sandbox, state, tokens};

const MEETINGS: &str = "/graph/v1.0/me/onlineMeetings";

#[tokio::test]
async fn the_whole_way() {
    let to = sandbox().await;
    let code = TEAMS.code(&to).await;
    assert_eq!(code.len(), 1800);
    let answer = TEAMS.exchange(&to, &code, &[]).await;
    let (access, refresh) = tokens(&answer);
    assert_eq!((access.len(), refresh.len()), (2500, 1700));
    let body = answer.json();
    assert_eq!(body["token_type"], "Bearer");
    assert_eq!(body["scope"], "User.Read OnlineMeetings.ReadWrite");
    assert!((3600..5400).contains(&body["expires_in"].as_i64().unwrap_or_default()));
    let claims = body["id_token"].as_str().and_then(|token| token.split('.').nth(1)).expect("an id token");
    let claims: Value =
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).expect("base64url")).expect("JSON claims");
    assert_eq!(claims["preferred_username"], "ana@example.com");
    assert_eq!(claims["aud"], "sandbox-client");

    let (access, second) = tokens(&TEAMS.refresh(&to, &refresh).await);
    assert_ne!(second, refresh);
    assert_eq!(TEAMS.refresh(&to, &refresh).await.status, 200, "the old refresh token stays good");

    let me = ask("GET", "/graph/v1.0/me").bearer(&access).send(&to).await.json();
    assert_eq!((me["mail"].as_str(), &me["id"]), (Some("ana@example.com"), &claims["oid"]));

    let body = json!({
        "subject": "Review", "startDateTime": "2099-03-14T09:30:00+01:00", "endDateTime": "2099-03-14T10:30:00+01:00",
        "participants": {"attendees": [{"upn": "ben@example.com", "role": "attendee"}]},
    });
    let made = ask("POST", MEETINGS).bearer(&access).json(&body).send(&to).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let made = made.json();
    assert_eq!(made["startDateTime"], "2099-03-14T08:30:00.0000000Z");
    assert!(made["joinWebUrl"].as_str().is_some_and(|url| url.contains("/meetup-join/19%3ameeting_")));
    for path in ["/chatInfo/threadId", "/joinMeetingIdSettings/passcode", "/joinInformation/content", "/id"] {
        assert!(made.pointer(path).is_some_and(Value::is_string), "{path}");
    }

    let one = format!("{MEETINGS}/{}", made["id"].as_str().expect("an id"));
    let half = ask("PATCH", &one).bearer(&access).json(&json!({"startDateTime": "2099-03-14T09:00:00Z"}));
    assert_eq!(half.send(&to).await.status, 400, "start and end belong together");
    let change = json!({
        "subject": "Later", "startDateTime": "2099-03-15T09:00:00Z", "endDateTime": "2099-03-15T09:30:00Z",
    });
    let patched = ask("PATCH", &one).bearer(&access).json(&change).send(&to).await;
    assert_eq!((patched.status, &patched.json()["subject"]), (200, &json!("Later")));
    let read = ask("GET", &one).bearer(&access).send(&to).await.json();
    assert_eq!(read["endDateTime"], "2099-03-15T09:30:00.0000000Z");
    assert_eq!(read["participants"]["attendees"][0]["upn"], "ben@example.com");
    assert_eq!(read["joinWebUrl"], made["joinWebUrl"]);

    assert_eq!(ask("DELETE", &one).bearer(&access).send(&to).await.status, 204);
    assert_eq!(ask("GET", &one).bearer(&access).send(&to).await.status, 404);
    let seen = state(&to).await;
    assert_eq!(seen["tokens"]["teams"], json!({"issued": 3, "live": 3}));
    assert_eq!(seen["calls"]["PATCH /graph/v1.0/me/onlineMeetings/{id}"], 2);
}

#[tokio::test]
async fn a_list_needs_a_filter_that_is_encoded_twice() {
    let to = sandbox().await;
    let (access, _) = TEAMS.sign_in(&to).await;
    let made = ask("POST", MEETINGS).bearer(&access).json(&json!({"subject": "x"})).send(&to).await.json();
    let url = made["joinWebUrl"].as_str().expect("a link");
    let find = |filter: String| {
        let target = format!("{MEETINGS}?{}", form(&[("$filter", &filter)]));
        let (to, access) = (&to, &access);
        async move { ask("GET", &target).bearer(access).send(to).await }
    };
    let bare = ask("GET", MEETINGS).bearer(&access).send(&to).await;
    assert_eq!(bare.status, 400);
    assert!(bare.text().contains("Filter expression expected"));
    let found = find(format!("JoinWebUrl eq '{url}'")).await;
    assert_eq!((found.status, found.json()["value"][0]["id"].clone()), (200, made["id"].clone()));
    let decoded = url.replace("%3a", ":").replace("%40", "@");
    assert_eq!(find(format!("JoinWebUrl eq '{decoded}'")).await.json()["value"], json!([]));
    let digits = made["joinMeetingIdSettings"]["joinMeetingId"].as_str().expect("a join id").replace(' ', "");
    let by_id = find(format!("joinMeetingIdSettings/joinMeetingId eq '{digits}'")).await;
    assert_eq!(by_id.json()["value"][0]["id"], made["id"]);
    assert_eq!(find("subject eq 'x'".to_owned()).await.status, 400);
}

#[tokio::test]
async fn create_or_get_makes_once() {
    let to = sandbox().await;
    let (access, _) = TEAMS.sign_in(&to).await;
    let target = format!("{MEETINGS}/createOrGet");
    let body = json!({"externalId": "e-1", "subject": "First"});
    let first = ask("POST", &target).bearer(&access).json(&body).send(&to).await;
    let body = json!({"externalId": "e-1", "subject": "Second"});
    let second = ask("POST", &target).bearer(&access).json(&body).send(&to).await;
    assert_eq!((first.status, second.status), (201, 200));
    assert_eq!(second.json()["subject"], "First");
    let none = ask("POST", &target).bearer(&access).json(&json!({"subject": "x"})).send(&to).await;
    assert_eq!(none.status, 400);
    let hour = |meeting: &Value| {
        let time = |name: &str| chrono::DateTime::parse_from_rfc3339(meeting[name].as_str().expect("a time")).ok();
        time("endDateTime").zip(time("startDateTime")).map(|(end, start)| (end - start).num_minutes())
    };
    assert_eq!(hour(&first.json()), Some(60), "without times it is now, for an hour");
    for wrong in [
        json!({"externalId": "e-2", "endDateTime": "2099-03-14T09:00:00Z"}),
        json!({"externalId": "e-2", "recordAutomatically": true}),
        json!({"externalId": 2}),
    ] {
        assert_eq!(ask("POST", &target).bearer(&access).json(&wrong).send(&to).await.status, 400, "{wrong}");
    }

    // A plain create may name itself too, and is found by it; nobody else finds it.
    let plain = json!({"externalId": "e-3", "subject": "Plain"});
    let plain = ask("POST", MEETINGS).bearer(&access).json(&plain).send(&to).await;
    assert_eq!((plain.status, &plain.json()["externalId"]), (201, &json!("e-3")));
    let body = json!({"externalId": "e-3", "chatInfo": {}, "participants": {}});
    let got = ask("POST", &target).bearer(&access).json(&body).send(&to).await;
    assert_eq!((got.status, &got.json()["id"]), (200, &plain.json()["id"]));
    let ben = TEAMS.authorize(&to, &[("login_hint", "ben@example.com")]).await;
    let (ben, _) = tokens(&TEAMS.exchange(&to, &ben.location()["code"], &[]).await);
    assert_eq!(ask("POST", &target).bearer(&ben).json(&body).send(&to).await.status, 201);
}

#[tokio::test]
async fn options_are_kept_and_answered() {
    let to = sandbox().await;
    let (access, _) = TEAMS.sign_in(&to).await;
    let body = json!({
        "subject": "Review", "externalId": "o-1", "allowedPresenters": "organizer", "recordAutomatically": true,
        "isEntryExitAnnounced": false, "lobbyBypassSettings": {"scope": "invited", "isDialInBypassEnabled": true},
        "joinMeetingIdSettings": {"isPasscodeRequired": false},
        "participants": {"attendees": [
            {"upn": "ben@example.com", "role": "coorganizer"}, {"upn": "eva@example.com", "role": "presenter"},
            {"upn": "tom@example.com"},
        ]},
    });
    let made = ask("POST", MEETINGS).bearer(&access).json(&body).send(&to).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let made = made.json();
    for name in ["externalId", "allowedPresenters", "recordAutomatically", "isEntryExitAnnounced"] {
        assert_eq!(made[name], body[name]);
    }
    assert_eq!(made["lobbyBypassSettings"], body["lobbyBypassSettings"]);
    assert_eq!(made["joinMeetingIdSettings"]["passcode"], Value::Null);
    let roles: Vec<_> = made["participants"]["attendees"].as_array().expect("a list").iter().collect();
    let roles: Vec<_> = roles.into_iter().map(|attendee| attendee["role"].as_str()).collect();
    assert_eq!(roles, [Some("coorganizer"), Some("presenter"), Some("attendee")]);

    let one = format!("{MEETINGS}/{}", made["id"].as_str().expect("an id"));
    let change = json!({"allowedPresenters": "everyone", "lobbyBypassSettings": {"scope": "everyone"}});
    let patched = ask("PATCH", &one).bearer(&access).json(&change).send(&to).await.json();
    assert_eq!(patched["allowedPresenters"], "everyone");
    assert_eq!(patched["lobbyBypassSettings"], json!({"scope": "everyone", "isDialInBypassEnabled": true}));
    assert_eq!(patched["participants"], made["participants"]);
    for fixed in [json!({"externalId": "o-2"}), json!({"joinMeetingIdSettings": {"isPasscodeRequired": true}})] {
        assert_eq!(ask("PATCH", &one).bearer(&access).json(&fixed).send(&to).await.status, 400, "{fixed}");
    }
}

/// Signs in with the claims that a challenge asks for.
async fn answer_to(to: &Running, challenge: &Answer) -> (String, String) {
    assert_eq!(challenge.status, 401, "{}", challenge.text());
    let header = challenge.header("www-authenticate").expect("a challenge");
    let part = |name: &str| header.split(&format!("{name}=\"")).nth(1).and_then(|rest| rest.split('"').next());
    assert_eq!(part("error"), Some("insufficient_claims"), "{header}");
    assert_eq!(
        (part("realm"), part("authorization_uri").is_some_and(|uri| uri.ends_with("/authorize"))),
        (Some(""), true)
    );
    let claims = STANDARD.decode(part("claims").expect("claims")).expect("base64");
    let claims = String::from_utf8(claims).expect("text");
    let code = TEAMS.authorize(to, &[("claims", &claims)]).await.location()["code"].clone();
    tokens(&TEAMS.exchange(to, &code, &[]).await)
}

#[tokio::test]
async fn a_claims_challenge_ends_with_a_sign_in_that_carries_them() {
    let to = sandbox().await;
    let (access, refresh) = TEAMS.sign_in(&to).await;
    let me = |token: &str| ask("GET", "/graph/v1.0/me").bearer(token);
    let wrong = json!({"route": "GET /zoom/v2/users/me", "fault": "claims"});
    assert_eq!(ask("POST", "/_sandbox/faults").json(&wrong).send(&to).await.status, 400);

    fault(&to, json!({"route": "POST /graph/v1.0/me/onlineMeetings", "fault": "claims"})).await;
    assert_eq!(me(&access).send(&to).await.status, 200, "nothing is asked for yet");
    let challenge = ask("POST", MEETINGS).bearer(&access).json(&json!({})).send(&to).await;
    assert_eq!(challenge.json()["error"]["code"], "InvalidAuthenticationToken");
    assert_eq!(state(&to).await["meetings"]["teams"], json!([]));
    // The same at every route, and after a refresh, and after a sign-in without them.
    let asked = challenge.header("www-authenticate");
    assert_eq!(me(&access).send(&to).await.header("www-authenticate"), asked);
    let (again, _) = tokens(&TEAMS.refresh(&to, &refresh).await);
    assert_eq!(me(&again).send(&to).await.header("www-authenticate"), asked);
    let (plain, _) = TEAMS.sign_in(&to).await;
    assert_eq!(me(&plain).send(&to).await.header("www-authenticate"), asked);

    let (good, good_refresh) = answer_to(&to, &challenge).await;
    assert_eq!(me(&good).send(&to).await.status, 200);
    let (kept, kept_refresh) = tokens(&TEAMS.refresh(&to, &good_refresh).await);
    let (kept_again, _) = tokens(&TEAMS.refresh(&to, &kept_refresh).await);
    assert_eq!(me(&kept).send(&to).await.status, 200);
    assert_eq!(me(&kept_again).send(&to).await.status, 200);
    assert_eq!(me(&access).send(&to).await.status, 401);

    // A second one asks for more than the first.
    fault(&to, json!({"route": "GET /graph/v1.0/me", "fault": "claims"})).await;
    let second = me(&kept_again).send(&to).await;
    assert_ne!(second.header("www-authenticate"), asked);
    assert_eq!(me(&kept_again).send(&to).await.status, 401);
    let (good, _) = answer_to(&to, &second).await;
    assert_eq!(me(&good).send(&to).await.status, 200);
    let off = TEAMS.authorize(&to, &[("claims", "e30=")]).await;
    assert_eq!(off.location()["error"], "invalid_request");
}

#[tokio::test]
async fn errors_have_graphs_body() {
    let to = sandbox().await;
    let none = ask("GET", "/graph/v1.0/me").header("client-request-id", "abc").send(&to).await;
    assert_eq!(none.status, 401);
    assert!(none.header("www-authenticate").is_some_and(|text| text.starts_with("Bearer ")));
    let error = &none.json()["error"];
    assert_eq!(error["code"], "InvalidAuthenticationToken");
    assert_eq!(error["innerError"]["client-request-id"], "abc");
    assert!(error["innerError"]["request-id"].is_string() && error["innerError"]["date"].is_string());

    let (access, _) = TEAMS.sign_in(&to).await;
    advance(&to, 5400).await;
    assert_eq!(ask("GET", "/graph/v1.0/me").bearer(&access).send(&to).await.status, 401);
    let (zoom, _) = ZOOM.sign_in(&to).await;
    assert_eq!(ask("GET", "/graph/v1.0/me").bearer(&zoom).send(&to).await.status, 401);

    let answer = TEAMS.authorize(&to, &[("scope", "User.Read")]).await;
    let only_user = TEAMS.exchange(&to, &answer.location()["code"], &[]).await;
    let body = only_user.json();
    assert!(body.get("refresh_token").is_none(), "no offline_access, no refresh token");
    assert!(body.get("id_token").is_none());
    let (access, _) = tokens(&only_user);
    let refused = ask("POST", MEETINGS).bearer(&access).json(&json!({})).send(&to).await;
    assert_eq!((refused.status, refused.json()["error"]["code"].as_str()), (403, Some("Forbidden")));
}

#[tokio::test]
async fn client_authentication_in_the_header_or_the_form() {
    let to = sandbox().await;
    let (_, refresh) = TEAMS.sign_in(&to).await;
    let fields = |id: &'static str, secret: &'static str| {
        [
            ("grant_type", "refresh_token".to_owned()),
            ("refresh_token", refresh.clone()),
            ("client_id", id.to_owned()),
            ("client_secret", secret.to_owned()),
        ]
    };
    for (id, secret, status, error) in [
        ("sandbox-client", "sandbox-secret", 200, Value::Null),
        ("sandbox-client", "wrong", 401, json!("invalid_client")),
        ("wrong", "sandbox-secret", 400, json!("unauthorized_client")),
        ("sandbox-client", "", 401, json!("invalid_client")),
    ] {
        let fields = fields(id, secret);
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let answer = ask("POST", TEAMS.token).form(&fields).send(&to).await;
        assert_eq!((answer.status, answer.json()["error"].clone()), (status, error));
    }
}
