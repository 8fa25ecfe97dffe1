//! A part of a file, on its way out.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::net::TcpStream;
use std::ops::Range;
use std::os::unix::fs::FileExt as _;

use super::sendfile::sendfile;

/// How much is read at a time where `sendfile` can't be had.
const COPY_BYTES: usize = 64 * 1024;

// ANCHOR: part
/// What of a file has still to be sent.
#[derive(Debug)]
pub(crate) struct FilePart {
    file: File,
    range: Range<u64>,
    /// Whether it has to be read, and written then.
    is_copied: bool,
}
// ANCHOR_END: part

impl FilePart {
    pub(crate) fn new(file: File, range: Range<u64>) -> Self {
        Self {
            file,
            range,
            is_copied: false,
        }
    }

    /// Whether [`send`](Self::send) can be asked; else [`fill`](Self::fill).
    pub(crate) fn is_sent(&self) -> bool {
        !self.is_copied && !self.range.is_empty()
    }

    // ANCHOR: send
    /// Lets the kernel send so many bytes, and returns how many of them have gone.
    ///
    /// # Errors
    /// What it says. `Interrupted` if it can't do it: the rest is copied then. And
    /// `UnexpectedEof` if the file has become shorter: the length has been told long ago.
    pub(crate) fn send(
        &mut self,
        stream: &TcpStream,
        count: usize,
    ) -> io::Result<usize> {
        match sendfile(stream, &self.file, self.range.start, count) {
            Ok(0) => Err(ErrorKind::UnexpectedEof.into()),
            Ok(sent) => {
                self.range.start += sent as u64;
                Ok(sent)
            }
            Err(error) if error.kind() == ErrorKind::Unsupported => {
                self.is_copied = true;
                Err(ErrorKind::Interrupted.into())
            }
            Err(error) => Err(error),
        }
    }
    // ANCHOR_END: send

    /// Appends the next bytes to `out`. `false`: there are none.
    ///
    /// # Errors
    /// As `send`.
    pub(crate) fn fill(&mut self, out: &mut Vec<u8>) -> io::Result<bool> {
        let count = self.wanted(COPY_BYTES);
        if count == 0 {
            return Ok(false);
        }
        let end = self.range.start + count as u64;
        read(&self.file, self.range.start..end, out)?;
        self.range.start = end;
        Ok(true)
    }

    /// How much of `most` there is.
    pub(crate) fn wanted(&self, most: usize) -> usize {
        let left = self.range.end.saturating_sub(self.range.start);
        usize::try_from(left).map_or(most, |left| left.min(most))
    }

    #[cfg(test)]
    pub(crate) fn copied(mut self) -> Self {
        self.is_copied = true;
        self
    }
}

/// Appends a part of a file to `out`, or nothing.
///
/// # Errors
/// What the system says; `UnexpectedEof` if the file is too short.
pub(crate) fn read(
    file: &File,
    range: Range<u64>,
    out: &mut Vec<u8>,
) -> io::Result<()> {
    let begin = out.len();
    let count = range.end.saturating_sub(range.start);
    let count = usize::try_from(count).map_err(|_| ErrorKind::OutOfMemory)?;
    out.resize(begin + count, 0);
    let result = file.read_exact_at(&mut out[begin..], range.start);
    if result.is_err() {
        out.truncate(begin);
    }
    result
}
