//! TLS as it is met at work: an authority of one's own, a gateway that opens connections, and certificates that are off.
//!
//! A server on loopback holds a certificate made here. A certificate that is refused means that the server never saw a request.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, IsCa, KeyPair, date_time_ymd,
};
use rustls::{ServerConfig, crypto::ring, pki_types::PrivateKeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::super::*;
use crate::error::IssueCode;

const HOST: &str = "127.0.0.1";

/// An authority: the organisation's own, or a gateway's.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new(common: &str, organisation: Option<&str>) -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, common);
        if let Some(organisation) = organisation {
            params.distinguished_name.push(DnType::OrganizationName, organisation);
        }
        let key = KeyPair::generate().unwrap();
        Self(CertifiedIssuer::self_signed(params, key).unwrap())
    }

    /// A server of a certificate for `host`, changed before it is signed.
    async fn serve(&self, host: &str, change: impl FnOnce(&mut CertificateParams)) -> Server {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new([host.to_owned()]).unwrap();
        change(&mut params);
        let chain = vec![params.signed_by(&key, &self.0).unwrap().der().clone()];
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let builder = builder.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
        Server::start(builder.with_single_cert(chain, key).unwrap()).await
    }

    fn pem(&self) -> String {
        self.0.pem()
    }
}

struct Server {
    address: SocketAddr,
    requests: Arc<AtomicUsize>,
}

impl Server {
    async fn start(config: ServerConfig) -> Self {
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind((HOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&requests);
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let Ok(mut socket) = acceptor.accept(socket).await else { continue };
                let mut head = [0; 4096];
                if socket.read(&mut head).await.is_ok_and(|read| read > 0) {
                    count.fetch_add(1, Ordering::SeqCst);
                    let answer = b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n";
                    let _ = socket.write_all(answer).await;
                    let _ = socket.shutdown().await;
                }
            }
        });
        Self { address, requests }
    }

    fn url(&self) -> Url {
        format!("https://{}/", self.address).parse().unwrap()
    }

    async fn ask(&self, trust: &Trust) -> (HttpClient, Result<u16, TransportError>) {
        let client = HttpClient::trusting([self.url()], trust).unwrap();
        let answer = client.send(HttpRequest::get(self.url())).await;
        (client, answer.map(|answer| answer.status))
    }

    /// The refusal, after which the server has seen no request.
    #[track_caller]
    fn refused(&self, answer: Result<u16, TransportError>) -> (TransportKind, Option<Fault>, Error) {
        let error = answer.expect_err("refused");
        assert_eq!(self.requests.load(Ordering::SeqCst), 0, "nothing was sent");
        assert!(!error.may_have_arrived());
        (error.kind, error.refused.as_ref().map(|refused| refused.fault), error.into())
    }
}

/// A file that is gone at the end of its test.
struct TemporaryFile(PathBuf);

impl TemporaryFile {
    fn new(name: &str, text: &str) -> Self {
        let path = std::env::temp_dir().join(format!("convoke-{}-{name}", std::process::id()));
        std::fs::write(&path, text).unwrap();
        Self(path)
    }
}

impl Drop for TemporaryFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn trust_of(name: &str, pem: &str) -> Trust {
    let file = TemporaryFile::new(name, pem);
    Trust::of_files([file.0.as_path()]).unwrap()
}

#[tokio::test]
async fn the_organisations_own_authority_is_believed_by_its_file() {
    let (own, other) = (Authority::new("Acme Root", None), Authority::new("Another Root", None));
    let server = own.serve(HOST, |_| ()).await;
    let (_, answer) = server.ask(&trust_of("two.pem", &format!("# ours\n{}{}", other.pem(), own.pem()))).await;
    assert_eq!(answer.unwrap(), 204);
    let (client, answer) = server.ask(&trust_of("own.pem", &own.pem())).await;
    assert_eq!(answer.unwrap(), 204);
    assert_eq!(client.issuer(HOST).as_deref(), Some("Acme Root"));
}

