//! What people and scripts see: accounts, meetings and errors as plain JSON, without any secret.
//!
//! The window and `convoke --json` share these shapes; interfaces other than these two have none.

use chrono::{DateTime, SubsecRound, Utc};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

pub use crate::capabilities::Capabilities;
use crate::{
    account::{Account, AccountHealth, AccountId, ProviderKind, SignInKind},
    error::{Alternative, Error, ErrorCode, FieldIssue},
    meeting::{Meeting, MeetingId, MeetingState, SeriesForm, SeriesId, rfc3339},
};

/// An account, as a person or a script sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct AccountView {
    /// Its id.
    pub id: AccountId,
    /// Its provider.
    pub provider: ProviderKind,
    /// What the person calls it.
    pub label: String,
    /// Who signed in: a mail address or a user name.
    pub identity: String,
    /// The granted scopes.
    pub scopes: Vec<String>,
    /// Its state.
    pub health: AccountHealth,
    /// Why, as an error code, where the state is not `ok`.
    pub health_reason: Option<String>,
    /// When a person must have signed in again, where known; none where it has ended.
    pub sign_in_by: Option<DateTime<Utc>>,
    /// When the access token ends.
    pub expires_at: Option<DateTime<Utc>>,
    /// When the tokens were last renewed.
    pub last_refresh: Option<DateTime<Utc>>,
    /// When Convoke looks at the sign-in next by itself, while it runs; none where it waits for the person.
    pub next_check: Option<DateTime<Utc>>,
}

impl AccountView {
    /// An account by its register, with what is told of it by the clock: its state, when a person must have signed in again, and
    /// when it is looked at next.
    #[must_use]
    pub fn new(
        account: &Account,
        health: AccountHealth,
        sign_in_by: Option<DateTime<Utc>>,
        next_check: Option<DateTime<Utc>>,
    ) -> Self {
        // As the register keeps it, so that an account looks the same when it is new and when it is listed.
        let to_the_millisecond = |at: Option<DateTime<Utc>>| at.map(|at| at.trunc_subsecs(3));
        Self {
            id: account.id.clone(),
            provider: account.provider,
            label: account.label.clone(),
            identity: account.identity.address.clone(),
            scopes: account.scopes.clone(),
            health,
            health_reason: account.health_reason.clone(),
            sign_in_by: to_the_millisecond(sign_in_by),
            expires_at: to_the_millisecond(account.expires_at),
            last_refresh: to_the_millisecond(account.last_refresh),
            next_check: to_the_millisecond(next_check),
        }
    }
}

/// A meeting, as a person or a script sees it. What the provider does not know is null.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct MeetingView {
    /// Its id here.
    pub id: MeetingId,
    /// Its account.
    pub account: AccountId,
    /// Its provider.
    pub provider: ProviderKind,
    /// The provider's id.
    pub provider_id: String,
    /// The subject.
    pub subject: String,
    /// RFC 3339 with the zone's offset.
    pub start: Option<String>,
    /// RFC 3339 with the zone's offset.
    pub end: Option<String>,
    /// The IANA zone it was planned in.
    pub zone: Option<String>,
    /// The link for anyone.
    pub join_url: Option<String>,
    /// What a person types to get in.
    pub passcode: Option<String>,
    /// Telephone numbers, one a line.
    pub dial_in: Option<String>,
    /// Text for the invited.
    pub agenda: String,
    /// Mail addresses.
    pub invitees: Vec<String>,
    /// A rule (RFC 5545 `RRULE`), where it repeats.
    pub recurrence: Option<String>,
    /// The wall times of occurrences that do not take place: `2027-03-15T09:30`.
    pub exceptions: Vec<String>,
    /// How a series stands at its provider, where it repeats.
    pub series_form: Option<SeriesForm>,
    /// What it shares with the other meetings of a series that stands as several.
    pub series: Option<SeriesId>,
    /// An address for video systems.
    pub sip: Option<String>,
    /// Provider options that differ from the account's default.
    #[ts(type = "Record<string, string>")]
    pub options: std::collections::BTreeMap<String, String>,
    /// What became of it.
    pub state: MeetingState,
}

impl From<&Meeting> for MeetingView {
    fn from(meeting: &Meeting) -> Self {
        Self {
            id: meeting.id.clone(),
            account: meeting.account.clone(),
            provider: meeting.provider,
            provider_id: meeting.provider_id.clone(),
            subject: meeting.subject.clone(),
            start: meeting.time.map(|time| rfc3339(&time.start)),
            end: meeting.time.map(|time| rfc3339(&time.end())),
            zone: meeting.time.map(|time| time.zone().name().to_owned()),
            join_url: meeting.join_url.as_ref().map(|url| url.as_str().to_owned()),
            passcode: meeting.passcode.clone(),
            dial_in: meeting.dial_in.clone(),
            agenda: meeting.agenda.clone(),
            invitees: meeting.invitees.clone(),
            recurrence: meeting.recurrence.as_ref().map(|series| series.rule.text()),
            exceptions: meeting.recurrence.iter().flat_map(|series| &series.exceptions).map(wall_text).collect(),
            series_form: meeting.recurrence.as_ref().map(|series| series.form),
            series: meeting.series.clone(),
            sip: meeting.sip.clone(),
            options: meeting.options.to_names(),
            state: meeting.state,
        }
    }
}

/// A wall time to the minute: `2027-03-15T09:30`.
fn wall_text(wall: &chrono::NaiveDateTime) -> String {
    wall.format("%Y-%m-%dT%H:%M").to_string()
}

