//! Opening a link in the person's own browser, as the window and the command line both do.
//!
//! The link is one argument, never part of a shell's line. The browser does not inherit variables that may hold a secret.

use std::{
    ffi::{OsStr, OsString},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use url::Url;

use crate::{
    error::{Error, FieldIssue, IssueCode},
    http::scheme_is_allowed,
};

/// Opens `url` with `browser` (the value of `$BROWSER`: commands separated by `:`, each with an optional `%s`), or with the
/// system's own opener where that is none. Answers once a program has started; nobody can say whether a page was shown.
///
/// # Errors
/// `InvalidInput` at `url` where it is neither `https` nor `http` on loopback; at `browser` where no program could be started.
pub fn open(url: &Url, browser: Option<&OsStr>) -> Result<(), Error> {
    if !scheme_is_allowed(url) {
        return Err(Error::invalid(vec![FieldIssue::new("url", IssueCode::NotAWebAddress)]));
    }
    let candidates = candidates(browser, url);
    if candidates.iter().any(|words| start(words)) {
        Ok(())
    } else {
        Err(missing(&candidates.into_iter().map(|mut words| words.swap_remove(0)).collect::<Vec<_>>()))
    }
}

/// The program that [`open`] would start: the first one asked for that is there, looked for in `path` (the value of `$PATH`)
/// where it is no path itself. Starts nothing.
///
/// # Errors
/// `InvalidInput` at `browser` with what was looked for.
///
/// # Panics
/// Never: the link is a constant.
pub fn program(browser: Option<&OsStr>, path: Option<&OsStr>) -> Result<String, Error> {
    let link = Url::parse("https://localhost/").expect("a constant");
    let asked: Vec<OsString> = candidates(browser, &link).into_iter().map(|mut words| words.swap_remove(0)).collect();
    let folders: Vec<PathBuf> = path.map(|path| std::env::split_paths(path).collect()).unwrap_or_default();
    // A name with a folder in it is not looked for; joined to a folder, an absolute one stays itself.
    let is_there = |name: &OsString| {
        let name = Path::new(name);
        let at = if name.components().count() > 1 { vec![name.to_owned()] } else { Vec::new() };
        at.into_iter().chain(folders.iter().map(|folder| folder.join(name))).any(|file| file.is_file())
    };
    match asked.iter().find(|name| is_there(name)) {
        Some(name) => Ok(name.to_string_lossy().into_owned()),
        None => Err(missing(&asked)),
    }
}

fn missing(asked: &[OsString]) -> Error {
    let tried = asked.iter().map(|name| name.to_string_lossy()).collect::<Vec<_>>().join(", ");
    Error::invalid(vec![FieldIssue::with_detail("browser", IssueCode::Unknown, &tried)])
}

/// The commands to try, in their order; each has a program and ends with the link somewhere among its arguments.
fn candidates(browser: Option<&OsStr>, url: &Url) -> Vec<Vec<OsString>> {
    let asked: Vec<Vec<OsString>> = match browser.filter(|value| !value.is_empty()) {
        // A path may hold a space or a colon: where the whole value is a file, it is one program.
        Some(value) if Path::new(value).is_file() => vec![vec![value.to_owned(), url.as_str().into()]],
        Some(value) => value.to_string_lossy().split(':').filter_map(|template| from_template(template, url)).collect(),
        None => Vec::new(),
    };
    if asked.is_empty() { vec![system_opener(url)] } else { asked }
}

fn from_template(template: &str, url: &Url) -> Option<Vec<OsString>> {
    let mut words: Vec<OsString> = Vec::new();
    let mut placed = false;
    for word in template.split_whitespace() {
        placed |= word.contains("%s");
        words.push(word.replace("%s", url.as_str()).into());
    }
    if words.is_empty() {
        return None;
    }
    if !placed {
        words.push(url.as_str().into());
    }
    Some(words)
}

fn system_opener(url: &Url) -> Vec<OsString> {
    let words: &[&str] = if cfg!(target_os = "macos") {
        &["/usr/bin/open"]
    } else if cfg!(windows) {
        // Not `cmd /c start`: its parser gives `&` and `%` in an address a meaning.
        &["rundll32.exe", "url.dll,FileProtocolHandler"]
    } else {
        &["xdg-open"]
    };
    words.iter().map(OsString::from).chain([url.as_str().into()]).collect()
}

#[expect(clippy::disallowed_methods, reason = "reads names alone, to take variables away from the browser")]
fn start(words: &[OsString]) -> bool {
    let mut command = Command::new(&words[0]);
    command.args(&words[1..]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    for (name, _) in std::env::vars_os().filter(|(name, _)| may_hold_a_secret(name)) {
        command.env_remove(name);
    }
    #[cfg(unix)]
    {
        // An interrupt at the terminal ends the program that asked, not the person's browser.
        use std::os::unix::process::CommandExt;
        command.process_group(0);
    }
    let Ok(mut child) = command.spawn() else { return false };
    // Somebody must take its exit code, or it stays in the process table.
    std::thread::spawn(move || child.wait());
    true
}

fn may_hold_a_secret(name: &OsStr) -> bool {
    let name = name.to_string_lossy().to_ascii_uppercase();
    let parts = ["SECRET", "TOKEN", "PASSW", "CREDENTIAL", "PRIVATE", "API_KEY", "BROKER_KEY"];
    name.starts_with("CONVOKE_") || parts.iter().any(|part| name.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link() -> Url {
        "https://example.com/a?b=c&d=%20e".parse().unwrap()
    }

    fn words(browser: &str) -> Vec<Vec<String>> {
        let text = |word: OsString| word.into_string().unwrap();
        candidates(Some(OsStr::new(browser)), &link())
            .into_iter()
            .map(|list| list.into_iter().map(text).collect())
            .collect()
    }

    #[test]
    fn the_link_is_one_argument() {
        let link = link().to_string();
        assert_eq!(words("firefox"), [["firefox".to_owned(), link.clone()]]);
        assert_eq!(
            words("a --new %s:b"),
            [vec!["a".to_owned(), "--new".into(), link.clone()], vec!["b".into(), link.clone()]]
        );
        assert_eq!(words("a --url=%s"), [["a".to_owned(), format!("--url={link}")]]);
    }

    #[test]
    fn without_a_choice_the_system_opens_it() {
        for empty in [None, Some(OsStr::new("")), Some(OsStr::new(" : "))] {
            let list = candidates(empty, &link());
            assert_eq!(list.len(), 1);
            assert_eq!(list[0].last().unwrap(), link().as_str());
        }
    }

    #[test]
    fn only_web_addresses_are_opened() {
        for bad in ["http://example.com/", "file:///etc/passwd", "javascript:alert(1)", "mailto:a@example.com"] {
            let error = open(&bad.parse().unwrap(), Some(OsStr::new("true"))).unwrap_err();
            assert_eq!(error.fields[0].field, "url", "{bad}");
        }
    }

    #[test]
    fn a_missing_browser_is_said() {
        let error = open(&link(), Some(OsStr::new("/nowhere/browser"))).unwrap_err();
        assert_eq!(error.fields, [FieldIssue::with_detail("browser", IssueCode::Unknown, "/nowhere/browser")]);
    }

    #[test]
    fn the_program_that_would_open_a_link_is_named_and_not_started() {
        let of = |browser: &str, path: &str| {
            program(Some(OsStr::new(browser)), Some(OsStr::new(path))).map_err(|error| error.fields[0].detail.clone())
        };
        if cfg!(unix) {
            assert_eq!(of("nothing-here:sh %s", "/nowhere:/bin").as_deref(), Ok("sh"));
            assert_eq!(of("/bin/sh", "").as_deref(), Ok("/bin/sh"));
            assert_eq!(of("sh", ""), Err(Some("sh".to_owned())));
        }
        assert_eq!(of("/nowhere/browser:other", "/nowhere"), Err(Some("/nowhere/browser, other".to_owned())));
    }

    #[test]
    fn variables_that_may_hold_a_secret_stay_here() {
        for name in ["ZOOM_CLIENT_SECRET", "CONVOKE_HOME", "BROKER_KEYS", "GITHUB_TOKEN", "PGPASSWORD"] {
            assert!(may_hold_a_secret(OsStr::new(name)), "{name}");
        }
        for name in ["PATH", "HOME", "DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "LANG"] {
            assert!(!may_hold_a_secret(OsStr::new(name)), "{name}");
        }
    }
}
