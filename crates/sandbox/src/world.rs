//! Everything the sandbox remembers, behind one lock, and what it was started with.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};

use crate::clock::Clock;
use crate::faults::{Fault, Rule};
use crate::person::{OFFERED, Person};
use crate::random::Random;
use crate::{Options, domino, goto, sametime, teams, webex, zoom};

/// How `--auto-approve` decides.
#[derive(Clone)]
pub(crate) struct AutoSignIn {
    /// Who signs in.
    pub(crate) person: Person,
    /// Allow, or deny.
    pub(crate) allow: bool,
}

impl Default for AutoSignIn {
    fn default() -> Self {
        Self { person: Person { email: OFFERED[0].to_owned() }, allow: true }
    }
}

/// What changes while the sandbox runs.
pub(crate) struct World {
    pub(crate) clock: Clock,
    pub(crate) random: Random,
    pub(crate) calls: BTreeMap<String, u64>,
    pub(crate) faults: Vec<Rule>,
    pub(crate) auto: AutoSignIn,
    pub(crate) zoom: zoom::Store,
    pub(crate) teams: teams::Store,
    pub(crate) sametime: sametime::Store,
    pub(crate) webex: webex::Store,
    pub(crate) goto: goto::Store,
    pub(crate) domino: domino::Store,
}

impl World {
    /// An empty world.
    pub(crate) fn new(random: Random) -> Self {
        Self {
            clock: Clock::default(),
            random,
            calls: BTreeMap::new(),
            faults: Vec::new(),
            auto: AutoSignIn::default(),
            zoom: zoom::Store::default(),
            teams: teams::Store::default(),
            sametime: sametime::Store::default(),
            webex: webex::Store::default(),
            goto: goto::Store::default(),
            domino: domino::Store::default(),
        }
    }

    /// The time that the sandbox believes it is.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Forgets everything but the position in the random stream: with a seed, an old token must not come up again.
    pub(crate) fn reset(&mut self) {
        let random = std::mem::replace(&mut self.random, Random::fixed());
        *self = Self::new(random);
    }

    /// Counts a call of `route` and takes the fault that is due for it, if any.
    pub(crate) fn arrive(&mut self, route: &str) -> Option<(Fault, bool)> {
        *self.calls.entry(route.to_owned()).or_default() += 1;
        let position = self.faults.iter().position(|rule| rule.route == route)?;
        let rule = &mut self.faults[position];
        let due = (rule.fault.clone(), rule.after);
        rule.times -= 1;
        if rule.times == 0 {
            self.faults.remove(position);
        }
        Some(due)
    }
}

/// What never changes after the start.
pub(crate) struct Setting {
    pub(crate) base_url: String,
    pub(crate) options: Options,
    pub(crate) routes: BTreeSet<String>,
}

/// The sandbox as its handlers hold it.
#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) setting: Arc<Setting>,
    world: Arc<Mutex<World>>,
}

impl Shared {
    /// Puts a setting and a world together.
    pub(crate) fn new(setting: Setting, world: World) -> Self {
        Self { setting: Arc::new(setting), world: Arc::new(Mutex::new(world)) }
    }

    /// The world, for as long as the guard lives. A handler that panicked leaves it usable.
    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
