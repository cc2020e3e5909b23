//! Signing in, to its end: keyring first, tokens, who it is, and where the credential belongs.
//!
//! A credential is saved before it is used, under an id of its own; which account it becomes is decided
//! once the provider has said who signed in.

use url::Url;

use super::Core;
use crate::{
    account::{Account, AccountHealth, AccountId, Binding, Identity, ProviderKind},
    auth::{callback::Paster, lock::AccountLock, sametime, session::AuthorizedClient, sign_in::SignIn},
    credential::{Credential, Password},
    error::{Error, ErrorCode, FieldIssue, IssueCode},
    profile::{base_text, web_address},
    provider::provider,
};

const LONGEST_LABEL: usize = 60;

/// A sign-in that waits for the browser; dropping it ends it.
pub struct PendingSignIn {
    core: Core,
    provider: ProviderKind,
    label: Option<String>,
    account: Option<Account>,
    binding: Binding,
    sign_in: SignIn,
}

/// How a sign-in ended.
#[expect(clippy::large_enum_variant, reason = "there is one of it, for a moment")]
pub enum SignInEnd {
    /// A new account, or the same person again.
    Account {
        /// The account.
        account: Account,
        /// Whether it was there before.
        again: bool,
    },
    /// Somebody else than before: nothing was replaced yet.
    DifferentPerson(Replacement),
}

/// A sign-in of somebody else, waiting for the person's word.
pub struct Replacement {
    core: Core,
    account: Account,
    newcomer: Account,
}

impl Core {
    /// Starts a sign-in in the browser: keyring probe, state, verifier, listener. Opens nothing.
    ///
    /// # Errors
    /// The keyring's; `NoBroker`; `InvalidInput` for an unknown account or a provider that is signed in to otherwise.
    pub async fn begin_sign_in(
        &self,
        kind: ProviderKind,
        label: Option<String>,
        account: Option<AccountId>,
    ) -> Result<PendingSignIn, Error> {
        let label = label.as_deref().map(check_label).transpose()?;
        let account = account.map(|id| self.account_of(&id, kind)).transpose()?;
        let organisation = self.organisation();
        let (Some(broker), Some(binding)) = (&organisation.broker, organisation.profile.binding(kind)) else {
            return Err(Error::new(ErrorCode::NoBroker).from_provider(kind));
        };
        self.0.credentials.probe().await.map_err(|error| error.from_provider(kind))?;
        let sign_in = SignIn::start(broker, kind).await?;
        Ok(PendingSignIn { core: self.clone(), provider: kind, label, account, binding, sign_in })
    }

    /// Signs in to a Sametime server with a user name and a password. The password goes into one request and is gone.
    ///
    /// # Errors
    /// `InvalidInput` at `server`, `username` or `password`; the keyring's; the network's.
    pub async fn sign_in_sametime(
        &self,
        server: &str,
        username: &str,
        password: Password,
        label: Option<String>,
        account: Option<AccountId>,
    ) -> Result<SignInEnd, Error> {
        let kind = ProviderKind::Sametime;
        let label = label.as_deref().map(check_label).transpose()?;
        let account = account.map(|id| self.account_of(&id, kind)).transpose()?;
        let server = web_address("server", server.trim())?;
        if username.trim().is_empty() {
            return Err(Error::invalid(vec![FieldIssue::new("username", IssueCode::Required)]));
        }
        let binding = Binding { broker: None, api_base: base_text(&server) };
        let organisation = self.organisation();
        if !organisation.profile.allows(kind, &binding) {
            let preset = organisation.profile.sametime_server.as_ref().map(base_text).unwrap_or_default();
            return Err(Error::invalid(vec![FieldIssue::with_detail("server", IssueCode::NotPossible, &preset)]));
        }
        self.0.credentials.probe().await.map_err(|error| error.from_provider(kind))?;
        let http = organisation.http.also_allowing(&server);
        let (credential, identity) = sametime::login(&http, &server, username.trim(), password, self.now())
            .await
            .map_err(|error| error.from_provider(kind))?;
        let credential = Credential::Sametime(credential);
        let newcomer = self.keep_newcomer(kind, binding, label, &credential).await?;
        self.settle(Account { identity, ..newcomer }, account).await
    }

    fn account_of(&self, id: &AccountId, kind: ProviderKind) -> Result<Account, Error> {
        let account = self.account(id)?;
        if account.provider == kind {
            Ok(account)
        } else {
            Err(Error::invalid(vec![FieldIssue::with_detail("account", IssueCode::Unknown, id.as_str())]))
        }
    }

