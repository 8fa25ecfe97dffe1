//! The state holds all that matters, and what has happened leads from one to the next.

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

#[derive(Debug, Clone, Copy)]
enum State {
    Before {
        at: (u64, u64),
        unwanted: bool,
    },
    Reads {
        at: (u64, u64),
        copied: u64,
        unwanted: bool,
    },
    Writes {
        at: (u64, u64),
        copied: u64,
        unwanted: bool,
        from: usize,
        to: usize,
    },
    After,
}

#[derive(Debug)]
pub struct Transfer {
    state: State,
}

impl Transfer {
    pub fn new(read_at: u64, write_at: u64) -> Self {
        let at = (read_at, write_at);
        Self {
            state: State::Before {
                at,
                unwanted: false,
            },
        }
    }

    pub fn start(&mut self, buffer: Vec<u8>) -> Step {
        let State::Before { at, unwanted } = self.state else {
            unreachable!("it begins once")
        };
        self.enter(
            State::Reads {
                at,
                copied: 0,
                unwanted,
            },
            buffer,
        )
    }

    pub fn ended(&mut self, result: i32, buffer: Vec<u8>) -> Step {
        match self.state {
            State::Reads {
                mut at,
                copied,
                unwanted,
            } => match result {
                EINTR => self.enter(self.state, buffer),
                ECANCELED => self.over(How::Cancelled, copied, buffer),
                0 => self.over(How::Whole, copied, buffer),
                ..0 => self.over(How::ReadFailed(result), copied, buffer),
                1.. => {
                    at.0 += result as u64;
                    let to = result as usize;
                    self.enter(
                        State::Writes {
                            at,
                            copied,
                            unwanted,
                            from: 0,
                            to,
                        },
                        buffer,
                    )
                }
            },
            State::Writes {
                mut at,
                copied,
                unwanted,
                from,
                to,
            } => match result {
                EINTR => self.enter(self.state, buffer),
                ECANCELED => self.over(How::Cancelled, copied, buffer),
                ..=0 => self.over(How::WriteFailed(result), copied, buffer),
                1.. => {
                    at.1 += result as u64;
                    let copied = copied + result as u64;
                    let from = from + result as usize;
                    if from == to {
                        self.enter(
                            State::Reads {
                                at,
                                copied,
                                unwanted,
                            },
                            buffer,
                        )
                    } else {
                        self.enter(
                            State::Writes {
                                at,
                                copied,
                                unwanted,
                                from,
                                to,
                            },
                            buffer,
                        )
                    }
                }
            },
            State::Before { .. } | State::After => unreachable!("nothing is out"),
        }
    }

    pub fn cancel(&mut self) -> bool {
        match &mut self.state {
            State::Before { unwanted, .. } => {
                *unwanted = true;
                false
            }
            State::Reads { unwanted, .. } | State::Writes { unwanted, .. } => {
                !std::mem::replace(unwanted, true)
            }
            State::After => false,
        }
    }

    fn enter(&mut self, state: State, buffer: Vec<u8>) -> Step {
        self.state = state;
        match state {
            State::Reads {
                copied,
                unwanted: true,
                ..
            }
            | State::Writes {
                copied,
                unwanted: true,
                ..
            } => self.over(How::Cancelled, copied, buffer),
            State::Reads { at, .. } => Step::Read { at: at.0, buffer },
            State::Writes { at, from, to, .. } => Step::Write {
                at: at.1,
                from,
                to,
                buffer,
            },
            State::Before { .. } | State::After => {
                unreachable!("nobody enters these")
            }
        }
    }

    fn over(&mut self, how: How, copied: u64, buffer: Vec<u8>) -> Step {
        self.state = State::After;
        Step::End {
            how,
            copied,
            buffer,
        }
    }
}

// --- to here ---
