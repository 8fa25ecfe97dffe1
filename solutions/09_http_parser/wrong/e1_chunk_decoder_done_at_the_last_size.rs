//! must say: has said Done(13), and it has to be Done(15)
//!
//! Forgets trailers and the empty line: they are taken for the next request.

/// What [`Decoder::feed`] has found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fed {
    /// The body goes on, behind these bytes.
    More,
    /// The body has ended behind so many of these bytes.
    Done(usize),
}

/// Why a body is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// These are no chunks: 400.
    Malformed,
    /// More than is allowed: 413.
    TooLarge,
}

/// Extensions and trailers of a body have at most so many bytes.
pub const EXTRA: usize = 1_000;

// --- edit from here ---

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// The digits of a size, of which there were some.
    Size(u32),
    /// The rest of an extension.
    Extension,
    /// The line feed behind a size.
    SizeEnd,
    /// The bytes of a chunk.
    Data,
    /// The CR behind them, and then the LF.
    DataCr,
    DataLf,
    /// A line of the trailers; whether it has a byte already.
    Trailer(bool),
    /// Its line feed; whether the line is empty.
    TrailerEnd(bool),
}

/// A body that comes in chunks.
#[derive(Debug)]
pub struct Decoder {
    state: State,
    /// How many more bytes the body may have.
    left: u64,
    /// The size of this chunk; then how much of it is to come.
    chunk: u64,
    /// How many bytes of extensions and trailers there were.
    extra: usize,
}

impl Decoder {
    /// The next byte is the first of a body, which has at most `limit` bytes.
    pub fn new(limit: u64) -> Self {
        Self {
            state: State::Size(0),
            left: limit,
            chunk: 0,
            extra: 0,
        }
    }

    /// Takes what belongs to the body, and appends what was in the chunks to `body`.
    pub fn feed(&mut self, input: &[u8], body: &mut Vec<u8>) -> Result<Fed, Error> {
        let mut at = 0;
        while let Some(&byte) = input.get(at) {
            if self.state == State::Data {
                let there = input.len() - at;
                let count =
                    usize::try_from(self.chunk).map_or(there, |c| c.min(there));
                body.extend_from_slice(&input[at..at + count]);
                at += count;
                self.chunk -= count as u64;
                if self.chunk == 0 {
                    self.state = State::DataCr;
                }
                continue;
            }
            at += 1;
            self.state = match (self.state, byte) {
                (State::SizeEnd, b'\n') if self.chunk == 0 => {
                    return Ok(Fed::Done(at));
                }
                (state, byte) => self.step(state, byte)?,
            };
        }
        Ok(Fed::More)
    }

    /// What comes behind `byte`, which is none of a chunk's.
    fn step(&mut self, state: State, byte: u8) -> Result<State, Error> {
        Ok(match (state, byte) {
            (
                State::Size(digits @ 0..16),
                b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F',
            ) => {
                let digit = (byte as char).to_digit(16).ok_or(Error::Malformed)?;
                self.chunk = self.chunk << 4 | u64::from(digit);
                State::Size(digits + 1)
            }
            (State::Size(1..), b'\r') => State::SizeEnd,
            (State::Size(1..), b';') => State::Extension,
            (State::Extension, b'\r') => State::SizeEnd,
            (State::Extension, _) => {
                self.skip(byte)?;
                State::Extension
            }
            (State::SizeEnd, b'\n') if self.chunk == 0 => State::Trailer(false),
            (State::SizeEnd, b'\n') => {
                let left = self.left.checked_sub(self.chunk);
                self.left = left.ok_or(Error::TooLarge)?;
                State::Data
            }
            (State::DataCr, b'\r') => State::DataLf,
            (State::DataLf, b'\n') => State::Size(0),
            (State::Trailer(some), b'\r') => State::TrailerEnd(!some),
            (State::Trailer(_), _) => {
                self.skip(byte)?;
                State::Trailer(true)
            }
            (State::TrailerEnd(false), b'\n') => State::Trailer(false),
            _ => return Err(Error::Malformed),
        })
    }

    /// A byte that nobody looks at.
    fn skip(&mut self, byte: u8) -> Result<(), Error> {
        self.extra += 1;
        if self.extra > EXTRA || byte < b' ' && byte != b'\t' || byte == 127 {
            return Err(Error::Malformed);
        }
        Ok(())
    }
}

// --- to here ---
