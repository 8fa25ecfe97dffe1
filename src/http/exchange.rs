//! One request and its answer: everything that a connection needs while it is not idle.
//!
//! A connection *borrows* an exchange from its loop's pool with the first byte of a request,
//! and gives it back with the last byte of the answer. So what is large is there as often as
//! requests are under way, not as often as clients are connected: ten thousand idle ones
//! have none of it.
//!
//! It is also what a handler needs and all that it needs. In Rust that is worth saying:
//! whoever has the `Box<Exchange>` has the input, and nobody else can touch it. To run a
//! handler on another thread the box is moved there, and the connection has nothing left that
//! it could read into by mistake.
#![cfg(any(
    target_os = "linux",
    target_os = "macos",
    target_os = "ios",
    target_os = "freebsd"
))]

use std::collections::TryReserveError;
use std::io;
use std::net::TcpStream;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::handler::{Handler, Place};
use super::input::Input;
use super::output::Output;
use super::response::{Encoded, Facts, Scratch, encode, let_go};
use super::state::Event;
use super::{
    ChunkDecoder, Config, Error, Framing, Limits, Method, Parser, Request, Status,
    Version,
};

const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";
/// What old clients send behind a body, and so before the next request. By itself it is no
/// beginning of one. Source: RFC 9112, section 2.2.
const EMPTY_LINE: &[u8] = b"\r\n";
/// How much of what only frames a chunked body fits beside it. It is read and dropped.
const FRAMING_ROOM: usize = 4 * 1024;

// ANCHOR: exchange
/// A request that is being read, and the answers that are being sent.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(super) input: Input,
    parser: Parser,
    stage: Stage,
    pub(super) output: Output,
    /// Whether the connection ends with what is in the output.
    last: bool,
    /// The status of the refusal in the output, if there is one.
    refusal: u16,
}

/// How far the request is that stands first in the input. All lengths count from its first
/// byte.
#[derive(Debug)]
enum Stage {
    /// Its head is not whole.
    Head,
    /// Its head is, and this is how long all of it will be.
    Length { head: usize, whole: usize },
    /// Its body comes in chunks, of which those up to `body_end` have been decoded.
    Chunked {
        head: usize,
        body_end: usize,
        decoder: ChunkDecoder,
    },
    /// All of it is there. Behind a chunked body there is a gap up to `whole`, for what framed
    /// it is not needed any more.
    Whole {
        head: usize,
        body_end: usize,
        whole: usize,
    },
}
// ANCHOR_END: exchange

/// What an exchange holds requests to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    limits: Limits,
    /// The most bytes of a request.
    pub(super) cap: usize,
}

impl Rules {
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            limits: config.limits(),
            cap: config.read_buf_cap,
        }
    }

    /// Of what the parser refuses, what there is no room for: whatever of a head it is, the
    /// head is too large.
    #[cold]
    fn too_large(&self, error: Error) -> Error {
        match error {
            Error::RequestLineTooLong { limit } if limit >= self.cap => {
                Error::HeadTooLarge { limit }
            }
            _ => error,
        }
    }
}

/// Why a request gets no further.
enum Refusal {
    /// It is not as it should be.
    Request(Error),
    /// There is no memory for it.
    Memory,
}

impl Refusal {
    #[cold]
    fn say(self, scratch: &mut Scratch) {
        match self {
            Self::Request(error) => {
                let mut response = scratch.response();
                response.status(error.status()).close().text(error);
            }
            Self::Memory => scratch.refuse(503),
        }
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Request(error)
    }
}

impl From<TryReserveError> for Refusal {
    fn from(_: TryReserveError) -> Self {
        Self::Memory
    }
}

/// What came of a request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Answered {
    pub(crate) status: u16,
    pub(crate) panicked: bool,
}

impl Exchange {
    pub(crate) fn new(rules: &Rules) -> Self {
        Self {
            input: Input::new(rules.cap),
            parser: Parser::new(rules.limits),
            stage: Stage::Head,
            output: Output::new(),
            last: false,
            refusal: 0,
        }
    }

    /// Forgets everything: for the next connection.
    #[inline]
    pub(crate) fn clear(&mut self, rules: &Rules) {
        self.input.clear(rules.cap);
        self.parser.reset();
        self.stage = Stage::Head;
        self.output.clear();
        self.last = false;
    }

    /// Gives back what was only needed for large answers.
    pub(crate) fn slim(&mut self) {
        self.output.slim();
    }

