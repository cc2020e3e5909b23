//! `/_sandbox/…`: what a test asks and moves. No page of a browser can: the host must be loopback, and a body JSON.

use std::collections::BTreeMap;

use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::call::{BodyFault, Call, Mount};
use crate::domino;
use crate::faults::{Fault, Rule, read_header};
use crate::person::Person;
use crate::teams::claims;
use crate::world::Shared;

/// Adds the control routes.
pub(crate) fn mount(mount: Mount) -> Mount {
    mount
        .on(&Method::GET, "/_sandbox/state", |shared, call| guarded(call, || Ok(state(shared))))
        .on(&Method::POST, "/_sandbox/faults", |shared, call| guarded(call, || add_fault(shared, call)))
        .on(&Method::DELETE, "/_sandbox/faults", |shared, call| {
            guarded(call, || {
                shared.world().faults.clear();
                Ok(json!({ "faults": 0 }))
            })
        })
        .on(&Method::POST, "/_sandbox/clock", |shared, call| guarded(call, || move_clock(shared, call)))
        .on(&Method::POST, "/_sandbox/sign-in", |shared, call| guarded(call, || set_sign_in(shared, call)))
        .on(&Method::POST, "/_sandbox/domino", |shared, call| guarded(call, || register_callback(shared, call)))
        .on(&Method::POST, "/_sandbox/reset", |shared, call| {
            guarded(call, || {
                read::<Empty>(call)?;
                shared.world().reset();
                Ok(json!({}))
            })
        })
}

/// A refusal of a control route, and its status.
struct Wrong(StatusCode, String);

fn bad(text: impl Into<String>) -> Wrong {
    Wrong(StatusCode::BAD_REQUEST, text.into())
}

fn guarded(call: &Call, act: impl FnOnce() -> Result<Value, Wrong>) -> Response {
    let result = if loopback_host(call.header("host").unwrap_or_default()) {
        act()
    } else {
        // A name that somebody made point here (DNS rebinding) is not loopback.
        Err(Wrong(StatusCode::FORBIDDEN, "the Host header must name loopback".to_owned()))
    };
    match result {
        Ok(value) => axum::Json(value).into_response(),
        Err(Wrong(status, text)) => (status, axum::Json(json!({ "error": text }))).into_response(),
    }
}

fn loopback_host(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    matches!(name, "127.0.0.1" | "localhost" | "[::1]")
}

fn read<T: for<'de> Deserialize<'de>>(call: &Call) -> Result<T, Wrong> {
    let object = match call.object() {
        Ok(object) => object,
        Err(BodyFault::ContentType) => {
            return Err(Wrong(StatusCode::UNSUPPORTED_MEDIA_TYPE, "send application/json".to_owned()));
        }
        Err(BodyFault::NoObject) => return Err(bad("send a JSON object")),
    };
    serde_json::from_value(Value::Object(object)).map_err(|error| bad(error.to_string()))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Empty {}

fn state(shared: &Shared) -> Value {
    let world = shared.world();
    let now = world.now();
    json!({
        "now": now.to_rfc3339_opts(chrono::SecondsFormat::Millis, true),
        "calls": world.calls,
        "meetings": {
            "zoom": world.zoom.meetings(),
            "teams": world.teams.meetings(),
            "sametime": world.sametime.meetings(),
            "webex": world.webex.meetings(now),
            "goto": world.goto.meetings(),
        },
        "tokens": {
            "zoom": world.zoom.book.counts(now),
            "teams": world.teams.book.counts(now),
            "sametime": world.sametime.counts(now),
            "webex": world.webex.book.counts(now),
            "goto": world.goto.book.counts(now),
            "domino": world.domino.book.counts(now),
        },
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FaultOrder {
    route: String,
    fault: String,
    #[serde(default = "once")]
    times: u32,
    #[serde(default)]
    after: bool,
    /// With `status:NNN`: the value of `Retry-After`.
    retry_after: Option<String>,
    /// With `status:NNN`: any headers.
    #[serde(default)]
    headers: BTreeMap<String, String>,
    /// With `status:NNN`: the body.
    body: Option<Value>,
}

fn once() -> u32 {
    1
}

fn add_fault(shared: &Shared, call: &Call) -> Result<Value, Wrong> {
    let order: FaultOrder = read(call)?;
    if !shared.setting.routes.contains(&order.route) {
        let known: Vec<_> = shared.setting.routes.iter().map(String::as_str).collect();
        return Err(bad(format!("route is one of: {}", known.join(", "))));
    }
    if order.times == 0 {
        return Err(bad("times is at least 1"));
    }
    let mut fault: Fault = order.fault.parse().map_err(bad)?;
    if fault == Fault::Claims && !claims::befalls(&order.route) {
        return Err(bad("claims goes with a route under /graph/"));
    }
    if let Fault::Status { headers, body, .. } = &mut fault {
        *headers = fault_headers(order.headers, order.retry_after)?;
        *body = order.body;
    } else if order.retry_after.is_some() || order.body.is_some() || !order.headers.is_empty() {
        return Err(bad("retry_after, headers and body go with status:NNN"));
    }
    let mut world = shared.world();
    world.faults.push(Rule { route: order.route, fault, times: order.times, after: order.after });
    Ok(json!({ "faults": world.faults.len() }))
}

fn fault_headers(named: BTreeMap<String, String>, retry_after: Option<String>) -> Result<HeaderMap, Wrong> {
    let retry_after = retry_after.map(|value| ("retry-after".to_owned(), value));
    let read = |(name, value): (String, String)| {
        read_header(&name, &value)
            .ok_or_else(|| bad(format!("{name:?} is no header that can be given, or its value is none")))
    };
    named.into_iter().chain(retry_after).map(read).collect()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClockOrder {
    advance_seconds: i64,
}

fn move_clock(shared: &Shared, call: &Call) -> Result<Value, Wrong> {
    let order: ClockOrder = read(call)?;
    let mut world = shared.world();
    world.clock.advance(order.advance_seconds).ok_or_else(|| bad("the clock stays within a century"))?;
    Ok(json!({ "now": world.now().to_rfc3339_opts(chrono::SecondsFormat::Millis, true) }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SignInOrder {
    email: Option<String>,
    #[serde(default = "yes")]
    allow: bool,
}

fn yes() -> bool {
    true
}

fn set_sign_in(shared: &Shared, call: &Call) -> Result<Value, Wrong> {
    let order: SignInOrder = read(call)?;
    let mut world = shared.world();
    if let Some(email) = order.email {
        world.auto.person = Person::from_address(&email).ok_or_else(|| bad("email is no mail address"))?;
    }
    world.auto.allow = order.allow;
    Ok(json!({ "email": world.auto.person.email, "allow": world.auto.allow }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CallbackOrder {
    redirect_uri: String,
}

fn register_callback(shared: &Shared, call: &Call) -> Result<Value, Wrong> {
    let order: CallbackOrder = read(call)?;
    let uri = domino::on_loopback(&order.redirect_uri)
        .ok_or_else(|| bad("redirect_uri is an http address of 127.0.0.1, localhost or [::1] without a fragment"))?;
    shared.world().domino.callback = Some(uri.clone());
    Ok(json!({ "redirect_uri": uri }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_names() {
        for right in ["127.0.0.1", "127.0.0.1:8791", "localhost:1", "[::1]:8791", "[::1]"] {
            assert!(loopback_host(right), "{right}");
        }
        for wrong in ["", "example.org", "127.0.0.1.example.org:8791", "localhost.example.org", "10.0.0.1:80"] {
            assert!(!loopback_host(wrong), "{wrong}");
        }
    }
}
