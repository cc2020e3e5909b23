//! A provider's token endpoint that does what the script says and counts what reaches it.

use std::{
    collections::{HashMap, VecDeque},
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::{Notify, Semaphore},
    task::JoinHandle,
};

/// A request as it reached the provider.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) line: String,
    pub(crate) headers: HashMap<String, String>,
    pub(crate) form: Vec<(String, String)>,
}

impl Call {
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.form.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// The names of the form's fields, sorted.
    pub(crate) fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.form.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        names
    }
}

/// Good tokens, as a provider sends them.
pub(crate) const TOKENS: &str = r#"{"access_token":"the-access-token","token_type":"bearer","refresh_token":"the-refresh-token","expires_in":3599,"scope":"a b"}"#;

/// A whole answer with its length.
pub(crate) fn answer(status: &str, content_type: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: {content_type}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
    .into_bytes()
}

#[derive(Default)]
struct Script {
    calls: Vec<Call>,
    /// Next answers; an empty one closes the socket. Where none is left, good tokens come.
    answers: VecDeque<Vec<u8>>,
    /// Where it is set, the next call waits for a permit.
    gate: Option<Arc<Semaphore>>,
    called: Arc<Notify>,
}

pub(crate) struct ScriptedProvider {
    pub(crate) address: SocketAddr,
    script: Arc<Mutex<Script>>,
    task: JoinHandle<()>,
}

impl ScriptedProvider {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("its address");
        let script = Arc::new(Mutex::new(Script::default()));
        let shared = Arc::clone(&script);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&shared)));
            }
        });
        Self { address, script, task }
    }

    /// Answers the next call with these bytes and closes; none at all closes at once.
    pub(crate) fn next(&self, answer: Vec<u8>) {
        self.script.lock().expect("the script").answers.push_back(answer);
    }

    pub(crate) fn calls(&self) -> Vec<Call> {
        self.script.lock().expect("the script").calls.clone()
    }

    /// Holds the next answers back; each permit that is added lets one go. The other half tells of each call.
    pub(crate) fn hold(&self) -> (Arc<Semaphore>, Arc<Notify>) {
        let gate = Arc::new(Semaphore::new(0));
        let mut script = self.script.lock().expect("the script");
        script.gate = Some(Arc::clone(&gate));
        (gate, Arc::clone(&script.called))
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

impl Drop for ScriptedProvider {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(mut stream: TcpStream, script: Arc<Mutex<Script>>) {
    let mut bytes = Vec::new();
    let call = loop {
        let mut chunk = [0; 4096];
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => return,
            Ok(count) => bytes.extend_from_slice(&chunk[..count]),
        }
        if let Some(call) = whole_call(&bytes) {
            break call;
        }
    };
    let (answer, gate) = {
        let mut script = script.lock().expect("the script");
        script.calls.push(call);
        script.called.notify_one();
        let answer = script.answers.pop_front().unwrap_or_else(|| answer("200 OK", "application/json", TOKENS));
        (answer, script.gate.clone())
    };
    if let Some(gate) = gate {
        gate.acquire().await.expect("the gate stays").forget();
    }
    let _ = stream.write_all(&answer).await;
}

fn whole_call(bytes: &[u8]) -> Option<Call> {
    let text = std::str::from_utf8(bytes).ok()?;
    let (head, body) = text.split_once("\r\n\r\n")?;
    let (line, headers) = head.split_once("\r\n")?;
    let headers: HashMap<String, String> = headers
        .lines()
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let length: usize = headers.get("content-length").map_or(0, |text| text.parse().expect("a length"));
    (body.len() >= length).then(|| Call {
        line: line.to_owned(),
        form: url::form_urlencoded::parse(body.as_bytes()).into_owned().collect(),
        headers,
    })
}
