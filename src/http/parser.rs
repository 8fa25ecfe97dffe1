//! The parser that the server uses: skips what it may skip, sixteen bytes at a time.
//!
//! It has the states of [`v1_bytes`](super::v1_bytes), and stays in each of them until its
//! part has ended. A part that is there as a whole costs a few instructions, and nothing is
//! noted: only at the end of the input, when something is missing, it writes down what it was
//! about and how far it has looked.
//!
//! What the parts mean is in `head`, for both parsers. So they differ in how they find the
//! ends, and in nothing else: the tests hold every answer of one against the other's.

use super::error::Error;
use super::head::{Head, is_token};
use super::limits::Limits;
use super::request::{Method, Request};
use super::scan;

#[cfg(test)]
mod tests;

/// How far a parser has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status<T> {
    /// So far nothing is wrong, and something is missing.
    Partial,
    /// It is whole.
    Complete(T),
}

/// Reads the head of a request, wherever the input is cut.
///
/// The answer depends on the bytes alone, and not on the pieces in which they came: once they
/// are enough for an answer, [`Complete`](Status::Complete) or an error, more of them do not
/// change it.
///
/// The parser has a table for the fields, and writes positions into it. Names and values stay
/// where they are: a [`Request`] is a view.
///
/// ```
/// use threadbare::http::{Limits, Parser, Status};
///
/// let mut parser = Parser::new(Limits::default());
/// let bytes = b"GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /next";
/// assert!(matches!(parser.parse(&bytes[..10])?, Status::Partial));
///
/// let Status::Complete(request) = parser.parse(bytes)? else {
///     panic!("it is whole");
/// };
/// assert_eq!(request.target(), "/");
/// let next = request.head_len();
///
/// parser.reset();
/// assert!(matches!(parser.parse(&bytes[next..])?, Status::Partial));
/// # Ok::<(), threadbare::http::Error>(())
/// ```
/// Source: RFC 9112, sections 2 to 6.
// ANCHOR: parser
#[derive(Debug)]
pub struct Parser {
    head: Head,
    stage: Stage,
    /// What is before it has been looked at.
    at: usize,
    /// Where the part begins that the stage is about.
    start: usize,
    limits: Limits,
    refused: Option<Error>,
}

/// What the byte at `at` belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// The request, or an empty line before it.
    Start,
    Method,
    TargetStart,
    Target,
    Version,
    /// A field's name, or the empty line at the end.
    Name,
    /// A field's value, with the blanks around it and the line end. Its name ends here.
    Value {
        colon: usize,
    },
    Complete,
    Failed,
}
// ANCHOR_END: parser

