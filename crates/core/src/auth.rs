//! Signing in and staying signed in: the only floor that handles secrets in the clear.
//!
//! `sign_in` plays the browser's way, `session` sends with a credential, `broker_client`, `domi_client` and
//! `sametime` are the places where tokens come from, `browser` opens a link, `loopback` tries the way back from it.

mod bearer;
pub mod broker;
pub mod broker_client;
pub mod browser;
pub mod callback;
mod challenge;
pub mod domi_client;
pub mod lives;
pub mod lock;
pub mod loopback;
pub mod pace;
mod renewal;
pub mod retry_after;
pub mod sametime;
pub mod session;
pub mod sign_in;
pub mod unsaved;
