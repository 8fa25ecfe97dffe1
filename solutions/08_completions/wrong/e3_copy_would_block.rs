//! must say: It has to be End, ReadFailed(-11)
//!
//! As if it were a socket: a file that can not be read now will be later.

/// The result of what a signal has interrupted.
pub const EINTR: i32 = -4;
/// The result of what was cancelled.
pub const ECANCELED: i32 = -125;

/// What the loop is to do next.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    /// Read, from this place of the one file.
    Read {
        /// Counted from its beginning.
        at: u64,
        /// Where to.
        buffer: Vec<u8>,
    },
    /// Write `buffer[from..to]`, to this place of the other file.
    Write {
        /// Counted from its beginning.
        at: u64,
        /// The first byte.
        from: usize,
        /// Behind the last byte.
        to: usize,
        /// Where they are.
        buffer: Vec<u8>,
    },
    /// The copy is over.
    End {
        /// How it went.
        how: How,
        /// So many bytes were written.
        copied: u64,
        /// It belongs to whoever has started the copy.
        buffer: Vec<u8>,
    },
}

/// How a copy has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// At the end of the file.
    Whole,
    /// Somebody did not want it any more.
    Cancelled,
    /// A read had this result.
    ReadFailed(i32),
    /// A write had this result.
    WriteFailed(i32),
}

// --- edit from here ---

/// A copy from one file to another one.
#[derive(Debug)]
pub struct Transfer {
    /// Where the next read begins.
    read_at: u64,
    /// Where the next write begins.
    write_at: u64,
    copied: u64,
    is_cancelled: bool,
    out: Out,
}

/// The operation that is out, or is the next one.
#[derive(Clone, Copy, Debug)]
enum Out {
    /// None: not yet, or not any more.
    Nothing,
    Read,
    /// Of these bytes of the buffer.
    Write(usize, usize),
}

impl Transfer {
    /// From this place of the one file to that place of the other.
    pub fn new(read_at: u64, write_at: u64) -> Self {
        Self {
            read_at,
            write_at,
            copied: 0,
            is_cancelled: false,
            out: Out::Nothing,
        }
    }

    /// Begins. The buffer has room for a byte at least.
    pub fn start(&mut self, buffer: Vec<u8>) -> Step {
        self.go_on(Out::Read, buffer)
    }

    /// The operation has ended that was started last.
    //
    // Rejected: to look at `is_cancelled` first. The operation may have ended before anybody
    // could stop it, and what it has done is done: a write that is not counted is written a
    // second time by whoever goes on from `copied`.
    pub fn ended(&mut self, result: i32, buffer: Vec<u8>) -> Step {
        match (self.out, result) {
            (_, ECANCELED) => self.end(How::Cancelled, buffer),
            (out, EINTR | -11) => self.go_on(out, buffer),
            (Out::Read, 0) => self.end(How::Whole, buffer),
            (Out::Read, 1..) => {
                self.read_at += result as u64;
                self.go_on(Out::Write(0, result as usize), buffer)
            }
            (Out::Write(from, to), 1..) => {
                self.write_at += result as u64;
                self.copied += result as u64;
                let from = from + result as usize;
                let next = if from < to {
                    Out::Write(from, to)
                } else {
                    Out::Read
                };
                self.go_on(next, buffer)
            }
            (Out::Write(..), _) => self.end(How::WriteFailed(result), buffer),
            (_, _) => self.end(How::ReadFailed(result), buffer),
        }
    }

    /// Says that the copy is not wanted any more; whether the loop has to cancel an operation.
    pub fn cancel(&mut self) -> bool {
        let was_cancelled = std::mem::replace(&mut self.is_cancelled, true);
        !was_cancelled && !matches!(self.out, Out::Nothing)
    }

    /// The next operation, unless nobody wants it any more.
    fn go_on(&mut self, next: Out, buffer: Vec<u8>) -> Step {
        if self.is_cancelled {
            return self.end(How::Cancelled, buffer);
        }
        self.out = next;
        match next {
            Out::Write(from, to) => Step::Write {
                at: self.write_at,
                from,
                to,
                buffer,
            },
            _ => Step::Read {
                at: self.read_at,
                buffer,
            },
        }
    }

    fn end(&mut self, how: How, buffer: Vec<u8>) -> Step {
        self.out = Out::Nothing;
        Step::End {
            how,
            copied: self.copied,
            buffer,
        }
    }
}

// --- to here ---
