//! Each trouble as it would be found, and the lines that follow.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue};

use super::*;
use crate::{diagnosis::DiagnosisState, http::Refused};

fn visit(host: &str, said: Result<Said, TransportError>) -> Visit {
    Visit {
        host: host.to_owned(),
        provider: None,
        secure: true,
        proxy: None,
        issuer: Some("Well Known CA".to_owned()),
        said,
    }
}

fn well(ahead: i64) -> Said {
    Said { ahead: Some(TimeDelta::seconds(ahead)), judged: Ok(Some("1".to_owned())) }
}

fn lost(kind: TransportKind, host: &str, fault: Option<Fault>) -> Result<Said, TransportError> {
    let refused = fault.map(|fault| Refused { fault, issuer: Some("Acme Gateway".to_owned()) });
    Err(TransportError { refused, ..TransportError::new(kind, host.to_owned()) })
}

fn at(kind: ProviderKind, host: &str, said: Result<Said, TransportError>) -> Visit {
    Visit { provider: Some(kind), ..visit(host, said) }
}

fn found(broker: Option<Visit>, providers: Vec<Visit>) -> Vec<DiagnosisLine> {
    lines(Findings {
        broker,
        providers,
        authorities: None,
        keyring: Ok(()),
        loopback: Ok(()),
        browser: Ok("xdg-open".to_owned()),
        register: Ok(()),
    })
}

fn states(lines: &[DiagnosisLine]) -> Vec<(DiagnosisKind, DiagnosisState, Option<ErrorCode>)> {
    lines.iter().map(|line| (line.check, line.state, line.error.as_ref().map(|error| error.code))).collect()
}

#[track_caller]
fn line(lines: &[DiagnosisLine], check: DiagnosisKind) -> &DiagnosisLine {
    lines.iter().find(|line| line.check == check).expect("a line of this check")
}

#[test]
fn where_all_is_well_the_lines_stand_in_their_order() {
    let zoom = at(ProviderKind::Zoom, "api.zoom.us", Ok(well(1)));
    let lines = found(Some(visit("broker.example", Ok(well(-1)))), vec![zoom]);
    let all = [
        DiagnosisKind::Clock,
        DiagnosisKind::Proxy,
        DiagnosisKind::Tls,
        DiagnosisKind::Broker,
        DiagnosisKind::Provider,
        DiagnosisKind::Keyring,
        DiagnosisKind::Loopback,
        DiagnosisKind::Browser,
        DiagnosisKind::Register,
    ];
    assert_eq!(states(&lines), all.map(|check| (check, DiagnosisState::Ok, None)));
    assert_eq!(line(&lines, DiagnosisKind::Tls).note.as_deref(), Some("Well Known CA"));
    assert_eq!(line(&lines, DiagnosisKind::Broker).note.as_deref(), Some("1"));
    assert_eq!(line(&lines, DiagnosisKind::Provider).subject.as_deref(), Some("api.zoom.us"));
}

#[test]
fn nothing_set_up_is_nothing_wrong() {
    let lines = found(None, Vec::new());
    assert!(lines.iter().all(|line| line.state != DiagnosisState::Failed));
    assert_eq!(states(&lines)[3], (DiagnosisKind::Broker, DiagnosisState::Skipped, Some(ErrorCode::NoBroker)));
}

#[test]
fn a_clock_is_wrong_only_where_no_server_agrees_with_it() {
    let clock = |broker: i64, zoom: i64| {
        let lines = found(
            Some(visit("broker.example", Ok(well(broker)))),
            vec![at(ProviderKind::Zoom, "api.zoom.us", Ok(well(zoom)))],
        );
        let line = line(&lines, DiagnosisKind::Clock);
        (line.state, line.note.clone().unwrap_or_default())
    };
    assert_eq!(clock(120, 300), (DiagnosisState::Ok, "+120 s".to_owned()));
    assert_eq!(clock(7200, 0), (DiagnosisState::Ok, "+0 s".to_owned()), "the broker's own clock is off");
    assert_eq!(clock(121, 300), (DiagnosisState::Warning, "+121 s".to_owned()));
    assert_eq!(clock(-3600, -3601), (DiagnosisState::Warning, "-3600 s".to_owned()));
    // A clock that is off by years reaches nobody who could say so.
    let refused = lost(TransportKind::Tls, "broker.example", Some(Fault::NotYetValid));
    let lines = found(Some(visit("broker.example", refused)), Vec::new());
    assert_eq!(line(&lines, DiagnosisKind::Clock).state, DiagnosisState::Warning);
    let silent = lost(TransportKind::Timeout, "broker.example", None);
    let lines = found(Some(visit("broker.example", silent)), Vec::new());
    assert_eq!(line(&lines, DiagnosisKind::Clock).state, DiagnosisState::Skipped);
}

#[test]
fn a_gateway_that_opens_tls_is_named() {
    let refused = lost(TransportKind::Tls, "api.zoom.us", Some(Fault::UnknownIssuer));
    let zoom = at(ProviderKind::Zoom, "api.zoom.us", refused);
    let lines = found(Some(visit("broker.example", Ok(well(0)))), vec![zoom]);
    for check in [DiagnosisKind::Tls, DiagnosisKind::Provider] {
        let line = line(&lines, check);
        assert_eq!(line.state, DiagnosisState::Failed, "{check:?}");
        let detail = line.error.as_ref().unwrap().detail.as_deref();
        assert_eq!(detail, Some("api.zoom.us: unknown issuer; issuer: Acme Gateway"));
    }
    assert_eq!(line(&lines, DiagnosisKind::Broker).state, DiagnosisState::Ok);
}

