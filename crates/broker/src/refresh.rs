//! A refresh that can be neither spent twice nor lost: one upstream call for equal ones in flight, here and at other
//! instances, and a sealed copy of the answer to a rotated token for the session that lost it.

use std::{sync::Arc, time::Duration};

use convoke_broker_api::{TokenAnswer, TokenTypeHint, WireSecret};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::time::{Instant, interval_at, sleep};
use tracing::{info, warn};

use crate::{
    metrics::Event,
    random,
    refusal::Refusal,
    replay::ReplayKey,
    routes::Broker,
    sealing::Derivation,
    session::Session,
    store::{Leases, ReplayCopy, ReplayIndex, SessionId},
};

/// A lease ends so soon where its holder was killed; who lives prolongs it.
const LEASE_SECONDS: u64 = 10;
const PROLONG_EVERY: Duration = Duration::from_secs(3);
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// How long another instance's call is waited for: longer than a dead one's lease.
const LONGEST_WAIT: Duration = Duration::from_secs(25);

/// What a refresh came to; shared by everybody who asked the same.
pub(crate) type Outcome = Result<TokenAnswer, Refusal>;

/// Refreshes `token` at the provider of that number for `session`, or joins whoever is at it.
/// `derivation` is that of `token`.
pub(crate) async fn refresh(
    broker: &Arc<Broker>,
    provider: usize,
    token: SecretString,
    derivation: &Derivation,
    session: Option<&Session>,
) -> Outcome {
    let id = session.map_or(SessionId([0; 16]), |session| session.id);
    let key = ReplayKey::new(&broker.registrations[provider].name, id, derivation);
    let index = key.index;
    let mut is_first = false;
    let outcome = broker.flights.join(index, || {
        is_first = true;
        let flight = Flight { broker: Arc::clone(broker), provider, token, session: session.cloned(), key };
        flight.run()
    });
    let outcome = outcome.await;
    if !is_first {
        broker.metrics.event(Event::RefreshShared, 1);
    }
    outcome.unwrap_or(Err(Refusal::broker_unavailable()))
}

/// Makes `call` while no other instance is at the same refresh: two calls with one rotating token would end the whole sign-in.
/// `call` is told whether another one was waited for.
///
/// # Errors
/// The store does not answer, or the other instance does not end.
pub(crate) async fn leased<T>(
    broker: &Broker,
    index: ReplayIndex,
    call: impl AsyncFnOnce(bool) -> T,
) -> Result<T, Refusal> {
    // The refreshes of one instance share a flight already.
    let Some(leases) = broker.store.leases() else { return Ok(call(false).await) };
    Box::pin(held(leases, index, call)).await
}

async fn held<T>(leases: &dyn Leases, index: ReplayIndex, call: impl AsyncFnOnce(bool) -> T) -> Result<T, Refusal> {
    let owner = random::bytes();
    let started = Instant::now();
    let mut waited = false;
    while !leases.lease(index, owner, LEASE_SECONDS).await.map_err(|_| Refusal::broker_unavailable())? {
        if started.elapsed() > LONGEST_WAIT {
            return Err(Refusal::provider_timeout());
        }
        waited = true;
        sleep(LOOK_EVERY).await;
    }
    let mut prolong = interval_at(Instant::now() + PROLONG_EVERY, PROLONG_EVERY);
    let told = {
        let call = call(waited);
        tokio::pin!(call);
        loop {
            tokio::select! {
                told = call.as_mut() => break told,
                _ = prolong.tick() => drop(leases.lease(index, owner, LEASE_SECONDS).await),
            }
        }
    };
    if leases.release(index, owner).await.is_err() {
        warn!("a lease could not be given back; it ends by itself");
    }
    Ok(told)
}

/// One refresh on its way.
struct Flight {
    broker: Arc<Broker>,
    provider: usize,
    token: SecretString,
    session: Option<Session>,
    key: ReplayKey,
}

impl Flight {
    async fn run(self) -> Outcome {
        let call = async |waited: bool| match self.kept().await {
            Ok(Some(answer)) => Ok(answer),
            // Without copies nobody can say what the other instance's call came to: the token may be spent.
            Ok(None) if waited && !self.keeps_copies() => Err(Refusal::provider_unavailable(Some(1))),
            Ok(None) => self.ask().await,
            Err(refusal) => Err(refusal),
        };
        leased(&self.broker, self.key.index, call).await?
    }

    fn keeps_copies(&self) -> bool {
        self.broker.replay > 0 && self.session.is_some()
    }

    /// The answer of an earlier call with the same token in the same session.
    async fn kept(&self) -> Result<Option<TokenAnswer>, Refusal> {
        if !self.keeps_copies() {
            return Ok(None);
        }
        let now = self.broker.clock.now();
        let sealed = self.broker.store.copy(self.key.index, now).await.map_err(|_| Refusal::broker_unavailable())?;
        let answer = sealed.and_then(|sealed| self.key.open(&sealed, now));
        if answer.is_some() {
            self.broker.metrics.event(Event::ReplayServed, 1);
            info!(target: "convoke_broker::audit", event = "replay_served", session = %self.session_text());
        }
        Ok(answer)
    }

    async fn ask(&self) -> Outcome {
        let registration = &self.broker.registrations[self.provider];
        let answered = self.broker.calls.refresh(registration, self.token.expose_secret()).await?;
        let answer = answered.granted.answer;
        let new = answer.refresh_token.as_ref().map(WireSecret::expose_secret);
        if let Some(session) = &self.session
            && !self.broker.session_stands(session).await.unwrap_or(true)
        {
            // Ended while the provider was at it: nobody may have these tokens.
            if let Some(new) = new {
                let revoke = self.broker.calls.revoke(registration, new, Some(TokenTypeHint::RefreshToken));
                let _ = Box::pin(revoke).await;
            }
            return Err(Refusal::session());
        }
        let rotated = new.filter(|new| *new != self.token.expose_secret());
        if let Some(new) = rotated.filter(|_| self.keeps_copies()) {
            self.keep(&answer, new).await;
        }
        Ok(answer)
    }

    /// Keeps the answer until the session has surely got it. It comes first and the answer second; where it fails, the
    /// answer is all the more worth sending.
    async fn keep(&self, answer: &TokenAnswer, new: &str) {
        let Some(session) = &self.session else { return };
        let provider = &self.broker.registrations[self.provider].name;
        let next = ReplayKey::new(provider, session.id, &Derivation::of(new.as_bytes()));
        let now = self.broker.clock.now();
        let copy = ReplayCopy {
            index: self.key.index,
            next: next.index,
            session: session.id,
            sealed: self.key.seal(answer, now),
            expires_at: now + self.broker.replay,
        };
        if self.broker.store.keep_copy(copy, now).await.is_err() {
            warn!("the sealed copy of an answer could not be kept");
        }
    }

    fn session_text(&self) -> String {
        self.session.as_ref().map(|session| session.id.to_string()).unwrap_or_default()
    }
}
