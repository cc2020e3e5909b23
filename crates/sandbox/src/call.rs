//! One request as a provider's handler sees it, and the table that routes it there.
//!
//! Handlers are plain functions from a [`Call`] to an answer; the one asynchronous step, reading the body, is here.

use std::collections::{BTreeSet, HashMap};

use axum::body::Bytes;
use axum::extract::{FromRequest, RawPathParams, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodFilter, on};
use axum::{RequestExt as _, Router};
use serde_json::Value;

use crate::world::Shared;

/// The most that a request's body may hold; no provider's request comes near it.
const BODY_LIMIT: usize = 1024 * 1024;

/// Names and values of a query or a form, in the order sent.
#[derive(Default, Clone)]
pub(crate) struct Params(Vec<(String, String)>);

/// A parameter that occurs more than once (RFC 6749 §3.1 forbids it).
pub(crate) struct Repeated(pub(crate) String);

impl Params {
    /// Reads `application/x-www-form-urlencoded` text.
    pub(crate) fn parse(text: &[u8]) -> Self {
        Self(url::form_urlencoded::parse(text).into_owned().collect())
    }

    /// The first value of `name`; an empty one counts as left out (RFC 6749 §3.1).
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// Refuses a query or form that says something twice.
    pub(crate) fn each_once(&self) -> Result<(), Repeated> {
        let mut seen = BTreeSet::new();
        for (name, _) in &self.0 {
            if !seen.insert(name) {
                return Err(Repeated(name.clone()));
            }
        }
        Ok(())
    }

    /// The first name that is in none of the lists in `known`.
    pub(crate) fn beside(&self, known: &[&[&str]]) -> Option<&str> {
        self.0.iter().map(|(name, _)| name.as_str()).find(|name| known.iter().all(|names| !names.contains(name)))
    }

    /// All pairs in the order sent.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// A request with its body read.
pub(crate) struct Call {
    /// The query's parameters.
    pub(crate) query: Params,
    /// The parts of the path that the template names.
    path: HashMap<String, String>,
    /// All headers.
    pub(crate) headers: HeaderMap,
    /// The whole body.
    pub(crate) body: Bytes,
}

/// Why a body is no JSON object.
pub(crate) enum BodyFault {
    /// The content type is not `application/json`.
    ContentType,
    /// The text is no JSON, or no object.
    NoObject,
}

impl Call {
    /// A part of the path by its name in the template.
    pub(crate) fn path(&self, name: &str) -> &str {
        self.path.get(name).map_or("", String::as_str)
    }

    /// A header as text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The token of `Authorization: Bearer …` (RFC 6750 §2.1); the scheme's case does not matter.
    pub(crate) fn bearer(&self) -> Option<&str> {
        let (scheme, token) = self.header(header::AUTHORIZATION.as_str())?.split_once(' ')?;
        (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
    }

    /// The form in the body; `None` where the content type says otherwise.
    pub(crate) fn form(&self) -> Option<Params> {
        self.has_content_type("application/x-www-form-urlencoded").then(|| Params::parse(&self.body))
    }

    /// The JSON object in the body.
    pub(crate) fn object(&self) -> Result<serde_json::Map<String, Value>, BodyFault> {
        if !self.has_content_type("application/json") {
            return Err(BodyFault::ContentType);
        }
        match serde_json::from_slice(&self.body) {
            Ok(Value::Object(object)) => Ok(object),
            _ => Err(BodyFault::NoObject),
        }
    }

    /// One of the request's cookies.
    pub(crate) fn cookie(&self, name: &str) -> Option<&str> {
        self.headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value)
    }

    fn has_content_type(&self, wanted: &str) -> bool {
        self.header(header::CONTENT_TYPE.as_str())
            .and_then(|text| text.split(';').next())
            .is_some_and(|kind| kind.trim().eq_ignore_ascii_case(wanted))
    }
}

impl<S: Send + Sync> FromRequest<S> for Call {
    type Rejection = Response;

    async fn from_request(mut request: Request, _state: &S) -> Result<Self, Response> {
        let path = request
            .extract_parts::<RawPathParams>()
            .await
            .map(|params| params.iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect())
            .map_err(axum::response::IntoResponse::into_response)?;
        let (parts, body) = request.into_parts();
        let body =
            axum::body::to_bytes(body, BODY_LIMIT).await.map_err(|_| StatusCode::PAYLOAD_TOO_LARGE.into_response())?;
        let query = Params::parse(parts.uri.query().unwrap_or_default().as_bytes());
        Ok(Self { query, path, headers: parts.headers, body })
    }
}

/// What a handler is: a function from the sandbox and a request to an answer.
pub(crate) type Answer = fn(&Shared, &Call) -> Response;

/// The routes gathered so far, and their names as `METHOD /path/{template}`.
#[derive(Default)]
pub(crate) struct Mount {
    router: Router<Shared>,
    names: BTreeSet<String>,
}

impl Mount {
    /// Adds a route.
    pub(crate) fn on(self, method: &Method, path: &'static str, answer: Answer) -> Self {
        let filter = MethodFilter::try_from(method.clone()).unwrap_or(MethodFilter::GET);
        let handler = move |State(shared): State<Shared>, call: Call| async move { answer(&shared, &call) };
        let mut names = self.names;
        names.insert(format!("{method} {path}"));
        Self { router: self.router.route(path, on(filter, handler)), names }
    }

    /// The router and the names of its routes.
    pub(crate) fn finish(self) -> (Router<Shared>, BTreeSet<String>) {
        (self.router, self.names)
    }
}
