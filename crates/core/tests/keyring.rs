//! The keyring against a real gnome-keyring on a private bus.
//!
//! A process finds its bus by its environment, so each test starts this binary again as a program of its own session: the
//! ignored test `child` reads questions from standard input, a line each, and answers each with a line.
#![cfg(target_os = "linux")]

use std::{
    collections::HashMap,
    io::BufRead,
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use convoke_core::{
    account::AccountId,
    credential::{
        AccessToken, BrokerSession, Credential, Ends, OAuthCredential, RefreshToken, SametimeCredential, SessionToken,
    },
    error::Error,
    storage::{CredentialStore, keyring::Keyring},
};
use convoke_harness::{Program, Session};

const ACCOUNT: &str = "zoom-4k7q2m";
/// The keyring's own limit of five seconds, and what a busy machine adds.
const LIMIT: Duration = Duration::from_secs(8);
const AT_ONCE: Duration = Duration::from_secs(1);

/// A second process in `session` with one [`Keyring`], which it keeps until it ends.
struct Child {
    program: Program,
    asked: u32,
}

impl Child {
    fn start(session: &Session) -> Self {
        let mut command = session.command(std::env::current_exe().expect("the running test knows its own path"));
        command.args(["--exact", "child", "--ignored", "--nocapture"]);
        Self { program: Program::start(command), asked: 0 }
    }

    #[track_caller]
    fn ask(&mut self, question: &str) -> String {
        self.asked += 1;
        let mark = format!("answer {} ", self.asked);
        self.program.write(format!("{question}\n").as_bytes());
        let line = self.program.wait_line(&mark, |line| line.starts_with(&mark));
        line[mark.len()..].to_owned()
    }

    #[track_caller]
    fn ask_within(&mut self, limit: Duration, question: &str) -> String {
        let begun = Instant::now();
        let answer = self.ask(question);
        assert!(begun.elapsed() <= limit, "{question}: {answer} after {:?}", begun.elapsed());
        answer
    }

    #[track_caller]
    fn end_within(mut self, limit: Duration) {
        self.program.close_stdin();
        assert!(self.program.wait_end(limit).success());
    }
}

#[test]
#[ignore = "the program that the other tests start"]
fn child() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("runtime");
    let keyring = Keyring::start();
    for (number, question) in std::io::stdin().lock().lines().map_while(Result::ok).enumerate() {
        let answer = runtime
            .block_on(answer(&keyring, &question))
            .unwrap_or_else(|error| format!("{:?} {}", error.code, error.detail.unwrap_or_default()));
        println!("\nanswer {} {answer}", number + 1);
    }
}

async fn answer(keyring: &Keyring, question: &str) -> Result<String, Error> {
    let account = AccountId::parse(ACCOUNT).expect("an id");
    let done = |()| "done".to_owned();
    match question {
        "probe" => keyring.probe().await.map(done),
        "save oauth" => keyring.save(&account, &oauth()).await.map(done),
        "save sametime" => keyring.save(&account, &sametime()).await.map(done),
        "forget" => keyring.forget(&account).await.map(done),
        "load" => Ok(match keyring.load(&account).await? {
            None => "none".to_owned(),
            Some(Credential::OAuth(read)) => format!(
                "oauth {} {} {}",
                read.issued_at == issued_at(),
                read.scopes.join(","),
                match (read.access, read.session.map(|session| session.received_at == issued_at())) {
                    (Some(_), Some(true)) => "with access and session",
                    (None, Some(true)) => "with session",
                    _ => "without session",
                }
            ),
            Some(Credential::Sametime(read)) => {
                format!("sametime {} {}", read.issued_at == issued_at(), read.auth_path)
            }
        }),
        other => panic!("no such question: {other}"),
    }
}

fn issued_at() -> DateTime<Utc> {
    "2027-01-10T12:00:00.123456789Z".parse().expect("a time")
}

fn oauth() -> Credential {
    Credential::OAuth(OAuthCredential {
        access: Some(AccessToken::new(format!("access{}", "a".repeat(2500)))),
        expires_at: issued_at() + chrono::Duration::hours(1),
        issued_at: issued_at(),
        refresh: RefreshToken::new(format!("refresh{}", "r".repeat(1700))),
        scopes: vec!["meeting:read".into(), "meeting:write".into()],
        session: Some(BrokerSession::new(format!("session{}", "s".repeat(300)), issued_at())),
        issued_up: None,
        ends: Ends::default(),
    })
}

