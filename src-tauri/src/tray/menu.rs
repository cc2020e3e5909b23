//! What the tray says: pure, from the time, the accounts, the agenda and the last refresh.
//!
//! Meetings stand first because that is what a person opens the menu for, after what keeps Convoke from working.

use chrono::{DateTime, Datelike, Duration, Utc};
use chrono_tz::Tz;
use convoke_core::{
    meeting::{MeetingId, MeetingState},
    view::{AccountView, AgendaView, MeetingView, RefreshView},
};

use super::accounts::{needs_the_person, problems, provider, state};
use crate::words::{Value, Words};

/// So many meetings are shown.
const MEETINGS: usize = 3;
/// A meeting that starts within this time is soon.
const SOON: Duration = Duration::minutes(10);
/// A longer subject is cut, in characters.
const LONGEST_SUBJECT: usize = 48;

/// What a click does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Shows the accounts in the window.
    Accounts,
    /// Opens the meeting's link.
    Join(MeetingId),
    /// Shows the meeting in the window.
    Meeting(MeetingId),
    /// Shows an empty form.
    New,
    /// Renews the tokens and reads the meetings of every account.
    Refresh,
    /// Shows the window as it is.
    Open,
    /// Ends the program.
    Quit,
}

impl Act {
    /// The act as the name of a menu item. It tells everything, so that a click on a menu that was replaced meanwhile still
    /// does what the person read.
    #[must_use]
    pub fn id(&self) -> String {
        match self {
            Self::Accounts => "accounts".to_owned(),
            Self::Join(id) => format!("join:{}", id.0),
            Self::Meeting(id) => format!("meeting:{}", id.0),
            Self::New => "new".to_owned(),
            Self::Refresh => "refresh".to_owned(),
            Self::Open => "open".to_owned(),
            Self::Quit => "quit".to_owned(),
        }
    }

    /// Reads what [`Act::id`] wrote.
    #[must_use]
    pub fn parse(id: &str) -> Option<Self> {
        let meeting = |id: &str| MeetingId(id.to_owned());
        Some(match id.split_once(':') {
            Some(("join", id)) => Self::Join(meeting(id)),
            Some(("meeting", id)) => Self::Meeting(meeting(id)),
            Some(_) => return None,
            None => match id {
                "accounts" => Self::Accounts,
                "new" => Self::New,
                "refresh" => Self::Refresh,
                "open" => Self::Open,
                "quit" => Self::Quit,
                _ => return None,
            },
        })
    }
}

/// One line of the menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MenuLine {
    /// Can be clicked.
    Item(Act, String),
    /// Can only be read.
    Note(String),
    /// A hairline.
    Separator,
}

/// The icon's four shapes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// Nothing to say.
    Quiet,
    /// A meeting starts within ten minutes.
    Soon,
    /// A meeting is on.
    InMeeting,
    /// An account needs the person.
    Attention,
}

/// What the shell knows of the last refresh.
#[derive(Clone, Copy, Debug)]
pub enum LastRefresh<'a> {
    /// There was none since the start.
    Never,
    /// One is under way.
    Running,
    /// It ended so.
    Done(&'a RefreshView),
}

/// The whole menu, in order. `zone` is where the person reads times.
#[must_use]
pub fn tray_menu(
    now: DateTime<Utc>,
    zone: Tz,
    agenda: &AgendaView,
    accounts: &[AccountView],
    last_refresh: LastRefresh<'_>,
    words: &Words,
) -> Vec<MenuLine> {
    let mut lines = problems(now, accounts, words);
    if !lines.is_empty() {
        lines.push(MenuLine::Separator);
    }
    if accounts.is_empty() {
        lines.push(MenuLine::Item(Act::Accounts, words.say("tray-no-accounts", &[])));
    } else {
        lines.extend(meetings(now, zone, agenda, words));
    }
    lines.push(MenuLine::Separator);
    lines.push(MenuLine::Item(Act::New, words.say("tray-new", &[])));
    lines.extend(refresh(now, zone, last_refresh, words));
    lines.push(MenuLine::Separator);
    lines.push(MenuLine::Item(Act::Open, words.say("tray-open", &[])));
    lines.push(MenuLine::Item(Act::Quit, words.say("tray-quit", &[])));
    lines
}

/// The icon's shape. What needs the person comes first: without a sign-in there is no meeting to be told of.
#[must_use]
pub fn tray_mood(now: DateTime<Utc>, agenda: &AgendaView, accounts: &[AccountView]) -> Mood {
    let spans = || dates(agenda).map(|(start, end, _)| (start, end));
    if accounts.iter().any(|account| needs_the_person(now, account)) {
        Mood::Attention
    } else if spans().any(|(start, end)| start <= now && now < end) {
        Mood::InMeeting
    } else if spans().any(|(start, _)| now < start && start <= now + SOON) {
        Mood::Soon
    } else {
        Mood::Quiet
    }
}

