//! Where the broker listens, who may come, and what it is called from outside.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
};

use secrecy::SecretString;
use url::Url;

use super::{
    ConfigurationError,
    settings::{self, Settings},
};
use crate::registration::is_loopback;

/// The key of the public origin.
const ORIGIN: &str = "OAUTH_HOSTNAME";

/// Certificate chain and key, both PEM; read again when the certificate is renewed.
#[derive(Clone, Debug)]
pub(crate) struct TlsFiles {
    pub(crate) certificates: PathBuf,
    key: PathBuf,
    /// Whether the key is a credential of the service's starter, whose mode differs.
    credentials: Option<PathBuf>,
}

impl TlsFiles {
    /// Where the key stands.
    pub(crate) fn key(&self) -> &Path {
        &self.key
    }

    /// The PEM text of the private key, which others must not be able to read.
    pub(crate) fn read_key(&self) -> Result<SecretString, ConfigurationError> {
        settings::secret_file_of(self.credentials.as_deref(), "TLS_KEY_FILE", &self.key)
    }
}

/// The broker's own TLS, where it is asked for by our names or by the old broker's.
pub(super) fn tls(settings: &Settings) -> Result<Option<TlsFiles>, ConfigurationError> {
    let files = |certificates: &str, key: &str| {
        let credentials = settings.credentials().map(Path::to_owned);
        Ok(Some(TlsFiles { certificates: certificates.into(), key: key.into(), credentials }))
    };
    if let Some(key) = settings.get("TLSFile") {
        // The old broker's PEM form: TLSFile is the key, PEMCert the certificate. Its key stores are not read here.
        let kind = settings.get("TLSType").unwrap_or("pem");
        if !kind.eq_ignore_ascii_case("pem") {
            return Err(ConfigurationError::new(
                "TLSType",
                "must be pem: turn a key store into PEM once, with openssl pkcs12 -in STORE -out FILE -nodes",
            ));
        }
        if settings.get("TLSPassword").is_some() {
            return Err(ConfigurationError::new("TLSPassword", "is not needed: the PEM key must not be encrypted"));
        }
        let certificates = settings.get("PEMCert").unwrap_or(key);
        return files(certificates, key);
    }
    match (settings.get("TLS_CERT_FILE"), settings.get("TLS_KEY_FILE")) {
        (None, None) => Ok(None),
        (Some(certificates), Some(key)) => files(certificates, key),
        (Some(_), None) => Err(ConfigurationError::new("TLS_KEY_FILE", "is missing although TLS_CERT_FILE is set")),
        (None, Some(_)) => Err(ConfigurationError::new("TLS_CERT_FILE", "is missing although TLS_KEY_FILE is set")),
    }
}

/// The administrator's listener: `PORT` on loopback, or `ADDRESS:PORT`.
pub(super) fn admin_listen(settings: &Settings, tls: bool) -> Result<Option<SocketAddr>, ConfigurationError> {
    const KEY: &str = "ADMIN_LISTEN";
    let Some(text) = settings.get(KEY).filter(|text| !super::is_off(text) || *text == "0") else { return Ok(None) };
    let address = match text.parse::<u16>() {
        Ok(port) => SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
        Err(_) => text
            .parse()
            .map_err(|_| ConfigurationError::new(KEY, "must be a port, or an address such as 127.0.0.1:8880"))?,
    };
    admin_reach(address.ip(), tls)?;
    Ok(Some(address))
}

/// Whether the administrator may be answered at `ip`.
pub(crate) fn admin_reach(ip: IpAddr, tls: bool) -> Result<(), ConfigurationError> {
    if is_loopback_ip(ip) || tls {
        return Ok(());
    }
    Err(ConfigurationError::new("ADMIN_LISTEN", "may leave loopback only with TLS_CERT_FILE and TLS_KEY_FILE set"))
}

/// Whether the public may be answered at `ip`.
pub(crate) fn public_reach(ip: IpAddr, proxies: &[IpAddr], tls: bool) -> Result<(), ConfigurationError> {
    if is_loopback_ip(ip) || !proxies.is_empty() || tls {
        return Ok(());
    }
    Err(ConfigurationError::new(
        "LISTEN",
        "may leave loopback only with TRUSTED_PROXIES or with TLS_CERT_FILE and TLS_KEY_FILE set",
    ))
}

/// Whether a listener that the starter opened for metrics, which are always plain http, may be at `ip`.
pub(crate) fn metrics_reach(ip: IpAddr, proxies: &[IpAddr]) -> Result<(), ConfigurationError> {
    if is_loopback_ip(ip) || !proxies.is_empty() {
        return Ok(());
    }
    Err(ConfigurationError::new("METRICSPORT", "may be given a socket beyond loopback only with TRUSTED_PROXIES set"))
}

/// Whether a public origin must be named: what is listened on is not what the broker is called.
pub(crate) fn needs_origin(ip: IpAddr, tls: bool) -> Result<(), ConfigurationError> {
    if is_loopback_ip(ip) && !tls {
        return Ok(());
    }
    Err(ConfigurationError::new(ORIGIN, "must name the public origin, because LISTEN is not on loopback or has TLS"))
}

fn is_loopback_ip(ip: IpAddr) -> bool {
    ip.to_canonical().is_loopback()
}

pub(super) fn listen(settings: &Settings) -> Result<IpAddr, ConfigurationError> {
    let Some(text) = settings.get("LISTEN") else {
        return Ok(Ipv4Addr::LOCALHOST.into());
    };
    text.parse()
        .map_err(|_| ConfigurationError::new("LISTEN", "must be an IP address such as 127.0.0.1 (the port is PORT)"))
}

pub(super) fn port(settings: &Settings, key: &str) -> Result<Option<u16>, ConfigurationError> {
    let Some(text) = settings.get(key) else {
        return Ok(None);
    };
    text.parse().map(Some).map_err(|_| ConfigurationError::new(key, "must be a port number from 0 to 65535"))
}

pub(super) fn port_of_metrics(settings: &Settings, main: u16) -> Result<Option<u16>, ConfigurationError> {
    let metrics = port(settings, "METRICSPORT")?;
    if metrics.is_some_and(|metrics| metrics == main && main != 0) {
        return Err(ConfigurationError::new("METRICSPORT", "must differ from PORT"));
    }
    Ok(metrics)
}

pub(super) fn trusted_proxies(settings: &Settings) -> Result<Vec<IpAddr>, ConfigurationError> {
    settings
        .get("TRUSTED_PROXIES")
        .into_iter()
        .flat_map(|list| list.split(','))
        .map(|address| {
            address
                .trim()
                .parse()
                .map_err(|_| ConfigurationError::new("TRUSTED_PROXIES", "must be IP addresses separated by commas"))
        })
        .collect()
}

/// The public origin, where one is named.
pub(super) fn origin(settings: &Settings, listen: IpAddr, tls: bool) -> Result<Option<Url>, ConfigurationError> {
    const KEY: &str = ORIGIN;
    let Some(text) = settings.get(KEY) else {
        return needs_origin(listen, tls).map(|()| None);
    };
    let shape = || ConfigurationError::new(KEY, "must be an origin such as https://broker.example.com, without a path");
    let url = Url::parse(text).map_err(|_| shape())?;
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    let anonymous = url.username().is_empty() && url.password().is_none();
    if !["http", "https"].contains(&url.scheme()) || !bare || !anonymous {
        return Err(shape());
    }
    if url.scheme() == "http" && !is_loopback(&url) {
        return Err(ConfigurationError::new(KEY, "must be https, because it is not on loopback"));
    }
    Ok(Some(url))
}