/// An error, as the window words it or a script branches on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct ErrorView {
    /// What happens next.
    pub code: ErrorCode,
    /// The account it happened to.
    pub account: Option<AccountId>,
    /// The provider it happened at.
    pub provider: Option<ProviderKind>,
    /// The provider's reason, or a host's name.
    pub detail: Option<String>,
    /// When to try again.
    pub retry_at: Option<DateTime<Utc>>,
    /// The fields that are wrong.
    pub fields: Vec<FieldIssue>,
    /// What can be done instead.
    pub alternatives: Vec<Alternative>,
}

impl From<Error> for ErrorView {
    fn from(error: Error) -> Self {
        let Error { code, account, provider, detail, retry_at, fields, alternatives, claims: _ } = error;
        Self { code, account, provider, detail, retry_at, fields, alternatives }
    }
}

/// One provider as the organisation's profile has it, for the cards of "Connect accounts" and `provider list`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct ProviderView {
    /// The provider.
    pub provider: ProviderKind,
    /// The name a person reads.
    pub name: String,
    /// How a person signs in.
    pub sign_in: SignInKind,
    /// Whether sign-in is possible with this profile: the broker serves it, or it needs none.
    pub available: bool,
    /// The scopes the broker asks for, where known.
    pub scopes: Vec<String>,
    /// The server that the profile presets (Sametime).
    pub server: Option<String>,
    /// What it can do.
    pub capabilities: Capabilities,
}

/// A list of meetings, and what could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct AgendaView {
    /// The meetings, by start; those without a time last.
    pub meetings: Vec<MeetingView>,
    /// One error for each account whose meetings could not be read (its `meetings` are as of an earlier time).
    pub problems: Vec<ErrorView>,
    /// When the oldest part of this was read at its provider; none where nothing was ever read.
    pub as_of: Option<DateTime<Utc>>,
    /// The dates of those meetings that repeat, within the window that was asked for.
    pub series: Vec<SeriesDates>,
    /// What was asked to be made and is not known yet to stand.
    pub pending: Vec<PendingView>,
}

/// The dates of one series within a window, in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct SeriesDates {
    /// The meeting.
    pub meeting: MeetingId,
    /// RFC 3339 with the zone's offset; each lasts as long as the meeting.
    pub starts: Vec<String>,
}

/// A meeting whose making was begun and whose outcome is being looked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct PendingView {
    /// The intent's id.
    pub id: String,
    /// The account.
    pub account: AccountId,
    /// The provider.
    pub provider: ProviderKind,
    /// The subject.
    pub subject: String,
    /// RFC 3339 with the zone's offset.
    pub start: String,
    /// The meetings that it may be, where there is more than one: a person has to say which.
    pub candidates: Vec<CandidateView>,
}

/// A meeting at the provider that may be the one that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct CandidateView {
    /// The provider's id.
    pub provider_id: String,
    /// The link for anyone.
    pub join_url: Option<String>,
}

/// What "Refresh now" did, account by account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct RefreshView {
    /// When it ended.
    pub at: DateTime<Utc>,
    /// Each account's result.
    pub accounts: Vec<RefreshedAccount>,
}

/// One account's part in "Refresh now".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct RefreshedAccount {
    /// The account after it.
    pub account: AccountView,
    /// How many of its meetings were read.
    pub meetings: u32,
    /// Why not, where it failed.
    pub error: Option<ErrorView>,
}

/// Where the organisation's profile comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase", tag = "kind", content = "value")]
#[ts(export)]
pub enum OrganisationSource {
    /// The profile that this program was started with (`--profile`): the sandbox for a newcomer.
    Started,
    /// The text of a profile file.
    Profile(String),
    /// The address of a broker; everything else is the vendors' own.
    Broker(String),
}

/// One line of the check of an organisation or of the keyring.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct CheckLine {
    /// What was checked.
    pub check: CheckKind,
    /// A name that the sentence needs: a host, a provider.
    pub subject: Option<String>,
    /// Why not, where it failed.
    pub error: Option<ErrorView>,
}

/// What a check looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum CheckKind {
    /// The profile can be read.
    Profile,
    /// The profile names a file of authorities that are believed beside the system's; it can be read.
    Authorities,
    /// The broker answers and is a broker.
    Broker,
    /// The broker serves this provider; or this provider's server answers.
    Provider,
}

/// What the check of an organisation found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct OrganisationCheck {
    /// The profile's name.
    pub name: String,
    /// A line per check, in the order in which they were made.
    pub lines: Vec<CheckLine>,
    /// Hosts that are not the vendors' own: a person must say yes to each.
    pub foreign_hosts: Vec<String>,
    /// Whether a person can go on with it.
    pub usable: bool,
}

/// The state of the keyring.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum KeyringState {
    /// A secret was written, read and deleted.
    Works,
    /// No keyring program answers.
    Absent,
    /// It is there and locked.
    Locked,
    /// It is there and failed in another way.
    Failed,
}

/// How a sign-in in the browser ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case", tag = "kind")]
#[ts(export)]
pub enum SignedIn {
    /// A new account, or the same person again.
    Account {
        /// The account.
        account: AccountView,
        /// Whether it was there before.
        again: bool,
    },
    /// Somebody else than before: nothing was replaced yet.
    DifferentPerson {
        /// The account as it still is.
        account: AccountView,
        /// Who signed in now.
        now: String,
    },
}

/// How far a disconnect went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum Revocation {
    /// The provider has forgotten the sign-in too.
    Revoked,
    /// The provider has no way to be told; the person can take the consent back on its page.
    NotOffered,
    /// The provider cannot be reached: it is told as soon as it can, for seven days.
    Queued,
    /// The provider could not be told.
    Failed,
}
