//! The binary: its files, its exit codes, its log at full noise, its way past proxies, its end.

use std::{
    path::Path,
    process::{Output, Stdio},
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader},
    net::TcpListener,
    process::{Child, Command},
    time::timeout,
};

use crate::{provider::ScriptedProvider, rig::App, temporary::TemporaryFolder, wire};

const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) fn command(file: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_convoke-broker"));
    command
        .env_clear()
        .arg("--config")
        .arg(file)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

async fn output(mut command: Command) -> Output {
    timeout(PATIENCE, command.output()).await.expect("it ends").expect("it runs")
}

/// The one sentence of a refused configuration.
async fn sentence(command: Command) -> String {
    let output = output(command).await;
    let text = String::from_utf8(output.stderr).expect("UTF-8");
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(output.stdout.is_empty());
    assert_eq!(text.lines().count(), 1, "{text}");
    text
}

/// Its port, from the first line that it prints.
pub(crate) async fn started(command: &mut Command) -> (Child, std::net::SocketAddr) {
    let mut child = command.spawn().expect("it runs");
    let mut line = String::new();
    let mut out = BufReader::new(child.stdout.as_mut().expect("piped"));
    timeout(PATIENCE, out.read_line(&mut line)).await.expect("in time").expect("a line");
    let address = line.trim().strip_prefix("listening on ").and_then(|url| url.split("://").nth(1));
    let address = address.unwrap_or_else(|| panic!("its address: {line}"));
    (child, address.parse().expect("an address"))
}

pub(crate) async fn ended(mut child: Child) -> (Option<i32>, String) {
    let id = child.id().expect("it runs").to_string();
    Command::new("kill").args(["-TERM", &id]).status().await.expect("kill");
    let mut log = String::new();
    let mut stderr = child.stderr.take().expect("piped");
    timeout(PATIENCE, stderr.read_to_string(&mut log)).await.expect("in time").expect("UTF-8");
    (child.wait().await.expect("its status").code(), log)
}

#[tokio::test]
async fn a_file_with_secrets_must_be_private() {
    let folder = TemporaryFolder::new();
    let text = "CONFIRM_SIGN_IN = \"off\"\nZOOM_CLIENT_ID = \"id\"\nZOOM_CLIENT_SECRET = \"a-canary\"\n";
    for mode in [0o640, 0o604, 0o620, 0o601] {
        let sentence = sentence(command(&folder.file("open.toml", mode, text))).await;
        assert!(
            sentence.contains("--config") && sentence.contains("0600") && !sentence.contains("a-canary"),
            "{sentence}"
        );
    }
    let keys = folder.file("keys", 0o644, "AAAA");
    let text = format!("CONFIRM_SIGN_IN = \"off\"\nBROKER_KEYS_FILE = {keys:?}\n");
    let sentence = sentence(command(&folder.file("private.toml", 0o600, &text))).await;
    assert!(sentence.contains("BROKER_KEYS_FILE") && sentence.contains("0600"), "{sentence}");
}

#[tokio::test]
async fn a_file_that_is_off_is_refused_without_its_text() {
    let folder = TemporaryFolder::new();
    for (text, named) in [
        ("PORT = 0\nZOOM_CLIENT_SECRET = a-canary\n", "line 2"),
        ("NO_SUCH_KEY = \"a-canary\"\n", "NO_SUCH_KEY"),
        ("PORT = true\n", "PORT"),
        ("CONFIRM_SIGN_IN = \"maybe\"\n", "CONFIRM_SIGN_IN"),
    ] {
        let sentence = sentence(command(&folder.file("broker.toml", 0o600, text))).await;
        assert!(sentence.contains(named) && !sentence.contains("a-canary"), "{sentence}");
    }
    let missing = sentence(command(&folder.path().join("missing.toml"))).await;
    assert!(missing.contains("--config"), "{missing}");
}

#[tokio::test]
async fn the_environment_wins_over_the_file() {
    let folder = TemporaryFolder::new();
    let file = folder.file("broker.toml", 0o644, "CONFIRM_SIGN_IN = \"off\"\nPORT = 0\n");
    let mut refused = command(&file);
    refused.env("PORT", "many");
    assert!(sentence(refused).await.contains("PORT"));
    let taken = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let mut refused = command(&file);
    refused.env("PORT", taken.local_addr().expect("its address").port().to_string()).env("RUST_LOG", "off");
    assert!(sentence(refused).await.contains("PORT"), "a taken port is named, too");
}

#[tokio::test]
async fn words_that_it_does_not_know_end_it() {
    let folder = TemporaryFolder::new();
    let mut unknown = command(&folder.file("broker.toml", 0o600, ""));
    unknown.arg("--bogus");
    assert!(sentence(unknown).await.contains("--config"));
    let mut help = command(&folder.file("broker.toml", 0o600, ""));
    help.arg("--help");
    assert!(output(help).await.status.success());
}

/// A whole journey at full noise: no secret in the log, nothing at the proxies, and a clean end.
#[tokio::test]
async fn the_log_at_full_noise_holds_no_secret_and_proxies_see_nothing() {
    let provider = ScriptedProvider::start().await;
    let trap = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let trap_url = format!("http://{}", trap.local_addr().expect("its address"));
    let folder = TemporaryFolder::new();
    let text = format!(
        "CONFIRM_SIGN_IN = \"off\"\nPORT = 0\nZOOM_CLIENT_ID = \"the-client-id\"\nZOOM_CLIENT_SECRET = \"the-client-secret\"\n\
         ZOOM_AUTHORIZE_URL = {:?}\nZOOM_TOKEN_URL = {:?}\nZOOM_REVOKE_URL = {:?}\n\
         TEAMS_CLIENT_ID = \"the-client-id\"\nTEAMS_CLIENT_SECRET = \"the-client-secret\"\nTEAMS_AUTHORIZE_URL = {:?}\nTEAMS_TOKEN_URL = {:?}\n",
        provider.url("/authorize"),
        provider.url("/token"),
        provider.url("/revoke"),
        provider.url("/authorize"),
        provider.url("/token")
    );
    let mut command = command(&folder.file("broker.toml", 0o600, &text));
    command.env("RUST_LOG", "trace");
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"] {
        command.env(name, &trap_url);
    }
    let (child, address) = started(&mut command).await;

    let app = App::new("canary");
    let start = wire::get(address, &format!("/v1/authorize/zoom?{}", app.query()), &[]).await;
    let to_provider = url::Url::parse(start.header("location").expect("an address")).expect("a URL");
    let state = crate::rig::parameter(&to_provider, "state").expect("a state");
    let cookie = start.header("set-cookie").and_then(|line| line.split(';').next()).expect("a cookie").to_owned();
    let back =
        wire::get(address, &format!("/v1/callback/zoom?code=the-code&state={state}"), &[("cookie", &cookie)]).await;
    let grant = crate::rig::grant_of(&back);
    let form = [("grant", grant.as_str()), ("code_verifier", &app.verifier)];
    let tokens = wire::post_form(address, "/v1/token", &form).await;
    assert_eq!(tokens.status, 200);
    let session = tokens.text("session_token");
    let refresh = async |token: &str| {
        crate::rig::post_in(address, &session, "/v1/refresh/zoom", &[("refresh_token", token)]).await.status
    };
    assert_eq!(refresh("the-old-refresh-token").await, 200);
    provider.next(Vec::new());
    assert_eq!(refresh("the-old-refresh-token-2").await, 503);
    provider.next(crate::provider::answer(
        "400 Bad",
        "application/json",
        r#"{"error":"invalid_grant","x":"the-words"}"#,
    ));
    assert_eq!(refresh("the-old-refresh-token-2").await, 401);
    let form = [("token", "the-old-refresh-token")];
    assert_eq!(crate::rig::post_in(address, &session, "/v1/revoke/zoom", &form).await.status, 200);
    assert_eq!(
        wire::post_form(address, "/v1/refresh/zoom", &[("refresh_token", "the-stolen-token")]).await.status,
        401
    );
    assert_eq!(wire::get(address, "/the-wrong-path?the-query", &[]).await.status, 404);
    let claims = URL_SAFE_NO_PAD.encode(r#"{"the-claim":null}"#);
    for (provider, status) in [("teams", 303), ("zoom", 400)] {
        let target = format!("/v1/authorize/{provider}?{}&claims={claims}", app.query());
        assert_eq!(wire::get(address, &target, &[]).await.status, status);
    }

    let (code, log) = ended(child).await;
    assert_eq!(code, Some(0), "{log}");
    let verifier = provider.calls()[0].field("code_verifier").expect("a verifier").to_owned();
    let secret = cookie.split('=').nth(1).expect("a value");
    for canary in [
        "the-code",
        "the-client-secret",
        "the-access-token",
        "the-refresh-token",
        "the-old-refresh-token",
        "the-stolen-token",
        &session,
        "the-words",
        "the-wrong-path",
        "the-query",
        "the-claim",
        &claims,
        "?",
        &verifier,
        &app.verifier,
        &app.state,
        &app.challenge(),
        &state,
        &grant,
        secret,
        "dGhlLWNsaWVudC1pZDp0aGUtY2xpZW50LXNlY3JldA",
    ] {
        assert!(!log.contains(canary), "{canary} in {log}");
    }
    assert_log_tells(&log);
    let knocked = timeout(Duration::from_millis(1), trap.accept()).await;
    assert!(knocked.is_err(), "a loopback call went to the proxy");
}

/// Each line is one JSON object of this program; the log is there and does tell what it should: without that, a search for
/// secrets in it would prove nothing.
fn assert_log_tells(log: &str) {
    for line in log.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        let (level, target) = (line["level"].as_str().expect("a level"), line["target"].as_str().expect("a target"));
        assert!(["WARN", "ERROR"].contains(&level) || target.starts_with("convoke"), "another crate's noise: {line}");
    }
    for part in [
        r#""method":"GET","route":"/v1/authorize/{provider}","status":303,"micros":"#,
        r#""method":"GET","route":"/v1/callback/zoom","status":303,"micros":"#,
        r#""method":"POST","route":"/v1/token","status":200,"micros":"#,
        r#""method":"GET","route":"-","status":404,"micros":"#,
        r#""provider":"zoom","call":"refresh","error":"invalid_grant""#,
        r#""event":"session_opened""#,
    ] {
        assert!(log.contains(part), "{part} in {log}");
    }
}