fn sametime() -> Credential {
    let token = |text: &str| SessionToken::new(text.into());
    Credential::Sametime(SametimeCredential {
        jwt: token("jwt"),
        refresh: token("refresh"),
        ltpa: Some(token("ltpa")),
        csrf_cookie: token("cookie"),
        csrf_token: token("token"),
        auth_path: "meeting-auth".into(),
        issued_at: issued_at(),
        issued_up: None,
    })
}

const WHOLE: &str = "oauth true meeting:read,meeting:write with access and session";
const SPARED: &str = "oauth true meeting:read,meeting:write with session";

/// The items that stand in the keyring: user to secret.
fn items(session: &Session) -> HashMap<String, Vec<u8>> {
    let ours = |(attributes, secret): (HashMap<String, String>, Vec<u8>)| {
        assert_eq!(attributes.get("service").map(String::as_str), Some("Convoke"));
        (attributes["username"].clone(), secret)
    };
    session.keyring().items().into_iter().map(ours).collect()
}

fn put(session: &Session, user: &str, secret: &[u8]) {
    session.keyring().put("Convoke", &HashMap::from([("service", "Convoke"), ("username", user)]), secret);
}

#[test]
fn keeps_reads_and_forgets() {
    let session = Session::start();
    let mut child = Child::start(&session);
    assert_eq!(child.ask("probe"), "done");
    assert_eq!(child.ask("load"), "none");
    assert_eq!(items(&session).len(), 0, "a probe leaves nothing");
    assert_eq!(child.ask("forget"), "done", "nothing to forget is done");

    assert_eq!(child.ask("save oauth"), "done");
    assert_eq!(child.ask("load"), WHOLE);
    assert_eq!(Child::start(&session).ask("load"), WHOLE, "another process reads the same");
    let mut heads: Vec<String> = items(&session).into_keys().filter(|user| user.matches('/').count() == 1).collect();
    heads.sort();
    assert_eq!(heads, [format!("access/{ACCOUNT}"), format!("account/{ACCOUNT}")]);
    for (user, item) in items(&session) {
        assert!(item.len() <= 2_400, "{user} has {} bytes", item.len());
        let holds_access = String::from_utf8_lossy(&item).contains("accessaaa");
        assert!(!holds_access || user.starts_with("access/"), "the main item has no access token");
    }

    assert_eq!(child.ask("save sametime"), "done");
    assert_eq!(child.ask("load"), "sametime true meeting-auth");
    assert_eq!(child.ask("forget"), "done");
    assert_eq!(child.ask("load"), "none");
    assert_eq!(items(&session).len(), 0);
    child.end_within(Duration::from_secs(2));
}

#[test]
fn the_access_token_can_be_spared_and_the_account_cannot() {
    let session = Session::start();
    let mut child = Child::start(&session);
    assert_eq!(child.ask("save oauth"), "done");
    let (main, access) = (format!("account/{ACCOUNT}"), format!("access/{ACCOUNT}"));

    let of_another_issue =
        String::from_utf8(items(&session)[&access].clone()).expect("UTF-8").replacen("2027", "2026", 1);
    put(&session, &access, of_another_issue.as_bytes());
    assert_eq!(child.ask("load"), SPARED);
    put(&session, &access, b"not an item");
    assert_eq!(child.ask("load"), SPARED);

    put(&session, &main, b"{\"v\":9,\"kind\":\"oauth\"}");
    assert_eq!(child.ask("load"), "KeyringFailed damaged");
    put(&session, &main, b"\xff\x00");
    assert_eq!(child.ask("load"), "KeyringFailed damaged");
    assert_eq!(items(&session)[&main], b"\xff\x00", "what is damaged stays as it is");
    assert_eq!(child.ask("save oauth"), "done", "signing in again mends it");
    assert_eq!(child.ask("load"), WHOLE);
}

#[test]
fn locked_is_not_empty_and_loses_nothing() {
    let session = Session::start();
    let mut child = Child::start(&session);
    assert_eq!(child.ask("save oauth"), "done");
    session.keyring().lock();
    for question in ["load", "save sametime", "forget", "probe"] {
        assert_eq!(child.ask_within(LIMIT, question), "KeyringLocked locked", "{question}");
    }
    assert_eq!(Child::start(&session).ask("load"), "KeyringLocked locked", "for a process that starts now too");
    session.keyring().unlock();
    assert_eq!(child.ask("load"), WHOLE);
}