    // ANCHOR: look
    /// Looks for a whole request at the start of the input. What is in the way of one is
    /// answered as the connection's last.
    #[inline]
    pub(crate) fn look(
        &mut self,
        rules: &Rules,
        scratch: &mut Scratch,
        date: &[u8],
    ) -> Event {
        if self.last || self.output.has_enough() {
            return Event::Enough;
        }
        if self.input.is_empty() {
            return Event::Empty;
        }
        match self.advance(rules) {
            Ok(event) => event,
            Err(refusal) => {
                refusal.say(scratch);
                self.put_last(scratch, date);
                Event::Refused
            }
        }
    }

    fn advance(&mut self, rules: &Rules) -> Result<Event, Refusal> {
        let mut waits = false;
        if let Stage::Head = self.stage {
            let input = self.input.bytes();
            let parsed = self.parser.parse(input);
            let parsed = parsed.map_err(|error| rules.too_large(error))?;
            let Status::Complete(request) = parsed else {
                if input == EMPTY_LINE {
                    return Ok(Event::Empty);
                }
                let more = input.len() + 1;
                if more > rules.cap {
                    return Err(Error::HeadTooLarge { limit: rules.cap }.into());
                }
                self.input.make_room(more, rules.cap)?;
                return Ok(Event::Part);
            };
            let head = request.head_len();
            waits = request.expects_continue() && input.len() == head;
            self.stage = begin_body(head, request.framing(), rules)?;
        }
        match self.advance_body(rules)? {
            Event::Part if waits => {
                self.output.bytes().extend_from_slice(CONTINUE);
                Ok(Event::Continue)
            }
            event => Ok(event),
        }
    }
    // ANCHOR_END: look

    // ANCHOR: body
    #[inline]
    fn advance_body(&mut self, rules: &Rules) -> Result<Event, Refusal> {
        match &mut self.stage {
            Stage::Head => Ok(Event::Part),
            Stage::Whole { .. } => Ok(Event::Whole),
            &mut Stage::Length { head, whole } => {
                if self.input.bytes().len() < whole {
                    // Straight to what was declared, so that nothing is copied twice.
                    self.input.make_room(whole, rules.cap)?;
                    return Ok(Event::Part);
                }
                self.stage = Stage::Whole {
                    head,
                    body_end: whole,
                    whole,
                };
                Ok(Event::Whole)
            }
            Stage::Chunked {
                head,
                body_end,
                decoder,
            } => {
                let raw = &mut self.input.bytes_mut()[*body_end..];
                let progress = decoder.decode(raw)?;
                let whole = *body_end + progress.consumed;
                *body_end += progress.written;
                if !progress.done {
                    // What was read of it is only data now, so the next bytes follow that.
                    self.input.truncate(*body_end);
                    let most = rules.cap.saturating_add(FRAMING_ROOM);
                    self.input.make_room(*body_end + FRAMING_ROOM, most)?;
                    return Ok(Event::Part);
                }
                self.stage = Stage::Whole {
                    head: *head,
                    body_end: *body_end,
                    whole,
                };
                Ok(Event::Whole)
            }
        }
    }
    // ANCHOR_END: body

    // ANCHOR: place
    /// Asks the handler where it wants to answer the request that is whole.
    #[cold]
    pub(crate) fn place(&self, handler: &dyn Handler) -> Place {
        let Some(request) = self.request() else {
            return Place::Pooled;
        };
        let place = catch_unwind(AssertUnwindSafe(|| handler.place(&request)));
        place.unwrap_or_else(|payload| {
            // What it would have said nobody knows. On another thread it delays nobody.
            let_go(payload);
            Place::Pooled
        })
    }

