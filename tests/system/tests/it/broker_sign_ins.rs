//! Two sign-ins at once, in one browser, end each in its own process with its own person.

use convoke_harness::{Browser, Session};

use crate::rig::{Adding, Rig, text};

#[test]
fn two_at_once_do_not_disturb_each_other() {
    let rig = Rig::with(Session::start());
    let mut browser = Browser::default();
    let mut for_ana = Adding::start(&rig.convoke(), "zoom");
    let mut for_ben = Adding::start(&rig.convoke(), "zoom");

    // Both have been at the provider before either comes back, and they come back in the other order.
    let returns = |url: &url::Url| url.path().starts_with("/v1/callback/");
    rig.person("ana@example.com", true);
    let ana = browser.open_until(&for_ana.authorize_url, returns).url;
    rig.person("ben@example.com", true);
    let ben = browser.open_until(&for_ben.authorize_url, returns).url;
    assert_eq!(browser.cookie_names().len(), 2, "a cookie per sign-in");

    assert!(browser.open(ben.as_str()).answer.text().contains("You are signed in"));
    let ben = for_ben.end().account();
    assert!(browser.open(ana.as_str()).answer.text().contains("You are signed in"));
    let ana = for_ana.end().account();

    assert_eq!((text(&ana, "identity"), text(&ben, "identity")), ("ana@example.com", "ben@example.com"));
    assert!(browser.cookie_names().is_empty(), "each cookie goes with its sign-in");
    for account in [&ana, &ben] {
        rig.json(&["account", "refresh", text(account, "id")]);
        rig.json(&["meeting", "list", "--account", text(account, "id")]);
    }
    assert_eq!(rig.json(&["account", "list"]).as_array().map(Vec::len), Some(2));
}

/// The address of one sign-in's return, opened in another browser, brings nobody anything; the right browser still can.
#[test]
fn a_return_in_another_browser_signs_nobody_in() {
    let rig = Rig::start();
    let (mut own, mut other) = (Browser::default(), Browser::default());
    let mut adding = Adding::start(&rig.convoke(), "zoom");
    let bystander = Adding::start(&rig.convoke(), "zoom");
    let returns = |url: &url::Url| url.path().starts_with("/v1/callback/");
    let back = own.open_until(&adding.authorize_url, returns).url;
    // The other browser has a sign-in of its own under way.
    other.open_until(&bystander.authorize_url, returns);
    let refused = other.open(back.as_str());
    assert_eq!(refused.answer.status, 400, "{}", refused.answer.text());
    assert_eq!(refused.url, back, "it is sent nowhere");
    assert_eq!(rig.sandbox.called("POST /zoom/oauth/token"), 0, "no code is exchanged");
    own.open(back.as_str());
    assert_eq!(adding.end().account()["identity"], "ana@example.com");
}

/// A window of the same person that signs in at once gives one account, whichever comes last.
#[test]
fn the_same_person_twice_at_once_is_one_account() {
    let rig = Rig::start();
    let mut both = [0, 1].map(|_| Adding::start(&rig.convoke(), "teams"));
    for adding in &both {
        Browser::default().open(&adding.authorize_url);
    }
    let ids = both.each_mut().map(|adding| text(&adding.end().account(), "id").to_owned());
    assert_eq!(ids[0], ids[1]);
    assert_eq!(rig.json(&["account", "list"]).as_array().map(Vec::len), Some(1));
    rig.json(&["account", "refresh", &ids[0]]);
}
