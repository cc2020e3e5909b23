//! What a token endpoint's answer, or its refusal, makes of a credential: pure.

use chrono::{DateTime, Duration, Utc};

use super::{AccessToken, BrokerSession, Ends, OAuthCredential, RefreshToken};

/// During an outage each try brings a new session token; the keyring is written this often at the most. A quarter of the
/// shortest idle time that a broker can be given.
const SESSION_AGES_IN: Duration = Duration::minutes(15);

/// What a refused refresh said about the broker's session.
pub enum SessionWord {
    /// Nothing.
    Unsaid,
    /// This one counts from now on: a provider's outage does not age a session.
    Next(BrokerSession),
    /// The one that was sent counts no more. Nothing is known against the provider's tokens.
    Over,
}

/// What a token endpoint answered, by way of the broker.
pub struct TokenAnswer {
    /// The new bearer token.
    pub access: AccessToken,
    /// A new refresh token, where one came.
    pub refresh: Option<RefreshToken>,
    /// The bearer token's life in seconds.
    pub expires_in: u64,
    /// The granted scopes, where they were said.
    pub scopes: Option<Vec<String>>,
    /// The broker's session from now on, where it keeps sessions.
    pub session: Option<BrokerSession>,
    /// How long the sign-in lasts.
    pub limits: Limits,
}

/// How long a sign-in lasts, as far as the answer says; seconds from then on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// It ends where nobody asks for so long: the provider's refresh token or the broker's session, whichever comes first.
    pub unused: Option<u64>,
    /// It ends then, whatever is done.
    pub whole: Option<u64>,
}

/// What a renewal changed, for the register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renewal {
    /// When.
    pub at: DateTime<Utc>,
    /// When the new access token ends; none where the provider does not say.
    pub expires_at: Option<DateTime<Utc>>,
    /// The scopes that are granted now.
    pub scopes: Vec<String>,
    /// When the sign-in ends.
    pub ends: Ends,
    /// Whether the refresh token is another one than before.
    pub has_rotated: bool,
}

/// The credential after a refresh: the old refresh token stays where no new one came (RFC 6749 §6).
#[must_use]
pub fn renewed(old: OAuthCredential, answer: TokenAnswer, now: DateTime<Utc>) -> OAuthCredential {
    OAuthCredential {
        access: Some(answer.access),
        expires_at: expiry(answer.expires_in, now),
        issued_at: now,
        refresh: answer.refresh.unwrap_or(old.refresh),
        scopes: answer.scopes.unwrap_or(old.scopes),
        session: answer.session.or(old.session),
        issued_up: None,
        ends: ends(answer.limits, now),
    }
}

/// The credential after a refused refresh, where the answer changed something that is worth a write: a session that is over
/// is not sent again, and a younger one is kept once the old one has aged. The provider's tokens stay as they are.
#[must_use]
pub fn after_refusal(old: OAuthCredential, word: SessionWord, now: DateTime<Utc>) -> Option<OAuthCredential> {
    match (word, &old.session) {
        (SessionWord::Over, Some(_)) => Some(OAuthCredential { session: None, ..old }),
        (SessionWord::Next(next), kept)
            if kept.as_ref().is_none_or(|kept| now >= kept.received_at + SESSION_AGES_IN) =>
        {
            Some(OAuthCredential { session: Some(next), ..old })
        }
        (SessionWord::Unsaid | SessionWord::Next(_) | SessionWord::Over, _) => None,
    }
}

/// The credential after a first sign-in; none where no refresh token came, since it would die within the hour.
#[must_use]
pub fn first(answer: TokenAnswer, now: DateTime<Utc>) -> Option<OAuthCredential> {
    Some(OAuthCredential {
        access: Some(answer.access),
        expires_at: expiry(answer.expires_in, now),
        issued_at: now,
        refresh: answer.refresh?,
        scopes: answer.scopes.unwrap_or_default(),
        session: answer.session,
        issued_up: None,
        ends: ends(answer.limits, now),
    })
}

/// The credential after the first refresh with a pasted token, which stays where no new one came.
#[must_use]
pub fn adopted(token: RefreshToken, answer: TokenAnswer, now: DateTime<Utc>) -> OAuthCredential {
    let bare = OAuthCredential {
        access: None,
        expires_at: now,
        issued_at: now,
        refresh: token,
        scopes: Vec::new(),
        session: None,
        issued_up: None,
        ends: Ends::default(),
    };
    renewed(bare, answer, now)
}

fn ends(limits: Limits, now: DateTime<Utc>) -> Ends {
    // Beyond ten years it is as good as never, and an instant has its bounds.
    let at = |seconds: u64| now + Duration::seconds(i64::try_from(seconds).unwrap_or(i64::MAX).min(3_650 * 86_400));
    Ends { unused_by: limits.unused.map(at), whole_by: limits.whole.map(at) }
}

fn expiry(expires_in: u64, now: DateTime<Utc>) -> DateTime<Utc> {
    // A provider that says "a thousand years" is not believed: a year is longer than any access token lives.
    now + Duration::seconds(i64::try_from(expires_in).unwrap_or(i64::MAX).min(365 * 86_400))
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::{
        super::tests::{at, credential},
        *,
    };

    #[test]
    fn no_new_refresh_token_keeps_the_old_one() {
        let answer = |refresh: Option<&str>| TokenAnswer {
            access: AccessToken::new("b".into()),
            refresh: refresh.map(|t| RefreshToken::new(t.into())),
            expires_in: 10,
            scopes: None,
            session: None,
            limits: Limits::default(),
        };
        assert_eq!(renewed(credential(), answer(None), at(9)).refresh.0.expose_secret(), "old");
        assert_eq!(renewed(credential(), answer(Some("new")), at(9)).refresh.0.expose_secret(), "new");
        assert!(first(answer(None), at(0)).is_none());
    }

    fn session_of(credential: &OAuthCredential) -> Option<&str> {
        credential.session.as_ref().map(|session| session.token.expose_secret())
    }

    #[test]
    fn a_renewal_takes_the_next_session_and_keeps_the_old_one_where_none_came() {
        let answer = |session: Option<&str>| TokenAnswer {
            access: AccessToken::new("b".into()),
            refresh: None,
            expires_in: 10,
            scopes: None,
            session: session.map(|token| BrokerSession::new(token.into(), at(9))),
            limits: Limits::default(),
        };
        assert_eq!(session_of(&renewed(credential(), answer(Some("s2")), at(9))), Some("s2"));
        assert_eq!(session_of(&renewed(credential(), answer(None), at(9))), Some("s1"));
    }

    #[test]
    fn a_refusal_changes_the_session_alone_and_only_where_that_is_worth_a_write() {
        let next = || SessionWord::Next(BrokerSession::new("s2".into(), at(900)));
        let younger = after_refusal(credential(), next(), at(900)).expect("the old one has aged");
        assert_eq!((session_of(&younger), younger.refresh.0.expose_secret()), (Some("s2"), "old"));
        assert!(after_refusal(credential(), next(), at(899)).is_none());
        assert!(after_refusal(credential(), SessionWord::Unsaid, at(9000)).is_none());
        let over = after_refusal(credential(), SessionWord::Over, at(1)).expect("it was kept");
        assert_eq!((session_of(&over), over.refresh.0.expose_secret(), over.issued_at), (None, "old", at(0)));
        assert!(after_refusal(over, SessionWord::Over, at(2)).is_none());
    }
}
