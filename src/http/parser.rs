//! The parser that the server uses: skips what it may skip, sixteen bytes at a time.

use super::error::Error;
use super::limits::Limits;
use super::request::Request;
use super::v1_bytes;

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
/// ```
/// use threadbare::http::{Limits, Parser, Status};
///
/// let mut parser = Parser::new(Limits::default());
/// let bytes = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
/// assert!(matches!(parser.parse(&bytes[..10])?, Status::Partial));
/// let Status::Complete(request) = parser.parse(bytes)? else {
///     panic!("it is whole");
/// };
/// assert_eq!(request.target(), "/");
/// parser.reset();
/// # Ok::<(), threadbare::http::Error>(())
/// ```
// ANCHOR: parser
#[derive(Debug)]
pub struct Parser {
    inner: v1_bytes::Parser,
}
// ANCHOR_END: parser

impl Parser {
    /// A parser that has seen nothing.
    ///
    /// # Cost
    /// One allocation, of 16 bytes for each field that [`Limits::headers`] allows.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            inner: v1_bytes::Parser::new(limits),
        }
    }

    /// Goes on where the last call ended. `input` is everything since the request's first
    /// byte, of which the part that was there before is not looked at again.
    ///
    /// # Errors
    /// What is wrong with the request, with the first byte that shows it.
    // ANCHOR: parse
    pub fn parse<'a>(
        &'a mut self,
        input: &'a [u8],
    ) -> Result<Status<Request<'a>>, Error> {
        self.inner.parse(input)
    }
    // ANCHOR_END: parse

    /// The request again, if it is complete. `input` is what was parsed.
    #[must_use]
    pub fn request<'a>(&'a self, input: &'a [u8]) -> Option<Request<'a>> {
        self.inner.request(input)
    }

    /// Forgets what it has seen: for the next request.
    pub fn reset(&mut self) {
        self.inner.reset();
    }
}
