//! The broker's description of itself: an `OpenAPI` 3.1 document, collected from the handlers and serialised once at start.
//!
//! The handlers say what is their own; here is added what holds for all of them and what the configuration decides.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::State,
    http::header::CONTENT_TYPE,
    response::{IntoResponse, Response},
};
use convoke_broker_api::{ErrorAnswer, PROTOCOL_HEADER, PROTOCOL_VERSION, callback_path};
use serde_json::{Map, Value, json};
use utoipa::OpenApi;

use super::Broker;
use crate::{parameters, registration::Registration};

/// Where the document names its default callback path.
const CALLBACK: &str = "/v1/callback/{provider}";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Convoke broker",
        description = "Signs people in at meeting providers and refreshes their tokens; holds the client secrets and remembers no person."
    ),
    paths(
        openapi,
        super::providers,
        super::authorize::authorize,
        super::callback::callback,
        super::tokens::redeem,
        super::tokens::refresh,
        super::tokens::revoke,
        super::health,
        super::ready
    ),
    components(schemas(ErrorAnswer))
)]
struct Described;

/// What of the configuration is public and shows in the document.
pub(crate) struct Facts<'a> {
    /// The public origin.
    pub(crate) origin: &'a str,
    /// The providers that are on.
    pub(crate) registrations: &'a [Registration],
    /// Whether the old callback paths are answered too.
    pub(crate) legacy: bool,
    /// Whether a refresh needs a session.
    pub(crate) sessions: bool,
    /// Whether a page asks first.
    pub(crate) confirm: bool,
}

/// This document.
#[utoipa::path(get, path = "/v1/openapi.json", operation_id = "openapi",
    responses((status = 200, body = serde_json::Value, description = "This document")))]
pub(super) async fn openapi(State(broker): State<Arc<Broker>>) -> Response {
    ([(CONTENT_TYPE, "application/json")], broker.document.clone()).into_response()
}

/// The document of a broker with these facts, serialised.
pub(crate) fn document(facts: &Facts<'_>) -> Bytes {
    let mut document = serde_json::to_value(Described::openapi()).expect("a document of plain texts is JSON");
    document["servers"] = json!([{"url": facts.origin}]);
    document["components"]["headers"] = json!({
        "Protocol": header("The version of this contract", &json!({"const": PROTOCOL_VERSION}), true),
        "CacheControl": header("Nothing may be kept", &json!({"const": "no-store"}), true),
        "Allow": header("The methods of this address", &json!({"type": "string"}), true),
        "RetryAfter": header("Seconds to wait", &seconds(), false),
        "RetryAfterAlways": header("Seconds to wait", &seconds(), true),
        "Challenge": header("What the caller was to bring (RFC 6750 §3)", &json!({"type": "string"}), false),
        "Location": header("Where the browser goes on", &json!({"type": "string", "format": "uri"}), true),
        "SetCookie": header("Binds the sign-in to this browser", &json!({"type": "string"}), true),
    });
    if facts.sessions {
        document["components"]["securitySchemes"] = json!({
            "session": {"type": "http", "scheme": "bearer", "description": "The session token of the last answer"}
        });
    }
    let schemas = document["components"]["schemas"].as_object_mut().expect("the answers have schemas");
    for (_, form) in schemas.iter_mut().filter(|(name, _)| name.ends_with("Form")) {
        // Unknown parameters are passed over (RFC 6749 §3.2), but none may come twice, as a list would.
        form["additionalProperties"] = json!({"type": "string"});
        form["maxProperties"] = json!(parameters::LIMIT);
    }
    // A code that only a client needs, for codes that it does not know.
    if let Some(codes) = schemas["ErrorCode"]["enum"].as_array_mut() {
        codes.retain(|code| code != "unknown");
    }
    let paths = document["paths"].as_object_mut().expect("every document has paths");
    let here = |one: &&Registration| one.callback_paths(facts.legacy).contains(&callback_path(&one.name));
    let names = facts.registrations.iter().map(|one| one.name.as_str()).collect();
    let returning: Vec<&str> = facts.registrations.iter().filter(here).map(|one| one.name.as_str()).collect();
    paths.retain(|path, _| path != CALLBACK || !returning.is_empty());
    for (path, item) in paths {
        let providers = if path == CALLBACK { &returning } else { &names };
        for operation in item.as_object_mut().into_iter().flat_map(Map::values_mut) {
            complete(path, operation, providers, facts);
        }
    }
    serde_json::to_vec(&document).expect("a JSON value is JSON").into()
}

