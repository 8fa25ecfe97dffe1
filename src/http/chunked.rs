//! A body in chunks, decoded where it lies.

use super::error::Error;
use super::limits::Limits;

/// What a call of [`ChunkDecoder::decode`] has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// So many bytes of the body are now at the start of the buffer.
    pub written: usize,
    /// So many bytes of the buffer were used: all, unless the body has ended.
    pub consumed: usize,
    /// Whether the body has ended.
    pub done: bool,
}

/// Takes the chunks out of a body.
#[derive(Debug)]
pub struct ChunkDecoder {
    limits: Limits,
}

impl ChunkDecoder {
    /// A decoder at the first byte of a body.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self { limits }
    }

    /// Decodes the bytes that have come.
    ///
    /// # Errors
    /// What is wrong.
    pub fn decode(&mut self, raw: &mut [u8]) -> Result<Progress, Error> {
        let _ = (&self.limits, raw);
        Ok(Progress {
            written: 0,
            consumed: 0,
            done: false,
        })
    }
}
