//! A configuration that is off ends with one sentence that names the key.

use convoke_broker::{Configuration, Settings};

const BASE: [(&str, &str); 3] =
    [("CONFIRM_SIGN_IN", "off"), ("ZOOM_CLIENT_ID", "id"), ("ZOOM_CLIENT_SECRET", "a-canary")];

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
        ("CONFIRM_SIGN_IN", &[("CONFIRM_SIGN_IN", "on")]),
        ("CONFIRM_SIGN_IN", &[("CONFIRM_SIGN_IN", "")]),
        ("CONFIRM_SIGN_IN", &[("OAUTH_HOSTNAME", "https://broker.example.com")]),
        ("BROKER_KEYS", &[("BROKER_KEYS", "a-canary")]),
        ("BROKER_KEYS_FILE", &[("BROKER_KEYS_FILE", "/no/such/file")]),
        ("STORE", &[("STORE", "file:/var/lib/broker")]),
        ("STORE", &[("STORE", "redis://127.0.0.1")]),
        ("SESSIONS", &[("SESSIONS", "on")]),
        ("SESSION_IDLE_HOURS", &[("SESSION_IDLE_HOURS", "24")]),
        ("SESSION_MAX_DAYS", &[("SESSION_MAX_DAYS", "30")]),
        ("REPLAY_HOURS", &[("REPLAY_HOURS", "24")]),
        ("ADMIN_LISTEN", &[("ADMIN_LISTEN", "127.0.0.1:9000")]),
        ("ADMIN_TOKEN_FILE", &[("ADMIN_TOKEN_FILE", "/etc/token")]),
        ("LEGACY_DOMI", &[("LEGACY_DOMI", "1")]),
        ("DOMINO_CLIENT_ID", &[("DOMINO_CLIENT_ID", "id"), ("DOMINO_CLIENT_SECRET", "a-canary")]),
        ("DOMINO_CLIENT_SECRET", &[("DOMINO_CLIENT_SECRET", "a-canary")]),
        ("ZOOM_CLIENT_SECRET", &[("ZOOM_CLIENT_SECRET", "")]),
        ("ZOOM_CLIENT_ID", &[("ZOOM_CLIENT_ID", "")]),
        ("WEBEX_CLIENT_SECRET", &[("WEBEX_CLIENT_ID", "id")]),
        ("GTM_CLIENT_ID", &[("GTM_CLIENT_SECRET", "a-canary")]),
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
        &[("SESSIONS", "off"), ("LEGACY_DOMI", "0"), ("REPLAY_HOURS", "0"), ("ADMIN_LISTEN", ""), ("STORE", "memory")],
        &[("DOMINO_CLIENT_ID", ""), ("DOMINO_CLIENT_SECRET", "off"), ("GTM_TOKEN_URL", "https://goto.example/token")],
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
