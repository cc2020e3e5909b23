//! A refresh that is neither spent twice nor lost.

use crate::{
    provider::answer,
    rig::{Rig, post_in},
};

/// A provider's answer that rotates to `new`.
fn rotated(new: &str) -> Vec<u8> {
    let body =
        format!(r#"{{"access_token":"access-{new}","token_type":"bearer","refresh_token":"{new}","expires_in":3600}}"#);
    answer("200 OK", "application/json", &body)
}

#[tokio::test]
async fn sixty_four_equal_ones_in_flight_are_one_call() {
    let rig = Rig::start().await;
    let (gate, called) = rig.provider.hold();
    let address = rig.address();
    let tasks: Vec<_> = (0..64)
        .map(|_| {
            let session = rig.session.clone();
            tokio::spawn(async move {
                post_in(address, &session, "/v1/refresh/zoom", &[("refresh_token", "the-old-one")]).await
            })
        })
        .collect();
    called.notified().await;
    gate.add_permits(64);
    for task in tasks {
        let answer = task.await.expect("an answer");
        assert_eq!((answer.status, answer.text("refresh_token").as_str()), (200, "the-refresh-token"));
    }
    assert_eq!(rig.provider.calls().len(), 1);
}

#[tokio::test]
async fn a_lost_answer_can_be_asked_for_again_for_a_day() {
    let rig = Rig::start().await;
    rig.provider.next(rotated("new"));
    let first = rig.refresh("zoom", "old").await;
    let mut session = first.text("session_token");
    let mut passed = 0;
    for at in [1, 480, 8 * 3_600, 23 * 3_600, 86_399] {
        rig.clock.advance(at - passed);
        passed = at;
        let again = rig.refresh_in(&session, "zoom", "old").await;
        assert_eq!(again.status, 200, "{at}: {again:?}");
        assert_eq!(again.text("refresh_token"), "new");
        assert_eq!(again.text("access_token"), first.text("access_token"));
        assert_eq!(again.json()["expires_in"], (3_600 - at).max(0), "what is left of its life");
        session = again.text("session_token");
    }
    assert_eq!(rig.provider.calls().len(), 1);
    rig.clock.advance(2);
    rig.provider.next(answer("400 Bad", "application/json", r#"{"error":"invalid_grant"}"#));
    assert_eq!(rig.refresh_in(&session, "zoom", "old").await.error(), "invalid_grant");
    assert_eq!(rig.provider.calls().len(), 2);
}

#[tokio::test]
async fn nobody_elses_session_gets_it() {
    let rig = Rig::start().await;
    rig.provider.next(rotated("new"));
    assert_eq!(rig.refresh("zoom", "old").await.status, 200);
    let thief = rig.mint("a-thief").await;
    rig.provider.next(answer("400 Bad", "application/json", r#"{"error":"invalid_grant"}"#));
    let stolen = rig.refresh_in(&thief, "zoom", "old").await;
    assert_eq!((stolen.status, stolen.error().as_str()), (401, "invalid_grant"));
    assert_eq!(rig.refresh("zoom", "old").await.text("refresh_token"), "new", "the owner still does");
}

#[tokio::test]
async fn what_did_not_rotate_or_was_off_is_not_kept() {
    let rig = Rig::start().await;
    for (bytes, status) in [
        (answer("200 OK", "application/json", r#"{"access_token":"a","token_type":"bearer"}"#), 200),
        (
            answer("200 OK", "application/json", r#"{"access_token":"a","token_type":"bearer","refresh_token":"old"}"#),
            200,
        ),
        (answer("200 OK", "application/json", r#"{"access_token":"a","token_type":"mac","refresh_token":"new"}"#), 502),
        (answer("200 OK", "text/html", r#"{"access_token":"a","token_type":"bearer","refresh_token":"new"}"#), 502),
        (
            answer(
                "201 Created",
                "application/json",
                r#"{"access_token":"a","token_type":"bearer","refresh_token":"new"}"#,
            ),
            502,
        ),
    ] {
        let before = rig.provider.calls().len();
        rig.provider.next(bytes);
        assert_eq!(rig.refresh("zoom", "old").await.status, status);
        rig.provider.next(answer("400 Bad", "application/json", r#"{"error":"invalid_grant"}"#));
        assert_eq!(rig.refresh("zoom", "old").await.status, 401);
        assert_eq!(rig.provider.calls().len(), before + 2);
    }
    let off = Rig::with(&[("REPLAY_HOURS", "0")]).await;
    assert_eq!(off.refresh("zoom", "old").await.status, 200);
    assert_eq!(off.refresh("zoom", "old").await.status, 200);
    assert_eq!(off.provider.calls().len(), 2);
}

#[tokio::test]
async fn a_client_that_goes_away_does_not_cut_the_call() {
    let rig = Rig::start().await;
    let (gate, called) = rig.provider.hold();
    let (address, session) = (rig.address(), rig.session.clone());
    let gone =
        tokio::spawn(async move { post_in(address, &session, "/v1/refresh/zoom", &[("refresh_token", "old")]).await });
    called.notified().await;
    gone.abort();
    let _ = gone.await;
    gate.add_permits(9);
    let again = rig.refresh("zoom", "old").await;
    assert_eq!((again.status, again.text("refresh_token").as_str()), (200, "the-refresh-token"));
    assert_eq!(rig.provider.calls().len(), 1);
}

#[tokio::test]
async fn an_ended_session_takes_its_copies_along() {
    let rig = Rig::start().await;
    let session = rig.mint("ana").await;
    rig.provider.next(rotated("new"));
    assert_eq!(rig.refresh_in(&session, "zoom", "old").await.status, 200);
    rig.administer("/v1/admin/revoke", &[("subject", "ana"), ("reason", "a test")]).await;
    assert_eq!(rig.refresh_in(&session, "zoom", "old").await.error(), "invalid_session");
}

#[tokio::test]
async fn one_session_may_lose_many_answers() {
    let rig = Rig::start().await;
    for at in 0..60 {
        rig.provider.next(rotated(&format!("new-{at}")));
        assert_eq!(rig.refresh("zoom", &format!("old-{at}")).await.status, 200);
    }
    rig.clock.advance(3_600);
    for at in 0..60 {
        let again = rig.refresh("zoom", &format!("old-{at}")).await;
        assert_eq!(again.text("refresh_token"), format!("new-{at}"));
    }
    assert_eq!(rig.provider.calls().len(), 60);
}
