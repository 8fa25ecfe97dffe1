//! A body in chunks, decoded where it lies.
//!
//! ```text
//! 5;name=value CR LF     the size of a chunk, and what nobody asked for
//! hello CR LF            its data
//! 0 CR LF                no more chunks
//! Expires: never CR LF   trailers
//! CR LF                  the end
//! ```
//!
//! The decoder looks at each byte once, and keeps none: what only frames the body is dropped
//! when it has been understood, and the data moves up to close the gap. So a buffer needs
//! room for the body and for what one read brings, however the client cuts its chunks.

use super::error::Error;
use super::limits::Limits;

mod line;
mod trailer;

use line::Line;
use trailer::Trailer;

/// What a call of [`ChunkDecoder::decode`] has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// So many bytes of the body are now at the start of the buffer.
    pub written: usize,
    /// So many bytes of the buffer were used: all, unless the body has ended. What is behind
    /// them belongs to the next request.
    pub consumed: usize,
    /// Whether the body has ended.
    pub done: bool,
}

// ANCHOR: states
/// What the next byte belongs to.
#[derive(Clone, Copy, Debug)]
enum State {
    /// The line with the size of a chunk.
    Line(Line),
    /// Its data, of which so much is missing.
    Data { missing: u64 },
    /// The CR behind the data.
    DataEnd,
    /// The LF behind that.
    DataLf,
    /// What is behind the last chunk.
    Trailer(Trailer),
    /// Nothing: the body has ended.
    Done,
    /// Nothing: it was refused.
    Failed(Error),
}
// ANCHOR_END: states

/// Takes a chunked body out of its chunks, in place and in pieces of any size.
///
/// Sizes are hexadecimal digits alone, at most sixteen. Extensions are read by their grammar
/// and dropped, and so are trailers, except those that come too late to be believed:
/// `Content-Length`, `Transfer-Encoding` and `Host` are refused.
///
/// ```
/// use threadbare::http::{ChunkDecoder, Limits, Progress};
///
/// let mut decoder = ChunkDecoder::new(Limits::default());
/// let mut raw = *b"5\r\nhello\r\n6;a=b\r\n wo";
/// let progress = decoder.decode(&mut raw)?;
/// assert_eq!(progress, Progress { written: 8, consumed: 20, done: false });
/// assert_eq!(&raw[..progress.written], b"hello wo");
///
/// let mut raw = *b"rld\r\n0\r\n\r\nGET /next";
/// let progress = decoder.decode(&mut raw)?;
/// assert_eq!(&raw[..progress.written], b"rld");
/// assert_eq!(&raw[progress.consumed..], b"GET /next");
/// assert!(progress.done);
/// # Ok::<(), threadbare::http::Error>(())
/// ```
/// Source: RFC 9112, section 7.1.
#[derive(Clone, Debug)]
pub struct ChunkDecoder {
    limits: Limits,
    state: State,
    /// So many bytes of the raw body have been looked at.
    at: usize,
    /// So many bytes of the body are allowed yet.
    room: u64,
    /// So many bytes of extensions have come.
    extensions: usize,
}

impl ChunkDecoder {
    /// A decoder before the first byte of a body. Of the limits it heeds `body`,
    /// `extensions`, `trailers`, and `headers` for the number of trailers.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            state: State::Line(Line::new()),
            at: 0,
            room: limits.body,
            extensions: 0,
        }
    }

    /// Decodes the bytes that have come since the last call, and moves what of them belongs
    /// to the body to the start of `raw`.
    ///
    /// # Errors
    /// What is wrong, with the first byte that shows it; [`Error::BodyTooLarge`] with the
    /// size of the chunk that would cross the limit. What was decoded before, in this call
    /// too, is worth nothing then. Each later call returns the same.
    /// # Cost
    /// No allocation. A byte of framing is a step of a state machine; data is moved in one
    /// piece, and not at all where nothing was taken out before it.
    // ANCHOR: decode
    pub fn decode(&mut self, raw: &mut [u8]) -> Result<Progress, Error> {
        let (mut read, mut written) = (0, 0);
        while read < raw.len() {
            match self.state {
                State::Data { missing } => {
                    let here = (raw.len() - read) as u64;
                    let part = missing.min(here) as usize;
                    if written != read {
                        raw.copy_within(read..read + part, written);
                    }
                    written += part;
                    read += part;
                    self.at += part;
                    self.state = match missing - part as u64 {
                        0 => State::DataEnd,
                        missing => State::Data { missing },
                    };
                }
                State::Done | State::Failed(_) => break,
                _ => {
                    self.state = self.step(raw[read]).unwrap_or_else(State::Failed);
                    self.at += 1;
                    read += 1;
                }
            }
        }
        match self.state {
            State::Failed(error) => Err(error),
            state => {
                let done = matches!(state, State::Done);
                Ok(Progress {
                    written,
                    consumed: read,
                    done,
                })
            }
        }
    }
    // ANCHOR_END: decode

    /// What follows from a byte that is not data.
    fn step(&mut self, byte: u8) -> Result<State, Error> {
        let at = self.at;
        Ok(match self.state {
            State::Line(mut line) => {
                let ends = line.step(byte, at)?;
                self.count(&line, ends)?;
                if !ends {
                    State::Line(line)
                } else if line.size() == 0 {
                    State::Trailer(Trailer::new())
                } else {
                    State::Data {
                        missing: line.size(),
                    }
                }
            }
            State::DataEnd if byte == b'\r' => State::DataLf,
            State::DataLf if byte == b'\n' => State::Line(Line::new()),
            State::DataEnd | State::DataLf => return Err(Error::ChunkEnd { at }),
            State::Trailer(mut trailer) => {
                if trailer.step(byte, at, &self.limits)? {
                    State::Done
                } else {
                    State::Trailer(trailer)
                }
            }
            State::Data { .. } | State::Done | State::Failed(_) => self.state,
        })
    }

    /// What the limits say of this line, as soon as its size is known.
    fn count(&mut self, line: &Line, ends: bool) -> Result<(), Error> {
        if line.in_extension() {
            self.extensions += 1;
            if self.extensions > self.limits.extensions {
                let limit = self.limits.extensions;
                return Err(Error::ExtensionsTooLong { limit });
            }
        }
        if line.has_size() && line.size() > self.room {
            return Err(Error::BodyTooLarge {
                limit: self.limits.body,
            });
        }
        if ends {
            self.room -= line.size();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
