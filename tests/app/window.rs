//! The app in its real window: `WebKitGTK` on a private display, driven from outside as a person would, over a real keyring, broker
//! and sandbox.
//!
//! What a test waits for is always something that shows: a text, a menu, a call that arrived. Nothing is waited for by the clock.

mod canary;
mod desk;
mod fix_all;
mod form;
mod journey;
mod keyring;
mod offline;
mod pictures;
mod quitting;
mod reminder;
mod silent_keyring;
mod tray;
mod walk;
mod x_server;
