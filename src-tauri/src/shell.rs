//! What the shell keeps while it runs, beside core: sign-ins under way, the last refresh, a screen to show.

use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use chrono_tz::Tz;
use convoke_core::{
    account::{AccountHealth, AccountId, reminder::Reminder},
    auth::browser,
    error::Error,
    service::{Core, diagnostics::Surroundings},
    view::{AccountView, ErrorView, ProviderView, RefreshView},
};
use tauri::{AppHandle, Emitter, Runtime};
use tokio::time::Instant;
use url::Url;

use crate::{
    app_state::{AppState, KEYRING_PROGRAM, Show},
    background,
    sign_ins::SignIns,
    tray,
};

/// So long the broker's word on its providers is believed: the page asks often, and a broker may be far away.
const PROVIDERS_ARE_GOOD_FOR: Duration = Duration::from_secs(60);

/// What a shell is made from.
pub struct ShellParts {
    /// Everything a meeting client does.
    pub core: Core,
    /// What the start knows of this computer: the browser that was chosen, where programs are.
    pub surroundings: Surroundings,
    /// BCP 47.
    pub locale: String,
    /// The system's zone.
    pub system_zone: Tz,
}

/// The state of the desktop shell; Tauri manages it.
pub struct Shell {
    parts: ShellParts,
    /// The sign-ins under way.
    pub sign_ins: SignIns,
    refreshes: AtomicUsize,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    last_refresh: Option<RefreshView>,
    last_read: Option<Instant>,
    accounts: Vec<AccountView>,
    providers: Option<(Instant, Vec<ProviderView>)>,
    page_listens: bool,
    show: Option<Show>,
    reminded: Vec<(AccountId, Reminder)>,
    asked_to_stay: Option<Instant>,
}

impl Shell {
    /// A shell over these parts.
    #[must_use]
    pub fn new(parts: ShellParts) -> Self {
        let accounts = parts.core.account_views().unwrap_or_default();
        Self {
            parts,
            sign_ins: SignIns::default(),
            refreshes: AtomicUsize::new(0),
            seen: Mutex::new(Seen { accounts, ..Seen::default() }),
        }
    }

    /// The core.
    #[must_use]
    pub const fn core(&self) -> &Core {
        &self.parts.core
    }

    /// What the start knows of this computer.
    #[must_use]
    pub const fn surroundings(&self) -> &Surroundings {
        &self.parts.surroundings
    }

    /// Opens a link in the person's browser.
    ///
    /// # Errors
    /// As [`browser::open`].
    pub fn open(&self, url: &Url) -> Result<(), Error> {
        browser::open(url, self.parts.surroundings.browser.as_deref())
    }

    /// What the page starts from.
    ///
    /// # Errors
    /// `Storage`.
    pub async fn app_state(&self) -> Result<AppState, ErrorView> {
        let core = self.core();
        let providers = self.providers().await;
        Ok(AppState {
            step: core.setup_step()?,
            profile_name: core.profile().name.clone(),
            started_with_profile: core.started_profile().is_some(),
            preferences: core.settings()?.preferences,
            system_zone: self.parts.system_zone.name().to_owned(),
            locale: self.parts.locale.clone(),
            accounts: self.accounts()?,
            providers,
            last_refresh: self.last_refresh(),
            keyring_program: KEYRING_PROGRAM.to_owned(),
            unsaved: core.has_unsaved(),
            show: None,
        })
    }

    async fn providers(&self) -> Vec<ProviderView> {
        let known = self.seen().providers.clone();
        match known {
            Some((at, providers)) if at.elapsed() < PROVIDERS_ARE_GOOD_FOR => providers,
            _ => {
                let providers = self.core().providers().await;
                self.seen().providers = Some((Instant::now(), providers.clone()));
                providers
            }
        }
    }

    /// Forgets what the broker said, since there may be another broker now.
    pub fn forget_providers(&self) {
        self.seen().providers = None;
    }

    /// Whether a reminder was shown since the start.
    #[must_use]
    pub fn was_reminded(&self, account: &AccountId, reminder: Reminder) -> bool {
        self.seen().reminded.iter().any(|(id, told)| id == account && *told == reminder)
    }

