//! A configuration that is off ends with one sentence that names the key.

use convoke_broker::{Configuration, Settings};

const BASE: [(&str, &str); 3] =
    [("CONFIRM_SIGN_IN", "off"), ("ZOOM_CLIENT_ID", "id"), ("ZOOM_CLIENT_SECRET", "a-canary")];

/// A service of the administrator's own, without its token endpoint.
const ACME: [(&str, &str); 5] = [
    ("PROVIDERS", "acme"),
    ("ACME_CLIENT_ID", "id"),
    ("ACME_CLIENT_SECRET", "a-canary"),
    ("ACME_AUTHORIZE_URL", "https://acme.example/authorize"),
    ("ACME_SCOPES", "meetings"),
];

/// The base with `changes` over it.
fn read(changes: &[(&str, &str)]) -> Result<Configuration, convoke_broker::ConfigurationError> {
    let settings = Settings::from_pairs(BASE.into_iter().chain(changes.iter().copied()))?;
    Configuration::from_settings(&settings)
}

#[test]
fn each_refusal_is_one_sentence_that_begins_with_its_key() {
    for (key, changes) in [
        ("NO_SUCH_KEY", [("NO_SUCH_KEY", "1")].as_slice()),
        ("PORT", &[("PORT", "many")]),
        ("PORT", &[("PORT", "65536")]),
        ("METRICSPORT", &[("METRICSPORT", "-1")]),
        ("METRICSPORT", &[("METRICSPORT", "9000"), ("PORT", "9000")]),
        ("LISTEN", &[("LISTEN", "localhost")]),
        ("LISTEN", &[("LISTEN", "0.0.0.0")]),
        ("OAUTH_HOSTNAME", &[("LISTEN", "0.0.0.0"), ("TRUSTED_PROXIES", "192.0.2.1")]),
        ("TRUSTED_PROXIES", &[("TRUSTED_PROXIES", "the-proxy")]),
        ("OAUTH_HOSTNAME", &[("OAUTH_HOSTNAME", "broker.example.com")]),
        ("OAUTH_HOSTNAME", &[("OAUTH_HOSTNAME", "http://broker.example.com")]),
        ("OAUTH_HOSTNAME", &[("OAUTH_HOSTNAME", "https://broker.example.com/path")]),
        ("OAUTH_HOSTNAME", &[("OAUTH_HOSTNAME", "https://a@broker.example.com")]),
        ("OAUTH_HOSTNAME", &[("OAUTH_HOSTNAME", "ftp://127.0.0.1")]),
        ("CONFIRM_SIGN_IN", &[("CONFIRM_SIGN_IN", "maybe")]),
        ("CONFIRM_SIGN_IN", &[("OAUTH_HOSTNAME", "https://broker.example.com")]),
        ("BROKER_KEYS", &[("BROKER_KEYS", "a-canary")]),
        ("BROKER_KEYS_FILE", &[("BROKER_KEYS_FILE", "/no/such/file")]),
        ("STORE", &[("STORE", "file:")]),
        ("STORE", &[("STORE", "http://127.0.0.1")]),
        ("SESSIONS", &[("SESSIONS", "on")]),
        ("SESSIONS", &[("SESSIONS", "off")]),
        ("SESSION_IDLE_HOURS", &[("SESSION_IDLE_HOURS", "0")]),
        ("SESSION_IDLE_HOURS", &[("SESSION_IDLE_HOURS", "48"), ("SESSION_MAX_DAYS", "1")]),
        ("SESSION_MAX_DAYS", &[("SESSION_MAX_DAYS", "for ever")]),
        ("REPLAY_HOURS", &[("REPLAY_HOURS", "-1")]),
        ("ADMIN_TOKEN_FILE", &[("ADMIN_LISTEN", "127.0.0.1:9000")]),
        ("ADMIN_LISTEN", &[("ADMIN_TOKEN_FILE", "/etc/token")]),
        ("ADMIN_LISTEN", &[("ADMIN_LISTEN", "0.0.0.0:9000"), ("ADMIN_TOKEN_FILE", "/etc/token")]),
        ("ADMIN_TOKEN_FILE", &[("ADMIN_LISTEN", "0"), ("ADMIN_TOKEN_FILE", "/no/such/file")]),
        ("SSO_HEADER", &[("SSO_HEADER", "X-Remote-User")]),
        ("SSO_HEADER", &[("SSO_HEADER", "Cookie"), ("TRUSTED_PROXIES", "127.0.0.1")]),
        ("LEGACY_DOMI", &[("LEGACY_DOMI", "maybe")]),
        ("RATE_PER_TOKEN", &[("RATE_PER_TOKEN", "20")]),
        ("RATE_PER_ADDRESS", &[("RATE_PER_ADDRESS", "0/10")]),
        ("LOG_FORMAT", &[("LOG_FORMAT", "xml")]),
        ("TLS_KEY_FILE", &[("TLS_CERT_FILE", "/etc/cert.pem")]),
        ("TLSType", &[("TLSFile", "/etc/store.pfx"), ("TLSType", "pfx")]),
        ("OAUTH_HOSTNAME", &[("TLS_CERT_FILE", "/etc/cert.pem"), ("TLS_KEY_FILE", "/etc/key.pem")]),
        ("PROVIDERS", &[("PROVIDERS", "Acme")]),
        ("PROVIDERS", &[("PROVIDERS", "zoom")]),
        ("PROVIDERS", &[("PROVIDERS", "gtm")]),
        ("PROVIDERS", &[("PROVIDERS", "session")]),
        ("ACME_TOKEN_URL", &ACME),
        ("ACME_PKCE", &[&ACME[..], &[("ACME_TOKEN_URL", "https://a.example/t"), ("ACME_PKCE", "plain")]].concat()),
        (
            "ACME_CLIENT_AUTH",
            &[&ACME[..], &[("ACME_TOKEN_URL", "https://a.example/t"), ("ACME_CLIENT_AUTH", "url")]].concat(),
        ),
        (
            "ACME_SCOPES",
            &[
                ("PROVIDERS", "acme"),
                ("ACME_CLIENT_ID", "i"),
                ("ACME_CLIENT_SECRET", "a-canary"),
                ("ACME_AUTHORIZE_URL", "https://a.example/a"),
                ("ACME_TOKEN_URL", "https://a.example/t"),
            ],
        ),
        ("DOAP_HOST", &[("DOAP_CLIENT_ID", "id"), ("DOAP_CLIENT_SECRET", "a-canary")]),
        (
            "DOAP_HOST",
            &[("DOAP_HOST", "http://domino.example"), ("DOAP_CLIENT_ID", "id"), ("DOAP_CLIENT_SECRET", "a-canary")],
        ),
        (
            "GTM_REVOKE_URL",
            &[("GTM_CLIENT_ID", "id"), ("GTM_CLIENT_SECRET", "a-canary"), ("GTM_REVOKE_URL", "http://goto.example/")],
        ),
        ("ZOOM_TOKEN_URL", &[("ZOOM_TOKEN_URL", "/token")]),
        ("ZOOM_TOKEN_URL", &[("ZOOM_TOKEN_URL", "http://zoom.example/token")]),
        ("ZOOM_AUTHORIZE_URL", &[("ZOOM_AUTHORIZE_URL", "https://a:b@zoom.example/")]),
        ("ZOOM_REVOKE_URL", &[("ZOOM_REVOKE_URL", "http://127.0.0.1.example/")]),
        ("GTM_SCOPES", &[("GTM_CLIENT_ID", "id"), ("GTM_CLIENT_SECRET", "a-canary"), ("GTM_SCOPES", " ")]),
        ("ZOOM_REDIRECT_PATH", &[("ZOOM_REDIRECT_PATH", "callback")]),
        ("ZOOM_REDIRECT_PATH", &[("ZOOM_REDIRECT_PATH", "/v1/token")]),
        ("ZOOM_REDIRECT_PATH", &[("ZOOM_REDIRECT_PATH", "/healthz")]),
        ("ZOOM_REDIRECT_PATH", &[("ZOOM_REDIRECT_PATH", "/{provider}")]),
        ("ZOOM_REDIRECT_PATH", &[("ZOOM_REDIRECT_PATH", "/a/../b")]),
        (
            "ZOOM_REDIRECT_PATH",
            &[
                ("TEAMS_CLIENT_ID", "id"),
                ("TEAMS_CLIENT_SECRET", "s"),
                ("TEAMS_REDIRECT_PATH", "/same"),
                ("ZOOM_REDIRECT_PATH", "/same"),
            ],
        ),
    ] {
        let error = read(changes).expect_err(&format!("{changes:?}"));
        assert_eq!(error.key(), key, "{changes:?}: {error}");
        let sentence = error.to_string();
        assert!(sentence.starts_with(&format!("{key} ")) && sentence.ends_with('.'), "{sentence}");
        assert!(!sentence.contains('\n') && !sentence.contains("a-canary"), "{sentence}");
    }
}

