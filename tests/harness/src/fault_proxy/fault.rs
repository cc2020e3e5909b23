//! What can go wrong between a client and a server, as data: a test names it, a soak draws it. How it looks on the wire is in
//! `play.rs`.

use std::time::Duration;

use crate::dice::Dice;

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The server's answer is cut after this many bytes of its body; the announced length stays.
    Cut(usize),
    /// The server's answer is cut after this many bytes, its head counted too.
    CutWhole(usize),
    /// The server's answer lacks this many bytes at its end; the announced length stays.
    Short(usize),
    /// The server's answer comes chunked (RFC 9112, section 7.1) and ends inside its first chunk, after this many bytes of the body
    /// at most.
    CutChunk(usize),
    /// The server is asked at once, and its answer comes so much later.
    Delay(Duration),
    /// The server is asked so much later.
    Held(Duration),
    /// The server's answer comes byte by byte, with such a pause after each.
    Trickle(Duration),
    /// The server is not asked; this answer comes instead.
    Answer {
        /// The status code.
        status: u16,
        /// The media type.
        content_type: &'static str,
        /// The body.
        body: &'static str,
    },
    /// The server is not asked; this answer comes instead, of any bytes.
    Replace {
        /// The status code.
        status: u16,
        /// The media type.
        content_type: String,
        /// The body.
        body: Vec<u8>,
    },
    /// The server is not asked; the client is sent elsewhere.
    Redirect {
        /// The status code.
        status: u16,
        /// The value of `Location`.
        location: String,
    },
    /// The server is not asked; an answer begins whose head never ends.
    EndlessHead,
    /// The server is not asked; what says that it is JSON has a body of 1 GiB.
    Flood,
    /// The server is not asked; a gzip body of 7 MiB comes, which unpacks to more than 1 GiB.
    GzipFlood,
    /// The server is not asked; the connection is reset (RST) instead of closed.
    Reset,
    /// The connection closes without an answer and the server is not asked.
    CloseBefore,
    /// The server is asked and its answer is lost.
    CloseAfter,
    /// The server is not asked and the connection stays open and silent.
    Silence,
    /// The server is asked and its answer is lost; then this is played.
    Asked(Box<Fault>),
}

impl Fault {
    /// A gateway's own page instead of the answer, with status 200.
    #[must_use]
    pub fn html() -> Self {
        Self::page(200)
    }

    /// A gateway's own page with this status: 403, 407, 502, …
    #[must_use]
    pub fn page(status: u16) -> Self {
        Self::Answer {
            status,
            content_type: "text/html",
            body: "<html><body>Please sign in to the network.</body></html>",
        }
    }

    /// These bytes, as `application/json`, instead of the answer.
    #[must_use]
    pub fn json(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self::Replace { status, content_type: "application/json".to_owned(), body: body.into() }
    }

    /// These bytes, as the broker would send them: with the header by which its word is known.
    #[must_use]
    pub fn as_broker(status: u16, body: impl Into<Vec<u8>>) -> Self {
        // One more line of the head, behind that of the media type.
        Self::Replace { status, content_type: "application/json\r\nconvoke-broker: 1".to_owned(), body: body.into() }
    }

    /// The same, but the server has been asked, and has done what it was asked for.
    #[must_use]
    pub fn asked_first(self) -> Self {
        if self.needs_answer() { self } else { Self::Asked(Box::new(self)) }
    }

    /// Whether the server is asked.
    #[must_use]
    pub fn asks(&self) -> bool {
        matches!(self, Self::CloseAfter | Self::Asked(_)) || self.needs_answer()
    }

    /// Whether it spoils the server's own answer.
    fn needs_answer(&self) -> bool {
        matches!(
            self,
            Self::Cut(_)
                | Self::CutWhole(_)
                | Self::Short(_)
                | Self::CutChunk(_)
                | Self::Delay(_)
                | Self::Held(_)
                | Self::Trickle(_)
        )
    }

    /// One that the dice choose, of those that end by themselves within a second or two if the client has limits: no
    /// [`Silence`](Self::Silence).
    #[must_use]
    pub fn drawn(dice: &mut Dice) -> Self {
        let fault = match dice.below(16) {
            0 => Self::Cut(dice.index(400)),
            1 => Self::CutWhole(dice.index(800)),
            2 => Self::Short(1 + dice.index(40)),
            3 => Self::CutChunk(dice.index(400)),
            4 => Self::Delay(dice.within(Duration::from_millis(400))),
            5 => Self::Held(dice.within(Duration::from_millis(400))),
            6 => Self::Trickle(dice.within(Duration::from_micros(200))),
            7 => Self::page(*dice.pick(&[200, 403, 407, 429, 500, 502, 503, 504])),
            8 => Self::drawn_json(dice),
            9 => Self::Redirect {
                status: *dice.pick(&[301, 302, 303, 307, 308]),
                location: (*dice.pick(&["/", "/login", "http://portal.invalid/", ""])).to_owned(),
            },
            10 => Self::EndlessHead,
            11 => Self::Flood,
            12 => Self::GzipFlood,
            13 => Self::Reset,
            14 => Self::CloseBefore,
            _ => Self::CloseAfter,
        };
        if dice.chance(50) { fault.asked_first() } else { fault }
    }

    /// A body that looks like JSON, and like an answer, and is neither.
    fn drawn_json(dice: &mut Dice) -> Self {
        let bodies: [&[u8]; 10] = [
            b"",
            b"{}",
            b"[]",
            b"null",
            b"\"ok\"",
            b"{\"access_token\":\"eyJ",
            b"{\"access_token\":null,\"expires_in\":\"soon\"}",
            b"{\"error\":{\"code\":1}}",
            b"\xEF\xBB\xBF{\"status\":\"ok\"}",
            b"{\"error\":\"\xFF\xFE\"}",
        ];
        Self::json(*dice.pick(&[200, 204, 400, 401, 403, 500]), *dice.pick(&bodies))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;
    use std::mem::discriminant;

    #[test]
    fn a_seed_draws_the_same_faults_again_and_every_kind() {
        let draw = |seed| {
            let mut dice = Dice::new(seed);
            (0..400).map(|_| Fault::drawn(&mut dice)).collect::<Vec<_>>()
        };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
        let kinds: HashSet<_> = draw(1).iter().map(discriminant).collect();
        assert_eq!(kinds.len(), 17, "all but silence");
        assert!(!draw(1).contains(&Fault::Silence));
    }

    #[test]
    fn what_spoils_an_answer_asks_for_it() {
        assert!(Fault::Short(1).asks() && Fault::CloseAfter.asks() && Fault::Reset.asked_first().asks());
        assert!(!Fault::Reset.asks() && !Fault::html().asks() && !Fault::Silence.asks());
        assert_eq!(Fault::Cut(1).asked_first(), Fault::Cut(1));
    }
}
