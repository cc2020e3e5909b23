//! A certificate authority of a test's own, and the certificates that servers show: a good one, and each kind that a client has to
//! refuse. Whoever is to trust it gets its file.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use rustls::ServerConfig;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::private_dir::PrivateDir;

/// The issuer's name in a certificate of [`TlsFace::Intercepted`].
pub const INTERCEPTOR: &str = "Example Corp TLS Inspection";

/// Which certificate a server shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsFace {
    /// For `127.0.0.1` and `localhost`, by the authority.
    Good,
    /// By the authority, for another host.
    WrongHost,
    /// By the authority, valid until the end of 2020.
    Expired,
    /// By the authority, valid from 2990 on.
    NotYetValid,
    /// By itself.
    SelfSigned,
    /// By the authority of a company that looks into everything: [`INTERCEPTOR`].
    Intercepted,
}

impl TlsFace {
    /// All that a client has to refuse.
    pub const BAD: [Self; 5] = [Self::WrongHost, Self::Expired, Self::NotYetValid, Self::SelfSigned, Self::Intercepted];
}

/// A running test's authority.
#[derive(Debug)]
pub struct TlsAuthority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    file: PathBuf,
    _dir: PrivateDir,
}

impl TlsAuthority {
    /// A new one, with a key of its own.
    #[must_use]
    pub fn new() -> Self {
        Self::named("Convoke Test Authority")
    }

    /// A new one of that common name.
    #[must_use]
    pub fn named(name: &str) -> Self {
        let dir = PrivateDir::new("authority");
        let issuer = issuer(name);
        let file = dir.file("authority.pem", 0o600, issuer.pem().as_bytes());
        Self { issuer, file, _dir: dir }
    }

    /// Its certificate as PEM.
    #[must_use]
    pub fn pem(&self) -> String {
        self.issuer.pem()
    }

    /// Its certificate as DER.
    #[must_use]
    pub fn der(&self) -> CertificateDer<'static> {
        self.issuer.der().clone()
    }

    /// The file with its certificate as PEM, there as long as the authority is: for `SSL_CERT_FILE`, for one.
    #[must_use]
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// A server's side of TLS 1.2 and 1.3 with a new certificate of that face.
    #[must_use]
    pub fn server(&self, face: TlsFace) -> Arc<ServerConfig> {
        let (certificate, key) = self.certificate(face);
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .expect("protocol versions")
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .expect("a pair");
        Arc::new(config)
    }

    fn certificate(&self, face: TlsFace) -> (CertificateDer<'static>, KeyPair) {
        let names = if face == TlsFace::WrongHost { vec!["elsewhere.example"] } else { vec!["127.0.0.1", "localhost"] };
        let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
        let mut params = CertificateParams::new(names).expect("names");
        params.distinguished_name.push(DnType::CommonName, "Convoke test server");
        params.use_authority_key_identifier_extension = true;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2999, 12, 31);
        match face {
            TlsFace::Expired => params.not_after = date_time_ymd(2020, 12, 31),
            TlsFace::NotYetValid => params.not_before = date_time_ymd(2990, 1, 1),
            _ => {}
        }
        let key = KeyPair::generate().expect("a key");
        let certificate = match face {
            TlsFace::SelfSigned => params.self_signed(&key),
            TlsFace::Intercepted => params.signed_by(&key, &issuer(INTERCEPTOR)),
            _ => params.signed_by(&key, &self.issuer),
        };
        (certificate.expect("a certificate").der().clone(), key)
    }
}

impl Default for TlsAuthority {
    fn default() -> Self {
        Self::new()
    }
}

fn issuer(name: &str) -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("a certificate")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_who_signed() {
        let authority = TlsAuthority::named("Authority of one test");
        let holds = |bytes: &[u8], text: &str| bytes.windows(text.len()).any(|part| part == text.as_bytes());
        let shown = |face| authority.certificate(face).0;
        assert!(holds(&shown(TlsFace::Good), "Authority of one test"));
        assert!(holds(&shown(TlsFace::Intercepted), INTERCEPTOR));
        assert!(!holds(&shown(TlsFace::Intercepted), "Authority of one test"));
        assert!(!holds(&shown(TlsFace::WrongHost), "localhost"));
        assert_eq!(std::fs::read_to_string(authority.file()).expect("a file"), authority.pem());
    }
}
