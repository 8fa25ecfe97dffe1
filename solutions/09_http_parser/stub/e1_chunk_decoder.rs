//! 09.1 (implement): a chunk decoder.
//!
//! A body whose length nobody knew in advance comes in chunks. Each begins with a line that
//! says in hexadecimal how long it is, and a chunk of length 0 is the last:
//!
//! ```text
//! 5\r\n hello\r\n 6;note=x\r\n  world\r\n 0\r\n Checksum: 7\r\n \r\n
//! ```
//!
//! (without the blanks around the lines). It comes in pieces, and they end anywhere.
//!
//! Goal:
//!
//! - `feed` takes the bytes that have come, and appends those of the body to `body`. It
//!   returns `More` if all of them belong to this body and it goes on, else `Done(n)`: the
//!   body has ended, and the first `n` of these bytes belong to it. What follows is the next
//!   request, and is not looked at.
//! - However the stream is cut into pieces, the body and the verdict are the same.
//! - A size has 1 to 16 hexadecimal digits, upper or lower case, and nothing else: no sign, no
//!   `0x`, no blank. Then comes CRLF, or an extension: `;` and whatever follows up to CRLF.
//! - Behind the bytes of a chunk there is CRLF. Behind the last size line there are trailers,
//!   lines that end with CRLF, and then an empty line.
//! - Extensions and trailers are skipped. Control characters in them (below 32, and 127) are
//!   refused, except the tab. Of both together there are at most 1,000 bytes in a body; 1,100
//!   are refused, with either error. (What happens in between, and whether the ends of such
//!   lines count, is up to you. The line of a size without an extension counts for nothing.)
//! - `Error::Malformed` is reported with the first byte that makes it certain. Whoever waits
//!   for the end of a bad line, to look at it then, waits as long as the other end likes.
//! - `Error::TooLarge` is reported if a size and all before it come to more than `limit`. That
//!   is known when the size line has ended, at the latest: none of that chunk is taken. (If
//!   both are so, either will do.)
//! - After an error nobody asks again. Nothing panics, and a size is no reason to reserve
//!   memory: the other end may just have said so.
//!
//! Edit between the markers only. About 50 lines, 20 minutes. The fields are a suggestion.
//! Stuck? `cargo hint 09.1`, three levels.
//!
//! A failing run prints a sentence, for instance
//! ```text
//! "5\r\nhelloXX0\r\n\r\n", limit 100: feed has said Done(15): behind the bytes of a chunk there
//! has to be CRLF, and byte 8 is 'X'. It has to be Err(Malformed)
//! ```

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
}

/// A body that comes in chunks.
#[derive(Debug)]
pub struct Decoder {
    state: State,
    /// How many more bytes the body may have.
    left: u64,
}

impl Decoder {
    /// The next byte is the first of a body, which has at most `limit` bytes.
    pub fn new(limit: u64) -> Self {
        Self {
            state: State::Size(0),
            left: limit,
        }
    }

    /// Takes what belongs to the body, and appends what was in the chunks to `body`.
    pub fn feed(&mut self, input: &[u8], body: &mut Vec<u8>) -> Result<Fed, Error> {
        todo!(
            "{:?}: take {} bytes, and append {} at most to the {} of the body",
            self.state,
            input.len(),
            self.left,
            Vec::len(body)
        )
    }
}

// --- to here ---
