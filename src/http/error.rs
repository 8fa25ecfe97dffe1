//! Why a request was refused: what, where, and which status says so.

use std::fmt;

/// Why a request is refused. Each has one [`status`](Error::status), and after each the
/// connection is closed: where the refused request ends, nobody knows for certain.
///
/// `at` counts from the first byte of the request; in a chunked body, from the first byte of
/// the body.
///
/// ```
/// use threadbare::http::{Error, Limits, Parser};
///
/// let mut parser = Parser::new(Limits::default());
/// let refused = parser.parse(b"GET / HTTP/1.1\nHost: a\n\n").unwrap_err();
/// assert_eq!(refused, Error::LineEnd { at: 14 });
/// assert_eq!(refused.status(), 400);
/// assert_eq!(
///     refused.to_string(),
///     "byte 14: a line ends with CR and LF, and neither stands alone; send both",
/// );
/// ```
/// Source: RFC 9112, sections 2.2, 3, 5, 6 and 7; the statuses are those of RFC 9110,
/// section 15, and RFC 6585, section 5.
// ANCHOR: error
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// A CR without LF, an LF without CR, or one of both where no line ends. 400.
    LineEnd {
        /// Where the byte is that shows it.
        at: usize,
    },
    /// The request line is not `method SP target SP version`. 400.
    RequestLine {
        /// The byte that does not fit.
        at: usize,
    },
    /// A method that this server does not know. 501.
    Method {
        /// Where it begins.
        at: usize,
    },
    /// A byte that a target cannot have, or a form other than `/path?query`. 400.
    Target {
        /// The byte that does not fit, or where the target begins.
        at: usize,
    },
    /// `OPTIONS *` or `CONNECT host:port`: well-formed, and nothing that this server does.
    /// 501.
    TargetForm {
        /// Where the target begins.
        at: usize,
    },
    /// Something else than `HTTP/`, a digit, a dot, a digit. 400.
    Version {
        /// The byte that does not fit.
        at: usize,
    },
    /// A version of HTTP that is not 1. 505.
    VersionUnsupported {
        /// Where it stands.
        at: usize,
    },
    /// The request line crosses [`Limits::request_line`](super::Limits). 414.
    RequestLineTooLong {
        /// That limit.
        limit: usize,
    },
    /// The head crosses [`Limits::head`](super::Limits). 431.
    HeadTooLarge {
        /// That limit.
        limit: usize,
    },
    /// More field lines than [`Limits::headers`](super::Limits). 431.
    TooManyHeaders {
        /// That limit.
        limit: usize,
    },
    /// A field's name is empty, has a byte that no name has, such as a space before the
    /// colon, or no colon behind it. 400.
    FieldName {
        /// The byte that does not fit.
        at: usize,
    },
    /// A control character in a field's value. 400.
    FieldValue {
        /// Where it is.
        at: usize,
    },
    /// A field goes on in a second line, which begins with a blank. 400.
    FoldedLine {
        /// Where the second line begins.
        at: usize,
    },
    /// An HTTP/1.1 request without `Host`. 400.
    HostMissing,
    /// A second `Host`. 400.
    HostRepeated {
        /// Where its value is.
        at: usize,
    },
    /// A `Host` that is not a host and perhaps a port. 400.
    Host {
        /// Where its value is.
        at: usize,
    },
    /// A `Content-Length` that is not a number, or larger than any. 400.
    ContentLength {
        /// Where its value is.
        at: usize,
    },
    /// A second `Content-Length`, be it the same. 400.
    ContentLengthRepeated {
        /// Where its value is.
        at: usize,
    },
    /// Both `Content-Length` and `Transfer-Encoding`: two ends for one body. 400.
    TwoFramings {
        /// Where the second one's value is.
        at: usize,
    },
    /// `Transfer-Encoding` whose last coding is not `chunked`, or with `chunked` twice, or
    /// no list of codings, or in HTTP/1.0. 400.
    TransferEncoding {
        /// Where its value is.
        at: usize,
    },
    /// Another transfer coding before the final `chunked`. 501.
    Coding {
        /// Where the value is.
        at: usize,
    },
    /// An `Expect` other than `100-continue`. 417.
    Expectation {
        /// Where its value is.
        at: usize,
    },
    /// The body crosses [`Limits::body`](super::Limits). 413.
    BodyTooLarge {
        /// That limit.
        limit: u64,
    },
    /// The size of a chunk is not hexadecimal, or larger than any number. 400.
    ChunkSize {
        /// The byte that does not fit.
        at: usize,
    },
    /// Behind the size of a chunk stands something that is no extension. 400.
    ChunkExtension {
        /// The byte that does not fit.
        at: usize,
    },
    /// The extensions cross [`Limits::extensions`](super::Limits). 400.
    ExtensionsTooLong {
        /// That limit.
        limit: usize,
    },
    /// Behind the data of a chunk there is no line end: its size was wrong. 400.
    ChunkEnd {
        /// The byte that does not fit.
        at: usize,
    },
    /// A trailer that would change what has been decided: `Content-Length`,
    /// `Transfer-Encoding`, `Host`. 400.
    Trailer {
        /// Where its name ends.
        at: usize,
    },
    /// The trailers cross [`Limits::trailers`](super::Limits). 431.
    TrailersTooLarge {
        /// That limit.
        limit: usize,
    },
}
// ANCHOR_END: error

