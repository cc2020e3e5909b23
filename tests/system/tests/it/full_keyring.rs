//! A disk that is full when renewed tokens are saved: they are used from memory, a kill -9 in that state loses nothing, and the next
//! start with room is signed in. Once with a real keyring on a file system of 64 KiB, and once with the double, at any write.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use convoke_harness::secret_service::Mode;
use convoke_harness::{Session, specs};

use crate::rig::share;
use crate::steward::Steward;
use crate::ways::Ways;

/// All at full size.
const ALL: usize = 100;

/// A file system of 64 KiB at a folder; gone when dropped.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// None where this user may not mount.
    fn mount(at: &Path) -> Option<Self> {
        let mut command = Command::new("mount");
        command.args(["-t", "tmpfs", "-o", "size=64k,mode=0700", "convoke-test"]).arg(at);
        command.output().is_ok_and(|done| done.status.success()).then(|| Self(at.to_owned()))
    }

    /// Until not one byte more goes in.
    fn fill(&self) {
        let mut file = std::fs::File::create(self.0.join("filler")).expect("a file");
        while file.write_all(&[0; 4096]).is_ok() {}
    }

    /// Room again. gnome-keyring leaves what it could not write to the end behind.
    fn free(&self) {
        for file in std::fs::read_dir(&self.0).expect("a folder").flatten() {
            let name = file.file_name().to_string_lossy().into_owned();
            if name == "filler" || name.contains(".temp-") {
                std::fs::remove_file(file.path()).expect("it goes");
            }
        }
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // The keyring may still have its folder open.
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

/// Renews while there is no room, uses, is killed, and starts again with room; whether it was signed in then.
#[track_caller]
fn survives(ways: &Ways, steward: &mut Steward, id: &str, fill: impl FnOnce(), free: impl FnOnce()) -> bool {
    // What was issued before is over at the provider: only the new token is of use.
    ways.rig.sandbox.advance(2 * 3600);
    let (upstream, asked) = (ways.renewals(), ways.to_broker.requests().len());
    fill();
    assert_eq!(steward.ask(&format!("refresh {id}")), "keyring_failed");
    steward.ask("tend");
    assert_eq!(steward.ask(&format!("use {id}")), "done", "use goes on");
    assert_eq!(steward.ask(&format!("health {id}")), "locked", "and a person is told");
    assert_eq!(ways.to_broker.requests().len() - asked, 1, "from memory, without another question");
    steward.kill();
    free();
    steward.ask("tend");
    let well = steward.ask(&format!("use {id}")) == "done" && steward.ask(&format!("health {id}")) == "ok";
    assert_eq!(ways.renewals() - upstream, 1, "one upstream refresh");
    well && steward.ask(&format!("refresh {id}")) == "done"
}

#[test]
fn a_real_keyring_without_room() {
    let mut session = Session::without_keyring();
    let folder = session.dir().folder("data/keyrings");
    let Some(disk) = SmallDisk::mount(&folder) else {
        specs::skipped(
            "a_real_keyring_without_room",
            "a file system of its own cannot be mounted here: this needs root",
        );
        return;
    };
    session.start_keyring();
    let ways = Ways::over(session, None);
    // Goes before the folder that it is mounted in.
    let disk = disk;
    let id = ways.sign_in("zoom");
    let (mut steward, all) = (ways.steward(), share(ALL));
    let survived = (0..all).filter(|_| survives(&ways, &mut steward, &id, || disk.fill(), || disk.free())).count();
    steward.kill();
    println!("F14, gnome-keyring on 64 KiB: killed while full {all} / signed in at the next start {survived}");
    assert_eq!(survived, all);
}

/// Full at each write of a renewal in turn: before the access token's item, and before the account's own.
#[test]
fn a_keyring_that_is_full_at_any_write() {
    let ways = Ways::start();
    let id = ways.sign_in("zoom");
    let mut steward = ways.steward();
    assert_eq!(steward.ask(&format!("use {id}")), "done");
    let (all, mut survived) = (share(ALL), 0);
    for number in 0..all {
        let writes = u32::try_from(number % 2).expect("small");
        let fill = || ways.keyring().turns_after(writes, Mode::Full);
        survived += usize::from(survives(&ways, &mut steward, &id, fill, || ways.keyring().set(Mode::Works)));
    }
    steward.kill();
    println!("F14, full at any write: killed while full {all} / signed in at the next start {survived}");
    assert_eq!(survived, all);
}
