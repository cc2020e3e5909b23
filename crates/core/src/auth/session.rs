//! An account that can send: adds the credential, renews it ahead of its end and on a 401, retries once.
//!
//! One renewal at a time per account, over tasks and processes: a kernel lock on a file that is never
//! unlinked. The renewed credential is saved, then used. Knows no provider's API and no meeting.

use std::{collections::HashMap, path::PathBuf, sync::Arc};

use chrono::{DateTime, TimeDelta, Utc};
use http::{Method, header};
use tokio::sync::Mutex;
use url::Url;

use super::{
    bearer::bearer,
    broker::Broker,
    challenge::{claims_challenge, says_invalid_token},
    lock::AccountLock,
    pace::{self, Pace},
    retry_after::retry_after,
    sametime,
};
use crate::{
    account::{Account, AccountId, ProviderKind},
    credential::{Credential, Freshness, OAuthCredential, SessionWord, after_refusal, renewed},
    error::{Claims, Error, ErrorCode},
    http::{HttpAnswer, HttpClient, HttpRequest, TransportError, TransportKind},
    storage::CredentialStore,
};

/// The clock as an argument.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// What a session needs of the house.
#[derive(Clone)]
pub struct SessionParts {
    /// The HTTP client of the organisation.
    pub http: HttpClient,
    /// The broker; none where the organisation has none.
    pub broker: Option<Broker>,
    /// The keyring.
    pub credentials: Arc<dyn CredentialStore>,
    /// The folder of the lock files.
    pub locks: PathBuf,
    /// The clock.
    pub clock: Clock,
    /// Renewed credentials that could not be saved yet.
    pub unsaved: Unsaved,
    /// How many requests at once, and how often a read is asked again.
    pub pace: Pace,
}

/// Credentials that were renewed while the keyring could not be written: the old tokens may be dead at the provider, so the
/// new ones wait here, in memory alone, until the next use saves them.
#[derive(Clone, Default)]
pub struct Unsaved(Arc<std::sync::Mutex<HashMap<AccountId, Credential>>>);

impl Unsaved {
    /// Takes the one that waits for `account`.
    #[must_use]
    pub fn take(&self, account: &AccountId) -> Option<Credential> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).remove(account)
    }

    fn put(&self, account: &AccountId, credential: Credential) {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).insert(account.clone(), credential);
    }
}

/// One account's way to its provider.
pub struct AuthorizedClient<'a> {
    parts: &'a SessionParts,
    account: &'a Account,
    base: Url,
    credential: Mutex<Option<Credential>>,
    renewed: std::sync::Mutex<Option<Renewal>>,
    /// How far the provider's clock is ahead of ours, by its last answer.
    ahead: std::sync::Mutex<TimeDelta>,
}