fn meetings(now: DateTime<Utc>, zone: Tz, agenda: &AgendaView, words: &Words) -> Vec<MenuLine> {
    let mut next: Vec<(DateTime<Utc>, &MeetingView)> =
        dates(agenda).filter(|(_, end, _)| now < *end).map(|(start, _, meeting)| (start, meeting)).collect();
    next.sort_by(|a, b| (a.0, &a.1.id).cmp(&(b.0, &b.1.id)));
    if next.is_empty() {
        // What was never read is not an empty day.
        let name = if agenda.as_of.is_some() { "tray-nothing" } else { "tray-unread" };
        return vec![MenuLine::Note(words.say(name, &[]))];
    }
    next.into_iter().take(MEETINGS).map(|(start, meeting)| meeting_line(now, zone, start, meeting, words)).collect()
}

fn meeting_line(now: DateTime<Utc>, zone: Tz, start: DateTime<Utc>, meeting: &MeetingView, words: &Words) -> MenuLine {
    let local = start.with_timezone(&zone);
    let mut time = clock(start, zone);
    if local.date_naive() != now.with_timezone(&zone).date_naive() {
        let (weekday, day) = (local.weekday().to_string().to_lowercase(), local.day().to_string());
        let values = [("weekday", Value::Text(&weekday)), ("day", Value::Text(&day)), ("time", Value::Text(&time))];
        time = words.say("tray-time-other-day", &values);
    }
    let subject = short(&meeting.subject);
    let subject = if subject.is_empty() { words.say("tray-no-subject", &[]) } else { subject };
    let values = [("time", Value::Text(&time)), ("subject", Value::Text(&subject))];
    if meeting.join_url.is_none() {
        return MenuLine::Item(Act::Meeting(meeting.id.clone()), words.say("tray-meeting", &values));
    }
    let name = if start <= now { "tray-meeting-now" } else { "tray-meeting-join" };
    MenuLine::Item(Act::Join(meeting.id.clone()), words.say(name, &values))
}

fn refresh(now: DateTime<Utc>, zone: Tz, last_refresh: LastRefresh<'_>, words: &Words) -> Vec<MenuLine> {
    let ask = MenuLine::Item(Act::Refresh, words.say("tray-refresh", &[]));
    let view = match last_refresh {
        LastRefresh::Never => return vec![ask, MenuLine::Note(words.say("tray-never-refreshed", &[]))],
        LastRefresh::Running => return vec![MenuLine::Note(words.say("tray-refreshing", &[]))],
        LastRefresh::Done(view) => view,
    };
    let mut lines =
        vec![ask, MenuLine::Note(words.say("tray-refreshed-at", &[("time", Value::Text(&clock(view.at, zone)))]))];
    lines.extend(view.accounts.iter().map(|part| {
        if part.error.is_some() {
            return MenuLine::Note(state(now, &part.account, words));
        }
        let (label, provider) = (short(&part.account.label), provider(part.account.provider, words));
        let values = [
            ("label", Value::Text(&label)),
            ("provider", Value::Text(&provider)),
            ("count", Value::Number(part.meetings)),
        ];
        MenuLine::Note(words.say("tray-account-ok", &values))
    }));
    lines
}

fn clock(instant: DateTime<Utc>, zone: Tz) -> String {
    instant.with_timezone(&zone).format("%H:%M").to_string()
}

/// Every date of every meeting that stands: its own, or those of its series within the agenda's window.
fn dates(agenda: &AgendaView) -> impl Iterator<Item = (DateTime<Utc>, DateTime<Utc>, &MeetingView)> {
    agenda.meetings.iter().filter(|meeting| meeting.state == MeetingState::Scheduled).flat_map(|meeting| {
        let Some((start, end)) = span(meeting) else { return Vec::new() };
        match agenda.series.iter().find(|series| series.meeting == meeting.id) {
            Some(series) => {
                let starts = series.starts.iter().filter_map(|text| instant(text));
                starts.map(|date| (date, date + (end - start), meeting)).collect()
            }
            None => vec![(start, end, meeting)],
        }
    })
}

fn instant(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc())
}

fn span(meeting: &MeetingView) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    Some((instant(meeting.start.as_deref()?)?, instant(meeting.end.as_deref()?)?))
}

/// One short line: a subject is outside text, and a menu as wide as the screen helps nobody.
pub(crate) fn short(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let line: String = line.chars().filter(|c| !c.is_control()).collect();
    if line.chars().count() <= LONGEST_SUBJECT {
        return line;
    }
    let cut: String = line.chars().take(LONGEST_SUBJECT - 1).collect();
    format!("{}…", cut.trim_end())
}
