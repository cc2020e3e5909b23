//! Making a meeting so that there is one of it: written down first, asked for once, looked for where the answer is lost.
//!
//! One meeting of an account is made at a time, over all tasks and processes: whoever looks sees no half of another's work.

use std::time::{Duration, Instant};

use super::{Core, meetings::options_of};
use crate::{
    account::{Account, AccountId},
    auth::{lock::AccountLock, session::AuthorizedClient},
    error::{Error, ErrorCode, FieldIssue, IssueCode},
    meeting::{
        DraftInput, Meeting, MeetingDraft, MeetingTime, ProviderMeeting, Recurrence, SeriesForm,
        intent::{Found, Intent, IntentId},
        occurrences::instant,
        rfc3339,
    },
    provider::{MeetingProvider, provider},
    view::{CandidateView, PendingView},
};

/// How long a provider has to show what it may still be making, before it is asked again.
const SECOND_LOOK: Duration = Duration::from_secs(1);
/// A provider that took so long may still be at work: what it does not show now is not asked for again in the same call.
const SLOW: Duration = Duration::from_secs(8);

/// What became of an intent.
enum Outcome {
    Made(Box<Meeting>),
    /// It is known that there is none, and why; the intent is for the caller to close.
    NotMade(Error),
    /// It is open: nobody knows.
    Unknown(Error),
}

impl Core {
    /// Makes a meeting, or the meetings of a series that is to stand as several; answers the first.
    ///
    /// # Errors
    /// `InvalidInput` with every wrong field, and `Rejected` with the ways out, before anything is sent; `OutcomeUnknown`
    /// where it may have been made: it is looked for until that is known.
    pub async fn create_meeting(&self, id: &AccountId, input: &DraftInput) -> Result<Meeting, Error> {
        let account = self.account(id)?;
        let at = |error: Error| error.at(&account.id, account.provider);
        let service = provider(account.provider);
        let draft = input.check(self.now(), &service.capabilities()).map_err(|fields| at(Error::invalid(fields)))?;
        service.check_draft(&draft).map_err(at)?;
        let drafts = parts_of(service, draft).map_err(at)?;
        let parts = self.session_parts(&account)?;
        let client = AuthorizedClient::new(&parts, &account)?;
        let _alone = AccountLock::for_making(&self.0.locks, &account.id).await.map_err(at)?;
        let outcome = self.make_all(service, &client, &account, &drafts).await;
        if let Err(error) = self.note_outcome(&account, &client, &outcome) {
            // The meeting matters more than the note about its account.
            tracing::warn!(code = ?error.code, "the account's health could not be noted");
        }
        outcome
    }

    async fn make_all(
        &self,
        service: &dyn MeetingProvider,
        client: &AuthorizedClient<'_>,
        account: &Account,
        drafts: &[MeetingDraft],
    ) -> Result<Meeting, Error> {
        if let Some(meeting) = self.made_before(service, client, account, drafts).await? {
            return Ok(meeting);
        }
        let before = service.ids_before(client).await?;
        let intents = self.register().journal(account, drafts, &before, self.now())?;
        let mut first = None;
        for (place, intent) in intents.iter().enumerate() {
            let made = match self.make(service, client, account, intent).await {
                Outcome::Made(meeting) => {
                    // It stands: who is told otherwise makes a second one. What is left to do is done when it is settled.
                    if let Err(error) = self.finish(service, client, intent, &meeting).await {
                        tracing::warn!(code = ?error.code, "dates of a new series are still to be left out");
                    }
                    Ok(*meeting)
                }
                Outcome::NotMade(error) if first.is_none() => {
                    for none in &intents[place..] {
                        self.register().close_intent(&none.id)?;
                    }
                    Err(error)
                }
                // The rest of a series stays open, and is made when it is settled: half of it stands already, or may.
                Outcome::NotMade(error) | Outcome::Unknown(error) if intents.len() > 1 => {
                    let part = format!("{place} of {} made", intents.len());
                    Err(Error { code: ErrorCode::OutcomeUnknown, ..error }.detail(part))
                }
                Outcome::NotMade(error) | Outcome::Unknown(error) => Err(error),
            };
            let meeting = made?;
            first.get_or_insert(meeting);
        }
        first.ok_or_else(|| Error::invalid(vec![FieldIssue::new("repeat", IssueCode::NoOccurrence)]))
    }

