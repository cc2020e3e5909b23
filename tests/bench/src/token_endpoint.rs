//! The provider: a token endpoint that answers any POST at once, with tokens of a real length.

use std::{
    io,
    net::SocketAddr,
    sync::atomic::{AtomicU64, Ordering},
};

use tokio::{
    io::AsyncWriteExt as _,
    net::{TcpListener, TcpStream},
};

use crate::wire;

/// Where the refresh token stays as it is.
pub(crate) const PLAIN: &str = "/token";
/// Where each answer brings a new one.
pub(crate) const ROTATING: &str = "/rotating";
/// Characters of an access token, and of a refresh token.
const ACCESS_TOKEN: usize = 1_500;
pub(crate) const REFRESH_TOKEN: usize = 700;
/// Where a new refresh token differs from the one before.
const COUNTER: usize = 16;

/// Listens on a free port and answers for as long as the runtime lives.
pub(crate) async fn serve() -> io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer(stream));
        }
    });
    Ok(address)
}

async fn answer(mut stream: TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let (plain, mut rotating) = (plain(), rotating());
    let mut request = Vec::with_capacity(16 * 1024);
    let is_rotating = format!("POST {ROTATING} ");
    while wire::read(&mut stream, &mut request).await?.is_some() {
        if request.starts_with(is_rotating.as_bytes()) {
            let end = rotating.len() - "\"}".len();
            rotating[end - COUNTER..end].copy_from_slice(next().as_bytes());
            stream.write_all(&rotating).await?;
        } else {
            stream.write_all(&plain).await?;
        }
    }
    Ok(())
}

/// Sixteen digits that did not come before.
fn next() -> String {
    static LAST: AtomicU64 = AtomicU64::new(0);
    format!("{:0COUNTER$}", LAST.fetch_add(1, Ordering::Relaxed))
}

fn plain() -> Vec<u8> {
    whole(&format!("{}}}", fields()))
}

fn rotating() -> Vec<u8> {
    whole(&format!("{},\"refresh_token\":\"{}\"}}", fields(), "r".repeat(REFRESH_TOKEN)))
}

fn fields() -> String {
    let access_token = "a".repeat(ACCESS_TOKEN);
    format!(
        "{{\"access_token\":\"{access_token}\",\"token_type\":\"bearer\",\"expires_in\":3599,\
         \"scope\":\"meeting:read meeting:write user:read\",\"api_url\":\"https://api.example\""
    )
}

fn whole(body: &str) -> Vec<u8> {
    let length = body.len();
    let head = format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n");
    (head + body).into_bytes()
}
