//! The broker from outside: its routes over real sockets, against a scripted provider and against the sandbox.

mod clock;
mod configuration;
mod faults;
mod legacy;
mod matrix;
mod process;
mod protection;
mod provider;
mod redirects;
mod replay;
mod responses;
mod rig;
mod sandbox;
mod schemathesis;
mod sessions;
mod sign_in;
mod sockets;
mod temporary;
mod tls;
mod wire;
