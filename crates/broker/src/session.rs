//! Sessions: what a client shows to have its tokens refreshed, so that a stolen refresh token alone is worth nothing here.
//!
//! A session token is sealed and says when it was made; the store says whether the session still stands. Each answer
//! carries a new token, the old ones stay good until their own idle time is over: parallel requests and lost answers cost
//! nobody a sign-in.

use axum::http::{HeaderMap, header};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use convoke_broker_api::{SESSION_SCHEME, TokenAnswer, WireSecret};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::{
    clock::SKEW,
    configuration::SessionRules,
    random,
    sealing::{Context, KeyRing, Purpose},
    store::{SessionId, SessionRecord, Store, StoreError},
    strict_json,
};

/// Longest subject, in bytes.
pub(crate) const SUBJECT_LIMIT: usize = 256;
/// Longest session token that is looked at.
const TOKEN_LIMIT: usize = 1_024;

/// One person's sign-in at one client.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Session {
    pub(crate) id: SessionId,
    /// Whom the provider, the proxy or a service caller vouched for.
    pub(crate) subject: String,
    /// Seconds since 1970.
    pub(crate) started_at: i64,
}

impl Session {
    /// A new session, which the store does not know yet.
    pub(crate) fn new(subject: String, now: i64) -> Self {
        Self { id: SessionId(random::bytes()), subject, started_at: now }
    }

    /// Base64url of the sealed id, start, instant of making, and subject.
    pub(crate) fn token(&self, keys: &KeyRing, origin: &str, now: i64) -> WireSecret {
        let mut plain = Zeroizing::new(Vec::with_capacity(32 + self.subject.len()));
        plain.extend_from_slice(&self.id.0);
        plain.extend_from_slice(&self.started_at.to_be_bytes());
        plain.extend_from_slice(&now.to_be_bytes());
        plain.extend_from_slice(self.subject.as_bytes());
        WireSecret::new(URL_SAFE_NO_PAD.encode(keys.seal(&context(origin), &random::bytes(), &plain)))
    }

    /// Opens a token: the session, and when the token was made. `None` for anything that was not sealed here as one.
    fn open(keys: &KeyRing, origin: &str, token: &str) -> Option<(Self, i64)> {
        if token.len() > TOKEN_LIMIT {
            return None;
        }
        let sealed = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (_, plain) = keys.open(&context(origin), &sealed)?;
        let (id, rest) = plain.split_at_checked(16)?;
        let (started_at, rest) = rest.split_at_checked(8)?;
        let (made_at, subject) = rest.split_at_checked(8)?;
        let number = |bytes: &[u8]| Some(i64::from_be_bytes(bytes.try_into().ok()?));
        let session = Self {
            id: SessionId(id.try_into().ok()?),
            subject: String::from_utf8(subject.to_vec()).ok()?,
            started_at: number(started_at)?,
        };
        Some((session, number(made_at)?))
    }

    /// When nothing of the session is left, if it is used at `now`.
    pub(crate) fn expires_at(&self, rules: SessionRules, now: i64) -> i64 {
        (now + rules.idle).min(self.started_at + rules.max)
    }

    /// Seconds from `now` until it ends whatever is done.
    pub(crate) fn ends_in(&self, rules: SessionRules, now: i64) -> i64 {
        (self.started_at + rules.max - now).max(0)
    }

    /// As the store keeps it from its first use on.
    pub(crate) fn record(&self, rules: SessionRules) -> SessionRecord {
        SessionRecord {
            id: self.id,
            subject: self.subject.clone(),
            first_use: self.started_at,
            last_use: self.started_at,
            expires_at: self.expires_at(rules, self.started_at),
            revoked_since: None,
        }
    }
}

/// The session of the request with `headers`, where it stands; notes the use.
///
/// # Errors
/// The store does not answer.
pub(crate) async fn of_request(
    headers: &HeaderMap,
    keys: &KeyRing,
    origin: &str,
    rules: SessionRules,
    store: &dyn Store,
    now: i64,
) -> Result<Option<Session>, StoreError> {
    let opened = bearer(headers).and_then(|token| Session::open(keys, origin, token));
    let Some((session, made_at)) = opened else { return Ok(None) };
    if !stands(&session, made_at, rules, now) {
        return Ok(None);
    }
    let known = store.use_session(session.id, now, session.expires_at(rules, now)).await?;
    Ok(known.then_some(session))
}

/// Whether a token that was made at `made_at` is still good by the clock; one from the future, as another instance's clock
/// may have it, is good for a minute.
fn stands(session: &Session, made_at: i64, rules: SessionRules, now: i64) -> bool {
    let age = now.saturating_sub(made_at);
    (-SKEW..=rules.idle).contains(&age) && now < session.started_at.saturating_add(rules.max)
}

