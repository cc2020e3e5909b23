//! From settings to registrations: what the table knows of a provider, with the administrator's keys over it. A service
//! that the table does not know is added by `PROVIDERS` and its keys alone.

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::{ConfigurationError, settings::Settings};
use crate::registration::{
    ClientAuthentication, Issuer, Pkce, ROWS, Registration, RevokeStyle, Row, UNKNOWN, is_loopback,
};

/// Every registration of `settings`: the table's providers in its order, then the administrator's own.
pub(super) fn registrations(settings: &Settings, legacy: bool) -> Result<Vec<Registration>, ConfigurationError> {
    let mut registrations = Vec::new();
    for row in &ROWS {
        let keys = Keys { settings, prefix: row.prefix };
        registrations.extend(registration(&keys, row, row.name, legacy)?);
    }
    for name in settings.own_providers() {
        let prefix = own_prefix(name);
        let keys = Keys { settings, prefix: &prefix };
        registrations.extend(registration(&keys, &UNKNOWN, name, legacy)?);
    }
    refuse_shared_paths(&registrations, legacy)?;
    Ok(registrations)
}

/// Front of the keys of a service that the administrator added: `acme` has `ACME_CLIENT_ID`.
pub(super) fn own_prefix(name: &str) -> String {
    format!("{}_", name.to_ascii_uppercase())
}

/// The providers that have only one of id and secret, as one sentence each: they are off, as at the old broker.
pub(super) fn half_registered(settings: &Settings) -> Result<Vec<String>, ConfigurationError> {
    let own = settings.own_providers().iter().map(|name| own_prefix(name));
    let mut found = Vec::new();
    for prefix in ROWS.iter().map(|row| row.prefix.to_owned()).chain(own) {
        let (id_key, secret_key) = (format!("{prefix}CLIENT_ID"), format!("{prefix}CLIENT_SECRET"));
        let (id, secret) = (settings.get(&id_key).is_some(), settings.secret_or_file(&secret_key)?.is_some());
        if id != secret {
            let (there, missing) = if id { (id_key, secret_key) } else { (secret_key, id_key) };
            found.push(format!("{missing} is missing although {there} is set: this provider is off"));
        }
    }
    Ok(found)
}

/// One provider's keys.
struct Keys<'a> {
    settings: &'a Settings,
    prefix: &'a str,
}

impl Keys<'_> {
    fn key(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.settings.get(&self.key(name))
    }

    fn error(&self, name: &str, reason: impl Into<String>) -> ConfigurationError {
        ConfigurationError::new(self.key(name), reason)
    }

    /// The word of `words` that the key holds, or `default`.
    fn choice<T: Copy>(&self, name: &str, words: &[(&str, T)], default: T) -> Result<T, ConfigurationError> {
        let Some(text) = self.get(name) else { return Ok(default) };
        let found = words.iter().find(|(word, _)| text.eq_ignore_ascii_case(word)).map(|(_, value)| *value);
        found.ok_or_else(|| {
            let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            self.error(name, format!("must be one of: {}", words.join(", ")))
        })
    }

    fn flag(&self, name: &str, default: bool) -> Result<bool, ConfigurationError> {
        self.choice(name, &[("1", true), ("0", false), ("true", true), ("false", false)], default)
    }
}

/// The registration of `row`, or `None` where neither its id nor its secret is given.
fn registration(
    keys: &Keys<'_>,
    row: &Row,
    name: &str,
    legacy: bool,
) -> Result<Option<Registration>, ConfigurationError> {
    let Some((client_id, client_secret)) = client(keys)? else { return Ok(None) };
    let host = host(keys)?;
    let revoke_url = match (keys.get("REVOKE_URL"), row.revoke_url) {
        (None, None) => None,
        (given, default) => Some(endpoint(keys, "REVOKE_URL", given.or(default).unwrap_or_default(), None)?),
    };
    let revoke_style = keys.choice(
        "REVOKE_STYLE",
        &[("body", Some(RevokeStyle::Body)), ("query", Some(RevokeStyle::Query)), ("none", None)],
        Some(RevokeStyle::Body),
    )?;
    let token_url = match keys.get("TOKEN_PATH") {
        Some(path) => endpoint(keys, "TOKEN_PATH", path, host.as_ref())?,
        None => endpoint(keys, "TOKEN_URL", keys.get("TOKEN_URL").unwrap_or(row.token_url), host.as_ref())?,
    };
    let scopes = keys.get("SCOPES").unwrap_or(row.scopes).split_whitespace();
    let scopes: Vec<String> = scopes.map(str::to_owned).collect();
    if scopes.is_empty() {
        // GoToMeeting takes no scope for every scope.
        return Err(keys.error("SCOPES", "must name at least one scope"));
    }
    let display_name = if row.display_name.is_empty() { name } else { row.display_name };
    Ok(Some(Registration {
        name: name.to_owned(),
        display_name: keys.get("DISPLAY_NAME").unwrap_or(display_name).to_owned(),
        client_id,
        client_secret,
        authorize_url: endpoint(
            keys,
            "AUTHORIZE_URL",
            keys.get("AUTHORIZE_URL").unwrap_or(row.authorize_url),
            host.as_ref(),
        )?,
        token_url,
        revoke_url: revoke_url.filter(|_| revoke_style.is_some()),
        revoke_style: revoke_style.unwrap_or(RevokeStyle::Body),
        scopes,
        scope_separator: scope_separator(keys)?,
        scope_in_authorize_url: keys.flag("SEND_SCOPE", row.scope_in_authorize_url || own_endpoint(keys))?,
        client_authentication: keys.choice(
            "CLIENT_AUTH",
            &[
                ("header", ClientAuthentication::Header),
                ("body", ClientAuthentication::Body),
                ("both", ClientAuthentication::Both),
            ],
            row.client_authentication,
        )?,
        send_redirect_uri: keys.flag("SEND_REDIRECT_URI", row.send_redirect_uri)?,
        pkce: keys.choice(
            "PKCE",
            &[("required", Pkce::Required), ("sent", Pkce::Sent), ("none", Pkce::None)],
            row.pkce,
        )?,
        issuer: keys.get("ISSUER").map_or(Issuer::OfAuthorizeOrigin, |issuer| Issuer::Exactly(issuer.to_owned())),
        token_type_optional: keys.flag("TOKEN_TYPE_OPTIONAL", row.token_type_optional)?,
        dead_grant_errors: row.dead_grant_errors.iter().map(|code| (*code).to_owned()).collect(),
        revoke_sends_hint: keys.flag("REVOKE_HINT", row.revoke_sends_hint)?,
        takes_claims: row.takes_claims,
        redirect_path: redirect_path(keys, name, legacy)?,
    }))
}