#[tokio::test]
async fn a_gateway_that_opens_tls_is_named_by_its_issuer() {
    let gateway = Authority::new("Acme Web Gateway", Some("Acme Ltd"));
    let server = gateway.serve(HOST, |_| ()).await;
    let (client, answer) = server.ask(&Trust::default()).await;
    let (kind, fault, error) = server.refused(answer);
    assert_eq!((kind, fault, error.code), (TransportKind::Tls, Some(Fault::UnknownIssuer), ErrorCode::Tls));
    assert_eq!(error.detail.as_deref(), Some("127.0.0.1: unknown issuer; issuer: Acme Web Gateway (Acme Ltd)"));
    assert_eq!(client.issuer(HOST), None, "what was refused vouches for nobody");
    // Another authority's file does not help; the gateway's own does.
    let (_, answer) = server.ask(&trust_of("other.pem", &Authority::new("Another Root", None).pem())).await;
    assert_eq!(server.refused(answer).1, Some(Fault::UnknownIssuer));
    assert_eq!(server.ask(&trust_of("gateway.pem", &gateway.pem())).await.1.unwrap(), 204);
}

#[tokio::test]
async fn certificates_that_are_off_are_refused_before_http() {
    let own = Authority::new("Acme Root", None);
    let trust = trust_of("off.pem", &own.pem());
    let expired = own.serve(HOST, |params| params.not_after = date_time_ymd(2020, 1, 1)).await;
    let early = own.serve(HOST, |params| params.not_before = date_time_ymd(4000, 1, 1)).await;
    let elsewhere = own.serve("elsewhere.example", |_| ()).await;
    for (server, fault, text) in [
        (&expired, Fault::Expired, "expired"),
        (&early, Fault::NotYetValid, "not yet valid"),
        (&elsewhere, Fault::WrongName, "wrong name"),
    ] {
        let (kind, found, error) = server.refused(server.ask(&trust).await.1);
        assert_eq!((kind, found), (TransportKind::Tls, Some(fault)));
        assert_eq!(error.detail, Some(format!("127.0.0.1: {text}; issuer: Acme Root")));
    }
}

#[tokio::test]
async fn what_an_issuer_calls_itself_is_one_short_line() {
    let odd = Authority::new(&format!("a\u{1b}[31m\r\nb{}", "x".repeat(500)), None);
    let server = odd.serve(HOST, |_| ()).await;
    let detail = server.refused(server.ask(&Trust::default()).await.1).2.detail.unwrap();
    assert!(detail.chars().count() < 150 && !detail.chars().any(char::is_control), "{detail:?}");
}

#[tokio::test]
async fn what_speaks_no_tls_at_all_is_a_matter_of_tls() {
    let listener = TcpListener::bind((HOST, 0)).await.unwrap();
    let url: Url = format!("https://{}/", listener.local_addr().unwrap()).parse().unwrap();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let _ = socket.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        }
    });
    let error = HttpClient::new([url.clone()]).unwrap().send(HttpRequest::get(url)).await.err().unwrap();
    assert_eq!((error.kind, error.refused), (TransportKind::Tls, None));
}

#[test]
fn a_file_that_is_of_no_use_is_said_at_its_key() {
    let own = Authority::new("Acme Root", None).pem();
    let half = own.replace("-----END CERTIFICATE-----", "");
    let broken = "-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n";
    for (name, text, why) in [
        ("empty.pem", "", "no certificate in it"),
        ("words.pem", "our certificate\n", "no certificate in it"),
        ("key.pem", &KeyPair::generate().unwrap().serialize_pem(), "no certificate in it"),
        ("half.pem", &half, "not PEM"),
        ("broken.pem", broken, "a certificate in it is damaged"),
        ("large.pem", &"\n".repeat(1024 * 1024 + 1), "over 1 MiB"),
    ] {
        let file = TemporaryFile::new(name, text);
        let error = Trust::of_files([file.0.as_path()]).expect_err(name);
        let [issue] = error.fields.as_slice() else { panic!("{error:?}") };
        assert_eq!((issue.field.as_str(), issue.problem), (CA_FIELD, IssueCode::Refused), "{name}");
        assert!(issue.detail.as_ref().is_some_and(|detail| detail.ends_with(why)), "{name}: {issue:?}");
    }
    let error = Trust::of_files([Path::new("/nowhere/ca.pem")]).expect_err("missing");
    assert_eq!(error.fields[0].detail.as_deref(), Some("/nowhere/ca.pem: entity not found"));
}
