//! Given for 10.2: a socket that takes several pieces with one call, and whoever reads at its
//! other end. It writes down what it is asked.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

/// One call takes so many pieces, at most. (The kernel takes 1,024.)
pub const PIECES: usize = 8;

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

/// A call of [`Socket::write_vectored`].
#[derive(Clone, Debug)]
pub struct Call {
    /// Where each piece was in memory, and how long it was.
    pub pieces: Vec<(usize, usize)>,
    /// What came of it.
    pub result: Result<usize, WriteError>,
}

/// A socket. Clones are the same one.
#[derive(Clone, Default)]
pub struct Socket(Rc<RefCell<State>>);

#[derive(Default)]
struct State {
    room: usize,
    received: Vec<u8>,
    is_broken: bool,
    interrupts: u32,
    /// Calls that have written nothing, one after the other.
    in_vain: u32,
    calls: Vec<Call>,
}

impl fmt::Debug for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the socket")
    }
}

impl Socket {
    /// Writes as many bytes as there is room for, in the order of the pieces, and says how
    /// many. The last of them may be in the middle of a piece.
    #[track_caller]
    pub fn write_vectored(&self, pieces: &[&[u8]]) -> Result<usize, WriteError> {
        let count = pieces.len();
        assert!(
            count <= PIECES,
            "write_vectored was given {count} pieces, and {PIECES} are the most: that is \
             EINVAL"
        );
        let mut state = self.0.borrow_mut();
        let asked: usize = pieces.iter().map(|piece| piece.len()).sum();
        let result = if state.interrupts > 0 {
            state.interrupts -= 1;
            Err(WriteError::Interrupted)
        } else if state.is_broken {
            Err(WriteError::Broken)
        } else if state.room == 0 && asked > 0 {
            Err(WriteError::WouldBlock)
        } else {
            let mut room = asked.min(state.room);
            let written = room;
            state.room -= room;
            for piece in pieces {
                let part = &piece[..piece.len().min(room)];
                state.received.extend_from_slice(part);
                room -= part.len();
            }
            Ok(written)
        };
        let nothing = matches!(
            result,
            Ok(0) | Err(WriteError::WouldBlock | WriteError::Broken)
        );
        state.in_vain = if nothing { state.in_vain + 1 } else { 0 };
        let pieces = pieces
            .iter()
            .map(|piece| (piece.as_ptr().addr(), piece.len()));
        let pieces = pieces.collect();
        state.calls.push(Call { pieces, result });
        assert!(
            state.in_vain < 100,
            "100 calls in a row have written nothing, the last one: {result:?}. Whoever \
             tries again and again keeps the loop from everybody else"
        );
        result
    }

    /// For graders: the other end reads, and there is room for so many more bytes.
    pub fn make_room(&self, bytes: usize) {
        let mut state = self.0.borrow_mut();
        state.room += bytes;
        state.in_vain = 0;
    }

    /// For graders: the next so many writes are interrupted.
    pub fn interrupt(&self, times: u32) {
        self.0.borrow_mut().interrupts = times;
    }

    /// For graders: the other end is gone.
    pub fn break_it(&self) {
        self.0.borrow_mut().is_broken = true;
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
