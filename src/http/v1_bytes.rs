//! The first version that holds: a state machine that takes one byte at a time.
//!
//! Whatever it knows is in its state, so it does not matter where the input is cut. It costs
//! a jump for each byte: [`Parser`](super::Parser) gives the same answers without.

use super::error::Error;
use super::head::{Head, is_text, is_token, is_visible};
use super::limits::Limits;
use super::parser::Status;
use super::request::Request;

// ANCHOR: states
/// What the next byte belongs to.
#[derive(Clone, Copy, Debug)]
enum State {
    /// The request, or an empty line before it.
    Start,
    /// The LF of that empty line.
    EmptyLine,
    Method,
    TargetStart,
    Target,
    /// `HTTP/1.1`: from where.
    Version {
        start: usize,
    },
    RequestLineEnd,
    /// A field line, or the empty line at the end.
    LineStart,
    Name,
    /// The value, with the blanks around it. The name ends here.
    Value {
        colon: usize,
    },
    /// The LF of a field line.
    ValueEnd {
        colon: usize,
    },
    /// The LF of the empty line.
    HeadEnd,
    Complete,
    Failed,
}
// ANCHOR_END: states

/// Parses a byte at a time. The interface is that of [`Parser`](super::Parser).
///
/// ```
/// use threadbare::http::{Limits, Status, v1_bytes::Parser};
///
/// let mut parser = Parser::new(Limits::default());
/// assert!(matches!(parser.parse(b"GET / HT")?, Status::Partial));
/// let whole = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
/// let Status::Complete(request) = parser.parse(whole)? else {
///     panic!("it is whole");
/// };
/// assert_eq!(request.target(), "/");
/// # Ok::<(), threadbare::http::Error>(())
/// ```
#[derive(Debug)]
pub struct Parser {
    limits: Limits,
    head: Head,
    state: State,
    /// So many bytes have been looked at.
    at: usize,
    /// Where the part that the state is about began.
    start: usize,
    /// So many bytes may come before the request line ends, or the head.
    allowed: usize,
    in_fields: bool,
    refused: Option<Error>,
}

