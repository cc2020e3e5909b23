//! A keyring that takes calls and never answers: the window goes on as with one that works, and the program ends at once.
//!
//! A computer under load pauses as well, so each pause is held against one of the same walk with a keyring that works. What the
//! keyring itself would cost cannot hide there: seconds, not milliseconds.

use std::time::{Duration, Instant};

use convoke_harness::patience::{READY, wait_until};
use convoke_harness::secret_service::Mode;
use convoke_harness::{SecretService, Session, Tray};
use serde_json::json;

use super::desk::{App, Desk, has_ended};

/// Every pause up to this is put down to the computer. The aim is 100 ms, which a quiet one keeps and the line that is printed
/// tells; a busy one pauses longer by itself, and a held call would be seconds.
const PAUSE: f64 = 500.0;
/// So many times as long as with a keyring that works, where that is longer.
const TIMES: f64 = 3.0;
/// The keyring's calls are given up after this long; the one that is held goes on.
const HELD: Duration = Duration::from_secs(5);
const END: Duration = Duration::from_secs(2);

/// Measures until it is stopped: how long the page's own clock stands still, and how long a command takes that wants nothing but
/// the shell's main thread.
const METER: &str = "const meter = window.meter = { on: true, pause: 0, answer: 0, answers: 0 };
    let last = performance.now();
    const tick = () => {
        const now = performance.now();
        meter.pause = Math.max(meter.pause, now - last);
        last = now;
        if (meter.on) setTimeout(tick, 5);
    };
    const ask = async () => {
        const asked = performance.now();
        await window.__TAURI_INTERNALS__.invoke('zones');
        meter.answer = Math.max(meter.answer, performance.now() - asked);
        meter.answers += 1;
        if (meter.on) setTimeout(ask, 20);
    };
    tick();
    void ask();";

/// What the meter saw, in milliseconds.
struct Measured {
    pause: f64,
    answer: f64,
    answers: f64,
}

/// Looks at each place.
fn look(app: &App) {
    for place in ["place-accounts", "place-settings", "place-agenda"] {
        app.press(place);
    }
}

/// Refreshes every account and looks around meanwhile, for as long as a call of the keyring may be held and until the refresh ends.
fn walk(app: &App) -> Measured {
    let _ = app.window.execute(METER, &json!([]));
    app.press("refresh");
    let begun = Instant::now();
    wait_until("the end of the refresh", READY, || {
        look(app);
        begun.elapsed() > HELD && app.window.try_find("[data-testid=refresh][aria-busy]").is_none()
    });
    let seen = app.window.execute("meter.on = false; return [meter.pause, meter.answer, meter.answers]", &json!([]));
    let [pause, answer, answers] = serde_json::from_value(seen).expect("three numbers");
    Measured { pause, answer, answers }
}

#[test]
fn a_keyring_that_never_answers_holds_nothing_up() {
    let desk = Desk::approving(Session::builder().keyring(false));
    let keyring = SecretService::start(desk.session.bus());
    for provider in ["zoom", "teams"] {
        let _ = desk.sign_in(provider, &[]);
    }
    desk.pass_first_run();
    let tray = Tray::start(&desk.session);
    let app = desk.open();
    // Each place is drawn for the first time.
    look(&app);

    let works = walk(&app);
    keyring.set(Mode::Silent);
    let silent = walk(&app);
    app.press("place-accounts");
    app.window.wait_text("Your keyring is locked");

    let quit = Instant::now();
    tray.click("Quit");
    wait_until("the end of the app", READY, || has_ended(app.id));
    let end = quit.elapsed();
    println!(
        "a silent keyring: the page stood still for {:.0} ms at most ({:.0} ms with one that works), {} answers of the shell took \
         {:.0} ms at most ({:.0} ms), the end {:.2} s",
        silent.pause,
        works.pause,
        silent.answers,
        silent.answer,
        works.answer,
        end.as_secs_f64(),
    );
    assert!(silent.pause <= PAUSE.max(TIMES * works.pause), "the page stood still");
    assert!(silent.answer <= PAUSE.max(TIMES * works.answer), "the main thread stood still");
    assert!(silent.answers.min(works.answers) > 20.0, "too few answers to say anything");
    assert!(end < END, "a held call held up the end");
}