/// What a renewal changed, for the register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renewal {
    /// When.
    pub at: DateTime<Utc>,
    /// When the new access token ends; none where the provider does not say.
    pub expires_at: Option<DateTime<Utc>>,
    /// The scopes that are granted now.
    pub scopes: Vec<String>,
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

    /// What the last renewal of this client changed.
    ///
    /// # Panics
    /// Never: the lock is not held across a panic.
    #[must_use]
    pub fn renewal(&self) -> Option<Renewal> {
        self.renewed.lock().expect("not poisoned").clone()
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
            AfterStatus::SignIn => return Err(Error { claims, ..self.sign_in_required("claims") }),
            AfterStatus::Renew => {}
        }
        self.ready(Some(issued)).await?;
        let answer = self.send_patiently(&make).await.map_err(|error| self.lost(&method, error))?;
        let claims = self.claims_of(&answer);
        match after_status(self.status_of(&answer), claims.is_some(), true) {
            AfterStatus::Answer => self.certain(&method, answer),
            _ => Err(Error { claims, ..self.sign_in_required("unauthorized") }),
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
    /// As [`AuthorizedClient::send`].
    pub async fn renew_now(&self) -> Result<(), Error> {
        let stored = self.load().await?.issued_at();
        self.ready(Some(stored)).await.map(drop)
    }

    /// Whether a refresh token is kept here, and revokes it at the provider by way of the broker.
    ///
    /// # Errors
    /// The keyring's and the network's.
    pub async fn revoke(&self) -> Result<bool, Error> {
        match (self.load().await?, &self.parts.broker) {
            (Credential::OAuth(credential), Some(broker)) => broker.revoke(self.account.provider, &credential).await,
            _ => Ok(false),
        }
    }

    async fn load(&self) -> Result<Credential, Error> {
        let stored = self
            .parts
            .credentials
            .load(&self.account.id)
            .await
            .map_err(|error| error.at(&self.account.id, self.account.provider))?;
        stored.ok_or_else(|| Error::new(ErrorCode::CredentialMissing).at(&self.account.id, self.account.provider))
    }

    /// Makes the credential in hand fresh, and newer than `rejected` where that is given. Answers its mark.
    async fn ready(&self, rejected: Option<DateTime<Utc>>) -> Result<DateTime<Utc>, Error> {
        let usable = |credential: &Credential| {
            credential.freshness(self.now()) == Freshness::Fresh && rejected != Some(credential.issued_at())
        };
        let mut held = self.credential.lock().await;
        if let Some(credential) = held.as_ref().filter(|credential| usable(credential)) {
            return Ok(credential.issued_at());
        }
        let stored = self.load().await?;
        if usable(&stored) {
            return Ok(held.insert(stored).issued_at());
        }
        let lock = AccountLock::acquire(&self.parts.locks, &self.account.id)
            .await
            .map_err(|error| error.at(&self.account.id, self.account.provider))?;
        // Somebody else may have renewed while this one waited: read again before asking.
        let mut stored = self.load().await?;
        if let Some(waiting) = self.parts.unsaved.take(&self.account.id)
            && waiting.issued_at() > stored.issued_at()
        {
            stored = self.keep(waiting).await?;
        }
        let credential = if usable(&stored) { stored } else { self.renew(stored).await? };
        drop(lock);
        Ok(held.insert(credential).issued_at())
    }

    /// Asks for new tokens and saves them before anyone uses them. The caller holds the account's lock.
    async fn renew(&self, old: Credential) -> Result<Credential, Error> {
        let at = |error: Error| error.at(&self.account.id, self.account.provider);
        let new = match old {
            Credential::OAuth(old) => {
                let broker = self.parts.broker.as_ref().ok_or_else(|| at(Error::new(ErrorCode::NoBroker)))?;
                match broker.refresh(self.account.provider, &old, self.now()).await {
                    Ok(answer) => Credential::OAuth(renewed(old, answer, self.now())),
                    Err(refusal) => {
                        self.keep_session(old, refusal.session).await;
                        return Err(at(*refusal.error));
                    }
                }
            }
            Credential::Sametime(old) => Credential::Sametime(
                sametime::refresh(&self.parts.http, &self.base, &old, self.now()).await.map_err(at)?,
            ),
        };
        let new = self.keep(new).await?;
        let renewal = match &new {
            Credential::OAuth(new) => {
                Renewal { at: new.issued_at, expires_at: Some(new.expires_at), scopes: new.scopes.clone() }
            }
            Credential::Sametime(new) => Renewal { at: new.issued_at, expires_at: None, scopes: Vec::new() },
        };
        *self.renewed.lock().expect("not poisoned") = Some(renewal);
        Ok(new)
    }

    /// Keeps what a refusal said about the broker's session. Best effort: the refusal is what the caller is told, and where
    /// this fails the next refresh says the same. The caller holds the account's lock.
    async fn keep_session(&self, old: OAuthCredential, word: SessionWord) {
        if let Some(kept) = after_refusal(old, word, self.now())
            && let Err(error) = self.parts.credentials.save(&self.account.id, &Credential::OAuth(kept)).await
        {
            tracing::debug!(account = %self.account.id, code = ?error.code, "the broker's session was not kept");
        }
    }

    /// Saves a renewed credential; where that fails it waits in memory, and nobody uses it.
    async fn keep(&self, new: Credential) -> Result<Credential, Error> {
        match self.parts.credentials.save(&self.account.id, &new).await {
            Ok(()) => Ok(new),
            Err(error) => {
                self.parts.unsaved.put(&self.account.id, new);
                Err(error.at(&self.account.id, self.account.provider))
            }
        }
    }

    async fn send_once(&self, request: HttpRequest) -> Result<HttpAnswer, TransportError> {
        let request = match self.credential.lock().await.as_ref() {
            Some(Credential::OAuth(credential)) => match &credential.access {
                Some(token) => request.header(header::AUTHORIZATION, bearer(&token.0)),
                None => request,
            },
            Some(Credential::Sametime(credential)) => sametime::authorize(request, credential),
            None => request,
        };
        let _place = self.parts.pace.enter(&self.account.id, self.account.provider).await;
        let answer = self.parts.http.send(request).await?;
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
