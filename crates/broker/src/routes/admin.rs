//! The administrator's listener: who is signed in, and the end of a session, a person or all. Each act is an audit line.
//!
//! A caller shows the administrator's token, or a service's, which may mint sessions and nothing else.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Query, Request, State, rejection::QueryRejection},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::{Deserialize, Serialize};
use tracing::info;

use super::{Broker, form};
use crate::{
    configuration::Caller,
    metrics::Event,
    parameters::Parameters,
    refusal::Refusal,
    session::{self, Session},
    store::{SessionId, SessionRecord, Target},
};

const SESSIONS: &str = "/v1/admin/sessions";
const REVOKE: &str = "/v1/admin/revoke";
/// Sessions on one page of the list, at most.
const PAGE: usize = 1_000;
const LONGEST_REASON: usize = 200;

/// The routes of the administrator.
pub(super) fn routes() -> Router<Arc<Broker>> {
    Router::new().route(SESSIONS, get(list).post(mint)).route(REVOKE, post(revoke))
}

/// The name in the audit line.
fn name(caller: &Caller) -> &str {
    match caller {
        Caller::Admin => "admin",
        Caller::Service(name) => name,
    }
}

/// One session, as an administrator sees it. Instants are seconds since 1970.
#[derive(Serialize)]
struct SessionView {
    id: String,
    subject: String,
    first_use: i64,
    last_use: i64,
    expires_at: i64,
    revoked_since: Option<i64>,
}

impl From<SessionRecord> for SessionView {
    fn from(record: SessionRecord) -> Self {
        Self {
            id: record.id.to_string(),
            subject: record.subject,
            first_use: record.first_use,
            last_use: record.last_use,
            expires_at: record.expires_at,
            revoked_since: record.revoked_since,
        }
    }
}