    /// Remembers that a reminder was shown.
    pub fn note_reminded(&self, account: &AccountId, reminder: Reminder) {
        self.seen().reminded.push((account.clone(), reminder));
    }

    /// The accounts as the page and the tray show them: the next look is that of the background's rhythm.
    ///
    /// # Errors
    /// `Storage`.
    pub fn accounts(&self) -> Result<Vec<AccountView>, Error> {
        let next_reading = background::next_reading(self.core().now(), self.since_read());
        let shown = |view: AccountView| match view.health {
            AccountHealth::Ok | AccountHealth::Expiring => AccountView { next_check: Some(next_reading), ..view },
            _ => view,
        };
        Ok(self.core().account_views()?.into_iter().map(shown).collect())
    }

    /// What the last "Refresh now" did.
    #[must_use]
    pub fn last_refresh(&self) -> Option<RefreshView> {
        self.seen().last_refresh.clone()
    }

    /// Whether a refresh is under way.
    #[must_use]
    pub fn is_refreshing(&self) -> bool {
        self.refreshes.load(Ordering::SeqCst) > 0
    }

    /// Renews tokens and reads meetings of every account, and keeps the result for the tray and the page.
    ///
    /// # Errors
    /// `Storage`; an account's failure is in its part of the result.
    pub async fn refresh_now<R: Runtime>(&self, app: &AppHandle<R>) -> Result<RefreshView, Error> {
        let counted = Counted::start(&self.refreshes);
        tray::render(app);
        let result = self.core().refresh_now().await;
        drop(counted);
        if let Ok(view) = &result {
            self.seen().last_refresh = Some(view.clone());
        }
        self.note_read();
        self.note_change(app, true);
        result
    }

    /// Remembers that every account was just read.
    pub fn note_read(&self) {
        self.seen().last_read = Some(Instant::now());
    }

    /// How long ago every account was read last.
    #[must_use]
    pub fn since_read(&self) -> Option<Duration> {
        self.seen().last_read.map(|at| at.elapsed())
    }

    /// Remembers whether a question stands open, whether to quit all the same.
    pub fn note_asked(&self, is_open: bool) {
        self.seen().asked_to_stay = is_open.then(Instant::now);
    }

    /// For how long it has stood open.
    #[must_use]
    pub fn since_asked(&self) -> Option<Duration> {
        self.seen().asked_to_stay.map(|at| at.elapsed())
    }

    /// Brings the tray up to date, and tells the page where `always` or where an account is not as it was.
    pub fn note_change<R: Runtime>(&self, app: &AppHandle<R>, always: bool) {
        let accounts = self.core().account_views().unwrap_or_default();
        let differs = {
            let mut seen = self.seen();
            let differs = seen.accounts != accounts;
            seen.accounts = accounts;
            differs
        };
        if (always || differs) && app.emit("changed", ()).is_err() {
            tracing::warn!("the window could not be told of a change");
        }
        tray::render(app);
    }

    /// Says that the page was left, or has begun to load: it hears nothing until it asks for its state.
    pub fn page_left(&self) {
        self.seen().page_listens = false;
    }

    /// Says that the page listens, and takes the screen that was asked for before.
    #[must_use]
    pub fn page_listens(&self) -> Option<Show> {
        let mut seen = self.seen();
        seen.page_listens = true;
        seen.show.take()
    }

    /// Asks the page for a screen, now or as soon as it listens.
    pub fn show<R: Runtime>(&self, app: &AppHandle<R>, show: Show) {
        let mut seen = self.seen();
        if !seen.page_listens {
            seen.show = Some(show);
            return;
        }
        drop(seen);
        if app.emit("show", show.payload()).is_err() {
            tracing::warn!("the window could not be asked for a screen");
        }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Counted<'a>(&'a AtomicUsize);

impl<'a> Counted<'a> {
    fn start(counter: &'a AtomicUsize) -> Self {
        counter.fetch_add(1, Ordering::SeqCst);
        Self(counter)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}
