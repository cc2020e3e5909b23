//! A posted form: the right type, at most 16 KiB, in time, each parameter once, and nothing beside it in the address.

use std::{pin::Pin, time::Duration};

use axum::{
    body::{Body, HttpBody},
    extract::Request,
    http::{HeaderMap, header},
};
use tokio::time::timeout;
use zeroize::Zeroizing;

use crate::{parameters::Parameters, refusal::Refusal};

/// Room for the longest token that is accepted from a provider, percent-encoded.
const LIMIT: usize = 64 * 1024;
const DEADLINE: Duration = Duration::from_secs(10);

/// Reads the form of `request`.
pub(super) async fn read(request: Request) -> Result<Parameters, Refusal> {
    if request.uri().query().is_some() {
        // A token in an address would end in somebody's log.
        return Err(Refusal::invalid_request("Parameters belong into the form, not into the address."));
    }
    if !is_form(request.headers()) {
        return Err(Refusal::unsupported_media_type());
    }
    let body = timeout(DEADLINE, collect(request.into_body())).await.map_err(|_| Refusal::request_timeout())??;
    Parameters::parse_strict(&body).map_err(|_| Refusal::invalid_request("A parameter comes more than once."))
}

fn is_form(headers: &HeaderMap) -> bool {
    let text = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = text.and_then(|text| text.split(';').next()).unwrap_or_default();
    media_type.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

async fn collect(mut body: Body) -> Result<Zeroizing<Vec<u8>>, Refusal> {
    if body.size_hint().lower() > LIMIT as u64 {
        return Err(Refusal::body_too_large());
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(4096));
    while let Some(frame) = std::future::poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let frame = frame.map_err(|_| Refusal::invalid_request("The form was cut short."))?;
        let Ok(data) = frame.into_data() else { continue };
        if bytes.len() + data.len() > LIMIT {
            return Err(Refusal::body_too_large());
        }
        bytes.extend_from_slice(&data);
    }
    Ok(bytes)
}
