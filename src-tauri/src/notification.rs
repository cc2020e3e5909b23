//! A note of the desktop, as its own notifications are shown; a click on it leads to the accounts.
//!
//! On Linux one call over the session bus that the window and the keyring use too: tauri's plugin and `notify-rust` under it
//! would bring a second D-Bus implementation, and the plugin a script for the page. Elsewhere `notify-rust` speaks to the system.

use tauri::{AppHandle, Runtime};

/// What stands in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// The first line.
    pub title: String,
    /// The text under it.
    pub text: String,
}

/// The name that the desktop shows beside it.
const APPLICATION: &str = "Convoke";

/// Shows it.
///
/// # Errors
/// Where no desktop took it in time; the reason is for a log.
#[cfg(target_os = "linux")]
pub async fn show<R: Runtime>(app: &AppHandle<R>, notification: &Notification) -> Result<(), String> {
    desktop::show(app, notification).await
}

/// Shows it. A click brings the window as the system does by itself; the text says where to go.
///
/// # Errors
/// Where the system did not take it; the reason is for a log.
#[cfg(not(target_os = "linux"))]
pub async fn show<R: Runtime>(app: &AppHandle<R>, notification: &Notification) -> Result<(), String> {
    let mut shown = notify_rust::Notification::new();
    shown.appname(APPLICATION).summary(&notification.title).body(&notification.text);
    // Windows files what it shows under the program's own name only where it was installed by that name.
    #[cfg(windows)]
    shown.app_id(&app.config().identifier);
    #[cfg(not(windows))]
    let _ = app;
    let showing =
        tauri::async_runtime::spawn_blocking(move || shown.show().map(drop).map_err(|error| error.to_string()));
    showing.await.map_err(|error| error.to_string())?
}

/// The Desktop Notifications Specification, version 1.2.
#[cfg(target_os = "linux")]
mod desktop {
    use std::{collections::HashMap, time::Duration};

    use tauri::{AppHandle, Runtime};
    use tokio::time::timeout;
    use zbus::{Connection, Proxy, export::ordered_stream::OrderedStreamExt, proxy::SignalStream, zvariant::Value};

    use super::{APPLICATION, Notification};
    use crate::{app_state::Show, window};

    const NAME: &str = "org.freedesktop.Notifications";
    const PATH: &str = "/org/freedesktop/Notifications";
    /// What a click on the note itself is called.
    const CLICK: &str = "default";
    /// The name of the program's icon and of its desktop entry, as the package installs them.
    const ICON: &str = "convoke-desktop";
    const DESKTOP_ENTRY: &str = "Convoke";
    /// A desktop that starts its server for the first note needs a moment.
    const PATIENCE: Duration = Duration::from_secs(10);

    pub(super) async fn show<R: Runtime>(app: &AppHandle<R>, notification: &Notification) -> Result<(), String> {
        match timeout(PATIENCE, send(notification)).await {
            Err(_) => Err("the desktop did not answer".to_owned()),
            Ok(Err(error)) => Err(error.to_string()),
            Ok(Ok((connection, signals, id))) => {
                let app = app.clone();
                tauri::async_runtime::spawn(async move {
                    // Some desktops take a note away with the connection that it came by.
                    let _open = connection;
                    if clicked(signals, id).await {
                        window::show(&app, Some(Show::Accounts));
                    }
                });
                Ok(())
            }
        }
    }

    async fn send(notification: &Notification) -> zbus::Result<(Connection, SignalStream<'static>, u32)> {
        let connection = Connection::session().await?;
        let server = Proxy::new(&connection, NAME, PATH, NAME).await?;
        // Before the note is there, so that no click is missed.
        let signals = server.receive_all_signals().await?;
        let actions = [CLICK, ""];
        let hints = HashMap::from([("desktop-entry", Value::from(DESKTOP_ENTRY))]);
        let (title, text) = (notification.title.as_str(), notification.text.as_str());
        let values = (APPLICATION, 0_u32, ICON, title, text, &actions[..], hints, -1_i32);
        let id = server.call("Notify", &values).await?;
        Ok((connection, signals, id))
    }

    /// Waits for a click on the note, or for its end.
    async fn clicked(mut signals: SignalStream<'static>, id: u32) -> bool {
        while let Some(signal) = signals.next().await {
            let header = signal.header();
            let Some(member) = header.member() else { continue };
            match member.as_str() {
                "ActionInvoked" => match signal.body().deserialize::<(u32, String)>() {
                    Ok((of, action)) if of == id => return action == CLICK,
                    _ => {}
                },
                "NotificationClosed" => match signal.body().deserialize::<(u32, u32)>() {
                    Ok((of, _)) if of == id => return false,
                    _ => {}
                },
                _ => {}
            }
        }
        false
    }
}
