//! A person whose ways to the broker and to the providers lead through proxies that break, and whose keyring misbehaves on demand.

use convoke_harness::{BrokerProcess, FaultProxy, Profile, SandboxProcess, SecretService, Session};
use serde_json::Value;

use crate::rig::{Rig, text};
use crate::steward::Steward;

/// One rig, and what stands between its parts.
pub struct Ways {
    pub rig: Rig,
    keyring: Option<SecretService>,
    pub to_broker: FaultProxy,
    pub to_providers: FaultProxy,
}

impl Ways {
    pub fn start() -> Self {
        let session = Session::without_keyring();
        let keyring = SecretService::start(session.bus());
        Self::over(session, Some(keyring))
    }

    /// The same over a session that has a keyring of its own, or the one that is given.
    pub fn over(session: Session, keyring: Option<SecretService>) -> Self {
        let sandbox = SandboxProcess::auto_approving();
        let broker = BrokerProcess::start(&sandbox);
        let (to_broker, to_providers) = (FaultProxy::start(broker.url()), FaultProxy::start(sandbox.url()));
        let profile = Profile::new(&to_providers.url(), &to_broker.url()).write(session.dir());
        Self { rig: Rig { session, sandbox, broker, profile }, keyring, to_broker, to_providers }
    }

    /// The keyring that misbehaves on demand.
    #[track_caller]
    pub fn keyring(&self) -> &SecretService {
        self.keyring.as_ref().expect("it was given")
    }

    /// Ends that one, as a crash would, and starts another one over the same items.
    #[track_caller]
    pub fn restart_keyring(&mut self) {
        let ended = self.keyring.take().expect("it was given");
        self.keyring = Some(ended.restarted(self.rig.session.bus()));
    }

    /// Signs in and answers the account's id.
    #[track_caller]
    pub fn sign_in(&self, provider: &str) -> String {
        text(&self.rig.sign_in(provider), "id").to_owned()
    }

    /// A Convoke of the same home.
    pub fn steward(&self) -> Steward {
        Steward::start(&self.rig.session, self.rig.convoke().home_path(), &self.rig.profile)
    }

    /// How often new tokens were asked for, at all providers together.
    #[track_caller]
    pub fn renewals(&self) -> u64 {
        let calls = self.rig.sandbox.calls();
        calls.iter().filter(|(route, _)| TOKEN_ROUTES.contains(&route.as_str())).map(|(_, times)| times).sum()
    }

    /// The refresh token of the only account.
    #[track_caller]
    pub fn refresh_token(&self) -> String {
        let credentials = self.keyring().credentials();
        let main = credentials.iter().find(|credential| credential["kind"] == "oauth").expect("an account's item");
        text(main, "refresh").to_owned()
    }
}

/// What the providers' token endpoints are called in the sandbox's counts.
const TOKEN_ROUTES: [&str; 4] = [
    "POST /zoom/oauth/token",
    "POST /teams/oauth2/v2.0/token",
    "POST /webex/v1/access_token",
    "POST /goto/oauth/token",
];

/// The account as `convoke account list` has it.
#[track_caller]
pub fn listed(rig: &Rig, id: &str) -> Value {
    let all = rig.json(&["account", "list"]);
    all.as_array().into_iter().flatten().find(|one| one["id"] == id).expect("the account is there").clone()
}
