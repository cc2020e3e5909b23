//! A posted form: the right type, at most 64 KiB, in time, each parameter once, and nothing beside it in the address.

use std::{future::poll_fn, pin::Pin, time::Duration};

use axum::{
    body::{Body, Bytes, HttpBody},
    http::{HeaderMap, header, request::Parts},
};
use tokio::time::timeout;

use crate::{parameters::Parameters, refusal::Refusal, strict_json};

/// Room for the longest token that is accepted from a provider, percent-encoded.
const LIMIT: usize = 64 * 1024;
const DEADLINE: Duration = Duration::from_secs(10);
/// So much of an unwanted body is read and dropped.
const DISCARD_LIMIT: usize = 16 << 20;
const DISCARD_DEADLINE: Duration = Duration::from_secs(5);

/// Reads the form that follows `head`.
pub(super) async fn read(head: &Parts, mut body: Body) -> Result<Parameters, Refusal> {
    if !is_of(&head.headers, "application/x-www-form-urlencoded") {
        return Err(unread(&mut body, Refusal::unsupported_media_type()).await);
    }
    let body = whole(head, body).await?;
    Parameters::parse_strict(&body).map_err(|_| Refusal::invalid_request("A parameter comes more than once."))
}

/// The same, or a flat JSON object: what an administrator's script has at hand.
pub(super) async fn read_form_or_json(head: &Parts, body: Body) -> Result<Parameters, Refusal> {
    if !is_of(&head.headers, "application/json") {
        return read(head, body).await;
    }
    let object = strict_json::object(&whole(head, body).await?);
    let parameters = object.and_then(Parameters::of_object);
    parameters.ok_or(Refusal::invalid_request("The body must be one flat JSON object of texts."))
}

/// The refusal, after the body that nobody wants was read and dropped: a peer that still sends would see its connection break
/// and not the answer.
pub(super) async fn unread(body: &mut Body, refusal: Refusal) -> Refusal {
    let read = async {
        let mut length = 0;
        while let Some(Ok(frame)) = poll_fn(|context| Pin::new(&mut *body).poll_frame(context)).await {
            length += frame.data_ref().map_or(0, Bytes::len);
            if length > DISCARD_LIMIT {
                break;
            }
        }
    };
    let _ = timeout(DISCARD_DEADLINE, read).await;
    refusal
}

async fn whole(head: &Parts, body: Body) -> Result<Vec<u8>, Refusal> {
    if head.uri.query().is_some() {
        // A token in an address would end in somebody's log.
        return Err(Refusal::invalid_request("Parameters belong into the form, not into the address."));
    }
    timeout(DEADLINE, collect(body)).await.map_err(|_| Refusal::request_timeout())?
}

fn is_of(headers: &HeaderMap, media_type: &str) -> bool {
    let mut values = headers.get_all(header::CONTENT_TYPE).into_iter();
    let text = values.next().filter(|_| values.next().is_none()).and_then(|value| value.to_str().ok());
    let found = text.and_then(|text| text.split(';').next()).unwrap_or_default();
    found.trim().eq_ignore_ascii_case(media_type)
}

async fn collect(mut body: Body) -> Result<Vec<u8>, Refusal> {
    if body.size_hint().lower() > LIMIT as u64 {
        return Err(unread(&mut body, Refusal::body_too_large()).await);
    }
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(LIMIT).min(LIMIT);
    let mut bytes = Vec::with_capacity(announced);
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let frame = frame.map_err(|_| Refusal::invalid_request("The form was cut short."))?;
        let Ok(data) = frame.into_data() else { continue };
        if bytes.len() + data.len() > LIMIT {
            return Err(unread(&mut body, Refusal::body_too_large()).await);
        }
        bytes.extend_from_slice(&data);
    }
    Ok(bytes)
}
