//! Signing in, to its end: keyring first, tokens, who it is, and where the credential belongs.
//!
//! A credential is saved before it is used, under an id of its own; which account it becomes is decided
//! once the provider has said who signed in.

use url::Url;

use super::Core;
use crate::{
    account::{Account, AccountId, Binding, Identity, ProviderKind},
    auth::{broker::Broker, callback::Paster, lock::AccountLock, sametime, session::AuthorizedClient, sign_in::SignIn},
    credential::{Credential, Ends, Password, Renewal, keeping, life::Event},
    error::{Error, ErrorCode, FieldIssue, IssueCode},
    profile::{base_text, web_address},
    provider::provider,
    storage::RenewalJournal,
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
        let Broker::Convoke(broker) = broker else {
            let issue =
                FieldIssue::with_detail("provider", IssueCode::NotPossible, "this broker's sign-in is by token");
            return Err(Error::invalid(vec![issue]).from_provider(kind));
        };
        self.0.vault.probe().await.map_err(|error| error.from_provider(kind))?;
        let claims = self.wanted_claims(kind, account.as_ref())?;
        let sign_in = SignIn::start(broker, kind, claims.as_deref()).await?;
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
        self.0.vault.probe().await.map_err(|error| error.from_provider(kind))?;
        let http = organisation.http.also_allowing(&server);
        let (credential, identity) = sametime::login(&http, &server, username.trim(), password, self.now())
            .await
            .map_err(|error| error.from_provider(kind))?;
        let credential = Credential::Sametime(credential);
        let newcomer = self.keep_newcomer(kind, binding, label, credential).await?;
        self.settle(Account { identity, ..newcomer }, account).await
    }

    /// What the provider's policy wants of this sign-in: of the account that signs in again, or of the only one that waits
    /// for a sign-in there, whom the command line means.
    fn wanted_claims(&self, kind: ProviderKind, account: Option<&Account>) -> Result<Option<String>, Error> {
        if let Some(account) = account {
            return self.register().claims(&account.id);
        }
        let mut wanted = Vec::new();
        for account in self.register().accounts()?.into_iter().filter(|account| account.provider == kind) {
            wanted.extend(self.register().claims(&account.id)?);
        }
        Ok(wanted.pop().filter(|_| wanted.is_empty()))
    }

    pub(super) fn account_of(&self, id: &AccountId, kind: ProviderKind) -> Result<Account, Error> {
        let account = self.account(id)?;
        if account.provider == kind {
            Ok(account)
        } else {
            Err(Error::invalid(vec![FieldIssue::with_detail("account", IssueCode::Unknown, id.as_str())]))
        }
    }

    /// Saves a credential under an id of its own, before anybody uses it.
    pub(super) async fn keep_newcomer(
        &self,
        kind: ProviderKind,
        binding: Binding,
        label: Option<String>,
        credential: Credential,
    ) -> Result<Account, Error> {
        // From the first hour on it ages by the clock that nobody sets.
        let credential = credential.stamped((self.0.uptime)());
        let mut random = [0; 6];
        getrandom::fill(&mut random).map_err(|_| Error::new(ErrorCode::Storage).detail("no randomness"))?;
        let (scopes, expires_at, ends) = match &credential {
            Credential::OAuth(credential) => {
                let (scopes, at, ends) = (credential.scopes.clone(), credential.issued_at, credential.ends);
                let first = Renewal { at, expires_at: None, scopes: Vec::new(), ends, has_rotated: true };
                (scopes, Some(credential.expires_at), keeping::ends_after(kind, Ends::default(), &first))
            }
            Credential::Sametime(_) => (Vec::new(), None, Ends::default()),
        };
        let nobody_yet = Identity { subject: String::new(), address: String::new(), name: None };
        let account = Account {
            label: label.unwrap_or_default(),
            scopes,
            expires_at,
            last_refresh: Some(credential.issued_at()),
            ends,
            ..Account::new(AccountId::new(kind, random), kind, nobody_yet, binding)
        };
        self.0.vault.save(&account.id, &credential, self.now()).await.map_err(|error| error.from_provider(kind))?;
        Ok(account)
    }

    /// Asks the provider who signed in, and settles where they belong.
    pub(super) async fn identify(&self, newcomer: Account, wanted: Option<Account>) -> Result<SignInEnd, Error> {
        let asked = async {
            let parts = self.session_parts(&newcomer)?;
            provider(newcomer.provider).identity(&AuthorizedClient::new(&parts, &newcomer)?).await
        }
        .await;
        match asked {
            Ok(identity) => self.settle(Account { identity, ..newcomer }, wanted).await,
            Err(error) => {
                self.discard(&newcomer).await;
                Err(error)
            }
        }
    }

    /// [`Core::place_newcomer`]; where that fails, nothing of the newcomer stays behind.
    async fn settle(&self, newcomer: Account, wanted: Option<Account>) -> Result<SignInEnd, Error> {
        let placed = self.place_newcomer(newcomer.clone(), wanted).await;
        if placed.is_err() {
            self.discard(&newcomer).await;
        }
        placed
    }

    /// Decides which account a newcomer becomes, now that it is known who it is.
    async fn place_newcomer(&self, newcomer: Account, wanted: Option<Account>) -> Result<SignInEnd, Error> {
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
                let account = self.renew_sign_in(account, newcomer).await?;
                Ok(SignInEnd::Account { account, again: true })
            }
            Place::Moved(account) => {
                let account = self.supersede(account, newcomer, true).await?;
                Ok(SignInEnd::Account { account, again: true })
            }
            Place::Somebody(account) => {
                let replacement = Replacement { core: self.clone(), account: account.clone(), newcomer };
                Ok(SignInEnd::DifferentPerson(replacement))
            }
        }
    }

    /// Moves the newcomer's credential into `account`: the same person, under the same broker and API base.
    async fn renew_sign_in(&self, account: &Account, newcomer: Account) -> Result<Account, Error> {
        let lock = AccountLock::acquire(&self.0.locks, &account.id).await?;
        let credential = self.0.vault.load(&newcomer.id).await?;
        self.0.vault.save(&account.id, &credential, self.now()).await?;
        self.0.unsaved.remove(&account.id);
        self.0.register.end_renewal(&account.id)?;
        self.0.lives.note(&account.id, Event::SignedIn, self.moment());
        let temporary = newcomer.id.clone();
        let label = if newcomer.label.is_empty() { account.label.clone() } else { newcomer.label.clone() };
        let renewed = Account { id: account.id.clone(), label, ..newcomer };
        self.register().put_account(&renewed)?;
        self.register().set_claims(&renewed.id, None)?;
        drop(lock);
        self.forget_spare(&temporary).await;
        Ok(renewed)
    }

    /// Puts the newcomer in the account's place, under its own id: an id never changes its person, broker or API base, so
    /// that whoever still works with the old one finds nothing of the new one.
    async fn supersede(&self, account: &Account, newcomer: Account, keep_meetings: bool) -> Result<Account, Error> {
        let label = if newcomer.label.is_empty() { account.label.clone() } else { newcomer.label.clone() };
        let newcomer = Account { label, ..newcomer };
        let lock = AccountLock::acquire(&self.0.locks, &account.id).await?;
        self.register().supersede(&account.id, &newcomer, keep_meetings)?;
        self.register().change_settings(|settings| {
            let preferred = &mut settings.preferences.default_account;
            if preferred.as_ref() == Some(&account.id) {
                *preferred = Some(newcomer.id.clone());
            }
        })?;
        self.revoke(account).await;
        self.forget_spare(&account.id).await;
        drop(lock);
        Ok(newcomer)
    }

    /// Takes back a sign-in that became no account, here and where possible at the provider.
    async fn discard(&self, newcomer: &Account) {
        self.revoke(newcomer).await;
        self.forget_spare(&newcomer.id).await;
    }

    async fn forget_spare(&self, id: &AccountId) {
        self.0.unsaved.remove(id);
        if let Err(error) = self.0.vault.forget(id).await {
            tracing::warn!(code = ?error.code, "a spare keyring entry could not be removed");
        }
    }
}

