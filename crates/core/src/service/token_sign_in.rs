//! Signing in through an old broker: its page shows a refresh token, and the person pastes it.
//!
//! The token is tried once before anything is kept; from there on it is a sign-in like any other.

use url::Url;

use super::{
    Core,
    sign_in::{SignInEnd, check_label},
};
use crate::{
    account::{AccountId, Binding, ProviderKind},
    auth::{broker::Broker, domi_client::DomiClient},
    credential::{Credential, RefreshToken, adopted},
    error::{Error, ErrorCode, FieldIssue, IssueCode},
};

impl Core {
    /// The page to open in the browser: it signs in at `kind` and then shows the token to paste. Holds no secret.
    ///
    /// # Errors
    /// `NoBroker`; `InvalidInput` where one signs in to the provider otherwise under this profile.
    pub fn token_page(&self, kind: ProviderKind) -> Result<Url, Error> {
        let (broker, _) = self.old_broker(kind)?;
        broker.start_page(kind).ok_or_else(|| otherwise(kind))
    }

    /// Signs in with the token that the page showed.
    ///
    /// # Errors
    /// `InvalidInput` at `token` where the provider does not take it, at `label` or `account`; the broker's, the provider's
    /// and the keyring's. Nothing is kept then.
    pub async fn sign_in_with_token(
        &self,
        kind: ProviderKind,
        token: RefreshToken,
        label: Option<String>,
        account: Option<AccountId>,
    ) -> Result<SignInEnd, Error> {
        let label = label.as_deref().map(check_label).transpose()?;
        let account = account.map(|id| self.account_of(&id, kind)).transpose()?;
        let (broker, binding) = self.old_broker(kind)?;
        self.0.vault.probe().await.map_err(|error| error.from_provider(kind))?;
        let answer = broker.refresh(kind, &token).await.map_err(|error| {
            let error = match error.code {
                ErrorCode::SignInRequired => Error::invalid(vec![FieldIssue::new("token", IssueCode::DeadToken)]),
                _ => error,
            };
            error.from_provider(kind)
        })?;
        let credential = Credential::OAuth(adopted(token, answer, self.now()));
        let newcomer = self.keep_newcomer(kind, binding, label, credential).await?;
        self.identify(newcomer, account).await
    }

    fn old_broker(&self, kind: ProviderKind) -> Result<(DomiClient, Binding), Error> {
        let organisation = self.organisation();
        match (organisation.broker, organisation.profile.binding(kind)) {
            (Some(Broker::Domi(broker)), Some(binding)) if binding.broker.is_some() => Ok((broker, binding)),
            (None, _) => Err(Error::new(ErrorCode::NoBroker).from_provider(kind)),
            _ => Err(otherwise(kind)),
        }
    }
}

fn otherwise(kind: ProviderKind) -> Error {
    let issue = FieldIssue::with_detail("provider", IssueCode::NotPossible, "its sign-in here is not by token");
    Error::invalid(vec![issue]).from_provider(kind)
}
