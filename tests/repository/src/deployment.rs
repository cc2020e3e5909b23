//! What an administrator is handed: the unit, the image and the pages hold what they promise, as far as their text shows it.

use std::path::Path;

/// Lines that the service's unit must have.
const UNIT_LINES: [&str; 31] = [
    "User=convoke-broker",
    "NoNewPrivileges=yes",
    "CapabilityBoundingSet=",
    "AmbientCapabilities=",
    "ProtectSystem=strict",
    "ProtectHome=yes",
    "ProtectProc=invisible",
    "PrivateTmp=yes",
    "PrivateDevices=yes",
    "PrivateUsers=yes",
    "ProtectClock=yes",
    "ProtectControlGroups=yes",
    "ProtectHostname=yes",
    "ProtectKernelLogs=yes",
    "ProtectKernelModules=yes",
    "ProtectKernelTunables=yes",
    "LockPersonality=yes",
    "MemoryDenyWriteExecute=yes",
    "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX",
    "RestrictNamespaces=yes",
    "RestrictRealtime=yes",
    "RestrictSUIDSGID=yes",
    "SystemCallArchitectures=native",
    "SystemCallFilter=@system-service",
    "SystemCallFilter=~@privileged",
    "StateDirectory=convoke-broker",
    "StateDirectoryMode=0700",
    "UMask=0077",
    "LimitCORE=0",
    "Restart=on-failure",
    "LoadCredential=BROKER_KEYS:convoke-broker.BROKER_KEYS",
];
/// Seconds that a broker may take to end: requests in flight, and the calls that go on without their client.
const LONGEST_END: u64 = 15;

/// What a unit lacks, and secrets that stand where every process may read them. A line that is commented out counts for the
/// second: it is there to be taken over.
#[must_use]
pub fn unit_breaches(unit: &str) -> Vec<String> {
    let lines: Vec<&str> = unit.lines().map(str::trim).collect();
    let missing = UNIT_LINES.iter().filter(|line| !lines.contains(line)).map(|line| format!("the unit lacks {line}"));
    let settings = lines.iter().filter_map(|line| line.trim_start_matches('#').trim().strip_prefix("Environment="));
    let secret = settings.filter(|setting| {
        let (key, value) = setting.split_once('=').unwrap_or((setting, ""));
        ["BROKER_KEYS", "TLSPassword"].contains(&key) || key.ends_with("CLIENT_SECRET") || value.contains("redis")
    });
    let secret = secret.map(|setting| format!("Environment={setting} holds a secret"));
    let wait = lines.iter().find_map(|line| line.strip_prefix("TimeoutStopSec=")?.parse::<u64>().ok());
    let cut = wait.is_none_or(|wait| wait <= LONGEST_END).then(|| "TimeoutStopSec cuts requests in flight".to_owned());
    missing.chain(secret).chain(cut).collect()
}

/// What an image's recipe does that a small and closed image must not.
#[must_use]
pub fn image_breaches(recipe: &str) -> Vec<String> {
    let lines: Vec<&str> = recipe.lines().map(str::trim).filter(|line| !line.starts_with('#')).collect();
    let last = lines.iter().rposition(|line| line.starts_with("FROM ")).unwrap_or(0);
    let mut found = Vec::new();
    let user = lines[last..].iter().rev().find_map(|line| line.strip_prefix("USER ")).unwrap_or("root");
    if !user.split(':').all(|id| id.parse::<u32>().is_ok_and(|id| id != 0)) {
        found.push(format!("the image runs as {user}"));
    }
    if lines[last..].iter().any(|line| line.starts_with("RUN ")) {
        found.push("the last stage runs something: it has a shell".to_owned());
    }
    if !recipe.contains("cargo build --release --locked -p convoke-broker") {
        found.push("the image is not built from Cargo.lock".to_owned());
    }
    let sets = lines.iter().filter(|line| line.starts_with("ENV ") || line.starts_with("ARG "));
    let secret = sets.filter(|line| line.contains("SECRET=") || line.contains("BROKER_KEYS="));
    found.extend(secret.map(|line| format!("{line} holds a secret")));
    found
}

/// The texts in the constant `name` of the broker's own list of keys.
#[must_use]
pub fn keys<'a>(settings: &'a str, name: &str) -> Vec<&'a str> {
    let list = settings.split_once(&format!("const {name}: ")).and_then(|(_, rest)| rest.split_once("= ["));
    let list = list.and_then(|(_, rest)| rest.split_once("];")).map_or("", |(list, _)| list);
    list.lines().filter_map(|line| line.trim().strip_prefix('"')?.strip_suffix("\",")).collect()
}

/// Keys that a page does not name in backticks.
#[must_use]
pub fn undocumented(keys: &[&str], page: &str) -> Vec<String> {
    let missing = keys.iter().filter(|key| !page.contains(&format!("`{key}`")));
    missing.map(|key| format!("{key} is not explained")).collect()
}

/// Keys, each with `prefix` in front, that an example configuration has no line for.
#[must_use]
pub fn without_example(keys: &[&str], prefix: &str, example: &str) -> Vec<String> {
    let lines: Vec<&str> = example.lines().map(|line| line.trim_start_matches('#')).collect();
    let has = |key: &str| lines.iter().any(|line| line.starts_with(&format!("{prefix}{key} = ")));
    keys.iter().filter(|key| !has(key)).map(|key| format!("{prefix}{key} has no example")).collect()
}

/// Links of a page in `folder` that lead to no file.
#[must_use]
pub fn dead_links(folder: &Path, page: &str) -> Vec<String> {
    let targets = page.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target);
    let files = targets.filter(|target| !target.contains("://")).filter_map(|target| target.split('#').next());
    files
        .filter(|file| !file.is_empty() && !folder.join(file).exists())
        .map(|file| format!("a link to {file}"))
        .collect()
}
