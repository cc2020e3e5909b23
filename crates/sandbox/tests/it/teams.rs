//! Teams: the whole way, and where it says no.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::client::{TEAMS, ZOOM, advance, ask, form, sandbox, state, tokens};

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
