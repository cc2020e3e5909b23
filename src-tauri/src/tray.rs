//! The tray icon: what [`menu`] says is put up here, and a click is acted on here.
//!
//! On Linux a panel shows the menu and nothing else (no tooltip, no left click), so the menu holds everything.

pub mod accounts;
pub mod menu;

use std::sync::{Mutex, PoisonError};

use convoke_core::{meeting::MeetingId, view::AgendaView};
use tauri::{
    AppHandle, Manager, Runtime,
    image::Image,
    menu::{Menu, MenuBuilder, MenuItemBuilder},
    tray::TrayIconBuilder,
};

use self::menu::{Act, LastRefresh, MenuLine, Mood, tray_menu, tray_mood};
use crate::{app_state::Show, commands, leaving::leave, shell::Shell, window, words::Words};

const ID: &str = "main";

/// What stands in the tray now, so that it is only touched when it changes. The lock also keeps two renderings in their order.
struct Shown {
    words: Words,
    now: Mutex<Option<(Vec<MenuLine>, Mood)>>,
}

/// Puts the icon up.
///
/// # Errors
/// Where the system refuses it.
pub fn start<R: Runtime>(app: &AppHandle<R>) -> tauri::Result<()> {
    let words = Words::english();
    TrayIconBuilder::with_id(ID)
        .icon(icon(Mood::Quiet)?)
        .icon_as_template(true)
        .tooltip(words.say("tray-tooltip", &[]))
        .menu(&Menu::new(app)?)
        .on_menu_event(|app, event| {
            if let Some(act) = Act::parse(&event.id().0) {
                perform(app, act);
            }
        })
        .build(app)?;
    app.manage(Shown { words, now: Mutex::new(None) });
    render(app);
    Ok(())
}

/// Brings the menu and the icon up to date, away from the main thread. Without a tray it does nothing.
pub fn render<R: Runtime>(app: &AppHandle<R>) {
    if app.try_state::<Shown>().is_none() {
        return;
    }
    let app = app.clone();
    tauri::async_runtime::spawn_blocking(move || {
        if let Err(error) = put_up(&app) {
            tracing::warn!(%error, "the tray could not be brought up to date");
        }
    });
}

fn put_up<R: Runtime>(app: &AppHandle<R>) -> tauri::Result<()> {
    let shown = app.state::<Shown>();
    let mut now_shown = shown.now.lock().unwrap_or_else(PoisonError::into_inner);
    let (lines, mood) = current(&app.state::<Shell>(), &shown.words);
    if now_shown.as_ref() == Some(&(lines.clone(), mood)) {
        return Ok(());
    }
    let Some(tray) = app.tray_by_id(ID) else { return Ok(()) };
    if now_shown.as_ref().is_none_or(|(before, _)| *before != lines) {
        tray.set_menu(Some(build(app, &lines)?))?;
    }
    if now_shown.as_ref().is_none_or(|(_, before)| *before != mood) {
        tray.set_icon(Some(icon(mood)?))?;
    }
    *now_shown = Some((lines, mood));
    Ok(())
}

fn current(shell: &Shell, words: &Words) -> (Vec<MenuLine>, Mood) {
    let core = shell.core();
    let now = core.now();
    let accounts = core.account_views().unwrap_or_default();
    let nothing = || AgendaView {
        meetings: Vec::new(),
        problems: Vec::new(),
        as_of: None,
        series: Vec::new(),
        pending: Vec::new(),
    };
    let agenda = core.stored_agenda(None, None).unwrap_or_else(|_| nothing());
    let done = shell.last_refresh();
    let last = match &done {
        _ if shell.is_refreshing() => LastRefresh::Running,
        Some(view) => LastRefresh::Done(view),
        None => LastRefresh::Never,
    };
    (tray_menu(now, core.zone(), &agenda, &accounts, last, words), tray_mood(now, &agenda, &accounts))
}

fn build<R: Runtime>(app: &AppHandle<R>, lines: &[MenuLine]) -> tauri::Result<Menu<R>> {
    let mut menu = MenuBuilder::new(app);
    for line in lines {
        // A single `&` would become an underlined letter: "R&D review" must stay itself.
        let text = |text: &str| text.replace('&', "&&");
        menu = match line {
            MenuLine::Item(act, label) => menu.item(&MenuItemBuilder::with_id(act.id(), text(label)).build(app)?),
            MenuLine::Note(label) => menu.item(&MenuItemBuilder::new(text(label)).enabled(false).build(app)?),
            MenuLine::Separator => menu.separator(),
        };
    }
    menu.build()
}

fn perform<R: Runtime>(app: &AppHandle<R>, act: Act) {
    match act {
        Act::Accounts => window::show(app, Some(Show::Accounts)),
        Act::New => window::show(app, Some(Show::New)),
        Act::Meeting(MeetingId(id)) => window::show(app, Some(Show::Meeting(id))),
        Act::Open => window::show(app, None),
        Act::Quit => leave(app),
        Act::Join(id) => away_from_main(app, move |app| async move {
            if let Err(error) = commands::meetings::join(&app.state::<Shell>(), &id) {
                // The menu cannot say why; the meeting's own panel has the link to copy.
                tracing::warn!(%error, "the meeting's link was not opened");
                window::show(&app, Some(Show::Meeting(id.0)));
            }
        }),
        Act::Refresh => away_from_main(app, |app| async move {
            if let Err(error) = app.state::<Shell>().refresh_now(&app).await {
                tracing::warn!(%error, "the refresh failed");
            }
        }),
    }
}

fn away_from_main<R: Runtime, F: Future<Output = ()> + Send + 'static>(
    app: &AppHandle<R>,
    work: impl FnOnce(AppHandle<R>) -> F,
) {
    tauri::async_runtime::spawn(work(app.clone()));
}

fn icon(mood: Mood) -> tauri::Result<Image<'static>> {
    Image::from_bytes(match mood {
        Mood::Quiet => include_bytes!("../../icons/tray/quiet.png"),
        Mood::Soon => include_bytes!("../../icons/tray/soon.png"),
        Mood::InMeeting => include_bytes!("../../icons/tray/in-meeting.png"),
        Mood::Attention => include_bytes!("../../icons/tray/attention.png"),
    })
}
