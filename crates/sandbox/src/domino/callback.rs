//! The one callback of DOAP's client, the field "Callback URL" of its OAuth Client document.
//!
//! Other providers are told the address with each request, so that the broker may stand on any port. Here it has to be
//! known beforehand: from `--redirect-uri`, or by `POST /_sandbox/domino` where the broker starts after the sandbox.

use url::{Host, Url};

use crate::world::Shared;

/// How the path of Domino's callback ends, at any broker.
const PATH_END: &str = "/callback/domino";

/// The callback that is registered now; `Err` is what a person reads where there is not exactly one.
pub(super) fn registered(shared: &Shared) -> Result<String, &'static str> {
    match &shared.world().domino.callback {
        Some(uri) => Ok(uri.clone()),
        None => only(&shared.setting.options.redirect_uris),
    }
}

/// The one of `uris` whose path is that of Domino's callback. Of several none is taken: a document has one field.
fn only(uris: &[String]) -> Result<String, &'static str> {
    let mut fitting = uris.iter().filter(|uri| Url::parse(uri).is_ok_and(|url| url.path().ends_with(PATH_END)));
    match (fitting.next(), fitting.next()) {
        (Some(uri), None) => Ok(uri.clone()),
        (None, _) => Err("The OAuth Client document has no Callback URL. Start the sandbox with \
            --redirect-uri http://127.0.0.1:PORT/v1/callback/domino, or send it to POST /_sandbox/domino."),
        (Some(_), Some(_)) => {
            Err("The OAuth Client document has one Callback URL, and several of --redirect-uri end in \
            /callback/domino. Send the one that is meant to POST /_sandbox/domino.")
        }
    }
}

/// An address that may be registered while the sandbox runs: plain http, on this machine, and fit to be redirected to
/// (RFC 6749 §3.1.2: absolute, without a fragment).
pub(crate) fn on_loopback(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let here = match url.host()? {
        Host::Domain(name) => name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    };
    let plain = url.scheme() == "http" && url.username().is_empty() && url.password().is_none();
    (here && plain && url.fragment().is_none()).then(|| url.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_for_domino_and_no_guess() {
        let uris = |list: &[&str]| list.iter().map(|uri| (*uri).to_owned()).collect::<Vec<_>>();
        let zoom = "http://127.0.0.1:1/v1/callback/zoom";
        let (one, other) = ("https://broker.example.org/v1/callback/domino", "http://127.0.0.1:2/v1/callback/domino");
        assert_eq!(only(&uris(&[zoom, one])).as_deref(), Ok(one));
        for wrong in
            ["http://127.0.0.1:1/x?y=/callback/domino", "http://127.0.0.1:1/callback/domino/", "/callback/domino"]
        {
            assert!(only(&uris(&[zoom, wrong])).is_err_and(|words| words.contains("has no Callback URL")), "{wrong}");
        }
        assert!(only(&uris(&[one, other])).is_err_and(|words| words.contains("several")));
    }

    #[test]
    fn only_this_machine_is_registered_at_run_time() {
        for right in ["http://127.0.0.1:8790/v1/callback/domino", "http://localhost:1/cb?x=1", "http://[::1]:2/cb"] {
            assert_eq!(on_loopback(right).as_deref(), Some(right));
        }
        for wrong in [
            "",
            "/v1/callback/domino",
            "https://127.0.0.1:1/cb",
            "http://10.0.0.1:1/cb",
            "http://0.0.0.0:1/cb",
            "http://127.0.0.1.example.org/cb",
            "http://localhost.example.org/cb",
            "http://127.0.0.1:1@example.org/cb",
            "http://ana@127.0.0.1:1/cb",
            "http://127.0.0.1:1/cb#part",
            "http://127.0.0.1:99999/cb",
        ] {
            assert!(on_loopback(wrong).is_none(), "{wrong}");
        }
    }
}
