//! The real binaries, a private bus and a real keyring: what no single crate can show.

mod bad_answers;
mod bad_input;
mod bad_input_keyring;
mod binding;
mod broker_sign_ins;
mod canary;
mod claims;
mod doctor;
mod domi;
mod journey;
mod kills;
mod listener;
mod lost_answers;
mod lost_creates;
mod many_instances;
mod memory;
mod oidc;
mod options;
mod proxies;
mod refresh_faults;
mod revoking;
mod rig;
mod series;
mod single_flight;
mod steward;
mod storm;
