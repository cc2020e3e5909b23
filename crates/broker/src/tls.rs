//! The broker's own TLS: 1.2 and 1.3 by rustls, with a certificate that is read again when its file changes, so that a
//! renewal needs no restart.

use std::{
    fs,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
};
use secrecy::ExposeSecret as _;
use tokio::{net::TcpStream, time::Instant};
use tokio_rustls::{TlsAcceptor, server::TlsStream};
use tracing::{info, warn};

use crate::configuration::{ConfigurationError, TlsFiles};

/// How often the files are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(30);

/// Accepts TLS connections.
pub(crate) struct Tls {
    files: TlsFiles,
    current: Mutex<Current>,
}

struct Current {
    acceptor: TlsAcceptor,
    changed_at: Option<SystemTime>,
    looked_at: Instant,
}

impl Tls {
    /// Reads certificate and key.
    ///
    /// # Errors
    /// A file that cannot be read, holds nothing of its kind, or a key that is not the certificate's.
    pub(crate) fn load(files: TlsFiles) -> Result<Self, ConfigurationError> {
        let acceptor = acceptor(&files)?;
        let changed_at = changed_at(&files);
        Ok(Self { files, current: Mutex::new(Current { acceptor, changed_at, looked_at: Instant::now() }) })
    }

    /// Greets one connection.
    ///
    /// # Errors
    /// The peer's greeting is not acceptable TLS.
    pub(crate) async fn accept(&self, stream: TcpStream) -> std::io::Result<TlsStream<TcpStream>> {
        let acceptor = self.acceptor();
        acceptor.accept(stream).await
    }

    fn acceptor(&self) -> TlsAcceptor {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if current.looked_at.elapsed() >= LOOK_EVERY {
            current.looked_at = Instant::now();
            let changed_at = changed_at(&self.files);
            if changed_at != current.changed_at {
                match acceptor(&self.files) {
                    Ok(acceptor) => {
                        info!("the certificate was read again");
                        current.acceptor = acceptor;
                        current.changed_at = changed_at;
                    }
                    Err(error) => warn!(%error, "the new certificate can not be used; the old one stays"),
                }
            }
        }
        current.acceptor.clone()
    }
}

/// When either file was last written.
fn changed_at(files: &TlsFiles) -> Option<SystemTime> {
    let written = |path: &Path| fs::metadata(path).and_then(|metadata| metadata.modified()).ok();
    written(&files.certificates).max(written(files.key()))
}

fn acceptor(files: &TlsFiles) -> Result<TlsAcceptor, ConfigurationError> {
    let certificate = |reason: String| ConfigurationError::new("TLS_CERT_FILE", reason);
    let key_error = |reason: &str| ConfigurationError::new("TLS_KEY_FILE", reason);
    let chain = fs::read(&files.certificates).map_err(|error| {
        certificate(format!("names {}, which can not be read: {error}", files.certificates.display()))
    })?;
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&chain)
        .collect::<Result<_, _>>()
        .map_err(|_| certificate("must name a file of PEM certificates".to_owned()))?;
    let key = files.read_key()?;
    let key = PrivateKeyDer::from_pem_slice(key.expose_secret().as_bytes())
        .map_err(|_| key_error("must name a file with one PEM private key that is not encrypted"))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| key_error("can not be used: no protocol version is left"))?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(|_| key_error("does not hold the key of the certificate in TLS_CERT_FILE"))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}
