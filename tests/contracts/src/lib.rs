//! Others' reading of what Convoke writes: npm packages under `tests/contracts/`, run as programs.

pub mod prism;
pub mod recorder;

use std::{
    io::Write as _,
    path::PathBuf,
    process::{Command, Stdio},
};

use convoke_harness::program;
use serde_json::Value;

/// The folder of the npm packages.
///
/// # Panics
/// Where they are not installed.
#[must_use]
pub fn packages() -> PathBuf {
    let folder = program::repository().join("tests/contracts");
    assert!(folder.join("node_modules/ical.js").is_dir(), "{} has no packages: run `make install`", folder.display());
    folder
}

/// Asks the independent reader (`reader.mjs`), all at once; an answer a question.
///
/// # Panics
/// Where the reader does not run, or answers otherwise than it was asked.
#[must_use]
pub fn read(questions: &[Value]) -> Vec<Value> {
    let mut reader = Command::new("node")
        .current_dir(packages())
        .arg("reader.mjs")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("node runs");
    let text = Value::from(questions.to_vec()).to_string();
    reader.stdin.take().expect("piped").write_all(text.as_bytes()).expect("the reader reads");
    let output = reader.wait_with_output().expect("the reader ends");
    assert!(output.status.success(), "the reader failed");
    let answers: Vec<Value> = serde_json::from_slice(&output.stdout).expect("an array");
    assert_eq!(answers.len(), questions.len());
    answers
}
