//! A look at a computer where one thing hangs, and one where nothing is set up.

use std::sync::Arc;

use chrono_tz::Tz;
use tokio::net::TcpListener;

use super::*;
use crate::{
    account::AccountId,
    credential::Credential,
    diagnosis::{DiagnosisKind, DiagnosisState},
    error::Answer,
    profile::Profile,
    service::Setup,
    storage::{CredentialStore, Glance},
    view::OrganisationSource,
};

/// A keyring that has nothing and can do nothing but be tried; or that never answers.
struct Empty {
    hangs: bool,
}

impl CredentialStore for Empty {
    fn load<'a>(&'a self, _: &'a AccountId) -> Answer<'a, Option<Credential>> {
        Box::pin(async { Ok(None) })
    }

    fn save<'a>(&'a self, _: &'a AccountId, _: &'a Credential) -> Answer<'a, ()> {
        Box::pin(async { Err(Error::new(ErrorCode::KeyringFailed)) })
    }

    fn forget<'a>(&'a self, _: &'a AccountId) -> Answer<'a, ()> {
        Box::pin(async { Err(Error::new(ErrorCode::KeyringFailed)) })
    }

    fn probe(&self) -> Answer<'_, ()> {
        if self.hangs { Box::pin(std::future::pending()) } else { Box::pin(async { Ok(()) }) }
    }

    fn glance(&self) -> Answer<'_, Glance> {
        unreachable!("nothing is missing here")
    }
}

/// A home folder that is gone at the end of its test.
struct Home(PathBuf);

impl Home {
    fn new(name: &str) -> Self {
        Self(std::env::temp_dir().join(format!("convoke-diagnostics-{}-{name}", std::process::id())))
    }

