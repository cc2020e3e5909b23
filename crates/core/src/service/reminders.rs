//! What a person has to be told of the ends of sign-ins, and that it was told.

use super::Core;
use crate::{
    account::{
        AccountId,
        reminder::{Reminder, reminder_due},
    },
    error::Error,
    view::AccountView,
};

impl Core {
    /// The reminders that are due and were not told yet, in the order of the accounts; none for who wants none.
    ///
    /// # Errors
    /// `Storage`.
    pub fn due_reminders(&self) -> Result<Vec<(AccountView, Reminder)>, Error> {
        if !self.settings()?.preferences.remind {
            return Ok(Vec::new());
        }
        let now = self.now();
        let mut due = Vec::new();
        for account in self.account_views()? {
            if let Some(reminder) = reminder_due(&account, now, &self.register().reminders(&account.id)?) {
                due.push((account, reminder));
            }
        }
        Ok(due)
    }

    /// Remembers that the person was told.
    ///
    /// # Errors
    /// `Storage`.
    pub fn note_told(&self, id: &AccountId, reminder: Reminder) -> Result<(), Error> {
        self.register().put_reminder(id, reminder)
    }
}
