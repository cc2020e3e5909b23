//! Looks on while the system judges a server's certificate, and notes who issued it and why it was refused.
//!
//! It decides nothing: what the system refuses is refused. What it notes lets a person tell a company's gateway, which opens
//! TLS under an authority of its own, from a wrong clock or a wrong server.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use rustls::{
    CertificateError, DigitallySignedStruct, Error as TlsError, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    pki_types::{CertificateDer, ServerName, UnixTime},
};
use x509_parser::prelude::{FromDer, X509Certificate, X509Name};

use crate::error::printable;

const LONGEST_ISSUER: usize = 80;

/// Why a certificate was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Over, by this computer's clock.
    Expired,
    /// Not begun, by this computer's clock.
    NotYetValid,
    /// For another host.
    WrongName,
    /// By an authority that this computer does not know.
    UnknownIssuer,
    /// Anything else.
    Other,
}

/// A certificate that was refused, as it reads in an error's detail: `expired; issuer: Acme Gateway CA`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Why.
    pub fault: Fault,
    /// Who issued it, by its own word: common name, else organisation.
    pub issuer: Option<String>,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.fault {
            Fault::Expired => "expired",
            Fault::NotYetValid => "not yet valid",
            Fault::WrongName => "wrong name",
            Fault::UnknownIssuer => "unknown issuer",
            Fault::Other => "certificate refused",
        })?;
        self.issuer.as_deref().map_or(Ok(()), |issuer| write!(f, "; issuer: {issuer}"))
    }
}

/// What was noted of the last certificate of a host.
#[derive(Clone, Debug)]
struct Noted {
    issuer: Option<String>,
    fault: Option<Fault>,
}

/// A verifier around the system's.
#[derive(Debug)]
pub(super) struct Witness {
    judge: Arc<dyn ServerCertVerifier>,
    noted: Mutex<HashMap<String, Noted>>,
}

impl Witness {
    /// Looks on while `judge` decides.
    pub(super) fn new(judge: Arc<dyn ServerCertVerifier>) -> Self {
        Self { judge, noted: Mutex::default() }
    }

    /// The last certificate of `host`, where it was refused.
    pub(super) fn refused(&self, host: &str) -> Option<Refused> {
        let noted = self.of(host)?;
        Some(Refused { fault: noted.fault?, issuer: noted.issuer })
    }

    /// Who issued the last certificate of `host`, where it was accepted.
    pub(super) fn issuer(&self, host: &str) -> Option<String> {
        self.of(host).filter(|noted| noted.fault.is_none())?.issuer
    }

    fn of(&self, host: &str) -> Option<Noted> {
        let host = host.trim_start_matches('[').trim_end_matches(']');
        self.noted.lock().unwrap_or_else(PoisonError::into_inner).get(host).cloned()
    }
}

impl ServerCertVerifier for Witness {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        let judged = self.judge.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        let noted = Noted { issuer: issuer(end_entity), fault: judged.as_ref().err().map(fault) };
        // Only hosts that may be spoken to come this far: the notes stay few.
        self.noted.lock().unwrap_or_else(PoisonError::into_inner).insert(server_name.to_str().into_owned(), noted);
        judged
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        self.judge.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        self.judge.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.judge.supported_verify_schemes()
    }
}

/// Why rustls says no; pure.
fn fault(error: &TlsError) -> Fault {
    let TlsError::InvalidCertificate(error) = error else { return Fault::Other };
    match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => Fault::Expired,
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => Fault::NotYetValid,
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => Fault::WrongName,
        CertificateError::UnknownIssuer => Fault::UnknownIssuer,
        _ => Fault::Other,
    }
}

/// Who issued a certificate, by its own word, as one short line; none where it cannot be read or says nothing.
fn issuer(certificate: &CertificateDer<'_>) -> Option<String> {
    let (_, certificate) = X509Certificate::from_der(certificate).ok()?;
    let name = named(certificate.issuer())?;
    Some(printable(&name).chars().take(LONGEST_ISSUER).collect()).filter(|name: &String| !name.is_empty())
}

fn named(name: &X509Name<'_>) -> Option<String> {
    let common = name.iter_common_name().find_map(|part| part.as_str().ok());
    let organisation = name.iter_organization().find_map(|part| part.as_str().ok());
    match (common, organisation) {
        (Some(common), Some(organisation)) if common != organisation => Some(format!("{common} ({organisation})")),
        (Some(one), _) | (None, Some(one)) => Some(one.to_owned()),
        (None, None) => None,
    }
}
