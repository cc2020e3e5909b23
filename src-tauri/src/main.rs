//! The Convoke desktop app.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use convoke_core::system::{WIPED_MEMORY, WipedMemory};

#[global_allocator]
static ALLOCATOR: WipedMemory = WIPED_MEMORY;

fn main() -> std::process::ExitCode {
    convoke_desktop::run()
}
