//! Webex's API: the person, and create, read, list, update and delete of meetings.

use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde_json::json;

use super::{Refusal, answer, caller, organization, person_id};
use crate::call::Call;
use crate::world::{Shared, World};

type Outcome = Result<Response, Refusal>;

/// Runs a call over the locked world and puts Webex's headers on its answer.
fn run(shared: &Shared, act: impl FnOnce(&mut World) -> Outcome) -> Response {
    let mut world = shared.world();
    let outcome = act(&mut world);
    answer(&mut world.random, outcome)
}

/// `GET /people/me`.
pub(super) fn me(shared: &Shared, call: &Call) -> Response {
    run(shared, |world| {
        let person = caller(world, call, "spark:people_read")?.person;
        let (first, last) = person.names();
        let organization = format!("ciscospark://us/ORGANIZATION/{}", organization(&person));
        Ok(axum::Json(json!({
            "id": person_id(&person),
            "emails": [person.email],
            "phoneNumbers": [],
            "displayName": person.display_name(),
            "nickName": first,
            "firstName": first,
            "lastName": last,
            "orgId": STANDARD_NO_PAD.encode(organization),
            "created": "2026-01-01T00:00:00.000Z",
            "lastModified": "2026-01-01T00:00:00.000Z",
            "status": "active",
            "type": "person",
        }))
        .into_response())
    })
}
