//! Bodies that are made while they are sent.

use std::fmt;
use std::io::{self, ErrorKind, Read, Write as _};
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::http::Framing;

/// How much is collected before it is sent, if the stream has so much.
const PART_BYTES: usize = 16 * 1024;

// ANCHOR: stream
/// A body that is made part by part, when there is room for the next.
///
/// Each iterator of strings or bytes is one.
///
/// ```
/// use std::io;
/// use threadbare::http::{Request, Response, Stream, TestClient};
///
/// struct Countdown(u32);
///
/// impl Stream for Countdown {
///     fn pull(&mut self, into: &mut Vec<u8>) -> io::Result<()> {
///         if self.0 > 0 {
///             into.extend_from_slice(format!("{} ", self.0).as_bytes());
///             self.0 -= 1;
///         }
///         Ok(())
///     }
/// }
///
/// let handler = |_: &Request<'_>, response: &mut Response<'_>| {
///     response.stream(Countdown(3));
/// };
/// let answer = TestClient::new(Default::default(), handler).get("/").send();
/// assert_eq!(answer.text(), "3 2 1 ");
/// ```
pub trait Stream: Send + 'static {
    /// Appends the next bytes to `into`. If it appends none, that was all.
    ///
    /// # Errors
    /// If there is no way to go on. The head has been sent long ago, so the only thing left
    /// to say is to close the connection in the middle: the client sees that the body is not
    /// whole.
    fn pull(&mut self, into: &mut Vec<u8>) -> io::Result<()>;
}
// ANCHOR_END: stream

impl<I> Stream for I
where
    I: Iterator<Item: AsRef<[u8]>> + Send + 'static,
{
    fn pull(&mut self, into: &mut Vec<u8>) -> io::Result<()> {
        // An empty item is not the end; no item is.
        let item = self.find(|item| !item.as_ref().is_empty());
        if let Some(item) = item {
            into.extend_from_slice(item.as_ref());
        }
        Ok(())
    }
}

/// What a reader reads.
pub(crate) struct FromRead<R>(pub(crate) R);

impl<R: Read + Send + 'static> Stream for FromRead<R> {
    fn pull(&mut self, into: &mut Vec<u8>) -> io::Result<()> {
        let begin = into.len();
        into.resize(begin + PART_BYTES, 0);
        let read = loop {
            match self.0.read(&mut into[begin..]) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                result => break result,
            }
        };
        into.truncate(begin + *read.as_ref().unwrap_or(&0));
        read.map(|_| ())
    }
}

/// A stream that the server has. It belongs to nobody's call, so what its `drop` does is
/// caught wherever that happens.
pub(crate) struct Owned(Option<Box<dyn Stream>>);

impl Owned {
    pub(super) fn new(stream: impl Stream) -> Self {
        Self(Some(Box::new(stream)))
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        let_go(self.0.take());
    }
}

/// Drops what belongs to a handler: that may panic, as any of its code may.
pub(crate) fn let_go<T>(value: T) {
    let dropped = catch_unwind(AssertUnwindSafe(|| drop(value)));
    if let Err(payload) = dropped {
        // And so may this, and so on. There is nobody to whom it could be told.
        let _ =
            catch_unwind(AssertUnwindSafe(|| drop(payload))).map_err(mem::forget);
    }
}

/// A stream on its way out.
pub(crate) struct Pull {
    stream: Owned,
    /// How its parts are told from what follows, and how much is still to come. `None`: the
    /// end of the connection is its end.
    framing: Framing,
}

impl Pull {
    pub(super) fn new(stream: Owned, framing: Framing) -> Self {
        Self { stream, framing }
    }

    // ANCHOR: fill
    /// Appends the next part to `out`, framed as the client expects it, and returns whether
    /// there may be more. Don't ask again after it has said no.
    ///
    /// # Errors
    /// What the stream says; or that it was not as long as it was said to be. `out` is as it
    /// was. Close the connection.
    /// # Panics
    /// If the stream does: then `out` ends in the middle.
    pub(crate) fn fill(&mut self, out: &mut Vec<u8>) -> io::Result<bool> {
        let begin = out.len();
        let Some(stream) = self.stream.0.as_deref_mut() else {
            return Ok(false);
        };
        let filled = match &mut self.framing {
            Framing::None => pull_part(stream, out),
            Framing::Chunked => pull_chunk(stream, out),
            Framing::Length(left) => {
                let more = pull_part(stream, out);
                let size = (out.len() - begin) as u64;
                match left.checked_sub(size) {
                    // More would be taken for the next answer.
                    None => Err(io::Error::other("a stream is longer than it said")),
                    Some(rest) if rest > 0 && matches!(more, Ok(false)) => {
                        Err(io::Error::other("a stream is shorter than it said"))
                    }
                    Some(rest) => {
                        *left = rest;
                        more.map(|_| rest > 0)
                    }
                }
            }
        };
        if filled.is_err() {
            out.truncate(begin);
        }
        filled
    }
    // ANCHOR_END: fill
}

/// Appends what the stream has, until that is enough to be sent.
fn pull_part(stream: &mut dyn Stream, out: &mut Vec<u8>) -> io::Result<bool> {
    let begin = out.len();
    while out.len() - begin < PART_BYTES {
        let before = out.len();
        stream.pull(out)?;
        if out.len() == before {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The same as a chunk. How long it is is known only when it is there, so room for that is
/// left in front of it.
fn pull_chunk(stream: &mut dyn Stream, out: &mut Vec<u8>) -> io::Result<bool> {
    /// Eight hexadecimal digits and the line's end.
    const ROOM: &[u8] = b"00000000\r\n";

    let begin = out.len();
    out.extend_from_slice(ROOM);
    let more = pull_part(stream, out)?;
    let size = out.len() - begin - ROOM.len();
    if size > 0 {
        write!(&mut out[begin..], "{size:08x}")?;
        let zeros = out[begin..]
            .iter()
            .take_while(|&&byte| byte == b'0')
            .count();
        out.drain(begin..begin + zeros);
        out.extend_from_slice(b"\r\n");
    } else {
        out.truncate(begin);
    }
    if !more {
        out.extend_from_slice(b"0\r\n\r\n");
    }
    Ok(more)
}

impl fmt::Debug for Pull {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pull")
            .field("framing", &self.framing)
            .finish_non_exhaustive()
    }
}
