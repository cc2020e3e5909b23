//! The headline: many random faults over twenty accounts, and no sign-in is lost. Beside them a client as one writes it first
//! (refresh, then save) meets the same faults at the same provider.

use std::collections::BTreeMap;

use convoke_harness::canary::Canary;
use convoke_harness::secret_service::Mode;
use convoke_harness::{
    BrokerOptions, BrokerProcess, Dice, Fault, FaultProxy, SandboxProcess, SecretService, Session, http,
};
use serde_json::Value;
use url::Url;

use crate::rig::{Rig, share, text};
use crate::steward::Steward;

/// The seed of `make test`; a soak may be given another one.
const SEED: u64 = 20_270_110;
const HOUR: i64 = 3600;

/// What is done to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Trouble {
    /// The way to the broker.
    Network,
    /// The way from the broker to the provider.
    Upstream,
    /// kill -9 at a step of the renewal.
    Killed,
    /// kill -9 at any moment.
    KilledAnywhere,
    /// The keyring is locked, at once or in the middle.
    Locked,
    /// The keyring's disk is full, and the process may be killed while it is.
    Full,
    /// The computer sleeps.
    Slept,
    /// Somebody sets the clock.
    ClockSet,
    /// Everything answers with 5xx for a while.
    Outage,
    /// A network's sign-in page answers everything.
    Portal,
}

const TROUBLES: [Trouble; 10] = [
    Trouble::Network,
    Trouble::Upstream,
    Trouble::Killed,
    Trouble::KilledAnywhere,
    Trouble::Locked,
    Trouble::Full,
    Trouble::Slept,
    Trouble::ClockSet,
    Trouble::Outage,
    Trouble::Portal,
];

/// The named steps of a renewal.
pub const STEPS: [&str; 6] = ["begin", "begun", "answered", "item", "saved", "ended"];

struct Storm {
    rig: Rig,
    keyring: SecretService,
    to_broker: FaultProxy,
    to_provider: FaultProxy,
    accounts: Vec<(String, String)>,
}

impl Storm {
    fn start(accounts: usize) -> Self {
        let session = Session::without_keyring();
        let keyring = SecretService::start(session.bus());
        let sandbox = SandboxProcess::auto_approving();
        let to_provider = FaultProxy::start(sandbox.url());
        let endpoint = |path: &str| format!("{}/{path}", to_provider.url());
        let options = BrokerOptions::for_sandbox(sandbox.url())
            .set("ZOOM_TOKEN_URL", &endpoint("zoom/oauth/token"))
            .set("TEAMS_TOKEN_URL", &endpoint("teams/oauth2/v2.0/token"))
            .set("WEBEX_TOKEN_URL", &endpoint("webex/v1/access_token"))
            .set("GTM_TOKEN_URL", &endpoint("goto/oauth/token"));
        let broker = BrokerProcess::with(&options);
        let to_broker = FaultProxy::start(broker.url());
        let mut profile = broker.profile(&sandbox);
        profile.broker = to_broker.url();
        let profile = profile.write(session.dir());
        let rig = Rig { session, sandbox, broker, profile };
        // Each of a person of their own: at Zoom a second sign-in of the same one ends the first.
        let signed_in = (0..accounts).map(|number| {
            // Half are Zoom's, whose refresh token is good for one use.
            let provider = ["zoom", "teams", "zoom", "webex", "zoom", "goto"][number % 6];
            rig.person(&format!("person{number}@example.com"), true);
            (text(&rig.sign_in(provider), "id").to_owned(), provider.to_owned())
        });
        let accounts = signed_in.collect();
        Self { rig, keyring, to_broker, to_provider, accounts }
    }

    fn calm(&self) {
        self.to_broker.clear();
        self.to_provider.clear();
        self.keyring.set(Mode::Works);
    }

