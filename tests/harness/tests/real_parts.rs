//! The harness's own real parts: what the product's tests rely on has to be shown to work, and to fail.

use std::collections::HashMap;
use std::fs;

use convoke_harness::bus::serve;
use convoke_harness::patience::{READY, wait_until};
use convoke_harness::program::Program;
use convoke_harness::{Notifications, Session, Tray, WebDriver};
use serde_json::json;
use zbus::blocking::Proxy;

#[test]
fn a_keyring_keeps_locks_and_unlocks() {
    let mut session = Session::start();
    let attributes = HashMap::from([("account", "one")]);
    session.keyring().put("Convoke test", &attributes, b"kept");
    let items = session.keyring().items();
    assert_eq!(items.len(), 1);
    assert_eq!(items[0].1, b"kept");
    assert_eq!(items[0].0["account"], "one");

    session.keyring().lock();
    assert!(session.keyring().is_locked());
    session.keyring().unlock();
    assert_eq!(session.keyring().items().len(), 1);

    session.stop_keyring();
    session.start_keyring();
    assert_eq!(session.keyring().items().len(), 1, "items survive a restart of the keyring");
}

#[test]
fn a_session_without_a_keyring_has_none() {
    let session = Session::without_keyring();
    let bus = zbus::blocking::fdo::DBusProxy::new(&session.bus().connect()).expect("proxy");
    let owned = bus.name_has_owner("org.freedesktop.secrets".try_into().expect("name")).expect("answer");
    assert!(!owned);
    let activatable = bus.list_activatable_names().expect("answer");
    assert!(!activatable.iter().any(|name| name.as_str() == "org.freedesktop.secrets"));
}

#[test]
fn nothing_of_the_outer_environment_comes_in() {
    let session = Session::without_bus();
    let mut program = Program::start(session.command("env"));
    assert!(program.wait_end(READY).success());
    let text = String::from_utf8_lossy(&program.stdout()).into_owned();
    let names: Vec<&str> = text.lines().filter_map(|line| Some(line.split_once('=')?.0)).collect();
    assert!(names.contains(&"HOME"));
    for name in ["DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "CARGO_HOME", "CARGO_MANIFEST_DIR"] {
        assert!(!names.contains(&name), "{name}");
    }
    assert!(!names.iter().any(|name| name.to_ascii_lowercase().ends_with("_proxy")));
}

#[test]
fn a_window_is_driven_and_pictured() {
    let session = Session::builder().keyring(false).display(true).start();
    let window = WebDriver::start(&session).open_browser();
    let page = session.dir().file(
        "page.html",
        0o600,
        b"<title>Tea</title><label>Name <input id=name></label><button onclick=\"said.textContent = 'Hello ' + document.getElementById('name').value\">Greet</button><p id=said></p>",
    );
    window.go(&format!("file://{}", page.display()));
    assert_eq!(window.title(), "Tea");
    window.send_keys(&window.find("#name"), "Ana");
    window.click(&window.find_text("button", "Greet"));
    window.wait_text("Hello Ana");
    assert_eq!(window.property(&window.find("#name"), "value"), json!("Ana"));
    assert_eq!(window.execute_async("arguments[0](6 * 7)", &json!([])), json!(42));
    let picture = session.dir().path().join("page.png");
    window.screenshot(&picture);
    assert!(fs::read(picture).expect("a picture").starts_with(b"\x89PNG"));
}

#[test]
fn notifications_are_recorded() {
    let session = Session::without_keyring();
    let notifications = Notifications::start(&session);
    let client = session.bus().connect();
    let name = "org.freedesktop.Notifications";
    let server = Proxy::new(&client, name, "/org/freedesktop/Notifications", name).expect("proxy");
    let hints: HashMap<&str, zbus::zvariant::Value> = HashMap::new();
    let id: u32 = server
        .call("Notify", &("Convoke", 0u32, "", "Standup", "in 5 min", &["join", "Join"][..], hints, -1i32))
        .expect("an answer");
    let shown = notifications.wait("a notification", |one| one.summary == "Standup");
    assert_eq!((shown.id, shown.body.as_str()), (id, "in 5 min"));
    assert_eq!(shown.actions, ["join", "Join"]);
}

/// An application with a tray icon, as small as one can be.
#[allow(clippy::used_underscore_binding, reason = "the interface macro hands over every argument")]
mod icon {
    use std::collections::HashMap;
    use std::sync::{Arc, Mutex};
    use zbus::zvariant::{ObjectPath, OwnedValue, StructureBuilder, Value};

    pub struct Item;

    #[zbus::interface(name = "org.kde.StatusNotifierItem")]
    #[expect(clippy::unused_self, reason = "the D-Bus interface decides which properties there are")]
    impl Item {
        #[zbus(property)]
        fn title(&self) -> &'static str {
            "Tea"
        }
        #[zbus(property)]
        fn menu(&self) -> ObjectPath<'static> {
            ObjectPath::from_static_str_unchecked("/Menu")
        }
    }

    pub struct Menu(pub Arc<Mutex<Vec<i32>>>);

    type Layout = (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>);

    fn entry(id: i32, label: &str) -> OwnedValue {
        let properties: HashMap<String, Value> = HashMap::from([("label".to_owned(), Value::from(label.to_owned()))]);
        let children: Vec<Value> = Vec::new();
        let fields = StructureBuilder::new().add_field(id).add_field(properties).add_field(children);
        OwnedValue::try_from(Value::from(fields.build().expect("a structure"))).expect("an owned value")
    }

    #[zbus::interface(name = "com.canonical.dbusmenu")]
    #[expect(clippy::unused_self, reason = "the D-Bus interface decides which methods there are")]
    impl Menu {
        fn about_to_show(&self, _id: i32) -> bool {
            false
        }
        fn get_layout(&self, _parent: i32, _depth: i32, _names: Vec<String>) -> (u32, Layout) {
            (1, (0, HashMap::new(), vec![entry(2, "_Refresh now"), entry(3, ""), entry(4, "Quit")]))
        }
        fn event(&self, id: i32, _kind: &str, _data: Value<'_>, _time: u32) {
            self.0.lock().expect("not poisoned").push(id);
        }
    }
}

#[test]
fn a_tray_menu_is_read_and_clicked() {
    let session = Session::without_keyring();
    let tray = Tray::start(&session);
    let clicks = std::sync::Arc::default();
    let application = serve(session.bus().address(), "/Icon", icon::Item, None);
    let menu = icon::Menu(std::sync::Arc::clone(&clicks));
    application.object_server().at("/Menu", menu).expect("a free path");
    let watcher = "org.kde.StatusNotifierWatcher";
    Proxy::new(&application, watcher, "/StatusNotifierWatcher", watcher)
        .expect("proxy")
        .call::<_, _, ()>("RegisterStatusNotifierItem", &("/Icon",))
        .expect("the watcher takes it");
    assert_eq!(tray.property("Title"), "Tea");
    assert_eq!(tray.labels(), ["Refresh now", "Quit"]);
    tray.click("Refresh now");
    wait_until("the click", READY, || clicks.lock().expect("not poisoned").as_slice() == [2]);
}
