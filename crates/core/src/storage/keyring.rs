//! Credentials in the operating system's keyring: one item per account, and a second one that can be spared.
//!
//! | user of the item | holds | when it is lost |
//! | --- | --- | --- |
//! | `account/ID` | what the account lives on: the refresh token and the broker's session, or the session of Sametime | sign in again |
//! | `access/ID` | the access token of that same issue | one refresh |
//! | `revoke/ID` | the first of the two of an account that was removed, until its provider can be told, seven days at most | the provider is not told |
//! | `probe/RANDOM` | nothing of worth; there for a moment | nothing |
//!
//! Each of the first two may stand in several items ([`parts`]), since some keyrings take little in one.
//!
//! `account/ID` is written last: that is the commit. An access token counts only with the issue of its account, so one that came
//! before a crash without its account counts for nothing.
//! Everything runs on one thread ([`worker`]), because a locked keyring may hold a call until a person answers. Nothing
//! is deleted because a read found nothing, and nothing falls back to a file or to memory.

use std::sync::Arc;

use tracing::{debug, warn};
use zeroize::Zeroizing;

use self::{
    failure::Failure,
    glance::Eyes,
    parts::Items as _,
    store::Store,
    worker::{Act, Unanswered, Worker},
};
use super::{CredentialStore, Glance, Guard};
use crate::{
    account::AccountId,
    credential::Credential,
    error::{Answer, Error, ErrorCode},
};

mod failure;
mod glance;
mod item;
mod parts;
mod store;
mod worker;

/// The keyring of the person who is logged in.
///
/// Each call answers within five seconds. A keyring that asks the person for a password does so in a window of its own,
/// for as long as it likes: the call then answers `KeyringLocked`, and so does every call until that window is answered.
/// A keyring that was absent, or that was started again, is found by the next call; after one that was ended under its window, by
/// the next call after a look.
pub struct Keyring {
    worker: Arc<Worker<Store>>,
    eyes: Arc<Worker<Eyes>>,
}

impl Keyring {
    /// The keyring, not touched yet: its thread starts with the first call.
    #[must_use]
    pub fn start() -> Self {
        Self { worker: Arc::new(Worker::new(Store::default)), eyes: Arc::new(Worker::new(Eyes::default)) }
    }

    async fn ask<T: Send + 'static>(
        &self,
        step: &'static str,
        act: Act,
        work: impl FnOnce(&mut Store) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Error> {
        debug!(step, "keyring");
        settled(step, self.worker.ask(act, work).await)
    }
}

fn settled<T>(step: &'static str, answer: Result<Result<T, Failure>, Unanswered>) -> Result<T, Error> {
    let failure = match answer {
        Ok(Ok(value)) => return Ok(value),
        Ok(Err(failure)) => failure,
        Err(Unanswered::TooLate) => Failure::NO_ANSWER,
        Err(Unanswered::Died) => Failure::DIED,
    };
    debug!(step, failure = failure.detail, "keyring");
    Err(failure.into())
}

impl CredentialStore for Keyring {
    fn load<'a>(&'a self, account: &'a AccountId) -> Answer<'a, Option<Credential>> {
        let names = Names::of(account);
        Box::pin(self.ask("load", Act::Reads, move |store| load(store, &names)))
    }