    /// Plays one trouble while the steward renews `id`.
    fn play(&self, steward: &mut Steward, dice: &mut Dice, trouble: Trouble, id: &str, provider: &str) {
        let refresh = format!("refresh {id}");
        match trouble {
            Trouble::Network => {
                self.to_broker.plant("/v1/refresh/", quick(Fault::drawn(dice)), 1);
                steward.ask(&refresh);
            }
            Trouble::Upstream => {
                self.to_provider.plant("/", upstream(dice, provider), 1);
                steward.ask(&refresh);
            }
            Trouble::Killed => {
                steward.ask(&format!("die {} {}", dice.pick(&STEPS), 1 + dice.below(2)));
                steward.tell(&refresh);
                if !steward.dies() {
                    steward.kill();
                }
            }
            Trouble::KilledAnywhere => {
                let patience = dice.within(std::time::Duration::from_millis(60));
                steward.ask("tend");
                steward.tell(&refresh);
                std::thread::sleep(patience);
                steward.kill();
            }
            Trouble::Locked => {
                self.keyring.turns_after(u32::try_from(dice.below(4)).expect("small"), Mode::Dismissed);
                steward.ask(&refresh);
                if dice.chance(30) {
                    steward.kill();
                }
            }
            Trouble::Full => {
                self.keyring.turns_after(u32::try_from(dice.below(4)).expect("small"), Mode::Full);
                steward.ask(&refresh);
                if dice.chance(50) {
                    steward.kill();
                }
            }
            Trouble::Slept => {
                // The access tokens are over, the refresh tokens are not: all nights of a soak are under a month, after which
                // GoToMeeting ends a sign-in whatever is done.
                steward.shift("sleep", 6 * HOUR);
                self.rig.sandbox.advance(6 * HOUR);
                steward.ask("woke");
                steward.ask(&format!("use {id}"));
            }
            Trouble::ClockSet => {
                let jump = *dice.pick(&[HOUR, -HOUR, 24 * HOUR, 3_650 * 24 * HOUR]);
                steward.shift("clock", jump);
                steward.ask(&format!("use {id}"));
                steward.ask(&refresh);
                steward.shift("clock", -jump);
            }
            Trouble::Outage => {
                let status = *dice.pick(&[500, 502, 503, 504]);
                self.to_broker.plant("/", Fault::page(status), 3);
                steward.ask(&refresh);
                steward.ask("tend");
            }
            Trouble::Portal => {
                self.to_broker.plant("/", Fault::html(), 2);
                steward.ask(&refresh);
                steward.ask(&format!("use {id}"));
            }
        }
        self.calm();
    }
}

/// The same fault within a second: a soak is not made longer by bytes that drip.
fn quick(fault: Fault) -> Fault {
    match fault {
        Fault::EndlessHead | Fault::Flood | Fault::GzipFlood => Fault::page(502),
        Fault::Asked(inner) => quick(*inner).asked_first(),
        other => other,
    }
}

/// What can happen behind the broker. An answer that a provider of single use has given and that never reached the broker is
/// lost for everybody, so there it is lost before it is given.
fn upstream(dice: &mut Dice, provider: &str) -> Fault {
    let fault = match dice.below(5) {
        0 => Fault::page(*dice.pick(&[500, 502, 503, 403, 407])),
        1 => Fault::CloseBefore,
        2 => Fault::Reset,
        3 => Fault::json(503, "{}"),
        _ => Fault::html(),
    };
    if provider != "zoom" && dice.chance(50) { fault.asked_first() } else { fault }
}

/// A client as one writes it first: asks the provider itself, and saves what came.
struct Naive<'a> {
    provider: &'a FaultProxy,
    sandbox: &'a SandboxProcess,
    token: String,
    lost: u32,
}

impl Naive<'_> {
    const BASIC: &'static str = "Basic c2FuZGJveC1jbGllbnQ6c2FuZGJveC1zZWNyZXQ=";

    fn token_of(answer: &Value) -> Option<String> {
        answer["refresh_token"].as_str().map(str::to_owned)
    }

    fn post(origin: &str, fields: &[(&str, &str)]) -> Option<http::Answer> {
        let url = Url::parse(&format!("{origin}/zoom/oauth/token")).expect("an address");
        let headers = [("Authorization", Self::BASIC), ("Content-Type", http::FORM)];
        http::request("POST", &url, &headers, http::form(fields).as_bytes()).ok()
    }

    /// Signs in; by the authorization server's own way, without a broker.
    fn sign_in(&mut self) {
        let redirect = "http://127.0.0.1:8790/v1/callback/zoom";
        let url = format!(
            "{}/zoom/oauth/authorize?response_type=code&client_id=sandbox-client&state=s&redirect_uri={redirect}",
            self.sandbox.url()
        );
        let answer = http::request("GET", &Url::parse(&url).expect("an address"), &[], b"").expect("an answer");
        let back = Url::parse(answer.header("location").expect("a way back")).expect("an address");
        let code = back.query_pairs().find(|(name, _)| name == "code").expect("a code").1.into_owned();
        let fields = [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", redirect)];
        let answer = Self::post(self.sandbox.url(), &fields).expect("an answer");
        self.token = Self::token_of(&answer.json()).expect("a refresh token");
    }

    /// One refresh while `fault` stands on its way; `crash` ends it between the answer and the disk.
    fn refresh(&mut self, fault: Option<Fault>, crash: bool) {
        if let Some(fault) = fault {
            self.provider.plant("/zoom/oauth/token", fault, 1);
        }
        let fields = [("grant_type", "refresh_token"), ("refresh_token", self.token.as_str())];
        let answer = Self::post(&self.provider.url(), &fields);
        self.provider.clear();
        match answer {
            Some(answer) if answer.status == 200 => match serde_json::from_slice::<Value>(&answer.body) {
                Ok(said) if !crash => self.token = Self::token_of(&said).unwrap_or_default(),
                _ => {}
            },
            _ => {}
        }
        // Does it still know a token that works?
        let fields = [("grant_type", "refresh_token"), ("refresh_token", self.token.as_str())];
        let alive = Self::post(self.sandbox.url(), &fields).filter(|answer| answer.status == 200);
        if let Some(token) = alive.and_then(|answer| Self::token_of(&answer.json())) {
            self.token = token;
        } else {
            self.lost += 1;
            self.sign_in();
        }
    }
}

