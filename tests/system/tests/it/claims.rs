//! A policy at Microsoft that wants more than a token can give: a new sign-in that carries what it wants, and no refresh in between.

use crate::rig::{Adding, Rig, create, error, text};

#[test]
fn a_claims_challenge_needs_a_sign_in_that_carries_the_claims() {
    let rig = Rig::start();
    let account = rig.sign_in("teams");
    let id = text(&account, "id");
    let refreshes = rig.sandbox.called("POST /teams/oauth2/v2.0/token");
    let route = "POST /graph/v1.0/me/onlineMeetings/createOrGet";
    rig.sandbox.fault(route, "claims", 1, false);
    let refused = rig.run(&create(id, "Policy")).expect(3).json();
    assert_eq!(error(&refused)["code"], "sign_in_required");
    // Every call is refused until then, and no refresh was tried: it would not help.
    assert_eq!(rig.run(&create(id, "Policy")).status, 3);
    assert_eq!(rig.sandbox.called("POST /teams/oauth2/v2.0/token"), refreshes);
    assert!(rig.sandbox.meetings("teams").is_empty());

    let adding = Adding::start(&rig.convoke(), "teams");
    assert!(adding.authorize_url.contains("&claims="), "{}", adding.authorize_url);
    drop(adding);
    assert_eq!(rig.sign_in("teams")["id"], account["id"]);
    rig.meeting(id, "Policy");
    let again = Adding::start(&rig.convoke(), "teams");
    assert!(!again.authorize_url.contains("claims="), "the policy has what it wanted");
}
