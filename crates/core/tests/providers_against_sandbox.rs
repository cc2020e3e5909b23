//! Each provider's whole life of a meeting against the sandbox, which checks every request as the vendor does.

use std::sync::{Arc, Mutex};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::{DateTime, Duration, SubsecRound as _, Utc};
use chrono_tz::Europe::Zurich;
use convoke_core::{
    account::{Account, AccountId, Binding, Identity, ProviderKind},
    auth::{
        lives::Lives,
        pace::Pace,
        sametime,
        session::{AuthorizedClient, SessionParts},
        unsaved::Unsaved,
    },
    clock::uptime_by,
    credential::{AccessToken, Credential, Ends, OAuthCredential, Password, RefreshToken},
    error::{Answer, ErrorCode},
    http::{HttpClient, HttpRequest},
    meeting::{
        Meeting, MeetingChange, MeetingDraft, MeetingId, MeetingOptions, MeetingTime, ProviderMeeting,
        intent::{Intent, IntentId},
    },
    provider::{MeetingProvider, provider},
    storage::{CredentialStore, Glance, register::Register, vault::Vault},
};
use convoke_sandbox::{Options, Running, SametimeBase, Sandbox};
use http::{HeaderValue, Method};
use serde_json::{Value, json};
use url::Url;

#[expect(clippy::disallowed_methods, reason = "a test is where its clock is composed")]
fn now() -> DateTime<Utc> {
    Utc::now()
}

/// Lends one credential, once: a session reads it once while it is fresh.
struct Lent(Mutex<Option<Credential>>);

impl CredentialStore for Lent {
    fn load<'a>(&'a self, _account: &'a AccountId) -> Answer<'a, Option<Credential>> {
        let credential = self.0.lock().unwrap().take();
        Box::pin(async { Ok(credential) })
    }

    fn save<'a>(&'a self, _account: &'a AccountId, _credential: &'a Credential) -> Answer<'a, ()> {
        unreachable!("nothing is renewed here")
    }

    fn forget<'a>(&'a self, _account: &'a AccountId) -> Answer<'a, ()> {
        unreachable!("a provider forgets nothing")
    }

    fn probe(&self) -> Answer<'_, ()> {
        unreachable!("a provider probes nothing")
    }

    fn glance(&self) -> Answer<'_, Glance> {
        unreachable!("nothing is missing here")
    }
}

async fn sandbox(sametime_base: SametimeBase) -> (Running, Url, HttpClient) {
    let options = Options { auto_approve: true, seed: Some(7), sametime_base, ..Options::default() };
    let running = Sandbox::start(options).await.unwrap();
    let root: Url = running.base_url.parse().unwrap();
    let http = HttpClient::new([root.clone()]).unwrap();
    (running, root, http)
}

/// Plays browser and broker: authorize, then exchange the code.
async fn oauth(http: &HttpClient, root: &Url, path: &str, scope: Option<&str>, callback: &str) -> Credential {
    let redirect = format!("http://127.0.0.1:8790/v1/callback/{callback}");
    let verifier = "v".repeat(43);
    let mut authorize = root.join(&format!("{path}/authorize")).unwrap();
    authorize
        .query_pairs_mut()
        .extend_pairs([("client_id", "sandbox-client"), ("response_type", "code"), ("redirect_uri", &redirect)])
        .extend_pairs([("code_challenge", verifier.as_str()), ("code_challenge_method", "plain"), ("state", "s")])
        .extend_pairs(scope.map(|scope| ("scope", scope)));
    let sent_back = http.send(HttpRequest::get(authorize)).await.unwrap();
    let location: Url = sent_back.header("location").unwrap().parse().unwrap();
    let code = location.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
    let form = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", &redirect),
        ("code_verifier", &verifier),
    ];
    let basic = format!("Basic {}", STANDARD.encode("sandbox-client:sandbox-secret"));
    let request = HttpRequest::form(root.join(&format!("{path}/token")).unwrap(), &form)
        .header(http::header::AUTHORIZATION, HeaderValue::try_from(basic).unwrap());
    let tokens: Value = http.send(request).await.unwrap().json().unwrap();
    let text = |name: &str| tokens[name].as_str().unwrap().to_owned();
    Credential::OAuth(OAuthCredential {
        access: Some(AccessToken::new(text("access_token"))),
        expires_at: now() + Duration::hours(1),
        issued_at: now(),
        refresh: RefreshToken::new(text("refresh_token")),
        scopes: Vec::new(),
        session: None,
        issued_up: None,
        ends: Ends::default(),
    })
}

