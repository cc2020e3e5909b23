//! The three posts that carry tokens: redeem a grant, refresh, revoke. Each makes at most one call to the provider.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, Request, State, rejection::PathRejection},
};
use convoke_broker_api::{TokenAnswer, TokenTypeHint};
use serde_json::json;

use super::{Broker, form};
use crate::{
    grammar,
    grant::{Grant, LIFETIME},
    parameters::Parameters,
    provider_calls,
    refusal::Refusal,
    store::ClaimKind,
    token_answer::TOKEN_LIMIT,
};

/// `POST /v1/token`. The order is the point: the first try spends the grant, and only then is the verifier looked at,
/// so that a thief of the grant has one guess and the provider sees the code at most once.
pub(super) async fn redeem(State(broker): State<Arc<Broker>>, request: Request) -> Result<Json<TokenAnswer>, Refusal> {
    let form = form::read(request).await?;
    let grant = required(&form, "grant")?;
    let verifier = required(&form, "code_verifier")?;
    if !grammar::is_verifier(verifier) {
        return Err(Refusal::invalid_request("code_verifier must be 43 to 128 unreserved characters."));
    }
    let grant = Grant::open(&broker.keys, &broker.origin, grant).ok_or(Refusal::grant())?;
    let now = broker.clock.now();
    if !grant.is_fresh(now) {
        return Err(Refusal::grant());
    }
    let claim = broker.store.claim((ClaimKind::Grant, grant.id), now, grant.issued_at + LIFETIME + 1);
    if !claim.await.map_err(|_| Refusal::broker_unavailable())? {
        return Err(Refusal::grant());
    }
    if !grant.is_met_by(verifier) {
        return Err(Refusal::grant());
    }
    let registration = broker.registration(grant.row.name)?;
    let tokens = provider_calls::exchange(&broker.upstream, registration, &broker.origin, &grant, now);
    tokens.await.map(Json)
}

/// `POST /v1/refresh/{provider}`.
pub(super) async fn refresh(
    State(broker): State<Arc<Broker>>,
    provider: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Json<TokenAnswer>, Refusal> {
    let Path(provider) = provider.map_err(|_| Refusal::not_found())?;
    let registration = broker.registration(&provider)?;
    let form = form::read(request).await?;
    let token = token_text(required(&form, "refresh_token")?)?;
    provider_calls::refresh(&broker.upstream, registration, token, broker.clock.now()).await.map(Json)
}

/// `POST /v1/revoke/{provider}`.
pub(super) async fn revoke(
    State(broker): State<Arc<Broker>>,
    provider: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Json<serde_json::Value>, Refusal> {
    let Path(provider) = provider.map_err(|_| Refusal::not_found())?;
    let registration = broker.registration(&provider)?;
    let form = form::read(request).await?;
    let token = token_text(required(&form, "token")?)?;
    let hint = match form.once("token_type_hint") {
        Ok(Some("refresh_token")) => Some(TokenTypeHint::RefreshToken),
        Ok(Some("access_token")) => Some(TokenTypeHint::AccessToken),
        // A hint that we do not know is no error (RFC 7009 §2.1).
        _ => None,
    };
    provider_calls::revoke(&broker.upstream, registration, token, hint, broker.clock.now()).await?;
    Ok(Json(json!({})))
}

fn required<'a>(form: &'a Parameters, name: &str) -> Result<&'a str, Refusal> {
    match form.once(name) {
        Ok(Some(value)) if !value.is_empty() => Ok(value),
        _ => Err(Refusal::invalid_request("A parameter that this address needs is missing.")),
    }
}

fn token_text(token: &str) -> Result<&str, Refusal> {
    if grammar::is_token_text(token, TOKEN_LIMIT) {
        Ok(token)
    } else {
        Err(Refusal::invalid_request("The token must be printable ASCII."))
    }
}