    fn save<'a>(&'a self, account: &'a AccountId, credential: &'a Credential) -> Answer<'a, ()> {
        self.save_holding(account, credential, Box::new(()))
    }

    fn save_holding<'a>(&'a self, account: &'a AccountId, credential: &'a Credential, guard: Guard) -> Answer<'a, ()> {
        let names = Names::of(account);
        let items = item::encode(credential).and_then(|main| Ok((main, item::encode_access(credential)?)));
        Box::pin(async move {
            let (main, access) = items.map_err(|_| Error::new(ErrorCode::KeyringFailed).detail("encode"))?;
            self.ask("save", Act::Writes, move |store| {
                // A call that a window holds goes on after its asker gave up; nobody else may write meanwhile.
                let saved = save(store, &names, &main, access.as_ref());
                drop(guard);
                saved
            })
            .await
        })
    }

    fn forget<'a>(&'a self, account: &'a AccountId) -> Answer<'a, ()> {
        let names = Names::of(account);
        Box::pin(self.ask("forget", Act::Writes, move |store| {
            parts::delete(store, &names.access)?;
            parts::delete(store, &names.revoke)?;
            parts::delete(store, &names.account)
        }))
    }

    fn put_aside<'a>(&'a self, account: &'a AccountId) -> Answer<'a, bool> {
        let names = Names::of(account);
        Box::pin(self.ask("put aside", Act::Writes, move |store| put_aside(store, &names)))
    }

    fn aside<'a>(&'a self, account: &'a AccountId) -> Answer<'a, Option<Credential>> {
        let names = Names::of(account);
        Box::pin(self.ask("aside", Act::Reads, move |store| {
            let found = parts::read(store, &names.revoke)?;
            found.map(|bytes| item::decode(&bytes).map_err(|_| Failure::DAMAGED)).transpose()
        }))
    }

    fn forget_aside<'a>(&'a self, account: &'a AccountId) -> Answer<'a, ()> {
        let names = Names::of(account);
        Box::pin(self.ask("forget aside", Act::Writes, move |store| parts::delete(store, &names.revoke)))
    }

    fn probe(&self) -> Answer<'_, ()> {
        Box::pin(self.ask("probe", Act::Reads, probe))
    }

    fn glance(&self) -> Answer<'_, Glance> {
        Box::pin(async {
            let (glance, is_another) = settled("glance", self.eyes.ask(Act::Reads, Eyes::look).await)?;
            if is_another {
                // Where the one before was ended under its window, nobody answers a call that waits for that window.
                self.worker.leave_reading();
            }
            Ok(glance)
        })
    }
}

/// The users under which an account's items stand.
struct Names {
    account: String,
    access: String,
    revoke: String,
}

impl Names {
    fn of(account: &AccountId) -> Self {
        Self {
            account: format!("account/{account}"),
            access: format!("access/{account}"),
            revoke: format!("revoke/{account}"),
        }
    }
}

fn load(store: &mut Store, names: &Names) -> Result<Option<Credential>, Failure> {
    let Some(bytes) = parts::read(store, &names.account)? else {
        // Some keyrings answer "no such item" while they are locked or not set up: a store that takes a secret is
        // believed, another one says by its error what it is.
        return probe(store).map(|()| None);
    };
    let mut credential = item::decode(&bytes).map_err(|_| Failure::DAMAGED)?;
    if let Credential::OAuth(oauth) = &mut credential {
        // A keyring that locks just now must not cost a refresh whose result it could not take: its error goes up.
        let access = match parts::read(store, &names.access) {
            // It can be spared: a damaged one is none.
            Err(Failure::DAMAGED) => None,
            access => access?,
        };
        oauth.access = access.and_then(|bytes| item::decode_access(&bytes, oauth.issued_at));
        if oauth.access.is_none() {
            debug!(step = "load", "no access token of this issue");
        }
    }
    Ok(Some(credential))
}

fn save(
    store: &mut Store,
    names: &Names,
    main: &Zeroizing<Vec<u8>>,
    access: Option<&Zeroizing<Vec<u8>>>,
) -> Result<(), Failure> {
    if let Some(access) = access
        && let Err(failure) = parts::write(store, &names.access, access)
    {
        warn!(failure = failure.detail, "the access token was not kept; the next start renews it");
    }
    parts::write(store, &names.account, main)
}

/// What is aside stands before the account's own is deleted: cut anywhere, it is at one place at least.
fn put_aside(store: &mut Store, names: &Names) -> Result<bool, Failure> {
    let Some(bytes) = parts::read(store, &names.account)? else { return Ok(false) };
    parts::write(store, &names.revoke, &bytes)?;
    parts::delete(store, &names.access)?;
    parts::delete(store, &names.account)?;
    Ok(true)
}

fn probe(store: &mut Store) -> Result<(), Failure> {
    let mut random = [0_u8; 16];
    getrandom::fill(&mut random).map_err(|_| Failure::RANDOM)?;
    let name = format!("{:032x}", u128::from_ne_bytes(random));
    let user = format!("probe/{name}");
    store.write(&user, name.as_bytes())?;
    let read = store.read(&user);
    let deleted = store.delete(&user);
    if read?.is_none_or(|bytes| bytes.as_slice() != name.as_bytes()) {
        return Err(Failure::READ_BACK);
    }
    deleted
}
