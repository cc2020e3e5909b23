//! A broker in this process, its clock, a scripted provider, and the steps that an app and a browser take.

use std::{net::SocketAddr, sync::Arc};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use convoke_broker::{Configuration, RunningBroker, Settings, Sockets, start};
use sha2::{Digest as _, Sha256};
use url::Url;

use crate::{
    clock::ManualClock,
    provider::ScriptedProvider,
    temporary::TemporaryFolder,
    wire::{self, Answer},
};

/// The app's side of a sign-in.
#[derive(Clone, Debug)]
pub(crate) struct App {
    pub(crate) verifier: String,
    pub(crate) state: String,
    pub(crate) redirect_uri: String,
}

impl App {
    pub(crate) fn new(name: &str) -> Self {
        Self {
            verifier: format!("{name}{}", "v".repeat(50)),
            state: format!("{name}{}", "s".repeat(30)),
            redirect_uri: format!("http://127.0.0.1:40000/{name}{}", "p".repeat(30)),
        }
    }

    pub(crate) fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(&self.verifier))
    }

    /// The query of `/v1/authorize`.
    pub(crate) fn query(&self) -> String {
        let challenge = self.challenge();
        let fields = [
            ("code_challenge", challenge.as_str()),
            ("code_challenge_method", "S256"),
            ("redirect_uri", &self.redirect_uri),
            ("state", &self.state),
        ];
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
    }
}

/// A sign-in that waits at the provider.
#[derive(Clone, Debug)]
pub(crate) struct Begun {
    pub(crate) provider: String,
    /// `name=value`.
    pub(crate) cookie: String,
    pub(crate) cookie_line: String,
    /// Where the browser was sent.
    pub(crate) address: Url,
}

impl Begun {
    pub(crate) fn parameter(&self, name: &str) -> String {
        parameter(&self.address, name).unwrap_or_else(|| panic!("{name} in {}", self.address))
    }

    pub(crate) fn state(&self) -> String {
        self.parameter("state")
    }
}

pub(crate) fn parameter(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(found, _)| found == name).map(|(_, value)| value.into_owned())
}

pub(crate) struct Rig {
    pub(crate) provider: ScriptedProvider,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) broker: RunningBroker,
    /// With the administrator's token.
    _files: TemporaryFolder,
    /// A session that costs no call to the provider.
    pub(crate) session: String,
}

/// The administrator's token.
pub(crate) const ADMIN: &str = "an-admin-token-of-22-or-more";

impl Rig {
    pub(crate) async fn start() -> Self {
        Self::with(&[]).await
    }

    /// A broker with further settings.
    pub(crate) async fn with(further: &[(&str, &str)]) -> Self {
        let files = TemporaryFolder::new();
        let admin = files.file("admin", 0o600, ADMIN).display().to_string();
        let provider = ScriptedProvider::start().await;
        let addresses = ["/authorize", "/token", "/revoke"].map(|path| provider.url(path));
        let revoke = addresses[2].as_str();
        let mut pairs =
            vec![("CONFIRM_SIGN_IN", "off"), ("PORT", "0"), ("ZOOM_REVOKE_URL", revoke), ("GTM_REVOKE_URL", revoke)];
        pairs.extend([("ADMIN_LISTEN", "0"), ("ADMIN_TOKEN_FILE", admin.as_str())]);
        for (prefix, id, secret) in [
            ("TEAMS_", "teams-id", "teams-secret"),
            ("ZOOM_", "zoom-id", "zoom secret"),
            ("WEBEX_", "webex-id", "webex-secret"),
            ("GTM_", "goto-id", "goto secret"),
        ] {
            let key = |name: &str| -> &'static str { format!("{prefix}{name}").leak() };
            pairs.extend([
                (key("CLIENT_ID"), id),
                (key("CLIENT_SECRET"), secret),
                (key("AUTHORIZE_URL"), addresses[0].as_str()),
                (key("TOKEN_URL"), addresses[1].as_str()),
            ]);
        }
        pairs.extend(further);
        let settings = Settings::from_pairs(pairs).expect("known keys");
        let configuration = Configuration::from_settings(&settings).expect("a good configuration");
        let clock = Arc::new(ManualClock::new());
        let broker = start(configuration, Arc::clone(&clock) as Arc<_>, Sockets::default()).await.expect("it starts");
        let mut rig = Self { provider, clock, broker, _files: files, session: String::new() };
        if rig.broker.admin_address().is_some() {
            rig.session = rig.mint("a-person").await;
        }
        rig
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.broker.address()
    }

