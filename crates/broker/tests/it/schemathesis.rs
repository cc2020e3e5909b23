//! What the broker promises in its `OpenAPI` document, asked thousands of times by schemathesis: everything that the document
//! allows, and everything just beside it.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::Instant,
};

use convoke_broker_api::OPENAPI_PATH;
use serde_json::{Value, json};
use tokio::process::Command;

use crate::{rig::Rig, temporary::TemporaryFolder, wire};

/// Cases to each operation: together more than [`LEAST`].
const EXAMPLES: &str = "450";
const LEAST: u64 = 2_000;

/// How a run ended.
#[derive(Debug)]
struct Run {
    good: bool,
    cases: u64,
    text: String,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/schemathesis")
}

/// A broker whose budgets are no obstacle.
async fn rig() -> Rig {
    let budgets = [("RATE_PER_ADDRESS", "100000/100000"), ("RATE_PER_TOKEN", "100000/100000"), ("METRICSPORT", "0")];
    Rig::with(&budgets).await
}

/// Runs schemathesis on the document at `location` against the broker of `rig`, in a session of its own.
async fn run(rig: &Rig, location: &str, examples: &str) -> Run {
    let program = folder().join(".venv/bin/schemathesis");
    assert!(program.is_file(), "{} is missing: make install", program.display());
    let files = TemporaryFolder::new();
    let session = rig.mint("schemathesis").await;
    let mut command = Command::new(program);
    command.arg("--config-file").arg(folder().join("schemathesis.toml"));
    command.args(["run", location, "--url"]).arg(format!("http://{}", rig.address()));
    command.arg("--header").arg(format!("Authorization: Bearer {session}"));
    command.args(["--checks", "all", "--seed", "20261126", "--max-examples", examples, "--no-color"]);
    command.args(["--generation-database", "none", "--suppress-health-check", "all", "--request-timeout", "30"]);
    command.args(["--warnings", "off", "--continue-on-failure"]);
    command.current_dir(files.path()).stdin(Stdio::null()).kill_on_drop(true);
    let output = command.output().await.expect("it runs");
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    Run { good: output.status.success(), cases: cases(&text), text }
}

/// The number in the line `N generated, …` of the summary.
fn cases(text: &str) -> u64 {
    let before = text.split(" generated").next().unwrap_or_default();
    let number = before.rsplit(|one: char| !one.is_ascii_digit() && one != ',').next().unwrap_or_default();
    number.replace(',', "").parse().unwrap_or(0)
}

/// How often the broker answered `route` with `status`, by its own metrics.
async fn answered(rig: &Rig, route: &str, status: u16) -> u64 {
    let metrics = wire::get(rig.broker.metrics_address().expect("it is on"), "/metrics", &[]).await.body;
    let (route, status) = (format!("route=\"{route}\""), format!("status=\"{status}\""));
    let lines = metrics.lines().filter(|line| line.contains(&route) && line.contains(&status));
    lines.filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok()).sum()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_document_is_kept_in_thousands_of_cases() {
    let rig = rig().await;
    let begun = Instant::now();
    let run = run(&rig, &format!("http://{}{OPENAPI_PATH}", rig.address()), EXAMPLES).await;
    println!("schemathesis: {} cases in {} s", run.cases, begun.elapsed().as_secs());
    assert!(run.good, "{}", run.text);
    assert!(run.cases >= LEAST, "{} cases: {}", run.cases, run.text);
    // It got past the doors: an answer of every kind was seen.
    for (route, status) in [
        ("/v1/authorize/{provider}", 303),
        ("/v1/authorize/{provider}", 400),
        ("/v1/refresh/{provider}", 200),
        ("/v1/refresh/{provider}", 400),
        ("/v1/refresh/{provider}", 401),
        ("/v1/refresh/{provider}", 415),
        ("/v1/revoke/{provider}", 200),
        ("/v1/revoke/{provider}", 501),
    ] {
        let count = answered(&rig, route, status).await;
        println!("{route} {status}: {count}");
        assert!(count > 0, "{route} was never answered with {status}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_false_document_is_found_out() {
    let rig = rig().await;
    let files = TemporaryFolder::new();
    let falsified = |name: &'static str, falsify: fn(&mut Value)| {
        let (rig, files) = (&rig, &files);
        async move {
            let mut document = rig.get(OPENAPI_PATH).await.json();
            falsify(&mut document["paths"]["/v1/refresh/{provider}"]["post"]["responses"]);
            let path = files.file(name, 0o600, &document.to_string());
            run(rig, &path.display().to_string(), "10").await
        }
    };
    let run = falsified("status.json", |answers| {
        let answer = answers.as_object_mut().expect("answers").remove("200").expect("an answer");
        answers["201"] = answer;
    });
    let run = run.await;
    assert!(!run.good && run.text.contains("Undocumented status code"), "{}", run.text);
    let run = falsified("shape.json", |answers| {
        answers["200"]["content"]["application/json"]["schema"] =
            json!({"type": "object", "required": ["accessToken"]});
    });
    let run = run.await;
    assert!(!run.good && run.text.contains("Response violates schema"), "{}", run.text);
}
