//! One value on standard output, everything else on standard error.

use std::{io::Write, process::ExitCode};

use convoke_core::{error::Error, view::ErrorView};
use serde::Serialize;
use serde_json::json;

use crate::words;

/// How to print.
#[derive(Clone, Copy)]
pub struct Output {
    /// One JSON value instead of text.
    pub json: bool,
}

impl Output {
    /// Prints a value: as JSON, or as the text that `words` makes of it.
    pub fn value<T: Serialize>(self, value: &T, words: impl FnOnce(&T) -> String) {
        let text = if self.json { serde_json::to_string(value).unwrap_or_default() } else { words(value) };
        if !text.is_empty() {
            line(&text);
        }
    }

    /// Prints a text exactly as it is: its own line ends, and nothing after it.
    #[expect(clippy::unused_self, reason = "every way out goes through Output")]
    pub fn text(self, text: &str) {
        let _ = std::io::stdout().write_all(text.as_bytes());
    }

    /// Prints why it was not done; the exit code says what happens next.
    pub fn error(self, error: Error) -> ExitCode {
        let error = ErrorView::from(error);
        let code = ExitCode::from(words::exit_code(error.code));
        if self.json {
            let message = words::sentence(&error);
            let ErrorView { code, account, provider, retry_at, fields, alternatives, .. } = error;
            line(&json!({"error": {"code": code, "message": message, "account": account, "provider": provider, "retry_at": retry_at, "fields": fields, "alternatives": alternatives}}).to_string());
        } else {
            self.note(&words::sentence(&error));
        }
        code
    }

    /// One line on standard error.
    #[expect(clippy::unused_self, reason = "every way out goes through Output")]
    pub fn note(self, text: &str) {
        // Nobody listens any more: there is nothing left to tell.
        let _ = writeln!(std::io::stderr(), "convoke: {text}");
    }
}

fn line(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}