impl Parser {
    /// A parser that has seen nothing.
    ///
    /// # Cost
    /// One allocation, of 16 bytes for each field that [`Limits::headers`] allows.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        let limits = limits.of_a_head();
        Self {
            head: Head::new(&limits),
            stage: Stage::Start,
            at: 0,
            start: 0,
            limits,
            refused: None,
        }
    }

    /// Goes on where the last call ended. `input` is everything since the request's first
    /// byte, of which the part that was there before is not looked at again. What is behind
    /// the head is not looked at either.
    ///
    /// # Errors
    /// What is wrong with the request, with the first byte that shows it. Each later call
    /// returns the same, until [`reset`](Self::reset).
    /// # Panics
    /// If the request was complete, and `input` is shorter than it was then.
    /// # Cost
    /// No allocation, and nothing is copied. Each byte is looked at once; a few are looked
    /// at again where a part ends.
    /// # Example
    /// ```
    /// use threadbare::http::{Error, Limits, Parser, Status};
    ///
    /// let mut parser = Parser::new(Limits::default());
    /// let bytes = b"GET / HTTP/1.1\r\nHost : a\r\n\r\n";
    /// assert!(matches!(parser.parse(&bytes[..20]), Ok(Status::Partial)));
    /// assert_eq!(parser.parse(&bytes[..21]).unwrap_err(), Error::FieldName { at: 20 });
    /// assert_eq!(parser.parse(bytes).unwrap_err(), Error::FieldName { at: 20 });
    /// ```
    // ANCHOR: parse
    #[inline]
    pub fn parse<'a>(
        &'a mut self,
        input: &'a [u8],
    ) -> Result<Status<Request<'a>>, Error> {
        match self.advance(input) {
            Ok(Status::Complete(())) => {
                Ok(Status::Complete(Request::new(input, &self.head)))
            }
            Ok(Status::Partial) => self.out_of_input(input.len()),
            Err(error) => Err(self.refuse(error)),
        }
    }
    // ANCHOR_END: parse

    /// The request again, if it is complete. `input` is what was parsed.
    ///
    /// ```
    /// use threadbare::http::{Limits, Parser};
    ///
    /// let mut parser = Parser::new(Limits::default());
    /// let bytes = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    /// assert!(parser.request(bytes).is_none());
    /// parser.parse(bytes)?;
    /// assert_eq!(parser.request(bytes).unwrap().path(), "/");
    /// # Ok::<(), threadbare::http::Error>(())
    /// ```
    #[must_use]
    #[inline]
    pub fn request<'a>(&'a self, input: &'a [u8]) -> Option<Request<'a>> {
        (self.stage == Stage::Complete).then(|| Request::new(input, &self.head))
    }

    /// Forgets what it has seen: for the next request, or another connection.
    #[inline]
    pub fn reset(&mut self) {
        self.head.reset();
        self.stage = Stage::Start;
        self.at = 0;
    }

    // ANCHOR: advance
    /// As far as the input goes. Each arm deals with a whole part.
    fn advance(&mut self, input: &[u8]) -> Result<Status<()>, Error> {
        // Behind the limits there is nothing to be found.
        let line = &input[..input.len().min(self.limits.request_line)];
        let input = &input[..input.len().min(self.limits.head)];
        let (mut at, mut start) = (self.at, self.start);
        let mut stage = self.stage;
        loop {
            match stage {
                Stage::Start => match line.get(at..) {
                    None | Some([]) => break,
                    // Nearly all methods. The others come to the same, a step later.
                    Some([b'G', b'E', b'T', b' ', ..]) => {
                        self.head.method = Method::Get;
                        at += 4;
                        stage = Stage::TargetStart;
                    }
                    Some([b'\r', rest @ ..]) if at == 0 => match rest {
                        [] => break,
                        [b'\n', ..] => at = 2,
                        _ => return Err(Error::LineEnd { at: 1 }),
                    },
                    Some([b'\r' | b'\n', ..]) => return Err(Error::LineEnd { at }),
                    Some(_) => {
                        start = at;
                        stage = Stage::Method;
                    }
                },
                Stage::Method => {
                    at = scan::plain(line, at);
                    match line.get(at) {
                        None => break,
                        Some(b' ') if at > start => {
                            self.head.method(line, start, at)?;
                            stage = Stage::TargetStart;
                        }
                        Some(&byte) if is_token(byte) => {}
                        Some(_) => return Err(Error::RequestLine { at }),
                    }
                    at += 1;
                }
                Stage::TargetStart => {
                    let Some(&byte) = line.get(at) else { break };
                    self.head.target_begins(byte, at)?;
                    at += 1;
                    stage = Stage::Target;
                }
                Stage::Target => {
                    at = scan::visible(line, at);
                    match line.get(at) {
                        None => break,
                        Some(b' ') => self.head.target_ends(line, at)?,
                        Some(b'\r' | b'\n') => return Err(Error::LineEnd { at }),
                        Some(_) => return Err(Error::Target { at }),
                    }
                    at += 1;
                    stage = Stage::Version;
                }
                Stage::Version => {
                    if !self.version(line, at)? {
                        break;
                    }
                    at += VERSION.len();
                    return self.fields(input, at, at, None);
                }
                Stage::Name => return self.fields(input, start, at, None),
                Stage::Value { colon } => {
                    return self.fields(input, start, at, Some(colon));
                }
                Stage::Complete => return Ok(Status::Complete(())),
                Stage::Failed => break,
            }
        }
        Ok(self.pause(stage, start, at))
    }
    // ANCHOR_END: advance

    // ANCHOR: fields
    /// The field lines, and the empty one. The first begins at `start`, has been looked at up
    /// to `at`, and has a colon if that was found.
    fn fields(
        &mut self,
        input: &[u8],
        mut start: usize,
        mut at: usize,
        mut colon: Option<usize>,
    ) -> Result<Status<()>, Error> {
        loop {
            let colon = match colon.take() {
                Some(colon) => colon,
                None => loop {
                    at = scan::plain(input, at);
                    match input.get(at) {
                        Some(b':') if at > start => break at,
                        Some(&byte) if is_token(byte) => at += 1,
                        Some(_) => return self.end(input, start, at),
                        None => return Ok(self.pause(Stage::Name, start, at)),
                    }
                },
            };
            at = at.max(colon + 1);
            loop {
                at = scan::control(input, at);
                match input.get(at..) {
                    Some([b'\r', b'\n', ..]) => break,
                    Some([b'\t', ..]) => at += 1,
                    None | Some([] | [b'\r']) => {
                        return Ok(self.pause(Stage::Value { colon }, start, at));
                    }
                    Some([b'\r', ..]) => return Err(Error::LineEnd { at: at + 1 }),
                    Some([b'\n', ..]) => return Err(Error::LineEnd { at }),
                    Some(_) => return Err(Error::FieldValue { at }),
                }
            }
            self.head.field(input, start, colon, at)?;
            at += 2;
            start = at;
        }
    }
    // ANCHOR_END: fields

    /// The line that begins at `start` is empty, or the byte at `at` belongs to no name.
    fn end(
        &mut self,
        input: &[u8],
        start: usize,
        at: usize,
    ) -> Result<Status<()>, Error> {
        match input[start..] {
            [b'\r', b'\n', ..] => {}
            [b'\r'] => return Ok(self.pause(Stage::Name, start, at)),
            [b'\r', ..] => return Err(Error::LineEnd { at: start + 1 }),
            [b' ' | b'\t', ..] => return Err(Error::FoldedLine { at }),
            _ if input[at] == b'\n' => return Err(Error::LineEnd { at }),
            _ => return Err(Error::FieldName { at }),
        }
        self.head.finish(start + 2, &self.limits)?;
        self.stage = Stage::Complete;
        Ok(Status::Complete(()))
    }

    /// Something is missing: what to go on with.
    #[cold]
    fn pause(&mut self, stage: Stage, start: usize, at: usize) -> Status<()> {
        (self.stage, self.start, self.at) = (stage, start, at);
        Status::Partial
    }

    /// The version and its line end; false if something is missing.
    #[inline]
    fn version(&mut self, line: &[u8], start: usize) -> Result<bool, Error> {
        match line.get(start..start + VERSION.len()) {
            Some([rest @ .., minor @ (b'0' | b'1'), b'\r', b'\n'])
                if rest == b"HTTP/1." =>
            {
                self.head.version(b'1', *minor, start + 5)?;
                Ok(true)
            }
            _ => self.version_slow(line, start),
        }
    }

    /// Another version, or not all of it, or none.
    #[cold]
    fn version_slow(&mut self, line: &[u8], start: usize) -> Result<bool, Error> {
        for (at, &byte) in line.iter().enumerate().skip(start).take(VERSION.len()) {
            match at - start {
                5 if byte.is_ascii_digit() => {}
                7 if byte.is_ascii_digit() => {
                    self.head.version(line[at - 2], byte, at - 2)?;
                }
                place @ (0..5 | 6 | 8) if byte == VERSION[place] => {}
                9 if byte == b'\n' => return Ok(true),
                9 => return Err(Error::LineEnd { at }),
                _ if byte == b'\n' => return Err(Error::LineEnd { at }),
                _ => return Err(Error::Version { at }),
            }
        }
        Ok(false)
    }

    /// The end of the input is the end of what is allowed, or it was refused before.
    #[cold]
    fn out_of_input<T>(&mut self, len: usize) -> Result<Status<T>, Error> {
        let Limits {
            request_line, head, ..
        } = self.limits;
        let error = match self.stage {
            Stage::Failed => self.refused,
            Stage::Name | Stage::Value { .. } => {
                (len >= head).then_some(Error::HeadTooLarge { limit: head })
            }
            _ => (len >= request_line).then_some(Error::RequestLineTooLong {
                limit: request_line,
            }),
        };
        match error {
            Some(error) => Err(self.refuse(error)),
            None => Ok(Status::Partial),
        }
    }

    #[cold]
    fn refuse(&mut self, error: Error) -> Error {
        self.stage = Stage::Failed;
        self.refused = Some(error);
        error
    }
}

/// What ends nearly every request line.
const VERSION: &[u8] = b"HTTP/1.1\r\n";
