//! A second parser, to compare the first with. It was written from RFC 9112 and RFC 9110,
//! not from the code that it judges, and wants to be obvious, not fast: it allocates, it
//! reads one byte at a time, and it begins again from the first byte whenever it is asked.
//!
//! Each function below has the rule of the grammar that it reads above it. Where the RFC
//! leaves a choice, a line that begins with *Decided* says what chapter 09 chose.
//!
//! It ends at the first byte that makes the request wrong, or where the input ends. So what
//! it says of a beginning and of the whole are two sides of one thing, which is what the
//! tests beside it are about.

#[path = "reference/chunked.rs"]
mod chunked;
#[path = "reference/head.rs"]
mod head;
#[path = "reference/host.rs"]
mod host;

pub(crate) use chunked::{Body, chunked};
pub(crate) use head::{Framing, Head, head};

/// What may be as long as this and no longer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Caps {
    pub(crate) request_line: usize,
    pub(crate) head: usize,
    pub(crate) headers: usize,
    pub(crate) extensions: usize,
    pub(crate) trailers: usize,
    pub(crate) body: u64,
}

/// Why there is no result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The input ends before it is certain.
    More,
    /// Whatever comes: it is wrong. With the status to answer.
    Refused(u16),
}

pub(crate) type Read<T> = Result<T, Stop>;

fn refuse<T>(status: u16) -> Read<T> {
    Err(Stop::Refused(status))
}

/// A place in the input.
struct Cursor<'a> {
    input: &'a [u8],
    at: usize,
}

impl Cursor<'_> {
    /// The byte here, and moves on.
    fn next(&mut self) -> Read<u8> {
        let byte = self.look()?;
        self.at += 1;
        Ok(byte)
    }

    /// The byte here.
    fn look(&self) -> Read<u8> {
        self.input.get(self.at).copied().ok_or(Stop::More)
    }

    /// Exactly this.
    fn expect(&mut self, text: &[u8]) -> Read<()> {
        for byte in text {
            if self.next()? != *byte {
                return refuse(400);
            }
        }
        Ok(())
    }
}

// tchar = "!" / "#" / "$" / "%" / "&" / "'" / "*" / "+" / "-" / "." / "^" / "_" / "`" / "|"
//       / "~" / DIGIT / ALPHA
fn is_tchar(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

// field-vchar = VCHAR / obs-text, and within a value also SP and HTAB
fn is_in_value(byte: u8) -> bool {
    matches!(byte, b'\t' | b' '..=b'~' | 0x80..)
}
