//! Every rule held against the repository, and against something that breaks it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use convoke_repository::graph::{Graph, Package};
use convoke_repository::text::{self, Source};
use convoke_repository::{deployment, directions, licence, map, packages, window};
use serde_json::{Value, json};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("two folders below the root").to_owned()
}

fn graph() -> &'static Graph {
    static GRAPH: OnceLock<Graph> = OnceLock::new();
    GRAPH.get_or_init(|| Graph::of_workspace(&root()).expect("cargo metadata"))
}

/// A graph of members: each with the names of what it needs. Names that are no member come from the registry.
fn planted(members: &[(&str, &[&str])]) -> Graph {
    let mut graph = Graph::default();
    let registry = "registry+https://github.com/rust-lang/crates.io-index";
    let package = |name: &str, needs: &[&str], source: Option<&str>| Package {
        name: name.to_owned(),
        version: "1.0.0".to_owned(),
        licence: Some("MIT".to_owned()),
        source: source.map(str::to_owned),
        needs: needs.iter().map(|need| (*need).to_owned()).collect(),
    };
    for (name, needs) in members {
        for need in *needs {
            graph.packages.entry((*need).to_owned()).or_insert_with(|| package(need, &[], Some(registry)));
        }
        graph.packages.insert((*name).to_owned(), package(name, needs, None));
    }
    graph
}

