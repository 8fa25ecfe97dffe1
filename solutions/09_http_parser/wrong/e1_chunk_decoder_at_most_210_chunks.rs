//! must say: nothing is wrong so far
//!
//! A body of more than 210 chunks is refused, though nobody has said so.

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
    Size(u32),
    Ext,
    SizeLf,
    Data,
    DataCr,
    DataLf,
    LineStart,
    Trailer,
    TrailerLf,
    EndLf,
}

/// A body that comes in chunks.
#[derive(Debug)]
pub struct Decoder {
    state: State,
    /// How many more bytes the body may have.
    left: u64,
    size: u64,
    extra: usize,
    chunks: usize,
}

impl Decoder {
    /// The next byte is the first of a body, which has at most `limit` bytes.
    pub fn new(limit: u64) -> Self {
        Self {
            state: State::Size(0),
            left: limit,
            size: 0,
            extra: 0,
            chunks: 0,
        }
    }

    fn extra(&mut self, byte: u8) -> Result<(), Error> {
        if (byte < 32 && byte != b'\t') || byte == 127 {
            return Err(Error::Malformed);
        }
        self.extra += 1;
        if self.extra > EXTRA {
            return Err(Error::Malformed);
        }
        Ok(())
    }

    /// Takes what belongs to the body, and appends what was in the chunks to `body`.
    pub fn feed(&mut self, input: &[u8], body: &mut Vec<u8>) -> Result<Fed, Error> {
        let mut at = 0;
        while at < input.len() {
            let byte = input[at];
            match self.state {
                State::Size(n) => match byte {
                    b';' if n > 0 => self.state = State::Ext,
                    b'\r' if n > 0 => self.state = State::SizeLf,
                    _ => {
                        let Some(digit) = (byte as char).to_digit(16) else {
                            return Err(Error::Malformed);
                        };
                        if n == 16 {
                            return Err(Error::Malformed);
                        }
                        self.size = self.size << 4 | u64::from(digit);
                        self.state = State::Size(n + 1);
                    }
                },
                State::Ext => {
                    if byte == b'\r' {
                        self.state = State::SizeLf
                    } else {
                        self.extra(byte)?
                    }
                }
                State::SizeLf => {
                    if byte != b'\n' {
                        return Err(Error::Malformed);
                    }
                    self.chunks += 1;
                    if self.chunks > 210 {
                        return Err(Error::TooLarge);
                    }
                    self.left =
                        self.left.checked_sub(self.size).ok_or(Error::TooLarge)?;
                    self.state = if self.size == 0 {
                        State::LineStart
                    } else {
                        State::Data
                    };
                }
                State::Data => {
                    let n = usize::try_from(self.size)
                        .unwrap_or(usize::MAX)
                        .min(input.len() - at);
                    body.extend_from_slice(&input[at..at + n]);
                    self.size -= n as u64;
                    if self.size == 0 {
                        self.state = State::DataCr;
                    }
                    at += n;
                    continue;
                }
                State::DataCr => {
                    if byte != b'\r' {
                        return Err(Error::Malformed);
                    }
                    self.state = State::DataLf;
                }
                State::DataLf => {
                    if byte != b'\n' {
                        return Err(Error::Malformed);
                    }
                    self.state = State::Size(0);
                }
                State::LineStart => {
                    if byte == b'\r' {
                        self.state = State::EndLf
                    } else {
                        self.extra(byte)?;
                        self.state = State::Trailer
                    }
                }
                State::Trailer => {
                    if byte == b'\r' {
                        self.state = State::TrailerLf
                    } else {
                        self.extra(byte)?
                    }
                }
                State::TrailerLf => {
                    if byte != b'\n' {
                        return Err(Error::Malformed);
                    }
                    self.state = State::LineStart;
                }
                State::EndLf => {
                    if byte != b'\n' {
                        return Err(Error::Malformed);
                    }
                    return Ok(Fed::Done(at + 1));
                }
            }
            at += 1;
        }
        Ok(Fed::More)
    }
}

// --- to here ---
