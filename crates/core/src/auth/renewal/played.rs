//! A whole house in memory for the tests of a renewal: a provider of single use behind a broker that gives a lost answer again, a
//! keyring that can be locked, a journal that outlives its process. Nothing here waits, so a schedule can be played step by step.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use secrecy::ExposeSecret;

use super::*;
use crate::{
    account::{AccountId, Binding, Identity, ProviderKind},
    auth::{broker::Broker, broker_client::Refusal, lives::Lives, pace::Pace, unsaved::Unsaved},
    clock::uptime_by,
    credential::{AccessToken, BrokerSession, Ends, Limits, RefreshToken, TokenAnswer},
    error::Answer,
    http::HttpClient,
    provider::script::now,
    storage::{CredentialIndex, CredentialStore, Glance, Mark, RenewalJournal, vault::Vault},
};

/// What the next question to the broker meets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Weather {
    /// An answer.
    #[default]
    Fine,
    /// The provider has answered, and the answer does not arrive.
    Lost,
    /// A network's sign-in page.
    Portal,
    /// The provider is down.
    Down,
}

/// What outlives a process: everything but its memory.
#[expect(clippy::struct_excessive_bools, reason = "each is there or not, by itself")]
#[derive(Default)]
pub(super) struct World {
    /// The number of the refresh token that the provider takes.
    pub current: u64,
    /// Spent tokens and what came of them, as the broker keeps them.
    copies: BTreeMap<u64, u64>,
    /// Whether the copies are so old that their access tokens are over; each leads to the next.
    pub copies_are_old: bool,
    /// How often the provider was asked with each token.
    pub uses: BTreeMap<u64, u32>,
    /// How often the broker was asked.
    pub asked: u32,
    /// Whether the person, or an administrator, ended the sign-in at the provider.
    pub revoked: bool,
    /// What the next question meets.
    pub weather: Weather,
    /// The number that the keyring has, and its access token's.
    pub kept: Option<u64>,
    /// When that was saved, in seconds of the clocks.
    kept_at: i64,
    /// Whether the keyring takes and gives nothing.
    pub locked: bool,
    /// Whether the keyring takes nothing.
    pub full: bool,
    /// Whether the process dies at its next write.
    pub dies_at_write: bool,
    /// The journal.
    pub open: Option<OpenRenewal>,
    /// How often something was deleted from the keyring.
    pub deletions: u32,
    /// Seconds that the clocks have run.
    pub seconds: i64,
}

/// The house. Clones are one.
#[derive(Clone)]
pub struct House {
    world: Arc<Mutex<World>>,
    /// Called between any two steps: others may go on there.
    pause: fn(),
}

impl House {
    /// A signed-in account whose access token is over.
    pub(super) fn new(pause: fn()) -> Self {
        let world = World { current: 1, kept: Some(1), kept_at: -7200, ..World::default() };
        Self { world: Arc::new(Mutex::new(world)), pause }
    }

    /// The world, for a look and for weather.
    pub(super) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One process in it. `http` is sent nowhere.
    pub(super) fn process(&self, http: &HttpClient) -> Renewing {
        let house = Arc::new(self.clone());
        let clock = {
            let house = self.clone();
            Arc::new(move || now() + chrono::Duration::seconds(house.world().seconds))
        };
        let parts = SessionParts {
            http: http.clone(),
            broker: Some(Broker::Played(house.clone())),
            vault: Vault::new(house.clone(), house.clone()),
            journal: house,
            locks: std::path::PathBuf::new(),
            uptime: uptime_by(clock.clone()),
            clock,
            lives: Lives::default(),
            unsaved: Unsaved::default(),
            pace: Pace::default(),
        };
        Renewing { parts, account: account(), base: "http://127.0.0.1:1/".parse().unwrap() }
    }

    /// Asks for new tokens, as the provider behind the broker does.
    pub(crate) fn refresh(&self, sent: &OAuthCredential) -> Result<TokenAnswer, Refusal> {
        (self.pause)();
        let mut world = self.world();
        world.asked += 1;
        let number = number_of(sent);
        let weather = std::mem::take(&mut world.weather);
        let refusal = |code| Err(Refusal::from(Error::new(code)));
        match weather {
            Weather::Portal => return refusal(ErrorCode::Intercepted),
            Weather::Down => return refusal(ErrorCode::Unavailable),
            Weather::Fine | Weather::Lost => {}
        }
        let (mut answer, mut expires_in) = (number, 3600);
        if world.copies_are_old
            && let Some(next) = world.copies.get(&number)
        {
            (answer, expires_in) = (*next, 0);
        } else if world.copies.contains_key(&number) {
            while let Some(next) = world.copies.get(&answer) {
                answer = *next;
            }
        } else {
            *world.uses.entry(number).or_default() += 1;
            if world.revoked || number != world.current {
                return refusal(ErrorCode::SignInRequired);
            }
            answer = number + 1;
            world.current = answer;
            world.copies.insert(number, answer);
        }
        drop(world);
        (self.pause)();
        if weather == Weather::Lost {
            return refusal(ErrorCode::Unreachable);
        }
        Ok(TokenAnswer {
            access: AccessToken::new(format!("access-{answer}")),
            refresh: Some(RefreshToken::new(format!("refresh-{answer}"))),
            expires_in,
            scopes: None,
            session: None,
            limits: Limits::default(),
        })
    }
}