#[test]
fn locked_is_not_empty_where_there_never_was_an_item() {
    let session = Session::start();
    session.keyring().lock();
    assert_eq!(Child::start(&session).ask_within(LIMIT, "load"), "KeyringLocked locked");
}

#[test]
fn without_a_bus_it_is_absent() {
    let session = Session::without_bus();
    let mut child = Child::start(&session);
    for question in ["probe", "load", "save oauth", "forget"] {
        assert_eq!(child.ask_within(LIMIT, question), "KeyringAbsent no_bus", "{question}");
    }
}

#[test]
fn a_keyring_that_starts_later_is_found_and_a_restarted_one_too() {
    let mut session = Session::without_keyring();
    let mut child = Child::start(&session);
    for question in ["probe", "load", "save oauth", "forget"] {
        assert_eq!(child.ask_within(LIMIT, question), "KeyringAbsent no_keyring", "{question}");
    }
    session.start_keyring();
    assert_eq!(child.ask("probe"), "done");
    assert_eq!(child.ask("save oauth"), "done");

    session.stop_keyring();
    assert_eq!(child.ask_within(LIMIT, "load"), "KeyringAbsent no_keyring");
    session.start_keyring();
    assert_eq!(child.ask("load"), WHOLE, "found again after a failure");

    session.stop_keyring();
    session.start_keyring();
    assert_eq!(child.ask("load"), WHOLE, "found again without a failure in between");
}

#[test]
fn a_keyring_that_nobody_set_up_is_absent_not_empty() {
    let session = Session::without_keyring();
    let mut command = session.command("gnome-keyring-daemon");
    command.args(["--foreground", "--components=secrets"]);
    let _daemon = Program::start(command);
    let bus = session.bus().connect();
    let names = zbus::blocking::fdo::DBusProxy::new(&bus).expect("the bus");
    convoke_harness::patience::wait_until("a keyring", LIMIT, || {
        names.name_has_owner("org.freedesktop.secrets".try_into().expect("a name")).expect("an answer")
    });
    let mut child = Child::start(&session);
    assert_eq!(child.ask_within(LIMIT, "probe"), "KeyringAbsent not_set_up");
    assert_eq!(child.ask_within(LIMIT, "load"), "KeyringAbsent not_set_up");
}

#[test]
fn a_keyring_that_never_answers_holds_nobody() {
    let mut session = Session::without_keyring();
    let silent = session.bus().connect();
    silent.request_name("org.freedesktop.secrets").expect("the name");
    let mut child = Child::start(&session);
    assert_eq!(child.ask_within(LIMIT, "probe"), "KeyringLocked no_answer");
    for question in ["load", "save oauth", "forget", "probe"] {
        assert_eq!(child.ask_within(AT_ONCE, question), "KeyringLocked no_answer", "{question}");
    }
    let mut other = Child::start(&session);
    assert_eq!(other.ask_within(LIMIT, "load"), "KeyringLocked no_answer");
    other.end_within(Duration::from_secs(2));

    // The held call ends with the one that held it, and the same process finds the real keyring.
    drop(silent);
    session.start_keyring();
    convoke_harness::patience::wait_until("a served question", LIMIT, || child.ask("save oauth") == "done");
    assert_eq!(child.ask("load"), WHOLE);
}

#[test]
fn a_locked_keyring_that_asks_the_person_is_told_and_found_again_once_it_is_answered() {
    let session = Session::builder().display(true).services(true).start();
    let mut child = Child::start(&session);
    assert_eq!(child.ask("save oauth"), "done");
    session.keyring().lock();
    assert_eq!(child.ask_within(LIMIT, "load"), "KeyringLocked no_answer", "its window waits for the person");
    assert_eq!(child.ask_within(AT_ONCE, "load"), "KeyringLocked no_answer");

    let typed = |arguments: &[&str]| {
        let mut command = session.command("xdotool");
        command.args(arguments);
        assert!(Program::start(command).wait_end(LIMIT).success(), "xdotool {arguments:?}");
    };
    typed(&["type", "keyring password of a test"]);
    typed(&["key", "Return"]);
    convoke_harness::patience::wait_until("a served question", LIMIT, || child.ask("load") == WHOLE);
}
