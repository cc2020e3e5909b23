//! Meetings: make, read, list, change, cancel. The provider has the truth; the register completes and remembers it.

use chrono::{DateTime, Utc};

use super::Core;
use crate::{
    account::{Account, AccountId},
    auth::session::AuthorizedClient,
    error::{Error, ErrorCode, FieldIssue, IssueCode},
    meeting::{ChangeInput, DraftInput, JoinUrl, Meeting, MeetingId, MeetingState, invitation_text},
    provider::{MeetingProvider, provider},
    view::{AgendaView, MeetingView},
};

impl Core {
    /// What the register knows, at once and without a network.
    ///
    /// # Errors
    /// `Storage`.
    pub fn stored_agenda(&self, from: Option<DateTime<Utc>>, to: Option<DateTime<Utc>>) -> Result<AgendaView, Error> {
        self.agenda_of(None, from, to, Vec::new())
    }

    /// Reads the meetings of one account, or of every account at once, at their providers.
    ///
    /// # Errors
    /// `Storage`, and `InvalidInput` for an unknown account; an account that cannot be read is one problem of the answer.
    pub async fn agenda(
        &self,
        only: Option<&AccountId>,
        from: Option<DateTime<Utc>>,
        to: Option<DateTime<Utc>>,
    ) -> Result<AgendaView, Error> {
        let accounts = match only {
            Some(id) => vec![self.account(id)?],
            None => self.accounts()?,
        };
        let mut work = tokio::task::JoinSet::new();
        for (place, account) in accounts.into_iter().enumerate() {
            let core = self.clone();
            work.spawn(async move { (place, core.read_meetings(&account.id).await.err()) });
        }
        let mut read = work.join_all().await;
        read.sort_by_key(|(place, _)| *place);
        self.agenda_of(only, from, to, read.into_iter().filter_map(|(_, error)| error).collect())
    }

    fn agenda_of(
        &self,
        only: Option<&AccountId>,
        from: Option<DateTime<Utc>>,
        to: Option<DateTime<Utc>>,
        problems: Vec<Error>,
    ) -> Result<AgendaView, Error> {
        let meetings = self.register().meetings(only, from, to)?;
        let as_of = match only {
            Some(id) => self.register().listed_at(id)?,
            None => self.register().oldest_listing()?,
        };
        Ok(AgendaView {
            meetings: meetings.iter().map(MeetingView::from).collect(),
            problems: problems.into_iter().map(Into::into).collect(),
            as_of,
        })
    }

    /// Reads every meeting of an account at its provider into the register; how many there are.
    pub(super) async fn read_meetings(&self, id: &AccountId) -> Result<usize, Error> {
        let account = self.account(id)?;
        let parts = self.session_parts(&account)?;
        let client = AuthorizedClient::new(&parts, &account)?;
        let (asked_at, known) = (self.now(), self.register().meetings(Some(id), None, None)?);
        let outcome = provider(account.provider).list_meetings(&client, &known).await;
        self.note_outcome(&account, &client, &outcome)?;
        let seen = outcome?;
        self.register().replace_list(&account, &seen, &known, asked_at)?;
        Ok(seen.len())
    }

    /// Makes a meeting.
    ///
    /// # Errors
    /// `InvalidInput` with every wrong field, before anything is sent; `OutcomeUnknown` where it may have been made.
    pub async fn create_meeting(&self, id: &AccountId, input: &DraftInput) -> Result<Meeting, Error> {
        let account = self.account(id)?;
        let draft =
            input.check(self.now()).map_err(|fields| Error::invalid(fields).at(&account.id, account.provider))?;
        let parts = self.session_parts(&account)?;
        let client = AuthorizedClient::new(&parts, &account)?;
        let outcome = provider(account.provider).create_meeting(&client, &draft).await.map_err(after_create);
        if let Err(error) = self.note_outcome(&account, &client, &outcome) {
            // The meeting matters more than the note about its account.
            tracing::warn!(code = ?error.code, "the account's health could not be noted");
        }
        let made = outcome?;
        self.register().remember(&account, &made, Some(&draft)).map_err(|error| {
            let link = made.join_url.as_ref().map_or(made.provider_id.as_str(), |url| url.as_str());
            Error::new(ErrorCode::OutcomeUnknown)
                .detail(format!("{link} ({:?})", error.code))
                .at(&account.id, account.provider)
        })
    }

