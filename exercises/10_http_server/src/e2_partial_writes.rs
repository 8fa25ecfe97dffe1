//! 10.2 (implement): an answer that goes out in parts.
//!
//! An answer is a head, which was written just now, and a body, which may be large, and may
//! belong to others as well: a file in a cache is sent to a hundred clients at once. So the
//! head is copied into the output, and the body is not. One system call takes both, and the
//! answers behind them; and it says how many bytes of all that have gone.
//!
//! Goal:
//!
//! - `head` and `body` put bytes at the end of what is pending. Both may be empty. A body is
//!   never copied: the socket is given the very bytes that are shared.
//! - `write` writes what is pending, in order, by `write_vectored`. It is `Done` when nothing
//!   is left, and `Blocked` when the socket is full; then the caller waits for room and calls
//!   once more. Each byte goes out once, wherever the last call has stopped.
//! - Each call gets as many pieces as are pending: up to `PIECES`, which is the most. (To put
//!   heads together is fine.) A call that has written less than it was given has filled the
//!   socket: there is no further one. If it has written all, and more is pending, there is.
//!   If nothing is pending, there is none at all.
//! - A call that was interrupted is made again at once, however often. `WouldBlock` is not an
//!   error here. `Broken` is one: it is returned, and nothing is tried again.
//! - A body is let go with its last byte: then the output holds no `Rc` of it any more.
//!
//! The socket is given, in `exercises/10_http_server/given/out.rs`. The fields below are a
//! suggestion.
//!
//! Edit between the markers only. About 35 lines, 20 minutes.
//! Stuck? `cargo hint 10.2`, three levels.
//!
//! A failing run prints a sentence, for instance
//! ```text
//! pieces of 6, 3 bytes, room for 9: byte 0 that has gone out is not byte 0 that was pending
//! ```

pub use std::rc::Rc;

#[path = "../../../exercises/10_http_server/given/out.rs"]
pub mod given;

pub use given::{PIECES, Socket, WriteError};

/// How far [`Output::write`] has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// All has gone out.
    Done,
    /// There is no room for the rest.
    Blocked,
}

// --- edit from here ---

/// What is to go out: bytes of our own, and bytes that are shared.
#[derive(Debug)]
enum Piece {
    Head(Vec<u8>),
    Body(Rc<[u8]>),
}

impl Piece {
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Head(bytes) => bytes,
            Self::Body(bytes) => bytes,
        }
    }
}

/// What goes out on a connection.
#[derive(Debug)]
pub struct Output {
    pieces: Vec<Piece>,
    /// How much of the first piece has gone already.
    gone: usize,
}

impl Output {
    /// Nothing is pending.
    pub fn new() -> Self {
        Self {
            pieces: Vec::new(),
            gone: 0,
        }
    }

    /// Puts a copy of these bytes at the end.
    pub fn head(&mut self, bytes: &[u8]) {
        self.pieces.push(Piece::Head(bytes.to_vec()));
    }

    /// Puts these bytes at the end, without a copy.
    pub fn body(&mut self, body: Rc<[u8]>) {
        self.pieces.push(Piece::Body(body));
    }

    /// How many bytes are pending.
    pub fn pending(&self) -> usize {
        let all = self.pieces.iter().map(|piece| piece.bytes().len());
        all.sum::<usize>() - self.gone
    }

    /// Writes what is pending.
    pub fn write(&mut self, socket: &Socket) -> Result<Progress, WriteError> {
        todo!("write {} pieces to {socket:?}", self.pieces.len())
    }
}

// --- to here ---
