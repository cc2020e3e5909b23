//! Secrets as types: they cannot be printed, compared, cloned by accident or serialised.
//!
//! What a credential is and when it is fresh is decided here, purely; who keeps it is `storage`,
//! who uses it is `auth`.

use chrono::{DateTime, Duration, Utc};
use secrecy::SecretString;
use zeroize::Zeroizing;

use crate::{
    clock::{Moment, Uptime},
    error::{Error, FieldIssue, IssueCode},
};

pub mod fingerprint;
pub mod keeping;
pub mod life;
mod token_answer;

pub use token_answer::{Limits, Renewal, SessionWord, TokenAnswer, adopted, after_refusal, first, renewed};

macro_rules! secret {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        pub struct $name(pub(crate) SecretString);

        impl $name {
            /// Takes the secret; the given text is moved, not copied.
            #[must_use]
            pub fn new(text: String) -> Self {
                Self(text.into())
            }
        }
    };
}

secret! {
    /// A bearer token for a provider's API (RFC 6750).
    AccessToken
}
secret! {
    /// A token with which the broker gets new access tokens (RFC 6749 §1.5).
    RefreshToken
}
secret! {
    /// The sealed grant that the broker sends through the browser; redeemed once.
    Grant
}
secret! {
    /// The PKCE code verifier (RFC 7636 §4.1).
    CodeVerifier
}
secret! {
    /// A typed password: one POST body, then gone.
    Password
}
secret! {
    /// One cookie or header value of a Sametime session.
    SessionToken
}

impl RefreshToken {
    /// Takes the token that a person copied from the page of an old broker, without the white space around it.
    ///
    /// # Errors
    /// `InvalidInput` at `token` for anything but 1 to 16,384 printable ASCII characters, such as the page's own text where it
    /// got no token.
    pub fn pasted(text: String) -> Result<Self, Error> {
        let text = Zeroizing::new(text);
        let token = text.trim();
        let problem = match token.len() {
            0 => Some(FieldIssue::new("token", IssueCode::Required)),
            length if length > LONGEST_PASTED => {
                Some(FieldIssue::with_detail("token", IssueCode::TooLong, &LONGEST_PASTED.to_string()))
            }
            _ if !token.bytes().all(|byte| byte.is_ascii_graphic()) => {
                Some(FieldIssue::new("token", IssueCode::NotAToken))
            }
            _ => None,
        };
        problem.map_or_else(|| Ok(Self::new(token.to_owned())), |issue| Err(Error::invalid(vec![issue])))
    }
}

/// The broker's own session: who may ask it to refresh and to revoke. It says nothing at the provider.
pub struct BrokerSession {
    pub(crate) token: SecretString,
    /// When it came, by this computer's clock: it ages while nobody asks.
    pub received_at: DateTime<Utc>,
}

impl BrokerSession {
    /// Takes the token; the given text is moved, not copied.
    #[must_use]
    pub fn new(token: String, received_at: DateTime<Utc>) -> Self {
        Self { token: token.into(), received_at }
    }
}

/// What Convoke keeps of an OAuth sign-in.
pub struct OAuthCredential {
    /// The bearer token; none where only the refresh token could be kept.
    pub access: Option<AccessToken>,
    /// When the bearer token ends, by this computer's clock.
    pub expires_at: DateTime<Utc>,
    /// When it was issued, by this computer's clock.
    pub issued_at: DateTime<Utc>,
    /// The refresh token.
    pub refresh: RefreshToken,
    /// The granted scopes.
    pub scopes: Vec<String>,
    /// The broker's session; none where the broker keeps none, or ended it.
    pub session: Option<BrokerSession>,
    /// When it was issued, by the clock since this computer's start; none where that is not known.
    pub issued_up: Option<Uptime>,
    /// When the sign-in ends. Known when the credential is new; the register keeps it, the keyring does not.
    pub ends: Ends,
}

/// When a sign-in ends, as far as that is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ends {
    /// Where nobody asks before.
    pub unused_by: Option<DateTime<Utc>>,
    /// Whatever is done.
    pub whole_by: Option<DateTime<Utc>>,
}

