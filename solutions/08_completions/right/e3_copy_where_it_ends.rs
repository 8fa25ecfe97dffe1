//! The places are counted from the beginning, and a cancel is looked at in one place.

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
    read_at: u64,
    write_at: u64,
    begins_at: u64,
    is_cancelled: bool,
    out: Out,
}

#[derive(Clone, Copy, Debug)]
enum Out {
    Nothing,
    Read,
    Write(usize, usize),
}

impl Transfer {
    pub fn new(read_at: u64, write_at: u64) -> Self {
        Self {
            read_at,
            write_at,
            begins_at: write_at,
            is_cancelled: false,
            out: Out::Nothing,
        }
    }

    pub fn start(&mut self, buffer: Vec<u8>) -> Step {
        self.go_on(Out::Read, buffer)
    }

    pub fn ended(&mut self, result: i32, buffer: Vec<u8>) -> Step {
        match (self.out, result) {
            (_, ECANCELED) => self.end(How::Cancelled, buffer),
            (out, EINTR) => self.go_on(out, buffer),
            (Out::Read, 0) => self.end(How::Whole, buffer),
            (Out::Read, 1..) => {
                self.read_at += result as u64;
                self.go_on(Out::Write(0, result as usize), buffer)
            }
            (Out::Write(from, to), 1..) => {
                self.write_at += result as u64;
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

    pub fn cancel(&mut self) -> bool {
        let was_cancelled = std::mem::replace(&mut self.is_cancelled, true);
        !was_cancelled && !matches!(self.out, Out::Nothing)
    }

    fn go_on(&mut self, next: Out, buffer: Vec<u8>) -> Step {
        self.out = next;
        match next {
            _ if self.is_cancelled => self.end(How::Cancelled, buffer),
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
            copied: self.write_at - self.begins_at,
            buffer,
        }
    }
}

// --- to here ---
