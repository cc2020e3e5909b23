//! The desktop shell without a screen: its commands through Tauri's own message path and access control, its menu as data.
//!
//! What a page can ask for, and what it can not, is held here; `window` drives the real window.

mod first_run;
mod fixture;
mod journey;
mod permissions;
mod process;
mod reminders;
mod tray_menu;
mod window;
