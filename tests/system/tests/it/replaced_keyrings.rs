//! A keyring that is another one than it was: restored from a backup, killed and locked again, or empty. What is missing deletes
//! nothing and signs nobody in again; what is old is said to be over, once.

use std::process::Command;

use convoke_harness::{BrokerOptions, BrokerProcess, SandboxProcess, Session};

use crate::bad_input::refuses;
use crate::rig::{Rig, error, text};
use crate::steward::Steward;
use crate::ways::listed;

const TOKEN: &str = "POST /zoom/oauth/token";

fn steward(rig: &Rig) -> Steward {
    Steward::start(&rig.session, rig.convoke().home_path(), &rig.profile)
}

#[track_caller]
fn copy(from: &std::path::Path, to: &std::path::Path) {
    assert!(Command::new("cp").arg("-a").arg(from).arg(to).status().expect("cp runs").success());
}

/// The keyring's items by their names, and the refresh token: the broker's session beside it may go on.
fn kept(rig: &Rig) -> (Vec<String>, String) {
    let keyring = rig.session.keyring();
    let mut names: Vec<String> = keyring.items().into_iter().map(|(names, _)| names["username"].clone()).collect();
    names.sort();
    let credentials = keyring.credentials();
    let main = credentials.iter().find(|credential| credential["kind"] == "oauth").expect("an account's item");
    (names, text(main, "refresh").to_owned())
}

/// The provider has seen two younger tokens, and the broker has no copy of its answers any more.
#[test]
fn one_from_a_backup_wants_a_sign_in_and_says_so_once() {
    let session = Session::start();
    let sandbox = SandboxProcess::auto_approving();
    let broker = BrokerProcess::with(&BrokerOptions::for_sandbox(sandbox.url()).set("REPLAY_HOURS", "0"));
    let profile = broker.profile(&sandbox).write(session.dir());
    let mut rig = Rig { session, sandbox, broker, profile };
    let id = text(&rig.sign_in("zoom"), "id").to_owned();
    let (files, backup) = (rig.session.keyring_folder(), rig.session.dir().path().join("backup"));
    copy(&files, &backup);
    for _ in 0..2 {
        rig.json(&["account", "refresh", &id]);
    }
    rig.session.stop_keyring();
    std::fs::remove_dir_all(&files).expect("the keyring's files");
    copy(&backup, &files);
    rig.session.start_keyring();
    let (kept, authorized) = (kept(&rig), rig.sandbox.called("GET /zoom/oauth/authorize"));
    rig.sandbox.advance(2 * 3600);

    let before = rig.sandbox.called(TOKEN);
    let mut steward = steward(&rig);
    steward.shift("sleep", 2 * 3600);
    assert_eq!(steward.ask(&format!("use {id}")), "sign_in_required");
    for _ in 0..10 {
        assert_eq!(steward.ask("tend"), "again 30");
        assert_eq!(steward.ask("woke"), "again 30");
    }
    // What reads by itself every quarter of an hour, here and in another process.
    assert_eq!(steward.ask(&format!("use {id}")), "sign_in_required");
    let list = rig.run(&["meeting", "list"]).expect(3);
    assert!(list.stderr.contains("convoke account add zoom"), "{list:?}");
    assert_eq!(steward.ask(&format!("use {id}")), "sign_in_required");
    let account = listed(&rig, &id);
    assert_eq!((text(&account, "health"), text(&account, "health_reason")), ("needs_sign_in", "sign_in_required"));
    let asked = rig.sandbox.called(TOKEN) - before;
    assert_eq!(self::kept(&rig), kept, "nothing was deleted");
    assert_eq!(rig.sandbox.called("GET /zoom/oauth/authorize"), authorized, "nobody was signed in");
    println!("F10: needs sign-in, said by 1 account, {asked} upstream calls, 0 deletions");
    assert!(asked <= 2, "{asked} upstream calls");
    assert_eq!(rig.sign_in("zoom")["id"], id.as_str());
    assert_eq!(steward.ask(&format!("use {id}")), "done");
    rig.json(&["account", "refresh", &id]);
}

#[test]
fn one_that_was_killed_comes_back_locked_empty_and_as_it_was() {
    let mut rig = Rig::start();
    let id = text(&rig.sign_in("zoom"), "id").to_owned();
    let (home, profile) = (rig.convoke().home_path().to_owned(), rig.profile.clone());
    let items = rig.kept().items;
    let calls = rig.sandbox.calls();

    rig.session.kill_keyring();
    rig.session.start_locked_keyring();
    assert_eq!(refuses(&rig, &["account", "refresh", &id], 10)["code"], "keyring_locked");
    let mut steward = Steward::start(&rig.session, &home, &profile);
    assert_eq!(steward.ask("tend"), "again 2");
    assert_eq!(steward.ask(&format!("use {id}")), "keyring_locked");
    assert_eq!(steward.ask(&format!("health {id}")), "locked");
    steward.kill();
    rig.session.keyring().unlock();
    assert_eq!(rig.kept().items, items);

    // Another data folder, as after a new installation, and the very same program.
    rig.session.kill_keyring();
    let (files, aside) = (rig.session.keyring_folder(), rig.session.dir().path().join("aside"));
    std::fs::rename(&files, &aside).expect("the keyring's files");
    rig.session.start_keyring();
    for words in [&["account", "refresh", &id][..], &crate::rig::create(&id, "Tea")] {
        let refused = rig.run(words).expect(3);
        assert_eq!(error(&refused.json())["code"], "credential_missing", "{words:?}");
    }
    let said = rig.convoke().json(false).run(&["account", "refresh", &id]).expect(3);
    assert!(said.stderr.contains("holds no sign-in") && said.stderr.contains("emptied or replaced"), "{said:?}");
    let mut steward = Steward::start(&rig.session, &home, &profile);
    for _ in 0..3 {
        assert_eq!(steward.ask("tend"), "again 30");
        assert_eq!(steward.ask(&format!("use {id}")), "credential_missing");
    }
    assert_eq!(steward.ask(&format!("health {id}")), "needs_sign_in");
    steward.kill();
    assert!(rig.session.keyring().items().is_empty(), "nothing was put there");
    assert_eq!(rig.sandbox.calls(), calls, "nobody was asked, and nobody was signed in");

    rig.session.kill_keyring();
    std::fs::remove_dir_all(&files).expect("the empty keyring's files");
    std::fs::rename(&aside, &files).expect("the old files");
    rig.session.start_keyring();
    assert_eq!(rig.kept().items, items);
    let mut steward = Steward::start(&rig.session, &home, &profile);
    assert_eq!(steward.ask(&format!("use {id}")), "done");
    assert_eq!(steward.ask(&format!("health {id}")), "ok");
    assert_eq!(rig.json(&["account", "refresh", &id])["health"], "ok");
    println!("F13: killed 3 times, 0 deletions, 0 silent sign-ins, works again with its old data");
}