#[test]
fn a_storm_of_faults_costs_no_sign_in() {
    let (faults, accounts) = (share(1_000), share(200).min(20));
    let mut dice = Dice::new(SEED);
    let storm = Storm::start(accounts);
    let home = storm.rig.convoke().home_path().to_owned();
    let mut steward = Steward::start(&storm.rig.session, &home, &storm.rig.profile);
    storm.rig.person("naive@example.com", true);
    let mut naive = Naive { provider: &storm.to_provider, sandbox: &storm.rig.sandbox, token: String::new(), lost: 0 };
    naive.sign_in();

    let mut lost: BTreeMap<String, String> = BTreeMap::new();
    let mut played: BTreeMap<Trouble, u32> = BTreeMap::new();
    for number in 0..faults {
        let trouble = TROUBLES[dice.index(TROUBLES.len())];
        let (id, provider) = dice.pick(&storm.accounts).clone();
        storm.play(&mut steward, &mut dice, trouble, &id, &provider);
        *played.entry(trouble).or_default() += 1;
        // The weather is fine again: what was begun is finished, and the account works.
        steward.ask("woke");
        let well = steward.ask(&format!("use {id}"));
        if well != "done" {
            lost.entry(id.clone()).or_insert_with(|| format!("{number} {trouble:?} {provider}: {well}"));
        }
        let crash = matches!(trouble, Trouble::Killed | Trouble::KilledAnywhere | Trouble::Full | Trouble::Locked);
        let fault = match trouble {
            Trouble::Network => Some(quick(Fault::drawn(&mut dice))),
            Trouble::Portal => Some(Fault::html()),
            Trouble::Outage => Some(Fault::page(503)),
            _ => None,
        };
        naive.refresh(fault, crash && dice.chance(50));
    }
    // Every one of them, once more, with a new token from the provider.
    for (id, provider) in &storm.accounts {
        let end = steward.ask(&format!("refresh {id}"));
        if end != "done" {
            lost.entry(id.clone()).or_insert_with(|| format!("at the end, {provider}: {end}"));
        }
    }
    steward.kill();

    let state = storm.rig.sandbox.state();
    let calls = storm.rig.sandbox.called("POST /zoom/oauth/token");
    let issued = state["tokens"]["zoom"]["issued"].as_u64().expect("a count");
    let refused = calls.saturating_sub(issued).saturating_sub(u64::from(naive.lost));
    let hits = canary_hits(&storm, &steward.log);
    println!(
        "storm of seed {SEED}: faults injected {faults} / survived {} / sign-ins lost {} / duplicate refreshes {refused} / canary hits {hits}; {} starts; {played:?}",
        faults - lost.len(),
        lost.len(),
        steward.lives,
    );
    println!("beside it, refresh then save: faults injected {faults} / sign-ins lost {}", naive.lost);
    assert!(lost.is_empty(), "{lost:#?}");
    assert_eq!((refused, hits), (0, 0), "spent tokens that were sent again, and secrets outside of the keyring");
    assert!(naive.lost > 0, "faults that nobody feels prove nothing");
}

/// Places outside of the keyring where a token of the last state stands.
fn canary_hits(storm: &Storm, log: &[u8]) -> usize {
    let mut canary = Canary::default();
    for (number, credential) in storm.keyring.credentials().iter().enumerate() {
        for field in ["refresh", "token"] {
            if let Some(token) = credential[field].as_str() {
                canary = canary.secret(&format!("{field} {number}"), token.as_bytes());
            }
        }
    }
    let home = storm.rig.convoke().home_path().to_owned();
    let found: Vec<_> = canary.search_path(&home).into_iter().chain(canary.search("the log", log)).collect();
    for place in &found {
        eprintln!("canary: {place:?}");
    }
    found.len()
}
