//! The whole journey at every provider of the sandbox, a line per step; what a newcomer and a script see first.

mod browser;

use std::process::ExitCode;

use chrono::{Duration, SecondsFormat};
use convoke_core::{
    account::{Account, ProviderKind, SignInKind},
    credential::Password,
    error::{Error, ErrorCode, FieldIssue, IssueCode},
    http::is_loopback,
    meeting::{ChangeInput, DraftInput, Meeting, MeetingId},
    service::{Core, sign_in::SignInEnd},
    view::{ErrorView, Revocation},
};
use serde_json::json;

use crate::{output::Output, words};

/// The sandbox's own user; no account anywhere else.
const SANDBOX_USER: &str = "ana";
const SANDBOX_PASSWORD: &str = "sandbox-password";

/// Signs in, makes, lists, changes, cancels, refreshes, signs out: at every provider. Exit 0 only if all held.
pub async fn run(core: &Core, output: Output) -> Result<ExitCode, Error> {
    let profile = core.profile();
    let sandboxed =
        profile.broker.is_some() && profile.sametime_server.is_some() && profile.addresses().all(is_loopback);
    if !sandboxed {
        return Err(Error::invalid(vec![FieldIssue::with_detail(
            "profile",
            IssueCode::NotPossible,
            "the demo runs against the sandbox only: make demo",
        )]));
    }
    let mut report = Report { output, steps: Vec::new() };
    let mut failed = None;
    for kind in ProviderKind::ALL {
        if let Err(error) = journey(core, kind, &mut report).await {
            report.failed(kind, &error);
            failed.get_or_insert(words::exit_code(error.code));
        }
    }
    if output.json {
        output.value(&report.steps, |_| String::new());
    } else if failed.is_none() {
        output.value(&(), |()| "Everything held. Nothing was left behind.".to_owned());
    }
    Ok(ExitCode::from(failed.unwrap_or(0)))
}

struct Report {
    output: Output,
    steps: Vec<serde_json::Value>,
}

impl Report {
    fn done(&mut self, kind: ProviderKind, step: &str, what: &str) {
        self.line(kind, step, true, what);
    }

    fn failed(&mut self, kind: ProviderKind, error: &Error) {
        self.line(kind, "failed", false, &words::sentence(&ErrorView::from(error.clone())));
    }

    fn line(&mut self, kind: ProviderKind, step: &str, held: bool, what: &str) {
        if self.output.json {
            self.steps.push(json!({"provider": kind, "step": step, "held": held, "detail": what}));
        } else {
            let mark = if held { "ok" } else { "FAILED" };
            self.output.value(&(), |()| format!("{:<9} {step:<8} {mark}  {what}", kind.as_str()));
        }
    }
}

async fn journey(core: &Core, kind: ProviderKind, report: &mut Report) -> Result<(), Error> {
    let account = sign_in(core, kind).await?;
    report.done(kind, "sign in", &format!("as {}", account.identity.address));
    // Whatever fails on the way, the account of the demo does not stay.
    let told = use_account(core, &account, report).await;
    let left = core.disconnect(&account.id).await;
    told?;
    let revoked = match left? {
        Revocation::Revoked => "at the provider and here",
        Revocation::NotOffered => "here; the provider offers no revocation",
        Revocation::Queued | Revocation::Failed => {
            return Err(Error::new(ErrorCode::Rejected).detail("the provider did not revoke").from_provider(kind));
        }
    };
    report.done(kind, "revoke", revoked);
    Ok(())
}

