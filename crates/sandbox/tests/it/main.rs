//! The sandbox over real loopback HTTP: every provider's whole way, its strictness, every fault, the clock.

mod client;
mod control;
mod domino;
mod faults;
mod goto;
mod sametime;
mod sign_in;
mod teams;
mod webex;
mod zoom;