    fn request(&self) -> Option<Request<'_>> {
        let &Stage::Whole { head, body_end, .. } = &self.stage else {
            return None;
        };
        let input = self.input.bytes();
        let request = self.parser.request(input)?;
        Some(request.with_body(&input[head..body_end]))
    }
    // ANCHOR_END: place

    // ANCHOR: answer
    /// Runs the handler on the request that is whole, and puts its answer into the output.
    ///
    /// A handler that panics costs this request a 500, and nothing else. Whether the server
    /// keeps the connection alive is asked behind it: it may take long, or stop the server.
    #[inline]
    pub(crate) fn answer(
        &mut self,
        handler: &dyn Handler,
        scratch: &mut Scratch,
        date: &[u8],
        keep_alive: impl FnOnce() -> bool,
    ) -> Option<Answered> {
        self.output.lend_spare(scratch);
        let request = self.request()?;
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            handler.handle(&request, &mut scratch.response());
        }));
        let panicked = outcome.is_err();
        if let Err(payload) = outcome {
            let_go(payload);
            // Whatever it has said so far. The request has been read to its end, so the next
            // one, which may be there already, is not its business.
            scratch.say(500);
        }
        let facts = Facts {
            version: request.version(),
            head: request.method() == Method::Head,
            keep_alive: keep_alive() && request.keep_alive(),
            date,
        };
        let status = self.conclude(scratch, &facts);
        Some(Answered { status, panicked })
    }
    // ANCHOR_END: answer

    /// Puts the answer into the output, and makes the next request the first.
    #[inline]
    fn conclude(&mut self, scratch: &mut Scratch, facts: &Facts<'_>) -> u16 {
        let status = self.put(scratch, facts);
        if let Stage::Whole { whole, .. } = self.stage {
            self.input.consume(whole);
        }
        self.parser.reset();
        self.stage = Stage::Head;
        status
    }

    // ANCHOR: shed
    /// Answers in the place of a handler, for whom too many wait. The request was a good one,
    /// and may be made again, so the connection is kept.
    #[cold]
    pub(crate) fn shed(
        &mut self,
        scratch: &mut Scratch,
        date: &[u8],
        keep_alive: bool,
    ) -> Option<u16> {
        let request = self.request()?;
        let facts = Facts {
            version: request.version(),
            head: request.method() == Method::Head,
            keep_alive: keep_alive && request.keep_alive(),
            date,
        };
        let mut response = scratch.response();
        response.status(503).header("Retry-After", 1);
        response.text(super::reason(503));
        Some(self.conclude(scratch, &facts))
    }
    // ANCHOR_END: shed

    /// Puts the refusal of a request that took too long into the output, as the last answer.
    pub(crate) fn refuse(
        &mut self,
        status: u16,
        scratch: &mut Scratch,
        date: &[u8],
    ) {
        scratch.refuse(status);
        self.put_last(scratch, date);
    }

    /// Encodes an answer that is ours, and no handler's. The request is not whole, but what
    /// there is of it may say already that the answer has no content.
    /// Source: RFC 9110, section 9.3.2.
    #[cold]
    fn put_last(&mut self, scratch: &mut Scratch, date: &[u8]) {
        let input = self.input.bytes();
        let line = input.strip_prefix(EMPTY_LINE).unwrap_or(input);
        let facts = Facts {
            version: Version::Http11,
            head: line.starts_with(b"HEAD "),
            keep_alive: false,
            date,
        };
        self.refusal = self.put(scratch, &facts);
    }

    #[inline]
    fn put(&mut self, scratch: &mut Scratch, facts: &Facts<'_>) -> u16 {
        let Encoded {
            status,
            keep_alive,
            tail,
        } = encode(scratch, facts, self.output.bytes());
        self.output.set_tail(tail);
        self.last = !keep_alive;
        status
    }

    /// The status of the refusal that is the last answer.
    pub(crate) fn refusal(&self) -> u16 {
        self.refusal
    }

    /// Begins with an empty line that came before there was an exchange, so that a second
    /// one is refused wherever the bytes were cut.
    #[cold]
    pub(crate) fn begin_empty_line(&mut self) {
        self.input.begin_with(EMPTY_LINE);
    }

    /// Whether there is more than what was answered.
    #[inline]
    pub(crate) fn has_more(&self) -> bool {
        !self.input.is_empty()
    }

    /// Whether there is room to receive.
    #[cold]
    pub(crate) fn has_room(&self) -> bool {
        self.input.has_room()
    }

    /// Receives once.
    #[inline]
    pub(crate) fn receive(&mut self, stream: &TcpStream) -> io::Result<usize> {
        self.input.receive(stream)
    }

    /// Ends an answer that somebody else goes on with, and the connection behind it.
    #[cold]
    pub(crate) fn end_channel(&mut self) {
        self.last |= self.output.end_channel();
    }

    /// Whether the connection ends with what is in the output.
    #[inline]
    pub(crate) fn is_last(&self) -> bool {
        self.last
    }
}

/// What follows the head.
fn begin_body(head: usize, framing: Framing, rules: &Rules) -> Result<Stage, Error> {
    let room = rules.cap.saturating_sub(head) as u64;
    match framing {
        Framing::None | Framing::Length(0) => Ok(Stage::Whole {
            head,
            body_end: head,
            whole: head,
        }),
        Framing::Length(length) if length > room => {
            Err(Error::BodyTooLarge { limit: room })
        }
        Framing::Length(length) => Ok(Stage::Length {
            head,
            whole: head + length as usize,
        }),
        Framing::Chunked => Ok(Stage::Chunked {
            head,
            body_end: head,
            decoder: ChunkDecoder::new(Limits {
                body: room,
                ..rules.limits
            }),
        }),
    }
}

#[cfg(test)]
mod tests;
