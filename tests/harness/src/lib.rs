//! Real parts for Convoke's tests: a private home, bus, keyring and display, the sandbox and broker binaries, the command
//! line, a scripted browser, a real one, the tray, and a proxy that breaks connections.
//!
//! Everything here is blocking and is meant for plain `#[test]` functions. Each part is private to the test that starts it,
//! listens on loopback with a port of its own, and ends (by process id, with its children) when it is dropped. A part that cannot
//! do its work panics with a sentence that says what was missing: in a test there is nothing better to do with an error.
#![allow(clippy::missing_panics_doc, reason = "every part of the harness panics when the test cannot go on")]
#![allow(clippy::must_use_candidate, reason = "a test may do something for its effect alone")]
#![allow(
    clippy::format_push_string,
    clippy::format_collect,
    reason = "small texts of tests: plain words over an allocation"
)]

pub mod authorization_server;
pub mod broker;
pub mod browser;
pub mod browser_script;
pub mod bus;
pub mod canary;
pub mod convoke;
pub mod dice;
pub mod display;
pub mod fault_proxy;
pub mod http;
pub mod keepassxc;
pub mod keyring;
pub mod listening;
pub mod nginx;
pub mod notifications;
pub mod old_broker;
pub mod patience;
pub mod private_dir;
pub mod process_memory;
pub mod profile;
pub mod program;
pub mod proxy_portal;
pub mod redis_server;
pub mod sandbox;
pub mod secret_service;
pub mod session;
pub mod specs;
pub mod tls_authority;
pub mod tray;
pub mod webdriver;

pub use authorization_server::AuthorizationServer;
pub use broker::{BrokerOptions, BrokerProcess};
pub use browser::{Browser, browse};
pub use browser_script::BrowserScript;
pub use convoke::{Convoke, Ran};
pub use dice::Dice;
pub use fault_proxy::{Fault, FaultProxy};
pub use keepassxc::KeePassXc;
pub use nginx::Nginx;
pub use notifications::Notifications;
pub use old_broker::OldBroker;
pub use private_dir::PrivateDir;
pub use profile::Profile;
pub use program::Program;
pub use proxy_portal::ProxyPortal;
pub use redis_server::RedisServer;
pub use sandbox::SandboxProcess;
pub use secret_service::SecretService;
pub use session::{Session, SessionBuilder};
pub use tls_authority::{TlsAuthority, TlsFace};
pub use tray::Tray;
pub use webdriver::{WebDriver, Window};
