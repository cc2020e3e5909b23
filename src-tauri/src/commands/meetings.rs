//! Meetings.

use chrono::{DateTime, Utc};
use convoke_core::{
    account::AccountId,
    error::{Error, ErrorCode, FieldIssue, IssueCode},
    meeting::{ChangeInput, DraftInput, Meeting, MeetingId},
    view::{AgendaView, MeetingView},
};
use tauri::{AppHandle, Manager, Runtime, State};

use super::Answer;
use crate::shell::Shell;

/// The meetings between two instants (RFC 3339): from the register at once, or fresh from the providers.
///
/// # Errors
/// `InvalidInput` at `from` or `to`; `Storage`; an account's failure is among the answer's problems.
#[tauri::command]
pub async fn agenda<R: Runtime>(
    app: AppHandle<R>,
    from: Option<String>,
    to: Option<String>,
    fresh: bool,
) -> Answer<AgendaView> {
    let (from, to) = (instant("from", from.as_deref())?, instant("to", to.as_deref())?);
    let shell = app.state::<Shell>();
    if !fresh {
        return Ok(shell.core().stored_agenda(from, to)?);
    }
    // Noted before the answer: the quiet reading at the start must not ask a second time meanwhile.
    shell.note_read();
    let agenda = shell.core().agenda(None, from, to).await;
    shell.note_change(&app, false);
    Ok(agenda?)
}

/// One meeting, as its provider has it now.
///
/// # Errors
/// `NotFound`; the provider's.
#[tauri::command]
pub async fn meeting<R: Runtime>(app: AppHandle<R>, id: MeetingId) -> Answer<MeetingView> {
    let shell = app.state::<Shell>();
    let result = shell.core().meeting(&id).await;
    told(&app, &shell, result)
}

/// Makes a meeting.
///
/// # Errors
/// `InvalidInput` at the field; the provider's; `OutcomeUnknown` where it may have been made.
#[tauri::command]
pub async fn create_meeting<R: Runtime>(
    app: AppHandle<R>,
    account: AccountId,
    input: DraftInput,
) -> Answer<MeetingView> {
    let shell = app.state::<Shell>();
    let result = shell.core().create_meeting(&account, &input).await;
    told(&app, &shell, result)
}

/// Changes a meeting; its link stays.
///
/// # Errors
/// As [`create_meeting`]; `NotFound`.
#[tauri::command]
pub async fn update_meeting<R: Runtime>(app: AppHandle<R>, id: MeetingId, input: ChangeInput) -> Answer<MeetingView> {
    let shell = app.state::<Shell>();
    let result = shell.core().update_meeting(&id, &input).await;
    told(&app, &shell, result)
}

/// Cancels a meeting.
///
/// # Errors
/// The provider's; the meeting then stays.
#[tauri::command]
pub async fn cancel_meeting<R: Runtime>(app: AppHandle<R>, id: MeetingId) -> Answer<()> {
    let shell = app.state::<Shell>();
    let result = shell.core().cancel_meeting(&id).await;
    shell.note_change(&app, false);
    Ok(result?)
}

/// Opens a meeting's link in the browser.
///
/// # Errors
/// `NotFound` where it has none; `InvalidInput` at `browser` where none could be started.
#[tauri::command]
pub async fn join_meeting(shell: State<'_, Shell>, id: MeetingId) -> Answer<()> {
    Ok(join(&shell, &id)?)
}

/// The text to send to the invited.
///
/// # Errors
/// `NotFound`; `Storage`.
#[tauri::command]
pub async fn invitation(shell: State<'_, Shell>, id: MeetingId) -> Answer<String> {
    Ok(shell.core().invitation(&id)?)
}

/// Opens a meeting's link, for the page and for the tray.
pub(crate) fn join(shell: &Shell, id: &MeetingId) -> Result<(), Error> {
    let link = shell.core().join_url(id)?;
    let url = link.as_str().parse().map_err(|_| Error::new(ErrorCode::BadAnswer))?;
    shell.open(&url)
}

fn told<R: Runtime>(app: &AppHandle<R>, shell: &Shell, result: Result<Meeting, Error>) -> Answer<MeetingView> {
    shell.note_change(app, false);
    Ok(MeetingView::from(&result?))
}

fn instant(field: &str, text: Option<&str>) -> Result<Option<DateTime<Utc>>, Error> {
    let parse = |text: &str| {
        let wrong = || Error::invalid(vec![FieldIssue::with_detail(field, IssueCode::NotATime, text)]);
        DateTime::parse_from_rfc3339(text).map(|time| time.with_timezone(&Utc)).map_err(|_| wrong())
    };
    text.map(parse).transpose()
}
