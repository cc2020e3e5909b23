//! What `convoke doctor` says: a line per check, and below it what to do where something is wrong.

use convoke_core::{
    account::ProviderKind,
    diagnosis::{DiagnosisKind, DiagnosisLine, DiagnosisState, DiagnosisView},
    error::ErrorCode,
};

use super::shown;

/// All lines, and where the report is.
pub fn diagnosis(view: &DiagnosisView) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in &view.lines {
        lines.push(shown(&format!("{} {}", mark(line.state), found(line))));
        lines.extend(to_do(line).map(|advice| format!("    {advice}")));
    }
    lines.push(String::new());
    lines.push("The same as a report to share, without secrets: the field report of convoke doctor --json".to_owned());
    lines.join("\n")
}

const fn mark(state: DiagnosisState) -> char {
    match state {
        DiagnosisState::Ok => '✓',
        DiagnosisState::Warning => '!',
        DiagnosisState::Failed => '✗',
        DiagnosisState::Skipped => '-',
    }
}

/// What was found, in one sentence.
fn found(line: &DiagnosisLine) -> String {
    let subject = line.subject.as_deref().unwrap_or("it");
    let note = line.note.as_deref();
    let error = line.error.as_ref();
    let why = error.and_then(|error| error.detail.as_deref()).unwrap_or("no reason given");
    let good = matches!(line.state, DiagnosisState::Ok);
    match (line.check, line.state) {
        (DiagnosisKind::Clock, DiagnosisState::Skipped) => "Clock: no server told the time".to_owned(),
        (DiagnosisKind::Clock, _) => match note {
            Some(off) if good => format!("Clock: right ({off})"),
            Some(off) => format!("Clock: off by {off}"),
            None => format!("Clock: it may be off, since a certificate is out of its time ({why})"),
        },
        (DiagnosisKind::Proxy, DiagnosisState::Skipped) => "Proxy: no host to reach".to_owned(),
        (DiagnosisKind::Proxy, DiagnosisState::Failed) => {
            let does = match error.map(|error| error.code) {
                Some(ErrorCode::Unreachable) => "does not answer",
                Some(ErrorCode::ProxyPassword) => "wants a user name and a password",
                _ => "does not let Convoke through",
            };
            format!("Proxy: {} {does}, on the way to {subject}", note.unwrap_or("it"))
        }
        (DiagnosisKind::Proxy, _) => match note {
            Some(proxy) => format!("Proxy: {proxy} on the way to {subject}"),
            None => format!("Proxy: none on the way to {subject}"),
        },
        (DiagnosisKind::Authorities, _) if good => format!("Certificate file: in use ({subject})"),
        (DiagnosisKind::Authorities, _) => format!("Certificate file: not in use ({})", fields(line)),
        (DiagnosisKind::Tls, DiagnosisState::Skipped) => "Certificates: no host with TLS was reached".to_owned(),
        (DiagnosisKind::Tls, _) if good => {
            let issuer = note.map(|issuer| format!(", issued by {issuer}")).unwrap_or_default();
            format!("Certificates: {subject} is trusted{issuer}")
        }
        (DiagnosisKind::Tls, _) => format!("Certificates: refused ({why})"),
        (DiagnosisKind::Broker, DiagnosisState::Skipped) => "Broker: none is set up".to_owned(),
        (DiagnosisKind::Broker, _) if good => {
            let version = note.map(|version| format!(", version {version}")).unwrap_or_default();
            format!("Broker: {subject} answers{version}")
        }
        (DiagnosisKind::Broker, _) => format!("Broker: {subject} {}", trouble(line)),
        (DiagnosisKind::Provider, _) => {
            let name = line.provider.map_or("Provider", ProviderKind::display_name);
            let said = if good { "answers".to_owned() } else { trouble(line) };
            format!("{name}: {subject} {said}")
        }
        (DiagnosisKind::Keyring, _) if good => "Keyring: a test entry was written, read and deleted".to_owned(),
        (DiagnosisKind::Keyring, _) => match error.map(|error| error.code) {
            Some(ErrorCode::KeyringAbsent) => "Keyring: none is running".to_owned(),
            Some(ErrorCode::KeyringLocked) => "Keyring: locked".to_owned(),
            _ => format!("Keyring: it did not keep a test entry ({why})"),
        },
        (DiagnosisKind::Loopback, _) if good => format!("Way back from the browser: {subject} works"),
        (DiagnosisKind::Loopback, _) => format!("Way back from the browser: {subject} does not work ({why})"),
        (DiagnosisKind::Browser, _) if good => format!("Browser: links open with {subject}"),
        (DiagnosisKind::Browser, _) => format!("Browser: no program opens links ({})", fields(line)),
        (DiagnosisKind::Register, _) if good => "Register: whole".to_owned(),
        (DiagnosisKind::Register, _) => format!("Register: {why}"),
    }
}

/// What a host did instead of answering.
fn trouble(line: &DiagnosisLine) -> String {
    let Some(error) = &line.error else { return "did not answer".to_owned() };
    let why = error.detail.as_deref().map(|detail| format!(" ({detail})")).unwrap_or_default();
    match error.code {
        ErrorCode::Unreachable => format!("did not answer{why}"),
        ErrorCode::Intercepted => format!("did not answer: something else did in its place{why}"),
        ErrorCode::ProxyPassword => format!("was not reached: the proxy wants a password{why}"),
        ErrorCode::Tls => format!("could not be secured{why}"),
        ErrorCode::Unavailable => format!("has trouble answering{why}"),
        _ => format!("answered something that could not be understood{why}"),
    }
}

