//! Everything a meeting client does: accounts, sign-in, credentials, providers, the register.
//!
//! The window, the tray and the command line are thin shells over [`service::Core`]. The
//! direction is `service → provider → auth → http → network`; plain data (`meeting`, `account`,
//! `credential`, `error`) knows nothing of the rest. See ARCHITECTURE.md.

pub mod account;
pub mod auth;
pub mod capabilities;
pub mod clock;
pub mod credential;
pub mod diagnosis;
pub mod error;
pub mod http;
pub mod meeting;
pub mod profile;
pub mod provider;
pub mod service;
pub mod settings;
pub mod storage;
pub mod system;
pub mod view;
