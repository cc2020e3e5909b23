//! One Convoke that a test leads by the hand: it does what a line of its input says, has clocks that can be set, and kills itself
//! at a step of its own log.
//!
//! `steward HOME PROFILE WALL AWAKE` starts with its wall clock WALL seconds ahead and its clock since the start AWAKE seconds. Each
//! line is answered by one: `answer N done`, or the error's code. Lines: `add PROVIDER` (first says `open PROVIDER URL`, then answers the
//! id), `add sametime USER PASSWORD`, `refresh ID`, `refresh ID TIMES`, `use ID`, `tend` and `woke` (answered by `again SECONDS`),
//! `await ID HEALTH` (tends as the app does until it is so; `waiting` after each look in vain), `health ID`, `remove ID`, `clock SECONDS`
//! (somebody sets the clock), `sleep SECONDS` (the computer slept), `boot` (it was started again), `die STEP N` (at the N-th time).

use std::{
    fmt,
    io::BufRead,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use chrono::{TimeDelta, Utc};
use convoke_core::{
    account::AccountId,
    clock::Uptime,
    credential::Password,
    error::Error,
    profile::Profile,
    service::{Core, Setup, code_text, sign_in::SignInEnd, tending::Occasion},
    storage::keyring::Keyring,
    system,
};
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    Layer, filter::Targets, layer::Context, layer::SubscriberExt as _, util::SubscriberInitExt as _,
};

/// As the window and the command line have it.
#[global_allocator]
static ALLOCATOR: system::WipedMemory = system::WIPED_MEMORY;

/// Seconds that the two clocks are ahead, and how often the computer was started since.
#[derive(Default)]
struct Ahead {
    wall: AtomicI64,
    awake: AtomicI64,
    starts: AtomicU64,
}

/// Where to die: the step, and how many times it is passed before.
type Death = Arc<Mutex<Option<(String, u32)>>>;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [home, profile, wall, awake] = words.as_slice() else { panic!("HOME PROFILE WALL AWAKE") };
    let seconds = |text: &String| AtomicI64::new(text.parse().expect("seconds"));
    let ahead = Arc::new(Ahead { wall: seconds(wall), awake: seconds(awake), starts: AtomicU64::default() });
    let death = Death::default();
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(false);
    let filter = Targets::new().with_default(tracing::Level::WARN).with_target("convoke", tracing::Level::TRACE);
    tracing_subscriber::registry().with(lines).with(Reaper(Arc::clone(&death))).with(filter).init();
    let core = open(home, profile, &ahead);
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    for (number, line) in std::io::stdin().lock().lines().map_while(Result::ok).enumerate() {
        let answer = runtime.block_on(act(&core, &ahead, &death, &line)).unwrap_or_else(|error| code_text(error.code));
        println!("answer {} {answer}", number + 1);
    }
    // A keyring that holds a call does not hold the end of the program.
    runtime.shutdown_background();
}

#[expect(clippy::disallowed_methods, reason = "a composition root of its own")]
fn open(home: &str, profile: &str, ahead: &Arc<Ahead>) -> Core {
    let text = std::fs::read_to_string(profile).expect("a profile file");
    let (wall, awake, uptime) = (Arc::clone(ahead), Arc::clone(ahead), system::uptime_clock());
    let setup = Setup {
        home: home.into(),
        started_profile: Some(Profile::parse(&text).expect("a profile")),
        clock: Arc::new(move || Utc::now() + TimeDelta::seconds(wall.wall.load(Ordering::SeqCst))),
        uptime: Arc::new(move || {
            let (now, ahead) = (uptime(), awake.awake.load(Ordering::SeqCst).unsigned_abs());
            let start = now.start.wrapping_add(awake.starts.load(Ordering::SeqCst));
            Uptime { start, since: now.since + Duration::from_secs(ahead) }
        }),
        credentials: Arc::new(Keyring::start()),
        ca_file: None,
        system_zone: system::system_zone(),
    };
    Core::open(setup).expect("the home folder")
}

