//! The broker of an organisation, in the dialect that it speaks: chosen here and nowhere else.
//!
//! Staying signed in and taking back are asked of either in the same words. Signing in is not: Convoke's broker leads a
//! browser back to the app, the old kind shows a token on a page.

use chrono::{DateTime, Utc};
use convoke_broker_api::ProvidersAnswer;
use url::Url;

use super::{
    broker_client::{self, BrokerClient, Refusal},
    domi_client::{self, DomiClient},
};
use crate::{
    account::ProviderKind,
    credential::{OAuthCredential, TokenAnswer},
    error::Error,
    http::{HttpAnswer, HttpClient},
    profile::{Dialect, Profile},
};

/// The broker of one organisation.
#[derive(Clone)]
pub enum Broker {
    /// Convoke's own.
    Convoke(BrokerClient),
    /// One of the kind that Convoke's replaces.
    Domi(DomiClient),
    /// One in memory, for the tests of a renewal.
    #[cfg(test)]
    Played(std::sync::Arc<super::renewal::played::House>),
}

impl Broker {
    /// The broker that `profile` names, if any; `http` allows its origin.
    #[must_use]
    pub fn of(profile: &Profile, http: &HttpClient) -> Option<Self> {
        let base = profile.broker.clone()?;
        Some(match profile.dialect {
            Dialect::Convoke => Self::Convoke(BrokerClient::new(http.clone(), base)),
            Dialect::Domi => Self::Domi(DomiClient::new(http.clone(), base)),
        })
    }

    /// Its origin, as accounts remember it.
    #[must_use]
    pub fn origin(&self) -> String {
        match self {
            Self::Convoke(client) => client.origin(),
            Self::Domi(client) => client.origin(),
            #[cfg(test)]
            Self::Played(_) => String::new(),
        }
    }

    /// The address by which it is known: what stands there is read by [`Broker::recognise`].
    #[must_use]
    pub fn front(&self) -> Url {
        match self {
            Self::Convoke(client) => client.front(),
            Self::Domi(client) => client.front(),
            #[cfg(test)]
            Self::Played(_) => unreachable!("it has no address"),
        }
    }

    /// Whether the answer at its [`Broker::front`] is a broker's; the version of its contract, where it says one. Pure.
    ///
    /// # Errors
    /// Where something else answered, or the broker is down.
    pub fn recognise(&self, answer: &HttpAnswer) -> Result<Option<String>, Error> {
        match self {
            Self::Convoke(_) => broker_client::recognise(answer).map(Some),
            Self::Domi(_) => domi_client::recognise(answer).map(|()| None),
            #[cfg(test)]
            Self::Played(_) => unreachable!("it has no address"),
        }
    }

    /// Which providers it serves; none where it answers and has no way to say.
    ///
    /// # Errors
    /// Where it cannot be reached or is no broker.
    pub async fn providers(&self) -> Result<Option<ProvidersAnswer>, Error> {
        match self {
            Self::Convoke(client) => client.providers().await.map(Some),
            Self::Domi(client) => client.reach().await.map(|()| None),
            #[cfg(test)]
            Self::Played(_) => Ok(None),
        }
    }

    /// Whether it can revoke at `provider`, where that is known without asking it.
    #[must_use]
    pub fn revokes(&self, provider: ProviderKind) -> Option<bool> {
        match self {
            Self::Convoke(_) => None,
            Self::Domi(_) => Some(DomiClient::revokes(provider)),
            #[cfg(test)]
            Self::Played(_) => Some(false),
        }
    }

    /// Asks for new tokens.
    ///
    /// # Errors
    /// `SignInRequired` only on the broker's own word; anything else keeps the credential.
    pub async fn refresh(
        &self,
        provider: ProviderKind,
        credential: &OAuthCredential,
        now: DateTime<Utc>,
    ) -> Result<TokenAnswer, Refusal> {
        match self {
            Self::Convoke(client) => client.refresh(provider, credential, now).await,
            Self::Domi(client) => Ok(client.refresh(provider, &credential.refresh).await?),
            #[cfg(test)]
            Self::Played(house) => house.refresh(credential),
        }
    }

    /// Revokes the credential at the provider; false where there is no revocation.
    ///
    /// # Errors
    /// Where the broker or the provider cannot be reached, or refuses.
    pub async fn revoke(&self, provider: ProviderKind, credential: &OAuthCredential) -> Result<bool, Error> {
        match self {
            Self::Convoke(client) => client.revoke(provider, credential).await,
            Self::Domi(client) => client.revoke(provider, &credential.refresh).await,
            #[cfg(test)]
            Self::Played(_) => Ok(false),
        }
    }
}