    /// Saves a credential under an id of its own, before anybody uses it.
    async fn keep_newcomer(
        &self,
        kind: ProviderKind,
        binding: Binding,
        label: Option<String>,
        credential: &Credential,
    ) -> Result<Account, Error> {
        let mut random = [0; 6];
        getrandom::fill(&mut random).map_err(|_| Error::new(ErrorCode::Storage).detail("no randomness"))?;
        let (scopes, expires_at) = match credential {
            Credential::OAuth(credential) => (credential.scopes.clone(), Some(credential.expires_at)),
            Credential::Sametime(_) => (Vec::new(), None),
        };
        let account = Account {
            id: AccountId::new(kind, random),
            provider: kind,
            label: label.unwrap_or_default(),
            identity: Identity { subject: String::new(), address: String::new(), name: None },
            scopes,
            binding,
            health: AccountHealth::Ok,
            health_reason: None,
            expires_at,
            last_refresh: Some(credential.issued_at()),
        };
        self.0.credentials.save(&account.id, credential).await.map_err(|error| error.from_provider(kind))?;
        Ok(account)
    }

    /// Decides which account a newcomer becomes, now that it is known who it is.
    async fn settle(&self, newcomer: Account, wanted: Option<Account>) -> Result<SignInEnd, Error> {
        let known = self.register().accounts()?;
        match place(&newcomer, wanted.as_ref(), &known) {
            Place::New => {
                let label =
                    if newcomer.label.is_empty() { default_label(&newcomer, &known) } else { newcomer.label.clone() };
                let account = Account { label, ..newcomer };
                self.register().put_account(&account)?;
                Ok(SignInEnd::Account { account, again: false })
            }
            Place::Again(account) => {
                Ok(SignInEnd::Account { account: self.take_over(account.clone(), newcomer).await?, again: true })
            }
            Place::Somebody(account) => {
                let replacement = Replacement { core: self.clone(), account: account.clone(), newcomer };
                Ok(SignInEnd::DifferentPerson(replacement))
            }
        }
    }

    /// Moves the newcomer's credential into `account`; its label, and its meetings of the same person, stay.
    async fn take_over(&self, account: Account, newcomer: Account) -> Result<Account, Error> {
        let lock = AccountLock::acquire(&self.0.locks, &account.id).await?;
        let credential = self
            .0
            .credentials
            .load(&newcomer.id)
            .await?
            .ok_or_else(|| Error::new(ErrorCode::KeyringFailed).detail("the entry just written is gone"))?;
        self.0.credentials.save(&account.id, &credential).await?;
        drop(lock);
        let same_person = account.identity.subject == newcomer.identity.subject;
        let temporary = newcomer.id.clone();
        let label = if newcomer.label.is_empty() { account.label } else { newcomer.label.clone() };
        let merged = Account { id: account.id, label, ..newcomer };
        if !same_person {
            self.register().remove_account(&merged.id)?;
        }
        self.register().put_account(&merged)?;
        if let Err(error) = self.0.credentials.forget(&temporary).await {
            tracing::warn!(code = ?error.code, "a spare keyring entry could not be removed");
        }
        Ok(merged)
    }
}

impl PendingSignIn {
    /// The address to open in the system's browser; holds no secret.
    #[must_use]
    pub const fn authorize_url(&self) -> &Url {
        self.sign_in.authorize_url()
    }

    /// Takes the address that the browser ended on.
    #[must_use]
    pub fn paster(&self) -> Paster {
        self.sign_in.paster()
    }

    /// Waits for the browser, five minutes at most, and keeps what it brings.
    ///
    /// # Errors
    /// `SignInDenied`, `SignInCancelled`; the broker's, the provider's, the keyring's. Nothing is kept then.
    pub async fn finish(self) -> Result<SignInEnd, Error> {
        let Self { core, provider: kind, label, account, binding, sign_in } = self;
        let clock = std::sync::Arc::clone(&core.0.clock);
        let (credential, ending) = sign_in.complete(&*clock).await?.split();
        let kept = async {
            let newcomer = core.keep_newcomer(kind, binding, label, &Credential::OAuth(credential)).await?;
            let parts = core.session_parts(&newcomer)?;
            let client = AuthorizedClient::new(&parts, &newcomer)?;
            match provider(kind).identity(&client).await {
                Ok(identity) => core.settle(Account { identity, ..newcomer.clone() }, account).await,
                Err(error) => {
                    // Nobody knows whose it is: it must not stay behind.
                    let _ = core.0.credentials.forget(&newcomer.id).await;
                    Err(error)
                }
            }
        }
        .await;
        ending.finish(kept.is_ok()).await;
        kept
    }
}

