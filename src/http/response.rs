//! The answer, as a handler says it.
//!
//! Nothing is sent while the handler runs. What it says is put down in a [`Scratch`] that
//! belongs to the thread and is used again and again; when it returns, `encode` writes status
//! line, fields and body one behind the other to where the connection's output is collected.
//! So an answer may change its mind until the end, a panic half-way leaves nothing half-sent,
//! and no request costs an allocation.
//!
//! ```text
//! handler ── status, fields, body ──► Scratch ── encode ──► output ── one send ──► socket
//!                                                    └─ a large body: not copied, writev
//! ```
//!
//! The handler says what the answer means. How it is framed is the server's business: it
//! counts the body and writes `Content-Length`, or cuts it into chunks; it writes `Date`, and
//! `Connection` where it is needed. Two that speak about framing might disagree, and then
//! the client takes the body's end for the next answer.
#![cfg(any(
    target_os = "linux",
    target_os = "macos",
    target_os = "ios",
    target_os = "freebsd"
))]

mod cookie;
mod encode;
mod events;
mod scratch;
mod stream;
mod text;

use std::fmt::{self, Display};
use std::fs::File;
use std::io::{self, Read};
use std::ops::Range;

pub use cookie::{Cookie, SameSite};
pub(crate) use encode::{Encoded, Facts, Tail, encode};
pub(crate) use scratch::Scratch;
pub use stream::Stream;
pub(crate) use stream::let_go;
pub use text::Text;

use scratch::{Body, is_named, lines};
use stream::{FromRead, Owned};

use super::files;

/// What `text` says its bytes are.
const TEXT: &str = "Content-Type: text/plain; charset=utf-8\r\n";
const HTML: &str = "Content-Type: text/html; charset=utf-8\r\n";
/// What is said of bytes of which nothing else is known.
const BYTES: &str = "Content-Type: application/octet-stream\r\n";
/// Up to here a part of a file is read at once. Beyond it goes from the file to the socket.
const READ_MAX: u64 = 64 * 1024;

// ANCHOR: response
/// The answer to one request. Until something else is said it is 200, and empty.
///
/// What describes it comes first and can be chained; a body ends the sentence:
///
/// ```
/// use threadbare::http::{Config, Request, Response, TestClient};
///
/// let handler = |_: &Request<'_>, response: &mut Response<'_>| {
///     response
///         .status(503)
///         .header("Retry-After", 120)
///         .text("we are moving house")
/// };
/// let answer = TestClient::new(Config::default(), handler).get("/").send();
/// assert_eq!(answer.status, 503);
/// assert_eq!(answer.header("retry-after"), Some("120"));
/// assert_eq!(answer.text(), "we are moving house");
/// ```
///
/// | body | what happens to it |
/// |---|---|
/// | [`text`](Self::text), [`html`](Self::html), [`bytes`](Self::bytes), [`append`](Self::append) | copied |
/// | [`body`](Self::body) | moved: a large one is sent from where it is |
/// | [`static_bytes`](Self::static_bytes) | the same, and it is never freed |
/// | [`file`](Self::file) | a small one is copied, a large one sent from where it is |
/// | [`stream`](Self::stream), [`stream_exact`](Self::stream_exact), [`reader`](Self::reader) | asked for the next part when there is room |
/// | [`channel`](Self::channel), [`events`](Self::events) | sent when somebody has something to say |
///
/// The last one counts. With HEAD, 204 and 304 none is sent.
pub struct Response<'a> {
    scratch: &'a mut Scratch,
}
// ANCHOR_END: response