/// Adds to an operation what the configuration decides, and the answers and headers that every route has.
fn complete(path: &str, operation: &mut Value, providers: &Vec<&str>, facts: &Facts<'_>) {
    for parameter in operation.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten() {
        if parameter["name"] == "provider" {
            parameter["schema"]["enum"] = json!(providers);
        }
    }
    let operation = operation.as_object_mut().expect("an operation is an object");
    if !facts.sessions {
        operation.remove("security");
    }
    let answers = operation["responses"].as_object_mut().expect("every operation has answers");
    if path.starts_with("/v1/authorize/") {
        answers.remove(if facts.confirm { "303" } else { "200" });
        let begun = if facts.confirm { "200" } else { "303" };
        answers[begun]["headers"] = json!({"Set-Cookie": {"$ref": "#/components/headers/SetCookie"}});
    }
    answers.insert("405".into(), refusal("This address does not take this method."));
    if path.starts_with("/v1/") {
        answers.insert("429".into(), refusal("Too many requests; slow down."));
    }
    for (status, answer) in answers {
        let further = match status.as_str() {
            "303" => Some(("Location", "Location")),
            "401" => Some(("WWW-Authenticate", "Challenge")),
            "405" => Some(("Allow", "Allow")),
            // A provider may ask to slow down without saying for how long; the broker itself always says.
            "429" | "503" if provider_is_asked(path) => Some(("Retry-After", "RetryAfter")),
            "429" => Some(("Retry-After", "RetryAfterAlways")),
            _ => None,
        };
        let all = [(PROTOCOL_HEADER, "Protocol"), ("Cache-Control", "CacheControl")];
        for (name, header) in all.into_iter().chain(further) {
            answer["headers"][name] = json!({"$ref": format!("#/components/headers/{header}")});
        }
    }
}

/// Whether the route hands on what a provider's token endpoint says.
fn provider_is_asked(path: &str) -> bool {
    ["/v1/token", "/v1/refresh/", "/v1/revoke/"].iter().any(|route| path.starts_with(route))
}

fn header(description: &str, schema: &Value, required: bool) -> Value {
    json!({"description": description, "required": required, "schema": schema})
}

fn seconds() -> Value {
    json!({"type": "integer", "minimum": 0})
}

