//! The one page that the broker shows by itself: a sign-in that cannot go on. It is static and repeats nothing.

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

const STYLE: &str = "body{font:1rem/1.5 system-ui,sans-serif;max-width:32rem;margin:20vh auto;padding:0 1.5rem;\
                     color:#1a1a1a;background:#fff}h1{font-size:1.4rem}\
                     @media(prefers-color-scheme:dark){body{color:#eee;background:#161616}}";

static PAGE: LazyLock<String> = LazyLock::new(|| {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>Convoke: sign in again</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>This sign-in can not go on</h1>\n\
         <p>It was begun in another browser, was already used, or is older than ten minutes.</p>\n\
         <p>Close this page and choose <strong>Sign in</strong> in Convoke again.</p>\n</main>\n</body>\n</html>\n"
    )
});

static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let digest = STANDARD.encode(Sha256::digest(STYLE));
    HeaderValue::try_from(format!(
        "default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ))
    .expect("base64 and plain words make a header value")
});

/// The page for a return that does not belong to a sign-in of this browser: 400, and no address is followed.
pub(crate) fn dead_sign_in() -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (CONTENT_SECURITY_POLICY, POLICY.clone()),
    ];
    (StatusCode::BAD_REQUEST, headers, PAGE.as_str()).into_response()
}
