//! must say: has said More: a size has 1 to 16
//!
//! A line is looked at when it is whole, and until then it is kept.

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
#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Line(Vec<u8>),
    Data(u64),
    End(&'static [u8]),
    Trailer(Vec<u8>),
}

/// A body that comes in chunks.
#[derive(Debug)]
pub struct Decoder {
    part: Part,
    left: u64,
    extra: usize,
}

impl Decoder {
    /// The next byte is the first of a body, which has at most `limit` bytes.
    pub fn new(limit: u64) -> Self {
        Self {
            part: Part::Line(Vec::new()),
            left: limit,
            extra: 0,
        }
    }

    /// Takes what belongs to the body, and appends what was in the chunks to `body`.
    pub fn feed(&mut self, input: &[u8], body: &mut Vec<u8>) -> Result<Fed, Error> {
        for (at, &byte) in input.iter().enumerate() {
            match &mut self.part {
                Part::Data(size) => {
                    body.push(byte);
                    *size -= 1;
                    if *size == 0 {
                        self.part = Part::End(b"\r\n");
                    }
                }
                Part::End(expected) => {
                    if byte != expected[0] {
                        return Err(Error::Malformed);
                    }
                    *expected = &expected[1..];
                    if expected.is_empty() {
                        self.part = Part::Line(Vec::new());
                    }
                }
                Part::Line(line) => {
                    let skips = line.contains(&b';');
                    line.push(byte);
                    looks_good(line)?;
                    if byte == b'\n' && !skips {
                        let digits =
                            line.iter().take_while(|b| b.is_ascii_hexdigit());
                        let digits = digits.count();
                        let rest = &line[digits..];
                        let ends = matches!(rest, [] | b"\r" | b"\r\n" | b";");
                        if !ends || digits > 16 || digits == 0 {
                            return Err(Error::Malformed);
                        }
                    } else if byte != b'\r' && byte != b'\n' {
                        self.extra += 1;
                    }
                    if byte == b'\n' {
                        let digits =
                            line.iter().take_while(|b| b.is_ascii_hexdigit());
                        let digits: String = digits.map(|b| *b as char).collect();
                        let size = u64::from_str_radix(&digits, 16);
                        let size = size.map_err(|_| Error::Malformed)?;
                        let left = self.left.checked_sub(size);
                        self.left = left.ok_or(Error::TooLarge)?;
                        self.part = match size {
                            0 => Part::Trailer(Vec::new()),
                            size => Part::Data(size),
                        };
                    }
                }
                Part::Trailer(line) => {
                    line.push(byte);
                    looks_good(line)?;
                    if line == b"\r\n" {
                        return Ok(Fed::Done(at + 1));
                    }
                    if byte == b'\n' {
                        line.clear();
                    }
                    self.extra += 1;
                }
            }
            if self.extra > EXTRA + 50 {
                return Err(Error::Malformed);
            }
        }
        Ok(Fed::More)
    }
}

/// Whether the last byte of a line may stand where it does.
fn looks_good(line: &[u8]) -> Result<(), Error> {
    let good = match line {
        [.., b'\r', b'\n'] => true,
        [.., b'\r', _] | [.., b'\n'] => false,
        [.., byte] => !byte.is_ascii_control() || matches!(byte, b'\t' | b'\r'),
        [] => true,
    };
    if good { Ok(()) } else { Err(Error::Malformed) }
}

// --- to here ---