#[test]
fn what_says_off_or_nothing_is_accepted() {
    for changes in [
        [].as_slice(),
        &[("SESSIONS", "off"), ("LEGACY_DOMI", "1"), ("REPLAY_HOURS", "0"), ("ADMIN_LISTEN", ""), ("STORE", "memory")],
        &[("CONFIRM_SIGN_IN", ""), ("OAUTH_HOSTNAME", "https://broker.example.com"), ("SESSIONS", "required")],
        &[("DOAP_CLIENT_ID", ""), ("GTM_TOKEN_URL", "https://goto.example/token"), ("RATE_PER_TOKEN", "0.5/10")],
        &[
            ("DOAP_HOST", "domino.example"),
            ("DOAP_CLIENT_ID", "id"),
            ("DOAP_CLIENT_SECRET", "s"),
            ("DOAP_TOKEN_PATH", "/x"),
        ],
        &[("WEBEX_CLIENT_ID", "id")],
        &[("GTM_CLIENT_SECRET", "s"), ("ZOOM_CLIENT_SECRET", "")],
        &[("PROVIDERS", ""), ("DEBUG", "1"), ("LOG_DIR", "/var/log")],
        &[("LISTEN", "::1"), ("PORT", "0"), ("METRICSPORT", "0")],
        &[("OAUTH_HOSTNAME", "http://localhost:8878/"), ("ZOOM_SCOPES", "a b"), ("ZOOM_ISSUER", "https://zoom.us")],
        &[("LISTEN", "0.0.0.0"), ("TRUSTED_PROXIES", "192.0.2.1"), ("OAUTH_HOSTNAME", "https://127.0.0.1")],
    ] {
        read(changes).unwrap_or_else(|error| panic!("{changes:?}: {error}"));
    }
}

#[test]
fn a_configuration_prints_no_secret() {
    assert!(!format!("{:?}", read(&[]).expect("good")).contains("a-canary"));
}

#[test]
fn half_a_registration_is_off_and_told() {
    let settings =
        Settings::from_pairs([("ZOOM_CLIENT_ID", "id"), ("WEBEX_CLIENT_SECRET", "a-canary")]).expect("known");
    let report = Configuration::from_settings(&settings).expect("good").report(&settings).join("\n");
    for line in ["ZOOM_CLIENT_SECRET is missing", "WEBEX_CLIENT_ID is missing", "every provider is off"] {
        assert!(report.contains(line), "{line} in {report}");
    }
    assert!(!report.contains("a-canary"));
}
