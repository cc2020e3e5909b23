//! A real answer to a refresh that is cut at every byte: of the whole, inside its only chunk, and of a JSON text that is announced as
//! long as it is. The token was spent each time; the keyring keeps the old one until a whole answer is there. A tenth of the places
//! here, every one in `make soak`.

use convoke_harness::Fault;
use serde_json::json;

use crate::rig::share;
use crate::steward::Steward;
use crate::ways::Ways;

const REFRESH: &str = "/v1/refresh/";

/// Every tenth place, or every place.
fn stride() -> usize {
    11 - share(10)
}

/// Renews with each cut until one leaves the answer whole, or until `end`; where it ended, and after how many.
#[track_caller]
fn cuts(ways: &Ways, steward: &mut Steward, id: &str, end: usize, cut: impl Fn(usize) -> Fault) -> (usize, usize) {
    let (items, upstream) = (ways.keyring().items(), ways.renewals());
    for (number, at) in (0..end).step_by(stride()).enumerate() {
        ways.to_broker.plant(REFRESH, cut(at), 1);
        let code = steward.ask(&format!("refresh {id}"));
        if code == "done" {
            assert_eq!(ways.renewals() - upstream, 1, "one answer, given again and again");
            assert!(ways.keyring().items() != items);
            return (at, number);
        }
        assert!(["unreachable", "bad_answer"].contains(&code.as_str()), "cut at {at}: {code}");
        assert!(ways.keyring().items() == items, "cut at {at}: half an answer was kept");
    }
    (end, end.div_ceil(stride()))
}

#[test]
fn cost_nothing_wherever_they_are_cut() {
    let ways = Ways::start();
    let id = ways.sign_in("zoom");
    let mut steward = ways.steward();
    assert_eq!(steward.ask(&format!("refresh {id}")), "done");
    let (length, whole) = cuts(&ways, &mut steward, &id, 64 * 1024, Fault::CutWhole);
    assert!((500..64 * 1024).contains(&length), "an answer of {length} bytes");
    assert_eq!(steward.ask(&format!("use {id}")), "done");
    // What lacks a byte is never whole.
    let (_, chunks) = cuts(&ways, &mut steward, &id, length, Fault::CutChunk);
    assert_eq!(steward.ask(&format!("refresh {id}")), "done", "after all of them");
    let text = json!({
        "access_token": "a".repeat(700), "token_type": "Bearer", "expires_in": 3600, "refresh_token": "r".repeat(700),
        "scope": "meeting:read meeting:write", "session_token": "s".repeat(300), "session_expires_in": 86_400,
    });
    let text = text.to_string().into_bytes();
    let (_, texts) = cuts(&ways, &mut steward, &id, text.len(), |at| Fault::as_broker(200, &text[..at]));
    assert_eq!(steward.ask(&format!("refresh {id}")), "done", "after all of them");
    println!(
        "F24: cut at {whole} places, in its chunk at {chunks}, as a text at {texts}: 0 kept by half, 0 sign-ins lost"
    );
    steward.kill();
}
