//! Sametime: csrf, login, refresh, rooms, and where it says no.

use convoke_sandbox::{Options, Running, SametimeBase, Sandbox};
use serde_json::{Value, json};

use crate::client::{Answer, Ask, advance, ask, sandbox, state};

const ROOMS: &str = "/sametime/meeting-catalog/api/v1/meetings";

/// A client's cookies and token, written back after every answer.
#[derive(Default, Clone)]
struct Jar {
    cookies: Vec<(String, String)>,
    csrf: String,
}

impl Jar {
    fn put(&self, ask: Ask) -> Ask {
        let line: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let ask = if line.is_empty() { ask } else { ask.header("Cookie", &line.join("; ")) };
        if self.csrf.is_empty() { ask } else { ask.header("X-CSRF-Token", &self.csrf) }
    }

    async fn send(&mut self, to: &Running, ask: Ask) -> Answer {
        let answer = self.put(ask).send(to).await;
        for (name, value) in answer.cookies() {
            self.cookies.retain(|(known, _)| *known != name);
            self.cookies.push((name, value));
        }
        if let Some(token) = answer.header("x-csrf-token") {
            token.clone_into(&mut self.csrf);
        }
        answer
    }

    async fn log_in(&mut self, to: &Running, user: &str, password: &str) -> Answer {
        let first = self.send(to, ask("GET", &path("refresh"))).await;
        assert_eq!((first.status, first.text().as_str()), (401, "Unauthorized"));
        let login = ask("POST", &path("login")).form(&[("username", user), ("password", password)]);
        self.send(to, login).await
    }
}

fn path(name: &str) -> String {
    format!("/sametime/meeting-auth/api/v1/{name}")
}

fn room(name: &str) -> Value {
    json!({"meeting": {"name": name, "moderators": ["ana@example.com"], "allowGuestUser": "false", "mode": "Open"}})
}

#[tokio::test]
async fn the_whole_way() {
    let to = sandbox().await;
    let mut jar = Jar::default();
    let login = jar.log_in(&to, "ana", "sandbox-password").await;
    assert_eq!(login.status, 200);
    let names: Vec<String> = login.cookies().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["sametimeJwt", "sametimeRefresh"]);

    let before = jar.clone();
    let renewed = jar.send(&to, ask("GET", &path("refresh"))).await;
    assert_eq!((renewed.status, renewed.cookies().len()), (200, 2));
    assert_ne!(before.csrf, jar.csrf);
    let old = before.put(ask("GET", ROOMS)).send(&to).await;
    assert_eq!(old.status, 403, "the old token is dead");
    let who = jar.send(&to, ask("GET", "/sametime/sametime-auth/api/v1/refresh")).await.json();
    assert_eq!(who["user"]["email"], "ana@example.com");

    let made = jar.send(&to, ask("POST", ROOMS).json(&room("Standup_k3x"))).await;
    assert_eq!((made.status, &made.json()["name"]), (200, &json!("Standup_k3x")), "{}", made.text());
    assert!(made.json()["password"].is_string());
    let again = jar.send(&to, ask("POST", ROOMS).json(&room("Standup_k3x"))).await;
    assert_eq!(again.status, 409);
    let door = ask("GET", "/sametime/meeting/Standup_k3x").send(&to).await;
    assert_eq!(door.status, 200);

    let one = format!("{ROOMS}/Standup_k3x");
    let renamed = jar.send(&to, ask("PATCH", &one).json(&room("Review_k3x"))).await;
    assert_eq!((renamed.status, &renamed.json()["name"]), (200, &json!("Review_k3x")));
    assert_eq!(ask("GET", "/sametime/meeting/Standup_k3x").send(&to).await.status, 404, "another name, another link");
    let list = jar.send(&to, ask("GET", ROOMS)).await.json();
    assert_eq!((list[0]["name"].as_str(), list[0]["isOwner"].as_bool()), (Some("Review_k3x"), Some(true)));
    assert!(list[0].get("password").is_none());
    assert_eq!(state(&to).await["meetings"]["sametime"], list);

    let gone = jar.send(&to, ask("DELETE", &format!("{ROOMS}/Review_k3x"))).await;
    assert_eq!(gone.status, 200);
    assert_eq!(jar.send(&to, ask("GET", ROOMS)).await.json(), json!([]));
    assert_eq!(state(&to).await["tokens"]["sametime"], json!({"issued": 3, "live": 3}));
}