/// What Convoke keeps of a Sametime sign-in: session tokens, never the password.
pub struct SametimeCredential {
    /// `sametimeJwt`.
    pub jwt: SessionToken,
    /// `sametimeRefresh`.
    pub refresh: SessionToken,
    /// `LtpaToken`, where the server sent one.
    pub ltpa: Option<SessionToken>,
    /// `_csrf`.
    pub csrf_cookie: SessionToken,
    /// The value of the `X-CSRF-Token` header.
    pub csrf_token: SessionToken,
    /// Which of the two base paths answered: `meeting-auth` or `sametime-auth`.
    pub auth_path: String,
    /// When the tokens were renewed.
    pub issued_at: DateTime<Utc>,
    /// The same by the clock since this computer's start; none where that is not known.
    pub issued_up: Option<Uptime>,
}

/// The credential of one account.
pub enum Credential {
    /// Of Teams or Zoom.
    OAuth(OAuthCredential),
    /// Of Sametime.
    Sametime(SametimeCredential),
}

/// Whether a token can be sent as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// Send it.
    Fresh,
    /// It can be sent, and should be renewed by whoever has the time.
    Ageing,
    /// Renew it first.
    Stale,
}

/// A token is renewed this long before it ends, so that no request travels with a dying one.
const RENEW_BEFORE: Duration = Duration::minutes(5);
/// In its last moments a token is not sent any more: it would die on the way.
const LAST_MOMENTS: Duration = Duration::seconds(30);
/// A Sametime session is renewed after this long; the server does not say when its JWT ends.
const SAMETIME_RENEW_AFTER: Duration = Duration::minutes(10);
/// A wall clock that stands before the issue by more than this is not believed.
const CLOCKS_DIFFER: Duration = Duration::minutes(5);
/// The longest token that a person may paste, in characters.
pub const LONGEST_PASTED: usize = 16 * 1024;

impl OAuthCredential {
    /// A second one with the same secrets: what is sent, and what comes of it, are two things for a moment.
    #[must_use]
    pub(crate) fn copied(&self) -> Self {
        Self {
            access: self.access.as_ref().map(|token| AccessToken(token.0.clone())),
            expires_at: self.expires_at,
            issued_at: self.issued_at,
            refresh: RefreshToken(self.refresh.0.clone()),
            scopes: self.scopes.clone(),
            session: self
                .session
                .as_ref()
                .map(|session| BrokerSession { token: session.token.clone(), received_at: session.received_at }),
            issued_up: self.issued_up,
            ends: self.ends,
        }
    }

    /// Until 80 % of its life or five minutes before its end, whichever is later, a token is fresh; up to a fifth of that
    /// time earlier it is not, differently for each issue, so that what was issued together is not renewed together.
    #[must_use]
    pub fn freshness(&self, now: Moment) -> Freshness {
        let life = self.expires_at - self.issued_at;
        let early = RENEW_BEFORE.min(life / 5);
        let apart = early * self.issued_at.timestamp_subsec_millis().cast_signed() / 5_000;
        let age = age(self.issued_at, self.issued_up, now);
        match age.filter(|_| self.access.is_some()) {
            Some(age) if age < life - early - apart => Freshness::Fresh,
            Some(age) if age < life - LAST_MOMENTS.min(life / 10) => Freshness::Ageing,
            _ => Freshness::Stale,
        }
    }
}

impl SametimeCredential {
    /// The JWT's life is the server owner's choice; renewing every ten minutes stays below the usual settings.
    #[must_use]
    pub fn freshness(&self, now: Moment) -> Freshness {
        match age(self.issued_at, self.issued_up, now) {
            Some(age) if age < SAMETIME_RENEW_AFTER => Freshness::Fresh,
            _ => Freshness::Stale,
        }
    }
}

/// How old something is: by the clock since the start where both ends are of one start, else by the wall's; none where that
/// one stands before the issue.
fn age(issued_at: DateTime<Utc>, issued_up: Option<Uptime>, now: Moment) -> Option<Duration> {
    let by_uptime = issued_up.and_then(|issued| now.uptime.since(issued)).and_then(|age| Duration::from_std(age).ok());
    by_uptime.or_else(|| Some(now.wall - issued_at).filter(|age| *age >= -CLOCKS_DIFFER))
}

impl Credential {
    /// See [`OAuthCredential::freshness`] and [`SametimeCredential::freshness`].
    #[must_use]
    pub fn freshness(&self, now: Moment) -> Freshness {
        match self {
            Self::OAuth(credential) => credential.freshness(now),
            Self::Sametime(credential) => credential.freshness(now),
        }
    }

    /// When the tokens were issued: the mark by which one renewal is told from the next.
    #[must_use]
    pub fn issued_at(&self) -> DateTime<Utc> {
        match self {
            Self::OAuth(credential) => credential.issued_at,
            Self::Sametime(credential) => credential.issued_at,
        }
    }