fn fields(line: &DiagnosisLine) -> String {
    let fields = line.error.iter().flat_map(|error| &error.fields);
    fields.filter_map(|issue| issue.detail.as_deref()).collect::<Vec<_>>().join("; ")
}

/// What to do; none where there is nothing.
fn to_do(line: &DiagnosisLine) -> Option<&'static str> {
    let code = line.error.as_ref().map(|error| error.code);
    if matches!(line.state, DiagnosisState::Ok) {
        return None;
    }
    match (line.check, code) {
        (DiagnosisKind::Clock, _) if line.state == DiagnosisState::Skipped => None,
        (DiagnosisKind::Clock, _) => Some("Set this computer's clock, or let it follow the network's time."),
        (DiagnosisKind::Authorities, _) => Some(
            "Correct ca_file under [network] in the profile, or bring the file back. Until then the system's authorities count alone.",
        ),
        (DiagnosisKind::Broker, Some(ErrorCode::NoBroker)) => {
            Some("To sign in through a browser, give the organisation's profile file with --profile FILE.")
        }
        (DiagnosisKind::Browser, _) => {
            Some("Name one in BROWSER, or sign in with --no-browser and open the address yourself.")
        }
        (DiagnosisKind::Loopback, _) => Some(
            "Look whether a firewall or a security program holds loopback back; until then sign in with --no-browser and paste the address.",
        ),
        (DiagnosisKind::Register, _) => {
            Some("Check the folder's permissions and the free space (--home, CONVOKE_HOME).")
        }
        (_, Some(ErrorCode::KeyringAbsent)) => {
            Some("Start GNOME Keyring, KWallet or KeePassXC (with its Secret Service). Sign-ins are nowhere else.")
        }
        (_, Some(ErrorCode::KeyringLocked)) => {
            Some("Unlock it (with Passwords and Keys, KWallet or KeePassXC). Your sign-ins are still in it.")
        }
        (_, Some(ErrorCode::KeyringFailed)) => {
            Some("Restart the keyring program, and look for a question that it asks.")
        }
        (_, Some(ErrorCode::Unreachable)) => Some("Check the network, the proxy and the address in the profile."),
        (_, Some(ErrorCode::Intercepted)) => {
            Some("Open a browser and sign in to the network; at work, ask whether this host is blocked.")
        }
        (_, Some(ErrorCode::ProxyPassword)) => {
            Some("Put user name and password into HTTPS_PROXY: http://NAME:PASSWORD@HOST:PORT")
        }
        (_, Some(ErrorCode::Tls)) => Some(
            "Check the clock. If the issuer is your organisation's gateway, name its certificate in CONVOKE_CA_FILE or as ca_file in the profile.",
        ),
        (_, Some(ErrorCode::Unavailable)) => Some("It passes by itself, mostly. Try again later."),
        (_, Some(_)) => Some("Check the address in the profile; if it is right, tell your administrator."),
        (_, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use convoke_core::error::Error;

    use super::*;

    const KINDS: [DiagnosisKind; 10] = [
        DiagnosisKind::Clock,
        DiagnosisKind::Proxy,
        DiagnosisKind::Authorities,
        DiagnosisKind::Tls,
        DiagnosisKind::Broker,
        DiagnosisKind::Provider,
        DiagnosisKind::Keyring,
        DiagnosisKind::Loopback,
        DiagnosisKind::Browser,
        DiagnosisKind::Register,
    ];

    fn said(line: DiagnosisLine) -> Vec<String> {
        diagnosis(&DiagnosisView { lines: vec![line], report: String::new() }).lines().map(str::to_owned).collect()
    }

    #[test]
    fn every_failure_says_what_to_do_and_what_is_well_does_not() {
        for kind in KINDS {
            let line = DiagnosisLine::ok(kind).about("host.example");
            let well = said(line.clone());
            assert!(well[0].starts_with("✓ ") && well[1].is_empty(), "{well:?}");
            for code in [ErrorCode::Unreachable, ErrorCode::Tls, ErrorCode::KeyringLocked, ErrorCode::Storage] {
                let failed = said(line.clone().is(DiagnosisState::Failed, Some(Error::new(code))));
                assert!(failed[0].starts_with("✗ ") && failed[1].starts_with("    "), "{failed:?}");
            }
        }
    }

    #[test]
    fn a_gateway_is_named_and_cannot_move_the_cursor() {
        let error = Error::new(ErrorCode::Tls).detail("zoom.us: unknown issuer; issuer: Acme Gateway");
        let line = DiagnosisLine::ok(DiagnosisKind::Tls).is(DiagnosisState::Failed, Some(error));
        assert_eq!(said(line)[0], "✗ Certificates: refused (zoom.us: unknown issuer; issuer: Acme Gateway)");
        let odd = DiagnosisLine::ok(DiagnosisKind::Browser).about("a\u{1b}[2J\nb");
        assert_eq!(said(odd)[0], "✓ Browser: links open with a [2J b");
    }
}