fn parts(http: HttpClient, credential: Credential) -> SessionParts {
    let folder = std::env::temp_dir().join(format!("convoke-providers-{}", std::process::id()));
    let register = Arc::new(Register::open(&folder.join("register.sqlite")).unwrap());
    SessionParts {
        http,
        broker: None,
        vault: Vault::new(Arc::new(Lent(Mutex::new(Some(credential)))), register.clone()),
        journal: register,
        uptime: uptime_by(Arc::new(now)),
        lives: Lives::default(),
        locks: std::env::temp_dir().join("convoke-never-locked"),
        unsaved: Unsaved::default(),
        pace: Pace::default(),
        clock: Arc::new(now),
    }
}

fn account(kind: ProviderKind, api_base: &Url, identity: Identity) -> Account {
    let binding = Binding { broker: None, api_base: api_base.as_str().to_owned() };
    Account { label: "Work".to_owned(), ..Account::new(AccountId::new(kind, [7; 6]), kind, identity, binding) }
}

fn nobody_yet() -> Identity {
    Identity { subject: String::new(), address: String::new(), name: None }
}

fn draft() -> MeetingDraft {
    let start = (now() + Duration::days(30)).trunc_subsecs(0).with_timezone(&Zurich);
    MeetingDraft {
        subject: "Sprint review (Q1)".to_owned(),
        time: MeetingTime { start, minutes: 45 },
        agenda: "Bring numbers".to_owned(),
        invitees: vec!["ben@example.com".to_owned()],
        recurrence: None,
        options: MeetingOptions::NONE,
    }
}

/// A draft as the journal has it.
fn intent(draft: MeetingDraft) -> Intent {
    let id = IntentId("i-abcdefghjkmnpqrstuvw".to_owned());
    Intent::new(id, AccountId::new(ProviderKind::Zoom, [7; 6]), draft, now())
}

/// As the register would keep it.
fn remembered(account: &Account, made: &ProviderMeeting, draft: &MeetingDraft) -> Meeting {
    let id = MeetingId("m-1".to_owned());
    Meeting {
        subject: made.subject.clone().unwrap_or_else(|| draft.subject.clone()),
        time: made.time.or(Some(draft.time)),
        join_url: made.join_url.clone(),
        passcode: made.passcode.clone(),
        dial_in: made.dial_in.clone(),
        agenda: draft.agenda.clone(),
        invitees: draft.invitees.clone(),
        recurrence: draft.recurrence.clone(),
        options: draft.options.clone(),
        ..Meeting::blank(id, account.id.clone(), account.provider, made.provider_id.clone())
    }
}

