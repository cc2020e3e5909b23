//! Embeds the page and declares our commands, so that no window may call one that its capability does not list.

use tauri_build::{AppManifest, Attributes};

#[path = "src/command_names.rs"]
mod command_names;

fn main() {
    for path in ["ui/dist", "capabilities", "icons", "src-tauri/src/command_names.rs"] {
        println!("cargo:rerun-if-changed={path}");
    }
    let attributes = Attributes::new().app_manifest(AppManifest::new().commands(command_names::COMMANDS));
    tauri_build::try_build(attributes).expect("tauri.conf.json, capabilities and icons fit together");
}
