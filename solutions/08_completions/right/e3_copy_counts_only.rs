//! Two counts, of what was read and of what was written. What is between them is in the buffer.

pub const EINTR: i32 = -4;
pub const ECANCELED: i32 = -125;

#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    Read {
        at: u64,
        buffer: Vec<u8>,
    },
    Write {
        at: u64,
        from: usize,
        to: usize,
        buffer: Vec<u8>,
    },
    End {
        how: How,
        copied: u64,
        buffer: Vec<u8>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    Whole,
    Cancelled,
    ReadFailed(i32),
    WriteFailed(i32),
}

// --- edit from here ---

#[derive(Debug)]
pub struct Transfer {
    begins: (u64, u64),
    read: u64,
    written: u64,
    // How much the last read has brought.
    chunk: usize,
    is_out: bool,
    is_cancelled: bool,
}

impl Transfer {
    pub fn new(read_at: u64, write_at: u64) -> Self {
        Self {
            begins: (read_at, write_at),
            read: 0,
            written: 0,
            chunk: 0,
            is_out: false,
            is_cancelled: false,
        }
    }

    pub fn start(&mut self, buffer: Vec<u8>) -> Step {
        self.next(buffer, None)
    }

    pub fn ended(&mut self, result: i32, buffer: Vec<u8>) -> Step {
        let reads = self.read == self.written;
        let count = u64::try_from(result).unwrap_or(0);
        let over = match result {
            ECANCELED => Some(How::Cancelled),
            EINTR => None,
            0 if reads => Some(How::Whole),
            ..=0 if reads => Some(How::ReadFailed(result)),
            ..=0 => Some(How::WriteFailed(result)),
            1.. => None,
        };
        if reads {
            self.read += count;
            self.chunk = count as usize;
        } else {
            self.written += count;
        }
        self.next(buffer, over)
    }

    pub fn cancel(&mut self) -> bool {
        let before = self.is_cancelled;
        self.is_cancelled = true;
        self.is_out && !before
    }

    fn next(&mut self, buffer: Vec<u8>, over: Option<How>) -> Step {
        let over = over.or(self.is_cancelled.then_some(How::Cancelled));
        self.is_out = over.is_none();
        let left = (self.read - self.written) as usize;
        match over {
            Some(how) => Step::End {
                how,
                copied: self.written,
                buffer,
            },
            None if left > 0 => Step::Write {
                at: self.begins.1 + self.written,
                from: self.chunk - left,
                to: self.chunk,
                buffer,
            },
            None => Step::Read {
                at: self.begins.0 + self.read,
                buffer,
            },
        }
    }
}

// --- to here ---