    fn core(&self, profile: &str, hangs: bool) -> Core {
        Core::open(Setup {
            home: self.0.clone(),
            started_profile: Some(Profile::parse(profile).unwrap()),
            clock: Arc::new(|| chrono::DateTime::from_timestamp(1_795_335_480, 0).unwrap()),
            uptime: crate::system::uptime_clock(),
            credentials: Arc::new(Empty { hangs }),
            system_zone: Tz::Europe__Zurich,
            ca_file: None,
        })
        .unwrap()
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A profile whose hosts are all at one place.
fn profile(place: &str) -> String {
    let providers =
        ["teams", "zoom", "webex", "goto"].map(|name| format!("[providers.{name}]\napi_base = {place:?}\n"));
    format!("name = \"Test\"\n[broker]\nurl = {place:?}\n{}", providers.concat())
}

fn of(view: &DiagnosisView, check: DiagnosisKind) -> Vec<(DiagnosisState, Option<ErrorCode>)> {
    let lines = view.lines.iter().filter(|line| line.check == check);
    lines.map(|line| (line.state, line.error.as_ref().map(|error| error.code))).collect()
}

#[tokio::test]
async fn what_hangs_is_said_and_the_rest_is_shown() {
    // It takes connections and says nothing.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let place = format!("http://{}/", listener.local_addr().unwrap());
    let home = Home::new("hangs");
    let core = home.core(&profile(&place), true);
    let end = Instant::now() + Duration::from_millis(800);
    let view = core.diagnosed(&Surroundings::default(), end).await;
    assert!(Instant::now() < end + Duration::from_secs(1));
    let silent = (DiagnosisState::Failed, Some(ErrorCode::Unreachable));
    assert_eq!(of(&view, DiagnosisKind::Broker), [silent]);
    assert_eq!(of(&view, DiagnosisKind::Provider), [silent; 4]);
    assert_eq!(of(&view, DiagnosisKind::Keyring), [(DiagnosisState::Failed, Some(ErrorCode::KeyringFailed))]);
    for check in [DiagnosisKind::Proxy, DiagnosisKind::Loopback, DiagnosisKind::Register] {
        assert_eq!(of(&view, check), [(DiagnosisState::Ok, None)], "{check:?}");
    }
    assert!(view.report.matches("no answer").count() >= 6, "{}", view.report);
}

#[tokio::test]
async fn nobody_there_is_said_host_by_host() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let place = listener.local_addr().unwrap();
    drop(listener);
    let home = Home::new("nobody");
    let core = home.core(&profile(&format!("http://{place}/")), false);
    let view = core.diagnose(&Surroundings::default()).await;
    assert_eq!(of(&view, DiagnosisKind::Broker), [(DiagnosisState::Failed, Some(ErrorCode::Unreachable))]);
    assert_eq!(of(&view, DiagnosisKind::Tls), [(DiagnosisState::Skipped, None)]);
    assert_eq!(of(&view, DiagnosisKind::Clock), [(DiagnosisState::Skipped, None)]);
    assert_eq!(of(&view, DiagnosisKind::Keyring), [(DiagnosisState::Ok, None)]);
    assert!(view.report.contains(&place.to_string()), "{}", view.report);
}

/// A profile that was taken with its file, and whose file is gone at the next start: the app opens and says it.
#[tokio::test]
async fn a_file_of_authorities_that_went_away_is_said() {
    let home = Home::new("authorities");
    let core = home.core("name = \"Started\"", false);
    let file = home.0.join("ca.pem");
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = rcgen::CertificateParams::default().self_signed(&key).unwrap();
    std::fs::write(&file, certificate.pem()).unwrap();
    let source = OrganisationSource::Profile(format!("name = \"Test\"\n[network]\nca_file = {file:?}\n"));
    let check = core.check_organisation(&source).await.unwrap();
    assert_eq!(check.lines[1].subject.as_deref(), file.to_str(), "a person sees whose word counts");
    core.accept_organisation(&source, &[]).unwrap();
    assert_eq!(core.untrusted(), None);

    std::fs::remove_file(&file).unwrap();
    let check = core.check_organisation(&source).await.unwrap();
    assert!(check.lines[0].error.as_ref().is_some_and(|error| error.fields[0].field == "network.ca_file"));
    assert!(core.accept_organisation(&source, &[]).is_err());
    drop(core);
    let setup = || Setup {
        home: home.0.clone(),
        started_profile: None,
        clock: Arc::new(chrono::DateTime::<chrono::Utc>::default),
        uptime: crate::system::uptime_clock(),
        credentials: Arc::new(Empty { hangs: false }),
        system_zone: Tz::UTC,
        ca_file: None,
    };
    let again = Core::open(setup()).unwrap();
    assert_eq!(again.profile().name, "Test");
    assert_eq!(again.untrusted().unwrap().fields[0].field, "network.ca_file");
    let surroundings = Surroundings { home: Some(home.0.clone()), ..Surroundings::default() };
    let view = again.diagnosed(&surroundings, Instant::now() + Duration::from_millis(500)).await;
    assert_eq!(of(&view, DiagnosisKind::Authorities), [(DiagnosisState::Failed, Some(ErrorCode::InvalidInput))]);
    assert!(view.report.contains("~/ca.pem"), "{}", view.report);
    // One that is given at this start is another matter.
    let given = Setup { ca_file: Some(file.clone()), ..setup() };
    assert_eq!(Core::open(given).err().unwrap().fields[0].field, "network.ca_file");
}

#[test]
fn the_door_of_an_api_lies_below_its_base() {
    let at = |kind, base: &str| door(kind, &base.parse().unwrap()).to_string();
    assert_eq!(at(ProviderKind::Teams, "https://graph.microsoft.com/v1.0"), "https://graph.microsoft.com/v1.0/me");
    assert_eq!(at(ProviderKind::Zoom, "https://api.zoom.us/v2/"), "https://api.zoom.us/v2/users/me");
    assert_eq!(at(ProviderKind::Sametime, "https://meet.example/"), "https://meet.example/");
}