async fn act(core: &Core, ahead: &Ahead, death: &Death, line: &str) -> Result<String, Error> {
    let words: Vec<&str> = line.split(' ').collect();
    let account = || AccountId::parse(words[1]).expect("an account id");
    let seconds = || words[1].parse::<i64>().expect("seconds");
    match words[0] {
        "add" => return add(core, &words[1..]).await,
        "refresh" => {
            let times = words.get(2).map_or(1, |times| times.parse().expect("a number"));
            for _ in 0..times {
                core.refresh_account(&account()).await?;
            }
        }
        "use" => {
            let agenda = core.agenda(Some(&account()), None, None).await?;
            if let Some(problem) = agenda.problems.first() {
                return Ok(code_text(problem.code));
            }
        }
        "tend" => return Ok(again_in(core.tend(Occasion::Rhythm).await.again_in)),
        "woke" => return Ok(again_in(core.tend(Occasion::Woke).await.again_in)),
        "await" => loop {
            let tended = core.tend(Occasion::Rhythm).await;
            if health(core, &account())? == words[2] {
                break;
            }
            println!("waiting");
            tokio::time::sleep(tended.again_in).await;
        },
        "remove" => drop(core.disconnect(&account()).await?),
        "health" => return health(core, &account()),
        "clock" => drop(ahead.wall.fetch_add(seconds(), Ordering::SeqCst)),
        "sleep" => {
            ahead.wall.fetch_add(seconds(), Ordering::SeqCst);
            ahead.awake.fetch_add(seconds(), Ordering::SeqCst);
        }
        "boot" => drop(ahead.starts.fetch_add(1, Ordering::SeqCst)),
        "die" => {
            let times = words[2].parse().expect("a number");
            *death.lock().unwrap_or_else(PoisonError::into_inner) = Some((words[1].to_owned(), times));
        }
        other => panic!("no such line: {other}"),
    }
    Ok("done".to_owned())
}

fn again_in(wait: Duration) -> String {
    format!("again {}", wait.as_secs())
}

fn health(core: &Core, account: &AccountId) -> Result<String, Error> {
    let accounts = core.accounts()?;
    let found = accounts.iter().find(|one| one.id == *account).expect("the account");
    Ok(serde_json::to_string(&found.health).expect("a name").trim_matches('"').to_owned())
}

/// Signs in; the account's id.
async fn add(core: &Core, words: &[&str]) -> Result<String, Error> {
    let end = match words {
        ["sametime", user, password] => {
            let server = core.profile().sametime_server.as_ref().expect("a server").to_string();
            core.sign_in_sametime(&server, user, Password::new((*password).to_owned()), None, None).await?
        }
        [provider] => {
            let pending = core.begin_sign_in(provider.parse().expect("a provider"), None, None).await?;
            println!("open {provider} {}", pending.authorize_url());
            pending.finish().await?
        }
        _ => panic!("add PROVIDER [USER PASSWORD]"),
    };
    let SignInEnd::Account { account, .. } = end else { panic!("somebody else signed in") };
    Ok(account.id.to_string())
}

/// Kills this process at a step, as a power cut would: nothing is flushed, nothing is dropped.
struct Reaper(Death);

impl<S: Subscriber> Layer<S> for Reaper {
    fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
        let mut step = Step(String::new());
        event.record(&mut step);
        let mut death = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((wanted, times)) = death.as_mut() else { return };
        if *wanted != step.0 {
            return;
        }
        if *times > 1 {
            *times -= 1;
            return;
        }
        let this = rustix::process::getpid();
        rustix::process::kill_process(this, rustix::process::Signal::KILL).expect("this process can be killed");
        loop {
            std::thread::park();
        }
    }
}

/// The `step` of an event.
struct Step(String);

impl Visit for Step {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "step" {
            value.clone_into(&mut self.0);
        }
    }

    fn record_debug(&mut self, _field: &Field, _value: &dyn fmt::Debug) {}
}