fn refusal(description: &str) -> Value {
    json!({
        "description": description,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorAnswer"}}}
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use axum::{
        body::Body,
        http::{Request, StatusCode},
    };
    use tower::ServiceExt as _;

    use super::*;
    use crate::{Configuration, Settings, Sockets, SystemClock, routes, start};

    async fn running(further: &[(&str, &str)]) -> crate::RunningBroker {
        let mut pairs = vec![("PORT", "0"), ("CONFIRM_SIGN_IN", "off")];
        let keys = ["ZOOM_CLIENT_ID", "ZOOM_CLIENT_SECRET", "TEAMS_CLIENT_ID", "TEAMS_CLIENT_SECRET"];
        pairs.extend(keys.map(|key| (key, "a-secret-word")));
        for key in ["ZOOM_AUTHORIZE_URL", "ZOOM_TOKEN_URL", "ZOOM_REVOKE_URL", "TEAMS_AUTHORIZE_URL", "TEAMS_TOKEN_URL"]
        {
            pairs.push((key, "http://127.0.0.1:9/x"));
        }
        pairs.extend(further);
        let settings = Settings::from_pairs(pairs).expect("known keys");
        let configuration = Configuration::from_settings(&settings).expect("a good configuration");
        start(configuration, Arc::new(SystemClock), Sockets::default()).await.expect("it starts")
    }

    fn read(broker: &Broker) -> Value {
        serde_json::from_slice(&broker.document).expect("JSON")
    }

    /// `METHOD /path` of the document, each provider by its name.
    fn described(document: &Value) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        for (path, item) in document["paths"].as_object().expect("paths") {
            for (method, operation) in item.as_object().expect("an item") {
                let parameters = operation["parameters"].as_array().into_iter().flatten();
                let provider = parameters.into_iter().find(|one| one["name"] == "provider");
                let names =
                    provider.map_or(vec![json!("")], |one| one["schema"]["enum"].as_array().expect("names").clone());
                found.extend(names.iter().map(|name| {
                    let path = path.replace("{provider}", name.as_str().expect("a name"));
                    format!("{} {path}", method.to_uppercase())
                }));
            }
        }
        found
    }

    /// The same of the router: its paths as its `Debug` shows them, their methods as a strange method's answer does.
    async fn routed(broker: &Arc<Broker>) -> BTreeSet<String> {
        let router = routes::router(broker);
        let shown = format!("{router:?}");
        let paths: BTreeSet<&str> = shown.split('"').filter(|text| text.starts_with('/')).collect();
        let mut found = BTreeSet::new();
        for path in paths {
            let names = if path.contains("{provider}") { vec!["zoom", "teams"] } else { vec![""] };
            for name in names {
                let path = path.replace("{provider}", name);
                let request = Request::builder()
                    .method("BREW")
                    .uri(&path)
                    .header("host", "x")
                    .body(Body::empty())
                    .expect("a request");
                let answer = router.clone().oneshot(request).await.expect("an answer");
                if answer.status() == StatusCode::NOT_FOUND {
                    // The fallback's own patterns stand among the paths.
                    continue;
                }
                let allow = answer.headers()["allow"].to_str().expect("text").to_owned();
                // The server answers HEAD as a method that no route has.
                let methods = allow.split(',').filter(|method| *method != "HEAD");
                found.extend(methods.map(|method| format!("{method} {path}")));
            }
        }
        found
    }

    #[tokio::test]
    async fn every_route_is_described_and_every_description_is_a_route() {
        let running = running(&[]).await;
        let routed = routed(&running.broker).await;
        assert!(routed.contains("POST /v1/refresh/zoom") && routed.contains("GET /v1/callback/teams"), "{routed:?}");
        assert_eq!(described(&read(&running.broker)), routed);
    }

    fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
        match value {
            Value::Object(fields) => {
                found.extend(fields.get("$ref").and_then(Value::as_str));
                fields.values().for_each(|value| references(value, found));
            }
            Value::Array(values) => values.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }

    #[tokio::test]
    async fn it_is_whole_and_holds_no_secret() {
        let running = running(&[]).await;
        let document = read(&running.broker);
        assert!(document["openapi"].as_str().is_some_and(|version| version.starts_with("3.1.")));
        assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
        assert_eq!(document["servers"][0]["url"], running.origin());
        let mut found = Vec::new();
        references(&document, &mut found);
        assert!(found.len() > 50, "{found:?}");
        for reference in found {
            assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
        }
        let text = document.to_string();
        assert!(!text.contains(":null"));
        assert!(!text.contains("a-secret-word") && !text.contains("127.0.0.1:9/"));
    }

    #[tokio::test]
    async fn it_says_what_the_configuration_decides() {
        let broker = running(&[]).await.broker;
        let document = read(&broker);
        assert_eq!(document["paths"]["/v1/refresh/{provider}"]["post"]["security"], json!([{"session": []}]));
        let begun = &document["paths"]["/v1/authorize/{provider}"]["get"]["responses"];
        assert!(begun.get("303").is_some() && begun.get("200").is_none());
        let moved = [("ZOOM_REDIRECT_PATH", "/elsewhere"), ("CONFIRM_SIGN_IN", "on")];
        let document = read(&running(&moved).await.broker);
        let begun = &document["paths"]["/v1/authorize/{provider}"]["get"]["responses"];
        assert!(begun.get("200").is_some() && begun.get("303").is_none());
        let callback = &document["paths"][CALLBACK]["get"]["parameters"][0]["schema"]["enum"];
        assert_eq!(*callback, json!(["teams"]));
    }
}
