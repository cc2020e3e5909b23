//! Whether the way back from a browser works here: something listens on 127.0.0.1, and what is sent there arrives.
//!
//! A firewall or a security program that stands in the way of loopback would end every sign-in in the browser.

use std::io;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::error::{Error, ErrorCode};

/// Listens on a free port, connects to it, and reads back what was sent.
///
/// # Errors
/// `Unreachable` with what the system said.
pub async fn try_out() -> Result<(), Error> {
    there_and_back()
        .await
        .map_err(|error| Error::new(ErrorCode::Unreachable).detail(format!("127.0.0.1: {}", error.kind())))
}

async fn there_and_back() -> io::Result<()> {
    const WORD: &[u8] = b"convoke";
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let going = async {
        let mut socket = TcpStream::connect(address).await?;
        socket.write_all(WORD).await?;
        socket.shutdown().await
    };
    let coming = async {
        let (mut socket, _) = listener.accept().await?;
        let mut read = [0; WORD.len()];
        socket.read_exact(&mut read).await?;
        if read == WORD { Ok(()) } else { Err(io::ErrorKind::InvalidData.into()) }
    };
    tokio::try_join!(going, coming).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_sent_comes_back() {
        assert_eq!(try_out().await, Ok(()));
    }
}