    /// The credential, issued at `now` by the clock since the start too.
    #[must_use]
    pub fn stamped(mut self, now: Uptime) -> Self {
        let issued = match &mut self {
            Self::OAuth(credential) => &mut credential.issued_up,
            Self::Sametime(credential) => &mut credential.issued_up,
        };
        *issued = Some(now);
        self
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    pub(super) fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    pub(super) fn credential() -> OAuthCredential {
        OAuthCredential {
            access: Some(AccessToken::new("a".into())),
            expires_at: at(3600),
            issued_at: at(0),
            refresh: RefreshToken::new("old".into()),
            scopes: vec!["read".into()],
            session: Some(BrokerSession::new("s1".into(), at(0))),
            issued_up: None,
            ends: Ends::default(),
        }
    }

    fn up(start: u64, seconds: u64) -> Uptime {
        Uptime { start, since: std::time::Duration::from_secs(seconds) }
    }

    /// The wall's clock alone.
    fn wall(seconds: i64) -> Moment {
        Moment { wall: at(seconds), uptime: up(0, 0) }
    }

    #[test]
    fn a_token_is_renewed_before_it_ends() {
        assert_eq!(credential().freshness(wall(3299)), Freshness::Fresh);
        assert_eq!(credential().freshness(wall(3300)), Freshness::Ageing);
        assert_eq!(credential().freshness(wall(3569)), Freshness::Ageing);
        assert_eq!(credential().freshness(wall(3570)), Freshness::Stale);
        assert_eq!(credential().freshness(wall(-301)), Freshness::Stale, "a clock set back is not believed");
        assert_eq!(OAuthCredential { access: None, ..credential() }.freshness(wall(1)), Freshness::Stale);
        let short = OAuthCredential { expires_at: at(60), ..credential() };
        assert_eq!(short.freshness(wall(47)), Freshness::Fresh);
        assert_eq!(short.freshness(wall(48)), Freshness::Ageing);
        assert_eq!(short.freshness(wall(54)), Freshness::Stale);
    }

    #[test]
    fn tokens_that_were_issued_together_do_not_age_together() {
        let issued = |millis: i64| {
            let after = Duration::milliseconds(millis);
            OAuthCredential { issued_at: at(0) + after, expires_at: at(3600) + after, ..credential() }
        };
        assert_eq!(issued(999).freshness(wall(3239)), Freshness::Fresh, "at most a fifth of five minutes earlier");
        assert_eq!(issued(999).freshness(wall(3242)), Freshness::Ageing);
        assert_eq!(issued(500).freshness(wall(3242)), Freshness::Fresh);
    }

    #[test]
    fn a_clock_that_is_set_ages_nothing() {
        let issued = OAuthCredential { issued_up: Some(up(7, 1000)), ..credential() };
        let years = 10 * 365 * 86_400;
        for wall in [at(years), at(-years), at(3600), at(-3600)] {
            assert_eq!(issued.freshness(Moment { wall, uptime: up(7, 1060) }), Freshness::Fresh);
            assert_eq!(issued.freshness(Moment { wall, uptime: up(7, 1000 + 3600) }), Freshness::Stale);
        }
        // After a start of the computer the wall's clock is all there is.
        assert_eq!(issued.freshness(Moment { wall: at(60), uptime: up(8, 5) }), Freshness::Fresh);
        assert_eq!(issued.freshness(Moment { wall: at(years), uptime: up(8, 5) }), Freshness::Stale);
    }

    #[test]
    fn a_pasted_token_is_trimmed_and_nothing_else_is_taken_for_one() {
        let taken = |text: &str| RefreshToken::pasted(text.to_owned()).map(|token| token.0.expose_secret().to_owned());
        assert_eq!(taken(" \t\r\n eyJ.abc-_~+/=  \n").unwrap(), "eyJ.abc-_~+/=");
        let most = "x".repeat(LONGEST_PASTED);
        assert_eq!(taken(&most).unwrap(), most);
        for (text, problem) in [
            ("", IssueCode::Required),
            (" \n", IssueCode::Required),
            ("RETRIEVING REFRESH TOKEN FAILED", IssueCode::NotAToken),
            ("abc\u{0}", IssueCode::NotAToken),
            ("r\u{e9}", IssueCode::NotAToken),
            (format!("{most}x").as_str(), IssueCode::TooLong),
        ] {
            let error = taken(text).unwrap_err();
            assert_eq!((error.fields[0].field.as_str(), error.fields[0].problem), ("token", problem));
        }
    }
}
