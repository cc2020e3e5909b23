//! A real browser engine: WebKitGTK through its own driver, with the app's window or with MiniBrowser. W3C WebDriver over plain
//! sockets; the driver starts the program itself, one session per driver.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use url::Url;

use crate::http;
use crate::patience;
use crate::program::Program;
use crate::session::Session;

/// How WebDriver names an element in JSON (W3C WebDriver §11).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A running driver.
#[derive(Debug)]
pub struct WebDriver {
    origin: String,
    program: Program,
}

/// A window under the driver's control. Closes when it is dropped.
#[derive(Debug)]
pub struct Window {
    base: String,
    driver: WebDriver,
}

/// An element of a page; valid as long as the page keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Element(String);

impl WebDriver {
    /// Starts a driver in a session that has a display.
    #[must_use]
    pub fn start(session: &Session) -> Self {
        Self::start_with(|program| session.command(program))
    }

    /// Starts a driver by a command that the caller prepares from the driver's name, with variables of its own for one.
    #[must_use]
    pub fn start_with(command: impl Fn(&str) -> Command) -> Self {
        // The driver cannot choose a port itself. If another program takes it in between, the driver ends and the next is tried.
        for _ in 0..5 {
            let port = TcpListener::bind("127.0.0.1:0")
                .and_then(|listener| listener.local_addr())
                .expect("a free port")
                .port();
            let mut command = command("WebKitWebDriver");
            command
                .args([format!("--port={port}"), "--host=127.0.0.1".to_owned()])
                .env("TAURI_WEBVIEW_AUTOMATION", "true");
            let mut program = Program::start(command);
            let ready = patience::wait_for("the WebKit driver", patience::READY, || {
                if program.try_status().is_some() {
                    return Some(false);
                }
                TcpStream::connect(("127.0.0.1", port)).is_ok().then_some(true)
            });
            if ready {
                return Self { origin: format!("http://127.0.0.1:{port}"), program };
            }
        }
        panic!("the WebKit driver found no free port in five attempts");
    }

    /// Opens an application. Its standard output is the driver's.
    #[must_use]
    #[track_caller]
    pub fn open_app(self, binary: &Path, args: &[&str]) -> Window {
        self.open(binary, args)
    }

    /// Opens MiniBrowser, `WebKitGTK`'s own small browser.
    #[must_use]
    #[track_caller]
    pub fn open_browser(self) -> Window {
        let binary = minibrowser();
        self.open(&binary, &["--automation"])
    }

    #[track_caller]
    fn open(self, binary: &Path, args: &[&str]) -> Window {
        let options = json!({"binary": binary, "args": args});
        let capabilities = json!({"capabilities": {"alwaysMatch": {"webkitgtk:browserOptions": options}}});
        let session = call(&self.origin, "POST", "/session", &capabilities).unwrap_or_else(|error| {
            let said = String::from_utf8_lossy(&self.program.stderr()).into_owned();
            panic!("{} does not open: {error}; it said: {said}", binary.display())
        });
        let id = session["sessionId"].as_str().expect("a session has an id");
        Window { base: format!("{}/session/{id}", self.origin), driver: self }
    }
}

fn minibrowser() -> PathBuf {
    let folders = fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    folders
        .map(|entry| entry.path().join("webkit2gtk-4.1/MiniBrowser"))
        .find(|path| path.is_file())
        .expect("MiniBrowser is installed with libwebkit2gtk-4.1-0")
}

/// One call: the `value` of the answer, or the driver's own words for what went wrong.
fn call(base: &str, method: &str, path: &str, body: &Value) -> Result<Value, String> {
    let url = Url::parse(&format!("{base}{path}")).expect("an address");
    let body = if method == "POST" { body.to_string() } else { String::new() };
    let answer = http::request(method, &url, &[("Content-Type", "application/json")], body.as_bytes())
        .map_err(|error| format!("{method} {path}: {error}"))?;
    let mut json = answer.json();
    if answer.status >= 400 {
        return Err(format!("{method} {path}: {}: {}", json["value"]["error"], json["value"]["message"]));
    }
    Ok(json["value"].take())
}

impl Window {
    /// The driver's process, whose output is the application's too.
    #[must_use]
    pub fn program(&self) -> &Program {
        &self.driver.program
    }

    /// Goes to an address and waits until it has loaded.
    #[track_caller]
    pub fn go(&self, url: &str) {
        self.post("/url", &json!({ "url": url }));
    }

    /// The address it shows.
    #[must_use]
    #[track_caller]
    pub fn url(&self) -> String {
        text(self.get("/url"))
    }

