//! What a window manager would do: see whether a window is shown, and ask it to close. A few requests of the X protocol (version
//! 11, <https://www.x.org/releases/X11R7.7/doc/xproto/x11protocol.html>), since a display without a window manager offers neither.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;

use convoke_harness::Session;
use convoke_harness::patience::{READY, wait_for};

const WM_NAME: u32 = 39;
const QUERY_TREE: u8 = 15;
const INTERN_ATOM: u8 = 16;
const GET_PROPERTY: u8 = 20;
const GET_WINDOW_ATTRIBUTES: u8 = 3;
const SEND_EVENT: u8 = 25;
const CLIENT_MESSAGE: u8 = 33;
const VIEWABLE: u8 = 2;

/// A connection to the session's display.
pub struct XServer {
    stream: UnixStream,
    root: u32,
}

impl XServer {
    /// Connects as a client of little-endian byte order.
    pub fn connect(session: &Session) -> Self {
        let name = session.env().iter().find(|(name, _)| name == "DISPLAY").map(|(_, value)| value.to_string_lossy());
        let name = name.expect("this session has a display").into_owned();
        let mut stream = UnixStream::connect(format!("/tmp/.X11-unix/X{}", name.trim_start_matches(':')))
            .expect("the display's socket");
        stream.write_all(&[b'l', 0, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0]).expect("the display reads");
        let mut head = [0; 8];
        stream.read_exact(&mut head).expect("the display answers");
        assert_eq!(head[0], 1, "the display takes clients");
        let mut setup = vec![0; usize::from(u16::from_le_bytes([head[6], head[7]])) * 4];
        stream.read_exact(&mut setup).expect("the display tells about itself");
        let vendor = usize::from(u16::from_le_bytes([setup[16], setup[17]]));
        let screens = 32 + vendor.next_multiple_of(4) + 8 * usize::from(setup[21]);
        Self { stream, root: number(&setup, screens) }
    }

    /// Whether the app's window is on the screen.
    pub fn shows(&mut self, title: &str) -> bool {
        self.window(title).is_some_and(|window| self.ask(GET_WINDOW_ATTRIBUTES, 0, &[window], &[])[26] == VIEWABLE)
    }

    /// Asks the window to close, as its frame's button does (ICCCM §4.2.8.1).
    pub fn close(&mut self, title: &str) {
        let window = wait_for("the window", READY, || self.window(title));
        let (protocols, delete) = (self.atom("WM_PROTOCOLS"), self.atom("WM_DELETE_WINDOW"));
        let event = [u32::from(CLIENT_MESSAGE) | 32 << 8, window, protocols, delete, 0, 0, 0, 0];
        self.send(SEND_EVENT, 0, &[&[window, 0], &event[..]].concat(), &[]);
        // Requests are done in their order: an answer to this one says that the event is on its way.
        let _ = self.atom("WM_NAME");
    }

    /// The top window with this title that knows how to be closed.
    fn window(&mut self, title: &str) -> Option<u32> {
        let protocols = self.atom("WM_PROTOCOLS");
        let root = self.root;
        let tree = self.ask(QUERY_TREE, 0, &[root], &[]);
        let count = usize::from(u16::from_le_bytes([tree[16], tree[17]]));
        let children: Vec<u32> = (0..count).map(|place| number(&tree, 32 + 4 * place)).collect();
        children.into_iter().find(|child| {
            self.property(*child, WM_NAME) == title.as_bytes() && !self.property(*child, protocols).is_empty()
        })
    }

    fn property(&mut self, window: u32, name: u32) -> Vec<u8> {
        let answer = self.ask(GET_PROPERTY, 0, &[window, name, 0, 0, 256], &[]);
        let length = number(&answer, 16) as usize * usize::from(answer[1]) / 8;
        answer.get(32..32 + length).unwrap_or_default().to_vec()
    }

    fn atom(&mut self, name: &str) -> u32 {
        let length = u32::try_from(name.len()).expect("a short name");
        number(&self.ask(INTERN_ATOM, 0, &[length], name.as_bytes()), 8)
    }

    fn send(&mut self, code: u8, detail: u8, numbers: &[u32], text: &[u8]) {
        let units = 1 + numbers.len() + text.len().div_ceil(4);
        let mut bytes = vec![code, detail];
        bytes.extend(u16::try_from(units).expect("a short request").to_le_bytes());
        bytes.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
        bytes.extend(text);
        bytes.resize(units * 4, 0);
        self.stream.write_all(&bytes).expect("the display reads");
    }

    /// Sends a request and reads its answer; a window that went away in between answers with nothing but zeros.
    fn ask(&mut self, code: u8, detail: u8, numbers: &[u32], text: &[u8]) -> Vec<u8> {
        self.send(code, detail, numbers, text);
        loop {
            let mut answer = vec![0; 32];
            self.stream.read_exact(&mut answer).expect("the display answers");
            match answer[0] {
                0 => return vec![0; 64],
                1 => {
                    let more = number(&answer, 4) as usize * 4;
                    answer.resize(32 + more, 0);
                    self.stream.read_exact(&mut answer[32..]).expect("the display answers in full");
                    return answer;
                }
                // An event that every client gets.
                _ => {}
            }
        }
    }
}

fn number(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}
