//! The words of the command line, as scripts rely on them.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use convoke_core::meeting::{Fold, SeriesForm};

/// Schedule online meetings at Teams, Zoom, Webex, GoToMeeting and Sametime.
#[derive(Debug, Parser)]
#[command(
    name = "convoke",
    version,
    propagate_version = true,
    subcommand_required = true,
    arg_required_else_help = true
)]
pub struct Arguments {
    /// The organisation's profile file (TOML): which broker, which providers, which hosts
    #[arg(long, global = true, value_name = "FILE")]
    pub profile: Option<PathBuf>,
    /// The folder of settings and register (default: `$CONVOKE_HOME`, else per XDG)
    #[arg(long, global = true, value_name = "DIR")]
    pub home: Option<PathBuf>,
    /// Print one JSON value on standard output and nothing else there
    #[arg(long, global = true)]
    pub json: bool,
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Sign in, list, refresh, disconnect
    #[command(subcommand)]
    Account(AccountCommand),
    /// Create, list, show, update, delete, join
    #[command(subcommand)]
    Meeting(MeetingCommand),
    /// What this organisation offers
    #[command(subcommand)]
    Provider(ProviderCommand),
    /// Look for what stands in the way: clock, proxy, certificates, broker, providers, keyring, loopback, browser, register
    Doctor,
    /// Sign in to every provider of the sandbox, make, list, change and cancel a meeting there, and sign out
    Demo,
}

/// Accounts.
#[derive(Debug, Subcommand)]
pub enum AccountCommand {
    /// Sign in: teams, zoom, webex, goto or sametime
    Add(AddAccount),
    /// Every account with its health
    List,
    /// Ask for new tokens now, even while the old ones are good
    Refresh {
        /// The account
        #[arg(conflicts_with = "all")]
        id: Option<String>,
        /// Every account, as without an ID
        #[arg(long)]
        all: bool,
    },
    /// Disconnect: revoke where the provider can, forget here
    Remove {
        /// The account
        id: String,
    },
}

/// How to sign in.
#[derive(Debug, Args)]
pub struct AddAccount {
    /// teams, zoom, webex, goto or sametime
    pub provider: String,
    /// What to call the account
    #[arg(long, value_name = "NAME")]
    pub label: Option<String>,
    /// Print the address to open instead of opening it
    #[arg(long)]
    pub no_browser: bool,
    /// The Sametime server
    #[arg(long, value_name = "URL")]
    pub server: Option<String>,
    /// The user name at the Sametime server
    #[arg(long, value_name = "NAME")]
    pub username: Option<String>,
    /// Read the password from standard input (it is sent once and not kept)
    #[arg(long)]
    pub password_stdin: bool,
}

/// Meetings.
#[derive(Debug, Subcommand)]
pub enum MeetingCommand {
    /// Make a meeting
    Create {
        /// The account (may be left out where there is only one)
        #[arg(long, value_name = "ID")]
        account: Option<String>,
        /// What it is about
        #[command(flatten)]
        details: Details,
    },
    /// The meetings of every account, or of one
    List {
        /// One account
        #[arg(long, value_name = "ID")]
        account: Option<String>,
        /// From this time on
        #[arg(long, value_name = "TIME")]
        from: Option<String>,
        /// Before this time
        #[arg(long, value_name = "TIME")]
        to: Option<String>,
    },
    /// One meeting, as its provider has it now
    Show {
        /// The meeting
        id: String,
    },
    /// Change a meeting; what is left out stays, and so does the link
    Update {
        /// The meeting
        id: String,
        /// What changes
        #[command(flatten)]
        details: Details,
    },
    /// Cancel a meeting
    Delete {
        /// The meeting
        id: String,
        /// Every meeting of the series that it belongs to, where that stands as several
        #[arg(long)]
        all: bool,
    },
    /// Say which meeting it is that may have been created, where more than one can be it
    Settle {
        /// What `convoke meeting list` calls it: i-…
        id: String,
        /// The provider's id of the meeting
        #[arg(long, value_name = "ID", required_unless_present = "none", conflicts_with = "none")]
        is: Option<String>,
        /// None of them: it was not created
        #[arg(long)]
        none: bool,
    },
    /// Open the link in the browser
    Join {
        /// The meeting
        id: String,
    },
    /// The words to send to the invited
    Invitation {
        /// The meeting
        id: String,
        /// text, html or ics
        #[arg(long, default_value = "text")]
        format: String,
    },
}

/// A meeting's fields. TIME is RFC 3339 with an offset, or `2027-03-14T09:30` as wall time in --zone.
#[derive(Debug, Args)]
pub struct Details {
    /// What it is about
    #[arg(long, value_name = "TEXT")]
    pub subject: Option<String>,
    /// When it starts
    #[arg(long, value_name = "TIME")]
    pub start: Option<String>,
    /// The IANA zone of the wall times (default: yours)
    #[arg(long, value_name = "IANA")]
    pub zone: Option<String>,
    /// How long: 45m, 1h, 1h30m
    #[arg(long, value_name = "LENGTH", conflicts_with = "end")]
    pub duration: Option<String>,
    /// When it ends
    #[arg(long, value_name = "TIME")]
    pub end: Option<String>,
    /// A rule for a series (RFC 5545): FREQ=WEEKLY;BYDAY=MO;COUNT=10; with update, empty for no series any more
    #[arg(long, value_name = "RRULE")]
    pub repeat: Option<String>,
    /// A date of the series that is left out; may be given several times
    #[arg(long = "except", value_name = "DATE")]
    pub except: Vec<String>,
    /// How a series stands at the provider
    #[arg(long, value_name = "FORM", value_parser = parse_form)]
    pub series: Option<SeriesForm>,
    /// Who is invited; may be given several times
    #[arg(long = "invite", value_name = "ADDRESS")]
    pub invite: Vec<String>,
    /// Text for the invited
    #[arg(long, value_name = "TEXT")]
    pub agenda: Option<String>,
    /// A provider's option (convoke provider list names them); may be given several times
    #[arg(long = "option", value_name = "KEY=VALUE")]
    pub option: Vec<String>,
    /// Where a clock change makes the wall time happen twice: the first
    #[arg(long, conflicts_with = "later")]
    pub earlier: bool,
    /// Where a clock change makes the wall time happen twice: the second
    #[arg(long)]
    pub later: bool,
}

/// native, one-link or linked.
fn parse_form(text: &str) -> Result<SeriesForm, String> {
    match text {
        "native" => Ok(SeriesForm::Native),
        "one-link" | "one_link" => Ok(SeriesForm::OneLink),
        "linked" => Ok(SeriesForm::Linked),
        _ => Err("one of native, one-link, linked".to_owned()),
    }
}

impl Details {
    /// Which of two wall times is meant.
    pub const fn fold(&self) -> Option<Fold> {
        match (self.earlier, self.later) {
            (true, _) => Some(Fold::Earlier),
            (_, true) => Some(Fold::Later),
            _ => None,
        }
    }
}

/// Providers.
#[derive(Debug, Subcommand)]
pub enum ProviderCommand {
    /// Every provider, whether sign-in is possible, and what it can do
    List,
}