impl Parser {
    /// A parser that has seen nothing.
    ///
    /// # Cost
    /// One allocation, of 16 bytes for each field that [`Limits::headers`] allows.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        let limits = limits.of_a_head();
        let head = Head::new(&limits);
        Self {
            limits,
            head,
            state: State::Start,
            at: 0,
            start: 0,
            allowed: limits.request_line,
            in_fields: false,
            refused: None,
        }
    }

    /// Goes on, as [`Parser::parse`](super::Parser::parse) does.
    ///
    /// # Errors
    /// What is wrong with the request, with the first byte that shows it.
    // ANCHOR: parse
    pub fn parse<'a>(
        &'a mut self,
        input: &'a [u8],
    ) -> Result<Status<Request<'a>>, Error> {
        while !matches!(self.state, State::Complete | State::Failed) {
            if self.at == self.allowed {
                return Err(self.refuse(self.too_much()));
            }
            let Some(&byte) = input.get(self.at) else {
                return Ok(Status::Partial);
            };
            match self.step(input, byte) {
                Ok(next) => self.state = next,
                Err(error) => return Err(self.refuse(error)),
            }
            self.at += 1;
        }
        match self.refused {
            Some(error) => Err(error),
            None => Ok(Status::Complete(Request::new(input, &self.head))),
        }
    }
    // ANCHOR_END: parse

    // ANCHOR: step
    /// What follows from this byte. A part that ends says what it was.
    #[inline]
    fn step(&mut self, input: &[u8], byte: u8) -> Result<State, Error> {
        let at = self.at;
        Ok(match (self.state, byte) {
            (State::Start, b'\r') if at == 0 => State::EmptyLine,
            (State::Start, b'\r' | b'\n') => return Err(Error::LineEnd { at }),
            (State::Start, _) if is_token(byte) => {
                self.start = at;
                State::Method
            }
            (State::EmptyLine, b'\n') => State::Start,

            (State::Method, b' ') => {
                self.head.method(input, self.start, at)?;
                State::TargetStart
            }
            (State::Method, _) if is_token(byte) => State::Method,
            (State::TargetStart, _) => {
                self.head.target_begins(byte, at)?;
                State::Target
            }
            (State::Target, b' ') => {
                self.head.target_ends(input, at)?;
                State::Version { start: at + 1 }
            }
            (State::Target, _) if is_visible(byte) => State::Target,
            (State::Version { start }, _) => match (at - start, byte) {
                (0..5, _) if b"HTTP/"[at - start] == byte => {
                    State::Version { start }
                }
                (5, b'0'..=b'9') | (6, b'.') => State::Version { start },
                (7, b'0'..=b'9') => {
                    self.head.version(input[at - 2], byte, at - 2)?;
                    State::Version { start }
                }
                (8, b'\r') => State::RequestLineEnd,
                (_, b'\n') => return Err(Error::LineEnd { at }),
                _ => return Err(Error::Version { at }),
            },
            (State::RequestLineEnd, b'\n') => {
                self.in_fields = true;
                self.allowed = self.limits.head;
                State::LineStart
            }
            (State::Start | State::Method, _) => {
                return Err(Error::RequestLine { at });
            }
            (State::Target, b'\r' | b'\n') => return Err(Error::LineEnd { at }),
            (State::Target, _) => return Err(Error::Target { at }),

            // ANCHOR: step_fields
            (State::LineStart, b'\r') => State::HeadEnd,
            (State::LineStart, b' ' | b'\t') => {
                return Err(Error::FoldedLine { at });
            }
            (State::LineStart, _) if is_token(byte) => {
                self.start = at;
                State::Name
            }
            (State::Name, b':') => State::Value { colon: at },
            (State::Name, _) if is_token(byte) => State::Name,
            (State::LineStart | State::Name, b'\n') => {
                return Err(Error::LineEnd { at });
            }
            (State::LineStart | State::Name, _) => {
                return Err(Error::FieldName { at });
            }

            (State::Value { colon }, b'\r') => State::ValueEnd { colon },
            (State::Value { .. }, b'\n') => return Err(Error::LineEnd { at }),
            (State::Value { .. }, _) if is_text(byte) => self.state,
            (State::Value { .. }, _) => return Err(Error::FieldValue { at }),
            (State::ValueEnd { colon }, b'\n') => {
                self.head.field(input, self.start, colon, at - 1)?;
                State::LineStart
            }
            // ANCHOR_END: step_fields
            (State::HeadEnd, b'\n') => {
                self.head.finish(at + 1, &self.limits)?;
                State::Complete
            }
            (
                State::EmptyLine
                | State::RequestLineEnd
                | State::ValueEnd { .. }
                | State::HeadEnd,
                _,
            ) => return Err(Error::LineEnd { at }),
            (State::Complete | State::Failed, _) => self.state,
        })
    }
    // ANCHOR_END: step

    fn refuse(&mut self, error: Error) -> Error {
        self.state = State::Failed;
        self.refused = Some(error);
        error
    }

    /// As many bytes as are allowed have come, and more are needed.
    fn too_much(&self) -> Error {
        let limit = self.allowed;
        if self.in_fields {
            Error::HeadTooLarge { limit }
        } else {
            Error::RequestLineTooLong { limit }
        }
    }

    /// The request again, if it is complete. `input` is what was parsed.
    #[must_use]
    pub fn request<'a>(&'a self, input: &'a [u8]) -> Option<Request<'a>> {
        matches!(self.state, State::Complete)
            .then(|| Request::new(input, &self.head))
    }

    /// Forgets what it has seen: for the next request.
    pub fn reset(&mut self) {
        self.head.reset();
        self.state = State::Start;
        self.at = 0;
        self.allowed = self.limits.request_line;
        self.in_fields = false;
        self.refused = None;
    }
}
