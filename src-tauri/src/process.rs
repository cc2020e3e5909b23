//! What the process does to itself before anything else: software drawing where there is no graphics card.

use std::path::Path;

use crate::arguments::Environment;

/// `WebKit` hands buffers to a graphics card unless this is set; without one the window stays empty.
const SOFTWARE: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";

/// Starts the program again with software drawing where it is needed. Comes back only where it is not, or not possible.
pub fn draw_in_software_where_needed(environment: &Environment) {
    #[cfg(target_os = "linux")]
    if needs_software(environment.software_drawing, has_render_node(Path::new("/dev/dri"))) {
        use std::os::unix::process::CommandExt;
        let Ok(program) = std::env::current_exe() else { return };
        // The variable must be there before the process has a second thread, so it is set by a start and not from within.
        let error = std::process::Command::new(program).args(std::env::args_os().skip(1)).env(SOFTWARE, "1").exec();
        tracing::warn!(%error, "software drawing could not be turned on");
    }
    #[cfg(not(target_os = "linux"))]
    let _ = environment;
}

/// A person's own choice stays, and a program that was started again is not started a third time.
#[cfg(target_os = "linux")]
const fn needs_software(already_chosen: bool, has_render_node: bool) -> bool {
    !already_chosen && !has_render_node
}

#[cfg(target_os = "linux")]
fn has_render_node(folder: &Path) -> bool {
    let is_render_node = |entry: std::io::Result<std::fs::DirEntry>| {
        entry.is_ok_and(|entry| entry.file_name().to_string_lossy().starts_with("renderD"))
    };
    std::fs::read_dir(folder).is_ok_and(|mut entries| entries.any(is_render_node))
}

/// The name of the variable, for who reads the environment.
pub(crate) const fn software_variable() -> &'static str {
    SOFTWARE
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn the_program_starts_again_at_most_once() {
        assert!(needs_software(false, false));
        assert!(!needs_software(true, false));
        assert!(!needs_software(false, true));
    }

    #[test]
    fn a_missing_folder_has_no_render_node() {
        assert!(!has_render_node(Path::new("/nowhere")));
    }
}
