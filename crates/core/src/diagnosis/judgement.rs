//! From what was found to lines: pure, so that every trouble can be tried without having it.

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    DiagnosisKind, DiagnosisLine,
    DiagnosisState::{Failed, Skipped, Warning},
};
use crate::{
    account::ProviderKind,
    error::{Error, ErrorCode},
    http::{Fault, HttpAnswer, TransportError, TransportKind},
};

/// So far a clock may be off before a person is told: sign-ins and certificates bear less than they say.
const CLOCK_TOLERANCE: TimeDelta = TimeDelta::minutes(2);

/// What a host said.
#[derive(Clone, Debug)]
pub struct Said {
    /// How far this computer's clock is ahead of the host's; none where the host does not tell the time.
    pub ahead: Option<TimeDelta>,
    /// The version that it says of itself, if any; or why it is not what it should be.
    pub judged: Result<Option<String>, Error>,
}

/// One host that was asked.
#[derive(Clone, Debug)]
pub struct Visit {
    /// Host, and the port where it is not the scheme's own.
    pub host: String,
    /// The provider, where it is one's.
    pub provider: Option<ProviderKind>,
    /// Whether the connection is secured by TLS.
    pub secure: bool,
    /// The proxy on the way, without its password.
    pub proxy: Option<String>,
    /// Who issued its certificate, where that was accepted.
    pub issuer: Option<String>,
    /// What it said, or why there was no answer.
    pub said: Result<Said, TransportError>,
}

impl Visit {
    fn kind(&self) -> Option<TransportKind> {
        self.said.as_ref().err().map(|error| error.kind)
    }

    /// Why it is not as it should be.
    fn trouble(&self) -> Option<Error> {
        match &self.said {
            Err(error) => Some(error.clone().into()),
            Ok(said) => said.judged.as_ref().err().cloned(),
        }
    }
}

/// Everything that was found.
pub struct Findings {
    /// The broker; none where the profile has none.
    pub broker: Option<Visit>,
    /// The providers' hosts.
    pub providers: Vec<Visit>,
    /// The file of authorities that the profile names, and whether it is in use; none where it names none.
    pub authorities: Option<(String, Option<Error>)>,
    /// The keyring.
    pub keyring: Result<(), Error>,
    /// The loopback listener.
    pub loopback: Result<(), Error>,
    /// The program that opens links.
    pub browser: Result<String, Error>,
    /// The register.
    pub register: Result<(), Error>,
}

/// A line per check, in a fixed order.
#[must_use]
pub fn lines(found: Findings) -> Vec<DiagnosisLine> {
    let visits: Vec<&Visit> = found.broker.iter().chain(&found.providers).collect();
    let mut lines = vec![clock(&visits), proxy(&visits)];
    lines.extend(found.authorities.map(|(file, error)| plain(DiagnosisKind::Authorities, error).about(file)));
    lines.extend([tls(&visits), broker(found.broker.as_ref())]);
    lines.extend(found.providers.iter().map(provider));
    lines.push(plain(DiagnosisKind::Keyring, found.keyring.err()));
    lines.push(plain(DiagnosisKind::Loopback, found.loopback.err()).about("127.0.0.1"));
    lines.push(match found.browser {
        Ok(program) => DiagnosisLine::ok(DiagnosisKind::Browser).about(program),
        // The address can be opened by hand: the sign-in is harder, not impossible.
        Err(error) => DiagnosisLine::ok(DiagnosisKind::Browser).is(Warning, Some(error)),
    });
    lines.push(plain(DiagnosisKind::Register, found.register.err()));
    lines
}

fn plain(check: DiagnosisKind, error: Option<Error>) -> DiagnosisLine {
    let line = DiagnosisLine::ok(check);
    if error.is_some() { line.is(Failed, error) } else { line }
}

