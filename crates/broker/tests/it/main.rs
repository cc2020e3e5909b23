//! The broker from outside: its routes over real sockets, against a scripted provider and against the sandbox.

mod clock;
mod configuration;
mod faults;
mod process;
mod provider;
mod responses;
mod rig;
mod sandbox;
mod sign_in;
mod temporary;
mod wire;
