//! As much of HTTP/1.1 as both ends of the load need: messages with a `Content-Length`, one after the other.

use std::io::{Error, ErrorKind};

use tokio::{io::AsyncReadExt as _, net::TcpStream};

/// Reads one message into `buffer`, which then holds nothing else; gives the length of its head. `None` where the peer closed
/// before the first byte.
pub(crate) async fn read(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Result<Option<usize>, Error> {
    buffer.clear();
    let mut head = None;
    loop {
        if stream.read_buf(buffer).await? == 0 {
            return if buffer.is_empty() { Ok(None) } else { Err(ErrorKind::UnexpectedEof.into()) };
        }
        if head.is_none() {
            head = buffer.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4);
        }
        let Some(head) = head else { continue };
        let whole = head + content_length(&buffer[..head]).ok_or(ErrorKind::InvalidData)?;
        if buffer.len() >= whole {
            return if buffer.len() == whole { Ok(Some(head)) } else { Err(ErrorKind::InvalidData.into()) };
        }
    }
}

fn content_length(head: &[u8]) -> Option<usize> {
    const NAME: &[u8] = b"content-length:";
    let mut lines = head.split(|byte| *byte == b'\n');
    let line = lines.find(|line| line.get(..NAME.len()).is_some_and(|name| name.eq_ignore_ascii_case(NAME)))?;
    str::from_utf8(&line[NAME.len()..]).ok()?.trim().parse().ok()
}

/// The status of an answer, whose head is in `buffer`.
pub(crate) fn status(buffer: &[u8]) -> u16 {
    let text = buffer.get(9..12).and_then(|digits| str::from_utf8(digits).ok());
    text.and_then(|digits| digits.parse().ok()).unwrap_or(0)
}
