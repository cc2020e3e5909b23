//! Meetings that a list cannot show, read one by one: four at a time, in their order, without those that are gone.

use std::sync::{Mutex, PoisonError};

use crate::{
    error::{Error, ErrorCode},
    meeting::{Meeting, ProviderMeeting},
};

/// Reads each of `some`; one that is gone is left out.
///
/// # Errors
/// Any other error of one fails all: half a list would read as "cancelled".
pub async fn read_back<'m, R>(
    some: impl IntoIterator<Item = &'m Meeting>,
    read: impl Fn(&'m Meeting) -> R,
) -> Result<Vec<ProviderMeeting>, Error>
where
    R: Future<Output = Result<ProviderMeeting, Error>>,
{
    let waiting = Mutex::new(some.into_iter().collect::<Vec<_>>().into_iter().enumerate());
    let lane = || async {
        let mut found = Vec::new();
        loop {
            let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).next();
            let Some((place, meeting)) = next else { return Ok::<_, Error>(found) };
            match read(meeting).await {
                Ok(meeting) => found.push((place, meeting)),
                Err(error) if error.code == ErrorCode::NotFound => {}
                Err(error) => return Err(error),
            }
        }
    };
    let (one, two, three, four) = tokio::try_join!(lane(), lane(), lane(), lane())?;
    let mut all: Vec<_> = one.into_iter().chain(two).chain(three).chain(four).collect();
    all.sort_by_key(|(place, _)| *place);
    Ok(all.into_iter().map(|(_, meeting)| meeting).collect())
}
