//! Stateful, strict stand-ins for the meeting providers, for trying Convoke without an account and for its tests.
//!
//! One process on loopback plays every provider in memory: their authorization servers, their meetings, their error
//! bodies and token lifetimes. It is no proxy, reaches no network and keeps nothing on disk. `/_sandbox/…` moves its
//! clock, makes it fail and tells what it was asked.
//!
//! Each provider is one module with `mount` (its routes) and `Store` (what it remembers).

mod authorize;
mod call;
mod clock;
mod control;
mod domino;
mod faults;
mod gate;
mod goto;
mod oauth;
mod page;
mod person;
mod random;
mod running;
mod sametime;
mod server;
mod teams;
mod webex;
mod world;
mod zoom;

pub use running::{Options, Running, SametimeBase, Sandbox, StartError};
