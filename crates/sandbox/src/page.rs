//! The sandbox's pages: sign in, refused, and a room's door. They work without a script and reach for nothing.

use std::fmt::Write as _;

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use crate::authorize::Desk;
use crate::call::Params;
use crate::person::{OFFERED, Person};

/// The one style of all pages; the content security policy names its hash.
const STYLE: &str = include_str!("page.css");

/// The fields of the sign-in page's form that are no part of the request.
pub(crate) const CHOICE: [&str; 3] = ["who", "address", "decision"];

/// The sign-in page: who are you, what is asked, Allow or Deny. `params` come back with the form. Allow stands first,
/// because Enter in the address presses the first button.
pub(crate) fn sign_in(desk: &Desk, params: &Params, scopes: &[String], problem: Option<&str>) -> Response {
    let title = escape(desk.title);
    let mut hidden = String::new();
    for (name, value) in params.pairs().filter(|(name, _)| !CHOICE.contains(name)) {
        let _ = write!(hidden, "<input type=\"hidden\" name=\"{}\" value=\"{}\">", escape(name), escape(value));
    }
    let status = if problem.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let problem = problem.map(|text| format!("<p class=\"problem\" role=\"alert\">{}</p>", escape(text)));
    let hint = params.get("login_hint").and_then(Person::from_address);
    let body = format!(
        "<main><header><span class=\"mark\" aria-hidden=\"true\">{initial}</span>\
         <div><h1>Sign in to {title}</h1><p class=\"quiet\">For practice: no account, no password.</p></div>\
         </header>{problem}<form method=\"post\" autocomplete=\"off\">{hidden}\
         <fieldset><legend>Who are you?</legend>{people}</fieldset>\
         <section><h2>Convoke asks to</h2><ul>{asks}</ul></section>\
         <div class=\"buttons\"><button id=\"allow\" class=\"primary\" name=\"decision\" value=\"allow\">Allow</button>\
         <button id=\"deny\" name=\"decision\" value=\"deny\">Deny</button></div></form>\
         <footer>Part of the Convoke sandbox on this computer. It is not {title}.</footer></main>",
        initial = title.chars().next().unwrap_or('?'),
        problem = problem.unwrap_or_default(),
        people = people(params, hint.as_ref()),
        asks = asks(desk, scopes),
    );
    page(status, &format!("Sign in to {title}"), &body)
}

fn people(params: &Params, hint: Option<&Person>) -> String {
    let mut people: Vec<Person> = OFFERED.iter().map(|email| Person { email: (*email).to_owned() }).collect();
    people.extend(hint.filter(|hint| OFFERED.iter().all(|email| *email != hint.email)).cloned());
    let chosen = params.get("who").or(hint.map(|hint| hint.email.as_str())).unwrap_or(OFFERED[0]).to_owned();
    let mut text = String::new();
    for person in people {
        let checked = if chosen == person.email { " checked" } else { "" };
        let _ = write!(
            text,
            "<label class=\"person\"><input type=\"radio\" name=\"who\" value=\"{email}\"{checked}>\
             <span class=\"face\" aria-hidden=\"true\">{initial}</span>\
             <span><b>{name}</b><small>{email}</small></span></label>",
            email = escape(&person.email),
            initial = escape(&person.display_name().chars().take(1).collect::<String>()),
            name = escape(&person.display_name()),
        );
    }
    let checked = if chosen == "other" { " checked" } else { "" };
    let _ = write!(
        text,
        "<div class=\"person\"><label><input type=\"radio\" name=\"who\" value=\"other\"{checked}>\
         <span class=\"face\" aria-hidden=\"true\">+</span><b>Someone else</b></label>\
         <input type=\"text\" inputmode=\"email\" name=\"address\" aria-label=\"Mail address of someone else\" \
         placeholder=\"name@example.com\" maxlength=\"100\" value=\"{}\"></div>",
        escape(params.get("address").unwrap_or_default()),
    );
    text
}

fn asks(desk: &Desk, scopes: &[String]) -> String {
    let mut text = String::new();
    for scope in scopes {
        if let Some(words) = (desk.words)(scope) {
            let _ = write!(text, "<li>{}<code>{}</code></li>", escape(words), escape(scope));
        }
    }
    text
}

/// A request that is answered here and sent nowhere.
pub(crate) fn refused(title: &str, text: &str) -> Response {
    let body = format!(
        "<main><header><span class=\"mark stop\" aria-hidden=\"true\">!</span><div><h1>{title} cannot sign you in</h1>\
         <p class=\"quiet\">The program that sent you here asked in a way that is not registered.</p></div></header>\
         <p class=\"problem\" id=\"problem\">{}</p>\
         <footer>Nothing was allowed, and nothing was sent. You can close this page.</footer></main>",
        escape(text),
        title = escape(title),
    );
    page(StatusCode::BAD_REQUEST, "Sign-in refused", &body)
}

/// A page with one heading and one sentence.
pub(crate) fn notice(status: StatusCode, heading: &str, text: &str) -> Response {
    let body = format!("<main><h1>{}</h1><p>{}</p></main>", escape(heading), escape(text));
    page(status, heading, &body)
}

fn page(status: StatusCode, title: &str, body: &str) -> Response {
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>{}</title><style>{STYLE}</style></head>\
         <body>{body}</body></html>",
        escape(title)
    );
    // No form-action: it would also forbid the redirects that follow the form, back to the broker and the app.
    let hash = STANDARD.encode(Sha256::digest(STYLE));
    let policy = format!("default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; frame-ancestors 'none'");
    let mut headers = HeaderMap::new();
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    (status, headers, Html(html)).into_response()
}

/// Text as it may stand in HTML, inside and outside of quotes.
fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_escapes_into_markup() {
        assert_eq!(escape("\"><script>'&"), "&quot;&gt;&lt;script&gt;&#39;&amp;");
    }
}
