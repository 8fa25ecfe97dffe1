//! Given for 07.5: a socket that does not block, and whoever reads at its other end. It writes
//! down what it is asked.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

/// Why nothing was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteError {
    /// `EWOULDBLOCK`: the kernel's buffer is full.
    WouldBlock,
    /// `EINTR`: a signal came first. The buffer may have room.
    Interrupted,
    /// `EPIPE`, `ECONNRESET`: nobody will ever read this.
    Broken,
}

/// What a socket was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// To write so many bytes, and what came of it.
    Write(usize, Result<usize, WriteError>),
    /// To tell the loop when there is room.
    Arm,
    /// To tell it no longer.
    Disarm,
}

/// A socket. Clones are the same one.
#[derive(Clone, Default)]
pub struct Socket(Rc<RefCell<State>>);

#[derive(Default)]
struct State {
    room: usize,
    received: Vec<u8>,
    is_armed: bool,
    is_broken: bool,
    /// Instead of saying that there is no room, it breaks.
    breaks_when_full: bool,
    interrupts: u32,
    /// Writes that found no room, one after the other.
    refused: u32,
    calls: Vec<Call>,
}

impl fmt::Debug for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the socket")
    }
}

impl Socket {
    /// Writes as many of `bytes` as there is room for, and says how many.
    #[track_caller]
    pub fn write(&self, bytes: &[u8]) -> Result<usize, WriteError> {
        let mut state = self.0.borrow_mut();
        let is_full = state.room == 0 && !bytes.is_empty();
        state.is_broken |= is_full && state.breaks_when_full;
        let result = if state.interrupts > 0 {
            state.interrupts -= 1;
            Err(WriteError::Interrupted)
        } else if state.is_broken {
            Err(WriteError::Broken)
        } else if is_full {
            state.refused += 1;
            Err(WriteError::WouldBlock)
        } else {
            state.refused = 0;
            let count = bytes.len().min(state.room);
            state.room -= count;
            state.received.extend_from_slice(&bytes[..count]);
            Ok(count)
        };
        state.calls.push(Call::Write(bytes.len(), result));
        assert!(
            state.refused < 100,
            "write has said WouldBlock 100 times in a row: whoever waits for room here keeps \
             the loop from everybody else"
        );
        result
    }

    /// From now on the loop is told when there is room: `add_write`, a system call.
    #[track_caller]
    pub fn arm(&self) {
        let mut state = self.0.borrow_mut();
        state.calls.push(Call::Arm);
        let was_armed = std::mem::replace(&mut state.is_armed, true);
        assert!(!was_armed, "write interest is armed, and armed once more");
    }

    /// No longer: `del_write`, a system call.
    #[track_caller]
    pub fn disarm(&self) {
        let mut state = self.0.borrow_mut();
        state.calls.push(Call::Disarm);
        let was_armed = std::mem::replace(&mut state.is_armed, false);
        assert!(was_armed, "write interest is not armed, and disarmed");
    }

    /// For graders: the other end reads, and there is room for so many more bytes.
    pub fn make_room(&self, bytes: usize) {
        self.0.borrow_mut().room += bytes;
    }

    /// For graders: the next so many writes are interrupted.
    pub fn interrupt(&self, times: u32) {
        self.0.borrow_mut().interrupts = times;
    }

    /// For graders: the other end is gone.
    pub fn break_it(&self) {
        self.0.borrow_mut().is_broken = true;
    }

    /// For graders: the other end goes as soon as there is no more room.
    pub fn break_when_full(&self) {
        self.0.borrow_mut().breaks_when_full = true;
    }

    /// For graders: whether the loop is to be told of room.
    pub fn is_armed(&self) -> bool {
        self.0.borrow().is_armed
    }

    /// For graders: for how many bytes there is room.
    pub fn room(&self) -> usize {
        self.0.borrow().room
    }

    /// For graders: what has gone out.
    pub fn received(&self) -> Vec<u8> {
        self.0.borrow().received.clone()
    }

    /// For graders: the calls since the last time this was asked.
    pub fn calls(&self) -> Vec<Call> {
        std::mem::take(&mut self.0.borrow_mut().calls)
    }
}
