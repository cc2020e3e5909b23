//! Every route by every method with every kind of nonsense: refused in time, dressed alike, and never passed on to a provider.

mod malformed;
mod nonsense;
mod slowness;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use tokio::{task::JoinSet, time::timeout};

use crate::{
    rig::{ADMIN, Rig},
    wire::Answer,
};
use nonsense::Nonsense;

const METHODS: [&str; 10] =
    ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "X-MADE-UP"];

/// The headers that every answer has exactly once.
const FIXED: [(&str, Option<&str>); 6] = [
    ("cache-control", Some("no-store")),
    // A page allows its own style.
    ("content-security-policy", None),
    ("convoke-broker", Some("1")),
    ("referrer-policy", Some("no-referrer")),
    ("x-content-type-options", Some("nosniff")),
    ("x-frame-options", Some("DENY")),
];
/// What an answer may have beside them, once.
const FURTHER: [&str; 9] = [
    "allow",
    "connection",
    "content-length",
    "content-type",
    "date",
    "location",
    "retry-after",
    "set-cookie",
    "www-authenticate",
];

/// No answer takes longer: a body that is cut short is seen at once, and the deadlines are for those that stall.
const PATIENCE: Duration = Duration::from_secs(8);

/// Where nonsense is sent, and as whom.
#[derive(Clone)]
struct Target {
    address: SocketAddr,
    path: String,
    bearer: Option<String>,
}

/// What this broker has on its three listeners; with `legacy`, also the old routes.
fn targets(rig: &Rig, legacy: bool) -> Vec<Target> {
    let mut paths = ["/", "/healthz", "/readyz", "/nothing", "/v1", "/v1/providers", "/v1/token", "/v1/openapi.json"]
        .map(str::to_owned)
        .to_vec();
    for provider in ["teams", "zoom", "webex", "goto", "domino"] {
        paths.extend(["authorize", "callback", "refresh", "revoke"].map(|route| format!("/v1/{route}/{provider}")));
    }
    for (old, callback) in [("Teams", "teams"), ("Zoom", "zoom"), ("Webex", "webex"), ("GTM", "gtm")] {
        paths.extend([
            format!("/domino{old}/index.html"),
            format!("/{callback}Callback"),
            format!("/domino{old}Refresh"),
            format!("/domino{old}Revoke"),
        ]);
    }
    let public = |path: String| {
        // With a session nonsense gets further. On the old routes a bearer would be a refresh token, which is none.
        let with_session = !legacy && (path.starts_with("/v1/refresh/") || path.starts_with("/v1/revoke/"));
        Target { address: rig.address(), path, bearer: with_session.then(|| rig.session.clone()) }
    };
    let mut targets: Vec<Target> = paths.into_iter().map(public).collect();
    let metrics = rig.broker.metrics_address().expect("it is on");
    let admin = rig.broker.admin_address().expect("it is on");
    for path in ["/metrics", "/"] {
        targets.push(Target { address: metrics, path: path.to_owned(), bearer: None });
    }
    for path in ["/v1/admin/sessions", "/v1/admin/revoke", "/v1/admin"] {
        for bearer in [None, Some(ADMIN.to_owned())] {
            targets.push(Target { address: admin, path: path.to_owned(), bearer });
        }
    }
    targets
}

/// What holds for every answer of the router; `what` names the request.
fn assert_decent(answer: &Answer, what: &str) {
    assert!((200..500).contains(&answer.status), "{what}: {answer:?}");
    for (name, value) in FIXED {
        let found = answer.header(name).unwrap_or_else(|| panic!("{what} lacks {name}: {answer:?}"));
        assert!(value.is_none_or(|value| value == found), "{what}: {name}: {found}");
    }
    let policy = answer.header("content-security-policy").expect("a policy");
    assert!(policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{what}: {policy}");
    for (name, _) in &answer.headers {
        let known = FURTHER.contains(&name.as_str()) || FIXED.iter().any(|(fixed, _)| fixed == name);
        assert!(known, "{what}: {name} is not expected");
        answer.header(name);
    }
    if answer.status == 405 {
        let allow = answer.header("allow").unwrap_or_else(|| panic!("{what} lacks allow: {answer:?}"));
        assert!(!allow.is_empty() && !allow.contains("HEAD"), "{what}: {allow}");
    }
}

/// Every method and every nonsense at every target of a broker; how many requests that were.
async fn crossed(legacy: bool) -> usize {
    let mut further = vec![("METRICSPORT", "0"), ("RATE_PER_ADDRESS", "100000/1000000"), ("RATE_LEGACY", "1e5/1e6")];
    if legacy {
        further.push(("LEGACY_DOMI", "1"));
    }
    let rig = Rig::with(&further).await;
    let kinds: Arc<[Nonsense]> = Nonsense::all().into();
    let mut tasks = JoinSet::new();
    for target in targets(&rig, legacy) {
        let kinds = Arc::clone(&kinds);
        tasks.spawn(async move {
            for method in METHODS {
                for nonsense in &*kinds {
                    let what = format!("{method} {} with {}", target.path, nonsense.name);
                    let sent = nonsense.send(target.address, method, &target.path, target.bearer.as_deref());
                    let answer = timeout(PATIENCE, sent).await.unwrap_or_else(|_| panic!("{what} hangs"));
                    assert_decent(&answer, &what);
                    if method == "HEAD" {
                        assert!(answer.body.is_empty(), "{what}: {answer:?}");
                    }
                }
            }
            METHODS.len() * kinds.len()
        });
    }
    let mut requests = 0;
    while let Some(done) = tasks.join_next().await {
        requests += done.expect("all held");
    }
    rig.assert_no_call();
    assert_eq!(rig.get("/healthz").await.status, 200);
    assert_eq!(rig.refresh("zoom", "a-token").await.status, 200, "the session stands");
    requests
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nonsense_is_refused_by_every_route_and_method() {
    let requests = crossed(false).await + crossed(true).await;
    println!("matrix: {requests} requests");
    assert!(requests > 10_000, "{requests}");
}
