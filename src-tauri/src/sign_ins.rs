//! The sign-ins that wait for a browser, by a name that the page holds.
//!
//! Each is finished by a task of its own: a page that is loaded again loses its wait, not the sign-in.

use std::{
    collections::HashMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use convoke_core::{
    auth::callback::Paster,
    error::{Error, ErrorCode, FieldIssue, IssueCode},
    service::{
        Core,
        sign_in::{PendingSignIn, Replacement, SignInEnd},
    },
    view::{ErrorView, SignedIn},
};
use tokio::sync::watch;
use url::Url;

type End = Result<SignedIn, ErrorView>;

/// The sign-ins of this process.
#[derive(Default)]
pub struct SignIns {
    last: AtomicU64,
    waiting: Mutex<HashMap<String, Waiting>>,
    replacements: Mutex<HashMap<String, Replacement>>,
}

struct Waiting {
    authorize_url: Url,
    paster: Paster,
    end: watch::Receiver<Option<End>>,
}

impl SignIns {
    /// Keeps a sign-in and gives it a name. `finish` runs it to its end and hands the end to [`SignIns::settle`].
    pub fn add(
        &self,
        pending: PendingSignIn,
        finish: impl FnOnce(String, PendingSignIn, watch::Sender<Option<End>>),
    ) -> String {
        let id = format!("sign-in-{}", self.last.fetch_add(1, Ordering::Relaxed) + 1);
        let (sender, end) = watch::channel(None);
        let (authorize_url, paster) = (pending.authorize_url().clone(), pending.paster());
        lock(&self.waiting).insert(id.clone(), Waiting { authorize_url, paster, end });
        finish(id.clone(), pending, sender);
        id
    }

    /// Waits for the end, and then forgets the sign-in.
    ///
    /// # Errors
    /// The sign-in's own; `SignInCancelled` where it was cancelled meanwhile.
    pub async fn wait(&self, id: &str) -> End {
        let mut end = self.with(id, |waiting| waiting.end.clone())?;
        let ended = match end.wait_for(Option::is_some).await {
            Ok(ended) => ended.clone(),
            Err(_) => None,
        };
        lock(&self.waiting).remove(id);
        ended.unwrap_or_else(|| Err(Error::new(ErrorCode::SignInCancelled).into()))
    }

    /// The address that the browser was sent to; holds no secret.
    ///
    /// # Errors
    /// `InvalidInput` at `id` where it is over or never was.
    pub fn authorize_url(&self, id: &str) -> Result<Url, ErrorView> {
        self.with(id, |waiting| waiting.authorize_url.clone())
    }

    /// Takes the address that the browser ended on.
    ///
    /// # Errors
    /// `InvalidInput` at `address` where it is not this sign-in's, at `id` as above.
    pub fn paste(&self, id: &str, address: &str) -> Result<(), ErrorView> {
        let paster = self.with(id, |waiting| waiting.paster.clone())?;
        Ok(paster.paste(address)?)
    }

    /// Ends a sign-in: its port closes, and who waits for it is told. One that is over is not an error.
    pub fn cancel(&self, id: &str) {
        if let Some(waiting) = lock(&self.waiting).remove(id) {
            // Not by ending its task: a credential that was just issued must be kept or taken back, not dropped.
            waiting.paster.cancel();
        }
    }

    /// Turns the end into what the page is told, and keeps what still needs an answer under `id`.
    pub fn settle(&self, core: &Core, id: &str, end: SignInEnd) -> SignedIn {
        match end {
            SignInEnd::Account { account, again } => SignedIn::Account { account: core.account_view(&account), again },
            SignInEnd::DifferentPerson(replacement) => {
                let account = core.account_view(replacement.account());
                let now = replacement.now().address.clone();
                lock(&self.replacements).insert(id.to_owned(), replacement);
                SignedIn::DifferentPerson { account, now }
            }
        }
    }

    /// Takes the question that `settle` kept.
    ///
    /// # Errors
    /// `InvalidInput` at `id` where there is none.
    pub fn take_replacement(&self, id: &str) -> Result<Replacement, ErrorView> {
        lock(&self.replacements).remove(id).ok_or_else(unknown)
    }

    fn with<T>(&self, id: &str, read: impl FnOnce(&Waiting) -> T) -> Result<T, ErrorView> {
        lock(&self.waiting).get(id).map(read).ok_or_else(unknown)
    }
}

fn unknown() -> ErrorView {
    Error::invalid(vec![FieldIssue::new("id", IssueCode::Unknown)]).into()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
