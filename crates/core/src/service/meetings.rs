//! Meetings: make, read, list, change, cancel. The provider has the truth; the register completes and remembers it.

use chrono::{DateTime, Duration, Utc};

use super::Core;
use crate::{
    account::{Account, AccountId, ProviderKind},
    auth::session::AuthorizedClient,
    error::{Error, ErrorCode, FieldIssue, IssueCode},
    meeting::{
        ChangeInput, JoinUrl, Meeting, MeetingChange, MeetingId, MeetingState, SeriesForm,
        invitation::{self, InvitationForm},
        occurrences::between,
        options::OptionSpec,
        rfc3339,
    },
    provider::{MeetingProvider, provider},
    view::{AgendaView, MeetingView, SeriesDates},
};

/// How far back and ahead the dates of a series are told where no window was asked for.
const SHOWN_BEFORE: Duration = Duration::days(62);
const SHOWN_AFTER: Duration = Duration::days(400);

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
        let window = (from.unwrap_or_else(|| self.now() - SHOWN_BEFORE), to);
        Ok(AgendaView {
            meetings: meetings.iter().map(MeetingView::from).collect(),
            problems: problems.into_iter().map(Into::into).collect(),
            as_of,
            series: meetings.iter().filter_map(|meeting| dates_of(meeting, window, self.now())).collect(),
            pending: self.pending(only)?,
        })
    }

    /// Reads every meeting of an account at its provider into the register; how many there are.
    pub(super) async fn read_meetings(&self, id: &AccountId) -> Result<usize, Error> {
        let account = self.account(id)?;
        let parts = self.session_parts(&account)?;
        let client = AuthorizedClient::new(&parts, &account)?;
        // What may have been made is looked for first: the list would show it as somebody else's.
        self.settle_intents(&account, &client).await;
        let (asked_at, known) = (self.now(), self.register().meetings(Some(id), None, None)?);
        let outcome = provider(account.provider).list_meetings(&client, &known).await;
        self.note_outcome(&account, &client, &outcome)?;
        let seen = outcome?;
        self.register().replace_list(&account, &seen, &known, asked_at, options_of(account.provider))?;
        Ok(seen.len())
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
            Ok(seen) => self.register().remember(&account, &seen, options_of(account.provider)),
            Err(error) => Err(self.note_gone(&meeting, error)?),
        }
    }

    /// Changes a meeting where it stands.
    ///
    /// # Errors
    /// `InvalidInput` with every wrong field, and `Rejected` with the ways out, before anything is sent; `NotFound` where it
    /// is gone.
    pub async fn update_meeting(&self, id: &MeetingId, input: &ChangeInput) -> Result<Meeting, Error> {
        let meeting = self.known_meeting(id)?;
        let account = self.account(&meeting.account)?;
        let at = |error: Error| error.at(&account.id, account.provider);
        let service = provider(account.provider);
        let change = input
            .check(&meeting, self.zone(), self.now(), &service.capabilities())
            .map_err(|fields| at(Error::invalid(fields)))?;
        if change.is_empty() {
            return Ok(meeting);
        }
        service.check_change(&meeting, &change).map_err(at)?;
        let parts = self.session_parts(&account)?;
        let client = AuthorizedClient::new(&parts, &account)?;
        let outcome = async {
            // Dates that are only taken out need no change of the rest: at Webex that would bring the earlier ones back.
            let seen = if only_leaves_out(&meeting, &change) {
                service.meeting(&client, &meeting.provider_id).await?
            } else {
                service.update_meeting(&client, &meeting, &change).await?
            };
            if let Some(Some(series)) = &change.recurrence
                && let Some(time) = change.time.or(meeting.time)
            {
                match self.leave_out(service, &client, &meeting.provider_id, &time, series).await {
                    Err(error) if !only_leaves_out(&meeting, &change) => {
                        // The change stands: the dates are owed, and left out when it is settled.
                        tracing::warn!(code = ?error.code, "dates of a changed series are still to be left out");
                        if let Some(draft) = change.as_draft(&meeting) {
                            self.register().owe_left_out(&account, &draft, &meeting.provider_id, self.now())?;
                        }
                    }
                    left_out => left_out?,
                }
            }
            Ok(seen)
        }
        .await;
        self.note_outcome(&account, &client, &outcome)?;
        match outcome {
            Ok(seen) => self.register().apply_change(id, &change, &seen, options_of(account.provider)),
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

    /// Cancels every meeting of the series that this one belongs to, where it stands as several.
    ///
    /// # Errors
    /// As [`Core::cancel_meeting`]; those before the first that fails are cancelled.
    pub async fn cancel_series(&self, id: &MeetingId) -> Result<Vec<MeetingId>, Error> {
        let meeting = self.known_meeting(id)?;
        let all = match &meeting.series {
            Some(series) => self.register().meetings_of_series(series)?.into_iter().map(|meeting| meeting.id).collect(),
            None => vec![id.clone()],
        };
        for id in &all {
            self.cancel_meeting(id).await?;
        }
        Ok(all)
    }

    /// An invitation from what the register knows. It holds nothing that only a host may know.
    ///
    /// # Errors
    /// `NotFound`; `Storage`; `InvalidInput` for a calendar file of a meeting without a time.
    pub fn invitation(&self, id: &MeetingId, form: InvitationForm) -> Result<String, Error> {
        let meeting = self.known_meeting(id)?;
        let organizer = self.account(&meeting.account)?.identity;
        match form {
            InvitationForm::Text => Ok(invitation::text(&meeting)),
            InvitationForm::Html => Ok(invitation::html(&meeting)),
            InvitationForm::Calendar => invitation::calendar(&meeting, &organizer, self.now()).ok_or_else(|| {
                let issue = FieldIssue::new("start", IssueCode::Required);
                Error::invalid(vec![issue]).at(&meeting.account, meeting.provider)
            }),
        }
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

/// The provider's table of options.
pub(super) fn options_of(kind: ProviderKind) -> &'static [OptionSpec] {
    provider(kind).capabilities().options
}

/// The dates of a meeting that repeats, within a window; where that is open, as far as people look, and the next one in any
/// case: a series that begins in three years is no empty agenda.
fn dates_of(
    meeting: &Meeting,
    (from, to): (DateTime<Utc>, Option<DateTime<Utc>>),
    now: DateTime<Utc>,
) -> Option<SeriesDates> {
    let (time, series) = (meeting.time?, meeting.recurrence.as_ref()?);
    let mut dates = between(&time, series, from, to.unwrap_or(now + SHOWN_AFTER));
    if to.is_none() && !dates.iter().any(|date| date.end_utc() > now) {
        dates.extend(between(&time, series, now, DateTime::<Utc>::MAX_UTC).into_iter().next());
    }
    let starts = dates.iter().map(|time| rfc3339(&time.start)).collect();
    Some(SeriesDates { meeting: meeting.id.clone(), starts })
}

/// Whether a change is nothing but further dates that do not take place.
fn only_leaves_out(meeting: &Meeting, change: &MeetingChange) -> bool {
    let (Some(Some(new)), Some(old)) = (&change.recurrence, &meeting.recurrence) else { return false };
    let rest = MeetingChange { recurrence: None, ..change.clone() };
    rest.is_empty() && new.rule == old.rule && new.form == old.form && new.form == SeriesForm::Native
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
