//! One process of several in a test: several tasks that use one account at the same moment.
//!
//! `several-at-once HOME PROFILE ACCOUNT ACT TASKS` says `ready`, waits for a line on its input, and then prints a line per
//! task: `done`, or the error's code. ACT is `list` (use the token), `refresh` (renew it) or `early` (use it two hours from now).

use std::{path::PathBuf, sync::Arc};

use chrono::{Duration, Utc};
use convoke_core::{
    account::AccountId,
    clock::Uptime,
    error::{Error, ErrorCode},
    profile::Profile,
    service::{Core, Setup, code_text},
    storage::keyring::Keyring,
    system,
};

#[tokio::main(flavor = "multi_thread", worker_threads = 4)]
async fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [home, profile, account, act, tasks] = words.as_slice() else { panic!("HOME PROFILE ACCOUNT ACT TASKS") };
    let core = open(home.into(), profile, act == "early");
    let account = AccountId::parse(account).expect("an account id");
    let tasks: usize = tasks.parse().expect("a number");

    println!("ready");
    std::io::stdin().read_line(&mut String::new()).expect("the word to start");
    let running: Vec<_> = (0..tasks)
        .map(|_| {
            let (core, account, act) = (core.clone(), account.clone(), act.clone());
            tokio::spawn(async move { use_account(&core, &account, &act).await })
        })
        .collect();
    for task in running {
        match task.await.expect("no task panics") {
            Ok(()) => println!("done"),
            Err(reason) => println!("{}", code_text(reason)),
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a composition root of its own")]
fn open(home: PathBuf, profile: &str, early: bool) -> Core {
    let text = std::fs::read_to_string(profile).expect("a profile file");
    let uptime = system::uptime_clock();
    let ahead = if early { Duration::hours(2) } else { Duration::zero() };
    let setup = Setup {
        home,
        started_profile: Some(Profile::parse(&text).expect("a profile")),
        clock: Arc::new(move || Utc::now() + ahead),
        // Two hours ahead by this one too: a token ages by it.
        uptime: Arc::new(move || Uptime { since: uptime().since + ahead.to_std().unwrap_or_default(), ..uptime() }),
        credentials: Arc::new(Keyring::start()),
        system_zone: system::system_zone(),
        ca_file: None,
    };
    Core::open(setup).expect("the home folder")
}

async fn use_account(core: &Core, account: &AccountId, act: &str) -> Result<(), ErrorCode> {
    let reason = |error: Error| error.code;
    if act == "refresh" {
        return core.refresh_account(account).await.map(drop).map_err(reason);
    }
    let agenda = core.agenda(Some(account), None, None).await.map_err(reason)?;
    agenda.problems.first().map_or(Ok(()), |problem| Err(problem.code))
}
