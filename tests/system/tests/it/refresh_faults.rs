//! A refresh whose answer is lost or no answer keeps the credential, on both hops; only the provider's own word ends it.

use convoke_harness::{BrokerOptions, BrokerProcess, Fault, FaultProxy, Ran, SandboxProcess, Session};

use crate::rig::{Rig, error, post_as_client, text};

const ZOOM_TOKEN: &str = "POST /zoom/oauth/token";
const TEAMS_TOKEN: &str = "POST /teams/oauth2/v2.0/token";

/// The provider's answers as the sandbox breaks them.
const AT_THE_PROVIDER: [&str; 6] = ["html", "truncate", "status:403", "status:407", "status:502", "reset"];

/// The same faults as a network between two programs makes them; no server is asked.
fn on_the_way() -> [Fault; 6] {
    let half = Fault::Answer { status: 200, content_type: "application/json", body: "{\"access_token\":\"eyJ" };
    [Fault::html(), half, Fault::page(403), Fault::page(407), Fault::page(502), Fault::CloseBefore]
}

/// A failed refresh of `account` left everything as it was, and the next one works.
#[track_caller]
fn credential_is_kept(rig: &Rig, account: &str, what: &str, refresh: &Ran) {
    assert!([6, 9].contains(&refresh.status), "{what}: {refresh:?}");
    let code = error(&refresh.json())["code"].clone();
    assert!(
        ["unavailable", "bad_answer", "unreachable", "intercepted", "proxy_password"]
            .iter()
            .any(|passing| code == *passing),
        "{what}: {code}"
    );
    let listed = rig.json(&["account", "list"]);
    assert_eq!((text(&listed[0], "id"), text(&listed[0], "health")), (account, "unreachable"), "{what}");
    let after = rig.run(&["account", "refresh", account]);
    assert_eq!(after.status, 0, "after {what}: {after:?}");
    assert_eq!(after.json()["health"], "ok", "after {what}");
}

#[test]
fn between_broker_and_zoom() {
    let rig = Rig::start();
    let account = rig.sign_in("zoom");
    let id = text(&account, "id");
    for fault in AT_THE_PROVIDER {
        let tokens = rig.session.keyring().items().len();
        rig.sandbox.fault(ZOOM_TOKEN, fault, 1, false);
        let refresh = rig.run(&["account", "refresh", id]);
        assert_eq!(rig.session.keyring().items().len(), tokens, "{fault}");
        credential_is_kept(&rig, id, fault, &refresh);
    }
}

/// Teams keeps the old refresh token, so its answer can be lost after it acted.
#[test]
fn between_broker_and_teams_after_it_acted() {
    let rig = Rig::start();
    let account = rig.sign_in("teams");
    let id = text(&account, "id");
    for fault in AT_THE_PROVIDER {
        rig.sandbox.fault(TEAMS_TOKEN, fault, 1, true);
        let refresh = rig.run(&["account", "refresh", id]);
        credential_is_kept(&rig, id, fault, &refresh);
    }
}

/// The proxy's own pages, where the broker's way to the provider leads through one.
#[test]
fn on_the_brokers_way_to_zoom() {
    let session = Session::start();
    let sandbox = SandboxProcess::auto_approving();
    let proxy = FaultProxy::start(sandbox.url());
    let token_url = format!("{}/zoom/oauth/token", proxy.url());
    let broker = BrokerProcess::with(&BrokerOptions::for_sandbox(sandbox.url()).set("ZOOM_TOKEN_URL", &token_url));
    let profile = broker.profile(&sandbox).write(session.dir());
    let rig = Rig { session, sandbox, broker, profile };
    let account = rig.sign_in("zoom");
    let id = text(&account, "id");
    for fault in on_the_way() {
        proxy.plant("/zoom/oauth/token", fault.clone(), 1);
        let refresh = rig.run(&["account", "refresh", id]);
        credential_is_kept(&rig, id, &format!("{fault:?}"), &refresh);
    }
}

/// A rig whose profile leads to the broker through a proxy.
fn behind_a_proxy() -> (Rig, FaultProxy) {
    let rig = Rig::start();
    let proxy = FaultProxy::start(rig.broker.url());
    let mut profile = rig.described();
    profile.broker = proxy.url();
    let profile = rig.write_profile("through-a-proxy.toml", &profile.text());
    (Rig { profile, ..rig }, proxy)
}

