//! The desktop shell of Convoke: one window, a tray icon, and commands of one call each over `convoke-core`.
//!
//! Nothing is decided here that the command line would have to decide too. The page speaks to `commands`; what it may call
//! stands in `capabilities/`; what lasts is core's.

pub mod app_state;
pub mod arguments;
pub mod background;
pub mod command_names;
pub mod commands;
pub mod leaving;
pub mod logging;
pub mod notification;
pub mod process;
pub mod reminders;
pub mod shell;
pub mod sign_ins;
pub mod tray;
pub mod window;
pub mod words;

use std::{path::Path, process::ExitCode, sync::Arc};

use chrono::Utc;
use clap::Parser;
use convoke_core::{
    error::{Error, FieldIssue},
    profile::Profile,
    service::{Core, Setup},
    storage::keyring::Keyring,
    system::uptime_clock,
};
use tauri::{Context, Runtime};

use crate::{
    arguments::{Arguments, Environment, system_zone},
    shell::{Shell, ShellParts},
};

/// Runs the app until the person quits.
#[must_use]
pub fn run() -> ExitCode {
    let environment = Environment::read();
    let arguments = Arguments::parse();
    logging::start(environment.log.as_deref());
    process::draw_in_software_where_needed(&environment);
    convoke_core::system::harden();
    match open(&arguments, &environment).and_then(|shell| start(shell, &arguments, &environment)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            // Not a log line: the person at the terminal asked for this start.
            eprintln!("convoke-desktop: {sentence}");
            ExitCode::from(2)
        }
    }
}

/// The state and the commands, for the real runtime and for the tests' one.
#[must_use]
pub fn builder<R: Runtime>(builder: tauri::Builder<R>, shell: Shell) -> tauri::Builder<R> {
    builder.manage(shell).invoke_handler(commands::handler())
}

/// The configuration, the page, the icons and the permissions that were compiled in.
#[must_use]
pub fn context<R: Runtime>() -> Context<R> {
    tauri::generate_context!()
}

#[expect(clippy::disallowed_methods, reason = "the composition root of the app: here the clock is chosen")]
fn open(arguments: &Arguments, environment: &Environment) -> Result<Shell, String> {
    let home = arguments.home(environment).ok_or("there is no home folder: give one with --home")?;
    let started_profile = arguments.profile.as_deref().map(read_profile).transpose()?;
    let system_zone = system_zone();
    let core = Core::open(Setup {
        home: home.clone(),
        started_profile,
        clock: Arc::new(Utc::now),
        uptime: uptime_clock(),
        credentials: Arc::new(Keyring::start()),
        system_zone,
        ca_file: environment.ca_file(),
    })
    .map_err(|error| format!("{} cannot be used: {error}{}", home.display(), fields(&error)))?;
    let parts =
        ShellParts { core, surroundings: environment.surroundings(), locale: environment.locale_tag(), system_zone };
    Ok(Shell::new(parts))
}

fn read_profile(path: &Path) -> Result<Profile, String> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| format!("the profile {} cannot be read: {error}", path.display()))?;
    Profile::parse(&text)
        .map_err(|error| format!("the profile {} is not usable: {error}{}", path.display(), fields(&error)))
}

/// What is wrong in an error's fields, for the person at the terminal.
fn fields(error: &Error) -> String {
    let named = |issue: &FieldIssue| {
        let detail = issue.detail.as_deref().map(|detail| format!(": {detail}")).unwrap_or_default();
        format!(" {} ({:?}{detail})", issue.field, issue.problem)
    };
    error.fields.iter().map(named).collect()
}

fn start(shell: Shell, arguments: &Arguments, environment: &Environment) -> Result<(), String> {
    let how = window::Start { hidden: arguments.hidden, automation: environment.automation };
    // First of all plugins: a second start must end before it opens anything.
    let single = tauri_plugin_single_instance::Builder::new()
        .callback(|app, _, _| window::show(app, None))
        .dbus_id(instance_name(arguments, environment))
        .build();
    let app = builder(tauri::Builder::default().plugin(single), shell).setup(move |app| {
        tray::start(app.handle())?;
        window::create(app.handle(), how)?;
        background::start(app.handle());
        Ok(())
    });
    app.run(context()).map_err(|error| format!("the window system refused: {error}"))
}

/// One instance per home folder: trying the sandbox beside one's own accounts is two programs, not one.
fn instance_name(arguments: &Arguments, environment: &Environment) -> String {
    use std::hash::{DefaultHasher, Hash, Hasher};
    const NAME: &str = "app.convoke.desktop";
    let home = arguments.home(environment);
    if home == environment.default_home() {
        return NAME.to_owned();
    }
    let home = home.map(|path| std::path::absolute(&path).unwrap_or(path));
    let mut hasher = DefaultHasher::new();
    home.hash(&mut hasher);
    format!("{NAME}.home{:016x}", hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_home_folder_has_its_own_instance() {
        let environment = Environment { home: Some("/home/a".into()), ..Environment::default() };
        let name = |arguments: &[&str]| {
            let arguments = Arguments::parse_from([&["convoke-desktop"], arguments].concat());
            instance_name(&arguments, &environment)
        };
        assert_eq!(name(&[]), "app.convoke.desktop");
        assert_ne!(name(&["--home", "/a"]), name(&["--home", "/b"]));
        assert_eq!(name(&["--home", "/a"]), name(&["--home", "/a"]));
    }
}
