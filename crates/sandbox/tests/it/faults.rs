//! Every fault, before and after the provider acts.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::client::{ZOOM, ask, fault, sandbox, state};

const ME: &str = "/zoom/v2/users/me";

#[tokio::test]
async fn each_kind_is_what_it_says() {
    let to = sandbox().await;
    let (access, _) = ZOOM.sign_in(&to).await;
    let me = || ask("GET", ME).bearer(&access);
    let order = |kind: &str| json!({"route": "GET /zoom/v2/users/me", "fault": kind, "times": 1});

    fault(&to, order("html")).await;
    let html = me().send(&to).await;
    assert_eq!((html.status, html.header("content-type")), (200, Some("text/html; charset=utf-8")));
    assert!(html.text().starts_with("<!doctype html>"));

    fault(&to, order("truncate")).await;
    let cut = me().send(&to).await;
    assert!(cut.short && !cut.body.is_empty(), "{cut:?}");

    fault(&to, order("reset")).await;
    let (bytes, error) = me().send_raw(&to, usize::MAX).await;
    assert!(bytes.is_empty());
    assert_eq!(error.map(|error| error.kind()), Some(std::io::ErrorKind::ConnectionReset));

    fault(&to, order("hang")).await;
    assert!(me().silent_for(&to, Duration::from_millis(300)).await);

    fault(&to, order("delay:250")).await;
    let begun = Instant::now();
    assert_eq!(me().send(&to).await.json()["email"], "ana@example.com");
    assert!(begun.elapsed() >= Duration::from_millis(250));

    fault(&to, order("status:503")).await;
    assert_eq!(me().send(&to).await.status, 503);
    let mut order_429 = order("status:429");
    order_429["retry_after"] = json!("7");
    order_429["body"] = json!({"code": 429});
    fault(&to, order_429).await;
    let limited = me().send(&to).await;
    assert_eq!((limited.status, limited.header("retry-after"), limited.json()), (429, Some("7"), json!({"code": 429})));

    let mut order_401 = order("status:401");
    order_401["headers"] = json!({"WWW-Authenticate": "Bearer", "content-type": "text/plain"});
    fault(&to, order_401).await;
    let refused = me().send(&to).await;
    assert_eq!((refused.status, refused.header("www-authenticate")), (401, Some("Bearer")));
    assert_eq!(refused.header("content-type"), Some("text/plain"));

    fault(&to, order("redirect")).await;
    let moved = me().send(&to).await;
    assert_eq!((moved.status, moved.header("location")), (302, Some("http://127.0.0.1:9/elsewhere")));

    fault(&to, order("huge")).await;
    let (bytes, error) = me().send_raw(&to, 11 * 1024 * 1024).await;
    assert!(bytes.len() >= 11 * 1024 * 1024 && error.is_none());

    assert_eq!(me().send(&to).await.status, 200, "each fault was used up");
    assert_eq!(state(&to).await["calls"]["GET /zoom/v2/users/me"], 11);
}

#[tokio::test]
async fn before_keeps_the_request_away_and_after_lets_it_act() {
    let to = sandbox().await;
    let (_, refresh) = ZOOM.sign_in(&to).await;
    for kind in ["html", "truncate", "reset", "status:502"] {
        let order = json!({"route": "POST /zoom/oauth/token", "fault": kind});
        fault(&to, order).await;
        let fields = [("grant_type", "refresh_token"), ("refresh_token", refresh.as_str())];
        let ask = ask("POST", ZOOM.token).basic("sandbox-client", "sandbox-secret").form(&fields);
        ask.send_raw(&to, usize::MAX).await;
    }
    assert_eq!(state(&to).await["tokens"]["zoom"]["issued"], 1, "no refresh reached Zoom");

    fault(&to, json!({"route": "POST /zoom/oauth/token", "fault": "truncate", "after": true})).await;
    let cut = ZOOM.refresh(&to, &refresh).await;
    assert!(cut.short && cut.text().contains("access_token"), "half of the real answer");
    assert_eq!(state(&to).await["tokens"]["zoom"]["issued"], 2);
    assert_eq!(ZOOM.refresh(&to, &refresh).await.status, 400, "the answer that was lost killed the old token");
}

#[tokio::test]
async fn an_empty_answer_that_is_cut_is_a_reset() {
    let to = sandbox().await;
    let (access, _) = ZOOM.sign_in(&to).await;
    let body = json!({"topic": "x", "start_time": "2099-03-14T08:00:00Z"});
    let made = ask("POST", "/zoom/v2/users/me/meetings").bearer(&access).json(&body).send(&to).await.json();
    fault(&to, json!({"route": "DELETE /zoom/v2/meetings/{id}", "fault": "truncate", "after": true})).await;
    let target = format!("/zoom/v2/meetings/{}", made["id"]);
    let (bytes, error) = ask("DELETE", &target).bearer(&access).send_raw(&to, usize::MAX).await;
    assert!(bytes.is_empty() && error.is_some());
    assert_eq!(state(&to).await["meetings"]["zoom"], json!([]));
}

#[tokio::test]
async fn times_count_and_the_list_can_be_emptied() {
    let to = sandbox().await;
    let (access, _) = ZOOM.sign_in(&to).await;
    let me = || ask("GET", ME).bearer(&access);
    fault(&to, json!({"route": "GET /zoom/v2/users/me", "fault": "status:500", "times": 2})).await;
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(me().send(&to).await.status);
    }
    assert_eq!(statuses, [500, 500, 200]);
    fault(&to, json!({"route": "GET /zoom/v2/users/me", "fault": "status:500", "times": 9})).await;
    assert_eq!(ask("DELETE", "/_sandbox/faults").send(&to).await.status, 200);
    assert_eq!(me().send(&to).await.status, 200);
}
