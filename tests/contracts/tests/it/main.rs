//! What others read in what Convoke writes.

mod calendars;
mod stage;
mod vendors;
