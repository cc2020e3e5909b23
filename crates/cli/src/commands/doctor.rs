//! `convoke doctor`

use std::{path::PathBuf, process::ExitCode};

use convoke_core::{
    diagnosis::{DiagnosisState, DiagnosisView},
    service::{Core, diagnostics::Surroundings},
};

use crate::{output::Output, words};

/// A line per check; the exit code is that of the first failure.
pub async fn run(core: &Core, output: Output) -> ExitCode {
    let view = core.diagnose(&surroundings()).await;
    output.value(&view, words::diagnosis);
    ExitCode::from(exit(&view))
}

#[expect(clippy::disallowed_methods, reason = "the composition root of the command line")]
fn surroundings() -> Surroundings {
    let home = std::env::var_os(if cfg!(windows) { "USERPROFILE" } else { "HOME" });
    Surroundings {
        browser: std::env::var_os("BROWSER"),
        path: std::env::var_os("PATH"),
        home: home.filter(|home| !home.is_empty()).map(PathBuf::from),
    }
}

fn exit(view: &DiagnosisView) -> u8 {
    let failed = view.lines.iter().find(|line| line.state == DiagnosisState::Failed);
    failed.map_or(0, |line| line.error.as_ref().map_or(1, |error| words::exit_code(error.code)))
}

#[cfg(test)]
mod tests {
    use convoke_core::{
        diagnosis::{DiagnosisKind, DiagnosisLine},
        error::{Error, ErrorCode},
    };

    use super::*;

    #[test]
    fn the_first_failure_says_how_it_ends() {
        let of = |states: &[(DiagnosisState, ErrorCode)]| {
            let line = |(state, code): &(DiagnosisState, ErrorCode)| {
                DiagnosisLine::ok(DiagnosisKind::Broker).is(*state, Some(Error::new(*code)))
            };
            exit(&DiagnosisView { lines: states.iter().map(line).collect(), report: String::new() })
        };
        assert_eq!(of(&[]), 0);
        assert_eq!(of(&[(DiagnosisState::Warning, ErrorCode::Tls), (DiagnosisState::Skipped, ErrorCode::NoBroker)]), 0);
        let failed = |code| (DiagnosisState::Failed, code);
        assert_eq!(of(&[(DiagnosisState::Warning, ErrorCode::Storage), failed(ErrorCode::ProxyPassword)]), 9);
        assert_eq!(of(&[failed(ErrorCode::KeyringLocked), failed(ErrorCode::Unreachable)]), 10);
    }
}
