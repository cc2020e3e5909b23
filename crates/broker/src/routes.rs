//! The broker's routes and what holds for all of them: the headers, the log line, the counts, the limit per address, the
//! errors' form.

mod admin;
mod authorize;
mod callback;
mod form;
mod legacy;
mod openapi;
mod tokens;

pub(crate) use openapi::{Facts, document};

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
};

use axum::{
    Extension, Json, Router,
    body::{Body, Bytes},
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Version, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use convoke_broker_api::{
    AUTHORIZE_PREFIX, ErrorAnswer, HEALTH_PATH, OPENAPI_PATH, PROTOCOL_HEADER, PROTOCOL_VERSION, PROVIDERS_PATH,
    ProviderEntry, ProvidersAnswer, READY_PATH, REFRESH_PREFIX, REVOKE_PREFIX, TOKEN_PATH,
};
use serde_json::json;
use tokio::time::Instant;
use tower::ServiceExt as _;
use tracing::info;

use legacy::LegacyOutcome;

use crate::{
    clock::Clock,
    configuration::{AdminTokens, Limits, SessionRules},
    flights::Flights,
    limits::{self, Counted},
    metrics::Metrics,
    provider_calls::ProviderCalls,
    refresh::Outcome,
    refusal::Refusal,
    registration::Registration,
    request_log::method_name,
    sealing::KeyRing,
    session::Session,
    store::{Store, StoreError},
};

/// Policy of every answer but the pages' own: nothing may load, frame or submit.
const POLICY: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The template of the one address that is busy.
const REFRESH_ROUTE: &str = "/v1/refresh/{provider}";

/// What every route may use; nothing in it belongs to a person.
pub(crate) struct Broker {
    /// The public origin, without a slash at the end.
    pub(crate) origin: String,
    pub(crate) keys: KeyRing,
    pub(crate) registrations: Vec<Registration>,
    pub(crate) store: Box<dyn Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) calls: ProviderCalls,
    pub(crate) flights: Flights<Outcome>,
    pub(crate) legacy_flights: Flights<LegacyOutcome>,
    pub(crate) metrics: Arc<Metrics>,
    /// `None`: nobody is asked for a session.
    pub(crate) sessions: Option<SessionRules>,
    /// Seconds that the answer to a rotated refresh token is kept.
    pub(crate) replay: i64,
    /// Whether a page asks before the browser goes to the provider.
    pub(crate) confirm: bool,
    /// Whether the old broker's routes answer.
    pub(crate) legacy: bool,
    pub(crate) limits: Limits,
    pub(crate) trusted_proxies: Vec<IpAddr>,
    pub(crate) sso_header: Option<HeaderName>,
    pub(crate) admin: Option<AdminTokens>,
    /// What `GET /v1/openapi.json` answers.
    pub(crate) document: Bytes,
}

/// The address that a connection came from.
#[derive(Clone, Copy, Debug)]
struct Peer(IpAddr);

/// The request was a HEAD. It would run the GET's work, which for a callback spends the sign-in, so it comes as a method
/// that no route has.
#[derive(Clone, Copy, Debug)]
struct WasHead;

/// The request came by a listener whose requests are not counted.
#[derive(Clone, Copy, Debug)]
struct Uncounted;

impl Broker {
    /// The registration at the provider of that name, if it is on, by its number.
    pub(crate) fn registration(&self, provider: &str) -> Result<usize, Refusal> {
        let mut registrations = self.registrations.iter();
        registrations.position(|registration| registration.name == provider).ok_or(Refusal::provider_off())
    }

    /// Whether the public origin is https, and cookies and transport rules can say so.
    pub(crate) fn is_secure(&self) -> bool {
        self.origin.starts_with("https://")
    }

    /// Whether the session stands in the store; notes a use.
    pub(crate) async fn session_stands(&self, session: &Session) -> Result<bool, StoreError> {
        let Some(rules) = self.sessions else { return Ok(true) };
        let now = self.clock.now();
        self.store.use_session(session.id, now, session.expires_at(rules, now)).await
    }

    /// Takes one request from the budget of `counted`.
    pub(crate) async fn count(&self, counted: Counted<'_>) -> Result<(), Refusal> {
        limits::take(&*self.store, &self.limits, &self.metrics, counted, self.clock.now()).await
    }
}

/// What a listener answers.
#[derive(Clone)]
pub(crate) struct Routes {
    router: Router,
    /// Whose refreshes are answered here.
    refreshing: Option<Arc<Broker>>,
}

impl Routes {
    /// The public listener's.
    pub(crate) fn public(broker: &Arc<Broker>) -> Self {
        Self { router: router(broker), refreshing: Some(Arc::clone(broker)) }
    }

