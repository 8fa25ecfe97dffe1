//! What a request asks: a view of the bytes it came in.

use std::fmt;
use std::str;

use super::head::Head;
use super::headers::Headers;

mod body;
mod cookies;
mod query;

#[cfg(any(
    target_os = "linux",
    target_os = "macos",
    target_os = "ios",
    target_os = "freebsd"
))]
pub use query::Pairs;

// ANCHOR: method
/// What shall be done with the target. The names are those of RFC 9110 and RFC 5789, in
/// capitals; every other is refused with 501.
///
/// ```
/// use threadbare::http::Method;
///
/// assert_eq!(Method::from_token(b"GET"), Some(Method::Get));
/// assert_eq!(Method::from_token(b"get"), None);
/// assert_eq!(Method::Delete.as_str(), "DELETE");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Method {
    /// Send what is there.
    Get,
    /// The same without the body.
    Head,
    /// Take this.
    Post,
    /// Let this be there.
    Put,
    /// Let nothing be there.
    Delete,
    /// Be a tunnel. Refused with 501, so no [`Request`] has it.
    Connect,
    /// Say what can be done.
    Options,
    /// Send back what came.
    Trace,
    /// Change it like this.
    Patch,
}
// ANCHOR_END: method

impl Method {
    /// The method of that name, if it is one of these.
    #[must_use]
    #[inline]
    pub fn from_token(token: &[u8]) -> Option<Self> {
        Some(match token {
            b"GET" => Self::Get,
            b"HEAD" => Self::Head,
            b"POST" => Self::Post,
            b"PUT" => Self::Put,
            b"DELETE" => Self::Delete,
            b"CONNECT" => Self::Connect,
            b"OPTIONS" => Self::Options,
            b"TRACE" => Self::Trace,
            b"PATCH" => Self::Patch,
            _ => return None,
        })
    }

    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
            Self::Connect => "CONNECT",
            Self::Options => "OPTIONS",
            Self::Trace => "TRACE",
            Self::Patch => "PATCH",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Which HTTP the client speaks. A minor version above 1 promises no less than 1.1 does, and
/// is taken as that.
///
/// ```
/// use threadbare::http::Version;
///
/// assert!(Version::Http10 < Version::Http11);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// HTTP/1.0: a connection for each request unless asked otherwise, and no chunks.
    Http10,
    /// HTTP/1.1.
    Http11,
}

// ANCHOR: framing
/// Where the body ends.
///
/// ```
/// use threadbare::http::{Framing, Limits, Parser, Status};
///
/// let mut parser = Parser::new(Limits::default());
/// let head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n";
/// let Status::Complete(request) = parser.parse(head)? else {
///     panic!("the head is whole");
/// };
/// assert_eq!(request.framing(), Framing::Length(5));
/// # Ok::<(), threadbare::http::Error>(())
/// ```
/// Source: RFC 9112, section 6.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// There is none: the next request begins right behind the head.
    None,
    /// After that many bytes. Zero is possible.
    Length(u64),
    /// With a chunk of size zero and what follows it:
    /// [`ChunkDecoder`](super::ChunkDecoder).
    Chunked,
}
// ANCHOR_END: framing

/// A request, as a view of the bytes that it came in: nothing is copied.
///
/// It borrows the input and the parser's table. So while it lives, the buffer stays as it
/// is, and the parser does not go on to the next one:
///
/// ```compile_fail,E0499
/// use threadbare::http::{Limits, Parser};
///
/// let mut parser = Parser::new(Limits::default());
/// let one = parser.parse(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n");
/// let two = parser.parse(b"GET / HTTP/1.1\r\nHost: b\r\n\r\n");
/// println!("{one:?} {two:?}"); // error[E0499]: two borrows of `parser`
/// ```
///
/// ```
/// use threadbare::http::{Limits, Method, Parser, Status, Version};
///
/// let mut parser = Parser::new(Limits::default());
/// let bytes = b"GET /files?name=a%20b HTTP/1.1\r\nHost: a\r\n\r\nGET /next";
/// let Status::Complete(request) = parser.parse(bytes)? else {
///     panic!("the head is whole");
/// };
/// assert_eq!(request.method(), Method::Get);
/// assert_eq!(request.target(), "/files?name=a%20b");
/// assert_eq!(request.path(), "/files");
/// assert_eq!(request.version(), Version::Http11);
/// assert_eq!(request.header("host"), Some(&b"a"[..]));
/// assert!(request.keep_alive());
/// assert_eq!(&bytes[request.head_len()..], b"GET /next");
/// # Ok::<(), threadbare::http::Error>(())
/// ```
// ANCHOR: request
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// From the request's first byte on; at least the head.
    pub(super) input: &'a [u8],
    pub(super) head: &'a Head,
    pub(super) body: &'a [u8],
    /// What a route's `:param` and `*rest` matched.
    pub(super) params: &'a [(&'a str, &'a str)],
}
// ANCHOR_END: request

