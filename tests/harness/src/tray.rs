//! A panel without a screen: takes the tray icon's registration, reads its menu and clicks its items over D-Bus.
//!
//! `org.kde.StatusNotifierWatcher` and `org.kde.StatusNotifierItem` as freedesktop.org describes them; the menu is
//! `com.canonical.dbusmenu`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use zbus::blocking::{Connection, Proxy};
use zbus::message::Header;
use zbus::zvariant::{OwnedObjectPath, OwnedValue, Value};

use crate::bus;
use crate::patience;
use crate::session::Session;

const WATCHER: &str = "org.kde.StatusNotifierWatcher";
const ITEM: &str = "org.kde.StatusNotifierItem";
const MENU: &str = "com.canonical.dbusmenu";

/// Owner and path of each item that registered.
type Items = Arc<Mutex<Vec<(String, String)>>>;

struct Watcher(Items);

#[zbus::interface(name = "org.kde.StatusNotifierWatcher")]
#[expect(
    clippy::unused_self,
    clippy::needless_pass_by_value,
    reason = "the D-Bus interface decides what methods look like"
)]
impl Watcher {
    fn register_status_notifier_item(&self, service: &str, #[zbus(header)] header: Header<'_>) {
        let sender = header.sender().map(ToString::to_string).unwrap_or_default();
        // Some applications send their path, others their name.
        let item = if service.starts_with('/') {
            (sender, service.to_owned())
        } else {
            (service.to_owned(), "/StatusNotifierItem".to_owned())
        };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(item);
    }

    fn register_status_notifier_host(&self, service: &str) {
        let _ = service;
    }

    #[zbus(property)]
    fn registered_status_notifier_items(&self) -> Vec<String> {
        let items = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        items.iter().map(|(owner, path)| format!("{owner}{path}")).collect()
    }

    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> bool {
        true
    }

    #[zbus(property)]
    fn protocol_version(&self) -> i32 {
        0
    }
}

/// One line of the menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MenuItem {
    /// The number to click it by.
    pub id: i32,
    /// The text without the mark for its shortcut; empty for a separator.
    pub label: String,
    /// Whether it can be clicked.
    pub enabled: bool,
    /// What opens below it.
    pub children: Vec<MenuItem>,
}

/// A panel on a session's bus.
#[derive(Debug)]
pub struct Tray {
    items: Items,
    connection: Connection,
}

impl Tray {
    /// Takes the watcher's name on the session's bus. An application that runs already registers by itself.
    #[must_use]
    pub fn start(session: &Session) -> Self {
        let items = Items::default();
        let watcher = Watcher(Arc::clone(&items));
        let connection = bus::serve(session.bus().address(), "/StatusNotifierWatcher", watcher, Some(WATCHER));
        Self { items, connection }
    }

    /// Waits for an icon.
    #[track_caller]
    pub fn wait_icon(&self) {
        self.item();
    }

    /// The icon's title, status, icon name or another text property (`Title`, `Status`, `IconName`, …).
    #[must_use]
    #[track_caller]
    pub fn property(&self, name: &str) -> String {
        let (owner, path) = self.item();
        Proxy::new(&self.connection, owner, path, ITEM)
            .and_then(|item| item.get_property(name))
            .unwrap_or_else(|error| panic!("{name} of the tray icon: {error}"))
    }

    /// The whole menu as it is now.
    #[must_use]
    #[track_caller]
    pub fn menu(&self) -> Vec<MenuItem> {
        let menu = self.menu_proxy();
        // Applications may build the menu only when it opens; not all answer this call.
        let _ = menu.call::<_, _, bool>("AboutToShow", &(0i32,));
        let (_, (_, _, children)): (u32, Layout) = menu
            .call("GetLayout", &(0i32, -1i32, Vec::<String>::new()))
            .unwrap_or_else(|error| panic!("the tray menu has no layout: {error}"));
        children.iter().filter_map(|child| read_item(child)).collect()
    }

    /// The texts of the menu's first level, without separators.
    #[must_use]
    #[track_caller]
    pub fn labels(&self) -> Vec<String> {
        self.menu().into_iter().map(|item| item.label).filter(|label| !label.is_empty()).collect()
    }

    /// Clicks the item with this text, at any depth, once it is there and enabled.
    #[track_caller]
    pub fn click(&self, label: &str) {
        let what = format!("{label:?} in the tray menu");
        let id = patience::wait_for(&what, patience::READY, || {
            find(&self.menu(), label).filter(|item| item.enabled).map(|item| item.id)
        });
        self.menu_proxy()
            .call::<_, _, ()>("Event", &(id, "clicked", Value::from(""), 0u32))
            .unwrap_or_else(|error| panic!("{what}: {error}"));
    }

    #[track_caller]
    fn item(&self) -> (String, String) {
        patience::wait_for("a tray icon", patience::READY, || {
            self.items.lock().unwrap_or_else(PoisonError::into_inner).last().cloned()
        })
    }

    #[track_caller]
    fn menu_proxy(&self) -> Proxy<'_> {
        let (owner, path) = self.item();
        let menu: OwnedObjectPath = patience::wait_for("the tray icon's menu", patience::READY, || {
            Proxy::new(&self.connection, owner.clone(), path.clone(), ITEM).ok()?.get_property("Menu").ok()
        });
        Proxy::new(&self.connection, owner, menu, MENU).expect("proxy")
    }
}

/// `(ia{sv}av)`: number, properties, children.
type Layout = (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>);

fn read_item(value: &Value<'_>) -> Option<MenuItem> {
    let value = match value {
        Value::Value(inner) => inner,
        plain => plain,
    };
    let Value::Structure(structure) = value else {
        return None;
    };
    let [Value::I32(id), Value::Dict(properties), Value::Array(children)] = structure.fields() else {
        return None;
    };
    let label: Option<String> = properties.get(&"label").ok().flatten();
    let enabled: Option<bool> = properties.get(&"enabled").ok().flatten();
    Some(MenuItem {
        id: *id,
        label: label.unwrap_or_default().replace('_', ""),
        enabled: enabled.unwrap_or(true),
        children: children.iter().filter_map(read_item).collect(),
    })
}

fn find<'a>(items: &'a [MenuItem], label: &str) -> Option<&'a MenuItem> {
    items.iter().find_map(|item| if item.label == label { Some(item) } else { find(&item.children, label) })
}