impl Response<'_> {
    pub(super) fn over(scratch: &mut Scratch) -> Response<'_> {
        Response { scratch }
    }

    /// Sets the status. The reason phrase comes by itself: [`reason`](super::reason).
    ///
    /// # Panics
    /// If it is not from 200 to 599: those below 200 are no answers.
    #[inline]
    #[track_caller]
    pub fn status(&mut self, status: u16) -> &mut Self {
        check_status(status);
        self.scratch.status = status;
        self
    }

    /// Adds a field: anything that can be shown, so a number or `format_args!` needs no
    /// allocation.
    ///
    /// A second field with the same name is a second line, as `Set-Cookie` needs it; only
    /// `Content-Type` is replaced.
    ///
    /// ```
    /// # use threadbare::http::{Request, Response, TestClient};
    /// let handler = |_: &Request<'_>, response: &mut Response<'_>| {
    ///     let hash = 0xbeef;
    ///     response.header("ETag", format_args!("\"{hash:x}\"")).html("<p>It is.");
    /// };
    /// let answer = TestClient::new(Default::default(), handler).get("/").send();
    /// assert_eq!(answer.header("ETag"), Some("\"beef\""));
    /// ```
    ///
    /// # Panics
    /// If the name is not a token; if it is one of those by which the server frames the
    /// answer (`Content-Length`, `Transfer-Encoding`, `Connection`, `Date`; use
    /// [`close`](Self::close)); or if the value has a control character: with CR and LF in
    /// it, a client could write answers of its own. If it comes from outside, use
    /// [`try_header`](Self::try_header).
    #[track_caller]
    pub fn header(&mut self, name: &str, value: impl Display) -> &mut Self {
        if let Err(error) = self.scratch.add(name, format_args!("{value}")) {
            panic!("{error}");
        }
        self
    }

    /// Adds a field, as [`header`](Self::header) does, whose value comes from outside.
    ///
    /// # Errors
    /// Where `header` would panic. Nothing has changed then.
    /// ```
    /// # use threadbare::http::{Request, Refusal, Response, TestClient};
    /// let handler = |request: &Request<'_>, response: &mut Response<'_>| {
    ///     let name = request.query("name").unwrap_or_default();
    ///     response.try_header("X-Hello", name)?;
    ///     Ok::<_, Refusal>(())
    /// };
    /// let mut client = TestClient::new(Default::default(), handler);
    /// let answer = client.get("/?name=Ada%0d%0aSet-Cookie:%20admin=1").send();
    /// assert_eq!((answer.status, answer.header("Set-Cookie")), (400, None));
    /// ```
    pub fn try_header(
        &mut self,
        name: &str,
        value: impl Display,
    ) -> Result<&mut Self, BadField> {
        self.scratch.add(name, format_args!("{value}"))?;
        Ok(self)
    }

    /// Takes back all fields of this name that were added.
    pub fn remove_header(&mut self, name: &str) -> &mut Self {
        self.scratch.remove(name);
        self
    }

    /// Sets `Content-Type`, for a body that is neither plain text nor mere bytes.
    ///
    /// # Panics
    /// As [`header`](Self::header).
    #[track_caller]
    pub fn content_type(&mut self, media_type: &str) -> &mut Self {
        self.header("Content-Type", media_type)
    }

    /// Asks the client to keep something and send it with later requests.
    ///
    /// # Panics
    /// If name or value cannot be in a cookie: see [`Cookie`].
    #[track_caller]
    pub fn cookie(&mut self, cookie: &Cookie<'_>) -> &mut Self {
        cookie.check();
        self.header("Set-Cookie", cookie)
    }

    /// Closes the connection behind this answer.
    pub fn close(&mut self) -> &mut Self {
        self.scratch.close = true;
        self
    }

    /// Sends the client elsewhere: 303 to look at the result of a POST, 307 or 308 to do the
    /// same there.
    ///
    /// What may not stand in a header (blanks, line ends, letters beyond ASCII) is
    /// percent-encoded, so a location may be made of what a client has sent. *Whose* site it
    /// leads to is yours to check.
    ///
    /// # Panics
    /// If `status` is not from 300 to 399.
    #[track_caller]
    pub fn redirect(&mut self, status: u16, location: &str) {
        assert!(
            (300..400).contains(&status),
            "a redirect has a status from 300 to 399, not {status}"
        );
        self.status(status)
            .header("Location", PercentEncoded(location));
        self.scratch.begin_copy("");
    }

    /// Ends with text: a string, a number, `format_args!`.
    ///
    /// # Cost
    /// Written straight to where the answer is collected; no allocation for itself.
    #[inline]
    pub fn text(&mut self, text: impl Text) {
        text.write_to(self.scratch.begin_copy(TEXT));
    }

    /// Ends with a page of HTML. Mind what comes from outside: nothing is escaped here.
    #[inline]
    pub fn html(&mut self, page: impl Text) {
        page.write_to(self.scratch.begin_copy(HTML));
    }

    /// Appends to a text, for one that is made piece by piece.
    ///
    /// ```
    /// # use threadbare::http::{Request, Response, TestClient};
    /// let handler = |_: &Request<'_>, response: &mut Response<'_>| {
    ///     for n in 1..=3 {
    ///         response.append(format_args!("{n} "));
    ///     }
    /// };
    /// let answer = TestClient::new(Default::default(), handler).get("/").send();
    /// assert_eq!(answer.text(), "1 2 3 ");
    /// ```
    pub fn append(&mut self, text: impl Text) -> &mut Self {
        text.write_to(self.scratch.go_on_copying(TEXT));
        self
    }

    /// Ends with a copy of these bytes.
    #[inline]
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.scratch.begin_copy(BYTES).extend_from_slice(bytes);
    }

    /// Ends with a body that is moved here: a `Vec<u8>` or a `String`. A large one is sent
    /// from where it lies.
    pub fn body(&mut self, body: impl Into<Vec<u8>>) {
        self.scratch.set(BYTES, Body::Vec(body.into()));
    }

    /// Ends with bytes that are part of the program. A large body is sent from where it lies.
    #[inline]
    pub fn static_bytes(&mut self, bytes: &'static [u8]) {
        self.scratch.set(BYTES, Body::Static(bytes));
    }

    // ANCHOR: file
    /// Ends with a part of a file: from the first byte of `range` up to its end.
    ///
    /// For a whole directory of them there is [`StaticFiles`](super::StaticFiles).
    ///
    /// ```
    /// use std::fs::File;
    /// use threadbare::http::{Refusal, Request, Response, TestClient};
    ///
    /// fn manifest(_: &Request<'_>, response: &mut Response<'_>) -> Result<(), Refusal> {
    ///     let lost = |_| Refusal::new(500, "the file is lost");
    ///     let file = File::open("Cargo.toml").map_err(lost)?;
    ///     let len = file.metadata().map_err(lost)?.len();
    ///     response.content_type("text/plain").file(file, 0..len).map_err(lost)
    /// }
    /// let answer = TestClient::new(Default::default(), manifest).get("/").send();
    /// assert_eq!(answer.body, std::fs::read("Cargo.toml").unwrap());
    /// ```
    ///
    /// # Errors
    /// What reading says, and `UnexpectedEof` if the file is shorter. Then nothing is in the
    /// body. Of more than 64 KiB nothing is read yet: if there is less of it in the end, the
    /// connection is closed in the middle, so that the client does not take it for the whole.
    /// # Blocking
    /// Up to 64 KiB are read here. What is longer is sent by the loop, with `sendfile`, and
    /// the loop waits for a disk as everybody does.
    /// # Cost
    /// One system call, and no allocation in the steady state. A large one keeps the
    /// descriptor, and needs a call for each time that the socket has room.
    pub fn file(&mut self, file: File, range: Range<u64>) -> io::Result<()> {
        self.set_file(BYTES, file, range, false)
    }
    // ANCHOR_END: file

    /// The same, with a line for its type; and `unread`, if only its length will be asked
    /// for.
    pub(super) fn set_file(
        &mut self,
        type_line: &'static str,
        file: File,
        range: Range<u64>,
        unread: bool,
    ) -> io::Result<()> {
        let length = range.end.saturating_sub(range.start);
        if unread || length > READ_MAX {
            self.scratch.set(type_line, Body::File(file, range));
            return Ok(());
        }
        let read = files::read(&file, range, self.scratch.begin_copy(type_line));
        if read.is_err() {
            self.scratch.begin_copy("");
        }
        read
    }

    /// Ends with a body that is made while it is sent: an iterator of strings or bytes, or
    /// your own [`Stream`].
    ///
    /// HTTP/1.1 gets it in chunks. HTTP/1.0 has none: it reads until the connection is
    /// closed.
    ///
    /// ```
    /// # use threadbare::http::{Request, Response, TestClient};
    /// let handler = |_: &Request<'_>, response: &mut Response<'_>| {
    ///     response.stream((1..=3).map(|n| format!("line {n}\n")));
    /// };
    /// let answer = TestClient::new(Default::default(), handler).get("/").send();
    /// assert_eq!(answer.header("Transfer-Encoding"), Some("chunked"));
    /// assert_eq!(answer.text(), "line 1\nline 2\nline 3\n");
    /// ```
    ///
    /// # Blocking
    /// It is asked on the loop's thread, so what it waits for, everybody waits for.
    /// # Cost
    /// One allocation for the stream itself. A part is asked for only when the one before has
    /// been written, so that a slow client does not fill memory.
    pub fn stream(&mut self, stream: impl Stream) {
        self.scratch
            .set(BYTES, Body::Stream(Owned::new(stream), None));
    }

    /// The same, of which it is known how long it will be: the client is told, and needs no
    /// chunks.
    ///
    /// If the stream has more bytes or fewer, the connection is closed in the middle, so that
    /// the client does not take one for the other.
    pub fn stream_exact(&mut self, length: u64, stream: impl Stream) {
        let stream = Owned::new(stream);
        self.scratch.set(BYTES, Body::Stream(stream, Some(length)));
    }

    /// Ends with what can be read from `reader`: [`stream`](Self::stream), 16 KiB at a time.
    pub fn reader(&mut self, reader: impl Read + Send + 'static) {
        self.stream(FromRead(reader));
    }

    /// Forgets all that was said about this answer.
    pub fn reset(&mut self) -> &mut Self {
        self.scratch.reset();
        self
    }

    /// Returns the status, for a middleware that looks at what a handler has said.
    #[inline]
    #[must_use]
    pub fn status_code(&self) -> u16 {
        self.scratch.status
    }

    /// Returns whether a field of this name was added.
    #[must_use]
    pub fn has_header(&self, name: &str) -> bool {
        lines(&self.scratch.fields).any(|line| is_named(line, name))
    }
}

