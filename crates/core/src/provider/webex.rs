//! Placeholder.

use super::{Answer, MeetingProvider};
use crate::{
    account::Identity,
    auth::session::AuthorizedClient,
    capabilities::Capabilities,
    error::Error,
    meeting::{Meeting, MeetingChange, MeetingDraft, ProviderMeeting, intent::Intent},
};

/// Webex.
pub struct Webex;

impl MeetingProvider for Webex {
    fn capabilities(&self) -> Capabilities {
        todo!()
    }
    fn check_draft(&self, _draft: &MeetingDraft) -> Result<(), Error> {
        todo!()
    }
    fn check_change(&self, _current: &Meeting, _change: &MeetingChange) -> Result<(), Error> {
        todo!()
    }
    fn parts(&self, _draft: &MeetingDraft) -> Option<Vec<MeetingDraft>> {
        todo!()
    }
    fn identity<'a>(&'a self, _client: &'a AuthorizedClient<'a>) -> Answer<'a, Identity> {
        todo!()
    }
    fn create_meeting<'a>(
        &'a self,
        _client: &'a AuthorizedClient<'a>,
        _intent: &'a Intent,
    ) -> Answer<'a, ProviderMeeting> {
        todo!()
    }
    fn find_created<'a>(
        &'a self,
        _client: &'a AuthorizedClient<'a>,
        _intent: &'a Intent,
    ) -> Answer<'a, Vec<ProviderMeeting>> {
        todo!()
    }
    fn meeting<'a>(&'a self, _client: &'a AuthorizedClient<'a>, _provider_id: &'a str) -> Answer<'a, ProviderMeeting> {
        todo!()
    }
    fn list_meetings<'a>(
        &'a self,
        _client: &'a AuthorizedClient<'a>,
        _known: &'a [Meeting],
    ) -> Answer<'a, Vec<ProviderMeeting>> {
        todo!()
    }
    fn update_meeting<'a>(
        &'a self,
        _client: &'a AuthorizedClient<'a>,
        _current: &'a Meeting,
        _change: &'a MeetingChange,
    ) -> Answer<'a, ProviderMeeting> {
        todo!()
    }
    fn delete_meeting<'a>(&'a self, _client: &'a AuthorizedClient<'a>, _provider_id: &'a str) -> Answer<'a, ()> {
        todo!()
    }
}
