//! TLS on both sides: towards a provider, straight and through a proxy, and towards the client.

use std::{net::SocketAddr, path::PathBuf, sync::Arc};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::{
    ClientConfig, RootCertStore, ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject as _},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, copy_bidirectional},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use crate::{
    process::{command, ended, started},
    provider::ScriptedProvider,
    rig::{App, grant_of, parameter, post_in},
    temporary::TemporaryFolder,
    wire,
};

/// An authority that signs for whom it likes.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        Self(CertifiedIssuer::self_signed(params, key).expect("a certificate"))
    }

    /// Certificate and key of `host`, as PEM.
    fn sign(&self, host: &str) -> (String, String) {
        let key = KeyPair::generate().expect("a key");
        let params = CertificateParams::new([host.to_owned()]).expect("a name");
        (params.signed_by(&key, &self.0).expect("a certificate").pem(), key.serialize_pem())
    }

    fn file(&self, folder: &TemporaryFolder) -> PathBuf {
        folder.file("authority.pem", 0o644, &self.0.pem())
    }
}

/// In front of `provider`, as `host`.
async fn tls_in_front_of(provider: &ScriptedProvider, (certificate, key): (String, String)) -> SocketAddr {
    let certificate = CertificateDer::from_pem_slice(certificate.as_bytes()).expect("PEM");
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).expect("PEM");
    let builder = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().expect("versions").with_no_client_auth();
    let config = builder.with_single_cert(vec![certificate], key).expect("a pair");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let (listener, to) = (TcpListener::bind("127.0.0.1:0").await.expect("a port"), provider.address);
    let address = listener.local_addr().expect("its address");
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                let mut inner = TcpStream::connect(to).await.expect("the provider");
                let _ = copy_bidirectional(&mut stream, &mut inner).await;
            });
        }
    });
    address
}

/// A proxy that leads to `to` whatever it is asked for, and hands out the head of each request.
async fn proxy_to(to: SocketAddr) -> (SocketAddr, tokio::sync::mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("its address");
    let (teller, heads) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(stream.read_u8().await.expect("a head"));
            }
            let _ = teller.send(String::from_utf8(head).expect("text"));
            stream.write_all(b"HTTP/1.1 200 Connected\r\n\r\n").await.expect("it listens");
            tokio::spawn(async move {
                let mut inner = TcpStream::connect(to).await.expect("the provider");
                let _ = copy_bidirectional(&mut stream, &mut inner).await;
            });
        }
    });
    (address, heads)
}

/// A broker whose provider is at `origin`, trusting `authority`.
fn broker_of(folder: &TemporaryFolder, origin: &str, authority: &Authority, further: &str) -> tokio::process::Command {
    let text = format!(
        "CONFIRM_SIGN_IN = \"off\"\nPORT = 0\nZOOM_CLIENT_ID = \"id\"\nZOOM_CLIENT_SECRET = \"secret\"\n\
         ZOOM_AUTHORIZE_URL = \"{origin}/authorize\"\nZOOM_TOKEN_URL = \"{origin}/token\"\nZOOM_REVOKE_URL = \"{origin}/revoke\"\n{further}"
    );
    let mut command = command(&folder.file("broker.toml", 0o600, &text));
    command.env("SSL_CERT_FILE", authority.file(folder));
    command
}

/// The statuses of a sign-in's exchange and of a refresh after it.
async fn journey(address: SocketAddr) -> (u16, Option<u16>) {
    let app = App::new("tls");
    let start = wire::get(address, &format!("/v1/authorize/zoom?{}", app.query()), &[]).await;
    let to_provider = url::Url::parse(start.header("location").expect("an address")).expect("a URL");
    let state = parameter(&to_provider, "state").expect("a state");
    let cookie = start.header("set-cookie").and_then(|line| line.split(';').next()).expect("a cookie").to_owned();
    let back = format!("/v1/callback/zoom?code=the-code&state={state}");
    let grant = grant_of(&wire::get(address, &back, &[("cookie", &cookie)]).await);
    let form = [("grant", grant.as_str()), ("code_verifier", &app.verifier)];
    let tokens = wire::post_form(address, "/v1/token", &form).await;
    if tokens.status != 200 {
        return (tokens.status, None);
    }
    let session = tokens.text("session_token");
    let refreshed = post_in(address, &session, "/v1/refresh/zoom", &[("refresh_token", "the-old-one")]).await;
    (tokens.status, Some(refreshed.status))
}

