//! The connection to one client, plain or under TLS, and the three ways in which it can end.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use rustix::net::sockopt::set_socket_linger;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// How a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// As it should: under TLS with a `close_notify`.
    Orderly,
    /// Closed, and under TLS without a word.
    Broken,
    /// With a RST.
    Reset,
}

/// One client's connection.
#[derive(Debug)]
pub(super) enum Line {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ServerConnection, TcpStream>>),
}

impl Line {
    /// Takes a connection over; under TLS the handshake is done, or an error, before this returns.
    pub(super) fn accept(mut socket: TcpStream, tls: Option<&Arc<ServerConfig>>) -> io::Result<Self> {
        socket.set_nodelay(true)?;
        socket.set_read_timeout(Some(Duration::from_secs(60)))?;
        let Some(config) = tls else {
            return Ok(Self::Plain(socket));
        };
        let mut connection = ServerConnection::new(Arc::clone(config)).map_err(io::Error::other)?;
        while connection.is_handshaking() {
            if connection.complete_io(&mut socket)? == (0, 0) {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(Self::Tls(Box::new(StreamOwned::new(connection, socket))))
    }

    /// Waits without a limit until the client has closed, whatever it still sends.
    pub(super) fn wait_closed(&mut self) -> io::Result<()> {
        self.socket().set_read_timeout(None)?;
        while self.read(&mut [0; 1024])? > 0 {}
        Ok(())
    }

    pub(super) fn end(mut self, ending: Ending) -> io::Result<()> {
        if let (Self::Tls(stream), Ending::Orderly) = (&mut self, ending) {
            stream.conn.send_close_notify();
            stream.flush()?;
        }
        if ending == Ending::Reset {
            // With nothing to linger for, closing is a RST (socket(7), SO_LINGER); a shutdown before it would be a FIN.
            return Ok(set_socket_linger(self.socket(), Some(Duration::ZERO))?);
        }
        self.socket().shutdown(Shutdown::Both)
    }

    fn socket(&self) -> &TcpStream {
        match self {
            Self::Plain(socket) => socket,
            Self::Tls(stream) => &stream.sock,
        }
    }
}

impl Read for Line {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(socket) => socket.read(buffer),
            Self::Tls(stream) => stream.read(buffer),
        }
    }
}

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(socket) => socket.write(bytes),
            Self::Tls(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(socket) => socket.flush(),
            Self::Tls(stream) => stream.flush(),
        }
    }
}
