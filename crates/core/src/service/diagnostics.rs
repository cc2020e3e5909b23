//! Looks at everything that a sign-in and a meeting need, all at once and within ten seconds, and changes nothing but an entry
//! of its own in the keyring. What was found is judged in `diagnosis/`.

use std::{ffi::OsString, path::PathBuf, time::Duration};

use tokio::time::{Instant, timeout_at};
use url::Url;

use super::{Core, Organisation};
use crate::{
    account::ProviderKind,
    auth::{broker::Broker, browser, loopback},
    diagnosis::{
        DiagnosisView,
        judgement::{self, Findings, Said, Visit},
        report,
    },
    error::{Error, ErrorCode},
    http::{HttpAnswer, HttpRequest, TOKEN_CAP, TransportError, TransportKind},
    profile::base_text,
    system,
};

/// So long one look may take: a little less than the ten seconds that a person is promised.
const PATIENCE: Duration = Duration::from_millis(9_500);
/// What a check is called whose time is over.
const SILENT: &str = "no answer";

/// What only a composition root knows of this computer.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// The value of `$BROWSER`.
    pub browser: Option<OsString>,
    /// The value of `$PATH`: where programs are looked for.
    pub path: Option<OsString>,
    /// The person's home folder; it is left out of the report.
    pub home: Option<PathBuf>,
}

impl Core {
    /// Looks at clock, proxy, certificates, broker, providers, keyring, loopback, browser and register.
    pub async fn diagnose(&self, here: &Surroundings) -> DiagnosisView {
        self.diagnosed(here, Instant::now() + PATIENCE).await
    }

    async fn diagnosed(&self, here: &Surroundings, end: Instant) -> DiagnosisView {
        let organisation = self.organisation();
        let (broker, providers, keyring, loopback, register) = tokio::join!(
            self.visit_broker(&organisation, end),
            self.visit_providers(&organisation, end),
            within(end, ErrorCode::KeyringFailed, self.0.vault.probe()),
            within(end, ErrorCode::Unreachable, loopback::try_out()),
            within(end, ErrorCode::Storage, self.check_register()),
        );
        let lines = judgement::lines(Findings {
            broker,
            providers,
            authorities: organisation
                .profile
                .ca_file
                .as_ref()
                .map(|file| (file.display().to_string(), organisation.untrusted.clone())),
            keyring,
            loopback,
            browser: browser::program(here.browser.as_deref(), here.path.as_deref()),
            register,
        });
        let head = report::Head {
            at: self.now(),
            system: &system::description(),
            zone: self.zone(),
            profile: &organisation.profile.name,
            home: here.home.as_deref(),
        };
        DiagnosisView { report: report::text(&head, &lines), lines }
    }

    async fn visit_broker(&self, organisation: &Organisation, end: Instant) -> Option<Visit> {
        let broker = organisation.broker.as_ref()?;
        let url = broker.front();
        Some(self.visit(organisation, None, url, |answer| Broker::recognise(broker, answer), end).await)
    }

    /// The hosts of the profile, and the Sametime servers that people typed themselves.
    async fn visit_providers(&self, organisation: &Organisation, end: Instant) -> Vec<Visit> {
        let mut places: Vec<(ProviderKind, Url)> = ProviderKind::ALL
            .into_iter()
            .filter_map(|kind| Some((kind, organisation.profile.api_base(kind)?.clone())))
            .collect();
        for account in self.accounts().unwrap_or_default() {
            let own = account.provider == ProviderKind::Sametime
                && organisation.profile.allows(account.provider, &account.binding)
                && !places.iter().any(|(_, base)| base_text(base) == account.binding.api_base);
            if own && let Ok(server) = account.binding.api_base.parse() {
                places.push((account.provider, server));
            }
        }
        let mut work = tokio::task::JoinSet::new();
        for (place, (kind, base)) in places.into_iter().enumerate() {
            let (core, organisation) = (self.clone(), organisation.clone());
            work.spawn(async move {
                let judge = |answer: &HttpAnswer| judgement::reached(kind, answer).map(|()| None);
                (place, core.visit(&organisation, Some(kind), door(kind, &base), judge, end).await)
            });
        }
        let mut visits = work.join_all().await;
        visits.sort_by_key(|(place, _)| *place);
        visits.into_iter().map(|(_, visit)| visit).collect()
    }

    async fn visit(
        &self,
        organisation: &Organisation,
        provider: Option<ProviderKind>,
        url: Url,
        judge: impl Fn(&HttpAnswer) -> Result<Option<String>, Error>,
        end: Instant,
    ) -> Visit {
        let http = organisation.http.also_allowing(&url);
        let name = url.host_str().unwrap_or_default().to_owned();
        let host = url.port().map_or_else(|| name.clone(), |port| format!("{name}:{port}"));
        let (secure, asked) = (url.scheme() == "https", self.now());
        let answer = timeout_at(end, http.send(HttpRequest::get(url.clone()).cap(TOKEN_CAP))).await;
        let proxy = http.proxy(&url);
        let said = match answer {
            Ok(Ok(answer)) => {
                Ok(Said { ahead: judgement::ahead(answer.header("date"), asked, self.now()), judged: judge(&answer) })
            }
            // More than it was asked for is an answer as well.
            Ok(Err(error)) if error.kind == TransportKind::TooLarge && provider.is_some() => {
                Ok(Said { ahead: None, judged: Ok(None) })
            }
            Ok(Err(error)) => Err(error),
            Err(_) => Err(TransportError::new(TransportKind::Timeout, format!("{name}: {SILENT}"))),
        };
        Visit { host, provider, secure, proxy, issuer: http.issuer(&name).filter(|_| secure), said }
    }

    /// On a thread of its own: a large register takes its time.
    async fn check_register(&self) -> Result<(), Error> {
        let core = self.clone();
        let checked = tokio::task::spawn_blocking(move || core.register().check()).await;
        checked.unwrap_or_else(|_| Err(Error::new(ErrorCode::Storage)))
    }
}

/// A place of the provider's API that answers in JSON to anybody, mostly with a no: its root may be a web page.
fn door(kind: ProviderKind, base: &Url) -> Url {
    let path: &[&str] = match kind {
        ProviderKind::Teams => &["me"],
        ProviderKind::Zoom => &["users", "me"],
        ProviderKind::Webex => &["people", "me"],
        ProviderKind::Goto => &["upcomingMeetings"],
        ProviderKind::Sametime => &[],
    };
    let mut url = base.clone();
    if let (false, Ok(mut segments)) = (path.is_empty(), url.path_segments_mut()) {
        segments.pop_if_empty().extend(path);
    }
    url
}

async fn within(end: Instant, code: ErrorCode, check: impl Future<Output = Result<(), Error>>) -> Result<(), Error> {
    timeout_at(end, check).await.unwrap_or_else(|_| Err(Error::new(code).detail(SILENT)))
}

#[cfg(test)]
mod tests;