/// The number in a token.
pub(super) fn number_of(credential: &OAuthCredential) -> u64 {
    credential.refresh.0.expose_secret().rsplit('-').next().unwrap().parse().unwrap()
}

/// The number in a credential's refresh token.
pub(super) fn number(credential: &Credential) -> u64 {
    match credential {
        Credential::OAuth(credential) => number_of(credential),
        Credential::Sametime(_) => unreachable!("this house has none"),
    }
}

fn account() -> Account {
    let (id, kind) = (AccountId::new(ProviderKind::Zoom, [0; 6]), ProviderKind::Zoom);
    let identity = Identity { subject: "1".to_owned(), address: "ana@example.com".to_owned(), name: None };
    Account::new(id, kind, identity, Binding { broker: None, api_base: "http://127.0.0.1:1".to_owned() })
}

impl CredentialStore for House {
    fn load<'a>(&'a self, _account: &'a AccountId) -> Answer<'a, Option<Credential>> {
        Box::pin(async {
            (self.pause)();
            let world = self.world();
            if world.locked {
                return Err(Error::new(ErrorCode::KeyringLocked));
            }
            let issued_at = now() + chrono::Duration::seconds(world.kept_at);
            Ok(world.kept.map(|number| {
                Credential::OAuth(OAuthCredential {
                    access: Some(AccessToken::new(format!("access-{number}"))),
                    expires_at: issued_at + chrono::Duration::hours(1),
                    issued_at,
                    refresh: RefreshToken::new(format!("refresh-{number}")),
                    scopes: Vec::new(),
                    session: None::<BrokerSession>,
                    issued_up: None,
                    ends: Ends::default(),
                })
            }))
        })
    }

    fn save<'a>(&'a self, _account: &'a AccountId, credential: &'a Credential) -> Answer<'a, ()> {
        Box::pin(async move {
            (self.pause)();
            if self.world().dies_at_write {
                // Until the process is gone.
                std::future::pending::<()>().await;
            }
            let mut world = self.world();
            if world.locked || world.full {
                return Err(Error::new(ErrorCode::KeyringLocked));
            }
            world.kept = Some(number(credential));
            world.kept_at = world.seconds;
            drop(world);
            (self.pause)();
            Ok(())
        })
    }

    fn forget<'a>(&'a self, _account: &'a AccountId) -> Answer<'a, ()> {
        self.world().deletions += 1;
        Box::pin(async { Ok(()) })
    }

    fn probe(&self) -> Answer<'_, ()> {
        unreachable!("a renewal probes nothing")
    }

    fn glance(&self) -> Answer<'_, Glance> {
        let is_locked = self.world().locked;
        Box::pin(async move { Ok(Glance { back_end: "memory".to_owned(), is_locked }) })
    }
}

impl CredentialIndex for House {
    fn mark(&self, _account: &AccountId) -> Result<Option<Mark>, Error> {
        Ok(Some(Mark { back_end: "memory".to_owned(), fingerprint: None }))
    }

    fn put_mark(&self, _account: &AccountId, _mark: &Mark, _at: DateTime<Utc>) -> Result<(), Error> {
        Ok(())
    }

    fn drop_mark(&self, _account: &AccountId) -> Result<(), Error> {
        self.world().deletions += 1;
        Ok(())
    }
}

impl RenewalJournal for House {
    fn begin_renewal(&self, renewal: &OpenRenewal) -> Result<(), Error> {
        (self.pause)();
        self.world().open = Some(renewal.clone());
        Ok(())
    }

    fn open_renewal(&self, _account: &AccountId) -> Result<Option<OpenRenewal>, Error> {
        (self.pause)();
        Ok(self.world().open.clone())
    }

    fn open_renewals(&self) -> Result<Vec<OpenRenewal>, Error> {
        Ok(self.world().open.iter().cloned().collect())
    }

    fn end_renewal(&self, _account: &AccountId) -> Result<(), Error> {
        (self.pause)();
        self.world().open = None;
        Ok(())
    }
}
