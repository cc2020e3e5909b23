//! An account that can send: adds the credential, renews it ahead of its end and on a 401, retries once.
//!
//! One renewal at a time per account, over tasks and processes: a kernel lock on a file that is never
//! unlinked. The renewed credential is saved, then used. Knows no provider's API and no meeting.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use chrono::{DateTime, TimeDelta, Utc};
use http::{Method, header};
use tokio::sync::Mutex;
use url::Url;

use super::{
    bearer::bearer,
    broker::Broker,
    challenge::{claims_challenge, says_invalid_token},
    lives::Lives,
    lock::AccountLock,
    pace::{self, Pace},
    renewal::{Done, Renewing, Want, freshness},
    retry_after::retry_after,
    sametime,
    unsaved::Unsaved,
};
use crate::{
    account::{Account, ProviderKind},
    clock::{Clock, Moment, UptimeClock},
    credential::{
        Credential, Freshness, Renewal,
        fingerprint::Fingerprint,
        life::{CLAIMS, Event, Outcome, Reason, SESSION_OVER, UNAUTHORIZED},
    },
    error::{Claims, Error, ErrorCode},
    http::{HttpAnswer, HttpClient, HttpRequest, TransportError, TransportKind},
    storage::{RenewalJournal, vault::Vault},
};

/// What a session needs of the house. Cheap to clone.
#[derive(Clone)]
pub struct SessionParts {
    /// The HTTP client of the organisation.
    pub http: HttpClient,
    /// The broker; none where the organisation has none.
    pub broker: Option<Broker>,
    /// The keyring, with its index.
    pub vault: Vault,
    /// Where renewals are written down before they are asked for.
    pub journal: Arc<dyn RenewalJournal>,
    /// The folder of the lock files.
    pub locks: PathBuf,
    /// The clock on the wall.
    pub clock: Clock,
    /// The clock since the start.
    pub uptime: UptimeClock,
    /// Where each credential stands.
    pub lives: Lives,
    /// Renewed credentials that could not be saved yet.
    pub unsaved: Unsaved,
    /// How many requests at once, and how often a read is asked again.
    pub pace: Pace,
}

impl SessionParts {
    /// Now, by both clocks.
    #[must_use]
    pub fn moment(&self) -> Moment {
        Moment { wall: (self.clock)(), uptime: (self.uptime)() }
    }
}

/// One account's way to its provider.
pub struct AuthorizedClient<'a> {
    parts: &'a SessionParts,
    account: &'a Account,
    base: Url,
    credential: Mutex<Option<Arc<Credential>>>,
    renewed: std::sync::Mutex<Option<Renewal>>,
    /// Whether a renewal failed, which noted it already.
    failed: AtomicBool,
    /// Whether the provider answered at all: what was not asked shows nothing.
    answered: AtomicBool,
    /// How far the provider's clock is ahead of ours, by its last answer.
    ahead: std::sync::Mutex<TimeDelta>,
}

/// What to do after an answer's status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterStatus {
    /// Hand it up.
    Answer,
    /// Renew, then send once more.
    Renew,
    /// The provider does not know us any more.
    SignIn,
}

/// A 401 is worth one renewal and one retry; the second is final. Graph's claims challenge is final at
/// once: a refresh does not help there.
#[must_use]
pub fn after_status(status: u16, claims_challenge: bool, retried: bool) -> AfterStatus {
    match status {
        401 if claims_challenge || retried => AfterStatus::SignIn,
        401 => AfterStatus::Renew,
        _ => AfterStatus::Answer,
    }
}

impl<'a> AuthorizedClient<'a> {
    /// A client for `account`. Reads no keyring yet.
    ///
    /// # Errors
    /// `Storage` where the account's API base is damaged.
    pub fn new(parts: &'a SessionParts, account: &'a Account) -> Result<Self, Error> {
        let base = Url::parse(&account.binding.api_base).map_err(|_| Error::new(ErrorCode::Storage))?;
        Ok(Self {
            parts,
            account,
            base,
            credential: Mutex::new(None),
            renewed: std::sync::Mutex::new(None),
            failed: AtomicBool::new(false),
            answered: AtomicBool::new(false),
            ahead: std::sync::Mutex::new(TimeDelta::zero()),
        })
    }