fn none(found: &[String]) {
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[track_caller]
fn says(found: &[String], words: &str) {
    assert!(found.iter().any(|line| line.contains(words)), "{found:?} does not say {words:?}");
}

#[test]
fn the_graph_is_really_there() {
    assert!(graph().packages.len() > 100);
    assert!(graph().reach("convoke-core").contains("tokio"));
}

#[test]
fn licences_are_allowed() {
    none(&licence::breaches(graph()));
    let mut wrong = planted(&[("a", &["b"])]);
    wrong.packages.get_mut("b").expect("b").licence = Some("AGPL-3.0".to_owned());
    says(&licence::breaches(&wrong), "b 1.0.0 has the licence AGPL-3.0");
    wrong.packages.get_mut("b").expect("b").licence = None;
    says(&licence::breaches(&wrong), "(none)");
}

#[test]
fn no_banned_package_is_there() {
    none(&packages::banned(graph()));
    says(&packages::banned(&planted(&[("a", &["openssl-sys"])])), "openssl-sys 1.0.0 may not");
    says(&packages::banned(&planted(&[("a", &["tauri"])])), "tauri 1.0.0 may not");
    let mut old = planted(&[("a", &["tauri"])]);
    "2.10.9".clone_into(&mut old.packages.get_mut("tauri").expect("tauri").version);
    says(&packages::banned(&old), "tauri 2.10.9");
    "2.11.0".clone_into(&mut old.packages.get_mut("tauri").expect("tauri").version);
    none(&packages::banned(&old));
}

#[test]
fn every_package_comes_from_the_registry() {
    none(&packages::foreign(graph()));
    let mut wrong = planted(&[("a", &["b"])]);
    wrong.packages.get_mut("b").expect("b").source = Some("git+https://example.org/b".to_owned());
    says(&packages::foreign(&wrong), "b comes from");
}

#[test]
fn what_must_be_there_once_is_there_once() {
    none(&packages::not_once(graph()));
    let mut twice = graph().clone();
    let mut other = twice.named("reqwest").next().expect("reqwest").clone();
    "0.12.0".clone_into(&mut other.version);
    twice.packages.insert("another".to_owned(), other);
    says(&packages::not_once(&twice), "reqwest is there in the versions");
}

#[test]
fn nobody_knows_whom_it_must_not_know() {
    none(&directions::breaches(graph()));
    let through = planted(&[("convoke-core", &["between"]), ("between", &["axum"])]);
    says(&directions::breaches(&through), "convoke-core reaches axum");
    says(
        &directions::breaches(&planted(&[("convoke-broker", &["convoke-core"])])),
        "convoke-broker reaches convoke-core",
    );
    says(
        &directions::breaches(&planted(&[("convoke-sandbox", &["convoke-broker"])])),
        "convoke-sandbox reaches convoke-broker",
    );
    says(&directions::breaches(&planted(&[("convoke-cli", &["tauri"])])), "convoke-cli reaches tauri");
    says(&directions::breaches(&planted(&[("convoke-broker-api", &["serde", "url"])])), "convoke-broker-api knows url");
    says(&directions::breaches(&planted(&[("convoke-cli", &["reqwest"])])), "convoke-cli knows reqwest");
    says(&directions::breaches(&planted(&[])), "convoke-core is not a package any more");
}

#[test]
fn no_file_is_too_long() {
    none(&text::too_long(&text::sources(&root())));
    let fits = Source::new("crates/a/src/lib.rs", &"x\n".repeat(500));
    none(&text::too_long(&[fits]));
    let long = Source::new("crates/a/src/lib.rs", &"x\n".repeat(501));
    says(&text::too_long(&[long]), "501 lines");
}

#[test]
fn the_map_has_a_line_for_every_file() {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md");
    none(&map::differences(&text, &text::sources(&root())));
    let planted = "### The library: `crates/core/src/`\n| `gone.rs` | what it was |\n| `empty.rs` |  |\n";
    let found = map::differences(planted, &[Source::new("crates/core/src/empty.rs", "")]);
    says(&found, "empty.rs has no line");
    says(&found, "gone.rs has a line in ARCHITECTURE.md and is not there");
}

#[test]
fn every_name_says_something() {
    none(&text::empty_names(&text::sources(&root())));
    let file = Source::new("ui/src/helpers.ts", "");
    let folder = Source::new("crates/core/src/common/time.rs", "");
    let module = Source::new("crates/core/src/lib.rs", "pub mod token_manager;");
    says(&text::empty_names(&[file]), "helpers");
    says(&text::empty_names(&[folder]), "common");
    says(&text::empty_names(&[module]), "mod token_manager");
}

#[test]
fn secrets_are_opened_where_they_are_used() {
    let sources = text::sources(&root());
    none(&text::opened_secrets(&sources));
    let opener = sources.iter().find(|source| source.path.starts_with("crates/core/src/auth/") && text_opens(source));
    let text = &opener.expect("core's auth opens secrets").text;
    let elsewhere = Source::new("crates/core/src/service/accounts.rs", text);
    says(&text::opened_secrets(&[elsewhere]), "service/accounts.rs opens a secret");
}

fn text_opens(source: &Source) -> bool {
    !text::opened_secrets(&[Source::new("crates/elsewhere.rs", &source.text)]).is_empty()
}

#[test]
fn a_secret_can_not_be_written_out_or_compared() {
    none(&text::talkative_secrets(&text::sources(&root())));
    let tuple = Source::new("a.rs", "/// A token.\n#[derive(Clone, Serialize)]\npub struct Token(SecretString);");
    says(&text::talkative_secrets(&[tuple]), "Token derives Serialize");
    let fields =
        Source::new("a.rs", "use x;\n#[derive(PartialEq)]\nstruct Pair {\n id: u8,\n token: SecretBox<str>,\n}");
    says(&text::talkative_secrets(&[fields]), "Pair derives PartialEq");
    let before = Source::new("a.rs", "#[derive(Serialize)]\nstruct Plain { id: u8 }\nstruct Token(SecretString);");
    none(&text::talkative_secrets(&[before]));
}

#[test]
fn one_module_speaks_to_the_shell() {
    let sources = text::sources(&root());
    none(&text::shell_imports(&sources));
    let api = sources.iter().find(|source| source.path == "ui/src/api.ts").expect("the one module");
    let elsewhere = Source::new("ui/src/window/Form.svelte", &api.text);
    says(&text::shell_imports(&[elsewhere]), "Form.svelte imports");
}

fn read(path: &Path) -> Value {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn the_window_is_closed_to_other_pages() {
    let configuration = read(&root().join("tauri.conf.json"));
    none(&window::breaches(&configuration));
    let mut wrong = configuration.clone();
    wrong["app"]["withGlobalTauri"] = json!(true);
    says(&window::breaches(&wrong), "withGlobalTauri");
    let mut wrong = configuration.clone();
    wrong["app"]["security"]["csp"] = Value::Null;
    says(&window::breaches(&wrong), "default-src");
    for (sources, word) in [("'self' 'unsafe-inline'", "unsafe-inline"), ("*", "*"), ("https://example.org", "https:")]
    {
        let mut wrong = configuration.clone();
        wrong["app"]["security"]["csp"]["script-src"] = json!(sources);
        says(&window::breaches(&wrong), word);
    }
}

#[test]
fn capabilities_give_the_page_no_system() {
    let folder = root().join("capabilities");
    let files: Vec<PathBuf> = fs::read_dir(folder).expect("capabilities").flatten().map(|entry| entry.path()).collect();
    assert!(!files.is_empty());
    for file in files.iter().filter(|file| file.extension().is_some_and(|ending| ending == "json")) {
        none(&window::capability_breaches(&read(file)));
    }
    let wrong = json!({"remote": {"urls": ["https://example.org"]}, "permissions": [{"identifier": "fs:default"}]});
    says(&window::capability_breaches(&wrong), "remote");
    says(&window::capability_breaches(&wrong), "fs:default");
}

fn text_of(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn the_unit_is_closed_and_holds_no_secret() {
    let unit = text_of("packaging/broker/convoke-broker.service");
    none(&deployment::unit_breaches(&unit));
    says(&deployment::unit_breaches(&unit.replace("NoNewPrivileges=yes", "")), "lacks NoNewPrivileges=yes");
    says(&deployment::unit_breaches(&unit.replace("TimeoutStopSec=25", "TimeoutStopSec=10")), "TimeoutStopSec");
    for line in ["Environment=ZOOM_CLIENT_SECRET=x", "#Environment=BROKER_KEYS=x", "Environment=STORE=redis://:x@y"] {
        says(&deployment::unit_breaches(&format!("{unit}\n{line}")), "holds a secret");
    }
    let socket = text_of("packaging/broker/convoke-broker.socket");
    let listens: Vec<&str> =
        socket.lines().filter_map(|line| line.split_once("ListenStream=")).map(|(_, at)| at).collect();
    assert_eq!(listens, ["127.0.0.1:8878", "127.0.0.1:8879", "127.0.0.1:8880"], "public, metrics, administrator");
}

#[test]
fn the_image_has_no_root_and_no_shell() {
    let recipe = text_of("packaging/broker/Containerfile");
    none(&deployment::image_breaches(&recipe));
    says(&deployment::image_breaches(&recipe.replace("USER 65532:65532", "")), "runs as root");
    says(&deployment::image_breaches(&format!("{recipe}\nRUN true")), "has a shell");
    says(&deployment::image_breaches(&recipe.replace(" --locked", "")), "Cargo.lock");
    says(&deployment::image_breaches(&format!("{recipe}\nENV ZOOM_CLIENT_SECRET=x")), "holds a secret");
}

#[test]
fn every_key_of_the_broker_is_explained() {
    let settings = text_of("crates/broker/src/configuration/settings.rs");
    let (keys, of_providers) = (deployment::keys(&settings, "KEYS"), deployment::keys(&settings, "PROVIDER_KEYS"));
    assert!(keys.len() > 30 && of_providers.len() > 15, "{keys:?} {of_providers:?}");
    none(&deployment::undocumented(&keys, &text_of("docs/broker/run.md")));
    none(&deployment::undocumented(&of_providers, &text_of("docs/broker/register.md")));
    let example = text_of("packaging/broker/broker.toml");
    none(&deployment::without_example(&keys, "", &example));
    none(&deployment::without_example(&of_providers, "ACME_", &example));
    says(&deployment::undocumented(&["NOT_THERE"], "`THERE`"), "NOT_THERE is not explained");
    says(&deployment::without_example(&["PORT"], "", "METRICSPORT = 1"), "PORT has no example");
}

#[test]
fn the_brokers_pages_lead_somewhere() {
    let folder = root().join("docs/broker");
    let pages: Vec<PathBuf> = fs::read_dir(&folder).expect("docs/broker").flatten().map(|entry| entry.path()).collect();
    assert!(pages.len() > 5);
    for page in pages {
        none(&deployment::dead_links(&folder, &fs::read_to_string(&page).expect("a page")));
    }
    says(&deployment::dead_links(&folder, "[a](gone.md#b) [c](run.md#logs) [d](https://e.example)"), "gone.md");
}