    /// What was asked for before and nobody knows the end of, where the same is asked for again: settled, it is the one.
    async fn made_before(
        &self,
        service: &dyn MeetingProvider,
        client: &AuthorizedClient<'_>,
        account: &Account,
        drafts: &[MeetingDraft],
    ) -> Result<Option<Meeting>, Error> {
        let mut first = None;
        for intent in self.register().open_intents(Some(&account.id))? {
            if intent.made.is_some() || !drafts.contains(&intent.draft) {
                continue;
            }
            if !intent.candidates.is_empty() {
                return Err(unknown(account, "candidates"));
            }
            let settled = self.settle_one(service, client, account, &intent).await?;
            first = first.or(settled);
        }
        Ok(first)
    }

    /// Asks for a meeting, and looks for it where the answer does not say.
    async fn make(
        &self,
        service: &dyn MeetingProvider,
        client: &AuthorizedClient<'_>,
        account: &Account,
        intent: &Intent,
    ) -> Outcome {
        let began = Instant::now();
        match service.create_meeting(client, intent).await {
            Ok(made) => self.write_down(account, intent, &made),
            Err(error) if says_nothing(&error) => {
                let slow = began.elapsed() >= SLOW;
                self.look_and_make(service, client, account, intent, error, slow).await
            }
            Err(error) => Outcome::NotMade(error),
        }
    }

    /// Looks, twice; where there is nothing, asks once more, unless it was `slow`, and looks again.
    async fn look_and_make(
        &self,
        service: &dyn MeetingProvider,
        client: &AuthorizedClient<'_>,
        account: &Account,
        intent: &Intent,
        lost: Error,
        slow: bool,
    ) -> Outcome {
        tracing::info!(account = %account.id, "a meeting may have been created, checking");
        let mut lost = lost;
        for asked_again in [false, true] {
            for look in 0..2 {
                if look > 0 {
                    tokio::time::sleep(SECOND_LOOK).await;
                }
                match self.look(service, client, account, intent).await {
                    Ok(Found::It(meeting)) => return self.write_down(account, intent, &meeting),
                    Ok(Found::Several(candidates)) => {
                        let noted = self.register().set_candidates(&intent.id, &candidates);
                        return Outcome::Unknown(noted.err().unwrap_or_else(|| unknown(account, "candidates")));
                    }
                    Ok(Found::Nothing) => {}
                    // The reason to look is what a person has to know; why looking failed only says that it is open.
                    Err(error) => {
                        tracing::info!(code = ?error.code, "it could not be looked for");
                        return Outcome::Unknown(Error { code: ErrorCode::OutcomeUnknown, ..lost });
                    }
                }
            }
            if asked_again {
                break;
            }
            if slow {
                return Outcome::Unknown(Error { code: ErrorCode::OutcomeUnknown, ..lost });
            }
            match service.create_meeting(client, intent).await {
                Ok(made) => return self.write_down(account, intent, &made),
                Err(error) if says_nothing(&error) => lost = error,
                Err(error) => return Outcome::NotMade(error),
            }
        }
        // Asked twice, looked for four times, and not there: it was not made.
        Outcome::NotMade(Error { code: ErrorCode::Unavailable, ..lost })
    }

    async fn look(
        &self,
        service: &dyn MeetingProvider,
        client: &AuthorizedClient<'_>,
        account: &Account,
        intent: &Intent,
    ) -> Result<Found, Error> {
        let known = self.register().known_ids(&account.id)?;
        let found = service.find_created(client, intent).await?;
        let candidates = found
            .into_iter()
            .filter(|meeting| !known.contains(&meeting.provider_id) && !intent.before.contains(&meeting.provider_id))
            .collect();
        let open = self.register().open_intents(Some(&account.id))?;
        let alike = open.iter().filter(|other| other.draft == intent.draft && other.made.is_none()).count();
        Ok(Intent::choose(candidates, alike))
    }