/// Create, read, list, change in place, delete, delete again; then it is gone.
async fn whole_life(service: &dyn MeetingProvider, client: &AuthorizedClient<'_>) {
    let (account, draft) = (client.account(), draft());
    let made = service.create_meeting(client, &intent(draft.clone())).await.unwrap();
    assert_eq!(made.subject.as_deref(), Some("Sprint review (Q1)"));
    assert_eq!(made.time, Some(draft.time));
    assert!(made.join_url.is_some() && made.passcode.is_some());
    let current = remembered(account, &made, &draft);
    let known = [current.clone()];

    let read = service.meeting(client, &made.provider_id).await.unwrap();
    assert_eq!((&read.provider_id, &read.join_url), (&made.provider_id, &made.join_url));
    if service.capabilities().knows_time {
        assert_eq!(read.time.unwrap().start_utc(), draft.time.start_utc());
        assert_eq!(read.invitees.as_deref(), Some(&draft.invitees[..]));
    }
    let listed = service.list_meetings(client, &known).await.unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!((&listed[0].provider_id, listed[0].time), (&made.provider_id, Some(draft.time)));

    let later = MeetingTime { start: draft.time.start + Duration::hours(2), minutes: 90 };
    let change = MeetingChange {
        subject: Some("Retro".to_owned()),
        time: Some(later),
        agenda: Some(String::new()),
        invitees: Some(Vec::new()),
        ..MeetingChange::default()
    };
    let changed = service.update_meeting(client, &current, &change).await.unwrap();
    assert_eq!((&changed.provider_id, &changed.join_url), (&made.provider_id, &made.join_url), "in place");
    assert_eq!((changed.subject.as_deref(), changed.time), (Some("Retro"), Some(later)));
    assert_eq!(changed.invitees, Some(Vec::new()));
    if service.capabilities().keeps_agenda {
        assert_eq!(changed.agenda.as_deref(), Some(""));
    }

    service.delete_meeting(client, &made.provider_id).await.unwrap();
    service.delete_meeting(client, &made.provider_id).await.unwrap();
    assert_eq!(service.meeting(client, &made.provider_id).await.unwrap_err().code, ErrorCode::NotFound);
    let gone = service.update_meeting(client, &current, &change).await.unwrap_err();
    assert_eq!((gone.code, gone.account.as_ref()), (ErrorCode::NotFound, Some(&account.id)));
    assert_eq!(service.list_meetings(client, &known).await.unwrap(), []);
}

async fn calls(http: &HttpClient, root: &Url) -> Value {
    let state = HttpRequest::get(root.join("/_sandbox/state").unwrap());
    http.send(state).await.unwrap().json::<Value>().unwrap()["calls"].take()
}

async fn fail_once(http: &HttpClient, root: &Url, route: &str, fault: &str) {
    let rule = json!({"route": route, "fault": fault, "times": 1, "after": false});
    let answer =
        http.send(HttpRequest::json(Method::POST, root.join("/_sandbox/faults").unwrap(), &rule)).await.unwrap();
    assert!(answer.is_success(), "{}", answer.status);
}

#[tokio::test]
async fn zoom() {
    let (_running, root, http) = sandbox(SametimeBase::Both).await;
    let credential = oauth(&http, &root, "/zoom/oauth", None, "zoom").await;
    let account = account(ProviderKind::Zoom, &root.join("/zoom/v2").unwrap(), nobody_yet());
    let parts = parts(http.clone(), credential);
    let client = AuthorizedClient::new(&parts, &account).unwrap();
    let service = provider(ProviderKind::Zoom);
    assert_eq!(service.identity(&client).await.unwrap().address, "ana@example.com");
    whole_life(service, &client).await;
    let calls = calls(&http, &root).await;
    assert_eq!(calls["POST /zoom/v2/users/me/meetings"], 1);
    assert_eq!(calls["PATCH /zoom/v2/meetings/{id}"], 2);

    fail_once(&http, &root, "GET /zoom/v2/users/me/meetings", "status:503").await;
    assert_eq!(service.list_meetings(&client, &[]).await.unwrap(), [], "a read is asked again");
    fail_once(&http, &root, "GET /zoom/v2/users/me/meetings", "html").await;
    let error = service.list_meetings(&client, &[]).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::Intercepted);
    let past = MeetingDraft { subject: "x".repeat(300), ..draft() };
    let error = service.create_meeting(&client, &intent(past)).await.unwrap_err();
    assert_eq!((error.code, error.fields[0].field.as_str()), (ErrorCode::InvalidInput, "subject"));
}

