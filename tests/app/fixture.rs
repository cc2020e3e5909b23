//! The app over Tauri's mock runtime, with the configuration and the permissions that the product has.

use std::{path::PathBuf, sync::Arc};

use chrono::Utc;
use chrono_tz::Tz;
use convoke_core::{
    account::AccountId,
    clock::uptime_by,
    credential::Credential,
    error::{Answer, Error, ErrorCode},
    profile::Profile,
    service::{Core, Setup, diagnostics::Surroundings},
    storage::{CredentialStore, Glance},
};
use convoke_desktop::shell::{Shell, ShellParts};
use convoke_harness::PrivateDir;
use serde_json::Value;
use tauri::{
    App, WebviewWindow, WebviewWindowBuilder,
    ipc::{CallbackFn, InvokeBody},
    test::{INVOKE_KEY, MockRuntime, get_ipc_response, mock_builder},
    webview::InvokeRequest,
};

/// A profile that leads to ports nobody listens on.
pub const NOWHERE: &str = "name = \"Nowhere\"\n[broker]\nurl = \"http://127.0.0.1:9\"\n[providers.sametime]\nserver = \"http://127.0.0.1:9/sametime\"\n";

/// What the fixture is made from.
pub struct Parts {
    pub profile: Option<Profile>,
    pub credentials: Arc<dyn CredentialStore>,
    pub browser: Option<PathBuf>,
}

impl Default for Parts {
    fn default() -> Self {
        Self { profile: None, credentials: Arc::new(NoKeyring), browser: Some("/nowhere/browser".into()) }
    }
}

/// An app whose commands can be called.
pub struct Fixture {
    pub app: App<MockRuntime>,
    pub window: WebviewWindow<MockRuntime>,
    // Goes last: the register lies in it.
    _home: PrivateDir,
}

impl Fixture {
    pub fn new(parts: Parts) -> Self {
        let home = PrivateDir::new("app");
        let core = Core::open(Setup {
            home: home.path().to_owned(),
            started_profile: parts.profile,
            clock: clock(),
            uptime: uptime_by(clock()),
            credentials: parts.credentials,
            system_zone: Tz::Europe__Zurich,
            ca_file: None,
        })
        .expect("a fresh home folder opens");
        let browser = parts.browser.map(PathBuf::into_os_string);
        let surroundings = Surroundings { browser, ..Surroundings::default() };
        let shell =
            Shell::new(ShellParts { core, surroundings, locale: "en-GB".to_owned(), system_zone: Tz::Europe__Zurich });
        let app = convoke_desktop::builder(mock_builder(), shell)
            .build(convoke_desktop::context())
            .expect("the app is built");
        let window = window(&app, "main");
        Self { app, window, _home: home }
    }

    /// Calls a command as the page does.
    #[track_caller]
    pub fn call(&self, command: &str, arguments: Value) -> Result<Value, Value> {
        call(&self.window, command, arguments)
    }

    /// Calls a command that must succeed.
    #[track_caller]
    pub fn ask(&self, command: &str, arguments: Value) -> Value {
        self.call(command, arguments).unwrap_or_else(|error| panic!("{command}: {error}"))
    }
}

/// A window with this label; only `main` has a capability.
pub fn window(app: &App<MockRuntime>, label: &str) -> WebviewWindow<MockRuntime> {
    WebviewWindowBuilder::new(app, label, tauri::WebviewUrl::default()).build().expect("a window")
}

/// Calls a command from the app's own page in `window`.
pub fn call(window: &WebviewWindow<MockRuntime>, command: &str, arguments: Value) -> Result<Value, Value> {
    let request = InvokeRequest {
        cmd: command.to_owned(),
        callback: CallbackFn(0),
        error: CallbackFn(1),
        url: if cfg!(windows) { "http://tauri.localhost" } else { "tauri://localhost" }.parse().expect("an address"),
        body: InvokeBody::Json(arguments),
        headers: tauri::http::HeaderMap::new(),
        invoke_key: INVOKE_KEY.to_owned(),
    };
    get_ipc_response(window, request).map(|body| body.deserialize().expect("an answer is JSON"))
}

#[expect(clippy::disallowed_methods, reason = "a test is where its clock is composed")]
fn clock() -> convoke_core::service::Clock {
    Arc::new(Utc::now)
}

/// A computer without a keyring.
pub struct NoKeyring;

impl CredentialStore for NoKeyring {
    fn load<'a>(&'a self, _: &'a AccountId) -> Answer<'a, Option<Credential>> {
        absent()
    }

    fn save<'a>(&'a self, _: &'a AccountId, _: &'a Credential) -> Answer<'a, ()> {
        absent()
    }

    fn forget<'a>(&'a self, _: &'a AccountId) -> Answer<'a, ()> {
        absent()
    }

    fn probe(&self) -> Answer<'_, ()> {
        absent()
    }

    fn glance(&self) -> Answer<'_, Glance> {
        absent()
    }
}

fn absent<'a, T: Send + 'a>() -> Answer<'a, T> {
    Box::pin(async { Err(Error::new(ErrorCode::KeyringAbsent)) })
}

/// A keyring that never answers.
pub struct SilentKeyring;

impl CredentialStore for SilentKeyring {
    fn load<'a>(&'a self, _: &'a AccountId) -> Answer<'a, Option<Credential>> {
        Box::pin(std::future::pending())
    }

    fn save<'a>(&'a self, _: &'a AccountId, _: &'a Credential) -> Answer<'a, ()> {
        Box::pin(std::future::pending())
    }

    fn forget<'a>(&'a self, _: &'a AccountId) -> Answer<'a, ()> {
        Box::pin(std::future::pending())
    }

    fn probe(&self) -> Answer<'_, ()> {
        Box::pin(std::future::pending())
    }

    fn glance(&self) -> Answer<'_, Glance> {
        Box::pin(std::future::pending())
    }
}