async fn use_account(core: &Core, account: &Account, report: &mut Report) -> Result<(), Error> {
    let kind = account.provider;
    let held = |held: bool, what: &str| {
        if held { Ok(()) } else { Err(Error::new(ErrorCode::BadAnswer).detail(what).from_provider(kind)) }
    };
    let start = (core.now() + Duration::days(2)).to_rfc3339_opts(SecondsFormat::Secs, true);
    let draft = DraftInput {
        subject: "Convoke demo".to_owned(),
        start,
        duration_minutes: Some(45),
        zone: "Europe/Zurich".to_owned(),
        ..DraftInput::default()
    };
    let made = core.create_meeting(&account.id, &draft).await?;
    let link = made.join_url.as_ref().map(|url| url.as_str().to_owned()).unwrap_or_default();
    held(!link.is_empty(), "a meeting without a link")?;
    report.done(kind, "create", &link);

    held(listed(core, account, &made.id).await?, "the new meeting is not in the list")?;
    report.done(kind, "list", "the new meeting is there");

    let change = ChangeInput {
        subject: Some("Convoke demo, moved".to_owned()),
        duration_minutes: Some(60),
        ..ChangeInput::default()
    };
    let moved: Meeting = core.update_meeting(&made.id, &change).await?;
    held(
        moved.join_url == made.join_url && moved.time.is_some_and(|time| time.minutes == 60),
        "the change did not hold, or the link moved",
    )?;
    report.done(kind, "update", "longer by 15 minutes, the link stays");

    core.cancel_meeting(&made.id).await?;
    held(!listed(core, account, &made.id).await?, "the cancelled meeting is still there")?;
    report.done(kind, "delete", "gone from the list");

    let (series, how) = series(core, account, &draft).await?;
    let told = core.meeting(&series.id).await?;
    held(told.recurrence == series.recurrence && told.time == series.time, "the series is not as it was asked for")?;
    core.cancel_meeting(&series.id).await?;
    report.done(kind, "series", how);

    let before = account.last_refresh;
    let after = core.refresh_account(&account.id).await?;
    held(after.last_refresh > before, "the tokens were not renewed")?;
    report.done(kind, "refresh", "new tokens, kept in the keyring");
    Ok(())
}

/// Three weeks at the same wall time: the provider's own series where it has one, else one link.
async fn series(core: &Core, account: &Account, draft: &DraftInput) -> Result<(Meeting, &'static str), Error> {
    let asked = DraftInput {
        subject: "Convoke demo, weekly".to_owned(),
        repeat: Some("FREQ=WEEKLY;COUNT=3".to_owned()),
        ..draft.clone()
    };
    match core.create_meeting(&account.id, &asked).await {
        Ok(made) => Ok((made, "three weeks, as the provider's own series")),
        Err(error) => {
            // The way out that the refusal names.
            let Some(way) = error.alternatives.first() else { return Err(error) };
            let again = DraftInput { repeat: Some(way.repeat.clone()), series: Some(way.series), ..asked };
            Ok((core.create_meeting(&account.id, &again).await?, "no series there: one link, the dates are kept here"))
        }
    }
}

async fn listed(core: &Core, account: &Account, meeting: &MeetingId) -> Result<bool, Error> {
    let agenda = core.agenda(Some(&account.id), None, None).await?;
    match agenda.problems.first() {
        Some(problem) => Err(Error::new(problem.code).at(&account.id, account.provider)),
        None => Ok(agenda.meetings.iter().any(|other| other.id == *meeting)),
    }
}

async fn sign_in(core: &Core, kind: ProviderKind) -> Result<Account, Error> {
    let label = Some("Demo".to_owned());
    let end = match kind.sign_in_kind() {
        // An old broker's page needs a person: `begin_sign_in` says so.
        SignInKind::Browser | SignInKind::Token => {
            let pending = core.begin_sign_in(kind, label, None).await?;
            let url = pending.authorize_url().clone();
            // A browser that gets nowhere ends the wait.
            tokio::try_join!(pending.finish(), browser::follow(url))?.0
        }
        SignInKind::Password => {
            let server = core.profile().sametime_server.as_ref().map(ToString::to_string).unwrap_or_default();
            core.sign_in_sametime(&server, SANDBOX_USER, Password::new(SANDBOX_PASSWORD.to_owned()), label, None)
                .await?
        }
    };
    match end {
        SignInEnd::Account { account, .. } => Ok(account),
        SignInEnd::DifferentPerson(_) => Err(Error::new(ErrorCode::DifferentPerson)),
    }
}