    fn write_down(&self, account: &Account, intent: &Intent, made: &ProviderMeeting) -> Outcome {
        tracing::debug!(account = %account.id, "the meeting stands, writing it down");
        match self.register().fulfil(account, intent, made, options_of(account.provider)) {
            Ok(meeting) => Outcome::Made(Box::new(meeting)),
            Err(error) => {
                let link = made.join_url.as_ref().map_or(made.provider_id.as_str(), |url| url.as_str());
                Outcome::Unknown(unknown(account, &format!("{link} ({:?})", error.code)))
            }
        }
    }

    /// Takes out the dates of a new series that do not take place; its intent is open until then.
    async fn finish(
        &self,
        service: &dyn MeetingProvider,
        client: &AuthorizedClient<'_>,
        intent: &Intent,
        meeting: &Meeting,
    ) -> Result<(), Error> {
        if let Some(series) = &intent.draft.recurrence {
            self.leave_out(service, client, &meeting.provider_id, &intent.draft.time, series).await?;
            self.register().close_intent(&intent.id)?;
        }
        Ok(())
    }

    /// Takes every exception out of a provider's own series.
    pub(super) async fn leave_out(
        &self,
        service: &dyn MeetingProvider,
        client: &AuthorizedClient<'_>,
        provider_id: &str,
        time: &MeetingTime,
        series: &Recurrence,
    ) -> Result<(), Error> {
        if series.form != SeriesForm::Native {
            return Ok(());
        }
        for wall in &series.exceptions {
            let Some(start) = instant(*wall, time.zone()) else { continue };
            service.cancel_occurrence(client, provider_id, &MeetingTime { start, ..*time }).await?;
        }
        Ok(())
    }

    /// Settles what a lost answer or the end of a program left open, of one account. What cannot be looked for stays open.
    pub(super) async fn settle_intents(&self, account: &Account, client: &AuthorizedClient<'_>) {
        let open = |core: &Self| core.register().open_intents(Some(&account.id)).unwrap_or_default();
        if open(self).is_empty() {
            return;
        }
        let Ok(_alone) = AccountLock::for_making(&self.0.locks, &account.id).await else { return };
        let service = provider(account.provider);
        // Read again: another process may have settled them meanwhile.
        for intent in open(self).into_iter().filter(|intent| intent.candidates.is_empty()) {
            let outcome = match &intent.made {
                Some(provider_id) => {
                    let left_out = match &intent.draft.recurrence {
                        Some(series) => self.leave_out(service, client, provider_id, &intent.draft.time, series).await,
                        None => Ok(()),
                    };
                    match left_out {
                        Err(error) if error.is_passing() || error.code == ErrorCode::SignInRequired => Err(error),
                        // A series that is gone has no dates left, and a refusal is not asked for forever.
                        _ => self.register().close_intent(&intent.id),
                    }
                }
                None => self.settle_one(service, client, account, &intent).await.map(drop),
            };
            if let Err(error) = outcome {
                tracing::info!(account = %account.id, code = ?error.code, "a meeting that may have been created is still open");
                if error.is_passing() || error.code == ErrorCode::SignInRequired {
                    return;
                }
            }
        }
    }

    /// The meeting of an open intent, looked for and else made; none where nobody waits for it any more.
    async fn settle_one(
        &self,
        service: &dyn MeetingProvider,
        client: &AuthorizedClient<'_>,
        account: &Account,
        intent: &Intent,
    ) -> Result<Option<Meeting>, Error> {
        let stale = intent.is_stale(self.now());
        let found = match self.look(service, client, account, intent).await {
            // What can never be looked for is not looked for for ever.
            Err(error) if stale && !error.is_passing() && error.code != ErrorCode::SignInRequired => Found::Nothing,
            found => found?,
        };
        let outcome = match found {
            Found::It(meeting) => self.write_down(account, intent, &meeting),
            Found::Several(candidates) => {
                self.register().set_candidates(&intent.id, &candidates)?;
                return Err(unknown(account, "candidates"));
            }
            Found::Nothing if stale => return self.register().close_intent(&intent.id).map(|()| None),
            Found::Nothing => self.make(service, client, account, intent).await,
        };
        match outcome {
            Outcome::Made(meeting) => {
                self.finish(service, client, intent, &meeting).await?;
                Ok(Some(*meeting))
            }
            Outcome::NotMade(error) => self.register().close_intent(&intent.id).and(Err(error)),
            Outcome::Unknown(error) => Err(error),
        }
    }

