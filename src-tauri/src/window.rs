//! The one window: made here, shown here, and kept to the app's own page.

use std::time::Duration;

use tauri::{
    AppHandle, Manager, Runtime, WebviewWindow, WebviewWindowBuilder, WindowEvent,
    webview::{NewWindowResponse, PageLoadEvent},
};
use url::Url;

use crate::{app_state::Show, leaving::leave, shell::Shell};

const LABEL: &str = "main";
/// A page that is not ready by then is shown as it is.
const SHOWN_AFTER: Duration = Duration::from_secs(1);

/// Whether the window waits for its page before it comes up.
struct Waits(std::sync::atomic::AtomicBool);

/// How the window is made.
#[derive(Clone, Copy, Debug)]
pub struct Start {
    /// It stays away until the tray asks for it.
    pub hidden: bool,
    /// A driver operates it; `WebKit` then needs its ordinary store.
    pub automation: bool,
}

/// Makes the window. It comes up once its page is ready.
///
/// # Errors
/// Where the configuration has no window, or the system refuses it.
pub fn create<R: Runtime>(app: &AppHandle<R>, start: Start) -> tauri::Result<()> {
    let configuration = app.config().app.windows.iter().find(|window| window.label == LABEL).cloned();
    let configuration = configuration.ok_or(tauri::Error::WindowNotFound)?;
    app.manage(Waits(std::sync::atomic::AtomicBool::new(!start.hidden)));
    let window = WebviewWindowBuilder::from_config(app, &configuration)?
        // Nothing of the page is kept on the disk: everything that lasts is core's.
        .incognito(!start.automation)
        .devtools(cfg!(debug_assertions))
        .on_navigation(is_our_page)
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .on_page_load(|window, load| {
            if load.event() == PageLoadEvent::Started {
                window.state::<Shell>().page_left();
            }
        })
        .build()?;
    keep_in_tray(&window);
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        tokio::time::sleep(SHOWN_AFTER).await;
        reveal_when_ready(&app);
    });
    Ok(())
}

/// Brings the window up if it has waited for its page; otherwise it is where the person left it.
pub fn reveal_when_ready<R: Runtime>(app: &AppHandle<R>) {
    let waited = app.try_state::<Waits>().is_some_and(|waits| waits.0.swap(false, std::sync::atomic::Ordering::SeqCst));
    if waited && app.get_webview_window(LABEL).is_some_and(|window| window.show().is_err()) {
        tracing::warn!("the window could not be shown");
    }
}

/// Brings the window to the front, on a certain screen where one is given.
pub fn show<R: Runtime>(app: &AppHandle<R>, screen: Option<Show>) {
    if let Some(window) = app.get_webview_window(LABEL) {
        let shown = window.show().and_then(|()| window.unminimize()).and_then(|()| window.set_focus());
        if shown.is_err() {
            tracing::warn!("the window could not be brought to the front");
        }
    }
    if let Some(screen) = screen {
        app.state::<Shell>().show(app, screen);
    }
}

/// Whether an address is the page that was compiled in: nothing else is ever loaded.
fn is_our_page(url: &Url) -> bool {
    match url.scheme() {
        "tauri" => url.host_str() == Some("localhost"),
        "http" | "https" => cfg!(any(windows, target_os = "android")) && url.host_str() == Some("tauri.localhost"),
        _ => false,
    }
}

/// Closing hides the window, where there is a tray to get it back from; without one it ends the program.
fn keep_in_tray<R: Runtime>(window: &WebviewWindow<R>) {
    let closed = window.clone();
    window.on_window_event(move |event| {
        let WindowEvent::CloseRequested { api, .. } = event else { return };
        api.prevent_close();
        let window = closed.clone();
        tauri::async_runtime::spawn(async move {
            if !tray_is_shown().await {
                leave(window.app_handle());
            } else if window.hide().is_err() {
                tracing::warn!("the window could not be hidden");
            }
        });
    });
}

/// Whether a panel shows tray icons. Plain GNOME does not: a hidden window could not be found again there.
#[cfg(target_os = "linux")]
async fn tray_is_shown() -> bool {
    let asked = async {
        let bus = zbus::Connection::session().await?;
        let bus = zbus::fdo::DBusProxy::new(&bus).await?;
        bus.name_has_owner("org.kde.StatusNotifierWatcher".try_into()?).await.map_err(zbus::Error::from)
    };
    matches!(tokio::time::timeout(SHOWN_AFTER, asked).await, Ok(Ok(true)))
}

#[cfg(not(target_os = "linux"))]
#[expect(clippy::unused_async, reason = "the question is asked over a bus where there is one")]
async fn tray_is_shown() -> bool {
    true
}

#[cfg(all(test, not(windows)))]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_our_page_is_loaded() {
        assert!(is_our_page(&"tauri://localhost/".parse().unwrap()));
        assert!(is_our_page(&"tauri://localhost/index.html#agenda".parse().unwrap()));
        for other in [
            "https://example.com/",
            "http://tauri.localhost/",
            "http://127.0.0.1:1420/",
            "tauri://example.com/",
            "file:///etc/passwd",
            "data:text/html,x",
            "about:blank",
            "blob:tauri://localhost/x",
        ] {
            assert!(!is_our_page(&other.parse().unwrap()), "{other}");
        }
    }
}
