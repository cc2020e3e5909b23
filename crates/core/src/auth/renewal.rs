//! One renewal, from the journal to the keyring: the only place where tokens are asked for and replaced.
//!
//! Under the account's lock: read again, write down that it begins, ask, save, strike it out. A crash at any step leaves either
//! the old token and an open journal (asking again with that token gives the answer that was lost), or the new one.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use tracing::trace;
use url::Url;

use super::{sametime, session::SessionParts};
use crate::{
    account::Account,
    clock::Moment,
    credential::{
        Credential, Ends, Freshness, OAuthCredential, Renewal, SessionWord, after_refusal,
        fingerprint::Fingerprint,
        life::{Event, Outcome},
        renewed,
    },
    error::{Error, ErrorCode},
    storage::OpenRenewal,
};

/// How a renewal ended, where it ended well.
pub(super) struct Done {
    /// The credential to go on with.
    pub(super) credential: Arc<Credential>,
    /// What changed; none where somebody else had renewed it.
    pub(super) renewal: Option<Renewal>,
    /// Why the new tokens are in memory alone, where they are.
    pub(super) unsaved: Option<Error>,
}

/// What a renewal is for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Want {
    /// A credential that can be sent, and is not the rejected one.
    Fresh(Option<DateTime<Utc>>),
    /// That nothing is left open; how old it is does not matter.
    Settled,
}

impl Want {
    fn is_met_by(self, credential: &Credential, now: Moment) -> bool {
        match self {
            Self::Fresh(rejected) => freshness(credential, rejected, now) == Freshness::Fresh,
            Self::Settled => true,
        }
    }
}

/// Renews one account's credential. Owns all it needs: once begun it goes on to its end, whoever stops waiting for it.
#[derive(Clone)]
pub(super) struct Renewing {
    pub(super) parts: SessionParts,
    pub(super) account: Account,
    pub(super) base: Url,
}

impl Renewing {
    /// Whether a renewal of `credential` was begun whose end is not known.
    pub(super) fn is_unfinished(&self, credential: &Credential) -> Result<bool, Error> {
        let open = self.parts.journal.open_renewal(&self.account.id)?;
        let open = open.filter(|_| self.parts.unsaved.of(&self.account.id).is_none());
        Ok(open.is_some_and(|open| open.fingerprint == Fingerprint::of(credential)))
    }

    /// The credential to go on with, without asking anybody: the one that waits in memory, or the keyring's.
    pub(super) async fn current(&self) -> Result<Arc<Credential>, Error> {
        let id = &self.account.id;
        let stored = self.parts.vault.load(id).await;
        let Some(waiting) = self.parts.unsaved.of(id) else { return stored.map(Arc::new) };
        match stored {
            Ok(stored) if is_elder(&stored, &waiting.credential, waiting.from) => Ok(waiting.credential),
            Ok(stored) => Ok(Arc::new(stored)),
            Err(error) if Outcome::of(&error) == Outcome::KeyringWait => Ok(waiting.credential),
            Err(error) => Err(error),
        }
    }

    /// Renews, unless what is kept is as wanted. The lock is the account's, and held to the end.
    pub(super) async fn run<L: Send>(self, lock: L, want: Want) -> Result<Done, Error> {
        self.note(Event::Asked);
        let result = self.renew(want).await;
        match &result {
            Ok(Done { unsaved: Some(_), .. }) => self.note(Event::NotSaved),
            Ok(Done { renewal: Some(_), .. }) => self.note(Event::Ended(Outcome::Refreshed)),
            Ok(Done { renewal: None, .. }) => self.note(Event::Ended(Outcome::Unchanged)),
            Err(error) => self.note(Event::Ended(Outcome::of(error))),
        }
        drop(lock);
        result
    }

    async fn renew(&self, want: Want) -> Result<Done, Error> {
        let (mut stored, mut unsaved) = self.reconciled().await?;
        let mut asked_before = false;
        loop {
            let fingerprint = Fingerprint::of(&stored);
            // Of what waits in memory the answer is known; the journal stays open until it is saved.
            let open = self.parts.journal.open_renewal(&self.account.id)?.filter(|_| unsaved.is_none());
            let is_unfinished = open.as_ref().is_some_and(|open| open.fingerprint == fingerprint);
            if open.is_some() && !is_unfinished {
                // Its answer was saved; only the last stroke was missing.
                self.strike_out();
            }
            if !is_unfinished && want.is_met_by(&stored, self.now()) {
                return Ok(Done { credential: stored, renewal: None, unsaved });
            }
            let error = match self.ask(&stored, fingerprint).await {
                Ok(new) => return Ok(self.keep(new, fingerprint).await),
                Err(error) => error,
            };
            if !matches!(Outcome::of(&error), Outcome::Rejected(_)) {
                return Err(error);
            }
            // A "no" is about the token that was sent, and about no other.
            let (again, still_unsaved) = self.reconciled().await?;
            if asked_before || Fingerprint::of(&again) == fingerprint {
                self.strike_out();
                return Err(error);
            }
            (stored, unsaved, asked_before) = (again, still_unsaved, true);
        }
    }

