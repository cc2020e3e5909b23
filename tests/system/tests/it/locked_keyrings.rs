//! A keyring that is locked, whatever becomes of its prompt: the account is locked and nothing else, nothing looks for the person by
//! itself, work goes on soon after the unlock, and the program can end while a call is held.

use std::time::{Duration, Instant};

use convoke_harness::secret_service::Mode;
use convoke_harness::{SecretService, Session};

use crate::rig::{Rig, error, text};
use crate::steward::Steward;
use crate::ways::{Ways, listed};

/// From the unlock until work has gone on by itself.
const GOES_ON: Duration = Duration::from_secs(5);
const ENDS: Duration = Duration::from_secs(2);
/// How long a keyring may hold a call before its caller is told.
const HELD: Duration = Duration::from_secs(5);

/// Tends in the app's rhythm while `open` opens the keyring; how long it took from then on.
#[track_caller]
fn goes_on_after(steward: &mut Steward, id: &str, open: impl FnOnce()) -> Duration {
    let took = steward.goes_on_after(id, open);
    assert!(took <= GOES_ON, "went on after {took:?}");
    assert_eq!(steward.ask(&format!("use {id}")), "done");
    took
}

/// A use says that the keyring is locked, and so does the account; tending shows no prompt and asks no secret.
#[track_caller]
fn is_locked(steward: &mut Steward, id: &str, keyring: Option<&SecretService>) {
    let seen = || keyring.map(|keyring| ["Unlock", "Prompt", "Delete"].map(|method| keyring.calls(method)));
    let before = seen();
    // Twice: what parks the account, and what finds it parked.
    for _ in 0..2 {
        assert_eq!(steward.ask("tend"), "again 2");
    }
    assert_eq!(steward.ask(&format!("health {id}")), "locked");
    assert_eq!(seen(), before, "tending asks for nothing");
    assert_eq!(steward.ask(&format!("use {id}")), "keyring_locked");
    let shown = keyring.map(SecretService::prompts);
    let before = seen();
    assert_eq!(steward.ask("tend"), "again 2");
    assert_eq!((seen(), keyring.map(SecretService::prompts)), (before, shown), "nor after a person's use was refused");
    assert_eq!(steward.ask(&format!("health {id}")), "locked");
}

#[test]
fn a_prompt_that_is_dismissed_or_never_answered() {
    for mode in [Mode::Dismissed, Mode::Locked] {
        let ways = Ways::start();
        let id = ways.sign_in("zoom");
        let (items, calls) = (ways.keyring().items(), ways.rig.sandbox.calls());
        let deletions = ways.keyring().calls("Delete");
        ways.keyring().set(mode);
        let mut steward = ways.steward();
        is_locked(&mut steward, &id, Some(ways.keyring()));
        assert_eq!(ways.rig.sandbox.calls(), calls, "nobody is asked");
        let went_on = goes_on_after(&mut steward, &id, || ways.keyring().set(Mode::Works));
        assert!(ways.keyring().items() == items, "{mode:?}");

        // A program may end while its keyring holds a call.
        ways.keyring().set(mode);
        assert_eq!(steward.ask(&format!("use {id}")), "keyring_locked");
        let ended = steward.end_within(ENDS);
        let begun = Instant::now();
        let refused = ways.rig.run(&["account", "refresh", &id]).expect(10);
        assert_eq!(error(&refused.json())["code"], "keyring_locked");
        assert!(begun.elapsed() <= HELD + ENDS, "the command line took {:?}", begun.elapsed());
        assert!(ways.keyring().items() == items, "{mode:?}");
        assert_eq!(ways.keyring().calls("Delete"), deletions, "{mode:?}");
        println!(
            "F12, {mode:?}: went on {went_on:.1?} after the unlock, ended within {ended:.1?}, 0 deletions, 0 prompts by itself"
        );
    }
}

/// A keyring that says nothing at all, until somebody ends it and starts another one over the same items.
#[test]
fn one_that_never_answers() {
    let mut ways = Ways::start();
    let id = ways.sign_in("zoom");
    let items = ways.keyring().items();
    ways.keyring().set(Mode::Silent);
    let mut steward = ways.steward();
    is_locked(&mut steward, &id, None);
    assert!(ways.keyring().items() == items);
    let went_on = goes_on_after(&mut steward, &id, || ways.restart_keyring());
    ways.keyring().set(Mode::Silent);
    assert_eq!(steward.ask(&format!("use {id}")), "keyring_locked");
    let ended = steward.end_within(ENDS);
    assert!(ways.keyring().items() == items);
    println!("F12, silent: went on {went_on:.1?} after another start, ended within {ended:.1?}, 0 deletions");
}

#[test]
fn a_real_one_that_is_locked_and_unlocked() {
    let rig = Rig::with(Session::start());
    let id = text(&rig.sign_in("zoom"), "id").to_owned();
    let before = rig.kept();
    rig.session.keyring().lock();
    let mut steward = Steward::start(&rig.session, rig.convoke().home_path(), &rig.profile);
    is_locked(&mut steward, &id, None);
    assert_eq!(listed(&rig, &id)["health"], "locked");
    assert!(rig.session.keyring().is_locked());
    let went_on = goes_on_after(&mut steward, &id, || rig.session.keyring().unlock());
    assert_eq!(rig.kept().items, before.items);
    println!("F12, gnome-keyring: went on {went_on:.1?} after the unlock, 0 deletions");
}
