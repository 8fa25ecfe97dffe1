//! How much of a request we are willing to read before we have decided about it.

/// The largest request that is read; what crosses a limit is refused, never cut short.
///
/// Each limit bounds something that a client could otherwise send without end. Lengths are
/// in bytes.
///
/// | limit | default | beyond it |
/// |---|---|---|
/// | `request_line` | 8 KiB | 414 |
/// | `head` | 64 KiB (a server: its whole buffer) | 431 |
/// | `headers` | 100 | 431 |
/// | `body` | 1 MiB | 413 |
/// | `extensions` | 4 KiB | 400 |
/// | `trailers` | 8 KiB | 431 |
///
/// ```
/// use threadbare::http::{Error, Limits, Parser};
///
/// let mut parser = Parser::new(Limits { headers: 1, ..Limits::default() });
/// let refused = parser.parse(b"GET / HTTP/1.1\r\nHost: a\r\nAccept: */*\r\n").unwrap_err();
/// assert_eq!(refused, Error::TooManyHeaders { limit: 1 });
/// assert_eq!(refused.status(), 431);
/// ```
/// Source: RFC 9112, sections 3 and 7.1.1; RFC 6585, section 5.
// ANCHOR: limits
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The request line with its line end, counted from the first byte of the request, so
    /// an empty line before it counts too. RFC 9112 wants at least 8,000.
    pub request_line: usize,
    /// The whole head: request line, fields, and the empty line behind them. Above 4 GiB it
    /// means 4 GiB.
    pub head: usize,
    /// How many field lines a head may have; the same for the trailers of a chunked body.
    /// A [`Parser`](super::Parser) sets aside 16 bytes for each.
    pub headers: usize,
    /// The body, without the bytes that only frame it. A `Content-Length` above it is
    /// refused with the head, a chunk that would cross it with its size.
    pub body: u64,
    /// What chunk extensions may amount to, over all chunks of a body.
    pub extensions: usize,
    /// The trailer section of a chunked body.
    pub trailers: usize,
}
// ANCHOR_END: limits

impl Default for Limits {
    fn default() -> Self {
        Self {
            request_line: 8 << 10,
            head: 64 << 10,
            headers: 100,
            body: 1 << 20,
            extensions: 4 << 10,
            trailers: 8 << 10,
        }
    }
}

impl Limits {
    /// The same, as a parser of heads uses them: a request line is part of a head, and a
    /// position has 32 bits.
    pub(super) fn of_a_head(self) -> Self {
        let head = self.head.min(u32::MAX as usize);
        Self {
            head,
            request_line: self.request_line.min(head),
            ..self
        }
    }
}
