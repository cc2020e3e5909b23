//! What a report may say, and what it must not.

use super::*;
use crate::{
    account::ProviderKind,
    diagnosis::DiagnosisKind,
    error::{Error, ErrorCode, FieldIssue, IssueCode},
};

fn report(lines: &[DiagnosisLine]) -> String {
    let head = Head {
        at: DateTime::from_timestamp(1_795_335_480, 0).unwrap(),
        system: "Debian GNU/Linux 12 (bookworm), linux x86_64",
        zone: Tz::Europe__Zurich,
        profile: "Example Ltd",
        home: Some(Path::new("/home/ana")),
    };
    text(&head, lines)
}

#[test]
fn a_line_per_check_below_what_is_known_of_the_computer() {
    let zoom = DiagnosisLine { provider: Some(ProviderKind::Zoom), ..DiagnosisLine::ok(DiagnosisKind::Provider) };
    let lines = [
        DiagnosisLine::ok(DiagnosisKind::Clock).noting(Some("+1 s".to_owned())),
        DiagnosisLine::ok(DiagnosisKind::Broker).about("broker.example").is(
            DiagnosisState::Failed,
            Some(Error::new(ErrorCode::Tls).detail("broker.example: expired; issuer: Acme CA")),
        ),
        zoom.about("api.zoom.us"),
    ];
    let expected = format!(
        "Convoke {} diagnostics\n\
         time     2026-11-22T08:18:00Z\n\
         system   Debian GNU/Linux 12 (bookworm), linux x86_64\n\
         zone     Europe/Zurich\n\
         profile  Example Ltd\n\
         \n\
         ok       clock        +1 s\n\
         failed   broker       broker.example  tls: broker.example: expired; issuer: Acme CA\n\
         ok       provider     zoom  api.zoom.us\n",
        env!("CARGO_PKG_VERSION")
    );
    assert_eq!(report(&lines), expected);
}

#[test]
fn it_does_not_say_who_a_person_is() {
    let file = |path: &str| {
        let issue =
            FieldIssue::with_detail("network.ca_file", IssueCode::Unknown, &format!("{path}: entity not found"));
        DiagnosisLine::ok(DiagnosisKind::Authorities)
            .about(path)
            .is(DiagnosisState::Failed, Some(Error::invalid(vec![issue])))
    };
    let lines = [
        file("/home/ana/keys/ca.pem"),
        file("/media/ana/stick/ca.pem"),
        DiagnosisLine::ok(DiagnosisKind::Browser).about("/home/ana/bin/firefox"),
        DiagnosisLine::ok(DiagnosisKind::Proxy).noting(Some("http://ana:hunter2@proxy.example:3128/?x=1".to_owned())),
        DiagnosisLine::ok(DiagnosisKind::Tls)
            .noting(Some("ana.example@example.com Acme\nok       register".to_owned())),
    ];
    let text = report(&lines);
    for personal in ["/home/ana", "ana/", "hunter2", "x=1", "ana.example"] {
        assert!(!text.contains(personal), "{personal} in {text}");
    }
    for kept in
        ["~/keys/ca.pem", "[path]", "~/bin/firefox", "http://proxy.example:3128/", "[address] Acme ok       register"]
    {
        assert!(text.contains(kept), "{kept} in {text}");
    }
    assert_eq!(text.lines().count(), 6 + lines.len(), "no line more than there are checks");
}