#[derive(Serialize)]
struct ListAnswer {
    sessions: Vec<SessionView>,
    /// The id to go on after, where there are more.
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListQuery {
    subject: Option<String>,
    after: Option<String>,
}

/// `GET /v1/admin/sessions?subject&after`: the sessions that are not over, a thousand at a time.
async fn list(
    State(broker): State<Arc<Broker>>,
    query: Result<Query<ListQuery>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Json<ListAnswer>, Refusal> {
    let caller = admin(&broker, &headers)?;
    let off = || Refusal::invalid_request("The list takes subject and after, each once.");
    let Query(query) = query.map_err(|_| off())?;
    let after = query.after.as_deref().map(|text| SessionId::parse(text).ok_or_else(off)).transpose()?;
    let whom = query.subject.as_deref().map_or_else(|| "all".to_owned(), |subject| format!("subject {subject}"));
    info!(target: "convoke_broker::audit", event = "admin_list", actor = name(&caller), whom);
    let found = broker.store.sessions(query.subject, broker.clock.now()).await;
    let mut records = found.map_err(|_| Refusal::broker_unavailable())?;
    records.retain(|record| after.is_none_or(|after| record.id > after));
    let more = records.len() > PAGE;
    records.truncate(PAGE);
    let after = records.last().filter(|_| more).map(|record| record.id.to_string());
    Ok(Json(ListAnswer { sessions: records.into_iter().map(SessionView::from).collect(), after }))
}

#[derive(Serialize)]
struct RevokeAnswer {
    revoked: u64,
}

/// `POST /v1/admin/revoke`, form or JSON object with `session`, `subject` or `all=1`, and `reason`: from the next request on, at every
/// instance, the sessions are refused.
async fn revoke(State(broker): State<Arc<Broker>>, request: Request) -> Result<Json<RevokeAnswer>, Refusal> {
    let caller = admin(&broker, request.headers())?;
    let (head, body) = request.into_parts();
    let form = form::read_form_or_json(&head, body).await?;
    let reason = reason(&form)?;
    let get = |name| form.once(name).ok().flatten().filter(|value| !value.is_empty());
    let target = match (get("session"), get("subject"), get("all")) {
        (Some(id), None, None) => {
            Target::Session(SessionId::parse(id).ok_or(Refusal::invalid_request("session must be 32 hex digits."))?)
        }
        (None, Some(subject), None) => Target::Subject(subject.to_owned()),
        (None, None, Some("1")) => Target::All,
        _ => return Err(Refusal::invalid_request("Name exactly one of session, subject and all=1.")),
    };
    let whom = match &target {
        Target::Session(id) => format!("session {id}"),
        Target::Subject(subject) => format!("subject {subject}"),
        Target::All => "all".to_owned(),
    };
    let revoked = broker.store.revoke(target, broker.clock.now()).await;
    let outcome = if revoked.is_ok() { "done" } else { "failed" };
    let count = revoked.as_ref().copied().unwrap_or(0);
    info!(
        target: "convoke_broker::audit",
        event = "admin_revoke", actor = name(&caller), whom, reason, count, outcome
    );
    let revoked = revoked.map_err(|_| Refusal::broker_unavailable())?;
    broker.metrics.event(Event::SessionRevoked, revoked);
    Ok(Json(RevokeAnswer { revoked }))
}

#[derive(Serialize)]
struct MintAnswer {
    session: SessionView,
    session_token: convoke_broker_api::WireSecret,
    session_expires_in: u64,
}

/// `POST /v1/admin/sessions`, form or JSON object with `subject` and, where there is one, `reason`: a session in somebody's name,
/// for a trusted caller that has found out who they are (the bridge of a single sign-on).
async fn mint(State(broker): State<Arc<Broker>>, request: Request) -> Result<Response, Refusal> {
    let caller = caller(&broker, request.headers())?;
    let rules = broker.sessions.ok_or(Refusal::not_found())?;
    let (head, body) = request.into_parts();
    let form = form::read_form_or_json(&head, body).await?;
    let reason = if form.once("reason").is_ok_and(|reason| reason.is_none()) { "-" } else { reason(&form)? };
    let subject = form.once("subject").ok().flatten().filter(|subject| session::is_subject(subject));
    let subject = subject.ok_or(Refusal::invalid_request("subject must be one line of 1 to 216 bytes."))?;
    let now = broker.clock.now();
    let session = Session::new(subject.to_owned(), now);
    let record = session.record(rules);
    broker.store.open_session(record.clone()).await.map_err(|_| Refusal::broker_unavailable())?;
    broker.metrics.event(Event::SessionOpened, 1);
    info!(
        target: "convoke_broker::audit",
        event = "admin_mint", actor = name(&caller), session = %session.id, subject = session.subject, reason
    );
    let answer = MintAnswer {
        session_token: session.token(&broker.keys, &broker.origin, now),
        session_expires_in: (record.expires_at - now).unsigned_abs(),
        session: record.into(),
    };
    Ok((StatusCode::CREATED, Json(answer)).into_response())
}

fn reason(form: &Parameters) -> Result<&str, Refusal> {
    let reason = form.once("reason").ok().flatten().map(str::trim).unwrap_or_default();
    if (1..=LONGEST_REASON).contains(&reason.len()) && !reason.chars().any(char::is_control) {
        Ok(reason)
    } else {
        Err(Refusal::invalid_request("reason must be one line of 1 to 200 bytes."))
    }
}

/// The administrator; a service is told that it may not.
fn admin(broker: &Broker, headers: &HeaderMap) -> Result<Caller, Refusal> {
    match caller(broker, headers)? {
        Caller::Admin => Ok(Caller::Admin),
        Caller::Service(name) => {
            info!(target: "convoke_broker::audit", event = "admin_forbidden", actor = name);
            Err(Refusal::forbidden())
        }
    }
}

/// Whose token the request brings.
fn caller(broker: &Broker, headers: &HeaderMap) -> Result<Caller, Refusal> {
    let tokens = broker.admin.as_ref().ok_or(Refusal::not_found())?;
    let found = tokens.caller(session::bearer(headers).unwrap_or_default());
    if found.is_none() {
        info!(target: "convoke_broker::audit", event = "admin_refused");
    }
    found.ok_or(Refusal::session())
}
