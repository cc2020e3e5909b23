//! The pages that the broker shows by itself. What is not fixed in them is escaped; they load nothing, and their policy
//! allows their own style and script by digest and nothing else.

use std::sync::LazyLock;

use axum::{
    http::{
        HeaderValue, StatusCode,
        header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE},
    },
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

const STYLE: &str = include_str!("page/style.css");
/// Takes the code out of the address bar, and copies the token when its button is pressed.
const SCRIPT: &str = include_str!("page/copy.js");

static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| policy(""));
static POLICY_WITH_SCRIPT: LazyLock<HeaderValue> =
    LazyLock::new(|| policy(&format!("script-src 'sha256-{}'; ", digest(SCRIPT))));

fn policy(script: &str) -> HeaderValue {
    let policy = format!(
        "default-src 'none'; {script}style-src 'sha256-{}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        digest(STYLE)
    );
    HeaderValue::try_from(policy).expect("base64 and plain words make a header value")
}

fn digest(text: &str) -> String {
    STANDARD.encode(Sha256::digest(text))
}

/// The page for a return that does not belong to a sign-in of this browser: 400, and no address is followed.
pub(crate) fn dead_sign_in() -> Response {
    page(
        StatusCode::BAD_REQUEST,
        "This sign-in can not go on",
        "<p>It was begun in another browser, was already used, or is older than ten minutes.</p>\n\
         <p>Close this page and choose <strong>Sign in</strong> in Convoke again.</p>",
    )
}

/// Asks before the browser goes to the provider: whoever has one client id for everybody must ask for itself, or an
/// attacker begins and a victim ends (RFC 9700 §4.14 speaks of the like). `code` is the match code that the app shows too.
pub(crate) fn confirm(provider: &str, code: &str, address: &str) -> Response {
    let (provider, code, address) = (escaped(provider), escaped(code), escaped(address));
    let title = format!("Sign in to {provider}?");
    page(
        StatusCode::OK,
        &title,
        &format!(
            "<p>Convoke on this computer asks to sign in. It shows the same four characters:</p>\n\
             <p class=\"code\" aria-label=\"Match code\">{code}</p>\n\
             <p><a class=\"button\" id=\"continue\" href=\"{address}\" rel=\"noreferrer\">Continue to {provider}</a></p>\n\
             <p class=\"quiet\">If you did not just press Sign in, or Convoke shows other characters, close this page. \
             Never send the next page's address to anyone.</p>"
        ),
    )
}

/// The old broker's last page: the refresh token, for a person to copy into their client. It carries a secret, as its
/// clients need it; nothing else in this program does.
pub(crate) fn legacy_token(provider: &str, refresh_token: &str) -> Response {
    let provider = escaped(provider);
    let body = Zeroizing::new(format!(
        "<p>Copy this token and paste it into your client.</p>\n\
         <p class=\"token\"><span id=\"token\">{}</span></p>\n\
         <p><button class=\"button\" id=\"copy\" type=\"button\">Copy</button></p>\n\
         <p class=\"quiet\">Whoever has this token can hold meetings in your name. Close this page when you are done.</p>\n\
         <script>{SCRIPT}</script>",
        *Zeroizing::new(escaped(refresh_token))
    ));
    let mut response = page(StatusCode::OK, &format!("{provider} for HCL Notes Setup"), &body);
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, POLICY_WITH_SCRIPT.clone());
    response
}

/// The old broker's page after a sign-in that brought no token.
pub(crate) fn legacy_failed(provider: &str, status: StatusCode) -> Response {
    page(
        status,
        &format!("{} for HCL Notes Setup", escaped(provider)),
        "<p>The sign-in brought no token. Nothing was changed. Close this page and begin again in your client.</p>",
    )
}

/// A whole page; `title` and `body` are HTML.
fn page(status: StatusCode, title: &str, body: &str) -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (CONTENT_SECURITY_POLICY, POLICY.clone()),
    ];
    let html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{title}</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n{body}\n</main>\n</body>\n</html>\n"
    );
    (status, headers, html).into_response()
}

/// Text as it may stand in HTML, between tags or in a quoted attribute.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for one in text.chars() {
        match one {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            one => escaped.push(one),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_breaks_out_of_its_place() {
        assert_eq!(escaped(r#"<a href='x' title="y">&"#), "&lt;a href=&#39;x&#39; title=&quot;y&quot;&gt;&amp;");
    }

    #[test]
    fn no_style_or_script_ends_its_own_element() {
        assert!(!STYLE.contains("</") && !SCRIPT.contains("</"));
    }
}