    /// The credential to go on with, after what waits in memory was saved; and why it still waits, where it does.
    async fn reconciled(&self) -> Result<(Arc<Credential>, Option<Error>), Error> {
        let id = &self.account.id;
        let stored = self.parts.vault.load(id).await;
        let Some(waiting) = self.parts.unsaved.of(id) else { return Ok((Arc::new(stored?), None)) };
        match stored {
            Ok(stored) if !is_elder(&stored, &waiting.credential, waiting.from) => {
                // Somebody signed in again, or another process was given the same answer and went on.
                self.parts.unsaved.remove(id);
                return Ok((Arc::new(stored), None));
            }
            Err(error) if Outcome::of(&error) == Outcome::KeyringWait => return Ok((waiting.credential, Some(error))),
            Err(error) if self.parts.vault.is_removed(id)? => {
                self.parts.unsaved.remove(id);
                return Err(error);
            }
            // An older one, or one that was lost: this is the newest there is.
            Ok(_) | Err(_) => {}
        }
        let unsaved = self.parts.vault.save(id, &waiting.credential, self.now().wall).await.err();
        if unsaved.is_none() {
            self.parts.unsaved.remove(id);
            self.strike_out();
            self.note(Event::Saved);
        }
        Ok((waiting.credential, unsaved))
    }

    /// Asks for new tokens, once that is written down.
    async fn ask(&self, old: &Credential, fingerprint: Fingerprint) -> Result<Credential, Error> {
        let now = self.now().wall;
        let begin = || {
            trace!(step = "begin", "renewal");
            let account = self.account.id.clone();
            let begun = self.parts.journal.begin_renewal(&OpenRenewal { account, fingerprint, begun_at: now });
            trace!(step = "begun", "renewal");
            begun
        };
        let new = match old {
            Credential::OAuth(old) => {
                let broker = self.parts.broker.as_ref().ok_or_else(|| Error::new(ErrorCode::NoBroker))?;
                begin()?;
                match broker.refresh(self.account.provider, old, now).await {
                    Ok(answer) => Credential::OAuth(renewed(old.copied(), answer, self.now().wall)),
                    Err(refusal) => {
                        self.keep_session(old, refusal.session).await;
                        return Err(*refusal.error);
                    }
                }
            }
            Credential::Sametime(old) => {
                begin()?;
                Credential::Sametime(sametime::refresh(&self.parts.http, &self.base, old, now).await?)
            }
        };
        trace!(step = "answered", "renewal");
        Ok(new.stamped(self.now().uptime))
    }

    /// Saves a renewed credential; where that fails it waits in memory and is used all the same.
    async fn keep(&self, new: Credential, from: Fingerprint) -> Done {
        let (id, new) = (&self.account.id, Arc::new(new));
        let unsaved = match self.parts.vault.save(id, &new, self.now().wall).await {
            Ok(()) => {
                trace!(step = "saved", "renewal");
                self.parts.unsaved.remove(id);
                self.strike_out();
                trace!(step = "ended", "renewal");
                None
            }
            Err(error) => {
                tracing::warn!(account = %id, code = ?error.code, "renewed tokens wait in memory: the keyring did not take them");
                self.parts.unsaved.put(id, Arc::clone(&new), from);
                Some(error)
            }
        };
        let renewal = match &*new {
            Credential::OAuth(new) => {
                let (scopes, ends) = (new.scopes.clone(), new.ends);
                Renewal { at: new.issued_at, expires_at: Some(new.expires_at), scopes, ends }
            }
            Credential::Sametime(new) => {
                Renewal { at: new.issued_at, expires_at: None, scopes: Vec::new(), ends: Ends::default() }
            }
        };
        Done { credential: new, renewal: Some(renewal), unsaved }
    }

    /// Keeps what a refusal said about the broker's session. Best effort: the refusal is what the caller is told, and where
    /// this fails the next refresh says the same.
    async fn keep_session(&self, old: &OAuthCredential, word: SessionWord) {
        let now = self.now().wall;
        if let Some(kept) = after_refusal(old.copied(), word, now)
            && let Err(error) = self.parts.vault.save(&self.account.id, &Credential::OAuth(kept), now).await
        {
            tracing::debug!(account = %self.account.id, code = ?error.code, "the broker's session was not kept");
        }
    }

    /// Best effort: an open journal costs one question more.
    fn strike_out(&self) {
        if let Err(error) = self.parts.journal.end_renewal(&self.account.id) {
            tracing::warn!(account = %self.account.id, code = ?error.code, "the journal could not be brought up to date");
        }
    }

    fn note(&self, event: Event) {
        let now = self.now();
        let asked = match event {
            Event::Ended(Outcome::Transient { retry_at: Some(at), .. }) => (at - now.wall).to_std().ok(),
            _ => None,
        };
        self.parts.lives.note(&self.account.id, event, now.uptime, asked);
    }

    fn now(&self) -> Moment {
        self.parts.moment()
    }
}

/// How fresh `credential` is; a rejected one is stale.
pub(super) fn freshness(credential: &Credential, rejected: Option<DateTime<Utc>>, now: Moment) -> Freshness {
    if rejected == Some(credential.issued_at()) { Freshness::Stale } else { credential.freshness(now) }
}

/// Whether the keyring's credential is the one that the waiting one was renewed from, or is that one itself.
fn is_elder(stored: &Credential, waiting: &Credential, from: Fingerprint) -> bool {
    let stored = Fingerprint::of(stored);
    stored == from || stored == Fingerprint::of(waiting)
}

#[cfg(test)]
mod model;
#[cfg(test)]
pub mod played;
#[cfg(test)]
mod schedules;