    pub(crate) async fn get(&self, target: &str) -> Answer {
        wire::get(self.address(), target, &[]).await
    }

    /// The app opens the browser.
    pub(crate) async fn begin(&self, provider: &str, app: &App) -> Begun {
        let answer = self.get(&format!("/v1/authorize/{provider}?{}", app.query())).await;
        assert_eq!(answer.status, 303, "{answer:?}");
        let cookie_line = answer.header("set-cookie").expect("a cookie").to_owned();
        Begun {
            provider: provider.to_owned(),
            cookie: cookie_line.split(';').next().expect("a pair").to_owned(),
            cookie_line,
            address: Url::parse(answer.header("location").expect("an address")).expect("a URL"),
        }
    }

    /// The provider sends the browser back with `query`.
    pub(crate) async fn come_back(&self, provider: &str, query: &str, cookie: Option<&str>) -> Answer {
        let headers: Vec<(&str, &str)> = cookie.map(|cookie| ("cookie", cookie)).into_iter().collect();
        wire::get(self.address(), &format!("/v1/callback/{provider}?{query}"), &headers).await
    }

    /// The provider lets this sign-in through.
    pub(crate) async fn allow(&self, begun: &Begun, code: &str) -> Answer {
        let query = format!("code={code}&state={}", begun.state());
        self.come_back(&begun.provider, &query, Some(&begun.cookie)).await
    }

    /// From the app's click to the grant at its loopback.
    pub(crate) async fn grant(&self, provider: &str, app: &App) -> String {
        let begun = self.begin(provider, app).await;
        grant_of(&self.allow(&begun, "the-code").await)
    }

    pub(crate) async fn redeem(&self, grant: &str, verifier: &str) -> Answer {
        wire::post_form(self.address(), "/v1/token", &[("grant", grant), ("code_verifier", verifier)]).await
    }

    /// Refreshes in the rig's own session.
    pub(crate) async fn refresh(&self, provider: &str, token: &str) -> Answer {
        self.refresh_in(&self.session, provider, token).await
    }

    pub(crate) async fn refresh_in(&self, session: &str, provider: &str, token: &str) -> Answer {
        self.post_in(session, &format!("/v1/refresh/{provider}"), &[("refresh_token", token)]).await
    }

    /// Revokes in the rig's own session.
    pub(crate) async fn revoke(&self, provider: &str, fields: &[(&str, &str)]) -> Answer {
        self.post_in(&self.session, &format!("/v1/revoke/{provider}"), fields).await
    }

    pub(crate) async fn post_in(&self, session: &str, target: &str, fields: &[(&str, &str)]) -> Answer {
        post_in(self.address(), session, target, fields).await
    }

    /// The administrator posts.
    pub(crate) async fn administer(&self, target: &str, fields: &[(&str, &str)]) -> Answer {
        post_in(self.broker.admin_address().expect("it is on"), ADMIN, target, fields).await
    }

    /// A session in the name of `subject`.
    pub(crate) async fn mint(&self, subject: &str) -> String {
        let answer = self.administer("/v1/admin/sessions", &[("subject", subject), ("reason", "a test")]).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.text("session_token")
    }

    /// Nothing reached the provider's token endpoint.
    pub(crate) fn assert_no_call(&self) {
        let calls = self.provider.calls();
        assert!(calls.is_empty(), "{calls:?}");
    }
}

/// Posts a form with a bearer.
pub(crate) async fn post_in(address: SocketAddr, bearer: &str, target: &str, fields: &[(&str, &str)]) -> Answer {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let authorization = format!("Bearer {bearer}");
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("authorization", authorization.as_str())];
    wire::send(address, "POST", target, &headers, &body).await
}

/// Where a 303 leads.
pub(crate) fn location(answer: &Answer) -> Url {
    assert_eq!(answer.status, 303, "{answer:?}");
    Url::parse(answer.header("location").expect("an address")).expect("a URL")
}

/// Where any redirect leads.
pub(crate) fn location_of(answer: &Answer) -> Url {
    Url::parse(answer.header("location").unwrap_or_else(|| panic!("an address: {answer:?}"))).expect("a URL")
}

pub(crate) fn grant_of(answer: &Answer) -> String {
    parameter(&location(answer), "grant").unwrap_or_else(|| panic!("a grant: {answer:?}"))
}

/// The static page: no address is followed, nothing is repeated.
pub(crate) fn assert_dead_page(answer: &Answer) {
    assert_eq!((answer.status, answer.header("location")), (400, None), "{answer:?}");
    assert!(answer.body.starts_with("<!doctype html>"), "{answer:?}");
}
