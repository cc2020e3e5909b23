//! How each fault looks on the wire. It writes to the client and says how the connection ends; whether the server is asked has been
//! decided before.

use std::io::{self, Write};
use std::thread::sleep;

use super::fault::Fault;
use super::flood;
use super::line::{Ending, Line};
use crate::http;

/// Plays `fault`. `answer` is what the server said, empty where it was not asked.
pub(super) fn play(fault: &Fault, answer: &[u8], line: &mut Line) -> io::Result<Ending> {
    match fault {
        Fault::Cut(keep) => {
            line.write_all(&answer[..answer.len().min(body_at(answer) + keep)])?;
            Ok(Ending::Broken)
        }
        Fault::CutWhole(keep) => {
            line.write_all(&answer[..answer.len().min(*keep)])?;
            Ok(Ending::Broken)
        }
        Fault::Short(missing) => {
            line.write_all(&answer[..answer.len().saturating_sub(*missing)])?;
            Ok(Ending::Broken)
        }
        Fault::CutChunk(keep) => {
            line.write_all(&half_chunk(answer, *keep)?)?;
            Ok(Ending::Broken)
        }
        Fault::Delay(time) => {
            sleep(*time);
            line.write_all(answer)?;
            Ok(Ending::Orderly)
        }
        // Its time was over before the server was asked.
        Fault::Held(_) => {
            line.write_all(answer)?;
            Ok(Ending::Orderly)
        }
        Fault::Trickle(pause) => {
            for byte in answer {
                line.write_all(&[*byte])?;
                sleep(*pause);
            }
            Ok(Ending::Orderly)
        }
        Fault::Answer { status, content_type, body } => replace(line, *status, content_type, body.as_bytes()),
        Fault::Replace { status, content_type, body } => replace(line, *status, content_type, body),
        Fault::Redirect { status, location } => {
            write!(
                line,
                "HTTP/1.1 {status} Gateway\r\nLocation: {location}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            )?;
            Ok(Ending::Orderly)
        }
        Fault::EndlessHead => {
            flood::head(line)?;
            Ok(Ending::Broken)
        }
        Fault::Flood => {
            flood::json(line)?;
            Ok(Ending::Orderly)
        }
        Fault::GzipFlood => {
            flood::gzip(line)?;
            Ok(Ending::Orderly)
        }
        Fault::Reset => Ok(Ending::Reset),
        Fault::CloseBefore | Fault::CloseAfter => Ok(Ending::Broken),
        Fault::Silence => {
            line.wait_closed()?;
            Ok(Ending::Broken)
        }
        Fault::Asked(then) => play(then, answer, line),
    }
}

fn replace(line: &mut Line, status: u16, content_type: &str, body: &[u8]) -> io::Result<Ending> {
    let length = body.len();
    write!(
        line,
        "HTTP/1.1 {status} Gateway\r\nContent-Type: {content_type}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    )?;
    line.write_all(body)?;
    Ok(Ending::Orderly)
}

/// Where the body of an answer begins.
fn body_at(answer: &[u8]) -> usize {
    answer.windows(4).position(|end| end == b"\r\n\r\n").map_or(0, |at| at + 4)
}

/// The answer in one chunk, of which at least one byte is missing.
fn half_chunk(answer: &[u8], keep: usize) -> io::Result<Vec<u8>> {
    let answer = http::read_answer(&mut &answer[..])?;
    let mut text = format!("{}\r\n", answer.head.first_line);
    for (name, value) in
        answer.head.headers.iter().filter(|(name, _)| name != "content-length" && name != "transfer-encoding")
    {
        text += &format!("{name}: {value}\r\n");
    }
    text += &format!("transfer-encoding: chunked\r\n\r\n{:x}\r\n", answer.body.len().max(1));
    let mut bytes = text.into_bytes();
    bytes.extend_from_slice(&answer.body[..keep.min(answer.body.len().saturating_sub(1))]);
    Ok(bytes)
}