impl Error {
    /// The status code that says this to the client.
    ///
    /// ```
    /// use threadbare::http::Error;
    ///
    /// assert_eq!(Error::HostMissing.status(), 400);
    /// assert_eq!(Error::Method { at: 0 }.status(), 501);
    /// ```
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::BodyTooLarge { .. } => 413,
            Self::RequestLineTooLong { .. } => 414,
            Self::Expectation { .. } => 417,
            Self::HeadTooLarge { .. }
            | Self::TooManyHeaders { .. }
            | Self::TrailersTooLarge { .. } => 431,
            Self::Method { .. } | Self::TargetForm { .. } | Self::Coding { .. } => {
                501
            }
            Self::VersionUnsupported { .. } => 505,
            Self::LineEnd { .. }
            | Self::RequestLine { .. }
            | Self::Target { .. }
            | Self::Version { .. }
            | Self::FieldName { .. }
            | Self::FieldValue { .. }
            | Self::FoldedLine { .. }
            | Self::HostMissing
            | Self::HostRepeated { .. }
            | Self::Host { .. }
            | Self::ContentLength { .. }
            | Self::ContentLengthRepeated { .. }
            | Self::TwoFramings { .. }
            | Self::TransferEncoding { .. }
            | Self::ChunkSize { .. }
            | Self::ChunkExtension { .. }
            | Self::ExtensionsTooLong { .. }
            | Self::ChunkEnd { .. }
            | Self::Trailer { .. } => 400,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (at, what) = match *self {
            Self::RequestLineTooLong { limit } => {
                return write!(
                    f,
                    "the request line is longer than {limit} bytes; shorten the target"
                );
            }
            Self::HeadTooLarge { limit } => {
                return write!(
                    f,
                    "the head is larger than {limit} bytes; send less"
                );
            }
            Self::TooManyHeaders { limit } => {
                return write!(f, "there are more than {limit} fields; send fewer");
            }
            Self::BodyTooLarge { limit } => {
                return write!(
                    f,
                    "the body is larger than {limit} bytes, or than what the head \
                     leaves of them; send less"
                );
            }
            Self::ExtensionsTooLong { limit } => {
                return write!(
                    f,
                    "the chunk extensions are longer than {limit} bytes; leave them out"
                );
            }
            Self::TrailersTooLarge { limit } => {
                return write!(
                    f,
                    "the trailers are larger than {limit} bytes; send less"
                );
            }
            Self::HostMissing => {
                return f.write_str("there is no Host field; HTTP/1.1 needs one");
            }
            Self::LineEnd { at } => (
                at,
                "a line ends with CR and LF, and neither stands alone; send both",
            ),
            Self::RequestLine { at } => (
                at,
                "this is no request line; send a method, a target and a version, with \
                 one space between them",
            ),
            Self::Method { at } => (
                at,
                "this method is not known here; send GET, HEAD, POST, PUT, PATCH or \
                 DELETE, in capitals",
            ),
            Self::Target { at } => (
                at,
                "the target is not a path in visible ASCII; begin it with a slash, and \
                 percent-encode the rest",
            ),
            Self::TargetForm { at } => {
                (at, "this server answers for paths alone; send one")
            }
            Self::Version { at } => (at, "this is no version; send HTTP/1.1"),
            Self::VersionUnsupported { at } => {
                (at, "only version 1 of HTTP is spoken here; send HTTP/1.1")
            }
            Self::FieldName { at } => (
                at,
                "a field's name has letters, digits and a few signs, and a colon right \
                 behind it; send such a name",
            ),
            Self::FieldValue { at } => {
                (at, "a control character in a field's value; leave it out")
            }
            Self::FoldedLine { at } => {
                (at, "a field goes on in a second line; send it as one")
            }
            Self::HostRepeated { at } => (at, "a second Host field; send one"),
            Self::Host { at } => {
                (at, "this is no host; send a name or an address, and a port")
            }
            Self::ContentLength { at } => {
                (at, "this is no length; send decimal digits alone")
            }
            Self::ContentLengthRepeated { at } => {
                (at, "a second Content-Length; send one")
            }
            Self::TwoFramings { at } => (
                at,
                "both Content-Length and Transfer-Encoding; send one of them",
            ),
            Self::TransferEncoding { at } => (
                at,
                "chunked must be the last coding, once, in HTTP/1.1; send chunked alone",
            ),
            Self::Coding { at } => {
                (at, "this coding is not known here; send chunked alone")
            }
            Self::Expectation { at } => {
                (at, "only 100-continue is met here; send that, or nothing")
            }
            Self::ChunkSize { at } => (
                at,
                "this is no size of a chunk; send hexadecimal digits alone",
            ),
            Self::ChunkExtension { at } => {
                (at, "this is no chunk extension; leave extensions out")
            }
            Self::ChunkEnd { at } => (
                at,
                "the chunk is longer than it says; send CR and LF behind its data",
            ),
            Self::Trailer { at } => {
                (at, "this field cannot be a trailer; send it in the head")
            }
        };
        write!(f, "byte {at}: {what}")
    }
}

impl std::error::Error for Error {}
