//! What the window may do: the parts of `tauri.conf.json` and of the capabilities that a page could be attacked through.

use serde_json::Value;

/// What is wrong with a configuration.
#[must_use]
pub fn breaches(configuration: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let app = &configuration["app"];
    if app["withGlobalTauri"] != Value::Bool(false) {
        found.push("withGlobalTauri must be false: the page gets the shell through one module".to_owned());
    }
    if configuration["build"]["devUrl"].is_string() {
        found.push("devUrl must not be set: the window shows only what is built in".to_owned());
    }
    let policy = &app["security"]["csp"];
    let text = match policy {
        Value::Object(directives) => {
            let lines = directives
                .iter()
                .map(|(name, value)| format!("{name} {}", value.to_string().replace(['"', ',', '[', ']'], " ")));
            lines.collect::<Vec<_>>().join(";")
        }
        other => other.as_str().unwrap_or_default().to_owned(),
    };
    if !text.contains("default-src") {
        found.push("the content security policy must have a default-src".to_owned());
    }
    for word in ["unsafe-inline", "unsafe-eval", "http:", "https:", "*", "data:", "blob:"] {
        let sources = text.split(|c: char| c.is_whitespace() || c == ';').map(|source| source.trim_matches('\''));
        let uses = sources.filter(|source| *source == word || (word == "https:" && source.starts_with("https://")));
        if uses.count() > 0 {
            found.push(format!("the content security policy allows {word}"));
        }
    }
    if app["security"]["dangerousDisableAssetCspModification"] == Value::Bool(true) {
        found.push("the content security policy must be completed at build time".to_owned());
    }
    found
}

/// What is wrong with a capability: anything that lets a page from elsewhere in, and anything beyond the core's and our own
/// commands.
#[must_use]
pub fn capability_breaches(capability: &Value) -> Vec<String> {
    let mut found = Vec::new();
    if !capability["remote"].is_null() {
        found.push("a capability must not name remote pages".to_owned());
    }
    for permission in capability["permissions"].as_array().into_iter().flatten() {
        let name = permission.as_str().or_else(|| permission["identifier"].as_str()).unwrap_or_default();
        if ["shell:", "fs:", "http:", "opener:", "process:"].iter().any(|plugin| name.starts_with(plugin)) {
            found.push(format!("a capability gives the page {name}"));
        }
    }
    found
}