    /// The page's title.
    #[must_use]
    #[track_caller]
    pub fn title(&self) -> String {
        text(self.get("/title"))
    }

    /// The element that a CSS selector finds, waited for.
    #[must_use]
    #[track_caller]
    pub fn find(&self, selector: &str) -> Element {
        patience::wait_for(selector, patience::READY, || self.try_find(selector))
    }

    /// The element that a CSS selector finds, if it is there now.
    #[must_use]
    pub fn try_find(&self, selector: &str) -> Option<Element> {
        let found = self.try_post("/element", &json!({"using": "css selector", "value": selector})).ok()?;
        Some(Element(found[ELEMENT].as_str()?.to_owned()))
    }

    /// The elements that a CSS selector finds now.
    #[must_use]
    #[track_caller]
    pub fn find_all(&self, selector: &str) -> Vec<Element> {
        let found = self.post("/elements", &json!({"using": "css selector", "value": selector}));
        let ids = found.as_array().into_iter().flatten().filter_map(|one| one[ELEMENT].as_str());
        ids.map(|id| Element(id.to_owned())).collect()
    }

    /// The innermost visible element with exactly this text or accessible label, waited for. `kind` is a CSS selector: `button`,
    /// `a`, `*`.
    #[must_use]
    #[track_caller]
    pub fn find_text(&self, kind: &str, wanted: &str) -> Element {
        let script = "const [kind, wanted] = arguments;
            const own = e => (e.getAttribute('aria-label') || e.textContent).replace(/\\s+/g, ' ').trim();
            return [...document.querySelectorAll(kind)].reverse()
                .find(e => own(e) === wanted && e.getClientRects().length) || null;";
        let what = format!("{kind} {wanted:?}");
        patience::wait_for(&what, patience::READY, || {
            let found = self.try_execute(script, &json!([kind, wanted])).ok()?;
            Some(Element(found[ELEMENT].as_str()?.to_owned()))
        })
    }

    /// Clicks an element as a person does: it must be visible, and nothing may lie over it once the page has come to rest.
    #[track_caller]
    pub fn click(&self, element: &Element) {
        let mut last = String::new();
        patience::wait_until("a click", patience::READY, || {
            let clicked = self.try_click(element);
            last = clicked.as_ref().err().cloned().unwrap_or_default();
            // While the page moves the driver refuses; it has not clicked then.
            assert!(last.is_empty() || last.contains("intercepted"), "{last}");
            clicked.is_ok()
        });
    }

    /// Finds by selector and clicks; tries again while the page still changes under it.
    #[track_caller]
    pub fn click_on(&self, selector: &str) {
        self.wait_on_page(&format!("a click on {selector}"), || {
            let element = self.try_find(selector).ok_or("it is not there")?;
            self.try_click(&element).map(drop)
        });
    }

    /// Finds by selector and clicks what ends the program: the driver may have no answer left.
    #[track_caller]
    pub fn click_to_end(&self, selector: &str) {
        let element = self.find(selector);
        patience::wait_until(&format!("the last click on {selector}"), patience::READY, || {
            !self.try_click(&element).is_err_and(|error| error.contains("intercepted"))
        });
    }

    /// One click, as soon as two frames in a row have the element in the same place: the driver looks where it is and then presses
    /// there, and on a busy machine what moves in between (a sheet that appears, a field that is scrolled to) is not hit.
    fn try_click(&self, element: &Element) -> Result<Value, String> {
        let rest = "const [element, done] = arguments;
            const place = () => { const at = element.getBoundingClientRect(); return [at.x, at.y, at.width, at.height].join(); };
            const undrawn = setTimeout(done, 1000);
            const look = (before) => requestAnimationFrame(() => {
                const now = place();
                if (now !== before) return look(now);
                clearTimeout(undrawn);
                done();
            });
            element.scrollIntoView({ block: 'nearest', inline: 'nearest' });
            look('');";
        self.try_post("/execute/async", &json!({"script": rest, "args": [{ ELEMENT: element.0 }]}))?;
        self.try_post(&format!("/element/{}/click", element.0), &json!({}))
    }

    /// Types into an element.
    #[track_caller]
    pub fn send_keys(&self, element: &Element, keys: &str) {
        self.post(&format!("/element/{}/value", element.0), &json!({ "text": keys }));
    }

    /// Empties a field.
    #[track_caller]
    pub fn clear(&self, element: &Element) {
        self.post(&format!("/element/{}/clear", element.0), &json!({}));
    }