#[tokio::test]
async fn a_list_of_zoom_reads_all_pages() {
    let (_running, root, http) = sandbox(SametimeBase::Both).await;
    let credential = oauth(&http, &root, "/zoom/oauth", None, "zoom").await;
    let account = account(ProviderKind::Zoom, &root.join("/zoom/v2").unwrap(), nobody_yet());
    let parts = parts(http.clone(), credential);
    let client = AuthorizedClient::new(&parts, &account).unwrap();
    let service = provider(ProviderKind::Zoom);
    for _ in 0..301 {
        service.create_meeting(&client, &intent(draft())).await.unwrap();
    }
    assert_eq!(service.list_meetings(&client, &[]).await.unwrap().len(), 301);
    assert_eq!(calls(&http, &root).await["GET /zoom/v2/users/me/meetings"], 2);
}

#[tokio::test]
async fn zoom_without_a_scope() {
    let (_running, root, http) = sandbox(SametimeBase::Both).await;
    let credential = oauth(&http, &root, "/zoom/oauth", Some("meeting:read:meeting"), "zoom").await;
    let account = account(ProviderKind::Zoom, &root.join("/zoom/v2").unwrap(), nobody_yet());
    let parts = parts(http, credential);
    let client = AuthorizedClient::new(&parts, &account).unwrap();
    let error = provider(ProviderKind::Zoom).create_meeting(&client, &intent(draft())).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::ConsentMissing, "400 with code 4711");
}

#[tokio::test]
async fn teams() {
    let (_running, root, http) = sandbox(SametimeBase::Both).await;
    let scope = "OnlineMeetings.ReadWrite User.Read offline_access openid";
    let credential = oauth(&http, &root, "/teams/oauth2/v2.0", Some(scope), "teams").await;
    let account = account(ProviderKind::Teams, &root.join("/graph/v1.0").unwrap(), nobody_yet());
    let parts = parts(http.clone(), credential);
    let client = AuthorizedClient::new(&parts, &account).unwrap();
    let service = provider(ProviderKind::Teams);
    assert_eq!(service.identity(&client).await.unwrap().address, "ana@example.com");
    whole_life(service, &client).await;
    let calls = calls(&http, &root).await;
    let made = calls.as_object().unwrap().iter().filter(|(call, _)| call.starts_with("POST /graph/"));
    assert_eq!(made.map(|(_, count)| count.as_u64().unwrap()).sum::<u64>(), 1, "changed in place: {calls}");
}

#[tokio::test]
async fn sametime_of_either_version() {
    for (base, path) in [(SametimeBase::SametimeAuth, "sametime-auth"), (SametimeBase::MeetingAuth, "meeting-auth")] {
        let (_running, root, http) = sandbox(base).await;
        let server = root.join("/sametime").unwrap();
        let password = || Password::new("sandbox-password".to_owned());
        let wrong = sametime::login(&http, &server, "ana", Password::new("x".to_owned()), now()).await.err().unwrap();
        assert_eq!(wrong.fields[0].field, "password");
        let nowhere = root.join("/zoom").unwrap();
        let wrong = sametime::login(&http, &nowhere, "ana", password(), now()).await.err().unwrap();
        assert_eq!(wrong.fields[0].field, "server");

        let (credential, identity) =
            sametime::login(&http, &server, "ana@example.com", password(), now()).await.unwrap();
        assert_eq!((credential.auth_path.as_str(), identity.address.as_str()), (path, "ana@example.com"));
        let credential = sametime::refresh(&http, &server, &credential, now()).await.unwrap();
        let account = account(ProviderKind::Sametime, &server, identity);
        let parts = parts(http, Credential::Sametime(credential));
        let client = AuthorizedClient::new(&parts, &account).unwrap();
        whole_life(provider(ProviderKind::Sametime), &client).await;
    }
}
