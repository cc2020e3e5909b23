//! Meetings.

use chrono::{DateTime, Utc};
use convoke_core::{
    account::AccountId,
    error::{Error, ErrorCode, FieldIssue, IssueCode},
    meeting::{ChangeInput, DraftInput, Meeting, MeetingId, invitation::InvitationForm},
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

/// Cancels every meeting of the series that this one belongs to, where it stands as several.
///
/// # Errors
/// The provider's; those before the first that fails are cancelled.
#[tauri::command]
pub async fn cancel_series<R: Runtime>(app: AppHandle<R>, id: MeetingId) -> Answer<Vec<MeetingId>> {
    let shell = app.state::<Shell>();
    let result = shell.core().cancel_series(&id).await;
    shell.note_change(&app, false);
    Ok(result?)
}

/// The person's word on a meeting that may have been created: the provider's id of the one that it is, or none.
///
/// # Errors
/// `NotFound` where nothing of this name is open; the provider's.
#[tauri::command]
pub async fn decide_pending<R: Runtime>(
    app: AppHandle<R>,
    id: String,
    is: Option<String>,
) -> Answer<Option<MeetingView>> {
    let shell = app.state::<Shell>();
    let result = shell.core().decide_pending(&id, is.as_deref()).await;
    shell.note_change(&app, false);
    Ok(result?.as_ref().map(MeetingView::from))
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
    Ok(shell.core().invitation(&id, InvitationForm::Text)?)
}

/// Writes the entry for a calendar into the person's downloads; answers where it stands.
///
/// # Errors
/// `NotFound`; `InvalidInput` for a meeting without a time; `Storage` where it cannot be written.
#[tauri::command]
pub async fn save_invitation<R: Runtime>(app: AppHandle<R>, id: MeetingId) -> Answer<String> {
    let entry = app.state::<Shell>().core().invitation(&id, InvitationForm::Calendar)?;
    let unwritable = |detail: String| Error::new(ErrorCode::Storage).detail(detail);
    let folder = app.path().download_dir().or_else(|_| app.path().home_dir()).map_err(|e| unwritable(e.to_string()))?;
    // The id alone names it: a subject could hold anything.
    let path = folder.join(format!("convoke-{}.ics", id.0));
    let write = || std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(&path, &entry));
    write().map_err(|error| unwritable(error.kind().to_string()))?;
    Ok(path.display().to_string())
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