/// The token of the one `Authorization` header with the right scheme (RFC 6750 §2.1).
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(header::AUTHORIZATION).into_iter();
    let value = values.next().filter(|_| values.next().is_none())?;
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case(SESSION_SCHEME).then(|| token.trim())
}

/// Whom the provider vouches for: the subject of its `id_token`, which came straight from the token endpoint (OpenID Connect
/// Core §3.1.3.7), or the field of its token answer that names the person; else the grant itself.
pub(crate) fn subject(provider: &str, answer: &TokenAnswer, principal: Option<&str>, grant: &[u8; 16]) -> String {
    let vouched = answer.id_token.clone().map(WireSecret::into_inner).map(Zeroizing::new);
    let vouched = vouched.and_then(|token| id_token_subject(&token));
    let named = vouched.or_else(|| principal.map(str::to_owned)).filter(|name| is_subject(name));
    match named {
        Some(name) => format!("{provider}:{name}"),
        None => format!("{provider}:grant:{}", URL_SAFE_NO_PAD.encode(grant)),
    }
}

/// Whether `text` can name a person here: one line without control characters, room left for the provider's name.
pub(crate) fn is_subject(text: &str) -> bool {
    (1..=SUBJECT_LIMIT - 40).contains(&text.len()) && !text.chars().any(char::is_control) && text.trim() == text
}

fn id_token_subject(token: &str) -> Option<String> {
    let payload = Zeroizing::new(URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?);
    let claims: Map<String, Value> = strict_json::object(&payload)?;
    claims.get("sub")?.as_str().map(str::to_owned)
}

fn context(origin: &str) -> Context<'_> {
    Context { purpose: Purpose::Session, origin, provider: "", bound_to: &[] }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: SessionRules = SessionRules { idle: 100, max: 1_000 };

    fn session() -> Session {
        Session { id: SessionId([7; 16]), subject: "teams:ana".into(), started_at: 5_000 }
    }

    #[test]
    fn a_token_comes_back_as_it_was_and_only_here() {
        let keys = KeyRing::new(Vec::new());
        let token = session().token(&keys, "o", 5_050).into_inner();
        assert_eq!(Session::open(&keys, "o", &token), Some((session(), 5_050)));
        assert_eq!(Session::open(&keys, "p", &token), None, "another broker's");
        assert_eq!(Session::open(&KeyRing::new(Vec::new()), "o", &token), None, "another key's");
        assert_eq!(Session::open(&keys, "o", &format!("{token}A")), None);
        assert_eq!(Session::open(&keys, "o", ""), None);
    }

    #[test]
    fn a_token_slides_and_a_session_ends() {
        assert!(stands(&session(), 5_100, RULES, 5_200) && !stands(&session(), 5_100, RULES, 5_201), "idle");
        assert!(stands(&session(), 5_950, RULES, 5_999) && !stands(&session(), 5_950, RULES, 6_000), "the whole life");
        assert!(stands(&session(), 5_160, RULES, 5_100) && !stands(&session(), 5_161, RULES, 5_100), "another's clock");
        assert_eq!((session().expires_at(RULES, 5_050), session().expires_at(RULES, 5_950)), (5_150, 6_000));
    }

    #[test]
    fn only_one_bearer_counts() {
        let headers = |values: &[&str]| -> HeaderMap {
            values.iter().map(|value| (header::AUTHORIZATION, value.parse().expect("a value"))).collect()
        };
        assert_eq!(bearer(&headers(&["bearer abc"])), Some("abc"));
        assert_eq!(bearer(&headers(&["Bearer abc", "Bearer abc"])), None);
        assert_eq!(bearer(&headers(&["Basic abc"])), None);
        assert_eq!(bearer(&headers(&["Bearer"])), None);
        assert_eq!(bearer(&headers(&[])), None);
    }

    #[test]
    fn a_subject_is_whom_the_provider_names() {
        let answer = |id_token: Option<String>| TokenAnswer {
            access_token: WireSecret::new("a".into()),
            token_type: "Bearer".into(),
            expires_in: 1,
            refresh_token: None,
            refresh_token_expires_in: None,
            scope: None,
            id_token: id_token.map(WireSecret::new),
            api_url: None,
            session_token: None,
            session_expires_in: None,
            session_ends_in: None,
        };
        let token = |claims: &str| Some(format!("e30.{}.", URL_SAFE_NO_PAD.encode(claims)));
        assert_eq!(subject("teams", &answer(token(r#"{"sub":"ana"}"#)), None, &[0; 16]), "teams:ana");
        assert_eq!(subject("goto", &answer(None), Some("ana@example.com"), &[0; 16]), "goto:ana@example.com");
        for nonsense in [token(r#"{"sub":"a\nb"}"#), token(r#"{"sub":7}"#), token("x"), Some("x".into()), None] {
            assert_eq!(subject("zoom", &answer(nonsense), None, &[0; 16]), format!("zoom:grant:{}", "A".repeat(22)));
        }
    }
}
