//! What stands in the keyring's items: versioned UTF-8 JSON, read and written without copies that stay in memory.
//!
//! UTF-8 because KDE Wallet keeps nothing else. An item of another version, or one that does not read, is damaged: it
//! is reported and left alone.

use std::{borrow::Cow, io};

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{
    clock::Uptime,
    credential::{
        AccessToken, BrokerSession, Credential, Ends, OAuthCredential, RefreshToken, SametimeCredential, SessionToken,
    },
};

const VERSION: u32 = 1;

/// An item that could not be read or written. Says nothing more: the reasons of the JSON reader quote what they read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unreadable;

/// What every item begins with.
#[derive(Deserialize)]
struct Head<'a> {
    v: u32,
    #[serde(borrow)]
    kind: Cow<'a, str>,
}

/// `account/ID` of a browser sign-in. The access token stands in an item of its own.
#[derive(Serialize, Deserialize)]
struct OAuthItem<'a> {
    v: u32,
    #[serde(borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    refresh: Cow<'a, str>,
    issued_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    scopes: Cow<'a, [String]>,
    /// Absent in items from before brokers kept sessions, and where a broker keeps none.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    session: Option<SessionPart<'a>>,
    /// Absent in items from before it was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    issued_up: Option<String>,
}

/// The broker's session within an [`OAuthItem`]: one write keeps it and the tokens it came with.
#[derive(Serialize, Deserialize)]
struct SessionPart<'a> {
    #[serde(borrow)]
    token: Cow<'a, str>,
    received_at: DateTime<Utc>,
}

/// `account/ID` of a Sametime sign-in: all of it.
#[derive(Serialize, Deserialize)]
struct SametimeItem<'a> {
    v: u32,
    #[serde(borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    jwt: Cow<'a, str>,
    #[serde(borrow)]
    refresh: Cow<'a, str>,
    #[serde(borrow)]
    ltpa: Option<Cow<'a, str>>,
    #[serde(borrow)]
    csrf_cookie: Cow<'a, str>,
    #[serde(borrow)]
    csrf_token: Cow<'a, str>,
    #[serde(borrow)]
    auth_path: Cow<'a, str>,
    issued_at: DateTime<Utc>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    issued_up: Option<String>,
}

/// `access/ID`: the access token of one issue.
#[derive(Serialize, Deserialize)]
struct TokenItem<'a> {
    v: u32,
    #[serde(borrow)]
    kind: Cow<'a, str>,
    issued_at: DateTime<Utc>,
    #[serde(borrow)]
    token: Cow<'a, str>,
}

const OAUTH: &str = "oauth";
const SAMETIME: &str = "sametime";
const ACCESS: &str = "access";

/// The main item of a credential; an OAuth credential comes back from it without its access token.
pub(super) fn encode(credential: &Credential) -> Result<Zeroizing<Vec<u8>>, Unreadable> {
    match credential {
        Credential::OAuth(oauth) => write(&OAuthItem {
            v: VERSION,
            kind: OAUTH.into(),
            refresh: shown(&oauth.refresh.0),
            issued_at: oauth.issued_at,
            expires_at: oauth.expires_at,
            scopes: oauth.scopes.as_slice().into(),
            session: oauth
                .session
                .as_ref()
                .map(|session| SessionPart { token: shown(&session.token), received_at: session.received_at }),
            issued_up: oauth.issued_up.map(|at| at.to_string()),
        }),
        Credential::Sametime(sametime) => write(&SametimeItem {
            v: VERSION,
            kind: SAMETIME.into(),
            jwt: shown(&sametime.jwt.0),
            refresh: shown(&sametime.refresh.0),
            ltpa: sametime.ltpa.as_ref().map(|token| shown(&token.0)),
            csrf_cookie: shown(&sametime.csrf_cookie.0),
            csrf_token: shown(&sametime.csrf_token.0),
            auth_path: sametime.auth_path.as_str().into(),
            issued_at: sametime.issued_at,
            issued_up: sametime.issued_up.map(|at| at.to_string()),
        }),
    }
}

