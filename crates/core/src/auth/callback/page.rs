//! The two static pages a person sees in the browser at the end, and the answers around them.
//! No script, nothing from elsewhere, no echo of what the address said (R25).

use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

const STYLE: &str = "html{color-scheme:light dark;font:14px/1.45 system-ui,\"Segoe UI\",Cantarell,\"Noto Sans\",sans-serif;background:#f6f7f9;color:#1f2328}main{max-width:32rem;margin:20vh auto 0;padding:0 24px}h1{font-size:20px;line-height:1.25;font-weight:600;margin:0 0 8px}p{margin:0;color:#57606a}@media(prefers-color-scheme:dark){html{background:#141518;color:#e6e7ea}p{color:#a3a8b0}}";

/// What one page says.
pub struct Words {
    title: &'static str,
    text: &'static str,
}

/// After a sign-in that was kept.
pub const DONE: Words = Words {
    title: "You are signed in",
    text: "Convoke has what it needs. You can close this tab and go back to Convoke.",
};

/// After a sign-in that was not.
pub const FAILED: Words = Words {
    title: "The sign-in was not finished",
    text: "Nothing was changed. Go back to Convoke: it says what happened and what to do. You can close this tab.",
};

/// While it takes longer than a browser should be held.
pub const BACK: Words = Words {
    title: "Go back to Convoke",
    text: "The sign-in takes a little longer. Convoke says how it ended. You can close this tab.",
};

/// A whole answer with the page.
pub fn page(words: &Words) -> String {
    let hash = STANDARD.encode(Sha256::digest(STYLE));
    let body = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>{0} - Convoke</title><style>{STYLE}</style></head><body><main><h1>{0}</h1><p>{1}</p></main></body></html>",
        words.title, words.text
    );
    answer(
        "200 OK",
        &format!(
            "Content-Type: text/html; charset=utf-8\r\nContent-Security-Policy: default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n"
        ),
        &body,
    )
}

/// Sends the browser on to an address without a code; 303 so that nothing is sent again (R8).
pub fn see_other(path: &str) -> String {
    answer("303 See Other", &format!("Location: {path}\r\n"), "")
}

/// To everybody else.
pub fn not_found() -> String {
    answer("404 Not Found", "", "")
}

fn answer(status: &str, headers: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\n{headers}Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}