impl PendingSignIn {
    /// The address to open in the system's browser; holds no secret.
    #[must_use]
    pub const fn authorize_url(&self) -> &Url {
        self.sign_in.authorize_url()
    }

    /// What the page in the browser must show, too: see [`SignIn::match_code`].
    #[must_use]
    pub fn match_code(&self) -> &str {
        self.sign_in.match_code()
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
        let kept = match core.keep_newcomer(kind, binding, label, Credential::OAuth(credential)).await {
            Ok(newcomer) => core.identify(newcomer, account).await,
            Err(error) => Err(error),
        };
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
        let replaced = core.supersede(&account, newcomer.clone(), false).await;
        if replaced.is_err() {
            core.discard(&newcomer).await;
        }
        replaced
    }

    /// Keeps the account as it was and forgets the newcomer, here and where possible at the provider.
    pub async fn discard(self) {
        self.core.discard(&self.newcomer).await;
    }
}

/// Where a newcomer belongs.
#[derive(Debug, PartialEq, Eq)]
enum Place<'a> {
    New,
    /// The same person, at the same place.
    Again(&'a Account),
    /// The same person at the same provider, by way of another broker.
    Moved(&'a Account),
    Somebody(&'a Account),
}

fn place<'a>(newcomer: &Account, wanted: Option<&'a Account>, known: &'a [Account]) -> Place<'a> {
    // A user name means nothing at another server, so a person is a subject at an API base.
    let same_person = |account: &Account| {
        account.provider == newcomer.provider
            && account.binding.api_base == newcomer.binding.api_base
            && account.identity.subject == newcomer.identity.subject
    };
    match (wanted, known.iter().find(|account| same_person(account))) {
        (Some(wanted), _) if !same_person(wanted) => Place::Somebody(wanted),
        (Some(account), _) | (None, Some(account)) if account.binding == newcomer.binding => Place::Again(account),
        (Some(account), _) | (None, Some(account)) => Place::Moved(account),
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
        let identity = Identity { subject: subject.into(), address: format!("{subject}@example.com"), name: None };
        let binding =
            Binding { broker: Some("https://broker.example".into()), api_base: "https://api.zoom.us/v2".into() };
        let id = AccountId::parse(id).unwrap();
        Account { label: "Work".into(), ..Account::new(id, ProviderKind::Zoom, identity, binding) }
    }

    #[test]
    fn somebody_else_never_replaces_by_itself() {
        let (ana, ben, newcomer) = (account("zoom-1", "ana"), account("zoom-2", "ben"), account("zoom-3", "ben"));
        let known = [ana.clone(), ben.clone()];
        assert_eq!(place(&newcomer, Some(&ana), &known), Place::Somebody(&ana));
        assert_eq!(place(&newcomer, Some(&ben), &known), Place::Again(&ben));
        assert_eq!(place(&newcomer, None, &known), Place::Again(&ben));
        assert_eq!(place(&newcomer, None, &known[..1]), Place::New);
        let binding = |broker: &str, api: &str| Binding { broker: Some(broker.into()), api_base: api.into() };
        let moved = Account { binding: binding("https://other.example", &ben.binding.api_base), ..newcomer.clone() };
        assert_eq!(place(&moved, Some(&ben), &known), Place::Moved(&ben));
        let elsewhere = Account { binding: binding("https://broker.example", "https://other.example"), ..newcomer };
        assert_eq!(place(&elsewhere, Some(&ben), &known), Place::Somebody(&ben), "the same name at another server");
        assert_eq!(place(&elsewhere, None, &known), Place::New);
    }
}