    /// An error, with the account and the provider that it is of.
    #[must_use]
    pub fn at(&self, error: Error) -> Error {
        error.at(&self.account.id, self.account.provider)
    }

    /// The account.
    #[must_use]
    pub const fn account(&self) -> &Account {
        self.account
    }

    /// Now, by the clock of the house.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        (self.parts.clock)()
    }

    /// An instant of our clock as the provider's clock had it, as far as its answers told (`Date`, RFC 9110 §6.6.1).
    #[must_use]
    pub fn provider_time(&self, at: DateTime<Utc>) -> DateTime<Utc> {
        at + *self.ahead.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// An address below the account's API base; each segment is percent-encoded.
    ///
    /// # Panics
    /// Never: an API base is an `http(s)` address.
    #[must_use]
    pub fn url(&self, segments: &[&str]) -> Url {
        let mut url = self.base.clone();
        url.path_segments_mut().expect("an http address has a path").pop_if_empty().extend(segments);
        url
    }

    /// Whether the provider answered this client, or renewed its tokens.
    #[must_use]
    pub fn was_answered(&self) -> bool {
        self.answered.load(Ordering::Relaxed) || self.renewal().is_some()
    }

    /// Whether a renewal of this client failed: where the credential stands is noted then.
    #[must_use]
    pub fn renewal_failed(&self) -> bool {
        self.failed.load(Ordering::Relaxed)
    }

    /// What the last renewal of this client changed.
    #[must_use]
    pub fn renewal(&self) -> Option<Renewal> {
        self.renewed.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    /// Sends one request with the credential. Every status but a final 401 comes back as an answer. A read that fails in
    /// passing is asked again within the budget; what changes something is sent once, but for a 401.
    ///
    /// # Errors
    /// `SignInRequired`, `CredentialMissing`; the keyring's; the network's. `OutcomeUnknown` where a `POST` may have arrived
    /// and its answer was lost.
    pub async fn send(&self, request: HttpRequest) -> Result<HttpAnswer, Error> {
        let HttpRequest { method, url, headers, body, cap } = request;
        let make = || HttpRequest {
            method: method.clone(),
            url: url.clone(),
            headers: headers.clone(),
            body: body.clone(),
            cap,
        };
        let issued = self.ready(None).await?;
        let answer = self.send_patiently(&make).await.map_err(|error| self.lost(&method, error))?;
        let claims = self.claims_of(&answer);
        match after_status(self.status_of(&answer), claims.is_some(), false) {
            AfterStatus::Answer => return self.certain(&method, answer),
            AfterStatus::SignIn => return Err(Error { claims, ..self.sign_in_required(CLAIMS) }),
            AfterStatus::Renew => {}
        }
        self.ready(Some(issued)).await?;
        let answer = self.send_patiently(&make).await.map_err(|error| self.lost(&method, error))?;
        let claims = self.claims_of(&answer);
        match after_status(self.status_of(&answer), claims.is_some(), true) {
            AfterStatus::Answer => self.certain(&method, answer),
            _ => Err(Error { claims, ..self.sign_in_required(UNAUTHORIZED) }),
        }
    }

    /// Sends a read until it succeeds or its budget is spent, and anything else once.
    async fn send_patiently(
        &self,
        make: &(dyn Fn() -> HttpRequest + Send + Sync),
    ) -> Result<HttpAnswer, TransportError> {
        let (mut tried, mut waited) = (0, std::time::Duration::ZERO);
        loop {
            let request = make();
            let repeats = request.method == Method::GET;
            let answer = self.send_once(request).await;
            tried += 1;
            let passing = match &answer {
                Ok(answer) => pace::is_passing(answer.status),
                Err(error) => error.kind == TransportKind::Cut,
            };
            if !(repeats && passing) {
                return answer;
            }
            let asked = answer.as_ref().ok().and_then(|answer| self.asked_to_wait(answer));
            let Some(wait) = pace::wait_before_next(self.parts.pace.budget, tried, waited, asked, pace::chance())
            else {
                return answer;
            };
            tracing::debug!(account = %self.account.id, ?wait, "asking again");
            tokio::time::sleep(wait).await;
            waited += wait;
        }
    }

    fn asked_to_wait(&self, answer: &HttpAnswer) -> Option<std::time::Duration> {
        let now = self.now();
        let at = retry_after(answer.header("retry-after")?, now)?;
        (at - now).to_std().ok()
    }

    /// Renews now, whatever the freshness, because a person asked for it.
    ///
    /// # Errors
    /// As [`AuthorizedClient::send`]; the keyring's too where the new tokens are in memory alone.
    pub async fn renew_now(&self) -> Result<(), Error> {
        let renewing = self.renewing();
        let stored = renewing.current().await.map_err(|error| self.at(error))?.issued_at();
        // Tokens that wait to be saved are new: nobody has had them yet.
        let old = self.parts.unsaved.of(&self.account.id).is_none().then_some(stored);
        let lock = self.lock().await?;
        match self.finish(renewing, lock, Want::Fresh(old)).await?.unsaved {
            Some(error) => Err(self.at(error)),
            None => Ok(()),
        }
    }

    /// Saves what waits in memory and finishes a renewal that was begun, where there is either.
    ///
    /// # Errors
    /// As [`AuthorizedClient::renew_now`].
    pub async fn settle(&self) -> Result<(), Error> {
        let lock = self.lock().await?;
        match self.finish(self.renewing(), lock, Want::Settled).await?.unsaved {
            Some(error) => Err(self.at(error)),
            None => Ok(()),
        }
    }

    /// Whether a refresh token is kept here, and revokes it at the provider by way of the broker.
    ///
    /// # Errors
    /// The keyring's and the network's.
    pub async fn revoke(&self) -> Result<bool, Error> {
        let current = self.renewing().current().await.map_err(|error| self.at(error))?;
        match (&*current, &self.parts.broker) {
            (Credential::OAuth(credential), Some(broker)) => broker.revoke(self.account.provider, credential).await,
            _ => Ok(false),
        }
    }

    /// Makes the credential in hand fresh, and newer than `rejected` where that is given. Answers its mark.
    async fn ready(&self, rejected: Option<DateTime<Utc>>) -> Result<DateTime<Utc>, Error> {
        let mut held = self.credential.lock().await;
        let is_fresh =
            |credential: &Credential| freshness(credential, rejected, self.parts.moment()) == Freshness::Fresh;
        if let Some(credential) = held.as_ref().filter(|credential| is_fresh(credential)) {
            return Ok(credential.issued_at());
        }
        // Seldom, and large: every request would carry its room.
        let credential = Box::pin(self.newest(rejected)).await?;
        Ok(held.insert(credential).issued_at())
    }

    /// A credential that can be sent. Nobody waits for a renewal while the old one still can.
    async fn newest(&self, rejected: Option<DateTime<Utc>>) -> Result<Arc<Credential>, Error> {
        let renewing = self.renewing();
        let at = |error: Error| self.at(error);
        let stored = renewing.current().await.map_err(at)?;
        if let Some(why) = self.parts.lives.refused(&self.account.id, Fingerprint::of(&stored), (self.parts.uptime)()) {
            // Its issuer said so of this very token; only a sign-in, or a person who asks, brings another word.
            return Err(self.sign_in_required(if why == Reason::SessionOver { SESSION_OVER } else { "refused" }));
        }
        let freshness = freshness(&stored, rejected, self.parts.moment());
        if freshness == Freshness::Stale {
            let lock = self.lock().await?;
            return self.finish(renewing, lock, Want::Fresh(rejected)).await.map(|done| done.credential);
        }
        let wants_renewal = freshness == Freshness::Ageing || renewing.is_unfinished(&stored).map_err(at)?;
        let parts = self.parts;
        if freshness == Freshness::Ageing {
            parts.lives.note(&self.account.id, Event::Aged, parts.moment());
        }
        // What waits in memory is saved first.
        let waits = parts.unsaved.of(&self.account.id).is_some();
        if !wants_renewal || waits || !parts.lives.of(&self.account.id).may_ask((parts.uptime)()) {
            return Ok(stored);
        }
        let Some(lock) = AccountLock::try_acquire(&parts.locks, &self.account.id).map_err(at)? else {
            return Ok(stored);
        };
        match self.finish(renewing, lock, Want::Fresh(rejected)).await {
            Ok(done) => Ok(done.credential),
            Err(error) => match Outcome::of(&error) {
                Outcome::Rejected(_) => Err(error),
                Outcome::Refreshed
                | Outcome::Unchanged
                | Outcome::Transient { .. }
                | Outcome::KeyringWait
                | Outcome::Cancelled => Ok(stored),
            },
        }
    }

    /// Plays a renewal to its end in a task of its own: its answer may be the only copy of the new tokens, so it is not
    /// dropped where its asker goes away.
    async fn finish(&self, renewing: Renewing, lock: AccountLock, want: Want) -> Result<Done, Error> {
        let done = match tokio::spawn(renewing.run(lock, want)).await {
            Ok(done) => done.map_err(|error| {
                self.failed.store(true, Ordering::Relaxed);
                self.at(error)
            })?,
            Err(stopped) => match stopped.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                // The program ends.
                Err(_) => return Err(self.at(Error::new(ErrorCode::Busy))),
            },
        };
        if let Some(renewal) = &done.renewal {
            *self.renewed.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(renewal.clone());
        }
        Ok(done)
    }

    async fn lock(&self) -> Result<AccountLock, Error> {
        AccountLock::acquire(&self.parts.locks, &self.account.id).await.map_err(|error| self.at(error))
    }

    fn renewing(&self) -> Renewing {
        Renewing { parts: self.parts.clone(), account: self.account.clone(), base: self.base.clone() }
    }

    async fn send_once(&self, request: HttpRequest) -> Result<HttpAnswer, TransportError> {
        let request = match self.credential.lock().await.as_deref() {
            Some(Credential::OAuth(credential)) => match &credential.access {
                Some(token) => request.header(header::AUTHORIZATION, bearer(&token.0)),
                None => request,
            },
            Some(Credential::Sametime(credential)) => sametime::authorize(request, credential),
            None => request,
        };
        let _place = self.parts.pace.enter(&self.account.id, self.account.provider).await;
        let answer = self.parts.http.send(request).await?;
        self.answered.store(true, Ordering::Relaxed);
        let told = answer.header("date").and_then(|text| DateTime::parse_from_rfc2822(text).ok());
        if let Some(told) = told {
            *self.ahead.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = told.to_utc() - self.now();
        }
        Ok(answer)
    }

    /// A gateway that gave up waiting, a server that broke at work, or a page in place of a success says nothing about whether a
    /// `POST` was done.
    fn certain(&self, method: &Method, answer: HttpAnswer) -> Result<HttpAnswer, Error> {
        let page = answer.is_success() && answer.is_html();
        if *method == Method::POST
            && (page || (answer.status >= 500 && !matches!(answer.status, 501 | 503 | 505 | 509)))
        {
            let error = Error::new(ErrorCode::OutcomeUnknown).detail(format!("HTTP {}", answer.status));
            return Err(error.at(&self.account.id, self.account.provider));
        }
        Ok(answer)
    }

    /// The status in HTTP's words: a Sametime server says "not signed in" with a login page and a 200, or with a
    /// 403 about its CSRF token; GoToMeeting says "expired" with a 403 and a word.
    fn status_of(&self, answer: &HttpAnswer) -> u16 {
        let says_otherwise = match self.account.provider {
            ProviderKind::Sametime => sametime::is_login_page(answer) || sametime::speaks_of_csrf(answer),
            ProviderKind::Goto => says_invalid_token(answer),
            ProviderKind::Teams | ProviderKind::Zoom | ProviderKind::Webex => false,
        };
        // Graph's claims challenge comes with 401, and by an older page with 403.
        if says_otherwise || (answer.status == 403 && self.claims_of(answer).is_some()) { 401 } else { answer.status }
    }

    /// Claims are Microsoft's alone: from anybody else they would only spoil the next sign-in.
    fn claims_of(&self, answer: &HttpAnswer) -> Option<Box<Claims>> {
        if self.account.provider == ProviderKind::Teams { claims_challenge(answer) } else { None }
    }

    fn lost(&self, method: &Method, error: TransportError) -> Error {
        let unknown = *method == Method::POST && error.may_have_arrived();
        let error = if unknown { Error::new(ErrorCode::OutcomeUnknown).detail(error.host) } else { error.into() };
        error.at(&self.account.id, self.account.provider)
    }

    fn sign_in_required(&self, reason: &str) -> Error {
        Error::new(ErrorCode::SignInRequired).detail(reason).at(&self.account.id, self.account.provider)
    }
}

#[cfg(test)]
mod tests;