    /// The administrator's.
    pub(crate) fn admin(broker: &Arc<Broker>) -> Self {
        // Whatever the public does, the administrator is not kept waiting: the door has a token of its own.
        Self { router: finished(admin::routes(), broker).layer(Extension(Uncounted)), refreshing: None }
    }

    /// The one of the metrics listener.
    pub(crate) fn metrics(broker: &Arc<Broker>) -> Self {
        let route = Router::new().route("/metrics", get(metrics));
        Self { router: finished(route, broker).layer(Extension(Uncounted)), refreshing: None }
    }

    /// The answer to `request`, which came from `peer`.
    pub(crate) async fn answer(&self, mut request: Request, peer: IpAddr) -> Response {
        // Nearly every request is a refresh: it goes by no router, which would box and copy it on each of its stations.
        if let Some(broker) = &self.refreshing
            && let Some(provider) = refreshed_provider(broker, &request)
        {
            let asked = Asked { method: "POST", route: REFRESH_ROUTE, peer, counted: true };
            let refresh = async |request| tokens::refresh_at(broker, provider, request).await.into_response();
            return around(broker, asked, request, refresh).await;
        }
        request.extensions_mut().insert(Peer(peer));
        if request.method() == Method::HEAD {
            request.extensions_mut().insert(WasHead);
            *request.method_mut() = Method::TRACE;
        }
        let mut response = self.router.clone().oneshot(request).await.unwrap_or_else(|never| match never {});
        // The router puts it on last, and counts HEAD to every GET.
        if let Some(allow) = response.headers_mut().get_mut(header::ALLOW) {
            let methods = allow.to_str().unwrap_or_default().split(',').filter(|method| *method != "HEAD");
            *allow = HeaderValue::try_from(methods.collect::<Vec<_>>().join(",")).expect("names of methods");
        }
        response
    }
}

/// The number of the provider that a refresh asks for, where its address is written plainly.
fn refreshed_provider(broker: &Broker, request: &Request) -> Option<usize> {
    let name = request.uri().path().strip_prefix(REFRESH_PREFIX)?.strip_prefix('/')?;
    if request.method() == Method::POST { broker.registration(name).ok() } else { None }
}

/// All public routes over `broker`.
fn router(broker: &Arc<Broker>) -> Router {
    let with_provider = |prefix: &str| format!("{prefix}/{{provider}}");
    let mut router = Router::new()
        .route(PROVIDERS_PATH, get(providers))
        .route(&with_provider(AUTHORIZE_PREFIX), get(authorize::authorize))
        .route(TOKEN_PATH, post(tokens::redeem))
        .route(&with_provider(REFRESH_PREFIX), post(tokens::refresh))
        .route(&with_provider(REVOKE_PREFIX), post(tokens::revoke))
        .route(OPENAPI_PATH, get(openapi::openapi))
        .route(HEALTH_PATH, get(health))
        .route(READY_PATH, get(ready));
    for (at, registration) in broker.registrations.iter().enumerate() {
        for path in registration.callback_paths(broker.legacy) {
            router = router.route(
                &path,
                get(async move |State(broker): State<Arc<Broker>>, request: Request| {
                    callback::callback(&broker, at, request.uri().query(), request.headers()).await
                }),
            );
        }
        if broker.legacy {
            router = legacy::add_routes(router, at, &registration.name);
        }
    }
    finished(router, broker)
}

/// The fallbacks, and what is around every request.
fn finished(router: Router<Arc<Broker>>, broker: &Arc<Broker>) -> Router {
    router
        .fallback(async |mut body: Body| form::unread(&mut body, Refusal::not_found()).await)
        .method_not_allowed_fallback(async |mut body: Body| {
            form::unread(&mut body, Refusal::method_not_allowed()).await
        })
        .layer(middleware::from_fn_with_state(Arc::clone(broker), around_routed))
        .with_state(Arc::clone(broker))
}

/// What the log and the counts say of a request.
struct Asked<'a> {
    method: &'static str,
    /// The template of its address; `-` where there is none.
    route: &'a str,
    peer: IpAddr,
    /// Whether it takes from its address's budget.
    counted: bool,
}

async fn around_routed(State(broker): State<Arc<Broker>>, request: Request, next: Next) -> Response {
    let extensions = request.extensions();
    let was_head = extensions.get::<WasHead>().is_some();
    let route = extensions.get::<MatchedPath>().cloned();
    // A probe must not find a busy broker dead.
    let free = matches!(request.uri().path(), HEALTH_PATH | READY_PATH) || extensions.get::<Uncounted>().is_some();
    let asked = Asked {
        method: if was_head { "HEAD" } else { method_name(request.method()) },
        route: route.as_ref().map_or("-", MatchedPath::as_str),
        peer: peer(&request),
        counted: !free,
    };
    around(&broker, asked, request, async |request| next.run(request).await).await
}