    /// Presses keys wherever the focus is. Special keys are the code points of W3C WebDriver §17.4.2: Tab `\u{E004}`, Enter
    /// `\u{E007}`, Escape `\u{E00C}`.
    #[track_caller]
    pub fn press(&self, keys: &str) {
        let strokes: Vec<Value> = keys
            .chars()
            .flat_map(|key| [json!({"type": "keyDown", "value": key}), json!({"type": "keyUp", "value": key})])
            .collect();
        self.post("/actions", &json!({"actions": [{"type": "key", "id": "keyboard", "actions": strokes}]}));
    }

    /// The visible text of an element.
    #[must_use]
    #[track_caller]
    pub fn text(&self, element: &Element) -> String {
        text(self.get(&format!("/element/{}/text", element.0)))
    }

    /// A property of an element (`value`, `checked`, …).
    #[must_use]
    #[track_caller]
    pub fn property(&self, element: &Element, name: &str) -> Value {
        self.get(&format!("/element/{}/property/{name}", element.0))
    }

    /// The visible text of the whole page.
    #[must_use]
    #[track_caller]
    pub fn page_text(&self) -> String {
        text(self.execute("return document.body ? document.body.innerText : ''", &json!([])))
    }

    /// Waits until the page's text holds `wanted`. Panics with the text it has.
    #[track_caller]
    pub fn wait_text(&self, wanted: &str) {
        self.wait_on_page(&format!("{wanted:?} on the page"), || {
            let says = self.try_execute("return document.body ? document.body.innerText : ''", &json!([])).map(text)?;
            says.contains(wanted).then_some(()).ok_or_else(String::new)
        });
    }

    /// Waits until a script answers true. Panics with the text that the page has.
    #[track_caller]
    pub fn wait_until(&self, what: &str, script: &str) {
        self.wait_on_page(what, || match self.try_execute(script, &json!([]))? {
            Value::Bool(true) => Ok(()),
            other => Err(format!("it is {other}")),
        });
    }

    /// Tries until it succeeds. Panics with the last failure and with the text that the page has.
    #[track_caller]
    fn wait_on_page(&self, what: &str, mut attempt: impl FnMut() -> Result<(), String>) {
        let until = Instant::now() + patience::READY;
        while let Err(last) = attempt() {
            assert!(Instant::now() < until, "{what}: did not happen: {last}; the page says {:?}", self.page_text());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Runs a script (`return …`, with `arguments`) and answers its value.
    #[track_caller]
    pub fn execute(&self, script: &str, args: &Value) -> Value {
        self.try_execute(script, args).unwrap_or_else(|error| panic!("{error}"))
    }

    /// Runs a script that calls its last argument with the value.
    #[track_caller]
    pub fn execute_async(&self, script: &str, args: &Value) -> Value {
        self.post("/execute/async", &json!({"script": script, "args": args}))
    }

    /// Sets the window's size in pixels.
    #[track_caller]
    pub fn resize(&self, width: u32, height: u32) {
        self.post("/window/rect", &json!({"width": width, "height": height}));
    }

    /// The window's place and size: `x y width height`.
    #[must_use]
    #[track_caller]
    pub fn rect(&self) -> Value {
        self.get("/window/rect")
    }

    /// Writes a picture of the page to a PNG file.
    #[track_caller]
    pub fn screenshot(&self, file: &Path) {
        let png = STANDARD.decode(text(self.get("/screenshot"))).expect("a picture is base64");
        let folder = file.parent().expect("a file stands in a folder");
        fs::create_dir_all(folder)
            .and_then(|()| fs::write(file, png))
            .unwrap_or_else(|error| panic!("no picture at {}: {error}", file.display()));
    }

    fn try_execute(&self, script: &str, args: &Value) -> Result<Value, String> {
        self.try_post("/execute/sync", &json!({"script": script, "args": args}))
    }

    fn try_post(&self, path: &str, body: &Value) -> Result<Value, String> {
        call(&self.base, "POST", path, body)
    }

    #[track_caller]
    fn post(&self, path: &str, body: &Value) -> Value {
        self.try_post(path, body).unwrap_or_else(|error| panic!("{error}"))
    }

    #[track_caller]
    fn get(&self, path: &str) -> Value {
        call(&self.base, "GET", path, &Value::Null).unwrap_or_else(|error| panic!("{error}"))
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        // The program may have ended by itself; the driver's own end takes the rest with it.
        let _ = call(&self.base, "DELETE", "", &Value::Null);
    }
}

#[track_caller]
fn text(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => panic!("a text was expected, not {other}"),
    }
}
