//! What the program was started with: arguments, and the variables of the environment that count. Read once, at the start.

use std::{ffi::OsString, path::PathBuf};

use chrono_tz::Tz;
use clap::Parser;
use convoke_core::{service::diagnostics::Surroundings, system};

/// Convoke schedules online meetings.
#[derive(Clone, Debug, Parser)]
#[command(name = "convoke-desktop", version)]
pub struct Arguments {
    /// The organisation's profile: which broker, which hosts.
    #[arg(long, value_name = "FILE")]
    pub profile: Option<PathBuf>,
    /// The folder of settings and register.
    #[arg(
        long,
        value_name = "DIR",
        help = "The folder of settings and register [default: $CONVOKE_HOME, else convoke in the user's data folder]"
    )]
    pub home: Option<PathBuf>,
    /// Start in the tray, without a window.
    #[arg(long)]
    pub hidden: bool,
}

/// The variables that count.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// `CONVOKE_HOME`.
    pub convoke_home: Option<OsString>,
    /// `XDG_DATA_HOME`, or `LOCALAPPDATA` on Windows.
    pub data_home: Option<OsString>,
    /// `HOME`.
    pub home: Option<OsString>,
    /// `CONVOKE_CA_FILE`.
    pub ca_file: Option<OsString>,
    /// `PATH`.
    pub path: Option<OsString>,
    /// `USERPROFILE` on Windows: `HOME` elsewhere.
    pub person: Option<OsString>,
    /// `BROWSER`.
    pub browser: Option<OsString>,
    /// `RUST_LOG`.
    pub log: Option<String>,
    /// `LC_ALL`, `LC_TIME` and `LANG`: how times are written.
    pub locale: [Option<String>; 3],
    /// Whether a driver operates the window (`TAURI_WEBVIEW_AUTOMATION`).
    pub automation: bool,
    /// Whether drawing in software was chosen, either way.
    pub software_drawing: bool,
}

impl Environment {
    /// Reads them.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one place of the shell that reads the environment")]
    pub fn read() -> Self {
        use std::env::{var, var_os};
        Self {
            convoke_home: var_os("CONVOKE_HOME"),
            data_home: var_os(if cfg!(windows) { "LOCALAPPDATA" } else { "XDG_DATA_HOME" }),
            home: var_os("HOME"),
            ca_file: var_os("CONVOKE_CA_FILE"),
            path: var_os("PATH"),
            person: var_os(if cfg!(windows) { "USERPROFILE" } else { "HOME" }),
            browser: var_os("BROWSER"),
            log: var("RUST_LOG").ok(),
            locale: ["LC_ALL", "LC_TIME", "LANG"].map(|name| var(name).ok()),
            automation: var("TAURI_WEBVIEW_AUTOMATION").is_ok_and(|value| value == "true"),
            software_drawing: var_os(crate::process::software_variable()).is_some(),
        }
    }

    /// The user's own folder of Convoke; none where no home is known.
    #[must_use]
    pub fn default_home(&self) -> Option<PathBuf> {
        system::default_home(|name| self.variable(name))
    }

    /// A file of authorities to believe beside the system's.
    #[must_use]
    pub fn ca_file(&self) -> Option<PathBuf> {
        system::ca_file(|_| self.ca_file.clone())
    }

    /// What a look at this computer needs of it.
    #[must_use]
    pub fn surroundings(&self) -> Surroundings {
        let home = self.person.clone().filter(|home| !home.is_empty()).map(PathBuf::from);
        Surroundings { browser: self.browser.clone(), path: self.path.clone(), home }
    }

    /// The variables that say where the home folder is, as they were read.
    fn variable(&self, name: &str) -> Option<OsString> {
        match name {
            "CONVOKE_HOME" => self.convoke_home.clone(),
            "HOME" => self.home.clone(),
            _ => self.data_home.clone(),
        }
    }

    /// The locale as a BCP 47 tag (`de-CH`), for how the page writes dates and times.
    #[must_use]
    pub fn locale_tag(&self) -> String {
        let named = self.locale.iter().flatten().find(|value| !value.is_empty());
        named.and_then(|value| tag(value)).unwrap_or_else(|| "en-GB".to_owned())
    }
}

impl Arguments {
    /// The folder to use.
    #[must_use]
    pub fn home(&self, environment: &Environment) -> Option<PathBuf> {
        system::home_folder(self.home.clone(), |name| environment.variable(name))
    }
}

/// The system's zone; UTC where it has none that the tz database knows.
#[must_use]
pub fn system_zone() -> Tz {
    iana_time_zone::get_timezone().ok().and_then(|name| name.parse().ok()).unwrap_or(Tz::UTC)
}

/// `de_CH.UTF-8@euro` is `de-CH`; `C` and `POSIX` are no language.
fn tag(posix: &str) -> Option<String> {
    let name = posix.split(['.', '@']).next().unwrap_or_default();
    let parts: Vec<&str> = name.split(['_', '-']).collect();
    let language = parts[0];
    let is_language = (2..=3).contains(&language.len()) && language.bytes().all(|b| b.is_ascii_lowercase());
    let region = parts.get(1).filter(|part| part.len() == 2 && part.bytes().all(|b| b.is_ascii_uppercase()));
    is_language.then(|| region.map_or_else(|| language.to_owned(), |region| format!("{language}-{region}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment() -> Environment {
        Environment { home: Some("/home/a".into()), ..Environment::default() }
    }

    #[test]
    fn the_arguments_come_before_the_environment() {
        let none = Arguments::parse_from(["convoke-desktop"]);
        let asked = Arguments::parse_from(["convoke-desktop", "--home", "/a"]);
        let variable = Environment { convoke_home: Some("/b".into()), ..environment() };
        assert_eq!(asked.home(&variable), Some("/a".into()));
        assert_eq!(none.home(&variable), Some("/b".into()));
        assert_eq!(none.home(&Environment::default()), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_default_follows_the_desktops_rules() {
        assert_eq!(environment().default_home(), Some("/home/a/.local/share/convoke".into()));
        let data = |value: &str| Environment { data_home: Some(value.into()), ..environment() }.default_home();
        assert_eq!(data("/data"), Some("/data/convoke".into()));
        assert_eq!(data("relative"), Some("/home/a/.local/share/convoke".into()));
        assert_eq!(data(""), Some("/home/a/.local/share/convoke".into()));
    }

    #[test]
    fn a_locale_becomes_a_tag() {
        let of = |values: [&str; 3]| {
            Environment { locale: values.map(|value| Some(value.to_owned())), ..environment() }.locale_tag()
        };
        assert_eq!(of(["", "de_CH.UTF-8", "en_US.UTF-8"]), "de-CH");
        assert_eq!(of(["", "", "fr"]), "fr");
        assert_eq!(of(["C.UTF-8", "", "de_CH"]), "en-GB");
        assert_eq!(of(["", "", "<script>"]), "en-GB");
        assert_eq!(environment().locale_tag(), "en-GB");
    }
}
