//! One renewal, from the journal to the keyring: the only place where tokens are asked for and replaced.
//!
//! Under the account's lock: read again, write down that it begins, ask, save, strike it out. A crash at any step leaves either
//! the old token and an open journal (asking again with that token gives the answer that was lost), or the new one.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use tracing::trace;
use url::Url;

use super::{sametime, session::SessionParts, unsaved::MOST_RENEWALS};
use crate::{
    account::Account,
    clock::Moment,
    credential::{
        Credential, Ends, Freshness, OAuthCredential, Renewal, SessionWord, after_refusal,
        fingerprint::Fingerprint,
        life::{Event, Outcome, RESTORED, Reason},
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

/// The account's lock, for as long as anybody works under it.
type Held = Arc<dyn std::any::Any + Send + Sync>;

/// At most so many answers in a row are taken for copies: one for each hour that a broker keeps them.
const LONGEST_CHAIN: u32 = 24;

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
            Err(error) if self.parts.vault.is_removed(id)? => Err(error),
            // Locked, emptied or damaged: this is the only one there is.
            Err(_) => Ok(waiting.credential),
        }
    }

    /// Renews, unless what is kept is as wanted. The lock is the account's, and held to the end.
    pub(super) async fn run<L: Send + Sync + 'static>(self, lock: L, want: Want) -> Result<Done, Error> {
        self.note(Event::Asked);
        let lock: Held = Arc::new(lock);
        let result = self.renew(&lock, want).await;
        match &result {
            Ok(Done { unsaved: Some(_), .. }) => self.note(Event::NotSaved),
            Ok(Done { renewal: Some(_), .. }) => self.note(Event::Ended(Outcome::Refreshed)),
            Ok(Done { renewal: None, .. }) => self.note(Event::Ended(Outcome::Unchanged)),
            Err(error) => self.note(Event::Ended(Outcome::of_renewal(error))),
        }
        result
    }

    async fn renew(&self, lock: &Held, want: Want) -> Result<Done, Error> {
        let (mut stored, mut unsaved) = self.reconciled(lock).await?;
        let (mut asked_before, mut copies) = (false, 0);
        // After a crash answers may be the broker's copies, one for each renewal that was never saved.
        let may_be_copies = unsaved.is_none() && self.parts.journal.open_renewal(&self.account.id)?.is_some();
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
            if let Some(error) = unsaved.take_if(|_| self.has_waited_too_often()) {
                return Err(error);
            }
            let error = match self.ask(lock, &stored, fingerprint, unsaved.is_none()).await {
                Ok(new) => {
                    let done = self.keep(lock, new, fingerprint).await;
                    // Of an old copy the access token is over; its refresh token leads to the next.
                    let is_over = freshness(&done.credential, None, self.now()) == Freshness::Stale;
                    if !(may_be_copies && is_over) || copies == LONGEST_CHAIN {
                        return Ok(done);
                    }
                    copies += 1;
                    (stored, unsaved) = (done.credential, done.unsaved);
                    continue;
                }
                Err(error) => error,
            };
            let Outcome::Rejected(reason) = Outcome::of(&error) else { return Err(error) };
            // A "no" is about the token that was sent, and about no other.
            let (again, still_unsaved) = self.reconciled(lock).await?;
            if asked_before || Fingerprint::of(&again) == fingerprint {
                self.strike_out();
                self.parts.lives.refuse(&self.account.id, fingerprint, reason, self.now().uptime);
                return Err(self.explained(error, fingerprint));
            }
            (stored, unsaved, asked_before) = (again, still_unsaved, true);
        }
    }

    /// The credential to go on with, after what waits in memory was saved; and why it still waits, where it does.
    async fn reconciled(&self, lock: &Held) -> Result<(Arc<Credential>, Option<Error>), Error> {
        let id = &self.account.id;
        let stored = self.parts.vault.load(id).await;
        let Some(waiting) = self.parts.unsaved.of(id) else { return Ok((Arc::new(stored?), None)) };
        match stored {
            Ok(stored) if !is_elder(&stored, &waiting.credential, waiting.from) => {
                // Somebody signed in again, or another process was given the same answer and went on.
                self.parts.unsaved.remove(id);
                self.note(Event::Saved);
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
        let unsaved = self.save(lock, &waiting.credential).await.err();
        if unsaved.is_none() {
            self.parts.unsaved.remove(id);
            self.strike_out();
            self.note(Event::Saved);
        }
        Ok((waiting.credential, unsaved))
    }

    /// Asks for new tokens, once that is written down. While renewed tokens wait in memory the journal keeps the token that the
    /// keyring has: a crash begins there.
    async fn ask(
        &self,
        lock: &Held,
        old: &Credential,
        fingerprint: Fingerprint,
        is_kept: bool,
    ) -> Result<Credential, Error> {
        let now = self.now().wall;
        let begin = || {
            if !is_kept {
                return Ok(());
            }
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
                        if is_kept {
                            self.keep_session(lock, old, refusal.session).await;
                        }
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
    async fn keep(&self, lock: &Held, new: Credential, from: Fingerprint) -> Done {
        let (id, new) = (&self.account.id, Arc::new(new));
        let unsaved = match self.save(lock, &new).await {
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
        let has_rotated = Fingerprint::of(&new) != from;
        let renewal = match &*new {
            Credential::OAuth(new) => {
                let (scopes, ends) = (new.scopes.clone(), new.ends);
                Renewal { at: new.issued_at, expires_at: Some(new.expires_at), scopes, ends, has_rotated }
            }
            Credential::Sametime(new) => {
                Renewal { at: new.issued_at, expires_at: None, scopes: Vec::new(), ends: Ends::default(), has_rotated }
            }
        };
        Done { credential: new, renewal: Some(renewal), unsaved }
    }

    /// Keeps what a refusal said about the broker's session. Best effort: the refusal is what the caller is told, and where
    /// this fails the next refresh says the same.
    async fn keep_session(&self, lock: &Held, old: &OAuthCredential, word: SessionWord) {
        if let Some(kept) = after_refusal(old.copied(), word, self.now().wall)
            && let Err(error) = self.save(lock, &Credential::OAuth(kept)).await
        {
            tracing::debug!(account = %self.account.id, code = ?error.code, "the broker's session was not kept");
        }
    }

    /// Saves with the account's lock in hand: where the keyring holds the call, the lock is held as long as that.
    async fn save(&self, lock: &Held, credential: &Credential) -> Result<(), Error> {
        let (id, now) = (&self.account.id, self.now().wall);
        self.parts.vault.save_holding(id, credential, now, Box::new(Arc::clone(lock))).await
    }

    /// Whether no further renewal may wait in memory: past this a crash would lose the sign-in.
    fn has_waited_too_often(&self) -> bool {
        self.parts.unsaved.of(&self.account.id).is_some_and(|waiting| waiting.renewals >= MOST_RENEWALS)
    }

    /// The error, with the cause where the keyring had an older credential than was kept last.
    fn explained(&self, error: Error, sent: Fingerprint) -> Error {
        let is_older = self.parts.vault.is_older(&self.account.id, sent).unwrap_or_default();
        if is_older && Outcome::of(&error) == Outcome::Rejected(Reason::Refused) {
            error.detail(RESTORED)
        } else {
            error
        }
    }

    /// Best effort: an open journal costs one question more.
    fn strike_out(&self) {
        if let Err(error) = self.parts.journal.end_renewal(&self.account.id) {
            tracing::warn!(account = %self.account.id, code = ?error.code, "the journal could not be brought up to date");
        }
    }

    fn note(&self, event: Event) {
        self.parts.lives.note(&self.account.id, event, self.now());
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