impl fmt::Debug for Response<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.scratch.status)
            .field("fields", &self.scratch.fields.escape_ascii().to_string())
            .finish_non_exhaustive()
    }
}

#[track_caller]
#[inline]
pub(super) fn check_status(status: u16) {
    assert!(
        (200..600).contains(&status),
        "an answer has a status from 200 to 599, not {status}"
    );
}

/// A field that would not be what it looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BadField {
    /// The name is empty, or has a character that no name has.
    Name,
    /// The server writes this one: it says where the answer ends, or when it was made.
    Ours,
    /// The value has a control character.
    Value,
}

impl Display for BadField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Name => "the name of a field has letters, digits and hyphens",
            Self::Ours => {
                "the server writes Content-Length, Transfer-Encoding, Connection and Date"
            }
            Self::Value => "the value of a field has no control characters: no CR, no LF",
        })
    }
}

impl std::error::Error for BadField {}

impl From<BadField> for super::Refusal {
    fn from(error: BadField) -> Self {
        Self::new(400, error.to_string())
    }
}

/// Shows a location with everything percent-encoded that may not stand in a header.
struct PercentEncoded<'a>(&'a str);

impl Display for PercentEncoded<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.0.split_inclusive(|c: char| !c.is_ascii_graphic()) {
            let kept = chunk.trim_end_matches(|c: char| !c.is_ascii_graphic());
            f.write_str(kept)?;
            for byte in &chunk.as_bytes()[kept.len()..] {
                write!(f, "%{byte:02X}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
