//! Answers that do not fit into any memory: each is written from one small buffer, until the client has had enough.

use std::io::{self, Write};

/// The size of an answer that no client of ours should read to its end.
pub(super) const SIZE: usize = 1 << 30;

const BUFFER: usize = 64 * 1024;

/// A head that never ends.
pub(super) fn head(line: &mut impl Write) -> io::Result<()> {
    line.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n")?;
    let header = format!("X-Filling: {}\r\n", "a".repeat(100)).repeat(100);
    loop {
        line.write_all(header.as_bytes())?;
    }
}

/// A JSON string of [`SIZE`] bytes, of which the end is missing.
pub(super) fn json(line: &mut impl Write) -> io::Result<()> {
    write!(
        line,
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {SIZE}\r\nConnection: close\r\n\r\n"
    )?;
    let mut buffer = vec![b'a'; BUFFER];
    buffer[..2].copy_from_slice(b"{\"");
    for _ in 0..SIZE / BUFFER {
        line.write_all(&buffer)?;
        buffer[..2].copy_from_slice(b"aa");
    }
    Ok(())
}

/// A gzip body (RFC 1952) that unpacks to more than [`SIZE`] bytes, of which the end is missing.
pub(super) fn gzip(line: &mut impl Write) -> io::Result<()> {
    let (start, period) = deflate();
    let times = SIZE / UNPACKED + 1;
    let length = start.len() + times * period.len();
    write!(
        line,
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    )?;
    line.write_all(&start)?;
    for _ in 0..times {
        line.write_all(&period)?;
    }
    Ok(())
}

/// How many repeats stand in one period, and what they unpack to.
const REPEATS: usize = 8 * 512;
const UNPACKED: usize = REPEATS * 258;

/// The beginning of a gzip stream, and what can follow it again and again. With the codes that RFC 1951 fixes (section 3.2.6), "258
/// bytes again, from one byte back" takes 13 bits: after 13 bytes the same bits come again.
fn deflate() -> (Vec<u8>, Vec<u8>) {
    // No flags, no time, unknown system.
    let mut start = vec![0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255];
    // A block that is not the last, with the fixed codes; then one letter "a" (code 0x30 + 97).
    let mut bits = vec![false, true, false];
    bits.extend(code(0x30 + 97, 8));
    let repeat: Vec<bool> = code(0b1100_0101, 8).chain(code(0, 5)).collect();
    // To a whole number of bytes: 11 bits and one repeat are 24.
    bits.extend(&repeat);
    start.extend(packed(&bits));
    (start, packed(&repeat.repeat(REPEATS)))
}

/// The bits of a Huffman code, the highest first.
fn code(code: u32, length: u32) -> impl Iterator<Item = bool> {
    (0..length).rev().map(move |at| code >> at & 1 == 1)
}

/// Bits to bytes, the lowest first.
fn packed(bits: &[bool]) -> Vec<u8> {
    bits.chunks(8).map(|byte| byte.iter().enumerate().fold(0, |sum, (at, bit)| sum | u8::from(*bit) << at)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::Program;
    use std::process::Command;

    #[test]
    fn the_gzip_stream_unpacks_to_much_more() {
        let (start, period) = deflate();
        let mut command = Command::new("gzip");
        command.arg("-dc");
        let mut gzip = Program::start(command);
        gzip.write(&start);
        gzip.write(&period);
        gzip.write(&period);
        gzip.close_stdin();
        // It misses the end, and has written what came until then, but for what its last buffer holds.
        assert!(!gzip.wait_end(crate::patience::READY).success());
        let unpacked = gzip.stdout();
        assert!(unpacked.len() > UNPACKED && unpacked.iter().all(|byte| *byte == b'a'), "{}", unpacked.len());
        assert!(period.len() * 150 < UNPACKED);
    }
}
