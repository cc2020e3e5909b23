//! What a meeting provider does, and the one `match` from [`ProviderKind`] to it.
//!
//! An enum for identity, data for endpoints, a trait for behaviour. The providers do not know each
//! other, the storage or the broker; they speak through an [`AuthorizedClient`].

use crate::{
    account::{Identity, ProviderKind},
    auth::session::AuthorizedClient,
    error::Answer,
    meeting::{Meeting, MeetingChange, MeetingDraft, ProviderMeeting},
    view::Capabilities,
};

mod meeting_id;
mod refusal;
mod retry_after;
pub mod sametime;
#[cfg(test)]
pub(crate) mod script;
pub mod teams;
pub mod zoom;

/// Create, read, list, update in place and delete at one provider.
pub trait MeetingProvider: Send + Sync {
    /// What it can do: asked before, not found out after.
    fn capabilities(&self) -> Capabilities;

    /// Who is signed in.
    ///
    /// # Errors
    /// As the session: sign-in, network, provider.
    fn identity<'a>(&'a self, client: &'a AuthorizedClient<'a>) -> Answer<'a, Identity>;

    /// Makes a meeting.
    ///
    /// # Errors
    /// `OutcomeUnknown` where the answer was lost: it may have been made.
    fn create_meeting<'a>(
        &'a self,
        client: &'a AuthorizedClient<'a>,
        draft: &'a MeetingDraft,
    ) -> Answer<'a, ProviderMeeting>;

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
}

/// The provider's behaviour.
#[must_use]
pub fn provider(kind: ProviderKind) -> &'static dyn MeetingProvider {
    match kind {
        ProviderKind::Teams => &teams::Teams,
        ProviderKind::Zoom => &zoom::Zoom,
        ProviderKind::Sametime => &sametime::Sametime,
    }
}
