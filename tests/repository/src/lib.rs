//! Rules over the whole repository. Each is a function from what is there to the list of what breaks it, so that a test can hold
//! it against the repository and against a planted breach.

pub mod deployment;
pub mod directions;
pub mod graph;
pub mod licence;
pub mod map;
pub mod packages;
pub mod text;
pub mod window;