    /// Settles what was left open, of every account: at the start, and when the network is back.
    pub async fn settle_all(&self) {
        let open = self.register().open_intents(None).unwrap_or_default();
        for account in self.register().accounts().unwrap_or_default() {
            if !open.iter().any(|intent| intent.account == account.id) {
                continue;
            }
            let Ok(parts) = self.session_parts(&account) else { continue };
            if let Ok(client) = AuthorizedClient::new(&parts, &account) {
                self.settle_intents(&account, &client).await;
            }
        }
    }

    /// What was asked to be made and is not known yet to stand.
    pub(super) fn pending(&self, only: Option<&AccountId>) -> Result<Vec<PendingView>, Error> {
        let accounts = self.register().accounts()?;
        let view = |intent: Intent| {
            let account = accounts.iter().find(|account| account.id == intent.account)?;
            // What only has dates to be left out stands already.
            intent.made.is_none().then(|| PendingView {
                id: intent.id.0,
                account: intent.account,
                provider: account.provider,
                subject: intent.draft.subject.clone(),
                start: rfc3339(&intent.draft.time.start),
                candidates: intent
                    .candidates
                    .into_iter()
                    .map(|one| CandidateView { provider_id: one.provider_id, join_url: one.join_url })
                    .collect(),
            })
        };
        Ok(self.register().open_intents(only)?.into_iter().filter_map(view).collect())
    }

    /// A person's word on a meeting that may have been made: which of the candidates it is, or none of them. With none, it
    /// counts as not made.
    ///
    /// # Errors
    /// `NotFound` where nothing of this name is open; the provider's.
    pub async fn decide_pending(&self, id: &str, is: Option<&str>) -> Result<Option<Meeting>, Error> {
        let intent = self.register().open_intents(None)?.into_iter().find(|intent| intent.id.0 == id);
        let intent = intent.ok_or_else(|| Error {
            fields: vec![FieldIssue::with_detail("pending", IssueCode::Unknown, id)],
            ..Error::new(ErrorCode::NotFound)
        })?;
        let Some(provider_id) = is else {
            return self.register().close_intent(&IntentId(id.to_owned())).map(|()| None);
        };
        if !intent.candidates.iter().any(|one| one.provider_id == provider_id) {
            return Err(Error::invalid(vec![FieldIssue::with_detail("is", IssueCode::Unknown, provider_id)]));
        }
        let account = self.account(&intent.account)?;
        let parts = self.session_parts(&account)?;
        let client = AuthorizedClient::new(&parts, &account)?;
        let service = provider(account.provider);
        let _alone = AccountLock::for_making(&self.0.locks, &account.id).await?;
        let outcome = service.meeting(&client, provider_id).await;
        self.note_outcome(&account, &client, &outcome)?;
        let meeting = self.register().fulfil(&account, &intent, &outcome?, options_of(account.provider))?;
        self.finish(service, &client, &intent, &meeting).await.map(|()| Some(meeting))
    }
}

/// The drafts that a draft becomes: itself, or the meetings of a series that is to stand as several.
fn parts_of(service: &dyn MeetingProvider, draft: MeetingDraft) -> Result<Vec<MeetingDraft>, Error> {
    match &draft.recurrence {
        Some(series) if series.form == SeriesForm::Linked => {
            service.parts(&draft).ok_or_else(|| Error::not_possible("repeat", "too_many_meetings", Vec::new()))
        }
        _ => Ok(vec![draft]),
    }
}

/// Whether an error of a create says nothing about whether the meeting was made. An answer that cannot be understood does
/// not undo what was asked.
fn says_nothing(error: &Error) -> bool {
    matches!(error.code, ErrorCode::OutcomeUnknown | ErrorCode::BadAnswer)
}

fn unknown(account: &Account, detail: &str) -> Error {
    Error::new(ErrorCode::OutcomeUnknown).detail(detail).at(&account.id, account.provider)
}
