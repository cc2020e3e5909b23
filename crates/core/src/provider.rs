//! What a meeting provider does, and the one `match` from [`ProviderKind`] to it.
//!
//! An enum for identity, data for endpoints, a trait for behaviour. The providers do not know each
//! other, the storage or the broker; they speak through an [`AuthorizedClient`].

use crate::{
    account::{Identity, ProviderKind},
    auth::session::AuthorizedClient,
    capabilities::Capabilities,
    error::{Answer, Error},
    meeting::{Meeting, MeetingChange, MeetingDraft, MeetingTime, ProviderMeeting, intent::Intent},
};

pub mod goto_meeting;
mod meeting_id;
mod read_back;
mod refusal;
pub mod sametime;
#[cfg(test)]
pub(crate) mod script;
mod series;
pub mod teams;
pub mod webex;
pub mod zoom;

/// Create, read, list, update in place and delete at one provider.
pub trait MeetingProvider: Send + Sync {
    /// What it can do: asked before, not found out after.
    fn capabilities(&self) -> Capabilities;

    /// Whether this can be made, before anything is sent.
    ///
    /// # Errors
    /// `Rejected` with the ways out as [`Alternative`](crate::error::Alternative)s, or `InvalidInput`.
    fn check_draft(&self, draft: &MeetingDraft) -> Result<(), Error>;

    /// Whether a meeting can be changed so, before anything is sent.
    ///
    /// # Errors
    /// As [`MeetingProvider::check_draft`].
    fn check_change(&self, current: &Meeting, change: &MeetingChange) -> Result<(), Error> {
        change.as_draft(current).map_or(Ok(()), |draft| self.check_draft(&draft))
    }

    /// The meetings that a series becomes which is to stand as several; none where it cannot.
    fn parts(&self, _draft: &MeetingDraft) -> Option<Vec<MeetingDraft>> {
        None
    }

    /// Who is signed in.
    ///
    /// # Errors
    /// As the session: sign-in, network, provider.
    fn identity<'a>(&'a self, client: &'a AuthorizedClient<'a>) -> Answer<'a, Identity>;

    /// The ids that stand before a meeting is made, where a provider says neither when a meeting was made nor takes a key
    /// of ours: what is absent here and there later is new.
    ///
    /// # Errors
    /// As the session.
    fn ids_before<'a>(&'a self, _client: &'a AuthorizedClient<'a>) -> Answer<'a, Vec<String>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    /// Makes a meeting. The intent's id is given to a provider that takes a key.
    ///
    /// # Errors
    /// `OutcomeUnknown` where the answer was lost: it may have been made.
    fn create_meeting<'a>(
        &'a self,
        client: &'a AuthorizedClient<'a>,
        intent: &'a Intent,
    ) -> Answer<'a, ProviderMeeting>;

    /// Looks for a meeting that may have been made for this intent, and changes nothing: every meeting that has its key,
    /// or that is like it and was made since. The caller leaves out those that the register knows.
    ///
    /// # Errors
    /// As the session: then nothing is known.
    fn find_created<'a>(
        &'a self,
        client: &'a AuthorizedClient<'a>,
        intent: &'a Intent,
    ) -> Answer<'a, Vec<ProviderMeeting>>;

    /// Reads one meeting.
    ///
    /// # Errors
    /// `NotFound` where it is gone.
    fn meeting<'a>(&'a self, client: &'a AuthorizedClient<'a>, provider_id: &'a str) -> Answer<'a, ProviderMeeting>;

    /// Reads every meeting, all pages. `known` are the ones that the register remembers: a provider that
    /// cannot list reads each of these back, and leaves out those that are gone.
    ///
    /// # Errors
    /// Any error of a page fails the whole list: half a list would read as "cancelled".
    fn list_meetings<'a>(
        &'a self,
        client: &'a AuthorizedClient<'a>,
        known: &'a [Meeting],
    ) -> Answer<'a, Vec<ProviderMeeting>>;

    /// Changes a meeting where it stands; its link stays.
    ///
    /// # Errors
    /// `NotFound` where it is gone.
    fn update_meeting<'a>(
        &'a self,
        client: &'a AuthorizedClient<'a>,
        current: &'a Meeting,
        change: &'a MeetingChange,
    ) -> Answer<'a, ProviderMeeting>;

    /// Deletes a meeting. One that is already gone is done.
    ///
    /// # Errors
    /// As the session.
    fn delete_meeting<'a>(&'a self, client: &'a AuthorizedClient<'a>, provider_id: &'a str) -> Answer<'a, ()>;

    /// Takes one occurrence out of the provider's own series. One that is not there is done.
    ///
    /// # Errors
    /// As the session.
    fn cancel_occurrence<'a>(
        &'a self,
        _client: &'a AuthorizedClient<'a>,
        _provider_id: &'a str,
        _occurrence: &'a MeetingTime,
    ) -> Answer<'a, ()> {
        Box::pin(async { Ok(()) })
    }
}

/// The provider's behaviour.
#[must_use]
pub fn provider(kind: ProviderKind) -> &'static dyn MeetingProvider {
    match kind {
        ProviderKind::Teams => &teams::Teams,
        ProviderKind::Zoom => &zoom::Zoom,
        ProviderKind::Webex => &webex::Webex,
        ProviderKind::Goto => &goto_meeting::GoToMeeting,
        ProviderKind::Sametime => &sametime::Sametime,
    }
}