#[tokio::test]
async fn login_is_strict() {
    let to = sandbox().await;
    for (user, password, status) in
        [("ana", "wrong", 401), ("nobody", "sandbox-password", 401), ("ana", "", 400), ("BEN", "sandbox-password", 200)]
    {
        assert_eq!(Jar::default().log_in(&to, user, password).await.status, status, "{user}");
    }
    let login = ask("POST", &path("login")).form(&[("username", "ana"), ("password", "sandbox-password")]);
    assert_eq!(login.send(&to).await.status, 403, "without the cross-site token");
}

#[tokio::test]
async fn sessions_end_with_time() {
    let to = sandbox().await;
    let mut jar = Jar::default();
    jar.log_in(&to, "ana@example.com", "sandbox-password").await;
    advance(&to, 30 * 60).await;
    let late = jar.send(&to, ask("GET", ROOMS)).await;
    assert_eq!((late.status, late.text().as_str()), (401, "Unauthorized"));
    assert_eq!(jar.send(&to, ask("GET", &path("refresh"))).await.status, 200);
    assert_eq!(jar.send(&to, ask("GET", ROOMS)).await.status, 200);
    advance(&to, 30 * 24 * 3600).await;
    assert_eq!(jar.send(&to, ask("GET", &path("refresh"))).await.status, 401);
}

#[tokio::test]
async fn rooms_are_strict() {
    let to = sandbox().await;
    let mut jar = Jar::default();
    jar.log_in(&to, "ana", "sandbox-password").await;
    let mut boolean = room("x");
    boolean["meeting"]["allowGuestUser"] = json!(false);
    let mut titled = room("x");
    titled["meeting"]["title"] = json!("X");
    for body in [room(""), room("a b"), room("a/b"), boolean, titled, json!({"name": "x"})] {
        let refused = jar.send(&to, ask("POST", ROOMS).json(&body)).await;
        assert_eq!(refused.status, 400, "{body}");
        assert!(refused.json()["error"]["message"].is_string());
    }
    assert_eq!(jar.send(&to, ask("DELETE", &format!("{ROOMS}/none"))).await.status, 404);
    assert_eq!(jar.send(&to, ask("POST", ROOMS).json(&room("Über_uns"))).await.status, 200);
    assert_eq!(jar.send(&to, ask("DELETE", &format!("{ROOMS}/%C3%9Cber_uns"))).await.status, 200);
    jar.send(&to, ask("POST", ROOMS).json(&room("mine"))).await;
    let mut ben = Jar::default();
    ben.log_in(&to, "ben", "sandbox-password").await;
    assert_eq!(ben.send(&to, ask("DELETE", &format!("{ROOMS}/mine"))).await.status, 403);
    assert_eq!(ben.send(&to, ask("POST", ROOMS).json(&room("mine"))).await.status, 409);
}

#[tokio::test]
async fn one_base_path_can_be_off() {
    for (base, old, new) in [(SametimeBase::MeetingAuth, 401, 404), (SametimeBase::SametimeAuth, 404, 401)] {
        let to = Sandbox::start(Options { sametime_base: base, ..Options::default() }).await.expect("starts");
        assert_eq!(ask("GET", &path("refresh")).send(&to).await.status, old);
        assert_eq!(ask("GET", "/sametime/sametime-auth/api/v1/refresh").send(&to).await.status, new);
    }
}
