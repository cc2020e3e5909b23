//! Where a meeting stands: its id, and whose it is where it was made for somebody else. Webex finds such a meeting only by
//! both, and an id is all that is kept of it, so ours is `ID@ADDRESS` there.

use url::Url;

use super::MEETINGS;
use crate::{
    auth::session::AuthorizedClient,
    error::{Error, ErrorCode},
    meeting::ProviderMeeting,
    provider::meeting_id::checked,
};

/// Between the two; no id of Webex has one.
const AT: char = '@';

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place<'a> {
    pub(super) id: &'a str,
    pub(super) host: Option<&'a str>,
}

impl<'a> Place<'a> {
    /// Reads an id as we keep it.
    ///
    /// # Errors
    /// `NotFound`: no meeting has such an id.
    pub(super) fn parse(kept: &'a str) -> Result<Self, Error> {
        let (id, host) = kept.split_once(AT).map_or((kept, None), |(id, host)| (id, Some(host)));
        if host.is_some_and(str::is_empty) {
            return Err(Error::new(ErrorCode::NotFound));
        }
        Ok(Self { id: checked(id)?, host })
    }

    /// The address of the meeting, or of the occurrence of it that starts at `start`.
    pub(super) fn url(self, client: &AuthorizedClient<'_>, start: Option<&str>) -> Url {
        let occurrence = start.map(|start| format!("{}_{start}", self.id));
        let mut url = client.url(&[MEETINGS, occurrence.as_deref().unwrap_or(self.id)]);
        if let Some(host) = self.host {
            url.query_pairs_mut().append_pair("hostEmail", host);
        }
        url
    }
}

/// A meeting as Webex told it, which belongs to `host`.
pub(super) fn of(host: Option<&str>, told: ProviderMeeting) -> ProviderMeeting {
    match host {
        Some(host) => ProviderMeeting { provider_id: format!("{}{AT}{host}", told.provider_id), ..told },
        None => told,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_as_it_was_kept() {
        for (id, host) in [("870f", None), ("870f", Some("boss@example.com"))] {
            let kept = of(host, ProviderMeeting::new(id.to_owned())).provider_id;
            assert_eq!(Place::parse(&kept), Ok(Place { id, host }));
        }
        for kept in ["", "..", "@boss@example.com", "..@boss@example.com", "870f@"] {
            assert_eq!(Place::parse(kept).unwrap_err().code, ErrorCode::NotFound, "{kept}");
        }
    }
}