/// One server that agrees vouches for this clock: the least difference counts. Without any time told, a certificate that is
/// out of its time is the only sign.
fn clock(visits: &[&Visit]) -> DiagnosisLine {
    let line = DiagnosisLine::ok(DiagnosisKind::Clock);
    let told = visits.iter().filter_map(|visit| visit.said.as_ref().ok()?.ahead);
    if let Some(ahead) = told.min_by_key(TimeDelta::abs) {
        let line = line.noting(Some(format!("{:+} s", ahead.num_seconds())));
        return if ahead.abs() > CLOCK_TOLERANCE { line.is(Warning, None) } else { line };
    }
    let out_of_time = visits.iter().find(|visit| {
        let refused = visit.said.as_ref().err().and_then(|error| error.refused.as_ref());
        refused.is_some_and(|refused| matches!(refused.fault, Fault::Expired | Fault::NotYetValid))
    });
    match out_of_time {
        Some(visit) => line.is(Warning, visit.trouble()),
        None => line.is(Skipped, None),
    }
}

/// The proxy towards the broker, or towards the first host where there is no broker; any host's trouble with a proxy counts.
fn proxy(visits: &[&Visit]) -> DiagnosisLine {
    let line = DiagnosisLine::ok(DiagnosisKind::Proxy);
    let at_proxy = |visit: &&&Visit| {
        matches!(visit.kind(), Some(TransportKind::Proxy | TransportKind::ProxyPassword | TransportKind::ProxyAway))
    };
    let Some(visit) = visits.iter().find(at_proxy).or(visits.first()) else { return line.is(Skipped, None) };
    let line = line.about(&visit.host).noting(visit.proxy.clone());
    if at_proxy(&visit) { line.is(Failed, visit.trouble()) } else { line }
}

fn tls(visits: &[&Visit]) -> DiagnosisLine {
    let line = DiagnosisLine::ok(DiagnosisKind::Tls);
    if let Some(visit) = visits.iter().find(|visit| visit.kind() == Some(TransportKind::Tls)) {
        return line.about(&visit.host).is(Failed, visit.trouble());
    }
    match visits.iter().find(|visit| visit.secure && visit.said.is_ok()) {
        Some(visit) => line.about(&visit.host).noting(visit.issuer.clone()),
        None => line.is(Skipped, None),
    }
}

fn broker(visit: Option<&Visit>) -> DiagnosisLine {
    let line = DiagnosisLine::ok(DiagnosisKind::Broker);
    let Some(visit) = visit else { return line.is(Skipped, Some(Error::new(ErrorCode::NoBroker))) };
    let line = line.about(&visit.host);
    match visit.trouble() {
        Some(error) => line.is(Failed, Some(error)),
        None => line.noting(visit.said.as_ref().ok().and_then(|said| said.judged.clone().ok().flatten())),
    }
}

fn provider(visit: &Visit) -> DiagnosisLine {
    let line = DiagnosisLine { provider: visit.provider, ..DiagnosisLine::ok(DiagnosisKind::Provider) };
    let line = line.about(&visit.host);
    match visit.trouble() {
        None => line,
        // It was reached; its own trouble passes.
        Some(error) if error.code == ErrorCode::Unavailable => line.is(Warning, Some(error)),
        Some(error) => line.is(Failed, Some(error)),
    }
}

/// Whether a provider itself answered: any status but a proxy's, and no web page where an API speaks. A Sametime server's front
/// page is a web page.
///
/// # Errors
/// `Intercepted` or `ProxyPassword` where something else answered, `Unavailable` where the provider says that it is down.
pub fn reached(kind: ProviderKind, answer: &HttpAnswer) -> Result<(), Error> {
    let page = answer.is_html() || (300..400).contains(&answer.status);
    let code = match answer.status {
        407 => ErrorCode::ProxyPassword,
        511 => ErrorCode::Intercepted,
        500.. => ErrorCode::Unavailable,
        _ if page && kind != ProviderKind::Sametime => ErrorCode::Intercepted,
        _ => return Ok(()),
    };
    Err(Error::new(code).from_provider(kind).detail(format!("HTTP {}", answer.status)))
}

/// How far our clock is ahead of the answer's `Date` (RFC 9110 §6.6.1, to the second), by the middle of the wait for it.
#[must_use]
pub fn ahead(date: Option<&str>, asked: DateTime<Utc>, answered: DateTime<Utc>) -> Option<TimeDelta> {
    let theirs = DateTime::parse_from_rfc2822(date?.trim()).ok()?;
    Some((asked + (answered - asked) / 2).signed_duration_since(theirs))
}

#[cfg(test)]
mod tests;
