//! A Domino server under `/domino`: its OAuth provider DOAP (Domino `OAuth2` Provider) under `/domino/doap`.
//!
//! Peculiar to it: the callback is the one of the client's registration and no request can name it, the credentials
//! stand in the body alone because the server takes `Authorization: Basic` for its own sign-in, and an answer says
//! neither what kind of token it gives nor how long that lives.
//! Source: the vendor's tutorial, <https://doap.ktrick.com/portfolio/tutorial/>.

mod callback;
mod doap;

use axum::http::Method;

use crate::authorize;
use crate::call::Mount;
use crate::oauth::TokenBook;
pub(crate) use callback::on_loopback;

/// What the server remembers.
#[derive(Default)]
pub(crate) struct Store {
    /// Codes and tokens.
    pub(crate) book: TokenBook,
    /// The callback that was registered while the sandbox runs; it goes before one of the command line.
    pub(crate) callback: Option<String>,
}

/// Adds the server's routes.
pub(crate) fn mount(mount: Mount) -> Mount {
    mount
        .on(&Method::GET, "/domino/doap/auth", |shared, call| authorize::show(shared, call, &doap::DESK))
        .on(&Method::POST, "/domino/doap/auth", |shared, call| authorize::decided(shared, call, &doap::DESK))
        .on(&Method::POST, "/domino/doap/token", doap::token)
}