/// Whether scopes and endpoint are both the administrator's: then what the table knows of the provider's own page says
/// nothing, and the scopes are asked for.
fn own_endpoint(keys: &Keys<'_>) -> bool {
    keys.get("SCOPES").is_some() && keys.get("AUTHORIZE_URL").is_some()
}

/// Id and secret; `None` where one of them is missing, which turns the provider off.
fn client(keys: &Keys<'_>) -> Result<Option<(String, SecretString)>, ConfigurationError> {
    let (id_key, secret_key) = (keys.key("CLIENT_ID"), keys.key("CLIENT_SECRET"));
    let secret = keys.settings.secret_or_file(&secret_key)?;
    let (Some(id), Some(secret)) = (keys.get("CLIENT_ID"), secret) else { return Ok(None) };
    if secret.expose_secret().chars().any(char::is_control) || id.chars().any(char::is_control) {
        return Err(ConfigurationError::new(secret_key, format!("and {id_key} must not hold control characters")));
    }
    Ok(Some((id.to_owned(), secret)))
}

/// The host whose paths the endpoints are, where the provider is the customer's own server.
fn host(keys: &Keys<'_>) -> Result<Option<Url>, ConfigurationError> {
    let Some(text) = keys.get("HOST") else { return Ok(None) };
    let text = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let url = endpoint(keys, "HOST", &text, None)?;
    if url.query().is_some() {
        return Err(keys.error("HOST", "must be a host such as domino.example.com, or an origin"));
    }
    Ok(Some(url))
}

/// An endpoint's address: https, or http on loopback; no user, no fragment. A path stands below `host`.
fn endpoint(keys: &Keys<'_>, name: &str, text: &str, host: Option<&Url>) -> Result<Url, ConfigurationError> {
    let joined = if text.starts_with('/') {
        let host = host.ok_or_else(|| match keys.get(name) {
            Some(_) => keys.error(name, "must be an absolute URL"),
            None => keys.error("HOST", "is missing: the provider's addresses stand below it"),
        })?;
        format!("{}{text}", host.as_str().trim_end_matches('/'))
    } else {
        text.to_owned()
    };
    let url = Url::parse(&joined).map_err(|_| keys.error(name, "must be an absolute URL"))?;
    let secure = url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url));
    if !secure {
        return Err(keys.error(name, "must be https, or http on loopback"));
    }
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return Err(keys.error(name, "must not hold a user name, a password or a fragment"));
    }
    Ok(url)
}

fn scope_separator(keys: &Keys<'_>) -> Result<String, ConfigurationError> {
    keys.choice("SCOPE_SEPARATOR", &[("space", " "), (",", ","), ("comma", ","), ("+", "+"), (";", ";")], " ")
        .map(str::to_owned)
}

/// Where the provider returns to. With the old routes on, the old broker's path: the registrations have it.
fn redirect_path(keys: &Keys<'_>, name: &str, legacy: bool) -> Result<String, ConfigurationError> {
    let own = convoke_broker_api::callback_path(name);
    let default = convoke_broker_api::domi::callback_path(name).filter(|_| legacy).unwrap_or_else(|| own.clone());
    let Some(path) = keys.get("REDIRECT_PATH") else {
        return Ok(default);
    };
    let plain = path.strip_prefix('/').is_some_and(|rest| {
        (1..=128).contains(&rest.len())
            && rest.split('/').all(|part| !part.is_empty() && part != "." && part != "..")
            && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte))
    });
    let taken = path != own && (path.starts_with("/v1/") || ["/v1", "/healthz", "/readyz"].contains(&path));
    if !plain || taken || path.starts_with("/domino") {
        return Err(keys.error(
            "REDIRECT_PATH",
            "must be a path such as /zoomCallback, of plain characters and not one of the broker's own",
        ));
    }
    Ok(path.to_owned())
}

fn refuse_shared_paths(registrations: &[Registration], legacy: bool) -> Result<(), ConfigurationError> {
    for (at, registration) in registrations.iter().enumerate() {
        let own = registration.callback_paths(legacy);
        let others = registrations[..at].iter().flat_map(|other| other.callback_paths(legacy));
        if others.into_iter().any(|path| own.contains(&path)) {
            let row = ROWS.iter().find(|row| row.name == registration.name);
            let prefix = row.map_or_else(|| own_prefix(&registration.name), |row| row.prefix.to_owned());
            return Err(ConfigurationError::new(
                format!("{prefix}REDIRECT_PATH"),
                "must differ from the other providers' paths",
            ));
        }
    }
    Ok(())
}
