//! Continuous access evaluation: Graph asks for a sign-in that carries what it names, and a refresh does not help.
//!
//! The fault `claims` makes the first challenge. From then on it meets every token whose sign-in did not carry exactly
//! those claims, on every route of Graph.

use std::collections::HashMap;

use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::Refusal;
use crate::call::Params;
use crate::world::Shared;

/// What is asked for, and what each token's sign-in carried.
#[derive(Default)]
pub(super) struct Claims {
    wanted: Option<i64>,
    carried: HashMap<String, Value>,
}

impl Claims {
    /// The JSON that a sign-in must carry.
    fn wanted(&self) -> Option<Value> {
        let since = self.wanted?.to_string();
        Some(json!({ "access_token": { "nbf": { "essential": true, "value": since } } }))
    }

    /// Asks for a sign-in after `now`; each time for another one.
    fn ask(&mut self, now: i64) {
        self.wanted = Some(self.wanted.map_or(now, |before| now.max(before + 1)));
    }

    /// What the sign-in of a token carried.
    pub(super) fn of(&self, token: &str) -> Option<&Value> {
        self.carried.get(token)
    }

    /// Remembers what the sign-in of a token carried.
    pub(super) fn keep(&mut self, token: &str, claims: Option<&Value>) {
        self.carried.extend(claims.map(|claims| (token.to_owned(), claims.clone())));
    }

    /// Refuses a token whose sign-in did not carry what is asked for.
    pub(super) fn check(&self, token: &str) -> Result<(), Refusal> {
        match self.wanted() {
            Some(wanted) if self.of(token) != Some(&wanted) => Err(refusal(&wanted)),
            _ => Ok(()),
        }
    }
}

fn refusal(wanted: &Value) -> Refusal {
    let text = "Continuous access evaluation resulted in challenge with result: InteractionRequired and code: \
        TokenIssuedBeforeRevocationTimestamp";
    Refusal {
        claims: Some(STANDARD.encode(wanted.to_string())),
        ..Refusal::new(StatusCode::UNAUTHORIZED, "InvalidAuthenticationToken", text)
    }
}

/// Whether the fault can befall a route.
pub(crate) fn befalls(route: &str) -> bool {
    route.split_once(' ').is_some_and(|(_, path)| path.starts_with("/graph/"))
}

/// The fault: a challenge, and those that follow from it.
pub(crate) fn befall(shared: &Shared) -> Response {
    let refusal = {
        let world = &mut *shared.world();
        world.teams.claims.ask(world.clock.now().timestamp());
        world.teams.claims.wanted().map(|wanted| refusal(&wanted))
    };
    match refusal {
        Some(refusal) => super::respond(shared, None, |_| Err(refusal)),
        None => StatusCode::UNAUTHORIZED.into_response(),
    }
}

/// The claims of an authorize request: a JSON object, where there are any.
pub(super) fn read(params: &Params) -> Result<Option<Value>, ()> {
    match params.get("claims").map(serde_json::from_str::<Value>) {
        None => Ok(None),
        Some(Ok(claims)) if claims.is_object() => Ok(Some(claims)),
        Some(_) => Err(()),
    }
}

/// The value of `WWW-Authenticate`, with the claims that are asked for where there are any.
pub(super) fn challenge(authorize: &str, claims: Option<&str>) -> Option<HeaderValue> {
    let rest = claims.map_or_else(
        || "client_id=\"00000003-0000-0000-c000-000000000000\"".to_owned(),
        |claims| format!("error=\"insufficient_claims\", claims=\"{claims}\""),
    );
    HeaderValue::from_str(&format!("Bearer realm=\"\", authorization_uri=\"{authorize}\", {rest}")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_claims_that_were_asked_for_last() {
        let mut claims = Claims::default();
        assert!(claims.check("any").is_ok());
        claims.ask(5);
        claims.ask(5);
        let wanted = json!({"access_token": {"nbf": {"essential": true, "value": "6"}}});
        assert_eq!(claims.wanted(), Some(wanted.clone()));
        claims.keep("good", Some(&wanted));
        claims.keep("old", Some(&json!({"access_token": {"nbf": {"essential": true, "value": "5"}}})));
        claims.keep("bare", None);
        assert!(claims.check("good").is_ok());
        for token in ["old", "bare", "unknown"] {
            assert!(claims.check(token).is_err_and(|refusal| refusal.claims.is_some()), "{token}");
        }
        claims.ask(100);
        assert!(claims.check("good").is_err());
    }

    #[test]
    fn claims_are_a_json_object() {
        assert_eq!(read(&Params::parse(b"claims=%7B%7D")), Ok(Some(json!({}))));
        assert_eq!(read(&Params::parse(b"scope=x")), Ok(None));
        assert_eq!(read(&Params::parse(b"claims=e30")), Err(()));
        assert_eq!(read(&Params::parse(b"claims=1")), Err(()));
    }
}
