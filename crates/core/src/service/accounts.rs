//! Accounts after their sign-in: list, refresh, rename.

use super::{Core, sign_in::check_label};
use crate::{
    account::{Account, AccountId},
    auth::session::AuthorizedClient,
    error::{Error, ErrorCode},
    view::{AccountView, RefreshView, RefreshedAccount},
};

impl Core {
    /// Every account, in the order in which they were added. An account that was made under another broker or API
    /// base says that it needs sign-in; no keyring is read for this.
    ///
    /// # Errors
    /// `Storage`.
    pub fn accounts(&self) -> Result<Vec<Account>, Error> {
        let profile = self.profile();
        let seen_from_here = |account: Account| {
            if profile.allows(account.provider, &account.binding) {
                account
            } else {
                let reason = Some(super::code_text(ErrorCode::OtherOrganisation));
                Account { health: crate::account::AccountHealth::NeedsSignIn, health_reason: reason, ..account }
            }
        };
        Ok(self.register().accounts()?.into_iter().map(seen_from_here).collect())
    }

    /// Every account as it is seen now.
    ///
    /// # Errors
    /// `Storage`.
    pub fn account_views(&self) -> Result<Vec<AccountView>, Error> {
        Ok(self.accounts()?.iter().map(|account| self.account_view(account)).collect())
    }

    /// Asks the provider for new tokens, even while the old ones are good.
    ///
    /// # Errors
    /// `SignInRequired`; the keyring's; the network's. The credential is then as it was.
    pub async fn refresh_account(&self, id: &AccountId) -> Result<Account, Error> {
        let account = self.account(id)?;
        let parts = self.session_parts(&account)?;
        let client = AuthorizedClient::new(&parts, &account)?;
        let outcome = client.renew_now().await;
        self.note_outcome(&account, &client, &outcome)?;
        outcome?;
        self.account(id)
    }

    /// Renews the tokens and reads the meetings of every account, all at once.
    ///
    /// # Errors
    /// `Storage`; what happens at one account stands in its line.
    pub async fn refresh_now(&self) -> Result<RefreshView, Error> {
        let mut work = tokio::task::JoinSet::new();
        for (place, account) in self.accounts()?.into_iter().enumerate() {
            let core = self.clone();
            work.spawn(async move { (place, core.refresh_one(account).await) });
        }
        let mut accounts = work.join_all().await;
        accounts.sort_by_key(|(place, _)| *place);
        Ok(RefreshView { at: self.now(), accounts: accounts.into_iter().map(|(_, account)| account).collect() })
    }

    async fn refresh_one(&self, account: Account) -> RefreshedAccount {
        let read = async {
            self.refresh_account(&account.id).await?;
            self.read_meetings(&account.id).await
        }
        .await;
        // An account that was removed meanwhile is shown as it last was.
        let after = self
            .accounts()
            .ok()
            .and_then(|all| all.into_iter().find(|other| other.id == account.id))
            .unwrap_or(account);
        let (meetings, error) = match read {
            Ok(count) => (u32::try_from(count).unwrap_or(u32::MAX), None),
            Err(error) => (0, Some(error.into())),
        };
        RefreshedAccount { account: self.account_view(&after), meetings, error }
    }

    /// Gives an account another name.
    ///
    /// # Errors
    /// `InvalidInput` at `label` or `account`; `Storage`.
    pub fn rename(&self, id: &AccountId, label: &str) -> Result<Account, Error> {
        let label = check_label(label)?;
        self.account(id)?;
        self.register().rename_account(id, &label)?;
        self.account(id)
    }
}