    /// Reads one meeting at its provider.
    ///
    /// # Errors
    /// `NotFound` where it is not known, or no longer there.
    pub async fn meeting(&self, id: &MeetingId) -> Result<Meeting, Error> {
        let meeting = self.known_meeting(id)?;
        let account = self.account(&meeting.account)?;
        let parts = self.session_parts(&account)?;
        let client = AuthorizedClient::new(&parts, &account)?;
        let outcome = provider(account.provider).meeting(&client, &meeting.provider_id).await;
        self.note_outcome(&account, &client, &outcome)?;
        match outcome {
            Ok(seen) => self.register().remember(&account, &seen, None),
            Err(error) => Err(self.note_gone(&meeting, error)?),
        }
    }

    /// Changes a meeting where it stands.
    ///
    /// # Errors
    /// `InvalidInput` with every wrong field, before anything is sent; `NotFound` where it is gone.
    pub async fn update_meeting(&self, id: &MeetingId, input: &ChangeInput) -> Result<Meeting, Error> {
        let meeting = self.known_meeting(id)?;
        let account = self.account(&meeting.account)?;
        let change = input
            .check(meeting.time, self.zone(), self.now())
            .map_err(|fields| Error::invalid(fields).at(&account.id, account.provider))?;
        if change.is_empty() {
            return Ok(meeting);
        }
        let parts = self.session_parts(&account)?;
        let client = AuthorizedClient::new(&parts, &account)?;
        let outcome = provider(account.provider).update_meeting(&client, &meeting, &change).await;
        self.note_outcome(&account, &client, &outcome)?;
        match outcome {
            Ok(seen) => self.register().apply_change(id, &change, &seen),
            Err(error) => Err(self.note_gone(&meeting, error)?),
        }
    }

    /// Cancels a meeting. One that is already gone is done.
    ///
    /// # Errors
    /// `NotFound` where this computer never knew it; the provider's.
    pub async fn cancel_meeting(&self, id: &MeetingId) -> Result<(), Error> {
        let meeting = self.known_meeting(id)?;
        let account = self.account(&meeting.account)?;
        let parts = self.session_parts(&account)?;
        let client = AuthorizedClient::new(&parts, &account)?;
        let service: &dyn MeetingProvider = provider(account.provider);
        let outcome = service.delete_meeting(&client, &meeting.provider_id).await;
        self.note_outcome(&account, &client, &outcome)?;
        outcome?;
        self.register().forget_meeting(id)
    }

    /// An invitation as text, from what the register knows.
    ///
    /// # Errors
    /// `NotFound`; `Storage`.
    pub fn invitation(&self, id: &MeetingId) -> Result<String, Error> {
        self.known_meeting(id).map(|meeting| invitation_text(&meeting))
    }

    /// The link to join.
    ///
    /// # Errors
    /// `NotFound` where the meeting or its link is not known; `Storage`.
    pub fn join_url(&self, id: &MeetingId) -> Result<JoinUrl, Error> {
        let meeting = self.known_meeting(id)?;
        meeting.join_url.ok_or_else(|| Error::new(ErrorCode::NotFound).at(&meeting.account, meeting.provider))
    }

    fn known_meeting(&self, id: &MeetingId) -> Result<Meeting, Error> {
        self.register().meeting(id)?.ok_or_else(|| Error {
            fields: vec![FieldIssue::with_detail("meeting", IssueCode::Unknown, &id.0)],
            ..Error::new(ErrorCode::NotFound)
        })
    }

    fn note_gone(&self, meeting: &Meeting, error: Error) -> Result<Error, Error> {
        if error.code == ErrorCode::NotFound && meeting.state == MeetingState::Scheduled {
            self.register().mark_gone(&meeting.id)?;
        }
        Ok(error)
    }
}

/// An answer that cannot be understood does not undo what was asked: the meeting may stand at the provider.
fn after_create(error: Error) -> Error {
    let code = if error.code == ErrorCode::BadAnswer { ErrorCode::OutcomeUnknown } else { error.code };
    Error { code, ..error }
}

/// The account a command without `--account` means: the only one there is.
///
/// # Errors
/// `InvalidInput` at `account` where there is none or more than one.
pub fn only_account(accounts: &[Account]) -> Result<&Account, Error> {
    match accounts {
        [account] => Ok(account),
        _ => Err(Error::invalid(vec![FieldIssue::new("account", IssueCode::Required)])),
    }
}