/// The reverse of [`encode`].
pub(super) fn decode(bytes: &[u8]) -> Result<Credential, Unreadable> {
    let head: Head<'_> = read(bytes)?;
    match (head.v, head.kind.as_ref()) {
        (VERSION, OAUTH) => {
            let item: OAuthItem<'_> = read(bytes)?;
            Ok(Credential::OAuth(OAuthCredential {
                access: None,
                expires_at: item.expires_at,
                issued_at: item.issued_at,
                refresh: RefreshToken::new(item.refresh.into_owned()),
                scopes: item.scopes.into_owned(),
                session: item.session.map(|part| BrokerSession::new(part.token.into_owned(), part.received_at)),
                issued_up: uptime(item.issued_up.as_deref()),
                ends: Ends::default(),
            }))
        }
        (VERSION, SAMETIME) => {
            let item: SametimeItem<'_> = read(bytes)?;
            let token = |text: Cow<'_, str>| SessionToken::new(text.into_owned());
            Ok(Credential::Sametime(SametimeCredential {
                jwt: token(item.jwt),
                refresh: token(item.refresh),
                ltpa: item.ltpa.map(token),
                csrf_cookie: token(item.csrf_cookie),
                csrf_token: token(item.csrf_token),
                auth_path: item.auth_path.into_owned(),
                issued_at: item.issued_at,
                issued_up: uptime(item.issued_up.as_deref()),
            }))
        }
        _ => Err(Unreadable),
    }
}

/// It can be spared: one that does not read is none.
fn uptime(text: Option<&str>) -> Option<Uptime> {
    text.and_then(|text| text.parse().ok())
}

/// The second item of a credential; none where it has no access token.
pub(super) fn encode_access(credential: &Credential) -> Result<Option<Zeroizing<Vec<u8>>>, Unreadable> {
    let Credential::OAuth(OAuthCredential { access: Some(access), issued_at, .. }) = credential else {
        return Ok(None);
    };
    write(&TokenItem { v: VERSION, kind: ACCESS.into(), issued_at: *issued_at, token: shown(&access.0) }).map(Some)
}

/// The access token, where it is of the issue `issued_at`; one of another issue, or a damaged one, is none.
pub(super) fn decode_access(bytes: &[u8], issued_at: DateTime<Utc>) -> Option<AccessToken> {
    let item: TokenItem<'_> = read(bytes).ok()?;
    let counts = item.v == VERSION && item.kind == ACCESS && item.issued_at == issued_at;
    counts.then(|| AccessToken::new(item.token.into_owned()))
}

fn shown(secret: &SecretString) -> Cow<'_, str> {
    Cow::Borrowed(secret.expose_secret())
}

fn read<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, Unreadable> {
    serde_json::from_slice(bytes).map_err(|_| Unreadable)
}

fn write(item: &impl Serialize) -> Result<Zeroizing<Vec<u8>>, Unreadable> {
    let mut buffer = Wiped(Zeroizing::new(Vec::with_capacity(4096)));
    serde_json::to_writer(&mut buffer, item).map_err(|_| Unreadable)?;
    Ok(buffer.0)
}

/// A buffer that wipes what it outgrows; a plain `Vec` leaves the smaller copy behind.
struct Wiped(Zeroizing<Vec<u8>>);