impl Replacement {
    /// The account as it still is.
    #[must_use]
    pub const fn account(&self) -> &Account {
        &self.account
    }

    /// Who signed in now.
    #[must_use]
    pub const fn now(&self) -> &Identity {
        &self.newcomer.identity
    }

    /// Puts the newcomer in the account's place.
    ///
    /// # Errors
    /// The keyring's and `Storage`; the old account then stays.
    pub async fn replace(self) -> Result<Account, Error> {
        let Self { core, account, newcomer } = self;
        core.take_over(account, newcomer).await
    }

    /// Keeps the account as it was and forgets the newcomer, here and where possible at the provider.
    pub async fn discard(self) {
        let Self { core, newcomer, .. } = self;
        core.revoke(&newcomer).await;
        if let Err(error) = core.0.credentials.forget(&newcomer.id).await {
            tracing::warn!(code = ?error.code, "a spare keyring entry could not be removed");
        }
    }
}

/// Where a newcomer belongs.
#[derive(Debug, PartialEq, Eq)]
enum Place<'a> {
    New,
    Again(&'a Account),
    Somebody(&'a Account),
}

fn place<'a>(newcomer: &Account, wanted: Option<&'a Account>, known: &'a [Account]) -> Place<'a> {
    let same = |account: &Account| {
        account.provider == newcomer.provider
            && account.binding == newcomer.binding
            && account.identity.subject == newcomer.identity.subject
    };
    match (wanted, known.iter().find(|account| same(account))) {
        (Some(wanted), _) if wanted.identity.subject == newcomer.identity.subject => Place::Again(wanted),
        (Some(wanted), _) => Place::Somebody(wanted),
        (None, Some(account)) => Place::Again(account),
        (None, None) => Place::New,
    }
}

/// "Work" is for the person to choose; until then, the part of the address that tells two accounts apart.
fn default_label(newcomer: &Account, known: &[Account]) -> String {
    let address = newcomer.identity.address.as_str();
    let short = address.split_once('@').map_or(address, |(_, domain)| domain);
    let taken = known.iter().any(|account| account.provider == newcomer.provider && account.label == short);
    if taken { address.to_owned() } else { short.to_owned() }
}

/// A label is one line of 1 to 60 characters.
///
/// # Errors
/// `InvalidInput` at `label`.
pub(super) fn check_label(label: &str) -> Result<String, Error> {
    let label = label.trim();
    let problem = if label.is_empty() {
        Some(IssueCode::Required)
    } else if label.chars().count() > LONGEST_LABEL {
        Some(IssueCode::TooLong)
    } else if label.chars().any(char::is_control) {
        Some(IssueCode::ControlCharacter)
    } else {
        None
    };
    problem.map_or(Ok(label.to_owned()), |problem| {
        Err(Error::invalid(vec![FieldIssue::with_detail("label", problem, "60")]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(id: &str, subject: &str) -> Account {
        Account {
            id: AccountId::parse(id).unwrap(),
            provider: ProviderKind::Zoom,
            label: "Work".into(),
            identity: Identity { subject: subject.into(), address: format!("{subject}@example.com"), name: None },
            scopes: Vec::new(),
            binding: Binding {
                broker: Some("https://broker.example".into()),
                api_base: "https://api.zoom.us/v2".into(),
            },
            health: AccountHealth::Ok,
            health_reason: None,
            expires_at: None,
            last_refresh: None,
        }
    }

    #[test]
    fn somebody_else_never_replaces_by_itself() {
        let (ana, ben, newcomer) = (account("zoom-1", "ana"), account("zoom-2", "ben"), account("zoom-3", "ben"));
        let known = [ana.clone(), ben.clone()];
        assert_eq!(place(&newcomer, Some(&ana), &known), Place::Somebody(&ana));
        assert_eq!(place(&newcomer, Some(&ben), &known), Place::Again(&ben));
        assert_eq!(place(&newcomer, None, &known), Place::Again(&ben));
        assert_eq!(place(&newcomer, None, &known[..1]), Place::New);
    }
}
