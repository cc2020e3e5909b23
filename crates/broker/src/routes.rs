//! The broker's routes and what holds for all of them: the headers, the log line, the counters, the errors' form.

mod authorize;
mod callback;
mod form;
mod tokens;

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use convoke_broker_api::{
    AUTHORIZE_PREFIX, HEALTH_PATH, PROTOCOL_HEADER, PROTOCOL_VERSION, PROVIDERS_PATH, ProviderEntry, ProvidersAnswer,
    READY_PATH, REFRESH_PREFIX, REVOKE_PREFIX, TOKEN_PATH,
};
use serde_json::json;
use tokio::time::Instant;
use tracing::info;

use crate::{
    clock::Clock, counters::Counters, refusal::Refusal, registration::Registration, request_log::method_name,
    sealing::KeyRing, store::ClaimStore, upstream::Upstream,
};

/// Policy of every answer but the page's own: nothing may load, frame or submit.
const POLICY: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// What every route may use; nothing in it belongs to a person.
pub(crate) struct Broker {
    /// The public origin, without a slash at the end.
    pub(crate) origin: String,
    pub(crate) keys: KeyRing,
    pub(crate) registrations: Vec<Registration>,
    pub(crate) store: Box<dyn ClaimStore>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) upstream: Upstream,
    pub(crate) counters: Counters,
}

impl Broker {
    /// The registration at the provider of that name, if it is on.
    pub(crate) fn registration(&self, provider: &str) -> Result<&Registration, Refusal> {
        let mut registrations = self.registrations.iter();
        registrations.find(|registration| registration.row.name == provider).ok_or(Refusal::provider_off())
    }

    /// Whether the public origin is https, and cookies and transport rules can say so.
    pub(crate) fn is_secure(&self) -> bool {
        self.origin.starts_with("https://")
    }
}

/// All routes over `broker`.
pub(crate) fn router(broker: Arc<Broker>) -> Router {
    let with_provider = |prefix: &str| format!("{prefix}/{{provider}}");
    let mut router = Router::new()
        .route(PROVIDERS_PATH, get(providers))
        .route(&with_provider(AUTHORIZE_PREFIX), get(authorize::authorize))
        .route(TOKEN_PATH, post(tokens::redeem))
        .route(&with_provider(REFRESH_PREFIX), post(tokens::refresh))
        .route(&with_provider(REVOKE_PREFIX), post(tokens::revoke))
        .route(HEALTH_PATH, get(health))
        .route(READY_PATH, get(ready));
    for registration in &broker.registrations {
        let provider = registration.row.name;
        router = router.route(
            &registration.redirect_path,
            get(async move |State(broker): State<Arc<Broker>>, request: Request| {
                callback::callback(&broker, provider, request.uri().query(), request.headers()).await
            }),
        );
    }
    router
        .fallback(async || Refusal::not_found())
        .method_not_allowed_fallback(async || Refusal::method_not_allowed())
        .layer(middleware::from_fn_with_state(Arc::clone(&broker), around))
        .with_state(broker)
}

/// The one route of the metrics listener.
pub(crate) fn metrics_router(broker: Arc<Broker>) -> Router {
    Router::new()
        .route("/metrics", get(async |State(broker): State<Arc<Broker>>| broker.counters.text()))
        .fallback(async || Refusal::not_found())
        .method_not_allowed_fallback(async || Refusal::method_not_allowed())
        .with_state(broker)
}

/// Around every request: the log line and the headers that no answer may lack.
async fn around(State(broker): State<Arc<Broker>>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = method_name(request.method());
    let route = request.extensions().get::<MatchedPath>().cloned();
    // A HEAD would run the GET's work, which for a callback spends the sign-in.
    let mut response = if request.method() == Method::HEAD {
        Refusal::method_not_allowed().into_response()
    } else {
        next.run(request).await
    };
    dress(response.headers_mut(), broker.is_secure());
    let route = route.as_ref().map_or("-", MatchedPath::as_str);
    let status = response.status().as_u16();
    broker.counters.count(method, route, status);
    let ms = started.elapsed().as_millis();
    info!(target: "convoke_broker::request", method, route, status, ms);
    response
}

fn dress(headers: &mut HeaderMap, secure: bool) {
    let fixed = |name: HeaderName, value: &'static str| (name, HeaderValue::from_static(value));
    headers.extend([
        fixed(HeaderName::from_static(PROTOCOL_HEADER), PROTOCOL_VERSION),
        fixed(header::CACHE_CONTROL, "no-store"),
        fixed(header::REFERRER_POLICY, "no-referrer"),
        fixed(header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        fixed(header::X_FRAME_OPTIONS, "DENY"),
    ]);
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(POLICY));
    if secure {
        headers.extend([fixed(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000")]);
    }
}

async fn providers(State(broker): State<Arc<Broker>>) -> Json<ProvidersAnswer> {
    let entries = broker.registrations.iter().map(|registration| ProviderEntry {
        provider: registration.row.name.to_owned(),
        display_name: registration.row.display_name.to_owned(),
        scopes: registration.scopes.clone(),
        can_revoke: registration.revoke_url.is_some(),
    });
    Json(ProvidersAnswer { providers: entries.collect() })
}

async fn health() -> Json<serde_json::Value> {
    Json(json!({"status": "ok"}))
}

/// Ready means: the store answers. It never means that a provider is up.
async fn ready(State(broker): State<Arc<Broker>>) -> Result<Json<serde_json::Value>, Refusal> {
    match broker.store.ready().await {
        Ok(()) => Ok(Json(json!({"status": "ready"}))),
        Err(_) => Err(Refusal::broker_unavailable()),
    }
}

/// Sends the browser on with a GET, whatever it came with (RFC 9700 §4.12).
fn see_other(address: &str) -> Response {
    match HeaderValue::try_from(address) {
        Ok(location) => (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response(),
        Err(_) => Refusal::broker_unavailable().into_response(),
    }
}
