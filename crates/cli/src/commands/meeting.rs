//! `convoke meeting …`

use std::{collections::BTreeMap, process::ExitCode};

use chrono::{DateTime, Utc};
use convoke_core::{
    account::AccountId,
    auth::browser,
    error::{Error, FieldIssue, IssueCode},
    meeting::{ChangeInput, DraftInput, MeetingId, invitation::InvitationForm, parse_instant},
    service::{Core, meetings::only_account},
    view::MeetingView,
};
use serde_json::json;

use super::parse_account;
use crate::{
    arguments::{Details, MeetingCommand},
    duration::minutes,
    output::Output,
    words,
};

pub async fn run(core: &Core, command: MeetingCommand, output: Output) -> Result<ExitCode, Error> {
    match command {
        MeetingCommand::Create { account, details } => {
            let input = draft(core, details)?;
            let account = chosen_account(core, account.as_deref())?;
            let meeting = core.create_meeting(&account, &input).await?;
            output.value(&MeetingView::from(&meeting), words::meeting_details);
        }
        MeetingCommand::List { account, from, to } => {
            return list(core, account.as_deref(), from.as_deref(), to.as_deref(), output).await;
        }
        MeetingCommand::Show { id } => {
            let meeting = core.meeting(&MeetingId(id)).await?;
            output.value(&MeetingView::from(&meeting), words::meeting_details);
        }
        MeetingCommand::Update { id, details } => {
            let meeting = core.update_meeting(&MeetingId(id), &change(details)?).await?;
            output.value(&MeetingView::from(&meeting), words::meeting_details);
        }
        MeetingCommand::Delete { id, all: true } => {
            let cancelled = core.cancel_series(&MeetingId(id)).await?;
            output.value(&json!({"cancelled": cancelled}), |_| {
                cancelled.iter().map(|id| format!("Cancelled {}.", id.0)).collect::<Vec<_>>().join("\n")
            });
        }
        MeetingCommand::Delete { id, all: false } => {
            core.cancel_meeting(&MeetingId(id.clone())).await?;
            output.value(&json!({"cancelled": id}), |_| format!("Cancelled {id}."));
        }
        MeetingCommand::Join { id } => {
            let link = core.join_url(&MeetingId(id))?;
            let url = link
                .as_str()
                .parse()
                .map_err(|_| Error::invalid(vec![FieldIssue::new("join_url", IssueCode::NotAWebAddress)]))?;
            #[expect(clippy::disallowed_methods, reason = "the person's choice of browser is configuration")]
            browser::open(&url, std::env::var_os("BROWSER").as_deref())?;
            output.value(&json!({"join_url": link.as_str()}), |_| link.as_str().to_owned());
        }
        MeetingCommand::Invitation { id, format } => {
            let unknown = || Error::invalid(vec![FieldIssue::with_detail("format", IssueCode::Unknown, &format)]);
            let form = InvitationForm::parse(&format).ok_or_else(unknown)?;
            let text = core.invitation(&MeetingId(id), form)?;
            if output.json {
                output.value(&json!({"format": format, "text": text}), |_| String::new());
            } else {
                output.text(&text);
            }
        }
        MeetingCommand::Settle { id, is, none: _ } => match core.decide_pending(&id, is.as_deref()).await? {
            Some(meeting) => output.value(&MeetingView::from(&meeting), words::meeting_details),
            None => output.value(&json!({"settled": id, "created": false}), |_| format!("{id} counts as not created.")),
        },
    }
    Ok(ExitCode::SUCCESS)
}

async fn list(
    core: &Core,
    account: Option<&str>,
    from: Option<&str>,
    to: Option<&str>,
    output: Output,
) -> Result<ExitCode, Error> {
    let account = account.map(parse_account).transpose()?;
    let instant = |field: &str, text: Option<&str>| -> Result<Option<DateTime<Utc>>, Error> {
        let read = |text: &str| {
            parse_instant(text, core.zone())
                .map_err(|problem| Error::invalid(vec![FieldIssue::with_detail(field, problem, text)]))
        };
        text.map(read).transpose()
    };
    let agenda = core.agenda(account.as_ref(), instant("from", from)?, instant("to", to)?).await?;
    for problem in &agenda.problems {
        let who = problem.account.as_ref().map(|id| format!("{id}: ")).unwrap_or_default();
        output.note(&format!("{who}{}", words::sentence(problem)));
    }
    for pending in &agenda.pending {
        output.note(&words::pending(pending));
    }
    // What an unreadable account had at an earlier time is no list of its meetings.
    let unreadable: Vec<&AccountId> = agenda.problems.iter().filter_map(|problem| problem.account.as_ref()).collect();
    let meetings: Vec<&MeetingView> =
        agenda.meetings.iter().filter(|meeting| !unreadable.contains(&&meeting.account)).collect();
    output.value(&meetings, |meetings| match meetings.as_slice() {
        [] if agenda.problems.is_empty() => "No meetings.".to_owned(),
        meetings => meetings.iter().map(|meeting| words::meeting(meeting)).collect::<Vec<_>>().join("\n"),
    });
    Ok(ExitCode::from(agenda.problems.first().map_or(0, |problem| words::exit_code(problem.code))))
}

/// The account that was named, else the person's default, else the only one there is.
fn chosen_account(core: &Core, given: Option<&str>) -> Result<AccountId, Error> {
    if let Some(id) = given {
        return parse_account(id);
    }
    let accounts = core.accounts()?;
    let preferred = core.settings()?.preferences.default_account;
    match preferred.filter(|id| accounts.iter().any(|account| account.id == *id)) {
        Some(id) => Ok(id),
        None => only_account(&accounts).map(|account| account.id.clone()),
    }
}

fn draft(core: &Core, details: Details) -> Result<DraftInput, Error> {
    let fold = details.fold();
    Ok(DraftInput {
        subject: details.subject.unwrap_or_default(),
        start: details.start.unwrap_or_default(),
        end: details.end,
        duration_minutes: details.duration.as_deref().map(length).transpose()?,
        zone: details.zone.unwrap_or_else(|| core.zone().name().to_owned()),
        fold,
        agenda: details.agenda.unwrap_or_default(),
        invitees: details.invite,
        repeat: details.repeat,
        except: details.except,
        series: details.series,
        options: options(&details.option)?,
    })
}

fn change(details: Details) -> Result<ChangeInput, Error> {
    let fold = details.fold();
    Ok(ChangeInput {
        subject: details.subject,
        start: details.start,
        end: details.end,
        duration_minutes: details.duration.as_deref().map(length).transpose()?,
        zone: details.zone,
        fold,
        agenda: details.agenda,
        invitees: Some(details.invite).filter(|list| !list.is_empty()),
        repeat: details.repeat,
        except: details.except,
        series: details.series,
        options: options(&details.option)?,
    })
}

/// `--option KEY=VALUE`, each key once.
fn options(given: &[String]) -> Result<BTreeMap<String, String>, Error> {
    let mut options = BTreeMap::new();
    for text in given {
        let wrong = || Error::invalid(vec![FieldIssue::with_detail("option", IssueCode::Refused, text)]);
        let (key, value) = text.split_once('=').ok_or_else(wrong)?;
        if options.insert(key.trim().to_owned(), value.to_owned()).is_some() {
            return Err(wrong());
        }
    }
    Ok(options)
}

fn length(text: &str) -> Result<u32, Error> {
    minutes(text).ok_or_else(|| {
        Error::invalid(vec![FieldIssue::with_detail("duration", IssueCode::Refused, "write 45m, 1h or 1h30m")])
    })
}
