//! Core's providers over a sandbox, one client per person, with a clock that stands still: the same requests in every run.

use std::sync::{Arc, Mutex};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::{DateTime, Duration, Utc};
use convoke_core::{
    account::{Account, AccountId, Binding, Identity, ProviderKind},
    auth::{
        lives::Lives,
        pace::Pace,
        session::{AuthorizedClient, SessionParts},
        unsaved::Unsaved,
    },
    clock::uptime_by,
    credential::{AccessToken, Credential, Ends, OAuthCredential, RefreshToken},
    error::Answer,
    http::{HttpClient, HttpRequest},
    storage::{CredentialStore, Glance, register::Register, vault::Vault},
};
use convoke_sandbox::{Options, Running, Sandbox};
use http::{HeaderValue, header};
use serde_json::Value;
use url::Url;

/// Later than the sandbox's own clock: what it makes is never in the past here either.
pub fn now() -> DateTime<Utc> {
    "2027-01-10T12:00:00Z".parse().expect("a constant")
}

struct Lent(Mutex<Option<Credential>>);

impl CredentialStore for Lent {
    fn load<'a>(&'a self, _account: &'a AccountId) -> Answer<'a, Option<Credential>> {
        let credential = self.0.lock().expect("not poisoned").take();
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

/// Where a vendor's pieces are at the sandbox.
pub struct Vendor {
    pub kind: ProviderKind,
    /// The vendor's contract among the others.
    pub contract: &'static str,
    /// The API's base below the sandbox.
    pub base: &'static str,
    authorize: &'static str,
    token: &'static str,
    scope: &'static str,
}

pub const VENDORS: [Vendor; 4] = [
    Vendor {
        kind: ProviderKind::Zoom,
        contract: "zoom.openapi.yaml",
        base: "/zoom/v2",
        authorize: "/zoom/oauth/authorize",
        token: "/zoom/oauth/token",
        scope: "",
    },
    Vendor {
        kind: ProviderKind::Teams,
        contract: "graph.openapi.yaml",
        base: "/graph/v1.0",
        authorize: "/teams/oauth2/v2.0/authorize",
        token: "/teams/oauth2/v2.0/token",
        scope: "User.Read OnlineMeetings.ReadWrite offline_access openid",
    },
    Vendor {
        kind: ProviderKind::Webex,
        contract: "webex.openapi.yaml",
        base: "/webex/v1",
        authorize: "/webex/v1/authorize",
        token: "/webex/v1/access_token",
        scope: "meeting:schedules_read meeting:schedules_write spark:people_read",
    },
    Vendor {
        kind: ProviderKind::Goto,
        contract: "goto.openapi.yaml",
        base: "/goto/G2M/rest",
        authorize: "/goto/oauth/authorize",
        token: "/goto/oauth/token",
        scope: "collab:",
    },
];

/// A sandbox with the same ids in every run.
pub async fn sandbox() -> Running {
    let options = Options { auto_approve: true, seed: Some(11), ..Options::default() };
    Sandbox::start(options).await.expect("it starts")
}

/// A signed-in account whose API base is `base`, an address that leads to the sandbox.
pub struct Stage {
    parts: SessionParts,
    account: Account,
}

impl Stage {
    pub async fn new(vendor: &Vendor, sandbox: &Running, base: &str) -> Self {
        let (root, base): (Url, Url) = (sandbox.base_url.parse().expect("a URL"), base.parse().expect("a URL"));
        let http = HttpClient::new([root.clone(), base.clone()]).expect("a client");
        let access = sign_in(vendor, &http, &root).await;
        let credential = Credential::OAuth(OAuthCredential {
            access: Some(AccessToken::new(access)),
            expires_at: now() + Duration::hours(1),
            issued_at: now(),
            refresh: RefreshToken::new("unused".to_owned()),
            scopes: Vec::new(),
            session: None,
            issued_up: None,
            ends: Ends::default(),
        });
        let folder = std::env::temp_dir().join(format!("convoke-contracts-{}", std::process::id()));
        let register = Arc::new(Register::open(&folder.join("register.sqlite")).expect("a register"));
        let parts = SessionParts {
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
        };
        let (id, kind) = (AccountId::new(vendor.kind, [7; 6]), vendor.kind);
        let identity = Identity { subject: "1".to_owned(), address: "ana@example.com".to_owned(), name: None };
        let binding = Binding { broker: None, api_base: base.as_str().trim_end_matches('/').to_owned() };
        let account = Account { label: "Work".to_owned(), ..Account::new(id, kind, identity, binding) };
        Self { parts, account }
    }

    pub fn client(&self) -> AuthorizedClient<'_> {
        AuthorizedClient::new(&self.parts, &self.account).expect("a base")
    }
}

/// Plays browser and broker; the access token.
async fn sign_in(vendor: &Vendor, http: &HttpClient, root: &Url) -> String {
    let redirect = format!("http://127.0.0.1:8790/v1/callback/{}", vendor.kind);
    // The example of RFC 7636.
    let (verifier, challenge) =
        ("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    let mut authorize = root.join(vendor.authorize).expect("a path");
    authorize
        .query_pairs_mut()
        .extend_pairs([("client_id", "sandbox-client"), ("response_type", "code"), ("redirect_uri", &redirect)])
        .extend_pairs([("code_challenge", challenge), ("code_challenge_method", "S256"), ("state", "s")])
        .extend_pairs((!vendor.scope.is_empty()).then_some(("scope", vendor.scope)));
    let back = http.send(HttpRequest::get(authorize)).await.expect("an answer");
    let location: Url = back.header("location").expect("a redirect").parse().expect("a URL");
    let code = location.query_pairs().find(|(name, _)| name == "code").expect("a code").1.into_owned();
    let mut form = vec![
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", &redirect),
        ("code_verifier", verifier),
    ];
    let in_body = matches!(vendor.kind, ProviderKind::Teams | ProviderKind::Webex);
    if in_body {
        form.extend([("client_id", "sandbox-client"), ("client_secret", "sandbox-secret")]);
    }
    let mut request = HttpRequest::form(root.join(vendor.token).expect("a path"), &form);
    if !in_body {
        let basic = format!("Basic {}", STANDARD.encode("sandbox-client:sandbox-secret"));
        request = request.header(header::AUTHORIZATION, HeaderValue::try_from(basic).expect("a header"));
    }
    let tokens: Value = http.send(request).await.expect("an answer").json().expect("tokens");
    tokens["access_token"].as_str().unwrap_or_else(|| panic!("{tokens}")).to_owned()
}