/// Around every request: the address's budget, the log line, and the headers that no answer may lack.
async fn around(
    broker: &Broker,
    asked: Asked<'_>,
    request: Request,
    answer: impl AsyncFnOnce(Request) -> Response,
) -> Response {
    let started = Instant::now();
    let address = client_address(broker, asked.peer, request.headers());
    let counted = if asked.counted { broker.count(Counted::Address(address)).await } else { Ok(()) };
    let mut response = match counted {
        Ok(()) if names_one_host(&request) => answer(request).await,
        Ok(()) => {
            let refusal = Refusal::invalid_request("The request must name its host exactly once.");
            ([(header::CONNECTION, "close")], refusal).into_response()
        }
        Err(refusal) => refusal.into_response(),
    };
    dress(response.headers_mut(), broker.is_secure());
    let Asked { method, route, .. } = asked;
    let status = response.status().as_u16();
    broker.metrics.request(method, route, status);
    let micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
    info!(target: "convoke_broker::request", method, route, status, micros);
    response
}

/// RFC 9112 §3.2: two readers of two hosts may each take another one, and of HTTP/1.1 one must be there.
fn names_one_host(request: &Request) -> bool {
    match request.headers().get_all(header::HOST).iter().count() {
        0 => request.version() == Version::HTTP_10,
        hosts => hosts == 1,
    }
}

/// The address that the request's connection came from.
fn peer(request: &Request) -> IpAddr {
    request.extensions().get::<Peer>().map_or(Ipv4Addr::LOCALHOST.into(), |peer| peer.0)
}

/// Who asks: the peer, or whom a listed proxy names last in `X-Forwarded-For`; from anybody else that header is nothing.
fn client_address(broker: &Broker, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    if !broker.trusted_proxies.contains(&peer) {
        return peer;
    }
    let lines = headers.get_all("x-forwarded-for").into_iter();
    for entry in lines.rev().flat_map(|line| line.to_str().unwrap_or("-").rsplit(',')) {
        match forwarded_address(entry.trim()) {
            Some(address) if broker.trusted_proxies.contains(&address) => {}
            Some(address) => return address,
            // What stands to the left of it is the caller's own word.
            None => return peer,
        }
    }
    peer
}

/// An entry of `X-Forwarded-For`; some proxies add the port.
fn forwarded_address(entry: &str) -> Option<IpAddr> {
    let bare = entry.trim_start_matches('[').trim_end_matches(']');
    let address = bare.parse().ok().or_else(|| entry.parse::<SocketAddr>().ok().map(|address| address.ip()));
    address.map(|address: IpAddr| address.to_canonical())
}

fn dress(headers: &mut HeaderMap, secure: bool) {
    let fixed = |name: HeaderName, value: &'static str| (name, HeaderValue::from_static(value));
    headers.reserve(8);
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

/// Which providers are on.
#[utoipa::path(get, path = "/v1/providers", operation_id = "providers",
    responses((status = 200, body = ProvidersAnswer, description = "The providers that are on")))]
async fn providers(State(broker): State<Arc<Broker>>) -> Json<ProvidersAnswer> {
    let entries = broker.registrations.iter().map(|registration| ProviderEntry {
        provider: registration.name.clone(),
        display_name: registration.display_name.clone(),
        scopes: registration.scopes.clone(),
        can_revoke: registration.revoke_url.is_some(),
    });
    Json(ProvidersAnswer { providers: entries.collect() })
}

/// The process answers.
#[utoipa::path(get, path = "/healthz", operation_id = "health",
    responses((status = 200, body = serde_json::Value, description = "It does")))]
async fn health() -> Json<serde_json::Value> {
    Json(json!({"status": "ok"}))
}

/// Ready means: configuration and keys were read, else there would be no process, and the store answers. It never means that a
/// provider is up.
#[utoipa::path(get, path = "/readyz", operation_id = "ready",
    responses(
        (status = 200, body = serde_json::Value, description = "Sign-ins can be served"),
        (status = 503, body = ErrorAnswer, description = "The store does not answer."),
    ))]
async fn ready(State(broker): State<Arc<Broker>>) -> Result<Json<serde_json::Value>, Refusal> {
    match broker.store.ready().await {
        Ok(()) => Ok(Json(json!({"status": "ready", "configuration": "ok", "keys": "ok", "store": "ok"}))),
        Err(_) => Err(Refusal::broker_unavailable()),
    }
}

async fn metrics(State(broker): State<Arc<Broker>>) -> String {
    let down = broker.registrations.iter();
    broker.metrics.text(down.map(|registration| (registration.name.as_str(), broker.calls.is_down(registration))))
}

/// Sends the browser on with a GET, whatever it came with (RFC 9700 §4.12).
fn see_other(address: &str) -> Response {
    match HeaderValue::try_from(address) {
        Ok(location) => (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response(),
        Err(_) => Refusal::broker_unavailable().into_response(),
    }
}