#[test]
fn between_app_and_broker() {
    let (rig, proxy) = behind_a_proxy();
    let account = rig.sign_in("zoom");
    let id = text(&account, "id");
    for fault in on_the_way() {
        proxy.plant("/v1/refresh/", fault.clone(), 1);
        let refresh = rig.run(&["account", "refresh", id]);
        credential_is_kept(&rig, id, &format!("{fault:?}"), &refresh);
    }
}

#[test]
fn between_app_and_broker_after_it_acted() {
    let (rig, proxy) = behind_a_proxy();
    let account = rig.sign_in("teams");
    let id = text(&account, "id");
    for fault in [Fault::Cut(0), Fault::Cut(1500), Fault::CloseAfter] {
        proxy.plant("/v1/refresh/", fault.clone(), 1);
        let refresh = rig.run(&["account", "refresh", id]);
        credential_is_kept(&rig, id, &format!("{fault:?}"), &refresh);
    }
}

/// A refresh on the way to something else: the list fails without a word of signing in, and comes back.
#[test]
fn a_list_survives_a_refresh_that_fails() {
    let (rig, proxy) = behind_a_proxy();
    let account = rig.sign_in("zoom");
    let meeting = rig.meeting(text(&account, "id"), "Tea");
    rig.sandbox.advance(2 * 3600);
    proxy.plant("/v1/refresh/", Fault::page(407), 1);
    let list = rig.run(&["meeting", "list"]).expect(9);
    assert_eq!(list.json(), serde_json::json!([]));
    assert_eq!(list.stderr.lines().count(), 1, "{list:?}");
    assert!(list.stderr.contains(text(&account, "id")) && !list.stderr.contains("account add"), "{list:?}");
    assert_eq!(rig.json(&["meeting", "list"])[0]["id"], meeting["id"]);
}

/// The refresh token as the keyring has it.
fn refresh_token(rig: &Rig) -> String {
    let credentials = rig.session.keyring().credentials();
    let main = credentials.iter().find(|credential| credential["kind"] == "oauth").expect("an account's item");
    text(main, "refresh").to_owned()
}

/// The provider has ended the sign-in: exit 3, everything else stays, and signing in again mends it.
#[track_caller]
fn sign_in_is_asked_for(rig: &Rig, id: &str, meeting: &str) {
    let before = rig.kept();
    let refresh = rig.run(&["account", "refresh", id]).expect(3);
    assert_eq!(error(&refresh.json())["code"], "sign_in_required");
    let list = rig.run(&["meeting", "list"]).expect(3);
    assert!(list.stderr.contains("convoke account add zoom"), "{list:?}");
    let health = rig.json(&["account", "list"]);
    assert_eq!((text(&health[0], "id"), text(&health[0], "health")), (id, "needs_sign_in"));
    assert!(health[0]["sign_in_by"].is_null(), "what has ended ends at no later day: {health}");
    assert_eq!(rig.kept(), before, "account, meetings and the keyring's items are kept");
    rig.json(&["meeting", "invitation", meeting]);
    assert_eq!(rig.sign_in("zoom")["id"], id);
    assert_eq!(rig.json(&["meeting", "list"])[0]["id"], meeting);
}

#[test]
fn a_revoked_sign_in_is_over() {
    let rig = Rig::start();
    let account = rig.sign_in("zoom");
    let meeting = rig.meeting(text(&account, "id"), "Tea");
    let revoked =
        post_as_client(&format!("{}/zoom/oauth/revoke", rig.sandbox.url()), &[("token", &refresh_token(&rig))]);
    assert_eq!(revoked.status, 200, "{}", revoked.text());
    sign_in_is_asked_for(&rig, text(&account, "id"), text(&meeting, "id"));
}

#[test]
fn a_refresh_token_that_was_used_elsewhere_is_over() {
    let rig = Rig::start();
    let account = rig.sign_in("zoom");
    let meeting = rig.meeting(text(&account, "id"), "Tea");
    let stolen = refresh_token(&rig);
    let used = post_as_client(
        &format!("{}/zoom/oauth/token", rig.sandbox.url()),
        &[("grant_type", "refresh_token"), ("refresh_token", &stolen)],
    );
    assert_eq!(used.status, 200, "{}", used.text());
    // The access token still holds for an hour; the provider forgets it here, so that a refresh is due.
    rig.sandbox.advance(2 * 3600);
    sign_in_is_asked_for(&rig, text(&account, "id"), text(&meeting, "id"));
}
