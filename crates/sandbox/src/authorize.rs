//! The authorize endpoint (RFC 6749 §4.1.1) as every provider has it: check the request, ask the person, answer with
//! a redirect.
//!
//! A request whose client or redirect URI is not registered ends on a page: it is never sent anywhere.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use chrono::TimeDelta;

use crate::call::{Call, Params};
use crate::oauth::{CLIENT_ID, Challenge, Grant, TokenBook, redirect_registered};
use crate::page;
use crate::person::Person;
use crate::random::Random;
use crate::world::{AutoSignIn, Shared, World};

/// Why an authorize request is sent back: the code of RFC 6749 §4.1.2.1 and the vendor's words.
pub(crate) struct Refusal {
    /// The value of `error`.
    pub(crate) error: &'static str,
    /// The value of `error_description`.
    pub(crate) description: String,
}

/// How an authorize endpoint knows where its answer goes.
pub(crate) enum Callback {
    /// The request says where, and that is the broker's callback, the old broker's, or a further one.
    Asked {
        /// The old broker's callback path, without its slash.
        legacy_path: &'static str,
        /// The vendor's words for a redirect URI that is not registered.
        unknown: &'static str,
    },
    /// The client's registration says where, and a request cannot; `Err` is what a person reads where it does not.
    Registered(fn(&Shared) -> Result<String, &'static str>),
}

/// What distinguishes one provider's authorize endpoint from another's.
pub(crate) struct Desk {
    /// The provider as the callback's path names it.
    pub(crate) provider: &'static str,
    /// The provider as a person knows it.
    pub(crate) title: &'static str,
    /// Where the answer goes.
    pub(crate) callback: Callback,
    /// The only parameters that the vendor has, where a request with another one is refused.
    pub(crate) parameters: Option<&'static [&'static str]>,
    /// How long a code lives.
    pub(crate) code_life: TimeDelta,
    /// The vendor's words for a client that is not registered.
    pub(crate) unknown_client: &'static str,
    /// The provider's codes and tokens.
    pub(crate) book: fn(&mut World) -> &mut TokenBook,
    /// Draws a code.
    pub(crate) code: fn(&mut Random) -> String,
    /// The scopes that a request asks for.
    pub(crate) scopes: fn(&Params) -> Result<Vec<String>, Refusal>,
    /// A scope in plain words; `None` for one that needs none of its own.
    pub(crate) words: fn(&str) -> Option<&'static str>,
    /// Parameters that the vendor adds to a successful redirect.
    pub(crate) extra: fn(&mut Random) -> Vec<(&'static str, String)>,
}

/// A request that passed every check.
struct Asked {
    redirect_uri: String,
    state: Option<String>,
    scopes: Vec<String>,
    challenge: Option<Challenge>,
    claims: Option<String>,
}

/// How a request fails.
enum Failed {
    /// On a page, because there is no address to trust.
    Page(String),
    /// Back to the client.
    Back { redirect_uri: String, state: Option<String>, refusal: Refusal },
}

/// `GET`: shows the sign-in page, or decides at once with `--auto-approve`.
pub(crate) fn show(shared: &Shared, call: &Call, desk: &Desk) -> Response {
    let asked = match check(shared, &call.query, &[], desk) {
        Ok(asked) => asked,
        Err(failed) => return failed.answer(desk),
    };
    if !shared.setting.options.auto_approve {
        return page::sign_in(desk, &call.query, &asked.scopes, None);
    }
    let mut auto = shared.world().auto.clone();
    // A hint names the account to use; nobody is there to choose another.
    if let Some(person) = call.query.get("login_hint").and_then(Person::from_address) {
        auto.person = person;
    }
    decide(shared, asked, auto, desk, StatusCode::FOUND)
}

/// `POST`: the sign-in page's form.
pub(crate) fn decided(shared: &Shared, call: &Call, desk: &Desk) -> Response {
    let Some(form) = call.form() else {
        return StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response();
    };
    let asked = match check(shared, &form, &page::CHOICE, desk) {
        Ok(asked) => asked,
        Err(failed) => return failed.answer(desk),
    };
    let allow = match form.get("decision") {
        Some("allow") => true,
        Some("deny") => false,
        _ => return page::sign_in(desk, &form, &asked.scopes, Some("Choose Allow or Deny.")),
    };
    // An address that was typed is meant, whichever card is still marked.
    let marked = form.get("who").filter(|who| *who != "other");
    let address = form.get("address").or(marked).unwrap_or_default();
    match Person::from_address(address) {
        Some(person) => decide(shared, asked, AutoSignIn { person, allow }, desk, StatusCode::SEE_OTHER),
        None if allow => {
            page::sign_in(desk, &form, &asked.scopes, Some("Enter a mail address, such as ana@example.com."))
        }
        None => denied(asked, StatusCode::SEE_OTHER),
    }
}

/// Checks the request that is in `params`, beside those fields that are `own` to the page.
fn check(shared: &Shared, params: &Params, own: &[&str], desk: &Desk) -> Result<Asked, Failed> {
    if let Err(repeated) = params.each_once() {
        return Err(Failed::Page(format!("The parameter {} is given more than once.", repeated.0)));
    }
    if params.get("client_id") != Some(CLIENT_ID) {
        return Err(Failed::Page(desk.unknown_client.to_owned()));
    }
    let extra = &shared.setting.options.redirect_uris;
    let redirect_uri = match desk.callback {
        Callback::Asked { legacy_path, unknown } => params
            .get("redirect_uri")
            .filter(|uri| redirect_registered(uri, desk.provider, legacy_path, extra))
            .map(str::to_owned)
            .ok_or(unknown),
        Callback::Registered(registered) => registered(shared),
    };
    let redirect_uri = redirect_uri.map_err(|words| Failed::Page(words.to_owned()))?;
    let state = params.get("state").map(str::to_owned);
    let checked = check_rest(params, own, desk);
    match checked {
        Ok((scopes, challenge)) => {
            let claims = params.get("claims").map(str::to_owned);
            Ok(Asked { redirect_uri, state, scopes, challenge, claims })
        }
        Err(refusal) => Err(Failed::Back { redirect_uri, state, refusal }),
    }
}

fn check_rest(params: &Params, own: &[&str], desk: &Desk) -> Result<(Vec<String>, Option<Challenge>), Refusal> {
    if let Some(unknown) = desk.parameters.and_then(|known| params.beside(&[known, own])) {
        let description = format!("{} has no parameter {unknown}", desk.title);
        return Err(Refusal { error: "invalid_request", description });
    }
    match params.get("response_type") {
        Some("code") => {}
        None => {
            return Err(Refusal { error: "invalid_request", description: "response_type is missing".to_owned() });
        }
        Some(_) => {
            let description = "response_type must be code".to_owned();
            return Err(Refusal { error: "unsupported_response_type", description });
        }
    }
    if !matches!(params.get("response_mode"), None | Some("query")) {
        return Err(Refusal { error: "invalid_request", description: "response_mode must be query".to_owned() });
    }
    let challenge =
        Challenge::read(params).map_err(|what| Refusal { error: "invalid_request", description: what.to_owned() })?;
    Ok(((desk.scopes)(params)?, challenge))
}

fn decide(shared: &Shared, asked: Asked, by: AutoSignIn, desk: &Desk, status: StatusCode) -> Response {
    if !by.allow {
        return denied(asked, status);
    }
    let mut guard = shared.world();
    let world = &mut *guard;
    let code = (desk.code)(&mut world.random);
    let mut answer = vec![("code", code.clone())];
    answer.extend(asked.state.map(|state| ("state", state)));
    answer.extend((desk.extra)(&mut world.random));
    let grant = Grant {
        person: by.person,
        scopes: asked.scopes,
        redirect_uri: matches!(desk.callback, Callback::Asked { .. }).then(|| asked.redirect_uri.clone()),
        challenge: asked.challenge,
        claims: asked.claims,
        expires: world.now() + desk.code_life,
        redeemed: false,
    };
    (desk.book)(world).add_code(code, grant);
    redirect(status, &asked.redirect_uri, &answer)
}

fn denied(asked: Asked, status: StatusCode) -> Response {
    let mut answer = vec![("error", "access_denied".to_owned())];
    answer.push(("error_description", "The person did not allow the access.".to_owned()));
    answer.extend(asked.state.map(|state| ("state", state)));
    redirect(status, &asked.redirect_uri, &answer)
}

impl Failed {
    fn answer(self, desk: &Desk) -> Response {
        match self {
            Self::Page(text) => page::refused(desk.title, &text),
            Self::Back { redirect_uri, state, refusal } => {
                let mut answer = vec![("error", refusal.error.to_owned())];
                answer.push(("error_description", refusal.description));
                answer.extend(state.map(|state| ("state", state)));
                redirect(StatusCode::FOUND, &redirect_uri, &answer)
            }
        }
    }
}

fn redirect(status: StatusCode, uri: &str, parameters: &[(&'static str, String)]) -> Response {
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
    let separator = if uri.contains('?') { '&' } else { '?' };
    let Ok(location) = HeaderValue::from_str(&format!("{uri}{separator}{query}")) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let mut answer = status.into_response();
    answer.headers_mut().insert(header::LOCATION, location);
    answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    answer
}
