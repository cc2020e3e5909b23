//! Whose certificates are believed: the system's authorities, and those of the organisation's own files beside them.
//!
//! A company whose gateway opens TLS, or whose broker has a certificate of its own authority, says so by a file. Nothing takes
//! an authority away, and nothing turns the check off.

use std::{path::Path, sync::Arc};

use rustls::{
    ClientConfig,
    crypto::ring,
    pki_types::{CertificateDer, pem::PemObject as _},
};
use rustls_platform_verifier::Verifier;

use super::witness::Witness;
use crate::error::{Error, ErrorCode, FieldIssue, IssueCode};

/// The key of the profile that names the file, and the field of the error where it is off.
pub const CA_FIELD: &str = "network.ca_file";
const LONGEST_FILE: u64 = 1024 * 1024;

/// Authorities that are believed beside the system's.
#[derive(Clone, Debug, Default)]
pub struct Trust(Vec<CertificateDer<'static>>);

impl Trust {
    /// Reads the certificates of these files: PEM, one or more in each, at most 1 MiB.
    ///
    /// # Errors
    /// `InvalidInput` at `network.ca_file` for a file that cannot be read, holds no certificate, or one that is damaged.
    pub fn of_files<'a>(files: impl IntoIterator<Item = &'a Path>) -> Result<Self, Error> {
        let mut all = Vec::new();
        for file in files {
            let wrong = |code, why: &str| refused(code, &format!("{}: {why}", file.display()));
            let unread = |error: std::io::Error| wrong(IssueCode::Unknown, &error.kind().to_string());
            if std::fs::metadata(file).map_err(unread)?.len() > LONGEST_FILE {
                return Err(wrong(IssueCode::Refused, "over 1 MiB"));
            }
            let found =
                certificates(&std::fs::read(file).map_err(unread)?).map_err(|why| wrong(IssueCode::Refused, why))?;
            all.extend(found);
        }
        Ok(Self(all))
    }

    /// What a client of TLS 1.2 and 1.3 is set up with, and who looks on at its certificates.
    ///
    /// # Errors
    /// `Tls` where this computer has no authorities; `InvalidInput` as [`Trust::of_files`].
    pub(super) fn set_up(&self) -> Result<(ClientConfig, Arc<Witness>), Error> {
        let provider = Arc::new(ring::default_provider());
        let judge = Verifier::new_with_extra_roots(self.0.iter().cloned(), Arc::clone(&provider)).map_err(|_| {
            if self.0.is_empty() {
                Error::new(ErrorCode::Tls)
            } else {
                refused(IssueCode::Refused, "not a certificate")
            }
        })?;
        let witness = Arc::new(Witness::new(Arc::new(judge)));
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|_| Error::new(ErrorCode::Tls))?;
        // "Dangerous" is rustls' word for any verifier that is not its own: this one is the system's.
        let mut config =
            builder.dangerous().with_custom_certificate_verifier(Arc::clone(&witness) as _).with_no_client_auth();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok((config, witness))
    }
}

/// The certificates of a PEM text; what else stands in it (comments, other sections) is passed by.
fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, &'static str> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    match found {
        Ok(found) if found.is_empty() => Err("no certificate in it"),
        Ok(found) if found.iter().any(|one| !is_certificate(one)) => Err("a certificate in it is damaged"),
        Ok(found) => Ok(found),
        Err(_) => Err("not PEM"),
    }
}

fn is_certificate(der: &CertificateDer<'_>) -> bool {
    rustls::RootCertStore::empty().add(der.clone().into_owned()).is_ok()
}

fn refused(code: IssueCode, why: &str) -> Error {
    Error::invalid(vec![FieldIssue::with_detail(CA_FIELD, code, why)])
}