#[tokio::test]
async fn a_provider_is_believed_by_its_certificate_alone() {
    let provider = ScriptedProvider::start().await;
    let (trusted, other) = (Authority::new(), Authority::new());
    for (pair, expected) in [
        (trusted.sign("127.0.0.1"), (200, Some(200))),
        (other.sign("127.0.0.1"), (503, None)),
        (trusted.sign("another.example"), (503, None)),
    ] {
        let front = tls_in_front_of(&provider, pair).await;
        let folder = TemporaryFolder::new();
        let (child, address) = started(&mut broker_of(&folder, &format!("https://{front}"), &trusted, "")).await;
        assert_eq!(journey(address).await, expected);
        assert_eq!(ended(child).await.0, Some(0));
    }
    assert_eq!(provider.calls().len(), 2, "nothing was said to the others");
}

#[tokio::test]
async fn the_proxy_of_the_environment_is_asked_for_a_tunnel() {
    let (provider, authority) = (ScriptedProvider::start().await, Authority::new());
    let front = tls_in_front_of(&provider, authority.sign("provider.example")).await;
    let (proxy, mut heads) = proxy_to(front).await;
    let folder = TemporaryFolder::new();
    let mut command = broker_of(&folder, "https://provider.example", &authority, "");
    command.env("HTTPS_PROXY", format!("http://ana:secret@{proxy}"));
    let (child, address) = started(&mut command).await;
    assert_eq!(journey(address).await, (200, Some(200)));
    let head = heads.recv().await.expect("it was asked");
    assert!(head.starts_with("CONNECT provider.example:443 HTTP/1.1\r\n"), "{head}");
    assert!(head.to_ascii_lowercase().contains("proxy-authorization: basic yw5honnly3jlda==\r\n"), "{head}");
    assert_eq!(provider.calls()[0].headers["host"], "provider.example");
    assert_eq!(ended(child).await.0, Some(0));

    let mut command = broker_of(&folder, "https://provider.example", &authority, "");
    command.env("HTTPS_PROXY", format!("http://{proxy}")).env("NO_PROXY", "provider.example");
    let (child, address) = started(&mut command).await;
    assert_eq!(journey(address).await.0, 503, "there is no such host");
    assert_eq!(ended(child).await.0, Some(0));
}

#[tokio::test]
async fn the_broker_itself_answers_by_tls_alone() {
    let (provider, authority) = (ScriptedProvider::start().await, Authority::new());
    let folder = TemporaryFolder::new();
    let (certificate, key) = authority.sign("localhost");
    let certificate = folder.file("certificate.pem", 0o644, &certificate);
    let key = folder.file("key.pem", 0o600, &key);
    let further =
        format!("OAUTH_HOSTNAME = \"https://localhost\"\nTLS_CERT_FILE = {certificate:?}\nTLS_KEY_FILE = {key:?}\n");
    let (child, address) = started(&mut broker_of(&folder, &provider.url(""), &authority, &further)).await;
    let mut roots = RootCertStore::empty();
    roots.add(authority.0.der().clone()).expect("a certificate");
    let builder = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().expect("versions");
    let connector = TlsConnector::from(Arc::new(builder.with_root_certificates(roots).with_no_client_auth()));
    let stream = TcpStream::connect(address).await.expect("it listens");
    let name = ServerName::try_from("localhost").expect("a name");
    let answer = asked(connector.connect(name, stream).await.expect("its certificate")).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.contains("strict-transport-security: "), "{answer}");
    let plain = asked(TcpStream::connect(address).await.expect("it listens")).await;
    assert!(!plain.contains("HTTP/1.1"), "{plain}");
    assert_eq!(ended(child).await.0, Some(0));
}

async fn asked(mut stream: impl AsyncRead + AsyncWrite + Unpin) -> String {
    let request = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let mut answer = Vec::new();
    if stream.write_all(request).await.is_ok() {
        let _ = stream.read_to_end(&mut answer).await;
    }
    String::from_utf8_lossy(&answer).into_owned()
}