impl io::Write for Wiped {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let needed = self.0.len() + bytes.len();
        if needed > self.0.capacity() {
            let mut bigger = Zeroizing::new(Vec::with_capacity(needed * 2));
            bigger.extend_from_slice(&self.0);
            self.0 = bigger;
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn oauth(access: Option<&str>) -> Credential {
        Credential::OAuth(OAuthCredential {
            access: access.map(|token| AccessToken::new(token.into())),
            expires_at: at("2027-01-10T13:00:00.123456789Z"),
            issued_at: at("2027-01-10T12:00:00.123456789Z"),
            refresh: RefreshToken::new(format!("r\"e\\f\u{e9}{}", "x".repeat(9000))),
            scopes: vec!["meeting:read".into(), "meeting:write".into()],
            session: Some(BrokerSession::new("sealed-session".into(), at("2027-01-10T12:00:01Z"))),
            issued_up: None,
            ends: Ends::default(),
        })
    }

    #[test]
    fn an_oauth_credential_comes_back_to_the_nanosecond() {
        let Credential::OAuth(read) = decode(&encode(&oauth(Some("at"))).unwrap()).unwrap() else {
            panic!("not OAuth")
        };
        let Credential::OAuth(written) = oauth(None) else { unreachable!() };
        assert_eq!((read.issued_at, read.expires_at), (written.issued_at, written.expires_at));
        assert!(read.refresh.0.expose_secret() == written.refresh.0.expose_secret());
        assert_eq!(read.scopes, written.scopes);
        assert!(read.access.is_none(), "the access token has an item of its own");
        let (read, written) = (read.session.unwrap(), written.session.unwrap());
        assert!(read.token.expose_secret() == written.token.expose_secret());
        assert_eq!(read.received_at, written.received_at);
    }

    #[test]
    fn an_item_from_before_sessions_reads() {
        let old = r#"{"v":1,"kind":"oauth","refresh":"r","issued_at":"2027-01-10T12:00:00Z","expires_at":"2027-01-10T13:00:00Z","scopes":[]}"#;
        let Ok(Credential::OAuth(read)) = decode(old.as_bytes()) else { panic!("not read") };
        assert!(read.session.is_none());
        let text = String::from_utf8(encode(&Credential::OAuth(read)).unwrap().to_vec()).unwrap();
        assert!(text == old, "without a session an item is what it always was");
    }

    #[test]
    fn a_sametime_credential_comes_back_whole() {
        let token = |text: &str| SessionToken::new(text.into());
        let written = Credential::Sametime(SametimeCredential {
            jwt: token("j"),
            refresh: token("r"),
            ltpa: None,
            csrf_cookie: token("c"),
            csrf_token: token("t"),
            auth_path: "meeting-auth".into(),
            issued_at: at("2027-01-10T12:00:00Z"),
            issued_up: None,
        });
        assert!(encode_access(&written).unwrap().is_none());
        let Credential::Sametime(read) = decode(&encode(&written).unwrap()).unwrap() else { panic!("not Sametime") };
        let shown =
            [&read.jwt, &read.refresh, &read.csrf_cookie, &read.csrf_token].map(|token| token.0.expose_secret());
        assert!(shown == ["j", "r", "c", "t"]);
        assert!(read.ltpa.is_none());
        assert_eq!((read.auth_path.as_str(), read.issued_at), ("meeting-auth", written.issued_at()));
    }

    #[test]
    fn an_access_token_counts_only_with_its_own_issue() {
        let item = encode_access(&oauth(Some("at"))).unwrap().unwrap();
        assert!(decode_access(&item, oauth(None).issued_at()).is_some_and(|token| token.0.expose_secret() == "at"));
        assert!(decode_access(&item, at("2027-01-10T12:00:00.123456788Z")).is_none());
        assert!(decode_access(b"{}", oauth(None).issued_at()).is_none());
        assert!(encode_access(&oauth(None)).unwrap().is_none());
    }

    #[test]
    fn what_does_not_read_is_damaged() {
        let whole = encode(&oauth(None)).unwrap();
        let text = String::from_utf8(whole.to_vec()).unwrap();
        let cases = [
            "",
            "\u{0}",
            "{\"v\":1}",
            &text[..text.len() - 1],
            &text.replacen("\"v\":1", "\"v\":2", 1),
            &text.replacen("oauth", "other", 1),
        ];
        for case in cases {
            assert!(decode(case.as_bytes()).is_err());
        }
    }
}