#[test]
fn a_proxy_is_named_and_its_trouble_is_its_own() {
    let through = Visit { proxy: Some("proxy.example:3128".to_owned()), ..visit("broker.example", Ok(well(0))) };
    let lines = found(Some(through.clone()), Vec::new());
    assert_eq!(line(&lines, DiagnosisKind::Proxy).note.as_deref(), Some("proxy.example:3128"));
    for (kind, code) in [
        (TransportKind::ProxyPassword, ErrorCode::ProxyPassword),
        (TransportKind::Proxy, ErrorCode::Intercepted),
        (TransportKind::ProxyAway, ErrorCode::Unreachable),
    ] {
        let stopped = Visit { said: lost(kind, "proxy proxy.example:3128", None), ..through.clone() };
        let lines = found(Some(stopped), Vec::new());
        let line = line(&lines, DiagnosisKind::Proxy);
        let error = line.error.as_ref().unwrap();
        assert_eq!((line.state, error.code), (DiagnosisState::Failed, code));
        assert_eq!(error.detail.as_deref(), Some("proxy proxy.example:3128"));
    }
}

#[test]
fn what_only_bothers_is_no_failure() {
    let down = Ok(Said { ahead: None, judged: Err(Error::new(ErrorCode::Unavailable)) });
    let lines = lines(Findings {
        broker: Some(visit("broker.example", Ok(well(0)))),
        providers: vec![at(ProviderKind::Webex, "webexapis.com", down)],
        authorities: Some(("/etc/acme.pem".to_owned(), None)),
        keyring: Ok(()),
        loopback: Ok(()),
        browser: Err(Error::new(ErrorCode::InvalidInput)),
        register: Ok(()),
    });
    for check in [DiagnosisKind::Provider, DiagnosisKind::Browser] {
        assert_eq!(line(&lines, check).state, DiagnosisState::Warning);
    }
    assert!(lines.iter().all(|line| line.state != DiagnosisState::Failed));
    assert_eq!(line(&lines, DiagnosisKind::Authorities).subject.as_deref(), Some("/etc/acme.pem"));
}

#[test]
fn what_is_broken_here_fails() {
    let lines = lines(Findings {
        broker: None,
        providers: Vec::new(),
        authorities: Some(("/etc/acme.pem".to_owned(), Some(Error::new(ErrorCode::InvalidInput)))),
        keyring: Err(Error::new(ErrorCode::KeyringLocked)),
        loopback: Err(Error::new(ErrorCode::Unreachable)),
        browser: Ok("firefox".to_owned()),
        register: Err(Error::new(ErrorCode::Storage)),
    });
    let failed: Vec<DiagnosisKind> =
        lines.iter().filter(|line| line.state == DiagnosisState::Failed).map(|line| line.check).collect();
    assert_eq!(
        failed,
        [DiagnosisKind::Authorities, DiagnosisKind::Keyring, DiagnosisKind::Loopback, DiagnosisKind::Register]
    );
}

#[test]
fn an_api_that_says_no_is_reached_and_a_page_is_not_the_api() {
    let judged = |kind: ProviderKind, status: u16, page: bool| {
        let mut headers = HeaderMap::new();
        let media = if page { "text/html; charset=utf-8" } else { "application/json" };
        headers.insert("content-type", HeaderValue::from_static(media));
        reached(kind, &HttpAnswer { status, headers, body: Bytes::new() }).map_err(|error| error.code)
    };
    for status in [200, 400, 401, 403, 404, 429] {
        assert_eq!(judged(ProviderKind::Zoom, status, false), Ok(()), "{status}");
        assert_eq!(judged(ProviderKind::Zoom, status, true), Err(ErrorCode::Intercepted), "{status}");
        assert_eq!(judged(ProviderKind::Sametime, status, true), Ok(()), "{status}");
    }
    assert_eq!(judged(ProviderKind::Teams, 302, false), Err(ErrorCode::Intercepted));
    assert_eq!(judged(ProviderKind::Sametime, 302, false), Ok(()), "a server's front page leads on");
    for kind in [ProviderKind::Goto, ProviderKind::Sametime] {
        assert_eq!(judged(kind, 407, true), Err(ErrorCode::ProxyPassword));
        assert_eq!(judged(kind, 511, true), Err(ErrorCode::Intercepted));
        assert_eq!(judged(kind, 503, true), Err(ErrorCode::Unavailable));
    }
}

#[test]
fn a_servers_time_is_read_in_the_middle_of_the_wait() {
    let time = |text: &str| DateTime::parse_from_rfc3339(text).unwrap().with_timezone(&Utc);
    let (asked, answered) = (time("2026-11-22T08:18:00Z"), time("2026-11-22T08:18:04Z"));
    let read = |date: &str| ahead(Some(date), asked, answered).map(|ahead| ahead.num_seconds());
    assert_eq!(read("Sun, 22 Nov 2026 08:18:02 GMT"), Some(0));
    assert_eq!(read("Sun, 22 Nov 2026 08:13:02 GMT"), Some(300));
    assert_eq!(read("soon"), None);
    assert_eq!(ahead(None, asked, answered), None);
}
