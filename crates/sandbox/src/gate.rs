//! What every call to a provider passes first: it is counted by its route, and meets the fault that is due.

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::faults::{Cut, Fault, fail};
use crate::world::Shared;

/// Counts the call, then lets it through, fails in its place, or fails after it.
pub(crate) async fn gate(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    let Some(route) = route_of(&request) else { return next.run(request).await };
    let due = shared.world().arrive(&route);
    let Some((fault, after)) = due else { return next.run(request).await };
    let cut = request.extensions().get::<Cut>().cloned().unwrap_or_default();
    // A delay without `after` waits first; every other fault without it keeps the request from the provider.
    if let (Fault::Delay(time), false) = (&fault, after) {
        tokio::time::sleep(*time).await;
        return next.run(request).await;
    }
    let acted = if after { Some(next.run(request).await) } else { None };
    let mut answer = fail(fault, acted, cut, &shared).await;
    answer.headers_mut().insert("x-sandbox-fault", HeaderValue::from_static("1"));
    answer.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    answer
}

/// `METHOD /path/{template}` of a call to a provider; `None` for the control routes, which are not counted.
///
/// A path that no provider has is counted as its first part, `GET /webex/…`, so that the list stays finite.
fn route_of(request: &Request) -> Option<String> {
    let path = request.uri().path();
    if path.starts_with("/_sandbox/") {
        return None;
    }
    let method = request.method();
    Some(match request.extensions().get::<MatchedPath>() {
        Some(template) => format!("{method} {}", template.as_str()),
        None => format!("{method} /{}/…", path.split('/').nth(1).unwrap_or_default()),
    })
}
