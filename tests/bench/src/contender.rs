//! The three programs: ours with every check on, nginx as a plain proxy (the floor), and a broker for Node.

use std::{
    fmt::Write as _,
    fs::{self, File, OpenOptions, Permissions},
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use tokio::io::AsyncWriteExt as _;

use crate::{Outcome, cores::Cores, load::Person, process::Process, token_endpoint, wire};

/// Longest time that a program may take until it listens.
const START: Duration = Duration::from_secs(20);
const LOOK_EVERY: Duration = Duration::from_micros(100);

pub(crate) const BROKER: &str = "convoke-broker";
pub(crate) const NGINX: &str = "nginx proxy_pass";
pub(crate) const NODE: &str = "fastify + simple-oauth2";

/// Guards nothing: it lives as long as the measurement.
const ADMIN_TOKEN: &str = "the-bench-administrator-token";
/// 32 bytes in base64url; the same at every start, as in a deployment.
const SEALING_KEY: &str = "QkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkI";

/// Where the programs and their files are.
pub(crate) struct Rig {
    pub(crate) broker: PathBuf,
    pub(crate) node_broker: PathBuf,
    /// For configurations and request logs; all programs write theirs to the same disk.
    pub(crate) folder: PathBuf,
}

/// A program that listens.
pub(crate) struct Contender {
    pub(crate) name: &'static str,
    pub(crate) address: SocketAddr,
    pub(crate) process: Process,
    /// The broker's administrator.
    admin: Option<SocketAddr>,
}

impl Rig {
    /// Ours: sessions, limits, request log, counts and replay are on.
    pub(crate) fn start_broker(&self, cores: &Cores, endpoint: SocketAddr) -> Outcome<Contender> {
        self.broker_with("memory", cores, endpoint)
    }

    /// The same with a store that a restart does not empty: a session of the one before is still one.
    pub(crate) fn start_broker_on_file(&self, cores: &Cores, endpoint: SocketAddr) -> Outcome<Contender> {
        self.broker_with(&format!("file:{}", self.folder.join("store.sqlite").display()), cores, endpoint)
    }

    fn broker_with(&self, store: &str, cores: &Cores, endpoint: SocketAddr) -> Outcome<Contender> {
        let (address, admin) = (free_address()?, free_address()?);
        let (config, token) = (self.folder.join("broker.toml"), self.folder.join("admin-token"));
        write_private(&token, ADMIN_TOKEN)?;
        let mut text = format!(
            "OAUTH_HOSTNAME = \"http://127.0.0.1:1\"\nPORT = {}\nBROKER_KEYS = {SEALING_KEY:?}\nSTORE = {store:?}\nSESSIONS = \"required\"\nREPLAY_HOURS = 24\n\
             RATE_PER_ADDRESS = \"1000000/1000000\"\nRATE_PER_TOKEN = \"1000000/1000000\"\nLOG_FORMAT = \"json\"\n\
             ADMIN_LISTEN = \"{admin}\"\nADMIN_TOKEN_FILE = \"{}\"\n",
            address.port(),
            token.display()
        );
        for (prefix, path) in [("ZOOM", token_endpoint::PLAIN), ("WEBEX", token_endpoint::ROTATING)] {
            let _ = write!(
                text,
                "{prefix}_CLIENT_ID = \"bench-client\"\n{prefix}_CLIENT_SECRET = \"bench-secret\"\n\
                 {prefix}_AUTHORIZE_URL = \"http://{endpoint}/authorize\"\n{prefix}_REVOKE_URL = \"http://{endpoint}/revoke\"\n\
                 {prefix}_TOKEN_URL = \"http://{endpoint}{path}\"\n"
            );
        }
        write_private(&config, &text)?;
        let mut command = Command::new(&self.broker);
        command.env_clear().arg("--config").arg(config).stdout(Stdio::null()).stderr(self.log("broker")?);
        let contender = Contender::start(BROKER, address, cores, &mut command)?;
        Ok(Contender { admin: Some(admin), ..contender })
    }

    /// One worker, kept connections on both sides, and an access log.
    pub(crate) fn start_nginx(&self, cores: &Cores, endpoint: SocketAddr) -> Outcome<Contender> {
        let address = free_address()?;
        let folder = self.folder.join("nginx");
        fs::create_dir_all(&folder)?;
        let folder = folder.canonicalize()?;
        let (plain, rotating) = (token_endpoint::PLAIN, token_endpoint::ROTATING);
        let text = format!(
            "daemon off; worker_processes 1; pid {0}/pid; error_log {0}/error.log warn;\n\
             events {{ worker_connections 1024; }}\n\
             http {{\n\
             access_log {0}/access.log combined;\n\
             client_body_temp_path {0}/body; proxy_temp_path {0}/proxy; fastcgi_temp_path {0}/fastcgi;\n\
             uwsgi_temp_path {0}/uwsgi; scgi_temp_path {0}/scgi;\n\
             upstream provider {{ server {endpoint}; keepalive 64; keepalive_requests 100000000; }}\n\
             server {{\n\
             listen {address}; keepalive_requests 100000000; tcp_nodelay on;\n\
             proxy_http_version 1.1; proxy_set_header Connection \"\";\n\
             location = /v1/refresh/zoom {{ proxy_pass http://provider{plain}; }}\n\
             location = /v1/refresh/webex {{ proxy_pass http://provider{rotating}; }}\n\
             }} }}\n",
            folder.display()
        );
        let config = folder.join("nginx.conf");
        fs::write(&config, text)?;
        let mut command = Command::new("nginx");
        command.arg("-p").arg(&folder).arg("-c").arg(config).stdout(Stdio::null()).stderr(self.log("nginx")?);
        Contender::start(NGINX, address, cores, &mut command)
    }

    /// Fastify with its log on, and simple-oauth2 with kept connections.
    pub(crate) fn start_node(&self, cores: &Cores, endpoint: SocketAddr) -> Outcome<Contender> {
        let address = free_address()?;
        let mut command = Command::new("node");
        command.arg(self.node_broker.join("server.mjs")).arg(address.port().to_string());
        command.arg(format!("http://{endpoint}{}", token_endpoint::PLAIN)).env("NODE_ENV", "production");
        command.stdout(self.log("node")?).stderr(self.log("node-errors")?);
        Contender::start(NODE, address, cores, &mut command)
    }

    fn log(&self, name: &str) -> io::Result<File> {
        File::create(self.folder.join(format!("{name}.log")))
    }
}

impl Contender {
    fn start(name: &'static str, address: SocketAddr, cores: &Cores, command: &mut Command) -> Outcome<Self> {
        let mut process = Process::start(cores, command)?;
        let started = Instant::now();
        while TcpStream::connect(address).is_err() {
            if process.is_over()? || started.elapsed() > START {
                return Err(format!("{name} does not listen; its log is in the work folder").into());
            }
            sleep(LOOK_EVERY);
        }
        Ok(Self { name, address, process, admin: None })
    }

    /// That many persons, each with a session that the administrator made.
    pub(crate) async fn persons(&self, count: usize) -> Outcome<Vec<Person>> {
        let admin = self.admin.ok_or("only the broker has sessions")?;
        let mut stream = tokio::net::TcpStream::connect(admin).await?;
        let mut persons = Vec::new();
        let mut answer = Vec::new();
        for at in 0..count {
            let body = format!("subject=person-{at}&reason=bench");
            let request = format!(
                "POST /v1/admin/sessions HTTP/1.1\r\nHost: {admin}\r\nAuthorization: Bearer {ADMIN_TOKEN}\r\n\
                 Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            );
            stream.write_all(request.as_bytes()).await?;
            let head = wire::read(&mut stream, &mut answer).await?.ok_or("the administrator's listener closed")?;
            let made: serde_json::Value = serde_json::from_slice(&answer[head..])?;
            let session = made["session_token"].as_str().ok_or_else(|| format!("no session was made: {made}"))?;
            persons.push(Person::new(at, session.to_owned()));
        }
        Ok(persons)
    }
}

fn free_address() -> io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}

fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.set_permissions(Permissions::from_mode(0o600))?;
    io::Write::write_all(&mut file, text.as_bytes())
}