impl<'a> Request<'a> {
    #[inline]
    pub(super) fn new(input: &'a [u8], head: &'a Head) -> Self {
        Self {
            input,
            head,
            body: &[],
            params: &[],
        }
    }

    /// What shall be done.
    #[must_use]
    #[inline]
    pub fn method(&self) -> Method {
        self.head.method
    }

    /// With what: path and query, as they came. Visible ASCII that begins with a slash.
    #[must_use]
    #[inline]
    pub fn target(&self) -> &'a str {
        str::from_utf8(self.target_bytes()).expect("a target is ASCII")
    }

    /// The target up to the question mark, as it came: nothing is decoded, and no `..` is
    /// taken out.
    #[must_use]
    #[inline]
    pub fn path(&self) -> &'a str {
        str::from_utf8(self.split_target().0).expect("a target is ASCII")
    }

    /// What stands behind the first question mark, as it came.
    #[must_use]
    #[inline]
    pub fn raw_query(&self) -> Option<&'a str> {
        let query = self.split_target().1?;
        Some(str::from_utf8(query).expect("a target is ASCII"))
    }

    /// Which HTTP the client speaks.
    #[must_use]
    #[inline]
    pub fn version(&self) -> Version {
        self.head.version
    }

    /// All fields.
    #[must_use]
    #[inline]
    pub fn headers(&self) -> Headers<'a> {
        Headers::new(self.input, self.head.fields())
    }

    /// The value of the first field of that name, whatever the case of its letters.
    #[must_use]
    #[inline]
    pub fn header(&self, name: &str) -> Option<&'a [u8]> {
        self.headers().get(name)
    }

    /// Where the body ends.
    #[must_use]
    #[inline]
    pub fn framing(&self) -> Framing {
        self.head.framing()
    }

    /// Whether the client wants to send more on this connection: in HTTP/1.1 unless it says
    /// `Connection: close`, in HTTP/1.0 if it says `Connection: keep-alive` and not `close`.
    ///
    /// Source: RFC 9112, section 9.3.
    #[must_use]
    #[inline]
    pub fn keep_alive(&self) -> bool {
        self.head.keep_alive()
    }

    /// Whether the client waits for `100 Continue` before it sends the body.
    ///
    /// Source: RFC 9110, section 10.1.1.
    #[must_use]
    #[inline]
    pub fn expects_continue(&self) -> bool {
        self.head.expects_continue()
    }

    /// How many bytes the head has, with the empty line at its end. There the body begins.
    #[must_use]
    #[inline]
    pub fn head_len(&self) -> usize {
        self.head.len()
    }

    #[inline]
    pub(crate) fn target_bytes(&self) -> &'a [u8] {
        self.head.target(self.input)
    }

    /// The path, and what is behind the question mark.
    #[inline]
    pub(crate) fn split_target(&self) -> (&'a [u8], Option<&'a [u8]>) {
        let target = self.target_bytes();
        match target.iter().position(|&byte| byte == b'?') {
            Some(mark) => (&target[..mark], Some(&target[mark + 1..])),
            None => (target, None),
        }
    }
}

impl fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method())
            .field("target", &self.target())
            .field("version", &self.version())
            .field("headers", &self.headers())
            .field("framing", &self.framing())
            .field("params", &self.params)
            .field("body", &self.body.len())
            .finish()
    }
}
